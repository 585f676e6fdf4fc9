// SPDX-License-Identifier: GPL-2.0
/*
 * IPv6 routes of packets that concern clients: from them, to them, and what their
 * neighbours ask. A walk through the tables is a tenth of what a packet costs, and
 * most packets go where one went a moment ago. So each processor remembers the route
 * of each pool, where all of it has one, and some of others, of all that begin with the same
 * bits or of an address, each in the only place that it leads to: whatever strangers send, they
 * are no more. What is not among them is looked up, and with how few bits it has the same route
 * as all that share them asked.
 *
 * A remembered route is the one that the tables have now. Whatever begins to be
 * there, a route, an address, a device that is up, begins a new generation, and what
 * was found in another one counts no more. What ceases to be there is no longer
 * valid, see dst_check(), nor is what leads to a device without carrier. Where more
 * than the destination chooses a route, none is remembered.
 */

#include <linux/hash.h>
#include <linux/percpu.h>
#include <net/ip6_fib.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>

#include "net.h"
#include "route.h"

/*
 * Before the first hook is registered. They stay until the namespace goes, since
 * packets may be in a hook.
 *
 * Return: 0 or -ENOMEM.
 */
int sb_routes_alloc(struct sb_net *sbn)
{
	if (!sbn->routes)
		sbn->routes = alloc_percpu_gfp(struct sb_routes, GFP_KERNEL_ACCOUNT);
	return sbn->routes ? 0 : -ENOMEM;
}

/* No packet is in a hook any more. */
void sb_routes_free(struct sb_net *sbn)
{
	int cpu, i;

	if (!sbn->routes)
		return;
	for_each_possible_cpu(cpu)
		for (i = 0; i < SB_ROUTE_PLACES; i++)
			dst_release(per_cpu_ptr(sbn->routes, cpu)->place[i].dst);
	free_percpu(sbn->routes);
}

/*
 * Before the pool is found in the table.
 *
 * Return: 0 or -ENOMEM.
 */
int sb_pool_route_alloc(struct sb_pool *pool)
{
	pool->route = alloc_percpu_gfp(struct sb_route, GFP_KERNEL_ACCOUNT);
	return pool->route ? 0 : -ENOMEM;
}

/* A grace period after the pool left the table, if it came there. */
void sb_pool_route_free(struct sb_pool *pool)
{
	int cpu;

	if (!pool->route)
		return;
	for_each_possible_cpu(cpu)
		dst_release(per_cpu_ptr(pool->route, cpu)->dst);
	free_percpu(pool->route);
}

/**
 * sb_route_look_up() - the route of a packet that arrives
 * @dev: the device on which it does
 * @to: its destination
 * @skb: the packet, or NULL where it is only imagined; then policy rules count that
 *	look at destination and device
 *
 * As the stack looks it up, in the VRF of @dev. The caller holds the RCU read lock.
 *
 * Return: the route, one that is kept for each processor, so nothing was made for
 * whoever chose @to; lent. Where there is none, one that says so.
 */
struct dst_entry *sb_route_look_up(struct net_device *dev, const struct in6_addr *to,
				   const struct sk_buff *skb)
{
	struct flowi6 fl6 = {
		.flowi6_iif = dev->ifindex,
		.daddr = *to,
	};
	int flags = RT6_LOOKUP_F_DST_NOREF;

	if (skb) {
		flags |= RT6_LOOKUP_F_HAS_SADDR;
		fl6.saddr = ipv6_hdr(skb)->saddr;
	}
	return ip6_route_input_lookup(dev_net(dev), dev, &fl6, skb, flags);
}

/*
 * Does the destination choose a route, and nothing else? A route can be for some
 * sources only; a host that is no router looks whether its gateways answer; a new policy
 * rule begins a generation since 6.15 only.
 */
static bool sb_route_is_plain(const struct net *net)
{
	return !fib6_routes_require_src(net) && !fib6_has_custom_rules(net) &&
	       READ_ONCE(net->ipv6.devconf_all->forwarding);
}

