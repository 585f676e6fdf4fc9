// SPDX-License-Identifier: GPL-2.0
/* The experiment: resolvers are asked for names that cannot exist, and for some that do. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/table.h"
#include "probe.h"

/* So many times the rounds asked for, at most. */
#define ROUNDS_MORE	4
/* Of so many addresses the names are asked for, at most. */
#define POINTERS_MAX	256

/* Zones of three operators, none of which has a wildcard. */
static const char *const control_zones[] = { "com", "org", "de" };

/*
 * Names of different owners, and at those who serve the names of many. Those of
 * the root servers are known to the world since decades, with their addresses.
 */
static const struct {
	const char *name;
	const char *truth;
} controls[] = {
	{ "a.root-servers.net", "198.41.0.4" },
	{ "k.root-servers.net", "193.0.14.129" },
	{ "example.com", NULL },
	{ "www.example.com", NULL },
	{ "example.org", NULL },
	{ "example.net", NULL },
	{ "www.iana.org", NULL },
	{ "www.debian.org", NULL },
	{ "deb.debian.org", NULL },
	{ "www.wikipedia.org", NULL },
	{ "www.cloudflare.com", NULL },
	{ "www.google.com", NULL },
	{ "www.microsoft.com", NULL },
	{ "www.akamai.com", NULL },
	{ "github.io", NULL },
	{ "gitlab.io", NULL },
	{ "www.python.org", NULL },
	{ "aws.amazon.com", NULL },
	{ "www.amazon.com", NULL },
	{ "azure.microsoft.com", NULL },
	{ "ghs.googlehosted.com", NULL },
	{ "www.netlify.com", NULL },
	{ "vercel.com", NULL },
	{ "shops.myshopify.com", NULL },
	{ "wordpress.com", NULL },
	{ "www.squarespace.com", NULL },
	{ "www.wix.com", NULL },
	{ "www.heroku.com", NULL },
	{ "www.apple.com", NULL },
	{ "www.facebook.com", NULL },
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

void probe_add_name(struct probe *probe, const char *name)
{
	unsigned int i;

	for (i = 0; i < probe->n_names; i++)
		if (!strcmp(probe->names[i], name))
			return;
	if (probe->n_names < NAMES_MAX)
		snprintf(probe->names[probe->n_names++], NAME_SIZE, "%s", name);
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

/* Whoever does not answer over UDP is asked over TCP. */
static enum transport best_transport(const struct probe *probe, unsigned int resolver)
{
	return probe->udp & 1U << resolver ? TRANSPORT_UDP : TRANSPORT_TCP;
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
	enum transport best = best_transport(probe, r);
	unsigned int zone, i;

	for (zone = 0; zone < probe->n_zones; zone++) {
		for (i = 0; i < 2; i++) {
			ask_missing(probe, SIGHT_MISSING, r, zone, "", types[i], best);
			/* Some lie about names of web servers only. */
			ask_missing(probe, SIGHT_MISSING, r, zone, "www.", types[i], best);
			if (best == TRANSPORT_UDP && probe->tcp & 1U << r)
				ask_missing(probe, SIGHT_MISSING, r, zone, "www.", types[i],
					    TRANSPORT_TCP);
		}
		ask_missing(probe, SIGHT_MISSING_TEXT, r, zone, "", DNS_TXT, best);
	}
}

static void ask_control(struct probe *probe, unsigned int r, const char *name)
{
	enum transport best = best_transport(probe, r);

	probe_ask(probe, SIGHT_CONTROL, r, 0, name, DNS_A, best);
	probe_ask(probe, SIGHT_CONTROL, r, 0, name, DNS_AAAA, best);
	/* Its addresses may take turns, that it exists does not. */
	if (!probe->rounds_done)
		probe_ask(probe, SIGHT_CONTROL_TEXT, r, 0, name, DNS_TXT, best);
}

static void ask_controls(struct probe *probe, unsigned int r)
{
	char name[NAME_SIZE];
	unsigned int zone;
	size_t i;

	for (i = 0; i < sizeof(controls) / sizeof(*controls); i++)
		ask_control(probe, r, controls[i].name);
	for (i = 0; i < probe->n_names; i++)
		ask_control(probe, r, probe->names[i]);
	for (zone = 0; zone < probe->n_zones; zone++) {
		/* The top has no addresses. */
		if (!strchr(probe->zones[zone], '.'))
			continue;
		ask_control(probe, r, probe->zones[zone]);
		name_join(name, "www", probe->zones[zone]);
		ask_control(probe, r, name);
	}
	for (zone = 0; zone < probe->n_search && !probe->rounds_done; zone++) {
		ask_missing(probe, SIGHT_SEARCH, r, zone, "", DNS_A, best_transport(probe, r));
		ask_missing(probe, SIGHT_SEARCH, r, zone, "", DNS_AAAA,
			    best_transport(probe, r));
	}
}

/* Whoever does not answer need not be asked again and again, and waited for. */
static void find_who_answers(struct probe *probe)
{
	const char *name = controls[0].name;
	struct progress progress;
	unsigned int r;
	size_t i;

	for (r = 0; r < probe->resolvers.n; r++) {
		probe_ask(probe, SIGHT_CONTROL, r, 0, name, DNS_A, TRANSPORT_UDP);
		probe_ask(probe, SIGHT_CONTROL, r, 0, name, DNS_A, TRANSPORT_TCP);
	}
	progress_begin(&progress, "looking for resolvers", probe->n_sights);
	query_list_run(&probe->queries, &progress);
	progress_end(&progress);
	for (i = 0; i < probe->n_sights; i++) {
		if (probe->queries.items[i].state != QUERY_ANSWERED)
			continue;
		if (probe->queries.items[i].transport == TRANSPORT_UDP)
			probe->udp |= 1U << probe->sights[i].resolver;
		else
			probe->tcp |= 1U << probe->sights[i].resolver;
	}
}

/* Has the resolver given this address under another zone? Another one under this one? */
static void compare_sights(const struct probe *probe, const struct sight *sight,
			   const struct ip *ip, bool *elsewhere, bool *another)
{
	const struct answer *answer;
	unsigned int k;
	size_t i;

	for (i = 0; i < probe->n_sights; i++) {
		answer = &probe->queries.items[i].answer;
		if (probe->sights[i].kind != SIGHT_MISSING ||
		    probe->sights[i].resolver != sight->resolver)
			continue;
		if (probe->sights[i].zone != sight->zone) {
			*elsewhere |= answer_has(answer, ip);
			continue;
		}
		for (k = 0; k < answer->n_ips; k++)
			*another |= answer->ips[k].family == ip->family &&
				    !ip_equal(&answer->ips[k], ip);
	}
}

/*
 * Of addresses that take turns, is there any that was seen under one zone only,
 * or for the first time in the last round?
 */
static bool more_may_come(const struct probe *probe)
{
	const struct query *queries = probe->queries.items;
	size_t i, j, first = 0;
	unsigned int k;

	while (first < probe->n_sights && probe->sights[first].round + 1 < probe->rounds_done)
		first++;
	for (i = 0; i < probe->n_sights; i++) {
		if (probe->sights[i].kind != SIGHT_MISSING)
			continue;
		for (k = 0; k < queries[i].answer.n_ips; k++) {
			const struct ip *ip = &queries[i].answer.ips[k];
			bool elsewhere = false, another = false;

			compare_sights(probe, &probe->sights[i], ip, &elsewhere, &another);
			if (another && !elsewhere)
				return true;
			for (j = 0; j < first; j++)
				if (answer_has(&queries[j].answer, ip))
					break;
			if (another && first && j == first)
				return true;
		}
	}
	return false;
}

static bool is_asked(const struct probe *probe, const char *name)
{
	size_t i;

	for (i = probe->n_sights; i && probe->sights[i - 1].kind == SIGHT_POINTER; i--)
		if (!strcmp(probe->queries.items[i - 1].name, name))
			return true;
	return false;
}

/*
 * Of the addresses that missing names got: what are they called? Those who run them
 * say so, wherever they are.
 */
static void ask_pointers(struct probe *probe)
{
	size_t n = probe->n_sights, i, asked = 0;
	char name[REVERSE_STRLEN];
	struct progress progress;
	unsigned int k, r;
	struct ip ip;

	for (i = 0; i < n; i++) {
		for (k = 0; k < probe->queries.items[i].answer.n_ips; k++) {
			ip = probe->queries.items[i].answer.ips[k];
			if (probe->sights[i].kind != SIGHT_MISSING || asked == POINTERS_MAX ||
			    ip_special(&ip) || ip_private(&ip) ||
			    is_asked(probe, ip_reverse(&ip, name)))
				continue;
			asked++;
			for (r = 0; r < probe->resolvers.n; r++)
				if ((probe->udp | probe->tcp) & 1U << r)
					probe_ask(probe, SIGHT_POINTER, r, 0, name, DNS_PTR,
						  best_transport(probe, r));
		}
	}
	if (!asked)
		return;
	progress_begin(&progress, "asking whose their addresses are", probe->n_sights - n);
	query_list_run(&probe->queries, &progress);
	progress_end(&progress);
}

/*
 * Everybody is asked @rounds times, and more often while addresses take turns:
 * none of them shall be missing.
 */
void probe_run(struct probe *probe)
{
	unsigned int r, limit = ROUNDS_MORE * probe->rounds;
	struct progress progress;
	size_t before;

	find_who_answers(probe);
	while (probe->rounds_done < limit &&
	       (probe->rounds_done < probe->rounds || more_may_come(probe))) {
		before = probe->n_sights;
		for (r = 0; r < probe->resolvers.n; r++) {
			if (!((probe->udp | probe->tcp) & 1U << r))
				continue;
			ask_zones(probe, r);
			if (probe->rounds_done < probe->rounds)
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
	ask_pointers(probe);
}

void probe_clear(struct probe *probe)
{
	query_list_clear(&probe->queries);
	free(probe->sights);
	probe->sights = NULL;
	probe->n_sights = 0;
	probe->room = 0;
}
