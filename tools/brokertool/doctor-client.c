// SPDX-License-Identifier: GPL-2.0
/* brokertool doctor: clients, and when each was last heard of. */

#include <linux/sitbroker.h>
#include <stdio.h>
#include <string.h>

#include "doctor.h"

/* Of many clients people are told the first few. */
#define CLIENTS_NAMED	5

/* Who was silent for longer may be gone. */
#define SILENT_MS	(7 * 24 * 3600 * 1000LL)

/**
 * struct kind - clients of one kind
 * @clients: all of them: name, last_received_ms
 * @names: the first few
 * @n: how many
 */
struct kind {
	json_t *clients;
	char names[CLIENTS_NAMED * (SITBROKER_NAME_MAX + AGE_STRLEN + 5) + 1];
	unsigned int n;
};

/**
 * struct silence - clients that something is said about
 * @doctor: the examination
 * @link: the link that the last client was of
 * @unknown: have no endpoint
 * @never: were never heard of
 * @long_ago: were not for long
 * @refused: are such that an ICMP error was the last thing heard
 * @large: have an MTU that is too large here
 */
struct silence {
	struct doctor *doctor;
	struct link_info link;
	struct kind unknown;
	struct kind never;
	struct kind long_ago;
	struct kind refused;
	struct kind large;
};

const char *age_text(json_int_t ms, char text[AGE_STRLEN])
{
	static const struct {
		json_int_t seconds;
		const char *unit;
	} units[] = { { 24 * 3600, "d" }, { 3600, "h" }, { 60, "min" }, { 1, "s" } };
	json_int_t seconds = ms / 1000;
	unsigned int i;

	for (i = 0; i < 3 && seconds < units[i].seconds; i++)
		;
	snprintf(text, AGE_STRLEN, "%lld %s", (long long)(seconds / units[i].seconds),
		 units[i].unit);
	return text;
}

/* @age_ms: how long ago that was, which people are told; -1 for nothing */
static void add_client(struct kind *kind, json_t *client, json_int_t age_ms)
{
	json_t *last = json_object_get(client, "last_received_ms");
	size_t at = strlen(kind->names);
	char age[AGE_STRLEN];

	if (!kind->clients)
		kind->clients = json_array();
	json_array_append_new(kind->clients,
			      json_pack("{s:O,s:O?}", "name", json_object_get(client, "name"),
					"last_received_ms", last));
	if (kind->n++ >= CLIENTS_NAMED)
		return;
	at += snprintf(kind->names + at, sizeof(kind->names) - at, "%s%s", at ? ", " : "",
		       text_of(client, "name"));
	if (age_ms >= 0)
		snprintf(kind->names + at, sizeof(kind->names) - at, " (%s)",
			 age_text(age_ms, age));
}

/* @mtu: of the device below, 0 where nobody knows */
static void judge(struct silence *silence, json_t *client, int mtu)
{
	json_t *last = json_object_get(client, "last_received_ms");
	json_t *error = json_object_get(client, "error");

	if (!json_is_true(json_object_get(client, "mtu_auto")) && mtu &&
	    number_of(client, "mtu") + 20 > mtu)
		add_client(&silence->large, client, -1);
	if (!strcmp(text_of(client, "state"), "disabled"))
		;
	else if (!text_of(client, "endpoint"))
		add_client(&silence->unknown, client, -1);
	else if (json_is_object(error) &&
		 (!json_is_integer(last) || number_of(error, "age_ms") < json_integer_value(last)))
		add_client(&silence->refused, client, number_of(error, "age_ms"));
	else if (!json_is_integer(last))
		add_client(&silence->never, client, -1);
	else if (json_integer_value(last) > SILENT_MS)
		add_client(&silence->long_ago, client, json_integer_value(last));
}

static int visit_client(struct broker *broker, const struct item *item, void *arg)
{
	struct silence *silence = arg;
	const char *device;
	json_t *client;

	if (silence->link.ifindex != item->ifindex &&
	    link_info_get(broker, item->ifindex, &silence->link))
		return 0;
	client = client_json(item, &silence->link);
	device = device_of(silence->doctor, silence->link.local);
	judge(silence, client, device ? device_mtu(device) : 0);
	json_decref(client);
	return 0;
}

/* @command: up to the name of a client, and what stands behind that */
static void report(struct doctor *doctor, struct kind *kind, const char *check,
		   const char *what, const char *why, const char *command, const char *rest)
{
	json_t *found;

	if (!kind->n)
		return;
	found = finding(doctor, NOTE, check,
			json_sprintf("%u clients %s: %s%s", kind->n, what, kind->names,
				     kind->n > CLIENTS_NAMED ? ", and more" : ""),
			why, json_sprintf("brokertool %s %s%s", command,
					  text_of(json_array_get(kind->clients, 0), "name"), rest));
	json_object_set_new(found, "clients", kind->clients);
	kind->clients = NULL;
}

static void report_clients(struct doctor *doctor, struct silence *silence)
{
	report(doctor, &silence->unknown, "endpoint", "have no endpoint",
	       "nothing can be sent to them", "client set", " endpoint ADDRESS");
	report(doctor, &silence->refused, "refused",
	       "refuse packets, or a router on the way does, last so long ago",
	       "their tunnel is not set up, or protocol 41 does not pass", "client show", "");
	report(doctor, &silence->never, "heard", "were never heard of",
	       "their tunnel is not set up, or protocol 41 does not pass", "client config", "");
	report(doctor, &silence->long_ago, "heard", "were not heard of for a week or longer",
	       "they may have another address now, or be gone", "client show", "");
	report(doctor, &silence->large, "mtu",
	       "have an MTU that their packets do not fit into here",
	       "packets to them are fragmented", "client set", " mtu auto");
}

void examine_clients(struct doctor *doctor)
{
	struct silence silence = { .doctor = doctor };

	items_dump(doctor->broker, SITBROKER_CMD_CLIENT_GET, 0, SITBROKER_A_CLIENT, visit_client,
		   &silence);
	report_clients(doctor, &silence);
}
