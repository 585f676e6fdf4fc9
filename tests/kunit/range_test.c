// SPDX-License-Identifier: GPL-2.0
/*
 * The indexes of address ranges, and the IPv4 addresses inside of IPv6 ones.
 *
 * Modules' parameters: seed= repeats a run, operations= makes it longer.
 */

#include <kunit/test.h>
#include <linux/random.h>

static struct kunit *running;

#define complain(format, ...)	KUNIT_FAIL(running, format, ##__VA_ARGS__)

#include "range-model.h"

#include "../../kmod/range4.c"
#include "../../kmod/range6.c"
#include "../../kmod/filter.c"

static unsigned long long seed;
module_param(seed, ullong, 0644);
MODULE_PARM_DESC(seed, "seed of the random lists, 0 for a new one each time");

static unsigned int operations = 500;
module_param(operations, uint, 0644);
MODULE_PARM_DESC(operations, "number of random lists of each family");

static struct model *model;

static void edges(struct kunit *test)
{
	model_check_edges(model);
}

static void s20_random_lists4(struct kunit *test)
{
	model_check_random(model, true, operations);
}

static void s20_random_lists6(struct kunit *test)
{
	model_check_random(model, false, operations);
}

static void large_lists(struct kunit *test)
{
	static const enum model_shape shapes[] = { MODEL_UNIFORM, MODEL_CLUSTERS, MODEL_MIXED };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(shapes); i++) {
		model_check(model, true, MODEL_LARGE, shapes[i], 300);
		model_check(model, false, MODEL_LARGE, shapes[i], 300);
	}
}

static void crowded_list(struct kunit *test)
{
	model_check_crowded4(model, 500);
}

static void sizes(struct kunit *test)
{
	model_check_sizes();
}

static void maps(struct kunit *test)
{
	model_check_maps();
}

/* Too many for the numbers that count them, or for any memory: an error, not a crash. */
static void too_many(struct kunit *test)
{
	struct sb_ranges4 ranges4;
	struct sb_ranges6 ranges6;

	KUNIT_EXPECT_EQ(test, sb_ranges4_init(&ranges4, SB_RANGES_MAX), -ENOMEM);
	KUNIT_EXPECT_EQ(test, sb_ranges6_init(&ranges6, SB_RANGES_MAX), -ENOMEM);
	KUNIT_EXPECT_GT(test, sb_ranges6_size(SB_RANGES_MAX), 2ULL * SB_RANGES_MAX * 16);
	KUNIT_EXPECT_GT(test, sb_ranges4_size(SB_RANGES_MAX), 13ULL * SB_RANGES_MAX / 4);
}

/**
 * struct inside_case - an IPv6 address and what is inside
 * @addr: the address
 * @has4: is an IPv4 address inside?
 * @addr4: which one, host byte order
 */
struct inside_case {
	struct in6_addr addr;
	bool has4;
	u32 addr4;
};

static const struct inside_case inside_cases[] = {
	{ { { { [10] = 0xff, 0xff, 192, 0, 2, 1 } } }, true, 0xc0000201 },
	{ { { { [10] = 0xff, 0xfe, 192, 0, 2, 1 } } } },
	{ { { { [12] = 192, 0, 2, 1 } } } },
	{ { { { 1, [10] = 0xff, 0xff, 192, 0, 2, 1 } } } },
	{ { { { 0x20, 0x02, 192, 0, 2, 1, 7, [15] = 9 } } }, true, 0xc0000201 },
	{ { { { 0x20, 0x03, 192, 0, 2, 1, 7, [15] = 9 } } } },
	/* Teredo: the server 203.0.113.7 in front, the client inverted at the end. */
	{ { { { 0x20, 0x01, 0, 0, 203, 0, 113, 7, 0, 0, 0x12, 0x34, 0x3f, 0xff, 0xfd, 0xfe } } },
	  true, 0xc0000201 },
	{ { { { 0x20, 0x01, 0, 1, [12] = 0x3f, 0xff, 0xfd, 0xfe } } } },
	{ { { { 0, 0x64, 0xff, 0x9b, [12] = 192, 0, 2, 1 } } }, true, 0xc0000201 },
	{ { { { 0, 0x64, 0xff, 0x9b, [11] = 1, 192, 0, 2, 1 } } } },
	{ { { { 0, 0x64, 0xff, 0x9b, 0, 1, [12] = 192, 0, 2, 1 } } } },
	{ { { { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 } } } },
	{ { { { [15] = 1 } } } },
};

static void inside(struct kunit *test)
{
	struct sb_filter_key key;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(inside_cases); i++) {
		const struct inside_case *c = &inside_cases[i];

		key = sb_filter_key6(&c->addr);
		KUNIT_EXPECT_TRUE(test, key.has6);
		KUNIT_EXPECT_EQ_MSG(test, key.has4, c->has4, "%pI6c", &c->addr);
		/* The short way leaves out no address that has one. */
		if (c->has4)
			KUNIT_EXPECT_TRUE_MSG(test, sb_filter_may_embed(key.addr6.hi), "%pI6c",
					      &c->addr);
		if (c->has4)
			KUNIT_EXPECT_EQ_MSG(test, key.addr4, c->addr4, "%pI6c", &c->addr);
	}
	key = sb_filter_key4(htonl(0xc0000201));
	KUNIT_EXPECT_TRUE(test, key.has4 && !key.has6 && key.addr4 == 0xc0000201);
}

static int range_init(struct kunit *test)
{
	u64 used = seed ?: get_random_u64();

	running = test;
	kunit_info(test, "seed=%llu", used);
	prandom_seed_state(&model->random, used);
	return 0;
}

static int range_suite_init(struct kunit_suite *suite)
{
	model = kvzalloc(sizeof(*model), GFP_KERNEL);
	return model ? 0 : -ENOMEM;
}

static void range_suite_exit(struct kunit_suite *suite)
{
	kvfree(model);
	model = NULL;
}

static struct kunit_case range_suite_cases[] = {
	KUNIT_CASE(edges),
	KUNIT_CASE(s20_random_lists4),
	KUNIT_CASE(s20_random_lists6),
	KUNIT_CASE(large_lists),
	KUNIT_CASE(crowded_list),
	KUNIT_CASE(sizes),
	KUNIT_CASE(maps),
	KUNIT_CASE(too_many),
	KUNIT_CASE(inside),
	{}
};

static struct kunit_suite range_suite = {
	.name = "sitbroker_range",
	.suite_init = range_suite_init,
	.suite_exit = range_suite_exit,
	.init = range_init,
	.test_cases = range_suite_cases,
};

kunit_test_suite(range_suite);

MODULE_DESCRIPTION("KUnit tests of sitbroker: address ranges");
MODULE_LICENSE("GPL");
