// SPDX-License-Identifier: GPL-2.0
/*
 * Routes of pools. The module cannot install them itself.
 *
 * They lead to a link-local gateway that does not exist: with a direct route
 * the kernel would keep a neighbour entry for every destination.
 */

#include <errno.h>
#include <ifaddrs.h>
#include <linux/if_link.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "brokertool.h"

/* Routing daemons must tell our routes from others: a number that nobody else uses. */
#define RTPROT_SITBROKER	66

/* What the kernel gives to a route that says none. */
#define METRIC			1024

static const struct in6_addr gateway = { .s6_addr = { 0xfe, 0x80, [15] = 1 } };

static int read_vrf(struct nl_msg *msg, void *arg)
{
	struct nlattr *tb[IFLA_MAX + 1], *info[IFLA_INFO_MAX + 1], *port[IFLA_VRF_PORT_MAX + 1];
	struct link_vrf *vrf = arg;

	if (nlmsg_parse(nlmsg_hdr(msg), sizeof(struct ifinfomsg), tb, IFLA_MAX, NULL) < 0 ||
	    !tb[IFLA_LINKINFO] ||
	    nla_parse_nested(info, IFLA_INFO_MAX, tb[IFLA_LINKINFO], NULL) < 0 ||
	    !info[IFLA_INFO_SLAVE_KIND] || !info[IFLA_INFO_SLAVE_DATA] ||
	    nla_strcmp(info[IFLA_INFO_SLAVE_KIND], "vrf"))
		return NL_OK;
	if (!nla_parse_nested(port, IFLA_VRF_PORT_MAX, info[IFLA_INFO_SLAVE_DATA], NULL) &&
	    port[IFLA_VRF_PORT_TABLE]) {
		vrf->table = nla_get_u32(port[IFLA_VRF_PORT_TABLE]);
		vrf->ifindex = tb[IFLA_MASTER] ? nla_get_u32(tb[IFLA_MASTER]) : 0;
	}
	return NL_OK;
}

/**
 * link_vrf() - which routes are a device's?
 * @broker: the invocation
 * @ifindex: of the device
 *
 * Return: its VRF and the table of that, or the main table.
 */
struct link_vrf link_vrf(struct broker *broker, uint32_t ifindex)
{
	struct ifinfomsg interface = { .ifi_family = AF_UNSPEC, .ifi_index = ifindex };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETLINK, NLM_F_REQUEST);
	struct link_vrf vrf = { .table = RT_TABLE_MAIN };

	nlmsg_append(msg, &interface, sizeof(interface), NLMSG_ALIGNTO);
	kernel_request(&broker->kernel, broker->kernel.route, msg, read_vrf, &vrf);
	nlmsg_free(msg);
	return vrf;
}

/* The table that is asked for the routes of a link. */
static uint32_t link_table(struct broker *broker, uint32_t ifindex)
{
	return link_vrf(broker, ifindex).table;
}

