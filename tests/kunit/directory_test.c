// SPDX-License-Identifier: GPL-2.0
/* A directory against a list that is searched from end to end, while it grows and shrinks. */

#include <kunit/test.h>

#include "bits.h"

#include "../../kmod/directory.c"

#define MODEL_IDS	1000
#define OPERATIONS	20000

/**
 * struct model - what the directory should say
 * @lock: of the directory
 * @directory: under test
 * @random: where randomness comes from
 * @n: number of ids
 * @hash: of each id, in no order
 * @id: likewise
 * @next_id: the next one to give
 */
struct model {
	struct mutex lock;
	struct sb_directory directory;
	struct rnd_state random;
	u32 n;
	u32 hash[MODEL_IDS];
	u32 id[MODEL_IDS];
	u32 next_id;
};

/* Often one that others have, and at the end of the table, behind which its beginning is. */
static u32 some_hash(struct model *model)
{
	u32 number = prandom_u32_state(&model->random);

	switch (number % 4) {
	case 0:
		return U32_MAX - (number >> 8) % 8;
	case 1:
		return (number >> 8) % 64 << 26;
	default:
		return number;
	}
}

/* How often does the directory find @id? */
static unsigned int found(struct model *model, u32 hash, u32 id)
{
	struct sb_directory_walk walk;
	unsigned int times = 0;
	u32 each;

	sb_directory_for_each(each, &walk, &model->directory, hash)
		times += each == id;
	return times;
}

/* Exactly those with that hash. */
static void check_hash(struct kunit *test, struct model *model, u32 hash)
{
	struct sb_directory_walk walk;
	unsigned int n = 0, wanted = 0;
	u32 i, each;

	for (i = 0; i < model->n; i++) {
		if (model->hash[i] != hash)
			continue;
		wanted++;
		KUNIT_EXPECT_EQ_MSG(test, found(model, hash, model->id[i]), 1, "id %u of hash %x",
				    model->id[i], hash);
	}
	sb_directory_for_each(each, &walk, &model->directory, hash)
		n++;
	KUNIT_EXPECT_EQ_MSG(test, n, wanted, "ids with hash %x", hash);
}

static void check_size(struct kunit *test, struct model *model)
{
	const struct sb_directory_table *table = sb_directory_table(&model->directory);

	KUNIT_EXPECT_EQ(test, model->directory.used, model->n);
	if (!table)
		return;
	KUNIT_EXPECT_LE(test, model->directory.used, model->directory.filled);
	KUNIT_EXPECT_LE(test, model->directory.filled * 5ULL, table->size * 4ULL + 5);
	/* Twelve or thirteen bytes an id after it has grown; it shrinks when a quarter is used. */
	KUNIT_EXPECT_LE(test, table->size, max(4 * model->n + 4, 16U));
}

static void add(struct kunit *test, struct model *model)
{
	u32 hash = some_hash(model);

	KUNIT_ASSERT_EQ(test, sb_directory_reserve(&model->directory), 0);
	sb_directory_add(&model->directory, hash, ++model->next_id);
	model->hash[model->n] = hash;
	model->id[model->n++] = model->next_id;
	check_hash(test, model, hash);
}

static void take_out(struct kunit *test, struct model *model)
{
	u32 i = prandom_u32_state(&model->random) % model->n;
	u32 hash = model->hash[i], id = model->id[i];

	sb_directory_remove(&model->directory, hash, id);
	model->n--;
	model->hash[i] = model->hash[model->n];
	model->id[i] = model->id[model->n];
	KUNIT_EXPECT_EQ_MSG(test, found(model, hash, id), 0, "id %u was removed", id);
}

static void replace(struct kunit *test, struct model *model)
{
	u32 i = prandom_u32_state(&model->random) % model->n, old = model->id[i];

	model->id[i] = ++model->next_id;
	sb_directory_replace(&model->directory, model->hash[i], old, model->id[i]);
	KUNIT_EXPECT_EQ_MSG(test, found(model, model->hash[i], old), 0, "id %u was replaced", old);
	KUNIT_EXPECT_EQ_MSG(test, found(model, model->hash[i], model->id[i]), 1,
			    "id %u instead of %u", model->id[i], old);
}

static struct model *make(struct kunit *test)
{
	struct model *model = kunit_kzalloc(test, sizeof(*model), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, model);
	mutex_init(&model->lock);
	sb_directory_init(&model->directory, &model->lock);
	prandom_seed_state(&model->random, 4193);
	mutex_lock(&model->lock);
	return model;
}

static void done(struct model *model)
{
	mutex_unlock(&model->lock);
	sb_directory_destroy(&model->directory);
	mutex_destroy(&model->lock);
	/* Tables in whose place larger ones came are freed by this module. */
	rcu_barrier();
}

/* By turns more is added than taken out, and less. */
static void random_operations(struct kunit *test)
{
	struct model *model = make(test);
	unsigned int i, chance;

	for (i = 0; i < OPERATIONS; i++) {
		chance = i / (OPERATIONS / 6) % 2 ? 3 : 7;
		if (model->n && prandom_u32_state(&model->random) % 8 == 0)
			replace(test, model);
		if (!model->n || (model->n < MODEL_IDS &&
				  prandom_u32_state(&model->random) % 10 < chance))
			add(test, model);
		else
			take_out(test, model);
		check_size(test, model);
		if (i % 4096 == 0)
			check_hash(test, model, model->n ? model->hash[0] : 0);
	}
	for (i = 0; i < model->n; i++)
		KUNIT_EXPECT_EQ(test, found(model, model->hash[i], model->id[i]), 1);
	while (model->n) {
		take_out(test, model);
		check_size(test, model);
	}
	done(model);
}

/* One that moves for ever does not fill it, nor does it make it grow. */
static void moves(struct kunit *test)
{
	struct model *model = make(test);
	unsigned int i;

	for (i = 0; i < 12; i++)
		add(test, model);
	for (i = 0; i < 10000; i++) {
		take_out(test, model);
		add(test, model);
		check_size(test, model);
	}
	KUNIT_EXPECT_LE(test, sb_directory_table(&model->directory)->size, 2 * (12 + 1));
	done(model);
}

/* Nothing is found where nothing ever was. */
static void nothing(struct kunit *test)
{
	struct model *model = make(test);

	check_hash(test, model, 0);
	check_hash(test, model, U32_MAX);
	add(test, model);
	take_out(test, model);
	check_hash(test, model, 0);
	check_hash(test, model, U32_MAX);
	done(model);
}

static struct kunit_case directory_cases[] = {
	KUNIT_CASE_SLOW(random_operations),
	KUNIT_CASE(moves),
	KUNIT_CASE(nothing),
	{}
};

static struct kunit_suite directory_suite = {
	.name = "sitbroker_directory",
	.test_cases = directory_cases,
};

kunit_test_suite(directory_suite);

MODULE_DESCRIPTION("KUnit tests of sitbroker: directories");
MODULE_LICENSE("GPL");
