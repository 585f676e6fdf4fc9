// SPDX-License-Identifier: GPL-2.0
/* brokerdns steer: ask about a domain where the answers are nearest. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/table.h"
#include "apply.h"
#include "brokerdns.h"
#include "complain.h"
#include "file.h"
#include "race.h"
#include "steer.h"
#include "verify.h"

#define DOMAINS_MAX	64
/* See control_truth(). */
#define CONTROL		"a.root-servers.net"

/**
 * struct steer - an invocation
 * @options: what was asked for
 * @dnsmasq: the one in question
 * @resolvers: who is asked; the first is who is asked now
 * @lies: who gives addresses for missing names, as bits
 * @udp: who answers over UDP, as bits
 * @tcp: who answers over TCP only, as bits
 * @domains: about what
 * @n_domains: how many
 * @winners: index of the resolver for each, 0 for none
 * @undecided: for each: what is in force stays, since nothing could be measured
 * @portal: who is asked now answers as a captive portal does
 * @json: what was measured
 */
struct steer {
	const struct options *options;
	struct dnsmasq dnsmasq;
	struct resolver_list resolvers;
	uint32_t lies;
	uint32_t udp;
	uint32_t tcp;
	char domains[DOMAINS_MAX][NAME_SIZE];
	unsigned int n_domains;
	unsigned int winners[DOMAINS_MAX];
	bool undecided[DOMAINS_MAX];
	bool portal;
	json_t *json;
};

/* "server=/domain/resolver" taken apart. */
static bool rule_split(const char *rule, char domain[NAME_SIZE], struct resolver *resolver)
{
	const char *slash;

	if (!rule_check(rule) || strncmp(rule, "server=/", 8))
		return false;
	slash = strrchr(rule, '/');
	snprintf(domain, NAME_SIZE, "%.*s", (int)(slash - rule - 8), rule + 8);
	return !resolver_parse(slash + 1, resolver);
}

static void add_domain_in_force(const char *rule, const char *why, void *arg)
{
	struct steer *steer = arg;
	struct resolver resolver;

	(void)why;
	if (steer->n_domains < DOMAINS_MAX &&
	    rule_split(rule, steer->domains[steer->n_domains], &resolver))
		steer->n_domains++;
}

struct lookup {
	const char *domain;
	struct resolver resolver;
	bool found;
};

static void look_up(const char *rule, const char *why, void *arg)
{
	struct lookup *lookup = arg;
	struct resolver resolver;
	char domain[NAME_SIZE];

	(void)why;
	if (!rule_split(rule, domain, &resolver) || strcmp(domain, lookup->domain))
		return;
	lookup->resolver = resolver;
	lookup->found = true;
}

/* What is in force: the part in our servers-file, or our own configuration file. */
static char *text_in_force(const struct dnsmasq *dnsmasq)
{
	char path[PATH_SIZE + 64];

	if (dnsmasq->foreign_servers_file)
		return file_read(own_path(dnsmasq, "steer", path, sizeof(path)));
	return own_servers_part("steer");
}

/* Index of the resolver that a domain is steered to, added if need be; or -1. */
static int steered_to(struct steer *steer, const char *domain)
{
	struct lookup lookup = { .domain = domain };
	char *text = text_in_force(&steer->dnsmasq);
	unsigned int i;

	own_visit_rules(text, look_up, &lookup);
	free(text);
	if (!lookup.found || !resolver_list_add(&steer->resolvers, &lookup.resolver))
		return -1;
	for (i = 0; i < steer->resolvers.n; i++)
		if (!strcmp(steer->resolvers.items[i].text, lookup.resolver.text))
			return i;
	return -1;
}

/* Somebody else's rule for the domain, which ours would be against. */
static const struct setting *foreign_rule(const struct dnsmasq *dnsmasq, const char *domain)
{
	char domain_part[NAME_SIZE + 2];
	size_t i;

	snprintf(domain_part, sizeof(domain_part), "/%s/", domain);
	for (i = 0; i < dnsmasq->config.n; i++) {
		const struct setting *setting = &dnsmasq->config.settings[i];
		const char *file = setting->file ? strrchr(setting->file, '/') : NULL;

		if (file && (!strncmp(file, "/brokerdns-", 11) ||
			     !strcmp(setting->file, SERVERS_FILE)))
			continue;
		if ((!strcmp(setting->name, "server") || !strcmp(setting->name, "address") ||
		     !strcmp(setting->name, "local")) &&
		    strcasestr(setting->value, domain_part))
			return setting;
	}
	return NULL;
}

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
static void ask_round(struct steer *steer, struct race *race, const char *domain)
{
	const struct options *options = steer->options;
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
		list.items[i].subnet = options->has_subnet ? &options->subnet : NULL;
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
			track_add(race, ip, options->port, r);
		}
	}
	query_list_clear(&list);
}

