// SPDX-License-Identifier: GPL-2.0
/* What the kernel has of a link, as a configuration would say it. */

#include <errno.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"

static int read_link(struct broker *broker, const struct item *item, void *arg)
{
	struct nlattr *tb[SITBROKER_A_LINK_MAX + 1];
	struct config *config = arg;

	(void)broker;
	if (nla_parse_nested(tb, SITBROKER_A_LINK_MAX, item->nest, NULL) ||
	    !tb[SITBROKER_A_LINK_UP])
		return 0;
	config->exists = true;
	config->ifindex = item->ifindex;
	config->local.s_addr = nla_get_u32(tb[SITBROKER_A_LINK_LOCAL]);
	config->public.s_addr = nla_get_u32(tb[SITBROKER_A_LINK_PUBLIC]);
	config->ttl = nla_get_u8(tb[SITBROKER_A_LINK_TTL]);
	config->tos = nla_get_u8(tb[SITBROKER_A_LINK_TOS]);
	config->inherit = nla_get_u8(tb[SITBROKER_A_LINK_TOS_INHERIT]);
	config->mtu = nla_get_u32(tb[SITBROKER_A_LINK_MTU]);
	config->isolate = nla_get_u8(tb[SITBROKER_A_LINK_ISOLATE]);
	config->clients_max = nla_get_u32(tb[SITBROKER_A_LINK_CLIENTS_MAX]);
	config->pools_max = nla_get_u32(tb[SITBROKER_A_LINK_POOLS_MAX]);
	config->up = nla_get_u8(tb[SITBROKER_A_LINK_UP]);
	return 0;
}

static int read_pool(struct broker *broker, const struct item *item, void *arg)
{
	struct nlattr *tb[SITBROKER_A_POOL_MAX + 1];
	struct config *config = arg;
	struct config_pool pool = {};

	(void)broker;
	if (nla_parse_nested(tb, SITBROKER_A_POOL_MAX, item->nest, NULL) ||
	    prefix_get(tb[SITBROKER_A_POOL_PREFIX], &pool.prefix))
		return 0;
	pool.kind = nla_get_u32(tb[SITBROKER_A_POOL_KIND]);
	pool.cut = nla_get_u8(tb[SITBROKER_A_POOL_CUT_LENGTH]);
	config->pools = config_grow(config->pools, config->n_pools, sizeof(pool));
	config->pools[config->n_pools++] = pool;
	return 0;
}

static int read_client(struct broker *broker, const struct item *item, void *arg)
{
	struct nlattr *tb[SITBROKER_A_CLIENT_MAX + 1], *attr;
	struct config *config = arg;
	struct config_client *client;
	struct prefix prefix;
	int rest;

	(void)broker;
	if (nla_parse_nested(tb, SITBROKER_A_CLIENT_MAX, item->nest, NULL) ||
	    !tb[SITBROKER_A_CLIENT_NAME] || !tb[SITBROKER_A_CLIENT_PAIR])
		return 0;
	config->clients = config_grow(config->clients, config->n_clients,
				      sizeof(*config->clients));
	client = &config->clients[config->n_clients++];
	snprintf(client->name, sizeof(client->name), "%s",
		 nla_get_string(tb[SITBROKER_A_CLIENT_NAME]));
	client->has_endpoint = true;
	if (tb[SITBROKER_A_CLIENT_ENDPOINT])
		client->endpoint.s_addr = nla_get_u32(tb[SITBROKER_A_CLIENT_ENDPOINT]);
	client->has_pair = true;
	nla_memcpy(&client->pair, tb[SITBROKER_A_CLIENT_PAIR], sizeof(client->pair));
	client->has_routed = true;
	nla_for_each_nested(attr, item->nest, rest) {
		if (nla_type(attr) != SITBROKER_A_CLIENT_ROUTED || prefix_get(attr, &prefix))
			continue;
		client->routed = config_grow(client->routed, client->n_routed, sizeof(prefix));
		client->routed[client->n_routed++] = prefix;
	}
	if (!tb[SITBROKER_A_CLIENT_MTU_AUTO])
		client->mtu = nla_get_u16(tb[SITBROKER_A_CLIENT_MTU]);
	client->pmtudisc = tb[SITBROKER_A_CLIENT_PMTUDISC] &&
			   nla_get_u8(tb[SITBROKER_A_CLIENT_PMTUDISC]);
	client->filter = !tb[SITBROKER_A_CLIENT_FILTER] ||
			 nla_get_u8(tb[SITBROKER_A_CLIENT_FILTER]);
	client->disabled = nla_get_u32(tb[SITBROKER_A_CLIENT_STATE]) ==
			   SITBROKER_CLIENT_STATE_DISABLED;
	return 0;
}

static int read_uplink(struct broker *broker, const struct item *item, void *arg)
{
	struct nlattr *tb[SITBROKER_A_UPLINK_MAX + 1];
	struct config *config = arg;
	struct config_uplink uplink = {};

	(void)broker;
	if (nla_parse_nested(tb, SITBROKER_A_UPLINK_MAX, item->nest, NULL) ||
	    !tb[SITBROKER_A_UPLINK_IFNAME] || !tb[SITBROKER_A_UPLINK_SOURCE])
		return 0;
	snprintf(uplink.device, sizeof(uplink.device), "%s",
		 nla_get_string(tb[SITBROKER_A_UPLINK_IFNAME]));
	uplink.source = nla_get_u32(tb[SITBROKER_A_UPLINK_SOURCE]);
	if (tb[SITBROKER_A_UPLINK_SOURCE_ADDRESS])
		nla_memcpy(&uplink.address, tb[SITBROKER_A_UPLINK_SOURCE_ADDRESS],
			   sizeof(uplink.address));
	uplink.router = nla_get_u8(tb[SITBROKER_A_UPLINK_ROUTER]);
	uplink.rate = nla_get_u32(tb[SITBROKER_A_UPLINK_RATE]);
	config->uplinks = config_grow(config->uplinks, config->n_uplinks, sizeof(uplink));
	config->uplinks[config->n_uplinks++] = uplink;
	return 0;
}

