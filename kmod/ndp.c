// SPDX-License-Identifier: GPL-2.0
/*
 * Neighbour solicitations for clients, answered on uplinks.
 *
 * An answer is built from the question alone: no neighbour entry, queue or
 * timer is made for whoever asks, so that nothing grows when strangers do
 * (RFC 6583).
 */

#include <kunit/visibility.h>
#include <linux/etherdevice.h>
#include <linux/netfilter.h>
#include <linux/prefetch.h>
#include <net/addrconf.h>
#include <net/checksum.h>
#include <net/ndisc.h>

#include "budget.h"
#include "client.h"
#include "link.h"
#include "ndp.h"
#include "net.h"
#include "route.h"
#include "uplink.h"

/* A target link-layer address option for Ethernet. */
#define SB_TLLAO_LEN	8

/*
 * The checksum of a message of @len bytes right behind its IPv6 header, RFC 8200 section
 * 8.1. What it is about lies in one piece there, from the source address on, which is half
 * the work of a header and a message added one by one.
 */
static __sum16 sb_nd_checksum(const struct ipv6hdr *ip6, unsigned int len)
{
	__wsum sum = (__force __wsum)htonl(len + IPPROTO_ICMPV6);

	return csum_fold(csum_partial(&ip6->saddr, 2 * sizeof(struct in6_addr) + len, sum));
}

/*
 * RFC 4861 section 7.1.1, except for what the caller knows: there is no
 * extension header and the target is unicast. On success the whole message is
 * in the linear part of @skb.
 */
bool sb_ns_valid(struct sk_buff *skb)
{
	unsigned int len = ntohs(ipv6_hdr(skb)->payload_len), at;
	const struct ipv6hdr *ip6;
	const struct nd_msg *ns;
	bool unspecified;

	if (len < sizeof(*ns) || !pskb_may_pull(skb, sizeof(*ip6) + len))
		return false;
	ip6 = ipv6_hdr(skb);
	ns = (const struct nd_msg *)(ip6 + 1);

	if (ip6->hop_limit != 255 || ns->icmph.icmp6_code)
		return false;
	unspecified = ipv6_addr_any(&ip6->saddr);
	if (unspecified && !ipv6_addr_is_solict_mult(&ip6->daddr))
		return false;
	if (ipv6_addr_is_multicast(&ip6->saddr))
		return false;

	for (at = sizeof(*ns); at < len;) {
		const u8 *option = (const u8 *)ns + at;

		if (len - at < 2 || !option[1] || option[1] * 8 > len - at)
			return false;
		if (option[0] == ND_OPT_SOURCE_LL_ADDR && unspecified)
			return false;
		at += option[1] * 8;
	}

	return skb_csum_unnecessary(skb) || !sb_nd_checksum(ip6, len);
}
EXPORT_SYMBOL_IF_KUNIT(sb_ns_valid);

/* Where to send the answer: the option says it, else the frame. @skb holds a valid NS. */
static const u8 *sb_ns_asker(const struct sk_buff *skb)
{
	const struct nd_msg *ns = (const struct nd_msg *)(ipv6_hdr(skb) + 1);
	unsigned int len = ntohs(ipv6_hdr(skb)->payload_len), at;

	for (at = sizeof(*ns); at < len;) {
		const u8 *option = (const u8 *)ns + at;

		if (option[0] == ND_OPT_SOURCE_LL_ADDR && option[1] == 1)
			return option + 2;
		at += option[1] * 8;
	}
	return eth_hdr(skb)->h_source;
}

/* The device's link-local address; the caller holds the RCU read lock. */
static bool sb_link_local_address(const struct net_device *dev, struct in6_addr *addr)
{
	const struct inet6_dev *idev = __in6_dev_get(dev);
	const struct inet6_ifaddr *ifa;

	if (!idev)
		return false;
	list_for_each_entry_rcu(ifa, &idev->addr_list, if_list) {
		if (ifa->scope != IFA_LINK || ifa->flags & IFA_F_TENTATIVE)
			continue;
		*addr = ifa->addr;
		return true;
	}
	return false;
}

/* Its length, of an IPv6 packet; a question with the asker's link-layer address has the same. */
#define SB_NA_LEN	(sizeof(struct ipv6hdr) + sizeof(struct nd_msg) + SB_TLLAO_LEN)

/**
 * struct sb_na - an advertisement
 * @source: IPv6 source
 * @destination: IPv6 destination
 * @target: whose link-layer address is told
 * @to: Ethernet destination
 * @router: flag R, since the target is behind a router
 * @solicited: flag S, it is an answer
 *
 * Apart from the question, which the packet may be made of.
 */