/*
 * Is it the route of every packet for an address? Not where others have the same metric:
 * several ways share the packets, or the device decides, or what routers say of
 * themselves; nor what was learnt of one host. What is for one link is not asked for here.
 */
static bool sb_route_is_for_all(const struct rt6_info *rt, const struct in6_addr *to)
{
	const struct fib6_info *from = rcu_dereference(rt->from), *next;
	const struct fib6_node *node;

	if (!(rt->rt6i_flags & RTF_PCPU) || !from || from->nh ||
	    ipv6_addr_type(to) & (IPV6_ADDR_LINKLOCAL | IPV6_ADDR_MULTICAST))
		return false;
	node = rcu_dereference(from->fib6_node);
	if (!node || rcu_access_pointer(node->leaf) != from)
		return false;
	next = rcu_dereference(from->fib6_next);
	return !next || next->fib6_metric != from->fib6_metric;
}

/* The first node of a table that is for a prefix, or for something in it. */
static const struct fib6_node *sb_route_node(const struct fib6_table *table,
					     const struct sb_prefix *prefix)
{
	const struct fib6_node *node = &table->tb6_root;

	while (node && node->fn_bit < prefix->len)
		node = prefix->addr.s6_addr[node->fn_bit / 8] & 0x80 >> node->fn_bit % 8 ?
		       rcu_dereference(node->right) : rcu_dereference(node->left);
	return node;
}

/* Has a table no other route for any address of a prefix than one that is not longer? */
static bool sb_route_is_alone(const struct fib6_table *table, const struct fib6_info *from,
			      const struct sb_prefix *prefix)
{
	const struct fib6_node *node = sb_route_node(table, prefix);
	const struct fib6_info *leaf;

	if (!node)
		return true;
	/* Any route of those at or below the node: they share the bits that led there. */
	leaf = rcu_dereference(node->leaf);
	if (!leaf || leaf->fib6_dst.plen < prefix->len)
		return false;
	if (!ipv6_prefix_equal(&leaf->fib6_dst.addr, &prefix->addr, prefix->len))
		return true;
	return node == rcu_access_pointer(from->fib6_node) && !rcu_access_pointer(node->left) &&
	       !rcu_access_pointer(node->right);
}

/*
 * Is what is the route of every packet for one address of a prefix that of all its addresses?
 * Not where it is of a part only, nor where a part is elsewhere. What the stack has learnt of
 * single hosts is passed by then: a path MTU, which whoever has the narrow line says himself,
 * and a redirect, which a device takes that does not forward: the old way goes on to work.
 */
static bool sb_route_is_for_prefix(struct net *net, const struct rt6_info *rt,
				   const struct sb_prefix *prefix)
{
	const struct fib6_info *from = rcu_dereference(rt->from);

	return from && from->fib6_dst.plen <= prefix->len &&
	       sb_route_is_alone(fib6_get_table(net, RT6_TABLE_MAIN), from, prefix) &&
	       sb_route_is_alone(fib6_get_table(net, RT6_TABLE_LOCAL), from, prefix);
}

/*
 * What stands for all addresses that share so many first bits with one, %SB_ROUTE_SITE at most:
 * these, behind what no address of a packet begins with, a group's of scope 0.
 */
static struct sb_addr sb_route_prefix(struct sb_addr to, u8 bits)
{
	return (struct sb_addr){ .hi = (0xff00ULL | bits) << 48 | to.hi >> (64 - bits) };
}

static unsigned int sb_route_part(struct sb_addr to)
{
	return hash_32(to.hi >> (64 - SB_ROUTE_WORLD), ilog2(SB_ROUTE_PARTS));
}

static struct sb_route *sb_route_place(struct sb_routes *routes, struct sb_addr destination)
{
	return &routes->place[hash_64(destination.hi ^ destination.lo, ilog2(SB_ROUTE_PLACES))];
}

/*
 * Where a device has no carrier the stack may take another route
 * (ignore_routes_with_linkdown), and in most kernels that begins no generation.
 */
