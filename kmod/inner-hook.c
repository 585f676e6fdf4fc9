// SPDX-License-Identifier: GPL-2.0
/*
 * The one look at every IPv6 packet that arrives anywhere, in PRE_ROUTING
 * after raw, mangle, conntrack and DNAT:
 *
 *   - a source that belongs to a client must have come through its link;
 *   - on an uplink, a neighbour solicitation for a client is answered;
 *   - a packet for a pool of a link that is down ends here;
 *   - a packet for the server address of a client's pair is delivered here;
 *   - where the hop limit of a client's packet ends, its own server address
 *     says so, hop 1 of its traceroute;
 *   - a client's TCP and UDP, either way, get their route here: what has one is
 *     not looked for among this host's own sockets before it is passed on. What goes
 *     to a client may go on from here at once.
 */

#include <linux/icmpv6.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv6.h>
#include <linux/prefetch.h>
#include <net/dst_metadata.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>

#include "client.h"
#include "drop.h"
#include "homeward.h"
#include "icmp.h"
#include "inner-hook.h"
#include "link.h"
#include "ndp.h"
#include "net.h"
#include "route.h"

/* Would the stack deliver the packet here? Rare: asked at the end of a hop limit only. */
static bool sb_is_for_host(struct net *net, const struct sk_buff *skb)
{
	const struct ipv6hdr *ip6 = ipv6_hdr(skb);
	struct flowi6 fl6 = {
		.flowi6_iif = skb->dev->ifindex,
		.flowi6_mark = skb->mark,
		.daddr = ip6->daddr,
		.saddr = ip6->saddr,
		.flowlabel = ip6_flowinfo(ip6),
		.flowi6_proto = ip6->nexthdr,
	};
	struct dst_entry *dst;
	bool local;

	if (ipv6_addr_type(&ip6->daddr) & (IPV6_ADDR_MULTICAST | IPV6_ADDR_LINKLOCAL))
		return true;
	dst = ip6_route_lookup(net, &fl6, skb, RT6_LOOKUP_F_HAS_SADDR);
	local = sb_route_is_here(dst);
	dst_release(dst);
	return local;
}

static unsigned int sb_inner_drop(struct sb_link *link, struct sb_client *client,
				  const struct sk_buff *skb, enum sitbroker_drop_reason reason)
{
	sb_drop(link, client, skb, reason);
	return NF_DROP;
}

/*
 * Is it another tunnel's packet? None ends at a server address; one made there
 * by mistake would take packets out of packets for whoever asks.
 */
static bool sb_is_nested(const struct sk_buff *skb)
{
	u8 protocol = ipv6_hdr(skb)->nexthdr;
	__be16 fragment;
	int offset = sizeof(struct ipv6hdr);

	if (ipv6_ext_hdr(protocol))
		offset = ipv6_skip_exthdr(skb, offset, &protocol, &fragment);
	/* The rest of the headers may come in another fragment: RFC 7112 forbids that. */
	return offset < 0 || protocol == IPPROTO_IPV6 || protocol == IPPROTO_IPIP ||
	       protocol == IPPROTO_GRE;
}

/* For the server address of a pair: delivered here, unless it has a route already. */
static unsigned int sb_inner_deliver(struct sb_client *owner, struct sk_buff *skb)
{
	if (sb_is_nested(skb))
		return sb_inner_drop(owner->link, owner, skb, SITBROKER_DROP_REASON_RX_NESTED);
	/* Another tunnel's metadata is none. SRv6, which may have called us, relies on its own. */
	if (skb_valid_dst(skb))
		return NF_ACCEPT;
	skb_dst_drop(skb);
	skb_dst_set_noref(skb, &owner->link->server_rt->dst);
	return NF_ACCEPT;
}

/* The hop limit of a client's packet ends here: its own server address says so. */
static unsigned int sb_inner_expire(struct sb_link *link, struct sb_client *sender,
				    struct sk_buff *skb)
{
	if (sb_icmp_allowed(link, sender))
		icmp6_send(skb, ICMPV6_TIME_EXCEED, ICMPV6_EXC_HOPLIMIT, 0, &sender->server,
			   IP6CB(skb));
	return sb_inner_drop(link, sender, skb, SITBROKER_DROP_REASON_RX_HOP_LIMIT);
}

/*
 * While a link is down its pools have no routes: what comes for them would go
 * back to where it came from by the default route, and come again.
 */
static unsigned int sb_inner_link_down(struct sb_link *link, struct sk_buff *skb)
{
	if (sb_icmp_allowed(link, NULL))
		icmp6_send(skb, ICMPV6_DEST_UNREACH, ICMPV6_NOROUTE, 0, NULL, IP6CB(skb));
	return sb_inner_drop(link, NULL, skb, SITBROKER_DROP_REASON_TX_LINK_DOWN);
}

