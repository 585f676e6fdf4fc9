// SPDX-License-Identifier: GPL-2.0
/* A broker network device: made, set up and removed by rtnetlink. */

#include <linux/ethtool.h>
#include <linux/if_arp.h>
#include <net/dst.h>
#include <net/ip6_fib.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/route.h>
#include <net/rtnetlink.h>

#include "client.h"
#include "compat/compat.h"
#include "drop.h"
#include "extack.h"
#include "inner-hook.h"
#include "link.h"
#include "net.h"
#include "netlink.h"
#include "outer-hook.h"
#include "route.h"
#include "sample.h"
#include "table.h"
#include "transmit.h"
#include "uplink.h"

#define SB_TTL_DEFAULT	64	/* RFC 1700; sit clients use what their users say */

/*
 * Room kept in front of packets that are sent: the outer header and the
 * Ethernet header of the usual uplink. A constant, so that nothing on the way
 * can make it grow.
 */
#define SB_HEADROOM	(LL_MAX_HEADER + sizeof(struct iphdr))

/* Look up a link by the outer destination; RCU or &sb_net.lock. */
struct sb_link *sb_link_by_local(const struct sb_net *sbn, __be32 local)
{
	struct sb_link *link;

	list_for_each_entry_rcu(link, &sbn->links, list, lockdep_is_held(&sbn->lock))
		if (READ_ONCE(link->local) == local)
			return link;
	return NULL;
}

/*
 * The route given to packets for the server address of any pair: delivered
 * here, without an address or a route for each of them. VRF does likewise.
 */
static int sb_link_server_rt_create(struct sb_link *link)
{
	struct rt6_info *rt = ip6_dst_alloc(dev_net(link->dev), link->dev,
					    DST_NOPOLICY | DST_NOXFRM);

	if (!rt)
		return -ENOMEM;
	rt->dst.input = ip6_input;
	rt->rt6i_flags = RTF_UP | RTF_LOCAL;
	link->server_rt = rt;
	return 0;
}

/* The route that the stack finds for whatever is delivered here: it names no address. */
static struct rtable *sb_link_input_rt_create(const struct sb_link *link)
{
	struct rtable *rt = rt_dst_alloc(dev_net(link->dev)->loopback_dev, RTCF_LOCAL, RTN_LOCAL,
					 false);

	if (rt) {
		rt->dst.output = dst_discard_out;
		rt->rt_is_input = 1;
	}
	return rt;
}

/* Sockets and queues may hold on to a route; it must not hold on to the device. */
static void sb_link_rt_release(struct dst_entry *dst)
{
	dst_dev_put(dst);
	dst_release(dst);
}

static int sb_link_init(struct net_device *dev)
{
	struct sb_link *link = netdev_priv(dev);
	int err;

	link->dev = dev;
	link->sbn = sb_net(dev_net(dev));
	spin_lock_init(&link->route_lock);
	seqlock_init(&link->settling);
	INIT_LIST_HEAD(&link->pools);

	link->drops = netdev_alloc_pcpu_stats(struct sb_link_drops);
	if (!link->drops)
		return -ENOMEM;
	link->samples = sb_samples_alloc();
	if (!link->samples) {
		err = -ENOMEM;
		goto err_drops;
	}
	sb_client_tables_init(link);
	err = sb_link_server_rt_create(link);
	if (err)
		goto err_tables;
	err = -ENOMEM;
	link->input_rt = sb_link_input_rt_create(link);
	if (!link->input_rt)
		goto err_server_rt;
	link->lead_rt = sb_link_input_rt_create(link);
	if (!link->lead_rt)
		goto err_input_rt;
	return 0;

err_input_rt:
	sb_link_rt_release(&link->input_rt->dst);
err_server_rt:
	sb_link_rt_release(&link->server_rt->dst);
err_tables:
	sb_client_tables_destroy(link);
	kvfree(link->samples);
err_drops:
	free_percpu(link->drops);
	return err;
}

