// SPDX-License-Identifier: GPL-2.0
/* brokerdns hijack: addresses that stand for names which do not exist. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../lib/table.h"
#include "apply.h"
#include "brokerdns.h"
#include "complain.h"
#include "content.h"
#include "file.h"
#include "verdict.h"
#include "verify.h"

/* Some addresses take turns by the day. One that was not seen for so long is no lie any more. */
#define EARLIER_DAYS	14
#define EARLIER		"found earlier, not seen since "
#define DATE_SIZE	11

/**
 * struct earlier - what has a rule in force, and was not seen this time
 * @network: it
 * @since: the day when it was not seen for the first time, "2026-11-27"
 */
struct earlier {
	struct network network;
	char since[DATE_SIZE];
};

/**
 * struct hijack - an invocation
 * @options: what was asked for
 * @dnsmasq: the one in question
 * @probe: the experiment
 * @verdict: what it shows
 * @networks: what becomes rules
 * @earlier: those of @networks that were not seen this time
 * @n_earlier: how many
 * @ignore: ignore-address in the place of bogus-nxdomain
 * @aggregate: addresses that take turns become a range
 */
struct hijack {
	const struct options *options;
	struct dnsmasq dnsmasq;
	struct probe probe;
	struct verdict verdict;
	struct network_list networks;
	struct earlier *earlier;
	size_t n_earlier;
	bool ignore;
	bool aggregate;
};

static bool has_kind(const struct hijack *hijack, enum resolver_kind kind)
{
	unsigned int r;

	for (r = 0; r < hijack->probe.resolvers.n; r++)
		if (hijack->verdict.resolvers[r].kind == kind)
			return true;
	return false;
}

/* Everybody who says anything says that missing names are missing. */
static bool all_honest(const struct hijack *hijack)
{
	return has_kind(hijack, RESOLVER_HONEST) && !has_kind(hijack, RESOLVER_HIJACKS) &&
	       !has_kind(hijack, RESOLVER_PORTAL) && !has_kind(hijack, RESOLVER_UNSURE);
}

/* Each of those that dnsmasq asks has been asked, and was honest. */
static bool upstreams_honest(const struct hijack *hijack)
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

static void write_rules(const struct hijack *hijack, enum format format, struct rules *rules)
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

	write_rules(hijack, hijack->options->format, &rules);
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

static void see_range(const char *rule, const char *why, void *arg)
{
	const char *value = strchr(rule, '=');
	struct network network;

	(void)why;
	*(bool *)arg |= value && !network_parse(value + 1, &network) &&
			network.length < ip_bits(&network.ip);
}

/* What was chosen for the rules in force goes on for those that follow, until revert. */
static void keep_choice(struct hijack *hijack)
{
	const struct options *options = hijack->options;
	char path[PATH_SIZE + 64], *text;

	hijack->ignore = options->ignore;
	hijack->aggregate = options->aggregate;
	if (!options->apply && !options->dry_run)
		return;
	text = file_read(own_path(&hijack->dnsmasq, "hijack", path, sizeof(path)));
	hijack->ignore |= own_ignores(text);
	own_visit_rules(text, see_range, &hijack->aggregate);
	free(text);
	if (hijack->ignore != options->ignore || hijack->aggregate != options->aggregate)
		note("as the rules in force were chosen:%s%s",
		     hijack->ignore ? " --ignore-address" : "",
		     hijack->aggregate ? " --aggregate" : "");
}

struct old_rules {
	struct hijack *hijack;
	unsigned int n;
};

/* What a range holds needs no rule of its own. */
static void drop_inside(struct network_list *list, const struct network *range)
{
	size_t i, kept = 0;

	for (i = 0; i < list->n; i++)
		if (list->items[i].length < range->length ||
		    !network_holds(range, &list->items[i].ip))
			list->items[kept++] = list->items[i];
	list->n = kept;
}

/* Was any lie seen there this time? */
static bool is_seen(const struct hijack *hijack, const struct network *network)
{
	const struct suspect *suspect;
	size_t i;

	for (i = 0; i < hijack->verdict.n_suspects; i++) {
		suspect = &hijack->verdict.suspects[i];
		if (network_holds(network, &suspect->ip) && !*suspect->shared_with &&
		    (suspect->fate == SUSPECT_BOGUS || suspect->fate == SUSPECT_FEW_ZONES))
			return true;
	}
	return false;
}

