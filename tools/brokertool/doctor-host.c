// SPDX-License-Identifier: GPL-2.0
/* brokertool doctor: settings, routes and sockets of this host. */

#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "doctor.h"

/* Of a host that is told by a router, and of a client of DHCPv6: no servers for others. */
#define DHCPV6_CLIENT	546
#define DHCPV6_SERVER	547
#define PORTS_SYSTEM	1024

/* A number in /proc/sys/net/; -1 where there is none. */
static long setting(const char *format, const char *name)
{
	char path[128], text[32];
	long value = -1;
	FILE *file;
	int at;

	at = snprintf(path, sizeof(path), "/proc/sys/net/");
	snprintf(path + at, sizeof(path) - at, format, name);
	file = fopen(path, "re");
	if (!file)
		return -1;
	if (fgets(text, sizeof(text), file))
		value = strtol(text, NULL, 10);
	fclose(file);
	return value;
}

int device_mtu(const char *device)
{
	struct ifreq request = {};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", device);
	if (fd < 0 || ioctl(fd, SIOCGIFMTU, &request))
		request.ifr_mtu = 0;
	if (fd >= 0)
		close(fd);
	return request.ifr_mtu;
}

/**
 * struct default_route - the IPv6 default route of the main table
 * @found: there is one
 * @protocol: who made it
 * @metric: its metric
 * @oif: its device
 */
struct default_route {
	bool found;
	uint8_t protocol;
	uint32_t metric;
	uint32_t oif;
};

static int see_route(struct nl_msg *msg, void *arg)
{
	struct rtmsg *route = nlmsg_data(nlmsg_hdr(msg));
	struct default_route *found = arg;
	struct nlattr *tb[RTA_MAX + 1];
	uint32_t metric;

	if (nlmsg_parse(nlmsg_hdr(msg), sizeof(*route), tb, RTA_MAX, NULL) < 0 ||
	    route->rtm_dst_len || route->rtm_table != RT_TABLE_MAIN ||
	    route->rtm_type != RTN_UNICAST)
		return NL_OK;
	metric = tb[RTA_PRIORITY] ? nla_get_u32(tb[RTA_PRIORITY]) : 0;
	if (found->found && metric >= found->metric)
		return NL_OK;
	*found = (struct default_route) {
		.found = true,
		.protocol = route->rtm_protocol,
		.metric = metric,
	};
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

static int see_device(struct nl_msg *msg, void *arg)
{
	struct nlattr *tb[RTA_MAX + 1];

	if (nlmsg_parse(nlmsg_hdr(msg), sizeof(struct rtmsg), tb, RTA_MAX, NULL) >= 0 &&
	    tb[RTA_OIF])
		*(uint32_t *)arg = nla_get_u32(tb[RTA_OIF]);
	return NL_OK;
}

/* The device that packets to an address leave by, 0 for none. */
static uint32_t device_to(struct doctor *doctor, const struct in6_addr *address)
{
	struct rtmsg header = { .rtm_family = AF_INET6, .rtm_dst_len = 128 };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETROUTE, NLM_F_REQUEST);
	uint32_t oif = 0;

	nlmsg_append(msg, &header, sizeof(header), NLMSG_ALIGNTO);
	nla_put(msg, RTA_DST, sizeof(*address), address);
	kernel_request(&doctor->broker->kernel, doctor->broker->kernel.route, msg, see_device,
		       &oif);
	nlmsg_free(msg);
	return oif;
}

