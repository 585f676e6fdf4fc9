/* SPDX-License-Identifier: GPL-2.0 */
/* The experiment: resolvers are asked for names that cannot exist, and for some that do. */
#ifndef BROKERDNS_PROBE_H
#define BROKERDNS_PROBE_H

#include "query.h"
#include "resolver.h"

#define ZONES_MAX	24
#define NAMES_MAX	32
#define ROUNDS_DEFAULT	3
#define ROUNDS_MAX	50

/**
 * enum sight_kind - why a question was asked
 * @SIGHT_MISSING: nobody has the name
 * @SIGHT_MISSING_TEXT: nobody has the name; asked for TXT, which few lie about
 * @SIGHT_CONTROL: the name is one that exists, most likely
 * @SIGHT_CONTROL_TEXT: TXT of such a name, which tells whether it exists
 * @SIGHT_SEARCH: nobody has the name, under a search domain of this host
 * @SIGHT_POINTER: the name is that of an address which missing names got
 */
enum sight_kind {
	SIGHT_MISSING,
	SIGHT_MISSING_TEXT,
	SIGHT_CONTROL,
	SIGHT_CONTROL_TEXT,
	SIGHT_SEARCH,
	SIGHT_POINTER,
};

/**
 * struct sight - why the question of the same index was asked
 * @kind: why
 * @resolver: index of who was asked
 * @zone: index of the zone or search domain
 * @round: when
 */
struct sight {
	enum sight_kind kind;
	unsigned int resolver;
	unsigned int zone;
	unsigned int round;
};

/**
 * struct probe - an experiment
 * @resolvers: who is asked
 * @zones: under which zones; the root, "", is the last one
 * @n_zones: how many
 * @names: names that matter here, and exist most likely
 * @n_names: how many
 * @search: search domains of this host
 * @n_search: how many
 * @udp: resolvers, as bits, that answer over UDP
 * @tcp: resolvers, as bits, that answer over TCP
 * @rounds: how often at least
 * @rounds_done: how often it was
 * @queries: questions and answers
 * @sights: one for each of @queries
 * @n_sights: how many
 * @room: for how many there is memory
 */
struct probe {
	struct resolver_list resolvers;
	char zones[ZONES_MAX][NAME_SIZE];
	unsigned int n_zones;
	char names[NAMES_MAX][NAME_SIZE];
	unsigned int n_names;
	char search[SEARCH_MAX][NAME_SIZE];
	unsigned int n_search;
	uint32_t udp;
	uint32_t tcp;
	unsigned int rounds;
	unsigned int rounds_done;

	struct query_list queries;
	struct sight *sights;
	size_t n_sights;
	size_t room;
};

/* Add a zone to ask under; false where there is no room. */
bool probe_add_zone(struct probe *probe, const char *zone);
/* Add a name that matters here, unless there is no room. */
void probe_add_name(struct probe *probe, const char *name);
/* Add zones that everybody knows, whoever else was chosen; the root comes last. */
void probe_add_controls(struct probe *probe);
void probe_run(struct probe *probe);
void probe_clear(struct probe *probe);

/* For tests, too. */
struct query *probe_ask(struct probe *probe, enum sight_kind kind, unsigned int resolver,
			unsigned int zone, const char *name, uint16_t type,
			enum transport transport);

/* The address that a name is known to have, or NULL. */
const char *control_truth(const char *name);

#endif /* BROKERDNS_PROBE_H */
