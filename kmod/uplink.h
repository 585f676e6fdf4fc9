/* SPDX-License-Identifier: GPL-2.0 */
/* A device of the server on which solicitations for clients are answered. */
#ifndef _SITBROKER_UPLINK_H
#define _SITBROKER_UPLINK_H

#include <linux/atomic.h>
#include <linux/in6.h>
#include <linux/netdevice.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include <uapi/linux/sitbroker.h>

struct inet6_dev;
struct netlink_ext_ack;
struct sb_client;
struct sb_link;
struct sb_net;

/* Answers a second for the addresses of one client, unless it is told otherwise. */
#define SB_NDP_RATE	1000

/* Solicited-node groups that an uplink joins, two for each client. */
#define SB_GROUPS_MAX	256

/* An uplink answers as often for all clients as for so many that ask as much as they may. */
#define SB_NDP_SHARE	16

/* Clients that wait for their first announcements; when more do, all are announced. */
#define SB_NEWS_MAX	64

/**
 * struct sb_news - a client whose addresses are announced
 * @client: its id
 * @left: how often yet
 */
struct sb_news {
	u32 client;
	u32 left;
};

/**
 * struct sb_uplink_config - how solicitations are answered; never changed, but replaced
 * @rcu: to free it
 * @source: source address of advertisements
 * @address: it, where @source is %SITBROKER_NDP_SOURCE_ADDRESS
 * @router: flag R
 * @rate: most answers a second for one client, 0 for no limit
 */
struct sb_uplink_config {
	struct rcu_head rcu;
	enum sitbroker_ndp_source source;
	struct in6_addr address;
	bool router;
	u32 rate;
};

/**
 * struct sb_uplink - an Ethernet device attached to a link
 * @list: in &sb_net.uplinks; changed under RTNL and &sb_net.lock, read under RCU
 * @rcu: to free it
 * @link: answers for the clients of this link; constant
 * @dev: the device, held; constant
 * @tracker: of @dev
 * @config: how solicitations are answered; replaced under &sb_net.lock, read under RCU
 * @budget: of advertisements for all clients, see sb_budget_take()
 * @announce_work: sends unsolicited advertisements, see announce.c
 * @announce_lock: protects @news, @n_news, @walk and @walks
 * @news: clients to announce
 * @n_news: length of @news
 * @walk: while all clients are announced, the id to go on with, else 0
 * @walks: how often yet all are announced, this time included
 * @group_work: joins and leaves groups, see group.c
 * @idev: the IPv6 side of @dev on which @groups were joined, held, or NULL; under RTNL
 * @groups: last 24 bits of the solicited-node groups joined, ascending; under RTNL
 * @n_groups: length of @groups; changed under RTNL
 * @solicitations: solicitations for an address in a pool of the link
 * @answered: advertisements sent
 * @malformed: solicitations for such an address to be discarded by RFC 4861 section 7.1.1
 * @unassigned: solicitations for an address that no client holds
 * @disabled: solicitations for an address of a client that is disabled, or whose link is down
 * @failed: advertisements that could not be sent
 * @limited: solicitations not answered for &sb_uplink_config.rate
 * @misrouted: solicitations for an address to which a route leads back out of @dev
 * @announced: unsolicited advertisements sent
 */
struct sb_uplink {
	struct list_head list;
	struct rcu_head rcu;
	struct sb_link *link;
	struct net_device *dev;
	netdevice_tracker tracker;
	struct sb_uplink_config __rcu *config;
	atomic64_t budget;
	struct delayed_work announce_work;
	spinlock_t announce_lock;
	struct sb_news news[SB_NEWS_MAX];
	unsigned int n_news;
	u32 walk;
	u32 walks;
	struct delayed_work group_work;
	struct inet6_dev *idev;
	u32 groups[SB_GROUPS_MAX];
	unsigned int n_groups;
	atomic64_t solicitations;
	atomic64_t answered;
	atomic64_t malformed;
	atomic64_t unassigned;
	atomic64_t disabled;
	atomic64_t failed;
	atomic64_t limited;
	atomic64_t misrouted;
	atomic64_t announced;
};

struct sb_uplink *sb_uplink_find(struct sb_link *link, int ifindex);
struct sb_uplink *sb_uplink_add(struct sb_link *link, struct net_device *dev,
				const struct sb_uplink_config *config,
				struct netlink_ext_ack *extack);
const struct sb_uplink_config *sb_uplink_config(const struct sb_uplink *uplink);
int sb_uplink_set(struct sb_uplink *uplink, const struct sb_uplink_config *config,
		  struct netlink_ext_ack *extack);
void sb_uplink_remove(struct sb_uplink *uplink);
void sb_uplinks_link_up(struct sb_link *link);
void sb_uplinks_remove_link(struct sb_link *link);
void sb_uplinks_changed(struct sb_link *link, struct sb_client *const *news, unsigned int n);

/* announce.c */
void sb_announce_init(struct sb_uplink *uplink);
void sb_announce_client(struct sb_uplink *uplink, const struct sb_client *client);
void sb_announce_all(struct sb_uplink *uplink, unsigned long delay);
void sb_announce_stop(struct sb_uplink *uplink);

/* group.c */
void sb_group_init(struct sb_uplink *uplink);
void sb_group_update(struct sb_uplink *uplink);
void sb_group_renew(struct sb_uplink *uplink);
void sb_group_stop(struct sb_uplink *uplink);

int sb_uplink_register(void);
void sb_uplink_unregister(void);

#endif /* _SITBROKER_UPLINK_H */
