// SPDX-License-Identifier: GPL-2.0
/*
 * IPv4 ranges. The first bits of an address choose a group of boundaries, which are
 * searched for the rest: a form of DXR (Zec, Rizzo, Mikuc 2012) that tells inside from
 * outside by parity instead of next hops.
 *
 * In a large list a boundary is 12 bits and one or two more that tell which 4,096 addresses
 * it belongs to: a one for each boundary, a zero behind those of each such bucket (Elias
 * 1974, Fano 1971). Where the zero of a bucket is, its number less is how many boundaries come
 * before it. So a million ranges take 3.4 bytes each, and leave room for a map.
 *
 * The map tells where there is any range at all: most lookups end with one line of that.
 * Those that do not read two to four lines more.
 */

#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/prefetch.h>
#include <linux/string.h>

#include "array.h"
#include "compat/unaligned.h"
#include "range.h"

/* From so many ranges on, less for each and a large table are the smaller. */
#define SB_RANGE4_LARGE		32768

/* So many boundaries of a group or bucket are all compared, faster than searched. */
#define SB_RANGE4_FEW		4

/* In a large list: 4,096 addresses are a bucket, and so many of those a group. */
#define SB_RANGE4_REST_BITS	12
#define SB_RANGE4_REST_MASK	((1U << SB_RANGE4_REST_BITS) - 1)
#define SB_RANGE4_BUCKETS	(1U << (32 - SB_RANGE4_REST_BITS))
#define SB_RANGE4_GROUP		256U

/* So many bits of &sb_ranges4.ends, a cache line of them, are one of &sb_ranges4.zeros. */
#define SB_RANGE4_LINE		512U
#define SB_RANGE4_LINE_WORDS	(SB_RANGE4_LINE / 64)

/*
 * Blocks of the map are of 64 addresses as long as there are five of its bits for each that
 * has a range, else of 256: small blocks tell more, where ranges are small as well.
 */
#define SB_RANGE4_BLOCK_FINE	6
#define SB_RANGE4_BLOCK_COARSE	8
#define SB_RANGE4_BLOCK_BITS	5

static bool sb_ranges4_are_large(u32 room)
{
	return room >= SB_RANGE4_LARGE;
}

/*
 * How many bits choose a group: so many that those of a small list have two to four
 * boundaries. In a large one a group has as many buckets as is half a line of @ends.
 */
static unsigned int sb_ranges4_bits(u32 room)
{
	if (sb_ranges4_are_large(room))
		return ilog2(SB_RANGE4_BUCKETS / SB_RANGE4_GROUP);
	return max(ilog2(room | 1), 4);
}

/* Number of entries of @first: one behind those of the groups. */
static u64 sb_ranges4_firsts(u32 room)
{
	return (1ULL << sb_ranges4_bits(room)) + 1;
}

/* Number of keys that memory is taken for: behind the last, a few are compared as well. */
static u64 sb_ranges4_keys(u32 room)
{
	return sb_ranges4_are_large(room) ? 0 : 2 * (u64)room + SB_RANGE4_FEW;
}

/* Bytes of @rests. Eight are read at once, wherever a boundary begins. */
static u64 sb_ranges4_rests(u32 room)
{
	return sb_ranges4_are_large(room) ? 3 * (u64)room + sizeof(u64) : 0;
}

/* Number of entries of @zeros: whole lines of @ends, and one behind what they count. */
static u64 sb_ranges4_lines(u32 room)
{
	if (!sb_ranges4_are_large(room))
		return 0;
	return (2 * (u64)room + SB_RANGE4_BUCKETS) / SB_RANGE4_LINE + 1;
}

/* Words of @ends. */
static u64 sb_ranges4_ends(u32 room)
{
	return sb_ranges4_lines(room) * SB_RANGE4_LINE_WORDS;
}

