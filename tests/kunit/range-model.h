/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The indexes of ranges against a plain array that is searched from its
 * beginning. Shared by the kernel's tests and those in user space; whoever
 * includes it defines complain(format, ...), which fails the test.
 */
#ifndef _SITBROKER_TEST_RANGE_MODEL_H
#define _SITBROKER_TEST_RANGE_MODEL_H

#include <linux/prandom.h>

#include "range.h"

/* More than there are where the IPv4 index takes its other form. */
#define MODEL_LARGE	40000

/* Most ranges of a model; whoever includes it may want more. */
#ifndef MODEL_RANGES
#define MODEL_RANGES	MODEL_LARGE
#endif

/* Each family's addresses as 128-bit numbers; IPv4 ones end at 2^32 - 1. */
struct model_range {
	struct sb_addr first;
	struct sb_addr last;
};

/**
 * struct model - ranges, plainly
 * @random: where randomness comes from
 * @max: the last address of the family
 * @n: number of ranges
 * @range: the ranges, ascending
 */
struct model {
	struct rnd_state random;
	struct sb_addr max;
	u32 n;
	struct model_range range[MODEL_RANGES];
};

/* How addresses are spread. */
enum model_shape {
	MODEL_UNIFORM,	/* anywhere */
	MODEL_CLUSTERS,	/* around a few addresses */
	MODEL_DENSE,	/* side by side */
	MODEL_ALIGNED,	/* at the ends of /64s, IPv6 only */
	MODEL_MIXED,	/* IPv6: half aligned, half anywhere in few /64s */
	MODEL_SHAPES,
};

static u32 model_below(struct model *model, u32 end)
{
	return prandom_u32_state(&model->random) % end;
}

static u64 model_u64(struct model *model)
{
	u64 high = prandom_u32_state(&model->random);

	return high << 32 | prandom_u32_state(&model->random);
}

static bool model_is4(const struct model *model)
{
	return !model->max.hi;
}

static bool model_equal(struct sb_addr a, struct sb_addr b)
{
	return a.hi == b.hi && a.lo == b.lo;
}

static struct sb_addr model_next(struct sb_addr addr)
{
	addr.lo++;
	if (!addr.lo)
		addr.hi++;
	return addr;
}

static struct sb_addr model_previous(struct sb_addr addr)
{
	if (!addr.lo)
		addr.hi--;
	addr.lo--;
	return addr;
}

static struct sb_addr model_address(struct model *model, enum model_shape shape)
{
	struct sb_addr addr = { .hi = model_u64(model), .lo = model_u64(model) };

	switch (shape) {
	case MODEL_CLUSTERS:
		addr.hi = 0x20010db800000000ULL + (addr.hi & 3);
		addr.lo = (addr.lo & 0x3000000f) << (addr.hi & 1 ? 0 : 2);
		break;
	case MODEL_DENSE:
		addr.hi = 0x20010db8ffffffffULL + (addr.hi & 1);
		addr.lo = addr.hi & 1 ? U64_MAX - (addr.lo & 2047) : addr.lo & 2047;
		break;
	case MODEL_ALIGNED:
		addr.hi &= 0xff0000ffULL << 29 | 7;
		addr.lo = 0;
		break;
	case MODEL_MIXED:
		addr.hi &= 0xffff;
		addr.lo &= addr.hi & 1 ? 0 : U64_MAX;
		break;
	default:
		break;
	}
	addr.hi &= model->max.hi;
	addr.lo &= model->max.lo;
	return addr;
}

/* Shell's sort: what both sides have. */
static void model_sort(struct sb_addr *addr, u32 n)
{
	static const u32 gaps[] = { 652838, 290150, 128955, 57314, 21771, 8298, 3548, 1577, 701,
				    301, 132, 57, 23, 10, 4, 1 };
	struct sb_addr one;
	u32 g, i, j;

	for (g = 0; g < sizeof(gaps) / sizeof(*gaps); g++) {
		for (i = gaps[g]; i < n; i++) {
			one = addr[i];
			for (j = i; j >= gaps[g] && sb_addr_cmp(addr[j - gaps[g]], one) > 0;
			     j -= gaps[g])
				addr[j] = addr[j - gaps[g]];
			addr[j] = one;
		}
	}
}

