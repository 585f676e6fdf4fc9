/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whether the processor kept its full speed while something was measured.
 *
 * A rented processor is often half of a core. While the other half is busy, the
 * same work takes up to twice as long, for tenths of a second at a time: what was
 * measured then says more about that one than about us. A loop that keeps several
 * units of the core busy is timed before and after each part of a measurement; a
 * part counts where both took about as long as the fastest hundredth of all. Since
 * the other half may wake up in between as well, and never makes anything faster,
 * what counts of these is the lower quartile, or the mean where what is measured may
 * itself stop for a while.
 */
#ifndef BENCH_SPEED_H
#define BENCH_SPEED_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#define SPEED_LOOPS	3000
#define SPEED_SLACK	1.05
#define SPEED_STEP	64
#define SPEED_STEPS	4096

/**
 * struct part - one part of a measurement
 * @cost: nanoseconds for each of what was done
 * @probe: nanoseconds of the slower loop of the two around it
 * @done: how much was done, where parts differ in that
 */
struct part {
	double cost;
	double probe;
	double done;
};

/* How many probes took so many times 64 ns. */
static unsigned int speed_probes[SPEED_STEPS];

static inline double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1e9 + time.tv_nsec;
}

/* Four chains of additions, of which a core that is ours alone does three or four at once. */
static inline double speed_probe(void)
{
	uint64_t a = 1, b = 2, c = 3, d = 4, i;
	double begin = now(), took;

	for (i = 0; i < SPEED_LOOPS; i++) {
		a += i;
		b ^= a;
		c += i;
		d ^= c;
		a ^= i;
		c ^= i;
		__asm__ volatile("" : "+r" (a), "+r" (b), "+r" (c), "+r" (d));
	}
	took = now() - begin;
	i = took / SPEED_STEP;
	speed_probes[i < SPEED_STEPS ? i : SPEED_STEPS - 1]++;
	return took;
}

/* What a probe takes at full speed: a clock may err, so not the very fastest one. */
static inline double speed_full(void)
{
	unsigned int all = 0, seen = 0, i;

	for (i = 0; i < SPEED_STEPS; i++)
		all += speed_probes[i];
	for (i = 0; i < SPEED_STEPS - 1; i++) {
		seen += speed_probes[i];
		if (seen > all / 100)
			break;
	}
	return (i + 1) * SPEED_STEP;
}

static int part_compare(const void *a, const void *b)
{
	double difference = ((const struct part *)a)->cost - ((const struct part *)b)->cost;

	return (difference > 0) - (difference < 0);
}

static inline bool speed_is_full(const struct part *part, double full)
{
	return part->probe <= full * SPEED_SLACK;
}

/*
 * What all parts would have cost at full speed, each of which costs something else;
 * not a number where there are none.
 */
static inline double speed_total(const struct part *parts, size_t n)
{
	double cost = 0, done = 0, all = 0, full = speed_full();
	size_t i;

	for (i = 0; i < n; i++) {
		all += parts[i].done;
		if (!speed_is_full(&parts[i], full))
			continue;
		cost += parts[i].cost * parts[i].done;
		done += parts[i].done;
	}
	return done ? cost / done * all : NAN;
}

/* The lower quartile of parts at full speed; not a number where there are none. Sorts them. */
static inline double speed_quartile(struct part *parts, size_t n)
{
	double full = speed_full();
	size_t kept = 0, i;

	for (i = 0; i < n; i++) {
		if (speed_is_full(&parts[i], full))
			parts[kept++] = parts[i];
	}
	qsort(parts, kept, sizeof(*parts), part_compare);
	return kept ? parts[kept / 4].cost : NAN;
}

#endif