static void read_place(struct config_list *list, struct nlattr *nest)
{
	struct nlattr *tb[SITBROKER_A_ATTACHMENT_MAX + 1];
	struct config_place place = {};

	if (nla_parse_nested(tb, SITBROKER_A_ATTACHMENT_MAX, nest, NULL) ||
	    !tb[SITBROKER_A_ATTACHMENT_SCOPE])
		return;
	place.scope = nla_get_u32(tb[SITBROKER_A_ATTACHMENT_SCOPE]);
	if (tb[SITBROKER_A_ATTACHMENT_POSITION])
		place.position = nla_get_u32(tb[SITBROKER_A_ATTACHMENT_POSITION]);
	if (tb[SITBROKER_A_ATTACHMENT_IFNAME])
		snprintf(place.device, sizeof(place.device), "%s",
			 nla_get_string(tb[SITBROKER_A_ATTACHMENT_IFNAME]));
	else if (tb[SITBROKER_A_ATTACHMENT_IFINDEX])
		link_name(nla_get_u32(tb[SITBROKER_A_ATTACHMENT_IFINDEX]), place.device);
	list->places = config_grow(list->places, list->n_places, sizeof(place));
	list->places[list->n_places++] = place;
}

/* All lists of the namespace, whoever loaded them. */
static int read_list(struct broker *broker, const struct item *item, void *arg)
{
	struct nlattr *tb[SITBROKER_A_FILTER_MAX + 1], *attr;
	struct config *config = arg;
	struct config_list *list;
	int rest;

	(void)broker;
	if (nla_parse_nested(tb, SITBROKER_A_FILTER_MAX, item->nest, NULL) ||
	    !tb[SITBROKER_A_FILTER_NAME] || !tb[SITBROKER_A_FILTER_ACTION])
		return 0;
	config->lists = config_grow(config->lists, config->n_lists, sizeof(*list));
	list = &config->lists[config->n_lists++];
	snprintf(list->name, sizeof(list->name), "%s",
		 nla_get_string(tb[SITBROKER_A_FILTER_NAME]));
	list->has_action = true;
	list->action = nla_get_u32(tb[SITBROKER_A_FILTER_ACTION]);
	nla_for_each_nested(attr, item->nest, rest)
		if (nla_type(attr) == SITBROKER_A_FILTER_ATTACHMENT)
			read_place(list, attr);
	return 0;
}

static int read_memory(struct broker *broker, const struct item *item, void *arg)
{
	struct nlattr *tb[SITBROKER_A_MEMORY_MAX + 1];
	struct config *config = arg;

	(void)broker;
	if (!nla_parse_nested(tb, SITBROKER_A_MEMORY_MAX, item->nest, NULL) &&
	    tb[SITBROKER_A_MEMORY_BYTES_MAX])
		config->filter_memory = nla_get_u64(tb[SITBROKER_A_MEMORY_BYTES_MAX]);
	return 0;
}

static void keep_route(const struct prefix *prefix, void *arg)
{
	struct config *config = arg;

	config->routes = config_grow(config->routes, config->n_routes, sizeof(*prefix));
	config->routes[config->n_routes++] = *prefix;
}

/**
 * config_running() - ask the kernel
 * @broker: the invocation
 * @name: name of the link
 * @config: what there is, to be freed whatever is returned; nothing but filter
 *	lists, and their bound, where the link does not exist
 *
 * Return: 0 or an exit code, after a complaint.
 */
int config_running(struct broker *broker, const char *name, struct config *config)
{
	uint32_t ifindex = if_nametoindex(name);
	int err = 0;

	config_init(config, name);
	if (kernel_family(&broker->kernel))
		return refused(broker, NULL);
	if (ifindex) {
		err = items_visit(broker, change_message(SITBROKER_CMD_LINK_GET, ifindex),
				  SITBROKER_A_LINK, read_link, config);
		if (err && broker->kernel.refusal.error != ENODEV)
			return refused(broker, NULL);
		if (err)
			return refuse(broker, ENODEV,
				      "%s is another kind of network device; name the link, and its configuration, otherwise",
				      name);
		err = items_dump(broker, SITBROKER_CMD_POOL_GET, ifindex, SITBROKER_A_POOL,
				 read_pool, config) ?:
		      items_dump(broker, SITBROKER_CMD_CLIENT_GET, ifindex, SITBROKER_A_CLIENT,
				 read_client, config) ?:
		      items_dump(broker, SITBROKER_CMD_NDP_GET, ifindex, SITBROKER_A_UPLINK,
				 read_uplink, config) ?:
		      route_visit(broker, ifindex, keep_route, config);
	}
	if (!err)
		err = items_dump(broker, SITBROKER_CMD_FILTER_GET, 0, SITBROKER_A_FILTER, read_list,
				 config) ?:
		      items_visit(broker, filter_message(SITBROKER_CMD_FILTER_MEMORY_GET, 0, NULL),
				  SITBROKER_A_MEMORY, read_memory, config);
	return err ? refused(broker, NULL) : 0;
}