/*
 * At most @n ranges; the room for them is used to sort their ends. Some are one
 * address, some touch; the first address and the last may be in.
 */
static void model_fill(struct model *model, u32 n, enum model_shape shape)
{
	struct sb_addr *ends = (struct sb_addr *)model->range, first, last;
	u32 i;

	for (i = 0; i < 2 * n; i++)
		ends[i] = model_address(model, shape);
	model_sort(ends, 2 * n);
	if (n && !model_below(model, 4))
		ends[0] = (struct sb_addr) {};
	if (n && !model_below(model, 4))
		ends[2 * n - 1] = model->max;
	model->n = 0;
	for (i = 0; i < n; i++) {
		first = ends[2 * i];
		last = ends[2 * i + 1];
		if (shape == MODEL_ALIGNED && !model_is4(model))
			last.lo = U64_MAX;
		else if (!model_below(model, 4))
			last = first;
		if (model->n && sb_addr_cmp(first, model->range[model->n - 1].last) <= 0) {
			/* Behind the one before, if there is an address left. */
			if (sb_addr_cmp(model->range[model->n - 1].last, last) >= 0)
				continue;
			first = model_next(model->range[model->n - 1].last);
		} else if (model->n && !model_below(model, 4)) {
			first = model_next(model->range[model->n - 1].last);
		}
		model->range[model->n++] = (struct model_range) { first, last };
	}
}

/* Which range holds it? */
static u32 model_find(const struct model *model, struct sb_addr addr)
{
	u32 i;

	for (i = 0; i < model->n; i++)
		if (sb_addr_cmp(model->range[i].first, addr) <= 0 &&
		    sb_addr_cmp(addr, model->range[i].last) <= 0)
			return i;
	return SB_RANGE_NONE;
}

/* Addresses worth a question. */
static struct sb_addr model_probe(struct model *model, enum model_shape shape)
{
	const struct model_range *range;

	if (!model->n || !model_below(model, 4))
		return model_address(model, shape);
	range = &model->range[model_below(model, model->n)];
	switch (model_below(model, 6)) {
	case 0:
		if (model_equal(range->first, (struct sb_addr) {}))
			return model->max;
		return model_previous(range->first);
	case 1:
		return range->first;
	case 2:
		return range->last;
	case 3:
		return model_equal(range->last, model->max) ? (struct sb_addr) {}
							    : model_next(range->last);
	case 4:
		/* The same /64, somewhere else. */
		return (struct sb_addr) { range->first.hi, model_u64(model) & model->max.lo };
	default:
		return model_next(model_equal(range->first, range->last)
				  ? model_previous(range->first) : range->first);
	}
}

/* What the order of the next range must be, with all that is refused before it. */
#define model_check_order(order_of, model, i) do {					\
	const struct model_range *__r = &(model)->range[i];				\
	bool __touches = (i) && model_equal(model_next(__r[-1].last), __r->first);	\
	enum sb_range_order __order = order_of(__r->first, __r->last);			\
											\
	if (__order != (__touches ? SB_RANGE_TOUCHES : SB_RANGE_BEHIND))		\
		complain("range %u has order %d", i, __order);				\
	if (!model_equal(__r->first, __r->last) &&					\
	    order_of(__r->last, __r->first) != SB_RANGE_REVERSED)			\
		complain("range %u can be reversed", i);				\
	if ((i) && order_of(__r[-1].last, __r->last) != SB_RANGE_UNSORTED)		\
		complain("range %u can overlap the one before", i);			\
} while (0)

#define model_order4(a, b)	sb_ranges4_order(&ranges, (a).lo, (b).lo)
#define model_order6(a, b)	sb_ranges6_order(&ranges, a, b)

