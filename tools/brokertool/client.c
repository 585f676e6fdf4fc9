// SPDX-License-Identifier: GPL-2.0
/* brokertool client */

#include <errno.h>
#include <linux/sitbroker.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <string.h>

#include "brokertool.h"

#define ROUTED_MAX	(sizeof(((struct client_request *)NULL)->routed) / sizeof(struct prefix))

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

/* @link: its link, for the server's addresses */
json_t *client_json(const struct item *item, const struct link_info *link)
{
	struct in_addr server4 = link->public.s_addr ? link->public : link->local;
	char a[INET_ADDRSTRLEN], b[INET_ADDRSTRLEN], c[INET6_ADDRSTRLEN], d[INET6_ADDRSTRLEN];
	struct nlattr *tb[SITBROKER_A_CLIENT_DROP + 1];
	struct in_addr endpoint = {};
	struct in6_addr server, client;
	json_t *object, *more;

	/* Events about a client that has gone hold its name and id only. */
	if (nla_parse_nested(tb, SITBROKER_A_CLIENT_DROP, item->nest, NULL) ||
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
	more = json_pack("{s:o,s:o,s:s,s:s,s:o,s:i,s:b,s:s}",
			 "endpoint", endpoint.s_addr ? json_string(ipv4_text(endpoint, a))
						     : json_null(),
			 "server_ipv4", server4.s_addr ? json_string(ipv4_text(server4, b))
						       : json_null(),
			 "server_ipv6", ipv6_text(&server, c),
			 "client_ipv6", ipv6_text(&client, d),
			 "routed", routed_json(item->nest),
			 "mtu", nla_get_u16(tb[SITBROKER_A_CLIENT_MTU]),
			 "mtu_auto", !!tb[SITBROKER_A_CLIENT_MTU_AUTO],
			 "state", nla_get_u32(tb[SITBROKER_A_CLIENT_STATE]) ? "disabled"
									    : "enabled");
	json_object_update_new(object, more);
	more = json_pack("{s:I,s:I,s:I,s:I}",
			 "rx_packets", counter(tb[SITBROKER_A_CLIENT_RX_PACKETS]),
			 "rx_bytes", counter(tb[SITBROKER_A_CLIENT_RX_BYTES]),
			 "tx_packets", counter(tb[SITBROKER_A_CLIENT_TX_PACKETS]),
			 "tx_bytes", counter(tb[SITBROKER_A_CLIENT_TX_BYTES]));
	json_object_update_new(object, more);
	json_object_set_new(object, "last_received_ms",
			    tb[SITBROKER_A_CLIENT_LAST_RECEIVED] ?
			    json_integer(counter(tb[SITBROKER_A_CLIENT_LAST_RECEIVED])) :
			    json_null());
	json_object_set_new(object, "drops", drops_json(item->nest, SITBROKER_A_CLIENT_DROP));
	return object;
}

static int parse_pair(const struct broker *broker, struct words *words,
		      struct client_request *request)
{
	struct prefix pair;
	const char *word;

	if (value_next(broker, words, "pair", &word) || prefix_word(broker, "pair", word, &pair))
		return EXIT_USAGE;
	if (pair.length != 127)
		return word_error(broker, "pair", word, "is no /127");
	request->has_pair = true;
	request->pair = pair.address;
	return 0;
}

static int parse_routed(const struct broker *broker, struct words *words,
			struct client_request *request)
{
	const char *word;

	if (words_is(words, "none")) {
		request->no_routed = true;
		return 0;
	}
	if (value_next(broker, words, "routed", &word))
		return EXIT_USAGE;
	if (request->n_routed == ROUTED_MAX)
		return word_error(broker, "routed", word, "is one routed prefix too many");
	return prefix_word(broker, "routed", word, &request->routed[request->n_routed++]);
}

static int parse_mtu(const struct broker *broker, struct words *words,
		     struct client_request *request)
{
	unsigned long mtu = 0;

	if (!words_is(words, "auto") &&
	    number_next(broker, words, "mtu", 1280, 1480, &mtu))
		return EXIT_USAGE;
	request->has_mtu = true;
	request->mtu = mtu;
	return 0;
}

/**
 * client_parse() - read what follows client add or client set
 * @broker: the invocation
 * @words: the words
 * @add: all of them are allowed
 * @request: what they say
 *
 * Return: 0 or EXIT_USAGE, after a complaint.
 */
int client_parse(const struct broker *broker, struct words *words, bool add,
		 struct client_request *request)
{
	static const char *const keys[] = { "endpoint", "mtu", "enable", "disable", "dev", "pair",
					    "routed", NULL };
	int key;

	memset(request, 0, offsetof(struct client_request, routed));
	request->n_routed = 0;
	request->no_routed = false;
	request->has_mtu = false;
	request->has_state = false;
	request->disabled = false;
	if (value_next(broker, words, add ? "client add" : "client set", &request->name))
		return EXIT_USAGE;
	if (!*request->name || strlen(request->name) > SITBROKER_NAME_MAX)
		return word_error(broker, "client", request->name,
				  "is no name of 1 to 31 characters");
	while (words->argc) {
		key = key_parse(broker, words, keys);
		switch (key) {
		case 0:
			request->has_endpoint = true;
			if (words_is(words, "none"))
				request->endpoint.s_addr = 0;
			else if (ipv4_next(broker, words, "endpoint", &request->endpoint))
				return EXIT_USAGE;
			break;
		case 1:
			if (parse_mtu(broker, words, request))
				return EXIT_USAGE;
			break;
		case 2:
		case 3:
			request->has_state = true;
			request->disabled = key == 3;
			break;
		case 4:
			if (device_next(broker, words, "dev", &request->ifindex))
				return EXIT_USAGE;
			break;
		case 5:
		case 6:
			if (!add)
				return usage_error(broker,
						   "the %s of client \"%s\" cannot be changed; delete and add it",
						   keys[key], request->name);
			if (key == 5 ? parse_pair(broker, words, request)
				     : parse_routed(broker, words, request))
				return EXIT_USAGE;
			break;
		default:
			return EXIT_USAGE;
		}
	}
	if (request->no_routed && request->n_routed)
		return usage_error(broker, "client \"%s\": routed none and routed prefixes",
				   request->name);
	return 0;
}

/* Append a client to a request. Return: 0, or negative where there is no room. */
int client_put(struct nl_msg *msg, const struct client_request *request)
{
	struct nlattr *nest = nla_nest_start(msg, NLA_F_NESTED | SITBROKER_A_CLIENT);
	unsigned int i;

	if (!nest || nla_put_string(msg, SITBROKER_A_CLIENT_NAME, request->name) ||
	    (request->has_endpoint &&
	     nla_put_u32(msg, SITBROKER_A_CLIENT_ENDPOINT, request->endpoint.s_addr)) ||
	    (request->has_pair &&
	     nla_put(msg, SITBROKER_A_CLIENT_PAIR, 16, &request->pair)) ||
	    (request->no_routed && nla_put_flag(msg, SITBROKER_A_CLIENT_NO_ROUTED)) ||
	    (request->has_mtu && nla_put_u16(msg, SITBROKER_A_CLIENT_MTU, request->mtu)) ||
	    (request->has_state &&
	     nla_put_u32(msg, SITBROKER_A_CLIENT_STATE,
			 request->disabled ? SITBROKER_CLIENT_STATE_DISABLED
					   : SITBROKER_CLIENT_STATE_ENABLED)))
		return -EMSGSIZE;
	for (i = 0; i < request->n_routed; i++)
		if (prefix_put(msg, SITBROKER_A_CLIENT_ROUTED, &request->routed[i]) < 0)
			return -EMSGSIZE;
	return nla_nest_end(msg, nest);
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
	char label[32];
	json_t *routed;
	size_t i;

	record_add(record, "Name", "%s", string(client, "name"));
	record_add(record, "Server IPv4 Address", "%s",
		   string(client, "server_ipv4") ?: "none: the link has no local address");
	record_add(record, "Server IPv6 Address", "%s/127", string(client, "server_ipv6"));
	record_add(record, "Client IPv4 Address", "%s",
		   string(client, "endpoint") ?: "not known yet: client set NAME endpoint ADDRESS");
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
		   json_is_true(json_object_get(client, "mtu_auto")) ? " (automatic)" : "");
	record_add(record, "State", "%s", string(client, "state"));
	record_add(record, "Link", "%s", string(client, "link"));
	counters_record(record, client);
	record_print(record);
}

