// SPDX-License-Identifier: GPL-2.0
/*
 * Which packets for clients are sent by the straight way home, and which are left to the stack
 * as they are. The file under test is included; what sends them, the namespace, the device and
 * the route of the packet are played here.
 */

#include <kunit/test.h>
#include <linux/netdevice.h>
#include <net/inet_ecn.h>
#include <net/lwtunnel.h>
#include <net/sch_generic.h>
#include <net/xfrm.h>

static int played_cow(struct sk_buff *skb, unsigned int headroom);
#define skb_cow	played_cow

#include "../../kmod/homeward.c"

#undef skb_cow

#include "passage.h"

static const struct in6_addr home_own = ADDR(1, 3);
static const struct in6_addr outside = ADDR(2, 1);
static const struct in6_addr link_local = { { { 0xfe, 0x80, [15] = 1 } } };
static const struct in6_addr unique_local = { { { 0xfd, 0x12, [15] = 1 } } };
static const struct in6_addr multicast = { { { 0xff, 0x02, [15] = 1 } } };
static const struct in6_addr loopback = { { { [15] = 1 } } };
static const struct in6_addr unspecified;

/* Of the outer header, and more than other devices need. */
#define NEEDED_HEADROOM	64

/**
 * struct world - what is played, and what was seen
 * @passage: of which the link is the one that the packet leaves by
 * @devconf: of all devices of the namespace
 * @lwtstate: a tunnel that belongs to a route
 * @metrics: of the route
 * @ops: a hook of a security module
 * @chain: with that one
 * @qdisc: of the link's device, without a queue
 * @no_memory: for a copy of the packet
 * @clone: somebody else's hold on the data, or NULL
 * @dev: the device that sent the packet
 * @in_softirq: when it was sent, softirqs were off
 */
static struct world {
	struct passage passage;
	struct ipv6_devconf devconf;
	struct lwtunnel_state lwtstate;
	u32 metrics[RTAX_MAX];
	struct nf_hook_ops ops;
	struct nf_hook_entries *chain;
	typeof(noop_qdisc) *qdisc;
	bool no_memory;
	struct sk_buff *clone;
	struct net_device *dev;
	bool in_softirq;
} *world;

static int played_cow(struct sk_buff *skb, unsigned int headroom)
{
	return world->no_memory ? -ENOMEM : skb_cow(skb, headroom);
}

netdev_tx_t sb_transmit(struct sk_buff *skb, struct net_device *dev)
{
	world->passage.n_passed++;
	world->passage.passed = skb;
	world->dev = dev;
	world->in_softirq = in_softirq();
	return NETDEV_TX_OK;
}

/* What is in this way, besides what is in both. */
enum {
	NO_MEMORY = N_IN_BOTH_WAYS, CLONED, NO_HEADROOM, OTHER_DEVICE, LWTUNNEL, INPUT, SECPATH,
	SWITCHED, NO_FORWARDING, FORWARD_HOOK, POST_ROUTING_HOOK, FORWARD_POLICY, OUT_POLICY,
	FORWARD_BLOCKED, OUT_BLOCKED, NO_SG, NO_CSUM, NF_EGRESS, TCX_EGRESS, QUEUE,
	BRIDGED, L3_RX_HANDLER, SECURITY_HOOK, RULES_FIRST, ANOTHER_HOOK,
};

/**
 * struct homeward_case - a packet, and the world that it comes into
 * @name: what is special about it
 * @world: what is special about the world
 * @hops: how many it has behind it, of %HOP_LIMIT
 * @from: source, outside where NULL
 * @dsfield: traffic class
 * @type: to whom the link layer brought it
 * @clock: of its time, %SKB_CLOCK_REALTIME where that is of its arrival
 * @summed: what is known of its checksum
 * @gso_size: length of its segments, 0 for none
 * @frag_max_size: of the fragments that it was put together from, 0 for none
 * @mtu: of the device, %IPV6_MIN_MTU where 0
 * @route_mtu: of the route, 0 for none
 * @locked: @route_mtu is for what is passed on, too
 * @flags: of its route
 */
struct homeward_case {
	const char *name;
	unsigned int world;
	u8 hops;
	const struct in6_addr *from;
	u8 dsfield, type, clock, summed;
	unsigned short gso_size;
	u16 frag_max_size;
	u32 mtu, route_mtu;
	bool locked;
	u32 flags;
};