static void model_check4(struct model *model, enum model_shape shape, u32 probes)
{
	struct sb_range4_walk walk;
	struct sb_ranges4 ranges;
	u32 i, first, last, found, wanted;
	struct sb_addr addr;

	if (sb_ranges4_init(&ranges, model->n)) {
		complain("no memory");
		return;
	}
	for (i = 0; i < model->n; i++) {
		model_check_order(model_order4, model, i);
		sb_ranges4_add(&ranges, model->range[i].first.lo, model->range[i].last.lo);
	}
	sb_ranges4_finish(&ranges);
	if (ranges.n != model->n)
		complain("%u of %u ranges", ranges.n, model->n);
	for (i = 0; i < probes; i++) {
		addr = model_probe(model, shape);
		found = sb_ranges4_find(&ranges, addr.lo);
		wanted = model_find(model, addr);
		if (wanted != SB_RANGE_NONE && sb_ranges4_is_far(&ranges, addr.lo))
			complain("%08llx is far from range %u", (unsigned long long)addr.lo,
				 wanted);
		if (found != wanted)
			complain("%08llx is in range %d, not %d of %u",
				 (unsigned long long)addr.lo, wanted, found, model->n);
	}
	if (model->n)
		sb_range4_walk_begin(&walk, &ranges, 0);
	for (i = 0; i < model->n; i++) {
		/* Walks begin anywhere. */
		if (!model_below(model, 8))
			sb_range4_walk_begin(&walk, &ranges, i);
		sb_range4_walk_next(&walk, &first, &last);
		if (first != model->range[i].first.lo || last != model->range[i].last.lo)
			complain("range %u of %u is %08x-%08x", i, model->n, first, last);
	}
	sb_ranges4_free(&ranges);
}

static void model_check6(struct model *model, enum model_shape shape, u32 probes)
{
	struct sb_addr addr, first, last;
	struct sb_ranges6 ranges;
	u32 i, found, wanted;

	if (sb_ranges6_init(&ranges, model->n)) {
		complain("no memory");
		return;
	}
	for (i = 0; i < model->n; i++) {
		model_check_order(model_order6, model, i);
		sb_ranges6_add(&ranges, model->range[i].first, model->range[i].last);
	}
	sb_ranges6_finish(&ranges);
	if (ranges.n != model->n)
		complain("%u of %u ranges", ranges.n, model->n);
	if (sb_ranges6_size_final(&ranges) > sb_ranges6_size(model->n))
		complain("ranges became larger");
	/* Then last halves were there twice. */
	if (ranges.low_at && sb_ranges6_size_final(&ranges) + 2 * (u64)model->n * sizeof(u64) >
			     sb_ranges6_size(model->n))
		complain("%u ranges took more memory than is charged", model->n);
	for (i = 0; i < probes; i++) {
		addr = model_probe(model, shape);
		found = sb_ranges6_find(&ranges, addr);
		wanted = model_find(model, addr);
		if (wanted != SB_RANGE_NONE && sb_ranges6_is_far(&ranges, addr.hi))
			complain("%016llx:%016llx is far from range %u",
				 (unsigned long long)addr.hi, (unsigned long long)addr.lo, wanted);
		if (found != wanted)
			complain("%016llx:%016llx is in range %d, not %d of %u",
				 (unsigned long long)addr.hi, (unsigned long long)addr.lo, wanted,
				 found, model->n);
	}
	for (i = 0; i < model->n; i++) {
		sb_ranges6_get(&ranges, i, &first, &last);
		if (!model_equal(first, model->range[i].first) ||
		    !model_equal(last, model->range[i].last))
			complain("range %u of %u is another one", i, model->n);
	}
	sb_ranges6_free(&ranges);
}

