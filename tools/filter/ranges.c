// SPDX-License-Identifier: GPL-2.0
/* Sets of address ranges. */

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "ranges.h"

#define RESERVED_MIN	256

/* Bytes that get their memory at once. */
#define TOUCHED		(1 << 20)

/* Bytes of a line with nothing but a range, and with a label. */
#define LINE_USUAL	20
#define LABELLED_USUAL	40

#define FAMILY(name)	name##4
#define RANGE		range4
#include "ranges-family.h"
#undef FAMILY
#undef RANGE
#define FAMILY(name)	name##6
#define RANGE		range6
#include "ranges-family.h"
#undef FAMILY
#undef RANGE

void ranges_expect(struct ranges *ranges, size_t size)
{
	size_t reserved = ranges->n4 + size / LINE_USUAL;

	if (reserved > ranges->reserved4)
		reserve_4(ranges, reserved);
	labels_expect(&ranges->labels, size, size / LABELLED_USUAL);
}

/* Three passes over eleven bits each; ranges that begin together keep their order. */
static void sort4(struct ranges *ranges)
{
	size_t n = ranges->n4, i, at, count, sum, (*counts)[2048];
	struct range4 *from = ranges->v4, *to, *swap;
	unsigned int pass, shift;

	/* Most files are in order already. */
	for (i = 1; i < n && from[i - 1].first <= from[i].first;)
		i++;
	if (i >= n)
		return;
	counts = memory_zeroed(3, sizeof(*counts));
	to = memory_resized(NULL, n, sizeof(*to));
	memory_touch(to, n * sizeof(*to));
	ranges->room4 = n;
	ranges->reserved4 = n;
	for (i = 0; i < n; i++)
		for (pass = 0; pass < 3; pass++)
			counts[pass][from[i].first >> 11 * pass & 2047]++;
	for (pass = 0; pass < 3; pass++) {
		shift = 11 * pass;
		for (sum = 0, i = 0; i < 2048; i++) {
			count = counts[pass][i];
			counts[pass][i] = sum;
			sum += count;
		}
		for (i = 0; i < n; i++) {
			at = counts[pass][from[i].first >> shift & 2047]++;
			to[at] = from[i];
		}
		swap = from;
		from = to;
		to = swap;
	}
	ranges->v4 = from;
	free(to);
	free(counts);
}

static int compare6(const void *one, const void *other)
{
	const struct range6 *a = one, *b = other;

	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	return a->order < b->order ? -1 : 1;
}

static void sort6(struct ranges *ranges)
{
	size_t i;

	/* Merging and subtracting leave numbers that are not in order. */
	for (i = 0; i < ranges->n6; i++)
		ranges->v6[i].order = i;
	for (i = 1; i < ranges->n6 && ranges->v6[i - 1].first <= ranges->v6[i].first;)
		i++;
	if (i < ranges->n6)
		qsort(ranges->v6, ranges->n6, sizeof(*ranges->v6), compare6);
}

void ranges_merge(struct ranges *ranges, struct merge_counts *counts)
{
	*counts = (struct merge_counts) {};
	sort4(ranges);
	sort6(ranges);
	merge_4(ranges, counts);
	merge_6(ranges, counts);
}

void ranges_subtract(struct ranges *ranges, const struct ranges *what)
{
	subtract_4(ranges, what);
	subtract_6(ranges, what);
}

void ranges_append(struct ranges *ranges, const struct ranges *what)
{
	append_4(ranges, what);
	append_6(ranges, what);
}

size_t ranges_strange(const struct ranges *ranges, const struct ranges *what,
		      char text[RANGE_STRLEN])
{
	const struct range4 *which4 = NULL;
	const struct range6 *which6 = NULL;
	size_t n = strange_4(ranges, what, &which4) + strange_6(ranges, what, &which6);

	if (text && which4)
		range4_text(which4->first, which4->last, text);
	else if (text && which6)
		range6_text(which6->first, which6->last, text);
	return n;
}

void ranges_free(struct ranges *ranges)
{
	free(ranges->v4);
	free(ranges->v6);
	labels_free(&ranges->labels);
	*ranges = (struct ranges) {};
}

address6_t address6_load(const uint8_t bytes[16])
{
	address6_t address = 0;
	unsigned int i;

	for (i = 0; i < 16; i++)
		address = address << 8 | bytes[i];
	return address;
}

void address6_store(uint8_t bytes[16], address6_t address)
{
	unsigned int i;

	for (i = 16; i-- > 0; address >>= 8)
		bytes[i] = (uint8_t)address;
}

const char *range4_text(uint32_t first, uint32_t last, char text[RANGE_STRLEN])
{
	char one[INET_ADDRSTRLEN], other[INET_ADDRSTRLEN];
	struct in_addr in = { .s_addr = htonl(first) };

	inet_ntop(AF_INET, &in, one, sizeof(one));
	in.s_addr = htonl(last);
	inet_ntop(AF_INET, &in, other, sizeof(other));
	snprintf(text, RANGE_STRLEN, first == last ? "%s" : "%s-%s", one, other);
	return text;
}

const char *range6_text(address6_t first, address6_t last, char text[RANGE_STRLEN])
{
	char one[INET6_ADDRSTRLEN], other[INET6_ADDRSTRLEN];
	struct in6_addr in6;

	address6_store(in6.s6_addr, first);
	inet_ntop(AF_INET6, &in6, one, sizeof(one));
	address6_store(in6.s6_addr, last);
	inet_ntop(AF_INET6, &in6, other, sizeof(other));
	snprintf(text, RANGE_STRLEN, first == last ? "[%s]" : "[%s]-[%s]", one, other);
	return text;
}
