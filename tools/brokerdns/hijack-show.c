// SPDX-License-Identifier: GPL-2.0
/* brokerdns hijack: what was found, for people and for programs. */

#include <stdio.h>
#include <string.h>

#include "../lib/table.h"
#include "brokerdns.h"
#include "complain.h"
#include "verdict.h"

#define LIST_SIZE	512

static void list_add(char list[LIST_SIZE], const char *item)
{
	size_t length = strlen(list);

	if (length + strlen(item) + 8 > LIST_SIZE) {
		if (!strstr(list, ", ..."))
			snprintf(list + length, LIST_SIZE - length, ", ...");
		return;
	}
	snprintf(list + length, LIST_SIZE - length, "%s%s", length ? ", " : "", item);
}

static const char *zone_list(const struct probe *probe, uint32_t zones, char list[LIST_SIZE])
{
	unsigned int i;

	*list = '\0';
	for (i = 0; i < probe->n_zones; i++)
		if (zones & 1U << i)
			list_add(list, *probe->zones[i] ? probe->zones[i] : ".");
	return list;
}

static const char *resolver_names(const struct probe *probe, uint32_t resolvers,
				  char list[LIST_SIZE])
{
	unsigned int i;

	*list = '\0';
	for (i = 0; i < probe->resolvers.n; i++)
		if (resolvers & 1U << i)
			list_add(list, probe->resolvers.items[i].text);
	return list;
}

static const char *transports(bool udp, bool tcp)
{
	return udp && tcp ? "UDP, TCP" : udp ? "UDP" : tcp ? "TCP" : "-";
}

/* What a table cannot say, each in a sentence of its own. */
static void notes_about(const struct probe *probe, const struct verdict *verdict,
			unsigned int r)
{
	const struct resolver_verdict *about = &verdict->resolvers[r];
	const char *who = probe->resolvers.items[r].text;
	char list[LIST_SIZE];
	unsigned int i;

	switch (about->kind) {
	case RESOLVER_SILENT:
		note("%s does not answer, neither over UDP nor over TCP", who);
		return;
	case RESOLVER_FAILS:
		note("%s answers with errors only; does it serve this host?", who);
		return;
	case RESOLVER_PORTAL:
		note("%s gives all names the same address, also those that exist: a captive "
		     "portal; log in there first. If it is none, name a zone of names that are "
		     "well (--zone)", who);
		return;
	case RESOLVER_UNSURE:
		note("%s answers for some missing names, which may be right: ask under more "
		     "zones (--zone)",
		     who);
		break;
	case RESOLVER_HONEST:
	case RESOLVER_HIJACKS:
		break;
	}
	if (!about->udp)
		note("%s answers over TCP only; dnsmasq asks over UDP first", who);
	if (about->udp_only)
		note("%s lies over UDP and not over TCP: something on the way changes its answers",
		     who);
	if (about->tcp_only)
		note("%s lies over TCP and not over UDP", who);
	if (about->raced)
		note("an honest answer of %s follows behind the lie: --ignore-address would wait "
		     "for it",
		     who);
	if (about->wildcards)
		note("%s: zone %s has a wildcard: every name below it exists, and its addresses "
		     "are no lie",
		     who, zone_list(probe, about->wildcards, list));
	for (i = 0; i < probe->n_search; i++)
		if (about->search_wildcards & 1U << i)
			note("search domain %s has a wildcard: a missing name typed without a "
			     "final dot gets an address from there, not from a lie of %s",
			     probe->search[i], who);
}

static void notes_about_suspects(const struct verdict *verdict)
{
	const struct suspect *suspect;
	char text[INET6_ADDRSTRLEN], first[INET6_ADDRSTRLEN];
	unsigned int few = 0;
	size_t i;

	for (i = 0; i < verdict->n_suspects; i++) {
		suspect = &verdict->suspects[i];
		ip_text(&suspect->ip, text);
		if (suspect->fate == SUSPECT_SHARED)
			note("%s is answered for missing names, but %s has it, too: taking it "
			     "away would take that away",
			     text, suspect->shared_with);
		else if (suspect->fate == SUSPECT_SPECIAL)
			note("%s is answered for missing names, but %s", text,
			     ip_special(&suspect->ip));
		else if (suspect->fate == SUSPECT_FEW_ZONES && !few++)
			strcpy(first, text);
		else if (suspect->fate == SUSPECT_BOGUS && ip_private(&suspect->ip))
			note("%s is a private address: other names that have it vanish as well",
			     text);
	}
	if (few > 1)
		note("%s and %u more addresses were seen under one zone only; ask more often "
		     "(--rounds), or for their range (--aggregate)",
		     first, few - 1);
	else if (few)
		note("%s was seen under one zone only; ask under more (--zone)", first);
}

