/* SPDX-License-Identifier: GPL-2.0 */
/* A device of the server on which solicitations for clients are answered. */
#ifndef _SITBROKER_UPLINK_H
#define _SITBROKER_UPLINK_H

#include <linux/atomic.h>
#include <linux/in6.h>
#include <linux/netdevice.h>

#include <uapi/linux/sitbroker.h>

struct netlink_ext_ack;
struct sb_link;
struct sb_net;

/**
 * struct sb_uplink - an Ethernet device attached to a link
 * @list: in &sb_net.uplinks; changed under RTNL and &sb_net.lock, read under RCU
 * @rcu: to free it
 * @link: answers for the clients of this link; constant
 * @dev: the device, held; constant
 * @tracker: of @dev
 * @source: source address of advertisements; constant
 * @source_address: it, where @source is %SITBROKER_NDP_SOURCE_ADDRESS; constant
 * @solicitations: solicitations for an address in a pool of the link
 * @answered: advertisements sent
 * @malformed: solicitations for such an address to be discarded by RFC 4861 section 7.1.1
 * @unassigned: solicitations for an address that no client holds
 * @disabled: solicitations for an address of a disabled client
 * @failed: advertisements that could not be sent
 */
struct sb_uplink {
	struct list_head list;
	struct rcu_head rcu;
	struct sb_link *link;
	struct net_device *dev;
	netdevice_tracker tracker;
	enum sitbroker_ndp_source source;
	struct in6_addr source_address;
	atomic64_t solicitations;
	atomic64_t answered;
	atomic64_t malformed;
	atomic64_t unassigned;
	atomic64_t disabled;
	atomic64_t failed;
};

struct sb_uplink *sb_uplink_find(struct sb_link *link, int ifindex);
struct sb_uplink *sb_uplink_add(struct sb_link *link, struct net_device *dev,
				enum sitbroker_ndp_source source, const struct in6_addr *address,
				struct netlink_ext_ack *extack);
void sb_uplink_remove(struct sb_uplink *uplink);
void sb_uplinks_remove_link(struct sb_link *link);

int sb_uplink_register(void);
void sb_uplink_unregister(void);

#endif /* _SITBROKER_UPLINK_H */
