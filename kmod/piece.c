// SPDX-License-Identifier: GPL-2.0
/*
 * The pieces of pools that a client holds: its pair and its routed prefixes.
 * Everything here runs under &sb_net.lock.
 */

#include <linux/slab.h>

#include "client.h"
#include "extack.h"
#include "link.h"
#include "net.h"
#include "piece.h"

/* What pools say of its pieces: may packets see who holds them? */
static bool sb_client_is_open(const struct sb_client *client)
{
	return sb_client_is_live(client) && !sb_client_is(client, SB_CLIENT_DISABLED);
}

static const char *sb_piece_word(enum sitbroker_pool_kind kind)
{
	return kind == SITBROKER_POOL_KIND_PAIR ? "pair" : "routed prefix";
}

/* Take a free piece of a pool. @piece: where the client has its first address. */
static int sb_piece_take(struct sb_client *client, struct sb_pool *pool, u64 index,
			 struct in6_addr *piece, struct netlink_ext_ack *extack)
{
	int err = sb_pool_take(pool, index, client);

	*piece = sb_pool_piece(pool, index);
	if (err)
		return sb_refuse(extack, err, "no memory for %s %pI6c/%u",
				 sb_piece_word(pool->kind), piece, pool->cut);
	return 0;
}

/* Take the piece that a prefix asked for names. */
static int sb_piece_take_asked(struct sb_client *client, const struct sb_prefix *prefix,
			       enum sitbroker_pool_kind kind, struct in6_addr *piece,
			       struct netlink_ext_ack *extack)
{
	const char *pools = kind == SITBROKER_POOL_KIND_PAIR ? "pair" : "routed";
	const char *what = sb_piece_word(kind);
	struct sb_link *link = client->link;
	struct sb_client *holder;
	struct sb_pool *pool;
	u64 index;

	if (sb_prefix_has_host_bits(prefix))
		return sb_refuse(extack, -EINVAL,
				 "%s %pI6c/%u has bits set beyond its length; clear them",
				 what, &prefix->addr, prefix->len);

	pool = sb_table_pool(&link->sbn->table, sb_addr_load(&prefix->addr));
	if (!pool || pool->link != link || pool->kind != kind)
		return sb_refuse(extack, -ENOENT,
				 "%s %pI6c/%u is in no %s pool of link %s; add the pool first",
				 what, &prefix->addr, prefix->len, pools, link->dev->name);
	if (prefix->len != pool->cut)
		return sb_refuse(extack, -EINVAL,
				 "%s %pI6c/%u: pool %pI6c/%u is cut into /%u; give one of these",
				 what, &prefix->addr, prefix->len, &pool->prefix.addr,
				 pool->prefix.len, pool->cut);

	index = sb_pool_index(pool, sb_addr_load(&prefix->addr));
	holder = sb_pool_get(pool, index);
	if (holder)
		return sb_refuse(extack, -EEXIST,
				 "%s %pI6c/%u belongs to client \"%s\"; give another one, or none",
				 what, &prefix->addr, prefix->len, holder->name);
	return sb_piece_take(client, pool, index, piece, extack);
}

/* The first pool of a kind that has a free piece, and its lowest. */
static struct sb_pool *sb_piece_find_free(struct sb_link *link, enum sitbroker_pool_kind kind,
					  u64 *index)
{
	struct sb_pool *pool;
	int err = -ENOENT;

	list_for_each_entry(pool, &link->pools, list) {
		if (pool->kind != kind)
			continue;
		err = sb_pool_find_free(pool, index);
		if (!err)
			return pool;
	}
	return ERR_PTR(err);
}

/**
 * sb_client_take_pair() - give a client its pair
 * @client: the client, which packets do not see yet
 * @config: which one, or that any will do
 * @extack: why there is none
 *
 * Return: 0, or an error and it has none.
 */
int sb_client_take_pair(struct sb_client *client, const struct sb_client_config *config,
			struct netlink_ext_ack *extack)
{
	struct sb_prefix pair = { .addr = config->pair, .len = 127 };
	struct sb_link *link = client->link;
	struct sb_pool *pool;
	u64 index;

