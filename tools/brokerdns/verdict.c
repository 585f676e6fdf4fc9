// SPDX-License-Identifier: GPL-2.0
/*
 * What an experiment shows: who lies, with which addresses, and what only looks
 * like it.
 *
 * An address is bogus when unrelated missing names under two zones or more have
 * it, and those zones have no wildcards. That a zone has none is known when any
 * resolver denies any of its random names; where none does, the resolver must
 * answer for everything that was asked. What a name that exists has is never
 * bogus, nor is what is in a content network or called so, where many names have it.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/table.h"
#include "content.h"
#include "verdict.h"

/* Fewer zones than this may by chance have wildcards at the same place. */
#define ZONES_SURE	3

const char *resolver_kind_text(enum resolver_kind kind)
{
	static const char *const texts[] = {
		[RESOLVER_HONEST] = "honest",
		[RESOLVER_HIJACKS] = "hijacks",
		[RESOLVER_PORTAL] = "captive portal",
		[RESOLVER_UNSURE] = "unsure",
		[RESOLVER_FAILS] = "fails",
		[RESOLVER_SILENT] = "silent",
	};

	return texts[kind];
}

const char *suspect_fate_text(enum suspect_fate fate)
{
	static const char *const texts[] = {
		[SUSPECT_BOGUS] = "bogus",
		[SUSPECT_WILDCARD] = "wildcard zone",
		[SUSPECT_FEW_ZONES] = "seen under one zone only",
		[SUSPECT_SHARED] = "shared with a name that exists",
		[SUSPECT_SPECIAL] = "special address",
		[SUSPECT_PORTAL] = "captive portal",
	};

	return texts[fate];
}

static bool is_missing(const struct sight *sight)
{
	return sight->kind == SIGHT_MISSING || sight->kind == SIGHT_MISSING_TEXT;
}

static bool is_denied(const struct query *query)
{
	return query->state == QUERY_ANSWERED && query->answer.code == DNS_NXDOMAIN &&
	       !query->answer.n_ips;
}

/* Said something about the name, be it that it has no addresses. */
static bool is_useful(const struct query *query)
{
	return query->state == QUERY_ANSWERED && (query->answer.code == DNS_NXDOMAIN ||
						  query->answer.code == DNS_NOERROR);
}

/* @content: whose it is, or NULL */
static void suspect_share(struct suspect *suspect, const char *content)
{
	if (content)
		snprintf(suspect->shared_with, sizeof(suspect->shared_with), "somebody at %s",
			 content);
}

static struct suspect *suspect_find(struct verdict *verdict, const struct ip *ip)
{
	struct suspect *suspect;
	size_t i;

	for (i = 0; i < verdict->n_suspects; i++)
		if (ip_equal(&verdict->suspects[i].ip, ip))
			return &verdict->suspects[i];
	verdict->suspects = must(realloc(verdict->suspects, (verdict->n_suspects + 1) *
					 sizeof(*verdict->suspects)));
	suspect = &verdict->suspects[verdict->n_suspects++];
	*suspect = (struct suspect) { .ip = *ip };
	suspect_share(suspect, content_network(ip));
	return suspect;
}

static bool is_suspect(const struct verdict *verdict, const struct answer *answer)
{
	size_t i;

	for (i = 0; i < verdict->n_suspects; i++)
		if (answer_has(answer, &verdict->suspects[i].ip))
			return true;
	return false;
}

/* Every address that a missing name got. */
static void find_suspects(struct verdict *verdict, const struct probe *probe)
{
	struct suspect *suspect;
	const struct query *query;
	const struct sight *sight;
	unsigned int k, t;
	size_t i;

	for (i = 0; i < probe->n_sights; i++) {
		sight = &probe->sights[i];
		query = &probe->queries.items[i];
		if (sight->kind != SIGHT_MISSING || !query_has_addresses(query))
			continue;
		for (k = 0; k < query->answer.n_ips; k++) {
			suspect = suspect_find(verdict, &query->answer.ips[k]);
			/* The names that the answer leads over. */
			for (t = 0; t < query->answer.n_texts; t++)
				suspect_share(suspect, content_place(query->answer.texts[t]));
			suspect->names++;
			suspect->zones |= 1U << sight->zone;
			suspect->resolvers |= 1U << sight->resolver;
			suspect->udp |= query->transport == TRANSPORT_UDP;
			suspect->tcp |= query->transport == TRANSPORT_TCP;
		}
	}
}

