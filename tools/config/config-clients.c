// SPDX-License-Identifier: GPL-2.0
/*
 * What makes the clients of the kernel equal to those of a configuration.
 *
 * A client keeps its prefixes for life: where they change it is made anew. One
 * to which the configuration does not give any keeps those that it has, or had.
 */

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config-plan.h"

static int compare_addresses(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct in6_addr));
}

static void note_piece(struct in6_addr **pieces, size_t *n, const struct in6_addr *piece)
{
	*pieces = config_grow(*pieces, *n, sizeof(**pieces));
	(*pieces)[(*n)++] = *piece;
}

static bool noted(const struct in6_addr *pieces, size_t n, const struct in6_addr *piece)
{
	return n && bsearch(piece, pieces, n, sizeof(*pieces), compare_addresses);
}

/* Pieces of one pool are the same where they begin with the same address. */
static void note_asked(struct comparison *c)
{
	size_t i;
	unsigned int j;

	for (i = 0; i < c->wanted->n_clients; i++) {
		const struct config_client *client = &c->wanted->clients[i];

		if (client->has_pair)
			note_piece(&c->asked, &c->n_asked, &client->pair);
		for (j = 0; j < client->n_routed; j++)
			note_piece(&c->asked, &c->n_asked, &client->routed[j].address);
	}
	if (c->n_asked)
		qsort(c->asked, c->n_asked, sizeof(*c->asked), compare_addresses);
}

/* Is a prefix in a running pool that goes? */
static bool in_leaving(const struct comparison *c, const struct in6_addr *address)
{
	size_t i;

	for (i = 0; i < c->running->n_pools; i++)
		if (prefix_holds(&c->running->pools[i].prefix, address))
			return c->leaves[i];
	return true;
}

static bool same_routed(const struct config_client *a, const struct config_client *b)
{
	unsigned int i, j;

	if (a->n_routed != b->n_routed)
		return false;
	for (i = 0; i < a->n_routed; i++) {
		for (j = 0; j < b->n_routed && !prefix_is(&a->routed[i], &b->routed[j]); j++)
			;
		if (j == b->n_routed)
			return false;
	}
	return true;
}

/* Can a running client become the one that shall be, or must it be made anew? */
static bool can_stay(const struct comparison *c, const struct config_client *is,
		     const struct config_client *shall)
{
	unsigned int i;

	if (in_leaving(c, &is->pair))
		return false;
	for (i = 0; i < is->n_routed; i++)
		if (in_leaving(c, &is->routed[i].address))
			return false;
	if (shall->has_pair && memcmp(&shall->pair, &is->pair, sizeof(is->pair)))
		return false;
	if (shall->has_routed && !same_routed(is, shall))
		return false;
	/* What it was given may be asked for by another one now. */
	if (!shall->has_pair && noted(c->asked, c->n_asked, &is->pair))
		return false;
	for (i = 0; !shall->has_routed && i < is->n_routed; i++)
		if (noted(c->asked, c->n_asked, &is->routed[i].address))
			return false;
	return true;
}

void find_staying(struct comparison *c)
{
	const struct config_client *const *shall, *is;
	size_t i;
	unsigned int j;

	note_asked(c);
	c->by_name = config_by_name(c->running);
	c->wanted_by_name = config_by_name(c->wanted);
	c->stays = must(calloc(c->running->n_clients + 1, sizeof(*c->stays)));
	for (i = 0; i < c->running->n_clients; i++) {
		is = c->by_name[i];
		shall = config_find(c->wanted_by_name, c->wanted->n_clients, is->name);
		c->stays[i] = shall && can_stay(c, is, *shall);
		if (!c->stays[i])
			continue;
		note_piece(&c->held, &c->n_held, &is->pair);
		for (j = 0; j < is->n_routed; j++)
			note_piece(&c->held, &c->n_held, &is->routed[j].address);
	}
	if (c->n_held)
		qsort(c->held, c->n_held, sizeof(*c->held), compare_addresses);
}

void plan_clients_leave(struct comparison *c)
{
	size_t i;

	for (i = 0; i < c->running->n_clients; i++)
		if (!c->stays[i])
			plan_add(c->plan, STEP_COMMAND, nowhere, "client del %s dev %s",
				 c->by_name[i]->name, c->wanted->name);
}

/*
 * The kernel says which MTU is in force: not more than the link's, and where the
 * path MTU is discovered perhaps less than was asked for. What was asked for is
 * remembered.
 */
static bool mtu_differs(const struct config *wanted, const struct config_client *shall,
			const struct config_client *is)
{
	unsigned int bound = shall->mtu < wanted->mtu ? shall->mtu : wanted->mtu;
	json_t *last = json_object_get(shall->remembered, "mtu");

	if (!shall->mtu || !is->mtu)
		return shall->mtu != is->mtu;
	if (is->pmtudisc && last && json_integer_value(last) != shall->mtu)
		return true;
	return is->pmtudisc ? is->mtu > bound : is->mtu != bound;
}

