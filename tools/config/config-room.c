// SPDX-License-Identifier: GPL-2.0
/*
 * What a link must give up before another one, or itself, can have it: of all
 * links that are changed together. It comes before all else; the rest of each
 * link is done as if it had never had that.
 */

#include <arpa/inet.h>
#include <linux/sitbroker.h>
#include <stdlib.h>
#include <string.h>

#include "config-plan.h"

/* The dummy address of RFC 7600, 192.0.0.8: no other host has it. */
#define NOBODY	0xc0000008

static bool has_piece(const struct config_client *client, const struct prefix *pool)
{
	unsigned int i;

	if (prefix_holds(pool, &client->pair))
		return true;
	for (i = 0; i < client->n_routed; i++)
		if (prefix_holds(pool, &client->routed[i].address))
			return true;
	return false;
}

/* Delete a pool, and first those who hold a piece of it. */
static void give_pool(struct config *running, const struct prefix *pool, struct plan *plan)
{
	char text[PREFIX_STRLEN];
	size_t i, n;

	for (i = 0, n = 0; i < running->n_clients; i++) {
		struct config_client *client = &running->clients[i];

		if (!has_piece(client, pool)) {
			running->clients[n++] = *client;
			continue;
		}
		plan_add(plan, STEP_COMMAND, nowhere, "client del %s dev %s", client->name,
			 running->name);
		free(client->routed);
	}
	running->n_clients = n;
	plan_add(plan, STEP_COMMAND, nowhere, "pool del %s dev %s", prefix_text(pool, text),
		 running->name);
	/* Its route goes with it. */
	for (i = 0, n = 0; i < running->n_routes; i++)
		if (!prefix_is(&running->routes[i], pool))
			running->routes[n++] = running->routes[i];
	running->n_routes = n;
}

/* Pools of files that are read together share nothing: what meets another link's goes. */
static void give_pools(struct config *running, const struct config *other, struct plan *plan)
{
	size_t i, j, n;

	for (i = 0, n = 0; i < running->n_pools; i++) {
		struct config_pool pool = running->pools[i];

		for (j = 0; j < other->n_pools && !pools_meet(&pool, &other->pools[j]); j++)
			;
		if (j < other->n_pools)
			give_pool(running, &pool.prefix, plan);
		else
			running->pools[n++] = pool;
	}
	running->n_pools = n;
}

static const struct config_client *find_client(const struct config *config, const char *name)
{
	size_t i;

	for (i = 0; i < config->n_clients; i++)
		if (!strcmp(config->clients[i].name, name))
			return &config->clients[i];
	return NULL;
}

/* No client may be where a link shall be, unless he stays there: that is to be refused. */
static void give_endpoints(struct config_pair *pair, struct in_addr local, struct plan *plan)
{
	const struct config_client *shall;
	struct config_client *client;
	size_t i;

	for (i = 0; i < pair->running->n_clients; i++) {
		client = &pair->running->clients[i];
		if (client->endpoint.s_addr != local.s_addr)
			continue;
		shall = find_client(pair->wanted, client->name);
		if (shall && (!shall->has_endpoint || shall->endpoint.s_addr == local.s_addr))
			continue;
		plan_add(plan, STEP_COMMAND, shall ? shall->origin : nowhere,
			 "client set %s endpoint none dev %s", client->name, pair->wanted->name);
		client->endpoint.s_addr = 0;
	}
}

static bool moves(const struct config_pair *pair)
{
	return pair->wanted->local.s_addr != pair->running->local.s_addr;
}

/* Does another link, or a client of it, wait for its address? Or is that nobody's, for a while? */
static bool is_waited_for(const struct config_pair *pairs, size_t n, size_t which)
{
	struct in_addr local = pairs[which].running->local;
	size_t i, j;

	if (!pairs[which].running->exists || !local.s_addr || !moves(&pairs[which]))
		return false;
	if (local.s_addr == htonl(NOBODY))
		return true;
	for (i = 0; i < n; i++) {
		const struct config *wanted = pairs[i].wanted;

		if (i == which)
			continue;
		if (wanted->local.s_addr == local.s_addr)
			return true;
		for (j = 0; j < wanted->n_clients; j++)
			if (wanted->clients[j].endpoint.s_addr == local.s_addr)
				return true;
	}
	return false;
}

static bool is_taken(const struct config_pair *pairs, size_t n, struct in_addr local)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (pairs[i].running->local.s_addr == local.s_addr)
			return true;
	return false;
}

static void move(struct config_pair *pair, struct in_addr local, struct plan *plan)
{
	char text[INET_ADDRSTRLEN];

	plan_add(plan, STEP_COMMAND, pair->wanted->origin, "link set %s local %s",
		 pair->wanted->name, ipv4_text(local, text));
	pair->running->local = local;
}

/* Those move first whose new address nobody has; where they wait in a circle, one steps aside. */
static void give_locals(struct config_pair *pairs, size_t n, struct plan *plan)
{
	struct in_addr aside = { .s_addr = htonl(NOBODY) };
	size_t i, waiting;

	for (;;) {
		for (i = 0, waiting = n; i < n; i++) {
			if (!is_waited_for(pairs, n, i))
				continue;
			waiting = waiting < n ? waiting : i;
			if (!is_taken(pairs, n, pairs[i].wanted->local))
				break;
		}
		if (i < n)
			move(&pairs[i], pairs[i].wanted->local, plan);
		else if (waiting < n && !is_taken(pairs, n, aside))
			move(&pairs[waiting], aside, plan);
		else
			return;
	}
}

/**
 * plan_room() - what must be given up first
 * @pairs: links that are changed together; afterwards what they have then
 * @n: number of them
 * @plan: steps are appended
 */
void plan_room(struct config_pair *pairs, size_t n, struct plan *plan)
{
	size_t i, j;

	for (i = 0; i < n; i++)
		for (j = 0; j < n; j++) {
			if (i != j)
				give_pools(pairs[i].running, pairs[j].wanted, plan);
			if (moves(&pairs[j]))
				give_endpoints(&pairs[i], pairs[j].wanted->local, plan);
		}
	give_locals(pairs, n, plan);
}
