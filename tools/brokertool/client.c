// SPDX-License-Identifier: GPL-2.0
/* brokertool client: what changes clients. */

#include <errno.h>
#include <linux/sitbroker.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <string.h>

#include "../config/config.h"
#include "brokertool.h"

#define ROUTED_MAX	(sizeof(((struct client_request *)NULL)->routed) / sizeof(struct prefix))

static int parse_pair(const struct broker *broker, struct words *words,
		      struct client_request *request)
{
	struct prefix pair;
	const char *word;

	if (value_next(broker, words, "pair", &word) || prefix_word(broker, "pair", word, &pair))
		return EXIT_USAGE;
	if (pair.length != 127)
		return word_error(broker, "pair", word,
				  "is no /127; give one such as 2001:db8::2/127");
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
		return word_error(broker, "routed", word,
				  "is one routed prefix too many; 256 are the most, take a larger one");
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
 * Return: 0 or an exit code, after a complaint.
 */
int client_parse(struct broker *broker, struct words *words, bool add,
		 struct client_request *request)
{
	static const char *const keys[] = { "endpoint", "mtu", "enable", "disable", "dev", "pair",
					    "routed", "pmtudisc", "filter", NULL };
	int key, code;

	memset(request, 0, offsetof(struct client_request, routed));
	request->n_routed = 0;
	request->no_routed = false;
	request->has_mtu = false;
	request->has_pmtudisc = false;
	request->pmtudisc = false;
	request->has_filter = false;
	request->filter = false;
	request->has_state = false;
	request->disabled = false;
	if (value_next(broker, words, add ? "client add" : "client set", &request->name))
		return EXIT_USAGE;
	if (!*request->name || strlen(request->name) > SITBROKER_NAME_MAX)
		return word_error(broker, "client", request->name,
				  "is no name of 1 to 31 characters");
	/* They could not be told from words that follow. */
	if (add && (*request->name == '-' || !strcmp(request->name, "dev")))
		return word_error(broker, "client", request->name,
				  "would be taken for a word of the command; take another name");
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
			code = device_next(broker, words, "dev", &request->ifindex);
			if (code)
				return code;
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
		case 7:
			if (switch_next(broker, words, "pmtudisc", &request->pmtudisc))
				return EXIT_USAGE;
			request->has_pmtudisc = true;
			break;
		case 8:
			if (switch_next(broker, words, "filter", &request->filter))
				return EXIT_USAGE;
			request->has_filter = true;
			break;
		default:
			return EXIT_USAGE;
		}
	}
	if (request->no_routed && request->n_routed)
		return usage_error(broker,
				   "client \"%s\": routed none and routed prefixes; say one of them",
				   request->name);
	return 0;
}

/* All attributes of a client but its prefixes take less. */
#define CLIENT_SIZE	128

/* Write an attribute, with zeros behind it. Return: where the next one goes. */
static char *attribute_write(char *at, int type, const void *data, size_t size)
{
	struct nlattr *attr = (struct nlattr *)at;

	attr->nla_type = type;
	attr->nla_len = NLA_HDRLEN + size;
	at += NLA_ALIGN(attr->nla_len);
	if (size % NLA_ALIGNTO)
		memset(at - NLA_ALIGNTO, 0, NLA_ALIGNTO);
	if (size)
		memcpy(attr + 1, data, size);
	return at;
}

/*
 * Append a client to a request. Return: 0, or negative and the request is as it was,
 * where there is no room. All but prefixes in one piece: libnl looks at the message for
 * each attribute anew, which was a quarter of what a line of a batch took.
 */
int client_put(struct nl_msg *msg, const struct client_request *request)
{
	uint32_t state = request->disabled ? SITBROKER_CLIENT_STATE_DISABLED
					   : SITBROKER_CLIENT_STATE_ENABLED;
	uint8_t pmtudisc = request->pmtudisc, filter = request->filter;
	char client[CLIENT_SIZE] __attribute__((__aligned__(NLA_ALIGNTO)));
	struct nlmsghdr *header = nlmsg_hdr(msg);
	uint32_t begin = header->nlmsg_len;
	struct nlattr *nest;
	unsigned int i;
	char *at;
	int err;

	at = attribute_write(client, NLA_F_NESTED | SITBROKER_A_CLIENT, NULL, 0);
	at = attribute_write(at, SITBROKER_A_CLIENT_NAME, request->name,
			     strlen(request->name) + 1);
	if (request->has_endpoint)
		at = attribute_write(at, SITBROKER_A_CLIENT_ENDPOINT, &request->endpoint, 4);
	if (request->has_pair)
		at = attribute_write(at, SITBROKER_A_CLIENT_PAIR, &request->pair, 16);
	if (request->no_routed)
		at = attribute_write(at, SITBROKER_A_CLIENT_NO_ROUTED, NULL, 0);
	if (request->has_mtu)
		at = attribute_write(at, SITBROKER_A_CLIENT_MTU, &request->mtu, 2);
	if (request->has_pmtudisc)
		at = attribute_write(at, SITBROKER_A_CLIENT_PMTUDISC, &pmtudisc, 1);
	if (request->has_filter)
		at = attribute_write(at, SITBROKER_A_CLIENT_FILTER, &filter, 1);
	if (request->has_state)
		at = attribute_write(at, SITBROKER_A_CLIENT_STATE, &state, 4);
	err = nlmsg_append(msg, client, at - client, NLMSG_ALIGNTO);
	for (i = 0; err >= 0 && i < request->n_routed; i++)
		err = prefix_put(msg, SITBROKER_A_CLIENT_ROUTED, &request->routed[i]);
	if (err < 0) {
		header->nlmsg_len = begin;
		return -EMSGSIZE;
	}
	nest = (struct nlattr *)((char *)header + begin);
	nest->nla_len = header->nlmsg_len - begin;
	return 0;
}

