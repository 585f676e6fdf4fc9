// SPDX-License-Identifier: GPL-2.0
/*
 * From the IPv6 stack to a client: find it by the inner destination, refuse
 * what must not be sent, put an IPv4 header in front.
 */

#include <linux/icmpv6.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/ip_tunnels.h>
#include <net/ipv6.h>
#include <net/l3mdev.h>

#include "client.h"
#include "compat/compat.h"
#include "drop.h"
#include "filter-link.h"
#include "icmp.h"
#include "link.h"
#include "net.h"
#include "outer.h"
#include "transmit.h"

/*
 * The cached route to a client, while it is valid and under RCU, or NULL. Asked
 * for every packet: what dst_check() finds out for an IPv4 route, by a call.
 */
static struct rtable *sb_client_route_peek(const struct sb_client *client, const struct net *net)
{
	struct rtable *rt = rcu_dereference(client->rt);

	return rt && READ_ONCE(rt->dst.obsolete) != DST_OBSOLETE_KILL &&
	       rt->rt_genid == rt_genid_ipv4(net) ? rt : NULL;
}

/**
 * sb_client_route() - the IPv4 route to a client
 * @client: the client
 * @endpoint: its endpoint as the caller read it, not 0
 *
 * The route is cached with the client until it is no longer valid: an address
 * or a route of the host has changed, the endpoint or the link's local address.
 * It is looked up in the VRF of that address.
 *
 * Return: the route, lent while the caller holds the RCU read lock, or an
 * ERR_PTR(), among others where the link's local address is not (any more) an
 * address of this host.
 */
struct rtable *sb_client_route(struct sb_client *client, __be32 endpoint)
{
	struct sb_link *link = client->link;
	struct rtable *rt = sb_client_route_peek(client, link->sbn->net), *old;
	__be32 local = READ_ONCE(link->local);
	struct flowi4 fl4;
	int vrf;

	if (likely(rt))
		return rt;

	vrf = l3mdev_master_ifindex_rcu(sb_link_ipv4_dev(link));
	flowi4_init_output(&fl4, vrf, 0, 0, RT_SCOPE_UNIVERSE, IPPROTO_IPV6, 0, endpoint, local,
			   0, 0, sock_net_uid(link->sbn->net, NULL));
	rt = ip_route_output_flow(link->sbn->net, &fl4, NULL);
	if (IS_ERR(rt))
		return rt;

	/*
	 * Who changes the endpoint or the local address clears the cache under
	 * the lock: keep no route that was looked up for the old one. Whichever is
	 * given back here is there for another grace period.
	 */
	spin_lock_bh(&link->route_lock);
	if (READ_ONCE(client->endpoint) == endpoint && READ_ONCE(link->local) == local)
		old = rcu_replace_pointer(client->rt, rt, lockdep_is_held(&link->route_lock));
	else
		old = rt;
	spin_unlock_bh(&link->route_lock);
	if (old)
		ip_rt_put(old);
	return rt;
}

/* A locally sent packet for a server address comes back in, as from a client. */
static void sb_loop_back(struct sb_link *link, struct sb_client *client, struct sk_buff *skb)
{
	unsigned int len = skb->len;

	skb_tx_timestamp(skb);
	skb_orphan(skb);
	skb_dst_drop(skb);
	skb_clear_tstamp(skb);
	skb->pkt_type = PACKET_HOST;
	skb_reset_mac_header(skb);

	dev_sw_netstats_tx_add(link->dev, 1, len);
	if (netif_rx(skb) == NET_RX_SUCCESS)
		dev_sw_netstats_rx_add(link->dev, len);
	else
		sb_drop_count(link, client, SITBROKER_DROP_REASON_TX_NO_MEMORY);
}

