// SPDX-License-Identifier: GPL-2.0
/* Sets of ranges: against a plain array of addresses, and against iprange. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../tools/filter/ranges.h"
#include "../fuzz/random.h"

#define ROUNDS	2000

/* Addresses of the plain model lie this far apart from 0 and from the highest one. */
#define SPACE	256

uint64_t random_state = 5;

/* Half of the model's addresses are the lowest ones there are, half the highest. */
static uint32_t to4(unsigned int i)
{
	return i < SPACE / 2 ? i : ~0u - (SPACE - 1 - i);
}

static address6_t to6(unsigned int i)
{
	return i < SPACE / 2 ? i : ~(address6_t)0 - (SPACE - 1 - i);
}

/* The label of each address, -1 for none: the one that begins first has it. */
struct model {
	int label[SPACE];
};

struct piece {
	unsigned int first;
	unsigned int last;
	unsigned int label;
};

static void model_build(struct model *model, const struct piece *pieces, unsigned int n)
{
	unsigned int address, i;

	for (address = 0; address < SPACE; address++) {
		const struct piece *holder = NULL;

		for (i = 0; i < n; i++)
			if (pieces[i].first <= address && address <= pieces[i].last &&
			    (!holder || pieces[i].first < holder->first))
				holder = &pieces[i];
		model->label[address] = holder ? (int)holder->label : -1;
	}
}

static unsigned int random_pieces(struct piece *pieces, unsigned int max)
{
	unsigned int n = random_below(max + 1), i, labels = 1 + random_below(4);

	for (i = 0; i < n; i++) {
		unsigned int a = random_below(SPACE), b;

		b = random_below(2) ? a + random_below(8) : random_below(SPACE);
		if (b >= SPACE)
			b = SPACE - 1;
		pieces[i] = (struct piece) { a < b ? a : b, a < b ? b : a, random_below(labels) };
	}
	return n;
}

static uint32_t label_number(struct ranges *ranges, unsigned int label)
{
	static const char *const texts[] = { "", "one", "two", "three" };

	return labels_number(&ranges->labels, texts[label], strlen(texts[label]));
}

static void fill(struct ranges *ranges, const struct piece *pieces, unsigned int n, bool ipv6)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		uint32_t label = label_number(ranges, pieces[i].label);

		if (ipv6)
			ranges_add6(ranges, to6(pieces[i].first), to6(pieces[i].last), label);
		else
			ranges_add4(ranges, to4(pieces[i].first), to4(pieces[i].last), label);
	}
}

/* What the merged set says about an address. */
static int label_of(struct ranges *ranges, unsigned int address, bool ipv6)
{
	int found = -1;
	size_t i;

	for (i = 0; !ipv6 && i < ranges->n4; i++)
		if (ranges->v4[i].first <= to4(address) && to4(address) <= ranges->v4[i].last)
			found = found == -1 ? (int)ranges->v4[i].label : -2;
	for (i = 0; ipv6 && i < ranges->n6; i++)
		if (ranges->v6[i].first <= to6(address) && to6(address) <= ranges->v6[i].last)
			found = found == -1 ? (int)ranges->v6[i].label : -2;
	return found;
}

static void assert_model(struct ranges *ranges, const struct model *model, bool ipv6)
{
	unsigned int i;

	for (i = 0; i < SPACE; i++)
		assert_int_equal(label_of(ranges, i, ipv6), model->label[i] < 0 ? -1 :
				 (int)label_number(ranges, model->label[i]));
}

/* What the kernel wants: ascending, apart, and touching only with other labels. */
static void assert_canonical(const struct ranges *ranges)
{
	size_t i;

	for (i = 0; i < ranges->n4; i++) {
		const struct range4 *range = &ranges->v4[i];

		assert_true(range->first <= range->last);
		if (!i)
			continue;
		assert_true(range[-1].last < range->first);
		assert_true(range[-1].last + 1 < range->first || range[-1].label != range->label);
	}
	for (i = 0; i < ranges->n6; i++) {
		const struct range6 *range = &ranges->v6[i];

		assert_true(range->first <= range->last);
		if (!i)
			continue;
		assert_true(range[-1].last < range->first);
		assert_true(range[-1].last + 1 < range->first || range[-1].label != range->label);
	}
}

static void merging_agrees_with_an_array(void **state)
{
	struct piece pieces[24];
	struct merge_counts counts;
	struct model model;
	unsigned int i, n;

	(void)state;
	for (i = 0; i < ROUNDS; i++) {
		struct ranges ranges = {};
		bool ipv6 = i & 1;

		n = random_pieces(pieces, 24);
		model_build(&model, pieces, n);
		fill(&ranges, pieces, n, ipv6);
		ranges_merge(&ranges, &counts);
		assert_canonical(&ranges);
		assert_model(&ranges, &model, ipv6);
		assert_true(counts.overlapping + counts.adjacent <= n);
		/* Once more changes nothing. */
		ranges_merge(&ranges, &counts);
		assert_int_equal(counts.overlapping + counts.adjacent, 0);
		assert_model(&ranges, &model, ipv6);
		ranges_free(&ranges);
	}
}