static void show_row(struct table *table, json_t *client)
{
	char routed[160] = "", last[32] = "never", rx[24], tx[24];
	json_t *prefix, *last_ms = json_object_get(client, "last_received_ms");
	size_t i, at = 0;

	json_array_foreach(json_object_get(client, "routed"), i, prefix)
		if (at < sizeof(routed))
			at += snprintf(routed + at, sizeof(routed) - at, "%s%s", i ? "," : "",
				       json_string_value(prefix));
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
	struct nlattr *nest;
	struct nl_msg *msg;
	int err;

	if (broker->json)
		json_begin(broker);
	else if (!name)
		show.table = table_new(broker, broker->stats ? columns : brief);
	if (name) {
		msg = change_message(broker, SITBROKER_CMD_CLIENT_GET, ifindex);
		nest = nla_nest_start(msg, NLA_F_NESTED | SITBROKER_A_CLIENT);
		nla_put_string(msg, SITBROKER_A_CLIENT_NAME, name);
		nla_nest_end(msg, nest);
		err = items_visit(broker, msg, SITBROKER_A_CLIENT, show_client, &show);
	} else {
		err = items_dump(broker, SITBROKER_CMD_CLIENT_GET, ifindex, SITBROKER_A_CLIENT,
				 show_client, &show);
	}
	if (broker->json)
		json_end(broker);
	else if (show.table)
		table_print(show.table);
	if (!err)
		return EXIT_OK;
	refused(broker, NULL);
	return err == -ENOENT ? EXIT_NOT_FOUND : EXIT_REFUSED;
}

