// SPDX-License-Identifier: GPL-2.0
/* brokerdns filter: lists of the kernel's filter as rules, and what was found as a list. */

#include <errno.h>
#include <linux/sitbroker.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/filter-transfer.h"
#include "../lib/object.h"
#include "../lib/table.h"
#include "apply.h"
#include "brokerdns.h"
#include "complain.h"
#include "file.h"
#include "prefixes.h"
#include "verify.h"

/* dnsmasq compares each address of each answer with each rule, one after the other. */
#define RULES_MAX	10000
#define LABEL		"brokerdns hijack"
/* In front of the name of a list, and of its rules: see name_in_force(). */
#define REASON		"filter list"

static int refused(struct kernel *kernel)
{
	complain(kernel->refusal.error, "%s", kernel->refusal.text);
	kernel_close(kernel);
	return EXIT_FAILED;
}

static void add_networks(struct ranges *ranges, const struct network_list *networks)
{
	uint32_t label = labels_number(&ranges->labels, LABEL, strlen(LABEL));
	struct merge_counts counts;
	size_t i;

	for (i = 0; i < networks->n; i++)
		ranges_add_network(ranges, &networks->items[i], label);
	ranges_merge(ranges, &counts);
}

static int read_action(const struct item *item, void *arg)
{
	struct nlattr *tb[SITBROKER_A_FILTER_MAX + 1];
	uint32_t *action = arg;

	if (!nla_parse_nested(tb, SITBROKER_A_FILTER_MAX, item->nest, NULL) &&
	    tb[SITBROKER_A_FILTER_ACTION])
		*action = nla_get_u32(tb[SITBROKER_A_FILTER_ACTION]);
	return 0;
}

/*
 * Add them to the list, which need not exist. What it holds already keeps its
 * labels. Return: 0, -ESTALE or -EEXIST where somebody else changed or made it
 * meanwhile, or another negative errno with a refusal. @n: ranges that are new;
 * @action: of the list, to which nothing is added where it allows
 */
static int add_once(struct kernel *kernel, const char *name, const struct network_list *networks,
		    bool dry_run, size_t *n, uint32_t *action)
{
	struct filter_load load = { .name = name, .has_generation = true };
	struct ranges ranges = {}, found = {};
	struct merge_counts counts;
	int err;

	err = filter_fetch(kernel, name, &ranges, &load.generation);
	if (err && err != -ENOENT)
		return err;
	if (err)
		load.generation = 0;
	/* Behind the generation: a list that changes its action has another one. */
	else
		err = request_objects(kernel,
				      filter_message(SITBROKER_CMD_FILTER_GET, 0, name),
				      SITBROKER_A_FILTER, read_action, action);
	if (err && err != -ENOENT) {
		ranges_free(&ranges);
		return err;
	}
	if (*action == SITBROKER_FILTER_ACTION_ALLOW) {
		ranges_free(&ranges);
		return 0;
	}
	err = 0;
	add_networks(&found, networks);
	ranges_subtract(&found, &ranges);
	*n = found.n4 + found.n6;
	if (*n && !dry_run) {
		ranges_append(&ranges, &found);
		ranges_merge(&ranges, &counts);
		err = filter_send(kernel, &load, &ranges);
	}
	ranges_free(&ranges);
	ranges_free(&found);
	return err;
}

int filter_put(const char *list, const struct network_list *networks, bool dry_run)
{
	uint32_t action = SITBROKER_FILTER_ACTION_DROP;
	struct kernel kernel;
	unsigned int tries;
	int err = -ESTALE;
	size_t n = 0;

	if (!networks->n)
		return EXIT_DONE;
	if (kernel_open(&kernel))
		return refused(&kernel);
	for (tries = 0; (err == -ESTALE || err == -EEXIST) && tries < FILTER_TRIES; tries++)
		err = add_once(&kernel, list, networks, dry_run, &n, &action);
	if (err)
		return refused(&kernel);
	if (action == SITBROKER_FILTER_ACTION_ALLOW) {
		complain(EINVAL, "filter list \"%s\" says what is allowed; those who lie do not "
				 "belong there: name another list",
			 list);
		kernel_close(&kernel);
		return EXIT_FAILED;
	}
	if (n)
		note("filter list \"%s\": %zu ranges %s added", list, n,
		     dry_run ? "would be" : "were");
	else
		note("filter list \"%s\" holds them already", list);
	kernel_close(&kernel);
	return EXIT_DONE;
}

