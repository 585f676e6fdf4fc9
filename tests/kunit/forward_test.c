// SPDX-License-Identifier: GPL-2.0
/*
 * Which packets of clients are passed on by the straight way, and which are left to the stack
 * as they are. The file under test is included; the rest of the module and the namespace, the
 * device and the route of the packet are played here.
 */

#include <kunit/test.h>
#include <linux/netdevice.h>
#include <net/inet_ecn.h>

#include "../../kmod/forward.c"

#include "passage.h"

/* In the pool, pair ::2 belongs to home. That of the other link is 2001:db8:3::/64. */
static const struct in6_addr home_server = ADDR(1, 2), home_own = ADDR(1, 3);
static const struct in6_addr unassigned = ADDR(1, 0x66);
static const struct in6_addr elsewhere = ADDR(3, 2);
static const struct in6_addr outside = ADDR(2, 1);
static const struct in6_addr loopback = { { { [15] = 1 } } };

#define IFINDEX		77

/**
 * struct world - what is played, and what was seen
 * @passage: of which the link is the one on which the packet arrives
 * @other_link: the link of its other device
 * @pool: a pool of its link
 * @other_pool: a pool of @other_link
 * @home: a client in @pool
 * @chain: PRE_ROUTING, with room for two hooks
 * @refdst: the route that the packet had when it was passed on, and whether the route is lent
 * @n_asked: how often the route was asked for
 * @asked: for which pool
 */
static struct world {
	struct passage passage;
	struct sb_link other_link;
	struct sb_pool *pool, *other_pool;
	struct sb_client home;
	struct nf_hook_entries *chain;
	unsigned long refdst;
	unsigned int n_asked;
	const struct sb_pool *asked;
} *world;

static int played_input(struct sk_buff *skb)
{
	world->passage.n_passed++;
	world->passage.passed = skb;
	world->refdst = skb->_skb_refdst;
	return 0;
}

struct sb_client *sb_table_client(const struct sb_table *table, const struct in6_addr *addr,
				  struct sb_pool **pool)
{
	*pool = NULL;
	if (table != &world->passage.sbn.table)
		return NULL;
	if (ipv6_prefix_equal(addr, &home_own, 64))
		*pool = world->pool;
	else if (ipv6_prefix_equal(addr, &elsewhere, 64))
		*pool = world->other_pool;
	return ipv6_prefix_equal(addr, &home_own, 127) ? &world->home : NULL;
}

struct dst_entry *sb_route_recall(const struct sb_net *sbn, struct net_device *dev,
				  const struct in6_addr *to, const struct sb_pool *pool,
				  const struct sk_buff *skb)
{
	lockdep_assert_in_softirq();
	world->n_asked++;
	world->asked = pool;
	/* What is asked for somebody else leads nowhere. */
	if (sbn != &world->passage.sbn || dev != world->passage.dev || skb != world->passage.skb ||
	    !ipv6_addr_equal(to, &ipv6_hdr(skb)->daddr))
		world->passage.rt.rt6i_flags |= RTF_REJECT;
	return &world->passage.rt.dst;
}

/* What is in this way, besides what is in both. */
enum {
	DEVICE_HEARD = N_IN_BOTH_WAYS, XDP, RX_HANDLER, TCX_INGRESS, NF_INGRESS, RPS_MAP, RPS_FLOWS,
	NO_CHAIN, OTHER_HOOK_AFTER, OTHER_HOOK_BEFORE, OTHER_HOOK, CUSTOM_RULES, OTHER_LINK_UP,
};

/**
 * struct forward_case - a packet, and the world that it comes into
 * @name: what is special about it
 * @world: what is special about the world
 * @options: hop-by-hop options follow its header
 * @nexthdr: otherwise; UDP where 0
 * @hops: how many it has behind it, of %HOP_LIMIT
 * @payload: difference of the payload length to what follows the header
 * @to: destination, outside where NULL
 * @dsfield: traffic class
 * @counter: where @dsfield has it counted, not-ECT where 0
 * @segments: of which it was put together, 0 for none
 * @pfmemalloc: its memory is from the reserves
 * @flags: of its route
 */
struct forward_case {
	const char *name;
	unsigned int world;
	bool options;
	u8 nexthdr, hops;
	int payload;
	const struct in6_addr *to;
	u8 dsfield;
	int counter;
	unsigned short segments;
	bool pfmemalloc;
	u32 flags;
};