/* What are they called? Whoever says it: to be careful is never wrong. */
static void find_places(struct verdict *verdict, const struct probe *probe)
{
	char name[REVERSE_STRLEN];
	const struct query *query;
	unsigned int t;
	size_t i, j;

	for (i = 0; i < probe->n_sights; i++) {
		query = &probe->queries.items[i];
		if (probe->sights[i].kind != SIGHT_POINTER || query->state != QUERY_ANSWERED)
			continue;
		for (j = 0; j < verdict->n_suspects; j++)
			for (t = 0; t < query->answer.n_texts &&
			     !strcmp(ip_reverse(&verdict->suspects[j].ip, name), query->name); t++)
				suspect_share(&verdict->suspects[j],
					      content_place(query->answer.texts[t]));
	}
}

/* Count what a resolver said and how. */
static void count_answers(struct resolver_verdict *about, const struct probe *probe,
			  unsigned int resolver)
{
	unsigned int lies[2] = {}, denied[2] = {};
	const struct query *query;
	size_t i;

	for (i = 0; i < probe->n_sights; i++) {
		query = &probe->queries.items[i];
		if (probe->sights[i].resolver != resolver || query->state != QUERY_ANSWERED)
			continue;
		about->udp |= query->transport == TRANSPORT_UDP;
		about->tcp |= query->transport == TRANSPORT_TCP;
		if (probe->sights[i].kind != SIGHT_MISSING || !is_useful(query))
			continue;
		about->names++;
		if (query->answer.n_ips) {
			lies[query->transport]++;
			about->lies++;
		} else if (query->type == DNS_A) {
			denied[query->transport]++;
		}
		about->raced |= query->answer.raced;
	}
	about->udp_only = lies[TRANSPORT_UDP] && !lies[TRANSPORT_TCP] && denied[TRANSPORT_TCP];
	about->tcp_only = lies[TRANSPORT_TCP] && !lies[TRANSPORT_UDP] && denied[TRANSPORT_UDP];
}

/* Is anything about the name denied? Then it does not exist, here at least. */
static bool name_denied(const struct probe *probe, unsigned int resolver, const char *name)
{
	const struct sight *sight;
	size_t i;

	for (i = 0; i < probe->n_sights; i++) {
		sight = &probe->sights[i];
		if (sight->resolver == resolver &&
		    (sight->kind == SIGHT_CONTROL || sight->kind == SIGHT_CONTROL_TEXT) &&
		    is_denied(&probe->queries.items[i]) &&
		    !strcmp(probe->queries.items[i].name, name))
			return true;
	}
	return false;
}

/*
 * Names that are known to exist, most of them of different owners, all get what
 * missing ones get.
 */
static bool is_portal(const struct verdict *verdict, const struct probe *probe,
		      unsigned int resolver)
{
	unsigned int same = 0;
	const struct query *query;
	size_t i;

	for (i = 0; i < probe->n_sights; i++) {
		query = &probe->queries.items[i];
		if (probe->sights[i].resolver != resolver ||
		    probe->sights[i].kind != SIGHT_CONTROL || !query_has_addresses(query))
			continue;
		if (!is_suspect(verdict, &query->answer))
			return false;
		same += !name_denied(probe, resolver, query->name);
	}
	return same >= 2;
}

/*
 * Zones, as bits, that have no wildcard: some random name below is denied, by
 * whomever, whatever it was asked for.
 */
static uint32_t zones_without_wildcard(const struct probe *probe)
{
	uint32_t zones = 0;
	size_t i;

	for (i = 0; i < probe->n_sights; i++)
		if (is_missing(&probe->sights[i]) && is_denied(&probe->queries.items[i]))
			zones |= 1U << probe->sights[i].zone;
	return zones;
}

/* Zones, as bits, that a resolver gave addresses under (@lied) or none at all. */
static uint32_t zones_of(const struct probe *probe, unsigned int resolver, bool lied)
{
	uint32_t with = 0, without = 0;
	const struct query *query;
	const struct sight *sight;
	size_t i;

	for (i = 0; i < probe->n_sights; i++) {
		sight = &probe->sights[i];
		query = &probe->queries.items[i];
		if (sight->kind != SIGHT_MISSING || sight->resolver != resolver ||
		    !is_useful(query))
			continue;
		if (query->answer.n_ips)
			with |= 1U << sight->zone;
		else if (query->type == DNS_A)
			without |= 1U << sight->zone;
	}
	return lied ? with : without & ~with;
}

/* The zones under which a resolver gave this address. */
static uint32_t zones_with(const struct probe *probe, unsigned int resolver,
			   const struct ip *ip)
{
	uint32_t zones = 0;
	size_t i;

	for (i = 0; i < probe->n_sights; i++)
		if (probe->sights[i].kind == SIGHT_MISSING &&
		    probe->sights[i].resolver == resolver &&
		    query_has_addresses(&probe->queries.items[i]) &&
		    answer_has(&probe->queries.items[i].answer, ip))
			zones |= 1U << probe->sights[i].zone;
	return zones;
}

