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

/* The pool is 2001:db8:1::/64: pair ::2 belongs to home. That of the other link is :3. */
#define ADDR(pool, last)	{ { { 0x20, 0x01, 0x0d, 0xb8, 0, (pool), [15] = (last) } } }

static const struct in6_addr home_server = ADDR(1, 2), home_own = ADDR(1, 3);
static const struct in6_addr unassigned = ADDR(1, 0x66);
static const struct in6_addr elsewhere = ADDR(3, 2);
static const struct in6_addr outside = ADDR(2, 1);
static const struct in6_addr loopback = { { { [15] = 1 } } };

#define IFINDEX		77
#define PAYLOAD		64
#define LEN		(sizeof(struct ipv6hdr) + PAYLOAD)
#define HOP_LIMIT	64
/* Of what was written before the packet came here: nobody cleared it. */
#define GARBAGE		0x5a

/**
 * struct world - what is played, and what was seen
 * @net: the namespace
 * @sbn: our part of it
 * @dev: the device of @link
 * @other_dev: the device of @other_link
 * @link: the link on which the packet arrives
 * @other_link: another one
 * @pool: a pool of @link
 * @other_pool: a pool of @other_link
 * @home: a client in @pool
 * @idev: what IPv6 has of @dev
 * @chain: PRE_ROUTING, with room for two hooks
 * @listener: somebody who hears packets
 * @rt: the route of all packets
 * @n_passed: how many packets it was given
 * @passed: the last of them
 * @refdst: the route that it had then, and whether the route is lent
 * @n_asked: how often the route was asked for
 * @asked: for which pool
 * @skb: the packet
 * @before: @skb as it was made
 * @data: and its data
 */
static struct world {
	struct net *net;
	struct sb_net sbn;
	struct net_device *dev, *other_dev;
	struct sb_link link, other_link;
	struct sb_pool *pool, *other_pool;
	struct sb_client home;
	struct inet6_dev *idev;
	struct nf_hook_entries *chain;
	struct packet_type listener;
	struct rt6_info rt;
	unsigned int n_passed;
	struct sk_buff *passed;
	unsigned long refdst;
	unsigned int n_asked;
	const struct sb_pool *asked;
	struct sk_buff *skb;
	struct sk_buff before;
	u8 data[LEN];
} *world;

static int played_input(struct sk_buff *skb)
{
	world->n_passed++;
	world->passed = skb;
	world->refdst = skb->_skb_refdst;
	return 0;
}

struct sb_client *sb_table_client(const struct sb_table *table, const struct in6_addr *addr,
				  struct sb_pool **pool)
{
	*pool = NULL;
	if (table != &world->sbn.table)
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
	if (sbn != &world->sbn || dev != world->dev || skb != world->skb ||
	    !ipv6_addr_equal(to, &ipv6_hdr(skb)->daddr))
		world->rt.rt6i_flags |= RTF_REJECT;
	return &world->rt.dst;
}

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
	enum {
		PLAIN, ALL_HEARD, HEARD, DEVICE_ALL_HEARD, DEVICE_HEARD, XDP, RX_HANDLER,
		TCX_INGRESS, NF_INGRESS, RPS_MAP, RPS_FLOWS, NO_IDEV, NO_IPV6, VRF_SLAVE, NO_CHAIN,
		OTHER_HOOK_AFTER, OTHER_HOOK_BEFORE, OTHER_HOOK, CUSTOM_RULES, OTHER_LINK_UP,
	} world;
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
#define SOMETHING	((void *)&world->listener)

/* One thing at a time, in a world where a plain packet is passed on. */
static void spoil(const struct forward_case *c)
{
	struct net_device *dev = world->dev;

	switch (c->world) {
	case PLAIN:
		break;
	case ALL_HEARD:
		list_add(&world->listener.list, &world->net->ptype_all);
		break;
	case HEARD:
		list_add(&world->listener.list, &world->net->ptype_specific);
		break;
	case DEVICE_ALL_HEARD:
		list_add(&world->listener.list, &dev->ptype_all);
		break;
	case DEVICE_HEARD:
		list_add(&world->listener.list, &dev->ptype_specific);
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
	case NO_IDEV:
		RCU_INIT_POINTER(dev->ip6_ptr, NULL);
		break;
	case NO_IPV6:
		world->idev->cnf.disable_ipv6 = 1;
		break;
	case VRF_SLAVE:
		dev->priv_flags |= IFF_L3MDEV_SLAVE;
		break;
	case NO_CHAIN:
		RCU_INIT_POINTER(world->net->nf.hooks_ipv6[NF_INET_PRE_ROUTING], NULL);
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
		world->net->ipv6.fib6_has_custom_rules = true;
		break;
	case OTHER_LINK_UP:
		world->other_dev->flags |= IFF_UP;
		break;
	}
}

