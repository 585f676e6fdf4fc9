// SPDX-License-Identifier: GPL-2.0
/* Far pieces against a list that is searched from end to end, while they come and go. */

#include <kunit/test.h>

#include "bits.h"

#include "../../kmod/far.c"

#define MODEL_PIECES	1000
#define SEEN_SIZE	(8 * MODEL_PIECES)
#define OPERATIONS	20000

/**
 * struct model - who should hold what
 * @lock: of the pieces
 * @far: under test
 * @random: where randomness comes from
 * @n: number of pieces held
 * @index: each of them, in no order
 * @client: who holds it
 * @left: the piece that was given back last
 * @table: the one that @seen is of
 * @seen: indices in its places
 */
struct model {
	struct mutex lock;
	struct sb_far far;
	struct rnd_state random;
	u32 n;
	u64 index[MODEL_PIECES];
	struct sb_client *client[MODEL_PIECES];
	u64 left;
	const struct sb_far_table *table;
	u64 seen[SEEN_SIZE];
};

static struct sb_client *holder(const struct model *model, u64 index)
{
	u32 i;

	for (i = 0; i < model->n; i++)
		if (model->index[i] == index)
			return model->client[i];
	return NULL;
}

/* Any, from 2^24 to 2^63; in rows, at distances of a power of two; the one that left last. */
static u64 some_index(struct model *model)
{
	u64 number = bits_random(&model->random);

	switch (number % 8) {
	case 0:
		return (1ULL << 62) + ((number >> 8) % 512);
	case 1:
		return (1ULL << 24) + ((number >> 8) % 512 << 16);
	case 2:
		return (1 + (number >> 8) % 512) << 48;
	case 3:
		return model->left;
	default:
		return number >> 1 | 1ULL << 24;
	}
}

static void check_piece(struct kunit *test, struct model *model, u64 index)
{
	KUNIT_EXPECT_PTR_EQ_MSG(test, sb_far_get(&model->far, index), holder(model, index),
				"who holds %llx", index);
}

static void check_all(struct kunit *test, struct model *model)
{
	u32 i;

	for (i = 0; i < model->n; i++)
		KUNIT_EXPECT_PTR_EQ_MSG(test, sb_far_get(&model->far, model->index[i]),
					model->client[i], "who holds %llx", model->index[i]);
}

/* Bounds, and what readers rely on: the index in a place stays as long as the table lives. */
static void check_table(struct kunit *test, struct model *model)
{
	const struct sb_far_table *table = sb_far_table(&model->far);
	u32 i, used = 0, filled = 0;

	KUNIT_EXPECT_EQ(test, model->far.used, model->n);
	if (!table)
		return;
	KUNIT_EXPECT_EQ(test, table->size % SB_FAR_LINE, 0);
	/* It shrinks when a quarter is used. */
	KUNIT_EXPECT_LE(test, table->size, max(4 * model->n + 4, (u32)SB_FAR_MIN));
	KUNIT_ASSERT_LE(test, table->size, SEEN_SIZE);
	for (i = 0; i < table->size; i++) {
		u64 index = table->entry[i].index;

		if (table == model->table && model->seen[i] && index != model->seen[i])
			KUNIT_FAIL(test, "%llx in place %u became %llx", model->seen[i], i, index);
		if (i % SB_FAR_LINE && index && !table->entry[i - 1].index)
			KUNIT_FAIL(test, "%llx is in place %u behind a free one", index, i);
		model->seen[i] = index;
		filled += !!index;
		used += !!rcu_access_pointer(table->entry[i].client);
	}
	model->table = table;
	KUNIT_EXPECT_EQ(test, model->far.used, used);
	KUNIT_EXPECT_EQ(test, model->far.filled, filled);
	KUNIT_EXPECT_LE(test, filled * 5ULL, table->size * 4ULL + 5);
}

static void take(struct kunit *test, struct model *model, u64 index)
{
	/* Never looked into: any number does, as long as it tells one from the other. */
	struct sb_client *client = (struct sb_client *)(bits_random(&model->random) | 1);

	KUNIT_ASSERT_EQ(test, sb_far_take(&model->far, index, client), 0);
	model->index[model->n] = index;
	model->client[model->n++] = client;
	check_piece(test, model, index);
}

static void give_back(struct kunit *test, struct model *model, u32 i)
{
	model->left = model->index[i];
	sb_far_give_back(&model->far, model->left);
	model->n--;
	model->index[i] = model->index[model->n];
	model->client[i] = model->client[model->n];
	check_piece(test, model, model->left);
}

static void give_back_one(struct kunit *test, struct model *model)
{
	give_back(test, model, prandom_u32_state(&model->random) % model->n);
}

static struct model *make(struct kunit *test)
{
	struct model *model = kvzalloc(sizeof(*model), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, model);
	mutex_init(&model->lock);
	sb_far_init(&model->far, &model->lock);
	prandom_seed_state(&model->random, 5077);
	model->left = 1ULL << 40;
	mutex_lock(&model->lock);
	return model;
}

static void done(struct model *model)
{
	mutex_unlock(&model->lock);
	sb_far_destroy(&model->far);
	mutex_destroy(&model->lock);
	kvfree(model);
}

/* By turns more is taken than given back, and less. */
static void random_operations(struct kunit *test)
{
	struct model *model = make(test);
	unsigned int i, chance;
	u64 index;

	for (i = 0; i < OPERATIONS && test->status != KUNIT_FAILURE; i++) {
		chance = i / (OPERATIONS / 6) % 2 ? 3 : 7;
		index = some_index(model);
		check_piece(test, model, index);
		if (!model->n || (model->n < MODEL_PIECES &&
				  prandom_u32_state(&model->random) % 10 < chance)) {
			if (!holder(model, index))
				take(test, model, index);
		} else {
			give_back_one(test, model);
		}
		check_table(test, model);
		if (i % 256 == 0)
			check_all(test, model);
		cond_resched();
	}
	check_all(test, model);
	while (model->n && test->status != KUNIT_FAILURE) {
		give_back_one(test, model);
		check_table(test, model);
	}
	done(model);
}

