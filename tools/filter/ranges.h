/* SPDX-License-Identifier: GPL-2.0 */
/* Sets of address ranges. */
#ifndef FILTER_RANGES_H
#define FILTER_RANGES_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "labels.h"
#include "memory.h"

/* "255.255.255.255-255.255.255.255", "[v6]-[v6]", with a terminating zero. */
#define RANGE_STRLEN	(2 * INET6_ADDRSTRLEN + 5)

typedef unsigned __int128 address6_t;

/**
 * struct range4 - IPv4 addresses
 * @first: host byte order
 * @last: host byte order, not below @first
 * @label: number of its label
 */
struct range4 {
	uint32_t first;
	uint32_t last;
	uint32_t label;
};

/**
 * struct range6 - IPv6 addresses
 * @first: host byte order
 * @last: host byte order, not below @first
 * @label: number of its label
 * @order: where it stands among those that begin with it
 */
struct range6 {
	address6_t first;
	address6_t last;
	uint32_t label;
	uint32_t order;
};

/**
 * struct ranges - a set of ranges, in any order until ranges_merge()
 * @v4: IPv4
 * @n4: number of them
 * @room4: entries that @v4 has room for, in memory that is there
 * @reserved4: entries that it may have without moving
 * @v6: IPv6
 * @n6: number of them
 * @room6: as @room4
 * @reserved6: as @reserved4
 * @labels: their labels
 */
struct ranges {
	struct range4 *v4;
	size_t n4;
	size_t room4;
	size_t reserved4;
	struct range6 *v6;
	size_t n6;
	size_t room6;
	size_t reserved6;
	struct labels labels;
};

/**
 * struct merge_counts - what merging found
 * @overlapping: ranges that begin in another one
 * @adjacent: ranges that begin where another one of the same label ends
 */
struct merge_counts {
	size_t overlapping;
	size_t adjacent;
};

/* Reserve what a file of @size bytes may hold, so that what grows need not move. */
void ranges_expect(struct ranges *ranges, size_t size);

void ranges_grow4(struct ranges *ranges);
void ranges_grow6(struct ranges *ranges);

static inline void ranges_add4(struct ranges *ranges, uint32_t first, uint32_t last,
			       uint32_t label)
{
	if (ranges->n4 == ranges->room4)
		ranges_grow4(ranges);
	ranges->v4[ranges->n4++] = (struct range4) { first, last, label };
}

static inline void ranges_add6(struct ranges *ranges, address6_t first, address6_t last,
			       uint32_t label)
{
	if (ranges->n6 == ranges->room6)
		ranges_grow6(ranges);
	ranges->v6[ranges->n6] = (struct range6) { first, last, label, ranges->n6 };
	ranges->n6++;
}

/**
 * ranges_merge() - sort, join and separate
 * @ranges: the set
 * @counts: what was found
 *
 * Afterwards ranges are in order and no address is in two of them. An address
 * that was has the label of the one that began first, of the one added first
 * where they began together. Neighbours with one label are one range.
 */
void ranges_merge(struct ranges *ranges, struct merge_counts *counts);

/* Remove the addresses of @what; both are merged. */
void ranges_subtract(struct ranges *ranges, const struct ranges *what);

/* Add the ranges of @what with their labels, without merging. */
void ranges_append(struct ranges *ranges, const struct ranges *what);

/*
 * How many ranges of @what, in any order, share no address with @ranges, merged.
 * Where @text is not NULL, the first of those is written there, if there is one.
 */
size_t ranges_strange(const struct ranges *ranges, const struct ranges *what,
		      char text[RANGE_STRLEN]);

void ranges_free(struct ranges *ranges);

address6_t address6_load(const uint8_t bytes[16]);
void address6_store(uint8_t bytes[16], address6_t address);

/* As uTorrent writes them: one address where they are the same. Return: @text. */
const char *range4_text(uint32_t first, uint32_t last, char text[RANGE_STRLEN]);
const char *range6_text(address6_t first, address6_t last, char text[RANGE_STRLEN]);

#endif /* FILTER_RANGES_H */
