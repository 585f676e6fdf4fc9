// SPDX-License-Identifier: GPL-2.0
/* Filter lists of every format, and every way to be wrong that was seen. */

#include <archive.h>
#include <archive_entry.h>
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include <cmocka.h>

#include "../../tools/filter/list.h"
#include "../fuzz/random.h"

uint64_t random_state = 11;

/* Read a list from memory; what it holds, after merging, as one line of text. */
static const char *read_list(struct list *list, const char *data, size_t size)
{
	static char text[4096];
	struct merge_counts counts;
	char range[RANGE_STRLEN];
	const char *label;
	size_t i, at = 0;

	if (!list->level)
		list->level = 127;
	if (!list->max_errors)
		list->max_errors = 5;
	*text = '\0';
	if (list_read_memory(list, "file", data, size))
		return list->error;
	ranges_merge(&list->ranges, &counts);
	for (i = 0; i < list->ranges.n4; i++) {
		label = labels_text(&list->ranges.labels, list->ranges.v4[i].label);
		at += snprintf(text + at, sizeof(text) - at, "%s%s%s%s", i ? " " : "",
			       range4_text(list->ranges.v4[i].first, list->ranges.v4[i].last,
					   range), *label ? "=" : "", label);
	}
	for (i = 0; i < list->ranges.n6; i++) {
		label = labels_text(&list->ranges.labels, list->ranges.v6[i].label);
		at += snprintf(text + at, sizeof(text) - at, "%s%s%s%s", at ? " " : "",
			       range6_text(list->ranges.v6[i].first, list->ranges.v6[i].last,
					   range), *label ? "=" : "", label);
	}
	return text;
}

static void assert_list(const char *data, const char *expected)
{
	struct list list = {};

	assert_string_equal(read_list(&list, data, strlen(data)), expected);
	assert_int_equal(list.total.bad, 0);
	list_free(&list);
}

#define LIST(data)	data, sizeof(data) - 1

static void utorrent_lists(void **state)
{
	(void)state;
	assert_list("1.2.3.4\n", "1.2.3.4");
	assert_list("1.2.3.4", "1.2.3.4");
	assert_list("// comment\n1.2.3.4-1.2.3.9\n[2001:db8::1]\n[2001:db8::2]-[2001:db8::5]\n"
		    "[2001:db8:1::]/48 // mine\n",
		    "1.2.3.4-1.2.3.9 [2001:db8::1]-[2001:db8::5] "
		    "[2001:db8:1::]-[2001:db8:1:ffff:ffff:ffff:ffff:ffff]");
	assert_list("0.0.0.0-255.255.255.255\n[::]/0\n",
		    "0.0.0.0-255.255.255.255 [::]-[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]");
	assert_list("255.255.255.255\n[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]\n",
		    "255.255.255.255 [ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]");
	assert_list("\xef\xbb\xbf\n1.2.3.4\r\n\r\n \t\r\n5.6.7.8 - 5.6.7.9\r\n",
		    "1.2.3.4 5.6.7.8-5.6.7.9");
	/* Files that each have a mark, one behind the other. */
	assert_list("\357\273\2771.2.3.4\n\357\273\2771.2.3.6-1.2.3.7\n"
		    "\357\273\277// c\n\357\273\277",
		    "1.2.3.4 1.2.3.6-1.2.3.7");
	assert_list("2001:db8::1-2001:db8::9\n::ffff:1.2.3.4\n",
		    "[::ffff:1.2.3.4] [2001:db8::1]-[2001:db8::9]");
}

static void dat_lists(void **state)
{
	(void)state;
	assert_list("001.002.003.004 - 001.002.003.255 , 000 , Some, company\n",
		    "1.2.3.4-1.2.3.255=Some, company");
	/* Padding is never octal. */
	assert_list("012.010.000.001 - 012.010.000.099 , 000 , x\n", "12.10.0.1-12.10.0.99=x");
	assert_list("1.2.3.4 - 1.2.3.5 , 127 , allowed\n1.2.3.6-1.2.3.7,126,blocked\n"
		    "1.2.4.0 - 1.2.4.9 , 200 , allowed\n", "1.2.3.6-1.2.3.7=blocked");
	assert_list("1.2.3.4-1.2.3.5\n1.2.3.8 , 0 , one\n1.2.3.10-1.2.3.11 , text only\n"
		    "1.2.3.20-1.2.3.21 , 100\n1.2.3.30-1.2.3.31 , 255 # allowed\n",
		    "1.2.3.4-1.2.3.5 1.2.3.8=one 1.2.3.10-1.2.3.11=text only "
		    "1.2.3.20-1.2.3.21");
	/* Old lists of aMule. */
	assert_list("192.168.0.0 , 192.168.255.255 , text\n10.0.0.1 , 10.0.0.9 , 000 , more\n",
		    "10.0.0.1-10.0.0.9=more 192.168.0.0-192.168.255.255=text");
	assert_list("[2001:db8::]-[2001:db8::ff] , 000 , a:b # ; // c\n",
		    "[2001:db8::]-[2001:db8::ff]=a:b # ; // c");
}

static void levels_are_settable(void **state)
{
	static const char text[] = "1.1.1.1 - 1.1.1.1 , 100 , a\n2.2.2.2 - 2.2.2.2 , 99 , b\n"
				   "3.3.3.3\n";
	struct list list = { .level = 100 };

	(void)state;
	assert_string_equal(read_list(&list, LIST(text)), "2.2.2.2=b 3.3.3.3");
	assert_int_equal(list.total.allowed, 1);
	assert_int_equal(list.total.ranges, 2);
	list_free(&list);
}

