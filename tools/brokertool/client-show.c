// SPDX-License-Identifier: GPL-2.0
/* brokertool client show: a client in JSON, as a record, as a row. */

#include <errno.h>
#include <linux/sitbroker.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <string.h>

#include "../lib/decode.h"
#include "brokertool.h"

/* The other address of a pair. */
static struct in6_addr pair_client(const struct in6_addr *server)
{
	struct in6_addr client = *server;

	client.s6_addr[15] |= 1;
	return client;
}

static json_t *routed_json(struct nlattr *nest)
{
	json_t *list = json_array();
	char text[PREFIX_STRLEN];
	struct prefix prefix;
	struct nlattr *attr;
	int rest;

	nla_for_each_nested(attr, nest, rest)
		if (nla_type(attr) == SITBROKER_A_CLIENT_ROUTED && !prefix_get(attr, &prefix))
			json_array_append_new(list, json_string(prefix_text(&prefix, text)));
	return list;
}

static json_int_t counter(struct nlattr *attr)
{
	return attr ? (json_int_t)nla_get_u64(attr) : 0;
}

/* The last ICMPv4 error, or null. */
static json_t *error_json(struct nlattr *nest)
{
	struct nlattr *tb[SITBROKER_A_ERROR_MAX + 1];
	char text[INET_ADDRSTRLEN];
	struct in_addr from;

	if (!nest || nla_parse_nested(tb, SITBROKER_A_ERROR_MAX, nest, NULL) ||
	    !tb[SITBROKER_A_ERROR_TYPE] || !tb[SITBROKER_A_ERROR_CODE] ||
	    !tb[SITBROKER_A_ERROR_FROM])
		return json_null();
	from.s_addr = nla_get_u32(tb[SITBROKER_A_ERROR_FROM]);
	return json_pack("{s:s,s:i,s:i,s:s,s:I,s:I}", "what",
			 icmp4_text(nla_get_u8(tb[SITBROKER_A_ERROR_TYPE]),
				    nla_get_u8(tb[SITBROKER_A_ERROR_CODE])),
			 "type", nla_get_u8(tb[SITBROKER_A_ERROR_TYPE]),
			 "code", nla_get_u8(tb[SITBROKER_A_ERROR_CODE]),
			 "from", ipv4_text(from, text),
			 "age_ms", counter(tb[SITBROKER_A_ERROR_AGE]),
			 "count", counter(tb[SITBROKER_A_ERROR_COUNT]));
}

