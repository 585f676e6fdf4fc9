// SPDX-License-Identifier: GPL-2.0
/* brokertool stats */

#include <stdio.h>
#include <string.h>

#include <linux/sitbroker.h>

#include "brokertool.h"

static int show_link(struct broker *broker, const struct item *item, void *arg)
{
	json_t *link = link_json(item, true);
	struct record *record;
	(void)arg;

	if (broker->json) {
		json_item(broker, link);
		return 0;
	}
	record = record_new(broker);
	record_add(record, "Link", "%s", json_string_value(json_object_get(link, "name")));
	counters_record(record, link);
	record_print(record);
	json_decref(link);
	return 0;
}

/* Counters of one link, or of all. Return: exit code. */
static int links_show(struct broker *broker, uint32_t ifindex)
{
	int err;

	if (broker->json)
		json_begin(broker);
	if (ifindex)
		err = items_visit(broker, change_message(SITBROKER_CMD_LINK_GET, ifindex),
				  SITBROKER_A_LINK, show_link, NULL);
	else
		err = items_dump(broker, SITBROKER_CMD_LINK_GET, 0, SITBROKER_A_LINK, show_link,
				 NULL);
	if (broker->json)
		json_end(broker);
	return err ? refused(broker, NULL) : EXIT_OK;
}

static int stats_show(struct broker *broker, struct words *words)
{
	static const char *const keys[] = { "client", "dev", NULL };
	const char *client = NULL;
	uint32_t ifindex = 0;
	int code;

	while (words->argc) {
		switch (key_parse(broker, words, keys)) {
		case 0:
			if (value_next(broker, words, "client", &client))
				return EXIT_USAGE;
			break;
		case 1:
			code = device_next(broker, words, "dev", &ifindex);
			if (code)
				return code;
			break;
		default:
			return EXIT_USAGE;
		}
	}
	return client ? client_show(broker, client, ifindex) : links_show(broker, ifindex);
}

int stats_command(struct broker *broker, struct words *words)
{
	static const char *const verbs[] = { "show", "errors", "prom", NULL };
	uint32_t ifindex = 0;
	int code;

	switch (verb_parse(broker, words, "stats", verbs)) {
	case 0:
		return stats_show(broker, words);
	case 1:
		code = device_only(broker, words, &ifindex);
		return code ?: errors_show(broker, ifindex);
	case 2:
		return prometheus_command(broker, words);
	}
	return EXIT_USAGE;
}
