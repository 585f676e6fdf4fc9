// SPDX-License-Identifier: GPL-2.0
/* Addresses and prefixes from text. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../../tools/lib/address.h"

static void ipv4_is_four_decimal_numbers(void **state)
{
	static const char *const bad[] = { "", "1.2.3", "1.2.3.256", "0x1.2.3.4", "1.2.3.4/32",
					   " 1.2.3.4", "1.2.3.4 ", "::1", "example.org" };
	struct in_addr address;
	size_t i;

	(void)state;
	assert_null(ipv4_parse("203.0.113.7", &address));
	assert_int_equal(ntohl(address.s_addr), 0xcb007107);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_non_null(ipv4_parse(bad[i], &address));
}

static void prefix_round_trip(void **state)
{
	static const char *const good[] = { "2001:db8::/32", "2001:db8:1:0:8000::/80", "::/0",
					    "2001:db8::2/127", "2001:db8::1/128" };
	char text[PREFIX_STRLEN];
	struct prefix prefix;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(*good); i++) {
		assert_null(prefix_parse(good[i], &prefix));
		assert_string_equal(prefix_text(&prefix, text), good[i]);
	}
}

static void prefix_refuses_host_bits_and_says_what_was_meant(void **state)
{
	struct prefix prefix;
	const char *complaint;

	(void)state;
	complaint = prefix_parse("2001:db8:1:2::/48", &prefix);
	assert_non_null(complaint);
	assert_non_null(strstr(complaint, "2001:db8:1::/48"));
	complaint = prefix_parse("2001:db8::1/127", &prefix);
	assert_non_null(complaint);
	assert_non_null(strstr(complaint, "2001:db8::/127"));
}

static void prefix_refuses_nonsense(void **state)
{
	static const char *const bad[] = { "", "/", "2001:db8::", "2001:db8::/", "2001:db8::/129",
					   "2001:db8::/-1", "2001:db8::/4x", "10.0.0.0/8",
					   "2001:db8:::/48", "2001:db8::/48/48",
					   "2001:db8::/0x30" };
	struct prefix prefix;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_non_null(prefix_parse(bad[i], &prefix));
}

static void prefix_holds_its_addresses(void **state)
{
	struct in6_addr inside, outside;
	struct prefix prefix;

	(void)state;
	assert_null(prefix_parse("2001:db8:0:8000::/49", &prefix));
	assert_null(ipv6_parse("2001:db8:0:ffff::1", &inside));
	assert_null(ipv6_parse("2001:db8:0:7fff::1", &outside));
	assert_true(prefix_holds(&prefix, &inside));
	assert_false(prefix_holds(&prefix, &outside));
}

static void test_host(void **state)
{
	static const struct {
		const char *address;
		bool host;
	} cases[] = {
		{ "::", false }, { "::1", false }, { "::2", true }, { "2001:db8::1", true },
		{ "fe80::1", true }, { "fd00::1", true }, { "ff02::1", false },
		{ "::ffff:192.0.2.1", false },
	};
	struct in6_addr address;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_null(ipv6_parse(cases[i].address, &address));
		assert_int_equal(ipv6_is_host(&address), cases[i].host);
	}
}

static void numbers_stay_in_their_bounds(void **state)
{
	unsigned long number;

	(void)state;
	assert_null(number_parse("1280", 1280, 1480, &number));
	assert_int_equal(number, 1280);
	assert_null(number_parse("1480", 1280, 1480, &number));
	assert_null(number_parse("0x10", 0, 255, &number));
	assert_int_equal(number, 16);
	/* Never octal. */
	assert_null(number_parse("010", 0, 255, &number));
	assert_int_equal(number, 10);
	assert_non_null(number_parse("0x", 0, 255, &number));
	assert_non_null(number_parse("0xg", 0, 255, &number));
	assert_non_null(number_parse("1279", 1280, 1480, &number));
	assert_non_null(number_parse("1481", 1280, 1480, &number));
	assert_non_null(number_parse("-1", 0, 10, &number));
	assert_non_null(number_parse("+1", 0, 10, &number));
	assert_non_null(number_parse("", 0, 10, &number));
	assert_non_null(number_parse("5 ", 0, 10, &number));
	assert_non_null(number_parse("99999999999999999999999", 0, ~0UL, &number));
}

static void test_private(void **state)
{
	static const struct {
		const char *address;
		bool private;
	} cases[] = {
		{ "10.255.255.255", true }, { "11.0.0.0", false }, { "172.15.255.255", false },
		{ "172.16.0.0", true }, { "172.31.255.255", true }, { "172.32.0.0", false },
		{ "192.167.255.255", false }, { "192.168.0.0", true }, { "192.169.0.0", false },
		{ "100.63.255.255", false }, { "100.64.0.0", true }, { "100.127.255.255", true },
		{ "100.128.0.0", false },
	};
	struct in_addr address;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_null(ipv4_parse(cases[i].address, &address));
		assert_int_equal(ipv4_is_private(address), cases[i].private);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_private),
		cmocka_unit_test(test_host),
		cmocka_unit_test(ipv4_is_four_decimal_numbers),
		cmocka_unit_test(prefix_round_trip),
		cmocka_unit_test(prefix_refuses_host_bits_and_says_what_was_meant),
		cmocka_unit_test(prefix_refuses_nonsense),
		cmocka_unit_test(prefix_holds_its_addresses),
		cmocka_unit_test(numbers_stay_in_their_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