static bool is_link(const struct doctor *doctor, const char *device)
{
	json_t *link;
	size_t i;

	json_array_foreach(doctor->links, i, link)
		if (!strcmp(text_of(link, "name"), device))
			return true;
	return false;
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

/* How a setting of a device is written: a dot in its name must not end it. */
static void setting_name(const char *device, const char *key, char text[64])
{
	if (strchr(device, '.'))
		snprintf(text, 64, "net/ipv6/conf/%s/%s", device, key);
	else
		snprintf(text, 64, "net.ipv6.conf.%s.%s", device, key);
}

void examine_routes(struct doctor *doctor)
{
	struct default_route found = {};
	char device[IF_NAMESIZE] = "", name[64], other[IF_NAMESIZE];
	struct prefix prefix;
	uint32_t oif;
	json_t *pool;
	size_t i;

	dump_routes(doctor, see_route, &found);
	if (found.found && found.oif && if_indextoname(found.oif, device))
		snprintf(doctor->uplink, sizeof(doctor->uplink), "%s", device);
	setting_name(device, "accept_ra", name);
	if (!found.found)
		finding(doctor, PROBLEM, "default", json_string("there is no IPv6 default route"),
			"clients reach this server and nothing beyond it; with forwarding on, a server that learns the route from router advertisements forgets it, unless sysctl net.ipv6.conf.UPLINK.accept_ra is 2",
			json_string("ip -6 route add default via ROUTER dev UPLINK"));
	else if (is_link(doctor, device))
		finding(doctor, PROBLEM, "loop",
			json_sprintf("the IPv6 default route leads into link %s", device),
			"what clients send comes back to the tunnels and is dropped there",
			json_sprintf("ip -6 route del default dev %s", device));
	/* Whoever does without the kernel, such as networkd, has switched this off: 0. */
	else if (found.protocol == RTPROT_RA && setting("ipv6/conf/%s/accept_ra", device) == 1)
		finding(doctor, PROBLEM, "accept_ra",
			json_sprintf("%s is 1, and the route came by a router advertisement", name),
			"a host that forwards listens to no router then, and the route expires: IPv6 ends after half an hour or at the next start",
			json_sprintf("sysctl -w %s=2", name));
	json_array_foreach(doctor->pools, i, pool) {
		const char *link = text_of(pool, "link");

		if (!link_is_up(doctor, link) || prefix_parse(text_of(pool, "prefix"), &prefix))
			continue;
		/* An address of a client, not that of the prefix, which may be anycast here. */
		prefix.address.s6_addr[15] |= 1;
		oif = device_to(doctor, &prefix.address);
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

/* A route of the main table to a part of a pool, by another device than the pool's link. */
static int see_stray(struct nl_msg *msg, void *arg)
{
	struct rtmsg *route = nlmsg_data(nlmsg_hdr(msg));
	char device[IF_NAMESIZE], text[INET6_ADDRSTRLEN];
	struct doctor *doctor = arg;
	struct nlattr *tb[RTA_MAX + 1];
	const struct in6_addr *to;
	struct prefix prefix;
	json_t *pool;
	size_t i;

	if (nlmsg_parse(nlmsg_hdr(msg), sizeof(*route), tb, RTA_MAX, NULL) < 0 ||
	    route->rtm_table != RT_TABLE_MAIN || route->rtm_type != RTN_UNICAST ||
	    !tb[RTA_DST] || !tb[RTA_OIF] || !if_indextoname(nla_get_u32(tb[RTA_OIF]), device))
		return NL_OK;
	to = nla_data(tb[RTA_DST]);
	json_array_foreach(doctor->pools, i, pool) {
		if (prefix_parse(text_of(pool, "prefix"), &prefix) ||
		    route->rtm_dst_len <= prefix.length || !prefix_holds(&prefix, to) ||
		    !strcmp(device, text_of(pool, "link")))
			continue;
		inet_ntop(AF_INET6, to, text, sizeof(text));
		finding(doctor, PROBLEM, "stray",
			json_sprintf("%s/%u, of pool %s, is routed to %s, not to link %s", text,
				     route->rtm_dst_len, text_of(pool, "prefix"), device,
				     text_of(pool, "link")),
			"packets to clients with these addresses go there; nor is a neighbour solicitation for them answered on that device (counted as misrouted)",
			json_sprintf("ip -6 route del %s/%u dev %s", text, route->rtm_dst_len,
				     device));
	}
	return NL_OK;
}

void examine_strays(struct doctor *doctor)
{
	dump_routes(doctor, see_stray, doctor);
}

void examine_settings(struct doctor *doctor)
{
	char name[64];
	json_t *link;
	size_t i;

	if (!setting("ipv6/conf/%s/forwarding", "all"))
		finding(doctor, PROBLEM, "forwarding",
			json_string("net.ipv6.conf.all.forwarding is 0"),
			"clients reach this server and nothing beyond it, and nobody reaches them",
			json_string("sysctl -w net.ipv6.conf.all.forwarding=1"));
	json_array_foreach(doctor->links, i, link) {
		if (!setting("ipv6/conf/%s/forwarding", "all") ||
		    setting("ipv6/conf/%s/forwarding", text_of(link, "name")))
			continue;
		setting_name(text_of(link, "name"), "forwarding", name);
		finding(doctor, PROBLEM, "forwarding", json_sprintf("%s is 0", name),
			"what its clients send is not forwarded",
			json_sprintf("sysctl -w %s=1", name));
	}
}

/* Those that listen at any address, from /proc/net/udp6; at most so many. */
static unsigned int udp_ports(unsigned int *ports, unsigned int max)
{
	FILE *file = fopen("/proc/net/udp6", "re");
	char line[256], address[33];
	unsigned int port, n = 0, i;

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, " %*u: %32[0-9A-F]:%x", address, &port) != 2 ||
		    strspn(address, "0") != 32 || !port || port >= PORTS_SYSTEM ||
		    port == DHCPV6_CLIENT || port == DHCPV6_SERVER)
			continue;
		for (i = 0; i < n && ports[i] != port; i++)
			;
		if (i == n && n < max)
			ports[n++] = port;
	}
	if (file)
		fclose(file);
	return n;
}

void examine_sockets(struct doctor *doctor)
{
	unsigned int ports[8], n, i;
	char text[80] = "";
	size_t at = 0;

	if (setting("ipv6/%s", "ip_nonlocal_bind"))
		return;
	n = udp_ports(ports, sizeof(ports) / sizeof(*ports));
	if (!n)
		return;
	for (i = 0; i < n; i++)
		at += snprintf(text + at, sizeof(text) - at, "%s%u", i ? ", " : "", ports[i]);
	finding(doctor, NOTE, "nonlocal",
		json_sprintf("servers listen on UDP port %s, and net.ipv6.ip_nonlocal_bind is 0",
			     text),
		"they cannot answer from clients' server addresses, which are on no device",
		json_string("sysctl -w net.ipv6.ip_nonlocal_bind=1"));
}