static void model_check(struct model *model, bool is4, u32 n, enum model_shape shape, u32 probes)
{
	model->max = (struct sb_addr) { is4 ? 0 : U64_MAX, is4 ? U32_MAX : U64_MAX };
	model_fill(model, n, shape);
	if (is4)
		model_check4(model, shape, probes);
	else
		model_check6(model, shape, probes);
}

/* Small lists of every shape, often. */
static void model_check_random(struct model *model, bool is4, u32 rounds)
{
	static const u32 sizes[] = { 0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 100, 137, 300 };
	u32 n;

	while (rounds--) {
		n = sizes[model_below(model, sizeof(sizes) / sizeof(*sizes))];
		model_check(model, is4, n, model_below(model, MODEL_SHAPES), 2 * n + 20);
	}
}

/* Given ranges, and what is asked of them. */
static void model_check_given(struct model *model, bool is4, const struct model_range *range,
			      u32 n)
{
	u32 i;

	model->max = (struct sb_addr) { is4 ? 0 : U64_MAX, is4 ? U32_MAX : U64_MAX };
	model->n = n;
	for (i = 0; i < n; i++)
		model->range[i] = range[i];
	if (is4)
		model_check4(model, MODEL_UNIFORM, 500);
	else
		model_check6(model, MODEL_UNIFORM, 500);
}

/*
 * All in a few thousand addresses but the first one and the last: most parts of an index
 * are empty, and one is full. Every fourth touches the one before.
 */
static void model_check_crowded4(struct model *model, u32 probes)
{
	u32 i, addr = 0x0a00004d;

	model->max = (struct sb_addr) { 0, U32_MAX };
	model->n = MODEL_LARGE;
	model->range[0] = (struct model_range) {};
	for (i = 1; i < MODEL_LARGE - 1; i++, addr += i % 4 ? 2 : 1)
		model->range[i] = (struct model_range) { { 0, addr }, { 0, addr } };
	model->range[i] = (struct model_range) { { 0, U32_MAX - 1 }, { 0, U32_MAX } };
	model_check4(model, MODEL_UNIFORM, probes);
}

/* The ends of all addresses, of halves and of buckets. */
static void model_check_edges(struct model *model)
{
	static const struct model_range edges4[] = {
		{ { 0, 0 }, { 0, U32_MAX } },
		{ { 0, 0 }, { 0, 0 } },
		{ { 0, U32_MAX }, { 0, U32_MAX } },
		{ { 0, 0xffff }, { 0, 0x10000 } },
		{ { 0, 0x7fffffff }, { 0, 0x80000000 } },
		{ { 0, 1 }, { 0, U32_MAX - 1 } },
	};
	static const struct model_range edges6[] = {
		{ { 0, 0 }, { U64_MAX, U64_MAX } },
		{ { 0, 0 }, { 0, 0 } },
		{ { U64_MAX, U64_MAX }, { U64_MAX, U64_MAX } },
		{ { U64_MAX, 0 }, { U64_MAX, U64_MAX } },
		{ { U64_MAX, 5 }, { U64_MAX, 5 } },
		{ { 5, U64_MAX }, { 6, 0 } },
		{ { 0, 1 }, { U64_MAX, U64_MAX - 1 } },
	};
	static const struct model_range touching4[] = {
		{ { 0, 0 }, { 0, 9 } }, { { 0, 10 }, { 0, 10 } }, { { 0, 11 }, { 0, U32_MAX } },
	};
	static const struct model_range touching6[] = {
		{ { 0, 0 }, { 3, U64_MAX } }, { { 4, 0 }, { 4, 0 } }, { { 4, 1 }, { 4, 7 } },
		{ { 4, 8 }, { U64_MAX, U64_MAX } },
	};
	u32 i;

	for (i = 0; i < sizeof(edges4) / sizeof(*edges4); i++)
		model_check_given(model, true, &edges4[i], 1);
	for (i = 0; i < sizeof(edges6) / sizeof(*edges6); i++)
		model_check_given(model, false, &edges6[i], 1);
	model_check_given(model, true, touching4, 3);
	model_check_given(model, false, touching6, 4);
}

