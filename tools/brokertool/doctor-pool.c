// SPDX-License-Identifier: GPL-2.0
/*
 * brokertool doctor: the routes to pools, what is in their way, and what of a
 * prefix has none and goes in circles.
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

/* How a command goes on that makes the routes to the pools of a link anew. */
#define RESTORE		"brokertool link set %s up"

static const char elsewhere[] =
	"packets to its clients go elsewhere, or back and forth between here and the router";

/**
 * struct way - to a pool
 * @doctor: the examination
 * @pool: its prefix, as text
 * @link: its link
 * @view: of that
 * @prefix: its prefix
 * @client: an address there
 * @found: its own route is there
 * @metric: of that
 * @said: there is a finding about it
 */
struct way {
	struct doctor *doctor;
	const char *pool;
	const char *link;
	const struct view *view;
	struct prefix prefix;
	struct in6_addr client;
	bool found;
	uint32_t metric;
	bool said;
};

/**
 * struct route - one that packets to a pool may take
 * @prefix: its destination
 * @table: its table
 * @metric: its metric
 * @device: where it leads, "" for none or several
 * @refusing: what ip calls it where it leads nowhere, or NULL
 */
struct route {
	struct prefix prefix;
	uint32_t table;
	uint32_t metric;
	char device[IF_NAMESIZE];
	const char *refusing;
};

/**
 * struct ways_of_pools - all of them
 * @list: those whose link can have routes
 * @n: how many
 * @see: what is done with a route to one of them, or to a part of it
 */
struct ways_of_pools {
	struct way *list;
	size_t n;
	void (*see)(const struct route *route, struct way *way);
};

/* Return: is it one of these? */
static bool route_read(struct nl_msg *msg, struct route *route)
{
	struct rtmsg *header = nlmsg_data(nlmsg_hdr(msg));
	struct nlattr *tb[RTA_MAX + 1];

	if (nlmsg_parse(nlmsg_hdr(msg), sizeof(*header), tb, RTA_MAX, NULL) < 0 || !tb[RTA_DST])
		return false;
	*route = (struct route) {
		.prefix.length = header->rtm_dst_len,
		.table = tb[RTA_TABLE] ? nla_get_u32(tb[RTA_TABLE]) : header->rtm_table,
		.metric = tb[RTA_PRIORITY] ? nla_get_u32(tb[RTA_PRIORITY]) : 0,
		.refusing = refusing_type(header->rtm_type),
	};
	nla_memcpy(&route->prefix.address, tb[RTA_DST], 16);
	/* A route that refuses is of lo. */
	if (tb[RTA_OIF] && !route->refusing)
		if_indextoname(nla_get_u32(tb[RTA_OIF]), route->device);
	return route->refusing || header->rtm_type == RTN_UNICAST;
}

static bool is_in(const struct route *route, const struct way *way)
{
	return route->table == way->view->table && route->prefix.length >= way->prefix.length &&
	       prefix_holds(&way->prefix, &route->prefix.address);
}

/* The pool's own route has no other's metric. */
static void see_own(const struct route *route, struct way *way)
{
	if (route->prefix.length == way->prefix.length && !strcmp(route->device, way->link)) {
		way->found = true;
		way->metric = route->metric;
	}
}

/* The command that deletes a route. */
static json_t *del_command(const struct route *route, const struct way *way, bool restore)
{
	char text[PREFIX_STRLEN], again[64] = "";

	if (restore)
		snprintf(again, sizeof(again), " && " RESTORE, way->link);
	return json_sprintf("ip -6 route del %s%s%s%s%s metric %u%s%s", route->refusing ?: "",
			    route->refusing ? " " : "", prefix_text(&route->prefix, text),
			    *route->device ? " dev " : "", route->device, route->metric,
			    way->view->at, again);
}

