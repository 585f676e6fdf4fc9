// SPDX-License-Identifier: GPL-2.0
/* Arithmetic of a pool: which piece holds an address, where a piece begins. */

#include <kunit/test.h>

#include "bits.h"

#include "../../kmod/far.c"
#include "../../kmod/pool.c"

static DEFINE_MUTEX(pool_lock);

/* Ends the test case when memory is short. */
static struct sb_pool *make(struct kunit *test, const struct in6_addr *addr, u8 len, u8 cut,
			    enum sitbroker_pool_kind kind)
{
	struct sb_prefix prefix = { .addr = *addr, .len = len };
	struct sb_pool *pool;

	bits_fill(&prefix.addr, len, false);
	pool = sb_pool_alloc(&prefix, kind, cut, &pool_lock);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, pool);
	return pool;
}

/* A piece and the addresses in it, against the same done bit by bit. */
static void check_piece(struct kunit *test, const struct sb_pool *pool, u64 index,
			struct rnd_state *random)
{
	unsigned int len = pool->prefix.len, cut = pool->cut;
	struct in6_addr expected = pool->prefix.addr, piece, addr;
	unsigned int i;

	bits_set_number(&expected, len, cut, index);
	piece = sb_pool_piece(pool, index);
	KUNIT_EXPECT_MEMEQ_MSG(test, &piece, &expected, sizeof(piece), "piece %llu of %pI6c/%u:%u",
			       index, &pool->prefix.addr, len, cut);

	/* First, last and some address in the middle. */
	for (i = 0; i < 3; i++) {
		addr = expected;
		bits_fill(&addr, cut, i == 1);
		if (i == 2)
			bits_set_number(&addr, max(cut, 64U), 128, bits_random(random));
		KUNIT_EXPECT_EQ_MSG(test, sb_pool_index(pool, sb_addr_load(&addr)), index,
				    "index of %pI6c in %pI6c/%u:%u", &addr, &pool->prefix.addr,
				    len, cut);
	}
}

static void check_pool(struct kunit *test, unsigned int len, unsigned int cut,
		       struct rnd_state *random)
{
	struct in6_addr addr = bits_random_addr(random);
	struct sb_pool *pool = make(test, &addr, len, cut, SITBROKER_POOL_KIND_ROUTED);
	u64 size = 1ULL << (cut - len);
	unsigned int bit, i;

	KUNIT_EXPECT_EQ_MSG(test, pool->size, size, "size of a /%u cut at %u", len, cut);
	KUNIT_EXPECT_EQ(test, pool->first, 0);
	check_piece(test, pool, 0, random);
	check_piece(test, pool, size - 1, random);
	check_piece(test, pool, size / 2, random);
	for (bit = 0; bit < cut - len; bit++)
		check_piece(test, pool, 1ULL << bit, random);
	for (i = 0; i < 4; i++)
		check_piece(test, pool, bits_random(random) & (size - 1), random);
	sb_pool_free(pool);
}

/* All lengths of pools and pieces: cuts below, at and above 64, shifts by 64. */
static void round_trips(struct kunit *test)
{
	struct rnd_state random;
	unsigned int len, cut;

	prandom_seed_state(&random, 127);
	for (len = 0; len <= 127; len++)
		for (cut = len; cut <= 127 && cut - len <= SB_POOL_CUT_BITS_MAX; cut++)
			check_pool(test, len, cut, &random);
}