static const struct homeward_case sent_cases[] = {
	{ "plain" },
	{ "hop limit 2", .hops = HOP_LIMIT - 2 },
	{ "ECN", .dsfield = 0xb8 | INET_ECN_CE },
	{ "as long as the MTU", .mtu = LEN },
	{ "as long as the route's MTU", .mtu = LEN + 1, .route_mtu = LEN },
	{ "its data is somebody else's, too", CLONED },
	{ "no room for another header", NO_HEADROOM },
	{ "with a sum of all of it", .summed = CHECKSUM_COMPLETE },
	{ "with a checksum to be made", .summed = CHECKSUM_PARTIAL },
	{ "with a time to leave", .clock = SKB_CLOCK_MONOTONIC },
	{ "a security module's hook in POST_ROUTING", SECURITY_HOOK },
	{ "its route has a gateway", .flags = RTF_UP | RTF_GATEWAY },
};

static const struct homeward_case route_cases[] = {
	{ "by another device", OTHER_DEVICE, .mtu = IP6_MAX_MTU },
	{ "into a tunnel", LWTUNNEL },
	{ "to this host", .flags = RTF_LOCAL },
	{ "to an anycast address", .flags = RTF_ANYCAST },
	{ "to this host, by its function alone", INPUT },
	{ "nowhere", .flags = RTF_REJECT },
};

static const struct homeward_case packet_cases[] = {
	{ "hop limit 1", .hops = HOP_LIMIT - 1 },
	{ "hop limit 0", .hops = HOP_LIMIT },
	{ "to everybody", .type = PACKET_BROADCAST },
	{ "to a group", .type = PACKET_MULTICAST },
	{ "to somebody else", .type = PACKET_OTHERHOST },
	{ "from a link-local address", .from = &link_local },
	{ "from a unique local address", .from = &unique_local },
	{ "from a group", .from = &multicast },
	{ "from ::1", .from = &loopback },
	{ "from nobody", .from = &unspecified },
	{ "segments", .gso_size = PAYLOAD / 4 },
	{ "longer than the MTU", .mtu = LEN - 1 },
	{ "longer than the MTU, not than the route's", .mtu = LEN - 1, .route_mtu = LEN },
	{ "longer than the route's MTU", .route_mtu = LEN - 1 },
	{ "longer than the route's MTU, which is locked", .route_mtu = LEN - 1, .locked = true },
	{ "was fragments", .frag_max_size = IPV6_MIN_MTU },
#if IS_ENABLED(CONFIG_BRIDGE_NETFILTER)
	{ "a bridge is about to forward it", BRIDGED },
#endif
	{ "somebody takes what arrives on its device", L3_RX_HANDLER },
#ifdef CONFIG_XFRM
	{ "came by IPsec", SECPATH },
#endif
#ifdef CONFIG_NET_SWITCHDEV
	{ "was passed on by a switch", SWITCHED },
#endif
};

static const struct homeward_case forwarding_cases[] = {
	{ "no forwarding", NO_FORWARDING },
	{ "a hook in FORWARD", FORWARD_HOOK },
	{ "a hook in POST_ROUTING", POST_ROUTING_HOOK },
	{ "rules as early there as a security module", RULES_FIRST },
	{ "a hook there behind a security module's", ANOTHER_HOOK },
#ifdef CONFIG_XFRM
	{ "a policy for what is passed on", FORWARD_POLICY },
	{ "a policy for what is sent", OUT_POLICY },
	{ "what has no policy is not passed on", FORWARD_BLOCKED },
	{ "what has no policy is not sent", OUT_BLOCKED },
#endif
};

static const struct homeward_case departure_cases[] = {
	/* Its MTU is the least then. */
	{ "no IPv6 on the device", NO_IDEV },
	{ "IPv6 is disabled", NO_IPV6 },
	{ "in a VRF", VRF_SLAVE },
	{ "the device takes no pieces", NO_SG },
	{ "the device computes no checksums", NO_CSUM },
	{ "all packets of the namespace are heard", ALL_HEARD },
	{ "IPv6 of the namespace is heard", HEARD },
	{ "all packets of the device are heard", DEVICE_ALL_HEARD },
#ifdef CONFIG_NETFILTER_EGRESS
	{ "netfilter on the device", NF_EGRESS },
#endif
#ifdef CONFIG_NET_XGRESS
	{ "traffic control", TCX_EGRESS },
#endif
	{ "a queue", QUEUE },
};

