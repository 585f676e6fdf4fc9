// SPDX-License-Identifier: GPL-2.0
/*
 * brokertool doctor: routes of this host. A link in a VRF has the routes of that
 * one, so they are looked at for each link.
 */

#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor.h"

/**
 * struct default_route - the IPv6 default route of a table
 * @table: the table
 * @found: there is one
 * @refused: there is one that refuses
 * @protocol: who made it
 * @metric: its metric
 * @oif: its device
 */
struct default_route {
	uint32_t table;
	bool found;
	bool refused;
	uint8_t protocol;
	uint32_t metric;
	uint32_t oif;
};

static uint32_t route_table(const struct rtmsg *route, struct nlattr **tb)
{
	return tb[RTA_TABLE] ? nla_get_u32(tb[RTA_TABLE]) : route->rtm_table;
}

static int see_route(struct nl_msg *msg, void *arg)
{
	struct rtmsg *route = nlmsg_data(nlmsg_hdr(msg));
	struct default_route *found = arg;
	struct nlattr *tb[RTA_MAX + 1];
	uint32_t metric;

	if (nlmsg_parse(nlmsg_hdr(msg), sizeof(*route), tb, RTA_MAX, NULL) < 0 ||
	    route->rtm_dst_len || route_table(route, tb) != found->table)
		return NL_OK;
	if (route->rtm_type != RTN_UNICAST) {
		found->refused = true;
		return NL_OK;
	}
	metric = tb[RTA_PRIORITY] ? nla_get_u32(tb[RTA_PRIORITY]) : 0;
	if (found->found && metric >= found->metric)
		return NL_OK;
	found->found = true;
	found->protocol = route->rtm_protocol;
	found->metric = metric;
	found->oif = 0;
	if (tb[RTA_OIF])
		found->oif = nla_get_u32(tb[RTA_OIF]);
	else if (tb[RTA_MULTIPATH])
		found->oif = ((struct rtnexthop *)nla_data(tb[RTA_MULTIPATH]))->rtnh_ifindex;
	return NL_OK;
}

static void dump_routes(struct doctor *doctor, int (*see)(struct nl_msg *msg, void *arg),
			void *arg)
{
	struct rtmsg header = { .rtm_family = AF_INET6 };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETROUTE, NLM_F_REQUEST | NLM_F_DUMP);

	nlmsg_append(msg, &header, sizeof(header), NLMSG_ALIGNTO);
	kernel_request(&doctor->broker->kernel, doctor->broker->kernel.route, msg, see, arg);
	nlmsg_free(msg);
}

static struct view *view_of(const struct doctor *doctor, const char *link)
{
	size_t i;

	for (i = 0; i < doctor->n_views; i++)
		if (!strcmp(doctor->views[i].link, link))
			return &doctor->views[i];
	return NULL;
}

static bool link_is_up(const struct doctor *doctor, const char *name)
{
	json_t *link;
	size_t i;

	json_array_foreach(doctor->links, i, link)
		if (!strcmp(text_of(link, "name"), name))
			return json_is_true(json_object_get(link, "up"));
	return false;
}

static void view_init(struct doctor *doctor, struct view *view, const char *link)
{
	struct link_vrf vrf = { .table = RT_TABLE_MAIN };

	*view = (struct view) {};
	snprintf(view->link, sizeof(view->link), "%s", link);
	if (*link)
		vrf = link_vrf(doctor->broker, if_nametoindex(link));
	view->table = vrf.table;
	view->vrf = vrf.ifindex;
	if (vrf.ifindex && if_indextoname(vrf.ifindex, view->vrf_name))
		snprintf(view->at, sizeof(view->at), " vrf %s", view->vrf_name);
}

/* Of several links with the same routes, one is enough. */
static void examine_default(struct doctor *doctor, struct view *view, bool first)
{
	struct default_route found = { .table = view->table };
	char device[IF_NAMESIZE] = "", name[64];

	dump_routes(doctor, see_route, &found);
	/* What a VRF has no route to, the main table may have. */
	if (!found.found && !found.refused && view->table != RT_TABLE_MAIN) {
		found.table = RT_TABLE_MAIN;
		dump_routes(doctor, see_route, &found);
	}
	if (found.found && found.oif && if_indextoname(found.oif, device))
		snprintf(view->uplink, sizeof(view->uplink), "%s", device);
	if (!first)
		return;
	setting_name(device, "accept_ra", name);
	if (!found.found)
		finding(doctor, PROBLEM, "default",
			json_sprintf("there is no IPv6 default route%s%s",
				     view->vrf ? " in VRF " : "", view->vrf_name),
			"clients reach this server and nothing beyond it; with forwarding on, a server that learns the route from router advertisements forgets it, unless sysctl net.ipv6.conf.UPLINK.accept_ra is 2",
			json_sprintf("ip -6 route add default via ROUTER dev UPLINK%s", view->at));
	else if (view_of(doctor, device))
		finding(doctor, PROBLEM, "loop",
			json_sprintf("the IPv6 default route leads into link %s", device),
			"what clients send comes back to the tunnels and is dropped there",
			json_sprintf("ip -6 route del default dev %s%s", device, view->at));
	/* Whoever does without the kernel, such as networkd, has switched this off: 0. */
	else if (found.protocol == RTPROT_RA && setting_get("ipv6/conf/%s/accept_ra", device) == 1)
		finding(doctor, PROBLEM, "accept_ra",
			json_sprintf("%s is 1, and the route came by a router advertisement", name),
			"a host that forwards listens to no router then, and the route expires: IPv6 ends after half an hour or at the next start",
			json_sprintf("sysctl -w %s=2", name));
}

