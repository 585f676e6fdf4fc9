// SPDX-License-Identifier: GPL-2.0
/*
 * The short way for 6in4 packets: from PRE_ROUTING, after raw, mangle, conntrack
 * and DNAT, straight to the client they come from. It leaves out what the IPv4
 * stack would do in between: a route lookup, raw sockets, the list of protocol
 * handlers. INPUT, where most servers have a firewall, is asked from here.
 *
 * It is taken only where all that it leaves out would do nothing. Where somebody
 * listens to protocol 41, packets take the middle way: they go through the stack and
 * to receive.c by the tunnel handlers, but the route that would be looked up for them
 * is at hand. Where the routes themselves could say something else, they go the long
 * way, without any of that. So does every packet that is not plainly a client's, or on the
 * middle way from where one came: refusals and their counters have one place.
 */

#include <linux/inetdevice.h>
#include <linux/netfilter.h>
#include <linux/netfilter_bridge.h>
#include <linux/netfilter_ipv4.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/ip_fib.h>
#include <net/ipv6.h>
#include <net/l3mdev.h>
#include <net/protocol.h>
#include <net/raw.h>
#include <net/route.h>

#include "client.h"
#include "compat/compat.h"
#include "drop.h"
#include "link.h"
#include "net.h"
#include "outer-hook.h"
#include "receive.h"
#include "transmit.h"

/* Does a raw socket hear protocol 41? Others share its bucket: protocols, namespaces. RCU. */
static bool sb_outer_is_heard(const struct net *net)
{
	struct hlist_head *bucket = &raw_v4_hashinfo.ht[raw_hashfunc(net, IPPROTO_IPV6)];
	const struct sock *sk;

	sk_for_each_rcu(sk, bucket)
		if (inet_sk(sk)->inet_num == IPPROTO_IPV6 && net_eq(sock_net(sk), net))
			return true;
	return false;
}

/* Do only addresses choose what the stack does next, the look at the routes? RCU. */
static bool sb_outer_routing_is_plain(const struct sb_net *sbn)
{
	struct net *net = sbn->net;

	return sb_net_is_last(sbn, net->nf.hooks_ipv4[NF_INET_PRE_ROUTING]) &&
	       !fib4_has_custom_rules(net) && !net->ipv4.fib_has_custom_local_routes &&
	       !fib_num_tclassid_users(net);
}

/*
 * Is it for this host alone, complete, and has nobody chosen another way for it?
 * What this host sends itself has a route already, and what came out of another
 * tunnel may have that tunnel's metadata in its place. A program on the device
 * can have given it a socket, and ipvlan's mode l3s may give it to another
 * namespace.
 */
static bool sb_outer_packet_is_plain(const struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);

	/* br_netfilter calls frames PACKET_HOST that a bridge is about to forward. */
	return skb->pkt_type == PACKET_HOST && iph->ihl == 5 && !ip_is_fragment(iph) &&
	       !nf_bridge_info_exists(skb) && !skb->sk && !skb_dst(skb) &&
	       !netif_is_l3_master(skb->dev) && !netif_is_l3_slave(skb->dev) &&
	       !netif_has_l3_rx_handler(skb->dev);
}

/*
 * What the stack finds for the DSCP of a packet: a route can be for one DSCP only. Where
 * nobody has rules or realms, it asks for nothing else but the address. RCU.
 *
 * Return: an error where it finds none.
 */
static int sb_outer_look(struct net *net, const struct iphdr *iph, __be32 daddr, __be32 saddr,
			 struct fib_result *res)
{
	struct flowi4 fl4;

	flowi4_init_output(&fl4, 0, 0, sb_compat_route_dsfield(iph->tos), RT_SCOPE_UNIVERSE,
			   0, 0, daddr, saddr, 0, 0, GLOBAL_ROOT_UID);
	return fib_lookup(net, &fl4, res, 0);
}

/*
 * Does the stack deliver what comes for the local address with that DSCP? To have the
 * address is not enough: its route in table local can be deleted, or another put before
 * it. Either begins a new generation of IPv4's routes (a deleted one does so
 * only where it was used, and our look uses it), so one look for each will do.
 */
static bool sb_outer_is_delivered(struct sb_link *link, const struct iphdr *iph)
{
	struct net *net = link->sbn->net;
	/* Read before the look: after a change meanwhile the next packet looks again. */
	u64 delivered = (u64)(__force u32)iph->daddr << 32 | (u32)rt_genid_ipv4(net);
	atomic64_t *known = &link->delivered[iph->tos >> SB_DSCP_SHIFT];
	struct fib_result res;

	if (likely(atomic64_read(known) == delivered))
		return true;
	smp_rmb();	/* the generation before the routes; rt_genid_bump_ipv4() */
	if (sb_outer_look(net, iph, iph->daddr, iph->saddr, &res) || res.type != RTN_LOCAL)
		return false;
	atomic64_set(known, delivered);
	return true;
}

