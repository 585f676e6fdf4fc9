// SPDX-License-Identifier: GPL-2.0
/*
 * The least that a packet can cost at the places where sitbroker looks at it:
 * what rows 1, 3, 4, 16 and 17 are read against. An IPv4 header comes off, in the
 * hook or where the kernel looks for who takes protocol 41, and the packet is where the
 * stack passes on what arrived on a device; one goes in front, always the same; a
 * neighbour solicitation goes back to whoever sent it. All routes are at hand: where the
 * first packet went, all go. IPv4's are where the tunnel handlers are asked as well, unless
 * the stack is to look for them.
 * Nothing is looked up, checked, counted or written: no server, only a bound for every
 * server that does this in these places.
 *
 * With clients there is one thing that no server for many of them can do without: something
 * of the client's is read. Here that is 16 bytes, in an array of as many as there are clients:
 * an address, which is compared or taken, and a count of packets. What more that costs when
 * each packet is another client's is the price of caches that have not seen it lately. No
 * server with clients that come and go, of several prefixes each, has them in an array.
 *
 * Told to ask, it does not leave out what nobody may who takes a packet past the IPv4 stack
 * and half of IPv6's: whether somebody configured what is passed by, whether the packet is one
 * to do so with, whether routes are those that they were, and what of a packet RFC 4213,
 * 6040 and 6324 have compared. All of that is written as one condition, for one client.
 *
 * Who has more destinations than he remembers routes of looks the route up for each packet, as
 * the stack does for one that it forwards. That bounds who asks the tables, not who remembers more.
 *
 * Who limits how often each target is answered keeps the time of its answers, by the generic cell
 * rate algorithm (kmod/budget.h): a word of the target's is read, compared with the clock and
 * written. It is 8 bytes, as with ours, or 4, or 2, side by side in an array, which also say
 * whether the target is there. Two come round within 65 ms, so whoever does with them has
 * something besides that sweeps them. The clock is that of ours.
 *
 * It works in the network namespace of the process that loads it.
 */

#include <linux/bitmap.h>
#include <linux/etherdevice.h>
#include <linux/inet.h>
#include <linux/module.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/inetdevice.h>
#include <linux/netfilter_bridge.h>
#include <linux/nsproxy.h>
#include <linux/prefetch.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/ip6_fib.h>
#include <net/ip6_route.h>
#include <net/ip_fib.h>
#include <net/ipv6.h>
#include <net/l3mdev.h>
#include <net/ndisc.h>
#include <net/raw.h>
#include <net/route.h>
#include <net/xfrm.h>

static char *device = "";
module_param(device, charp, 0444);
MODULE_PARM_DESC(device, "on which packets arrive that came out of a tunnel; else limit0 is made, for those that go in");

static char *local = "";
module_param(local, charp, 0444);
MODULE_PARM_DESC(local, "IPv4 address of this end of the tunnel");

static char *endpoint = "";
module_param(endpoint, charp, 0444);
MODULE_PARM_DESC(endpoint, "IPv4 address of the other one, the first of them where there are many");

static unsigned int clients;
module_param(clients, uint, 0444);
MODULE_PARM_DESC(clients, "how many are told apart; 0: nobody is looked for");

static unsigned int handler;
module_param(handler, uint, 0444);
MODULE_PARM_DESC(handler, "1: packets come by the kernel's tunnel handlers, not by a hook; 2: and the stack looks for their route");

static bool bitmap;
module_param(bitmap, bool, 0444);
MODULE_PARM_DESC(bitmap, "who is asked for by neighbours is only known to be there");

static bool asks;
module_param(asks, bool, 0444);
MODULE_PARM_DESC(asks, "all that may keep a packet from the short way is asked for");

static bool looks_up;
module_param(looks_up, bool, 0444);
MODULE_PARM_DESC(looks_up, "the route of each packet that came out of a tunnel is looked up");

static unsigned int word;
module_param(word, uint, 0444);
MODULE_PARM_DESC(word, "bytes of each that say when neighbours were answered about it, 8, 4 or 2; 0: nobody counts");

