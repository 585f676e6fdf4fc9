// SPDX-License-Identifier: GPL-2.0
/* Packets in words, and every way to cut them off. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../tools/lib/decode.h"

/* Bytes out of hexadecimal digits, spaces left out. */
static size_t bytes(const char *hex, uint8_t *data)
{
	size_t n = 0;

	for (; *hex; hex++) {
		if (*hex == ' ')
			continue;
		data[n++] = strtoul((char []) { hex[0], hex[1], '\0' }, NULL, 16);
		hex++;
	}
	return n;
}

#define IPV4	"4500 0000 0000 0000 4029 0000 cb00710b cb007101 "
#define A	"20010db8000100000000000000000003 "
#define B	"20010db8beef00000000000000000002 "
#define TEXT	"IPv6 2001:db8:1::3 > 2001:db8:beef::2 hop limit 64: "
#define IPV6(next)	"60000000 0000" next "40 " A B

static const struct {
	const char *packet;
	const char *text;
} cases[] = {
	{ "", "empty" },
	{ "50", "IP version 5" },
	{ "45", "IPv4 cut off" },
	{ "60", "IPv6 cut off" },
	{ IPV4, "IPv4 203.0.113.11 > 203.0.113.1 ttl 64: cut off" },
	{ IPV4 "00", "IPv4 203.0.113.11 > 203.0.113.1 ttl 64: IP version 0" },
	{ "4400 0000 0000 0000 4029 0000 cb00710b cb007101",
	  "IPv4 203.0.113.11 > 203.0.113.1 ttl 64: header too short" },
	{ "4500 0000 0000 0001 4029 0000 cb00710b cb007101",
	  "IPv4 203.0.113.11 > 203.0.113.1 ttl 64: not the first fragment" },
	{ IPV4 IPV6("3a") "8000000000000000", "IPv4 203.0.113.11 > 203.0.113.1 ttl 64: "
	  TEXT "ICMPv6 echo request" },
	{ IPV6("06") "00160050", TEXT "TCP 22 > 80" },
	{ IPV6("11") "0035", TEXT "UDP cut off" },
	{ IPV6("3b"), TEXT "nothing behind it" },
	{ IPV6("2f"), TEXT "protocol 47" },
	{ IPV6("3a") "c800000000000000",
	  TEXT "ICMPv6 type 200" },
	{ IPV6("3a") "8700000000000000 " B,
	  TEXT "ICMPv6 neighbour solicitation for 2001:db8:beef::2" },
	{ IPV6("00") "3a00000000000000 8000000000000000",
	  TEXT "hop-by-hop options, ICMPv6 echo request" },
	{ IPV6("2c") "1100000100000000 00350035",
	  TEXT "fragment, UDP 53 > 53" },
	{ IPV6("2c") "1100000800000000 00350035",
	  TEXT "fragment, not the first" },
	{ IPV6("2b") "3cff0000",
	  TEXT "routing header, destination options, cut off" },
};

static void known_packets(void **state)
{
	uint8_t data[256];
	char text[256];
	size_t i, n;
	(void)state;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		n = bytes(cases[i].packet, data);
		packet_text(data, n, text, sizeof(text));
		assert_string_equal(text, cases[i].text);
	}
}

/* On the heap, where the address sanitizer sees a byte too many. */
static void describe(const uint8_t *data, size_t size, size_t room)
{
	uint8_t *copy = malloc(size ?: 1);
	char *text = malloc(room);

	memcpy(copy, data, size);
	packet_text(copy, size, text, room);
	assert_true(strlen(text) < room);
	free(text);
	free(copy);
}

static void every_length(void **state)
{
	uint8_t data[256];
	size_t i, n, size;
	(void)state;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		n = bytes(cases[i].packet, data);
		for (size = 0; size <= n; size++) {
			describe(data, size, 256);
			describe(data, size, size + 1);
		}
	}
}

static void random_packets(void **state)
{
	static const uint8_t leading[] = { 0, 4, 41, 43, 44, 60, 0x45, 0x60 };
	uint8_t data[128];
	size_t i, j;
	(void)state;

	srand(41);
	for (i = 0; i < 100000; i++) {
		/* Headers that lead on are likely, others are possible. */
		for (j = 0; j < sizeof(data); j++)
			data[j] = rand() % 3 ? leading[rand() % sizeof(leading)] : rand();
		describe(data, rand() % (sizeof(data) + 1), 512);
	}
}

static void icmp_names(void **state)
{
	unsigned int type, code;
	(void)state;

	assert_string_equal(icmp4_text(3, 1), "host unreachable");
	assert_string_equal(icmp4_text(3, 4), "fragmentation needed");
	assert_string_equal(icmp4_text(3, 5), "destination unreachable");
	assert_string_equal(icmp4_text(11, 0), "time to live exceeded");
	for (type = 0; type < 256; type++)
		for (code = 0; code < 256; code++)
			assert_non_null(icmp4_text(type, code));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_packets),
		cmocka_unit_test(every_length),
		cmocka_unit_test(random_packets),
		cmocka_unit_test(icmp_names),
	};

	return cmocka_run_group_tests_name("decode", tests, NULL, NULL);
}
