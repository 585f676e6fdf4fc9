/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests of both straight ways play, and check: a namespace, a link's device and its
 * IPv6, a route, and a packet.
 */
#ifndef _SITBROKER_TEST_PASSAGE_H
#define _SITBROKER_TEST_PASSAGE_H

#include <kunit/test.h>
#include <linux/netdevice.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>

#include "drop.h"
#include "link.h"
#include "net.h"

/* The pool is 2001:db8:1::/64. */
#define ADDR(pool, last)	{ { { 0x20, 0x01, 0x0d, 0xb8, 0, (pool), [15] = (last) } } }

#define PAYLOAD		64
#define LEN		(sizeof(struct ipv6hdr) + PAYLOAD)
#define HOP_LIMIT	64
/* Of what was written before the packet came here: nobody cleared it. */
#define GARBAGE		0x5a

/**
 * struct passage - what is played, and what was seen
 * @net: the namespace
 * @sbn: our part of it
 * @dev: the device of @link
 * @other_dev: another one
 * @link: the link
 * @idev: what IPv6 has of @dev
 * @listener: somebody who hears packets
 * @rt: the route of all packets
 * @n_passed: how many packets took the way
 * @passed: the last of them
 * @skb: the packet
 * @before: @skb as it was made
 * @data: and its data
 */
struct passage {
	struct net *net;
	struct sb_net sbn;
	struct net_device *dev, *other_dev;
	struct sb_link link;
	struct inet6_dev *idev;
	struct packet_type listener;
	struct rt6_info rt;
	unsigned int n_passed;
	struct sk_buff *passed;
	struct sk_buff *skb;
	struct sk_buff before;
	u8 data[LEN];
};

/* What is in both ways; each has more of its own. */
enum {
	PLAIN, ALL_HEARD, HEARD, DEVICE_ALL_HEARD, NO_IDEV, NO_IPV6, VRF_SLAVE, N_IN_BOTH_WAYS,
};

/* One thing at a time, in a world where a plain packet takes the way. */
static void passage_spoil(struct passage *passage, unsigned int what)
{
	switch (what) {
	case ALL_HEARD:
		list_add(&passage->listener.list, &passage->net->ptype_all);
		break;
	case HEARD:
		list_add(&passage->listener.list, &passage->net->ptype_specific);
		break;
	case DEVICE_ALL_HEARD:
		list_add(&passage->listener.list, &passage->dev->ptype_all);
		break;
	case NO_IDEV:
		RCU_INIT_POINTER(passage->dev->ip6_ptr, NULL);
		break;
	case NO_IPV6:
		passage->idev->cnf.disable_ipv6 = 1;
		break;
	case VRF_SLAVE:
		passage->dev->priv_flags |= IFF_L3MDEV_SLAVE;
		break;
	}
}

/* A packet of UDP that has arrived on @dev. Returns its header, for more to be written. */
static struct ipv6hdr *passage_make(struct kunit *test, struct passage *passage,
				    struct net_device *dev, unsigned int headroom)
{
	struct ipv6hdr *ip6;
	struct sk_buff *skb;

	skb = alloc_skb(512, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, skb);
	passage->skb = skb;
	skb_reserve(skb, headroom);
	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);
	ip6 = skb_put_zero(skb, sizeof(*ip6));
	ip6_flow_hdr(ip6, 0, 0);
	ip6->payload_len = htons(PAYLOAD);
	ip6->hop_limit = HOP_LIMIT;
	ip6->nexthdr = IPPROTO_UDP;
	memset(skb_put(skb, PAYLOAD), GARBAGE, PAYLOAD);

	skb->protocol = htons(ETH_P_IPV6);
	skb->dev = dev;
	memset(skb->cb, GARBAGE, sizeof(skb->cb));
	return ip6;
}

/* The packet is made. */
static void passage_remember(struct passage *passage)
{
	memcpy(&passage->before, passage->skb, sizeof(passage->before));
	memcpy(passage->data, passage->skb->data, LEN);
}

