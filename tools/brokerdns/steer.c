// SPDX-License-Identifier: GPL-2.0
/* brokerdns steer: ask about a domain where the answers are nearest. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/table.h"
#include "apply.h"
#include "complain.h"
#include "steer.h"

/* See control_truth(). */
#define CONTROL		"a.root-servers.net"

/* Ask those in @resolvers, as bits, for missing names. Return: who answered. */
static uint32_t ask_missing(struct steer *steer, uint32_t resolvers, enum transport transport)
{
	static const char *const zones[] = { "com", "org", "" };
	char label[LABEL_MAX_LEN + 1], name[NAME_SIZE];
	struct query_list list = {};
	struct progress progress;
	uint32_t answered = 0;
	unsigned int r, i;

	for (r = 0; r < steer->resolvers.n; r++)
		for (i = 0; i < 3 && resolvers & 1U << r; i++) {
			label_random(label);
			name_join(name, label, zones[i]);
			query_add(&list, &steer->resolvers.items[r], name, DNS_A, transport);
		}
	progress_begin(&progress, "looking for resolvers", list.n);
	query_list_run(&list, &progress);
	progress_end(&progress);
	for (i = 0; i < list.n; i++) {
		r = list.items[i].resolver - steer->resolvers.items;
		if (list.items[i].state == QUERY_ANSWERED)
			answered |= 1U << r;
		/* Nobody who lies is worth going to. */
		if (query_has_addresses(&list.items[i]))
			steer->lies |= 1U << r;
	}
	query_list_clear(&list);
	return answered;
}

static void find_who_answers(struct steer *steer)
{
	uint32_t all = steer->resolvers.n < 32 ? (1U << steer->resolvers.n) - 1 : ~0U;

	steer->udp = ask_missing(steer, all, TRANSPORT_UDP);
	if (all & ~steer->udp)
		steer->tcp = ask_missing(steer, all & ~steer->udp, TRANSPORT_TCP);
}

/* A captive portal gives its own address also for what everybody knows. */
static void look_for_portal(struct steer *steer)
{
	struct query_list list = {};
	struct query *query;
	unsigned int i;
	struct ip truth;

	if (!ip_parse(control_truth(CONTROL), &truth))
		return;
	query = query_add(&list, &steer->resolvers.items[0], CONTROL, DNS_A,
			  steer->udp & 1 ? TRANSPORT_UDP : TRANSPORT_TCP);
	query_list_run(&list, NULL);
	steer->portal = query_has_addresses(query);
	for (i = 0; steer->portal && i < query->answer.n_ips; i++)
		if (ip_equal(&query->answer.ips[i], &truth))
			steer->portal = false;
	query_list_clear(&list);
	if (steer->portal)
		note("%s answers as a captive portal does; log in, then try again",
		     steer->resolvers.items[0].text);
}

static struct track *track_find(struct race *race, const struct ip *ip)
{
	unsigned int i;

	for (i = 0; i < race->n_tracks; i++)
		if (ip_equal(&race->tracks[i].path.ip, ip))
			return &race->tracks[i];
	return NULL;
}

static void track_add(struct race *race, const struct ip *ip, unsigned int port,
		      unsigned int resolver)
{
	struct path paths[PATHS_EACH];
	unsigned int i, n, round;
	struct track *track;

	for (track = track_find(race, ip); track && track < race->tracks + race->n_tracks; track++)
		if (ip_equal(&track->path.ip, ip))
			track->resolvers |= 1U << resolver;
	if (track_find(race, ip))
		return;
	n = paths_find(ip, port ?: 443, paths);
	for (i = 0; i < n && race->n_tracks < RACE_PATHS; i++) {
		track = &race->tracks[race->n_tracks++];
		*track = (struct track) { .path = paths[i], .resolvers = 1U << resolver };
		for (round = 0; round < ROUNDS_MAX; round++)
			track->times[round] = -1;
	}
}

