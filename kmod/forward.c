// SPDX-License-Identifier: GPL-2.0
/*
 * The straight way on: what clients send to others goes from where its outer header came
 * off to where the stack passes packets on. It leaves out a second walk through all that a
 * packet meets that arrives on a device: listeners, programs, the hooks of PRE_ROUTING, and
 * checks of a header that has been checked. That is a twentieth of what a packet costs.
 *
 * As with the short way in (outer-hook.c), it is taken only where all of that would do
 * nothing. Each packet looks whether that is still so. Packets for this host, refusals and
 * errors have one place, behind netif_receive_skb(): everything else goes there.
 */

#include <linux/netfilter.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/l3mdev.h>

#include "client.h"
#include "compat/compat.h"
#include "drop.h"
#include "forward.h"
#include "link.h"
#include "net.h"
#include "route.h"

/* Would the stack do nothing with what arrives on the device but give it to IPv6? RCU. */
static bool sb_forward_arrival_is_plain(const struct net_device *dev)
{
	return !sb_compat_has_listeners(dev_net(dev)) && list_empty(&dev->ptype_specific) &&
	       list_empty(&dev->ptype_all) && !rcu_access_pointer(dev->xdp_prog) &&
	       !rcu_access_pointer(dev->rx_handler) && !sb_compat_has_ingress(dev) &&
	       !sb_compat_has_rps(dev);
}

/* And IPv6 nothing but look for its route, among those of all packets? RCU. */
static bool sb_forward_routing_is_plain(const struct sb_net *sbn, const struct net_device *dev)
{
	const struct inet6_dev *idev = __in6_dev_get(dev);

	return idev && !READ_ONCE(idev->cnf.disable_ipv6) && !netif_is_l3_slave(dev) &&
	       sb_net_is_alone(sbn, sbn->net->nf.hooks_ipv6[NF_INET_PRE_ROUTING]) &&
	       !fib6_has_custom_rules(sbn->net);
}

/*
 * Is there nothing about the packet that the stack would look into, cut off or refuse? Its
 * source is a client's, and it is for no group. Of other protocols the inner hook has more
 * to say, or a header behind the first one has.
 */
static bool sb_forward_packet_is_plain(const struct sk_buff *skb)
{
	const struct ipv6hdr *ip6 = ipv6_hdr(skb);

	return (ip6->nexthdr == IPPROTO_TCP || ip6->nexthdr == IPPROTO_UDP) &&
	       ip6->hop_limit > 1 && sizeof(*ip6) + ntohs(ip6->payload_len) == skb->len &&
	       !ipv6_addr_loopback(&ip6->daddr) && !skb_pfmemalloc(skb);
}

/* The route of a packet that is passed on, lent; NULL where the inner hook has more to say. */
static struct dst_entry *sb_forward_route(const struct sb_link *link, const struct sk_buff *skb)
{
	const struct in6_addr *to = &ipv6_hdr(skb)->daddr;
	struct sb_client *owner;
	struct dst_entry *dst;
	struct sb_pool *pool;

	owner = sb_table_client(&link->sbn->table, to, &pool);
	if (owner && sb_pool_is_server(pool, to))
		return NULL;
	if (pool && !(READ_ONCE(pool->link->dev->flags) & IFF_UP))
		return NULL;
	dst = sb_route_recall(link->sbn, link->dev, to, pool, skb);
	return sb_route_is_here(dst) || dst_rt6_info(dst)->rt6i_flags & RTF_REJECT ? NULL : dst;
}

/**
 * sb_forward() - pass a packet on by the straight way
 * @link: the link on which it arrives
 * @skb: the packet, verified, its data and network header at the inner header, without
 *	route, socket or mark; gone where it was passed on
 *
 * In softirq, under the RCU read lock. The packet is passed on as ip6_rcv_finish() does it,
 * and counted as ip6_rcv_core() counts it.
 *
 * Return: whether it was. If not, the stack finds it as it was, but for its control block.
 */
bool sb_forward(struct sb_link *link, struct sk_buff *skb)
{
	struct net_device *dev = link->dev;
	struct net *net = link->sbn->net;
	struct inet6_dev *idev;
	struct dst_entry *dst;

	if (!sb_forward_packet_is_plain(skb) || !sb_forward_arrival_is_plain(dev) ||
	    !sb_forward_routing_is_plain(link->sbn, dev))
		return false;
	dst = sb_forward_route(link, skb);
	if (!dst)
		return false;

	idev = __in6_dev_get(dev);
	__IP6_UPD_PO_STATS(net, idev, IPSTATS_MIB_IN, skb->len);
	__IP6_ADD_STATS(net, idev,
			IPSTATS_MIB_NOECTPKTS + (ipv6_get_dsfield(ipv6_hdr(skb)) & INET_ECN_MASK),
			skb_shinfo(skb)->gso_segs ?: 1);
	__this_cpu_inc(link->drops->forwarded);

	skb_reset_redirect(skb);
	skb_reset_mac_len(skb);
	skb_set_transport_header(skb, sizeof(struct ipv6hdr));
	skb->skb_iif = dev->ifindex;
	*IP6CB(skb) = (struct inet6_skb_parm) {
		.iif = dev->ifindex,
		.nhoff = offsetof(struct ipv6hdr, nexthdr),
	};
	skb_dst_set_noref(skb, dst);
	dst_input(skb);
	return true;
}