/* While a namespace has links, packets that arrive there are looked at. */
static int sb_link_hooks_register(struct net *net)
{
	int err;

	err = sb_inner_hook_register(net);
	if (err)
		return err;
	err = sb_outer_hook_register(net);
	if (err)
		sb_inner_hook_unregister(net);
	return err;
}

/*
 * What a program holds back in INPUT would return to the outer hook's code. It is dropped
 * whenever a hook goes: the second one is for packets that were still in the first.
 */
static void sb_link_hooks_unregister(struct net *net)
{
	sb_outer_hook_unregister(net);
	synchronize_net();
	sb_inner_hook_unregister(net);
}

/* Hide the link and its pools, and thereby its clients, from packets and requests. */
static void sb_link_retire(struct sb_link *link)
{
	struct sb_net *sbn = link->sbn;
	struct sb_pool *pool;
	bool last;

	ASSERT_RTNL();
	if (!link->listed)
		return;

	sb_uplinks_remove_link(link);
	mutex_lock(&sbn->lock);
	sb_nl_notify_link(link, SITBROKER_CMD_LINK_DEL_NTF);
	list_del_rcu(&link->list);
	link->listed = false;
	last = !--sbn->n_links;
	list_for_each_entry(pool, &link->pools, list)
		sb_table_remove(&sbn->table, pool);
	mutex_unlock(&sbn->lock);

	if (last)
		sb_link_hooks_unregister(sbn->net);
}

/* Runs a grace period after the link was hidden. */
static void sb_link_uninit(struct net_device *dev)
{
	struct sb_link *link = netdev_priv(dev);
	struct sb_pool *pool, *next;

	if (link->listed) {	/* removed by another way than dellink */
		sb_link_retire(link);
		synchronize_net();
	}
	sb_clients_free_all(link);
	list_for_each_entry_safe(pool, next, &link->pools, list) {
		sb_pool_route_free(pool);
		sb_pool_free(pool);
	}
	sb_link_rt_release(&link->lead_rt->dst);
	sb_link_rt_release(&link->input_rt->dst);
	sb_link_rt_release(&link->server_rt->dst);
	sb_client_tables_destroy(link);
	kvfree(link->samples);
}

/* Last user gone, readers of statistics included. */
static void sb_link_free(struct net_device *dev)
{
	struct sb_link *link = netdev_priv(dev);

	free_percpu(link->drops);
}

static void sb_link_get_stats64(struct net_device *dev, struct rtnl_link_stats64 *stats)
{
	const struct sb_link *link = netdev_priv(dev);
	u64 drops[SB_N_DROP_REASONS];
	unsigned int reason;

	dev_get_tstats64(dev, stats);
	sb_link_drops_read(link, drops);
	for (reason = 0; reason < ARRAY_SIZE(drops); reason++) {
		if (sb_drop_is_transmit(reason))
			stats->tx_dropped += drops[reason];
		else
			stats->rx_dropped += drops[reason];
	}
}

static const struct net_device_ops sb_link_netdev_ops = {
	.ndo_init = sb_link_init,
	.ndo_uninit = sb_link_uninit,
	.ndo_start_xmit = sb_transmit,
	.ndo_get_stats64 = sb_link_get_stats64,
};

struct sb_link *sb_link(const struct net_device *dev)
{
	return dev->netdev_ops == &sb_link_netdev_ops ? netdev_priv(dev) : NULL;
}

static void sb_link_get_drvinfo(struct net_device *dev, struct ethtool_drvinfo *info)
{
	strscpy(info->driver, KBUILD_MODNAME, sizeof(info->driver));
	strscpy(info->version, SITBROKER_VERSION, sizeof(info->version));
}

static int sb_link_get_sset_count(struct net_device *dev, int sset)
{
	return sset == ETH_SS_STATS ? SB_N_DROP_REASONS + SB_N_WAYS : -EOPNOTSUPP;
}

static void sb_link_get_strings(struct net_device *dev, u32 sset, u8 *data)
{
	if (sset != ETH_SS_STATS)
		return;
	memcpy(data, sb_drop_names, sizeof(sb_drop_names));
	memcpy(data + sizeof(sb_drop_names), sb_way_names, sizeof(sb_way_names));
}

