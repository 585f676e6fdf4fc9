/* SPDX-License-Identifier: GPL-2.0 */
/* Whose answers are nearest: times of several rounds, and what follows from them. */
#ifndef BROKERDNS_RACE_H
#define BROKERDNS_RACE_H

#include "connect.h"
#include "probe.h"

#define RACE_PATHS	512
/* Fewer rounds show nothing stable. */
#define RACE_ROUNDS_MIN	3
#define RACE_ROUNDS	5

/* A gain is large when it is both. */
#define GAIN_MS		10.0
#define GAIN_PART	0.25

/**
 * struct track - a way to an address, and how long it took in each round
 * @path: the way
 * @resolvers: who gave the address, as bits
 * @times: milliseconds of each round, negative where nobody was there
 */
struct track {
	struct path path;
	uint32_t resolvers;
	double times[ROUNDS_MAX];
};

/**
 * struct entrant - a resolver
 * @rounds: milliseconds to its answers in each round, negative where none was there
 * @median: of them, negative where there are none
 * @answers: it gave addresses
 * @lies: it gives addresses for missing names
 * @strange: it gives addresses that nobody else would, ip_special() or private
 * @tcp_only: it does not answer over UDP, over which dnsmasq asks
 */
struct entrant {
	double rounds[ROUNDS_MAX];
	double median;
	bool answers;
	bool lies;
	bool strange;
	bool tcp_only;
};

/**
 * struct race - about one domain
 * @tracks: ways to all addresses
 * @n_tracks: how many
 * @entrants: one for each resolver; the first is who is asked now
 * @n_entrants: how many
 * @n_rounds: rounds done
 * @at_home: who is asked now gives private addresses
 */
struct race {
	struct track *tracks;
	unsigned int n_tracks;
	struct entrant entrants[RESOLVERS_MAX];
	unsigned int n_entrants;
	unsigned int n_rounds;
	bool at_home;
};

/* Median of those that are not negative, -1 where there are none. */
double median_of(const double *times, unsigned int n);

/* Times of the resolvers, from those of the ways. */
void race_count(struct race *race);

/**
 * race_winner() - who is worth to be asked in the place of the first one
 * @race: counted
 * @steered: index of who is asked already, or -1: stays while half of a gain is left
 *
 * Return: index, or 0 when nobody is: only who is nearer in every round, by
 * much, whom dnsmasq can ask, and who does not lie.
 */
unsigned int race_winner(const struct race *race, int steered);

/*
 * Is IPv6 through the tunnel slower than IPv4, by much and in every round?
 * @four, @six: median milliseconds
 */
bool race_tunnel_slower(const struct race *race, double *four, double *six);

#endif /* BROKERDNS_RACE_H */