/* A packet whose outer header was taken off: all begins at the inner header. */
static void make(struct kunit *test, const struct forward_case *c)
{
	struct ipv6hdr *ip6;
	struct sk_buff *skb;

	skb = alloc_skb(256, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, skb);
	world->skb = skb;
	skb_reserve(skb, 32);
	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);
	ip6 = skb_put_zero(skb, sizeof(*ip6));
	ip6_flow_hdr(ip6, c->dsfield, 0);
	ip6->payload_len = htons(PAYLOAD + c->payload);
	ip6->hop_limit = HOP_LIMIT - c->hops;
	ip6->nexthdr = c->options ? NEXTHDR_HOP : c->nexthdr ?: IPPROTO_UDP;
	ip6->saddr = home_own;
	ip6->daddr = *(c->to ?: &outside);
	memset(skb_put(skb, PAYLOAD), GARBAGE, PAYLOAD);

	skb->protocol = htons(ETH_P_IPV6);
	skb->dev = world->dev;
	skb_shinfo(skb)->gso_segs = c->segments;
	skb->pfmemalloc = c->pfmemalloc;
	skb->transport_header = 1;
	skb->mac_len = GARBAGE;
	skb->skb_iif = GARBAGE;
	skb->redirected = 1;
	memset(skb->cb, GARBAGE, sizeof(skb->cb));
	memcpy(&world->before, skb, sizeof(*skb));
	memcpy(world->data, skb->data, LEN);
	world->rt.rt6i_flags = c->flags;
}

static bool forward(void)
{
	bool passed;

	local_bh_disable();
	rcu_read_lock();
	passed = sb_forward(&world->link, world->skb);
	rcu_read_unlock();
	local_bh_enable();
	return passed;
}

static unsigned long forwarded(void)
{
	unsigned long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += per_cpu_ptr(world->link.drops, cpu)->forwarded;
	return sum;
}

/* A counter of IPv6. */
static u64 counted(const struct ipstats_mib __percpu *mib, int counter)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += per_cpu_ptr(mib, cpu)->mibs[counter];
	return sum;
}

static void check_counter(struct kunit *test, int counter, u64 expected)
{
	KUNIT_EXPECT_EQ_MSG(test, counted(world->net->mib.ipv6_statistics, counter), expected,
			    "counter %d of the namespace", counter);
	KUNIT_EXPECT_EQ_MSG(test, counted(world->idev->stats.ipv6, counter), expected,
			    "counter %d of the device", counter);
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
	skb = world->skb;
	KUNIT_ASSERT_TRUE(test, forward());

	KUNIT_EXPECT_EQ(test, world->n_passed, 1);
	KUNIT_EXPECT_PTR_EQ(test, world->passed, skb);
	KUNIT_EXPECT_EQ(test, world->n_asked, 1);
	KUNIT_EXPECT_PTR_EQ(test, world->asked, to == &outside ? NULL :
			    to == &elsewhere ? world->other_pool : world->pool);

	KUNIT_EXPECT_EQ(test, world->refdst, (unsigned long)&world->rt.dst | SKB_DST_NOREF);
	KUNIT_EXPECT_EQ(test, skb->len, LEN);
	KUNIT_EXPECT_MEMEQ(test, skb->data, world->data, LEN);
	KUNIT_EXPECT_PTR_EQ(test, skb_network_header(skb), skb->data);
	KUNIT_EXPECT_PTR_EQ(test, skb_transport_header(skb), skb->data + sizeof(struct ipv6hdr));
	KUNIT_EXPECT_PTR_EQ(test, skb->dev, world->dev);
	KUNIT_EXPECT_EQ(test, skb->skb_iif, IFINDEX);
	KUNIT_EXPECT_EQ(test, skb->mac_len, 0);
	KUNIT_EXPECT_FALSE(test, skb->redirected);
	/* Behind the last member is padding. */
	KUNIT_EXPECT_MEMEQ(test, IP6CB(skb), &parm, offsetofend(struct inet6_skb_parm, srhoff));

	KUNIT_EXPECT_EQ(test, forwarded(), 1);
	for (i = 0; i < __IPSTATS_MIB_MAX; i++) {
		if (i == IPSTATS_MIB_INPKTS)
			check_counter(test, i, 1);
		else if (i == IPSTATS_MIB_INOCTETS)
			check_counter(test, i, LEN);
		else if (i == (c->counter ?: IPSTATS_MIB_NOECTPKTS))
			check_counter(test, i, c->segments ?: 1);
		else
			check_counter(test, i, 0);
	}
}