/* Bytes a range, as promised. */
static void model_check_sizes(void)
{
	struct sb_ranges6 ranges = { .room = 200000, .map = (u64 *)&ranges };

	if (sb_ranges4_size(1000000) > 4500000)
		complain("a million IPv4 ranges take more than 4.5 bytes each");
	if (sb_ranges4_size(1000) > 13500)
		complain("a thousand IPv4 ranges take more than 13.5 bytes each");
	if (sb_ranges6_size_final(&ranges) > 20 * 200000)
		complain("IPv6 ranges that end with a /64 take more than 20 bytes each");
	/* One in twenty is a single address. */
	ranges.low = (u64 *)&ranges;
	ranges.low_at = (u32 *)&ranges;
	ranges.n_low = 20000;
	if (sb_ranges6_size_final(&ranges) > 20 * 200000)
		complain("IPv6 ranges, few of them single addresses, take more than 20 bytes each");
	ranges.low_at = NULL;
	if (sb_ranges6_size_final(&ranges) > 35 * 200000)
		complain("IPv6 ranges that end anywhere take more than 35 bytes each");
}

static u32 model_map_bits(const u64 *map, u32 room)
{
	u32 words = sb_range_map_words(room), bits = 0, i, bit;

	for (i = 0; map && i < words; i++)
		for (bit = 0; bit < 64; bit++)
			bits += map[i] >> bit & 1;
	return bits;
}

/* Every block that a range touches is near; a large range fills its own words, and no others. */
static void model_check_map4_large(void)
{
	struct sb_ranges4 ranges;
	u32 word, i, bits;

	if (sb_ranges4_init(&ranges, 1000)) {
		complain("no memory");
		return;
	}
	word = 1U << ranges.map_shift;
	sb_ranges4_add(&ranges, 3 * word + 63, 3 * word + 129);
	sb_ranges4_add(&ranges, 5 * word - 1, 7 * word);
	sb_ranges4_add(&ranges, 9 * word, 9 * word + 65 * 64);
	sb_ranges4_finish(&ranges);
	for (i = 0; i < 3; i++)
		if (sb_ranges4_is_far(&ranges, 3 * word + 64 * i + 7))
			complain("block %u of an IPv4 range is far", i);
	for (i = 5 * word - 1; i < 7 * word; i += word / 7)
		if (sb_ranges4_is_far(&ranges, i))
			complain("%x in a large IPv4 range is far", i);
	/* Six, two, two words, two, and one word; a few are the same. */
	bits = model_map_bits(ranges.map, 1000);
	if (bits < 200 || bits > 202)
		complain("three IPv4 ranges have %u bits", bits);
	sb_ranges4_free(&ranges);
}

/* So many addresses in each of a thousand ranges: are blocks still small, and all of them near? */
static void model_check_map4_blocks(u32 addresses, bool fine)
{
	struct sb_ranges4 ranges;
	u32 i, addr;

	if (sb_ranges4_init(&ranges, 1000)) {
		complain("no memory");
		return;
	}
	for (i = 0; i < 1000; i++)
		sb_ranges4_add(&ranges, i << 22, (i << 22) + addresses - 1);
	sb_ranges4_finish(&ranges);
	if (ranges.map_block != (fine ? 6 : 8))
		complain("ranges of %u addresses have blocks of %u", addresses,
			 1U << ranges.map_block);
	for (i = 0; i < 1000; i++)
		for (addr = i << 22; addr - (i << 22) < addresses; addr += 64)
			if (sb_ranges4_is_far(&ranges, addr))
				complain("%08x is far from a range of %u addresses", addr,
					 addresses);
	sb_ranges4_free(&ranges);
}

