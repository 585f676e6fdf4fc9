// SPDX-License-Identifier: GPL-2.0
/*
 * IPv4 ranges. The first bits of an address choose a bucket, whose boundaries
 * are searched for the rest: a form of DXR (Zec, Rizzo, Mikuc 2012) that tells
 * inside from outside by parity instead of next hops.
 *
 * A million ranges take 4.3 bytes each, and a lookup two or three cache lines.
 * Smaller lists have a map of where there is any range at all: most lookups end
 * with one line of that.
 */

#include <linux/errno.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/prefetch.h>

#include "array.h"
#include "range.h"

/* From so many ranges on, 16 bits a boundary and a large table are the smaller. */
#define SB_RANGE4_NARROW	32768

/* So many boundaries of a bucket are all compared, faster than searched. */
#define SB_RANGE4_FEW		4

/*
 * How many bits choose a bucket: so many that those of a small list have few
 * boundaries. In a large one the table takes half a byte a range at most, beyond
 * the first 256 KB.
 */
static unsigned int sb_ranges4_bits(u32 room)
{
	unsigned int bits = ilog2(room | 1);

	if (room < SB_RANGE4_NARROW)
		return max(bits + 1, 4U);
	return clamp(bits - 3, 16U, 20U);
}

/* Number of keys that memory is taken for: behind the last, a few are compared as well. */
static u64 sb_ranges4_keys(u32 room)
{
	return 2 * (u64)room + SB_RANGE4_FEW;
}

/* Number of entries of @first: one behind those of the buckets. */
static u64 sb_ranges4_firsts(u32 room)
{
	return (1ULL << sb_ranges4_bits(room)) + 1;
}

/* Memory of the arrays for at most %SB_RANGES_MAX ranges. */
u64 sb_ranges4_size(u32 room)
{
	if (!room)
		return 0;
	return sb_range_map_words(room) * sizeof(u64) + sb_ranges4_firsts(room) * sizeof(u32) +
	       sb_ranges4_keys(room) * (room < SB_RANGE4_NARROW ? sizeof(u32) : sizeof(u16));
}

/**
 * sb_ranges4_init() - take memory for ranges
 * @ranges: uninitialised
 * @room: how many there will be, at most %SB_RANGES_MAX
 *
 * May sleep.
 *
 * Return: 0 or -ENOMEM, and then there is nothing to free.
 */
int sb_ranges4_init(struct sb_ranges4 *ranges, u32 room)
{
	u64 maps = sb_range_map_words(room);

	*ranges = (struct sb_ranges4) {
		.room = room,
		.shift = 32 - sb_ranges4_bits(room),
		.map_shift = 32 - ilog2(sb_range_map_words(room) | 1),
	};
	if (!room)
		return 0;
	if (maps)
		ranges->map = sb_array_alloc(maps, sizeof(*ranges->map), __GFP_ZERO);
	ranges->first = sb_array_alloc(sb_ranges4_firsts(room), sizeof(*ranges->first), 0);
	if (room < SB_RANGE4_NARROW)
		ranges->wide = sb_array_alloc(sb_ranges4_keys(room), sizeof(*ranges->wide), 0);
	else
		ranges->narrow = sb_array_alloc(sb_ranges4_keys(room), sizeof(*ranges->narrow), 0);
	if ((ranges->map || !maps) && ranges->first && (ranges->wide || ranges->narrow))
		return 0;
	sb_ranges4_free(ranges);
	return -ENOMEM;
}

void sb_ranges4_free(struct sb_ranges4 *ranges)
{
	u64 keys = sb_ranges4_keys(ranges->room);

	sb_array_free(ranges->map, sb_range_map_words(ranges->room), sizeof(*ranges->map));
	sb_array_free(ranges->first, sb_ranges4_firsts(ranges->room), sizeof(*ranges->first));
	sb_array_free(ranges->narrow, keys, sizeof(*ranges->narrow));
	sb_array_free(ranges->wide, keys, sizeof(*ranges->wide));
	*ranges = (struct sb_ranges4) {};
}

/* Where a range would lie; nothing is added. */
enum sb_range_order sb_ranges4_order(const struct sb_ranges4 *ranges, u32 first, u32 last)
{
	if (first > last)
		return SB_RANGE_REVERSED;
	if (!ranges->n)
		return SB_RANGE_BEHIND;
	if (first <= ranges->last)
		return SB_RANGE_UNSORTED;
	return first == ranges->last + 1 ? SB_RANGE_TOUCHES : SB_RANGE_BEHIND;
}

static void sb_ranges4_add_key(struct sb_ranges4 *ranges, u32 key)
{
	u32 bucket = key >> ranges->shift, rest = key & ((1U << ranges->shift) - 1);

	while (ranges->filled <= bucket)
		ranges->first[ranges->filled++] = ranges->n_keys;
	if (ranges->narrow)
		ranges->narrow[ranges->n_keys++] = rest;
	else
		ranges->wide[ranges->n_keys++] = rest;
}

/* Of so many blocks the bits are nearly all that a word has. */
#define SB_RANGE4_BLOCKS	64