/* The root and the zones right below it, of which hardly any has a wildcard. */
static uint32_t zones_at_top(const struct probe *probe)
{
	uint32_t zones = 0;
	unsigned int i;

	for (i = 0; i < probe->n_zones; i++)
		if (!strchr(probe->zones[i], '.'))
			zones |= 1U << i;
	return zones;
}

static uint32_t zone_root(const struct probe *probe)
{
	unsigned int i;

	for (i = 0; i < probe->n_zones; i++)
		if (!*probe->zones[i])
			return 1U << i;
	return 0;
}

/* Do the zones under which a resolver gave an address make it a lie? */
static bool zones_agree(const struct probe *probe, unsigned int resolver, uint32_t with,
			uint32_t bare)
{
	uint32_t honest = zones_of(probe, resolver, false) & ~zone_root(probe);
	unsigned int n = __builtin_popcount(with);

	if (n < 2)
		return false;
	/* The root has no wildcard. */
	bare |= zone_root(probe);
	if (!honest)
		return with & bare || n >= ZONES_SURE;
	/* Who is honest elsewhere is believed to be so here, but for proof. */
	return __builtin_popcount(with & bare) >= 2 && with & bare & zones_at_top(probe);
}

/* Does it know the root servers, the real ones? */
static bool is_real_world(const struct probe *probe, unsigned int resolver)
{
	const struct query *query;
	const char *truth;
	struct ip ip;
	size_t i;

	for (i = 0; i < probe->n_sights; i++) {
		query = &probe->queries.items[i];
		if (probe->sights[i].resolver != resolver ||
		    probe->sights[i].kind != SIGHT_CONTROL || !query_has_addresses(query))
			continue;
		truth = control_truth(query->name);
		if (truth && ip_parse(truth, &ip) && answer_has(&query->answer, &ip))
			return true;
	}
	return false;
}

/* Is a name known to exist, since its TXT is not denied where that of missing names is? */
static bool name_exists(const struct probe *probe, unsigned int resolver, const char *name)
{
	bool denies = false, exists = false;
	const struct query *query;
	const struct sight *sight;
	size_t i;

	for (i = 0; i < probe->n_sights; i++) {
		sight = &probe->sights[i];
		query = &probe->queries.items[i];
		if (sight->resolver != resolver || query->state != QUERY_ANSWERED)
			continue;
		if (sight->kind == SIGHT_MISSING_TEXT)
			denies |= is_denied(query);
		if (sight->kind == SIGHT_CONTROL_TEXT && !strcmp(query->name, name))
			exists |= query->answer.code == DNS_NOERROR;
	}
	return denies && exists;
}

/* Note addresses of names that exist, but for what a portal says. */
static void find_real(struct verdict *verdict, const struct probe *probe)
{
	const struct query *query;
	const struct sight *sight;
	struct network network;
	bool believed;
	unsigned int k;
	size_t i, j;

	for (j = 0; j < verdict->n_suspects; j++) {
		network = network_of(&verdict->suspects[j].ip, ip_bits(&verdict->suspects[j].ip));
		if (*verdict->suspects[j].shared_with)
			network_list_add(&verdict->real, &network);
	}
	for (i = 0; i < probe->n_sights; i++) {
		sight = &probe->sights[i];
		query = &probe->queries.items[i];
		if (sight->kind != SIGHT_CONTROL || !query_has_addresses(query) ||
		    verdict->resolvers[sight->resolver].kind == RESOLVER_PORTAL ||
		    name_denied(probe, sight->resolver, query->name))
			continue;
		believed = is_real_world(probe, sight->resolver) ||
			   name_exists(probe, sight->resolver, query->name);
		for (k = 0; k < query->answer.n_ips; k++) {
			/* Where nothing is known to exist, other addresses are still real. */
			if (!believed && is_suspect(verdict, &query->answer))
				continue;
			network = network_of(&query->answer.ips[k],
					     ip_bits(&query->answer.ips[k]));
			network_list_add(&verdict->real, &network);
			for (j = 0; j < verdict->n_suspects; j++)
				if (ip_equal(&verdict->suspects[j].ip, &network.ip))
					strcpy(verdict->suspects[j].shared_with, query->name);
		}
	}
}