struct sb_na {
	struct in6_addr source;
	struct in6_addr destination;
	struct in6_addr target;
	u8 to[ETH_ALEN];
	bool router;
	bool solicited;
};

/* All that the uplink's configuration says, read once: it may change meanwhile. RCU. */
static bool sb_na_from(const struct sb_uplink *uplink, struct sb_na *na)
{
	const struct sb_uplink_config *config = rcu_dereference(uplink->config);

	na->router = config->router;
	switch (config->source) {
	case SITBROKER_NDP_SOURCE_LINK_LOCAL:
		return sb_link_local_address(uplink->dev, &na->source);
	case SITBROKER_NDP_SOURCE_ADDRESS:
		na->source = config->address;
		return true;
	case SITBROKER_NDP_SOURCE_TARGET:
	default:
		na->source = na->target;
		return true;
	}
}

static void sb_na_to_all(struct sb_na *na)
{
	na->destination = in6addr_linklocal_allnodes;
	ipv6_eth_mc_map(&na->destination, na->to);
	na->solicited = false;
}

/* @ask holds a valid NS; a DAD probe is answered to all nodes. */
static void sb_na_to_asker(struct sb_na *na, const struct sk_buff *ask)
{
	if (ipv6_addr_any(&ipv6_hdr(ask)->saddr)) {
		sb_na_to_all(na);
		return;
	}
	na->destination = ipv6_hdr(ask)->saddr;
	ether_addr_copy(na->to, sb_ns_asker(ask));
	na->solicited = true;
}

static struct sk_buff *sb_na_alloc(const struct net_device *dev)
{
	struct sk_buff *skb;

	skb = alloc_skb(LL_RESERVED_SPACE(dev) + SB_NA_LEN + dev->needed_tailroom,
			GFP_ATOMIC | __GFP_NOWARN);
	if (!skb)
		return NULL;
	skb_reserve(skb, LL_RESERVED_SPACE(dev));
	skb_put(skb, SB_NA_LEN);
	return skb;
}

/* May the question become the answer? Nobody else may have a part in it. */
static bool sb_na_fits(const struct sk_buff *ask, const struct net_device *dev)
{
	return ask->len == SB_NA_LEN && !skb_is_nonlinear(ask) && !skb_shared(ask) &&
	       !skb_cloned(ask) && skb_headroom(ask) >= LL_RESERVED_SPACE(dev) &&
	       skb_tailroom(ask) >= dev->needed_tailroom;
}

/* Data at the IPv6 header, as sb_na_alloc() has it; nothing is left of its way in. */
static struct sk_buff *sb_na_reuse(struct sk_buff *ask)
{
	skb_orphan(ask);
	skb_scrub_packet(ask, true);
	skb_clear_hash(ask);
	skb_set_queue_mapping(ask, 0);
	ask->ip_summed = CHECKSUM_NONE;
	return ask;
}

/*
 * Write and send an advertisement: O clear as RFC 4861 section 7.2.8 asks of
 * proxies. @skb has room for it.
 */
static bool sb_na_send(const struct sb_uplink *uplink, const struct sb_na *na, struct sk_buff *skb)
{
	const unsigned int len = SB_NA_LEN - sizeof(struct ipv6hdr);
	struct net_device *dev = uplink->dev;
	struct ipv6hdr *ip6;
	struct nd_msg *msg;

	skb->dev = dev;
	skb->protocol = htons(ETH_P_IPV6);
	skb->priority = TC_PRIO_CONTROL;

	skb_reset_network_header(skb);
	skb_set_transport_header(skb, sizeof(*ip6));
	ip6 = ipv6_hdr(skb);
	ip6_flow_hdr(ip6, 0, 0);
	ip6->nexthdr = IPPROTO_ICMPV6;
	ip6->hop_limit = 255;
	ip6->payload_len = htons(len);
	ip6->saddr = na->source;
	ip6->daddr = na->destination;

	msg = (struct nd_msg *)(ip6 + 1);
	msg->icmph = (struct icmp6hdr){ .icmp6_type = NDISC_NEIGHBOUR_ADVERTISEMENT };
	msg->icmph.icmp6_router = na->router;
	msg->icmph.icmp6_solicited = na->solicited;
	msg->target = na->target;
	msg->opt[0] = ND_OPT_TARGET_LL_ADDR;
	msg->opt[1] = SB_TLLAO_LEN / 8;
	ether_addr_copy(&msg->opt[2], dev->dev_addr);
	msg->icmph.icmp6_cksum = sb_nd_checksum(ip6, len);

	if (dev_hard_header(skb, dev, ETH_P_IPV6, na->to, dev->dev_addr, skb->len) < 0) {
		kfree_skb(skb);
		return false;
	}
	return dev_queue_xmit(skb) == NET_XMIT_SUCCESS;
}