static void p2p_lists(void **state)
{
	(void)state;
	assert_list("# List\n\nSome organization:1.0.0.0-1.255.255.255\nOther:9.0.0.1-9.0.0.1\n",
		    "1.0.0.0-1.255.255.255=Some organization 9.0.0.1=Other");
	assert_list("a:b - c:d:1.2.3.4-1.2.3.5\n", "1.2.3.4-1.2.3.5=a:b - c:d");
	assert_list("1.2.3.4:80 scanner:9.9.9.9-9.9.9.9\n", "9.9.9.9=1.2.3.4:80 scanner");
	assert_list("My:Label:2001:db8::1-2001:db8::ff\n",
		    "[2001:db8::1]-[2001:db8::ff]=My:Label");
	assert_list("x:::ffff:1.2.3.4-::ffff:1.2.3.9\ny:1.2.3.4-1.2.3.9\n",
		    "1.2.3.4-1.2.3.9=y [::ffff:1.2.3.4]-[::ffff:1.2.3.9]=x");
	assert_list(":1.2.3.4-1.2.3.5\nx: 1.2.4.1 - 1.2.4.2\t\n;y:1.2.5.1-1.2.5.2\nz:7.7.7.7\n",
		    "1.2.3.4-1.2.3.5 1.2.4.1-1.2.4.2=x 1.2.5.1-1.2.5.2=;y 7.7.7.7=z");
	assert_list("x:1.2.3.4\n\xef\xbb\xbfy:1.2.3.6\n", "1.2.3.4=x 1.2.3.6=y");
	assert_list("M\xfcller:1.2.3.4-1.2.3.5\n", "1.2.3.4-1.2.3.5=M\xc3\xbcller");
	/* A part of a label that could be one of the address makes an enormous range. */
	assert_list("Org:ad:2001:db8::1-2001:db8::ff\n", "[2001:db8::1]-[2001:db8::ff]=Org:ad");
	assert_list("x:1.2.3.4-1.2.3.5\nfe:2001:db8::1-2001:db8::ff\n",
		    "1.2.3.4-1.2.3.5=x [2001:db8::1]-[2001:db8::ff]=fe");
	assert_list("x:2001:db8::9-2001:db8::1\n", "[2001:db8::1]-[2001:db8::9]=x");
	assert_list("Org:ad:2001:db8::/32\n",
		    "[2001:db8::]-[2001:db8:ffff:ffff:ffff:ffff:ffff:ffff]=Org:ad");
	assert_list("x:2001:db8::/32\n",
		    "[2001:db8::]-[2001:db8:ffff:ffff:ffff:ffff:ffff:ffff]=x");
	assert_list("x:1.2.3.4-1.2.3.5\ny:1.2.3.6-1.2.3.7\n2001:db8::1-2001:db8::2\n",
		    "1.2.3.4-1.2.3.5=x 1.2.3.6-1.2.3.7=y [2001:db8::1]-[2001:db8::2]");
}

/* What could be a label and a range, or a range alone, is a range; a longer one is not meant. */
static void p2p_lines_without_a_label(void **state)
{
	struct list asked = { .format = LIST_P2P };

	(void)state;
	assert_list("x:1.2.3.4-1.2.3.5\ny:1.2.3.6-1.2.3.7\n2a00:1450::/32\n",
		    "1.2.3.4-1.2.3.5=x 1.2.3.6-1.2.3.7=y "
		    "[2a00:1450::]-[2a00:1450:ffff:ffff:ffff:ffff:ffff:ffff]");
	assert_list("x:1.2.3.4\ny:1.2.3.6\nz:1.2.3.8\n2001:db8:1:2::/64\n2001:db8::7/128\n",
		    "1.2.3.4=x 1.2.3.6=y 1.2.3.8=z [2001:db8::7] "
		    "[2001:db8:1:2::]-[2001:db8:1:2:ffff:ffff:ffff:ffff]");
	assert_list("x:1.2.3.4-1.2.3.5\ny:1.2.3.6-1.2.3.7\nad:2001:db8::/32\n",
		    "1.2.3.4-1.2.3.5=x 1.2.3.6-1.2.3.7=y "
		    "[2001:db8::]-[2001:db8:ffff:ffff:ffff:ffff:ffff:ffff]=ad");
	/* A country, then a network that is in use; no address that is begins like the country. */
	assert_list("x:1.2.3.4\ny:1.2.3.6\nde:2a00:1450::/48\n", "1.2.3.4=x 1.2.3.6=y "
		    "[2a00:1450::]-[2a00:1450:0:ffff:ffff:ffff:ffff:ffff]=de");
	assert_list("x:1.2.3.4\ny:1.2.3.6\n2a00:1450:4001::/32\n", "1.2.3.4=x 1.2.3.6=y "
		    "[2a00:1450::]-[2a00:1450:ffff:ffff:ffff:ffff:ffff:ffff]");
	assert_list("x:1.2.3.4\ny:1.2.3.6\n64:ff9b::/96\n",
		    "1.2.3.4=x 1.2.3.6=y [64:ff9b::]-[64:ff9b::ffff:ffff]");
	assert_list("x:1.2.3.4\ny:1.2.3.6\nfd00:2a00::/32\n", "1.2.3.4=x 1.2.3.6=y "
		    "[fd00:2a00::]-[fd00:2a00:ffff:ffff:ffff:ffff:ffff:ffff]");
	assert_string_equal(read_list(&asked, LIST("2a00:1450::/32\n")),
			    "[2a00:1450::]-[2a00:1450:ffff:ffff:ffff:ffff:ffff:ffff]");
	list_free(&asked);
}

/* A colon in front has an empty label before it, where it is no part of an address. */
static void p2p_lists_of_empty_labels(void **state)
{
	(void)state;
	assert_list(":1.2.3.4-1.2.3.5\n", "1.2.3.4-1.2.3.5");
	assert_list("# c\n:1.2.3.4-1.2.3.5\r\n: 1.2.4.0/24\r\n1.2.5.1\r\n",
		    "1.2.3.4-1.2.3.5 1.2.4.0-1.2.4.255 1.2.5.1");
	assert_list(":2001:db8::1-2001:db8::2\n:2001:db8::7\n:::3-::4\n",
		    "[::3]-[::4] [2001:db8::1]-[2001:db8::2] [2001:db8::7]");
	assert_list("::1\n::3-::4\n", "[::1] [::3]-[::4]");
	assert_list("::/0\n", "[::]-[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]");
	assert_list("::1 # c\n::3-::4 , 000 , x\n", "[::1] [::3]-[::4]=x");
	assert_list("::\n::1.2.3.4\n::ffff:1.2.3.4-::ffff:1.2.3.5\n",
		    "[::] [::1.2.3.4] [::ffff:1.2.3.4]-[::ffff:1.2.3.5]");
}

/* Labels that could be a part of an IPv6 address: no range that is meant begins like them. */
static void p2p_labels_that_look_like_addresses(void **state)
{
	(void)state;
	assert_list("DE:2a00:1450::-2a00:1450:ffff::\nDE:2a01:4f8::-2a01:4f9:ffff::\n",
		    "[2a00:1450::]-[2a00:1450:ffff::]=DE [2a01:4f8::]-[2a01:4f9:ffff::]=DE");
	assert_list("CA:2001:db8::/32\n",
		    "[2001:db8::]-[2001:db8:ffff:ffff:ffff:ffff:ffff:ffff]=CA");
	assert_list("BE:2001:db8::/48\nFE:2a00:1450::/48\nAD:fd00::/48\n",
		    "[2001:db8::]-[2001:db8:0:ffff:ffff:ffff:ffff:ffff]=BE "
		    "[2a00:1450::]-[2a00:1450:0:ffff:ffff:ffff:ffff:ffff]=FE "
		    "[fd00::]-[fd00::ffff:ffff:ffff:ffff:ffff]=AD");
	assert_list("DE:2001:db8::1\nCA:2001:db8:0:0:0:0:0:9\n",
		    "[2001:db8::1]=DE [2001:db8::9]=CA");
	assert_list("x:1.2.3.4\nOrg:2001:db8::7\n2001:db8::9\n",
		    "1.2.3.4=x [2001:db8::7]=Org [2001:db8::9]");
	assert_list("bad:1:2001:db8::1-2001:db8::2\r\n", "[2001:db8::1]-[2001:db8::2]=bad:1");
	assert_list("2345:2001:db8::1-2001:db8::2\n", "[2001:db8::1]-[2001:db8::2]=2345");
}