static int route_change(struct broker *broker, int type, int flags, uint32_t ifindex,
			uint32_t table, const struct prefix *prefix)
{
	struct rtmsg route = {
		.rtm_family = AF_INET6,
		.rtm_dst_len = prefix->length,
		.rtm_table = RT_TABLE_UNSPEC,
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
	nla_put_u32(msg, RTA_TABLE, table);
	err = kernel_request(&broker->kernel, broker->kernel.route, msg, NULL, NULL);
	nlmsg_free(msg);
	return err;
}

/* A route that is not there is no error: it went when the link was set down. */
int route_remove(struct broker *broker, uint32_t ifindex, const struct prefix *prefix)
{
	uint32_t table = link_table(broker, ifindex);
	int err = route_change(broker, RTM_DELROUTE, 0, ifindex, table, prefix);

	return err == -ESRCH ? 0 : err;
}

struct pool_check {
	const struct prefix *pool;
	uint32_t table;
	char complaint[256];
};

/* The first complaint counts. */
__attribute__((format(printf, 2, 3)))
static void complain(struct pool_check *check, const char *format, ...)
{
	va_list args;

	if (*check->complaint)
		return;
	va_start(args, format);
	vsnprintf(check->complaint, sizeof(check->complaint), format, args);
	va_end(args);
}

static void check_gateway(struct pool_check *check, const struct in6_addr *via)
{
	char pool[PREFIX_STRLEN], address[INET6_ADDRSTRLEN];

	if (prefix_holds(check->pool, via))
		complain(check, "pool %s holds %s, a gateway of this host; take a part without it",
			 prefix_text(check->pool, pool), ipv6_text(via, address));
}

/* A gateway of an IPv6 route, or an IPv6 gateway of an IPv4 route (RFC 8950). */
static void check_path(struct pool_check *check, const struct rtmsg *route,
		       struct nlattr *gateway, struct nlattr *via)
{
	struct in6_addr address;
	struct rtvia *rtvia;

	if (gateway && route->rtm_family == AF_INET6)
		check_gateway(check, nla_data(gateway));
	if (!via)
		return;
	rtvia = nla_data(via);
	if (rtvia->rtvia_family != AF_INET6)
		return;
	memcpy(&address, rtvia->rtvia_addr, sizeof(address));
	check_gateway(check, &address);
}

static void check_paths(struct pool_check *check, const struct rtmsg *route,
			struct nlattr *paths)
{
	struct rtnexthop *path = nla_data(paths);
	int rest = nla_len(paths);

	for (; RTNH_OK(path, rest); rest -= RTNH_ALIGN(path->rtnh_len), path = RTNH_NEXT(path)) {
		struct nlattr *attrs = (struct nlattr *)RTNH_DATA(path);
		int len = path->rtnh_len - sizeof(*path);

		check_path(check, route, nla_find(attrs, len, RTA_GATEWAY),
			   nla_find(attrs, len, RTA_VIA));
	}
}

/* Is it a single address of this host, the prefix of its device, too? */
static bool is_own(const struct prefix *destination)
{
	struct ifaddrs *list, *entry;
	bool own = false;

	if (destination->length < 128 || getifaddrs(&list))
		return false;
	for (entry = list; entry && !own; entry = entry->ifa_next)
		own = entry->ifa_addr && entry->ifa_addr->sa_family == AF_INET6 &&
		      !memcmp(&((struct sockaddr_in6 *)entry->ifa_addr)->sin6_addr,
			      &destination->address, sizeof(destination->address));
	freeifaddrs(list);
	return own;
}

/* A route without a gateway: its destinations are neighbours, or this host itself. */
static void check_onlink(struct pool_check *check, const struct rtmsg *route,
			 const struct prefix *destination)
{
	char pool[PREFIX_STRLEN], text[PREFIX_STRLEN];

	prefix_text(check->pool, pool);
	prefix_text(destination, text);
	if (route->rtm_type == RTN_LOCAL) {
		/* Single addresses of this host are the module's to refuse. */
		if (destination->length < 128 &&
		    (prefix_holds(check->pool, &destination->address) ||
		     prefix_holds(destination, &check->pool->address)))
			complain(check,
				 "pool %s shares addresses with %s, all of which are this host's own; take others",
				 pool, text);
	} else if (destination->length >= check->pool->length && !is_own(destination) &&
		   prefix_holds(check->pool, &destination->address)) {
		complain(check, destination->length < 128 ?
			 "pool %s holds all of %s, which is on-link here; take a part of it" :
			 "pool %s holds %s, a neighbour of this host; take a part without it",
			 pool, text);
	}
}

static uint32_t route_table(const struct rtmsg *route, struct nlattr **tb)
{
	return tb[RTA_TABLE] ? nla_get_u32(tb[RTA_TABLE]) : route->rtm_table;
}

/* A route that somebody else made would be taken instead of ours, or ours instead of it. */
static void check_same(struct pool_check *check, const struct rtmsg *route, struct nlattr **tb,
		       const struct prefix *destination)
{
	uint32_t metric = tb[RTA_PRIORITY] ? nla_get_u32(tb[RTA_PRIORITY]) : 0;
	char text[PREFIX_STRLEN];

	if (route_table(route, tb) != check->table || metric > METRIC ||
	    destination->length != check->pool->length ||
	    !prefix_holds(check->pool, &destination->address))
		return;
	prefix_text(destination, text);
	complain(check, "there is a route to %s already; remove it first: ip -6 route del %s",
		 text, text);
}

static int check_route(struct nl_msg *msg, void *arg)
{
	struct rtmsg *route = nlmsg_data(nlmsg_hdr(msg));
	struct prefix destination = { .length = route->rtm_dst_len };
	struct nlattr *tb[RTA_MAX + 1];
	struct pool_check *check = arg;
	bool gateway;

	if (nlmsg_parse(nlmsg_hdr(msg), sizeof(*route), tb, RTA_MAX, NULL) < 0 ||
	    route->rtm_protocol == RTPROT_SITBROKER)
		return NL_OK;
	gateway = tb[RTA_GATEWAY] || tb[RTA_VIA] || tb[RTA_MULTIPATH];
	check_path(check, route, tb[RTA_GATEWAY], tb[RTA_VIA]);
	if (tb[RTA_MULTIPATH])
		check_paths(check, route, tb[RTA_MULTIPATH]);
	if (route->rtm_family != AF_INET6 || !tb[RTA_DST])
		return NL_OK;
	nla_memcpy(&destination.address, tb[RTA_DST], 16);
	if (!gateway && (route->rtm_type == RTN_UNICAST || route->rtm_type == RTN_LOCAL))
		check_onlink(check, route, &destination);
	check_same(check, route, tb, &destination);
	return NL_OK;
}

/* Somebody else's route to the very pool, in the place of ours. */
static int check_other(struct nl_msg *msg, void *arg)
{
	struct rtmsg *route = nlmsg_data(nlmsg_hdr(msg));
	struct prefix destination = { .length = route->rtm_dst_len };
	struct nlattr *tb[RTA_MAX + 1];

	if (nlmsg_parse(nlmsg_hdr(msg), sizeof(*route), tb, RTA_MAX, NULL) < 0 || !tb[RTA_DST] ||
	    route->rtm_family != AF_INET6 || route->rtm_protocol == RTPROT_SITBROKER)
		return NL_OK;
	nla_memcpy(&destination.address, tb[RTA_DST], 16);
	check_same(arg, route, tb, &destination);
	return NL_OK;
}

/* Routes can name a gateway by an object of its own. */
static int check_nexthop(struct nl_msg *msg, void *arg)
{
	struct nhmsg *nexthop = nlmsg_data(nlmsg_hdr(msg));
	struct nlattr *tb[NHA_MAX + 1];

	if (nlmsg_parse(nlmsg_hdr(msg), sizeof(*nexthop), tb, NHA_MAX, NULL) < 0 ||
	    nexthop->nh_family != AF_INET6 || !tb[NHA_GATEWAY])
		return NL_OK;
	check_gateway(arg, nla_data(tb[NHA_GATEWAY]));
	return NL_OK;
}

/* Look at all routes, or the like. Return: 0 or a negative errno. */
static int dump(struct broker *broker, int type, const void *header, size_t size,
		int (*each)(struct nl_msg *msg, void *arg), void *arg)
{
	struct nl_msg *msg = nlmsg_alloc_simple(type, NLM_F_REQUEST | NLM_F_DUMP);
	unsigned int tries = 0;
	int err;

	nlmsg_append(msg, (void *)header, size, NLMSG_ALIGNTO);
	do {
		err = kernel_request(&broker->kernel, broker->kernel.route, msg, each, arg);
		nlmsg_hdr(msg)->nlmsg_seq = NL_AUTO_SEQ;
	} while (err == -EINTR && ++tries < DUMP_TRIES);
	nlmsg_free(msg);
	/* On a busy router routes always change: those that stay were seen. */
	return err == -EINTR ? 0 : err;
}

static int dump_routes(struct broker *broker, int family,
		       int (*each)(struct nl_msg *msg, void *arg), void *arg)
{
	struct rtmsg route = { .rtm_family = family, .rtm_table = RT_TABLE_UNSPEC };

	return dump(broker, RTM_GETROUTE, &route, sizeof(route), each, arg);
}

/**
 * route_install() - make the route to a pool
 * @broker: the invocation
 * @ifindex: of the link
 * @prefix: the pool
 *
 * One that is there already is fine, unless it is somebody else's.
 *
 * Return: 0 or a negative errno; -ENETDOWN while the link is down, -EEXIST with
 * the reason in the refusal where there is another's route.
 */
int route_install(struct broker *broker, uint32_t ifindex, const struct prefix *prefix)
{
	struct pool_check check = { .pool = prefix, .table = link_table(broker, ifindex) };
	struct refusal *refusal = &broker->kernel.refusal;
	int err;

	err = route_change(broker, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, ifindex, check.table,
			   prefix);
	if (err != -EEXIST)
		return err;
	err = dump_routes(broker, AF_INET6, check_other, &check);
	if (err || !*check.complaint)
		return err;
	*refusal = (struct refusal) { .error = EEXIST };
	snprintf(refusal->text, sizeof(refusal->text), "%s", check.complaint);
	return -EEXIST;
}

/**
 * route_check_pool() - would a pool take addresses that this host needs?
 * @broker: the invocation
 * @ifindex: of its link, 0 where that is the only one
 * @prefix: the pool
 *
 * The module itself refuses a pool with an address of this host.
 *
 * Return: exit code, after a complaint.
 */
int route_check_pool(struct broker *broker, uint32_t ifindex, const struct prefix *prefix)
{
	struct pool_check check = { .pool = prefix, .table = RT_TABLE_MAIN };
	struct nhmsg nexthop = {};
	struct link_info link;

	/* Which one is meant may have to be said; the module will refuse the pool then. */
	if (!ifindex && !link_info_get(broker, 0, &link))
		ifindex = link.ifindex;
	if (ifindex)
		check.table = link_table(broker, ifindex);
	if (dump_routes(broker, AF_INET6, check_route, &check) ||
	    dump_routes(broker, AF_INET, check_route, &check) ||
	    dump(broker, RTM_GETNEXTHOP, &nexthop, sizeof(nexthop), check_nexthop, &check))
		return refused(broker, "the host's routes cannot be read");
	if (!*check.complaint)
		return EXIT_OK;
	return refuse(broker, EADDRINUSE, "%s", check.complaint);
}

struct route_visit {
	uint32_t ifindex;
	uint32_t table;
	void (*visit)(const struct prefix *prefix, void *arg);
	void *arg;
};

static int visit_route(struct nl_msg *msg, void *arg)
{
	struct rtmsg *route = nlmsg_data(nlmsg_hdr(msg));
	struct prefix destination = { .length = route->rtm_dst_len };
	struct route_visit *visit = arg;
	struct nlattr *tb[RTA_MAX + 1];

	if (nlmsg_parse(nlmsg_hdr(msg), sizeof(*route), tb, RTA_MAX, NULL) < 0 || !tb[RTA_DST] ||
	    !tb[RTA_OIF] || route->rtm_family != AF_INET6 ||
	    route->rtm_protocol != RTPROT_SITBROKER || route_table(route, tb) != visit->table ||
	    nla_get_u32(tb[RTA_OIF]) != visit->ifindex)
		return NL_OK;
	nla_memcpy(&destination.address, tb[RTA_DST], 16);
	visit->visit(&destination, visit->arg);
	return NL_OK;
}

/**
 * route_visit() - look at the routes to pools of a link
 * @broker: the invocation
 * @ifindex: of the link
 * @visit: called for each, perhaps twice where routes change meanwhile
 * @arg: for @visit
 *
 * Return: 0 or a negative errno.
 */
int route_visit(struct broker *broker, uint32_t ifindex,
		void (*visit)(const struct prefix *prefix, void *arg), void *arg)
{
	struct route_visit all = {
		.ifindex = ifindex,
		.table = link_table(broker, ifindex),
		.visit = visit,
		.arg = arg,
	};
	struct rtmsg route = { .rtm_family = AF_INET6, .rtm_table = RT_TABLE_UNSPEC };

	return dump(broker, RTM_GETROUTE, &route, sizeof(route), visit_route, &all);
}

struct router_visit {
	void (*visit)(uint32_t ifindex, void *arg);
	void *arg;
};

static int visit_router(struct nl_msg *msg, void *arg)
{
	struct rtmsg *route = nlmsg_data(nlmsg_hdr(msg));
	struct nlattr *tb[RTA_MAX + 1];
	struct router_visit *visit = arg;

	if (nlmsg_parse(nlmsg_hdr(msg), sizeof(*route), tb, RTA_MAX, NULL) >= 0 &&
	    route->rtm_family == AF_INET6 && !route->rtm_dst_len &&
	    route->rtm_protocol == RTPROT_RA && tb[RTA_OIF])
		visit->visit(nla_get_u32(tb[RTA_OIF]), visit->arg);
	return NL_OK;
}

/* Visit the devices with a default route that a router has advertised. */
int router_visit(struct broker *broker, void (*visit)(uint32_t ifindex, void *arg), void *arg)
{
	struct rtmsg route = { .rtm_family = AF_INET6, .rtm_table = RT_TABLE_UNSPEC };

	return dump(broker, RTM_GETROUTE, &route, sizeof(route), visit_router,
		    &(struct router_visit) { visit, arg });
}

struct onlink_visit {
	void (*visit)(const struct prefix *prefix, uint32_t ifindex, uint32_t table, void *arg);
	void *arg;
};

static int visit_onlink(struct nl_msg *msg, void *arg)
{
	struct rtmsg *route = nlmsg_data(nlmsg_hdr(msg));
	struct prefix prefix = { .length = route->rtm_dst_len };
	struct nlattr *tb[RTA_MAX + 1];
	struct onlink_visit *visit = arg;

	if (nlmsg_parse(nlmsg_hdr(msg), sizeof(*route), tb, RTA_MAX, NULL) < 0 ||
	    route->rtm_family != AF_INET6 || route->rtm_type != RTN_UNICAST || !tb[RTA_DST] ||
	    !tb[RTA_OIF] || tb[RTA_GATEWAY] || tb[RTA_VIA] || tb[RTA_MULTIPATH] || tb[RTA_ENCAP])
		return NL_OK;
	nla_memcpy(&prefix.address, tb[RTA_DST], 16);
	visit->visit(&prefix, nla_get_u32(tb[RTA_OIF]), route_table(route, tb), visit->arg);
	return NL_OK;
}

/* Visit the destinations that a route takes for neighbours, perhaps twice, single ones too. */
int onlink_visit(struct broker *broker,
		 void (*visit)(const struct prefix *prefix, uint32_t ifindex, uint32_t table,
			       void *arg),
		 void *arg)
{
	return dump_routes(broker, AF_INET6, visit_onlink,
			   &(struct onlink_visit) { visit, arg });
}

static int see_device(struct nl_msg *msg, void *arg)
{
	struct nlattr *tb[RTA_MAX + 1];

	if (nlmsg_parse(nlmsg_hdr(msg), sizeof(struct rtmsg), tb, RTA_MAX, NULL) >= 0 &&
	    tb[RTA_OIF])
		*(uint32_t *)arg = nla_get_u32(tb[RTA_OIF]);
	return NL_OK;
}

/**
 * route_device() - where does a packet leave?
 * @broker: the invocation
 * @family: AF_INET or AF_INET6
 * @address: its destination
 * @vrf: the VRF it comes from, 0 for none
 *
 * Return: the index of that device, 0 for none.
 */
uint32_t route_device(struct broker *broker, int family, const void *address, uint32_t vrf)
{
	int size = family == AF_INET ? sizeof(struct in_addr) : sizeof(struct in6_addr);
	struct rtmsg header = { .rtm_family = family, .rtm_dst_len = 8 * size };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETROUTE, NLM_F_REQUEST);
	uint32_t oif = 0;

	nlmsg_append(msg, &header, sizeof(header), NLMSG_ALIGNTO);
	nla_put(msg, RTA_DST, size, address);
	if (vrf)
		nla_put_u32(msg, RTA_OIF, vrf);
	kernel_request(&broker->kernel, broker->kernel.route, msg, see_device, &oif);
	nlmsg_free(msg);
	return oif;
}