static unsigned int burst = U32_MAX;
module_param(burst, uint, 0444);
MODULE_PARM_DESC(burst, "how many microseconds it may be ahead of that: more than ever is, unless told otherwise");

static struct net_device *limit_dev;
static struct net *limit_net;
static unsigned int limit_decap(void *priv, struct sk_buff *skb, const struct nf_hook_state *state);

struct limit_client {
	__be32 endpoint;
	atomic64_t packets;
};

static struct limit_client *limit_clients;

static unsigned long *limit_bits;

static void *limit_words;

/* Pairs begin with the address that ends in 2, and clients have the odd ones. */
static u32 limit_number(const struct in6_addr *addr)
{
	return ntohl(addr->s6_addr32[3]) / 2 - 1;
}

static struct limit_client *limit_client(const struct in6_addr *addr)
{
	u32 number = limit_number(addr);

	return number < clients ? &limit_clients[number] : NULL;
}

/* In microseconds, about. */
static u64 limit_now(void)
{
	return ktime_get_ns() / 1024;
}

/* A time of fewer bits than 64 comes round. Return: the one behind it, never 0; or 0. */
static __always_inline u64 limit_next(u64 taken, unsigned int bits)
{
	u64 now = limit_now();
	s64 ahead = max((s64)((taken - now) << (64 - bits)) >> (64 - bits), 0LL) + 1;

	return taken && ahead <= burst ? (now + ahead) | 1 : 0;
}

/*
 * May neighbours be answered once more about a client? His word is 0 where there is none. Read and
 * written apart, as there is one processor.
 */
static bool limit_count8(u64 *taken)
{
	u64 next = limit_next(*taken, 64);

	if (!next)
		return false;
	*taken = next;
	return true;
}

static bool limit_count4(u32 *taken)
{
	u32 next = limit_next(*taken, 32);

	if (!next)
		return false;
	*taken = next;
	return true;
}

static bool limit_count2(u16 *taken)
{
	u16 next = limit_next(*taken, 16);

	if (!next)
		return false;
	*taken = next;
	return true;
}

/* Is the address a client's that has an endpoint? */
static bool limit_is_taken(const struct in6_addr *addr)
{
	const struct limit_client *client;
	u32 number = limit_number(addr);

	if (word && number >= clients)
		return false;
	switch (word) {
	case 8:
		return limit_count8((u64 *)limit_words + number);
	case 4:
		return limit_count4((u32 *)limit_words + number);
	case 2:
		return limit_count2((u16 *)limit_words + number);
	}
	if (bitmap)
		return number < clients && test_bit(number, limit_bits);
	client = limit_client(addr);
	return client && client->endpoint;
}

/* Did the client that has the address send it from its endpoint? Then it is counted. */
static bool limit_is_from(const struct in6_addr *addr, __be32 source)
{
	struct limit_client *client = limit_client(addr);

	if (!client)
		return false;
	prefetchw(&client->packets);
	if (client->endpoint != source)
		return false;
	atomic64_inc(&client->packets);
	return true;
}

/* Of the first IPv6 packet, held; NULL before that. There is one processor. */
static struct dst_entry *limit_route;
static struct in6_addr limit_to;
static u32 limit_cookie;
static int limit_generation;

/* Is it the route that the tables have now for the packet? */
static bool limit_route_holds(const struct in6_addr *to)
{
	return !fib6_routes_require_src(limit_net) && !fib6_has_custom_rules(limit_net) &&
	       READ_ONCE(limit_net->ipv6.devconf_all->forwarding) &&
	       limit_generation == rt_genid_ipv6(limit_net) && ipv6_addr_equal(&limit_to, to) &&
	       dst_check(limit_route, limit_cookie);
}

