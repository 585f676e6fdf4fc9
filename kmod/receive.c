// SPDX-License-Identifier: GPL-2.0
/*
 * From a client to the IPv6 stack: find it by the inner source, compare its
 * endpoint with the outer source, take the IPv4 header off.
 *
 * What a client sent usually comes from outer-hook.c. For the rest, two handlers
 * are registered for protocol 41. The first one runs before those
 * of sit and takes what is verified, and everything that claims a source
 * inside our pools. What it leaves, other tunnels with the same local address
 * may take. The second one runs after all others and silently drops the rest,
 * which the kernel would answer: RFC 4213 section 3.6 does not want strangers
 * to learn that there is a tunnel server.
 */

#include <linux/prefetch.h>
#include <net/inet_ecn.h>
#include <net/ip_tunnels.h>
#include <net/ipv6.h>
#include <net/xfrm.h>

#include "client.h"
#include "drop.h"
#include "filter-link.h"
#include "forward.h"
#include "icmp.h"
#include "link.h"
#include "net.h"
#include "nud.h"
#include "receive.h"
#include "seen.h"

/* 0 is ip_vti's, 1 sit's, 2 to 4 xfrm's; equal ones are refused. */
#define SB_PRIORITY_FIRST	(-41)
#define SB_PRIORITY_LAST	INT_MAX

static int sb_receive_drop(struct sb_link *link, struct sb_client *client, struct sk_buff *skb,
			   enum sitbroker_drop_reason reason)
{
	sb_drop(link, client, skb, reason);
	kfree_skb(skb);
	return 0;
}

/* No reason to drop a packet. */
#define SB_RECEIVED	(-1)

/*
 * Take the outer header off a packet whose sender is known.
 *
 * Return: SB_RECEIVED, and the data of @skb is the inner header, or the reason
 * to drop it.
 */
static int sb_decap(struct sb_link *link, struct sk_buff *skb)
{
	const struct ipv6hdr *ip6 = (const struct ipv6hdr *)skb->data;

	if (skb->pkt_type != PACKET_HOST)
		return SITBROKER_DROP_REASON_RX_NOT_UNICAST;
	if (sizeof(*ip6) + ntohs(ip6->payload_len) > skb->len)
		return SITBROKER_DROP_REASON_RX_HEADER;
	/* A jumbogram says elsewhere how long it is, and no IPv4 packet can be one. */
	if (!ip6->payload_len && ip6->nexthdr == NEXTHDR_HOP)
		return SITBROKER_DROP_REASON_RX_HEADER;

	skb->mac_header = skb->network_header;
	skb_reset_network_header(skb);
	IPCB(skb)->flags = 0;
	skb->dev = link->dev;
	if (iptunnel_pull_header(skb, 0, htons(ETH_P_IPV6), false))
		return SITBROKER_DROP_REASON_RX_NO_MEMORY;
	/* The packet may have moved: the outer header is where the MAC header was put. */
	if (IP_ECN_decapsulate((const struct iphdr *)skb_mac_header(skb), skb) > 1)
		return SITBROKER_DROP_REASON_RX_ECN;
	skb_reset_mac_header(skb);
	/*
	 * A mark set for the outer packet says nothing about the inner one, nor does
	 * a socket: one that a program gave it would not even be forwarded.
	 */
	skb->mark = 0;
	skb_orphan(skb);
	return SB_RECEIVED;
}

/*
 * Who sent what has no client's own source? Clients may share an endpoint, behind
 * one NAT: the youngest, but a disabled one only where all are. NULL where none
 * has it.
 */
static struct sb_client *sb_receive_sender(struct sb_link *link, __be32 endpoint)
{
	struct sb_client *client, *disabled = NULL;

	sb_client_for_each_behind(client, sb_client_by_endpoint(link, endpoint), endpoint) {
		if (!sb_client_is_live(client))
			continue;
		if (!sb_client_is(client, SB_CLIENT_DISABLED))
			return client;
		disabled = disabled ?: client;
	}
	return disabled;
}

