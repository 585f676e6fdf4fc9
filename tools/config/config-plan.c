// SPDX-License-Identifier: GPL-2.0
/*
 * What makes the kernel equal to a configuration, in the words of the
 * commands: each step can be typed.
 *
 * Whatever happens on the way, doing the rest later ends at the same place.
 * What is there and stays is not touched. What must make room goes before what
 * comes, else what is new comes first.
 */

#include <linux/sitbroker.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"

void step_add(struct step *step, const char *word, const char *value)
{
	step->words = config_grow(step->words, step->n, sizeof(*step->words));
	step->words[step->n++] = must(strdup(word));
	if (value)
		step_add(step, value, NULL);
}

/* A step of the words in @format, which stand between single spaces. */
struct step *plan_add(struct plan *plan, enum step_kind kind, struct origin origin,
		      const char *format, ...)
{
	char text[512], *save, *word;
	struct step *step;
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	plan->steps = config_grow(plan->steps, plan->n, sizeof(*plan->steps));
	step = &plan->steps[plan->n++];
	step->kind = kind;
	step->origin = origin;
	for (word = strtok_r(text, " ", &save); word; word = strtok_r(NULL, " ", &save))
		step_add(step, word, NULL);
	return step;
}

void plan_free(struct plan *plan)
{
	size_t i;

	for (i = 0; i < plan->n; i++) {
		while (plan->steps[i].n)
			free(plan->steps[i].words[--plan->steps[i].n]);
		free(plan->steps[i].words);
	}
	free(plan->steps);
	*plan = (struct plan) {};
}

/**
 * struct comparison - two configurations
 * @broker: the invocation
 * @wanted: what shall be
 * @running: what is
 * @plan: what to do
 * @by_name: running clients by name
 * @wanted_by_name: clients that shall be by name
 * @stays: of each running client, in the order of @by_name: it stays as it is
 * @leaves: of each running pool: it goes
 * @asked: prefixes that the configuration gives to somebody, in order
 * @n_asked: number of them
 * @held: prefixes of running clients that stay, in order
 * @n_held: number of them
 */
struct comparison {
	struct broker *broker;
	const struct config *wanted;
	const struct config *running;
	struct plan *plan;
	const struct config_client **by_name;
	const struct config_client **wanted_by_name;
	bool *stays;
	bool *leaves;
	struct in6_addr *asked;
	size_t n_asked;
	struct in6_addr *held;
	size_t n_held;
};

static const struct origin nowhere;

static const char *number(char text[24], unsigned long value)
{
	snprintf(text, 24, "%lu", value);
	return text;
}

static const char *address4(struct in_addr address, char text[INET_ADDRSTRLEN])
{
	return address.s_addr ? ipv4_text(address, text) : "none";
}

/* Bounds that fall have to wait until there is less that they bound. */
static void plan_bounds(struct comparison *c, bool fall)
{
	const struct config *w = c->wanted, *r = c->running;
	struct step *step;
	char text[24];

	if (!r->exists)
		return;
	if (w->clients_max != r->clients_max && (w->clients_max < r->clients_max) == fall) {
		step = plan_add(c->plan, STEP_COMMAND, w->origin, "link set %s clients-max",
				w->name);
		step_add(step, number(text, w->clients_max), NULL);
	}
	if (w->pools_max != r->pools_max && (w->pools_max < r->pools_max) == fall) {
		step = plan_add(c->plan, STEP_COMMAND, w->origin, "link set %s pools-max", w->name);
		step_add(step, number(text, w->pools_max), NULL);
	}
}

/* A link that is not there gets all at once, one that is there what differs. */
static void plan_link(struct comparison *c)
{
	const struct config *w = c->wanted, *r = c->running;
	struct plan none = {};
	struct step *step;
	char text[24];

	step = plan_add(&none, STEP_COMMAND, w->origin, "link %s %s", r->exists ? "set" : "add",
			w->name);
	if (!r->exists || w->local.s_addr != r->local.s_addr)
		step_add(step, "local", address4(w->local, text));
	if (w->public.s_addr != r->public.s_addr)
		step_add(step, "public", address4(w->public, text));
	if (w->ttl != r->ttl)
		step_add(step, "ttl", number(text, w->ttl));
	if (w->inherit != r->inherit || (!w->inherit && w->tos != r->tos))
		step_add(step, "tos", w->inherit ? "inherit" : number(text, w->tos));
	if (w->mtu != r->mtu)
		step_add(step, "mtu", number(text, w->mtu));
	if (w->isolate != r->isolate)
		step_add(step, "client-to-client", w->isolate ? "deny" : "allow");
	if (!r->exists && w->clients_max != r->clients_max)
		step_add(step, "clients-max", number(text, w->clients_max));
	if (!r->exists && w->pools_max != r->pools_max)
		step_add(step, "pools-max", number(text, w->pools_max));
	if (step->n > 3) {
		c->plan->steps = config_grow(c->plan->steps, c->plan->n, sizeof(*step));
		c->plan->steps[c->plan->n++] = *step;
		free(none.steps);
	} else {
		plan_free(&none);
	}
	plan_bounds(c, false);
}