/* The route of a packet from the device, as the stack would look it up; lent. */
static struct dst_entry *limit_look_up(const struct sk_buff *skb)
{
	struct flowi6 fl6 = {
		.flowi6_iif = skb->dev->ifindex,
		.daddr = ipv6_hdr(skb)->daddr,
		.saddr = ipv6_hdr(skb)->saddr,
	};

	return ip6_route_input_lookup(limit_net, skb->dev, &fl6, skb,
				      RT6_LOOKUP_F_HAS_SADDR | RT6_LOOKUP_F_DST_NOREF);
}

/*
 * A packet that has its route when the stack wants one has none looked up. It may not
 * have it before: then the stack takes the device where it leaves for the one where it
 * came in, and is about to tell the sender of a better way.
 */
static void limit_lead(struct sk_buff *skb)
{
	const struct in6_addr *to = &ipv6_hdr(skb)->daddr;

	if (looks_up || (limit_route && asks && !limit_route_holds(to)))
		return;
	if (!limit_route) {
		limit_to = *to;
		limit_generation = rt_genid_ipv6(limit_net);
		limit_route = limit_look_up(skb);
		dst_hold(limit_route);
		limit_cookie = rt6_get_cookie(dst_rt6_info(limit_route));
	}
	skb_dst_set_noref(skb, limit_route);
}

/* What knows its client leaves nothing on a packet that the outer one had: sit does that, too. */
static void limit_scrub(struct sk_buff *skb)
{
	if (clients)
		skb_scrub_packet(skb, false);
	else
		skb_dst_drop(skb);
}

/* Would the stack do nothing with the packet from the device up to its route? */
static bool limit_is_unwatched(const struct sk_buff *skb)
{
	const struct nf_hook_entries *chain =
		rcu_dereference(limit_net->nf.hooks_ipv6[NF_INET_PRE_ROUTING]);
	const struct inet6_dev *idev = __in6_dev_get(limit_dev);
	const struct ipv6hdr *ip6 = ipv6_hdr(skb);

	return list_empty(&limit_net->ptype_all) && list_empty(&limit_net->ptype_specific) &&
	       list_empty(&limit_dev->ptype_all) && list_empty(&limit_dev->ptype_specific) &&
	       !rcu_access_pointer(limit_dev->xdp_prog) &&
	       !rcu_access_pointer(limit_dev->rx_handler) &&
	       !rcu_access_pointer(limit_dev->tcx_ingress) &&
	       !rcu_access_pointer(limit_dev->nf_hooks_ingress) &&
	       idev && !READ_ONCE(idev->cnf.disable_ipv6) && !netif_is_l3_slave(limit_dev) &&
	       chain->num_hook_entries == 1 &&
	       (ip6->nexthdr == IPPROTO_TCP || ip6->nexthdr == IPPROTO_UDP) &&
	       ip6->hop_limit > 1 && sizeof(*ip6) + ntohs(ip6->payload_len) == skb->len &&
	       !ipv6_addr_loopback(&ip6->daddr) && !skb_pfmemalloc(skb);
}

/* The route of a packet that may go on by itself, or NULL; the first one has to find the way. */
static struct dst_entry *limit_way(const struct sk_buff *skb)
{
	if (asks && !limit_is_unwatched(skb))
		return NULL;
	if (looks_up)
		return limit_look_up(skb);
	return !limit_route || !asks || limit_route_holds(&ipv6_hdr(skb)->daddr) ?
	       limit_route : NULL;
}

/* What the stack does up to there is left out. */
static bool limit_pass_on(struct sk_buff *skb)
{
	struct dst_entry *dst = limit_way(skb);

	if (!dst)
		return false;
	skb_reset_redirect(skb);
	skb_reset_mac_len(skb);
	skb_set_transport_header(skb, sizeof(struct ipv6hdr));
	skb->skb_iif = limit_dev->ifindex;
	*IP6CB(skb) = (struct inet6_skb_parm) {
		.iif = limit_dev->ifindex,
		.nhoff = offsetof(struct ipv6hdr, nexthdr),
	};
	skb_dst_set_noref(skb, dst);
	dst_input(skb);
	return true;
}