/* Answer @ask, which holds a valid NS and is gone in any case. Return: was it sent? */
static bool sb_na_answer(const struct sb_uplink *uplink, struct sk_buff *ask)
{
	struct sb_na na = {
		.target = ((const struct nd_msg *)(ipv6_hdr(ask) + 1))->target,
	};
	struct sk_buff *skb;

	if (!sb_na_from(uplink, &na)) {
		kfree_skb(ask);
		return false;
	}
	sb_na_to_asker(&na, ask);
	if (sb_na_fits(ask, uplink->dev))
		return sb_na_send(uplink, &na, sb_na_reuse(ask));
	skb = sb_na_alloc(uplink->dev);
	consume_skb(ask);
	return skb && sb_na_send(uplink, &na, skb);
}

/* Is it an address of this host, or of the VRF that the device is in? RCU. */
static bool sb_ndp_is_own(const struct net_device *dev, const struct in6_addr *address)
{
	return ipv6_chk_addr_and_flags(dev_net(dev), address, dev, true, 0, IFA_F_TENTATIVE);
}

/* Is it the address of a router on the wire that this host speaks to? RCU. */
static bool sb_ndp_is_router(struct net_device *dev, const struct in6_addr *address)
{
	const struct neighbour *neighbour = __ipv6_neigh_lookup_noref(dev, address);

	return neighbour && READ_ONCE(neighbour->nud_state) & NUD_VALID &&
	       neighbour->flags & NTF_ROUTER;
}

/*
 * Has the address become this host's own, or a router's on the wire, since its
 * pool was added? Then it is not for us to claim. @dst is its route: what goes out by the
 * link of the pool is not delivered here, so that most need not be looked for.
 */
static bool sb_ndp_is_anothers(const struct sb_uplink *uplink, const struct in6_addr *address,
			       const struct dst_entry *dst)
{
	return sb_ndp_is_router(uplink->dev, address) ||
	       (dst_dev(dst) != uplink->link->dev && sb_ndp_is_own(uplink->dev, address));
}

/**
 * sb_ndp_is_from_router() - does a router answer this host from a client's address?
 * @skb: a packet in PRE_ROUTING whose source belongs to a client
 *
 * It was the router's before it was the client's. Without the answers this host
 * would lose the router, and claim its address. The caller holds the RCU read
 * lock.
 *
 * Return: is it such an answer?
 */
bool sb_ndp_is_from_router(const struct sk_buff *skb)
{
	const struct ipv6hdr *ip6 = ipv6_hdr(skb);
	const u8 *type;
	u8 type_buffer;

	if (ip6->nexthdr != IPPROTO_ICMPV6 || ip6->hop_limit != 255)
		return false;
	type = skb_header_pointer(skb, sizeof(*ip6), sizeof(type_buffer), &type_buffer);
	return type && *type == NDISC_NEIGHBOUR_ADVERTISEMENT &&
	       sb_ndp_is_own(skb->dev, &ip6->daddr) && sb_ndp_is_router(skb->dev, &ip6->saddr);
}

/**
 * sb_ndp_announce() - tell all nodes unasked whose an address is
 * @uplink: where
 * @target: the address
 *
 * RFC 4861 section 7.2.6. The caller holds the RCU read lock.
 *
 * Return: was it sent?
 */
bool sb_ndp_announce(struct sb_uplink *uplink, const struct in6_addr *target)
{
	const struct dst_entry *dst = sb_route_look_up(uplink->dev, target, NULL);
	struct sb_na na = { .target = *target };
	struct sk_buff *skb;

	if (sb_ndp_is_anothers(uplink, target, dst) || dst_dev(dst) == uplink->dev)
		return false;
	skb = sb_na_from(uplink, &na) ? sb_na_alloc(uplink->dev) : NULL;
	if (!skb)
		return false;
	sb_na_to_all(&na);
	if (!sb_na_send(uplink, &na, skb))
		return false;
	atomic64_inc(&uplink->announced);
	return true;
}