/*
 * A link-local source means something between the two ends of a tunnel only, and
 * so does none, of a host that has no address ready: the client asks whether its
 * gateway is there, or talks of groups and routers to nobody.
 */
static bool sb_is_link_talk(const struct in6_addr *source)
{
	/* Multicast addresses of link-local scope have that bit set, too. */
	return ipv6_addr_any(source) || (ipv6_addr_type(source) &
		(IPV6_ADDR_MULTICAST | IPV6_ADDR_LINKLOCAL)) == IPV6_ADDR_LINKLOCAL;
}

static int sb_receive_link_local(struct sb_link *link, struct sb_client *sender,
				 struct sk_buff *skb)
{
	int drop = sb_decap(link, skb);

	if (drop != SB_RECEIVED)
		return sb_receive_drop(link, sender, skb, drop);
	if (ipv6_hdr(skb)->nexthdr == IPPROTO_ICMPV6 && sb_nud_receive(sender, skb))
		return 0;
	return sb_receive_drop(link, sender, skb,
			       sb_client_is(sender, SB_CLIENT_DISABLED) ?
			       SITBROKER_DROP_REASON_RX_DISABLED :
			       SITBROKER_DROP_REASON_RX_LINK_LOCAL);
}

/* A source that is not the sender's own is charged to who sent it. */
static int sb_receive_foreign(struct sb_link *link, struct sk_buff *skb)
{
	struct sb_client *sender = sb_receive_sender(link, ip_hdr(skb)->saddr);
	const struct ipv6hdr *ip6 = (const struct ipv6hdr *)skb->data;

	if (!sender)
		return sb_receive_drop(link, NULL, skb, SITBROKER_DROP_REASON_RX_STRANGER);
	if (ip6->version != 6)
		return sb_receive_drop(link, sender, skb, SITBROKER_DROP_REASON_RX_HEADER);
	if (sb_is_link_talk(&ip6->saddr))
		return sb_receive_link_local(link, sender, skb);
	return sb_receive_drop(link, sender, skb, SITBROKER_DROP_REASON_RX_WRONG_SOURCE);
}

/*
 * Would an automatic tunnel on this host send the packet to this very link
 * (RFC 6324)? 6to4 has the IPv4 address behind 2002::/16, ISATAP behind
 * [02]00:5efe in the last half.
 */
static bool sb_receive_embeds(const struct in6_addr *addr, __be32 local)
{
	if (addr->s6_addr16[0] == htons(0x2002))
		return get_unaligned((const __be32 *)&addr->s6_addr[2]) == local;
	return addr->s6_addr32[3] == local &&
	       (addr->s6_addr32[2] & ~htonl(0x02000000)) == htonl(0x5efe);
}

/* May a verified packet go on, now that its outer header is off? */
static int sb_receive_check(const struct sb_link *link, const struct sk_buff *skb)
{
	const struct in6_addr *to = &ipv6_hdr(skb)->daddr;

	if (ipv6_addr_is_multicast(to))
		return SITBROKER_DROP_REASON_RX_MULTICAST;
	if (sb_receive_embeds(to, READ_ONCE(link->local)))
		return SITBROKER_DROP_REASON_RX_EMBEDDED;
	return SB_RECEIVED;
}

/* Does a filter list drop what comes from an endpoint? Silently, whoever it is. */
static bool sb_receive_filtered_outer(struct sb_link *link, struct sk_buff *skb)
{
	__be32 endpoint = ip_hdr(skb)->saddr;

	if (!sb_filter_outer(link, endpoint))
		return false;
	sb_receive_drop(link, sb_receive_sender(link, endpoint), skb,
			SITBROKER_DROP_REASON_RX_FILTER_OUTER);
	return true;
}

/* Does a filter list drop what a client sends to that address? */
static bool sb_receive_filtered_inner(struct sb_link *link, const struct sb_holder *holder,
				      struct sk_buff *skb)
{
	enum sb_filter_verdict verdict;
	struct sb_client *client;

