// SPDX-License-Identifier: GPL-2.0
/*
 * brokertool init: a first configuration, from what can be seen of this host.
 *
 * Prefixes come in two kinds. One that is on-link on the uplink is shared with
 * this host, and somebody must answer neighbour solicitations for clients, but
 * on a point-to-point device, where nobody asks. One that is routed here has,
 * where it is set up well, an unreachable route that keeps unused parts from
 * going back.
 */

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../config/config.h"
#include "brokertool.h"

/* No part of a longer prefix is worth it. */
#define PREFIX_LONGEST	96

/* Nobody has got a shorter one. */
#define PREFIX_SHORTEST	19

/* The length of a LAN. */
#define LAN		64

/* Where this host has networks of its own: /64s that are looked at, and how finely the rest is. */
#define PAIR_TRIES	16
#define NETWORKS_BITS	5

/**
 * struct host - what is seen
 * @local: IPv4 address towards the world
 * @device4: its device
 * @device6: device towards the world
 * @onlink: prefix there, of length 0 for none
 * @segment: what is behind @device6, where there is one
 * @routed: prefix that is routed here, of length 0 for none
 */
struct host {
	struct in_addr local;
	char device4[IF_NAMESIZE];
	char device6[IF_NAMESIZE];
	struct prefix onlink;
	enum segment segment;
	struct prefix routed;
};

/**
 * struct proposal - pools to be
 * @pair: for pairs
 * @routed: for routed prefixes
 * @cut: their length
 */
struct proposal {
	struct prefix pair;
	struct prefix routed;
	unsigned int cut;
};

/*
 * Root servers, for where the world is: no route for bogons holds them, and who has
 * no default route but all others has one to them.
 */
static const char *const world4[] = { "198.41.0.4", "193.0.14.129" };
static const char *const world6[] = { "2001:503:ba3e::2:30", "2001:7fd::1" };

/* The address that packets to @to are sent from. No packet is sent. */
static bool source_towards(const struct sockaddr *to, socklen_t size, struct sockaddr *from)
{
	int fd = socket(to->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool ok = fd >= 0 && !connect(fd, to, size) && !getsockname(fd, from, &size);

	if (fd >= 0)
		close(fd);
	return ok;
}

static const struct in_addr *ipv4_of(const struct ifaddrs *entry)
{
	if (!entry->ifa_addr || entry->ifa_addr->sa_family != AF_INET)
		return NULL;
	return &((struct sockaddr_in *)entry->ifa_addr)->sin_addr;
}

static bool source_towards_world(struct in_addr *source)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) }, from;
	size_t i;

	for (i = 0; i < sizeof(world4) / sizeof(*world4); i++) {
		inet_pton(AF_INET, world4[i], &to.sin_addr);
		if (!source_towards((struct sockaddr *)&to, sizeof(to), (struct sockaddr *)&from))
			continue;
		*source = from.sin_addr;
		return true;
	}
	return false;
}

/* Who knows an address: the world, a network, a cable, this host. */
static int reach(struct in_addr address)
{
	uint32_t number = ntohl(address.s_addr);

	if (number >> 24 == IN_LOOPBACKNET)
		return 0;
	if (number >> 16 == 0xa9fe)
		return 1;
	return ipv4_is_private(address) ? 2 : 3;
}

/* Towards the world; without a route there, the first that is known best. */
static void see_ipv4(struct host *host, const struct ifaddrs *list)
{
	const struct ifaddrs *entry;
	struct in_addr source;
	bool known;
	int best = 0;

	known = source_towards_world(&source);
	for (entry = list; entry; entry = entry->ifa_next) {
		const struct in_addr *address = ipv4_of(entry);

		if (!address || reach(*address) <= best ||
		    (known && address->s_addr != source.s_addr))
			continue;
		best = reach(*address);
		host->local = *address;
		snprintf(host->device4, sizeof(host->device4), "%s", entry->ifa_name);
	}
}

