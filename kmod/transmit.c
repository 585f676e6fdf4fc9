// SPDX-License-Identifier: GPL-2.0
/*
 * From the IPv6 stack to a client: find it by the inner destination, refuse
 * what must not be sent, put an IPv4 header in front.
 */

#include <linux/icmpv6.h>
#include <net/inet_ecn.h>
#include <net/ip6_route.h>
#include <net/ip_tunnels.h>
#include <net/ipv6.h>

#include "client.h"
#include "compat/compat.h"
#include "link.h"
#include "net.h"
#include "transmit.h"

/**
 * sb_client_route() - the IPv4 route to a client
 * @client: the client
 * @endpoint: its endpoint as the caller read it, not 0
 *
 * The route is cached with the client until it is no longer valid: an address
 * or a route of the host has changed, the endpoint or the link's local address.
 * The caller holds the RCU read lock.
 *
 * Return: the route with a reference, or an ERR_PTR(), among others where the
 * link's local address is not (any more) an address of this host.
 */
struct rtable *sb_client_route(struct sb_client *client, __be32 endpoint)
{
	struct sb_link *link = client->link;
	struct rtable *rt = rcu_dereference(client->rt);
	__be32 local = READ_ONCE(link->local);
	struct rtable *old;
	struct flowi4 fl4;

	if (rt && dst_hold_safe(&rt->dst)) {
		if (dst_check(&rt->dst, 0))
			return rt;
		ip_rt_put(rt);
	}

	flowi4_init_output(&fl4, 0, 0, 0, RT_SCOPE_UNIVERSE, IPPROTO_IPV6, 0, endpoint, local,
			   0, 0, sock_net_uid(link->sbn->net, NULL));
	rt = ip_route_output_flow(link->sbn->net, &fl4, NULL);
	if (IS_ERR(rt))
		return rt;

	/*
	 * Who changes the endpoint or the local address clears the cache under
	 * the lock: keep no route that was looked up for the old one.
	 */
	spin_lock_bh(&link->route_lock);
	if (READ_ONCE(client->endpoint) == endpoint && READ_ONCE(link->local) == local &&
	    dst_hold_safe(&rt->dst))
		old = rcu_replace_pointer(client->rt, rt, lockdep_is_held(&link->route_lock));
	else
		old = NULL;
	spin_unlock_bh(&link->route_lock);
	if (old)
		ip_rt_put(old);
	return rt;
}

/* A locally sent packet for a server address comes back in, as from a client. */
static void sb_loop_back(struct sb_link *link, struct sk_buff *skb)
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
}

/* What may not leave its link or host, whatever the routes say. */
static bool sb_scope_ok(const struct ipv6hdr *ip6)
{
	int source = ipv6_addr_type(&ip6->saddr);
	int destination = ipv6_addr_type(&ip6->daddr);

	return !(source & (IPV6_ADDR_MULTICAST | IPV6_ADDR_LOOPBACK | IPV6_ADDR_LINKLOCAL)) &&
	       source != IPV6_ADDR_ANY &&
	       !(destination & (IPV6_ADDR_LOOPBACK | IPV6_ADDR_LINKLOCAL)) &&
	       destination != IPV6_ADDR_ANY;
}

/* Did the packet come from the client that it would go to? See RFC 6324. */
static bool sb_is_hairpin(const struct sb_link *link, const struct sk_buff *skb,
			  const struct sb_client *client)
{
	struct sb_pool *pool;

	return skb->skb_iif == link->dev->ifindex &&
	       sb_table_client(&link->sbn->table, &ipv6_hdr(skb)->saddr, &pool) == client;
}

/*
 * Choose the client for a packet, or the reason to drop it. Each of the three
 * unreachables means another cause, so that a user can tell from outside.
 */
static struct sb_client *sb_transmit_client(struct sb_link *link, struct sk_buff *skb,
					    int *drop)
{
	const struct ipv6hdr *ip6 = ipv6_hdr(skb);
	struct sb_client *client;
	struct sb_pool *pool;

	client = sb_table_client(&link->sbn->table, &ip6->daddr, &pool);
	if (!sb_client_is_live(client) || client->link != link) {
		icmpv6_ndo_send(skb, ICMPV6_DEST_UNREACH, ICMPV6_ADDR_UNREACH, 0);
		*drop = SITBROKER_DROP_REASON_TX_UNASSIGNED;
		return NULL;
	}
	if (READ_ONCE(client->disabled)) {
		icmpv6_ndo_send(skb, ICMPV6_DEST_UNREACH, ICMPV6_ADM_PROHIBITED, 0);
		*drop = SITBROKER_DROP_REASON_TX_DISABLED;
		return client;
	}
	if (sb_is_hairpin(link, skb, client))
		*drop = SITBROKER_DROP_REASON_TX_HAIRPIN;
	return client;
}