/* The attachment of a device that serves a pool's link. */
static struct sb_uplink *sb_ndp_uplink(struct sb_net *sbn, const struct net_device *dev,
				       const struct sb_link *link)
{
	struct sb_uplink *uplink;

	list_for_each_entry_rcu(uplink, &sbn->uplinks, list)
		if (uplink->dev == dev && uplink->link == link)
			return uplink;
	return NULL;
}

/* Is the frame for this host? Bridges rewrite the packet type, so look at the address. */
static bool sb_ndp_is_for_us(const struct sk_buff *skb)
{
	return skb_mac_header_was_set(skb) &&
	       (is_multicast_ether_addr(eth_hdr(skb)->h_dest) ||
		ether_addr_equal(eth_hdr(skb)->h_dest, skb->dev->dev_addr));
}

/* May one more answer be sent, for this client and at all? @rate is not 0. */
static bool sb_ndp_allowed(struct sb_uplink *uplink, struct sb_client *client, u32 rate)
{
	return sb_budget_take(&client->ndp_budget, rate) &&
	       sb_budget_take(&uplink->budget,
			      min(rate, U32_MAX / SB_NDP_SHARE) * SB_NDP_SHARE);
}

/**
 * sb_ndp_receive() - answer a solicitation for a client
 * @sbn: the namespace
 * @skb: a packet in PRE_ROUTING, ICMPv6 right behind the IPv6 header
 *
 * Solicitations for an address in a pool never reach the stack: they concern
 * nobody else here, and unicast ones would be forwarded. The caller holds the
 * RCU read lock.
 *
 * Return: NF_ACCEPT for everything else, NF_DROP, or NF_STOLEN where it was to be answered.
 */
unsigned int sb_ndp_receive(struct sb_net *sbn, struct sk_buff *skb)
{
	const unsigned int at = sizeof(struct ipv6hdr);
	struct sb_client *client = NULL;
	struct in6_addr target_buffer;
	const struct in6_addr *target;
	const struct dst_entry *dst;
	struct sb_uplink *uplink;
	struct sb_pool *pool;
	const u8 *type;
	u8 type_buffer;
	u64 index;
	bool open;
	u32 rate;

	if (list_empty(&sbn->uplinks))
		return NF_ACCEPT;
	type = skb_header_pointer(skb, at, sizeof(type_buffer), &type_buffer);
	if (!type || *type != NDISC_NEIGHBOUR_SOLICITATION)
		return NF_ACCEPT;
	target = skb_header_pointer(skb, at + offsetof(struct nd_msg, target),
				    sizeof(target_buffer), &target_buffer);
	if (!target)
		return NF_ACCEPT;
	pool = sb_table_piece(&sbn->table, target, &index);
	if (!pool)
		return NF_ACCEPT;
	uplink = sb_ndp_uplink(sbn, skb->dev, pool->link);
	if (!uplink || !sb_ndp_is_for_us(skb))
		return NF_ACCEPT;

	/* Where nothing is counted for each client, a bit says all that there is to know of it. */
	rate = rcu_dereference(uplink->config)->rate;
	open = !rate && sb_pool_is_open(pool, index);
	if (!open) {
		client = sb_pool_get(pool, index);
		/* All else is asked first, and meanwhile it comes. */
		if (client) {
			prefetch(client);
			prefetchw(&client->ndp_budget);
		}
	}

	dst = sb_route_recall(sbn, skb->dev, target, pool, NULL);
	if (sb_ndp_is_anothers(uplink, target, dst))
		return NF_ACCEPT;

	atomic64_inc(&uplink->solicitations);
	if (!sb_ns_valid(skb)) {
		atomic64_inc(&uplink->malformed);
		return NF_DROP;
	}
	if (!open && !sb_client_is_live(client)) {
		atomic64_inc(&uplink->unassigned);
		return NF_DROP;
	}
	if ((!open && sb_client_is(client, SB_CLIENT_DISABLED)) ||
	    !(READ_ONCE(pool->link->dev->flags) & IFF_UP)) {
		atomic64_inc(&uplink->disabled);
		return NF_DROP;
	}
	/* Would a packet for it go out by the uplink again? Who claims it makes a loop. */
	if (dst_dev(dst) == skb->dev) {
		atomic64_inc(&uplink->misrouted);
		return NF_DROP;
	}
	if (rate && !sb_ndp_allowed(uplink, client, rate)) {
		atomic64_inc(&uplink->limited);
		return NF_DROP;
	}
	if (sb_na_answer(uplink, skb))
		atomic64_inc(&uplink->answered);
	else
		atomic64_inc(&uplink->failed);
	return NF_STOLEN;
}