/* Connect over each way once; where nobody is on port 443, the other one is tried. */
static void measure_round(const struct options *options, struct race *race,
			  struct progress *progress)
{
	struct path paths[RACE_PATHS];
	unsigned int i;

	for (i = 0; i < race->n_tracks; i++)
		paths[i] = race->tracks[i].path;
	paths_measure(paths, race->n_tracks, progress);
	for (i = 0; i < race->n_tracks; i++) {
		race->tracks[i].times[race->n_rounds] = paths[i].milliseconds;
		if (paths[i].milliseconds < 0 && !options->port && paths[i].port == 443 &&
		    median_of(race->tracks[i].times, race->n_rounds) < 0) {
			race->tracks[i].path.port = 80;
			paths[i].port = 80;
			paths_measure(&paths[i], 1, NULL);
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
	     "%s would hide them, and those of all other names%s",
	     domain, six, four, "filter-AAAA",
	     steer->dnsmasq.pid && !dnsmasq_takes(&steer->dnsmasq, "filter-AAAA") ?
	     " (dnsmasq 2.87 and later)" : "");
}

static void run_race(struct steer *steer, unsigned int d)
{
	unsigned int rounds = steer->options->rounds ?: RACE_ROUNDS;
	const struct setting *foreign = foreign_rule(&steer->dnsmasq, steer->domains[d]);
	int steered = steered_to(steer, steer->domains[d]);
	struct race *race = must(calloc(1, sizeof(*race)));
	struct progress progress;
	unsigned int e;

	race->tracks = must(calloc(RACE_PATHS, sizeof(*race->tracks)));
	race->n_entrants = steer->resolvers.n;
	for (e = 0; e < race->n_entrants; e++) {
		race->entrants[e].lies = steer->lies & 1U << e;
		race->entrants[e].tcp_only = steer->tcp & ~steer->udp & 1U << e;
	}
	progress_begin(&progress, steer->domains[d], rounds);
	while (race->n_rounds < rounds) {
		ask_round(steer, race, steer->domains[d]);
		measure_round(steer->options, race, NULL);
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
	if (steer->winners[d] && steer->options->has_subnet &&
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

static void add_rule(struct rules *rules, const struct steer *steer, unsigned int d)
{
	const struct resolver *to = &steer->resolvers.items[steer->winners[d]];

	rules_comment(rules, "nearer than what %s answers", steer->resolvers.items[0].text);
	rules_server(rules, steer->domains[d], to);
}

static void print_rules(const struct steer *steer)
{
	struct rules rules = {};
	unsigned int d;

	for (d = 0; d < steer->n_domains; d++)
		if (steer->winners[d])
			add_rule(&rules, steer, d);
	if (steer->options->format == FORMAT_JSON) {
		json_dumpf(steer->json, stdout, JSON_INDENT(2));
		putchar('\n');
	} else {
		fputs(rules.text ?: "", stdout);
	}
	rules_clear(&rules);
}

struct keep {
	const struct steer *steer;
	struct rules *rules;
};

/* What is in force for other domains stays. */
static void keep_rule(const char *rule, const char *why, void *arg)
{
	struct keep *keep = arg;
	struct resolver resolver;
	char domain[NAME_SIZE];
	unsigned int d;

	if (!rule_split(rule, domain, &resolver))
		return;
	for (d = 0; d < keep->steer->n_domains; d++)
		if (!strcmp(domain, keep->steer->domains[d]) && !keep->steer->undecided[d])
			return;
	rules_comment(keep->rules, "%s", why);
	rules_server(keep->rules, domain, &resolver);
}

/* What shall hold once it is in force. */
static void note_routes(const struct steer *steer, struct verify *verify)
{
	struct route *route;
	unsigned int d;

	for (d = 0; d < steer->n_domains && verify->n_routes < VERIFY_NAMES; d++) {
		if (!steer->winners[d])
			continue;
		route = &verify->routes[verify->n_routes++];
		snprintf(route->domain, NAME_SIZE, "%s", steer->domains[d]);
		route->resolver = steer->resolvers.items[steer->winners[d]];
	}
}

static void add_changes(struct steer *steer, struct changes *changes, const char *rules)
{
	struct dnsmasq *dnsmasq = &steer->dnsmasq;
	char path[PATH_SIZE + 64], *text;
	struct rules include = {};

	if (dnsmasq->foreign_servers_file) {
		changes_add(changes, dnsmasq, own_path(dnsmasq, "steer", path, sizeof(path)),
			    rules);
		return;
	}
	text = own_servers_text("steer", rules);
	if (text)
		rules_path(&include, "servers-file", SERVERS_FILE);
	changes_add(changes, dnsmasq, SERVERS_FILE, text);
	changes_add(changes, dnsmasq, own_path(dnsmasq, "servers", path, sizeof(path)),
		    include.text);
	rules_clear(&include);
	free(text);
}

/* Return: exit code. */
static int put_into_force(struct steer *steer)
{
	struct verify *verify = must(calloc(1, sizeof(*verify)));
	char *before = text_in_force(&steer->dnsmasq);
	struct changes changes = {};
	struct rules rules = {};
	struct keep keep = { steer, &rules };
	unsigned int d;
	int code = EXIT_DONE;

	for (d = 0; d < steer->n_domains; d++)
		if (steer->winners[d])
			add_rule(&rules, steer, d);
	own_visit_rules(before, keep_rule, &keep);
	if (!own_same_rules(before, rules.text))
		add_changes(steer, &changes, rules.text);
	else
		code = rules.n ? EXIT_DONE : EXIT_NOTHING;
	if (!changes.n) {
		;
	} else if (steer->options->dry_run) {
		changes_show(&changes);
		code = changes_try(&changes, &steer->dnsmasq) ? EXIT_FAILED : EXIT_DONE;
	} else {
		verify_note(verify, &steer->dnsmasq, steer->domains,
			    steer->n_domains < VERIFY_NAMES ? steer->n_domains : VERIFY_NAMES);
		note_routes(steer, verify);
		if (changes_apply(&changes, &steer->dnsmasq, verify_run, verify))
			code = EXIT_FAILED;
		else
			note("%u rules are in force", rules.n);
	}
	rules_clear(&rules);
	changes_clear(&changes);
	free(before);
	free(verify);
	return code;
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

static int choose_domains(struct steer *steer)
{
	const struct options *options = steer->options;
	const char *complaint;
	char *text;
	int i;

	for (i = 0; i < options->n_words; i++) {
		complaint = name_parse(options->words[i], steer->domains[steer->n_domains]);
		if (!complaint && !*steer->domains[steer->n_domains])
			complaint = "is the root; give a domain";
		if (complaint) {
			complain(0, "domain \"%s\" %s", options->words[i], complaint);
			return EXIT_USAGE;
		}
		steer->n_domains++;
	}
	if (steer->n_domains)
		return 0;
	text = text_in_force(&steer->dnsmasq);
	own_visit_rules(text, add_domain_in_force, steer);
	free(text);
	if (steer->n_domains)
		return 0;
	note("no domain was named, and none is in force to be measured again");
	return EXIT_NOTHING;
}

static int run_steer(struct steer *steer)
{
	bool found = false;
	unsigned int d;
	char *text;
	int code;

	code = choose_domains(steer);
	if (code)
		return code;
	choose_resolvers(steer);
	for (d = 0; d < steer->n_domains; d++)
		steered_to(steer, steer->domains[d]);
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
	print_rules(steer);
	if (print_end())
		return EXIT_FAILED;
	if (steer->options->apply || steer->options->dry_run) {
		/* To measure took its time, in which others could go on. */
		code = own_begin(steer->options, &steer->dnsmasq) ?: put_into_force(steer);
		apply_end();
		return code;
	}
	if (found)
		return EXIT_DONE;
	text = text_in_force(&steer->dnsmasq);
	found = !own_same_rules(text, NULL);
	free(text);
	if (!found)
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