/* Ask everybody, note the addresses. */
static void ask_round(struct steer *steer, struct race *race, unsigned int d)
{
	const struct manner *manner = &steer->manners[d];
	const char *domain = steer->domains[d];
	struct query_list list = {};
	unsigned int r, k;
	size_t i;

	for (r = 0; r < steer->resolvers.n; r++) {
		enum transport transport = steer->udp & 1U << r ? TRANSPORT_UDP : TRANSPORT_TCP;

		if (!((steer->udp | steer->tcp) & 1U << r))
			continue;
		query_add(&list, &steer->resolvers.items[r], domain, DNS_A, transport);
		query_add(&list, &steer->resolvers.items[r], domain, DNS_AAAA, transport);
	}
	for (i = 0; i < list.n; i++)
		list.items[i].subnet = manner->has_subnet ? &manner->subnet : NULL;
	query_list_run(&list, NULL);
	for (i = 0; i < list.n; i++) {
		struct query *query = &list.items[i];
		struct entrant *entrant;

		r = query->resolver - steer->resolvers.items;
		entrant = &race->entrants[r];
		/* Cut short: there is more over TCP. */
		if (query->state == QUERY_ANSWERED && query->answer.truncated) {
			query->state = QUERY_NEW;
			query->transport = TRANSPORT_TCP;
			query_ask(query);
		}
		for (k = 0; query->state == QUERY_ANSWERED && k < query->answer.n_ips; k++) {
			const struct ip *ip = &query->answer.ips[k];

			entrant->answers = true;
			/* At home private addresses may be what is wanted. */
			race->at_home |= !r && ip_private(ip);
			entrant->strange |= ip_special(ip) || (ip_private(ip) && !race->at_home);
			track_add(race, ip, manner->port, r);
		}
	}
	query_list_clear(&list);
}

/* Connect over each way once; where nobody is on port 443, the other one is tried. */
static void measure_round(struct race *race, bool port_is_said)
{
	struct path paths[RACE_PATHS];
	unsigned int i;

	for (i = 0; i < race->n_tracks; i++)
		paths[i] = race->tracks[i].path;
	paths_measure(paths, race->n_tracks);
	for (i = 0; i < race->n_tracks; i++) {
		race->tracks[i].times[race->n_rounds] = paths[i].milliseconds;
		if (paths[i].milliseconds < 0 && !port_is_said && paths[i].port == 443 &&
		    median_of(race->tracks[i].times, race->n_rounds) < 0) {
			race->tracks[i].path.port = 80;
			paths[i].port = 80;
			paths_measure(&paths[i], 1);
			race->tracks[i].times[race->n_rounds] = paths[i].milliseconds;
		}
	}
}

static void say_tunnel_slower(const struct steer *steer, const struct race *race,
			      const char *domain)
{
	double four, six;

	if (!race_tunnel_slower(race, &four, &six))
		return;
	note("the AAAA answers of %s are slower: %.1f ms through the tunnel, %.1f ms over IPv4; "
	     "filter-AAAA would hide them, and those of all other names%s",
	     domain, six, four,
	     steer->dnsmasq.pid && !dnsmasq_takes(&steer->dnsmasq, "filter-AAAA") ?
	     " (dnsmasq 2.87 and later)" : "");
}

static void run_race(struct steer *steer, unsigned int d)
{
	unsigned int rounds = steer->options->rounds ?: RACE_ROUNDS;
	const struct setting *foreign = steer_foreign_rule(&steer->dnsmasq, steer->domains[d]);
	int steered = steer_target(steer, steer->domains[d]);
	struct race *race = must(calloc(1, sizeof(*race)));
	struct progress progress;
	unsigned int e;

	race->tracks = must(calloc(RACE_PATHS, sizeof(*race->tracks)));
	race->n_entrants = steer->resolvers.n;
	for (e = 0; e < race->n_entrants; e++) {
		race->entrants[e].lies = steer->lies & 1U << e;
		race->entrants[e].tcp_only = steer->tcp & 1U << e;
	}
	progress_begin(&progress, steer->domains[d], rounds);
	while (race->n_rounds < rounds) {
		ask_round(steer, race, d);
		measure_round(race, steer->manners[d].port);
		race->n_rounds++;
		progress_step(&progress);
	}
	progress_end(&progress);
	race_count(race);
	steer->winners[d] = race_winner(race, steered);
	if (foreign && steer->winners[d]) {
		note("%s:%u says already whom to ask about %s; nothing is written for it",
		     foreign->file ?: "the command line", foreign->line, steer->domains[d]);
		steer->winners[d] = 0;
	}
	if (steer->winners[d] && steer->manners[d].has_subnet &&
	    !config_find(&steer->dnsmasq.config, "add-subnet")) {
		note("%s is nearer for who asks on behalf of the network, and dnsmasq does not "
		     "(add-subnet): nothing is written for %s",
		     steer->resolvers.items[steer->winners[d]].text, steer->domains[d]);
		steer->winners[d] = 0;
	}
	steer->undecided[d] = steer->portal || race->entrants[0].median < 0;
	if (steer->undecided[d])
		steer->winners[d] = 0;
	if (steer->undecided[d] && steered >= 0)
		note("what is asked about %s now cannot be measured; its rule stays",
		     steer->domains[d]);
	steer_show(&steer->resolvers, race, steer->domains[d], steer->winners[d]);
	json_array_append_new(steer->json, steer_json(&steer->resolvers, race, steer->domains[d],
						      steer->winners[d]));
	say_tunnel_slower(steer, race, steer->domains[d]);
	free(race->tracks);
	free(race);
}

