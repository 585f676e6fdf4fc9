// SPDX-License-Identifier: GPL-2.0
/* Whose answers are nearest: times of several rounds, and what follows from them. */

#include <stdlib.h>
#include <string.h>

#include "race.h"

static int compare_times(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double median_of(const double *times, unsigned int n)
{
	double sorted[RACE_PATHS];
	unsigned int i, count = 0;

	for (i = 0; i < n && count < RACE_PATHS; i++)
		if (times[i] >= 0)
			sorted[count++] = times[i];
	if (!count)
		return -1;
	qsort(sorted, count, sizeof(*sorted), compare_times);
	return count % 2 ? sorted[count / 2] : (sorted[count / 2 - 1] + sorted[count / 2]) / 2;
}

/* Of one round, over the ways that the routes take, for a family. */
static double round_median(const struct race *race, unsigned int round, uint32_t resolvers,
			   uint8_t family)
{
	double times[RACE_PATHS];
	unsigned int i, n = 0;

	for (i = 0; i < race->n_tracks; i++)
		if (!race->tracks[i].path.bound && race->tracks[i].resolvers & resolvers &&
		    race->tracks[i].path.ip.family == family)
			times[n++] = race->tracks[i].times[round];
	return median_of(times, n);
}

/* A client takes the family that is nearer. */
static double nearer(double a, double b)
{
	if (a < 0 || b < 0)
		return a < 0 ? b : a;
	return a < b ? a : b;
}

void race_count(struct race *race)
{
	struct entrant *entrant;
	unsigned int e, round;

	for (e = 0; e < race->n_entrants; e++) {
		entrant = &race->entrants[e];
		for (round = 0; round < race->n_rounds; round++)
			entrant->rounds[round] =
				nearer(round_median(race, round, 1U << e, AF_INET),
				       round_median(race, round, 1U << e, AF_INET6));
		entrant->median = median_of(entrant->rounds, race->n_rounds);
	}
}

static bool is_large(double slow, double fast)
{
	return slow - fast >= GAIN_MS && slow - fast >= GAIN_PART * slow;
}

/* Faster in every round in which both were there, and those are most. */
static bool is_stable(const double *slow, const double *fast, unsigned int n)
{
	unsigned int i, both = 0;

	for (i = 0; i < n; i++) {
		if (slow[i] < 0 || fast[i] < 0)
			continue;
		if (fast[i] >= slow[i])
			return false;
		both++;
	}
	return both >= RACE_ROUNDS_MIN && 2 * both > n;
}

/* Nobody to go to, however near. */
static bool is_out(const struct entrant *entrant)
{
	return entrant->lies || entrant->strange || entrant->tcp_only;
}

unsigned int race_winner(const struct race *race, int steered)
{
	const struct entrant *now = &race->entrants[0], *entrant;
	unsigned int e, best = 0;

	for (e = 1; e < race->n_entrants; e++) {
		entrant = &race->entrants[e];
		if (is_out(entrant) || entrant->median < 0 || now->median < 0)
			continue;
		if (!is_large(now->median, entrant->median) ||
		    !is_stable(now->rounds, entrant->rounds, race->n_rounds))
			continue;
		if (!best || entrant->median < race->entrants[best].median)
			best = e;
	}
	if (steered <= 0 || is_out(&race->entrants[steered]))
		return best;
	entrant = &race->entrants[steered];
	/* Whoever is asked already stays unless another one is much better. */
	if (best && !is_large(entrant->median, race->entrants[best].median) &&
	    entrant->median >= 0)
		return steered;
	if (!best && entrant->median >= 0 && now->median - entrant->median >= GAIN_MS / 2)
		return steered;
	return best;
}

bool race_tunnel_slower(const struct race *race, double *four, double *six)
{
	double v4[ROUNDS_MAX], v6[ROUNDS_MAX], times[RACE_PATHS];
	unsigned int round, i, n;

	for (round = 0; round < race->n_rounds; round++) {
		v4[round] = round_median(race, round, ~0U, AF_INET);
		for (i = 0, n = 0; i < race->n_tracks; i++)
			if (race->tracks[i].path.ip.family == AF_INET6 &&
			    race->tracks[i].path.tunnel && !race->tracks[i].path.bound)
				times[n++] = race->tracks[i].times[round];
		v6[round] = median_of(times, n);
	}
	*four = median_of(v4, race->n_rounds);
	*six = median_of(v6, race->n_rounds);
	return *four >= 0 && *six >= 0 && is_large(*six, *four) &&
	       is_stable(v6, v4, race->n_rounds);
}