/* What could be a label in front is the beginning of an address where it is one that is in use. */
static void ipv6_lists_without_labels(void **state)
{
	(void)state;
	assert_list("2001:db8::-2001:db8::ffff\n", "[2001:db8::]-[2001:db8::ffff]");
	assert_list("2001:db8::/32\n", "[2001:db8::]-[2001:db8:ffff:ffff:ffff:ffff:ffff:ffff]");
	assert_list("2001:db8:1::/48\n2a00:1450:4001::7/48\nfd00:2001::/32\n",
		    "[2001:db8:1::]-[2001:db8:1:ffff:ffff:ffff:ffff:ffff] "
		    "[2a00:1450:4001::]-[2a00:1450:4001:ffff:ffff:ffff:ffff:ffff] "
		    "[fd00:2001::]-[fd00:2001:ffff:ffff:ffff:ffff:ffff:ffff]");
	assert_list("2a00:2001::5\n2001:db8:2001:db8::1\n",
		    "[2001:db8:2001:db8::1] [2a00:2001::5]");
	assert_list("2a00:2001::1-2a00:2001::5\n", "[2a00:2001::1]-[2a00:2001::5]");
	assert_list("2001:4860::1:2001-2001:4860::2:2001\n",
		    "[2001:4860::1:2001]-[2001:4860::2:2001]");
	/* Bits beyond the length are no reason to take the first group for a label. */
	assert_list("2a02:2f0c::/29\n", "[2a02:2f08::]-[2a02:2f0f:ffff:ffff:ffff:ffff:ffff:ffff]");
	assert_list("64:ff9b::/96\n", "[64:ff9b::]-[64:ff9b::ffff:ffff]");
	assert_list("64:ff9b::1\n::1\n100::/64\n64:ff9b::1.2.3.4\n",
		    "[::1] [64:ff9b::1] [64:ff9b::102:304] [100::]-[100::ffff:ffff:ffff:ffff]");
	assert_list("::ffff:1.2.3.4\n", "[::ffff:1.2.3.4]");
	assert_list("2001:db8::/32 # x:2001:db8::/32\n",
		    "[2001:db8::]-[2001:db8:ffff:ffff:ffff:ffff:ffff:ffff]");
	assert_list("2001:db8::1 , 000 , x:2001:db8::7\n", "[2001:db8::1]=x:2001:db8::7");
}

static void cidr_lists(void **state)
{
	(void)state;
	assert_list("; Spamhaus\n1.2.3.0/24 ; SBL123\n# FireHOL\n10.0.0.0/8\n192.0.2.7\n"
		    "2001:db8::/32\n", "1.2.3.0-1.2.3.255 "
		    "10.0.0.0-10.255.255.255 192.0.2.7 "
		    "[2001:db8::]-[2001:db8:ffff:ffff:ffff:ffff:ffff:ffff]");
}

static void prefixes_clear_what_is_beyond(void **state)
{
	struct list list = {};

	(void)state;
	assert_string_equal(read_list(&list, LIST("1.2.3.4/24\n2001:db8::1/64\n1.1.1.0/24\n")),
			    "1.1.1.0-1.1.1.255 1.2.3.0-1.2.3.255 "
			    "[2001:db8::]-[2001:db8::ffff:ffff:ffff:ffff]");
	assert_int_equal(list.total.host_bits, 2);
	list_free(&list);
}

static void reversed_ranges_are_turned_and_counted(void **state)
{
	struct list list = {};

	(void)state;
	assert_string_equal(read_list(&list, LIST("1.2.3.9-1.2.3.4\n"
						  "[2001:db8::9]-[2001:db8::1]\n")),
			    "1.2.3.4-1.2.3.9 [2001:db8::1]-[2001:db8::9]");
	assert_int_equal(list.total.reversed, 2);
	list_free(&list);
}

/* Four octets, each padded or not, alone and as ends of a range. */
static void octets_are_decimal_whatever_the_padding(void **state)
{
	static const char *const forms[] = { "%u", "%02u", "%03u" };
	unsigned int i, j, octet[8];
	char text[128];
	size_t at;

	(void)state;
	for (i = 0; i < 20000; i++) {
		struct list list = { .level = 127 };
		struct text_parser parser = { .list = &list, .dialect = LIST_PLAIN };

		for (j = 0, at = 0; j < 8; j++) {
			octet[j] = random_below(random_once(3) ? 256 : 100);
			at += sprintf(text + at, forms[random_below(3)], octet[j]);
			at += sprintf(text + at, "%s", j == 3 ? random_once(2) ? "-" : " - " :
				      j == 7 ? "\n" : ".");
		}
		assert_int_equal(text_parse(&parser, text, at, true), at);
		assert_int_equal(list.ranges.n4, 1);
		for (j = 0, at = 0; j < 8; j++)
			at = at << 8 | octet[j];
		if (list.counts.reversed)
			at = at >> 32 | at << 32;
		assert_int_equal(list.ranges.v4[0].first, at >> 32);
		assert_int_equal(list.ranges.v4[0].last, (uint32_t)at);
		list_free(&list);
	}
}

/* Also those that stand at the end of an IPv6 address. */
static void octets_in_ipv6_addresses_are_decimal(void **state)
{
	(void)state;
	assert_list("::ffff:012.0.0.1\n", "[::ffff:12.0.0.1]");
	assert_list("[::ffff:010.008.009.001]\n", "[::ffff:10.8.9.1]");
	assert_list("::ffff:012.000.000.001-::ffff:012.000.000.099\n",
		    "[::ffff:12.0.0.1]-[::ffff:12.0.0.99]");
	assert_list("[::ffff:012.0.0.1]-[::ffff:12.0.0.010] , 000 , x\n",
		    "[::ffff:12.0.0.1]-[::ffff:12.0.0.10]=x");
	assert_list("::ffff:012.000.000.000/120\n", "[::ffff:12.0.0.0]-[::ffff:12.0.0.255]");
	assert_list("0000:0000:0000:0000:0000:ffff:255.255.255.255\n", "[::ffff:255.255.255.255]");
	assert_list("64:ff9b::192.000.002.001\n", "[64:ff9b::c000:201]");
	assert_list("x:::ffff:012.0.0.1-::ffff:012.0.0.9\ny:1.2.3.4-1.2.3.9\n",
		    "1.2.3.4-1.2.3.9=y [::ffff:12.0.0.1]-[::ffff:12.0.0.9]=x");
}