/* Of @n ranges, and of 1024 blocks without one, how many are not far: at most @most? */
static void model_check_map4(u32 n, u32 most)
{
	const u32 step = (1ULL << 32) / n;
	struct sb_ranges4 ranges;
	struct rnd_state random;
	u32 near = 0, i, addr;

	if (sb_ranges4_init(&ranges, n)) {
		complain("no memory");
		return;
	}
	prandom_seed_state(&random, n);
	/* In the first half of each step; then some of the second halves. */
	for (i = 0; i < n; i++) {
		addr = i * step + prandom_u32_state(&random) % (step / 2 - 256);
		sb_ranges4_add(&ranges, addr, addr);
		if (sb_ranges4_is_far(&ranges, addr))
			complain("IPv4 range %u of %u is far", i, n);
	}
	for (i = 0; i < n; i += n / 1024) {
		addr = i * step + step / 2 + prandom_u32_state(&random) % (step / 2);
		near += !sb_ranges4_is_far(&ranges, addr);
	}
	if (near > most)
		complain("%u of 1024 blocks without one of %u IPv4 ranges are not far", near, n);
	sb_ranges4_free(&ranges);
}

/* How many of so many /32 that lie between those of model_check_map6() are not far? */
static u32 model_near(const struct sb_ranges6 *ranges, u64 high, u32 n)
{
	u32 near = 0;

	for (; n--; high += 100)
		near += !sb_ranges6_is_far(ranges, (high + 50) << 32);
	return near;
}

/* Every block that a range touches is near, most others are far; no map is nearly full. */
static void model_check_map6(void)
{
	const u64 high = 0x20010db8ULL;
	struct sb_ranges6 ranges;
	u32 i;

	if (sb_ranges6_init(&ranges, 1000)) {
		complain("no memory");
		return;
	}
	sb_ranges6_add(&ranges, (struct sb_addr) { (high << 32) - 1, U64_MAX },
		       (struct sb_addr) { (high + 3) << 32, 0 });
	for (i = 0; i < 5; i++)
		if (sb_ranges6_is_far(&ranges, (high - 1 + i) << 32 | 7))
			complain("block %u of an IPv6 range is far", i);
	for (i = 1; i < 1000; i++)
		sb_ranges6_add(&ranges, (struct sb_addr) { (high + 100 * i) << 32, 5 },
			       (struct sb_addr) { (high + 100 * i) << 32, 9 });
	if (!ranges.map)
		complain("IPv6 ranges in 1004 blocks have no map");
	/* With one bit a block, 112 of a thousand would be. */
	if (model_near(&ranges, high, 1000) > 50)
		complain("%u of 1000 blocks without a range are not far",
			 model_near(&ranges, high, 1000));
	sb_ranges6_free(&ranges);

	if (sb_ranges6_init(&ranges, 1000)) {
		complain("no memory");
		return;
	}
	for (i = 0; i < 1000 && ranges.map; i++)
		sb_ranges6_add(&ranges, (struct sb_addr) { (high + 100 * i) << 32, 0 },
			       (struct sb_addr) { (high + 100 * i + 4) << 32, 0 });
	if (ranges.map)
		complain("there is a map of which most would be full");
	else if (i < 400)
		complain("IPv6 ranges have no map after %u of them", i);
	sb_ranges6_finish(&ranges);
	if (sb_ranges6_is_far(&ranges, high << 32))
		complain("an IPv6 range without a map is far");
	sb_ranges6_free(&ranges);
}

static void model_check_maps(void)
{
	if (sb_range_map_words(SB_RANGES_UNMAPPED) ||
	    !sb_range_map_words(SB_RANGES_UNMAPPED - 1))
		complain("the wrong lists have a map");
	if (sb_ranges4_size(1000000) > 4500000)
		complain("a million IPv4 ranges take more than 4.5 bytes each");
	/* With one bit a block, 32 would be. */
	model_check_map4(1024, 20);
	/* And 39 with one, 5 with two. */
	model_check_map4(MODEL_LARGE, 2);
	model_check_map4_large();
	model_check_map4_blocks(64, true);
	model_check_map4_blocks(256, false);
	model_check_map6();
}

#endif /* _SITBROKER_TEST_RANGE_MODEL_H */
