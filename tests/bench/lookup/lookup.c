// SPDX-License-Identifier: GPL-2.0
/*
 * lookup LAYOUT PREFIXES ROUNDS: time lookups of the owner of an address, in
 * the module's table and in two tries, which take turns. LAYOUT is near, where
 * ours uses its array, or far, where it uses its hash. The least that a lookup can
 * cost there takes its turn as well.
 *
 * Half of the prefixes are /127s of one /64, a quarter each /64s and /48s of a
 * shorter prefix; lookups ask for each, in random order. Prints, for each
 * structure and again for ours and the limit, a line with its name, "through" or
 * "dependent", and the nanoseconds a lookup in each round, at the processor's full
 * speed (speed.h); a round without any of that is "nan". And one with "instructions",
 * more than "nothing" takes, the same in each round.
 *
 * Throughput: lookups that do not depend on each other. Dependent: an address is
 * known only after the lookup before it.
 */

#include <endian.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../speed.h"
#include "structure.h"

#define ROUNDS_MAX	128
/* Of a turn, whatever is looked up in: as long a part of what else goes on in the machine. */
#define PARTS		40
#define PART_NS		1e6
#define PART_MIN	100
/* How many of the structures are there once more, behind the others. */
#define AGAIN		2

static uint64_t state = 0x9e3779b97f4a7c15;

/* xorshift64*, the same numbers each time. */
static uint64_t random64(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * 0x2545f4914f6cdd1d;
}

static void shuffle(size_t *numbers, size_t n)
{
	size_t i, j, other;

	for (i = n - 1; i; i--) {
		j = random64() % (i + 1);
		other = numbers[i];
		numbers[i] = numbers[j];
		numbers[j] = other;
	}
}

static void store(struct in6_addr *addr, uint64_t hi, uint64_t lo)
{
	hi = htobe64(hi);
	lo = htobe64(lo);
	memcpy(&addr->s6_addr[0], &hi, sizeof(hi));
	memcpy(&addr->s6_addr[8], &lo, sizeof(lo));
}

/* The pools of ours.c. Pieces near each other, or scattered beyond the array. */
static void make_prefix(struct prefix *prefix, size_t i, bool far)
{
	/* Odd, so that each has another one. */
	const uint64_t far_index = (i * 0x9e3779b97f4a7c15 & ((1ULL << 39) - 1)) | 1ULL << 39;
	uint64_t index = far ? far_index : i / 4 + 1;

	switch (i % 4) {
	case 0:
		store(&prefix->addr, 0x2002000000000000 | index, 0);
		prefix->len = 64;
		break;
	case 1:
		store(&prefix->addr, 0x2400000000000000 | index << 16, 0);
		prefix->len = 48;
		break;
	default:
		index = far ? far_index : i / 4 * 2 + i % 4 - 1;
		store(&prefix->addr, 0x20010db801000000, index << 1);
		prefix->len = 127;
		break;
	}
}

/* One of the addresses in a prefix. */
static struct in6_addr address_in(const struct prefix *prefix)
{
	struct in6_addr addr = prefix->addr;

	if (prefix->len == 127)
		addr.s6_addr[15] |= 1;
	else
		addr.s6_addr[15] = 1 + random64() % 200;
	return addr;
}

/*
 * Look up so many addresses, from @from on. They are read one after the other, which
 * costs next to nothing. Return: nanoseconds for each.
 */
static double look_up(const struct structure *structure, const struct in6_addr *addrs, size_t n,
		      size_t from, size_t count, bool dependent)
{
	uintptr_t previous = 0, sum = 0;
	double begin = now();
	size_t i;

	for (i = 0; i < count; i++) {
		const struct in6_addr *addr = &addrs[from];
		union {
			uint64_t word[2];
			struct in6_addr addr;
		} next;

		if (++from == n)
			from = 0;
		if (dependent) {
			/* Owners are no large numbers: nothing changes, but who knows? */
			memcpy(&next.addr, addr, sizeof(next.addr));
			next.word[0] |= previous >> 60;
			next.word[1] |= previous >> 60;
			addr = &next.addr;
		}
		previous = (uintptr_t)structure->find(addr);
		sum += previous;
	}
	/* So that no lookup can be left out. */
	__asm__ volatile("" : : "r" (sum));
	return (now() - begin) / count;
}

