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
#define FIRST		0x20010db801000000
#define SECOND		0x2002000000000000
#define THIRD		0x2400000000000000
#define N_POOLS		3

/* Pages of each, one behind the other. */
static void ***leaf[N_POOLS];

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

	for (i = 0; i < N_POOLS; i++)
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

/*
 * Without pages, pointers and clients: who owns a piece is a number of four bytes, all in
 * one array. Twice: where the compiler knows the pools, and where they are read, as they
 * have to be where somebody configures them. Of these each has its say, so that none has
 * to be chosen and waited for; pieces must not reach across the middle of an address.
 */
static uint32_t *number;
/* Where each pool's begin in it. */
static uint64_t begin[N_POOLS];

/**
 * struct read_pool - a pool as it is read
 * @low: first 64 bits of its lowest address
 * @span: and of its highest one, less @low
 * @upper: pieces are told apart by the first 64 bits
 * @shift: right, until the number of a piece ends these
 * @mask: of the number
 * @begin: the number of its first piece
 * @pages: where its owners are, if they are in pages
 */
struct read_pool {
	uint64_t low;
	uint64_t span;
	bool upper;
	uint64_t shift;
	uint64_t mask;
	uint64_t begin;
	void ***pages;
};

/* The pools of ours.c once more, and none behind them; pieces of all in one array, or not. */
static struct read_pool flat_pools[N_POOLS], paged_pools[N_POOLS];
/* Read, as the pools are. */
static unsigned int n_read_pools;

static uint64_t flat_index_of(uint64_t hi, uint64_t lo)
{
	uint64_t index = choose(begin[0] + (lo >> 1), begin[1] + (hi & 0xffffffffff), hi >= SECOND);

	return choose(index, begin[2] + (hi >> 16 & 0xffffffffff), hi >= THIRD);
}

static uint64_t read_index_of(const struct read_pool *pools, uint64_t hi, uint64_t lo,
			      void ****pages)
{
	uint64_t index = 0, of = 0, at, is_it;
	unsigned int i;

	for (i = 0; i < n_read_pools; i++) {
		const struct read_pool *pool = &pools[i];

		at = (choose(lo, hi, pool->upper) >> pool->shift & pool->mask) + pool->begin;
		is_it = -(uint64_t)(hi - pool->low <= pool->span);
		index |= at & is_it;
		of |= (uintptr_t)pool->pages & is_it;
	}
	*pages = (void ***)of;
	return index;
}

static void limit_flat_make(const struct prefix *prefixes, size_t n)
{
	uint64_t hi, lo;
	size_t i;

	/* Every other piece is a pair, every fourth one of each of the others; see lookup.c. */
	begin[1] = n / 2 + 8;
	begin[2] = begin[1] + n / 4 + 8;
	number = memory_get((begin[2] + n / 4 + 8) * sizeof(*number), PAGE);
	for (i = 0; i < n; i++) {
		load(&prefixes[i].addr, &hi, &lo);
		number[flat_index_of(hi, lo)] = i + 1;
	}
}

static void *limit_flat_find(const struct in6_addr *addr)
{
	uint64_t hi, lo;

	load(addr, &hi, &lo);
	return (void *)(uintptr_t)number[flat_index_of(hi, lo)];
}

const struct structure limit_flat = {
	.name = "flat limit",
	.make = limit_flat_make,
	.find = limit_flat_find,
};

static void read_pools_make(struct read_pool *pools)
{
	static const struct read_pool known[N_POOLS] = {
		{ .low = FIRST, .shift = 1, .mask = ~0ULL >> 1 },
		{ .low = SECOND, .span = (1ULL << 40) - 1, .upper = 1, .mask = (1ULL << 40) - 1 },
		{ .low = THIRD, .span = (1ULL << 56) - 1, .upper = 1, .shift = 16,
		  .mask = (1ULL << 40) - 1 },
	};

	memcpy(pools, known, sizeof(known));
	n_read_pools = N_POOLS;
}

/* The array is that of limit_flat. */
static void limit_flat_read_make(const struct prefix *prefixes, size_t n)
{
	int i;

	read_pools_make(flat_pools);
	for (i = 0; i < N_POOLS; i++)
		flat_pools[i].begin = begin[i];
}

static void *limit_flat_read_find(const struct in6_addr *addr)
{
	uint64_t hi, lo;
	void ***none;

	load(addr, &hi, &lo);
	return (void *)(uintptr_t)number[read_index_of(flat_pools, hi, lo, &none)];
}

const struct structure limit_flat_read = {
	.name = "flat limit, pools read",
	.make = limit_flat_read_make,
	.find = limit_flat_read_find,
};

/*
 * And where the client is that has the number: since clients come and go they are in pieces of
 * memory, of so many each, that come one by one.
 */
#define CHUNK	1024

static uintptr_t *chunk;
/* How far one client is from the next. Read: or the compiler would know that it is nothing. */
static uintptr_t stride;

/* The rest is that of limit_flat_read. Places are numbers, for owners are. */
static void limit_flat_client_make(const struct prefix *prefixes, size_t n)
{
	size_t i;

	stride = 1;
	chunk = memory_get((n / CHUNK + 1) * sizeof(*chunk), 64);
	for (i = 0; i <= n / CHUNK; i++)
		chunk[i] = i * CHUNK;
}

static void *limit_flat_client_find(const struct in6_addr *addr)
{
	uint32_t owner = (uintptr_t)limit_flat_read_find(addr);

	return (void *)(chunk[owner / CHUNK] + owner % CHUNK * stride);
}

const struct structure limit_flat_client = {
	.name = "flat limit, pools read, the client",
	.make = limit_flat_client_make,
	.find = limit_flat_client_find,
};

/* The pages are those of limit. */
static void limit_read_make(const struct prefix *prefixes, size_t n)
{
	int i;

	read_pools_make(paged_pools);
	for (i = 0; i < N_POOLS; i++)
		paged_pools[i].pages = leaf[i];
}

static void *limit_read_find(const struct in6_addr *addr)
{
	uint64_t hi, lo, index;
	void ***pages;

	load(addr, &hi, &lo);
	index = read_index_of(paged_pools, hi, lo, &pages);
	return pages[index / SLOTS][index % SLOTS];
}

const struct structure limit_read = {
	.name = "limit, pools read",
	.make = limit_read_make,
	.find = limit_read_find,
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

/* What an address costs, and the loop around it. */
static void *nothing_find(const struct in6_addr *addr)
{
	return (void *)(uintptr_t)addr->s6_addr32[1];
}

const struct structure nothing = {
	.name = "nothing",
	.find = nothing_find,
};
