// SPDX-License-Identifier: GPL-2.0
/* The generic netlink family: pools. */

#include <net/addrconf.h>
#include <net/ipv6.h>

#include "client.h"
#include "extack.h"
#include "link.h"
#include "net.h"
#include "netlink.h"
#include "route.h"

static int sb_nl_fill_pool(struct sk_buff *skb, const struct sb_nl_message *message,
			   const struct sb_pool *pool)
{
	void *header = sb_nl_begin(skb, message, pool->link);
	struct nlattr *nest;

	if (!header)
		return -EMSGSIZE;
	nest = nla_nest_start(skb, SITBROKER_A_POOL);
	if (!nest ||
	    sb_nl_put_prefix(skb, SITBROKER_A_POOL_PREFIX, &pool->prefix.addr, pool->prefix.len) ||
	    nla_put_u32(skb, SITBROKER_A_POOL_KIND, pool->kind) ||
	    nla_put_u8(skb, SITBROKER_A_POOL_CUT_LENGTH, pool->cut) ||
	    sb_nl_put_u64(skb, SITBROKER_A_POOL_USED, pool->used) ||
	    sb_nl_put_u64(skb, SITBROKER_A_POOL_SIZE, pool->size)) {
		genlmsg_cancel(skb, header);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	genlmsg_end(skb, header);
	return 0;
}

static void sb_nl_notify_pool(const struct sb_pool *pool, u8 cmd)
{
	const struct sb_nl_message message = { .cmd = cmd };
	struct sb_net *sbn = pool->link->sbn;
	struct sk_buff *skb;

	if (!sb_nl_has_listeners(sbn))
		return;
	skb = nlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (skb && sb_nl_fill_pool(skb, &message, pool)) {
		nlmsg_free(skb);
		skb = NULL;
	}
	sb_nl_notify(sbn, skb);
}

/* What a request says about a pool; @prefix is always there. */
static int sb_nl_parse_pool(struct genl_info *info, struct nlattr **tb, u64 allowed,
			    struct sb_prefix *prefix)
{
	int err;

	if (GENL_REQ_ATTR_CHECK(info, SITBROKER_A_POOL))
		return sb_refuse(info->extack, -EINVAL, "the request names no pool; say which one");
	err = sb_nl_parse(tb, SITBROKER_A_POOL_SIZE, info->attrs[SITBROKER_A_POOL],
			  BIT_ULL(SITBROKER_A_POOL_PREFIX) | allowed, info->extack);
	if (err)
		return err;
	if (!tb[SITBROKER_A_POOL_PREFIX]) {
		NL_SET_BAD_ATTR(info->extack, info->attrs[SITBROKER_A_POOL]);
		return sb_refuse(info->extack, -EINVAL, "the pool has no prefix; give it one");
	}
	err = sb_nl_get_prefix(tb[SITBROKER_A_POOL_PREFIX], prefix, info->extack);
	if (!err && sb_prefix_has_host_bits(prefix)) {
		NL_SET_BAD_ATTR(info->extack, tb[SITBROKER_A_POOL_PREFIX]);
		err = sb_refuse(info->extack, -EINVAL,
				"pool %pI6c/%u has bits set beyond its length; clear them",
				&prefix->addr, prefix->len);
	}
	return err;
}

/* Is the prefix, and the length it is cut into, any use? */
static int sb_pool_check(const struct sb_prefix *prefix, enum sitbroker_pool_kind kind, u8 cut,
			 struct netlink_ext_ack *extack)
{
	static const struct {
		struct sb_prefix prefix;
		const char *what;
	} reserved[] = {
		{ { .len = 64 }, "the unspecified, loopback and IPv4-mapped addresses" },
		{ { .addr.s6_addr = { 0xfe, 0x80 }, .len = 10 }, "link-local addresses" },
		{ { .addr.s6_addr = { 0xfe, 0xc0 }, .len = 10 }, "site-local addresses" },
		{ { .addr.s6_addr = { 0xff }, .len = 8 }, "multicast addresses" },
		/* Whose they are is decided by the IPv4 addresses in them, private ones too. */
		{ { .addr.s6_addr = { 0x20, 0x02 }, .len = 16 }, "6to4 addresses" },
		{ { .addr.s6_addr = { 0x00, 0x64, 0xff, 0x9b }, .len = 96 }, "NAT64 addresses" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(reserved); i++)
		if (sb_prefix_overlaps(&reserved[i].prefix, prefix))
			return sb_refuse(extack, -EINVAL,
					 "pool %pI6c/%u holds %s; take a global prefix",
					 &prefix->addr, prefix->len, reserved[i].what);
	if (kind == SITBROKER_POOL_KIND_PAIR && cut != 127)
		return sb_refuse(extack, -EINVAL, "pool %pI6c/%u: pairs are always /127, not /%u",
				 &prefix->addr, prefix->len, cut);
	if (cut < prefix->len)
		return sb_refuse(extack, -EINVAL,
				 "pool %pI6c/%u cannot be cut into /%u, which is larger; give /%u or longer",
				 &prefix->addr, prefix->len, cut, prefix->len);
	if (cut - prefix->len > SB_POOL_CUT_BITS_MAX)
		return sb_refuse(extack, -ERANGE,
				 "pool %pI6c/%u cut into /%u has more than 2^%u pieces; take a /%u of it",
				 &prefix->addr, prefix->len, cut, SB_POOL_CUT_BITS_MAX,
				 cut - SB_POOL_CUT_BITS_MAX);
	return 0;
}

/*
 * A pool may lie inside a prefix that is on-link at an uplink, but the host's
 * own addresses must not lie inside a pool: they would stop working.
 */
static int sb_pool_check_host(const struct sb_net *sbn, const struct sb_prefix *prefix,
			      struct netlink_ext_ack *extack)
{
	const struct sb_addr base = sb_addr_load(&prefix->addr);
	const struct sb_addr mask = sb_addr_mask(prefix->len);
	const struct inet6_ifaddr *ifa;
	struct net_device *dev;
	struct inet6_dev *idev;
	int err = 0;

	rcu_read_lock();
	for_each_netdev_rcu(sbn->net, dev) {
		idev = __in6_dev_get(dev);
		if (!idev)
			continue;
		list_for_each_entry_rcu(ifa, &idev->addr_list, if_list) {
			if (!sb_addr_in(sb_addr_load(&ifa->addr), base, mask))
				continue;
			err = sb_refuse(extack, -EADDRINUSE,
					"pool %pI6c/%u holds %pI6c, an address of this host on %s; take a part without it",
					&prefix->addr, prefix->len, &ifa->addr, dev->name);
			goto out;
		}
	}
out:
	rcu_read_unlock();
	return err;
}

static int sb_pool_check_overlap(const struct sb_net *sbn, const struct sb_prefix *prefix,
				 struct netlink_ext_ack *extack)
{
	const struct sb_pool *pool = sb_table_overlap(&sbn->table, prefix);

	if (!pool)
		return 0;
	return sb_refuse(extack, -EEXIST,
			 "pool %pI6c/%u overlaps %s pool %pI6c/%u of link %s; take a part that is free",
			 &prefix->addr, prefix->len,
			 pool->kind == SITBROKER_POOL_KIND_PAIR ? "pair" : "routed",
			 &pool->prefix.addr, pool->prefix.len, pool->link->dev->name);
}

static int sb_pool_add(struct sb_link *link, const struct sb_prefix *prefix,
		       enum sitbroker_pool_kind kind, u8 cut, struct netlink_ext_ack *extack)
{
	struct sb_net *sbn = link->sbn;
	struct sb_pool *pool;
	int err;

	err = sb_pool_check(prefix, kind, cut, extack);
	if (!err)
		err = sb_pool_check_overlap(sbn, prefix, extack);
	if (!err)
		err = sb_pool_check_host(sbn, prefix, extack);
	if (err)
		return err;

	if (link->n_pools >= link->pools_max)
		return sb_refuse(extack, -ENOSPC,
				 "link %s has %u pools, as many as it may have; raise it with link set %s pools-max N",
				 link->dev->name, link->n_pools, link->dev->name);

	pool = sb_pool_alloc(prefix, kind, cut, &sbn->lock);
	if (IS_ERR(pool))
		return sb_refuse(extack, PTR_ERR(pool), "no memory for pool %pI6c/%u",
				 &prefix->addr, prefix->len);
	pool->link = link;
	err = sb_pool_route_alloc(pool);
	if (!err)
		err = sb_table_add(&sbn->table, pool);
	if (err) {
		sb_pool_route_free(pool);
		sb_pool_free(pool);
		return err == -ENOSPC ?
		       sb_refuse(extack, err,
				 "there are %u pools, the most there can be; delete one first",
				 SB_POOLS_MAX) :
		       sb_refuse(extack, err, "no memory for pool %pI6c/%u", &prefix->addr,
				 prefix->len);
	}
	list_add_tail(&pool->list, &link->pools);
	link->n_pools++;
	link->generation++;
	sb_nl_notify_pool(pool, SITBROKER_CMD_POOL_NTF);
	return 0;
}

static int sb_nl_add_pool(struct sb_link *link, struct genl_info *info)
{
	const u64 allowed = BIT_ULL(SITBROKER_A_POOL_KIND) | BIT_ULL(SITBROKER_A_POOL_CUT_LENGTH);
	struct nlattr *tb[SITBROKER_A_POOL_SIZE + 1];
	struct sb_prefix prefix;
	int err;

	err = sb_nl_parse_pool(info, tb, allowed, &prefix);
	if (err)
		return err;
	if (!tb[SITBROKER_A_POOL_KIND] || !tb[SITBROKER_A_POOL_CUT_LENGTH]) {
		NL_SET_BAD_ATTR(info->extack, info->attrs[SITBROKER_A_POOL]);
		return sb_refuse(info->extack, -EINVAL,
				 "pool %pI6c/%u needs a kind and the length it is cut into",
				 &prefix.addr, prefix.len);
	}
	return sb_pool_add(link, &prefix, nla_get_u32(tb[SITBROKER_A_POOL_KIND]),
			   nla_get_u8(tb[SITBROKER_A_POOL_CUT_LENGTH]), info->extack);
}

int sitbroker_nl_pool_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sb_nl_change(info, sb_nl_add_pool);
}

/* The pool of exactly this prefix on this link. */
static struct sb_pool *sb_nl_pool(const struct sb_link *link, const struct sb_prefix *prefix,
				  struct netlink_ext_ack *extack)
{
	struct sb_pool *pool = sb_table_pool(&link->sbn->table, sb_addr_load(&prefix->addr));

	if (pool && pool->link == link && pool->prefix.len == prefix->len &&
	    ipv6_addr_equal(&pool->prefix.addr, &prefix->addr))
		return pool;
	sb_refuse(extack, -ENOENT, "link %s has no pool %pI6c/%u; see brokertool pool show",
		  link->dev->name, &prefix->addr, prefix->len);
	return ERR_PTR(-ENOENT);
}

/* Some client that holds a piece of a pool in use. */
static const struct sb_client *sb_pool_user(const struct sb_pool *pool)
{
	const struct sb_table *table = &pool->link->sbn->table;
	struct sb_client *client;
	unsigned long id;
	unsigned int i;

	xa_for_each(&pool->link->clients, id, client) {
		if (sb_table_pool(table, sb_addr_load(&client->server)) == pool)
			return client;
		for (i = 0; i < client->n_routed; i++)
			if (sb_table_pool(table, sb_addr_load(sb_client_routed(client, i))) == pool)
				return client;
	}
	return NULL;
}

static int sb_nl_delete_pool(struct sb_link *link, struct genl_info *info)
{
	struct nlattr *tb[SITBROKER_A_POOL_SIZE + 1];
	struct sb_prefix prefix;
	struct sb_pool *pool;
	int err;

	err = sb_nl_parse_pool(info, tb, 0, &prefix);
	if (err)
		return err;
	pool = sb_nl_pool(link, &prefix, info->extack);
	if (IS_ERR(pool))
		return PTR_ERR(pool);
	if (pool->used)
		return sb_refuse(info->extack, -EBUSY,
				 "pool %pI6c/%u is in use %llu times, by client \"%s\" among others; delete them first",
				 &prefix.addr, prefix.len, pool->used, sb_pool_user(pool)->name);

	sb_table_remove(&link->sbn->table, pool);
	list_del(&pool->list);
	link->n_pools--;
	link->generation++;
	sb_nl_notify_pool(pool, SITBROKER_CMD_POOL_DEL_NTF);
	synchronize_rcu();
	sb_pool_route_free(pool);
	sb_pool_free(pool);
	return 0;
}

int sitbroker_nl_pool_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sb_nl_change(info, sb_nl_delete_pool);
}