static void check_left(struct kunit *test)
{
	const struct forward_case *c = test->param_value;
	int i;

	spoil(c);
	make(test, c);
	KUNIT_EXPECT_FALSE(test, forward());

	KUNIT_EXPECT_EQ(test, world->n_passed, 0);
	KUNIT_EXPECT_MEMEQ(test, world->skb, &world->before, sizeof(world->before));
	KUNIT_EXPECT_MEMEQ(test, world->skb->data, world->data, LEN);
	KUNIT_EXPECT_EQ(test, forwarded(), 0);
	for (i = 0; i < __IPSTATS_MIB_MAX; i++)
		check_counter(test, i, 0);
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

static struct net_device *make_device(void)
{
	return alloc_netdev(0, "test%d", NET_NAME_UNKNOWN, ether_setup);
}

/* What the kernel fills in for a link that is up, in a namespace without anything else. */
static void make_plain(void)
{
	struct net *net = world->net;

	INIT_LIST_HEAD(&net->ptype_all);
	INIT_LIST_HEAD(&net->ptype_specific);
	world->sbn.net = net;
	world->chain->num_hook_entries = 1;
	world->chain->hooks[0].priv = &world->sbn;
	rcu_assign_pointer(net->nf.hooks_ipv6[NF_INET_PRE_ROUTING], world->chain);

	dev_net_set(world->dev, net);
	world->dev->ifindex = IFINDEX;
	world->dev->flags |= IFF_UP;
	rcu_assign_pointer(world->dev->ip6_ptr, world->idev);

	world->link.dev = world->dev;
	world->link.sbn = &world->sbn;
	world->other_link.dev = world->other_dev;
	world->other_link.sbn = &world->sbn;
	world->pool->link = &world->link;
	world->other_pool->link = &world->other_link;
	world->home.link = &world->link;
	world->home.server = home_server;
	world->rt.dst.input = played_input;
}

static int forward_init(struct kunit *test)
{
	world = kunit_kzalloc(test, sizeof(*world), GFP_KERNEL);
	if (!world)
		return -ENOMEM;
	/* A namespace is large. */
	world->net = kunit_kzalloc(test, sizeof(*world->net), GFP_KERNEL);
	world->idev = kunit_kzalloc(test, sizeof(*world->idev), GFP_KERNEL);
	world->pool = kunit_kzalloc(test, sizeof(*world->pool), GFP_KERNEL);
	world->other_pool = kunit_kzalloc(test, sizeof(*world->other_pool), GFP_KERNEL);
	world->chain = kunit_kzalloc(test, struct_size(world->chain, hooks, 2), GFP_KERNEL);
	if (!world->net || !world->idev || !world->pool || !world->other_pool || !world->chain)
		return -ENOMEM;
	world->dev = make_device();
	world->other_dev = make_device();
	world->link.drops = alloc_percpu(struct sb_link_drops);
	world->net->mib.ipv6_statistics = alloc_percpu(struct ipstats_mib);
	world->idev->stats.ipv6 = alloc_percpu(struct ipstats_mib);
	if (!world->dev || !world->other_dev || !world->link.drops ||
	    !world->net->mib.ipv6_statistics || !world->idev->stats.ipv6)
		return -ENOMEM;
	make_plain();
	return 0;
}

/* Whoever frees a device shall not find what was played. */
static void free_device(struct net_device *dev)
{
	if (!dev)
		return;
	dev_net_set(dev, &init_net);
	RCU_INIT_POINTER(dev->ip6_ptr, NULL);
	RCU_INIT_POINTER(dev->xdp_prog, NULL);
	RCU_INIT_POINTER(dev->rx_handler, NULL);
#ifdef CONFIG_NET_XGRESS
	RCU_INIT_POINTER(dev->tcx_ingress, NULL);
#endif
#ifdef CONFIG_NETFILTER_INGRESS
	RCU_INIT_POINTER(dev->nf_hooks_ingress, NULL);
#endif
#ifdef CONFIG_RPS
	RCU_INIT_POINTER(dev->_rx->rps_map, NULL);
	dev->_rx->rps_flow_table = 0;
#endif
	free_netdev(dev);
}

static void forward_exit(struct kunit *test)
{
	if (!world)
		return;
	kfree_skb(world->skb);
	free_device(world->dev);
	free_device(world->other_dev);
	free_percpu(world->link.drops);
	if (world->net)
		free_percpu(world->net->mib.ipv6_statistics);
	if (world->idev)
		free_percpu(world->idev->stats.ipv6);
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