/* What of a range lies in one word of the map. */
static u64 sb_ranges4_word(u32 first, u32 last)
{
	u32 blocks = (last >> 8) - (first >> 8) + 1;
	u64 bits = 0;

	if (blocks > SB_RANGE4_BLOCKS)
		return U64_MAX;
	for (; blocks--; first += 256)
		bits |= sb_ranges4_map_bits(first);
	return bits;
}

static void sb_ranges4_mark(struct sb_ranges4 *ranges, u32 first, u32 last)
{
	u32 word = first >> ranges->map_shift, end = last >> ranges->map_shift;

	for (; word < end; word++) {
		ranges->map[word] |= sb_ranges4_word(first, ((word + 1) << ranges->map_shift) - 1);
		first = (word + 1) << ranges->map_shift;
	}
	ranges->map[end] |= sb_ranges4_word(first, last);
}

/* Add a range that lies behind the others; there must be room for it. */
void sb_ranges4_add(struct sb_ranges4 *ranges, u32 first, u32 last)
{
	if (ranges->map)
		sb_ranges4_mark(ranges, first, last);
	sb_ranges4_add_key(ranges, first);
	if (last != U32_MAX)
		sb_ranges4_add_key(ranges, last + 1);
	ranges->last = last;
	ranges->n++;
}

/* No more ranges are added, and they can be searched. */
void sb_ranges4_finish(struct sb_ranges4 *ranges)
{
	u32 i;

	if (!ranges->room)
		return;
	for (i = 0; i < SB_RANGE4_FEW; i++) {
		if (ranges->narrow)
			ranges->narrow[ranges->n_keys + i] = 0;
		else
			ranges->wide[ranges->n_keys + i] = 0;
	}
	while (ranges->filled <= 1U << (32 - ranges->shift))
		ranges->first[ranges->filled++] = ranges->n_keys;
}

/* How many of @n sorted keys are not above one? Without a branch to mispredict. */
#define sb_range_count(keys, n, key) ({						\
	typeof(keys) __at = (keys);						\
	u32 __n = (n), __half;							\
										\
	while (__n > 1) {							\
		__half = __n / 2;						\
		__at += (__at[__half - 1] <= (key)) * __half;			\
		__n -= __half;							\
	}									\
	(u32)(__at - (keys)) + (__n && *__at <= (key));				\
})

/* The same of a few keys: all of them are looked at, and none waits for another. */
#define sb_range_is_counted(keys, n, key, i)	(((i) < (n)) & ((keys)[i] <= (key)))
#define sb_range_count_few(keys, n, key)					\
	(sb_range_is_counted(keys, n, key, 0) + sb_range_is_counted(keys, n, key, 1) + \
	 sb_range_is_counted(keys, n, key, 2) + sb_range_is_counted(keys, n, key, 3))

/* The same of the keys of a bucket. What a search needs is fetched at once, not step by step. */
#define sb_range_count_bucket(keys, n, key) ({					\
	typeof(keys) __in = (keys);						\
	u32 __found;								\
										\
	if ((n) <= SB_RANGE4_FEW) {						\
		__found = sb_range_count_few(__in, n, key);			\
	} else {								\
		prefetch(__in);							\
		prefetch(__in + (n) - 1);					\
		__found = sb_range_count(__in, n, key);				\
	}									\
	__found;								\
})

/**
 * sb_ranges4_find() - which range holds an address?
 * @ranges: the ranges, finished
 * @addr: the address, host byte order
 *
 * Return: its number from 0 on, or %SB_RANGE_NONE.
 */
u32 sb_ranges4_find(const struct sb_ranges4 *ranges, u32 addr)
{
	u32 bucket = addr >> ranges->shift, begin, n, rank, rest;

	if (!ranges->n)
		return SB_RANGE_NONE;
	begin = ranges->first[bucket];
	n = ranges->first[bucket + 1] - begin;
	rest = addr & ((1U << ranges->shift) - 1);
	if (ranges->narrow)
		rank = begin + sb_range_count_bucket(ranges->narrow + begin, n, rest);
	else
		rank = begin + sb_range_count_bucket(ranges->wide + begin, n, rest);
	return rank & 1 ? rank / 2 : SB_RANGE_NONE;
}

/* Begin a walk at range @id, which must exist. */
void sb_range4_walk_begin(struct sb_range4_walk *walk, const struct sb_ranges4 *ranges, u32 id)
{
	const u32 *first = ranges->first;
	u32 buckets = 1U << (32 - ranges->shift);

	*walk = (struct sb_range4_walk) {
		.ranges = ranges,
		.key = 2 * id,
		/* The last bucket that begins there or before. */
		.bucket = sb_range_count(first, buckets, 2 * id) - 1,
	};
}

static u32 sb_range4_walk_key(struct sb_range4_walk *walk)
{
	const struct sb_ranges4 *ranges = walk->ranges;
	u32 key = walk->key++;

	while (ranges->first[walk->bucket + 1] <= key)
		walk->bucket++;
	return (walk->bucket << ranges->shift) |
	       (ranges->narrow ? ranges->narrow[key] : ranges->wide[key]);
}

/* The next range of a walk, which must exist. */
void sb_range4_walk_next(struct sb_range4_walk *walk, u32 *first, u32 *last)
{
	*first = sb_range4_walk_key(walk);
	*last = walk->key < walk->ranges->n_keys ? sb_range4_walk_key(walk) - 1 : U32_MAX;
}