	if (config->has_pair)
		return sb_piece_take_asked(client, &pair, SITBROKER_POOL_KIND_PAIR,
					   &client->server, extack);
	pool = sb_piece_find_free(link, SITBROKER_POOL_KIND_PAIR, &index);
	if (pool == ERR_PTR(-ENOENT))
		return sb_refuse(extack, -ENOENT,
				 "link %s has no pair pool for client \"%s\"; add one with pool add PREFIX pair",
				 link->dev->name, config->name);
	if (IS_ERR(pool))
		return sb_refuse(extack, PTR_ERR(pool),
				 "no free pair for client \"%s\" on link %s; add another pair pool",
				 config->name, link->dev->name);
	return sb_piece_take(client, pool, index, &client->server, extack);
}

/* Nobody said which: a free one, where the link has any to give. */
static int sb_client_take_free_routed(struct sb_client *client, struct netlink_ext_ack *extack)
{
	struct sb_link *link = client->link;
	struct sb_pool *pool;
	u64 index;
	int err;

	pool = sb_piece_find_free(link, SITBROKER_POOL_KIND_ROUTED, &index);
	if (pool == ERR_PTR(-ENOENT))
		return 0;
	if (IS_ERR(pool))
		return sb_refuse(extack, PTR_ERR(pool),
				 "no free routed prefix for client \"%s\" on link %s; add another routed pool or say routed none",
				 client->name, link->dev->name);
	err = sb_piece_take(client, pool, index, &client->routed_one, extack);
	if (!err)
		client->n_routed = 1;
	return err;
}

static void sb_piece_give_back(struct sb_client *client, const struct in6_addr *piece)
{
	struct sb_pool *pool;
	u64 index;

	pool = sb_table_piece(&client->link->sbn->table, piece, &index);
	/* Nothing but speed would tell that a bit was forgotten. */
	WARN_ON_ONCE(index < SB_NEAR_SLOTS &&
		     sb_pool_is_open(pool, index) != sb_client_is_open(client));
	sb_pool_give_back(pool, index);
}

/**
 * sb_client_take_routed() - give a client its routed prefixes
 * @client: the client, which packets do not see yet
 * @config: which ones, or that it gets none, or one that is free, if any are to be had
 * @extack: why it does not get them
 *
 * Return: 0, or an error; then, too, @client holds &sb_client.n_routed of them.
 */
int sb_client_take_routed(struct sb_client *client, const struct sb_client_config *config,
			  struct netlink_ext_ack *extack)
{
	struct in6_addr *pieces = &client->routed_one;
	unsigned int n = config->n_routed, i;
	int err = 0;

	if (!n)
		return config->no_routed ? 0 : sb_client_take_free_routed(client, extack);
	if (n > 1) {
		pieces = kcalloc(n, sizeof(*pieces), GFP_KERNEL_ACCOUNT);
		if (!pieces)
			return sb_refuse(extack, -ENOMEM, "no memory for client \"%s\"",
					 config->name);
	}
	for (i = 0; i < n; i++) {
		err = sb_piece_take_asked(client, &config->routed[i], SITBROKER_POOL_KIND_ROUTED,
					  &pieces[i], extack);
		if (err)
			break;
	}
	/* Where fewer than two of many were taken, only an array still tells them apart. */
	if (err && n > 1) {
		while (i--)
			sb_piece_give_back(client, &pieces[i]);
		kfree(pieces);
		return err;
	}
	if (n > 1)
		client->routed_many = pieces;
	client->n_routed = i;
	return err;
}

/**
 * sb_client_give_back() - let others have what a client holds
 * @client: the client, with a pair; free it after a grace period
 */
void sb_client_give_back(struct sb_client *client)
{
	unsigned int i;

	for (i = 0; i < client->n_routed; i++)
		sb_piece_give_back(client, sb_client_routed(client, i));
	sb_piece_give_back(client, &client->server);
}

static void sb_piece_open(struct sb_client *client, const struct in6_addr *piece)
{
	struct sb_pool *pool;
	u64 index;

	pool = sb_table_piece(&client->link->sbn->table, piece, &index);
	sb_pool_open(pool, index, sb_client_is_open(client));
}

/**
 * sb_client_open() - let pools say what a client is
 * @client: the client, of which %SB_CLIENT_LIVE or %SB_CLIENT_DISABLED has changed
 */
void sb_client_open(struct sb_client *client)
{
	unsigned int i;

	for (i = 0; i < client->n_routed; i++)
		sb_piece_open(client, sb_client_routed(client, i));
	sb_piece_open(client, &client->server);
}