/*
 * Give a packet its route, as the stack does next. The stack would ask before whether
 * one of this host's sockets has one, which is of no use where the packet is passed
 * on, and is a line of a large table. Where a chain behind us or a VRF may have its
 * say, the stack is left to it; rules that look at ports are, too.
 *
 * Return: whether it was given one.
 */
static bool sb_inner_route(const struct sb_net *sbn, const struct sb_pool *pool,
			   struct sk_buff *skb)
{
	const struct ipv6hdr *ip6 = ipv6_hdr(skb);

	if ((ip6->nexthdr != IPPROTO_TCP && ip6->nexthdr != IPPROTO_UDP) || skb_dst(skb) ||
	    skb->sk || fib6_has_custom_rules(sbn->net) || netif_is_l3_slave(skb->dev) ||
	    !sb_net_is_last(sbn, sbn->net->nf.hooks_ipv6[NF_INET_PRE_ROUTING]))
		return false;
	skb_dst_set_noref(skb, sb_route_recall(sbn, skb->dev, &ip6->daddr, pool, skb));
	return true;
}

static unsigned int sb_inner_look(struct sb_net *sbn, struct sk_buff *skb)
{
	struct sb_client *sender = NULL, *owner;
	struct sb_pool *pool, *sender_pool;
	struct sb_link *ingress;
	unsigned int verdict;

	/* A VRF device has packets come by once more that were seen on its port. */
	if (unlikely(netif_is_l3_master(skb->dev)))
		return NF_ACCEPT;
	/*
	 * What arrives on a link was verified when its outer header came off,
	 * or was sent by this host, as was what arrives on loopback.
	 */
	ingress = sb_link(skb->dev);
	if (!ingress && !(skb->dev->flags & IFF_LOOPBACK)) {
		sender = sb_table_client(&sbn->table, &ipv6_hdr(skb)->saddr, &sender_pool);
		if (sender && !sb_ndp_is_from_router(skb))
			return sb_inner_drop(sender->link, sender, skb,
					     SITBROKER_DROP_REASON_RX_UPLINK_SPOOF);
	}

	if (ipv6_hdr(skb)->nexthdr == IPPROTO_ICMPV6) {
		verdict = sb_ndp_receive(sbn, skb);
		if (verdict != NF_ACCEPT)
			return verdict;
	}

	owner = sb_table_client(&sbn->table, &ipv6_hdr(skb)->daddr, &pool);
	if (unlikely(pool && !(READ_ONCE(pool->link->dev->flags) & IFF_UP)))
		return sb_inner_link_down(pool->link, skb);
	if (owner) {
		/* Nobody waits for it here, and transmit.c not for long. */
		prefetchw(owner);
		if (sb_pool_is_server(pool, &ipv6_hdr(skb)->daddr) && sb_client_is_live(owner) &&
		    !sb_client_is(owner, SB_CLIENT_DISABLED))
			return sb_inner_deliver(owner, skb);
	}

	if (unlikely(ingress && ipv6_hdr(skb)->hop_limit <= 1)) {
		sender = sb_table_client(&sbn->table, &ipv6_hdr(skb)->saddr, &sender_pool);
		if (sender && !sb_is_for_host(sbn->net, skb))
			return sb_inner_expire(ingress, sender, skb);
	}
	if (!ingress && !owner)
		return NF_ACCEPT;
	if (sb_inner_route(sbn, pool, skb) && !ingress && sb_homeward(pool->link, skb))
		return NF_STOLEN;
	return NF_ACCEPT;
}

static unsigned int sb_inner_hook(void *priv, struct sk_buff *skb,
				  const struct nf_hook_state *state)
{
	unsigned int verdict;

	if (likely(in_softirq()))
		return sb_inner_look(priv, skb);
	/* A program that held it back before this hook passes it on (NF_QUEUE). */
	local_bh_disable();
	verdict = sb_inner_look(priv, skb);
	local_bh_enable();
	return verdict;
}

/* Per namespace, since a hook's private data tells which one it serves. */
int sb_inner_hook_register(struct net *net)
{
	struct sb_net *sbn = sb_net(net);
	int err = sb_routes_alloc(sbn);

	if (err)
		return err;
	sbn->inner_hook = (struct nf_hook_ops) {
		.hook = sb_inner_hook,
		.priv = sbn,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = NF_IP6_PRI_NAT_DST + 1,
	};
	return nf_register_net_hook(net, &sbn->inner_hook);
}

/* Packets may be in the hook for another grace period. */
void sb_inner_hook_unregister(struct net *net)
{
	nf_unregister_net_hook(net, &sb_net(net)->inner_hook);
}