/* That the packets leave by: the source address may be another device's. */
static void see_device6(struct broker *broker, struct host *host)
{
	struct in6_addr to;
	uint32_t oif;
	size_t i;

	for (i = 0; i < sizeof(world6) / sizeof(*world6) && !*host->device6; i++) {
		inet_pton(AF_INET6, world6[i], &to);
		oif = route_device(broker, AF_INET6, &to, 0);
		if (oif)
			if_indextoname(oif, host->device6);
	}
}

/* Of the device towards the world, the shortest prefix that is no single address. */
static int see_ipv6(struct broker *broker, struct host *host, const struct ifaddrs *list)
{
	const struct onlink *onlink;
	struct onlinks onlinks;
	int err;

	err = onlinks_read(broker, list, &onlinks);
	for (onlink = onlinks.list; onlink < onlinks.list + onlinks.n; onlink++) {
		if (strcmp(onlink->device, host->device6) || onlink->segment == SEGMENT_OTHER ||
		    (onlink->prefix.address.s6_addr[0] & 0xe0) != 0x20 ||
		    onlink->prefix.length > PREFIX_LONGEST ||
		    (host->onlink.length && onlink->prefix.length >= host->onlink.length))
			continue;
		host->onlink = onlink->prefix;
		host->segment = onlink->segment;
	}
	free(onlinks.list);
	return err;
}

/*
 * Is it one that careful hosts refuse since nobody should send from there? Parts
 * of those for documentation are allowed, for trials.
 */
static bool is_bogon(const struct prefix *prefix)
{
	static const struct {
		struct prefix prefix;
		bool with_parts;
	} bogons[] = {
		/* RFC 2928: Teredo, ORCHID, benchmarks */
		{ { { .s6_addr = { 0x20, 0x01 } }, 23 }, true },
		/* RFC 3056 */
		{ { { .s6_addr = { 0x20, 0x02 } }, 16 }, true },
		/* RFC 3701 */
		{ { { .s6_addr = { 0x3f, 0xfe } }, 16 }, true },
		/* RFC 3849, RFC 9637 */
		{ { { .s6_addr = { 0x20, 0x01, 0x0d, 0xb8 } }, 32 }, false },
		{ { { .s6_addr = { 0x3f, 0xff } }, 20 }, false },
	};
	size_t i;

	if (prefix->length < PREFIX_SHORTEST)
		return true;
	for (i = 0; i < sizeof(bogons) / sizeof(*bogons); i++)
		if (prefix->length > bogons[i].prefix.length ?
		    bogons[i].with_parts && prefix_holds(&bogons[i].prefix, &prefix->address) :
		    prefix_holds(prefix, &bogons[i].prefix.address))
			return true;
	return false;
}

static int see_route(struct nl_msg *msg, void *arg)
{
	struct rtmsg *route = nlmsg_data(nlmsg_hdr(msg));
	struct prefix prefix = { .length = route->rtm_dst_len };
	struct nlattr *tb[RTA_MAX + 1];
	struct host *host = arg;

	if (nlmsg_parse(nlmsg_hdr(msg), sizeof(*route), tb, RTA_MAX, NULL) < 0 || !tb[RTA_DST] ||
	    (route->rtm_type != RTN_UNREACHABLE && route->rtm_type != RTN_BLACKHOLE &&
	     route->rtm_type != RTN_PROHIBIT))
		return NL_OK;
	nla_memcpy(&prefix.address, tb[RTA_DST], 16);
	if ((prefix.address.s6_addr[0] & 0xe0) == 0x20 && prefix.length <= PREFIX_LONGEST &&
	    !is_bogon(&prefix) &&
	    (!host->routed.length || prefix.length < host->routed.length))
		host->routed = prefix;
	return NL_OK;
}

static int see_routes(struct broker *broker, struct host *host)
{
	struct rtmsg header = { .rtm_family = AF_INET6 };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETROUTE, NLM_F_REQUEST | NLM_F_DUMP);
	int err;

	nlmsg_append(msg, &header, sizeof(header), NLMSG_ALIGNTO);
	err = kernel_request(&broker->kernel, broker->kernel.route, msg, see_route, host);
	nlmsg_free(msg);
	return err;
}

/* A part of a prefix: @number is the value of the @bits bits behind it. */
static struct prefix part(const struct prefix *prefix, uint64_t number, unsigned int bits)
{
	struct prefix one = *prefix;
	unsigned int i;