/* Memory of the arrays for at most %SB_RANGES_MAX ranges. */
u64 sb_ranges4_size(u32 room)
{
	if (!room)
		return 0;
	return sb_range_map_words(room) * sizeof(u64) + sb_ranges4_firsts(room) * sizeof(u32) +
	       sb_ranges4_keys(room) * sizeof(u32) + sb_ranges4_rests(room) +
	       sb_ranges4_ends(room) * sizeof(u64) + sb_ranges4_lines(room) * sizeof(u32);
}

static bool sb_ranges4_alloc_boundaries(struct sb_ranges4 *ranges, u32 room)
{
	if (!sb_ranges4_are_large(room)) {
		ranges->keys = sb_array_alloc(sb_ranges4_keys(room), sizeof(*ranges->keys), 0);
		return ranges->keys;
	}
	ranges->rests = sb_array_alloc(sb_ranges4_rests(room), sizeof(*ranges->rests), 0);
	ranges->ends = sb_array_alloc(sb_ranges4_ends(room), sizeof(*ranges->ends), __GFP_ZERO);
	ranges->zeros = sb_array_alloc(sb_ranges4_lines(room), sizeof(*ranges->zeros), 0);
	return ranges->rests && ranges->ends && ranges->zeros;
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
		.map_shift = 32 - ilog2((u32)maps | 1),
		.map_block = SB_RANGE4_BLOCK_FINE,
		.map_room = (u32)maps * 64 / SB_RANGE4_BLOCK_BITS,
	};
	if (!room)
		return 0;
	if (maps)
		ranges->map = sb_array_alloc(maps, sizeof(*ranges->map), __GFP_ZERO);
	ranges->first = sb_array_alloc(sb_ranges4_firsts(room), sizeof(*ranges->first), 0);
	if (sb_ranges4_alloc_boundaries(ranges, room) && ranges->first && (ranges->map || !maps))
		return 0;
	sb_ranges4_free(ranges);
	return -ENOMEM;
}

