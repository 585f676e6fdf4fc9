// SPDX-License-Identifier: GPL-2.0
/* The kernel's indexes of address ranges, in user space and under sanitizers. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#define complain(...)	do { print_error(__VA_ARGS__); fail(); } while (0)

#include "../kunit/range-model.h"

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
		model_check(&model, true, MODEL_RANGES, shape, 500);
		model_check(&model, false, MODEL_RANGES, shape, 500);
	}
}

static void sizes(void **state)
{
	(void)state;
	model_check_sizes();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edges),
		cmocka_unit_test(random_lists),
		cmocka_unit_test(large_lists),
		cmocka_unit_test(sizes),
	};
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	print_message("# seed %ld\n", now.tv_nsec);
	prandom_seed_state(&model.random, now.tv_nsec);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