static void plan_client_set(struct comparison *c, const struct config_client *shall,
			    const struct config_client *is)
{
	char text[24];
	struct plan none = {};
	struct step *step;

	step = plan_add(&none, STEP_COMMAND, shall->origin, "client set %s", shall->name);
	if (shall->has_endpoint && shall->endpoint.s_addr != is->endpoint.s_addr)
		step_add(step, "endpoint", endpoint_text(shall->endpoint, text));
	if (mtu_differs(c->wanted, shall, is))
		step_add(step, "mtu", shall->mtu ? number_text(text, shall->mtu) : "auto");
	if (shall->pmtudisc != is->pmtudisc)
		step_add(step, "pmtudisc", shall->pmtudisc ? "on" : "off");
	if (shall->filter != is->filter)
		step_add(step, "filter", shall->filter ? "on" : "off");
	if (shall->disabled != is->disabled)
		step_add(step, shall->disabled ? "disable" : "enable", NULL);
	if (step->n > 3)
		step_add(step, "dev", c->wanted->name);
	plan_keep(c->plan, &none, 3);
}

/* May a client have back a prefix that it was given before? */
static bool is_free(const struct comparison *c, const struct prefix *prefix, int kind)
{
	size_t i;

	if (noted(c->asked, c->n_asked, &prefix->address) ||
	    noted(c->held, c->n_held, &prefix->address))
		return false;
	for (i = 0; i < c->wanted->n_pools; i++)
		if (prefix_holds(&c->wanted->pools[i].prefix, &prefix->address))
			return c->wanted->pools[i].kind == kind &&
			       c->wanted->pools[i].cut == prefix->length;
	return false;
}

/* The pair that a client without one had. */
static bool remembered_pair(const struct comparison *c, const struct config_client *client,
			    struct prefix *pair)
{
	const char *text = json_string_value(json_object_get(client->remembered, "pair"));

	return text && !prefix_parse(text, pair) && is_free(c, pair, SITBROKER_POOL_KIND_PAIR);
}

/* Add routed prefixes that a client without them had; it may have had none. Return: it did. */
static bool add_remembered(const struct comparison *c, const struct config_client *client,
			   struct step *step)
{
	json_t *routed = json_object_get(client->remembered, "routed"), *value;
	struct prefix prefix;
	const char *text;
	size_t i;

	if (!json_is_array(routed))
		return false;
	json_array_foreach(routed, i, value) {
		text = json_string_value(value);
		if (!text || prefix_parse(text, &prefix) ||
		    !is_free(c, &prefix, SITBROKER_POOL_KIND_ROUTED))
			return false;
	}
	json_array_foreach(routed, i, value)
		step_add(step, "routed", json_string_value(value));
	if (!json_array_size(routed))
		step_add(step, "routed", "none");
	return true;
}

static void plan_client_add(struct comparison *c, const struct config_client *client, bool early)
{
	struct plan none = {};
	bool complete = true;
	char text[PREFIX_STRLEN];
	struct prefix pair;
	struct step *step;
	unsigned int i;

	step = plan_add(&none, STEP_COMMAND, client->origin, "client add %s", client->name);
	if (client->has_endpoint && client->endpoint.s_addr)
		step_add(step, "endpoint", endpoint_text(client->endpoint, text));
	if (client->has_pair)
		pair = (struct prefix) { client->pair, 127 };
	if (client->has_pair || remembered_pair(c, client, &pair))
		step_add(step, "pair", prefix_text(&pair, text));
	else
		complete = false;
	for (i = 0; i < client->n_routed; i++)
		step_add(step, "routed", prefix_text(&client->routed[i], text));
	if (client->has_routed && !client->n_routed)
		step_add(step, "routed", "none");
	if (!client->has_routed && !add_remembered(c, client, step))
		complete = false;
	if (client->mtu)
		step_add(step, "mtu", number_text(text, client->mtu));
	if (client->pmtudisc)
		step_add(step, "pmtudisc", "on");
	if (!client->filter)
		step_add(step, "filter", "off");
	if (client->disabled)
		step_add(step, "disable", NULL);
	step_add(step, "dev", c->wanted->name);
	/* Who takes what is free must not take what another one asks for. */
	plan_keep(c->plan, &none, complete == early ? 0 : INT_MAX);
}

void plan_clients(struct comparison *c)
{
	const struct config_client *const *running = c->by_name, *const *found;
	unsigned int round;
	size_t i;

	for (i = 0; i < c->running->n_clients; i++) {
		if (!c->stays[i])
			continue;
		found = config_find(c->wanted_by_name, c->wanted->n_clients, c->by_name[i]->name);
		plan_client_set(c, *found, c->by_name[i]);
	}
	for (round = 0; round < 2; round++)
		for (i = 0; i < c->wanted->n_clients; i++) {
			found = config_find(running, c->running->n_clients,
					    c->wanted->clients[i].name);
			/* It may be there, and still not stay. */
			if (!found || !c->stays[found - running])
				plan_client_add(c, &c->wanted->clients[i], !round);
		}
}
