/* SPDX-License-Identifier: GPL-2.0 */
/* A broker network device: its state. */
#ifndef _SITBROKER_LINK_H
#define _SITBROKER_LINK_H

#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <linux/seqlock.h>
#include <linux/xarray.h>

#include <uapi/linux/sitbroker.h>

#include "directory.h"

struct rt6_info;
struct rtable;
struct sb_client;
struct sb_filter_port;
struct sb_link_drops;
struct sb_net;
struct sb_samples;

/* What a device takes as it is, unless somebody turns that off. */
#define SB_LINK_FEATURES	(NETIF_F_SG | NETIF_F_FRAGLIST | NETIF_F_HIGHDMA | \
				 NETIF_F_HW_CSUM | NETIF_F_GSO_SOFTWARE)

/* A DSCP is the upper six bits of the TOS byte (RFC 2474 section 3). */
#define SB_DSCP_SHIFT	2
#define SB_N_DSCPS	64

/**
 * struct sb_link - private data of a network device of kind sitbroker
 * @dev: the device; constant
 * @sbn: the broker's part of the device's namespace; constant
 * @list: in &sb_net.links; changed under RTNL and &sb_net.lock, read under RCU
 * @drops: drop counters, clients' drops included, and packets of the short way
 * @filters: its filter lists, NULL for none; changed under &sb_filters.lock, read under RCU
 * @local: server IPv4 address, 0 while not set; changed under RTNL and &sb_net.lock
 * @ttl: outer TTL; as @local
 * @tos: outer TOS without ECN bits; as @local
 * @tos_inherit: the outer TOS comes from the inner traffic class; as @local
 * @isolate: clients cannot reach each other; as @local
 * @listed: @list is in use; protected by RTNL
 * @public: address to print for clients, 0 where it is @local; as @local
 * @delivered: for each DSCP an address in the upper half; below, the generation of IPv4's routes
 *	(&netns_ipv4.rt_genid) in which the stack delivers what comes for it; see outer-hook.c
 * @clients_max: bound of @n_clients; as @local
 * @pools_max: bound of @n_pools; as @local
 * @generation: counts changes of pools, clients and uplinks; protected by &sb_net.lock
 * @n_clients: number of clients; protected by &sb_net.lock
 * @n_pools: number of pools; protected by &sb_net.lock
 * @clients: clients by id; changed under &sb_net.lock
 * @names: clients by name; under &sb_net.lock
 * @endpoints: the youngest client of each endpoint; changed under &sb_net.lock, read under RCU
 * @pools: pools in the order they were added; protected by &sb_net.lock
 * @route_lock: protects &sb_client.rt of all clients against other writers
 * @settling: taken in softirq where packets counted elsewhere come to be among the client's
 * @server_rt: route given to packets for server IPv6 addresses; from ndo_init to ndo_uninit
 * @input_rt: route that packets for @local show to INPUT, see outer-hook.c; as @server_rt
 * @lead_rt: route given to packets for @local on the middle way; as @server_rt
 * @icmp_budget: of ICMPv6 errors about nobody's addresses, see sb_budget_take()
 * @samples: the last dropped packets
 *
 * What every packet needs comes first, in one cache line, and @delivered in the next ones.
 */
struct sb_link {
	struct net_device *dev;
	struct sb_net *sbn;
	struct list_head list;
	struct sb_link_drops __percpu *drops;
	struct sb_filter_port __rcu *filters;
	__be32 local;
	u8 ttl;
	u8 tos;
	bool tos_inherit;
	bool isolate;
	bool listed;
	__be32 public;
	atomic64_t delivered[SB_N_DSCPS];
	u32 clients_max;
	u32 pools_max;
	u32 generation;
	u32 n_clients;
	u32 n_pools;
	struct xarray clients;
	struct sb_directory names;
	struct sb_directory endpoints;
	struct list_head pools;
	spinlock_t route_lock;
	seqlock_t settling;
	struct rt6_info *server_rt;
	struct rtable *input_rt;
	struct rtable *lead_rt;
	atomic64_t icmp_budget;
	struct sb_samples *samples;
};

/* The link of a device, or NULL where it is of another kind. */
struct sb_link *sb_link(const struct net_device *dev);
struct sb_link *sb_link_by_local(const struct sb_net *sbn, __be32 local);

int sb_link_register(void);
void sb_link_unregister(void);

/*
 * The device that has a link's local address, or NULL. Its VRF is where the
 * link's IPv4 side is looked up. The caller holds the RCU read lock.
 */
static inline struct net_device *sb_link_ipv4_dev(const struct sb_link *link)
{
	return __ip_dev_find(dev_net(link->dev), READ_ONCE(link->local), false);
}

#endif /* _SITBROKER_LINK_H */