static void sb_link_get_ethtool_stats(struct net_device *dev, struct ethtool_stats *stats,
				      u64 *data)
{
	sb_link_drops_read(netdev_priv(dev), data);
	sb_link_ways_read(netdev_priv(dev), data + SB_N_DROP_REASONS);
}

static const struct ethtool_ops sb_link_ethtool_ops = {
	.get_drvinfo = sb_link_get_drvinfo,
	.get_link = ethtool_op_get_link,
	.get_sset_count = sb_link_get_sset_count,
	.get_strings = sb_link_get_strings,
	.get_ethtool_stats = sb_link_get_ethtool_stats,
};

static const struct device_type sb_link_type = {
	.name = KBUILD_MODNAME,
};

static void sb_link_setup(struct net_device *dev)
{
	struct sb_link *link = netdev_priv(dev);

	dev->netdev_ops = &sb_link_netdev_ops;
	dev->ethtool_ops = &sb_link_ethtool_ops;
	dev->needs_free_netdev = true;
	dev->priv_destructor = sb_link_free;
	SET_NETDEV_DEVTYPE(dev, &sb_link_type);

	/* No header of its own: tcpdump shows inner packets, neighbours need no address. */
	dev->type = ARPHRD_NONE;
	dev->flags = IFF_NOARP | IFF_POINTOPOINT;
	dev->priv_flags |= IFF_NO_QUEUE;
	dev->hard_header_len = 0;
	dev->addr_len = 0;
	dev->needed_headroom = SB_HEADROOM;
	dev->mtu = SB_MTU_MAX;
	dev->min_mtu = SB_MTU_MIN;
	dev->max_mtu = SB_MTU_MAX;
	dev->features |= SB_LINK_FEATURES;
	dev->hw_features |= SB_LINK_FEATURES;
	dev->pcpu_stat_type = NETDEV_PCPU_STAT_TSTATS;
	sb_compat_lltx(dev);
	sb_compat_netns_immutable(dev);
	netif_keep_dst(dev);

	link->ttl = SB_TTL_DEFAULT;
	link->clients_max = SB_CLIENTS_MAX;
	link->pools_max = SB_POOLS_MAX;
}

static const struct nla_policy sb_link_policy[IFLA_SITBROKER_MAX + 1] = {
	[IFLA_SITBROKER_LOCAL] = { .type = NLA_BE32 },
	[IFLA_SITBROKER_PUBLIC] = { .type = NLA_BE32 },
	[IFLA_SITBROKER_TTL] = NLA_POLICY_MIN(NLA_U8, 1),
	[IFLA_SITBROKER_TOS] = { .type = NLA_U8 },
	[IFLA_SITBROKER_TOS_INHERIT] = NLA_POLICY_MAX(NLA_U8, 1),
	[IFLA_SITBROKER_ISOLATE] = NLA_POLICY_MAX(NLA_U8, 1),
	[IFLA_SITBROKER_CLIENTS_MAX] = { .type = NLA_U32 },
	[IFLA_SITBROKER_POOLS_MAX] = NLA_POLICY_MAX(NLA_U32, SB_POOLS_MAX),
};

static int sb_link_validate(struct nlattr *tb[], struct nlattr *data[],
			    struct netlink_ext_ack *extack)
{
	__be32 local, public;

