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
 * @refused: what ip calls one that refuses, the first of them
 * @refused_metric: its metric
 * @protocol: who made it
 * @metric: its metric
 * @oif: its device
 */
struct default_route {
	uint32_t table;
	bool found;
	const char *refused;
	uint32_t refused_metric;
	uint8_t protocol;
	uint32_t metric;
	uint32_t oif;
};

static uint32_t route_table(const struct rtmsg *route, struct nlattr **tb)
{
	return tb[RTA_TABLE] ? nla_get_u32(tb[RTA_TABLE]) : route->rtm_table;
}

const char *refusing_type(unsigned int type)
{
	switch (type) {
	case RTN_UNREACHABLE:
		return "unreachable";
	case RTN_BLACKHOLE:
		return "blackhole";
	case RTN_PROHIBIT:
		return "prohibit";
	case RTN_THROW:
		return "throw";
	}
	return NULL;
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
	metric = tb[RTA_PRIORITY] ? nla_get_u32(tb[RTA_PRIORITY]) : 0;
	if (route->rtm_type != RTN_UNICAST) {
		if (!found->refused || metric < found->refused_metric) {
			found->refused = refusing_type(route->rtm_type);
			found->refused_metric = metric;
		}
		return NL_OK;
	}
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

void visit_routes(struct doctor *doctor, int (*see)(struct nl_msg *msg, void *arg), void *arg)
{
	struct rtmsg header = { .rtm_family = AF_INET6 };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETROUTE, NLM_F_REQUEST | NLM_F_DUMP);

	nlmsg_append(msg, &header, sizeof(header), NLMSG_ALIGNTO);
	kernel_request(&doctor->broker->kernel, doctor->broker->kernel.route, msg, see, arg);
	nlmsg_free(msg);
}

struct view *view_of(const struct doctor *doctor, const char *link)
{
	size_t i;

	for (i = 0; i < doctor->n_views; i++)
		if (!strcmp(doctor->views[i].link, link))
			return &doctor->views[i];
	return NULL;
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

	visit_routes(doctor, see_route, &found);
	/* What a VRF has no route to, the main table may have. */
	if (!found.found && !found.refused && view->table != RT_TABLE_MAIN) {
		found.table = RT_TABLE_MAIN;
		visit_routes(doctor, see_route, &found);
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
	else if (found.refused && found.refused_metric < found.metric)
		finding(doctor, PROBLEM, "default",
			json_sprintf("the IPv6 default route to %s%s is behind a refusing one: %s",
				     device, view->at, found.refused),
			"clients reach this server and nothing beyond it",
			json_sprintf("ip -6 route del %s default metric %u%s", found.refused,
				     found.refused_metric, view->at));
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
	struct view *view;
	size_t i, j;

	see_views(doctor);
	for (i = 0; i < doctor->n_views; i++) {
		view = &doctor->views[i];
		for (j = 0; j < i && doctor->views[j].table != view->table; j++)
			;
		examine_default(doctor, view, j == i);
	}
}
