/* SPDX-License-Identifier: GPL-2.0 */
/* All pools of a network namespace: who owns an IPv6 address. */
#ifndef _SITBROKER_TABLE_H
#define _SITBROKER_TABLE_H

#include "pool.h"

/* Pools in a network namespace; a bound for memory, not a matter of speed. */
#define SB_POOLS_MAX	1024

/**
 * struct sb_pool_entry - a pool in a set
 * @base: first address of the pool; constant
 * @mask: mask of the pool; constant
 * @cut: how it is cut; constant
 * @pool: the pool, or NULL after it was removed; changed under &sb_table.lock, read under RCU
 *
 * 64 bytes: the place of an entry is a shift then, not a multiplication to wait for.
 */
struct sb_pool_entry {
	struct sb_addr base;
	struct sb_addr mask;
	struct sb_cut cut;
	struct sb_pool __rcu *pool;
} __aligned(16);

/**
 * struct sb_pool_set - a sorted set of pools
 * @rcu: to free it
 * @low: first 64 bits of the lowest address in any of them; constant
 * @span: and of the highest one, less @low; constant
 * @n: number of entries; constant
 * @crowded: do two of them share the first 64 bits of their addresses? Constant
 * @entry: pools by ascending base; they do not overlap
 *
 * A new pool makes a new set. A removed one leaves a hole, so that removal
 * cannot fail. An entry has what chooses a piece, so that nobody waits for the
 * pool to know which one it is.
 */
struct sb_pool_set {
	struct rcu_head rcu;
	u64 low;
	u64 span;
	u32 n;
	bool crowded;
	struct sb_pool_entry entry[] __counted_by(n);
};

/**
 * struct sb_table - all pools of a network namespace
 * @set: replaced as a whole; changed under @lock, read under RCU; NULL at first
 * @lock: held by whoever changes the table, &sb_net.lock; constant
 */
struct sb_table {
	struct sb_pool_set __rcu *set;
	struct mutex *lock;
};

/**
 * struct sb_place - where a table has the piece that holds an address
 * @pool: the pool
 * @index: the piece, below %SB_NEAR_SLOTS
 * @seen: what was seen of who holds it
 */
struct sb_place {
	const struct sb_pool *pool;
	u64 index;
	struct sb_seen *seen;
};

void sb_table_init(struct sb_table *table, struct mutex *lock);
void sb_table_destroy(struct sb_table *table);

struct sb_pool *sb_table_pool(const struct sb_table *table, struct sb_addr addr);
struct sb_client *sb_table_client(const struct sb_table *table, const struct in6_addr *addr,
				  struct sb_pool **pool);
struct sb_pool *sb_table_piece(const struct sb_table *table, const struct in6_addr *addr,
			       u64 *index);

bool sb_table_place(const struct sb_table *table, const struct in6_addr *addr,
		    struct sb_place *place);

struct sb_pool *sb_table_overlap(const struct sb_table *table, const struct sb_prefix *prefix);
struct sb_pool *sb_table_from(const struct sb_table *table, struct sb_addr base);
int sb_table_add(struct sb_table *table, struct sb_pool *pool);
void sb_table_remove(struct sb_table *table, const struct sb_pool *pool);

#endif /* _SITBROKER_TABLE_H */
