// SPDX-License-Identifier: GPL-2.0
/*
 * IPv6 ranges: a static search tree of 16 children a node over the first halves
 * of their boundaries. Unlike a table that is indexed by some bits, it costs the
 * same for every list, however its addresses are spread. In front of it a list that
 * is not too large has a map of where there is any range at all.
 *
 * Ranges that end where a /64 ends take 17.1 bytes each, and one or two for the map.
 */

#include <linux/errno.h>
#include <linux/log2.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/prefetch.h>
#include <linux/string.h>

#include "array.h"
#include "range.h"

#define SB_RANGE6_NODE	16U

/* The bytes of a boundary's last half where only those that are not zero are kept. */
#define SB_RANGE6_SPARSE	(sizeof(u64) + sizeof(u32))

/* Lay out the levels for so many boundaries, not 0. Return: the number of halves in all. */
static u64 sb_ranges6_layout(struct sb_ranges6 *ranges, u64 keys)
{
	u64 end = 0;

	ranges->levels = 0;
	for (;;) {
		ranges->level[ranges->levels++] = end;
		keys = round_up(keys, (u64)SB_RANGE6_NODE);
		end += keys;
		if (keys == SB_RANGE6_NODE)
			return end;
		keys /= SB_RANGE6_NODE;
	}
}

/*
 * Memory of the arrays for at most %SB_RANGES_MAX ranges while they are built: in
 * the end last halves are there twice, the second time in less memory than the first.
 */
u64 sb_ranges6_size(u32 room)
{
	struct sb_ranges6 ranges;
	u64 keys = 2 * (u64)room;

	if (!room)
		return 0;
	return (sb_ranges6_layout(&ranges, keys) + 2 * keys + sb_range_map_words(room)) *
	       sizeof(u64);
}

/* What is left of it after sb_ranges6_finish(). */
u64 sb_ranges6_size_final(const struct sb_ranges6 *ranges)
{
	u64 low = 2 * (u64)ranges->room * sizeof(u64);
	u64 size = sb_ranges6_size(ranges->room) - 2 * low;

	if (!ranges->map)
		size -= sb_range_map_words(ranges->room) * sizeof(u64);
	if (ranges->low_at)
		return size + ranges->n_low * (u64)SB_RANGE6_SPARSE;
	return ranges->low ? size + low : size;
}

/**
 * sb_ranges6_init() - take memory for ranges
 * @ranges: uninitialised
 * @room: how many there will be, at most %SB_RANGES_MAX
 *
 * May sleep.
 *
 * Return: 0 or -ENOMEM, and then there is nothing to free.
 */
int sb_ranges6_init(struct sb_ranges6 *ranges, u32 room)
{
	u64 maps = sb_range_map_words(room), all;

	*ranges = (struct sb_ranges6) {
		.room = room,
		.map_shift = 64 - ilog2(sb_range_map_words(room) | 1),
		.map_room = 1U << sb_range_map_order(room) >> 2,
	};
	if (!room)
		return 0;
	if (maps)
		ranges->map = sb_array_alloc(maps, sizeof(*ranges->map), __GFP_ZERO);
	all = sb_ranges6_layout(ranges, 2 * (u64)room);
	if (all <= U32_MAX) {
		ranges->n_high = all;
		ranges->high = sb_array_alloc(all, sizeof(*ranges->high), 0);
		ranges->low = sb_array_alloc(2 * room, sizeof(*ranges->low), 0);
	}
	if ((ranges->map || !maps) && ranges->high && ranges->low)
		return 0;
	sb_ranges6_free(ranges);
	return -ENOMEM;
}

static void sb_ranges6_unmap(struct sb_ranges6 *ranges)
{
	sb_array_free(ranges->map, sb_range_map_words(ranges->room), sizeof(*ranges->map));
	ranges->map = NULL;
}

void sb_ranges6_free(struct sb_ranges6 *ranges)
{
	u64 lows = ranges->low_at ? ranges->n_low : 2 * (u64)ranges->room;

	sb_ranges6_unmap(ranges);
	sb_array_free(ranges->high, ranges->n_high, sizeof(*ranges->high));
	sb_array_free(ranges->low, lows, sizeof(*ranges->low));
	sb_array_free(ranges->low_at, ranges->n_low, sizeof(*ranges->low_at));
	*ranges = (struct sb_ranges6) {};
}