/* Pieces without an address of the model, and the first of them as text. */
static void assert_strange(const struct ranges *ranges, const struct model *model,
			   const struct ranges *what, const struct piece *pieces, unsigned int n,
			   bool ipv6)
{
	char text[RANGE_STRLEN], expected[RANGE_STRLEN] = "";
	unsigned int i, address;
	size_t strange = 0;
	bool any;

	for (i = 0; i < n; i++) {
		any = false;
		for (address = pieces[i].first; address <= pieces[i].last; address++)
			any |= model->label[address] >= 0;
		if (any || strange++)
			continue;
		if (ipv6)
			range6_text(to6(pieces[i].first), to6(pieces[i].last), expected);
		else
			range4_text(to4(pieces[i].first), to4(pieces[i].last), expected);
	}
	*text = '\0';
	assert_int_equal(ranges_strange(ranges, what, text), strange);
	assert_string_equal(text, expected);
}

static void subtracting_agrees_with_an_array(void **state)
{
	struct piece pieces[16], holes[16];
	struct merge_counts counts;
	struct model model, without;
	unsigned int i, j, n, n_holes;

	(void)state;
	for (i = 0; i < ROUNDS; i++) {
		struct ranges ranges = {}, what = {};
		size_t strange = 0;
		bool ipv6 = i & 1;

		n = random_pieces(pieces, 16);
		n_holes = random_pieces(holes, 16);
		for (j = 0; j < n_holes; j++)
			holes[j].label = 0;
		model_build(&model, pieces, n);
		model_build(&without, holes, n_holes);
		fill(&ranges, pieces, n, ipv6);
		fill(&what, holes, n_holes, ipv6);
		ranges_merge(&ranges, &counts);
		assert_strange(&ranges, &model, &what, holes, n_holes, ipv6);
		ranges_merge(&what, &counts);
		for (j = 0; j < SPACE; j++)
			/* A hole's first address; is there anything in the whole of it? */
			if (without.label[j] == 0 &&
			    (!j || without.label[j - 1] < 0)) {
				bool any = false;
				unsigned int k;

				for (k = j; k < SPACE && without.label[k] == 0; k++)
					any |= model.label[k] >= 0;
				strange += !any;
			}
		assert_int_equal(ranges_strange(&ranges, &what, NULL), strange);
		ranges_subtract(&ranges, &what);
		for (j = 0; j < SPACE; j++)
			if (without.label[j] == 0)
				model.label[j] = -1;
		assert_canonical(&ranges);
		assert_model(&ranges, &model, ipv6);
		ranges_free(&ranges);
		ranges_free(&what);
	}
}

static void counts_are_what_was_joined(void **state)
{
	struct ranges ranges = {};
	struct merge_counts counts;
	uint32_t label;

	(void)state;
	label = labels_number(&ranges.labels, "x", 1);
	ranges_add4(&ranges, 10, 19, LABEL_NONE);
	ranges_add4(&ranges, 20, 29, LABEL_NONE);	/* adjacent */
	ranges_add4(&ranges, 30, 39, label);		/* another label: stays */
	ranges_add4(&ranges, 35, 45, label);		/* overlapping */
	ranges_add4(&ranges, 12, 13, label);		/* overlapping: inside */
	ranges_add4(&ranges, 0xffffffff, 0xffffffff, label);
	ranges_add4(&ranges, 0xfffffff0, 0xffffffff, label);
	ranges_merge(&ranges, &counts);
	assert_int_equal(counts.adjacent, 1);
	assert_int_equal(counts.overlapping, 3);
	assert_int_equal(ranges.n4, 3);
	assert_int_equal(ranges.v4[1].first, 30);
	assert_int_equal(ranges.v4[1].last, 45);
	ranges_free(&ranges);
}

/* Large sets take another path: they are sorted by radix and not in order. */
static void many_ranges_are_sorted(void **state)
{
	struct ranges ranges = {};
	struct merge_counts counts;
	unsigned int i;

	(void)state;
	for (i = 0; i < 200000; i++) {
		uint32_t first = i * 2654435761u & ~0xfu;

		ranges_add4(&ranges, first, first + random_below(16), LABEL_NONE);
		ranges_add6(&ranges, (address6_t)first << 77,
			    (address6_t)first << 77 | random_below(9), LABEL_NONE);
	}
	ranges_merge(&ranges, &counts);
	assert_canonical(&ranges);
	assert_true(ranges.n4 > 100000);
	assert_true(ranges.n6 > 100000);
	ranges_free(&ranges);
}

static void all_addresses_are_one_range(void **state)
{
	char text[RANGE_STRLEN];
	struct ranges ranges = {};
	struct merge_counts counts;

	(void)state;
	ranges_add4(&ranges, 0x80000000, ~0u, LABEL_NONE);
	ranges_add4(&ranges, 0, 0x7fffffff, LABEL_NONE);
	ranges_add6(&ranges, (address6_t)1 << 127, ~(address6_t)0, LABEL_NONE);
	ranges_add6(&ranges, 0, ~(address6_t)0 >> 1, LABEL_NONE);
	ranges_merge(&ranges, &counts);
	assert_int_equal(ranges.n4, 1);
	assert_int_equal(ranges.n6, 1);
	assert_string_equal(range4_text(ranges.v4[0].first, ranges.v4[0].last, text),
			    "0.0.0.0-255.255.255.255");
	assert_string_equal(range6_text(ranges.v6[0].first, ranges.v6[0].last, text),
			    "[::]-[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]");
	ranges_free(&ranges);
}