	if (tb[IFLA_ADDRESS]) {
		NL_SET_BAD_ATTR(extack, tb[IFLA_ADDRESS]);
		return sb_refuse(extack, -EINVAL,
				 "a sitbroker link has no hardware address; leave it out");
	}
	if (!data)
		return 0;
	if (data[IFLA_SITBROKER_LOCAL]) {
		local = nla_get_be32(data[IFLA_SITBROKER_LOCAL]);
		if (local && !sb_ipv4_is_host(local)) {
			NL_SET_BAD_ATTR(extack, data[IFLA_SITBROKER_LOCAL]);
			return sb_refuse(extack, -EINVAL,
					 "local %pI4 is no unicast address that clients can reach; give this server's IPv4 address",
					 &local);
		}
	}
	if (data[IFLA_SITBROKER_PUBLIC]) {
		public = nla_get_be32(data[IFLA_SITBROKER_PUBLIC]);
		if (public && !sb_ipv4_is_host(public)) {
			NL_SET_BAD_ATTR(extack, data[IFLA_SITBROKER_PUBLIC]);
			return sb_refuse(extack, -EINVAL,
					 "public %pI4 is no unicast address that clients can reach; give the one that they must use",
					 &public);
		}
	}
	if (data[IFLA_SITBROKER_TOS] && nla_get_u8(data[IFLA_SITBROKER_TOS]) & INET_ECN_MASK) {
		NL_SET_BAD_ATTR(extack, data[IFLA_SITBROKER_TOS]);
		return sb_refuse(extack, -EINVAL,
				 "tos 0x%02x sets the ECN bits, which come from the inner packet; use a multiple of 4",
				 nla_get_u8(data[IFLA_SITBROKER_TOS]));
	}
	return 0;
}

/* May the link have this local address, and its clients keep their endpoints? */
static int sb_link_check_local(struct sb_net *sbn, const struct sb_link *self, __be32 local,
			       struct netlink_ext_ack *extack)
{
	struct sb_client *client;
	struct sb_link *other;

	if (!local)
		return 0;
	other = sb_link_by_local(sbn, local);
	if (other && other != self)
		return sb_refuse(extack, -EEXIST,
				 "local %pI4 belongs to link %s; give another address of this server",
				 &local, other->dev->name);
	list_for_each_entry(other, &sbn->links, list) {
		rcu_read_lock();
		client = sb_client_by_endpoint(other, local);
		rcu_read_unlock();
		if (client)
			return sb_refuse(extack, -EEXIST,
					 "local %pI4 is the endpoint of client \"%s\" of link %s; change that first",
					 &local, client->name, other->dev->name);
	}
	return 0;
}

/* May the link have these bounds? */
static int sb_link_check_bounds(const struct sb_link *link, struct nlattr *data[],
				struct netlink_ext_ack *extack)
{
	u32 bound;

	if (data && data[IFLA_SITBROKER_CLIENTS_MAX]) {
		bound = nla_get_u32(data[IFLA_SITBROKER_CLIENTS_MAX]);
		if (bound < link->n_clients || bound > SB_CLIENTS_LIMIT) {
			NL_SET_BAD_ATTR(extack, data[IFLA_SITBROKER_CLIENTS_MAX]);
			return sb_refuse(extack, -ERANGE,
					 "clients-max %u is not between the %u clients that the link has and %u",
					 bound, link->n_clients, SB_CLIENTS_LIMIT);
		}
	}
	if (data && data[IFLA_SITBROKER_POOLS_MAX]) {
		bound = nla_get_u32(data[IFLA_SITBROKER_POOLS_MAX]);
		if (bound < link->n_pools) {
			NL_SET_BAD_ATTR(extack, data[IFLA_SITBROKER_POOLS_MAX]);
			return sb_refuse(extack, -ERANGE,
					 "pools-max %u is less than the %u pools that the link has; delete some first",
					 bound, link->n_pools);
		}
	}
	return 0;
}