static int client_change(struct broker *broker, struct words *words, bool add)
{
	struct client_request request;
	struct nl_msg *msg;
	int code;

	code = client_parse(broker, words, add, &request);
	if (code)
		return code;
	if (!add && !request.has_endpoint && !request.has_mtu && !request.has_pmtudisc &&
	    !request.has_filter && !request.has_state)
		return usage_error(broker,
				   "client set \"%s\" needs what to change: endpoint, mtu, pmtudisc, filter, enable or disable",
				   request.name);
	msg = change_message(add ? SITBROKER_CMD_CLIENT_NEW : SITBROKER_CMD_CLIENT_SET,
			     request.ifindex);
	if (client_put(msg, &request) < 0) {
		nlmsg_free(msg);
		return usage_error(broker,
				   "client \"%s\" does not fit into one message; give it fewer prefixes",
				   request.name);
	}
	code = add || !request.has_endpoint ? 0 : endpoint_begin(broker, request.ifindex);
	if (code) {
		nlmsg_free(msg);
		return code;
	}
	code = change(broker, msg, NULL);
	if (!add && request.has_endpoint)
		code = endpoint_end(broker, request.name, request.endpoint, code);
	if (code || !add || broker->quiet || broker->batch)
		return code;
	return client_show(broker, request.name, request.ifindex);
}

static int put_names(struct broker *broker, struct words *words, struct nl_msg *msg)
{
	uint32_t ifindex = 0;
	struct nlattr *nest;
	const char *name;
	int n = 0, code;

	while ((name = words_next(words))) {
		if (!strcmp(name, "dev")) {
			code = device_next(broker, words, "dev", &ifindex);
			if (code)
				return code;
			continue;
		}
		if (!*name || strlen(name) > SITBROKER_NAME_MAX)
			return word_error(broker, "client", name,
					  "is no name of 1 to 31 characters");
		nest = nla_nest_start(msg, NLA_F_NESTED | SITBROKER_A_CLIENT);
		if (!nest || nla_put_string(msg, SITBROKER_A_CLIENT_NAME, name))
			return word_error(broker, "client", name,
					  "is one too many for one message; delete them in parts");
		nla_nest_end(msg, nest);
		n++;
	}
	if (!n)
		return usage_error(broker, "client del needs a name; client flush deletes all");
	if (ifindex && nla_put_u32(msg, SITBROKER_A_IFINDEX, ifindex))
		return usage_error(broker,
				   "client del: %d names are too many for one message; delete them in parts",
				   n);
	return 0;
}

static int client_del(struct broker *broker, struct words *words)
{
	struct nl_msg *msg = kernel_message(SITBROKER_CMD_CLIENT_DEL, 0, REQUEST_MAX);
	int code = put_names(broker, words, msg);

	if (!code)
		return change(broker, msg, NULL);
	nlmsg_free(msg);
	return code;
}

int client_command(struct broker *broker, struct words *words)
{
	static const char *const verbs[] = { "add", "set", "delete", "show", "flush", "config",
					     "endpoints", NULL };
	const char *name = NULL;
	uint32_t ifindex = 0;
	int verb, code;

	verb = verb_parse(broker, words, "client", verbs);
	switch (verb) {
	case 0:
		return client_change(broker, words, true);
	case 1:
		return client_change(broker, words, false);
	case 2:
		return client_del(broker, words);
	case 3:
		if (words->argc && strcmp(words->argv[0], "dev") && words->argv[0][0] != '-')
			name = words_next(words);
		break;
	case 5:
		return client_config(broker, words);
	case -1:
		return EXIT_USAGE;
	}
	code = device_only(broker, words, &ifindex);
	if (code)
		return code;
	switch (verb) {
	case 3:
		return client_show(broker, name, ifindex);
	case 4:
		return change(broker, change_message(SITBROKER_CMD_CLIENT_FLUSH, ifindex), NULL);
	}
	return client_endpoints(broker, ifindex);
}
