// SPDX-License-Identifier: GPL-2.0
/* brokerdns hijack: addresses that stand for names which do not exist. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/table.h"
#include "apply.h"
#include "complain.h"
#include "hijack.h"

static bool has_kind(const struct hijack *hijack, enum resolver_kind kind)
{
	unsigned int r;

	for (r = 0; r < hijack->probe.resolvers.n; r++)
		if (hijack->verdict.resolvers[r].kind == kind)
			return true;
	return false;
}

/* Everybody who says anything says that missing names are missing. */
bool hijack_all_honest(const struct hijack *hijack)
{
	return has_kind(hijack, RESOLVER_HONEST) && !has_kind(hijack, RESOLVER_HIJACKS) &&
	       !has_kind(hijack, RESOLVER_PORTAL) && !has_kind(hijack, RESOLVER_UNSURE);
}

/* Each of those that dnsmasq asks has been asked, and was honest. */
bool hijack_upstreams_honest(const struct hijack *hijack)
{
	const struct resolver_list *asked = &hijack->probe.resolvers;
	struct resolver_list upstreams = {};
	size_t i, r;

	dnsmasq_upstreams(&hijack->dnsmasq, &upstreams);
	for (i = 0; i < upstreams.n; i++) {
		for (r = 0; r < asked->n; r++)
			if (!strcmp(asked->items[r].text, upstreams.items[i].text))
				break;
		if (r == asked->n || hijack->verdict.resolvers[r].kind != RESOLVER_HONEST)
			return false;
	}
	return upstreams.n;
}

/* Those that steer has rules about, and those that somebody has sets for. */
static void add_names(struct probe *probe, const struct config *config)
{
	const char *word, *slash;
	char text[NAME_SIZE], name[NAME_SIZE];
	size_t i;

	for (i = 0; i < config->n; i++) {
		const struct setting *setting = &config->settings[i];

		if (strcmp(setting->name, "ipset") && strcmp(setting->name, "nftset") &&
		    (strcmp(setting->name, "server") || !own_setting(setting)))
			continue;
		/* "/domain/domain/set" */
		for (word = setting->value; (slash = strchr(word, '/')); word = slash + 1) {
			snprintf(text, sizeof(text), "%.*s", (int)(slash - word), word);
			if (!name_parse(text, name) && *name)
				probe_add_name(probe, name);
		}
	}
}

static void set_up(struct hijack *hijack)
{
	const struct options *options = hijack->options;
	struct probe *probe = &hijack->probe;
	struct resolv_conf conf = {};
	unsigned int i;

	own_resolvers(options, &hijack->dnsmasq, &probe->resolvers);
	for (i = 0; i < options->n_zones; i++)
		probe_add_zone(probe, options->zones[i]);
	probe_add_controls(probe);
	add_names(probe, &hijack->dnsmasq.config);
	probe->rounds = options->rounds ?: ROUNDS_DEFAULT;
	resolv_conf_read("/etc/resolv.conf", &conf);
	memcpy(probe->search, conf.search, sizeof(conf.search));
	probe->n_search = conf.n_search;
}

/*
 * Can the dnsmasq that shall read it take such an address? Where there is none,
 * the oldest one must.
 */
static bool takes(const struct hijack *hijack, const char *option, const char *value)
{
	char line[128];

	snprintf(line, sizeof(line), "%s=%s", option, value);
	return hijack->dnsmasq.pid && dnsmasq_takes(&hijack->dnsmasq, line);
}

static void add_single(struct network_list *list, const struct ip *ip)
{
	struct network network = network_of(ip, ip_bits(ip));

	network_list_add(list, &network);
}

/* Ranges whose addresses agree as single ones need not: seen under two zones or more. */
static void keep_agreed(const struct hijack *hijack, struct network_list *list)
{
	const struct suspect *suspect;
	unsigned int members;
	size_t i, j, kept = 0;
	uint32_t zones;
	bool bogus;

	for (i = 0; i < list->n; i++) {
		members = 0;
		zones = 0;
		bogus = false;
		for (j = 0; j < hijack->verdict.n_suspects; j++) {
			suspect = &hijack->verdict.suspects[j];
			if (!network_holds(&list->items[i], &suspect->ip))
				continue;
			members++;
			zones |= suspect->zones;
			bogus |= suspect->fate == SUSPECT_BOGUS;
		}
		if (bogus || (members > 2 && __builtin_popcount(zones) > 1))
			list->items[kept++] = list->items[i];
	}
	list->n = kept;
}