/* In many parts. Return: the first address that was not asked for any more. */
static size_t run(const struct structure *structure, const struct in6_addr *addrs, size_t n,
		  size_t from, bool dependent, struct part *parts)
{
	double cost = look_up(structure, addrs, n, from, PART_MIN, dependent);
	size_t length = cost * PART_MIN > PART_NS ? PART_MIN : PART_NS / cost, part;
	double before = speed_probe(), after;

	for (part = 0; part < PARTS; part++) {
		cost = look_up(structure, addrs, n, from, length, dependent);
		after = speed_probe();
		parts[part] = (struct part) { .cost = cost,
					      .probe = after > before ? after : before };
		before = after;
		from = (from + length) % n;
	}
	return from;
}

static void check(const struct structure *structure, const struct in6_addr *addrs,
		  const size_t *order, size_t n)
{
	void *owner;
	size_t i;

	for (i = 0; i < n; i++) {
		owner = structure->owner ? structure->owner(order[i]) : (void *)(order[i] + 1);
		if (structure->find(&addrs[i]) == owner)
			continue;
		fprintf(stderr, "lookup: %s finds the wrong owner\n", structure->name);
		exit(1);
	}
}

int main(int argc, char **argv)
{
	static const struct structure *const near[] = {
		&ours, &patricia, &lpm_trie, &limit, &limit_read, &limit_flat, &limit_flat_read,
		&limit_flat_client, &nothing, &ours, &limit,
	}, *const distant[] = {
		&ours, &patricia, &lpm_trie, &limit_far, &nothing, &ours, &limit_far,
	};
	enum {
		N_MAX = sizeof(near) / sizeof(near[0]),
		N_FAR = sizeof(distant) / sizeof(distant[0]),
	};
	static struct part parts[N_MAX][2][ROUNDS_MAX][PARTS];
	size_t from[N_MAX][2] = {};
	const struct structure *const *structures;
	struct prefix *prefixes;
	struct in6_addr *addrs;
	int rounds, round, s, count;
	double instructions;
	size_t n, i, *order, turn[2 * N_MAX];
	bool far, dependent;

	n = argc == 4 ? strtoul(argv[2], NULL, 0) : 0;
	rounds = argc == 4 ? atoi(argv[3]) : 0;
	if (!n || rounds < 1 || rounds > ROUNDS_MAX) {
		fputs("usage: lookup near|far PREFIXES ROUNDS\n", stderr);
		return 1;
	}
	far = !strcmp(argv[1], "far");
	structures = far ? distant : near;
	count = far ? N_FAR : N_MAX;
	prefixes = calloc(n, sizeof(*prefixes));
	addrs = calloc(n, sizeof(*addrs));
	order = calloc(n, sizeof(*order));
	for (i = 0; i < n; i++) {
		make_prefix(&prefixes[i], i, far);
		order[i] = i;
	}
	shuffle(order, n);
	for (i = 0; i < 2 * (size_t)count; i++) {
		turn[i] = i;
		from[i / 2][i % 2] = i * (n / (2 * count));
	}
	for (i = 0; i < n; i++)
		addrs[i] = address_in(&prefixes[order[i]]);

	/* All are there at once, in an area each of them fits into. */
	for (s = 0; s < count - AGAIN; s++) {
		if (!structures[s]->make)
			continue;
		structures[s]->make(prefixes, n);
		check(structures[s], addrs, order, n);
	}
	for (round = 0; round < rounds; round++) {
		/* In another order each time: what comes before leaves its own in the caches. */
		shuffle(turn, 2 * count);
		for (i = 0; i < 2 * (size_t)count; i++) {
			s = turn[i] / 2;
			dependent = turn[i] % 2;
			/* Whoever comes next does not find what this one has looked up. */
			from[s][dependent] = run(structures[s], addrs, n, from[s][dependent],
						 dependent, parts[s][dependent][round]);
		}
	}
	for (s = 0; s < 2 * count; s++) {
		printf("%s%s/%s", structures[s / 2]->name, s / 2 >= count - AGAIN ? " (again)" : "",
		       s % 2 ? "dependent" : "through");
		for (round = 0; round < rounds; round++)
			printf(" %.2f", speed_quartile(parts[s / 2][s % 2][round], PARTS));
		puts("");
	}
	for (s = 0; s < count; s++) {
		instructions = count_instructions(structures[s], addrs);
		printf("%s%s/instructions", structures[s]->name,
		       s >= count - AGAIN ? " (again)" : "");
		for (round = 0; round < rounds; round++)
			printf(" %.1f", instructions);
		puts("");
	}
	return 0;
}