/* What may not leave its link or host, whatever the routes say. */
static bool sb_scope_ok(const struct ipv6hdr *ip6)
{
	int source, destination;

	if (likely(sb_is_global(&ip6->saddr) && sb_is_global(&ip6->daddr)))
		return true;
	source = ipv6_addr_type(&ip6->saddr);
	destination = ipv6_addr_type(&ip6->daddr);
	return !(source & (IPV6_ADDR_MULTICAST | IPV6_ADDR_LOOPBACK | IPV6_ADDR_LINKLOCAL)) &&
	       source != IPV6_ADDR_ANY &&
	       !(destination & (IPV6_ADDR_LOOPBACK | IPV6_ADDR_LINKLOCAL)) &&
	       destination != IPV6_ADDR_ANY;
}

/*
 * The kernel's own ICMPv6 sockets are locked while they send, and send errors:
 * an answer of this host's that goes nowhere is not told of.
 */
static bool sb_sender_listens(const struct sk_buff *skb)
{
	const struct sock *sk = skb->sk;

	return !sk || !sk_fullsock(sk) || !sk->sk_kern_sock || sk->sk_protocol != IPPROTO_ICMPV6;
}

/* Tell the sender why its packet goes nowhere, within the budget for that. */
static void sb_unreachable(struct sb_link *link, struct sb_client *client, struct sk_buff *skb,
			   u8 code)
{
	if (sb_sender_listens(skb) && sb_icmp_allowed(link, client))
		icmpv6_ndo_send(skb, ICMPV6_DEST_UNREACH, code, 0);
}

/*
 * Did the packet arrive on the link? In a VRF all that arrives on a port is made
 * to look as if it had on the VRF device. The caller holds the RCU read lock.
 */
static bool sb_came_by_link(const struct sk_buff *skb, const struct net_device *dev)
{
	return skb->skb_iif == dev->ifindex ||
	       (netif_is_l3_slave(dev) && skb->skb_iif == l3mdev_master_ifindex_rcu(dev));
}

/*
 * Choose the client for a packet, or the reason to drop it; @pool is that of its
 * destination. Each of the three unreachables means another cause, so that a user can
 * tell from outside.
 */
static struct sb_client *sb_transmit_client(struct sb_link *link, struct sk_buff *skb,
					    struct sb_pool **pool, int *drop)
{
	const struct ipv6hdr *ip6 = ipv6_hdr(skb);
	bool returns = sb_came_by_link(skb, link->dev);
	struct sb_client *client, *sender = NULL;
	struct sb_pool *sender_pool;

	client = sb_table_client(&link->sbn->table, &ip6->daddr, pool);
	if (!sb_client_is_live(client) || client->link != link) {
		sb_unreachable(link, NULL, skb, ICMPV6_ADDR_UNREACH);
		*drop = SITBROKER_DROP_REASON_TX_UNASSIGNED;
		return NULL;
	}
	if (sb_client_is(client, SB_CLIENT_DISABLED)) {
		sb_unreachable(link, client, skb, ICMPV6_ADM_PROHIBITED);
		*drop = SITBROKER_DROP_REASON_TX_DISABLED;
		return client;
	}
	/* Sources of forwarded packets were verified: who has one, sent it. See RFC 6324. */
	if (returns || (skb->skb_iif && READ_ONCE(link->isolate)))
		sender = sb_table_client(&link->sbn->table, &ip6->saddr, &sender_pool);
	if (!sender)
		return client;
	if (sender == client && returns) {
		*drop = SITBROKER_DROP_REASON_TX_HAIRPIN;
	} else if (sender != client && READ_ONCE(link->isolate)) {
		sb_unreachable(link, client, skb, ICMPV6_ADM_PROHIBITED);
		*drop = SITBROKER_DROP_REASON_TX_ISOLATED;
	}
	return client;
}

/* Does the packet, or each segment that it will be cut into, fit? */
static bool sb_fits(const struct sk_buff *skb, unsigned int mtu)
{
	return skb->len <= mtu || (skb_is_gso(skb) && skb_gso_validate_network_len(skb, mtu));
}

/*
 * DF stays clear with a static MTU: it must (RFC 4213 section 3.2.1). With path
 * MTU discovery it is set, unless the path cannot carry 1280 bytes in one
 * piece: then routers fragment (section 3.2.2).
 */