/*
 * The list as networks, for rules without addresses that stand for something.
 * Return: 0 or an exit code after a complaint.
 */
static int fetch(const char *name, struct network_list *networks, bool for_rules)
{
	uint32_t action = SITBROKER_FILTER_ACTION_DROP, generation;
	struct ranges ranges = {};
	struct kernel kernel;
	size_t i;

	if (kernel_open(&kernel) ||
	    request_objects(&kernel, filter_message(SITBROKER_CMD_FILTER_GET, 0, name),
			    SITBROKER_A_FILTER, read_action, &action) ||
	    filter_fetch(&kernel, name, &ranges, &generation))
		return refused(&kernel);
	kernel_close(&kernel);
	if (action == SITBROKER_FILTER_ACTION_ALLOW) {
		complain(EINVAL, "filter list \"%s\" says what is allowed; as rules it would "
				 "take that away",
			 name);
		ranges_free(&ranges);
		return EXIT_FAILED;
	}
	if (for_rules && ranges_cut_special(&ranges))
		note("addresses of the list that stand for something are left out: loopback, "
		     "link-local and the like");
	for (i = 0; i < ranges.n4; i++)
		prefixes_add4(networks, ranges.v4[i].first, ranges.v4[i].last);
	for (i = 0; i < ranges.n6; i++)
		prefixes_add6(networks, ranges.v6[i].first, ranges.v6[i].last);
	ranges_free(&ranges);
	return 0;
}

/* Leave out what dnsmasq does not take. */
static void keep_fit(struct network_list *networks, const struct dnsmasq *dnsmasq)
{
	bool wide4 = dnsmasq_takes(dnsmasq, "bogus-nxdomain=192.0.2.0/24");
	bool wide6 = dnsmasq_takes(dnsmasq, "bogus-nxdomain=2001:db8::/64");
	bool six = dnsmasq_takes(dnsmasq, "bogus-nxdomain=2001:db8::1");
	size_t i, kept = 0, wide = 0;

	for (i = 0; i < networks->n; i++) {
		const struct network *network = &networks->items[i];
		bool v4 = network->ip.family == AF_INET;

		if ((!v4 && !six) ||
		    (network->length < ip_bits(&network->ip) && !(v4 ? wide4 : wide6)))
			wide++;
		else
			networks->items[kept++] = *network;
	}
	networks->n = kept;
	if (wide)
		note("%zu networks are left out: dnsmasq %s knows no prefixes in bogus-nxdomain "
		     "(2.86 and later do)",
		     wide, dnsmasq->version);
}

static void write_rules(struct rules *rules, const struct network_list *networks,
			enum format format, bool ignore)
{
	size_t i;

	for (i = 0; i < networks->n; i++) {
		if (format == FORMAT_IPFILTER)
			rules_range(rules, &networks->items[i]);
		else if (ignore)
			rules_ignore(rules, &networks->items[i]);
		else
			rules_bogus(rules, &networks->items[i]);
	}
}

static void add_json_rule(const char *rule, const char *why, void *arg)
{
	(void)why;
	json_array_append_new(arg, json_string(rule));
}

