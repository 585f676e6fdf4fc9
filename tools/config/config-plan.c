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

#include "config-plan.h"

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

void plan_keep(struct plan *plan, struct plan *from, int words)
{
	if (from->steps->n > words) {
		plan->steps = config_grow(plan->steps, plan->n, sizeof(*plan->steps));
		plan->steps[plan->n++] = *from->steps;
		free(from->steps);
	} else {
		plan_free(from);
	}
}

const char *number_text(char text[24], unsigned long value)
{
	snprintf(text, 24, "%lu", value);
	return text;
}

const char *endpoint_text(struct in_addr address, char text[INET_ADDRSTRLEN])
{
	return address.s_addr ? ipv4_text(address, text) : "none";
}

static bool falls(uint64_t wanted, uint64_t running)
{
	return wanted < running;
}

/* Bounds that fall have to wait until there is less that they bound. */
static void plan_bounds(struct comparison *c, bool fall)
{
	const struct config *w = c->wanted, *r = c->running;
	struct step *step;
	char text[24];

	if (!r->exists)
		return;
	if (w->clients_max != r->clients_max && fall == falls(w->clients_max, r->clients_max)) {
		step = plan_add(c->plan, STEP_COMMAND, w->origin, "link set %s clients-max",
				w->name);
		step_add(step, number_text(text, w->clients_max), NULL);
	}
	if (w->pools_max != r->pools_max && fall == falls(w->pools_max, r->pools_max)) {
		step = plan_add(c->plan, STEP_COMMAND, w->origin, "link set %s pools-max", w->name);
		step_add(step, number_text(text, w->pools_max), NULL);
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
		step_add(step, "local", endpoint_text(w->local, text));
	if (w->public.s_addr != r->public.s_addr)
		step_add(step, "public", endpoint_text(w->public, text));
	if (w->ttl != r->ttl)
		step_add(step, "ttl", number_text(text, w->ttl));
	if (w->inherit != r->inherit || (!w->inherit && w->tos != r->tos))
		step_add(step, "tos", w->inherit ? "inherit" : number_text(text, w->tos));
	if (w->mtu != r->mtu)
		step_add(step, "mtu", number_text(text, w->mtu));
	if (w->isolate != r->isolate)
		step_add(step, "client-to-client", w->isolate ? "deny" : "allow");
	if (!r->exists && w->clients_max != r->clients_max)
		step_add(step, "clients-max", number_text(text, w->clients_max));
	if (!r->exists && w->pools_max != r->pools_max)
		step_add(step, "pools-max", number_text(text, w->pools_max));
	plan_keep(c->plan, &none, 3);
	plan_bounds(c, false);
}

/* A bound that falls has to wait until the lists are gone that take more. */
static void plan_memory(struct comparison *c, bool fall)
{
	const struct config *w = c->wanted, *r = c->running;

	if (w->memory_origin.file && w->filter_memory != r->filter_memory &&
	    fall == falls(w->filter_memory, r->filter_memory))
		plan_add(c->plan, STEP_COMMAND, w->memory_origin, "filter memory max %llu",
			 (unsigned long long)w->filter_memory);
}

static const struct config_pool *find_pool(const struct config *config,
					   const struct prefix *prefix)
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

bool pools_meet(const struct config_pool *a, const struct config_pool *b)
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
			step_add(step, number_text(text, pool->cut), NULL);
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

static bool source_differs(const struct config_uplink *a, const struct config_uplink *b)
{
	return a->source != b->source ||
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

static const char *source_text(const struct config_uplink *uplink, char text[INET6_ADDRSTRLEN])
{
	switch (uplink->source) {
	case SITBROKER_NDP_SOURCE_LINK_LOCAL:
		return "link-local";
	case SITBROKER_NDP_SOURCE_ADDRESS:
		return ipv6_text(&uplink->address, text);
	}
	return "target";
}

/* An uplink that is there and stays goes on answering, and counting. */
static void plan_uplink(struct comparison *c, const struct config_uplink *shall)
{
	static const struct config_uplink fresh = {
		.source = SITBROKER_NDP_SOURCE_TARGET,
		.router = true,
		.rate = NDP_RATE_DEFAULT,
	};
	const struct config_uplink *there = find_uplink(c->running, shall->device);
	const struct config_uplink *is = there ?: &fresh;
	char text[INET6_ADDRSTRLEN];
	struct plan none = {};
	struct step *step;

	step = plan_add(&none, STEP_COMMAND, shall->origin, "ndp %s %s", there ? "set" : "add",
			shall->device);
	if (source_differs(is, shall))
		step_add(step, "source", source_text(shall, text));
	if (is->router != shall->router)
		step_add(step, "router", shall->router ? "on" : "off");
	if (is->rate != shall->rate)
		step_add(step, "rate", number_text(text, shall->rate));
	if (!there || step->n > 3)
		step_add(step, "dev", c->wanted->name);
	plan_keep(c->plan, &none, 3);
}

static void plan_uplinks(struct comparison *c)
{
	const struct config_uplink *is;
	size_t i;

	for (i = 0; i < c->running->n_uplinks; i++) {
		is = &c->running->uplinks[i];
		if (!find_uplink(c->wanted, is->device))
			plan_add(c->plan, STEP_COMMAND, nowhere, "ndp del %s dev %s", is->device,
				 c->wanted->name);
	}
	for (i = 0; i < c->wanted->n_uplinks; i++)
		plan_uplink(c, &c->wanted->uplinks[i]);
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
	find_staying(&c);

	plan_sysctls(wanted, state, plan);
	plan_link(&c);
	plan_memory(&c, false);
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
	plan_memory(&c, true);
	plan_bounds(&c, true);

	free(c.by_name);
	free(c.wanted_by_name);
	free(c.stays);
	free(c.leaves);
	free(c.asked);
	free(c.held);
}
