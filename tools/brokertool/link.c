// SPDX-License-Identifier: GPL-2.0
/* brokertool link */

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/sitbroker.h>
#include <net/if.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <string.h>

#include "../lib/words.h"
#include "brokertool.h"

/**
 * struct link_request - what a command says about a link
 * @name: name
 * @has_local: @local is given
 * @local: server IPv4 address
 * @has_public: @public is given
 * @public: address to print
 * @ttl: outer TTL, 0 where not given
 * @tos: outer TOS, -1 where not given
 * @inherit: the TOS is inherited
 * @mtu: MTU, 0 where not given
 * @up: 1 for up, 0 for down, -1 where not given
 */
struct link_request {
	const char *name;
	bool has_local;
	struct in_addr local;
	bool has_public;
	struct in_addr public;
	unsigned long ttl;
	long tos;
	bool inherit;
	unsigned long mtu;
	int up;
};

static json_int_t counter(struct nlattr *attr)
{
	return attr ? (json_int_t)nla_get_u64(attr) : 0;
}

json_t *link_json(const struct item *item, bool with_counters)
{
	struct nlattr *tb[SITBROKER_A_LINK_MAX + 1];
	struct in_addr local = {}, public = {};
	char text[INET_ADDRSTRLEN];
	json_t *link;

	if (nla_parse_nested(tb, SITBROKER_A_LINK_MAX, item->nest, NULL) ||
	    !tb[SITBROKER_A_LINK_IFNAME] || !tb[SITBROKER_A_LINK_UP])
		return json_object();
	if (tb[SITBROKER_A_LINK_LOCAL])
		local.s_addr = nla_get_u32(tb[SITBROKER_A_LINK_LOCAL]);
	if (tb[SITBROKER_A_LINK_PUBLIC])
		public.s_addr = nla_get_u32(tb[SITBROKER_A_LINK_PUBLIC]);
	link = json_pack("{s:s,s:o,s:o,s:i,s:o,s:i,s:b,s:i,s:i,s:I}",
			 "name", nla_get_string(tb[SITBROKER_A_LINK_IFNAME]),
			 "local", local.s_addr ? json_string(ipv4_text(local, text)) : json_null(),
			 "public", public.s_addr ? json_string(ipv4_text(public, text))
						 : json_null(),
			 "ttl", nla_get_u8(tb[SITBROKER_A_LINK_TTL]),
			 "tos", nla_get_u8(tb[SITBROKER_A_LINK_TOS_INHERIT]) ?
				json_string("inherit") :
				json_integer(nla_get_u8(tb[SITBROKER_A_LINK_TOS])),
			 "mtu", nla_get_u32(tb[SITBROKER_A_LINK_MTU]),
			 "up", nla_get_u8(tb[SITBROKER_A_LINK_UP]),
			 "pools", nla_get_u32(tb[SITBROKER_A_LINK_POOLS]),
			 "clients", nla_get_u32(tb[SITBROKER_A_LINK_CLIENTS]),
			 "generation", (json_int_t)item->generation);
	if (!with_counters)
		return link;
	json_object_set_new(link, "rx_packets",
			    json_integer(counter(tb[SITBROKER_A_LINK_RX_PACKETS])));
	json_object_set_new(link, "rx_bytes",
			    json_integer(counter(tb[SITBROKER_A_LINK_RX_BYTES])));
	json_object_set_new(link, "tx_packets",
			    json_integer(counter(tb[SITBROKER_A_LINK_TX_PACKETS])));
	json_object_set_new(link, "tx_bytes",
			    json_integer(counter(tb[SITBROKER_A_LINK_TX_BYTES])));
	json_object_set_new(link, "drops", drops_json(item->nest, SITBROKER_A_LINK_DROP));
	return link;
}