	for (i = 0; i < bits; i++) {
		unsigned int at = prefix->length + i;

		if (number >> (bits - 1 - i) & 1)
			one.address.s6_addr[at / 8] |= 0x80 >> at % 8;
	}
	one.length += bits;
	return one;
}

/* Neither this host, nor a router or neighbour of it has an address there. */
static bool is_free(struct broker *broker, const struct prefix *prefix)
{
	struct ifaddrs *list, *entry;
	bool ok = true;

	if (getifaddrs(&list))
		return false;
	for (entry = list; entry; entry = entry->ifa_next)
		if (entry->ifa_addr && entry->ifa_addr->sa_family == AF_INET6 &&
		    prefix_holds(prefix, &((struct sockaddr_in6 *)entry->ifa_addr)->sin6_addr))
			ok = false;
	freeifaddrs(list);
	if (!ok)
		return false;
	broker->mute = true;
	ok = route_check_pool(broker, 0, prefix) == EXIT_OK;
	broker->mute = false;
	return ok;
}

/* Of the first half a /64; the very first is one that administrators like for themselves. */
static bool propose_pair(struct broker *broker, const struct prefix *prefix, struct prefix *pair)
{
	unsigned int bits = LAN - 1 - prefix->length;
	struct prefix half = part(prefix, 0, 1);
	uint64_t number;

	for (number = 1; number < PAIR_TRIES && number < 1ULL << bits; number++) {
		*pair = part(&half, number, bits);
		if (is_free(broker, pair))
			return true;
	}
	return false;
}

/* The second half, or the largest part of it that is free. */
static bool propose_networks(struct broker *broker, const struct prefix *prefix,
			     struct prefix *routed)
{
	unsigned int bits, number;

	for (bits = 1; bits <= NETWORKS_BITS && prefix->length + bits <= LAN; bits++)
		for (number = 1U << (bits - 1); number < 1U << bits; number++) {
			*routed = part(prefix, number, bits);
			if (is_free(broker, routed))
				return true;
		}
	return false;
}

/*
 * Of a prefix that has several /64s, one for pairs and half of them for clients'
 * networks, or less where this host has its own there. Of one that has not, two
 * parts.
 */
static bool propose(struct broker *broker, const struct prefix *prefix, struct proposal *proposal)
{
	struct prefix parts[2], one;
	unsigned int number, n = 0;

	if (prefix->length < LAN - 1) {
		proposal->cut = LAN;
		return propose_pair(broker, prefix, &proposal->pair) &&
		       propose_networks(broker, prefix, &proposal->routed);
	}
	for (number = 8; number < 24 && n < 2; number++) {
		one = part(prefix, number % 16 << 12, 16);
		if (is_free(broker, &one))
			parts[n++] = one;
	}
	if (n < 2)
		return false;
	proposal->pair = parts[0];
	proposal->routed = parts[1];
	proposal->cut = prefix->length <= LAN ? 112 : 120;
	return true;
}

static void print_pools(const struct proposal *proposal)
{
	char pair[PREFIX_STRLEN], routed[PREFIX_STRLEN];

	printf("# Pairs of addresses, one for each client and this server.\n"
	       "pool %s { pair = yes }\n\n", prefix_text(&proposal->pair, pair));
	printf("# A network for each client.%s\n"
	       "pool %s { routed = %u }\n\n",
	       proposal->cut > LAN ? " It is longer than /64: SLAAC will not work behind it." : "",
	       prefix_text(&proposal->routed, routed), proposal->cut);
}

/* The pools have routes of their own, the rest of it has not. */
static void print_routed(const struct prefix *routed)
{
	char text[PREFIX_STRLEN];

	prefix_text(routed, text);
	printf("# %s is routed to this server. What is in no pool would go back\n"
	       "# to the router, and come again, but for its unreachable route. That has to be\n"
	       "# there after a restart, too. With systemd-networkd, in the .network file of the uplink:\n"
	       "#	[Route]\n"
	       "#	Destination=%s\n"
	       "#	Type=unreachable\n"
	       "# With ifupdown, below the uplink's iface in /etc/network/interfaces:\n"
	       "#	up ip -6 route replace unreachable %s\n\n", text, text, text);
}