static const struct config_pool *find_pool(const struct config *config, const struct prefix *prefix)
{
	size_t i;

	for (i = 0; i < config->n_pools; i++)
		if (prefix_is(&config->pools[i].prefix, prefix))
			return &config->pools[i];
	return NULL;
}

static bool pool_differs(const struct config_pool *a, const struct config_pool *b)
{
	return a->kind != b->kind || a->cut != b->cut;
}

static bool pools_meet(const struct config_pool *a, const struct config_pool *b)
{
	return prefix_holds(&a->prefix, &b->prefix.address) ||
	       prefix_holds(&b->prefix, &a->prefix.address);
}

/* Which running pools go? */
static void find_leaving(struct comparison *c)
{
	const struct config_pool *pool;
	size_t i;

	c->leaves = must(calloc(c->running->n_pools + 1, sizeof(*c->leaves)));
	for (i = 0; i < c->running->n_pools; i++) {
		pool = find_pool(c->wanted, &c->running->pools[i].prefix);
		c->leaves[i] = !pool || pool_differs(pool, &c->running->pools[i]);
	}
}

/* Those that do not overlap one that goes come @early. */
static void plan_pools(struct comparison *c, bool early)
{
	char text[PREFIX_STRLEN];
	struct step *step;
	size_t i, j;

	for (i = 0; i < c->wanted->n_pools; i++) {
		const struct config_pool *pool = &c->wanted->pools[i];
		const struct config_pool *there = find_pool(c->running, &pool->prefix);
		bool waits = false;

		if (there && !pool_differs(pool, there))
			continue;
		/* Where pools-max falls, the old ones must go first. */
		for (j = 0; j < c->running->n_pools; j++)
			waits |= c->leaves[j] && (pools_meet(pool, &c->running->pools[j]) ||
						  c->wanted->pools_max <= c->running->n_pools);
		if (waits == early)
			continue;
		step = plan_add(c->plan, STEP_COMMAND, pool->origin, "pool add %s %s",
				prefix_text(&pool->prefix, text),
				pool->kind == SITBROKER_POOL_KIND_PAIR ? "pair" : "routed");
		if (pool->kind == SITBROKER_POOL_KIND_ROUTED)
			step_add(step, number(text, pool->cut), NULL);
		step_add(step, "dev", c->wanted->name);
	}
}

static void plan_pools_leave(struct comparison *c)
{
	char text[PREFIX_STRLEN];
	size_t i;

	for (i = 0; i < c->running->n_pools; i++)
		if (c->leaves[i])
			plan_add(c->plan, STEP_COMMAND, nowhere, "pool del %s dev %s",
				 prefix_text(&c->running->pools[i].prefix, text),
				 c->wanted->name);
}

/* A route that outlived its pool; where the pool comes back, it is the pool's again. */
static void plan_stale_routes(struct comparison *c)
{
	const struct config *w = c->wanted, *r = c->running;
	char text[PREFIX_STRLEN];
	size_t i;

	for (i = 0; i < r->n_routes; i++)
		if (!find_pool(r, &r->routes[i]) && !find_pool(w, &r->routes[i]))
			plan_add(c->plan, STEP_ROUTE, nowhere,
				 "ip -6 route del %s dev %s proto 66",
				 prefix_text(&r->routes[i], text), w->name);
}

/* Routes that got lost come back with the link. */
static void plan_up(struct comparison *c)
{
	const struct config *w = c->wanted, *r = c->running;
	bool lost = false, has;
	size_t i, j;

	for (i = 0; i < r->n_pools; i++) {
		for (has = false, j = 0; !has && j < r->n_routes; j++)
			has = prefix_is(&r->pools[i].prefix, &r->routes[j]);
		lost |= !has && !c->leaves[i];
	}
	if (w->up && r->exists && (!r->up || lost))
		plan_add(c->plan, STEP_COMMAND, w->origin, "link set %s up", w->name);
	if (!w->up && r->up)
		plan_add(c->plan, STEP_COMMAND, w->origin, "link set %s down", w->name);
}

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