static int client_change(struct broker *broker, struct words *words, bool add)
{
	struct client_request request;
	struct nl_msg *msg;
	int code;

	if (client_parse(broker, words, add, &request))
		return EXIT_USAGE;
	msg = change_message(broker, add ? SITBROKER_CMD_CLIENT_NEW : SITBROKER_CMD_CLIENT_SET,
			     request.ifindex);
	if (client_put(msg, &request) < 0) {
		nlmsg_free(msg);
		return usage_error(broker, "client \"%s\" does not fit into one message",
				   request.name);
	}
	code = change(broker, msg, NULL);
	if (code || !add || broker->quiet || broker->batch)
		return code;
	return client_show(broker, request.name, request.ifindex);
}

static int client_del(struct broker *broker, struct words *words)
{
	struct nl_msg *msg = kernel_message(&broker->kernel, SITBROKER_CMD_CLIENT_DEL, 0,
					    REQUEST_MAX);
	uint32_t ifindex = 0;
	struct nlattr *nest;
	const char *name;
	int n = 0;

	while ((name = words_next(words))) {
		if (!strcmp(name, "dev")) {
			if (device_next(broker, &(struct words) { words->argc, words->argv }, "dev",
					&ifindex))
				goto usage;
			words_next(words);
			continue;
		}
		nest = nla_nest_start(msg, NLA_F_NESTED | SITBROKER_A_CLIENT);
		if (!nest || strlen(name) > SITBROKER_NAME_MAX ||
		    nla_put_string(msg, SITBROKER_A_CLIENT_NAME, name)) {
			word_error(broker, "client", name, "is no name of 1 to 31 characters");
			goto usage;
		}
		nla_nest_end(msg, nest);
		n++;
	}
	if (!n) {
		usage_error(broker, "client del needs a name; client flush deletes all");
		goto usage;
	}
	if (ifindex)
		nla_put_u32(msg, SITBROKER_A_IFINDEX, ifindex);
	return change(broker, msg, NULL);
usage:
	nlmsg_free(msg);
	return EXIT_USAGE;
}

int client_command(struct broker *broker, struct words *words)
{
	static const char *const verbs[] = { "add", "set", "delete", "show", "flush", NULL };
	static const char *const keys[] = { "dev", NULL };
	const char *name = NULL;
	uint32_t ifindex = 0;
	int verb;

	verb = verb_parse(broker, words, "client", verbs);
	switch (verb) {
	case 0:
		return client_change(broker, words, true);
	case 1:
		return client_change(broker, words, false);
	case 2:
		return client_del(broker, words);
	case 3:
	case 4:
		if (verb == 3 && words->argc && strcmp(words->argv[0], "dev"))
			name = words_next(words);
		while (words->argc)
			if (key_parse(broker, words, keys) ||
			    device_next(broker, words, "dev", &ifindex))
				return EXIT_USAGE;
		if (verb == 3)
			return client_show(broker, name, ifindex);
		return change(broker, change_message(broker, SITBROKER_CMD_CLIENT_FLUSH, ifindex),
			      NULL);
	}
	return EXIT_USAGE;
}
