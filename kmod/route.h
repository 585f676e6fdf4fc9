/* SPDX-License-Identifier: GPL-2.0 */
/* IPv6 routes of packets that concern clients, remembered for each processor. */
#ifndef _SITBROKER_ROUTE_H
#define _SITBROKER_ROUTE_H

#include <net/ip6_route.h>
#include <net/ipv6.h>

#include "prefix.h"

struct net_device;
struct sb_net;
struct sb_pool;
struct sk_buff;

/* A power of two. */
#define SB_ROUTE_PLACES	512

/* Whoever holds a place keeps it from all newcomers but each so-manyth. */
#define SB_ROUTE_NEWCOMERS	8

/*
 * A destination is asked about with all that share its first bits: of the whole world, where
 * hosts have a default route and few others; of a network, as registries hand them out; of what
 * is a site's, RFC 6177 section 2.
 */
#define SB_ROUTE_WORLD		16
#define SB_ROUTE_NETWORK	32
#define SB_ROUTE_SITE		48
#define SB_ROUTE_ADDRESS	128

/* So many parts of the world, by a hash of the first %SB_ROUTE_WORLD bits. A power of two. */
#define SB_ROUTE_PARTS		256

/**
 * struct sb_route - where packets for an address go, or for all of a prefix or a pool
 * @destination: the address, or what stands for the prefix, see sb_route_prefix(); says
 *	nothing in &sb_pool.route
 * @dst: the route, held; NULL at first
 * @cookie: of @dst, for dst_check()
 * @generation: of all IPv6 routes, before @dst was looked up
 *
 * None lies across two cache lines, wherever memory of each processor is.
 */
struct sb_route {
	struct sb_addr destination;
	struct dst_entry *dst;
	u32 cookie;
	int generation;
} __aligned(32);

/**
 * struct sb_routes - routes of a processor
 * @place: each in the place that its destination leads to
 * @bits: the least with which a destination in a part of the world was remembered: so many are
 *	looked for first
 * @generation: of all IPv6 routes, in which @bits began
 * @newcomers: destinations that were looked up and whose place was another's
 *
 * Used with softirqs off, by that processor alone.
 */
struct sb_routes {
	struct sb_route place[SB_ROUTE_PLACES];
	u8 bits[SB_ROUTE_PARTS];
	int generation;
	unsigned int newcomers;
};

/* Does a packet with the route end here? An anycast route of netlink's has no flag for that. */
static inline bool sb_route_is_here(const struct dst_entry *dst)
{
	return dst_rt6_info(dst)->rt6i_flags & (RTF_LOCAL | RTF_ANYCAST) || dst->input == ip6_input;
}

int sb_routes_alloc(struct sb_net *sbn);
void sb_routes_free(struct sb_net *sbn);

int sb_pool_route_alloc(struct sb_pool *pool);
void sb_pool_route_free(struct sb_pool *pool);

struct dst_entry *sb_route_look_up(struct net_device *dev, const struct in6_addr *to,
				   const struct sk_buff *skb);
struct dst_entry *sb_route_recall(const struct sb_net *sbn, struct net_device *dev,
				  const struct in6_addr *to, const struct sb_pool *pool,
				  const struct sk_buff *skb);

#endif /* _SITBROKER_ROUTE_H */