/*
 * Does a reverse path filter pass what a device receives from an endpoint? Asked as
 * the stack asks: what is sent may take another of several default routes. A loose one does
 * not mind which device it is, unless that has no address.
 */
static bool sb_outer_leads_back(struct net *net, const struct iphdr *iph,
				const struct net_device *dev, bool is_loose)
{
	struct fib_result res;

	return !sb_outer_look(net, iph, iph->saddr, iph->daddr, &res) &&
	       res.type == RTN_UNICAST && (is_loose || fib_info_nh_uses_dev(res.fi, dev));
}

/* And whatever filter there is, where the endpoint has a route that is for any DSCP? */
static bool sb_outer_filter_passes(struct in_device *in_dev, struct net *net,
				   const struct iphdr *iph)
{
	int filter = IN_DEV_RPFILTER(in_dev);
	bool is_loose;

	if (likely(!filter))
		return true;
	is_loose = filter != 1 && rcu_access_pointer(in_dev->ifa_list);
	if (is_loose && !(iph->tos & ~INET_ECN_MASK))
		return true;
	return sb_outer_leads_back(net, iph, in_dev->dev, is_loose);
}

/* What the route lookup would find out, apart from the way to the endpoint. RCU. */
static bool sb_outer_way_is_valid(struct sb_link *link, const struct sk_buff *skb)
{
	struct in_device *in_dev = __in_dev_get_rcu(skb->dev);
	const struct iphdr *iph = ip_hdr(skb);

	return in_dev && sb_outer_is_delivered(link, iph) &&
	       sb_outer_filter_passes(in_dev, link->sbn->net, iph);
}

/*
 * What is remembered of an endpoint about which all was asked, in this generation of IPv4's
 * routes and of clients. Both only count up, and so does their sum.
 */
static u64 sb_outer_proof(const struct sb_net *sbn, __be32 endpoint)
{
	u32 generation = rt_genid_ipv4(sbn->net) + (u32)atomic_read(&sbn->changes);

	return (u64)(__force u32)endpoint << 32 | generation;
}

/* Has the endpoint, the last one of which that was asked here, a route? Softirqs off. */
static bool sb_outer_is_proven(const struct sb_link *link, __be32 endpoint)
{
	u64 proven = atomic64_read(&this_cpu_ptr(link->drops)->proven);

	return proven == sb_outer_proof(link->sbn, endpoint) && endpoint;
}

/*
 * Has the endpoint of a client a valid route? That shows that this host has the link's local
 * address, since it was looked up with that as its source, and that the endpoint is neither
 * this host's nor unreachable. The stack also refuses a source that is one of this host's
 * addresses and has lost its route in table local. Softirqs off.
 */
static bool sb_outer_prove(struct sb_client *client, __be32 endpoint)
{
	struct sb_link *link = client->link;
	/* Read before the look, as in sb_outer_is_delivered(). */
	u64 proof = sb_outer_proof(link->sbn, endpoint);
	const struct rtable *rt;

	smp_rmb();	/* rt_genid_bump_ipv4() */
	/* The first packet, or where routes have changed, finds it for the next ones. */
	rt = sb_client_route(client, endpoint);
	if (IS_ERR(rt) || rt->rt_type != RTN_UNICAST ||
	    __ip_dev_find(link->sbn->net, endpoint, false))
		return false;
	atomic64_set(&this_cpu_ptr(link->drops)->proven, proof);
	return true;
}

/*
 * Is it plain who sent a packet, somebody enabled and with a route to its endpoint? Then
 * @holder says who. Softirqs off.
 *
 * Of most packets it is known from the last one of that piece, as long as no route and no
 * client has changed since. Then nobody looks who it is: where clients are many, each look at
 * one is a line that is in no cache.
 */
static bool sb_outer_sender(struct sb_link *link, __be32 source, const struct ipv6hdr *ip6,
			    struct sb_holder *holder)
{
	/* Read before all looks: after a change meanwhile the next packet looks again. */
	u64 proof = sb_outer_proof(link->sbn, source);
	struct sb_client *client;
	struct sb_place place;
	bool is_near;

	smp_rmb();	/* sb_net_changes() */
	is_near = sb_table_place(&link->sbn->table, &ip6->saddr, &place);
	if (likely(is_near && place.pool->link == link && source && ip6->version == 6 &&
		   READ_ONCE(link->dev->flags) & IFF_UP &&
		   !sb_pool_is_server(place.pool, &ip6->saddr) &&
		   atomic64_read(&place.seen->proof) == proof)) {
		*holder = (struct sb_holder) {
			.pool = place.pool, .index = place.index, .seen = place.seen,
		};
		return true;
	}
	client = sb_receive_client(link, source, ip6);
	if (!client || sb_client_is(client, SB_CLIENT_DISABLED) || !sb_outer_prove(client, source))
		return false;
	if (is_near)
		atomic64_set(&place.seen->proof, proof);
	*holder = (struct sb_holder) { .client = client };
	return true;
}

