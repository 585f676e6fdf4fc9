// SPDX-License-Identifier: GPL-2.0
/*
 * All pools of a network namespace: who owns an IPv6 address.
 *
 * One structure answers for the source of what clients send, the destination
 * of what is sent to them, and the target of neighbour solicitations. Pools do
 * not overlap and every prefix of a client is a piece of one, so there is no
 * longest match to find: a binary search for the pool, an index, a pointer.
 */

#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/slab.h>

#include "table.h"

/* @lock: held by whoever changes the table */
void sb_table_init(struct sb_table *table, struct mutex *lock)
{
	RCU_INIT_POINTER(table->set, NULL);
	table->lock = lock;
}

/* The pools are gone, and so is every reader. */
void sb_table_destroy(struct sb_table *table)
{
	kvfree(rcu_access_pointer(table->set));
}

static struct sb_pool_set *sb_table_set(const struct sb_table *table)
{
	return rcu_dereference_check(table->set, lockdep_is_held(table->lock));
}

static struct sb_pool *sb_table_entry_pool(const struct sb_table *table,
					   const struct sb_pool_entry *entry)
{
	return rcu_dereference_check(entry->pool, lockdep_is_held(table->lock));
}

/* So many entries are compared faster than searched. */
#define SB_POOLS_FEW	8

/* The last entry whose base is at or below @addr, or -1; without a branch to mispredict. */
static __always_inline long sb_pool_set_find(const struct sb_pool_set *set, struct sb_addr addr)
{
	const struct sb_pool_entry *at = set->entry;
	u32 n = set->n, half, i;
	long last = -1;

	/* Of few, none waits for another. */
	if (likely(n <= SB_POOLS_FEW && !set->crowded)) {
		for (i = 0; i < n; i++)
			last += at[i].base.hi <= addr.hi;
		return last;
	}
	if (likely(n <= SB_POOLS_FEW)) {
		for (i = 0; i < n; i++)
			last += sb_addr_at_or_below(at[i].base, addr);
		return last;
	}
	while (n > 1) {
		half = n / 2;
		at += sb_addr_at_or_below(at[half - 1].base, addr) * half;
		n -= half;
	}
	return at - set->entry + last + (n && sb_addr_at_or_below(at->base, addr));
}

/* The entry that holds an address, or NULL. Its pool may be gone. */
static __always_inline const struct sb_pool_entry *sb_table_find(const struct sb_table *table,
								 struct sb_addr addr)
{
	const struct sb_pool_set *set = sb_table_set(table);
	const struct sb_pool_entry *entry;
	long last;

	/* One end of most packets is a stranger, far away from all pools. */
	if (!set || addr.hi - set->low > set->span)
		return NULL;
	last = sb_pool_set_find(set, addr);
	if (last < 0)
		return NULL;
	entry = &set->entry[last];
	return sb_addr_in(addr, entry->base, entry->mask) ? entry : NULL;
}

/**
 * sb_table_pool() - the pool that holds an address
 * @table: the table
 * @addr: the address
 *
 * The caller holds the RCU read lock or &sb_table.lock.
 *
 * Return: the pool, or NULL.
 */
struct sb_pool *sb_table_pool(const struct sb_table *table, struct sb_addr addr)
{
	const struct sb_pool_entry *entry = sb_table_find(table, addr);

	return entry ? sb_table_entry_pool(table, entry) : NULL;
}

/* The pool that holds an address, and which of its pieces, or NULL. */
static __always_inline struct sb_pool *sb_table_find_piece(const struct sb_table *table,
							   const struct in6_addr *addr,
							   u64 *index)
{
	struct sb_addr number = sb_addr_load(addr);
	const struct sb_pool_entry *entry = sb_table_find(table, number);

	if (!entry)
		return NULL;
	*index = sb_piece_index(&entry->cut, number);
	return sb_table_entry_pool(table, entry);
}

/**
 * sb_table_client() - the client that owns an address
 * @table: the table
 * @addr: the address, network byte order, any alignment
 * @pool: set to the pool that holds @addr, or NULL
 *
 * The caller holds the RCU read lock or &sb_table.lock.
 *
 * Return: the client, or NULL.
 */
struct sb_client *sb_table_client(const struct sb_table *table, const struct in6_addr *addr,
				  struct sb_pool **pool)
{
	u64 index;

	*pool = sb_table_find_piece(table, addr, &index);
	return *pool ? sb_pool_get(*pool, index) : NULL;
}

/**
 * sb_table_piece() - the piece that holds an address
 * @table: the table
 * @addr: the address, network byte order, any alignment
 * @index: set to the piece's index in its pool
 *
 * The caller holds the RCU read lock or &sb_table.lock.
 *
 * Return: the pool, or NULL and @index is not to be read.
 */
struct sb_pool *sb_table_piece(const struct sb_table *table, const struct in6_addr *addr,
			       u64 *index)
{
	return sb_table_find_piece(table, addr, index);
}

