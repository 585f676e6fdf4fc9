/* SPDX-License-Identifier: GPL-2.0 */
/* A directory: ids of clients by a hash of what they are looked for by. */
#ifndef _SITBROKER_DIRECTORY_H
#define _SITBROKER_DIRECTORY_H

#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/siphash.h>
#include <linux/types.h>

/**
 * struct sb_directory_entry - a place in a directory
 * @hash: what it is found by; says nothing while @id is none
 * @id: an id, 0 where nothing ever was, or %SB_DIRECTORY_GONE
 */
struct sb_directory_entry {
	u32 hash;
	u32 id;
};

/**
 * struct sb_directory_table - the places
 * @rcu: to free it
 * @size: number of them; constant
 * @entry: ids, each in the first place that was free from the one on that its hash
 *	names; changed under &sb_directory.lock, read under RCU
 */
struct sb_directory_table {
	struct rcu_head rcu;
	u32 size;
	struct sb_directory_entry entry[] __counted_by(size);
};

/**
 * struct sb_directory - ids of clients by a hash
 * @table: replaced as a whole when it grows or shrinks; changed under @lock, read
 *	under RCU; NULL while there was no id
 * @lock: held by whoever changes the directory, &sb_net.lock; constant
 * @key: makes hashes that nobody outside can foresee; constant
 * @used: ids in @table; protected by @lock
 * @filled: places in @table that are not free any more; protected by @lock
 *
 * Eight bytes an id, at most four fifths of the places filled. Which client has
 * the id, and whether it is the one looked for, is the caller's to see: hashes
 * may be equal.
 */
struct sb_directory {
	struct sb_directory_table __rcu *table;
	struct mutex *lock;
	hsiphash_key_t key;
	u32 used;
	u32 filled;
};

/**
 * struct sb_directory_walk - ids with one hash
 * @table: where
 * @hash: the hash
 * @at: the next place to look at
 */
struct sb_directory_walk {
	const struct sb_directory_table *table;
	u32 hash;
	u32 at;
};

void sb_directory_init(struct sb_directory *directory, struct mutex *lock);
void sb_directory_destroy(struct sb_directory *directory);

int sb_directory_reserve(struct sb_directory *directory);
void sb_directory_add(struct sb_directory *directory, u32 hash, u32 id);
void sb_directory_replace(struct sb_directory *directory, u32 hash, u32 old, u32 id);
void sb_directory_remove(struct sb_directory *directory, u32 hash, u32 id);

void sb_directory_prefetch(const struct sb_directory *directory, u32 hash);

void sb_directory_begin(struct sb_directory_walk *walk, const struct sb_directory *directory,
			u32 hash);
u32 sb_directory_next(struct sb_directory_walk *walk);

/* Each id with that hash, and few others; the caller holds the RCU read lock or the directory's. */
#define sb_directory_for_each(id, walk, directory, hash)		\
	for (sb_directory_begin(walk, directory, hash);			\
	     (id = sb_directory_next(walk));)

#endif /* _SITBROKER_DIRECTORY_H */
