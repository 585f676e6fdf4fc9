// SPDX-License-Identifier: GPL-2.0
/*
 * The straight way home: what others send to clients goes from the hook in PRE_ROUTING, where
 * its route is known, to where the outer header is put on. It leaves out what the stack does
 * with a packet that it passes on: policies, the hooks of FORWARD and POST_ROUTING, a neighbour,
 * a queue, listeners of the link. That is a tenth of what a packet costs.
 *
 * As with the straight way on (forward.c), it is taken only where all of that would do nothing
 * but count and take one off the hop limit. Each packet looks whether that is still so. What the
 * stack would refuse or cut into pieces is the stack's.
 */

#include <linux/netfilter.h>
#include <linux/netfilter_bridge.h>
#include <linux/netfilter_ipv6.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/l3mdev.h>
#include <net/sch_generic.h>

#include "compat/compat.h"
#include "drop.h"
#include "homeward.h"
#include "link.h"
#include "net.h"
#include "prefix.h"
#include "route.h"
#include "transmit.h"

/*
 * Would nothing happen to the packet in POST_ROUTING? A security module may have a hook there,
 * in each namespace: AppArmor's looks at packets of this host's sockets only. SELinux, which
 * looks at all, has one in FORWARD as well. Rules of any kind have something of theirs (@priv).
 * RCU.
 */
static bool sb_homeward_post_routing_is_plain(const struct net *net)
{
	const struct nf_hook_entries *chain;

	chain = rcu_dereference(net->nf.hooks_ipv6[NF_INET_POST_ROUTING]);
	return !chain || (chain->num_hook_entries == 1 && !chain->hooks[0].priv &&
			  nf_hook_entries_get_hook_ops(chain)[0]->priority ==
			  NF_IP6_PRI_SELINUX_FIRST);
}

/* Would the stack pass on what it has a route for, and ask nobody? RCU. */
static bool sb_homeward_forwarding_is_plain(const struct net *net)
{
	return READ_ONCE(net->ipv6.devconf_all->forwarding) &&
	       !rcu_access_pointer(net->nf.hooks_ipv6[NF_INET_FORWARD]) &&
	       sb_homeward_post_routing_is_plain(net) && !sb_compat_has_policies(net);
}

/* And the link's device be given the packet at once, as it is? RCU, softirqs off. */
static bool sb_homeward_departure_is_plain(const struct net_device *dev)
{
	const struct inet6_dev *idev = __in6_dev_get(dev);

	return idev && !READ_ONCE(idev->cnf.disable_ipv6) && !netif_is_l3_slave(dev) &&
	       (dev->features & SB_LINK_FEATURES) == SB_LINK_FEATURES &&
	       !sb_compat_has_listeners(dev_net(dev)) && list_empty(&dev->ptype_all) &&
	       !sb_compat_has_egress(dev) &&
	       !rcu_dereference_bh(netdev_get_tx_queue(dev, 0)->qdisc)->enqueue;
}

/* Does the route lead to the link, and add nothing to a packet? */
static bool sb_homeward_route_is_plain(const struct dst_entry *dst, const struct net_device *dev)
{
	return dst_dev(dst) == dev && !dst->lwtstate && !sb_route_is_here(dst) &&
	       !(dst_rt6_info(dst)->rt6i_flags & RTF_REJECT);
}

/* Did the packet come in by no other way than from a device to IPv6? */
static bool sb_homeward_arrival_is_plain(const struct sk_buff *skb)
{
	/* br_netfilter calls frames PACKET_HOST that a bridge is about to forward. */
	return skb->pkt_type == PACKET_HOST && !nf_bridge_info_exists(skb) &&
	       !netif_has_l3_rx_handler(skb->dev) && !skb_sec_path(skb) &&
	       !sb_compat_was_passed_on(skb);
}

/*
 * The largest packet that is not refused: before FORWARD by the device's MTU or one that the
 * route locks, behind POST_ROUTING by the route's, whatever that is.
 */
static unsigned int sb_homeward_mtu(const struct dst_entry *dst)
{
	return min(ip6_dst_mtu_maybe_forward(dst, true), ip6_dst_mtu_maybe_forward(dst, false));
}

/* And would it be passed on as it is, in one piece? */
static bool sb_homeward_packet_is_plain(const struct sk_buff *skb, const struct dst_entry *dst)
{
	const struct ipv6hdr *ip6 = ipv6_hdr(skb);

	/* Who has a global source has none of those that may not leave a link or host. */
	return ip6->hop_limit > 1 && sb_is_global(&ip6->saddr) && !skb_is_gso(skb) &&
	       !IP6CB(skb)->frag_max_size && skb->len <= sb_homeward_mtu(dst);
}

/**
 * sb_homeward() - send a packet to a client by the straight way
 * @link: the client's link, that is up
 * @skb: the packet, in PRE_ROUTING behind all hooks, with its route, without a socket, from
 *	elsewhere than @link; gone where it was sent
 *
 * In softirq, under the RCU read lock. The packet is sent as ip6_forward() and ip6_output() do
 * it, and counted as they count it.
 *
 * Return: whether it was. If not, the stack finds it as it was.
 */
bool sb_homeward(struct sb_link *link, struct sk_buff *skb)
{
	const struct dst_entry *dst = skb_dst(skb);
	struct net_device *dev = link->dev;
	struct net *net = link->sbn->net;

	if (!sb_homeward_arrival_is_plain(skb) || !sb_homeward_route_is_plain(dst, dev) ||
	    !sb_homeward_packet_is_plain(skb, dst) || !sb_homeward_forwarding_is_plain(net) ||
	    !sb_homeward_departure_is_plain(dev))
		return false;
	/* With room for the outer header, which else would be made by another copy. */
	if (skb_cow(skb, LL_RESERVED_SPACE(dev)))
		return false;

	sb_compat_count_passed_on(net, __in6_dev_get(dev), skb->len);
	__this_cpu_inc(link->drops->homeward);

	skb_forward_csum(skb);
	ipv6_hdr(skb)->hop_limit--;
	skb_clear_tstamp(skb);
	skb->dev = dev;
	/* None of the link's is asked for; the outer device chooses its own, by the flow. */
	skb_set_queue_mapping(skb, 0);
	skb_reset_mac_header(skb);
	sb_transmit(skb, dev);
	return true;
}
