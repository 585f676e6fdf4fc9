// SPDX-License-Identifier: GPL-2.0
/* A device of the server on which solicitations for clients are answered. */

#include <linux/if_arp.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/ipv6.h>

#include "client.h"
#include "extack.h"
#include "link.h"
#include "master.h"
#include "net.h"
#include "netlink.h"
#include "uplink.h"

/* The attachment of a device to a link, or NULL; under &sb_net.lock. */
struct sb_uplink *sb_uplink_find(struct sb_link *link, int ifindex)
{
	struct sb_uplink *uplink;

	lockdep_assert_held(&link->sbn->lock);

	list_for_each_entry(uplink, &link->sbn->uplinks, list)
		if (uplink->link == link && uplink->dev->ifindex == ifindex)
			return uplink;
	return NULL;
}

static int sb_uplink_check(struct sb_link *link, const struct net_device *dev,
			   struct netlink_ext_ack *extack)
{
	const struct net_device *master = sb_master(dev);

	if (sb_link(dev) || dev->type != ARPHRD_ETHER || dev->flags & IFF_LOOPBACK)
		return sb_refuse(extack, -EINVAL,
				 "%s is no Ethernet device; neighbours ask for addresses on Ethernet only",
				 dev->name);
	if (master)
		return sb_refuse(extack, -EINVAL,
				 "%s is a port of %s, which takes all that it receives; add %s instead",
				 dev->name, master->name, master->name);
	if (sb_uplink_find(link, dev->ifindex))
		return sb_refuse(extack, -EEXIST,
				 "%s is an uplink of link %s already; change it with brokertool ndp set",
				 dev->name, link->dev->name);
	return 0;
}

static int sb_uplink_config_check(const struct net_device *dev,
				  const struct sb_uplink_config *config,
				  struct netlink_ext_ack *extack)
{
	int type = ipv6_addr_type(&config->address);

	/* Who receives what comes from ::1 drops it. */
	if (config->source == SITBROKER_NDP_SOURCE_ADDRESS &&
	    (!(type & IPV6_ADDR_UNICAST) || type & IPV6_ADDR_LOOPBACK))
		return sb_refuse(extack, -EINVAL,
				 "source %pI6c is no unicast address; give one of %s, target or link-local",
				 &config->address, dev->name);
	return 0;
}

/**
 * sb_uplink_add() - answer for the clients of a link on a device
 * @link: the link
 * @dev: the device
 * @config: how
 * @extack: why it was refused
 *
 * The caller holds RTNL and &sb_net.lock.
 *
 * Return: the attachment, or an ERR_PTR().
 */
struct sb_uplink *sb_uplink_add(struct sb_link *link, struct net_device *dev,
				const struct sb_uplink_config *config,
				struct netlink_ext_ack *extack)
{
	struct sb_uplink_config *copy;
	struct sb_uplink *uplink;
	int err;

	ASSERT_RTNL();
	lockdep_assert_held(&link->sbn->lock);

	err = sb_uplink_check(link, dev, extack);
	if (!err)
		err = sb_uplink_config_check(dev, config, extack);
	if (err)
		return ERR_PTR(err);

	uplink = kzalloc(sizeof(*uplink), GFP_KERNEL_ACCOUNT);
	copy = kmemdup(config, sizeof(*config), GFP_KERNEL_ACCOUNT);
	if (!uplink || !copy) {
		kfree(copy);
		kfree(uplink);
		err = sb_refuse(extack, -ENOMEM, "no memory for uplink %s", dev->name);
		return ERR_PTR(err);
	}
	/* Nobody joins the groups of 2^64 addresses: let the device take them all. */
	err = dev_set_allmulti(dev, 1);
	if (err) {
		kfree(copy);
		kfree(uplink);
		sb_refuse(extack, err,
			  "%s cannot receive all multicast packets (error %d); take another device",
			  dev->name, -err);
		return ERR_PTR(err);
	}
	uplink->link = link;
	uplink->dev = dev;
	netdev_hold(dev, &uplink->tracker, GFP_KERNEL);
	rcu_assign_pointer(uplink->config, copy);
	sb_announce_init(uplink);
	sb_group_init(uplink);
	list_add_tail_rcu(&uplink->list, &link->sbn->uplinks);
	sb_announce_all(uplink, 0);
	sb_group_update(uplink);
	return uplink;
}

/* How solicitations are answered now. The caller holds &sb_net.lock. */
const struct sb_uplink_config *sb_uplink_config(const struct sb_uplink *uplink)
{
	return rcu_dereference_protected(uplink->config,
					 lockdep_is_held(&uplink->link->sbn->lock));
}

/**
 * sb_uplink_set() - answer otherwise from now on
 * @uplink: the attachment
 * @config: how
 * @extack: why it was refused
 *
 * Who answers meanwhile does so as before or as asked for, and the counters go
 * on. The caller holds &sb_net.lock.
 *
 * Return: 0, or an error and nothing has changed.
 */
int sb_uplink_set(struct sb_uplink *uplink, const struct sb_uplink_config *config,
		  struct netlink_ext_ack *extack)
{
	struct sb_uplink_config *copy, *old;
	int err;

	lockdep_assert_held(&uplink->link->sbn->lock);

	err = sb_uplink_config_check(uplink->dev, config, extack);
	if (err)
		return err;
	copy = kmemdup(config, sizeof(*config), GFP_KERNEL_ACCOUNT);
	if (!copy)
		return sb_refuse(extack, -ENOMEM, "no memory for uplink %s", uplink->dev->name);
	old = rcu_replace_pointer(uplink->config, copy,
				  lockdep_is_held(&uplink->link->sbn->lock));
	kfree_rcu(old, rcu);
	return 0;
}

