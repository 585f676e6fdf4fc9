// SPDX-License-Identifier: GPL-2.0
/*
 * The least that a packet can cost at the places where sitbroker looks at it:
 * what rows 1 and 16 are read against. An IPv4 header comes off and the packet
 * arrives on a device; a neighbour solicitation goes back to whoever sent it.
 * Nothing is looked up, checked, counted or written: no server, only a bound
 * for every server that does this in these places.
 *
 * It works in the network namespace of the process that loads it.
 */

#include <linux/etherdevice.h>
#include <linux/module.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/nsproxy.h>
#include <linux/sched.h>
#include <net/ipv6.h>
#include <net/ndisc.h>

static char *device = "";
module_param(device, charp, 0444);
MODULE_PARM_DESC(device, "on which packets arrive that came out of a tunnel");

static struct net_device *limit_dev;
static struct net *limit_net;

static unsigned int limit_decap(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	if (ip_hdr(skb)->protocol != IPPROTO_IPV6)
		return NF_ACCEPT;
	__skb_pull(skb, sizeof(struct iphdr));
	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);
	skb->protocol = htons(ETH_P_IPV6);
	skb->dev = limit_dev;
	netif_receive_skb(skb);
	return NF_STOLEN;
}

static unsigned int limit_answer(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	const struct icmp6hdr *icmp6 = (const struct icmp6hdr *)(ipv6_hdr(skb) + 1);
	struct ethhdr *eth;

	if (ipv6_hdr(skb)->nexthdr != IPPROTO_ICMPV6 ||
	    icmp6->icmp6_type != NDISC_NEIGHBOUR_SOLICITATION)
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
		.hook = limit_answer,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = NF_IP6_PRI_LAST,
	},
};

static int __init limit_init(void)
{
	int err;

	limit_net = get_net(current->nsproxy->net_ns);
	limit_dev = dev_get_by_name(limit_net, device);
	err = limit_dev ? nf_register_net_hooks(limit_net, limit_hooks, ARRAY_SIZE(limit_hooks))
			: -ENODEV;
	if (!err)
		return 0;
	dev_put(limit_dev);
	put_net(limit_net);
	return err;
}
module_init(limit_init);

static void __exit limit_exit(void)
{
	nf_unregister_net_hooks(limit_net, limit_hooks, ARRAY_SIZE(limit_hooks));
	dev_put(limit_dev);
	put_net(limit_net);
}
module_exit(limit_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("The least that a packet costs where sitbroker looks at it");
