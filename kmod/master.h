/* SPDX-License-Identifier: GPL-2.0 */
/* Bridges, bonds and the like: what their ports receive is theirs. */
#ifndef _SITBROKER_MASTER_H
#define _SITBROKER_MASTER_H

#include <linux/netdevice.h>

/* Does it take all that its ports receive? A VRF is no such master. */
static inline bool sb_is_master(const struct net_device *dev)
{
	return !netif_is_l3_master(dev);
}

/* The device that takes all that another one receives, or NULL. The caller holds RTNL. */
static inline const struct net_device *sb_master(const struct net_device *dev)
{
	const struct net_device *master = netdev_master_upper_dev_get((struct net_device *)dev);

	return master && sb_is_master(master) ? master : NULL;
}

/* What a port becomes one of, or NULL. @change: of NETDEV_PRECHANGEUPPER */
static inline const struct net_device *
sb_master_to_be(const struct netdev_notifier_changeupper_info *change)
{
	return change->linking && change->master && sb_is_master(change->upper_dev)
		? change->upper_dev : NULL;
}

#endif /* _SITBROKER_MASTER_H */