	if (likely(!sb_filter_is_used()))
		return false;
	client = sb_holder_client(holder);
	verdict = sb_filter_judge_remote(link, client, &ipv6_hdr(skb)->daddr);
	if (likely(verdict == SB_FILTER_PASS))
		return false;
	/* Who has just left has no address that could say so. */
	if (verdict == SB_FILTER_REJECT && client)
		sb_icmp_prohibited(link, client, skb);
	sb_receive_drop(link, client, skb, SITBROKER_DROP_REASON_RX_FILTER_INNER);
	return true;
}

/* Is it about the tunnel itself, and answered? Then it is gone. */
static bool sb_receive_answered(const struct sb_holder *holder, struct sk_buff *skb)
{
	struct sb_client *client;

	if (likely(ipv6_hdr(skb)->nexthdr != IPPROTO_ICMPV6))
		return false;
	client = sb_holder_client(holder);
	return client && sb_nud_receive(client, skb);
}

/* A packet of a client's that is received and counted; gone afterwards. */
static void sb_receive_pass_on(struct sb_link *link, const struct sb_holder *holder,
			       struct sk_buff *skb)
{
	int drop;

	if (sb_receive_answered(holder, skb))
		return;
	drop = sb_receive_check(link, skb);
	if (drop != SB_RECEIVED)
		sb_receive_drop(link, sb_holder_client(holder), skb, drop);
	else if (!sb_receive_filtered_inner(link, holder, skb) && !sb_forward(link, skb))
		netif_receive_skb(skb);
}

/* What was counted beside a piece is its holder's, and there is room again. */
static void sb_receive_settle(struct sb_link *link, struct sb_client *client,
			      struct sb_seen *seen)
{
	u32 received;

	/* Who adds up both sees it once, see sb_client_traffic(). */
	write_seqlock(&link->settling);
	received = atomic_xchg(&seen->received, 0);
	atomic64_add(sb_seen_packets(received), &client->rx_packets);
	atomic64_add(sb_seen_bytes(received), &client->rx_bytes);
	write_sequnlock(&link->settling);
}

/* A packet of so many bytes, its inner header included. */
static void sb_receive_count(struct sb_link *link, const struct sb_holder *holder,
			     unsigned int len)
{
	u32 now = sb_seen_now();
	struct sb_client *client;

	if (holder->seen && likely(sb_seen_count(holder->seen, len, now)))
		return;
	client = sb_holder_client(holder);
	if (!client)
		return;
	if (holder->seen)
		sb_receive_settle(link, client, holder->seen);
	atomic64_inc(&client->rx_packets);
	atomic64_add(len, &client->rx_bytes);
	if (READ_ONCE(client->rx_last) != now)
		WRITE_ONCE(client->rx_last, now);
}

/**
 * sb_receive_deliver() - take the outer header off and hand a packet to the stack
 * @link: the link
 * @holder: who sent it, enabled: sb_receive_client() says so, or said so of an earlier one
 * @skb: the packet, its data at the inner header and the network header at the
 *	outer one; gone afterwards
 *
 * In softirq, under the RCU read lock. The inner packet goes on at once, by the straight
 * way (forward.c) or to the IPv6 stack: segments were put together where the outer packet
 * arrived, if at all, and a queue between the two stacks would cost a third of what we do.
 */
void sb_receive_deliver(struct sb_link *link, const struct sb_holder *holder, struct sk_buff *skb)
{
	int drop;

	if (sb_receive_filtered_outer(link, skb))
		return;
	drop = sb_decap(link, skb);
	if (drop != SB_RECEIVED) {
		sb_receive_drop(link, sb_holder_client(holder), skb, drop);
		return;
	}

	dev_sw_netstats_rx_add(link->dev, skb->len);
	sb_receive_count(link, holder, skb->len);
	sb_receive_pass_on(link, holder, skb);
}

/**
 * sb_receive_client() - the client that sent a packet
 * @link: the link, found by the outer destination
 * @source: outer source
 * @ip6: the inner header
 *
 * The caller holds the RCU read lock.
 *
 * Return: the client that owns the inner source and has this endpoint, on a link
 * that is up, disabled or not; NULL for everything else.
 */