static __be16 sb_encap_df(const struct sb_client *client, const struct rtable *rt)
{
	return sb_client_is(client, SB_CLIENT_PMTUDISC) &&
	       dst_mtu(&rt->dst) >= SB_MTU_MIN + sizeof(struct iphdr) ? htons(IP_DF) : 0;
}

/**
 * struct sb_sending - clients to whom a processor is sending a packet
 * @task: who sends, NULL for nobody
 * @client: the client outside
 * @nested: within its packet, one to another client is being sent
 *
 * The route to an endpoint may lead through a tunnel whose packets go to a
 * client. One within another is let through, but not what goes to the same
 * client again: that comes back for ever. Neither is a third: other tunnels
 * between them count, too, and 6.1 looks at the stack they take only when it is
 * nearly used up.
 *
 * Used with softirqs off. With PREEMPT_RT another task may take the place even
 * so; then it takes another round to notice a loop.
 */
struct sb_sending {
	const struct task_struct *task;
	const struct sb_client *client;
	bool nested;
};

static DEFINE_PER_CPU(struct sb_sending, sb_sending);

/* Would a packet to the client go round? */
static bool sb_sending_loops(const struct sb_client *client)
{
	const struct sb_sending *sending = this_cpu_ptr(&sb_sending);

	return sending->task == current && (sending->nested || sending->client == client);
}

static void sb_sending_begin(const struct sb_client *client)
{
	struct sb_sending *sending = this_cpu_ptr(&sb_sending);

	sending->nested = sending->task == current;
	if (sending->nested)
		return;
	sending->client = client;
	sending->task = current;
}

static void sb_sending_end(void)
{
	struct sb_sending *sending = this_cpu_ptr(&sb_sending);

	if (sending->task != current)
		return;
	if (!sending->nested)
		sending->task = NULL;
	sending->nested = false;
}

/* No reason to drop a packet. */
#define SB_SENT		(-1)

/*
 * Put an IPv4 header in front of a packet to a client and send it. The caller
 * holds the RCU read lock.
 *
 * Return: SB_SENT, or the reason to drop it, and it is still the caller's.
 */
static int sb_encap(struct sb_client *client, struct sk_buff *skb)
{
	__be32 endpoint = sb_client_endpoint(client);
	struct sb_link *link = client->link;
	struct rtable *rt;
	unsigned int mtu;
	__be16 df;
	u8 dsfield, tos;

	if (!endpoint) {
		sb_unreachable(link, client, skb, ICMPV6_NOROUTE);
		return SITBROKER_DROP_REASON_TX_NO_ENDPOINT;
	}
	if (sb_filter_outer(link, endpoint))
		return SITBROKER_DROP_REASON_TX_FILTER_OUTER;
	if (sb_sending_loops(client) || sb_compat_nested_too_deep())
		return SITBROKER_DROP_REASON_TX_LOOP;
	rt = sb_client_route(client, endpoint);
	if (IS_ERR(rt)) {
		if (sb_sender_listens(skb) && sb_icmp_allowed(link, client))
			dst_link_failure(skb);
		return SITBROKER_DROP_REASON_TX_NO_ROUTE;
	}
	if (rt->rt_type != RTN_UNICAST)
		return SITBROKER_DROP_REASON_TX_NO_ROUTE;
	if (dst_dev(&rt->dst) == link->dev)
		return SITBROKER_DROP_REASON_TX_LOOP;

	mtu = sb_client_mtu(client, &rt->dst);
	if (!sb_fits(skb, mtu)) {
		/* What is forwarded: whoever sent it remembers, not this host for ten minutes. */
		if (!skb->skb_iif)
			skb_dst_update_pmtu_no_confirm(skb, mtu);
		if (sb_sender_listens(skb) && sb_icmp_too_big_allowed(client))
			icmpv6_ndo_send(skb, ICMPV6_PKT_TOOBIG, 0, mtu);
		return SITBROKER_DROP_REASON_TX_TOO_BIG;
	}

	if (skb_cow_head(skb, LL_RESERVED_SPACE(dst_dev(&rt->dst)) + sizeof(struct iphdr)) ||
	    iptunnel_handle_offloads(skb, SKB_GSO_IPXIP4))
		return SITBROKER_DROP_REASON_TX_NO_MEMORY;
	skb_set_inner_ipproto(skb, IPPROTO_IPV6);
	skb->mark = 0;

	/* From here on no pointer into the packet from above is valid. */
	dsfield = ipv6_get_dsfield(ipv6_hdr(skb));
	tos = READ_ONCE(link->tos_inherit) ? dsfield : READ_ONCE(link->tos);
	/* RFC 6040 section 4.1, normal mode; INET_ECN_encapsulate() would turn CE into ECT(0). */
	tos = (tos & ~INET_ECN_MASK) | (dsfield & INET_ECN_MASK);
	df = sb_encap_df(client, rt);

	skb->dev = link->dev;
	sb_sending_begin(client);
	sb_outer_xmit(client, endpoint, rt, skb, tos, df);
	sb_sending_end();
	return SB_SENT;
}

