// SPDX-License-Identifier: GPL-2.0
/* brokerdns steer: what was measured, for people and for programs. */

#include <stdio.h>
#include <string.h>

#include "../lib/table.h"
#include "complain.h"
#include "steer.h"

static const char *milliseconds(double time, char text[32])
{
	if (time < 0)
		snprintf(text, 32, "-");
	else
		snprintf(text, 32, "%.1f ms", time);
	return text;
}

static const char *path_text(const struct path *path, char text[64])
{
	snprintf(text, 64, "%s%s%s%s", path->tunnel ? "tunnel" : "direct",
		 *path->device ? " (" : "", path->device, *path->device ? ")" : "");
	return text;
}

/* Why a resolver is none to go to, or how it compares. */
static const char *remark(const struct race *race, unsigned int e, unsigned int winner)
{
	const struct entrant *entrant = &race->entrants[e];

	if (e == winner && e)
		return "nearer";
	if (!e)
		return "asked now";
	if (!entrant->answers)
		return "no answer";
	if (entrant->lies)
		return "lies about missing names";
	if (entrant->strange)
		return "strange addresses";
	if (entrant->tcp_only)
		return "TCP only, which dnsmasq does not ask";
	return "";
}

void steer_show(const struct resolver_list *resolvers, const struct race *race,
		const char *domain, unsigned int winner)
{
	static const char *const columns[] = { "RESOLVER", "ADDRESS", "PATH", "MEDIAN", "WORST",
					       "ALL ANSWERS", "REMARK", NULL };
	char address[INET6_ADDRSTRLEN], path[64], median[32], worst[32], all[32];
	struct table *table;
	unsigned int e, i, k;
	bool first;

	if (complain_quiet)
		return;
	fprintf(stderr, "%s, connect times of %u rounds\n", domain, race->n_rounds);
	table = table_open(columns, true, false);
	for (e = 0; e < race->n_entrants; e++) {
		first = true;
		milliseconds(race->entrants[e].median, all);
		for (i = 0; i < race->n_tracks; i++) {
			const struct track *track = &race->tracks[i];
			double slowest = -1;

			if (!(track->resolvers & 1U << e))
				continue;
			for (k = 0; k < race->n_rounds; k++)
				if (track->times[k] > slowest)
					slowest = track->times[k];
			table_row(table, false, (const char *[]) {
				  first ? resolvers->items[e].text : "",
				  ip_text(&track->path.ip, address), path_text(&track->path, path),
				  milliseconds(median_of(track->times, race->n_rounds), median),
				  milliseconds(slowest, worst), first ? all : "",
				  first ? remark(race, e, winner) : "" });
			first = false;
		}
		if (first)
			table_row(table, false, (const char *[]) { resolvers->items[e].text, "-",
				  "-", "-", "-", "-", remark(race, e, winner) });
	}
	table_print_to(table, stderr);
	if (!winner)
		note("nobody's answers for %s are nearer by much and in every round; no rule",
		     domain);
}

static json_t *time_json(double time)
{
	return time < 0 ? json_null() : json_real(time);
}

static json_t *tracks_json(const struct race *race, unsigned int e)
{
	char address[INET6_ADDRSTRLEN];
	json_t *list = json_array(), *times, *one;
	unsigned int i, k;

	for (i = 0; i < race->n_tracks; i++) {
		const struct track *track = &race->tracks[i];

		if (!(track->resolvers & 1U << e))
			continue;
		times = json_array();
		for (k = 0; k < race->n_rounds; k++)
			json_array_append_new(times, time_json(track->times[k]));
		one = json_pack("{s:s,s:i,s:s,s:s,s:b,s:o,s:o}",
				"address", ip_text(&track->path.ip, address),
				"port", track->path.port,
				"path", track->path.tunnel ? "tunnel" : "direct",
				"device", track->path.device, "routed", !track->path.bound,
				"median_ms", time_json(median_of(track->times, race->n_rounds)),
				"times_ms", times);
		json_array_append_new(list, one);
	}
	return list;
}

json_t *steer_json(const struct resolver_list *resolvers, const struct race *race,
		   const char *domain, unsigned int winner)
{
	json_t *list = json_array(), *one;
	char rule[NAME_SIZE + RESOLVER_STRLEN + 16] = "";
	double four, six;
	unsigned int e;
	bool slower = race_tunnel_slower(race, &four, &six);

	for (e = 0; e < race->n_entrants; e++) {
		one = json_pack("{s:s,s:b,s:b,s:b,s:b,s:b,s:o,s:o}",
				"resolver", resolvers->items[e].text, "asked_now", !e,
				"lies", race->entrants[e].lies,
				"strange", race->entrants[e].strange,
				"tcp_only", race->entrants[e].tcp_only,
				"nearer", e && e == winner,
				"median_ms", time_json(race->entrants[e].median),
				"answers", tracks_json(race, e));
		json_array_append_new(list, one);
	}
	if (winner)
		snprintf(rule, sizeof(rule), "server=/%s/%s", domain,
			 resolvers->items[winner].text);
	return json_pack("{s:s,s:i,s:s?,s:b,s:s?,s:o}", "domain", domain,
			 "rounds", race->n_rounds, "rule", winner ? rule : NULL,
			 "tunnel_slower", slower, "rule_to_hide_aaaa",
			 slower ? "filter-AAAA" : NULL, "resolvers", list);
}