/* The addresses of a family, or the ranges that they make. */
static void add_family(struct hijack *hijack, uint8_t family, bool wide)
{
	struct network_list list = {};
	const struct suspect *suspect;
	size_t i;

	for (i = 0; i < hijack->verdict.n_suspects; i++) {
		suspect = &hijack->verdict.suspects[i];
		if (suspect->ip.family == family &&
		    (suspect->fate == SUSPECT_BOGUS ||
		     (wide && suspect->fate == SUSPECT_FEW_ZONES && !*suspect->shared_with)))
			add_single(&list, &suspect->ip);
	}
	if (wide) {
		network_list_aggregate(&list, &hijack->verdict.real);
		keep_agreed(hijack, &list);
	}
	for (i = 0; i < list.n; i++)
		network_list_add(&hijack->networks, &list.items[i]);
	network_list_clear(&list);
}

static unsigned int count_family(const struct hijack *hijack, uint8_t family)
{
	unsigned int n = 0;
	size_t i;

	for (i = 0; i < hijack->verdict.n_suspects; i++)
		n += hijack->verdict.suspects[i].ip.family == family &&
		     hijack->verdict.suspects[i].fate == SUSPECT_BOGUS;
	return n;
}

/* From what was found to what can be written. */
static void choose_networks(struct hijack *hijack)
{
	const struct options *options = hijack->options;
	const char *option = hijack->ignore ? "ignore-address" : "bogus-nxdomain";
	bool dnsmasq = options->format != FORMAT_IPFILTER || options->apply || options->dry_run;
	unsigned int four = count_family(hijack, AF_INET), six = count_family(hijack, AF_INET6);
	bool wide4 = !dnsmasq || takes(hijack, option, "192.0.2.0/24");
	bool wide6 = !dnsmasq || takes(hijack, option, "2001:db8::/64");

	if (hijack->aggregate && ((four > 1 && !wide4) || (six > 1 && !wide6))) {
		if (hijack->dnsmasq.pid)
			note("dnsmasq %s knows no prefixes in %s (2.86 and later do): addresses "
			     "stay single",
			     hijack->dnsmasq.version, option);
		else
			note("no dnsmasq runs here to be asked what %s takes: addresses stay "
			     "single",
			     option);
	}
	add_family(hijack, AF_INET, hijack->aggregate && wide4);
	/* One that does not run is taken for a new one in this. */
	if (!dnsmasq || !hijack->dnsmasq.pid || takes(hijack, option, "2001:db8::1"))
		add_family(hijack, AF_INET6, hijack->aggregate && wide6);
	else if (six)
		note("%u IPv6 addresses are left out: dnsmasq %s knows none in %s (2.86 and "
		     "later do)",
		     six, hijack->dnsmasq.version, option);
	network_list_sort(&hijack->networks);
}

/* Who answered with addresses of the network, for how many names, under which zones. */
static void explain(struct rules *rules, const struct hijack *hijack,
		    const struct network *network)
{
	const struct probe *probe = &hijack->probe;
	uint32_t zones = 0, resolvers = 0;
	char where[400] = "", who[400] = "";
	unsigned int names = 0, addresses = 0, i;

	for (i = 0; i < hijack->verdict.n_suspects; i++) {
		const struct suspect *suspect = &hijack->verdict.suspects[i];

		if (!network_holds(network, &suspect->ip))
			continue;
		names += suspect->names;
		zones |= suspect->zones;
		resolvers |= suspect->resolvers;
		addresses++;
	}
	for (i = 0; i < hijack->n_earlier; i++)
		if (ip_equal(&hijack->earlier[i].network.ip, &network->ip) &&
		    hijack->earlier[i].network.length == network->length) {
			rules_comment(rules, EARLIER "%s", hijack->earlier[i].since);
			return;
		}
	for (i = 0; i < probe->n_zones; i++)
		if (zones & 1U << i && strlen(where) + strlen(probe->zones[i]) < 300)
			sprintf(where + strlen(where), "%s%s", *where ? ", " : "",
				*probe->zones[i] ? probe->zones[i] : ".");
	for (i = 0; i < probe->resolvers.n; i++)
		if (resolvers & 1U << i && strlen(who) < 300)
			sprintf(who + strlen(who), "%s%s", *who ? ", " : "",
				probe->resolvers.items[i].text);
	if (addresses > 1)
		rules_comment(rules, "%s: %u addresses for %u missing names under %s", who,
			      addresses, names, where);
	else
		rules_comment(rules, "%s: for %u missing names under %s", who, names, where);
}

