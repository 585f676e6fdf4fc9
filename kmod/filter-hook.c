// SPDX-License-Identifier: GPL-2.0
/*
 * Filter lists on any device, IPv4 and IPv6: what arrives, by its source, in
 * PRE_ROUTING before raw, conntrack and NAT; what leaves, by its destination,
 * in POST_ROUTING after NAT. So both are the addresses that are on the wire.
 */

#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <net/dst_metadata.h>
#include <net/icmp.h>
#include <net/ipv6.h>
#include <net/l3mdev.h>
#include <net/route.h>

#include "budget.h"
#include "filter-hook.h"
#include "filter-port.h"
#include "net.h"

/* ICMP errors a second and device; the kernel's own limits apply behind this one. */
#define SB_FILTER_ICMP_RATE	100

/* icmp_send() wants a route; a packet that has just arrived has none. */
static bool sb_filter_set_route(struct net *net, struct sk_buff *skb)
{
	struct flowi4 fl4 = {
		.flowi4_oif = l3mdev_master_ifindex(skb->dev),
		.daddr = ip_hdr(skb)->saddr,
	};
	struct rtable *rt;

	if (skb_valid_dst(skb))
		return true;
	rt = ip_route_output_key(net, &fl4);
	if (IS_ERR(rt))
		return false;
	skb_dst_drop(skb);
	skb_dst_set(skb, &rt->dst);
	return true;
}

/*
 * Tell the sender. Not the kernel itself: its ICMP sockets are locked while
 * they send, and send errors.
 */
static void sb_filter_reject(struct sb_filter_port *port, struct sk_buff *skb,
			     const struct nf_hook_state *state)
{
	const struct sock *sk = skb->sk;

	if (sk && sk_fullsock(sk) && sk->sk_kern_sock)
		return;
	if (!sb_budget_take(&port->budget, SB_FILTER_ICMP_RATE))
		return;
	if (state->pf == NFPROTO_IPV6)
		icmp6_send(skb, ICMPV6_DEST_UNREACH, ICMPV6_ADM_PROHIBITED, 0, NULL, IP6CB(skb));
	else if (sb_filter_set_route(state->net, skb))
		icmp_send(skb, ICMP_DEST_UNREACH, ICMP_PKT_FILTERED, 0);
}

static unsigned int sb_filter_refuse(struct sb_filter_port *port, struct sk_buff *skb,
				     const struct nf_hook_state *state,
				     enum sb_filter_verdict verdict)
{
	if (verdict == SB_FILTER_REJECT)
		sb_filter_reject(port, skb, state);
	return NF_DROP;
}

static unsigned int sb_filter_hook_in(void *priv, struct sk_buff *skb,
				      const struct nf_hook_state *state)
{
	const enum sitbroker_filter_scope scope = SITBROKER_FILTER_SCOPE_IN;
	const struct sb_net *sbn = priv;
	struct sb_filter_port *port = sb_filter_port(&sbn->filters, state->in);
	enum sb_filter_verdict verdict;

	if (!port)
		return NF_ACCEPT;
	if (state->pf == NFPROTO_IPV6)
		verdict = sb_filter_judge6(port, scope, &ipv6_hdr(skb)->saddr);
	else
		verdict = sb_filter_judge4(port, scope, ip_hdr(skb)->saddr);
	if (likely(verdict == SB_FILTER_PASS))
		return NF_ACCEPT;
	return sb_filter_refuse(port, skb, state, verdict);
}

static unsigned int sb_filter_hook_out(void *priv, struct sk_buff *skb,
				       const struct nf_hook_state *state)
{
	const enum sitbroker_filter_scope scope = SITBROKER_FILTER_SCOPE_OUT;
	const struct sb_net *sbn = priv;
	struct sb_filter_port *port = sb_filter_port(&sbn->filters, state->out);
	enum sb_filter_verdict verdict;

	if (!port)
		return NF_ACCEPT;
	if (state->pf == NFPROTO_IPV6)
		verdict = sb_filter_judge6(port, scope, &ipv6_hdr(skb)->daddr);
	else
		verdict = sb_filter_judge4(port, scope, ip_hdr(skb)->daddr);
	if (likely(verdict == SB_FILTER_PASS))
		return NF_ACCEPT;
	return sb_filter_refuse(port, skb, state, verdict);
}

/* One hook a namespace and direction, for all devices. The caller holds &sb_filters.lock. */
int sb_filter_hook_register(struct sb_net *sbn, enum sitbroker_filter_scope scope)
{
	const bool in = scope == SITBROKER_FILTER_SCOPE_IN;
	struct nf_hook_ops *ops = &sbn->filters.hook[scope];

	*ops = (struct nf_hook_ops) {
		.hook = in ? sb_filter_hook_in : sb_filter_hook_out,
		.priv = sbn,
		.pf = NFPROTO_INET,
		.hooknum = in ? NF_INET_PRE_ROUTING : NF_INET_POST_ROUTING,
		.priority = in ? NF_IP_PRI_RAW_BEFORE_DEFRAG - 1 : NF_IP_PRI_NAT_SRC + 1,
	};
	return nf_register_net_hook(sbn->net, ops);
}

/* Packets may be in the hook for another grace period. */
void sb_filter_hook_unregister(struct sb_net *sbn, enum sitbroker_filter_scope scope)
{
	nf_unregister_net_hook(sbn->net, &sbn->filters.hook[scope]);
}
