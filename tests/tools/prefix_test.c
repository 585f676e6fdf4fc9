// SPDX-License-Identifier: GPL-2.0
/*
 * Addresses as two numbers of 64 bits, as the module has them where the
 * compiler knows none of 128, against those of 128. KUnit tests the other way.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "../../kmod/prefix.h"

static unsigned __int128 number(struct sb_addr addr)
{
	return (unsigned __int128)addr.hi << 64 | addr.lo;
}

/* Halves that are often equal, and often all ones or none. */
static u64 half(void)
{
	u64 few[] = { 0, 1, 1ULL << 63, ~0ULL };

	return random() % 2 ? few[random() % 4] : (u64)mrand48() << 32 ^ mrand48();
}

static void order(void **state)
{
	struct sb_addr a, b;
	int i;

	(void)state;
	for (i = 0; i < 100000; i++) {
		a = (struct sb_addr) { half(), half() };
		b = (struct sb_addr) { half(), half() };
		assert_int_equal(sb_addr_at_or_below(a, b), number(a) <= number(b));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order),
	};
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	print_message("# seed %ld\n", now.tv_nsec);
	srandom(now.tv_nsec);
	srand48(now.tv_nsec);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