static int read_info(struct broker *broker, const struct item *item, void *arg)
{
	struct nlattr *tb[SITBROKER_A_LINK_MAX + 1];
	struct link_info *link = arg;

	(void)broker;
	if (nla_parse_nested(tb, SITBROKER_A_LINK_MAX, item->nest, NULL) ||
	    !tb[SITBROKER_A_LINK_IFNAME])
		return 0;
	*link = (struct link_info) { .ifindex = item->ifindex };
	snprintf(link->name, sizeof(link->name), "%s",
		 nla_get_string(tb[SITBROKER_A_LINK_IFNAME]));
	link->local.s_addr = nla_get_u32(tb[SITBROKER_A_LINK_LOCAL]);
	link->public.s_addr = nla_get_u32(tb[SITBROKER_A_LINK_PUBLIC]);
	link->up = nla_get_u8(tb[SITBROKER_A_LINK_UP]);
	return 0;
}

/* The link of that index, or the only one where it is 0. Return: 0 or a negative errno. */
int link_info_get(struct broker *broker, uint32_t ifindex, struct link_info *link)
{
	*link = (struct link_info) {};
	return items_visit(broker, change_message(broker, SITBROKER_CMD_LINK_GET, ifindex),
			   SITBROKER_A_LINK, read_info, link);
}

static int parse(const struct broker *broker, struct words *words, bool add,
		 struct link_request *request)
{
	static const char *const keys[] = { "local", "public", "ttl", "tos", "mtu", "up", "down",
					    NULL };
	const char *word;
	unsigned long tos;

	*request = (struct link_request) { .tos = -1, .up = -1 };
	if (value_next(broker, words, add ? "link add" : "link set", &request->name))
		return EXIT_USAGE;
	if (!*request->name || strlen(request->name) >= IFNAMSIZ)
		return word_error(broker, "link", request->name,
				  "is no name of 1 to 15 characters");
	while (words->argc) {
		switch (key_parse(broker, words, keys)) {
		case 0:
			request->has_local = true;
			if (ipv4_next(broker, words, "local", &request->local))
				return EXIT_USAGE;
			break;
		case 1:
			request->has_public = true;
			if (words_is(words, "none"))
				request->public.s_addr = 0;
			else if (ipv4_next(broker, words, "public", &request->public))
				return EXIT_USAGE;
			break;
		case 2:
			if (number_next(broker, words, "ttl", 1, 255, &request->ttl))
				return EXIT_USAGE;
			break;
		case 3:
			request->inherit = words_is(words, "inherit");
			tos = 0;
			if (!request->inherit && number_next(broker, words, "tos", 0, 255, &tos))
				return EXIT_USAGE;
			request->tos = tos;
			break;
		case 4:
			if (number_next(broker, words, "mtu", 1280, 1480, &request->mtu))
				return EXIT_USAGE;
			break;
		case 5:
			request->up = 1;
			break;
		case 6:
			request->up = 0;
			break;
		default:
			return EXIT_USAGE;
		}
	}
	if (add && !request->has_local) {
		word = request->name;
		return usage_error(broker,
				   "link \"%s\" needs local ADDRESS, this server's IPv4 address",
				   word);
	}
	return 0;
}

static void put_data(struct nl_msg *msg, const struct link_request *request)
{
	struct nlattr *info = nla_nest_start(msg, IFLA_LINKINFO);
	struct nlattr *data;

	nla_put_string(msg, IFLA_INFO_KIND, "sitbroker");
	data = nla_nest_start(msg, IFLA_INFO_DATA);
	if (request->has_local)
		nla_put_u32(msg, IFLA_SITBROKER_LOCAL, request->local.s_addr);
	if (request->has_public)
		nla_put_u32(msg, IFLA_SITBROKER_PUBLIC, request->public.s_addr);
	if (request->ttl)
		nla_put_u8(msg, IFLA_SITBROKER_TTL, request->ttl);
	if (request->tos >= 0) {
		nla_put_u8(msg, IFLA_SITBROKER_TOS, request->tos);
		nla_put_u8(msg, IFLA_SITBROKER_TOS_INHERIT, request->inherit);
	}
	nla_nest_end(msg, data);
	nla_nest_end(msg, info);
}