/* The C library wants no zeros in front of an octet: up to three digits may have them here. */
static void cut_padding(char *text)
{
	char *at = strrchr(text, ':');
	size_t digits, zeros;

	if (!at || !strchr(at, '.'))
		return;
	for (; at; at = strchr(at, '.')) {
		digits = strspn(++at, "0123456789");
		zeros = strspn(at, "0");
		zeros -= zeros == digits && zeros;
		if (digits <= 3)
			memmove(at, at + zeros, strlen(at + zeros) + 1);
	}
}

/* Nearly an IPv6 address: it is one here when it is one for the C library, and the same. */
static void ipv6_addresses_are_those_of_libc(void **state)
{
	static const char *const parts[] = {
		":", ":", ":", "::", "0", "1", "ff", "db8", "2001", "FfFf", "12345", "g", "1.2.3.4",
		"::ffff:", "0000"
	};
	unsigned int i, j, n, good = 0;
	struct in6_addr in6;
	enum list_fault fault;
	char text[128];

	(void)state;
	for (i = 0; i < 300000; i++) {
		struct ranges ranges = {};
		bool theirs;

		*text = '\0';
		n = 1 + random_below(17);
		for (j = 0; j < n; j++)
			strcat(text, j & 1 && !random_once(8) ? ":" :
			       parts[random_below(sizeof(parts) / sizeof(*parts))]);
		if (!strchr(text, ':'))
			continue;
		fault = text_range(text, &ranges);
		cut_padding(text);
		theirs = inet_pton(AF_INET6, text, &in6) == 1;
		if (theirs == !!fault)
			print_message("# %s\n", text);
		assert_int_equal(theirs, !fault);
		if (theirs) {
			assert_true(ranges.v6->first == address6_load(in6.s6_addr));
			good++;
		}
		ranges_free(&ranges);
	}
	assert_true(good > 1000);
}

/* One bad line between good ones: why, and where. */
static void assert_fault_of(enum list_format format, const char *line, enum list_fault fault,
			    size_t column)
{
	struct list list = { .format = format, .max_errors = 99 };
	const char *good = format == LIST_P2P ? "x:9.9.9.9-9.9.9.9" : "9.9.9.9";
	char text[1024];

	snprintf(text, sizeof(text), "%s\n\n%s\n%s\n", good, line, good);
	assert_int_not_equal(*read_list(&list, text, strlen(text)), '\0');
	if (list.total.bad != 1 || list.samples[0].fault != fault ||
	    list.samples[0].column != column)
		print_message("# \"%s\": %zu bad, %s, column %zu\n", line, list.total.bad,
			      list_fault_text(list.samples[0].fault), list.samples[0].column);
	assert_int_equal(list.total.bad, 1);
	assert_int_equal(list.faults[fault], 1);
	assert_int_equal(list.samples[0].fault, fault);
	assert_int_equal(list.samples[0].line, 3);
	assert_int_equal(list.samples[0].column, column);
	assert_string_equal(list.samples[0].file, "file");
	assert_int_equal(list.ranges.n4 + list.ranges.n6, 1);
	list_free(&list);
}

static void bad_lines_are_told_why_and_where(void **state)
{
	(void)state;
	assert_fault_of(LIST_AUTO, "hello", LIST_NO_ADDRESS, 1);
	assert_fault_of(LIST_AUTO, "1.2.3.256", LIST_OCTET, 7);
	assert_fault_of(LIST_AUTO, "1.2.3.4 - 1.2.300.5 , 000 , x", LIST_OCTET, 15);
	assert_fault_of(LIST_AUTO, "0001.2.3.4", LIST_OCTET_DIGITS, 1);
	assert_fault_of(LIST_AUTO, "1.2.3", LIST_OCTETS, 6);
	assert_fault_of(LIST_AUTO, "1.2.3.4.5", LIST_OCTETS, 8);
	assert_fault_of(LIST_AUTO, "1.2..4", LIST_OCTETS, 5);
	assert_fault_of(LIST_AUTO, "2001:db8:::1", LIST_IPV6, 1);
	assert_fault_of(LIST_AUTO, "::ffff:1.2.3.0256", LIST_IPV6, 1);
	assert_fault_of(LIST_AUTO, "::ffff:1.2.3.256", LIST_IPV6, 1);
	assert_fault_of(LIST_AUTO, "::ffff:001.2.3", LIST_IPV6, 1);
	assert_fault_of(LIST_AUTO, "1:2:3:4:5:6:7:001.2.3.4", LIST_IPV6, 1);
	assert_fault_of(LIST_AUTO, "[2001:db8::1", LIST_BRACKET, 13);
	assert_fault_of(LIST_AUTO, "[fe80::1%eth0]", LIST_BRACKET, 9);
	assert_fault_of(LIST_AUTO, "[1.2.3.4]", LIST_IPV6, 2);
	assert_fault_of(LIST_AUTO, "1.2.3.0/33", LIST_LENGTH, 9);
	assert_fault_of(LIST_AUTO, "1.2.3.0/", LIST_LENGTH, 9);
	assert_fault_of(LIST_AUTO, "1.2.3.0/255.255.255.0", LIST_LENGTH, 9);
	assert_fault_of(LIST_AUTO, "2001:db8::/129", LIST_LENGTH, 12);
	assert_fault_of(LIST_AUTO, "1.2.3.4-2001:db8::1", LIST_FAMILIES, 9);
	assert_fault_of(LIST_AUTO, "1.2.3.4-", LIST_NO_ADDRESS, 9);
	assert_fault_of(LIST_AUTO, "1.2.3.4-1.2.3.5-1.2.3.6", LIST_TRAILING, 16);
	assert_fault_of(LIST_AUTO, "1.2.3.4 evil", LIST_TRAILING, 9);
	assert_fault_of(LIST_AUTO, "1.2.3.4\r5.6.7.8", LIST_TRAILING, 8);
	assert_fault_of(LIST_AUTO, "1.2.3.4-1.2.3.5 , 12x , text", LIST_LEVEL, 19);
	assert_fault_of(LIST_AUTO, "0x7f.1.2.3", LIST_OCTETS, 2);
	assert_fault_of(LIST_AUTO, "-1.2.3.4", LIST_NO_ADDRESS, 1);
	assert_fault_of(LIST_P2P, "label only", LIST_NO_RANGE, 1);
	assert_fault_of(LIST_P2P, "label:", LIST_NO_RANGE, 7);
	assert_fault_of(LIST_P2P, "a:b::c", LIST_NO_RANGE, 6);
	assert_fault_of(LIST_P2P, "label:1.2.3.4-1.2.3.256", LIST_OCTET, 21);
	assert_fault_of(LIST_P2P, "label:1.2.3.4-1.2.3.5 x", LIST_TRAILING, 23);
	assert_fault_of(LIST_UTORRENT, "1.2.3.4 , 000 , x", LIST_TRAILING, 9);
	assert_fault_of(LIST_UTORRENT, "1.2.3.0/24", LIST_FORM, 1);
	assert_fault_of(LIST_CIDR, "1.2.3.0-1.2.3.9", LIST_FORM, 1);
	assert_fault_of(LIST_CIDR, "1.2.3.0/24 , 000 , x", LIST_TRAILING, 12);
}

