// SPDX-License-Identifier: GPL-2.0
/* Addresses and prefixes as numbers: every mask, host bits, overlap, order. */

#include <kunit/test.h>
#include <linux/minmax.h>

#include "bits.h"
#include "prefix.h"

static struct in6_addr stored(struct sb_addr addr)
{
	struct in6_addr to;

	sb_addr_store(&to, addr);
	return to;
}

static void load_and_store(struct kunit *test)
{
	static const struct in6_addr addr = { {
		{ 0x20, 0x01, 0x0d, 0xb8, 0x01, 0x23, 0x45, 0x67,
		  0x89, 0xab, 0xcd, 0xef, 0xfe, 0xdc, 0xba, 0x98 } } };
	struct sb_addr number = sb_addr_load(&addr);
	struct in6_addr back;
	u8 unaligned[17];

	KUNIT_EXPECT_EQ(test, number.hi, 0x20010db801234567ULL);
	KUNIT_EXPECT_EQ(test, number.lo, 0x89abcdeffedcba98ULL);
	back = stored(number);
	KUNIT_EXPECT_MEMEQ(test, &back, &addr, sizeof(addr));

	/* Packets hold addresses anywhere. */
	memcpy(unaligned + 1, &addr, sizeof(addr));
	number = sb_addr_load((const struct in6_addr *)(unaligned + 1));
	KUNIT_EXPECT_EQ(test, number.lo, 0x89abcdeffedcba98ULL);
}

static void masks(struct kunit *test)
{
	unsigned int len;

	for (len = 0; len <= 128; len++) {
		struct in6_addr mask = stored(sb_addr_mask(len)), expected = {};

		bits_fill(&expected, 0, true);
		bits_fill(&expected, len, false);
		KUNIT_EXPECT_MEMEQ_MSG(test, &mask, &expected, sizeof(mask), "mask of /%u", len);
	}
}

static void membership(struct kunit *test)
{
	struct rnd_state random;
	unsigned int len, bit;

	prandom_seed_state(&random, 41);
	for (len = 0; len <= 128; len++) {
		struct in6_addr base = bits_random_addr(&random), addr;

		bits_fill(&base, len, false);
		for (bit = 0; bit < 128; bit++) {
			addr = base;
			bits_set(&addr, bit, !bits_get(&addr, bit));
			KUNIT_EXPECT_EQ_MSG(test,
					    sb_addr_in(sb_addr_load(&addr), sb_addr_load(&base),
						       sb_addr_mask(len)),
					    bit >= len, "bit %u of a /%u differs", bit, len);
		}
	}
}

static void order(struct kunit *test)
{
	static const struct sb_addr ascending[] = {
		{ 0, 0 }, { 0, 1 }, { 0, 1ULL << 63 }, { 0, ~0ULL },
		{ 1, 0 }, { 1, ~0ULL }, { 1ULL << 63, 0 }, { ~0ULL, 0 }, { ~0ULL, ~0ULL },
	};
	int a, b;

	for (a = 0; a < ARRAY_SIZE(ascending); a++)
		for (b = 0; b < ARRAY_SIZE(ascending); b++)
			KUNIT_EXPECT_EQ_MSG(test, sb_addr_cmp(ascending[a], ascending[b]),
					    a < b ? -1 : a > b, "number %d and number %d", a, b);
}

static void host_bits(struct kunit *test)
{
	struct sb_prefix prefix;
	unsigned int len, bit;

	for (len = 0; len <= 128; len++) {
		prefix.len = len;
		for (bit = 0; bit < 128; bit++) {
			prefix.addr = (struct in6_addr) {};
			bits_set(&prefix.addr, bit, true);
			KUNIT_EXPECT_EQ_MSG(test, sb_prefix_has_host_bits(&prefix), bit >= len,
					    "only bit %u is set in a /%u", bit, len);
		}
		prefix.addr = (struct in6_addr) {};
		KUNIT_EXPECT_FALSE(test, sb_prefix_has_host_bits(&prefix));
	}
}

static void overlap(struct kunit *test)
{
	struct rnd_state random;
	unsigned int i;

	prandom_seed_state(&random, 6);
	for (i = 0; i < 50000; i++) {
		struct sb_prefix a, b;
		bool expected;

		a.len = prandom_u32_state(&random) % 129;
		b.len = prandom_u32_state(&random) % 129;
		a.addr = bits_random_addr(&random);
		b.addr = a.addr;
		/* Of two random addresses, the first bit would tell. */
		bits_set(&b.addr, prandom_u32_state(&random) % 128, prandom_u32_state(&random) & 1);
		bits_fill(&a.addr, a.len, false);
		bits_fill(&b.addr, b.len, false);

		expected = bits_equal(&a.addr, &b.addr, min(a.len, b.len));
		KUNIT_EXPECT_EQ_MSG(test, sb_prefix_overlaps(&a, &b), expected, "%pI6c/%u %pI6c/%u",
				    &a.addr, a.len, &b.addr, b.len);
		KUNIT_EXPECT_EQ_MSG(test, sb_prefix_overlaps(&b, &a), expected, "%pI6c/%u %pI6c/%u",
				    &b.addr, b.len, &a.addr, a.len);
	}
}

static struct kunit_case prefix_cases[] = {
	KUNIT_CASE(load_and_store),
	KUNIT_CASE(masks),
	KUNIT_CASE(membership),
	KUNIT_CASE(order),
	KUNIT_CASE(host_bits),
	KUNIT_CASE(overlap),
	{}
};

static struct kunit_suite prefix_suite = {
	.name = "sitbroker_prefix",
	.test_cases = prefix_cases,
};

kunit_test_suite(prefix_suite);

MODULE_DESCRIPTION("KUnit tests of sitbroker: addresses and prefixes");
MODULE_LICENSE("GPL");