static int sb_nl_get_pool(struct sk_buff *skb, const struct sb_nl_message *message,
			  struct sb_link *link, struct genl_info *info)
{
	struct nlattr *tb[SITBROKER_A_POOL_SIZE + 1];
	struct sb_prefix prefix;
	struct sb_pool *pool;
	int err;

	err = sb_nl_parse_pool(info, tb, 0, &prefix);
	if (err)
		return err;
	pool = sb_nl_pool(link, &prefix, info->extack);
	return IS_ERR(pool) ? PTR_ERR(pool) : sb_nl_fill_pool(skb, message, pool);
}

int sitbroker_nl_pool_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sb_nl_get(info, sb_nl_get_pool);
}

static int sb_nl_dump_pools(struct sk_buff *skb, const struct sb_nl_message *message,
			    struct sb_link *link, struct sb_nl_dump *dump)
{
	struct sb_addr at = { .hi = dump->base_hi, .lo = dump->base_lo };
	struct sb_pool *pool;
	int err;

	while ((pool = sb_table_from(&link->sbn->table, at))) {
		err = pool->link == link ? sb_nl_fill_pool(skb, message, pool) : 0;
		if (err) {
			dump->base_hi = pool->base.hi;
			dump->base_lo = pool->base.lo;
			return err;
		}
		/* The address after this base: no pool holds the very last one. */
		at = pool->base;
		at.hi += !++at.lo;
	}
	return 0;
}

int sitbroker_nl_pool_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return sb_nl_dump_links(skb, cb, sb_nl_dump_pools);
}