static void homeward_describe(const struct homeward_case *c, char *description)
{
	strscpy(description, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(sent, sent_cases, homeward_describe);
KUNIT_ARRAY_PARAM(route, route_cases, homeward_describe);
KUNIT_ARRAY_PARAM(packet, packet_cases, homeward_describe);
KUNIT_ARRAY_PARAM(forwarding, forwarding_cases, homeward_describe);
KUNIT_ARRAY_PARAM(departure, departure_cases, homeward_describe);

/* What a pointer leads to that is only looked at. */
#define SOMETHING	((void *)&world->passage.listener)

/* So many hooks like that of a security module. */
static struct nf_hook_entries *make_chain(struct kunit *test, u16 n)
{
	struct nf_hook_entries *chain;
	int i;

	chain = kunit_kzalloc(test, struct_size(chain, hooks, n) + n * sizeof(struct nf_hook_ops *),
			      GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, chain);
	chain->num_hook_entries = n;
	for (i = 0; i < n; i++)
		nf_hook_entries_get_hook_ops(chain)[i] = &world->ops;
	return chain;
}

/* One thing at a time, in a world where a plain packet is sent. */
static void spoil(struct kunit *test, const struct homeward_case *c)
{
	struct net_device *dev = world->passage.dev;
	struct net *net = world->passage.net;

	passage_spoil(&world->passage, c->world);
	switch (c->world) {
	case NO_MEMORY:
		world->no_memory = true;
		break;
	case OTHER_DEVICE:
		world->passage.rt.dst.dev = world->passage.other_dev;
		break;
	case LWTUNNEL:
		world->passage.rt.dst.lwtstate = &world->lwtstate;
		break;
	case INPUT:
		world->passage.rt.dst.input = ip6_input;
		break;
	case NO_FORWARDING:
		world->devconf.forwarding = 0;
		break;
	case FORWARD_HOOK:
		rcu_assign_pointer(net->nf.hooks_ipv6[NF_INET_FORWARD], SOMETHING);
		break;
	case POST_ROUTING_HOOK:
		world->ops.priority = NF_IP6_PRI_FILTER;
		rcu_assign_pointer(net->nf.hooks_ipv6[NF_INET_POST_ROUTING], world->chain);
		break;
	case RULES_FIRST:
		world->chain->hooks[0].priv = SOMETHING;
		fallthrough;
	case SECURITY_HOOK:
		rcu_assign_pointer(net->nf.hooks_ipv6[NF_INET_POST_ROUTING], world->chain);
		break;
	case ANOTHER_HOOK:
		world->chain = make_chain(test, 2);
		rcu_assign_pointer(net->nf.hooks_ipv6[NF_INET_POST_ROUTING], world->chain);
		break;
#ifdef CONFIG_XFRM
	case FORWARD_POLICY:
		net->xfrm.policy_count[XFRM_POLICY_FWD] = 1;
		break;
	case OUT_POLICY:
		net->xfrm.policy_count[XFRM_POLICY_OUT] = 1;
		break;
	case FORWARD_BLOCKED:
		net->xfrm.policy_default[XFRM_POLICY_FWD] = XFRM_USERPOLICY_BLOCK;
		break;
	case OUT_BLOCKED:
		net->xfrm.policy_default[XFRM_POLICY_OUT] = XFRM_USERPOLICY_BLOCK;
		break;
#endif
	case L3_RX_HANDLER:
		world->passage.other_dev->priv_flags |= IFF_L3MDEV_RX_HANDLER;
		break;
	case NO_SG:
		dev->features &= ~NETIF_F_SG;
		break;
	case NO_CSUM:
		dev->features &= ~NETIF_F_HW_CSUM;
		break;
#ifdef CONFIG_NETFILTER_EGRESS
	case NF_EGRESS:
		rcu_assign_pointer(dev->nf_hooks_egress, SOMETHING);
		break;
#endif
#ifdef CONFIG_NET_XGRESS
	case TCX_EGRESS:
		rcu_assign_pointer(dev->tcx_egress, SOMETHING);
		break;
#endif
	case QUEUE:
		rcu_assign_pointer(netdev_get_tx_queue(dev, 0)->qdisc, &noop_qdisc);
		break;
	}
}

/* A packet that has come in by another device, as it is behind the hooks of PRE_ROUTING. */
static void make(struct kunit *test, const struct homeward_case *c)
{
	struct passage *passage = &world->passage;
	struct sk_buff *skb;
	struct ipv6hdr *ip6;

	spoil(test, c);
	ip6 = passage_make(test, passage, passage->other_dev,
			   c->world == NO_HEADROOM ? ETH_HLEN : LL_RESERVED_SPACE(passage->dev));
	skb = passage->skb;
	ip6_flow_hdr(ip6, c->dsfield, 0);
	ip6->hop_limit = HOP_LIMIT - c->hops;
	ip6->saddr = *(c->from ?: &outside);
	ip6->daddr = home_own;

	skb_set_mac_header(skb, -ETH_HLEN);
	skb->pkt_type = c->type;
	skb_record_rx_queue(skb, 1);
	skb->ip_summed = c->summed;
	skb->tstamp = GARBAGE;
	skb->tstamp_type = c->clock;
	skb_shinfo(skb)->gso_size = c->gso_size;
	IP6CB(skb)->frag_max_size = c->frag_max_size;
#ifdef CONFIG_XFRM
	if (c->world == SECPATH)
		KUNIT_ASSERT_NOT_NULL(test, secpath_set(skb));
#endif
#if IS_ENABLED(CONFIG_BRIDGE_NETFILTER)
	if (c->world == BRIDGED)
		KUNIT_ASSERT_NOT_NULL(test, skb_ext_add(skb, SKB_EXT_BRIDGE_NF));
#endif
#ifdef CONFIG_NET_SWITCHDEV
	skb->offload_l3_fwd_mark = c->world == SWITCHED;
#endif
	if (c->world == CLONED) {
		world->clone = skb_clone(skb, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, world->clone);
	}
	rcu_read_lock();
	skb_dst_set_noref(skb, &passage->rt.dst);
	rcu_read_unlock();
	passage_remember(passage);

	passage->rt.rt6i_flags = c->flags;
	passage->idev->cnf.mtu6 = c->mtu ?: IPV6_MIN_MTU;
	world->metrics[RTAX_MTU - 1] = c->route_mtu;
	world->metrics[RTAX_LOCK - 1] = c->locked ? BIT(RTAX_MTU) : 0;
}

static void sent(struct kunit *test)
{
	struct passage *passage = &world->passage;
	const struct homeward_case *c = test->param_value;
	struct sk_buff *skb;
	int i;

	make(test, c);
	skb = passage->skb;
	KUNIT_ASSERT_TRUE(test, passage_take(passage, sb_homeward));

	KUNIT_EXPECT_EQ(test, passage->n_passed, 1);
	KUNIT_EXPECT_PTR_EQ(test, passage->passed, skb);
	KUNIT_EXPECT_PTR_EQ(test, world->dev, passage->dev);
	KUNIT_EXPECT_TRUE(test, world->in_softirq);

	KUNIT_EXPECT_EQ(test, skb->len, LEN);
	if (world->clone)
		KUNIT_EXPECT_MEMEQ(test, world->clone->data, passage->data, LEN);
	passage->data[offsetof(struct ipv6hdr, hop_limit)]--;
	KUNIT_EXPECT_MEMEQ(test, skb->data, passage->data, LEN);
	/* Copied only where that is needed. */
	KUNIT_EXPECT_EQ(test, skb->head != passage->before.head,
			c->world == CLONED || c->world == NO_HEADROOM);
	KUNIT_EXPECT_GE(test, skb_headroom(skb), LL_RESERVED_SPACE(passage->dev));
	KUNIT_EXPECT_PTR_EQ(test, skb_network_header(skb), skb->data);
	KUNIT_EXPECT_PTR_EQ(test, skb_mac_header(skb), skb->data);
	KUNIT_EXPECT_PTR_EQ(test, skb->dev, passage->dev);
	KUNIT_EXPECT_EQ(test, skb_get_queue_mapping(skb), 0);
	/* A sum of all would cover the hop limit. */
	KUNIT_EXPECT_TRUE(test, skb->ip_summed ==
			  (c->summed == CHECKSUM_COMPLETE ? CHECKSUM_NONE : c->summed));
	KUNIT_EXPECT_EQ(test, skb->tstamp, c->clock ? GARBAGE : 0);
	KUNIT_EXPECT_TRUE(test, skb->tstamp_type == c->clock);

	check_ways(test, passage, 0, 1);
	for (i = 0; i < __IPSTATS_MIB_MAX; i++) {
		if (i == IPSTATS_MIB_OUTFORWDATAGRAMS || i == IPSTATS_MIB_OUTPKTS)
			check_counter(test, passage, i, 1);
		else if (i == IPSTATS_MIB_OUTOCTETS)
			check_counter(test, passage, i, LEN);
		else
			check_counter(test, passage, i, 0);
	}
}

static void check_left(struct kunit *test, const struct homeward_case *c)
{
	make(test, c);
	KUNIT_EXPECT_FALSE(test, passage_take(&world->passage, sb_homeward));
	check_untouched(test, &world->passage);
}

/* Named by the question that was answered with no. */
static void left_for_route(struct kunit *test)
{
	check_left(test, test->param_value);
}

static void left_for_packet(struct kunit *test)
{
	check_left(test, test->param_value);
}

static void left_for_forwarding(struct kunit *test)
{
	check_left(test, test->param_value);
}

static void left_for_departure(struct kunit *test)
{
	check_left(test, test->param_value);
}

static void left_for_memory(struct kunit *test)
{
	static const struct homeward_case c = { .world = NO_MEMORY };

	check_left(test, &c);
}

/* On top of what is in both ways. */
static void make_plain(struct kunit *test)
{
	struct passage *passage = &world->passage;
	struct net_device *dev = passage->dev;
	struct net *net = passage->net;

	world->ops.priority = NF_IP6_PRI_SELINUX_FIRST;
	world->chain = make_chain(test, 1);
	world->devconf.forwarding = 1;
	net->ipv6.devconf_all = &world->devconf;
#ifdef CONFIG_XFRM
	net->xfrm.policy_default[XFRM_POLICY_FWD] = XFRM_USERPOLICY_ACCEPT;
	net->xfrm.policy_default[XFRM_POLICY_OUT] = XFRM_USERPOLICY_ACCEPT;
#endif
	dev->features |= SB_LINK_FEATURES;
	dev->needed_headroom = NEEDED_HEADROOM;
	rcu_assign_pointer(netdev_get_tx_queue(dev, 0)->qdisc, world->qdisc);
	passage->rt.dst.dev = dev;
	dst_init_metrics(&passage->rt.dst, world->metrics, false);
}

static int homeward_init(struct kunit *test)
{
	int err;

	world = kunit_kzalloc(test, sizeof(*world), GFP_KERNEL);
	if (!world)
		return -ENOMEM;
	err = passage_init(test, &world->passage);
	if (err)
		return err;
	world->qdisc = kunit_kzalloc(test, sizeof(*world->qdisc), GFP_KERNEL);
	if (!world->qdisc)
		return -ENOMEM;
	make_plain(test);
	return 0;
}

static void homeward_exit(struct kunit *test)
{
	if (!world)
		return;
	kfree_skb(world->clone);
	passage_exit(&world->passage);
	world = NULL;
}

static struct kunit_case homeward_suite_cases[] = {
	KUNIT_CASE_PARAM(sent, sent_gen_params),
	KUNIT_CASE_PARAM(left_for_route, route_gen_params),
	KUNIT_CASE_PARAM(left_for_packet, packet_gen_params),
	KUNIT_CASE_PARAM(left_for_forwarding, forwarding_gen_params),
	KUNIT_CASE_PARAM(left_for_departure, departure_gen_params),
	KUNIT_CASE(left_for_memory),
	{}
};

static struct kunit_suite homeward_suite = {
	.name = "sitbroker_homeward",
	.init = homeward_init,
	.exit = homeward_exit,
	.test_cases = homeward_suite_cases,
};

kunit_test_suite(homeward_suite);

MODULE_DESCRIPTION("KUnit tests of sitbroker: the straight way home");
MODULE_LICENSE("GPL");