/**
 * sb_table_place() - where the piece that holds an address is
 * @table: the table
 * @addr: the address, network byte order, any alignment
 * @place: what is found
 *
 * The caller holds the RCU read lock or &sb_table.lock.
 *
 * Return: whether it is anywhere, in the array of a pool.
 */
bool sb_table_place(const struct sb_table *table, const struct in6_addr *addr,
		    struct sb_place *place)
{
	struct sb_leaf *leaf;

	place->pool = sb_table_find_piece(table, addr, &place->index);
	if (!place->pool)
		return false;
	if (unlikely(place->index >= SB_NEAR_SLOTS))
		return false;
	leaf = sb_pool_leaf(place->pool, place->index);
	if (!leaf)
		return false;
	place->seen = &leaf->seen[sb_leaf_at(place->index)];
	return true;
}

/**
 * sb_table_overlap() - a pool that shares addresses with a prefix
 * @table: the table
 * @prefix: the prefix
 *
 * The caller holds &sb_table.lock.
 *
 * Return: the first such pool, or NULL.
 */
struct sb_pool *sb_table_overlap(const struct sb_table *table, const struct sb_prefix *prefix)
{
	const struct sb_pool_set *set = sb_table_set(table);
	struct sb_pool *pool;
	u32 i;

	for (i = 0; set && i < set->n; i++) {
		pool = sb_table_entry_pool(table, &set->entry[i]);
		if (pool && sb_prefix_overlaps(&pool->prefix, prefix))
			return pool;
	}
	return NULL;
}

/**
 * sb_table_from() - walk the table in order of addresses
 * @table: the table
 * @base: where to begin
 *
 * The caller holds &sb_table.lock.
 *
 * Return: the first pool whose base is at or above @base, or NULL.
 */
struct sb_pool *sb_table_from(const struct sb_table *table, struct sb_addr base)
{
	const struct sb_pool_set *set = sb_table_set(table);
	struct sb_pool *pool;
	u32 i;

	for (i = 0; set && i < set->n; i++) {
		pool = sb_table_entry_pool(table, &set->entry[i]);
		if (pool && sb_addr_cmp(pool->base, base) >= 0)
			return pool;
	}
	return NULL;
}

/* @set has room for one more. */
static void sb_pool_set_append(struct sb_pool_set *set, struct sb_pool *pool)
{
	struct sb_pool_entry *entry;

	set->n++;	/* first: __counted_by() */
	entry = &set->entry[set->n - 1];
	if (set->n > 1 && entry[-1].base.hi == pool->base.hi)
		set->crowded = true;
	entry->base = pool->base;
	entry->mask = pool->mask;
	entry->cut = pool->pieces;
	RCU_INIT_POINTER(entry->pool, pool);
	/* The first one is the lowest, the last one the highest. */
	set->low = set->entry[0].base.hi;
	set->span = (entry->base.hi | ~entry->mask.hi) - set->low;
}

/**
 * sb_table_add() - let lookups find a pool
 * @table: the table
 * @pool: a pool that overlaps none in @table
 *
 * The caller holds &sb_table.lock.
 *
 * Return: 0, -ENOMEM, or -ENOSPC above %SB_POOLS_MAX.
 */
int sb_table_add(struct sb_table *table, struct sb_pool *pool)
{
	struct sb_pool_set *old = sb_table_set(table);
	u32 n = old ? old->n : 0, rank, i;
	struct sb_pool_set *new;
	struct sb_pool *other;

	lockdep_assert_held(table->lock);

	new = kvzalloc(struct_size(new, entry, n + 1), GFP_KERNEL_ACCOUNT);
	if (!new)
		return -ENOMEM;

	for (rank = 0; rank < n; rank++)
		if (sb_addr_cmp(old->entry[rank].base, pool->base) > 0)
			break;
	for (i = 0; i <= n; i++) {
		if (i == rank)
			sb_pool_set_append(new, pool);
		other = i < n ? sb_table_entry_pool(table, &old->entry[i]) : NULL;
		if (other)
			sb_pool_set_append(new, other);
	}
	if (new->n > SB_POOLS_MAX) {
		kvfree(new);
		return -ENOSPC;
	}

	rcu_assign_pointer(table->set, new);
	if (old)
		kvfree_rcu(old, rcu);
	return 0;
}

/**
 * sb_table_remove() - hide a pool from lookups
 * @table: the table
 * @pool: a pool in @table
 *
 * Readers may see @pool for another grace period. The caller holds
 * &sb_table.lock.
 */
void sb_table_remove(struct sb_table *table, const struct sb_pool *pool)
{
	struct sb_pool_set *set = sb_table_set(table);
	long at = sb_pool_set_find(set, pool->base);

	lockdep_assert_held(table->lock);
	RCU_INIT_POINTER(set->entry[at].pool, NULL);
}
