// SPDX-License-Identifier: GPL-2.0
/*
 * Do the words of a configuration go together? What the kernel would refuse
 * half-way is better refused before anything is changed.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"

/* As the module's SB_POOL_CUT_BITS_MAX. */
#define POOL_CUT_BITS_MAX	63U

/**
 * struct piece - a prefix of a client
 * @prefix: prefix
 * @client: whose it is
 */
struct piece {
	struct prefix prefix;
	const struct config_client *client;
};

/* Complaints about what was said there have its place in front. */
static void point(struct broker *broker, struct origin origin)
{
	broker->batch = origin.file;
	broker->line = origin.line;
}

static int check_link(struct broker *broker, const struct config *config)
{
	point(broker, config->origin);
	if (config->local.s_addr)
		return 0;
	if (!config->origin.file)
		point(broker, (struct origin) { config->files[0], 1 });
	return usage_error(broker, "link \"%s\" needs local = A, this server's IPv4 address",
			   config->name);
}

static int check_pools(struct broker *broker, const struct config *config)
{
	char a[PREFIX_STRLEN], b[PREFIX_STRLEN];
	size_t i, j;

	for (i = 0; i < config->n_pools; i++) {
		const struct config_pool *pool = &config->pools[i];

		point(broker, pool->origin);
		if (i >= config->pools_max)
			return usage_error(broker, "more than pools-max %u pools; raise pools-max",
					   config->pools_max);
		if (pool->cut > pool->prefix.length + POOL_CUT_BITS_MAX)
			return usage_error(broker,
					   "pool %s cannot be cut into /%u: these would be more than 2^%u; take a /%u of it",
					   prefix_text(&pool->prefix, a), pool->cut,
					   POOL_CUT_BITS_MAX, pool->cut - POOL_CUT_BITS_MAX);
		if (pool->cut < pool->prefix.length)
			return usage_error(broker,
					   "pool %s cannot be cut into /%u, a larger one; give /%u or longer",
					   prefix_text(&pool->prefix, a), pool->cut,
					   pool->prefix.length);
		for (j = 0; j < i; j++) {
			const struct config_pool *other = &config->pools[j];

			if (!prefix_holds(&pool->prefix, &other->prefix.address) &&
			    !prefix_holds(&other->prefix, &pool->prefix.address))
				continue;
			return usage_error(broker,
					   "pool %s shares addresses with pool %s of %s:%lu; make them two parts",
					   prefix_text(&pool->prefix, a),
					   prefix_text(&other->prefix, b), other->origin.file,
					   other->origin.line);
		}
	}
	return 0;
}

/* Is a client's prefix a piece of a pool? */
static int check_piece(struct broker *broker, const struct config *config,
		       const struct piece *piece, int kind)
{
	const char *what = kind == SITBROKER_POOL_KIND_PAIR ? "pair" : "routed";
	char text[PREFIX_STRLEN], whole[PREFIX_STRLEN];
	size_t i;

	point(broker, piece->client->origin);
	prefix_text(&piece->prefix, text);
	for (i = 0; i < config->n_pools; i++) {
		const struct config_pool *pool = &config->pools[i];

		if (pool->kind != kind ||
		    !prefix_holds(&pool->prefix, &piece->prefix.address))
			continue;
		if (pool->cut == piece->prefix.length)
			return 0;
		return usage_error(broker,
				   "client \"%s\": %s %s: pool %s is cut into /%u; give one of these",
				   piece->client->name, what, text,
				   prefix_text(&pool->prefix, whole), pool->cut);
	}
	return usage_error(broker, "client \"%s\": %s %s is in no %s pool of link %s; add the pool",
			   piece->client->name, what, text, what, config->name);
}

static int compare_pieces(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;

	return memcmp(&x->prefix.address, &y->prefix.address, sizeof(struct in6_addr));
}

static int check_pieces(struct broker *broker, const struct config *config)
{
	struct piece *pieces = NULL;
	char text[PREFIX_STRLEN];
	size_t n = 0, i;
	unsigned int j;
	int code = 0;

	for (i = 0; !code && i < config->n_clients; i++) {
		const struct config_client *client = &config->clients[i];

		if (client->has_pair) {
			pieces = config_grow(pieces, n, sizeof(*pieces));
			pieces[n] = (struct piece) { { client->pair, 127 }, client };
			code = check_piece(broker, config, &pieces[n++], SITBROKER_POOL_KIND_PAIR);
		}
		for (j = 0; !code && j < client->n_routed; j++) {
			pieces = config_grow(pieces, n, sizeof(*pieces));
			pieces[n] = (struct piece) { client->routed[j], client };
			code = check_piece(broker, config, &pieces[n++],
					   SITBROKER_POOL_KIND_ROUTED);
		}
	}
	/* All are pieces of pools, so that two are the same or share nothing. */
	if (!code && n)
		qsort(pieces, n, sizeof(*pieces), compare_pieces);
	for (i = 1; !code && i < n; i++) {
		if (compare_pieces(&pieces[i - 1], &pieces[i]))
			continue;
		point(broker, pieces[i].client->origin);
		code = usage_error(broker,
				   "client \"%s\": %s belongs to client \"%s\" of %s:%lu; give it another one",
				   pieces[i].client->name, prefix_text(&pieces[i].prefix, text),
				   pieces[i - 1].client->name,
				   pieces[i - 1].client->origin.file,
				   pieces[i - 1].client->origin.line);
	}
	free(pieces);
	return code;
}

