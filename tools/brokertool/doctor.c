// SPDX-License-Identifier: GPL-2.0
/* brokertool doctor: what is wrong with this server, why it matters, what mends it. */

#include <linux/sitbroker.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/module.h"
#include "doctor.h"

static const char *const severities[] = { [PROBLEM] = "problem", [NOTE] = "note" };

json_t *finding(struct doctor *doctor, enum severity severity, const char *check, json_t *what,
		const char *why, json_t *command)
{
	json_t *found = json_pack("{s:s,s:s,s:o,s:s,s:o}", "severity", severities[severity],
				  "check", check, "what", what, "why", why, "command", command);

	doctor->problems += severity == PROBLEM;
	json_array_append_new(doctor->findings, found);
	return found;
}

bool is_said(const struct doctor *doctor, const char *command)
{
	json_t *each;
	size_t i;

	json_array_foreach(doctor->findings, i, each)
		if (!strcmp(text_of(each, "command"), command))
			return true;
	return false;
}

static int keep_link(struct broker *broker, const struct item *item, void *arg)
{
	(void)broker;
	json_array_append_new(arg, link_json(item, true));
	return 0;
}

static int keep_pool(struct broker *broker, const struct item *item, void *arg)
{
	(void)broker;
	json_array_append_new(arg, pool_json(item));
	return 0;
}

static int keep_uplink(struct broker *broker, const struct item *item, void *arg)
{
	(void)broker;
	json_array_append_new(arg, uplink_json(item));
	return 0;
}

static void show_finding(struct broker *broker, json_t *finding)
{
	if (broker->brief) {
		printf("%s: %s\n", text_of(finding, "severity"), text_of(finding, "what"));
		return;
	}
	printf("%s: %s\n  why:  %s\n  mend: %s\n\n", text_of(finding, "severity"),
	       text_of(finding, "what"), text_of(finding, "why"), text_of(finding, "command"));
}

static void show(const struct doctor *doctor)
{
	size_t n = json_array_size(doctor->findings), i;
	json_t *each;

	if (doctor->broker->json)
		json_begin(doctor->broker);
	json_array_foreach(doctor->findings, i, each) {
		if (doctor->broker->json)
			json_item(doctor->broker, json_incref(each));
		else
			show_finding(doctor->broker, each);
	}
	if (doctor->broker->json)
		json_end(doctor->broker);
	else
		printf("%u problems, %zu notes\n", doctor->problems, n - doctor->problems);
}

/* All that the module says. Return: 0 or a negative errno. */
static int gather(struct doctor *doctor)
{
	struct broker *broker = doctor->broker;

	return items_dump(broker, SITBROKER_CMD_LINK_GET, 0, SITBROKER_A_LINK, keep_link,
			  doctor->links) ?:
	       items_dump(broker, SITBROKER_CMD_POOL_GET, 0, SITBROKER_A_POOL, keep_pool,
			  doctor->pools) ?:
	       items_dump(broker, SITBROKER_CMD_NDP_GET, 0, SITBROKER_A_UPLINK, keep_uplink,
			  doctor->uplinks);
}

static int examine(struct doctor *doctor)
{
	struct absence absence;

	if (kernel_family(&doctor->broker->kernel)) {
		module_absence(&absence);
		finding(doctor, PROBLEM, "module", json_sprintf("%s", absence.text),
			"without it there are no links, and no tunnel works",
			json_sprintf("%s", absence.command));
		return EXIT_OK;
	}
	if (gather(doctor) || getifaddrs(&doctor->addresses))
		return refused(doctor->broker, NULL);
	examine_links(doctor);
	examine_routes(doctor);
	examine_ipv6(doctor);
	examine_ways(doctor);
	examine_circles(doctor);
	examine_settings(doctor);
	examine_pools(doctor);
	examine_uplinks(doctor);
	examine_firewall(doctor);
	examine_sockets(doctor);
	examine_clients(doctor);
	freeifaddrs(doctor->addresses);
	return EXIT_OK;
}

/* doctor. Return: exit code, 3 where there is a problem. */
int doctor_command(struct broker *broker, struct words *words)
{
	struct doctor doctor = {
		.broker = broker,
		.links = json_array(),
		.pools = json_array(),
		.uplinks = json_array(),
		.findings = json_array(),
	};
	int code = words_end(broker, words);

	if (!code)
		code = examine(&doctor);
	if (!code) {
		/* Notes are for who asks; an alarm is for what does not work. */
		if (!broker->quiet || doctor.problems)
			show(&doctor);
		code = doctor.problems ? EXIT_NOT_FOUND : EXIT_OK;
	}
	free(doctor.views);
	json_decref(doctor.links);
	json_decref(doctor.pools);
	json_decref(doctor.uplinks);
	json_decref(doctor.findings);
	return code;
}