/**
 * sb_transmit_to() - send a packet of our own to a client
 * @client: the client
 * @skb: an IPv6 packet, owned; gone afterwards
 *
 * Its addresses are not looked at. The caller holds the RCU read lock.
 */
void sb_transmit_to(struct sb_client *client, struct sk_buff *skb)
{
	int drop;

	skb->dev = client->link->dev;
	drop = sb_encap(client, skb);
	if (drop == SB_SENT)
		return;
	sb_drop(client->link, client, skb, drop);
	kfree_skb(skb);
}

/* What of a packet forbids to send it to anybody? */
static int sb_transmit_check(struct sk_buff *skb)
{
	if (skb->protocol != htons(ETH_P_IPV6) || !pskb_inet_may_pull(skb))
		return SITBROKER_DROP_REASON_TX_NOT_IPV6;
	if (ipv6_addr_is_multicast(&ipv6_hdr(skb)->daddr))
		return SITBROKER_DROP_REASON_TX_MULTICAST;
	if (!sb_scope_ok(ipv6_hdr(skb)))
		return SITBROKER_DROP_REASON_TX_SCOPE;
	return SB_SENT;
}

/* Send a packet to a client, unless a filter list holds its source. As sb_encap(). */
static int sb_transmit_filtered(struct sb_link *link, struct sb_client *client, struct sk_buff *skb)
{
	enum sb_filter_verdict verdict = sb_filter_inner(link, client, &ipv6_hdr(skb)->saddr);

	if (likely(verdict == SB_FILTER_PASS))
		return sb_encap(client, skb);
	if (verdict == SB_FILTER_REJECT)
		sb_unreachable(link, client, skb, ICMPV6_ADM_PROHIBITED);
	return SITBROKER_DROP_REASON_TX_FILTER_INNER;
}

/**
 * sb_transmit() - ndo_start_xmit
 * @skb: an inner packet, owned
 * @dev: the link
 *
 * Return: NETDEV_TX_OK; the packet is gone either way.
 */
netdev_tx_t sb_transmit(struct sk_buff *skb, struct net_device *dev)
{
	struct sb_link *link = netdev_priv(dev);
	struct sb_client *client = NULL;
	struct sb_pool *pool;
	int drop;

	rcu_read_lock();
	drop = sb_transmit_check(skb);
	if (drop == SB_SENT)
		client = sb_transmit_client(link, skb, &pool, &drop);
	if (drop == SB_SENT && sb_pool_is_server(pool, &ipv6_hdr(skb)->daddr))
		sb_loop_back(link, client, skb);
	else if (drop == SB_SENT)
		drop = sb_transmit_filtered(link, client, skb);
	if (drop != SB_SENT) {
		sb_drop(link, client, skb, drop);
		kfree_skb(skb);
	}
	rcu_read_unlock();
	return NETDEV_TX_OK;
}
