/* SPDX-License-Identifier: GPL-2.0 */
/* Far pieces of a pool: those beyond its array, and who holds them. */
#ifndef _SITBROKER_FAR_H
#define _SITBROKER_FAR_H

#include <linux/cache.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/types.h>

struct sb_client;

/* So many places share a cache line of 64 bytes. A search looks at all of them at once. */
#define SB_FAR_LINE	4

/**
 * struct sb_far_entry - a place for a far piece
 * @index: the piece, 0 where none ever was, which no far one is; once set, it stays
 * @client: who holds the piece, NULL while nobody does
 *
 * Both change under &sb_far.lock and are read under RCU.
 */
struct sb_far_entry {
	u64 index;
	struct sb_client __rcu *client;
} __aligned(16);

/**
 * struct sb_far_table - the places
 * @rcu: to free it
 * @size: number of them, a multiple of %SB_FAR_LINE; constant
 * @entry: pieces, each in the first place that was free from the line on that its
 *	hash names
 */
struct sb_far_table {
	struct rcu_head rcu;
	u32 size;
	struct sb_far_entry entry[] __counted_by(size) ____cacheline_aligned;
};

/**
 * struct sb_far - far pieces of a pool
 * @table: replaced as a whole when it grows or shrinks; changed under @lock, read
 *	under RCU; NULL while there was no piece
 * @seed: makes hashes that differ from pool to pool; odd, constant
 * @lock: held by whoever changes the pieces, &sb_pool.lock; constant
 * @used: pieces that clients hold; protected by @lock
 * @filled: places in @table whose index is set; protected by @lock
 *
 * At most four fifths of the places are filled, so that every search ends.
 */
struct sb_far {
	struct sb_far_table __rcu *table;
	u64 seed;
	struct mutex *lock;
	u32 used;
	u32 filled;
};

void sb_far_init(struct sb_far *far, struct mutex *lock);
void sb_far_destroy(struct sb_far *far);

struct sb_client *sb_far_get(const struct sb_far *far, u64 index);
int sb_far_take(struct sb_far *far, u64 index, struct sb_client *client);
void sb_far_give_back(struct sb_far *far, u64 index);

#endif /* _SITBROKER_FAR_H */
