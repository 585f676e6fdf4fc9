// SPDX-License-Identifier: GPL-2.0
/* brokertool filter add, del and save: lists are read from the kernel, and written. */

#include <errno.h>
#include <linux/sitbroker.h>
#include <stdio.h>
#include <string.h>

#include "../filter/list.h"
#include "../lib/replace.h"
#include "filter.h"

static int parse_ranges(const struct broker *broker, struct words *words, struct ranges *ranges)
{
	enum list_fault fault;
	const char *word;

	while ((word = words_next(words))) {
		fault = text_range(word, ranges);
		if (fault)
			return usage_error(broker,
					   "range \"%s\": %s; give one such as 192.0.2.1-192.0.2.9, 192.0.2.0/24 or 2001:db8::/32",
					   word, list_fault_text(fault));
	}
	return 0;
}

/* Each range to delete must share an address with the list. Return: 0 or -ENOENT with a refusal. */
static int check_known(struct broker *broker, const char *name, const struct ranges *ranges,
		       const struct ranges *change)
{
	struct refusal *refusal = &broker->kernel.refusal;
	char range[RANGE_STRLEN];
	size_t n;

	n = ranges_strange(ranges, change, range);
	if (!n)
		return 0;
	*refusal = (struct refusal) { .error = ENOENT };
	snprintf(refusal->text, sizeof(refusal->text),
		 "filter list \"%s\" holds nothing of %s (%zu of %zu ranges); nothing was deleted, see brokertool filter test",
		 name, range, n, change->n4 + change->n6);
	return -ENOENT;
}

/*
 * One try. Return: 0, -ESTALE where the list was changed meanwhile, or another
 * negative errno with a refusal.
 */
static int change_list(struct broker *broker, const char *name, const struct ranges *change,
		       bool add)
{
	struct filter_load load = { .name = name, .has_generation = true, .empty = !add };
	struct ranges ranges = {}, rest = {};
	struct merge_counts counts;
	int err;

	err = filter_fetch(&broker->kernel, name, &ranges, &load.generation);
	if (err)
		return err;
	if (!add)
		err = check_known(broker, name, &ranges, change);
	if (err) {
		ranges_free(&ranges);
		return err;
	}
	ranges_append(&rest, change);
	ranges_merge(&rest, &counts);
	/* What is there keeps its labels. */
	if (add) {
		ranges_subtract(&rest, &ranges);
		ranges_append(&ranges, &rest);
		ranges_merge(&ranges, &counts);
	} else {
		ranges_subtract(&ranges, &rest);
	}
	ranges_free(&rest);
	err = filter_send(&broker->kernel, &load, &ranges);
	ranges_free(&ranges);
	return err;
}

int filter_change_command(struct broker *broker, struct words *words, bool add)
{
	const char *name, *verb = add ? "add" : "del";
	struct ranges change = {};
	unsigned int tries;
	int code, err;

	code = filter_name(broker, words, verb, &name);
	if (code)
		return code;
	if (!words->argc)
		return usage_error(broker, "filter %s %s needs a range behind it", verb, name);
	code = parse_ranges(broker, words, &change);
	if (!code) {
		err = -ESTALE;
		for (tries = 0; err == -ESTALE && tries < FILTER_TRIES; tries++)
			err = change_list(broker, name, &change, add);
		code = err ? refused(broker, NULL) : EXIT_OK;
	}
	ranges_free(&change);
	return code;
}

struct saved {
	const char *name;
	const struct ranges *ranges;
};

static void write_list(FILE *file, const void *arg)
{
	const struct saved *saved = arg;

	list_write(file, saved->name, saved->ranges);
}

int filter_save_command(struct broker *broker, struct words *words)
{
	const char *name, *path = "-";
	struct ranges ranges = {};
	uint32_t generation;
	int code, err;

	code = filter_name(broker, words, "save", &name);
	if (code)
		return code;
	if (words->argc)
		path = words_next(words);
	code = words_end(broker, words);
	if (code)
		return code;
	if (filter_fetch(&broker->kernel, name, &ranges, &generation))
		return refused(broker, NULL);
	err = file_replace(path, write_list, &(struct saved) { name, &ranges });
	ranges_free(&ranges);
	return err ? refuse(broker, -err,
			    "filter list \"%s\" cannot be written to %s: %s; give a file that you may write",
			    name, path, strerror(-err)) : EXIT_OK;
}