void hijack_write_rules(const struct hijack *hijack, enum format format, struct rules *rules)
{
	const struct network *network;
	size_t i;

	for (i = 0; i < hijack->networks.n; i++) {
		network = &hijack->networks.items[i];
		if (format == FORMAT_IPFILTER) {
			rules_range(rules, network);
			continue;
		}
		explain(rules, hijack, network);
		if (hijack->ignore)
			rules_ignore(rules, network);
		else
			rules_bogus(rules, network);
	}
}

static void add_json_rule(const char *rule, const char *why, void *arg)
{
	json_array_append_new(arg, json_pack("{s:s,s:s}", "rule", rule, "why", why));
}

static void print_rules(const struct hijack *hijack)
{
	struct rules rules = {};
	json_t *object, *list;

	hijack_write_rules(hijack, hijack->options->format, &rules);
	if (hijack->options->format != FORMAT_JSON) {
		fputs(rules.text ?: "", stdout);
	} else {
		object = hijack_json(&hijack->probe, &hijack->verdict);
		list = json_array();
		own_visit_rules(rules.text, add_json_rule, list);
		json_object_set_new(object, "rules", list);
		json_dumpf(object, stdout, JSON_INDENT(2));
		putchar('\n');
		json_decref(object);
	}
	rules_clear(&rules);
}

static int run_hijack(struct hijack *hijack)
{
	const struct options *options = hijack->options;
	int code;

	set_up(hijack);
	if (!hijack->probe.resolvers.n) {
		complain(ENOENT, "no resolver is known here; name some with --resolver");
		return EXIT_FAILED;
	}
	probe_run(&hijack->probe);
	verdict_make(&hijack->verdict, &hijack->probe);
	hijack_show(&hijack->probe, &hijack->verdict);
	hijack_keep_choice(hijack);
	choose_networks(hijack);
	print_rules(hijack);
	if (print_end())
		return EXIT_FAILED;
	if (!has_kind(hijack, RESOLVER_HONEST) && !has_kind(hijack, RESOLVER_HIJACKS) &&
	    !has_kind(hijack, RESOLVER_PORTAL) && !has_kind(hijack, RESOLVER_UNSURE)) {
		complain(ETIMEDOUT, "no resolver says anything about names; is this host online?");
		return EXIT_FAILED;
	}
	if (options->filter) {
		code = filter_put(options->filter, &hijack->networks, options->dry_run);
		if (code)
			return code;
	}
	if (options->apply || options->dry_run) {
		/* To find it took its time, in which others could go on. */
		code = own_begin(options, &hijack->dnsmasq) ?: hijack_put_into_force(hijack);
		apply_end();
		return code;
	}
	if (hijack->networks.n)
		return EXIT_DONE;
	if (!hijack_in_force(hijack))
		return EXIT_NOTHING;
	note("nothing was found, but rules are in force: brokerdns status");
	return EXIT_DONE;
}

int hijack_command(struct options *options)
{
	struct hijack *hijack = must(calloc(1, sizeof(*hijack)));
	int code;

	hijack->options = options;
	code = own_prepare(options, &hijack->dnsmasq);
	if (!code)
		code = run_hijack(hijack);
	dnsmasq_clear(&hijack->dnsmasq);
	probe_clear(&hijack->probe);
	verdict_clear(&hijack->verdict);
	network_list_clear(&hijack->networks);
	free(hijack->earlier);
	free(hijack);
	return code;
}