/* The upper bits are no part of ECN. */
#define ECN(what, bits, where)								\
	{ "ECN: " what, .dsfield = 0xb8 | (bits), .counter = IPSTATS_MIB_##where##PKTS }

static const struct forward_case passed_cases[] = {
	{ "UDP" },
	{ "TCP", .nexthdr = IPPROTO_TCP },
	{ "hop limit 2", .hops = HOP_LIMIT - 2 },
	ECN("Not-ECT", INET_ECN_NOT_ECT, NOECT),
	ECN("ECT(0)", INET_ECN_ECT_0, ECT0),
	ECN("ECT(1)", INET_ECN_ECT_1, ECT1),
	ECN("CE", INET_ECN_CE, CE),
	{ "segments", .nexthdr = IPPROTO_TCP, .segments = 5 },
	{ "segments, CE", .nexthdr = IPPROTO_TCP, .segments = 5, .dsfield = INET_ECN_CE,
	  .counter = IPSTATS_MIB_CEPKTS },
	{ "to a client", .to = &home_own },
	{ "to nobody in a pool of the same link", .to = &unassigned },
	{ "to a pool of another link that is up", OTHER_LINK_UP, .to = &elsewhere },
	{ "its route has a gateway", .flags = RTF_UP | RTF_GATEWAY },
};

static const struct forward_case packet_cases[] = {
	{ "ICMPv6", .nexthdr = IPPROTO_ICMPV6 },
	{ "hop-by-hop options", .options = true },
	{ "routing header", .nexthdr = NEXTHDR_ROUTING },
	{ "fragment", .nexthdr = NEXTHDR_FRAGMENT },
	{ "destination options", .nexthdr = NEXTHDR_DEST },
	{ "ESP", .nexthdr = NEXTHDR_ESP },
	{ "nothing behind the header", .nexthdr = NEXTHDR_NONE },
	{ "hop limit 1", .hops = HOP_LIMIT - 1 },
	{ "hop limit 0", .hops = HOP_LIMIT },
	{ "padding of one byte", .payload = -1 },
	{ "padding of eight bytes", .payload = -8 },
	{ "all is padding", .payload = -PAYLOAD },
	{ "cut off by one byte", .payload = 1 },
	{ "cut off by much", .payload = 0xffff - PAYLOAD },
	{ "to ::1", .to = &loopback },
	{ "in memory from the reserves", .pfmemalloc = true },
};

static const struct forward_case arrival_cases[] = {
	{ "all packets of the namespace are heard", ALL_HEARD },
	{ "IPv6 of the namespace is heard", HEARD },
	{ "all packets of the device are heard", DEVICE_ALL_HEARD },
	{ "IPv6 of the device is heard", DEVICE_HEARD },
	{ "an XDP program", XDP },
	{ "another device is above", RX_HANDLER },
#ifdef CONFIG_NET_XGRESS
	{ "traffic control", TCX_INGRESS },
#endif
#ifdef CONFIG_NETFILTER_INGRESS
	{ "netfilter on the device", NF_INGRESS },
#endif
#ifdef CONFIG_RPS
	{ "other processors by RPS", RPS_MAP },
	{ "other processors by RFS", RPS_FLOWS },
#endif
};

static const struct forward_case routing_cases[] = {
	{ "no IPv6 on the device", NO_IDEV },
	{ "IPv6 is disabled", NO_IPV6 },
	{ "in a VRF", VRF_SLAVE },
	{ "no hook", NO_CHAIN },
	{ "a hook behind ours", OTHER_HOOK_AFTER },
	{ "a hook before ours", OTHER_HOOK_BEFORE },
	{ "a hook, not ours", OTHER_HOOK },
	{ "policy rules", CUSTOM_RULES },
};

static const struct forward_case route_cases[] = {
	{ "to a client's gateway", .to = &home_server },
	{ "to a pool of a link that is down", .to = &elsewhere },
	{ "to this host", .flags = RTF_LOCAL },
	{ "to an anycast address", .flags = RTF_ANYCAST },
	{ "nowhere", .flags = RTF_REJECT },
};

static void forward_describe(const struct forward_case *c, char *description)
{
	strscpy(description, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(passed, passed_cases, forward_describe);
KUNIT_ARRAY_PARAM(packet, packet_cases, forward_describe);
KUNIT_ARRAY_PARAM(arrival, arrival_cases, forward_describe);
KUNIT_ARRAY_PARAM(routing, routing_cases, forward_describe);
KUNIT_ARRAY_PARAM(route, route_cases, forward_describe);

static rx_handler_result_t played_rx_handler(struct sk_buff **skb)
{
	return RX_HANDLER_PASS;
}

/* What a pointer leads to that is only looked at. */
#define SOMETHING	((void *)&world->passage.listener)

/* One thing at a time, in a world where a plain packet is passed on. */
static void spoil(const struct forward_case *c)
{
	struct net_device *dev = world->passage.dev;

	switch (c->world) {
	case DEVICE_HEARD:
		list_add(&world->passage.listener.list, &dev->ptype_specific);
		break;
	case XDP:
		rcu_assign_pointer(dev->xdp_prog, SOMETHING);
		break;
	case RX_HANDLER:
		rcu_assign_pointer(dev->rx_handler, played_rx_handler);
		break;
	case TCX_INGRESS:
#ifdef CONFIG_NET_XGRESS
		rcu_assign_pointer(dev->tcx_ingress, SOMETHING);
#endif
		break;
	case NF_INGRESS:
#ifdef CONFIG_NETFILTER_INGRESS
		rcu_assign_pointer(dev->nf_hooks_ingress, SOMETHING);
#endif
		break;
	case RPS_MAP:
#ifdef CONFIG_RPS
		rcu_assign_pointer(dev->_rx->rps_map, SOMETHING);
#endif
		break;
	case RPS_FLOWS:
#ifdef CONFIG_RPS
		dev->_rx->rps_flow_table = (rps_tag_ptr)SOMETHING;
#endif
		break;
	case NO_CHAIN:
		RCU_INIT_POINTER(world->passage.net->nf.hooks_ipv6[NF_INET_PRE_ROUTING], NULL);
		break;
	case OTHER_HOOK_BEFORE:
		world->chain->hooks[1].priv = world->chain->hooks[0].priv;
		world->chain->hooks[0].priv = SOMETHING;
		fallthrough;
	case OTHER_HOOK_AFTER:
		world->chain->num_hook_entries = 2;
		break;
	case OTHER_HOOK:
		world->chain->hooks[0].priv = SOMETHING;
		break;
	case CUSTOM_RULES:
		world->passage.net->ipv6.fib6_has_custom_rules = true;
		break;
	case OTHER_LINK_UP:
		world->passage.other_dev->flags |= IFF_UP;
		break;
	default:
		passage_spoil(&world->passage, c->world);
		break;
	}
}

/* A packet whose outer header was taken off: all begins at the inner header. */
static void make(struct kunit *test, const struct forward_case *c)
{
	struct passage *passage = &world->passage;
	struct ipv6hdr *ip6 = passage_make(test, passage, passage->dev, 32);
	struct sk_buff *skb = passage->skb;

	ip6_flow_hdr(ip6, c->dsfield, 0);
	ip6->payload_len = htons(PAYLOAD + c->payload);
	ip6->hop_limit = HOP_LIMIT - c->hops;
	ip6->nexthdr = c->options ? NEXTHDR_HOP : c->nexthdr ?: IPPROTO_UDP;
	ip6->saddr = home_own;
	ip6->daddr = *(c->to ?: &outside);

	skb_shinfo(skb)->gso_segs = c->segments;
	skb->pfmemalloc = c->pfmemalloc;
	skb->transport_header = 1;
	skb->mac_len = GARBAGE;
	skb->skb_iif = GARBAGE;
	skb->redirected = 1;
	passage_remember(passage);
	world->passage.rt.rt6i_flags = c->flags;
}

static void passed_on(struct kunit *test)
{
	const struct inet6_skb_parm parm = {
		.iif = IFINDEX,
		.nhoff = offsetof(struct ipv6hdr, nexthdr),
	};
	const struct forward_case *c = test->param_value;
	const struct in6_addr *to = c->to ?: &outside;
	struct sk_buff *skb;
	int i;

	spoil(c);
	make(test, c);
	skb = world->passage.skb;
	KUNIT_ASSERT_TRUE(test, passage_take(&world->passage, sb_forward));

	KUNIT_EXPECT_EQ(test, world->passage.n_passed, 1);
	KUNIT_EXPECT_PTR_EQ(test, world->passage.passed, skb);
	KUNIT_EXPECT_EQ(test, world->n_asked, 1);
	KUNIT_EXPECT_PTR_EQ(test, world->asked, to == &outside ? NULL :
			    to == &elsewhere ? world->other_pool : world->pool);

	KUNIT_EXPECT_EQ(test, world->refdst, (unsigned long)&world->passage.rt.dst | SKB_DST_NOREF);
	KUNIT_EXPECT_EQ(test, skb->len, LEN);
	KUNIT_EXPECT_MEMEQ(test, skb->data, world->passage.data, LEN);
	KUNIT_EXPECT_PTR_EQ(test, skb_network_header(skb), skb->data);
	KUNIT_EXPECT_PTR_EQ(test, skb_transport_header(skb), skb->data + sizeof(struct ipv6hdr));
	KUNIT_EXPECT_PTR_EQ(test, skb->dev, world->passage.dev);
	KUNIT_EXPECT_EQ(test, skb->skb_iif, IFINDEX);
	KUNIT_EXPECT_EQ(test, skb->mac_len, 0);
	KUNIT_EXPECT_FALSE(test, skb->redirected);
	/* Behind the last member is padding. */
	KUNIT_EXPECT_MEMEQ(test, IP6CB(skb), &parm, offsetofend(struct inet6_skb_parm, srhoff));

	check_ways(test, &world->passage, 1, 0);
	for (i = 0; i < __IPSTATS_MIB_MAX; i++) {
		if (i == IPSTATS_MIB_INPKTS)
			check_counter(test, &world->passage, i, 1);
		else if (i == IPSTATS_MIB_INOCTETS)
			check_counter(test, &world->passage, i, LEN);
		else if (i == (c->counter ?: IPSTATS_MIB_NOECTPKTS))
			check_counter(test, &world->passage, i, c->segments ?: 1);
		else
			check_counter(test, &world->passage, i, 0);
	}
}

static void check_left(struct kunit *test)
{
	const struct forward_case *c = test->param_value;

	spoil(c);
	make(test, c);
	KUNIT_EXPECT_FALSE(test, passage_take(&world->passage, sb_forward));
	check_untouched(test, &world->passage);
}

/* Named by the question that was answered with no. */
static void left_for_packet(struct kunit *test)
{
	check_left(test);
}

static void left_for_arrival(struct kunit *test)
{
	check_left(test);
}

static void left_for_routing(struct kunit *test)
{
	check_left(test);
}

static void left_for_route(struct kunit *test)
{
	check_left(test);
}

/* On top of what is in both ways. */
static void make_plain(void)
{
	world->chain->num_hook_entries = 1;
	world->chain->hooks[0].priv = &world->passage.sbn;
	rcu_assign_pointer(world->passage.net->nf.hooks_ipv6[NF_INET_PRE_ROUTING], world->chain);
	world->passage.dev->ifindex = IFINDEX;
	world->other_link.dev = world->passage.other_dev;
	world->other_link.sbn = &world->passage.sbn;
	world->pool->link = &world->passage.link;
	world->other_pool->link = &world->other_link;
	world->home.link = &world->passage.link;
	world->home.server = home_server;
	world->passage.rt.dst.input = played_input;
}

static int forward_init(struct kunit *test)
{
	int err;

	world = kunit_kzalloc(test, sizeof(*world), GFP_KERNEL);
	if (!world)
		return -ENOMEM;
	err = passage_init(test, &world->passage);
	if (err)
		return err;
	world->pool = kunit_kzalloc(test, sizeof(*world->pool), GFP_KERNEL);
	world->other_pool = kunit_kzalloc(test, sizeof(*world->other_pool), GFP_KERNEL);
	world->chain = kunit_kzalloc(test, struct_size(world->chain, hooks, 2), GFP_KERNEL);
	if (!world->pool || !world->other_pool || !world->chain)
		return -ENOMEM;
	make_plain();
	return 0;
}

static void forward_exit(struct kunit *test)
{
	if (!world)
		return;
	passage_exit(&world->passage);
	world = NULL;
}

static struct kunit_case forward_suite_cases[] = {
	KUNIT_CASE_PARAM(passed_on, passed_gen_params),
	KUNIT_CASE_PARAM(left_for_packet, packet_gen_params),
	KUNIT_CASE_PARAM(left_for_arrival, arrival_gen_params),
	KUNIT_CASE_PARAM(left_for_routing, routing_gen_params),
	KUNIT_CASE_PARAM(left_for_route, route_gen_params),
	{}
};

/* Where the kernel can give packets to other processors, it looks whether anybody wants that. */
static int forward_suite_init(struct kunit_suite *suite)
{
#ifdef CONFIG_RPS
	static_branch_inc(&rps_needed);
#endif
	return 0;
}

static void forward_suite_exit(struct kunit_suite *suite)
{
#ifdef CONFIG_RPS
	static_branch_dec(&rps_needed);
#endif
}

static struct kunit_suite forward_suite = {
	.name = "sitbroker_forward",
	.suite_init = forward_suite_init,
	.suite_exit = forward_suite_exit,
	.init = forward_init,
	.exit = forward_exit,
	.test_cases = forward_suite_cases,
};

kunit_test_suite(forward_suite);

MODULE_DESCRIPTION("KUnit tests of sitbroker: the straight way on");
MODULE_LICENSE("GPL");