static void report_rival(const struct route *route, struct way *way)
{
	bool part = route->prefix.length > way->prefix.length;
	struct doctor *doctor = way->doctor;
	char text[PREFIX_STRLEN], to[64];

	if (route->refusing)
		snprintf(to, sizeof(to), "nowhere (%s)", route->refusing);
	else
		snprintf(to, sizeof(to), "%s", *route->device ? route->device : "several ways");
	if (part)
		finding(doctor, PROBLEM, "stray",
			json_sprintf("%s, of pool %s, is routed to %s, not to link %s",
				     prefix_text(&route->prefix, text), way->pool, to, way->link),
			"packets to clients with these addresses go there; nor is a neighbour solicitation for them answered on that device (counted as misrouted)",
			del_command(route, way, false));
	else
		finding(doctor, PROBLEM, "route",
			json_sprintf("pool %s is routed to %s, not to link %s", way->pool, to,
				     way->link), elsewhere,
			del_command(route, way, !way->found));
	way->said |= !part || prefix_holds(&route->prefix, &way->client);
}

/* Somebody else's route, to a part of a pool or in front of the pool's own. */
static void see_rival(const struct route *route, struct way *way)
{
	if (strcmp(route->device, way->link) &&
	    (route->prefix.length > way->prefix.length || !way->found ||
	     route->metric < way->metric))
		report_rival(route, way);
}

static int see_route(struct nl_msg *msg, void *arg)
{
	struct ways_of_pools *ways = arg;
	struct route route;
	struct way *way;

	if (!route_read(msg, &route))
		return NL_OK;
	for (way = ways->list; way < ways->list + ways->n; way++)
		if (is_in(&route, way))
			ways->see(&route, way);
	return NL_OK;
}

