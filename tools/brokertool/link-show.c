// SPDX-License-Identifier: GPL-2.0
/* brokertool link show: a link in JSON, as a record, as a row. */

#include <errno.h>
#include <linux/sitbroker.h>
#include <netlink/attr.h>
#include <stdio.h>
#include <string.h>

#include "brokertool.h"

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
	json_object_set_new(link, "client_to_client",
			    json_string(nla_get_u8(tb[SITBROKER_A_LINK_ISOLATE]) ? "deny"
										 : "allow"));
	json_object_set_new(link, "clients_max",
			    json_integer(nla_get_u32(tb[SITBROKER_A_LINK_CLIENTS_MAX])));
	json_object_set_new(link, "pools_max",
			    json_integer(nla_get_u32(tb[SITBROKER_A_LINK_POOLS_MAX])));
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
	record_add(record, "Client to client", "%s", string(link, "client_to_client"));
	record_add(record, "Pools", "%lld of at most %lld",
		   (long long)json_integer_value(json_object_get(link, "pools")),
		   (long long)json_integer_value(json_object_get(link, "pools_max")));
	record_add(record, "Clients", "%lld of at most %lld",
		   (long long)json_integer_value(json_object_get(link, "clients")),
		   (long long)json_integer_value(json_object_get(link, "clients_max")));
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
		no_link(broker, name);
		return EXIT_NOT_FOUND;
	}
	return EXIT_OK;
}
