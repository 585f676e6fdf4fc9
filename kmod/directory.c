// SPDX-License-Identifier: GPL-2.0
/*
 * A directory: ids of clients by a hash of what they are looked for by.
 *
 * Open addressing with linear steps. The hash is kept beside the id, so that
 * neither a search that finds nothing nor a larger table has to look at
 * clients, which are somewhere else in memory each. A table of the kernel's
 * hash lists takes a node in each client more, and up to 21 bytes of buckets,
 * which kvmalloc() makes 42: it takes powers of two, and there is a header.
 *
 * Readers run under RCU. Writers hold &sb_directory.lock; an id is published by
 * a single store.
 */

#include <linux/kernel.h>
#include <linux/overflow.h>
#include <linux/prefetch.h>
#include <linux/random.h>

#include "array.h"
#include "directory.h"

/* In a place that an id has left: who looks for others looks on. Ids have 31 bits. */
#define SB_DIRECTORY_GONE	U32_MAX

#define SB_DIRECTORY_MIN	16

/* @lock: held by whoever changes the directory */
void sb_directory_init(struct sb_directory *directory, struct mutex *lock)
{
	*directory = (struct sb_directory) { .lock = lock };
	get_random_bytes(&directory->key, sizeof(directory->key));
}

static struct sb_directory_table *sb_directory_table(const struct sb_directory *directory)
{
	return rcu_dereference_check(directory->table, lockdep_is_held(directory->lock));
}

static struct sb_directory_table *sb_directory_table_alloc(u32 size)
{
	struct sb_directory_table *table;

	table = sb_array_alloc(1, struct_size(table, entry, size), __GFP_ZERO);
	if (table)
		table->size = size;
	return table;
}

static void sb_directory_table_free(struct rcu_head *rcu)
{
	struct sb_directory_table *table = container_of(rcu, struct sb_directory_table, rcu);

	sb_array_free(table, 1, struct_size(table, entry, table->size));
}

/* Every reader has gone. */
void sb_directory_destroy(struct sb_directory *directory)
{
	struct sb_directory_table *table = rcu_dereference_protected(directory->table, true);

	if (table)
		sb_directory_table_free(&table->rcu);
}

static u32 sb_directory_after(const struct sb_directory_table *table, u32 at)
{
	return at + 1 == table->size ? 0 : at + 1;
}

/* There is a free place, or one that an id has left. Return: was it a free one? */
static bool sb_directory_put(struct sb_directory_table *table, u32 hash, u32 id)
{
	u32 at = reciprocal_scale(hash, table->size);
	struct sb_directory_entry *entry = &table->entry[at];
	bool free;

	while (entry->id && entry->id != SB_DIRECTORY_GONE) {
		at = sb_directory_after(table, at);
		entry = &table->entry[at];
	}
	free = !entry->id;
	WRITE_ONCE(entry->hash, hash);
	smp_store_release(&entry->id, id); /* sb_directory_next() */
	return free;
}

/* A table with room for as many ids as there are, and @more, half of it used then. */
static int sb_directory_resize(struct sb_directory *directory, u32 more)
{
	struct sb_directory_table *old = sb_directory_table(directory), *new;
	u32 i;

	new = sb_directory_table_alloc(max_t(u32, (directory->used + more) * 2, SB_DIRECTORY_MIN));
	if (!new)
		return -ENOMEM;
	for (i = 0; old && i < old->size; i++)
		if (old->entry[i].id && old->entry[i].id != SB_DIRECTORY_GONE)
			sb_directory_put(new, old->entry[i].hash, old->entry[i].id);
	directory->filled = directory->used;
	rcu_assign_pointer(directory->table, new);
	if (old)
		call_rcu(&old->rcu, sb_directory_table_free);
	return 0;
}

/**
 * sb_directory_reserve() - make room for one more id
 * @directory: the directory
 *
 * The room stays until the lock is released, whatever leaves the directory
 * meanwhile. The caller holds &sb_directory.lock.
 *
 * Return: 0 or -ENOMEM.
 */
int sb_directory_reserve(struct sb_directory *directory)
{
	const struct sb_directory_table *table = sb_directory_table(directory);

	lockdep_assert_held(directory->lock);
	if (table && directory->filled < table->size * 4ULL / 5)
		return 0;
	return sb_directory_resize(directory, 1);
}

/**
 * sb_directory_add() - let readers find an id
 * @directory: the directory, with room for it
 * @hash: what it is found by
 * @id: the id, from 1 to 2^31
 *
 * The caller holds &sb_directory.lock.
 */
void sb_directory_add(struct sb_directory *directory, u32 hash, u32 id)
{
	lockdep_assert_held(directory->lock);
	directory->filled += sb_directory_put(sb_directory_table(directory), hash, id);
	directory->used++;
}

/* The place of an id that is there. */
static struct sb_directory_entry *sb_directory_entry(struct sb_directory *directory, u32 hash,
						     u32 id)
{
	struct sb_directory_table *table = sb_directory_table(directory);
	u32 at = reciprocal_scale(hash, table->size);

	while (table->entry[at].id != id)
		at = sb_directory_after(table, at);
	return &table->entry[at];
}

/* Let readers find @id instead of @old, which is there. The caller holds &sb_directory.lock. */
void sb_directory_replace(struct sb_directory *directory, u32 hash, u32 old, u32 id)
{
	lockdep_assert_held(directory->lock);
	smp_store_release(&sb_directory_entry(directory, hash, old)->id, id); /* as in _put() */
}

/**
 * sb_directory_remove() - take an id out
 * @directory: the directory
 * @hash: what it is found by
 * @id: an id that is there
 *
 * Readers may see it for another grace period. The caller holds
 * &sb_directory.lock.
 */
void sb_directory_remove(struct sb_directory *directory, u32 hash, u32 id)
{
	lockdep_assert_held(directory->lock);
	WRITE_ONCE(sb_directory_entry(directory, hash, id)->id, SB_DIRECTORY_GONE);
	directory->used--;
	/* Where there is no memory to give some back, the next one to leave tries again. */
	if (directory->used < sb_directory_table(directory)->size / 4 &&
	    sb_directory_table(directory)->size > SB_DIRECTORY_MIN)
		sb_directory_resize(directory, 0);
}

/* Who will look for @hash soon need not wait for memory then. The caller holds the lock. */
void sb_directory_prefetch(const struct sb_directory *directory, u32 hash)
{
	const struct sb_directory_table *table = sb_directory_table(directory);

	if (table)
		prefetch(&table->entry[reciprocal_scale(hash, table->size)]);
}

void sb_directory_begin(struct sb_directory_walk *walk, const struct sb_directory *directory,
			u32 hash)
{
	walk->table = sb_directory_table(directory);
	walk->hash = hash;
	walk->at = walk->table ? reciprocal_scale(hash, walk->table->size) : 0;
}

/**
 * sb_directory_next() - the next id with a hash
 * @walk: where, begun with sb_directory_begin()
 *
 * The caller holds the RCU read lock or &sb_directory.lock since then.
 *
 * Return: an id, of a client that has left meanwhile perhaps, or with another
 * hash that took its place; 0 at the end.
 */
u32 sb_directory_next(struct sb_directory_walk *walk)
{
	const struct sb_directory_entry *entry;
	u32 id;

	if (!walk->table)
		return 0;
	do {
		entry = &walk->table->entry[walk->at];
		id = smp_load_acquire(&entry->id); /* sb_directory_put() */
		walk->at = sb_directory_after(walk->table, walk->at);
	} while (id && (id == SB_DIRECTORY_GONE || READ_ONCE(entry->hash) != walk->hash));
	return id;
}