/* The address behind one that is not the last. */
static struct sb_addr sb_addr_next(struct sb_addr addr)
{
	addr.lo++;
	addr.hi += !addr.lo;
	return addr;
}

static bool sb_addr_is_last(struct sb_addr addr)
{
	return addr.hi == U64_MAX && addr.lo == U64_MAX;
}

/* Where a range would lie; nothing is added. */
enum sb_range_order sb_ranges6_order(const struct sb_ranges6 *ranges, struct sb_addr first,
				     struct sb_addr last)
{
	if (sb_addr_cmp(first, last) > 0)
		return SB_RANGE_REVERSED;
	if (!ranges->n)
		return SB_RANGE_BEHIND;
	if (sb_addr_cmp(first, ranges->last) <= 0)
		return SB_RANGE_UNSORTED;
	return sb_addr_cmp(first, sb_addr_next(ranges->last)) ? SB_RANGE_BEHIND : SB_RANGE_TOUCHES;
}

static void sb_ranges6_add_key(struct sb_ranges6 *ranges, struct sb_addr key)
{
	ranges->high[ranges->n_keys] = key.hi;
	ranges->low[ranges->n_keys] = key.lo;
	ranges->n_low += !!key.lo;
	ranges->n_keys++;
}

/* Few ranges may fill the map, and marking them would take forever: no map then. */
static void sb_ranges6_mark(struct sb_ranges6 *ranges, u64 first, u64 last)
{
	u64 blocks = (last >> 32) - (first >> 32) + 1, hash;

	if (blocks > ranges->map_room) {
		sb_ranges6_unmap(ranges);
		return;
	}
	ranges->map_room -= blocks;
	for (; blocks--; first += 1ULL << 32) {
		hash = sb_range_map_hash(first >> 32);
		ranges->map[hash >> ranges->map_shift] |= sb_range_map_four_bits(hash);
	}
}

/* Add a range that lies behind the others; there must be room for it. */
void sb_ranges6_add(struct sb_ranges6 *ranges, struct sb_addr first, struct sb_addr last)
{
	if (ranges->map)
		sb_ranges6_mark(ranges, first.hi, last.hi);
	sb_ranges6_add_key(ranges, first);
	if (!sb_addr_is_last(last))
		sb_ranges6_add_key(ranges, sb_addr_next(last));
	ranges->last = last;
	ranges->n++;
}

/* Keep only what is not zero of the last halves, where that is smaller and there is memory. */
static void sb_ranges6_thin_out(struct sb_ranges6 *ranges)
{
	u64 *low = NULL;
	u32 *low_at = NULL, i, n = 0;

	if (ranges->n_low * (u64)SB_RANGE6_SPARSE >= 2 * (u64)ranges->room * sizeof(u64))
		return;
	if (ranges->n_low) {
		low = sb_array_alloc(ranges->n_low, sizeof(*low), 0);
		low_at = sb_array_alloc(ranges->n_low, sizeof(*low_at), 0);
		if (!low || !low_at) {
			sb_array_free(low, ranges->n_low, sizeof(*low));
			sb_array_free(low_at, ranges->n_low, sizeof(*low_at));
			return;
		}
		for (i = 0; i < ranges->n_keys; i++) {
			if (!ranges->low[i])
				continue;
			low[n] = ranges->low[i];
			low_at[n++] = i;
		}
	}
	sb_array_free(ranges->low, 2 * (u64)ranges->room, sizeof(*ranges->low));
	ranges->low = low;
	ranges->low_at = low_at;
}

/* No more ranges are added, and they can be searched. May sleep; cannot fail. */
void sb_ranges6_finish(struct sb_ranges6 *ranges)
{
	u32 keys = ranges->n_keys, level, end, i;
	u64 *at, *above;

	if (!ranges->room)
		return;
	for (level = 0; ; level++) {
		at = ranges->high + ranges->level[level];
		end = level + 1 < ranges->levels ? ranges->level[level + 1] - ranges->level[level]
						 : SB_RANGE6_NODE;
		/* Searched for nothing but U64_MAX, which is not searched for. */
		memset64(at + keys, U64_MAX, end - keys);
		if (level + 1 == ranges->levels)
			break;
		above = ranges->high + ranges->level[level + 1];
		for (i = 0; i < end / SB_RANGE6_NODE; i++)
			above[i] = at[i * SB_RANGE6_NODE];
		keys = i;
	}
	sb_ranges6_thin_out(ranges);
}