/*
 * An independent opinion. iprange reads octets with a leading zero as octal, so
 * it gets none.
 */
static void iprange_merges_alike(void **state)
{
	char theirs_name[] = "/tmp/rangesXXXXXX", command[64], line[64], text[RANGE_STRLEN];
	char first_text[RANGE_STRLEN], last_text[RANGE_STRLEN], both[2 * RANGE_STRLEN];
	struct ranges ranges = {};
	struct merge_counts counts;
	int fd = mkstemp(theirs_name);
	FILE *file = fdopen(fd, "w");
	unsigned int i;
	size_t n = 0;

	(void)state;
	assert_non_null(file);
	for (i = 0; i < 50000; i++) {
		uint32_t first = random_next();
		uint32_t last = first + (random_below(2) ? random_below(300000) : 0);

		if (last < first)
			last = ~0u;
		ranges_add4(&ranges, first, last, LABEL_NONE);
		fprintf(file, "%s\n", range4_text(first, last, text));
	}
	fclose(file);
	ranges_merge(&ranges, &counts);
	assert_canonical(&ranges);
	snprintf(command, sizeof(command), "iprange --optimize --print-ranges %s", theirs_name);
	file = popen(command, "r");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		assert_true(n < ranges.n4);
		/* It writes single addresses as ranges, too. */
		snprintf(both, sizeof(both), "%s-%s",
			 range4_text(ranges.v4[n].first, ranges.v4[n].first, first_text),
			 range4_text(ranges.v4[n].last, ranges.v4[n].last, last_text));
		assert_string_equal(line, both);
		n++;
	}
	assert_int_equal(pclose(file), 0);
	assert_int_equal(n, ranges.n4);
	unlink(theirs_name);
	ranges_free(&ranges);
}

static void labels_are_known_again(void **state)
{
	struct labels labels = {};
	char text[32];
	unsigned int i;

	(void)state;
	assert_int_equal(labels_number(&labels, "", 0), LABEL_NONE);
	assert_int_equal(labels_number(&labels, "  \t ", 4), LABEL_NONE);
	for (i = 1; i < 100000; i++) {
		snprintf(text, sizeof(text), "label %u", i * 7919);
		assert_int_equal(labels_number(&labels, text, strlen(text)), i);
	}
	for (i = 1; i < 100000; i++) {
		snprintf(text, sizeof(text), "label %u", i * 7919);
		assert_string_equal(labels_text(&labels, i), text);
		assert_int_equal(labels_number(&labels, text, strlen(text)), i);
	}
	/* One that begins like another one. */
	assert_int_equal(labels_number(&labels, "label", 5), i);
	labels_free(&labels);
}

static const char *cleaned(struct labels *labels, const char *text, size_t size)
{
	return labels_text(labels, labels_number(labels, text, size));
}

static void labels_are_utf8_of_bounded_length(void **state)
{
	struct labels labels = {};
	char longest[400], wide[400];

	(void)state;
	assert_string_equal(cleaned(&labels, " a b ", 5), "a b");
	assert_string_equal(cleaned(&labels, "M\xfcller", 6), "M\xc3\xbcller");	/* Latin-1 */
	assert_string_equal(cleaned(&labels, "M\xc3\xbcller", 7), "M\xc3\xbcller");
	assert_string_equal(cleaned(&labels, "\xe2\x82\xac", 3), "\xe2\x82\xac");
	assert_string_equal(cleaned(&labels, "a\x1b[2Jb\x7f", 7), "a [2Jb");
	/* Too long a form of a slash, half of a surrogate. */
	assert_string_equal(cleaned(&labels, "\xc0\xaf", 2), "\xc3\x80\xc2\xaf");
	assert_string_equal(cleaned(&labels, "\xed\xa0\x80", 3), "\xc3\xad\xc2\xa0");
	assert_string_equal(cleaned(&labels, "a\0b", 3), "a b");
	memset(longest, 'x', sizeof(longest));
	assert_int_equal(strlen(cleaned(&labels, longest, sizeof(longest))), LABEL_MAX);
	/* Cut between characters. */
	memset(wide, 0xe4, sizeof(wide));
	assert_int_equal(strlen(cleaned(&labels, wide, sizeof(wide))), LABEL_MAX & ~1);
	labels_free(&labels);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(merging_agrees_with_an_array),
		cmocka_unit_test(subtracting_agrees_with_an_array),
		cmocka_unit_test(counts_are_what_was_joined),
		cmocka_unit_test(many_ranges_are_sorted),
		cmocka_unit_test(all_addresses_are_one_range),
		cmocka_unit_test(iprange_merges_alike),
		cmocka_unit_test(labels_are_known_again),
		cmocka_unit_test(labels_are_utf8_of_bounded_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
