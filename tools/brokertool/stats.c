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

int stats_command(struct broker *broker, struct words *words)
{
	static const char *const verbs[] = { "show", NULL };
	static const char *const keys[] = { "client", "dev", NULL };
	const char *client = NULL;
	uint32_t ifindex = 0;
	int code, err;

	if (verb_parse(broker, words, "stats", verbs) < 0)
		return EXIT_USAGE;
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
	if (client)
		return client_show(broker, client, ifindex);

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