/* @link: its link, for the server's addresses */
json_t *client_json(const struct item *item, const struct link_info *link)
{
	struct in_addr server4 = link->public.s_addr ? link->public : link->local;
	char a[INET_ADDRSTRLEN], b[INET_ADDRSTRLEN], c[INET6_ADDRSTRLEN], d[INET6_ADDRSTRLEN];
	struct nlattr *tb[SITBROKER_A_CLIENT_MAX + 1];
	struct in_addr endpoint = {};
	struct in6_addr server, client;
	json_t *object, *more;

	/* Events about a client that has gone hold its name and id only. */
	if (nla_parse_nested(tb, SITBROKER_A_CLIENT_MAX, item->nest, NULL) ||
	    !tb[SITBROKER_A_CLIENT_NAME] || !tb[SITBROKER_A_CLIENT_ID])
		return json_object();
	object = json_pack("{s:s,s:I,s:s}", "name", nla_get_string(tb[SITBROKER_A_CLIENT_NAME]),
			   "id", (json_int_t)nla_get_u32(tb[SITBROKER_A_CLIENT_ID]),
			   "link", link->name);
	if (!tb[SITBROKER_A_CLIENT_PAIR])
		return object;

	if (tb[SITBROKER_A_CLIENT_ENDPOINT])
		endpoint.s_addr = nla_get_u32(tb[SITBROKER_A_CLIENT_ENDPOINT]);
	nla_memcpy(&server, tb[SITBROKER_A_CLIENT_PAIR], sizeof(server));
	client = pair_client(&server);
	more = json_pack("{s:s?,s:s?,s:s,s:s,s:o,s:i,s:b,s:s,s:I,s:I,s:I,s:I}",
			 "endpoint", endpoint.s_addr ? ipv4_text(endpoint, a) : NULL,
			 "server_ipv4", server4.s_addr ? ipv4_text(server4, b) : NULL,
			 "server_ipv6", ipv6_text(&server, c), "client_ipv6", ipv6_text(&client, d),
			 "routed", routed_json(item->nest),
			 "mtu", nla_get_u16(tb[SITBROKER_A_CLIENT_MTU]),
			 "mtu_auto", !!tb[SITBROKER_A_CLIENT_MTU_AUTO],
			 "state", nla_get_u32(tb[SITBROKER_A_CLIENT_STATE]) ? "disabled"
									    : "enabled",
			 "rx_packets", counter(tb[SITBROKER_A_CLIENT_RX_PACKETS]),
			 "rx_bytes", counter(tb[SITBROKER_A_CLIENT_RX_BYTES]),
			 "tx_packets", counter(tb[SITBROKER_A_CLIENT_TX_PACKETS]),
			 "tx_bytes", counter(tb[SITBROKER_A_CLIENT_TX_BYTES]));
	json_object_update_new(object, more);
	json_object_set_new(object, "last_received_ms",
			    tb[SITBROKER_A_CLIENT_LAST_RECEIVED] ?
			    json_integer(counter(tb[SITBROKER_A_CLIENT_LAST_RECEIVED])) :
			    json_null());
	json_object_set_new(object, "pmtudisc",
			    json_boolean(tb[SITBROKER_A_CLIENT_PMTUDISC] &&
					 nla_get_u8(tb[SITBROKER_A_CLIENT_PMTUDISC])));
	json_object_set_new(object, "filter",
			    json_boolean(!tb[SITBROKER_A_CLIENT_FILTER] ||
					 nla_get_u8(tb[SITBROKER_A_CLIENT_FILTER])));
	json_object_set_new(object, "drops", drops_json(item->nest, SITBROKER_A_CLIENT_DROP));
	json_object_set_new(object, "error", error_json(tb[SITBROKER_A_CLIENT_ERROR]));
	return object;
}

struct show {
	bool one;
	struct link_info link;
	struct table *table;
};

