// SPDX-License-Identifier: GPL-2.0
/*
 * One pool: a prefix cut into equal pieces, each held by at most one client.
 *
 * A piece is known by its index in the pool. Indices below 2^24 go through an
 * array of pages that are allocated on use; larger ones, which only an
 * administrator who asked for a certain prefix ever makes, through a hash.
 * Readers run under RCU. Writers hold &sb_pool.lock; every change is a single
 * store.
 */

#include <linux/mm.h>
#include <linux/slab.h>

#include "pool.h"

struct sb_far_piece {
	u64 index;
	struct sb_client *client;
	struct rhash_head node;
	struct rcu_head rcu;
};

static const struct rhashtable_params sb_far_params = {
	.key_len = sizeof(u64),
	.key_offset = offsetof(struct sb_far_piece, index),
	.head_offset = offsetof(struct sb_far_piece, node),
	.automatic_shrinking = true,
};

/**
 * sb_pool_alloc() - make an empty pool
 * @prefix: the whole, without host bits
 * @kind: what the pieces are handed out as
 * @cut: length of the pieces, from the length of @prefix up to %SB_POOL_CUT_BITS_MAX
 *	bits more, 127 at most
 * @lock: held by whoever changes the pool
 *
 * Return: the pool, or an ERR_PTR() of -ENOMEM.
 */
struct sb_pool *sb_pool_alloc(const struct sb_prefix *prefix, enum sitbroker_pool_kind kind,
			      u8 cut, struct mutex *lock)
{
	u64 size = 1ULL << (cut - prefix->len);
	u32 n_leaves = DIV_ROUND_UP(min(size, SB_NEAR_SLOTS), SB_LEAF_SLOTS);
	struct sb_pool *pool;
	int err;

	pool = kvzalloc(struct_size(pool, leaf, n_leaves), GFP_KERNEL_ACCOUNT);
	if (!pool)
		return ERR_PTR(-ENOMEM);

	err = rhashtable_init(&pool->far, &sb_far_params);
	if (err) {
		kvfree(pool);
		return ERR_PTR(err);
	}

	pool->n_leaves = n_leaves;
	pool->prefix = *prefix;
	pool->kind = kind;
	pool->cut = cut;
	pool->base = sb_addr_load(&prefix->addr);
	pool->mask = sb_addr_mask(prefix->len);
	pool->size = size;
	pool->lock = lock;
	/*
	 * RFC 6164 section 5.1: addresses whose last 64 bits are zero should
	 * not be used on a /127. Nobody is given such a pair unasked.
	 */
	if (kind == SITBROKER_POOL_KIND_PAIR && !pool->base.lo && size > 1)
		pool->first = 1;
	pool->hint = pool->first;
	return pool;
}

static void sb_far_piece_free(void *piece, void *arg)
{
	kfree(piece);
}

/* No reader may be left: call it a grace period after the pool left the table. */
void sb_pool_free(struct sb_pool *pool)
{
	u32 i;

	rhashtable_free_and_destroy(&pool->far, sb_far_piece_free, NULL);
	for (i = 0; i < pool->n_leaves; i++)
		free_page((unsigned long)rcu_access_pointer(pool->leaf[i]));
	kvfree(pool);
}

/**
 * sb_pool_piece() - the first address of a piece
 * @pool: the pool
 * @index: the piece, below &sb_pool.size
 *
 * Return: the address, network byte order.
 */
struct in6_addr sb_pool_piece(const struct sb_pool *pool, u64 index)
{
	struct sb_addr addr = pool->base;
	struct in6_addr piece;

	if (pool->cut <= 64) {
		addr.hi |= pool->cut ? index << (64 - pool->cut) : 0;
	} else {
		addr.hi |= index >> (pool->cut - 64);
		addr.lo |= index << (128 - pool->cut);
	}
	sb_addr_store(&piece, addr);
	return piece;
}

/* Who holds a piece beyond the array. */
struct sb_client *sb_pool_get_far(const struct sb_pool *pool, u64 index)
{
	const struct sb_far_piece *piece;
	struct sb_client *client;

	rcu_read_lock();
	piece = rhashtable_lookup((struct rhashtable *)&pool->far, &index, sb_far_params);
	client = piece ? piece->client : NULL;
	rcu_read_unlock();
	return client;
}

/**
 * sb_pool_take() - hand a piece to a client
 * @pool: the pool
 * @index: the piece, free and below &sb_pool.size
 * @client: who holds it from now on
 *
 * Readers see @client at once. The caller holds &sb_pool.lock.
 *
 * Return: 0 or -ENOMEM.
 */
int sb_pool_take(struct sb_pool *pool, u64 index, struct sb_client *client)
{
	struct sb_far_piece *piece;
	struct sb_leaf *leaf;
	int err;

	lockdep_assert_held(pool->lock);
	if (index < SB_NEAR_SLOTS) {
		if (!sb_pool_slot(pool, index)) {
			leaf = (struct sb_leaf *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
			if (!leaf)
				return -ENOMEM;
			rcu_assign_pointer(pool->leaf[index >> SB_LEAF_SHIFT], leaf);
		}
		rcu_assign_pointer(*sb_pool_slot(pool, index), client);
		if (index == pool->hint)
			pool->hint++;
	} else {
		piece = kzalloc(sizeof(*piece), GFP_KERNEL_ACCOUNT);
		if (!piece)
			return -ENOMEM;
		piece->index = index;
		piece->client = client;
		err = rhashtable_insert_fast(&pool->far, &piece->node, sb_far_params);
		if (err) {
			kfree(piece);
			return err;
		}
	}
	pool->used++;
	return 0;
}

/**
 * sb_pool_give_back() - take a piece from the client that holds it
 * @pool: the pool
 * @index: a piece that is held
 *
 * Readers may see the client for another grace period. The caller holds
 * &sb_pool.lock.
 */
void sb_pool_give_back(struct sb_pool *pool, u64 index)
{
	struct sb_far_piece *piece;

	lockdep_assert_held(pool->lock);
	if (index < SB_NEAR_SLOTS) {
		RCU_INIT_POINTER(*sb_pool_slot(pool, index), NULL);
		if (index < pool->hint && index >= pool->first)
			pool->hint = index;
	} else {
		rcu_read_lock();
		piece = rhashtable_lookup(&pool->far, &index, sb_far_params);
		rhashtable_remove_fast(&pool->far, &piece->node, sb_far_params);
		rcu_read_unlock();
		kfree_rcu(piece, rcu);
	}
	pool->used--;
}

/**
 * sb_pool_find_free() - the lowest free piece
 * @pool: the pool
 * @index: where to put its index
 *
 * Pieces beyond %SB_NEAR_SLOTS are given only to those who ask for them by
 * address. The caller holds &sb_pool.lock.
 *
 * Return: 0, or -ENOSPC where none is left.
 */
int sb_pool_find_free(struct sb_pool *pool, u64 *index)
{
	u64 end = min(pool->size, SB_NEAR_SLOTS);
	struct sb_client __rcu **slot;
	u64 i;

	for (i = pool->hint; i < end; i++) {
		slot = sb_pool_slot(pool, i);
		if (slot && rcu_access_pointer(*slot))
			continue;
		/* All below are taken: who asks next need not look at them again. */
		pool->hint = i;
		*index = i;
		return 0;
	}
	pool->hint = end;
	return -ENOSPC;
}