/*
 * The last key of a node that is not above one; the first of them is not. Half of
 * a node is chosen, then its keys are all compared: none waits for another.
 */
static u32 sb_range6_node_search(const u64 *node, u64 high)
{
	u32 i;

	/* The other of its two cache lines. */
	prefetch(node);
	i = (node[8] <= high) * 8;
	node += i;
	i += (node[1] <= high) + (node[2] <= high) + (node[3] <= high) + (node[4] <= high);
	return i + (node[5] <= high) + (node[6] <= high) + (node[7] <= high);
}

/* How many boundaries have a first half that is not above one? */
static u32 sb_ranges6_count(const struct sb_ranges6 *ranges, u64 high)
{
	unsigned int level = ranges->levels - 1;
	u32 at = 0;

	if (unlikely(high == U64_MAX))
		return ranges->n_keys;
	if (ranges->high[ranges->level[level]] > high)
		return 0;
	for (;; level--) {
		at = at * SB_RANGE6_NODE;
		at += sb_range6_node_search(ranges->high + ranges->level[level] + at, high);
		if (!level)
			return at + 1;
	}
}

/* How many of @n sorted numbers are not above one? */
static u32 sb_range6_count_low(const u64 *low, u32 n, u64 value)
{
	u32 begin = 0, middle;

	while (begin < n) {
		middle = begin + (n - begin) / 2;
		if (low[middle] <= value)
			begin = middle + 1;
		else
			n = middle;
	}
	return begin;
}

/* How many last halves of boundaries before @key are kept? */
static u32 sb_ranges6_low_before(const struct sb_ranges6 *ranges, u32 key)
{
	u32 begin = 0, end = ranges->n_low, middle;

	while (begin < end) {
		middle = begin + (end - begin) / 2;
		if (ranges->low_at[middle] < key)
			begin = middle + 1;
		else
			end = middle;
	}
	return begin;
}

/*
 * How many boundaries are up to @addr, where @end have a first half that is not
 * above its own, and the last of them the same?
 */
static u32 sb_ranges6_count_same(const struct sb_ranges6 *ranges, struct sb_addr addr, u32 end)
{
	u32 begin = addr.hi ? sb_ranges6_count(ranges, addr.hi - 1) : 0;
	u32 low_begin, low_end;

	if (!ranges->low_at)
		return begin + sb_range6_count_low(ranges->low + begin, end - begin, addr.lo);
	/* Those whose last half is zero come first, and are counted. */
	low_begin = sb_ranges6_low_before(ranges, begin);
	low_end = sb_ranges6_low_before(ranges, end);
	return end - (low_end - low_begin) +
	       sb_range6_count_low(ranges->low + low_begin, low_end - low_begin, addr.lo);
}

/**
 * sb_ranges6_find() - which range holds an address?
 * @ranges: the ranges, finished
 * @addr: the address
 *
 * Return: its number from 0 on, or %SB_RANGE_NONE.
 */
u32 sb_ranges6_find(const struct sb_ranges6 *ranges, struct sb_addr addr)
{
	u32 rank;

	if (!ranges->n)
		return SB_RANGE_NONE;
	rank = sb_ranges6_count(ranges, addr.hi);
	if (ranges->n_low && rank && ranges->high[rank - 1] == addr.hi)
		rank = sb_ranges6_count_same(ranges, addr, rank);
	return rank & 1 ? rank / 2 : SB_RANGE_NONE;
}

static struct sb_addr sb_ranges6_key(const struct sb_ranges6 *ranges, u32 key)
{
	struct sb_addr addr = { .hi = ranges->high[key] };
	u32 i;

	if (!ranges->low_at) {
		addr.lo = ranges->low ? ranges->low[key] : 0;
	} else {
		i = sb_ranges6_low_before(ranges, key);
		if (i < ranges->n_low && ranges->low_at[i] == key)
			addr.lo = ranges->low[i];
	}
	return addr;
}

/* Range @id, which must exist. */
void sb_ranges6_get(const struct sb_ranges6 *ranges, u32 id, struct sb_addr *first,
		    struct sb_addr *last)
{
	*first = sb_ranges6_key(ranges, 2 * id);
	if (2 * id + 1 < ranges->n_keys) {
		*last = sb_ranges6_key(ranges, 2 * id + 1);
		last->hi -= !last->lo;
		last->lo--;
	} else {
		*last = (struct sb_addr) { U64_MAX, U64_MAX };
	}
}