/* Who gives one back for another, for ever, does not fill it, nor does it grow. */
static void moves(struct kunit *test)
{
	struct model *model = make(test);
	unsigned int i;

	for (i = 0; i < 9; i++)
		take(test, model, (1ULL << 24) + i);
	for (i = 0; i < 10000 && test->status != KUNIT_FAILURE; i++) {
		give_back_one(test, model);
		take(test, model, (1ULL << 25) + i);
		check_table(test, model);
	}
	check_all(test, model);
	KUNIT_EXPECT_LE(test, sb_far_table(&model->far)->size, 28);
	done(model);
}

/* A piece that is taken and given back for ever has one place, always the same. */
static void comes_again(struct kunit *test)
{
	struct model *model = make(test);
	unsigned int i;
	u32 filled;

	for (i = 0; i < 5; i++)
		take(test, model, (1ULL << 24) + i);
	filled = model->far.filled;
	for (i = 0; i < 1000; i++) {
		give_back_one(test, model);
		take(test, model, model->left);
		check_table(test, model);
	}
	KUNIT_EXPECT_EQ(test, model->far.filled, filled);
	check_all(test, model);
	done(model);
}

/* Nothing is found where nothing ever was, nor behind it. */
static void nothing(struct kunit *test)
{
	struct model *model = make(test);

	check_piece(test, model, 1ULL << 24);
	check_piece(test, model, ~0ULL >> 1);
	take(test, model, 1ULL << 30);
	check_piece(test, model, 1ULL << 24);
	give_back_one(test, model);
	check_piece(test, model, 1ULL << 24);
	check_table(test, model);
	done(model);
}

/* Where there is no memory to grow nothing changes; for what does not grow none is needed. */
static void no_memory(struct kunit *test)
{
	/* More than kvmalloc() gives. */
	const u32 many = 200 * 1000 * 1000;
	struct sb_client *client = (struct sb_client *)1L;
	struct model *model = make(test);
	const struct sb_far_table *table;

	model->far.used = many;
	KUNIT_EXPECT_EQ(test, sb_far_take(&model->far, 1ULL << 24, client), -ENOMEM);
	KUNIT_EXPECT_NULL(test, sb_far_table(&model->far));
	KUNIT_EXPECT_EQ(test, model->far.used, many);
	model->far.used = 0;

	while (model->far.filled < SB_FAR_MIN * 4 / 5)
		take(test, model, (1ULL << 24) + model->n);
	table = sb_far_table(&model->far);
	model->far.used += many;
	KUNIT_EXPECT_EQ(test, sb_far_take(&model->far, 1ULL << 25, client), -ENOMEM);
	KUNIT_EXPECT_PTR_EQ(test, sb_far_table(&model->far), table);
	KUNIT_EXPECT_NULL(test, sb_far_get(&model->far, 1ULL << 25));
	KUNIT_EXPECT_EQ(test, model->far.used, many + model->n);
	give_back_one(test, model);
	model->far.used -= many;
	check_table(test, model);
	check_all(test, model);
	done(model);
}

/* How many lines a search for a piece reads. */
static u32 lines_read(const struct sb_far *far, u64 index)
{
	struct sb_far_table *table = sb_far_table(far);
	u32 first = sb_far_first(far, table, index);
	u32 at = sb_far_entry(far, table, index) - table->entry;

	return (at + table->size - first) % table->size / SB_FAR_LINE + 1;
}

static u64 in_row(u32 i, unsigned int shift)
{
	return (1ULL << 24) + ((u64)i << shift);
}

/* Pieces in a row, as they are handed out, at any distance: few do not fit into their line. */
static void rows(struct kunit *test)
{
	enum { N = 4000 };
	struct sb_client *client = (struct sb_client *)1L;
	struct model *model = make(test);
	struct sb_far *far = &model->far;
	unsigned int shift, seed;
	u32 i, lines;

	for (shift = 0; shift <= 50; shift++) {
		for (seed = 0; seed < 4 && test->status != KUNIT_FAILURE; seed++) {
			far->seed = bits_random(&model->random) | 1;
			lines = 0;
			for (i = 1; i <= N; i++)
				KUNIT_ASSERT_FALSE(test,
						   sb_far_take(far, in_row(i, shift), client));
			for (i = 1; i <= N; i++)
				lines += lines_read(far, in_row(i, shift));
			KUNIT_EXPECT_LE_MSG(test, lines, N * 5 / 4, "seed %llx, distance 2^%u",
					    far->seed, shift);
			/* With another seed they are elsewhere. */
			sb_far_destroy(far);
			sb_far_init(far, &model->lock);
		}
		cond_resched();
	}
	done(model);
}

static struct kunit_case far_cases[] = {
	KUNIT_CASE_SLOW(random_operations),
	KUNIT_CASE(moves),
	KUNIT_CASE(comes_again),
	KUNIT_CASE(nothing),
	KUNIT_CASE(no_memory),
	KUNIT_CASE(rows),
	{}
};

static struct kunit_suite far_suite = {
	.name = "sitbroker_far",
	.test_cases = far_cases,
};

kunit_test_suite(far_suite);

MODULE_DESCRIPTION("KUnit tests of sitbroker: far pieces of a pool");
MODULE_LICENSE("GPL");