/* Take over what a request holds; nothing here can be refused. */
static void sb_link_configure(struct sb_link *link, struct nlattr *data[])
{
	if (!data)
		return;
	if (data[IFLA_SITBROKER_LOCAL])
		WRITE_ONCE(link->local, nla_get_be32(data[IFLA_SITBROKER_LOCAL]));
	if (data[IFLA_SITBROKER_PUBLIC])
		link->public = nla_get_be32(data[IFLA_SITBROKER_PUBLIC]);
	if (data[IFLA_SITBROKER_TTL])
		WRITE_ONCE(link->ttl, nla_get_u8(data[IFLA_SITBROKER_TTL]));
	if (data[IFLA_SITBROKER_TOS])
		WRITE_ONCE(link->tos, nla_get_u8(data[IFLA_SITBROKER_TOS]));
	if (data[IFLA_SITBROKER_TOS_INHERIT])
		WRITE_ONCE(link->tos_inherit, nla_get_u8(data[IFLA_SITBROKER_TOS_INHERIT]));
	if (data[IFLA_SITBROKER_ISOLATE])
		WRITE_ONCE(link->isolate, nla_get_u8(data[IFLA_SITBROKER_ISOLATE]));
	if (data[IFLA_SITBROKER_CLIENTS_MAX])
		link->clients_max = nla_get_u32(data[IFLA_SITBROKER_CLIENTS_MAX]);
	if (data[IFLA_SITBROKER_POOLS_MAX])
		link->pools_max = nla_get_u32(data[IFLA_SITBROKER_POOLS_MAX]);
}

static __be32 sb_link_asked_local(const struct sb_link *link, struct nlattr *data[])
{
	return data && data[IFLA_SITBROKER_LOCAL] ? nla_get_be32(data[IFLA_SITBROKER_LOCAL])
						  : link->local;
}

static int sb_link_new(struct net *link_net, struct net_device *dev, struct nlattr *tb[],
		       struct nlattr *data[], struct netlink_ext_ack *extack)
{
	struct sb_link *link = netdev_priv(dev);
	struct sb_net *sbn = sb_net(dev_net(dev));
	int err;

	/*
	 * Rights are checked in the device's namespace. With another one below
	 * it they would have to be checked twice: CVE-2026-72061 and its kind.
	 */
	if (!net_eq(link_net, dev_net(dev)))
		return sb_refuse(extack, -EINVAL,
				 "a sitbroker link carries its traffic in its own network namespace; create it there");

	mutex_lock(&sbn->lock);
	err = sb_link_check_local(sbn, NULL, sb_link_asked_local(link, data), extack);
	if (!err)
		err = sb_link_check_bounds(link, data, extack);
	mutex_unlock(&sbn->lock);
	if (err)
		return err;
	sb_link_configure(link, data);

	err = register_netdevice(dev);
	if (err)
		return err;
	if (!sbn->n_links) {
		err = sb_link_hooks_register(sbn->net);
		if (err) {
			sb_refuse(extack, err, "no memory for the netfilter hooks");
			goto err_device;
		}
	}

	mutex_lock(&sbn->lock);
	/* A client may have been given this endpoint meanwhile. */
	err = sb_link_check_local(sbn, NULL, link->local, extack);
	if (!err) {
		list_add_tail_rcu(&link->list, &sbn->links);
		link->listed = true;
		sbn->n_links++;
		sb_nl_notify_link(link, SITBROKER_CMD_LINK_NTF);
	}
	mutex_unlock(&sbn->lock);
	if (err)
		goto err_hooks;
	return 0;

err_hooks:
	if (!sbn->n_links)
		sb_link_hooks_unregister(sbn->net);
err_device:
	unregister_netdevice(dev);
	return err;
}

SB_COMPAT_NEWLINK(sb_link_newlink, sb_link_new)

static int sb_link_change(struct net_device *dev, struct nlattr *tb[], struct nlattr *data[],
			  struct netlink_ext_ack *extack)
{
	struct sb_link *link = netdev_priv(dev);
	struct sb_net *sbn = link->sbn;
	__be32 local;
	int err;

	if (!ns_capable(sbn->net->user_ns, CAP_NET_ADMIN))
		return sb_refuse(extack, -EPERM, "changing %s needs CAP_NET_ADMIN", dev->name);

	mutex_lock(&sbn->lock);
	local = sb_link_asked_local(link, data);
	err = sb_link_check_local(sbn, link, local, extack);
	if (!err)
		err = sb_link_check_bounds(link, data, extack);
	if (!err && !local && dev->flags & IFF_UP)
		err = sb_refuse(extack, -EBUSY,
				"%s is up and needs its local address; set it down first",
				dev->name);
	if (!err) {
		sb_link_configure(link, data);
		sb_clients_forget_routes(link);
		link->generation++;
		sb_nl_notify_link(link, SITBROKER_CMD_LINK_NTF);
	}
	mutex_unlock(&sbn->lock);
	return err;
}