void hijack_show(const struct probe *probe, const struct verdict *verdict)
{
	static const char *const resolvers[] = { "RESOLVER", "VERDICT", "ANSWERS OVER",
						 "MISSING NAMES", NULL };
	static const char *const suspects[] = { "ADDRESS", "IS", "NAMES", "UNDER", "OVER",
						"ANSWERED BY", NULL };
	char names[64], text[INET6_ADDRSTRLEN], zones[LIST_SIZE], who[LIST_SIZE];
	struct table *table;
	unsigned int r;
	size_t i;

	if (complain_quiet)
		return;
	table = table_open(resolvers, true, false);
	for (r = 0; r < probe->resolvers.n; r++) {
		const struct resolver_verdict *about = &verdict->resolvers[r];

		snprintf(names, sizeof(names), "%u of %u have addresses", about->lies,
			 about->names);
		table_row(table, false, (const char *[]) { probe->resolvers.items[r].text,
			  resolver_kind_text(about->kind), transports(about->udp, about->tcp),
			  about->names ? names : "-" });
	}
	table_print_to(table, stderr);
	if (verdict->n_suspects) {
		fputc('\n', stderr);
		table = table_open(suspects, true, false);
		for (i = 0; i < verdict->n_suspects; i++) {
			const struct suspect *suspect = &verdict->suspects[i];

			snprintf(names, sizeof(names), "%u", suspect->names);
			table_row(table, false, (const char *[]) {
				  ip_text(&suspect->ip, text), suspect_fate_text(suspect->fate),
				  names, zone_list(probe, suspect->zones, zones),
				  transports(suspect->udp, suspect->tcp),
				  resolver_names(probe, suspect->resolvers, who) });
		}
		table_print_to(table, stderr);
	}
	for (r = 0; r < probe->resolvers.n; r++)
		notes_about(probe, verdict, r);
	notes_about_suspects(verdict);
}

static json_t *zones_json(const struct probe *probe, uint32_t zones)
{
	json_t *list = json_array();
	unsigned int i;

	for (i = 0; i < probe->n_zones; i++)
		if (zones & 1U << i)
			json_array_append_new(list, json_string(*probe->zones[i] ?
								probe->zones[i] : "."));
	return list;
}

static json_t *resolver_json(const struct probe *probe, const struct verdict *verdict,
			     unsigned int r)
{
	const struct resolver_verdict *about = &verdict->resolvers[r];
	json_t *search = json_array();
	unsigned int i;

	for (i = 0; i < probe->n_search; i++)
		if (about->search_wildcards & 1U << i)
			json_array_append_new(search, json_string(probe->search[i]));
	return json_pack("{s:s,s:s,s:b,s:b,s:i,s:i,s:b,s:b,s:b,s:o,s:o}",
			 "resolver", probe->resolvers.items[r].text,
			 "verdict", resolver_kind_text(about->kind),
			 "udp", about->udp, "tcp", about->tcp,
			 "missing_names", about->names, "with_addresses", about->lies,
			 "lies_over_udp_only", about->udp_only,
			 "lies_over_tcp_only", about->tcp_only, "raced", about->raced,
			 "wildcard_zones", zones_json(probe, about->wildcards),
			 "wildcard_search_domains", search);
}

static json_t *suspect_json(const struct probe *probe, const struct suspect *suspect)
{
	json_t *resolvers = json_array();
	char text[INET6_ADDRSTRLEN];
	unsigned int r;

	for (r = 0; r < probe->resolvers.n; r++)
		if (suspect->resolvers & 1U << r)
			json_array_append_new(resolvers,
					      json_string(probe->resolvers.items[r].text));
	return json_pack("{s:s,s:b,s:s,s:i,s:o,s:o,s:b,s:b,s:s?}",
			 "address", ip_text(&suspect->ip, text),
			 "bogus", suspect->fate == SUSPECT_BOGUS,
			 "is", suspect_fate_text(suspect->fate), "names", suspect->names,
			 "zones", zones_json(probe, suspect->zones), "resolvers", resolvers,
			 "udp", suspect->udp, "tcp", suspect->tcp,
			 "shared_with", *suspect->shared_with ? suspect->shared_with : NULL);
}

json_t *hijack_json(const struct probe *probe, const struct verdict *verdict)
{
	json_t *resolvers = json_array(), *addresses = json_array();
	unsigned int r;
	size_t i;

	for (r = 0; r < probe->resolvers.n; r++)
		json_array_append_new(resolvers, resolver_json(probe, verdict, r));
	for (i = 0; i < verdict->n_suspects; i++)
		json_array_append_new(addresses, suspect_json(probe, &verdict->suspects[i]));
	return json_pack("{s:i,s:o,s:o}", "rounds", probe->rounds_done, "resolvers", resolvers,
			 "addresses", addresses);
}