static int link_request(struct broker *broker, const struct link_request *request, bool add)
{
	struct ifinfomsg interface = { .ifi_family = AF_UNSPEC };
	struct nl_msg *msg;
	int err;

	msg = nlmsg_alloc_simple(RTM_NEWLINK,
				 NLM_F_REQUEST | (add ? NLM_F_CREATE | NLM_F_EXCL : 0));
	if (add || request->up >= 0) {
		interface.ifi_change = IFF_UP;
		interface.ifi_flags = add || request->up ? IFF_UP : 0;
	}
	if (!add)
		interface.ifi_index = if_nametoindex(request->name);
	nlmsg_append(msg, &interface, sizeof(interface), NLMSG_ALIGNTO);
	nla_put_string(msg, IFLA_IFNAME, request->name);
	if (request->mtu)
		nla_put_u32(msg, IFLA_MTU, request->mtu);
	if (add || request->has_local || request->has_public || request->ttl || request->tos >= 0)
		put_data(msg, request);
	err = kernel_request(&broker->kernel, broker->kernel.route, msg, NULL, NULL);
	nlmsg_free(msg);
	return err;
}

static int link_add(struct broker *broker, struct words *words)
{
	struct link_request request;
	char what[64];
	int err;

	if (parse(broker, words, true, &request))
		return EXIT_USAGE;
	if (if_nametoindex(request.name)) {
		broker->kernel.refusal = (struct refusal) { .error = EEXIST };
		snprintf(broker->kernel.refusal.text, sizeof(broker->kernel.refusal.text),
			 "link \"%s\" exists; use link set, or another name", request.name);
		return refused(broker, NULL);
	}
	err = link_request(broker, &request, true);
	snprintf(what, sizeof(what), "link \"%s\"", request.name);
	return err ? refused(broker, what) : EXIT_OK;
}

/* The index of a link of ours, or 0 after a complaint. */
static uint32_t link_index(struct broker *broker, const char *name, struct link_info *link)
{
	uint32_t ifindex = if_nametoindex(name);

	if (ifindex && !link_info_get(broker, ifindex, link))
		return ifindex;
	if (ifindex && broker->kernel.refusal.error != ENODEV) {
		refused(broker, NULL);
		return 0;
	}
	broker->kernel.refusal = (struct refusal) { .error = ENODEV };
	snprintf(broker->kernel.refusal.text, sizeof(broker->kernel.refusal.text),
		 "there is no sitbroker link \"%s\"; see brokertool link show", name);
	refused(broker, NULL);
	return 0;
}

static int link_set(struct broker *broker, struct words *words)
{
	struct link_request request;
	struct link_info link;
	uint32_t ifindex;
	char what[64];

	if (parse(broker, words, false, &request))
		return EXIT_USAGE;
	ifindex = link_index(broker, request.name, &link);
	if (!ifindex)
		return EXIT_REFUSED;
	snprintf(what, sizeof(what), "link \"%s\"", request.name);
	if (link_request(broker, &request, false))
		return refused(broker, what);
	return request.up == 1 ? pool_restore_routes(broker, ifindex) : EXIT_OK;
}

static int link_del(struct broker *broker, struct words *words)
{
	struct ifinfomsg interface = { .ifi_family = AF_UNSPEC };
	struct link_info link;
	struct nl_msg *msg;
	const char *name;
	int err;

	if (value_next(broker, words, "link del", &name) || words_end(broker, words))
		return EXIT_USAGE;
	interface.ifi_index = link_index(broker, name, &link);
	if (!interface.ifi_index)
		return EXIT_REFUSED;
	msg = nlmsg_alloc_simple(RTM_DELLINK, NLM_F_REQUEST);
	nlmsg_append(msg, &interface, sizeof(interface), NLMSG_ALIGNTO);
	err = kernel_request(&broker->kernel, broker->kernel.route, msg, NULL, NULL);
	nlmsg_free(msg);
	return err ? refused(broker, name) : EXIT_OK;
}