static void a_line_may_be_too_long(void **state)
{
	size_t size = 3 * LIST_LINE_MAX;
	char *text = malloc(size);
	struct list list = { .max_errors = 60 };
	int n;

	(void)state;
	memset(text, 'x', size);
	n = sprintf(text, "1.1.1.1\n");
	text[n] = 'x';
	strcpy(text + size - 9, "\n2.2.2.2");
	assert_string_equal(read_list(&list, text, size - 1), "1.1.1.1 2.2.2.2");
	assert_int_equal(list.faults[LIST_LONG], 1);
	assert_int_equal(list.total.lines, 3);
	assert_int_equal(list.samples[0].line, 2);
	list_free(&list);
	free(text);
}

/* A line lies across the pieces that a file is read in. */
static void pieces_do_not_matter(void **state)
{
	static const char text[] = "1.2.3.4\n# c\n5.6.7.8-5.6.7.9\r\nbad\n9.9.9.9";
	size_t cut, used;

	(void)state;
	for (cut = 0; cut <= sizeof(text) - 1; cut++) {
		struct list list = { .level = 127 };
		struct text_parser parser = { .list = &list, .dialect = LIST_PLAIN };

		used = text_parse(&parser, text, cut, false);
		assert_true(used <= cut);
		assert_int_equal(text_parse(&parser, text + used, sizeof(text) - 1 - used, true),
				 sizeof(text) - 1 - used);
		assert_int_equal(list.ranges.n4, 3);
		assert_int_equal(list.counts.lines, 5);
		assert_int_equal(list.counts.bad, 1);
		assert_int_equal(list.samples[0].line, 4);
		list_free(&list);
	}
}

static void read_text(struct list *list, enum list_format dialect, const char *text, size_t size)
{
	struct text_parser parser = { .list = list, .dialect = dialect };

	*list = (struct list) { .level = 127 };
	assert_int_equal(text_parse(&parser, text, size, true), size);
}

/* A line, or nearly one: two addresses, now and then with something else in them. */
static size_t put_line(char *line)
{
	static const char others[] = "0123456789..--\r\r ,/#x:\x89\xb0\xff";
	uint32_t first = random_below(2) ? random_next() : random_below(300), last = random_next();
	size_t size;

	size = sprintf(line, "%u.%u.%u.%u-%u.%u.%u.%u%s", first >> 24, first >> 16 & 255,
		       first >> 8 & 255, first & 255, last >> 24, last >> 16 & 255,
		       last >> 8 & 255, random_below(4) ? last & 255 : random_below(1100),
		       random_below(4) ? "" : "\r");
	if (random_once(3))
		line[random_below(size)] = others[random_below(sizeof(others) - 1)];
	if (random_once(8))
		memmove(line, line + 1, --size);
	return size;
}

/* Lines of the usual form are read at once where enough follows, and must come out alike. */
static void what_follows_does_not_matter(void **state)
{
	static const enum list_format dialects[] = {
		LIST_PLAIN, LIST_UTORRENT, LIST_DAT, LIST_CIDR, LIST_P2P
	};
	char line[256], text[256];
	struct list alone, followed;
	enum list_format dialect;
	size_t size, i;

	(void)state;
	for (i = 0; i < 200000; i++) {
		dialect = dialects[i % 5];
		size = put_line(line);
		line[size++] = '\n';
		read_text(&alone, dialect, line, size);
		size = snprintf(text, sizeof(text), "%.*s#%60s\n", (int)size, line, "");
		read_text(&followed, dialect, text, size);
		assert_int_equal(followed.counts.ranges, alone.counts.ranges);
		assert_int_equal(followed.counts.reversed, alone.counts.reversed);
		assert_int_equal(followed.counts.bad, alone.counts.bad);
		assert_int_equal(followed.counts.lines, alone.counts.lines + 1);
		assert_int_equal(followed.formats, alone.formats);
		assert_int_equal(followed.ranges.n4, alone.ranges.n4);
		if (alone.ranges.n4)
			assert_memory_equal(followed.ranges.v4, alone.ranges.v4,
					    alone.ranges.n4 * sizeof(*alone.ranges.v4));
		if (alone.n_samples)
			assert_int_equal(followed.samples[0].column, alone.samples[0].column);
		list_free(&alone);
		list_free(&followed);
	}
}

static void put32(char **at, uint32_t number)
{
	number = htonl(number);
	memcpy(*at, &number, 4);
	*at += 4;
}

static size_t p2b_header(char **at, unsigned int version)
{
	memcpy(*at, "\xff\xff\xff\xffP2B", 7);
	(*at)[7] = version;
	*at += 8;
	return 8;
}

static void put_string(char **at, const char *text)
{
	strcpy(*at, text);
	*at += strlen(text) + 1;
}

static size_t make_p2b(char *data, unsigned int version)
{
	char *at = data;

	p2b_header(&at, version);
	if (version < 3) {
		put_string(&at, version == 1 ? "M\xfcller" : "M\xc3\xbcller");
		put32(&at, 0x01020304);
		put32(&at, 0x010203ff);
		put_string(&at, "");
		put32(&at, 0xffffffff);
		put32(&at, 0xfffffff0);
		return at - data;
	}
	put32(&at, 2);
	put_string(&at, "unused");
	put_string(&at, "M\xc3\xbcller");
	put32(&at, 2);
	put32(&at, 1);
	put32(&at, 0x01020304);
	put32(&at, 0x010203ff);
	put32(&at, 0);
	put32(&at, 0xffffffff);
	put32(&at, 0xfffffff0);
	return at - data;
}

static void p2b_lists(void **state)
{
	unsigned int version;
	char data[256];

	(void)state;
	for (version = 1; version <= 3; version++) {
		struct list list = {};
		size_t size = make_p2b(data, version), cut;

		assert_string_equal(read_list(&list, data, size), version < 3 ?
			"1.2.3.4-1.2.3.255=M\xc3\xbcller 255.255.255.240-255.255.255.255" :
			"1.2.3.4-1.2.3.255=M\xc3\xbcller 255.255.255.240-255.255.255.255=unused");
		assert_int_equal(list.total.reversed, 1);
		assert_int_equal(list.formats, 1 << LIST_P2B);
		list_free(&list);

		/*
		 * Any end but the right one is none, but for the two before a record of
		 * the old versions: the second one has no label and takes 9 bytes.
		 */
		for (cut = 7; cut < size; cut++) {
			struct list part = {};
			const char *text = read_list(&part, data, cut);

			if (version < 3 && cut == 8)
				assert_string_equal(text, "");
			else if (version < 3 && cut == size - 9)
				assert_string_equal(text, "1.2.3.4-1.2.3.255=M\xc3\xbcller");
			else
				assert_non_null(strstr(text, "cut short"));
			list_free(&part);
		}
	}
}

