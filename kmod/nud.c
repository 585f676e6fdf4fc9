// SPDX-License-Identifier: GPL-2.0
/*
 * Is the gateway there? Windows and some routers ask before they use it, and
 * RFC 4213 section 3.8 wants an answer. Nothing else of neighbour discovery
 * happens inside a tunnel: there are two ends, and no addresses to resolve.
 */

#include <net/ip6_checksum.h>
#include <net/ndisc.h>

#include "client.h"
#include "drop.h"
#include "link.h"
#include "ndp.h"
#include "net.h"
#include "nud.h"
#include "transmit.h"

/* fe80::203.0.113.1, as RFC 4213 section 3.7 makes it from the IPv4 address. */
static bool sb_nud_is_link_local(const struct sb_link *link, const struct in6_addr *addr)
{
	return addr->s6_addr32[0] == htonl(0xfe800000) && !addr->s6_addr32[1] &&
	       !addr->s6_addr32[2] && addr->s6_addr32[3] == READ_ONCE(link->local);
}

/*
 * Whose gateway is the address? Clients may share the sender's endpoint: then
 * this tells which of them asks. NULL where it is none's.
 */
static struct sb_client *sb_nud_owner(struct sb_client *sender, const struct in6_addr *target)
{
	const struct sb_link *link = sender->link;
	struct sb_client *owner;
	struct sb_pool *pool;

	if (sb_nud_is_link_local(link, target))
		return sender;
	owner = sb_table_client(&link->sbn->table, target, &pool);
	return sb_client_is_live(owner) && owner->link == link &&
	       sb_client_endpoint(owner) == sb_client_endpoint(sender) &&
	       sb_client_is_server(owner, target) ? owner : NULL;
}

/* The advertisement, without an option: there is no link-layer address to tell. */
static struct sk_buff *sb_nud_answer(const struct sk_buff *ask)
{
	const struct nd_msg *ns = (const struct nd_msg *)(ipv6_hdr(ask) + 1);
	struct ipv6hdr *ip6;
	struct sk_buff *skb;
	struct nd_msg *na;

	skb = alloc_skb(LL_MAX_HEADER + sizeof(struct iphdr) + sizeof(*ip6) + sizeof(*na),
			GFP_ATOMIC | __GFP_NOWARN);
	if (!skb)
		return NULL;
	skb_reserve(skb, LL_MAX_HEADER + sizeof(struct iphdr));
	skb->protocol = htons(ETH_P_IPV6);

	skb_reset_network_header(skb);
	ip6 = skb_put_zero(skb, sizeof(*ip6));
	ip6->version = 6;
	ip6->nexthdr = IPPROTO_ICMPV6;
	ip6->hop_limit = 255;
	ip6->payload_len = htons(sizeof(*na));
	ip6->saddr = ns->target;
	ip6->daddr = ipv6_hdr(ask)->saddr;

	skb_set_transport_header(skb, sizeof(*ip6));
	na = skb_put_zero(skb, sizeof(*na));
	na->icmph.icmp6_type = NDISC_NEIGHBOUR_ADVERTISEMENT;
	na->icmph.icmp6_router = 1;
	na->icmph.icmp6_solicited = 1;
	na->target = ns->target;
	na->icmph.icmp6_cksum = csum_ipv6_magic(&ip6->saddr, &ip6->daddr, sizeof(*na),
						IPPROTO_ICMPV6,
						csum_partial(na, sizeof(*na), 0));
	return skb;
}

static bool sb_nud_drop(struct sb_client *owner, struct sk_buff *skb,
			enum sitbroker_drop_reason reason)
{
	sb_drop(owner->link, owner, skb, reason);
	kfree_skb(skb);
	return true;
}

/**
 * sb_nud_receive() - answer a solicitation for the gateway
 * @sender: a client with the endpoint that the packet came from
 * @skb: the inner packet, data at its header, ICMPv6 right behind that
 *
 * The client whose gateway it is counts, not @sender, and is charged; while it
 * is disabled, it has none. The answer goes back to that endpoint, whatever its
 * destination: a link-local one means something inside this tunnel only. The
 * caller holds the RCU read lock.
 *
 * Return: true where @skb was a solicitation for a gateway and is gone.
 */
bool sb_nud_receive(struct sb_client *sender, struct sk_buff *skb)
{
	const unsigned int at = sizeof(struct ipv6hdr);
	struct sb_client *owner;
	struct sk_buff *answer;
	const u8 *type;
	u8 buffer;

	type = skb_header_pointer(skb, at, sizeof(buffer), &buffer);
	if (!type || *type != NDISC_NEIGHBOUR_SOLICITATION || !sb_ns_valid(skb))
		return false;
	if (!(ipv6_addr_type(&ipv6_hdr(skb)->saddr) & IPV6_ADDR_UNICAST))
		return false;
	owner = sb_nud_owner(sender, &((const struct nd_msg *)(ipv6_hdr(skb) + 1))->target);
	if (!owner)
		return false;
	if (sb_client_is(owner, SB_CLIENT_DISABLED))
		return sb_nud_drop(owner, skb, SITBROKER_DROP_REASON_RX_DISABLED);

	answer = sb_nud_answer(skb);
	if (!answer)
		return sb_nud_drop(owner, skb, SITBROKER_DROP_REASON_RX_NO_MEMORY);
	consume_skb(skb);
	sb_transmit_to(owner, answer);
	return true;
}