/* Does the packet, or each segment that it will be cut into, fit? */
static bool sb_fits(const struct sk_buff *skb, unsigned int mtu)
{
	return skb->len <= mtu || (skb_is_gso(skb) && skb_gso_validate_network_len(skb, mtu));
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
	unsigned int mtu, len;
	struct rtable *rt;
	__be32 endpoint;
	int drop = -1;
	u8 tos;

	rcu_read_lock();

	if (skb->protocol != htons(ETH_P_IPV6) || !pskb_inet_may_pull(skb)) {
		drop = SITBROKER_DROP_REASON_TX_NOT_IPV6;
		goto drop;
	}
	if (ipv6_addr_is_multicast(&ipv6_hdr(skb)->daddr)) {
		drop = SITBROKER_DROP_REASON_TX_MULTICAST;
		goto drop;
	}
	if (!sb_scope_ok(ipv6_hdr(skb))) {
		drop = SITBROKER_DROP_REASON_TX_SCOPE;
		goto drop;
	}

	client = sb_transmit_client(link, skb, &drop);
	if (drop >= 0)
		goto drop;
	if (sb_client_is_server(client, &ipv6_hdr(skb)->daddr)) {
		sb_loop_back(link, skb);
		goto out;
	}

	endpoint = sb_client_endpoint(client);
	if (!endpoint) {
		icmpv6_ndo_send(skb, ICMPV6_DEST_UNREACH, ICMPV6_NOROUTE, 0);
		drop = SITBROKER_DROP_REASON_TX_NO_ENDPOINT;
		goto drop;
	}
	rt = sb_client_route(client, endpoint);
	if (IS_ERR(rt)) {
		dst_link_failure(skb);
		drop = SITBROKER_DROP_REASON_TX_NO_ROUTE;
		goto drop;
	}
	if (rt->rt_type != RTN_UNICAST) {
		drop = SITBROKER_DROP_REASON_TX_NO_ROUTE;
		goto drop_route;
	}
	if (dst_dev(&rt->dst) == dev) {
		drop = SITBROKER_DROP_REASON_TX_LOOP;
		goto drop_route;
	}

	mtu = sb_client_mtu(client, &rt->dst);
	if (!sb_fits(skb, mtu)) {
		skb_dst_update_pmtu_no_confirm(skb, mtu);
		icmpv6_ndo_send(skb, ICMPV6_PKT_TOOBIG, 0, mtu);
		drop = SITBROKER_DROP_REASON_TX_TOO_BIG;
		goto drop_route;
	}

	len = skb->len;
	if (skb_cow_head(skb, LL_RESERVED_SPACE(dst_dev(&rt->dst)) + sizeof(struct iphdr)) ||
	    iptunnel_handle_offloads(skb, SKB_GSO_IPXIP4)) {
		drop = SITBROKER_DROP_REASON_TX_NO_MEMORY;
		goto drop_route;
	}
	skb_set_inner_ipproto(skb, IPPROTO_IPV6);
	skb->mark = 0;

	/* From here on no pointer into the packet from above is valid. */
	tos = READ_ONCE(link->tos_inherit) ? ipv6_get_dsfield(ipv6_hdr(skb)) : READ_ONCE(link->tos);
	tos = INET_ECN_encapsulate(tos, ipv6_get_dsfield(ipv6_hdr(skb)));

	atomic64_inc(&client->tx_packets);
	atomic64_add(len, &client->tx_bytes);
	/* DF stays clear: with a static MTU it must (RFC 4213 section 3.2.1). */
	sb_iptunnel_xmit(rt, skb, READ_ONCE(link->local), endpoint, IPPROTO_IPV6, tos,
			 READ_ONCE(link->ttl));
	goto out;

drop_route:
	ip_rt_put(rt);
drop:
	sb_drop_count(link, client, drop);
	kfree_skb(skb);
out:
	rcu_read_unlock();
	return NETDEV_TX_OK;
}