static void limit_arrive(struct sk_buff *skb)
{
	const struct iphdr *outer = ip_hdr(skb);

	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);
	skb->protocol = htons(ETH_P_IPV6);
	if (asks && IP_ECN_decapsulate(outer, skb) > 1) {
		kfree_skb(skb);
		return;
	}
	skb->dev = limit_dev;
	if (!limit_pass_on(skb))
		netif_receive_skb(skb);
}

/* Of all that is for this host. */
static struct rtable *limit_input_rt;

static int limit_generation4;

/* Does the stack do nothing with the packet up to INPUT but deliver it here? */
static bool limit_is_plain(const struct sk_buff *skb)
{
	const struct nf_hook_entries *chain =
		rcu_dereference(limit_net->nf.hooks_ipv4[NF_INET_PRE_ROUTING]);
	const struct in_device *in_dev = __in_dev_get_rcu(skb->dev);
	const struct iphdr *iph = ip_hdr(skb);

	if (!limit_generation4)
		limit_generation4 = rt_genid_ipv4(limit_net);
	return chain->hooks[chain->num_hook_entries - 1].hook == limit_decap &&
	       !fib4_has_custom_rules(limit_net) &&
	       !limit_net->ipv4.fib_has_custom_local_routes &&
	       !fib_num_tclassid_users(limit_net) && skb->pkt_type == PACKET_HOST &&
	       iph->ihl == 5 && !ip_is_fragment(iph) &&
	       !nf_bridge_info_exists(skb) && !skb->sk && !skb_dst(skb) &&
	       !netif_is_l3_master(skb->dev) && !netif_is_l3_slave(skb->dev) &&
	       in_dev && !IN_DEV_RPFILTER(in_dev) &&
	       limit_generation4 == rt_genid_ipv4(limit_net);
}

/* And behind that? */
static bool limit_is_unheard(void)
{
	return !rcu_access_pointer(limit_net->nf.hooks_ipv4[NF_INET_LOCAL_IN]) &&
	       hlist_empty(&raw_v4_hashinfo.ht[raw_hashfunc(limit_net, IPPROTO_IPV6)]);
}

/* May it go on, once its outer header is off? */
static bool limit_is_sound(const struct ipv6hdr *ip6, unsigned int len)
{
	return ip6->version == 6 && ip6->payload_len &&
	       sizeof(*ip6) + ntohs(ip6->payload_len) <= len &&
	       !ipv6_addr_is_multicast(&ip6->daddr) && ip6->daddr.s6_addr16[0] != htons(0x2002) &&
	       ip6->daddr.s6_addr32[2] != htonl(0x5efe);
}

static unsigned int limit_decap(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	const struct ipv6hdr *ip6 = (const struct ipv6hdr *)(ip_hdr(skb) + 1);

	if (ip_hdr(skb)->protocol != IPPROTO_IPV6)
		return NF_ACCEPT;
	if (asks && (!limit_is_plain(skb) || (!handler && !limit_is_unheard())))
		return NF_ACCEPT;
	if (handler == 1)
		skb_dst_set_noref(skb, &limit_input_rt->dst);
	if (handler)
		return NF_ACCEPT;
	if (clients && !limit_is_from(&ip6->saddr, ip_hdr(skb)->saddr))
		return NF_ACCEPT;
	if (asks && !limit_is_sound(ip6, skb->len - sizeof(struct iphdr)))
		return NF_ACCEPT;
	__skb_pull(skb, sizeof(struct iphdr));
	limit_scrub(skb);
	limit_arrive(skb);
	return NF_STOLEN;
}

/* The IPv4 header is off. */
static int limit_handle(struct sk_buff *skb)
{
	if (!net_eq(dev_net(skb->dev), limit_net) ||
	    (clients && !limit_is_from(&((struct ipv6hdr *)skb->data)->saddr, ip_hdr(skb)->saddr)))
		return -EINVAL;
	if (asks && !limit_is_sound((const struct ipv6hdr *)skb->data, skb->len))
		return -EINVAL;
	limit_scrub(skb);
	limit_arrive(skb);
	return 0;
}