/* As people write it, where libconfuse takes that for one word. */
static void print_title(const char *title)
{
	const char *c;

	for (c = title; isalnum((unsigned char)*c) || *c == '.' || *c == '_' || *c == '-'; c++)
		;
	if (*c)
		config_print_text(title);
	else
		printf("%s", title);
}

static void print_onlink(const struct host *host)
{
	char text[PREFIX_STRLEN];

	prefix_text(&host->onlink, text);
	if (host->segment == SEGMENT_POINT) {
		printf("# %s comes to this server by %s, which knows no neighbour discovery:\n"
		       "# clients get parts of it that nobody has here, and nobody asks for them.\n\n",
		       text, host->device6);
		return;
	}
	printf("# %s is on-link on %s: clients get parts of it that nobody has\n"
	       "# here, and this server answers the router for them.\n"
	       "ndp ", text, host->device6);
	print_title(host->device6);
	printf(" { }\n\n");
}

static void print_config(const struct host *host, const struct proposal *proposal, bool onlink,
			 const char *name)
{
	char address[INET_ADDRSTRLEN];

	printf("# /etc/sitbroker/%s.conf, see sitbroker.conf(5). Change what is wrong; then:\n",
	       name);
	printf("# systemctl enable --now sitbroker@%s\n\n", name);
	printf("# The IPv4 address of this server, on %s.\n"
	       "local = %s\n\n", host->device4, ipv4_text(host->local, address));
	if (ipv4_is_private(host->local))
		printf("# That is a private one. Clients need the public one:\n"
		       "# public = ADDRESS\n\n");
	printf("# UDP servers here, a resolver perhaps, answer clients on their server address:\n"
	       "# nonlocal-bind = on\n\n");
	if (onlink)
		print_onlink(host);
	else
		print_routed(&host->routed);
	print_pools(proposal);
	printf("# A client. Its user gets what \"brokertool client config home\" prints.\n"
	       "# client home {\n"
	       "#	endpoint = 203.0.113.7\n"
	       "# }\n");
}

static int look(struct broker *broker, struct host *host)
{
	struct ifaddrs *list;
	int err;

	if (getifaddrs(&list))
		return refuse(broker, errno,
			      "addresses of this host cannot be read: %s; see ip addr",
			      strerror(errno));
	see_ipv4(host, list);
	see_device6(broker, host);
	err = see_ipv6(broker, host, list);
	freeifaddrs(list);
	if (err || see_routes(broker, host))
		return refused(broker, "the host's routes cannot be read");
	if (!*host->device4)
		return refuse(broker, EADDRNOTAVAIL,
			      "no device has an IPv4 address, and tunnels need one; see ip -4 addr");
	if (!host->onlink.length && !host->routed.length)
		return refuse(broker, EADDRNOTAVAIL,
			      "no prefix for clients can be seen: none is on-link where the IPv6 default route leads (%s), and none has an unreachable route; if one is routed here, run ip -6 route add unreachable PREFIX",
			      *host->device6 ? host->device6 : "nowhere");
	return 0;
}

/* init [NAME]. Return: exit code. */
int init_command(struct broker *broker, struct words *words)
{
	const char *name = words_next(words) ?: "broker0";
	struct proposal proposal = {};
	char text[PREFIX_STRLEN];
	struct host host = {};
	bool onlink;
	int code;

	code = words_end(broker, words);
	if (code)
		return code;
	code = link_name_check(broker, name);
	if (code)
		return code;
	code = look(broker, &host);
	if (code)
		return code;
	/* What is routed here is nobody else's. */
	onlink = !host.routed.length;
	if (!propose(broker, onlink ? &host.onlink : &host.routed, &proposal))
		return refuse(broker, EADDRINUSE,
			      "no two parts of %s are free of addresses that this host needs; write the configuration yourself, see sitbroker.conf(5)",
			      prefix_text(onlink ? &host.onlink : &host.routed, text));
	print_config(&host, &proposal, onlink, name);
	return EXIT_OK;
}