static void p2b_may_be_wrong(void **state)
{
	struct list list = { .max_errors = 50 }, unknown = {}, trailing = { .max_errors = 50 };
	char data[256];
	size_t size = make_p2b(data, 3);

	(void)state;
	/* The first range's label is number 7. */
	data[size - 21] = 7;
	assert_string_equal(read_list(&list, data, size), "255.255.255.240-255.255.255.255=unused");
	assert_int_equal(list.faults[LIST_NAME], 1);
	assert_int_equal(list.samples[0].line, 1);
	assert_int_equal(list.samples[0].column, size - 24 + 1);
	assert_string_equal(list.samples[0].excerpt, "1.2.3.4-1.2.3.255");
	list_free(&list);
	size = make_p2b(data, 3);
	memcpy(data + size, "\0more", 5);
	assert_non_null(strstr(read_list(&trailing, data, size + 5), "1.2.3.4"));
	assert_int_equal(trailing.faults[LIST_TRAILING], 1);
	assert_int_equal(trailing.samples[0].line, 3);
	assert_int_equal(trailing.samples[0].column, size + 1);
	assert_string_equal(trailing.samples[0].excerpt, "?more");
	list_free(&trailing);
	data[7] = 4;
	assert_non_null(strstr(read_list(&unknown, data, size), "version 4 is unknown"));
	list_free(&unknown);
}

/* Empty labels are a byte each in a file, and more in memory: what it announces decides. */
static void p2b_may_announce_too_many_labels(void **state)
{
	static const struct {
		uint32_t labels;
		const char *why;
	} announced[] = {
		{ LIST_RANGES_MAX, "cut short in entry 1, at byte 16" },
		{ LIST_RANGES_MAX + 1, "file: more than 67108864 labels are announced" },
		{ UINT32_MAX, "file: more than 67108864 labels are announced" },
	};
	char data[16], *at;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(announced) / sizeof(*announced); i++) {
		struct list list = {};

		at = data;
		p2b_header(&at, 3);
		put32(&at, announced[i].labels);
		memcpy(at, "\0\0\0x", 4);
		assert_non_null(strstr(read_list(&list, data, sizeof(data)), announced[i].why));
		list_free(&list);
	}
}

static size_t pack_gzip(char *packed, size_t room, const char *data, size_t size)
{
	z_stream stream = {};

	assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY),
			 Z_OK);
	stream.next_in = (unsigned char *)data;
	stream.avail_in = size;
	stream.next_out = (unsigned char *)packed;
	stream.avail_out = room;
	assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
	size = stream.total_out;
	deflateEnd(&stream);
	return size;
}

static size_t pack_zip(char *packed, size_t room, const char *const *files, unsigned int n,
		       const size_t *sizes)
{
	struct archive *archive = archive_write_new();
	struct archive_entry *entry = archive_entry_new();
	size_t used;
	unsigned int i;
	char name[16];

	archive_write_set_format_zip(archive);
	assert_int_equal(archive_write_open_memory(archive, packed, room, &used), ARCHIVE_OK);
	for (i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "f%u", i);
		archive_entry_clear(entry);
		archive_entry_set_pathname(entry, name);
		archive_entry_set_filetype(entry, AE_IFREG);
		archive_entry_set_perm(entry, 0644);
		archive_entry_set_size(entry, sizes[i]);
		assert_int_equal(archive_write_header(archive, entry), ARCHIVE_OK);
		archive_write_data(archive, files[i], sizes[i]);
	}
	archive_entry_free(entry);
	archive_write_close(archive);
	archive_write_free(archive);
	return used;
}

#define TEXT	"x:1.2.3.4-1.2.3.5\nbad\n" \
		"a:9.0.0.1-9.0.0.1\nb:9.0.0.2-9.0.0.2\n"

/* The first file's heading, of which the magic number is looked at. */
static const char tar_file[1024] = {
	[0] = 'l', 'i', 's', 't',
	[100] = '0', '0', '0', '0', '6', '4', '4',
	[257] = 'u', 's', 't', 'a', 'r',
	[512] = '1', '.', '2', '.', '3', '.', '4', '\n',
};

static void archives_are_unpacked(void **state)
{
	static const char result[] = "1.2.3.4-1.2.3.5=x 9.0.0.1=a 9.0.0.2=b";
	char gzip[1024], zip[2048], twice[2048], thrice[2048];
	const char *const files[] = { TEXT, gzip };
	struct list one = { .max_errors = 30 }, two = one, three = one, four = one, five = one;
	struct list six = one;
	size_t n = pack_gzip(gzip, sizeof(gzip), TEXT, strlen(TEXT)), size;
	size_t sizes[] = { strlen(TEXT), n };

	(void)state;
	assert_string_equal(read_list(&one, gzip, n), result);
	assert_int_equal(one.formats, 1 << LIST_P2P | 1 << LIST_GZIP);
	assert_string_equal(one.samples[0].file, "file");
	list_free(&one);

	/* Files in an archive are told apart. */
	size = pack_zip(zip, sizeof(zip), files, 2, sizes);
	assert_string_equal(read_list(&two, zip, size), result);
	assert_int_equal(two.files, 2);
	assert_int_equal(two.total.ranges, 6);
	assert_int_equal(two.n_samples, 2);
	assert_string_equal(two.samples[0].file, "file/f0");
	assert_string_equal(two.samples[1].file, "file/f1");
	assert_int_equal(two.samples[1].line, 2);
	list_free(&two);

	/* Two members behind each other, padding behind them. */
	memcpy(zip, gzip, n);
	memcpy(zip + n, gzip, n);
	memset(zip + 2 * n, 0, 100);
	assert_string_equal(read_list(&three, zip, 2 * n + 100), result);
	assert_int_equal(three.total.ranges, 6);
	list_free(&three);

	size = pack_gzip(twice, sizeof(twice), gzip, n);
	assert_string_equal(read_list(&four, twice, size), result);
	list_free(&four);
	size = pack_gzip(thrice, sizeof(thrice), twice, size);
	assert_non_null(strstr(read_list(&five, thrice, size), "too many archives"));
	list_free(&five);
	n = pack_gzip(gzip, sizeof(gzip), tar_file, sizeof(tar_file));
	assert_non_null(strstr(read_list(&six, gzip, n), "file: this is a tar archive"));
	list_free(&six);
}