struct sb_client *sb_receive_client(struct sb_link *link, __be32 source,
				    const struct ipv6hdr *ip6)
{
	struct sb_client *client;
	struct sb_pool *pool;

	if (!(READ_ONCE(link->dev->flags) & IFF_UP) || ip6->version != 6)
		return NULL;
	client = sb_table_client(&link->sbn->table, &ip6->saddr, &pool);
	if (!client)
		return NULL;
	prefetchw(&client->rx_packets);
	if (!sb_client_is_live(client) || client->link != link ||
	    sb_client_endpoint(client) != source ||
	    !sb_client_owns_source(client, &ip6->saddr))
		return NULL;
	return client;
}

/* A packet of a disabled client's ends here. */
static int sb_receive_disabled(struct sb_link *link, struct sb_client *client,
			       struct sk_buff *skb)
{
	if (sb_receive_filtered_outer(link, skb))
		return 0;
	return sb_receive_drop(link, client, skb, SITBROKER_DROP_REASON_RX_DISABLED);
}

/* xfrm_tunnel handler: 0 when the packet was consumed, 1 to leave it to the next. */
static int sb_receive_first(struct sk_buff *skb)
{
	const struct ipv6hdr *ip6 = (const struct ipv6hdr *)skb->data;
	const struct iphdr *iph = ip_hdr(skb);
	struct sb_net *sbn = sb_net(dev_net(skb->dev));
	struct sb_client *client;
	struct sb_link *link;

	link = sb_link_by_local(sbn, iph->daddr);
	if (!link)
		return 1;
	client = sb_receive_client(link, iph->saddr, ip6);
	if (client) {
		if (skb_dst(skb) == &link->lead_rt->dst)
			__this_cpu_inc(link->drops->routed);
		if (unlikely(sb_client_is(client, SB_CLIENT_DISABLED)))
			return sb_receive_disabled(link, client, skb);
		sb_receive_deliver(link, &(struct sb_holder) { .client = client }, skb);
		return 0;
	}
	if (!(READ_ONCE(link->dev->flags) & IFF_UP) || ip6->version != 6 ||
	    !sb_table_pool(&sbn->table, sb_addr_load(&ip6->saddr)))
		return 1;
	if (sb_receive_filtered_outer(link, skb))
		return 0;
	return sb_receive_foreign(link, skb);
}

/* xfrm_tunnel handler, the last one: nobody else wanted the packet. */
static int sb_receive_last(struct sk_buff *skb)
{
	struct sb_link *link = sb_link_by_local(sb_net(dev_net(skb->dev)), ip_hdr(skb)->daddr);

	if (!link)
		return 1;
	if (!(link->dev->flags & IFF_UP))
		return sb_receive_drop(link, NULL, skb, SITBROKER_DROP_REASON_RX_LINK_DOWN);
	if (sb_receive_filtered_outer(link, skb))
		return 0;
	return sb_receive_foreign(link, skb);
}

/* The first handler has seen it. */
static int sb_receive_no_error(struct sk_buff *skb, u32 info)
{
	return -ENOENT;
}

static struct xfrm_tunnel sb_receive_first_handler __read_mostly = {
	.handler = sb_receive_first,
	.err_handler = sb_icmp_error,
	.priority = SB_PRIORITY_FIRST,
};

static struct xfrm_tunnel sb_receive_last_handler __read_mostly = {
	.handler = sb_receive_last,
	.err_handler = sb_receive_no_error,
	.priority = SB_PRIORITY_LAST,
};

int sb_receive_register(void)
{
	int err;

	err = xfrm4_tunnel_register(&sb_receive_first_handler, AF_INET6);
	if (err)
		return err;
	err = xfrm4_tunnel_register(&sb_receive_last_handler, AF_INET6);
	if (err)
		xfrm4_tunnel_deregister(&sb_receive_first_handler, AF_INET6);
	return err;
}

void sb_receive_unregister(void)
{
	xfrm4_tunnel_deregister(&sb_receive_last_handler, AF_INET6);
	xfrm4_tunnel_deregister(&sb_receive_first_handler, AF_INET6);
}