/* Before sit's. */
static struct xfrm_tunnel limit_handler = {
	.handler = limit_handle,
	.priority = -1,
};

static unsigned int limit_inner(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	const struct nd_msg *ns = (const struct nd_msg *)(ipv6_hdr(skb) + 1);
	struct ethhdr *eth;

	if (skb->dev == limit_dev) {
		limit_lead(skb);
		return NF_ACCEPT;
	}
	if (ipv6_hdr(skb)->nexthdr != IPPROTO_ICMPV6 ||
	    ns->icmph.icmp6_type != NDISC_NEIGHBOUR_SOLICITATION)
		return NF_ACCEPT;
	if (clients && !limit_is_taken(&ns->target))
		return NF_ACCEPT;
	eth = skb_push(skb, ETH_HLEN);
	ether_addr_copy(eth->h_dest, eth->h_source);
	ether_addr_copy(eth->h_source, skb->dev->dev_addr);
	dev_queue_xmit(skb);
	return NF_STOLEN;
}

static const struct nf_hook_ops limit_hooks[] = {
	{
		.hook = limit_decap,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = NF_IP_PRI_LAST,
	}, {
		.hook = limit_inner,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = NF_IP6_PRI_LAST,
	},
};

static void limit_clients_free(void)
{
	kvfree(limit_words);
	bitmap_free(limit_bits);
	kvfree(limit_clients);
}

static int limit_clients_make(void)
{
	unsigned int i;

	limit_clients = kvcalloc(clients, sizeof(*limit_clients), GFP_KERNEL);
	limit_bits = bitmap_zalloc(clients, GFP_KERNEL);
	limit_words = kvcalloc(clients, sizeof(u64), GFP_KERNEL);
	if (!limit_clients || !limit_bits || !limit_words) {
		limit_clients_free();
		return -ENOMEM;
	}
	for (i = 0; i < clients; i++)
		limit_clients[i].endpoint = htonl(ntohl(in_aton(endpoint)) + i);
	bitmap_fill(limit_bits, clients);
	memset(limit_words, 0xff, clients * sizeof(u64));
	return 0;
}

static int limit_receive(void)
{
	int err;

	limit_dev = dev_get_by_name(limit_net, device);
	if (!limit_dev)
		return -ENODEV;
	err = clients ? limit_clients_make() : 0;
	if (err)
		goto err_dev;
	limit_input_rt = rt_dst_alloc(limit_net->loopback_dev, RTCF_LOCAL, RTN_LOCAL, false);
	err = -ENOMEM;
	if (!limit_input_rt)
		goto err_clients;
	err = handler ? xfrm4_tunnel_register(&limit_handler, AF_INET6) : 0;
	if (err)
		goto err_rt;
	err = nf_register_net_hooks(limit_net, limit_hooks, ARRAY_SIZE(limit_hooks));
	if (err)
		goto err_handler;
	return 0;

err_handler:
	if (handler)
		xfrm4_tunnel_deregister(&limit_handler, AF_INET6);
err_rt:
	ip_rt_put(limit_input_rt);
err_clients:
	limit_clients_free();
err_dev:
	dev_put(limit_dev);
	return err;
}

static unsigned int limit_forward(void *priv, struct sk_buff *skb,
				  const struct nf_hook_state *state)
{
	if (ipv6_hdr(skb)->nexthdr == IPPROTO_UDP)
		limit_lead(skb);
	return NF_ACCEPT;
}

static const struct nf_hook_ops limit_forward_hook = {
	.hook = limit_forward,
	.pf = NFPROTO_IPV6,
	.hooknum = NF_INET_PRE_ROUTING,
	.priority = NF_IP6_PRI_LAST,
};

static struct net_device *limit_tunnel;
static struct rtable *limit_rt;
static struct iphdr limit_header;

