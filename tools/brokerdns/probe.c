// SPDX-License-Identifier: GPL-2.0
/* The experiment: resolvers are asked for names that cannot exist, and for some that do. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/table.h"
#include "probe.h"

/* Zones of three operators, none of which has a wildcard. */
static const char *const control_zones[] = { "com", "org", "de" };

/*
 * Names of different owners. Those of the root servers are known to the world
 * since decades, with their addresses.
 */
static const struct {
	const char *name;
	const char *truth;
} controls[] = {
	{ "a.root-servers.net", "198.41.0.4" },
	{ "k.root-servers.net", "193.0.14.129" },
	{ "example.com", NULL },
	{ "www.iana.org", NULL },
	{ "www.debian.org", NULL },
	{ "deb.debian.org", NULL },
	{ "www.wikipedia.org", NULL },
	{ "www.cloudflare.com", NULL },
	{ "www.google.com", NULL },
	{ "www.microsoft.com", NULL },
	{ "www.akamai.com", NULL },
};

const char *control_truth(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(controls) / sizeof(*controls); i++)
		if (!strcmp(controls[i].name, name))
			return controls[i].truth;
	return NULL;
}

bool probe_add_zone(struct probe *probe, const char *zone)
{
	unsigned int i;

	for (i = 0; i < probe->n_zones; i++)
		if (!strcmp(probe->zones[i], zone))
			return true;
	if (probe->n_zones == ZONES_MAX)
		return false;
	snprintf(probe->zones[probe->n_zones++], NAME_SIZE, "%s", zone);
	return true;
}

void probe_add_controls(struct probe *probe)
{
	size_t i;

	for (i = 0; i < sizeof(control_zones) / sizeof(*control_zones); i++)
		probe_add_zone(probe, control_zones[i]);
	probe_add_zone(probe, "");
}

struct query *probe_ask(struct probe *probe, enum sight_kind kind, unsigned int resolver,
			unsigned int zone, const char *name, uint16_t type,
			enum transport transport)
{
	if (probe->n_sights == probe->room) {
		probe->room = probe->room ? 2 * probe->room : 256;
		probe->sights = must(realloc(probe->sights,
					     probe->room * sizeof(*probe->sights)));
	}
	probe->sights[probe->n_sights++] = (struct sight) { kind, resolver, zone,
							    probe->rounds_done };
	return query_add(&probe->queries, &probe->resolvers.items[resolver], name, type,
			 transport);
}

/* A new name each time: the answer to one that was asked before may come from a cache. */
static void ask_missing(struct probe *probe, enum sight_kind kind, unsigned int resolver,
			unsigned int zone, const char *prefix, uint16_t type,
			enum transport transport)
{
	const char *parent = kind == SIGHT_SEARCH ? probe->search[zone] : probe->zones[zone];
	char label[LABEL_MAX_LEN + 1], name[NAME_SIZE], longer[NAME_SIZE];

	label_random(label);
	name_join(name, label, parent);
	snprintf(longer, sizeof(longer), "%s%.*s", prefix, NAME_MAX_LEN - 4, name);
	probe_ask(probe, kind, resolver, zone, longer, type, transport)->linger =
		kind == SIGHT_MISSING;
}

static void ask_zones(struct probe *probe, unsigned int r)
{
	static const uint16_t types[] = { DNS_A, DNS_AAAA };
	unsigned int zone, i;

	for (zone = 0; zone < probe->n_zones; zone++) {
		for (i = 0; i < 2; i++) {
			ask_missing(probe, SIGHT_MISSING, r, zone, "", types[i], TRANSPORT_UDP);
			/* Some lie about names of web servers only. */
			ask_missing(probe, SIGHT_MISSING, r, zone, "www.", types[i],
				    TRANSPORT_UDP);
			ask_missing(probe, SIGHT_MISSING, r, zone, "www.", types[i],
				    TRANSPORT_TCP);
		}
		ask_missing(probe, SIGHT_MISSING_TEXT, r, zone, "", DNS_TXT, TRANSPORT_UDP);
	}
}

static void ask_control(struct probe *probe, unsigned int r, const char *name)
{
	probe_ask(probe, SIGHT_CONTROL, r, 0, name, DNS_A, TRANSPORT_UDP);
	probe_ask(probe, SIGHT_CONTROL, r, 0, name, DNS_AAAA, TRANSPORT_UDP);
	probe_ask(probe, SIGHT_CONTROL_TEXT, r, 0, name, DNS_TXT, TRANSPORT_UDP);
}

static void ask_controls(struct probe *probe, unsigned int r)
{
	char name[NAME_SIZE];
	unsigned int zone;
	size_t i;

	for (i = 0; i < sizeof(controls) / sizeof(*controls); i++)
		ask_control(probe, r, controls[i].name);
	for (zone = 0; zone < probe->n_zones; zone++) {
		/* The top has no addresses. */
		if (!strchr(probe->zones[zone], '.'))
			continue;
		ask_control(probe, r, probe->zones[zone]);
		name_join(name, "www", probe->zones[zone]);
		ask_control(probe, r, name);
	}
	for (zone = 0; zone < probe->n_search; zone++) {
		ask_missing(probe, SIGHT_SEARCH, r, zone, "", DNS_A, TRANSPORT_UDP);
		ask_missing(probe, SIGHT_SEARCH, r, zone, "", DNS_AAAA, TRANSPORT_UDP);
	}
}

/* Who never answered need not be asked again and again. */
static bool resolver_answered(const struct probe *probe, unsigned int resolver)
{
	size_t i;

	for (i = 0; i < probe->n_sights; i++)
		if (probe->sights[i].resolver == resolver &&
		    probe->queries.items[i].state == QUERY_ANSWERED)
			return true;
	return false;
}

/* Was an address seen in the last round, and never before it? */
static bool round_brought_news(const struct probe *probe)
{
	const struct query *queries = probe->queries.items;
	size_t i, j, first = 0;
	unsigned int k;

	while (first < probe->n_sights && probe->sights[first].round + 1 < probe->rounds_done)
		first++;
	for (i = first; i < probe->n_sights; i++) {
		if (probe->sights[i].kind != SIGHT_MISSING)
			continue;
		for (k = 0; k < queries[i].answer.n_ips; k++) {
			for (j = 0; j < first; j++)
				if (answer_has(&queries[j].answer, &queries[i].answer.ips[k]))
					break;
			if (j == first)
				return true;
		}
	}
	return false;
}

/*
 * Everybody is asked @rounds times, and more often while new addresses turn up:
 * of many that take turns, none shall be missing.
 */
void probe_run(struct probe *probe)
{
	unsigned int r, limit = 4 * probe->rounds;
	struct progress progress;
	size_t before;

	for (probe->rounds_done = 0; probe->rounds_done < limit;) {
		if (probe->rounds_done >= probe->rounds &&
		    (probe->rounds_done < 2 || !round_brought_news(probe)))
			break;
		before = probe->n_sights;
		for (r = 0; r < probe->resolvers.n; r++) {
			if (probe->rounds_done && !resolver_answered(probe, r))
				continue;
			ask_zones(probe, r);
			if (!probe->rounds_done)
				ask_controls(probe, r);
		}
		if (before == probe->n_sights)
			break;
		progress_begin(&progress, "asking for names that do not exist",
			       probe->n_sights - before);
		query_list_run(&probe->queries, &progress);
		progress_end(&progress);
		probe->rounds_done++;
	}
}

void probe_clear(struct probe *probe)
{
	query_list_clear(&probe->queries);
	free(probe->sights);
	probe->sights = NULL;
	probe->n_sights = 0;
	probe->room = 0;
}