/* The caller holds RTNL and &sb_net.lock. */
void sb_uplink_remove(struct sb_uplink *uplink)
{
	struct sb_uplink_config *config;

	ASSERT_RTNL();
	lockdep_assert_held(&uplink->link->sbn->lock);

	list_del_rcu(&uplink->list);
	sb_announce_stop(uplink);
	sb_group_stop(uplink);
	dev_set_allmulti(uplink->dev, -1);
	netdev_put(uplink->dev, &uplink->tracker);
	config = rcu_dereference_protected(uplink->config,
					   lockdep_is_held(&uplink->link->sbn->lock));
	kfree_rcu(config, rcu);
	kfree_rcu(uplink, rcu);
}

/**
 * sb_uplinks_changed() - the clients of a link have changed
 * @link: the link
 * @news: clients that can be reached from now on, unless they are disabled
 * @n: length of @news
 *
 * The caller holds &sb_net.lock.
 */
void sb_uplinks_changed(struct sb_link *link, struct sb_client *const *news, unsigned int n)
{
	struct sb_uplink *uplink;
	unsigned int i;

	lockdep_assert_held(&link->sbn->lock);

	list_for_each_entry(uplink, &link->sbn->uplinks, list) {
		if (uplink->link != link)
			continue;
		/* More than can wait one by one are announced with all the others. */
		if (n > SB_NEWS_MAX)
			sb_announce_all(uplink, 0);
		for (i = 0; n <= SB_NEWS_MAX && i < n; i++)
			if (!sb_client_is(news[i], SB_CLIENT_DISABLED))
				sb_announce_client(uplink, news[i]);
		sb_group_update(uplink);
	}
}

/*
 * The link came up. Who set it up restores the routes of its pools next, without
 * which nothing is announced. The caller holds &sb_net.lock.
 */
void sb_uplinks_link_up(struct sb_link *link)
{
	struct sb_uplink *uplink;

	lockdep_assert_held(&link->sbn->lock);

	list_for_each_entry(uplink, &link->sbn->uplinks, list)
		if (uplink->link == link)
			sb_announce_all(uplink, HZ);
}

/* The caller holds RTNL. */
void sb_uplinks_remove_link(struct sb_link *link)
{
	struct sb_uplink *uplink, *next;

	mutex_lock(&link->sbn->lock);
	list_for_each_entry_safe(uplink, next, &link->sbn->uplinks, list)
		if (uplink->link == link)
			sb_uplink_remove(uplink);
	mutex_unlock(&link->sbn->lock);
}

static void sb_uplink_gone(struct sb_uplink *uplink)
{
	uplink->link->generation++;
	sb_nl_notify_uplink(uplink, SITBROKER_CMD_NDP_DEL_NTF);
	sb_uplink_remove(uplink);
}

/*
 * A port of a bridge or a bond hears nothing itself, so an uplink would end in
 * silence: its owner shall say so.
 */
static int sb_uplink_check_master(struct sb_net *sbn, const struct net_device *dev,
				  const struct netdev_notifier_changeupper_info *change)
{
	struct netlink_ext_ack *extack = netdev_notifier_info_to_extack(&change->info);
	const struct net_device *master = sb_master_to_be(change);
	const struct sb_uplink *uplink;
	int err = 0;

	if (!master)
		return 0;

	mutex_lock(&sbn->lock);
	list_for_each_entry(uplink, &sbn->uplinks, list) {
		if (uplink->dev != dev)
			continue;
		err = sb_refuse(extack, -EBUSY,
				"%s is an uplink of link %s, and as a port of %s would hear nothing; delete it there, and add %s afterwards",
				dev->name, uplink->link->dev->name, master->name, master->name);
		break;
	}
	mutex_unlock(&sbn->lock);
	return err;
}

/*
 * A device that goes away, or moves to another namespace, is an uplink no more.
 * When it comes up, or has another MAC, its neighbours must learn what to send
 * there. A wire may come seconds after the device is up, with NETDEV_CHANGE.
 * An MTU below 1280 ends IPv6 on a device, and a larger one starts it again.
 */
static int sb_uplink_event(struct notifier_block *nb, unsigned long event, void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct sb_net *sbn = sb_net(dev_net(dev));
	struct sb_uplink *uplink, *next;

	switch (event) {
	case NETDEV_PRECHANGEUPPER:
		return notifier_from_errno(sb_uplink_check_master(sbn, dev, ptr));
	case NETDEV_CHANGE:
		if (!netif_carrier_ok(dev))
			return NOTIFY_DONE;
		break;
	case NETDEV_UNREGISTER:
	case NETDEV_UP:
	case NETDEV_CHANGEADDR:
	case NETDEV_CHANGEMTU:
		break;
	default:
		return NOTIFY_DONE;
	}

	mutex_lock(&sbn->lock);
	list_for_each_entry_safe(uplink, next, &sbn->uplinks, list) {
		if (uplink->dev != dev)
			continue;
		if (event == NETDEV_UNREGISTER) {
			sb_uplink_gone(uplink);
			continue;
		}
		if (event != NETDEV_CHANGEMTU)
			sb_announce_all(uplink, 0);
		if (event == NETDEV_UP || event == NETDEV_CHANGEMTU)
			sb_group_renew(uplink);
	}
	mutex_unlock(&sbn->lock);
	return NOTIFY_DONE;
}

static struct notifier_block sb_uplink_notifier = {
	.notifier_call = sb_uplink_event,
};

int sb_uplink_register(void)
{
	return register_netdevice_notifier(&sb_uplink_notifier);
}

void sb_uplink_unregister(void)
{
	unregister_netdevice_notifier(&sb_uplink_notifier);
}
