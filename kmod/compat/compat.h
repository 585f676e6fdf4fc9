/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Differences between kernels, 6.1 to 7.3, found by looking into the kernel's
 * headers (see Kbuild in this directory), not by version: stable series and
 * distributions carry backports. The comment says which release has it first.
 */
#ifndef _SITBROKER_COMPAT_H
#define _SITBROKER_COMPAT_H

#include <linux/netdevice.h>
#include <net/inet_ecn.h>
#include <net/ip_tunnels.h>
#include <net/ipv6.h>
#include <net/route.h>
#include <net/rtnetlink.h>

#ifdef HAVE_NET_GSO_H	/* 6.5 */
#include <net/gso.h>
#endif

#ifdef HAVE_NETDEV_RX_QUEUE_H	/* 6.6 */
#include <net/netdev_rx_queue.h>
#endif

#ifdef HAVE_NET_RPS_H	/* 6.9 */
#include <net/rps.h>
#endif

#include "../version.h"
#include "genetlink.h"
#include "unaligned.h"

/* A function for rtnl_link_ops.newlink out of one with the arguments before 6.15. */
#ifdef HAVE_RTNL_NEWLINK_PARAMS	/* 6.15 */
#define SB_COMPAT_NEWLINK(name, function)						\
static int name(struct net_device *dev, struct rtnl_newlink_params *params,		\
		struct netlink_ext_ack *extack)						\
{											\
	return function(rtnl_newlink_link_net(params), dev, params->tb, params->data, extack); \
}
#else
#define SB_COMPAT_NEWLINK(name, function)						\
static int name(struct net *src_net, struct net_device *dev, struct nlattr *tb[],	\
		struct nlattr *data[], struct netlink_ext_ack *extack)			\
{											\
	return function(src_net, dev, tb, data, extack);				\
}
#endif

/* Transmit without the device's queue lock. */
static inline void sb_compat_lltx(struct net_device *dev)
{
#ifdef HAVE_NETDEV_LLTX		/* 6.12 */
	dev->lltx = true;
#else
	dev->features |= NETIF_F_LLTX;
#endif
}

/* The device stays in the namespace that it was made in. */
static inline void sb_compat_netns_immutable(struct net_device *dev)
{
#if defined(HAVE_NETDEV_NETNS_IMMUTABLE)	/* 6.15 */
	dev->netns_immutable = true;
#elif defined(HAVE_NETDEV_NETNS_LOCAL)		/* 6.12 */
	dev->netns_local = true;
#else
	dev->features |= NETIF_F_NETNS_LOCAL;
#endif
}

/* So deep that none of the kernel's own tunnels would send a packet, but complain of a loop? */
static inline bool sb_compat_nested_too_deep(void)
{
#ifdef IP_TUNNEL_RECURSION_LIMIT	/* 7.0 */
	return dev_recursion_level() > IP_TUNNEL_RECURSION_LIMIT;
#else
	return false;
#endif
}

/*
 * May somebody hear the IPv6 packets of all devices? Older kernels have such listeners in
 * lists that no module sees. Of those who can be there, all have a packet socket.
 */
static inline bool sb_compat_has_listeners(const struct net *net)
{
#ifdef HAVE_NET_PTYPE		/* 6.15 */
	return !list_empty(&net->ptype_all) || !list_empty(&net->ptype_specific);
#else
	return !hlist_empty(&net->packet.sklist);
#endif
}

/* Does traffic control, BPF or netfilter look at what arrives on the device? RCU. */
static inline bool sb_compat_has_ingress(const struct net_device *dev)
{
#ifdef CONFIG_NETFILTER_INGRESS
	if (rcu_access_pointer(dev->nf_hooks_ingress))
		return true;
#endif
#if defined(HAVE_TCX_INGRESS)	/* 6.6 */
#ifdef CONFIG_NET_XGRESS
	if (rcu_access_pointer(dev->tcx_ingress))
		return true;
#endif
#elif defined(CONFIG_NET_CLS_ACT)
	if (rcu_access_pointer(dev->miniq_ingress))
		return true;
#endif
	return false;
}

/* Does any of them look at what leaves by the device? RCU. */
static inline bool sb_compat_has_egress(const struct net_device *dev)
{
#ifdef CONFIG_NETFILTER_EGRESS
	if (rcu_access_pointer(dev->nf_hooks_egress))
		return true;
#endif
#if defined(HAVE_TCX_INGRESS)	/* 6.6 */
#ifdef CONFIG_NET_XGRESS
	if (rcu_access_pointer(dev->tcx_egress))
		return true;
#endif
#elif defined(CONFIG_NET_CLS_ACT)
	if (rcu_access_pointer(dev->miniq_egress))
		return true;
#endif
	return false;
}

/* Has IPsec a say in what is passed on? */
static inline bool sb_compat_has_policies(const struct net *net)
{
#ifdef CONFIG_XFRM
	return READ_ONCE(net->xfrm.policy_count[XFRM_POLICY_FWD]) ||
	       READ_ONCE(net->xfrm.policy_count[XFRM_POLICY_OUT]) ||
	       READ_ONCE(net->xfrm.policy_default[XFRM_POLICY_FWD]) != XFRM_USERPOLICY_ACCEPT ||
	       READ_ONCE(net->xfrm.policy_default[XFRM_POLICY_OUT]) != XFRM_USERPOLICY_ACCEPT;
#else
	return false;
#endif
}

/* Was the packet passed on by a switch that arrives here all the same? */
static inline bool sb_compat_was_passed_on(const struct sk_buff *skb)
{
#ifdef CONFIG_NET_SWITCHDEV
	return skb->offload_l3_fwd_mark;
#else
	return false;
#endif
}

/* Count a packet that is passed on as IPv6 does. Softirqs off. */
static inline void sb_compat_count_passed_on(struct net *net, struct inet6_dev *idev,
					     unsigned int len)
{
	__IP6_INC_STATS(net, idev, IPSTATS_MIB_OUTFORWDATAGRAMS);
#ifdef HAVE_MIB_OUTREQUESTS	/* 6.7 */
	__IP6_UPD_PO_STATS(net, idev, IPSTATS_MIB_OUT, len);
#else
	__IP6_ADD_STATS(net, idev, IPSTATS_MIB_OUTOCTETS, len);
#endif
}

/* What the stack has routes compared with, of a packet's TOS byte: some bits of it, or its DSCP. */
static inline u8 sb_compat_route_dsfield(u8 tos)
{
#ifdef HAVE_FIB_DSCP_MASKED_MATCH	/* 6.12: they mask it themselves */
	return tos & ~INET_ECN_MASK;
#else
	return tos & IPTOS_RT_MASK;
#endif
}

/* Are packets that arrive on the device given to another processor? RCU. */
static inline bool sb_compat_has_rps(const struct net_device *dev)
{
#ifdef CONFIG_RPS
	return static_branch_unlikely(&rps_needed) &&
	       (rcu_access_pointer(dev->_rx->rps_map) ||
		READ_ONCE(dev->_rx->rps_flow_table));
#else
	return false;
#endif
}

#endif /* _SITBROKER_COMPAT_H */