void sb_ranges4_free(struct sb_ranges4 *ranges)
{
	u32 room = ranges->room;

	sb_array_free(ranges->map, sb_range_map_words(room), sizeof(*ranges->map));
	sb_array_free(ranges->first, sb_ranges4_firsts(room), sizeof(*ranges->first));
	sb_array_free(ranges->keys, sb_ranges4_keys(room), sizeof(*ranges->keys));
	sb_array_free(ranges->rests, sb_ranges4_rests(room), sizeof(*ranges->rests));
	sb_array_free(ranges->ends, sb_ranges4_ends(room), sizeof(*ranges->ends));
	sb_array_free(ranges->zeros, sb_ranges4_lines(room), sizeof(*ranges->zeros));
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

/* Two boundaries share three bytes: the first has the one in front, half of the next one. */
static const u8 *sb_range4_rest_at(const u8 *rests, u32 i)
{
	return rests + i + i / 2;
}

static unsigned int sb_range4_rest_shift(u32 i)
{
	return i % 2 * 4;
}

static u32 sb_range4_rest(const u8 *rests, u32 i)
{
	return get_unaligned_le16(sb_range4_rest_at(rests, i)) >> sb_range4_rest_shift(i) &
	       SB_RANGE4_REST_MASK;
}

static void sb_range4_rest_set(u8 *rests, u32 i, u32 rest)
{
	u8 *at = (u8 *)sb_range4_rest_at(rests, i);

	if (i % 2) {
		at[0] |= rest << 4;
		at[1] = rest >> 4;
	} else {
		at[0] = rest;
		at[1] = rest >> 8;
	}
}

static void sb_ranges4_add_key(struct sb_ranges4 *ranges, u32 key)
{
	u32 i = ranges->n_keys++, bit;

	while (ranges->filled <= key >> ranges->shift)
		ranges->first[ranges->filled++] = i;
	if (ranges->keys) {
		ranges->keys[i] = key & ((1U << ranges->shift) - 1);
		return;
	}
	/* One for each boundary before, and a zero for each bucket. */
	bit = i + (key >> SB_RANGE4_REST_BITS);
	ranges->ends[bit / 64] |= 1ULL << bit % 64;
	sb_range4_rest_set(ranges->rests, i, key & SB_RANGE4_REST_MASK);
}

/* Of so many blocks the bits are nearly all that a word has. */
#define SB_RANGE4_BLOCKS	64U

static u32 sb_ranges4_blocks(const struct sb_ranges4 *ranges, u32 first, u32 last)
{
	return (last >> ranges->map_block) - (first >> ranges->map_block) + 1;
}

/* What of a range lies in one word of the map. */
static u64 sb_ranges4_word(const struct sb_ranges4 *ranges, u32 first, u32 last)
{
	u32 blocks = sb_ranges4_blocks(ranges, first, last);
	u64 bits = 0;

	if (blocks > SB_RANGE4_BLOCKS)
		return U64_MAX;
	for (; blocks--; first += 1U << ranges->map_block)
		bits |= sb_ranges4_map_bits(ranges, first);
	return bits;
}

static void sb_ranges4_mark(struct sb_ranges4 *ranges, u32 first, u32 last)
{
	u32 word = first >> ranges->map_shift, end = last >> ranges->map_shift;

	for (; word < end; word++) {
		ranges->map[word] |= sb_ranges4_word(ranges, first,
						     ((word + 1) << ranges->map_shift) - 1);
		first = (word + 1) << ranges->map_shift;
	}
	ranges->map[end] |= sb_ranges4_word(ranges, first, last);
}

/* As long as blocks are small, and few. */
static void sb_ranges4_mark_fine(struct sb_ranges4 *ranges, u32 first, u32 last)
{
	u32 blocks = min(sb_ranges4_blocks(ranges, first, last), SB_RANGE4_BLOCKS);

	if (blocks > ranges->map_room) {
		ranges->map_room = 0;
		return;
	}
	ranges->map_room -= blocks;
	sb_ranges4_mark(ranges, first, last);
}

/* They were too many: once more from the first range on, with larger ones. */
static void sb_ranges4_mark_coarse(struct sb_ranges4 *ranges)
{
	struct sb_range4_walk walk;
	u32 first, last, i;

	ranges->map_block = SB_RANGE4_BLOCK_COARSE;
	memset(ranges->map, 0, sb_range_map_words(ranges->room) * sizeof(*ranges->map));
	sb_range4_walk_begin(&walk, ranges, 0);
	for (i = 0; i < ranges->n; i++) {
		sb_range4_walk_next(&walk, &first, &last);
		sb_ranges4_mark(ranges, first, last);
	}
}

/* Add a range that lies behind the others; there must be room for it. */
void sb_ranges4_add(struct sb_ranges4 *ranges, u32 first, u32 last)
{
	if (ranges->map)
		sb_ranges4_mark_fine(ranges, first, last);
	sb_ranges4_add_key(ranges, first);
	if (last != U32_MAX)
		sb_ranges4_add_key(ranges, last + 1);
	ranges->last = last;
	ranges->n++;
}

static void sb_ranges4_count_zeros(struct sb_ranges4 *ranges)
{
	u32 zeros = 0, line, i;

	for (line = 0; line < sb_ranges4_lines(ranges->room); line++) {
		ranges->zeros[line] = zeros;
		for (i = 0; i < SB_RANGE4_LINE_WORDS; i++)
			zeros += hweight64(~ranges->ends[line * SB_RANGE4_LINE_WORDS + i]);
	}
}

/* No more ranges are added, and they can be searched. */
void sb_ranges4_finish(struct sb_ranges4 *ranges)
{
	u32 i;

	if (!ranges->room)
		return;
	for (i = 0; ranges->keys && i < SB_RANGE4_FEW; i++)
		ranges->keys[ranges->n_keys + i] = 0;
	for (i = 0; ranges->rests && i < SB_RANGE4_FEW; i++)
		sb_range4_rest_set(ranges->rests, ranges->n_keys + i, 0);
	while (ranges->filled <= 1U << (32 - ranges->shift))
		ranges->first[ranges->filled++] = ranges->n_keys;
	sb_ranges4_count_zeros(ranges);
	if (ranges->map && !ranges->map_room)
		sb_ranges4_mark_coarse(ranges);
}

/* How many of @n sorted keys, of which @key_at(i) is the @i-th, are not above one? */
#define sb_range_count(key_at, n, key) ({					\
	u32 __at = 0, __n = (n), __half;					\
										\
	/* Without a branch to mispredict. */					\
	while (__n > 1) {							\
		__half = __n / 2;						\
		__at += (key_at(__at + __half - 1) <= (key)) * __half;		\
		__n -= __half;							\
	}									\
	__at + (__n && key_at(__at) <= (key));					\
})

