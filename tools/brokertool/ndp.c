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
	struct nlattr *tb[SITBROKER_A_UPLINK_MAX + 1];
	char address[INET6_ADDRSTRLEN], link[16];
	struct in6_addr in6;
	unsigned int source;
	json_t *uplink;

	if (nla_parse_nested(tb, SITBROKER_A_UPLINK_MAX, item->nest, NULL) ||
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
	json_object_set_new(uplink, "limited",
			    json_integer(counter(tb[SITBROKER_A_UPLINK_LIMITED])));
	json_object_set_new(uplink, "misrouted",
			    json_integer(counter(tb[SITBROKER_A_UPLINK_MISROUTED])));
	json_object_set_new(uplink, "announced",
			    json_integer(counter(tb[SITBROKER_A_UPLINK_ANNOUNCED])));
	json_object_set_new(uplink, "router",
			    json_boolean(nla_get_u8(tb[SITBROKER_A_UPLINK_ROUTER])));
	json_object_set_new(uplink, "rate", json_integer(nla_get_u32(tb[SITBROKER_A_UPLINK_RATE])));
	json_object_set_new(uplink, "groups",
			    json_integer(nla_get_u32(tb[SITBROKER_A_UPLINK_GROUPS])));
	if (tb[SITBROKER_A_UPLINK_SOURCE_ADDRESS]) {
		nla_memcpy(&in6, tb[SITBROKER_A_UPLINK_SOURCE_ADDRESS], sizeof(in6));
		json_object_set_new(uplink, "source_address",
				    json_string(ipv6_text(&in6, address)));
	}
	return uplink;
}

static int parse_source(struct broker *broker, struct words *words, struct ndp_request *request)
{
	const char *word;

	request->has_source = true;
	if (words_is(words, "target")) {
		request->source = SITBROKER_NDP_SOURCE_TARGET;
		return 0;
	}
	if (words_is(words, "link-local")) {
		request->source = SITBROKER_NDP_SOURCE_LINK_LOCAL;
		return 0;
	}
	if (value_next(broker, words, "source", &word))
		return EXIT_USAGE;
	request->source = SITBROKER_NDP_SOURCE_ADDRESS;
	return ipv6_parse(word, &request->address) ?
	       word_error(broker, "source", word,
			  "is none of target, link-local and an IPv6 address") : 0;
}

/**
 * ndp_parse() - read what follows the device of ndp add, set or del
 * @broker: the invocation
 * @words: the words
 * @del: only the link may be said
 * @request: what they say
 *
 * Return: 0 or an exit code, after a complaint.
 */
int ndp_parse(struct broker *broker, struct words *words, bool del, struct ndp_request *request)
{
	static const char *const keys[] = { "dev", "source", "router", "rate", NULL };
	int code = 0, key;

	*request = (struct ndp_request) {
		.source = SITBROKER_NDP_SOURCE_TARGET,
		.router = true,
	};
	while (!code && words->argc) {
		key = key_parse(broker, words, keys);
		if (key > 0 && del)
			return usage_error(broker, "ndp del takes no %s; leave it out", keys[key]);
		switch (key) {
		case 0:
			code = device_next(broker, words, "dev", &request->ifindex);
			break;
		case 1:
			code = parse_source(broker, words, request);
			break;
		case 2:
			request->has_router = true;
			code = switch_next(broker, words, "router", &request->router);
			break;
		case 3:
			request->has_rate = true;
			code = number_next(broker, words, "rate", 0, UINT32_MAX, &request->rate);
			break;
		default:
			code = EXIT_USAGE;
		}
	}
	return code;
}

static int ndp_change(struct broker *broker, struct words *words, const char *what, uint8_t cmd)
{
	struct ndp_request request;
	struct nlattr *nest;
	struct nl_msg *msg;
	char name[16];
	uint32_t uplink;
	int code;

	code = device_next(broker, words, what, &uplink) ?:
	       ndp_parse(broker, words, cmd == SITBROKER_CMD_NDP_DEL, &request);
	if (code)
		return code;
	if (cmd == SITBROKER_CMD_NDP_SET && !request.has_source && !request.has_router &&
	    !request.has_rate)
		return usage_error(broker,
				   "ndp set \"%s\" needs what to change: source, router or rate",
				   link_name(uplink, name));
	msg = change_message(cmd, request.ifindex);
	nest = nla_nest_start(msg, NLA_F_NESTED | SITBROKER_A_UPLINK);
	nla_put_u32(msg, SITBROKER_A_UPLINK_IFINDEX, uplink);
	if (request.has_source)
		nla_put_u32(msg, SITBROKER_A_UPLINK_SOURCE, request.source);
	if (request.source == SITBROKER_NDP_SOURCE_ADDRESS)
		nla_put(msg, SITBROKER_A_UPLINK_SOURCE_ADDRESS, 16, &request.address);
	if (request.has_router)
		nla_put_u8(msg, SITBROKER_A_UPLINK_ROUTER, request.router);
	if (request.has_rate)
		nla_put_u32(msg, SITBROKER_A_UPLINK_RATE, request.rate);
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
						"unassigned", "disabled", "failed",
						"misrouted", "limited",
						"announced" };
	json_t *uplink = uplink_json(item);
	char numbers[9][24];
	unsigned int i;

	(void)broker;
	for (i = 0; i < 9; i++)
		snprintf(numbers[i], sizeof(numbers[i]), "%lld",
			 (long long)json_integer_value(json_object_get(uplink, counters[i])));
	table_row(arg, false, (const char *[]) {
		  json_string_value(json_object_get(uplink, "uplink")),
		  json_string_value(json_object_get(uplink, "source_address")) ?:
		  json_string_value(json_object_get(uplink, "source")),
		  json_string_value(json_object_get(uplink, "link")), numbers[0], numbers[1],
		  numbers[2], numbers[3], numbers[4], numbers[5], numbers[6], numbers[7],
		  numbers[8] });
	json_decref(uplink);
	return 0;
}

static int ndp_show(struct broker *broker, struct words *words)
{
	static const char *const columns[] = { "UPLINK", "SOURCE", "LINK", "SOLICITED", "ANSWERED",
					       "MALFORMED", "UNASSIGNED", "DISABLED", "FAILED",
					       "MISROUTED", "LIMITED", "ANNOUNCED", NULL };
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
	static const char *const verbs[] = { "add", "set", "delete", "show", NULL };

	switch (verb_parse(broker, words, "ndp", verbs)) {
	case 0:
		return ndp_change(broker, words, "ndp add", SITBROKER_CMD_NDP_NEW);
	case 1:
		return ndp_change(broker, words, "ndp set", SITBROKER_CMD_NDP_SET);
	case 2:
		return ndp_change(broker, words, "ndp del", SITBROKER_CMD_NDP_DEL);
	case 3:
		return ndp_show(broker, words);
	}
	return EXIT_USAGE;
}