static enum suspect_fate judge(const struct verdict *verdict, const struct probe *probe,
			       const struct suspect *suspect, uint32_t bare)
{
	bool agree = false, portals_only = true;
	unsigned int r, most = 0;
	uint32_t with;

	for (r = 0; r < probe->resolvers.n; r++) {
		if (!(suspect->resolvers & 1U << r) ||
		    verdict->resolvers[r].kind == RESOLVER_PORTAL)
			continue;
		portals_only = false;
		with = zones_with(probe, r, &suspect->ip);
		agree |= zones_agree(probe, r, with, bare);
		if ((unsigned int)__builtin_popcount(with & bare) > most)
			most = __builtin_popcount(with & bare);
	}
	if (portals_only)
		return SUSPECT_PORTAL;
	if (ip_special(&suspect->ip))
		return SUSPECT_SPECIAL;
	if (agree)
		return *suspect->shared_with ? SUSPECT_SHARED : SUSPECT_BOGUS;
	return most ? SUSPECT_FEW_ZONES : SUSPECT_WILDCARD;
}

/* Has any of the suspects in an answer this fate? */
static bool has_fate(const struct verdict *verdict, const struct answer *answer,
		     enum suspect_fate fate)
{
	size_t i;

	for (i = 0; i < verdict->n_suspects; i++)
		if (verdict->suspects[i].fate == fate &&
		    answer_has(answer, &verdict->suspects[i].ip))
			return true;
	return false;
}

/* Zones and search domains whose random names have addresses that are no lie. */
static void find_wildcards(struct verdict *verdict, const struct probe *probe)
{
	struct resolver_verdict *about;
	const struct query *query;
	const struct sight *sight;
	size_t i;

	for (i = 0; i < probe->n_sights; i++) {
		sight = &probe->sights[i];
		query = &probe->queries.items[i];
		about = &verdict->resolvers[sight->resolver];
		if (!query_has_addresses(query) || about->kind == RESOLVER_PORTAL)
			continue;
		if (sight->kind == SIGHT_MISSING &&
		    has_fate(verdict, &query->answer, SUSPECT_WILDCARD))
			about->wildcards |= 1U << sight->zone;
		if (sight->kind == SIGHT_SEARCH &&
		    !has_fate(verdict, &query->answer, SUSPECT_BOGUS))
			about->search_wildcards |= 1U << sight->zone;
	}
}

static enum resolver_kind kind_of(const struct verdict *verdict, const struct probe *probe,
				  unsigned int r, uint32_t bare)
{
	const struct resolver_verdict *about = &verdict->resolvers[r];
	bool wildcards = false;
	uint32_t shared = 0;
	size_t i;

	if (!about->udp && !about->tcp)
		return RESOLVER_SILENT;
	if (!about->names)
		return RESOLVER_FAILS;
	for (i = 0; i < verdict->n_suspects; i++) {
		if (!(verdict->suspects[i].resolvers & 1U << r))
			continue;
		if (verdict->suspects[i].fate == SUSPECT_BOGUS)
			return RESOLVER_HIJACKS;
		wildcards |= verdict->suspects[i].fate == SUSPECT_WILDCARD;
		if (verdict->suspects[i].fate != SUSPECT_FEW_ZONES)
			shared |= verdict->suspects[i].zones;
	}
	/* So many take turns that none was seen twice. */
	if (__builtin_popcount(zones_of(probe, r, true) & bare & ~shared) > 1)
		return RESOLVER_HIJACKS;
	if (!about->lies || (wildcards && zones_of(probe, r, false)))
		return RESOLVER_HONEST;
	return RESOLVER_UNSURE;
}

static int compare_suspects(const void *a, const void *b)
{
	const struct suspect *x = a, *y = b;

	return ip_compare(&x->ip, &y->ip);
}

void verdict_make(struct verdict *verdict, const struct probe *probe)
{
	uint32_t bare = zones_without_wildcard(probe);
	unsigned int r;
	size_t i;

	*verdict = (struct verdict) {};
	find_suspects(verdict, probe);
	find_places(verdict, probe);
	for (r = 0; r < probe->resolvers.n; r++) {
		count_answers(&verdict->resolvers[r], probe, r);
		if (verdict->resolvers[r].lies && is_portal(verdict, probe, r))
			verdict->resolvers[r].kind = RESOLVER_PORTAL;
	}
	find_real(verdict, probe);
	for (i = 0; i < verdict->n_suspects; i++)
		verdict->suspects[i].fate = judge(verdict, probe, &verdict->suspects[i], bare);
	find_wildcards(verdict, probe);
	for (r = 0; r < probe->resolvers.n; r++)
		if (verdict->resolvers[r].kind != RESOLVER_PORTAL)
			verdict->resolvers[r].kind = kind_of(verdict, probe, r, bare);
	if (verdict->n_suspects)
		qsort(verdict->suspects, verdict->n_suspects, sizeof(*verdict->suspects),
		      compare_suspects);
}

void verdict_clear(struct verdict *verdict)
{
	free(verdict->suspects);
	network_list_clear(&verdict->real);
	*verdict = (struct verdict) {};
}