/* People pack readmes with their lists. */
static void what_is_no_list_is_passed_over(void **state)
{
	static const char readme[] = "About this list:\nit is good.\n";
	static const char page[] = "<!DOCTYPE html>\n";
	static const char list[] = "1.2.3.4\nbad\n5.6.7.8\n", worse[] = "1.2.3.4\nbad\nbad\n";
	static const struct {
		const char *data;
		size_t size;
	} others[] = {
		{ LIST("\xff\xfex\0.\0") },
		{ LIST("\3757zXZ\0\0") },
		{ LIST("7z\xbc\xaf\x27\x1c") },
		{ LIST("Rar!\x1a\x07") },
		{ tar_file, sizeof(tar_file) },
	};
	struct list all = { .max_errors = 40 }, none = all, some = all;
	const char *files[3] = { readme, list, page };
	size_t sizes[] = { strlen(readme), strlen(list), strlen(page) }, size, i;
	char zip[2048];

	(void)state;
	size = pack_zip(zip, sizeof(zip), files, 3, sizes);
	assert_string_equal(read_list(&all, zip, size), "1.2.3.4 5.6.7.8");
	assert_int_equal(all.n_passed, 2);
	assert_string_equal(all.passed[0], "file/f0");
	assert_string_equal(all.passed[1], "file/f2");
	assert_int_equal(all.files, 1);
	assert_int_equal(all.total.bad, 1);
	assert_int_equal(all.total.lines, 3);
	assert_int_equal(all.n_samples, 1);
	assert_string_equal(all.samples[0].file, "file/f1");
	list_free(&all);

	/* Nor is what no line can be read of, whatever it holds. */
	for (i = 0; i < sizeof(others) / sizeof(*others); i++) {
		struct list beside = {};

		files[0] = others[i].data;
		sizes[0] = others[i].size;
		size = pack_zip(zip, sizeof(zip), files, 2, sizes);
		beside.max_errors = 40;
		assert_string_equal(read_list(&beside, zip, size), "1.2.3.4 5.6.7.8");
		assert_int_equal(beside.n_passed, 1);
		assert_string_equal(beside.passed[0], "file/f0");
		list_free(&beside);
		size = pack_zip(zip, sizeof(zip), files, 1, sizes);
		assert_non_null(strstr(read_list(&beside, zip, size), "file/f0: this is "));
		list_free(&beside);
	}
	files[0] = readme;
	sizes[0] = strlen(readme);

	/* An archive without a list is refused for what its first file is. */
	files[1] = page;
	sizes[1] = strlen(page);
	size = pack_zip(zip, sizeof(zip), files, 2, sizes);
	assert_non_null(strstr(read_list(&none, zip, size), "file/f0: 2 of 2 lines"));
	list_free(&none);

	/* And one of whose lists too much cannot be read. */
	files[0] = worse;
	sizes[0] = strlen(worse);
	files[1] = list;
	sizes[1] = strlen(list);
	size = pack_zip(zip, sizeof(zip), files, 2, sizes);
	assert_non_null(strstr(read_list(&some, zip, size), "file/f0: 2 of 3 lines"));
	list_free(&some);
}

/* Names in an archive are not for a terminal as they are. */
static void names_in_archives_are_printable(void **state)
{
	struct archive *archive = archive_write_new();
	struct archive_entry *entry = archive_entry_new();
	struct list list = { .max_errors = 60 };
	char zip[1024];
	size_t size;

	(void)state;
	archive_write_set_format_zip(archive);
	archive_write_open_memory(archive, zip, sizeof(zip), &size);
	archive_entry_set_pathname(entry, "a\x1b[2Jb\nc");
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_size(entry, 12);
	archive_write_header(archive, entry);
	archive_write_data(archive, "1.2.3.4\nbad\n", 12);
	archive_entry_free(entry);
	archive_write_close(archive);
	archive_write_free(archive);
	assert_string_equal(read_list(&list, zip, size), "1.2.3.4");
	assert_string_equal(list.samples[0].file, "file/a [2Jb c");
	list_free(&list);
}

static void damaged_archives_are_refused(void **state)
{
	/* What was stored without packing ends whole, and nothing follows. */
	static const char stored[] =
		"PK\3\4\12\0\0\0\0\0\0\0\0\0\xc4\xdf\x36\x0f\10\0\0\0\10\0\0\0"
		"\1\0\0\0s1.2.3.4\n";
	struct list ended = {};
	char gzip[1024], zip[2048], copy[2048], *directory;
	const char *const files[] = { TEXT };
	size_t n = pack_gzip(gzip, sizeof(gzip), TEXT, strlen(TEXT)), size, cut;
	size_t sizes[] = { strlen(TEXT) };

	(void)state;
	for (cut = 2; cut < n; cut++) {
		struct list list = { .max_errors = 99 };

		assert_non_null(strstr(read_list(&list, gzip, cut), "cut short"));
		list_free(&list);
	}
	for (cut = n - 8; cut < n; cut++) {
		struct list list = { .max_errors = 99 };

		memcpy(copy, gzip, n);
		copy[cut] ^= 1;		/* check sum, length */
		assert_non_null(strstr(read_list(&list, copy, n), "damaged"));
		list_free(&list);
	}
	size = pack_zip(zip, sizeof(zip), files, 1, sizes);
	directory = memmem(zip, size, "PK\1\2", 4);
	assert_non_null(directory);
	for (cut = 4; cut < size; cut++) {
		struct list list = { .max_errors = 99 };
		const char *text;

		/* Of the directory at the end nothing is read. */
		text = read_list(&list, zip, cut);
		assert_true(strstr(text, "damaged or cut short") || zip + cut >= directory);
		list_free(&list);
	}
	assert_non_null(strstr(read_list(&ended, LIST(stored)), "cut short: it ends too early; "));
	list_free(&ended);
}