/* The same of a few keys: all of them are looked at, and none waits for another. */
#define sb_range_is_counted(key_at, n, key, i)	(((i) < (n)) & (key_at(i) <= (key)))
#define sb_range_count_few(key_at, n, key)					\
	(sb_range_is_counted(key_at, n, key, 0) + sb_range_is_counted(key_at, n, key, 1) + \
	 sb_range_is_counted(key_at, n, key, 2) + sb_range_is_counted(key_at, n, key, 3))

static u32 sb_ranges4_rank_small(const struct sb_ranges4 *ranges, u32 addr)
{
	u32 group = addr >> ranges->shift, begin = ranges->first[group];
	u32 n = ranges->first[group + 1] - begin, key = addr & ((1U << ranges->shift) - 1);
	const u32 *keys = ranges->keys + begin;

#define sb_key_at(i)	(keys[i])
	if (n <= SB_RANGE4_FEW)
		return begin + sb_range_count_few(sb_key_at, n, key);
	/* What a search needs is fetched at once, not step by step. */
	prefetch(keys);
	prefetch(keys + n - 1);
	return begin + sb_range_count(sb_key_at, n, key);
#undef sb_key_at
}

/*
 * Where in @words is the bit behind @n others from @bit on, which are ones, or zeros if all
 * are to be @flipped? It must exist.
 */
static __always_inline u32 sb_bits_find(const u64 *words, u32 bit, u32 n, u64 flipped)
{
	u32 word = bit / 64, in_word;
	u64 bits = (words[word] ^ flipped) & U64_MAX << bit % 64;

	while ((in_word = hweight64(bits)) <= n) {
		n -= in_word;
		bits = words[++word] ^ flipped;
	}
	while (n--)
		bits &= bits - 1;
	return word * 64 + __ffs64(bits);
}

/* How many bits right below @bit are ones? */
static u32 sb_bits_ones_below(const u64 *words, u32 bit)
{
	u32 word = bit / 64;
	u64 zeros = ~words[word] & ((1ULL << bit % 64) - 1);

	while (!zeros) {
		if (!word)
			return bit;
		zeros = ~words[--word];
	}
	return bit - (word * 64 + fls64(zeros));
}

/* Where in @ends is the end of a bucket, whose group has the boundaries from @begin to @end? */
static u32 sb_ranges4_end(const struct sb_ranges4 *ranges, u32 bucket, u32 begin, u32 end)
{
	u32 group = bucket - bucket % SB_RANGE4_GROUP, middle;
	u32 low = (begin + group) / SB_RANGE4_LINE;
	u32 high = (end + group + SB_RANGE4_GROUP) / SB_RANGE4_LINE;

	/* In which line is it? */
	while (low < high) {
		middle = (low + high + 1) / 2;
		if (ranges->zeros[middle] <= bucket)
			low = middle;
		else
			high = middle - 1;
	}
	return sb_bits_find(ranges->ends, low * SB_RANGE4_LINE, bucket - ranges->zeros[low],
			    U64_MAX);
}

