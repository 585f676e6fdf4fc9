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
#include <linux/sitbroker.h>
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
 * @link: name of the link to be
 * @local: IPv4 address towards the world
 * @device4: its device
 * @other: link that has that address, where no other address is left, or ""
 * @device6: device towards the world
 * @table6: whose routes are that device's
 * @gateway6: the gateway there, in @onlink, or ::
 * @onlink: prefix there, of length 0 for none
 * @segment: what is behind @device6, where there is one
 * @useless: prefix there that is none for clients, of length 0 for none
 * @routed: prefix that is routed here, of length 0 for none
 * @links: as in link_json(), the other ones
 * @taken: parts of it that somebody has
 * @n_taken: how many
 */
struct host {
	const char *link;
	struct in_addr local;
	char device4[IF_NAMESIZE];
	char other[IF_NAMESIZE];
	char device6[IF_NAMESIZE];
	uint32_t table6;
	struct in6_addr gateway6;
	struct prefix onlink;
	enum segment segment;
	struct prefix useless;
	struct prefix routed;
	json_t *links;
	struct prefix *taken;
	size_t n_taken;
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

/* The other link that has an address, or NULL. */
static const char *link_of(const struct host *host, struct in_addr address)
{
	struct in_addr local;
	const char *text;
	json_t *link;
	size_t i;

	json_array_foreach(host->links, i, link) {
		text = json_string_value(json_object_get(link, "local"));
		if (text && !ipv4_parse(text, &local) && local.s_addr == address.s_addr)
			return json_string_value(json_object_get(link, "name"));
	}
	return NULL;
}

/*
 * Where another link has the address towards the world: one that stands beside it, or on a
 * device of no network. A private one in the place of a public one is somebody else's.
 */
static void see_second(struct host *host, const struct ifaddrs *list)
{
	const char *other = link_of(host, host->local);
	const struct ifaddrs *entry;

	if (!other)
		return;
	snprintf(host->other, sizeof(host->other), "%s", other);
	for (entry = list; entry; entry = entry->ifa_next) {
		const struct in_addr *address = ipv4_of(entry);

		if (!address || reach(*address) < reach(host->local) ||
		    link_of(host, *address) ||
		    (!(entry->ifa_flags & IFF_LOOPBACK) &&
		     strcmp(entry->ifa_name, host->device4)))
			continue;
		*host->other = '\0';
		host->local = *address;
		snprintf(host->device4, sizeof(host->device4), "%s", entry->ifa_name);
		return;
	}
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
	see_second(host, list);
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
	host->table6 = link_vrf(broker, if_nametoindex(host->device6)).table;
}

static bool is_global(const struct prefix *prefix)
{
	return (prefix->address.s6_addr[0] & 0xe0) == 0x20;
}

static bool is_ula(const struct prefix *prefix)
{
	return (prefix->address.s6_addr[0] & 0xfe) == 0xfc;
}

static const char *why_useless(const struct prefix *prefix)
{
	return is_ula(prefix) ? "is a ULA, which the world knows no way to" : "is longer than /96";
}

/* Of the device towards the world, the shortest prefix that is no single address. */
static int see_ipv6(struct broker *broker, struct host *host, const struct ifaddrs *list)
{
	const struct onlink *onlink;
	struct onlinks onlinks;
	int err;

	err = onlinks_read(broker, list, &onlinks);
	for (onlink = onlinks.list; onlink < onlinks.list + onlinks.n; onlink++) {
		if (strcmp(onlink->device, host->device6) || onlink->segment == SEGMENT_OTHER)
			continue;
		/* Single addresses are none. */
		if (is_ula(&onlink->prefix) ||
		    (is_global(&onlink->prefix) && onlink->prefix.length > PREFIX_LONGEST &&
		     onlink->prefix.length < 128))
			host->useless = onlink->prefix;
		if (!is_global(&onlink->prefix) || onlink->prefix.length > PREFIX_LONGEST ||
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

/* On a point-to-point device such a route keeps the rest of what comes there from going back. */
static bool is_rest(const struct host *host, const struct prefix *prefix)
{
	return host->onlink.length && host->segment == SEGMENT_POINT &&
	       prefix->length >= host->onlink.length &&
	       prefix_holds(&host->onlink, &prefix->address);
}

static bool route_read(struct nl_msg *msg, struct nlattr **tb, struct prefix *prefix,
		       uint32_t *table)
{
	struct rtmsg *route = nlmsg_data(nlmsg_hdr(msg));

	if (nlmsg_parse(nlmsg_hdr(msg), sizeof(*route), tb, RTA_MAX, NULL) < 0)
		return false;
	*prefix = (struct prefix) { .length = route->rtm_dst_len };
	*table = tb[RTA_TABLE] ? nla_get_u32(tb[RTA_TABLE]) : route->rtm_table;
	if (tb[RTA_DST])
		nla_memcpy(&prefix->address, tb[RTA_DST], 16);
	return true;
}

static int see_route(struct nl_msg *msg, void *arg)
{
	struct rtmsg *route = nlmsg_data(nlmsg_hdr(msg));
	struct nlattr *tb[RTA_MAX + 1];
	struct host *host = arg;
	struct prefix prefix;
	uint32_t table;

	/* Other tables are for packets that somebody has picked. */
	if (!route_read(msg, tb, &prefix, &table) || table != host->table6)
		return NL_OK;
	if (!prefix.length && tb[RTA_GATEWAY] &&
	    prefix_holds(&host->onlink, nla_data(tb[RTA_GATEWAY])))
		nla_memcpy(&host->gateway6, tb[RTA_GATEWAY], 16);
	if (!prefix.length ||
	    (route->rtm_type != RTN_UNREACHABLE && route->rtm_type != RTN_BLACKHOLE &&
	     route->rtm_type != RTN_PROHIBIT))
		return NL_OK;
	if (is_global(&prefix) && prefix.length <= PREFIX_LONGEST && !is_rest(host, &prefix) &&
	    !is_bogon(&prefix) &&
	    (!host->routed.length || prefix.length < host->routed.length))
		host->routed = prefix;
	return NL_OK;
}

static int visit_routes(struct broker *broker, struct host *host,
			int (*see)(struct nl_msg *msg, void *arg))
{
	struct rtmsg header = { .rtm_family = AF_INET6 };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETROUTE, NLM_F_REQUEST | NLM_F_DUMP);
	int err;

	nlmsg_append(msg, &header, sizeof(header), NLMSG_ALIGNTO);
	err = kernel_request(&broker->kernel, broker->kernel.route, msg, see, host);
	nlmsg_free(msg);
	return err;
}

/* The prefix that clients get parts of. What is routed here is nobody else's. */
static const struct prefix *whole(const struct host *host)
{
	return host->routed.length ? &host->routed : &host->onlink;
}

static void take(struct host *host, const struct prefix *prefix)
{
	struct prefix *list = realloc(host->taken, (host->n_taken + 1) * sizeof(*list));

	if (!list)
		abort();
	list[host->n_taken++] = *prefix;
	host->taken = list;
}

/* A route to a part: somebody has that, be it in another table. The link's own do not count. */
static int see_taken(struct nl_msg *msg, void *arg)
{
	struct nlattr *tb[RTA_MAX + 1];
	struct host *host = arg;
	char device[IF_NAMESIZE];
	struct prefix prefix;
	uint32_t table;

	if (!route_read(msg, tb, &prefix, &table) || prefix.length <= whole(host)->length ||
	    !prefix_holds(whole(host), &prefix.address) ||
	    (tb[RTA_OIF] && if_indextoname(nla_get_u32(tb[RTA_OIF]), device) &&
	     !strcmp(device, host->link)))
		return NL_OK;
	take(host, &prefix);
	return NL_OK;
}

static int keep_link(struct broker *broker, const struct item *item, void *arg)
{
	json_t *link = link_json(item, false);
	struct host *host = arg;

	(void)broker;
	if (strcmp(json_string_value(json_object_get(link, "name")), host->link))
		json_array_append(host->links, link);
	json_decref(link);
	return 0;
}

/* Those of a link that is down have no routes. */
static int keep_pool(struct broker *broker, const struct item *item, void *arg)
{
	json_t *pool = pool_json(item);
	struct host *host = arg;
	struct prefix prefix;

	(void)broker;
	if (strcmp(json_string_value(json_object_get(pool, "link")), host->link) &&
	    !prefix_parse(json_string_value(json_object_get(pool, "prefix")), &prefix))
		take(host, &prefix);
	json_decref(pool);
	return 0;
}

/* What other links have. Asking for a module that is not there would load it. */
static int see_links(struct broker *broker, struct host *host)
{
	char version[32];

	host->links = json_array();
	if (!module_version(version, sizeof(version)) || kernel_family(&broker->kernel))
		return 0;
	return items_dump(broker, SITBROKER_CMD_LINK_GET, 0, SITBROKER_A_LINK, keep_link, host) ?:
	       items_dump(broker, SITBROKER_CMD_POOL_GET, 0, SITBROKER_A_POOL, keep_pool, host);
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

static bool overlap(const struct prefix *one, const struct prefix *other)
{
	return prefix_holds(one->length < other->length ? one : other,
			    one->length < other->length ? &other->address : &one->address);
}

/* Neither this host, nor a router, neighbour or other link of it has an address there. */
static bool is_free(struct broker *broker, const struct host *host, const struct prefix *prefix)
{
	struct ifaddrs *list, *entry;
	bool ok = true;
	size_t i;

	for (i = 0; i < host->n_taken; i++)
		if (overlap(prefix, &host->taken[i]))
			return false;
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
static bool propose_pair(struct broker *broker, const struct host *host, struct prefix *pair)
{
	const struct prefix *prefix = whole(host);
	unsigned int bits = LAN - 1 - prefix->length;
	struct prefix half = part(prefix, 0, 1);
	uint64_t number;

	for (number = 1; number < PAIR_TRIES && number < 1ULL << bits; number++) {
		*pair = part(&half, number, bits);
		if (is_free(broker, host, pair))
			return true;
	}
	return false;
}

/* The second half, or the largest part of it that is free; else one of the first half. */
static bool propose_networks(struct broker *broker, const struct host *host,
			     const struct prefix *pair, struct prefix *routed)
{
	const struct prefix *prefix = whole(host);
	unsigned int bits, number;

	for (bits = 1; bits <= NETWORKS_BITS && prefix->length + bits <= LAN; bits++)
		for (number = 1U << (bits - 1); number < 1U << bits; number++) {
			*routed = part(prefix, number, bits);
			if (is_free(broker, host, routed))
				return true;
		}
	for (bits = 2; bits <= NETWORKS_BITS && prefix->length + bits <= LAN; bits++)
		for (number = (1U << (bits - 1)) - 1; number > 0; number--) {
			*routed = part(prefix, number, bits);
			if (!overlap(routed, pair) && is_free(broker, host, routed))
				return true;
		}
	return false;
}

/*
 * Of a prefix that has several /64s, one for pairs and half of them for clients'
 * networks, or less where this host has its own there. Of one that has not, two
 * parts.
 */
static bool propose(struct broker *broker, const struct host *host, struct proposal *proposal)
{
	const struct prefix *prefix = whole(host);
	struct prefix parts[2], one;
	unsigned int number, n = 0;

	if (prefix->length < LAN - 1) {
		proposal->cut = LAN;
		return propose_pair(broker, host, &proposal->pair) &&
		       propose_networks(broker, host, &proposal->pair, &proposal->routed);
	}
	for (number = 8; number < 24 && n < 2; number++) {
		one = part(prefix, number % 16 << 12, 16);
		if (is_free(broker, host, &one))
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

/* The device's own route would send the rest back; it has the metric 256. */
static void print_rest(const struct host *host, const char *prefix)
{
	bool known = !IN6_IS_ADDR_UNSPECIFIED(&host->gateway6);
	char address[INET6_ADDRSTRLEN] = "ADDRESS";

	if (known)
		ipv6_text(&host->gateway6, address);
	printf("# What is in no pool would go back where it comes from, and come again, but for\n"
	       "# an unreachable route, with a metric better than that of the device's own.\n"
	       "# %s needs a route of its own then. Both have to be\n"
	       "# there after a restart, too. With systemd-networkd, in the .network file of %s:\n"
	       "#	[Route]\n"
	       "#	Destination=%s/128\n"
	       "#	[Route]\n"
	       "#	Destination=%s\n"
	       "#	Type=unreachable\n"
	       "#	Metric=1\n"
	       "# With ifupdown, below its iface in /etc/network/interfaces:\n"
	       "#	up ip -6 route replace %s dev %s\n"
	       "#	up ip -6 route replace unreachable %s metric 1\n\n",
	       known ? "The other end" : "An address that the other end has of it",
	       host->device6, address, prefix, address, host->device6, prefix);
}

static void print_onlink(const struct host *host)
{
	char text[PREFIX_STRLEN];

	prefix_text(&host->onlink, text);
	if (host->segment == SEGMENT_POINT) {
		printf("# %s comes to this server by %s, which knows no neighbour discovery:\n"
		       "# clients get parts of it that nobody has here, and nobody asks for them.\n",
		       text, host->device6);
		print_rest(host, text);
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
	ipv4_text(host->local, address);
	if (*host->other)
		printf("# %s, on %s, is the local address of link %s, and each link needs\n"
		       "# one of its own. Give this server a second one, and write it here:\n"
		       "# local = ADDRESS\n\n", address, host->device4, host->other);
	else
		printf("# The IPv4 address of this server, on %s.\n"
		       "local = %s\n\n", host->device4, address);
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
	char text[PREFIX_STRLEN];
	struct ifaddrs *list;
	int err;

	if (getifaddrs(&list))
		return refuse(broker, errno,
			      "addresses of this host cannot be read: %s; see ip addr",
			      strerror(errno));
	err = see_links(broker, host);
	see_ipv4(host, list);
	see_device6(broker, host);
	err = err ?: see_ipv6(broker, host, list);
	freeifaddrs(list);
	if (err || visit_routes(broker, host, see_route) || visit_routes(broker, host, see_taken))
		return refused(broker, "the host's routes cannot be read");
	if (!*host->device4)
		return refuse(broker, EADDRNOTAVAIL,
			      "no device has an IPv4 address, and tunnels need one; see ip -4 addr");
	if (!whole(host)->length && host->useless.length)
		return refuse(broker, EADDRNOTAVAIL,
			      "no prefix for clients can be seen: what is on-link where the IPv6 default route leads (%s), %s, %s; if a prefix is routed here, run ip -6 route add unreachable PREFIX",
			      host->device6, prefix_text(&host->useless, text),
			      why_useless(&host->useless));
	if (!whole(host)->length)
		return refuse(broker, EADDRNOTAVAIL,
			      "no prefix for clients can be seen: none is on-link where the IPv6 default route leads (%s), and none has an unreachable route; if one is routed here, run ip -6 route add unreachable PREFIX",
			      *host->device6 ? host->device6 : "nowhere");
	return 0;
}

/* Look, propose, print. Return: exit code. */
static int init_print(struct broker *broker, struct host *host)
{
	struct proposal proposal = {};
	char text[PREFIX_STRLEN];
	bool onlink;
	int code;

	code = look(broker, host);
	if (code)
		return code;
	onlink = !host->routed.length;
	if (!propose(broker, host, &proposal))
		return refuse(broker, EADDRINUSE,
			      "no two parts of %s are free of addresses that this host needs; write the configuration yourself, see sitbroker.conf(5)",
			      prefix_text(whole(host), text));
	print_config(host, &proposal, onlink, host->link);
	return EXIT_OK;
}

/* init [NAME]. Return: exit code. */
int init_command(struct broker *broker, struct words *words)
{
	const char *name = words_next(words) ?: "broker0";
	struct host host = { .link = name };
	int code;

	code = words_end(broker, words);
	if (code)
		return code;
	code = link_name_check(broker, name);
	if (code)
		return code;
	code = init_print(broker, &host);
	json_decref(host.links);
	free(host.taken);
	return code;
}