static void what_is_no_list_is_refused(void **state)
{
	static const struct {
		const char *data;
		size_t size;
		const char *why;
	} others[] = {
		{ LIST("<!DOCTYPE html><html>...\n"), "web page" },
		{ LIST("\n  <html>\n"), "web page" },
		{ LIST("\xff\xfex\0.\0"), "UTF-16" },
		{ LIST("\3757zXZ\0\0"), "xz" },
		{ LIST("BZh91AY&SY\xa5..."), "bzip2" },
		{ LIST("BZh1\x17rE8P\x90\0\0\0\0"), "bzip2" },
		{ LIST("\x28\xb5\x2f\xfd..."), "zstd" },
		{ LIST("7z\xbc\xaf\x27\x1c"), "7-Zip" },
		{ LIST("Rar!\x1a\x07"), "RAR" },
		{ tar_file, sizeof(tar_file), "file: this is a tar archive; unpack it first" },
		{ LIST("one\ntwo\n"), "2 of 2 lines" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(others) / sizeof(*others); i++) {
		struct list list = {};

		assert_non_null(strstr(read_list(&list, others[i].data, others[i].size),
				       others[i].why));
		list_free(&list);
	}
}

/* 5 of 100 may be unreadable, 6 of 100 may not. */
static void too_many_bad_lines_are_refused(void **state)
{
	unsigned int bad, i;
	char text[4096];

	(void)state;
	for (bad = 5; bad <= 6; bad++) {
		struct list list = {};
		size_t at = 0;

		for (i = 0; i < 100; i++)
			at += sprintf(text + at, i < bad ? "bad %u\n" : "1.2.3.%u\n", i);
		read_list(&list, text, at);
		assert_int_equal(!!*list.error, bad == 6);
		assert_int_equal(list.total.bad, bad);
		assert_int_equal(list.n_samples, LIST_SAMPLES);
		list_free(&list);
	}
}

static void an_excerpt_shows_where(void **state)
{
	struct list list = { .max_errors = 60 };
	char text[600], *at = text;
	int i;

	(void)state;
	at += sprintf(at, "9.9.9.9\n1.2.3.4-1.2.3.5 , 000x , ");
	for (i = 0; i < 400; i++)
		*at++ = i & 1 ? '\xfc' : 'y';
	sprintf(at, "\n");
	read_list(&list, text, strlen(text));
	assert_int_equal(list.n_samples, 1);
	assert_non_null(strstr(list.samples[0].excerpt, "000x"));
	assert_int_equal(strlen(list.samples[0].excerpt), LIST_EXCERPT);
	assert_non_null(strstr(list.samples[0].excerpt, "y?y?"));
	list_free(&list);
}

static void formats_are_found_by_content(void **state)
{
	char heading[8192];
	size_t i;

	(void)state;
	assert_int_equal(list_format(LIST("x:1.2.3.4-1.2.3.5\n")), LIST_P2P);
	assert_int_equal(list_format(LIST("# 1\n1.2.3.4-1.2.3.5\n")), LIST_PLAIN);
	assert_int_equal(list_format(LIST("bad\nbad\nx:1.2.3.4-1.2.3.5\n")), LIST_P2P);
	assert_int_equal(list_format(LIST(":1.2.3.4-1.2.3.5\n")), LIST_P2P);
	assert_int_equal(list_format(LIST(":1.2.3.4-1.2.3.5\n1.2.3.6 # c\n")), LIST_PLAIN);
	assert_int_equal(list_format(LIST("::1\n::1-::2\n::/0\n:1.2.3.4\n")), LIST_PLAIN);
	/* Both could be: the range in front is what it is. */
	assert_int_equal(list_format(LIST("2001:db8::1-2001:db8::2\n")), LIST_PLAIN);
	assert_int_equal(list_format(LIST("1.2.3.4 - 1.2.3.5 , 0 , x:1.2.3.4-1.2.3.5\n")),
			 LIST_PLAIN);
	/* So is what begins like something packed. */
	assert_int_equal(list_format(LIST("BZh:1.2.3.4-1.2.3.5\n")), LIST_P2P);
	assert_int_equal(list_format(LIST("BZh9:1.2.3.4-1.2.3.5\n")), LIST_P2P);
	assert_int_equal(list_format(LIST("BZh01AY&SY:1.2.3.4-1.2.3.5\n")), LIST_P2P);
	assert_int_equal(list_format(LIST("BZh91AY&Sy:1.2.3.4-1.2.3.5\n")), LIST_P2P);
	assert_int_equal(list_format(LIST("Rar! games:1.2.3.4-1.2.3.5\n")), LIST_P2P);
	assert_int_equal(list_format(LIST("7z\xbc\xaf:1.2.3.4-1.2.3.5\n")), LIST_P2P);
	assert_int_equal(list_format(LIST("\3757zXZ:1.2.3.4-1.2.3.5\n")), LIST_P2P);
	assert_int_equal(list_format(LIST("BZh")), LIST_PLAIN);
	/* A long heading decides nothing. */
	memset(heading, '#', sizeof(heading));
	for (i = 1; i < sizeof(heading); i += 2)
		heading[i] = '\n';
	strcpy(heading + 8000, "\nx:1.2.3.4-1.2.3.5\n");
	assert_int_equal(list_format(heading, strlen(heading)), LIST_P2P);
	assert_int_equal(list_format(LIST("")), LIST_PLAIN);
	assert_int_equal(list_format(LIST("\x1f\x8b\x08")), LIST_GZIP);
	assert_int_equal(list_format(LIST("PK\3\4")), LIST_ZIP);
	/* Text may say so, too. */
	memset(heading, 'x', 300);
	memcpy(heading + 257, "ustar\n1.2.3.4\n", 15);
	assert_int_equal(list_format(heading, 300), LIST_PLAIN);
	assert_int_equal(list_format(LIST("\xff\xff\xff\xffP2B\3")), LIST_P2B);
}

static void words_of_commands(void **state)
{
	struct ranges ranges = {};

	(void)state;
	assert_int_equal(text_range("1.2.3.4", &ranges), LIST_OK);
	assert_int_equal(text_range("1.2.3.4-1.2.3.9", &ranges), LIST_OK);
	assert_int_equal(text_range("[2001:db8::1]-[2001:db8::9]", &ranges), LIST_OK);
	assert_int_equal(text_range("2001:db8::/32", &ranges), LIST_OK);
	assert_int_equal(text_range("1.2.3.4/24", &ranges), LIST_HOST_BITS);
	assert_int_equal(text_range("1.2.3.4 # x", &ranges), LIST_TRAILING);
	assert_int_equal(text_range("", &ranges), LIST_NO_ADDRESS);
	assert_int_equal(text_range("1.2.3.4\n", &ranges), LIST_TRAILING);
	assert_int_equal(ranges.n4, 2);
	assert_int_equal(ranges.n6, 2);
	ranges_free(&ranges);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(utorrent_lists),
		cmocka_unit_test(dat_lists),
		cmocka_unit_test(levels_are_settable),
		cmocka_unit_test(p2p_lists),
		cmocka_unit_test(p2p_lines_without_a_label),
		cmocka_unit_test(p2p_lists_of_empty_labels),
		cmocka_unit_test(p2p_labels_that_look_like_addresses),
		cmocka_unit_test(ipv6_lists_without_labels),
		cmocka_unit_test(cidr_lists),
		cmocka_unit_test(prefixes_clear_what_is_beyond),
		cmocka_unit_test(reversed_ranges_are_turned_and_counted),
		cmocka_unit_test(octets_are_decimal_whatever_the_padding),
		cmocka_unit_test(octets_in_ipv6_addresses_are_decimal),
		cmocka_unit_test(ipv6_addresses_are_those_of_libc),
		cmocka_unit_test(bad_lines_are_told_why_and_where),
		cmocka_unit_test(a_line_may_be_too_long),
		cmocka_unit_test(pieces_do_not_matter),
		cmocka_unit_test(what_follows_does_not_matter),
		cmocka_unit_test(p2b_lists),
		cmocka_unit_test(p2b_may_be_wrong),
		cmocka_unit_test(p2b_may_announce_too_many_labels),
		cmocka_unit_test(archives_are_unpacked),
		cmocka_unit_test(what_is_no_list_is_passed_over),
		cmocka_unit_test(names_in_archives_are_printable),
		cmocka_unit_test(damaged_archives_are_refused),
		cmocka_unit_test(what_is_no_list_is_refused),
		cmocka_unit_test(too_many_bad_lines_are_refused),
		cmocka_unit_test(an_excerpt_shows_where),
		cmocka_unit_test(formats_are_found_by_content),
		cmocka_unit_test(words_of_commands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
