// SPDX-License-Identifier: GPL-2.0
/*
 * ICMP errors: how many we send, and what becomes of those that IPv4 routers
 * send about our packets (RFC 4213 section 3.4).
 */

#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/l3mdev.h>
#include <net/route.h>

#include "budget.h"
#include "client.h"
#include "fault.h"
#include "icmp.h"
#include "link.h"
#include "net.h"

/* ICMPv6 errors a second about one client, and about all that is nobody's. */
#define SB_ICMP_CLIENT_RATE	50
#define SB_ICMP_LINK_RATE	200
/* Packet Too Big a second about one client: each flow needs one. */
#define SB_ICMP_TOO_BIG_RATE	200

/**
 * sb_icmp_allowed() - may an ICMPv6 error be sent?
 * @link: the link
 * @client: the client that it is about, or NULL
 *
 * Not for Packet Too Big, which must not be lost to a flood of others. The
 * kernel's own limits apply behind this one. The caller holds the RCU read
 * lock.
 *
 * Return: true, and it is counted, or false.
 */
bool sb_icmp_allowed(struct sb_link *link, struct sb_client *client)
{
	struct sb_faults *faults = client ? sb_faults(client) : NULL;

	if (!faults)
		return sb_budget_take(&link->icmp_budget, SB_ICMP_LINK_RATE);
	return sb_budget_take(&faults->budget, SB_ICMP_CLIENT_RATE);
}

/**
 * sb_icmp_too_big_allowed() - may a Packet Too Big be sent?
 * @client: the client that it is about
 *
 * The kernel does not limit them, and whoever forges ICMPv4 errors or sends
 * large packets chooses who gets them. The caller holds the RCU read lock.
 *
 * Return: true, and it is counted, or false.
 */
bool sb_icmp_too_big_allowed(struct sb_client *client)
{
	struct sb_faults *faults = sb_faults(client);

	return faults && sb_budget_take(&faults->too_big_budget, SB_ICMP_TOO_BIG_RATE);
}

/**
 * sb_icmp_prohibited() - tell a client that what it sent is forbidden
 * @link: the link
 * @client: the client, not NULL
 * @skb: its packet, verified, without outer header, not seen by the stack yet
 *
 * From its own server address, as all that its gateway says. The caller holds
 * the RCU read lock.
 */
void sb_icmp_prohibited(struct sb_link *link, struct sb_client *client, struct sk_buff *skb)
{
	if (!sb_icmp_allowed(link, client))
		return;
	/* As the stack would have left it. */
	memset(IP6CB(skb), 0, sizeof(*IP6CB(skb)));
	IP6CB(skb)->iif = link->dev->ifindex;
	icmp6_send(skb, ICMPV6_DEST_UNREACH, ICMPV6_ADM_PROHIBITED, 0, &client->server,
		   IP6CB(skb));
}

/*
 * Tell the sender of an inner packet that it did not arrive. Only where the
 * error quotes enough to show that we sent it, and to whom.
 */
static void sb_icmp_relay(struct sb_link *link, struct sk_buff *error, u8 type, u8 code, u32 info)
{
	const unsigned int outer = ((const struct iphdr *)error->data)->ihl * 4;
	const __be32 endpoint = ((const struct iphdr *)error->data)->daddr;
	const struct ipv6hdr *ip6;
	struct sb_client *client;
	struct sb_pool *pool;
	struct sk_buff *skb;

	/* icmp6_send() looks for an ICMPv6 error inside, hence 8 bytes more. */
	if (!pskb_may_pull(error, outer + sizeof(*ip6) + 8))
		return;
	ip6 = (const struct ipv6hdr *)(error->data + outer);
	if (ip6->version != 6)
		return;
	client = sb_table_client(&link->sbn->table, &ip6->daddr, &pool);
	if (!sb_client_is_live(client) || client->link != link ||
	    sb_client_endpoint(client) != endpoint)
		return;
	if (type == ICMPV6_PKT_TOOBIG && !sb_client_is(client, SB_CLIENT_PMTUDISC))
		return;
	if (type == ICMPV6_PKT_TOOBIG ? !sb_icmp_too_big_allowed(client)
				      : !sb_icmp_allowed(link, client))
		return;

	skb = skb_clone(error, GFP_ATOMIC);
	if (!skb)
		return;
	skb_dst_drop(skb);
	skb_pull(skb, outer);
	skb_reset_network_header(skb);
	skb->protocol = htons(ETH_P_IPV6);
	skb->dev = link->dev;
	memset(IP6CB(skb), 0, sizeof(*IP6CB(skb)));
	icmp6_send(skb, type, code, info, &client->server, IP6CB(skb));
	kfree_skb(skb);
}