static void print_rules(const struct options *options, const char *name,
			const struct rules *rules)
{
	json_t *list, *object;

	if (options->format != FORMAT_JSON) {
		fputs(rules->text ?: "", stdout);
		return;
	}
	list = json_array();
	own_visit_rules(rules->text, add_json_rule, list);
	object = json_pack("{s:s,s:o}", "filter", name, "rules", list);
	json_dumpf(object, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(object);
}

/* What is in force, to be freed; NULL where there is no file. */
static char *text_in_force(const struct dnsmasq *dnsmasq)
{
	char path[PATH_SIZE + 64];

	if (!*dnsmasq->conf_dir)
		return NULL;
	return file_read(own_path(dnsmasq, "filter", path, sizeof(path)));
}

/* The list that it comes from, "" where it does not say so. */
static void name_in_force(const char *text, char name[SITBROKER_NAME_MAX + 1])
{
	const char *line = text ? strstr(text, "\n# " REASON " ") : NULL;

	*name = '\0';
	if (line)
		snprintf(name, SITBROKER_NAME_MAX + 1, "%.*s",
			 (int)strcspn(line + strlen("\n# " REASON " "), "\n "),
			 line + strlen("\n# " REASON " "));
}

/* Return: exit code. */
static int put_into_force(const struct options *options, const char *name,
			  struct dnsmasq *dnsmasq, const struct network_list *networks,
			  bool ignore)
{
	struct verify *verify = must(calloc(1, sizeof(*verify)));
	char path[PATH_SIZE + 64], *before = text_in_force(dnsmasq);
	char name_before[SITBROKER_NAME_MAX + 1];
	struct changes changes = {};
	struct rules rules = {};
	int code = EXIT_DONE;

	name_in_force(before, name_before);
	/* Of a list that is empty the name stays, for the next time. */
	if (networks->n || before) {
		rules_comment(&rules, "Written by brokerdns filter, which writes it anew: do not "
				      "edit.");
		rules_comment(&rules, REASON " %s of the kernel", name);
		write_rules(&rules, networks, FORMAT_DNSMASQ, ignore);
	}
	if (!own_same_rules(before, rules.text) || (before && strcmp(name_before, name)))
		changes_add(&changes, dnsmasq, own_path(dnsmasq, "filter", path, sizeof(path)),
			    rules.text);
	if (!changes.n) {
		code = rules.n ? EXIT_DONE : EXIT_NOTHING;
	} else if (options->dry_run) {
		changes_show(&changes);
		code = changes_try(&changes, dnsmasq) ? EXIT_FAILED : EXIT_DONE;
	} else {
		/* Not those that the list is meant to hide. */
		verify->networks = networks;
		verify_note_known(verify, dnsmasq, NULL);
		code = changes_apply(&changes, dnsmasq, verify_run, verify) ? EXIT_FAILED :
		       EXIT_DONE;
		if (!code)
			note("%s is in force: %u rules", path, rules.n);
	}
	rules_clear(&rules);
	changes_clear(&changes);
	free(before);
	free(verify);
	return code;
}

/* @before: what is in force */
static int run_list(const struct options *options, const char *name, struct dnsmasq *dnsmasq,
		    const char *before)
{
	bool ignore = options->ignore || ((options->apply || options->dry_run) &&
					  own_ignores(before));
	struct network_list networks = {};
	struct rules rules = {};
	int code;

	code = fetch(name, &networks, options->format != FORMAT_IPFILTER || options->apply ||
		     options->dry_run);
	if (code)
		return code;
	/* Written for whoever takes all of it where nobody is here to be asked. */
	if (dnsmasq->pid && options->format != FORMAT_IPFILTER)
		keep_fit(&networks, dnsmasq);
	write_rules(&rules, &networks, options->format, ignore);
	print_rules(options, name, &rules);
	rules_clear(&rules);
	code = networks.n ? EXIT_DONE : EXIT_NOTHING;
	if (print_end()) {
		code = EXIT_FAILED;
	} else if ((options->apply || options->dry_run) && networks.n > RULES_MAX) {
		complain(E2BIG, "filter list \"%s\" makes %zu rules, and dnsmasq would compare "
				"each answer with all of them; %u are the most that --apply takes",
			 name, networks.n, RULES_MAX);
		code = EXIT_FAILED;
	} else if (options->apply || options->dry_run) {
		code = own_begin(options, dnsmasq) ?:
		       put_into_force(options, name, dnsmasq, &networks, ignore);
		apply_end();
	} else if (code == EXIT_NOTHING && !own_same_rules(before, NULL)) {
		note("the list makes no rule, but rules are in force: brokerdns status");
		code = EXIT_DONE;
	}
	network_list_clear(&networks);
	return code;
}

static int run_filter(const struct options *options, struct dnsmasq *dnsmasq)
{
	char name[SITBROKER_NAME_MAX + 1], *before = text_in_force(dnsmasq);
	int code = EXIT_NOTHING;

	name_in_force(before, name);
	if (options->n_words)
		code = run_list(options, options->words[0], dnsmasq, before);
	else if (*name)
		code = run_list(options, name, dnsmasq, before);
	else
		note("no list was named, and none is in force to be written again");
	free(before);
	return code;
}

int filter_command(struct options *options)
{
	struct dnsmasq dnsmasq = {};
	int code;

	code = own_prepare(options, &dnsmasq);
	if (!code)
		code = run_filter(options, &dnsmasq);
	dnsmasq_clear(&dnsmasq);
	return code;
}