static const char *string(json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

/* What Hurricane Electric's tunnel page shows, in its words. */
static void show_record(struct broker *broker, json_t *client)
{
	struct record *record = record_new(broker);
	const char *prefix, *length;
	char label[32], what[32];
	json_t *routed, *error;
	size_t i;

	record_add(record, "Name", "%s", string(client, "name"));
	record_add(record, "Server IPv4 Address", "%s",
		   string(client, "server_ipv4") ?: "none: the link has no local address");
	record_add(record, "Server IPv6 Address", "%s/127", string(client, "server_ipv6"));
	if (string(client, "endpoint"))
		record_add(record, "Client IPv4 Address", "%s", string(client, "endpoint"));
	else
		record_add(record, "Client IPv4 Address",
			   "not known yet: brokertool client set %s endpoint ADDRESS",
			   string(client, "name"));
	record_add(record, "Client IPv6 Address", "%s/127", string(client, "client_ipv6"));
	json_array_foreach(json_object_get(client, "routed"), i, routed) {
		prefix = json_string_value(routed);
		length = strchr(prefix, '/');
		snprintf(label, sizeof(label), "Routed %s", length);
		record_add(record, label, "%s%s", prefix, atoi(length + 1) > 64 ?
			   "  (longer than /64: SLAAC will not work behind it)" : "");
	}
	record_add(record, "MTU", "%lld%s",
		   (long long)json_integer_value(json_object_get(client, "mtu")),
		   json_is_true(json_object_get(client, "pmtudisc")) ? " (discovered)" :
		   json_is_true(json_object_get(client, "mtu_auto")) ? " (automatic)" : "");
	record_add(record, "State", "%s", string(client, "state"));
	if (json_is_false(json_object_get(client, "filter")))
		record_add(record, "Filter", "off: no list of scope inner is for this client");
	record_add(record, "Link", "%s", string(client, "link"));
	if (broker->details)
		record_add(record, "Id", "%lld",
			   (long long)json_integer_value(json_object_get(client, "id")));
	counters_record(record, client);
	error = json_object_get(client, "error");
	if (broker->numeric)
		snprintf(what, sizeof(what), "type %lld code %lld",
			 (long long)json_integer_value(json_object_get(error, "type")),
			 (long long)json_integer_value(json_object_get(error, "code")));
	if (json_is_object(error))
		record_add(record, "ICMP Error", "%s from %s, %.1f s ago, %lld so far",
			   broker->numeric ? what : string(error, "what"), string(error, "from"),
			   json_integer_value(json_object_get(error, "age_ms")) / 1e3,
			   (long long)json_integer_value(json_object_get(error, "count")));
	record_print(record);
}

static void show_row(struct table *table, json_t *client)
{
	char routed[160] = "", last[32] = "never", rx[24], tx[24];
	json_t *prefix, *last_ms = json_object_get(client, "last_received_ms");
	size_t i, at = 0;

	/* A prefix is there as a whole, or counted. */
	json_array_foreach(json_object_get(client, "routed"), i, prefix) {
		if (at + PREFIX_STRLEN + sizeof(", and 255 more") > sizeof(routed))
			break;
		at += snprintf(routed + at, sizeof(routed) - at, "%s%s", i ? "," : "",
			       json_string_value(prefix));
	}
	if (i < json_array_size(json_object_get(client, "routed")))
		snprintf(routed + at, sizeof(routed) - at, ", and %zu more",
			 json_array_size(json_object_get(client, "routed")) - i);
	if (json_is_integer(last_ms))
		snprintf(last, sizeof(last), "%llds ago",
			 (long long)json_integer_value(last_ms) / 1000);
	snprintf(rx, sizeof(rx), "%lld",
		 (long long)json_integer_value(json_object_get(client, "rx_bytes")));
	snprintf(tx, sizeof(tx), "%lld",
		 (long long)json_integer_value(json_object_get(client, "tx_bytes")));
	table_row(table, !strcmp(string(client, "state"), "disabled"), (const char *[]) {
		  string(client, "name"), string(client, "endpoint") ?: "-",
		  string(client, "client_ipv6"), routed, string(client, "state"), last, rx, tx });
}

static int show_client(struct broker *broker, const struct item *item, void *arg)
{
	struct show *show = arg;
	json_t *client;

	/* Clients come link by link. */
	if (show->link.ifindex != item->ifindex &&
	    link_info_get(broker, item->ifindex, &show->link))
		return 0;
	client = client_json(item, &show->link);
	if (broker->json) {
		json_item(broker, client);
		return 0;
	}
	if (show->one)
		show_record(broker, client);
	else
		show_row(show->table, client);
	json_decref(client);
	return 0;
}

/* A request for a client; a link of 0 lets the kernel find the only one. */
struct nl_msg *client_get_message(const char *name, uint32_t ifindex)
{
	struct nl_msg *msg = change_message(SITBROKER_CMD_CLIENT_GET, ifindex);
	struct nlattr *nest = nla_nest_start(msg, NLA_F_NESTED | SITBROKER_A_CLIENT);

	nla_put_string(msg, SITBROKER_A_CLIENT_NAME, name);
	nla_nest_end(msg, nest);
	return msg;
}

/**
 * client_show() - print a client, or all
 * @broker: the invocation
 * @name: its name, or NULL
 * @ifindex: its link, or 0
 *
 * Return: exit code.
 */
int client_show(struct broker *broker, const char *name, uint32_t ifindex)
{
	static const char *const columns[] = { "NAME", "ENDPOINT", "CLIENT IPV6", "ROUTED",
					       "STATE", "RECEIVED", "RX BYTES", "TX BYTES", NULL };
	static const char *const brief[] = { "NAME", "ENDPOINT", "CLIENT IPV6", "ROUTED", "STATE",
					     NULL };
	struct show show = { .one = name };
	int err;

	if (broker->json)
		json_begin(broker);
	else if (!name)
		show.table = table_new(broker, broker->stats ? columns : brief);
	if (name)
		err = items_visit(broker, client_get_message(name, ifindex), SITBROKER_A_CLIENT,
				  show_client, &show);
	else
		err = items_dump(broker, SITBROKER_CMD_CLIENT_GET, ifindex, SITBROKER_A_CLIENT,
				 show_client, &show);
	if (broker->json)
		json_end(broker);
	else if (show.table)
		table_print(show.table);
	if (!err)
		return EXIT_OK;
	refused(broker, NULL);
	return err == -ENOENT ? EXIT_NOT_FOUND : EXIT_REFUSED;
}