/* Without a link, what the first would see. */
static void see_views(struct doctor *doctor)
{
	size_t n = json_array_size(doctor->links), i;

	doctor->n_views = n ?: 1;
	doctor->views = calloc(doctor->n_views, sizeof(*doctor->views));
	if (!doctor->views)
		abort();
	view_init(doctor, doctor->views, "");
	for (i = 0; i < n; i++)
		view_init(doctor, &doctor->views[i],
			  text_of(json_array_get(doctor->links, i), "name"));
}

void examine_routes(struct doctor *doctor)
{
	char other[IF_NAMESIZE];
	struct prefix prefix;
	struct view *view;
	uint32_t oif;
	json_t *pool;
	size_t i, j;

	see_views(doctor);
	for (i = 0; i < doctor->n_views; i++) {
		view = &doctor->views[i];
		for (j = 0; j < i && doctor->views[j].table != view->table; j++)
			;
		examine_default(doctor, view, j == i);
	}
	json_array_foreach(doctor->pools, i, pool) {
		const char *link = text_of(pool, "link");

		view = view_of(doctor, link);
		if (!view || !link_is_up(doctor, link) ||
		    prefix_parse(text_of(pool, "prefix"), &prefix))
			continue;
		/* An address of a client, not that of the prefix, which may be anycast here. */
		prefix.address.s6_addr[15] |= 1;
		oif = route_device(doctor->broker, AF_INET6, &prefix.address, view->vrf);
		if (oif == if_nametoindex(link))
			continue;
		finding(doctor, PROBLEM, "route",
			json_sprintf("pool %s is routed to %s, not to link %s",
				     text_of(pool, "prefix"),
				     oif ? link_name(oif, other) : "nowhere", link),
			"packets to its clients go elsewhere, or back and forth between here and the router",
			json_sprintf("brokertool link set %s up", link));
	}
}

/* A route to a part of a pool, by another device than the pool's link. */
static int see_stray(struct nl_msg *msg, void *arg)
{
	struct rtmsg *route = nlmsg_data(nlmsg_hdr(msg));
	char device[IF_NAMESIZE], text[INET6_ADDRSTRLEN];
	struct doctor *doctor = arg;
	struct nlattr *tb[RTA_MAX + 1];
	const struct in6_addr *to;
	struct prefix prefix;
	struct view *view;
	json_t *pool;
	size_t i;

	if (nlmsg_parse(nlmsg_hdr(msg), sizeof(*route), tb, RTA_MAX, NULL) < 0 ||
	    route->rtm_type != RTN_UNICAST ||
	    !tb[RTA_DST] || !tb[RTA_OIF] || !if_indextoname(nla_get_u32(tb[RTA_OIF]), device))
		return NL_OK;
	to = nla_data(tb[RTA_DST]);
	json_array_foreach(doctor->pools, i, pool) {
		view = view_of(doctor, text_of(pool, "link"));
		if (!view || view->table != route_table(route, tb) ||
		    prefix_parse(text_of(pool, "prefix"), &prefix) ||
		    route->rtm_dst_len <= prefix.length || !prefix_holds(&prefix, to) ||
		    !strcmp(device, text_of(pool, "link")))
			continue;
		inet_ntop(AF_INET6, to, text, sizeof(text));
		finding(doctor, PROBLEM, "stray",
			json_sprintf("%s/%u, of pool %s, is routed to %s, not to link %s", text,
				     route->rtm_dst_len, text_of(pool, "prefix"), device,
				     text_of(pool, "link")),
			"packets to clients with these addresses go there; nor is a neighbour solicitation for them answered on that device (counted as misrouted)",
			json_sprintf("ip -6 route del %s/%u dev %s%s", text, route->rtm_dst_len,
				     device, view->at));
	}
	return NL_OK;
}

void examine_strays(struct doctor *doctor)
{
	dump_routes(doctor, see_stray, doctor);
}