/* Without a rival, its own is missing, or another table is asked. */
static void examine_way(const struct way *way)
{
	uint32_t oif = route_device(way->doctor->broker, AF_INET6, &way->client, way->view->vrf);
	struct doctor *doctor = way->doctor;
	char other[IF_NAMESIZE];

	if (oif == if_nametoindex(way->link))
		return;
	if (oif)
		link_name(oif, other);
	else
		snprintf(other, sizeof(other), "nowhere");
	if (way->found)
		finding(doctor, PROBLEM, "route",
			json_sprintf("pool %s is routed to %s by a rule, not to link %s",
				     way->pool, other, way->link), elsewhere,
			json_string("ip -6 rule show"));
	else
		finding(doctor, PROBLEM, "route",
			json_sprintf("pool %s is routed to %s, not to link %s", way->pool, other,
				     way->link), elsewhere,
			json_sprintf(RESTORE, way->link));
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

void examine_ways(struct doctor *doctor)
{
	struct ways_of_pools ways = { };
	struct way *way;
	json_t *pool;
	size_t i;

	ways.list = calloc(json_array_size(doctor->pools) + 1, sizeof(*ways.list));
	if (!ways.list)
		abort();
	json_array_foreach(doctor->pools, i, pool) {
		way = &ways.list[ways.n];
		*way = (struct way) {
			.doctor = doctor,
			.pool = text_of(pool, "prefix"),
			.link = text_of(pool, "link"),
			.view = view_of(doctor, text_of(pool, "link")),
		};
		/* Of the others something else is said, and they have no routes. */
		if (!way->view || prefix_parse(way->pool, &way->prefix) ||
		    !link_is_up(doctor, way->link) ||
		    setting_get("ipv6/conf/%s/disable_ipv6", way->link) == 1)
			continue;
		/* Not that of the prefix, which may be anycast here. */
		way->client = way->prefix.address;
		way->client.s6_addr[15] |= 1;
		ways.n++;
	}
	/* First all their own, with which the rest is compared. */
	ways.see = see_own;
	visit_routes(doctor, see_route, &ways);
	ways.see = see_rival;
	visit_routes(doctor, see_route, &ways);
	for (way = ways.list; way < ways.list + ways.n; way++)
		if (!way->said)
			examine_way(way);
	free(ways.list);
}

/* The gateway of the default route by a device, where it has a global address. */
struct other_end {
	uint32_t oif;
	struct in6_addr address;
	bool found;
};

static int see_gateway(struct nl_msg *msg, void *arg)
{
	struct rtmsg *header = nlmsg_data(nlmsg_hdr(msg));
	struct nlattr *tb[RTA_MAX + 1];
	struct other_end *end = arg;

	if (nlmsg_parse(nlmsg_hdr(msg), sizeof(*header), tb, RTA_MAX, NULL) >= 0 &&
	    !header->rtm_dst_len && tb[RTA_OIF] && nla_get_u32(tb[RTA_OIF]) == end->oif &&
	    tb[RTA_GATEWAY]) {
		nla_memcpy(&end->address, tb[RTA_GATEWAY], 16);
		end->found = true;
	}
	return NL_OK;
}

static bool in_pool(const struct doctor *doctor, const struct in6_addr *address)
{
	struct prefix prefix;
	json_t *pool;
	size_t i;

	json_array_foreach(doctor->pools, i, pool)
		if (!prefix_parse(text_of(pool, "prefix"), &prefix) &&
		    prefix_holds(&prefix, address))
			return true;
	return false;
}

/*
 * Is there an address in no pool that leaves by the device it came in by? Its last one is
 * tried, and the last ones of its parts beside that, of a half down to a single address.
 */
static bool goes_back(struct doctor *doctor, const struct onlink *onlink, const struct view *view)
{
	uint32_t ifindex = if_nametoindex(onlink->device);
	struct in6_addr last = onlink->prefix.address, one;
	unsigned int i;

	for (i = onlink->prefix.length; i < 128; i++)
		last.s6_addr[i / 8] |= 0x80 >> i % 8;
	for (i = onlink->prefix.length; i <= 128; i++) {
		one = last;
		if (i < 128)
			one.s6_addr[i / 8] &= ~(0x80 >> i % 8);
		if (!in_pool(doctor, &one) &&
		    route_device(doctor->broker, AF_INET6, &one, view->vrf) == ifindex)
			return true;
	}
	return false;
}

/*
 * On a point-to-point device the other end sends all of a prefix here. What is in no
 * pool has the prefix's own route, back to where it came from.
 */
static void examine_onlink(struct doctor *doctor, const struct onlink *onlink,
			   const struct view *view)
{
	struct other_end end = { .oif = if_nametoindex(onlink->device) };
	char prefix[PREFIX_STRLEN], address[INET6_ADDRSTRLEN], first[128] = "";
	json_t *command;

	prefix_text(&onlink->prefix, prefix);
	visit_routes(doctor, see_gateway, &end);
	if (end.found && prefix_holds(&onlink->prefix, &end.address))
		snprintf(first, sizeof(first), "ip -6 route replace %s dev %s%s && ",
			 ipv6_text(&end.address, address), onlink->device, view->at);
	/* The device's own route has the metric 256. */
	command = json_sprintf("%sip -6 route replace unreachable %s metric 1%s", first, prefix,
			       view->at);
	if (!is_said(doctor, json_string_value(command)) && goes_back(doctor, onlink, view))
		finding(doctor, PROBLEM, "loop",
			json_sprintf("what is for %s and in no pool goes back whence it came: %s",
				     prefix, onlink->device),
			"the other end sends it again, until its hop limit ends that: one packet fills the line as a hundred do; what the other end itself has of the prefix needs a route of its own: ip -6 route add ADDRESS dev UPLINK",
			json_incref(command));
	json_decref(command);
}

void examine_circles(struct doctor *doctor)
{
	const struct onlink *onlink;
	struct onlinks onlinks;
	struct view *view;
	size_t i;

	if (setting_get("ipv6/conf/%s/forwarding", "all") != 1)
		return;
	onlinks_read(doctor->broker, doctor->addresses, &onlinks);
	for (onlink = onlinks.list; onlink < onlinks.list + onlinks.n; onlink++)
		for (i = 0; i < doctor->n_views; i++) {
			view = &doctor->views[i];
			/* A network of two has no address left. */
			if (onlink->segment == SEGMENT_POINT && onlink->prefix.length < 127 &&
			    (onlink->prefix.address.s6_addr[0] & 0xe0) == 0x20 &&
			    onlink->table == view->table &&
			    !strcmp(onlink->device, view->uplink))
				examine_onlink(doctor, onlink, view);
		}
	free(onlinks.list);
}