static u32 sb_ranges4_rank_large(const struct sb_ranges4 *ranges, u32 addr)
{
	u32 bucket = addr >> SB_RANGE4_REST_BITS, rest = addr & SB_RANGE4_REST_MASK;
	u32 group = bucket / SB_RANGE4_GROUP, n, guess;
	u32 begin = ranges->first[group], end = ranges->first[group + 1];
	u64 few;

	/* If ranges are spread evenly, this is where it will look. */
	guess = begin + (u64)(end - begin) * (bucket % SB_RANGE4_GROUP) / SB_RANGE4_GROUP;
	prefetch(&ranges->ends[(guess + bucket) / 64]);
	prefetch(sb_range4_rest_at(ranges->rests, guess));
	end = sb_ranges4_end(ranges, bucket, begin, end);
	n = sb_bits_ones_below(ranges->ends, end);
	begin = end - bucket - n;
	if (n <= SB_RANGE4_FEW) {
		few = get_unaligned_le64(sb_range4_rest_at(ranges->rests, begin)) >>
		      sb_range4_rest_shift(begin);
#define sb_key_at(i)	(few >> (i) * SB_RANGE4_REST_BITS & SB_RANGE4_REST_MASK)
		return begin + sb_range_count_few(sb_key_at, n, rest);
#undef sb_key_at
	}
#define sb_key_at(i)	sb_range4_rest(ranges->rests, begin + (i))
	return begin + sb_range_count(sb_key_at, n, rest);
#undef sb_key_at
}

/**
 * sb_ranges4_find() - which range holds an address?
 * @ranges: the ranges, finished
 * @addr: the address, host byte order
 *
 * Return: its number from 0 on, or %SB_RANGE_NONE.
 */
u32 sb_ranges4_find(const struct sb_ranges4 *ranges, u32 addr)
{
	u32 rank;

	if (!ranges->n)
		return SB_RANGE_NONE;
	rank = ranges->keys ? sb_ranges4_rank_small(ranges, addr)
			    : sb_ranges4_rank_large(ranges, addr);
	return rank & 1 ? rank / 2 : SB_RANGE_NONE;
}

/* Begin a walk at range @id, which must exist. */
void sb_range4_walk_begin(struct sb_range4_walk *walk, const struct sb_ranges4 *ranges, u32 id)
{
	u32 key = 2 * id, line;

	*walk = (struct sb_range4_walk) { .ranges = ranges, .key = key };
	/* The last group, or line, that begins there or before. */
	if (ranges->keys) {
#define sb_key_at(i)	(ranges->first[i])
		walk->at = sb_range_count(sb_key_at, 1U << (32 - ranges->shift), key) - 1;
#undef sb_key_at
		return;
	}
#define sb_key_at(i)	((i) * SB_RANGE4_LINE - ranges->zeros[i])
	line = sb_range_count(sb_key_at, sb_ranges4_lines(ranges->room), key) - 1;
	walk->at = sb_bits_find(ranges->ends, line * SB_RANGE4_LINE, key - sb_key_at(line), 0);
#undef sb_key_at
}

static u32 sb_range4_walk_small(struct sb_range4_walk *walk)
{
	const struct sb_ranges4 *ranges = walk->ranges;
	u32 key = walk->key++;

	while (ranges->first[walk->at + 1] <= key)
		walk->at++;
	return walk->at << ranges->shift | ranges->keys[key];
}

static u32 sb_range4_walk_large(struct sb_range4_walk *walk)
{
	const struct sb_ranges4 *ranges = walk->ranges;
	u32 key = walk->key++, bit = walk->at;

	if (walk->key < ranges->n_keys)
		walk->at = sb_bits_find(ranges->ends, bit + 1, 0, 0);
	return (bit - key) << SB_RANGE4_REST_BITS | sb_range4_rest(ranges->rests, key);
}

static u32 sb_range4_walk_key(struct sb_range4_walk *walk)
{
	return walk->ranges->keys ? sb_range4_walk_small(walk) : sb_range4_walk_large(walk);
}

/* The next range of a walk, which must exist. */
void sb_range4_walk_next(struct sb_range4_walk *walk, u32 *first, u32 *last)
{
	*first = sb_range4_walk_key(walk);
	*last = walk->key < walk->ranges->n_keys ? sb_range4_walk_key(walk) - 1 : U32_MAX;
}