static void sb_link_delete(struct net_device *dev, struct list_head *head)
{
	sb_link_retire(netdev_priv(dev));
	unregister_netdevice_queue(dev, head);
}

static size_t sb_link_get_size(const struct net_device *dev)
{
	return 4 * nla_total_size(sizeof(u32)) + 4 * nla_total_size(sizeof(u8));
}

static int sb_link_fill_info(struct sk_buff *skb, const struct net_device *dev)
{
	const struct sb_link *link = netdev_priv(dev);

	if (nla_put_in_addr(skb, IFLA_SITBROKER_LOCAL, link->local) ||
	    nla_put_in_addr(skb, IFLA_SITBROKER_PUBLIC, link->public) ||
	    nla_put_u8(skb, IFLA_SITBROKER_TTL, link->ttl) ||
	    nla_put_u8(skb, IFLA_SITBROKER_TOS, link->tos) ||
	    nla_put_u8(skb, IFLA_SITBROKER_TOS_INHERIT, link->tos_inherit) ||
	    nla_put_u8(skb, IFLA_SITBROKER_ISOLATE, link->isolate) ||
	    nla_put_u32(skb, IFLA_SITBROKER_CLIENTS_MAX, link->clients_max) ||
	    nla_put_u32(skb, IFLA_SITBROKER_POOLS_MAX, link->pools_max))
		return -EMSGSIZE;
	return 0;
}

static struct rtnl_link_ops sb_link_ops = {
	.kind = KBUILD_MODNAME,
	.maxtype = IFLA_SITBROKER_MAX,
	.policy = sb_link_policy,
	.priv_size = sizeof(struct sb_link),
	.setup = sb_link_setup,
	.validate = sb_link_validate,
	.newlink = sb_link_newlink,
	.changelink = sb_link_change,
	.dellink = sb_link_delete,
	.get_size = sb_link_get_size,
	.fill_info = sb_link_fill_info,
};

/* ndo_open cannot say why it refuses; this notifier runs before it and can. */
static int sb_link_check_up(const struct sb_link *link, struct netlink_ext_ack *extack)
{
	const char *name = link->dev->name;

	if (link->local)
		return NOTIFY_DONE;
	sb_refuse(extack, -EADDRNOTAVAIL,
		  "%s has no local address; set one with brokertool link set %s local ADDRESS",
		  name, name);
	return notifier_from_errno(-EADDRNOTAVAIL);
}

static int sb_link_event(struct notifier_block *nb, unsigned long event, void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct sb_link *link = sb_link(dev);

	if (!link)
		return NOTIFY_DONE;
	switch (event) {
	case NETDEV_PRE_UP:
		return sb_link_check_up(link, netdev_notifier_info_to_extack(ptr));
	case NETDEV_UP:
	case NETDEV_DOWN:
	case NETDEV_CHANGENAME:
	case NETDEV_CHANGEMTU:
		mutex_lock(&link->sbn->lock);
		if (link->listed && event == NETDEV_UP)
			sb_uplinks_link_up(link);
		if (link->listed)
			sb_nl_notify_link(link, SITBROKER_CMD_LINK_NTF);
		mutex_unlock(&link->sbn->lock);
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block sb_link_notifier = {
	.notifier_call = sb_link_event,
};

int sb_link_register(void)
{
	int err;

	err = register_netdevice_notifier(&sb_link_notifier);
	if (err)
		return err;
	err = rtnl_link_register(&sb_link_ops);
	if (err)
		unregister_netdevice_notifier(&sb_link_notifier);
	return err;
}

/* Removes all links of all namespaces. */
void sb_link_unregister(void)
{
	rtnl_link_unregister(&sb_link_ops);
	unregister_netdevice_notifier(&sb_link_notifier);
}
