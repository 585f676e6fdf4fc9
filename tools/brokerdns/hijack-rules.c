// SPDX-License-Identifier: GPL-2.0
/* brokerdns hijack: its rules in force, what becomes of them, and of those that follow. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../lib/table.h"
#include "apply.h"
#include "complain.h"
#include "content.h"
#include "file.h"
#include "hijack.h"
#include "verify.h"

/* Some addresses take turns by the day. One that was not seen for so long is no lie any more. */
#define EARLIER_DAYS	14

static void see_range(const char *rule, const char *why, void *arg)
{
	const char *value = strchr(rule, '=');
	struct network network;

	(void)why;
	*(bool *)arg |= value && !network_parse(value + 1, &network) &&
			network.length < ip_bits(&network.ip);
}

void hijack_keep_choice(struct hijack *hijack)
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

/**
 * struct old_rules - those in force
 * @hijack: the invocation
 * @n: how many
 * @n_shared: those whose address a name that exists has
 * @others: the others, as they are
 */
struct old_rules {
	struct hijack *hijack;
	unsigned int n;
	unsigned int n_shared;
	struct rules others;
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

static bool is_shared(const struct hijack *hijack, const struct network *network)
{
	size_t i;

	for (i = 0; i < hijack->verdict.real.n; i++)
		if (network_holds(network, &hijack->verdict.real.items[i].ip))
			return true;
	return content_network(&network->ip);
}

/* Where nothing certain was found, all that is not certain stays. */
static void keep_unshared_rule(const char *rule, const char *why, void *arg)
{
	const char *value = strchr(rule, '=');
	struct old_rules *old = arg;
	struct network network;

	old->n++;
	if (!value || network_parse(value + 1, &network))
		return;
	if (is_shared(old->hijack, &network)) {
		old->n_shared++;
		return;
	}
	rules_comment(&old->others, "%s", why);
	if (!strncmp(rule, "ignore-address=", 15))
		rules_ignore(&old->others, &network);
	else
		rules_bogus(&old->others, &network);
	network_list_add(&old->hijack->networks, &network);
}

/* Some addresses take turns by the day: what is in force stays a while, if there are lies. */
static void keep_old_rule(const char *rule, const char *why, void *arg)
{
	const char *value = strchr(rule, '=');
	struct old_rules *old = arg;
	struct network network;
	size_t i;

	old->n++;
	if (!value || network_parse(value + 1, &network) || is_shared(old->hijack, &network))
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
	for (i = 0; i < hijack->verdict.n_suspects; i++) {
		const struct suspect *suspect = &hijack->verdict.suspects[i];

		if (suspect->fate == SUSPECT_BOGUS)
			lies |= suspect->zones;
		/* Lies that got no rule take turns with the others: next time under any zone. */
		else if (hijack->networks.n && (suspect->fate == SUSPECT_SPECIAL ||
						suspect->fate == SUSPECT_SHARED))
			wildcards = ~0U;
		else if (suspect->fate != SUSPECT_PORTAL)
			wildcards |= suspect->zones;
	}
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

/* When nothing certain was found, those in force stay, but for those that are surely wrong. */
static bool rules_stay(struct hijack *hijack, const struct old_rules *old)
{
	bool honest = hijack_all_honest(hijack);

	if (honest && hijack_upstreams_honest(hijack)) {
		network_list_clear(&hijack->networks);
		return false;
	}
	if (old->n)
		note("%s; the %u rules in force stay", honest ?
		     "not everybody whom dnsmasq asks was found honest" :
		     "nothing certain was found", old->n - old->n_shared);
	if (old->n_shared)
		note("%u rules go: names that exist have their addresses", old->n_shared);
	return true;
}

/* The file as it shall be. Return: there were rules, or are some. */
static bool make_rules(struct hijack *hijack, const char *before, struct rules *rules)
{
	struct old_rules old = { .hijack = hijack };
	bool found = hijack->networks.n, stay;

	own_visit_rules(before, found ? keep_old_rule : keep_unshared_rule, &old);
	stay = !found && rules_stay(hijack, &old);
	rules_comment(rules, "Written by brokerdns hijack, which writes it anew: do not edit.");
	if (found) {
		network_list_sort(&hijack->networks);
		hijack_write_rules(hijack, FORMAT_DNSMASQ, rules);
	} else if (stay) {
		rules_append(rules, &old.others);
	}
	if (!rules->n)
		rules_clear(rules);
	if (old.n && !rules->n && !stay)
		note("nobody lies any more: the rules in force are taken out");
	rules_clear(&old.others);
	return old.n || rules->n;
}

static int make_changes(struct hijack *hijack, struct changes *changes, const char *path)
{
	struct verify *verify;
	int err;

	if (hijack->options->dry_run) {
		changes_show(changes);
		return changes_try(changes, &hijack->dnsmasq) ? EXIT_FAILED : EXIT_DONE;
	}
	verify = must(calloc(1, sizeof(*verify)));
	note_names(hijack, verify, &hijack->dnsmasq);
	err = changes_apply(changes, &hijack->dnsmasq, verify_run, verify);
	free(verify);
	if (!err)
		note("%s is in force", path);
	return err ? EXIT_FAILED : EXIT_DONE;
}

int hijack_put_into_force(struct hijack *hijack)
{
	char path[PATH_SIZE + 64], *before;
	bool found = hijack->networks.n;
	struct changes changes = {};
	struct rules rules = {};
	int code = EXIT_DONE;

	own_path(&hijack->dnsmasq, "hijack", path, sizeof(path));
	before = file_read(path);
	if (!make_rules(hijack, before, &rules)) {
		code = EXIT_NOTHING;
	} else if (!own_same_rules(before, rules.text)) {
		changes_add(&changes, &hijack->dnsmasq, path, rules.text);
		code = make_changes(hijack, &changes, path);
	} else if (hijack->options->apply && found) {
		note("the rules are in force already");
		if (!same_earlier(before, rules.text) && changes_reword(path, rules.text))
			code = EXIT_FAILED;
	}
	rules_clear(&rules);
	changes_clear(&changes);
	free(before);
	return code;
}

bool hijack_in_force(const struct hijack *hijack)
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