/*
 * A router could not forward one of our packets without fragmenting it. With
 * DF clear, in what it quotes or in all that we send there, none can say so
 * truthfully (RFC 1191 section 4).
 */
static void sb_icmp_too_big(struct sb_link *link, struct sk_buff *skb,
			    struct sb_client *youngest, u32 mtu)
{
	const struct iphdr *quoted = (const struct iphdr *)skb->data;
	const __be32 endpoint = quoted->daddr;
	struct sb_client *client;
	bool discovers = false;

	if (!(quoted->frag_off & htons(IP_DF)))
		return;
	sb_client_for_each_behind(client, youngest, endpoint)
		discovers |= sb_client_is(client, SB_CLIENT_PMTUDISC);
	if (!discovers)
		return;
	ipv4_update_pmtu(skb, link->sbn->net, mtu,
			 l3mdev_master_ifindex_rcu(sb_link_ipv4_dev(link)), IPPROTO_IPV6);
	sb_icmp_relay(link, skb, ICMPV6_PKT_TOOBIG, 0,
		      max_t(u32, mtu, SB_MTU_MIN + sizeof(struct iphdr)) - sizeof(struct iphdr));
}

/* Have we ever sent anything to one of these? */
static bool sb_icmp_is_plausible(struct sb_client *youngest, __be32 endpoint)
{
	struct sb_client *client;

	sb_client_for_each_behind(client, youngest, endpoint)
		if (sb_client_was_sent_to(client))
			return true;
	return false;
}

/**
 * sb_icmp_error() - take an ICMPv4 error about a packet of protocol 41
 * @skb: the error; its data is the quoted IPv4 header and at least 8 bytes more
 * @info: MTU, where that is what it is about
 *
 * The quote may hold 8 bytes behind the IPv4 header only, which do not say
 * which client it is: all those with that endpoint remember the error.
 *
 * Return: 0 where the packet is one that a link could have sent, or -ENOENT.
 */
int sb_icmp_error(struct sk_buff *skb, u32 info)
{
	const struct iphdr *quoted = (const struct iphdr *)skb->data;
	const u8 type = icmp_hdr(skb)->type, code = icmp_hdr(skb)->code;
	const __be32 endpoint = quoted->daddr, from = ip_hdr(skb)->saddr;
	struct sb_client *client, *youngest;
	struct sb_link *link;

	link = sb_link_by_local(sb_net(dev_net(skb->dev)), quoted->saddr);
	youngest = link ? sb_client_by_endpoint(link, endpoint) : NULL;
	if (!youngest)
		return -ENOENT;
	if (!sb_icmp_is_plausible(youngest, endpoint))
		return 0;

	sb_client_for_each_behind(client, youngest, endpoint)
		sb_fault_error_note(client, from, type, code);

	switch (type) {
	case ICMP_DEST_UNREACH:
		if (code == ICMP_FRAG_NEEDED)
			sb_icmp_too_big(link, skb, youngest, info);
		else
			sb_icmp_relay(link, skb, ICMPV6_DEST_UNREACH, ICMPV6_ADDR_UNREACH, 0);
		break;
	case ICMP_TIME_EXCEEDED:
	case ICMP_PARAMETERPROB:
		sb_icmp_relay(link, skb, ICMPV6_DEST_UNREACH, ICMPV6_ADDR_UNREACH, 0);
		break;
	}
	return 0;
}