static bool sb_route_is_connected(const struct dst_entry *dst)
{
	const struct net_device *dev = dst_dev(dst);

	return netif_carrier_ok(dev) && !netif_dormant(dev) && !netif_testing(dev);
}

static bool sb_route_is_valid(const struct sb_route *route, int generation)
{
	return route->dst && route->generation == generation &&
	       dst_check(route->dst, route->cookie) && sb_route_is_connected(route->dst);
}

static void sb_route_remember(struct sb_route *route, struct sb_addr destination,
			      struct dst_entry *dst, u32 cookie, int generation)
{
	/* Most destinations share their route with others: no count changes. */
	if (route->dst != dst) {
		if (!dst_hold_safe(dst))
			return;
		dst_release(route->dst);
		route->dst = dst;
	}
	route->destination = destination;
	route->cookie = cookie;
	route->generation = generation;
}

/* What is remembered of a destination, or NULL. */
static struct dst_entry *sb_route_find(struct sb_routes *routes, struct sb_addr destination,
				       int generation)
{
	const struct sb_route *route = sb_route_place(routes, destination);

	return !sb_addr_cmp(route->destination, destination) &&
	       sb_route_is_valid(route, generation) ? route->dst : NULL;
}

/* With how many bits a destination may be remembered, all of its own aside. */
static const u8 sb_route_prefixes[] = { SB_ROUTE_SITE, SB_ROUTE_NETWORK, SB_ROUTE_WORLD };

/* Has nobody else the place of a destination? What ceased to be there keeps it like any other. */
static bool sb_route_is_free(struct sb_routes *routes, struct sb_addr destination, int generation)
{
	const struct sb_route *route = sb_route_place(routes, destination);

	return !route->dst || route->generation != generation ||
	       !sb_addr_cmp(route->destination, destination);
}

/*
 * Is a destination to be remembered? Where more come than there are places, to ask about each
 * and to have it push another out is for nothing.
 */
static bool sb_route_may_come(struct sb_routes *routes, struct sb_addr to, int generation)
{
	return sb_route_is_free(routes, sb_route_prefix(to, SB_ROUTE_SITE), generation) ||
	       !(routes->newcomers++ % SB_ROUTE_NEWCOMERS);
}

/* With how many bits destinations are looked for first. */
static u8 sb_route_first_bits(const struct sb_routes *routes, struct sb_addr to)
{
	return routes->bits[sb_route_part(to)] ?: SB_ROUTE_SITE;
}

/*
 * With how many bits an address is to be remembered: the least with which all have one route,
 * or where somebody else has the place of these, more. Or all of its bits.
 */
static u8 sb_route_bits(struct sb_routes *routes, struct net *net, const struct rt6_info *rt,
			const struct in6_addr *to, int generation)
{
	struct sb_addr destination = sb_addr_load(to);
	int i = ARRAY_SIZE(sb_route_prefixes);
	u8 least = SB_ROUTE_ADDRESS;
	struct sb_prefix prefix;

	while (i--) {
		prefix.len = sb_route_prefixes[i];
		ipv6_addr_prefix(&prefix.addr, to, prefix.len);
		if (least == SB_ROUTE_ADDRESS && sb_route_is_for_prefix(net, rt, &prefix))
			least = prefix.len;
		if (least != SB_ROUTE_ADDRESS &&
		    sb_route_is_free(routes, sb_route_prefix(destination, prefix.len), generation))
			return prefix.len;
	}
	return least;
}

/* Destinations in a part of the world are looked for with no more bits from now on. */
static void sb_route_note_bits(struct sb_routes *routes, struct sb_addr to, u8 bits,
			       int generation)
{
	u8 *first = &routes->bits[sb_route_part(to)];

	/* Nothing but speed would tell: what is remembered with more is looked for second. */
	if (routes->generation != generation) {
		memset(routes->bits, 0, sizeof(routes->bits));
		routes->generation = generation;
	}
	if (!*first || bits < *first)
		*first = bits;
}