/* What administrators write, with the figures worked out by hand. */
static void known_pools(struct kunit *test)
{
	static const struct {
		u64 hi;
		u64 lo;
		u8 len;
		u8 cut;
		u64 index;
		u64 piece_hi;
		u64 piece_lo;
	} known[] = {
		{ 0x20010db800010000, 0, 64, 127, 1, 0x20010db800010000, 2 },
		{ 0x20010db800010000, 0, 64, 127, ~0ULL >> 1, 0x20010db800010000, ~1ULL },
		{ 0x20010db800010000, 0x8000000000000000, 80, 127, 5,
		  0x20010db800010000, 0x800000000000000a },
		{ 0x20010db800050000, 0, 48, 64, 0xffff, 0x20010db80005ffff, 0 },
		{ 0x20010db800050000, 0, 48, 65, 1, 0x20010db800050000, 0x8000000000000000 },
		{ 0x20010db800050000, 0, 48, 65, 2, 0x20010db800050001, 0 },
		{ 0x20010db800050000, 0, 48, 56, 3, 0x20010db800050300, 0 },
		{ 0x20010db800010000, 0x1234567800000000, 112, 127, 0x7fff,
		  0x20010db800010000, 0x123456780000fffe },
		{ 0x20010db800010000, 0, 63, 64, 1, 0x20010db800010001, 0 },
		{ 0x20010db800010000, 0, 64, 64, 0, 0x20010db800010000, 0 },
		{ 0x20010db800010000, 6, 127, 127, 0, 0x20010db800010000, 6 },
		{ 0, 0, 0, 1, 1, 0x8000000000000000, 0 },
		{ 0, 0, 0, 0, 0, 0, 0 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(known); i++) {
		struct sb_addr base = { known[i].hi, known[i].lo };
		struct in6_addr addr, piece;
		struct sb_pool *pool;

		sb_addr_store(&addr, base);
		pool = make(test, &addr, known[i].len, known[i].cut, SITBROKER_POOL_KIND_ROUTED);
		/* make() clears host bits of what is written above with some. */
		piece = sb_pool_piece(pool, known[i].index);
		KUNIT_EXPECT_EQ_MSG(test, sb_addr_load(&piece).hi, known[i].piece_hi, "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, sb_addr_load(&piece).lo, known[i].piece_lo, "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, sb_pool_index(pool, sb_addr_load(&piece)), known[i].index,
				    "row %u", i);
		sb_pool_free(pool);
	}
}

/* RFC 6164 section 5.1: a pair whose last 64 bits are zero is given to nobody unasked. */
static void first_pair(struct kunit *test)
{
	static const struct {
		u8 len;
		u64 lo;
		enum sitbroker_pool_kind kind;
		u64 first;
	} known[] = {
		{ 64, 0, SITBROKER_POOL_KIND_PAIR, 1 },
		{ 120, 0, SITBROKER_POOL_KIND_PAIR, 1 },
		{ 126, 0, SITBROKER_POOL_KIND_PAIR, 1 },
		{ 120, 0x100, SITBROKER_POOL_KIND_PAIR, 0 },
		{ 80, 1ULL << 63, SITBROKER_POOL_KIND_PAIR, 0 },
		/* There is no other one in it. */
		{ 127, 0, SITBROKER_POOL_KIND_PAIR, 0 },
		{ 120, 0, SITBROKER_POOL_KIND_ROUTED, 0 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(known); i++) {
		struct sb_addr base = { 0x20010db800010000, known[i].lo };
		struct in6_addr addr;
		struct sb_pool *pool;
		u64 index = ~0ULL;

		sb_addr_store(&addr, base);
		pool = make(test, &addr, known[i].len, 127, known[i].kind);
		mutex_lock(&pool_lock);
		KUNIT_EXPECT_EQ_MSG(test, pool->first, known[i].first, "row %u", i);
		KUNIT_EXPECT_EQ(test, sb_pool_find_free(pool, &index), 0);
		KUNIT_EXPECT_EQ_MSG(test, index, known[i].first, "row %u", i);
		mutex_unlock(&pool_lock);
		sb_pool_free(pool);
	}
}

/* The array holds what it must and no more. */
static void array_length(struct kunit *test)
{
	struct in6_addr addr = {};
	unsigned int len;

	for (len = 64; len <= 127; len++) {
		struct sb_pool *pool = make(test, &addr, len, 127, SITBROKER_POOL_KIND_ROUTED);
		unsigned int bits = 127 - len;
		u32 expected = bits >= 24 ? SB_NEAR_SLOTS / SB_LEAF_SLOTS
					  : ((1U << bits) + SB_LEAF_SLOTS - 1) / SB_LEAF_SLOTS;

		KUNIT_EXPECT_EQ_MSG(test, pool->n_leaves, expected, "/%u", len);
		sb_pool_free(pool);
	}
}

/* As far away as a slot can say, on both sides. */
static void slots(struct kunit *test)
{
	static const struct {
		s64 away;
		s32 slot;
	} known[] = {
		{ SB_CLIENT_ALIGN, 1 },
		{ -SB_CLIENT_ALIGN, -1 },
		{ 1, SB_SLOT_OUT_OF_REACH },
		{ SB_CLIENT_ALIGN / 2, SB_SLOT_OUT_OF_REACH },
		{ -1, SB_SLOT_OUT_OF_REACH },
		{ (s64)S32_MAX * SB_CLIENT_ALIGN, S32_MAX },
		{ ((s64)S32_MAX + 1) * SB_CLIENT_ALIGN, SB_SLOT_OUT_OF_REACH },
		{ ((s64)S32_MIN + 1) * SB_CLIENT_ALIGN, S32_MIN + 1 },
		{ (s64)S32_MIN * SB_CLIENT_ALIGN, SB_SLOT_OUT_OF_REACH },
		{ ((s64)S32_MIN - 1) * SB_CLIENT_ALIGN, SB_SLOT_OUT_OF_REACH },
		{ ((s64)U32_MAX + 2) * SB_CLIENT_ALIGN, SB_SLOT_OUT_OF_REACH },
	};
	void *page = kunit_kmalloc(test, PAGE_SIZE, GFP_KERNEL);
	struct sb_client *client;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, page);
	for (i = 0; i < ARRAY_SIZE(known); i++) {
		/* All are in reach where addresses have 32 bits, or go round. */
		if (known[i].away != (long)known[i].away)
			continue;
		client = (struct sb_client *)((unsigned long)page + (long)known[i].away);
		KUNIT_EXPECT_EQ_MSG(test, sb_slot_of(page, client), known[i].slot, "row %u", i);
		if (known[i].slot != SB_SLOT_OUT_OF_REACH)
			KUNIT_EXPECT_PTR_EQ_MSG(test, sb_slot_client(page, known[i].slot), client,
						"row %u", i);
	}
}

static struct kunit_case pool_cases[] = {
	KUNIT_CASE(round_trips),
	KUNIT_CASE(known_pools),
	KUNIT_CASE(first_pair),
	KUNIT_CASE(array_length),
	KUNIT_CASE(slots),
	{}
};

static struct kunit_suite pool_suite = {
	.name = "sitbroker_pool",
	.test_cases = pool_cases,
};

kunit_test_suite(pool_suite);

MODULE_DESCRIPTION("KUnit tests of sitbroker: arithmetic of pools");
MODULE_LICENSE("GPL");