struct show {
	const char *name;
	bool found;
	struct table *table;
};

static const char *string(json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key)) ?: "-";
}

static void show_record(struct broker *broker, json_t *link)
{
	struct record *record = record_new(broker);
	json_t *tos = json_object_get(link, "tos");

	record_add(record, "Link", "%s, %s", string(link, "name"),
		   json_is_true(json_object_get(link, "up")) ? "up" : "down");
	record_add(record, "Server IPv4 Address", "%s", string(link, "local"));
	if (!json_is_null(json_object_get(link, "public")))
		record_add(record, "Public IPv4 Address", "%s", string(link, "public"));
	if (json_is_string(tos))
		record_add(record, "Outer TTL and TOS", "%lld, inherit", (long long)
			   json_integer_value(json_object_get(link, "ttl")));
	else
		record_add(record, "Outer TTL and TOS", "%lld, 0x%02llx", (long long)
			   json_integer_value(json_object_get(link, "ttl")),
			   (long long)json_integer_value(tos));
	record_add(record, "MTU", "%lld",
		   (long long)json_integer_value(json_object_get(link, "mtu")));
	record_add(record, "Pools", "%lld",
		   (long long)json_integer_value(json_object_get(link, "pools")));
	record_add(record, "Clients", "%lld",
		   (long long)json_integer_value(json_object_get(link, "clients")));
	counters_record(record, link);
	record_print(record);
}

static int show_link(struct broker *broker, const struct item *item, void *arg)
{
	json_t *link = link_json(item, true);
	struct show *show = arg;
	char pools[16], clients[16];
	bool up = json_is_true(json_object_get(link, "up"));

	if (show->name && strcmp(string(link, "name"), show->name)) {
		json_decref(link);
		return 0;
	}
	show->found = true;
	if (broker->json) {
		json_item(broker, link);
		return 0;
	}
	if (show->name) {
		show_record(broker, link);
	} else {
		snprintf(pools, sizeof(pools), "%lld",
			 (long long)json_integer_value(json_object_get(link, "pools")));
		snprintf(clients, sizeof(clients), "%lld",
			 (long long)json_integer_value(json_object_get(link, "clients")));
		table_row(show->table, !up, (const char *[]) { string(link, "name"),
			  up ? "up" : "down", string(link, "local"), string(link, "public"), pools,
			  clients });
	}
	json_decref(link);
	return 0;
}

/* All links, or the one named. Return: exit code. */
int link_show(struct broker *broker, const char *name)
{
	static const char *const columns[] = { "LINK", "STATE", "LOCAL", "PUBLIC", "POOLS",
					       "CLIENTS", NULL };
	struct show show = { .name = name };
	int err;

	if (broker->json)
		json_begin(broker);
	else if (!name)
		show.table = table_new(broker, columns);
	err = items_dump(broker, SITBROKER_CMD_LINK_GET, 0, SITBROKER_A_LINK, show_link, &show);
	if (broker->json)
		json_end(broker);
	else if (show.table)
		table_print(show.table);
	if (err)
		return refused(broker, NULL);
	if (name && !show.found) {
		broker->kernel.refusal = (struct refusal) { .error = ENODEV };
		snprintf(broker->kernel.refusal.text, sizeof(broker->kernel.refusal.text),
			 "there is no sitbroker link \"%s\"; see brokertool link show", name);
		refused(broker, NULL);
		return EXIT_NOT_FOUND;
	}
	return EXIT_OK;
}

int link_command(struct broker *broker, struct words *words)
{
	static const char *const verbs[] = { "add", "set", "delete", "show", NULL };
	const char *name;

	switch (verb_parse(broker, words, "link", verbs)) {
	case 0:
		return link_add(broker, words);
	case 1:
		return link_set(broker, words);
	case 2:
		return link_del(broker, words);
	case 3:
		name = words_next(words);
		return words_end(broker, words) ?: link_show(broker, name);
	}
	return EXIT_USAGE;
}
