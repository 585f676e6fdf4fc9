/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sorted, disjoint address ranges, and which one holds an address. Nothing here
 * knows of packets or lists; the same files are compiled in user space.
 */
#ifndef _SITBROKER_RANGE_H
#define _SITBROKER_RANGE_H

#include <linux/limits.h>
#include <linux/types.h>

#include "prefix.h"

/* No range holds the address. */
#define SB_RANGE_NONE		U32_MAX

/* Most ranges of a family: their boundaries are counted in 32 bits. */
#define SB_RANGES_MAX		(1U << 30)

/**
 * enum sb_range_order - may a range be added behind those that are there?
 * @SB_RANGE_BEHIND: it lies behind them, with a gap
 * @SB_RANGE_TOUCHES: it begins right behind the last one
 * @SB_RANGE_REVERSED: it ends before it begins
 * @SB_RANGE_UNSORTED: it begins before the last one ends
 */
enum sb_range_order {
	SB_RANGE_BEHIND,
	SB_RANGE_TOUCHES,
	SB_RANGE_REVERSED,
	SB_RANGE_UNSORTED,
};

/**
 * struct sb_ranges4 - IPv4 ranges, as their boundaries
 * @n: number of ranges
 * @n_keys: number of boundaries
 * @room: for how many ranges memory was taken
 * @filled: how many of @first are known
 * @last: last address of the last range
 * @shift: the bits of an address behind those that choose a bucket
 * @first: for each bucket the index of its first boundary, one more at the end
 * @narrow: the last @shift bits of each boundary, where @shift is at most 16; else NULL
 * @wide: as @narrow, where @shift is more
 *
 * Each range has two boundaries, its first address and the one behind its
 * last, if there is one. The number of boundaries up to an address is odd
 * inside of a range, and half of it is the number of the range. Two ranges that
 * touch have a boundary twice. Built once, then constant.
 */
struct sb_ranges4 {
	u32 n;
	u32 n_keys;
	u32 room;
	u32 filled;
	u32 last;
	u8 shift;
	u32 *first;
	u16 *narrow;
	u32 *wide;
};

/* So many for %SB_RANGES_MAX. */
#define SB_RANGE6_LEVELS	8

/**
 * struct sb_ranges6 - IPv6 ranges, as their boundaries
 * @n: number of ranges
 * @n_keys: number of boundaries
 * @room: for how many ranges memory was taken
 * @n_high: number of entries of @high, all levels
 * @n_low: number of boundaries whose last 64 bits are not zero
 * @last: last address of the last range
 * @levels: number of levels
 * @level: where each level begins in @high; level 0 is all boundaries
 * @high: the first 64 bits of each boundary, then every 16th of them, every 256th, ...
 * @low: the last 64 bits of each boundary; where @low_at is not NULL, only
 *	those that are not zero; NULL where there are none
 * @low_at: which boundaries those are, or NULL
 *
 * Boundaries as in &struct sb_ranges4. Nearly all lists end their ranges where
 * a /64 ends, hence the two halves. Built once, then constant.
 */
struct sb_ranges6 {
	u32 n;
	u32 n_keys;
	u32 room;
	u32 n_high;
	u32 n_low;
	struct sb_addr last;
	unsigned int levels;
	u32 level[SB_RANGE6_LEVELS];
	u64 *high;
	u64 *low;
	u32 *low_at;
};

/**
 * struct sb_range4_walk - a walk over IPv4 ranges
 * @ranges: the ranges
 * @key: next boundary
 * @bucket: where that is
 */
struct sb_range4_walk {
	const struct sb_ranges4 *ranges;
	u32 key;
	u32 bucket;
};

int sb_ranges4_init(struct sb_ranges4 *ranges, u32 room);
void sb_ranges4_free(struct sb_ranges4 *ranges);
u64 sb_ranges4_size(u32 room);
enum sb_range_order sb_ranges4_order(const struct sb_ranges4 *ranges, u32 first, u32 last);
void sb_ranges4_add(struct sb_ranges4 *ranges, u32 first, u32 last);
void sb_ranges4_finish(struct sb_ranges4 *ranges);
u32 sb_ranges4_find(const struct sb_ranges4 *ranges, u32 addr);
void sb_range4_walk_begin(struct sb_range4_walk *walk, const struct sb_ranges4 *ranges, u32 id);
void sb_range4_walk_next(struct sb_range4_walk *walk, u32 *first, u32 *last);

int sb_ranges6_init(struct sb_ranges6 *ranges, u32 room);
void sb_ranges6_free(struct sb_ranges6 *ranges);
u64 sb_ranges6_size(u32 room);
u64 sb_ranges6_size_final(const struct sb_ranges6 *ranges);
enum sb_range_order sb_ranges6_order(const struct sb_ranges6 *ranges, struct sb_addr first,
				     struct sb_addr last);
void sb_ranges6_add(struct sb_ranges6 *ranges, struct sb_addr first, struct sb_addr last);
void sb_ranges6_finish(struct sb_ranges6 *ranges);
u32 sb_ranges6_find(const struct sb_ranges6 *ranges, struct sb_addr addr);
void sb_ranges6_get(const struct sb_ranges6 *ranges, u32 id, struct sb_addr *first,
		    struct sb_addr *last);

#endif /* _SITBROKER_RANGE_H */