/* Would the packet take the way? */
static bool passage_take(struct passage *passage,
			 bool (*way)(struct sb_link *link, struct sk_buff *skb))
{
	bool taken;

	local_bh_disable();
	rcu_read_lock();
	taken = way(&passage->link, passage->skb);
	rcu_read_unlock();
	local_bh_enable();
	return taken;
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

static void check_counter(struct kunit *test, const struct passage *passage, int counter,
			  u64 expected)
{
	KUNIT_EXPECT_EQ_MSG(test, counted(passage->net->mib.ipv6_statistics, counter), expected,
			    "counter %d of the namespace", counter);
	KUNIT_EXPECT_EQ_MSG(test, counted(passage->idev->stats.ipv6, counter), expected,
			    "counter %d of the device", counter);
}

/* How many packets took which way. */
static void check_ways(struct kunit *test, const struct passage *passage,
		       unsigned long expected_forwarded, unsigned long expected_homeward)
{
	unsigned long forwarded = 0, homeward = 0;
	int cpu;

	for_each_possible_cpu(cpu) {
		forwarded += per_cpu_ptr(passage->link.drops, cpu)->forwarded;
		homeward += per_cpu_ptr(passage->link.drops, cpu)->homeward;
	}
	KUNIT_EXPECT_EQ(test, forwarded, expected_forwarded);
	KUNIT_EXPECT_EQ(test, homeward, expected_homeward);
}

/* The packet is the stack's, as it was, and nobody counted it. */
static void check_untouched(struct kunit *test, const struct passage *passage)
{
	int i;

	KUNIT_EXPECT_EQ(test, passage->n_passed, 0);
	KUNIT_EXPECT_MEMEQ(test, passage->skb, &passage->before, sizeof(passage->before));
	KUNIT_EXPECT_MEMEQ(test, passage->skb->data, passage->data, LEN);
	check_ways(test, passage, 0, 0);
	for (i = 0; i < __IPSTATS_MIB_MAX; i++)
		check_counter(test, passage, i, 0);
}

static struct net_device *make_device(void)
{
	return alloc_netdev(0, "test%d", NET_NAME_UNKNOWN, ether_setup);
}

/* What the kernel fills in for a link that is up, in a namespace without anything else. */
static int passage_init(struct kunit *test, struct passage *passage)
{
	/* A namespace is large. */
	struct net *net = kunit_kzalloc(test, sizeof(*net), GFP_KERNEL);

	passage->net = net;
	passage->idev = kunit_kzalloc(test, sizeof(*passage->idev), GFP_KERNEL);
	if (!net || !passage->idev)
		return -ENOMEM;
	passage->dev = make_device();
	passage->other_dev = make_device();
	passage->link.drops = alloc_percpu(struct sb_link_drops);
	net->mib.ipv6_statistics = alloc_percpu(struct ipstats_mib);
	passage->idev->stats.ipv6 = alloc_percpu(struct ipstats_mib);
	if (!passage->dev || !passage->other_dev || !passage->link.drops ||
	    !net->mib.ipv6_statistics || !passage->idev->stats.ipv6)
		return -ENOMEM;

	INIT_LIST_HEAD(&net->ptype_all);
	INIT_LIST_HEAD(&net->ptype_specific);
	dev_net_set(passage->dev, net);
	passage->dev->flags |= IFF_UP;
	rcu_assign_pointer(passage->dev->ip6_ptr, passage->idev);
	passage->sbn.net = net;
	passage->link.dev = passage->dev;
	passage->link.sbn = &passage->sbn;
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
	RCU_INIT_POINTER(dev->tcx_egress, NULL);
#endif
#ifdef CONFIG_NETFILTER_INGRESS
	RCU_INIT_POINTER(dev->nf_hooks_ingress, NULL);
#endif
#ifdef CONFIG_NETFILTER_EGRESS
	RCU_INIT_POINTER(dev->nf_hooks_egress, NULL);
#endif
#ifdef CONFIG_RPS
	RCU_INIT_POINTER(dev->_rx->rps_map, NULL);
	dev->_rx->rps_flow_table = 0;
#endif
	RCU_INIT_POINTER(netdev_get_tx_queue(dev, 0)->qdisc, NULL);
	free_netdev(dev);
}

static void passage_exit(struct passage *passage)
{
	kfree_skb(passage->skb);
	free_device(passage->dev);
	free_device(passage->other_dev);
	free_percpu(passage->link.drops);
	if (passage->net)
		free_percpu(passage->net->mib.ipv6_statistics);
	if (passage->idev)
		free_percpu(passage->idev->stats.ipv6);
}

#endif /* _SITBROKER_TEST_PASSAGE_H */