static int said_twice(struct broker *broker, const char *what, const char *name,
		      struct origin first, struct origin second)
{
	point(broker, second);
	return usage_error(broker, "%s \"%s\" is in %s:%lu already; keep one of them", what, name,
			   first.file, first.line);
}

/* Does a client's packet come from this server? */
static int check_endpoints(struct broker *broker, const struct config *config)
{
	char text[INET_ADDRSTRLEN];
	size_t i;

	for (i = 0; i < config->n_clients; i++) {
		const struct config_client *client = &config->clients[i];

		if (!client->endpoint.s_addr ||
		    (client->endpoint.s_addr != config->local.s_addr &&
		     client->endpoint.s_addr != config->public.s_addr))
			continue;
		point(broker, client->origin);
		return usage_error(broker,
				   "client \"%s\": endpoint %s is this server's own; give the client's",
				   client->name, ipv4_text(client->endpoint, text));
	}
	return 0;
}

static int check_clients(struct broker *broker, const struct config *config)
{
	const struct config_client **by_name = config_by_name(config);
	const struct config_client *a, *b;
	int code = 0;
	size_t i;

	for (i = 1; !code && i < config->n_clients; i++) {
		a = by_name[i - 1];
		b = by_name[i];
		if (strcmp(a->name, b->name))
			continue;
		/* Neighbours in memory are in the order of the files. */
		code = a < b ? said_twice(broker, "client", a->name, a->origin, b->origin)
			     : said_twice(broker, "client", a->name, b->origin, a->origin);
	}
	free(by_name);
	if (code)
		return code;
	if (config->n_clients > config->clients_max) {
		point(broker, config->clients[config->clients_max].origin);
		return usage_error(broker, "more than clients-max %u clients; raise clients-max",
				   config->clients_max);
	}
	return check_endpoints(broker, config) ?: check_pieces(broker, config);
}

static int check_places(struct broker *broker, const struct config_list *list)
{
	const char *words[3];
	unsigned int i, j;

	for (i = 0; i < list->n_places; i++)
		for (j = 0; j < i; j++) {
			if (!place_is(&list->places[i], &list->places[j]))
				continue;
			place_words(&list->places[i], words);
			return usage_error(broker,
					   "filter \"%s\" is attached twice to %s %s %s; say it once",
					   list->name, words[0], words[1], words[2]);
		}
	return 0;
}

static bool rejects_outside(const struct config_list *list)
{
	unsigned int i;

	for (i = 0; i < list->n_places; i++)
		if (list->places[i].scope == SITBROKER_FILTER_SCOPE_OUTER)
			return list->has_action && list->action == SITBROKER_FILTER_ACTION_REJECT;
	return false;
}

static int check_rest(struct broker *broker, const struct config *config)
{
	size_t i, j;
	int code;

	for (i = 0; i < config->n_uplinks; i++)
		for (j = 0; j < i; j++)
			if (!strcmp(config->uplinks[i].device, config->uplinks[j].device))
				return said_twice(broker, "ndp", config->uplinks[i].device,
						  config->uplinks[j].origin,
						  config->uplinks[i].origin);
	for (i = 0; i < config->n_lists; i++) {
		const struct config_list *list = &config->lists[i];

		for (j = 0; j < i; j++)
			if (!strcmp(list->name, config->lists[j].name))
				return said_twice(broker, "filter", list->name,
						  config->lists[j].origin, list->origin);
		point(broker, list->origin);
		code = check_places(broker, list);
		if (code)
			return code;
		if (rejects_outside(list))
			return usage_error(broker,
					   "filter \"%s\" rejects, and is attached to outer, where strangers get no answer; take action = drop there",
					   list->name);
	}
	return 0;
}

int config_check(struct broker *broker, const struct config *config)
{
	int code;

	code = check_link(broker, config) ?:
	       check_pools(broker, config) ?:
	       check_clients(broker, config) ?:
	       check_rest(broker, config);
	broker->batch = NULL;
	return code;
}
