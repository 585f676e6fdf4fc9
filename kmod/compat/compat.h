/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Differences between kernels, 6.1 to 7.3, found by looking into the kernel's
 * headers (see Kbuild in this directory), not by version: stable series and
 * distributions carry backports. The comment says which release has it first.
 */
#ifndef _SITBROKER_COMPAT_H
#define _SITBROKER_COMPAT_H

#include <linux/netdevice.h>
#include <net/ip_tunnels.h>
#include <net/rtnetlink.h>

#ifdef HAVE_NET_GSO_H	/* 6.5 */
#include <net/gso.h>
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

#endif /* _SITBROKER_COMPAT_H */
