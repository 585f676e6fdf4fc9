// SPDX-License-Identifier: GPL-2.0
/* brokertool link: what changes links. */

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/sitbroker.h>
#include <net/if.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <string.h>

#include "../lib/words.h"
#include "brokertool.h"

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
	return items_visit(broker, change_message(SITBROKER_CMD_LINK_GET, ifindex),
			   SITBROKER_A_LINK, read_info, link);
}

/* What the kernel asks of a device's name; it has no sentence about it. */
int link_name_check(const struct broker *broker, const char *name)
{
	/* Their settings lie where its own would, in /proc/sys/net. */
	if (!strcmp(name, "all") || !strcmp(name, "default"))
		return word_error(broker, "link", name,
				  "is what the kernel calls the settings of all devices; take another name");
	if (*name && strlen(name) < IFNAMSIZ && strcmp(name, ".") && strcmp(name, "..") &&
	    !strpbrk(name, "/: \t\n\v\f\r%"))
		return 0;
	return word_error(broker, "link", name,
			  "is no name of 1 to 15 characters without space, slash, colon and %");
}

static int parse_isolate(const struct broker *broker, struct words *words,
			 struct link_request *request)
{
	const char *word;

	if (value_next(broker, words, "client-to-client", &word))
		return EXIT_USAGE;
	if (strcmp(word, "allow") && strcmp(word, "deny"))
		return word_error(broker, "client-to-client", word, "is neither allow nor deny");
	request->isolate = !strcmp(word, "deny");
	return 0;
}

/**
 * link_parse() - read what follows link add or link set
 * @broker: the invocation
 * @words: the words
 * @add: all that a new link needs must be there
 * @request: what they say
 *
 * Return: 0 or an exit code, after a complaint.
 */
int link_parse(const struct broker *broker, struct words *words, bool add,
	       struct link_request *request)
{
	static const char *const keys[] = { "local", "public", "ttl", "tos", "mtu", "up", "down",
					    "client-to-client", "clients-max", "pools-max", NULL };
	unsigned long tos;

	*request = (struct link_request) {
		.tos = -1,
		.up = -1,
		.isolate = -1,
		.clients_max = ULONG_MAX,
		.pools_max = ULONG_MAX,
	};
	if (value_next(broker, words, add ? "link add" : "link set", &request->name))
		return EXIT_USAGE;
	if (link_name_check(broker, request->name))
		return EXIT_USAGE;
	if (!add && !words->argc)
		return usage_error(broker,
				   "link set \"%s\" needs what to change: local, public, ttl, tos, mtu, client-to-client, clients-max, pools-max, up or down",
				   request->name);
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
		case 7:
			if (parse_isolate(broker, words, request))
				return EXIT_USAGE;
			break;
		case 8:
			if (number_next(broker, words, "clients-max", 0, UINT32_MAX,
					&request->clients_max))
				return EXIT_USAGE;
			break;
		case 9:
			if (number_next(broker, words, "pools-max", 0, 1024, &request->pools_max))
				return EXIT_USAGE;
			break;
		default:
			return EXIT_USAGE;
		}
	}
	if (add && !request->has_local)
		return usage_error(broker,
				   "link \"%s\" needs local ADDRESS, this server's IPv4 address",
				   request->name);
	return 0;
}

/* Is there anything that the module, not the core, takes? */
static bool has_data(const struct link_request *request)
{
	return request->has_local || request->has_public || request->ttl || request->tos >= 0 ||
	       request->isolate >= 0 || request->clients_max != ULONG_MAX ||
	       request->pools_max != ULONG_MAX;
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
	if (request->isolate >= 0)
		nla_put_u8(msg, IFLA_SITBROKER_ISOLATE, request->isolate);
	if (request->clients_max != ULONG_MAX)
		nla_put_u32(msg, IFLA_SITBROKER_CLIENTS_MAX, request->clients_max);
	if (request->pools_max != ULONG_MAX)
		nla_put_u32(msg, IFLA_SITBROKER_POOLS_MAX, request->pools_max);
	nla_nest_end(msg, data);
	nla_nest_end(msg, info);
}

/* Add a link (ifindex 0) or change one. Return: 0 or a negative errno. */
static int link_request(struct broker *broker, const struct link_request *request,
			uint32_t ifindex)
{
	struct ifinfomsg interface = { .ifi_family = AF_UNSPEC, .ifi_index = ifindex };
	bool add = !ifindex;
	struct nl_msg *msg;
	int err;

	msg = nlmsg_alloc_simple(RTM_NEWLINK,
				 NLM_F_REQUEST | (add ? NLM_F_CREATE | NLM_F_EXCL : 0));
	if (add || request->up >= 0) {
		interface.ifi_change = IFF_UP;
		interface.ifi_flags = add || request->up ? IFF_UP : 0;
	}
	nlmsg_append(msg, &interface, sizeof(interface), NLMSG_ALIGNTO);
	/* With an index it would be a new name, which Linux before 6.2 refuses while up. */
	if (add)
		nla_put_string(msg, IFLA_IFNAME, request->name);
	if (request->mtu)
		nla_put_u32(msg, IFLA_MTU, request->mtu);
	if (add || has_data(request))
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

	if (link_parse(broker, words, true, &request))
		return EXIT_USAGE;
	if (kernel_family(&broker->kernel))
		return refused(broker, NULL);
	if (if_nametoindex(request.name))
		return refuse(broker, EEXIST, "link \"%s\" exists; use link set, or another name",
			      request.name);
	err = link_request(broker, &request, 0);
	snprintf(what, sizeof(what), "link \"%s\"", request.name);
	return err ? refused(broker, what) : EXIT_OK;
}

int no_link(struct broker *broker, const char *name)
{
	return refuse(broker, ENODEV, "there is no sitbroker link \"%s\"; see brokertool link show",
		      name);
}

/* The index of a link of ours, or 0 after a complaint. */
static uint32_t link_index(struct broker *broker, const char *name, struct link_info *link)
{
	uint32_t ifindex = if_nametoindex(name);

	if (ifindex && !link_info_get(broker, ifindex, link))
		return ifindex;
	if (kernel_family(&broker->kernel) ||
	    (ifindex && broker->kernel.refusal.error != ENODEV))
		refused(broker, NULL);
	else
		no_link(broker, name);
	return 0;
}

static int link_set(struct broker *broker, struct words *words)
{
	struct link_request request;
	struct link_info link;
	uint32_t ifindex;
	char what[64];

	if (link_parse(broker, words, false, &request))
		return EXIT_USAGE;
	ifindex = link_index(broker, request.name, &link);
	if (!ifindex)
		return EXIT_REFUSED;
	snprintf(what, sizeof(what), "link \"%s\"", request.name);
	if (link_request(broker, &request, ifindex))
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