/*
 * The middle way: give a packet the route that the stack would find. That is the same for
 * all that come from one endpoint, so while routes do not change its client is looked for
 * once. Who sent this packet is for the tunnel handlers to say, which drop or leave to
 * others what is not a client's, as they do by the long way.
 */
static void sb_outer_lead(struct sb_link *link, struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct sb_client *client;

	if (!sb_outer_is_proven(link, iph->saddr)) {
		client = sb_receive_client(link, iph->saddr, (const struct ipv6hdr *)(iph + 1));
		if (!client || !sb_outer_prove(client, iph->saddr))
			return;
	}
	if (sb_outer_way_is_valid(link, skb))
		skb_dst_set_noref(skb, &link->lead_rt->dst);
}

/*
 * Behind INPUT the stack goes on with a packet that is not what it was: rules changed it,
 * or a program held it back (NF_QUEUE) while clients and links came and went. The tunnel
 * handlers take it as any other. What is no longer of their protocol ends here.
 */
static int sb_outer_resume(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	if (ip_hdr(skb)->protocol != IPPROTO_IPV6) {
		kfree_skb(skb);
		return 0;
	}
	__skb_pull(skb, skb_network_header_len(skb));
	rcu_read_lock();
	/* There while we are: it calls our own handlers. */
	rcu_dereference(inet_protos[IPPROTO_IPV6])->handler(skb);
	rcu_read_unlock();
	__IP_INC_STATS(net, IPSTATS_MIB_INDELIVERS);
	return 0;
}

/* What says whose a packet is, and more. */
struct sb_outer_headers {
	struct iphdr outer;
	struct ipv6hdr inner;
};

/*
 * Ask INPUT what the stack would ask it behind the look at the routes. RCU.
 *
 * Return: whether the packet goes on as it came. If not, it is gone, or the stack's.
 */
static bool sb_outer_input_passes(struct sb_link *link, struct sk_buff *skb)
{
	struct net *net = link->sbn->net;
	struct sb_outer_headers before;

	if (!rcu_access_pointer(net->nf.hooks_ipv4[NF_INET_LOCAL_IN]))
		return true;
	memcpy(&before, ip_hdr(skb), sizeof(before));
	skb_dst_set_noref(skb, &link->input_rt->dst);
	if (nf_hook(NFPROTO_IPV4, NF_INET_LOCAL_IN, net, NULL, skb, skb->dev, NULL,
		    sb_outer_resume) != 1)
		return false;
	if (likely(!memcmp(ip_hdr(skb), &before, sizeof(before))))
		return true;
	sb_outer_resume(net, NULL, skb);
	return false;
}

static unsigned int sb_outer_hook(void *priv, struct sk_buff *skb,
				  const struct nf_hook_state *state)
{
	const struct ipv6hdr *ip6;
	struct sb_net *sbn = priv;
	struct sb_holder holder;
	__be32 source, local;
	struct sb_link *link;

	if (likely(ip_hdr(skb)->protocol != IPPROTO_IPV6) || !sb_outer_routing_is_plain(sbn))
		return NF_ACCEPT;
	/* What a program held back before this hook comes from that program (NF_QUEUE). */
	if (unlikely(!in_softirq()))
		return NF_ACCEPT;
	local = ip_hdr(skb)->daddr;
	link = sb_link_by_local(sbn, local);
	if (!link || !sb_outer_packet_is_plain(skb) ||
	    !pskb_may_pull(skb, sizeof(struct iphdr) + sizeof(*ip6)))
		return NF_ACCEPT;

	if (unlikely(sb_outer_is_heard(sbn->net))) {
		sb_outer_lead(link, skb);
		return NF_ACCEPT;
	}
	source = ip_hdr(skb)->saddr;
	ip6 = (const struct ipv6hdr *)(ip_hdr(skb) + 1);
	if (!sb_outer_sender(link, source, ip6, &holder) ||
	    !sb_outer_way_is_valid(link, skb))
		return NF_ACCEPT;

	if (!sb_outer_input_passes(link, skb))
		return NF_STOLEN;
	__IP_INC_STATS(sbn->net, IPSTATS_MIB_INDELIVERS);
	__this_cpu_inc(link->drops->early);
	/* As ip_local_deliver_finish() does: when it was to leave says nothing any more. */
	skb_clear_delivery_time(skb);
	__skb_pull(skb, sizeof(struct iphdr));
	sb_receive_deliver(link, &holder, skb);
	return NF_STOLEN;
}

/* Per namespace, since a hook's private data tells which one it serves. */
int sb_outer_hook_register(struct net *net)
{
	struct sb_net *sbn = sb_net(net);

	sbn->outer_hook = (struct nf_hook_ops) {
		.hook = sb_outer_hook,
		.priv = sbn,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = NF_IP_PRI_LAST,
	};
	return nf_register_net_hook(net, &sbn->outer_hook);
}

/* Packets may be in the hook for another grace period. */
void sb_outer_hook_unregister(struct net *net)
{
	nf_unregister_net_hook(net, &sb_net(net)->outer_hook);
}
