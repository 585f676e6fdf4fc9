// SPDX-License-Identifier: GPL-2.0
/*
 * Far pieces of a pool: those beyond its array, and those whose holder is out of its reach
 * (%SB_OUT_OF_REACH); and who holds them.
 *
 * Open addressing, line by line: a search reads the cache line that the hash
 * names, and rarely the one behind it. What it costs is that read. The kernel's
 * hash lists would be three, each waiting for the one before it: the bucket, the
 * object, and in it the client.
 *
 * Readers run under RCU. Writers hold &sb_far.lock. The index in a place never
 * changes as long as the table lives: who gives a piece back leaves it there,
 * without a client, and only the same piece comes there again. So a reader that
 * has found its index may take the client beside it, whenever that was written;
 * it cannot be one of another piece. Who takes a piece or gives it back is seen
 * by a single store, that of the client.
 */

#include <linux/hash.h>
#include <linux/log2.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/prefetch.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "far.h"

#define SB_FAR_MIN	12

/* @lock: held by whoever changes the pieces */
void sb_far_init(struct sb_far *far, struct mutex *lock)
{
	*far = (struct sb_far) { .lock = lock, .seed = get_random_u64() | 1 };
}

/* Every reader has gone. */
void sb_far_destroy(struct sb_far *far)
{
	kvfree(rcu_access_pointer(far->table));
}

static struct sb_far_table *sb_far_table(const struct sb_far *far)
{
	return rcu_dereference_check(far->table, lockdep_is_held(far->lock));
}

/*
 * With room for so many pieces, five eighths of it used then, or less: up to its
 * largest object kvmalloc() takes powers of two, and none of that shall be wasted.
 * What is larger comes in huge pages where the kernel has them for vmalloc().
 */
static struct sb_far_table *sb_far_table_alloc(u64 pieces)
{
	struct sb_far_table *table;
	size_t bytes = struct_size(table, entry, max_t(u64, pieces * 8 / 5, SB_FAR_MIN));

	bytes = bytes <= KMALLOC_MAX_SIZE ? roundup_pow_of_two(bytes)
					  : round_up(bytes, sizeof(table->entry[0]) * SB_FAR_LINE);
	table = kvzalloc(bytes, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (table)
		table->size = (bytes - sizeof(*table)) / sizeof(table->entry[0]);
	return table;
}

/*
 * The first place of the line where a search begins. Pieces are handed out at
 * equal distances. Multiplied once these would meet in few lines; and twice as
 * well, where the distance is so large that it leaves the lower half empty.
 */
static u32 sb_far_first(const struct sb_far *far, const struct sb_far_table *table, u64 index)
{
	u64 hash = (index ^ index >> 32) * far->seed;

	hash = (hash ^ hash >> 32) * GOLDEN_RATIO_64;
	return reciprocal_scale(hash >> 32, table->size / SB_FAR_LINE) * SB_FAR_LINE;
}

static u32 sb_far_after(const struct sb_far_table *table, u32 at, u32 step)
{
	return at + step == table->size ? 0 : at + step;
}

/* The place that a piece has, or the one it would get. One is free. */
static struct sb_far_entry *sb_far_entry(const struct sb_far *far, struct sb_far_table *table,
					 u64 index)
{
	u32 at = sb_far_first(far, table, index);

	while (table->entry[at].index && table->entry[at].index != index)
		at = sb_far_after(table, at, 1);
	return &table->entry[at];
}

/* Return: was the place free? */
static bool sb_far_put(const struct sb_far *far, struct sb_far_table *table, u64 index,
		       struct sb_client *client)
{
	struct sb_far_entry *entry = sb_far_entry(far, table, index);
	bool free = !entry->index;

	WRITE_ONCE(entry->index, index);
	rcu_assign_pointer(entry->client, client); /* sb_far_get() */
	return free;
}

/* A table with room for as many pieces as there are, and @more. */
static int sb_far_resize(struct sb_far *far, u32 more)
{
	struct sb_far_table *old = sb_far_table(far), *new;
	struct sb_client *client;
	u32 i;

	new = sb_far_table_alloc((u64)far->used + more);
	if (!new)
		return -ENOMEM;
	for (i = 0; old && i < old->size; i++) {
		client = rcu_dereference_protected(old->entry[i].client,
						   lockdep_is_held(far->lock));
		if (client)
			sb_far_put(far, new, old->entry[i].index, client);
		cond_resched();
	}
	far->filled = far->used;
	rcu_assign_pointer(far->table, new);
	if (old)
		kvfree_rcu(old, rcu);
	return 0;
}

/**
 * sb_far_get() - who holds a far piece
 * @far: the pieces
 * @index: one of them, not 0
 *
 * The caller holds the RCU read lock or &sb_far.lock.
 *
 * Return: the client, or NULL.
 */
struct sb_client *sb_far_get(const struct sb_far *far, u64 index)
{
	const struct sb_far_table *table = sb_far_table(far);
	const struct sb_far_entry *line;
	struct sb_client *client;
	u32 at, i;

	if (!table)
		return NULL;
	for (at = sb_far_first(far, table, index);; at = sb_far_after(table, at, SB_FAR_LINE)) {
		line = &table->entry[at];
		/* One in eight is there, and who finds that out here has waited for this line. */
		prefetch(line + SB_FAR_LINE);
		/* Added up, not asked one by one: branches would wait for the line. */
		i = (READ_ONCE(line[1].index) == index) + 2 * (READ_ONCE(line[2].index) == index) +
		    3 * (READ_ONCE(line[3].index) == index);
		client = rcu_dereference_check(line[i].client, lockdep_is_held(far->lock));
		/* 32 bits read an index in halves; it is whole before its client is there. */
		smp_rmb(); /* sb_far_put() */
		if (likely(READ_ONCE(line[i].index) == index))
			return client;
		/* Lines are filled from the first place to the last. */
		if (!READ_ONCE(line[SB_FAR_LINE - 1].index))
			return NULL;
	}
}

/**
 * sb_far_take() - hand a far piece to a client
 * @far: the pieces
 * @index: one that is free, not 0
 * @client: who holds it from now on
 *
 * Readers see @client at once. The caller holds &sb_far.lock.
 *
 * Return: 0 or -ENOMEM.
 */
int sb_far_take(struct sb_far *far, u64 index, struct sb_client *client)
{
	const struct sb_far_table *table = sb_far_table(far);

	lockdep_assert_held(far->lock);
	if ((!table || far->filled >= table->size * 4ULL / 5) && sb_far_resize(far, 1))
		return -ENOMEM;
	far->filled += sb_far_put(far, sb_far_table(far), index, client);
	far->used++;
	return 0;
}

/**
 * sb_far_give_back() - take a far piece from the client that holds it
 * @far: the pieces
 * @index: one that is held
 *
 * Readers may see the client for another grace period. The caller holds
 * &sb_far.lock.
 */
void sb_far_give_back(struct sb_far *far, u64 index)
{
	struct sb_far_table *table = sb_far_table(far);

	lockdep_assert_held(far->lock);
	RCU_INIT_POINTER(sb_far_entry(far, table, index)->client, NULL);
	far->used--;
	/* Where there is no memory to give some back, the next one to leave tries again. */
	if (far->used < table->size / 4 && table->size > SB_FAR_MIN)
		sb_far_resize(far, 0);
}