static void today(char date[DATE_SIZE])
{
	time_t now = time(NULL);
	struct tm tm;

	strftime(date, DATE_SIZE, "%Y-%m-%d", gmtime_r(&now, &tm));
}

/* How many days ago was that? Who has no date counts from today. */
static long days_since(const char *date)
{
	struct tm tm = {};

	if (sscanf(date, "%d-%d-%d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday) != 3)
		return 0;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	return (time(NULL) - timegm(&tm)) / (24 * 60 * 60);
}

/* What has a rule and was not seen: since when? False where that is too long ago. */
static bool note_earlier(struct hijack *hijack, const struct network *network, const char *why)
{
	struct earlier *earlier;
	char text[NETWORK_STRLEN];

	hijack->earlier = must(realloc(hijack->earlier, (hijack->n_earlier + 1) *
				       sizeof(*hijack->earlier)));
	earlier = &hijack->earlier[hijack->n_earlier];
	earlier->network = *network;
	if (!strncmp(why, EARLIER, strlen(EARLIER)))
		snprintf(earlier->since, DATE_SIZE, "%s", why + strlen(EARLIER));
	else
		today(earlier->since);
	if (days_since(earlier->since) > EARLIER_DAYS) {
		note("%s was not seen since %s: its rule goes", network_text(network, text),
		     earlier->since);
		return false;
	}
	hijack->n_earlier++;
	return true;
}

/* Some addresses take turns by the day: what is in force stays a while, if there are lies. */
static void keep_old_rule(const char *rule, const char *why, void *arg)
{
	const char *value = strchr(rule, '=');
	struct old_rules *old = arg;
	struct network network;
	size_t i;

	old->n++;
	if (!value || network_parse(value + 1, &network) || content_network(&network.ip))
		return;
	for (i = 0; i < old->hijack->verdict.real.n; i++)
		if (network_holds(&network, &old->hijack->verdict.real.items[i].ip))
			return;
	for (i = 0; i < old->hijack->networks.n; i++)
		if (network_holds(&old->hijack->networks.items[i], &network.ip) &&
		    old->hijack->networks.items[i].length <= network.length)
			return;
	if (!is_seen(old->hijack, &network) && !note_earlier(old->hijack, &network, why))
		return;
	drop_inside(&old->hijack->networks, &network);
	network_list_add(&old->hijack->networks, &network);
}

static void add_earlier(const char *rule, const char *why, void *arg)
{
	if (!strncmp(why, EARLIER, strlen(EARLIER)))
		fprintf(arg, "%s %s\n", rule, why);
}

/* Do two files agree on what was not seen any more, and since when? */
static bool same_earlier(const char *a, const char *b)
{
	char *x = NULL, *y = NULL;
	size_t x_size, y_size;
	FILE *stream;
	bool same;

	stream = must(open_memstream(&x, &x_size));
	own_visit_rules(a, add_earlier, stream);
	fclose(stream);
	stream = must(open_memstream(&y, &y_size));
	own_visit_rules(b, add_earlier, stream);
	fclose(stream);
	same = !strcmp(must(x), must(y));
	free(x);
	free(y);
	return same;
}

static void note_names(const struct hijack *hijack, struct verify *verify,
		       struct dnsmasq *dnsmasq)
{
	const struct probe *probe = &hijack->probe;
	static char names[VERIFY_NAMES][NAME_SIZE];
	uint32_t wildcards = 0, lies = 0, zones;
	unsigned int n = 0, zone;
	size_t i, j;

	for (i = 0; i < probe->n_sights && n < VERIFY_NAMES; i++) {
		const struct query *query = &probe->queries.items[i];

		if (probe->sights[i].kind != SIGHT_CONTROL || !query_has_addresses(query))
			continue;
		for (j = 0; j < hijack->networks.n; j++)
			if (network_holds(&hijack->networks.items[j], &query->answer.ips[0]))
				break;
		if (j == hijack->networks.n && (!n || strcmp(names[n - 1], query->name)))
			snprintf(names[n++], NAME_SIZE, "%s", query->name);
	}
	verify->networks = &hijack->networks;
	verify_note(verify, dnsmasq, names, n);
	for (i = 0; i < probe->resolvers.n; i++)
		wildcards |= hijack->verdict.resolvers[i].wildcards;
	for (i = 0; i < hijack->verdict.n_suspects; i++)
		if (hijack->verdict.suspects[i].fate == SUSPECT_BOGUS)
			lies |= hijack->verdict.suspects[i].zones;
		else if (hijack->verdict.suspects[i].fate != SUSPECT_PORTAL)
			wildcards |= hijack->verdict.suspects[i].zones;
	/* When rules go, nothing may lie; else where there were lies, and nothing but lies. */
	zones = (hijack->networks.n ? lies : ~0U) & ~wildcards;
	verify->only_networks = !zones;
	if (!zones)
		zones = lies;
	for (zone = 0; zone < probe->n_zones; zone++)
		if (zones & 1U << zone)
			snprintf(verify->missing[verify->n_missing++], NAME_SIZE, "%s",
				 probe->zones[zone]);
	if (verify->only_networks)
		note("missing names have other addresses as well: what is checked is that they "
		     "have none with a rule any more");
}

/* Put the rules into force, or show what that would change. Return: exit code. */
static int put_into_force(struct hijack *hijack)
{
	char path[PATH_SIZE + 64], *before;
	struct changes changes = {};
	struct verify *verify = must(calloc(1, sizeof(*verify)));
	struct old_rules old = { hijack, 0 };
	struct rules rules = {};
	bool found;
	int err = 0;

	own_path(&hijack->dnsmasq, "hijack", path, sizeof(path));
	before = file_read(path);
	found = hijack->networks.n;
	own_visit_rules(before, keep_old_rule, &old);
	if (!found) {
		network_list_clear(&hijack->networks);
	} else {
		network_list_sort(&hijack->networks);
		rules_comment(&rules, "Written by brokerdns hijack, which writes it anew: do not "
				      "edit.");
		write_rules(hijack, FORMAT_DNSMASQ, &rules);
	}
	if (!old.n && !rules.n) {
		err = EXIT_NOTHING;
	} else if (!rules.n && !all_honest(hijack)) {
		note("nothing certain was found; the %u rules in force stay", old.n);
	} else if (!rules.n && !upstreams_honest(hijack)) {
		note("not everybody whom dnsmasq asks was found honest; the %u rules in force stay",
		     old.n);
	} else if (!own_same_rules(before, rules.text)) {
		if (!rules.n)
			note("nobody lies any more: the rules in force are taken out");
		changes_add(&changes, &hijack->dnsmasq, path, rules.text);
	} else if (hijack->options->apply) {
		note("the rules are in force already");
		if (!same_earlier(before, rules.text) && changes_reword(path, rules.text))
			err = EXIT_FAILED;
	}
	if (err || !changes.n) {
		;
	} else if (hijack->options->dry_run) {
		changes_show(&changes);
		err = changes_try(&changes, &hijack->dnsmasq) ? EXIT_FAILED : 0;
	} else {
		note_names(hijack, verify, &hijack->dnsmasq);
		err = changes_apply(&changes, &hijack->dnsmasq, verify_run, verify) ?
		      EXIT_FAILED : 0;
		if (!err)
			note("%s is in force", path);
	}
	rules_clear(&rules);
	changes_clear(&changes);
	free(before);
	free(verify);
	return err;
}

static bool anything_in_force(const struct hijack *hijack)
{
	char path[PATH_SIZE + 64], *text;
	bool in_force;

	if (!*hijack->dnsmasq.conf_dir)
		return false;
	text = file_read(own_path(&hijack->dnsmasq, "hijack", path, sizeof(path)));
	in_force = !own_same_rules(text, NULL);
	free(text);
	return in_force;
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
	keep_choice(hijack);
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
		code = filter_put(options->filter, &hijack->networks);
		if (code)
			return code;
	}
	if (options->apply || options->dry_run) {
		/* To find it took its time, in which others could go on. */
		code = own_begin(options, &hijack->dnsmasq) ?: put_into_force(hijack);
		apply_end();
		return code;
	}
	if (hijack->networks.n)
		return EXIT_DONE;
	if (!anything_in_force(hijack))
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
