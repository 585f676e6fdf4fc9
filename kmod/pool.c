// SPDX-License-Identifier: GPL-2.0
/*
 * One pool: a prefix cut into equal pieces, each held by at most one client.
 *
 * A piece is known by its index in the pool. Indices below 2^24 go through an
 * array whose parts are allocated on use; larger ones, which only an
 * administrator who asked for a certain prefix ever makes, through a hash, see
 * far.c, as well as those whose holder is farther away than the array can say, see
 * slot.h. Readers run under RCU. Writers hold &sb_pool.lock; who holds a piece
 * changes by a single store, and the bit of sb_pool_is_open() follows it.
 */

#include <linux/mm.h>
#include <linux/slab.h>

#include "pool.h"

/* @size: number of pieces */
static struct sb_cut sb_cut_at(u8 len, u64 size)
{
	struct sb_cut cut = { .turn = -len & 63 };

	/* Of a number that reaches across the middle, the last bits are in the last half. */
	if (len > 64)
		cut.lower = (size - 1) & ((1ULL << (len - 64)) - 1);
	cut.upper = (size - 1) & ~cut.lower;
	return cut;
}

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
	u64 near = min(size, SB_NEAR_SLOTS);
	u32 n_leaves = DIV_ROUND_UP(near, SB_LEAF_SLOTS);
	struct sb_pool *pool;

	pool = kvzalloc(struct_size(pool, leaf, n_leaves), GFP_KERNEL_ACCOUNT);
	if (!pool)
		return ERR_PTR(-ENOMEM);
	pool->open = kcalloc(DIV_ROUND_UP(near, SB_OPEN_BITS), sizeof(*pool->open),
			     GFP_KERNEL_ACCOUNT);
	if (!pool->open) {
		kvfree(pool);
		return ERR_PTR(-ENOMEM);
	}

	pool->n_leaves = n_leaves;
	pool->prefix = *prefix;
	pool->kind = kind;
	pool->cut = cut;
	pool->pieces = sb_cut_at(cut, size);
	pool->base = sb_addr_load(&prefix->addr);
	pool->mask = sb_addr_mask(prefix->len);
	pool->size = size;
	pool->lock = lock;
	sb_far_init(&pool->far, lock);
	/*
	 * RFC 6164 section 5.1: addresses whose last 64 bits are zero should
	 * not be used on a /127. Nobody is given such a pair unasked.
	 */
	if (kind == SITBROKER_POOL_KIND_PAIR && !pool->base.lo && size > 1)
		pool->first = 1;
	pool->hint = pool->first;
	return pool;
}

/* No reader may be left: call it a grace period after the pool left the table. */
void sb_pool_free(struct sb_pool *pool)
{
	struct sb_leaf *leaf;
	u32 i;

	sb_far_destroy(&pool->far);
	for (i = 0; i << SB_OPEN_SHIFT < min(pool->size, SB_NEAR_SLOTS); i++)
		kfree(rcu_dereference_protected(pool->open[i], true));
	kfree(pool->open);
	for (i = 0; i < pool->n_leaves; i++) {
		leaf = rcu_dereference_protected(pool->leaf[i], true);
		if (leaf)
			free_pages_exact(leaf, sizeof(*leaf));
	}
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

/* The leaf of a piece below %SB_NEAR_SLOTS, and a page for its bit; NULL without memory. */
static struct sb_leaf *sb_pool_make_room(struct sb_pool *pool, u64 index)
{
	struct sb_leaf *leaf = sb_pool_leaf(pool, index);
	unsigned long *bits = sb_pool_bits(pool, index);

	if (!bits) {
		bits = kzalloc(PAGE_SIZE, GFP_KERNEL_ACCOUNT);
		if (!bits)
			return NULL;
		rcu_assign_pointer(pool->open[index >> SB_OPEN_SHIFT], bits);
	}
	if (!leaf) {
		leaf = alloc_pages_exact(sizeof(*leaf), GFP_KERNEL_ACCOUNT | __GFP_ZERO |
					 __GFP_RETRY_MAYFAIL);
		if (!leaf)
			return NULL;
		rcu_assign_pointer(pool->leaf[index >> SB_LEAF_SHIFT], leaf);
	}
	return leaf;
}

/**
 * sb_pool_take() - hand a piece to a client
 * @pool: the pool
 * @index: the piece, free and below &sb_pool.size
 * @client: who holds it from now on
 *
 * Readers see @client at once; the piece is not open, see sb_pool_open(). The caller holds
 * &sb_pool.lock.
 *
 * Return: 0 or -ENOMEM.
 */
int sb_pool_take(struct sb_pool *pool, u64 index, struct sb_client *client)
{
	struct sb_leaf *leaf = NULL;
	s32 slot = SB_SLOT_OUT_OF_REACH;
	int err;

	lockdep_assert_held(pool->lock);
	if (index < SB_NEAR_SLOTS) {
		leaf = sb_pool_make_room(pool, index);
		if (!leaf)
			return -ENOMEM;
		slot = sb_slot_of(leaf, client);
	}
	if (slot == SB_SLOT_OUT_OF_REACH) {
		err = sb_far_take(&pool->far, leaf ? index | SB_OUT_OF_REACH : index, client);
		if (err)
			return err;
	}
	if (leaf) {
		sb_seen_begin(&leaf->seen[sb_leaf_at(index)]);
		/* sb_pool_get(); who does not find it in the hash yet was there before it. */
		smp_store_release(&leaf->slot[sb_leaf_at(index)], slot);
		if (index == pool->hint)
			pool->hint++;
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
	s32 *slot;

	lockdep_assert_held(pool->lock);
	sb_pool_open(pool, index, false);
	if (index < SB_NEAR_SLOTS) {
		slot = &sb_pool_leaf(pool, index)->slot[sb_leaf_at(index)];
		if (*slot == SB_SLOT_OUT_OF_REACH)
			sb_far_give_back(&pool->far, index | SB_OUT_OF_REACH);
		WRITE_ONCE(*slot, SB_SLOT_NOBODY);
		if (index < pool->hint && index >= pool->first)
			pool->hint = index;
	} else {
		sb_far_give_back(&pool->far, index);
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
	const struct sb_leaf *leaf;
	u64 i;

	for (i = pool->hint; i < end; i++) {
		leaf = sb_pool_leaf(pool, i);
		if (leaf && leaf->slot[sb_leaf_at(i)] != SB_SLOT_NOBODY)
			continue;
		/* All below are taken: who asks next need not look at them again. */
		pool->hint = i;
		*index = i;
		return 0;
	}
	pool->hint = end;
	return -ENOSPC;
}
