/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sorted, disjoint address ranges, and which one holds an address. Nothing here
 * knows of packets or lists; the same files are compiled in user space.
 */
#ifndef _SITBROKER_RANGE_H
#define _SITBROKER_RANGE_H

#include <linux/limits.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/types.h>

#include "prefix.h"

/* No range holds the address. */
#define SB_RANGE_NONE		U32_MAX

/* Most ranges of a family: their boundaries are counted in 32 bits. */
#define SB_RANGES_MAX		(1U << 30)

/* From so many ranges on a map that is in the caches would rule out too little to pay. */
#define SB_RANGES_UNMAPPED	2097152

/*
 * A map tells blocks of addresses in which there is a range from others: 16 to 32 bits of it
 * for each range, half of that where it is larger than 256 KB, 4 in the largest of a
 * megabyte. It has two to the power of how many bits, or 0 for no map? Two words at least,
 * so that there is something to shift to choose one.
 */
static inline unsigned int sb_range_map_order(u32 room)
{
	unsigned int order;

	if (!room || room >= SB_RANGES_UNMAPPED)
		return 0;
	order = ilog2(room) + 4;
	return clamp(order + (order < 21), 7, 23);
}

/* Number of the map's words. */
static inline u64 sb_range_map_words(u32 room)
{
	return (1ULL << sb_range_map_order(room)) / 64;
}

/*
 * Each block has some bits of one word, by a hash of the block: a Bloom filter that costs
 * one cache line (Putze, Sanders, Singler 2007: "blocked"). Four of them, which are all set
 * without a range in a tenth to three of a hundred cases; in a small list of IPv4 two, in
 * one to three: there a search is cheap, so that two more cost what they save.
 */
static inline u64 sb_range_map_hash(u64 block)
{
	return block * 0x9e3779b97f4a7c15ULL;
}

/* Below the at most 17 bits of the hash that choose the word, where it does. */
static inline u64 sb_range_map_two_bits(u64 hash)
{
	return 1ULL << (hash >> 40 & 63) | 1ULL << (hash >> 34 & 63);
}

static inline u64 sb_range_map_four_bits(u64 hash)
{
	return sb_range_map_two_bits(hash) | sb_range_map_two_bits(hash << 12);
}

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
 * @map_shift: the bits of an address behind those that choose a word of @map
 * @map_block: the bits of an address inside of a block of @map
 * @shift: the bits of an address behind those that choose an entry of @first
 * @map: where there are ranges at all; NULL from %SB_RANGES_UNMAPPED on
 * @first: for each group of addresses the index of its first boundary, one more at the end
 * @keys: the last @shift bits of each boundary, in small lists; else NULL
 * @rests: the last 12 bits of each boundary, in large lists; else NULL
 * @ends: a one for each boundary, and behind those of each 4,096 addresses a zero; as @rests
 * @zeros: how many zeros of @ends come before each 512th bit; as @rests
 * @map_room: how many more blocks may have a range; if 0 in the end, they are made larger
 * @n_keys: number of boundaries
 * @room: for how many ranges memory was taken
 * @filled: how many of @first are known
 * @last: last address of the last range
 *
 * Each range has two boundaries, its first address and the one behind its
 * last, if there is one. The number of boundaries up to an address is odd
 * inside of a range, and half of it is the number of the range. Two ranges that
 * touch have a boundary twice. Built once, then constant. What packets need comes first.
 */
struct sb_ranges4 {
	u32 n;
	u8 map_shift;
	u8 map_block;
	u8 shift;
	u64 *map;
	u32 *first;
	u32 *keys;
	u8 *rests;
	u64 *ends;
	u32 *zeros;
	u32 map_room;
	u32 n_keys;
	u32 room;
	u32 filled;
	u32 last;
};

/* So many for %SB_RANGES_MAX. */
#define SB_RANGE6_LEVELS	8

/**
 * struct sb_ranges6 - IPv6 ranges, as their boundaries
 * @n: number of ranges
 * @map_shift: the bits of a hash behind those that choose a word of @map
 * @map: see sb_range_map_hash(); NULL in large lists, and where it would be nearly full
 * @map_room: how many more blocks may have a range, counted for each range
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
	u8 map_shift;
	u64 *map;
	u32 map_room;
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
 * @at: the entry of @first where that is; in a large list, its place in @ends
 */
struct sb_range4_walk {
	const struct sb_ranges4 *ranges;
	u32 key;
	u32 at;
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

/*
 * The bits of an IPv4 address's block. Its first bits choose the word: a range is a
 * few words, whatever its size, and who crowds ranges into one place fills the words of
 * that place only.
 */
static inline u64 sb_ranges4_map_bits(const struct sb_ranges4 *ranges, u32 addr)
{
	u64 hash = sb_range_map_hash(addr >> ranges->map_block);

	return ranges->keys ? sb_range_map_two_bits(hash) : sb_range_map_four_bits(hash);
}

/*
 * Is no range near an address? Nearly all packets are about such addresses, and
 * most of them are told by a word; the rest has to be searched for.
 */
static inline bool sb_ranges4_is_far(const struct sb_ranges4 *ranges, u32 addr)
{
	u64 bits;

	if (!ranges->map)
		return !ranges->n;
	bits = sb_ranges4_map_bits(ranges, addr);
	return (ranges->map[addr >> ranges->map_shift] & bits) != bits;
}

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

/*
 * As sb_ranges4_is_far(), by the first half of an address. A block is a /32, and its hash
 * chooses the word, too.
 */
static inline bool sb_ranges6_is_far(const struct sb_ranges6 *ranges, u64 high)
{
	u64 hash = sb_range_map_hash(high >> 32), bits = sb_range_map_four_bits(hash);

	if (!ranges->map)
		return !ranges->n;
	return (ranges->map[hash >> ranges->map_shift] & bits) != bits;
}

#endif /* _SITBROKER_RANGE_H */
