// SPDX-License-Identifier: GPL-2.0
/* The kernel's indexes of address ranges, in user space and under sanitizers. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <linux/minmax.h>

#include <cmocka.h>

#define complain(...)	do { print_error(__VA_ARGS__); fail(); } while (0)

/* From 2^20 on maps have less for each range, and the IPv6 index has one more level. */
#define MODEL_RANGES	1100000

#include "../kunit/range-model.h"

/* Stands in for kmod/array.h: what the indexes have taken, and the most of it at a time. */
#define _SITBROKER_ARRAY_H
#define __GFP_ZERO 0

static size_t taken, most;

static void *sb_array_alloc(u64 n, size_t size, unsigned int more)
{
	size_t *array = calloc(1, 2 * sizeof(*array) + n * size);

	(void)more;
	assert_non_null(array);
	*array = n * size;
	taken += *array;
	most = max(most, taken);
	return array + 2;
}

/* The kernel's own must be told what was asked for: pages are given back by their number. */
static void sb_array_free(void *array, u64 n, size_t size)
{
	size_t *counted;

	if (!array)
		return;
	counted = (size_t *)array - 2;
	assert_int_equal(*counted, n * size);
	taken -= *counted;
	free(counted);
}

#include "../../kmod/range4.c"
#include "../../kmod/range6.c"

static struct model model;

static void edges(void **state)
{
	(void)state;
	model_check_edges(&model);
}

static void random_lists(void **state)
{
	(void)state;
	model_check_random(&model, true, 1000);
	model_check_random(&model, false, 1000);
}

static void large_lists(void **state)
{
	enum model_shape shape;

	(void)state;
	for (shape = 0; shape < MODEL_SHAPES; shape++) {
		model_check(&model, true, MODEL_LARGE, shape, 500);
		model_check(&model, false, MODEL_LARGE, shape, 500);
	}
}

static void crowded_list(void **state)
{
	(void)state;
	model_check_crowded4(&model, 5000);
}

static void a_million_ranges(void **state)
{
	(void)state;
	model_check(&model, true, MODEL_RANGES, MODEL_UNIFORM, 200);
	assert_true(model.n > 1 << 20);
	model_check(&model, false, MODEL_RANGES, MODEL_UNIFORM, 200);
	assert_true(model.n > 1 << 20);
	model_check(&model, false, MODEL_RANGES, MODEL_MIXED, 200);
}

/* What a load is charged is for the moment when the most is in use. */
static void no_more_memory_than_is_charged(void **state)
{
	static const u32 sizes[] = { 0, 1, 2, 3, 17, 300, 3000, MODEL_LARGE };
	enum model_shape shape;
	unsigned int i, is4;
	u64 charged;

	(void)state;
	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		for (shape = 0; shape < MODEL_SHAPES; shape++) {
			for (is4 = 0; is4 < 2; is4++) {
				most = 0;
				model_check(&model, is4, sizes[i], shape, 1);
				charged = is4 ? sb_ranges4_size(model.n)
					      : sb_ranges6_size(model.n);
				assert_in_range(most, 0, charged);
				assert_int_equal(taken, 0);
			}
		}
	}
}

static void sizes(void **state)
{
	(void)state;
	model_check_sizes();
}

static void maps(void **state)
{
	(void)state;
	model_check_maps();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edges),
		cmocka_unit_test(random_lists),
		cmocka_unit_test(large_lists),
		cmocka_unit_test(crowded_list),
		cmocka_unit_test(a_million_ranges),
		cmocka_unit_test(no_more_memory_than_is_charged),
		cmocka_unit_test(sizes),
		cmocka_unit_test(maps),
	};
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	print_message("# seed %ld\n", now.tv_nsec);
	prandom_seed_state(&model.random, now.tv_nsec);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
