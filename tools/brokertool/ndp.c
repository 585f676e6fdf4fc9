// SPDX-License-Identifier: GPL-2.0
/* brokertool ndp */

#include <linux/sitbroker.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <string.h>

#include "brokertool.h"

static const char *const sources[] = { "target", "link-local", "address", NULL };

static json_int_t counter(struct nlattr *attr)
{
	return attr ? (json_int_t)nla_get_u64(attr) : 0;
}

json_t *uplink_json(const struct item *item)
{
	struct nlattr *tb[SITBROKER_A_UPLINK_FAILED + 1];
	char address[INET6_ADDRSTRLEN], link[16];
	struct in6_addr in6;
	unsigned int source;
	json_t *uplink;

	if (nla_parse_nested(tb, SITBROKER_A_UPLINK_FAILED, item->nest, NULL) ||
	    !tb[SITBROKER_A_UPLINK_IFNAME] || !tb[SITBROKER_A_UPLINK_SOURCE])
		return json_object();
	source = nla_get_u32(tb[SITBROKER_A_UPLINK_SOURCE]);
	uplink = json_pack("{s:s,s:s,s:n,s:I,s:I,s:I,s:I,s:I,s:I,s:s}",
			   "uplink", nla_get_string(tb[SITBROKER_A_UPLINK_IFNAME]),
			   "source", sources[source <= 2 ? source : 2], "source_address",
			   "solicitations", counter(tb[SITBROKER_A_UPLINK_SOLICITATIONS]),
			   "answered", counter(tb[SITBROKER_A_UPLINK_ANSWERED]),
			   "malformed", counter(tb[SITBROKER_A_UPLINK_MALFORMED]),
			   "unassigned", counter(tb[SITBROKER_A_UPLINK_UNASSIGNED]),
			   "disabled", counter(tb[SITBROKER_A_UPLINK_DISABLED]),
			   "failed", counter(tb[SITBROKER_A_UPLINK_FAILED]),
			   "link", link_name(item->ifindex, link));
	if (tb[SITBROKER_A_UPLINK_SOURCE_ADDRESS]) {
		nla_memcpy(&in6, tb[SITBROKER_A_UPLINK_SOURCE_ADDRESS], sizeof(in6));
		json_object_set_new(uplink, "source_address",
				    json_string(ipv6_text(&in6, address)));
	}
	return uplink;
}

static int ndp_change(struct broker *broker, struct words *words, bool add)
{
	static const char *const keys[] = { "source", "dev", NULL };
	uint32_t uplink, ifindex = 0, source = SITBROKER_NDP_SOURCE_TARGET;
	const char *word, *complaint;
	struct in6_addr address;
	struct nlattr *nest;
	struct nl_msg *msg;
	int code;

	code = device_next(broker, words, add ? "ndp add" : "ndp del", &uplink);
	if (code)
		return code;
	while (words->argc) {
		switch (key_parse(broker, words, keys)) {
		case 0:
			if (!add)
				return usage_error(broker, "ndp del takes no source");
			if (words_is(words, "target")) {
				source = SITBROKER_NDP_SOURCE_TARGET;
			} else if (words_is(words, "link-local")) {
				source = SITBROKER_NDP_SOURCE_LINK_LOCAL;
			} else {
				if (value_next(broker, words, "source", &word))
					return EXIT_USAGE;
				source = SITBROKER_NDP_SOURCE_ADDRESS;
				complaint = ipv6_parse(word, &address);
				if (complaint)
					return word_error(broker, "source", word,
							  "is none of target, link-local and an IPv6 address");
			}
			break;
		case 1:
			code = device_next(broker, words, "dev", &ifindex);
			if (code)
				return code;
			break;
		default:
			return EXIT_USAGE;
		}
	}
	msg = change_message(add ? SITBROKER_CMD_NDP_NEW : SITBROKER_CMD_NDP_DEL, ifindex);
	nest = nla_nest_start(msg, NLA_F_NESTED | SITBROKER_A_UPLINK);
	nla_put_u32(msg, SITBROKER_A_UPLINK_IFINDEX, uplink);
	if (add)
		nla_put_u32(msg, SITBROKER_A_UPLINK_SOURCE, source);
	if (add && source == SITBROKER_NDP_SOURCE_ADDRESS)
		nla_put(msg, SITBROKER_A_UPLINK_SOURCE_ADDRESS, 16, &address);
	nla_nest_end(msg, nest);
	return change(broker, msg, NULL);
}

static int show_json(struct broker *broker, const struct item *item, void *arg)
{
	(void)arg;
	json_item(broker, uplink_json(item));
	return 0;
}

static int show_row(struct broker *broker, const struct item *item, void *arg)
{
	static const char *const counters[] = { "solicitations", "answered", "malformed",
						"unassigned", "disabled", "failed" };
	json_t *uplink = uplink_json(item);
	char numbers[6][24];
	unsigned int i;

	(void)broker;
	for (i = 0; i < 6; i++)
		snprintf(numbers[i], sizeof(numbers[i]), "%lld",
			 (long long)json_integer_value(json_object_get(uplink, counters[i])));
	table_row(arg, false, (const char *[]) {
		  json_string_value(json_object_get(uplink, "uplink")),
		  json_string_value(json_object_get(uplink, "source_address")) ?:
		  json_string_value(json_object_get(uplink, "source")),
		  json_string_value(json_object_get(uplink, "link")), numbers[0], numbers[1],
		  numbers[2], numbers[3], numbers[4], numbers[5] });
	json_decref(uplink);
	return 0;
}

static int ndp_show(struct broker *broker, struct words *words)
{
	static const char *const columns[] = { "UPLINK", "SOURCE", "LINK", "SOLICITED", "ANSWERED",
					       "MALFORMED", "UNASSIGNED", "DISABLED", "FAILED",
					       NULL };
	struct table *table = NULL;
	uint32_t ifindex = 0;
	int code, err;

	code = device_only(broker, words, &ifindex);
	if (code)
		return code;
	if (broker->json)
		json_begin(broker);
	else
		table = table_new(broker, columns);
	err = items_dump(broker, SITBROKER_CMD_NDP_GET, ifindex, SITBROKER_A_UPLINK,
			 broker->json ? show_json : show_row, table);
	if (broker->json)
		json_end(broker);
	else
		table_print(table);
	return err ? refused(broker, NULL) : EXIT_OK;
}

int ndp_command(struct broker *broker, struct words *words)
{
	static const char *const verbs[] = { "add", "delete", "show", NULL };

	switch (verb_parse(broker, words, "ndp", verbs)) {
	case 0:
		return ndp_change(broker, words, true);
	case 1:
		return ndp_change(broker, words, false);
	case 2:
		return ndp_show(broker, words);
	}
	return EXIT_USAGE;
}