static netdev_tx_t limit_encap(struct sk_buff *skb, struct net_device *dev)
{
	struct limit_client *client = limit_client(&ipv6_hdr(skb)->daddr);

	if (client)
		prefetchw(&client->packets);
	if (skb_cow_head(skb, LL_RESERVED_SPACE(dst_dev(&limit_rt->dst)) + sizeof(limit_header))) {
		kfree_skb(skb);
		return NETDEV_TX_OK;
	}
	memcpy(skb_push(skb, sizeof(limit_header)), &limit_header, sizeof(limit_header));
	skb_reset_network_header(skb);
	if (client) {
		ip_hdr(skb)->daddr = client->endpoint;
		atomic64_inc(&client->packets);
	}
	memset(IPCB(skb), 0, sizeof(*IPCB(skb)));
	skb_dst_set_noref(skb, &limit_rt->dst);
	/* Writes the length and the checksum: every tunnel leaves that to it. */
	ip_local_out(limit_net, NULL, skb);
	return NETDEV_TX_OK;
}

static const struct net_device_ops limit_tunnel_ops = {
	.ndo_start_xmit = limit_encap,
};

static void limit_tunnel_setup(struct net_device *dev)
{
	dev->netdev_ops = &limit_tunnel_ops;
	dev->type = ARPHRD_NONE;
	dev->flags = IFF_NOARP | IFF_POINTOPOINT;
	dev->priv_flags |= IFF_NO_QUEUE;
	dev->needed_headroom = LL_MAX_HEADER + sizeof(limit_header);
	dev->mtu = ETH_DATA_LEN - sizeof(limit_header);
	dev->lltx = true;
}

static int limit_send(void)
{
	struct flowi4 fl4 = { .daddr = in_aton(endpoint), .saddr = in_aton(local) };
	int err = clients ? limit_clients_make() : 0;

	if (err)
		return err;
	limit_header = (struct iphdr) {
		.version = 4,
		.ihl = sizeof(limit_header) / 4,
		.ttl = 64,
		.protocol = IPPROTO_IPV6,
		.saddr = fl4.saddr,
		.daddr = fl4.daddr,
	};
	limit_rt = ip_route_output_key(limit_net, &fl4);
	err = PTR_ERR_OR_ZERO(limit_rt);
	if (err)
		goto err_clients;
	limit_tunnel = alloc_netdev(0, "limit0", NET_NAME_USER, limit_tunnel_setup);
	err = -ENOMEM;
	if (limit_tunnel) {
		dev_net_set(limit_tunnel, limit_net);
		err = register_netdev(limit_tunnel);
	}
	if (err)
		goto err_tunnel;
	err = nf_register_net_hook(limit_net, &limit_forward_hook);
	if (err)
		goto err_device;
	return 0;

err_device:
	unregister_netdev(limit_tunnel);
err_tunnel:
	if (limit_tunnel)
		free_netdev(limit_tunnel);
	ip_rt_put(limit_rt);
err_clients:
	limit_clients_free();
	return err;
}

static int __init limit_init(void)
{
	int err;

	limit_net = get_net(current->nsproxy->net_ns);
	err = *device ? limit_receive() : limit_send();
	if (err)
		put_net(limit_net);
	return err;
}
module_init(limit_init);

static void __exit limit_exit(void)
{
	if (*device) {
		nf_unregister_net_hooks(limit_net, limit_hooks, ARRAY_SIZE(limit_hooks));
		if (handler)
			xfrm4_tunnel_deregister(&limit_handler, AF_INET6);
		dst_dev_put(&limit_input_rt->dst);
		ip_rt_put(limit_input_rt);
		dev_put(limit_dev);
	} else {
		nf_unregister_net_hook(limit_net, &limit_forward_hook);
		unregister_netdev(limit_tunnel);
		free_netdev(limit_tunnel);
		ip_rt_put(limit_rt);
	}
	dst_release(limit_route);
	limit_clients_free();
	put_net(limit_net);
}
module_exit(limit_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("The least that a packet costs where sitbroker looks at it");