/*
 * What is remembered of a destination with more bits than it was looked for with first: others
 * of its part of the world, or of one that shares its number, are remembered with fewer. Or NULL.
 */
static struct dst_entry *sb_route_find_narrower(struct sb_routes *routes, struct sb_addr to,
						int generation)
{
	u8 first = sb_route_first_bits(routes, to);
	struct dst_entry *dst;
	int i;

	for (i = 0; sb_route_prefixes[i] > first; i++) {
		dst = sb_route_find(routes, sb_route_prefix(to, sb_route_prefixes[i]), generation);
		if (dst)
			return dst;
	}
	return NULL;
}

/*
 * The route of an address that is not where it is looked for first; remembered from then
 * on. Out of line: what most packets pass by shall be short.
 */
static noinline struct dst_entry *
sb_route_learn(const struct sb_net *sbn, struct net_device *dev, const struct in6_addr *to,
	       const struct sb_pool *pool, const struct sk_buff *skb, int generation)
{
	struct sb_routes *routes = this_cpu_ptr(sbn->routes);
	struct sb_addr destination = sb_addr_load(to);
	struct dst_entry *dst = NULL;
	u8 bits = SB_ROUTE_ADDRESS;
	u32 cookie;

	if (!pool)
		dst = sb_route_find_narrower(routes, destination, generation);
	if (!dst)
		dst = sb_route_find(routes, destination, generation);
	if (dst)
		return dst;

	dst = sb_route_look_up(dev, to, skb);
	if (!pool && !sb_route_may_come(routes, destination, generation))
		return dst;
	/* Before the questions: what changes meanwhile gives it another one. */
	cookie = rt6_get_cookie(dst_rt6_info(dst));
	if (!sb_route_is_for_all(dst_rt6_info(dst), to))
		return dst;
	if (pool && sb_route_is_for_prefix(sbn->net, dst_rt6_info(dst), &pool->prefix)) {
		sb_route_remember(this_cpu_ptr(pool->route), destination, dst, cookie, generation);
		return dst;
	}
	if (!pool)
		bits = sb_route_bits(routes, sbn->net, dst_rt6_info(dst), to, generation);
	if (bits != SB_ROUTE_ADDRESS) {
		sb_route_note_bits(routes, destination, bits, generation);
		destination = sb_route_prefix(destination, bits);
	}
	sb_route_remember(sb_route_place(routes, destination), destination, dst, cookie,
			  generation);
	return dst;
}

/**
 * sb_route_recall() - the route of a packet that arrives, from memory if it is there
 * @sbn: the namespace
 * @dev: the device on which it does
 * @to: its destination
 * @pool: the pool that holds @to, or NULL
 * @skb: the packet, or NULL where it is only imagined
 *
 * As sb_route_look_up(), with softirqs off.
 *
 * Return: the route, lent.
 */
struct dst_entry *sb_route_recall(const struct sb_net *sbn, struct net_device *dev,
				  const struct in6_addr *to, const struct sb_pool *pool,
				  const struct sk_buff *skb)
{
	const struct sb_route *route;
	struct sb_addr destination;
	struct sb_routes *routes;
	int generation;

	lockdep_assert_in_softirq();
	/* With PREEMPT_RT another packet may be looked at in between. */
	if (IS_ENABLED(CONFIG_PREEMPT_RT) || !sb_route_is_plain(sbn->net))
		return sb_route_look_up(dev, to, skb);

	generation = rt_genid_ipv6(sbn->net);
	smp_rmb();	/* Before the look: what changes meanwhile begins another one. */
	if (pool) {
		route = this_cpu_ptr(pool->route);
	} else {
		routes = this_cpu_ptr(sbn->routes);
		destination = sb_addr_load(to);
		destination = sb_route_prefix(destination,
					      sb_route_first_bits(routes, destination));
		route = sb_route_place(routes, destination);
	}
	if (likely((pool || route->destination.hi == destination.hi) &&
		   sb_route_is_valid(route, generation)))
		return route->dst;
	return sb_route_learn(sbn, dev, to, pool, skb, generation);
}
