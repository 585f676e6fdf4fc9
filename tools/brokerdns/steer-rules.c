// SPDX-License-Identifier: GPL-2.0
/* brokerdns steer: its rules in force, how they were found, and those that follow. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/table.h"
#include "apply.h"
#include "complain.h"
#include "file.h"
#include "steer.h"
#include "verify.h"

/* "--port 65535 --subnet network", behind a few words. */
#define MANNER_STRLEN	(64 + NETWORK_STRLEN)

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

/* What was chosen: "" for nothing, else as it stands in the reason for a rule. */
static const char *manner_text(const struct manner *manner, char text[MANNER_STRLEN])
{
	char port[24] = "", network[NETWORK_STRLEN] = "";

	if (manner->port)
		snprintf(port, sizeof(port), " --port %u", manner->port);
	if (manner->has_subnet)
		network_text(&manner->subnet, network);
	snprintf(text, MANNER_STRLEN, "%s%s%s%s", *port || *network ? ", measured with" : "", port,
		 *network ? " --subnet " : "", network);
	return text;
}

/* The same, read again. */
static void manner_read(const char *why, struct manner *manner)
{
	const char *port = strstr(why, " --port "), *subnet = strstr(why, " --subnet ");
	char network[NETWORK_STRLEN];

	if (port && sscanf(port, " --port %u", &manner->port) == 1 && manner->port > 65535)
		manner->port = 0;
	if (subnet && sscanf(subnet, " --subnet %49s", network) == 1)
		manner->has_subnet = !network_parse(network, &manner->subnet);
}

void steer_choose_manner(const struct options *options, struct manner *manner)
{
	if (options->port)
		manner->port = options->port;
	if (!options->has_subnet)
		return;
	manner->subnet = options->subnet;
	manner->has_subnet = true;
}

static void add_domain_in_force(const char *rule, const char *why, void *arg)
{
	struct steer *steer = arg;
	struct resolver resolver;

	if (steer->n_domains == DOMAINS_MAX ||
	    !rule_split(rule, steer->domains[steer->n_domains], &resolver))
		return;
	manner_read(why, &steer->manners[steer->n_domains]);
	steer_choose_manner(steer->options, &steer->manners[steer->n_domains++]);
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

int steer_target(struct steer *steer, const char *domain)
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

const struct setting *steer_foreign_rule(const struct dnsmasq *dnsmasq, const char *domain)
{
	char domain_part[NAME_SIZE + 2];
	size_t i;

	snprintf(domain_part, sizeof(domain_part), "/%s/", domain);
	for (i = 0; i < dnsmasq->config.n; i++) {
		const struct setting *setting = &dnsmasq->config.settings[i];

		if (own_setting(setting))
			continue;
		if ((!strcmp(setting->name, "server") || !strcmp(setting->name, "address") ||
		     !strcmp(setting->name, "local")) &&
		    strcasestr(setting->value, domain_part))
			return setting;
	}
	return NULL;
}

static void add_rule(struct rules *rules, const struct steer *steer, unsigned int d)
{
	const struct resolver *to = &steer->resolvers.items[steer->winners[d]];
	char manner[MANNER_STRLEN];

	rules_comment(rules, "nearer than what %s answers%s", steer->resolvers.items[0].text,
		      manner_text(&steer->manners[d], manner));
	rules_server(rules, steer->domains[d], to);
}

void steer_print_rules(const struct steer *steer)
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

/* The same rules with other reasons, such as how they were measured. */
static int reword(struct steer *steer, const char *rules)
{
	char path[PATH_SIZE + 64], *text;
	int err;

	if (steer->dnsmasq.foreign_servers_file)
		return changes_reword(own_path(&steer->dnsmasq, "steer", path, sizeof(path)),
				      rules);
	text = own_servers_text("steer", rules);
	err = changes_reword(SERVERS_FILE, text);
	free(text);
	return err;
}

int steer_put_into_force(struct steer *steer)
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
		if (steer->options->apply && rules.n && strcmp(before, rules.text) &&
		    reword(steer, rules.text))
			code = EXIT_FAILED;
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

void steer_domains_in_force(struct steer *steer)
{
	char *text = text_in_force(&steer->dnsmasq);

	own_visit_rules(text, add_domain_in_force, steer);
	free(text);
}

bool steer_in_force(const struct dnsmasq *dnsmasq)
{
	char *text = text_in_force(dnsmasq);
	bool in_force = !own_same_rules(text, NULL);

	free(text);
	return in_force;
}
