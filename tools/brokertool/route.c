// SPDX-License-Identifier: GPL-2.0
/*
 * Routes of pools. The module cannot install them itself.
 *
 * They lead to a link-local gateway that does not exist: with a direct route
 * the kernel would keep a neighbour entry for every destination.
 */

#include <errno.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <string.h>

#include "brokertool.h"

/* Routing daemons must tell our routes from others: a number that nobody else uses. */
#define RTPROT_SITBROKER	66

static const struct in6_addr gateway = { .s6_addr = { 0xfe, 0x80, [15] = 1 } };

static int route_change(struct broker *broker, int type, int flags, uint32_t ifindex,
			const struct prefix *prefix)
{
	struct rtmsg route = {
		.rtm_family = AF_INET6,
		.rtm_dst_len = prefix->length,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_SITBROKER,
		.rtm_scope = type == RTM_NEWROUTE ? RT_SCOPE_UNIVERSE : RT_SCOPE_NOWHERE,
		.rtm_type = RTN_UNICAST,
	};
	struct nl_msg *msg = nlmsg_alloc_simple(type, NLM_F_REQUEST | flags);
	int err;

	nlmsg_append(msg, &route, sizeof(route), NLMSG_ALIGNTO);
	nla_put(msg, RTA_DST, 16, &prefix->address);
	nla_put(msg, RTA_GATEWAY, 16, &gateway);
	nla_put_u32(msg, RTA_OIF, ifindex);
	err = kernel_request(&broker->kernel, broker->kernel.route, msg, NULL, NULL);
	nlmsg_free(msg);
	return err;
}

/* Return: 0 or a negative errno; -ENETDOWN while the link is down. */
int route_install(struct broker *broker, uint32_t ifindex, const struct prefix *prefix)
{
	return route_change(broker, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, ifindex, prefix);
}

/* A route that is not there is no error: it went when the link was set down. */
int route_remove(struct broker *broker, uint32_t ifindex, const struct prefix *prefix)
{
	int err = route_change(broker, RTM_DELROUTE, 0, ifindex, prefix);

	return err == -ESRCH ? 0 : err;
}

struct pool_check {
	const struct prefix *pool;
	char complaint[256];
};

static void check_gateway(struct pool_check *check, const struct in6_addr *via)
{
	char pool[PREFIX_STRLEN], address[INET6_ADDRSTRLEN];

	if (prefix_holds(check->pool, via))
		snprintf(check->complaint, sizeof(check->complaint),
			 "pool %s holds %s, a gateway of this host; take a part without it",
			 prefix_text(check->pool, pool), ipv6_text(via, address));
}

static void check_gateways(struct pool_check *check, struct nlattr *paths)
{
	struct rtnexthop *path = nla_data(paths);
	int rest = nla_len(paths);

	for (; RTNH_OK(path, rest); rest -= RTNH_ALIGN(path->rtnh_len), path = RTNH_NEXT(path)) {
		struct nlattr *via = nla_find((struct nlattr *)RTNH_DATA(path),
					      path->rtnh_len - sizeof(*path), RTA_GATEWAY);

		if (via)
			check_gateway(check, nla_data(via));
	}
}

static int check_route(struct nl_msg *msg, void *arg)
{
	struct rtmsg *route = nlmsg_data(nlmsg_hdr(msg));
	struct prefix destination = { .length = route->rtm_dst_len };
	char pool[PREFIX_STRLEN], text[PREFIX_STRLEN];
	struct nlattr *tb[RTA_MAX + 1];
	struct pool_check *check = arg;

	if (nlmsg_parse(nlmsg_hdr(msg), sizeof(*route), tb, RTA_MAX, NULL) < 0 ||
	    route->rtm_type != RTN_UNICAST || route->rtm_protocol == RTPROT_SITBROKER)
		return NL_OK;
	if (tb[RTA_GATEWAY])
		check_gateway(check, nla_data(tb[RTA_GATEWAY]));
	else if (tb[RTA_MULTIPATH])
		check_gateways(check, tb[RTA_MULTIPATH]);
	if (tb[RTA_GATEWAY] || tb[RTA_MULTIPATH] || !tb[RTA_DST])
		return NL_OK;

	/* On-link: a pool may be a part of it, but not all of it. */
	nla_memcpy(&destination.address, tb[RTA_DST], 16);
	if (destination.length >= check->pool->length && destination.length < 128 &&
	    prefix_holds(check->pool, &destination.address))
		snprintf(check->complaint, sizeof(check->complaint),
			 "pool %s holds all of %s, which is on-link at this host; take a part of it",
			 prefix_text(check->pool, pool), prefix_text(&destination, text));
	return NL_OK;
}

/**
 * route_check_pool() - would a pool take addresses that this host needs?
 * @broker: the invocation
 * @prefix: the pool
 *
 * The module itself refuses a pool with an address of this host.
 *
 * Return: exit code, after a complaint.
 */
int route_check_pool(struct broker *broker, const struct prefix *prefix)
{
	struct rtmsg route = { .rtm_family = AF_INET6, .rtm_table = RT_TABLE_UNSPEC };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETROUTE, NLM_F_REQUEST | NLM_F_DUMP);
	struct pool_check check = { .pool = prefix };
	unsigned int tries = 0;
	int err;

	nlmsg_append(msg, &route, sizeof(route), NLMSG_ALIGNTO);
	do {
		err = kernel_request(&broker->kernel, broker->kernel.route, msg, check_route,
				     &check);
		nlmsg_hdr(msg)->nlmsg_seq = NL_AUTO_SEQ;
	} while (err == -EINTR && ++tries < DUMP_TRIES);
	nlmsg_free(msg);
	/* On a busy router routes always change: those that stay were seen. */
	if (err && err != -EINTR)
		return refused(broker, "the host's routes cannot be read");
	if (!*check.complaint)
		return EXIT_OK;
	return refuse(broker, EADDRINUSE, "%s", check.complaint);
}