static void find_staying(struct comparison *c)
{
	const struct config_client *const *shall, *is;
	size_t i;
	unsigned int j;

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

static void plan_clients_leave(struct comparison *c)
{
	size_t i;

	for (i = 0; i < c->running->n_clients; i++)
		if (!c->stays[i])
			plan_add(c->plan, STEP_COMMAND, nowhere, "client del %s dev %s",
				 c->by_name[i]->name, c->wanted->name);
}

/*
 * The kernel says which MTU is in force: not more than the link's, and where the
 * path MTU is discovered perhaps less than was asked for.
 */
static bool mtu_differs(const struct config *wanted, const struct config_client *shall,
			const struct config_client *is)
{
	unsigned int bound = shall->mtu < wanted->mtu ? shall->mtu : wanted->mtu;

	if (!shall->mtu || !is->mtu)
		return shall->mtu != is->mtu;
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
		step_add(step, "endpoint", address4(shall->endpoint, text));
	if (mtu_differs(c->wanted, shall, is))
		step_add(step, "mtu", shall->mtu ? number(text, shall->mtu) : "auto");
	if (shall->pmtudisc != is->pmtudisc)
		step_add(step, "pmtudisc", shall->pmtudisc ? "on" : "off");
	if (shall->filter != is->filter)
		step_add(step, "filter", shall->filter ? "on" : "off");
	if (shall->disabled != is->disabled)
		step_add(step, shall->disabled ? "disable" : "enable", NULL);
	if (step->n == 3) {
		plan_free(&none);
		return;
	}
	step_add(step, "dev", c->wanted->name);
	c->plan->steps = config_grow(c->plan->steps, c->plan->n, sizeof(*step));
	c->plan->steps[c->plan->n++] = *step;
	free(none.steps);
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
		step_add(step, "endpoint", address4(client->endpoint, text));
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
		step_add(step, "mtu", number(text, client->mtu));
	if (client->pmtudisc)
		step_add(step, "pmtudisc", "on");
	if (!client->filter)
		step_add(step, "filter", "off");
	if (client->disabled)
		step_add(step, "disable", NULL);
	step_add(step, "dev", c->wanted->name);
	/* Who takes what is free must not take what another one asks for. */
	if (complete != early) {
		plan_free(&none);
		return;
	}
	c->plan->steps = config_grow(c->plan->steps, c->plan->n, sizeof(*step));
	c->plan->steps[c->plan->n++] = *step;
	free(none.steps);
}

static void plan_clients(struct comparison *c)
{
	const struct config_client *const *found;
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
			found = config_find(c->by_name, c->running->n_clients,
					    c->wanted->clients[i].name);
			/* It may be there, and still not stay. */
			if (!found || !c->stays[found - (const struct config_client *const *)c->by_name])
				plan_client_add(c, &c->wanted->clients[i], !round);
		}
}

static bool uplink_differs(const struct config_uplink *a, const struct config_uplink *b)
{
	return a->source != b->source || a->router != b->router || a->rate != b->rate ||
	       (a->source == SITBROKER_NDP_SOURCE_ADDRESS &&
		memcmp(&a->address, &b->address, sizeof(a->address)));
}

static const struct config_uplink *find_uplink(const struct config *config, const char *device)
{
	size_t i;

	for (i = 0; i < config->n_uplinks; i++)
		if (!strcmp(config->uplinks[i].device, device))
			return &config->uplinks[i];
	return NULL;
}

static void plan_uplinks(struct comparison *c)
{
	const struct config_uplink *is, *shall;
	char text[INET6_ADDRSTRLEN];
	struct step *step;
	size_t i;

	for (i = 0; i < c->running->n_uplinks; i++) {
		is = &c->running->uplinks[i];
		shall = find_uplink(c->wanted, is->device);
		if (!shall || uplink_differs(is, shall))
			plan_add(c->plan, STEP_COMMAND, nowhere, "ndp del %s dev %s", is->device,
				 c->wanted->name);
	}
	for (i = 0; i < c->wanted->n_uplinks; i++) {
		shall = &c->wanted->uplinks[i];
		is = find_uplink(c->running, shall->device);
		if (is && !uplink_differs(is, shall))
			continue;
		step = plan_add(c->plan, STEP_COMMAND, shall->origin, "ndp add %s", shall->device);
		if (shall->source == SITBROKER_NDP_SOURCE_LINK_LOCAL)
			step_add(step, "source", "link-local");
		if (shall->source == SITBROKER_NDP_SOURCE_ADDRESS)
			step_add(step, "source", ipv6_text(&shall->address, text));
		if (!shall->router)
			step_add(step, "router", "off");
		if (shall->rate != NDP_RATE_DEFAULT)
			step_add(step, "rate", number(text, shall->rate));
		step_add(step, "dev", c->wanted->name);
	}
}

/**
 * plan_make() - compare
 * @broker: the invocation
 * @wanted: what shall be, settled, see state_settle()
 * @running: what is
 * @state: what is remembered
 * @plan: an empty one
 *
 * A filter list whose files cannot be read is left as it is, with a complaint
 * and &plan.code.
 */
void plan_make(struct broker *broker, const struct config *wanted, const struct config *running,
	       const struct config_state *state, struct plan *plan)
{
	struct comparison c = {
		.broker = broker,
		.wanted = wanted,
		.running = running,
		.plan = plan,
	};

	find_leaving(&c);
	note_asked(&c);
	find_staying(&c);

	plan->code = plan_sysctls(broker, wanted, plan);
	plan_link(&c);
	/* Nobody gets through before the lists are there that shall stop him. */
	plan_lists_load(broker, wanted, running, plan);
	plan_stale_routes(&c);
	plan_pools(&c, true);
	plan_clients_leave(&c);
	plan_pools_leave(&c);
	plan_pools(&c, false);
	plan_up(&c);
	plan_clients(&c);
	plan_uplinks(&c);
	plan_lists_detach(wanted, running, state, plan);
	plan_bounds(&c, true);

	free(c.by_name);
	free(c.wanted_by_name);
	free(c.stays);
	free(c.leaves);
	free(c.asked);
	free(c.held);
}