/* The one that is asked now comes first, whoever was named. */
static void choose_resolvers(struct steer *steer)
{
	struct options now = *steer->options;
	unsigned int i;

	now.resolvers.n = 0;
	own_resolvers(&now, &steer->dnsmasq, &steer->resolvers);
	for (i = 0; i < steer->options->resolvers.n; i++)
		resolver_list_add(&steer->resolvers, &steer->options->resolvers.items[i]);
}

static bool is_chosen(const struct steer *steer, const char *domain)
{
	unsigned int d;

	for (d = 0; d < steer->n_domains; d++)
		if (!strcmp(steer->domains[d], domain))
			return true;
	return false;
}

static int choose_domains(struct steer *steer)
{
	const struct options *options = steer->options;
	char domain[NAME_SIZE];
	const char *complaint;
	int i;

	for (i = 0; i < options->n_words; i++) {
		complaint = name_parse(options->words[i], domain);
		if (!complaint && !*domain)
			complaint = "is the root; give a domain";
		if (complaint) {
			complain(0, "domain \"%s\" %s", options->words[i], complaint);
			return EXIT_USAGE;
		}
		if (is_chosen(steer, domain))
			continue;
		strcpy(steer->domains[steer->n_domains], domain);
		steer_choose_manner(options, &steer->manners[steer->n_domains++]);
	}
	if (steer->n_domains)
		return 0;
	steer_domains_in_force(steer);
	if (steer->n_domains)
		return 0;
	note("no domain was named, and none is in force to be measured again");
	return EXIT_NOTHING;
}

static int run_steer(struct steer *steer)
{
	bool found = false;
	unsigned int d;
	int code;

	code = choose_domains(steer);
	if (code)
		return code;
	choose_resolvers(steer);
	for (d = 0; d < steer->n_domains; d++)
		steer_target(steer, steer->domains[d]);
	if (steer->resolvers.n < 2) {
		complain(ENOENT, "%s; name some more with --resolver", steer->resolvers.n ?
			 "one resolver is known here, and nobody to compare it with" :
			 "no resolver is known here");
		return EXIT_FAILED;
	}
	find_who_answers(steer);
	if (!(steer->udp | steer->tcp)) {
		complain(ETIMEDOUT, "no resolver says anything about names; is this host online?");
		return EXIT_FAILED;
	}
	look_for_portal(steer);
	for (d = 0; d < steer->n_domains; d++) {
		run_race(steer, d);
		found |= steer->winners[d];
	}
	steer_print_rules(steer);
	if (print_end())
		return EXIT_FAILED;
	if (steer->options->apply || steer->options->dry_run) {
		/* To measure took its time, in which others could go on. */
		code = own_begin(steer->options, &steer->dnsmasq) ?: steer_put_into_force(steer);
		apply_end();
		return code;
	}
	if (found)
		return EXIT_DONE;
	if (!steer_in_force(&steer->dnsmasq))
		return EXIT_NOTHING;
	note("nothing was found, but rules are in force: brokerdns status");
	return EXIT_DONE;
}

int steer_command(struct options *options)
{
	struct steer *steer = must(calloc(1, sizeof(*steer)));
	int code;

	steer->options = options;
	steer->json = json_array();
	if (options->format == FORMAT_IPFILTER) {
		complain(0,
			 "steer has no addresses to write as an ipfilter list; take another --format");
		code = EXIT_USAGE;
	} else {
		code = own_prepare(options, &steer->dnsmasq);
	}
	if (!code)
		code = run_steer(steer);
	dnsmasq_clear(&steer->dnsmasq);
	json_decref(steer->json);
	free(steer);
	return code;
}
