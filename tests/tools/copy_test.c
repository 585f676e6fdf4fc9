// SPDX-License-Identifier: GPL-2.0
/* Copies of the tables: what has changed, and what is no change. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../tools/brokertool/copy.h"

/* What was visited: "+client one 1,", "-pool P," and so on. */
static char seen[512];

static void note(enum copy_kind kind, bool deleted, json_t *object, void *arg)
{
	static const char *const kinds[] = { "link", "pool", "client", "ndp", "filter" };
	static const char *const names[] = { "name", "prefix", "name", "uplink", "list" };
	size_t length = strlen(seen);

	(void)arg;
	snprintf(seen + length, sizeof(seen) - length, "%c%s %s %zu,", deleted ? '-' : '+',
		 kinds[kind], json_string_value(json_object_get(object, names[kind])),
		 json_object_size(object));
	json_decref(object);
}

static const char *compare(struct copy *then, const struct copy *now)
{
	unsigned int commas = 0, n;
	const char *c;

	seen[0] = '\0';
	n = copy_compare(then, now, note, NULL);
	for (c = seen; *c; c++)
		commas += *c == ',';
	assert_int_equal(n, commas);
	return seen;
}

static void put(struct copy *copy, enum copy_kind kind, uint32_t ifindex, const char *text)
{
	json_t *object = json_loads(text, 0, NULL);

	assert_non_null(object);
	copy_put(copy, kind, ifindex, object);
	json_decref(object);
}

static void delete(struct copy *copy, enum copy_kind kind, uint32_t ifindex, const char *text)
{
	json_t *object = json_loads(text, 0, NULL);

	copy_delete(copy, kind, ifindex, object);
	json_decref(object);
}

static void fill(struct copy *copy)
{
	copy_init(copy);
	put(copy, COPY_LINK, 5, "{\"name\":\"broker0\",\"ttl\":64,\"clients\":1,\"rx_packets\":7}");
	put(copy, COPY_POOL, 5, "{\"prefix\":\"2001:db8::/64\",\"used\":1}");
	put(copy, COPY_CLIENT, 5, "{\"name\":\"one\",\"id\":1,\"link\":\"broker0\",\"mtu\":1480,"
	    "\"mtu_auto\":true,\"endpoint\":\"192.0.2.1\",\"rx_packets\":9}");
	put(copy, COPY_NDP, 5, "{\"uplink\":\"eth0\",\"rate\":1000,\"answered\":3}");
	put(copy, COPY_FILTER, 0, "{\"list\":\"bad\",\"generation\":3,\"hits\":8}");
}

static void test_same(void **state)
{
	struct copy then, now;

	(void)state;
	fill(&then);
	fill(&now);
	assert_string_equal(compare(&then, &now), "");
	/* Counters, and what follows from other things. */
	put(&now, COPY_LINK, 5, "{\"name\":\"broker0\",\"ttl\":64,\"clients\":2,\"rx_packets\":8}");
	put(&now, COPY_POOL, 5, "{\"prefix\":\"2001:db8::/64\",\"used\":2}");
	put(&now, COPY_CLIENT, 5, "{\"name\":\"one\",\"id\":1,\"link\":\"broker0\",\"mtu\":1400,"
	    "\"mtu_auto\":true,\"endpoint\":\"192.0.2.1\",\"rx_packets\":10}");
	put(&now, COPY_NDP, 5, "{\"uplink\":\"eth0\",\"rate\":1000,\"answered\":4}");
	put(&now, COPY_FILTER, 0, "{\"list\":\"bad\",\"generation\":3,\"hits\":9}");
	assert_string_equal(compare(&then, &now), "");
	copy_free(&then);
	copy_free(&now);
}

static void test_changes(void **state)
{
	struct copy then, now;

	(void)state;
	fill(&then);
	fill(&now);
	put(&now, COPY_LINK, 5, "{\"name\":\"other\",\"ttl\":64}");
	put(&now, COPY_CLIENT, 5, "{\"name\":\"two\",\"id\":2,\"link\":\"broker0\"}");
	delete(&now, COPY_CLIENT, 5, "{\"name\":\"one\"}");
	delete(&now, COPY_NDP, 5, "{\"uplink\":\"eth0\"}");
	put(&now, COPY_FILTER, 0, "{\"list\":\"bad\",\"generation\":4}");
	assert_string_equal(compare(&then, &now),
			    "-ndp eth0 2,-client one 3,+link other 2,+client two 3,+filter bad 2,");
	copy_free(&now);
	fill(&now);
	put(&now, COPY_CLIENT, 5, "{\"name\":\"one\",\"id\":1,\"link\":\"broker0\",\"mtu\":1480,"
	    "\"mtu_auto\":false,\"endpoint\":\"192.0.2.1\"}");
	assert_string_equal(compare(&then, &now), "+client one 6,");
	copy_free(&then);
	copy_free(&now);
}

/* A client of that name on another link is another one. */
static void test_links(void **state)
{
	struct copy then, now;

	(void)state;
	fill(&then);
	put(&then, COPY_LINK, 6, "{\"name\":\"broker1\"}");
	put(&then, COPY_CLIENT, 6, "{\"name\":\"one\",\"id\":4,\"link\":\"broker1\"}");
	put(&then, COPY_POOL, 6, "{\"prefix\":\"2001:db8:1::/64\"}");
	fill(&now);
	assert_string_equal(compare(&then, &now), "-link broker1 1,");
	assert_string_equal(compare(&then, &now), "");
	copy_flush_clients(&now, 6);
	assert_string_equal(compare(&then, &now), "");
	copy_flush_clients(&now, 5);
	assert_string_equal(compare(&then, &now), "-client one 3,");
	copy_free(&then);
	copy_free(&now);
}

static void test_generation(void **state)
{
	struct copy copy;

	(void)state;
	copy_init(&copy);
	assert_false(copy_generation(&copy, 5, 7));	/* the first that is known */
	assert_false(copy_generation(&copy, 5, 8));
	assert_false(copy_generation(&copy, 5, 8));
	assert_false(copy_generation(&copy, 5, 3));	/* from before */
	assert_false(copy_generation(&copy, 6, 90));
	assert_false(copy_generation(&copy, 5, 9));
	assert_true(copy_generation(&copy, 5, 11));
	assert_false(copy_generation(&copy, 5, 12));
	assert_false(copy_generation(&copy, 7, UINT32_MAX));
	assert_false(copy_generation(&copy, 7, 0));
	assert_true(copy_generation(&copy, 7, 2));
	copy_free(&copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_links),
		cmocka_unit_test(test_generation),
	};

	return cmocka_run_group_tests_name("copy", tests, NULL, NULL);
}
