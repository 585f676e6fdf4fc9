// SPDX-License-Identifier: GPL-2.0
/*
 * The least that a lookup can cost: the compiler knows the pools, so that what
 * belongs to one is chosen by comparing and not read, and no address is outside.
 * Then two loads, one behind the other: a page of the array, as ours has it, and
 * the slot. Where pieces are scattered, one line of a table by a hash of one
 * multiplication, and what is in it. No structure, only a bound for those that have
 * to read what they know.
 */

#include <endian.h>
#include <stdbool.h>
#include <string.h>

#include "structure.h"

#define PAGE		4096
#define SLOTS		(PAGE / sizeof(void *))

/* The pools of ours.c: the first one is cut into /127s, these into /64s and /48s. */
#define SECOND		0x2002000000000000
#define THIRD		0x2400000000000000

/* Pages of each, one behind the other. */
static void ***leaf[3];

/* One of two, by a mask: a branch would be mispredicted. */
static uint64_t choose(uint64_t no, uint64_t yes, bool which)
{
	return no ^ ((no ^ yes) & -(uint64_t)which);
}

static uint64_t index_of(uint64_t hi, uint64_t lo)
{
	uint64_t index = choose(lo >> 1, hi & 0xffffffffff, hi >= SECOND);

	return choose(index, hi >> 16 & 0xffffffffff, hi >= THIRD);
}

static void ***leaf_of(uint64_t hi)
{
	uint64_t of = choose((uintptr_t)leaf[0], (uintptr_t)leaf[1], hi >= SECOND);

	return (void ***)choose(of, (uintptr_t)leaf[2], hi >= THIRD);
}

static void load(const struct in6_addr *addr, uint64_t *hi, uint64_t *lo)
{
	memcpy(hi, &addr->s6_addr[0], sizeof(*hi));
	memcpy(lo, &addr->s6_addr[8], sizeof(*lo));
	*hi = be64toh(*hi);
	*lo = be64toh(*lo);
}

static void limit_make(const struct prefix *prefixes, size_t n)
{
	uint64_t hi, lo, index;
	void ***of;
	size_t i;

	for (i = 0; i < 3; i++)
		leaf[i] = memory_get((n / SLOTS + 1) * sizeof(leaf[i][0]), PAGE);
	for (i = 0; i < n; i++) {
		load(&prefixes[i].addr, &hi, &lo);
		of = leaf_of(hi);
		index = index_of(hi, lo);
		if (!of[index / SLOTS])
			of[index / SLOTS] = memory_get(PAGE, PAGE);
		of[index / SLOTS][index % SLOTS] = (void *)(i + 1);
	}
}

static void *limit_find(const struct in6_addr *addr)
{
	uint64_t hi, lo, index;

	load(addr, &hi, &lo);
	index = index_of(hi, lo);
	return leaf_of(hi)[index / SLOTS][index % SLOTS];
}

const struct structure limit = {
	.name = "limit",
	.make = limit_make,
	.find = limit_find,
};

/* A place has the piece's number, of which no two pools share one here, and its owner. */
struct place {
	uint64_t index;
	void *owner;
};

#define LINE	(64 / sizeof(struct place))

static struct place *place;
static uint64_t lines;

/* The first place of its line. */
static struct place *line_of(uint64_t index)
{
	return &place[((index * 0x9e3779b97f4a7c15 >> 32) * lines >> 32) * LINE];
}

/* Of each pool another number: what is cut off has the same bits in it. */
static uint64_t far_index_of(uint64_t hi, uint64_t lo)
{
	return index_of(hi, lo) | hi >> 58 << 58;
}

static void limit_far_make(const struct prefix *prefixes, size_t n)
{
	uint64_t hi, lo, index;
	struct place *at;
	size_t i;

	lines = n * 5 / 4 / LINE + 1;
	place = memory_get((lines + 1) * LINE * sizeof(*place), 64);
	for (i = 0; i < n; i++) {
		load(&prefixes[i].addr, &hi, &lo);
		index = far_index_of(hi, lo);
		for (at = line_of(index); at->owner;)
			if (++at == place + (lines + 1) * LINE)
				at = place;
		*at = (struct place) { .index = index, .owner = (void *)(i + 1) };
	}
}

static void *limit_far_find(const struct in6_addr *addr)
{
	const struct place *const end = place + (lines + 1) * LINE, *at;
	uint64_t hi, lo, index;

	load(addr, &hi, &lo);
	index = far_index_of(hi, lo);
	for (at = line_of(index);; at = at + LINE == end ? place : at + LINE) {
		/* As in ours: branches would wait for the line. */
		int i = (at[1].index == index) + 2 * (at[2].index == index) +
			3 * (at[3].index == index);

		if (at[i].index == index)
			return at[i].owner;
	}
}

const struct structure limit_far = {
	.name = "limit",
	.make = limit_far_make,
	.find = limit_far_find,
};
