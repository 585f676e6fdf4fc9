// SPDX-License-Identifier: GPL-2.0
/* What is known of a link, whoever said it. */

#include <linux/sitbroker.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"

/* What a link has where nobody says otherwise. */
#define TTL_DEFAULT		64
#define MTU_DEFAULT		1480
#define CLIENTS_MAX_DEFAULT	1048576
#define POOLS_MAX_DEFAULT	1024

void config_init(struct config *config, const char *name)
{
	*config = (struct config) {
		.ttl = TTL_DEFAULT,
		.mtu = MTU_DEFAULT,
		.clients_max = CLIENTS_MAX_DEFAULT,
		.pools_max = POOLS_MAX_DEFAULT,
		.up = true,
	};
	snprintf(config->name, sizeof(config->name), "%s", name);
}

static void words_free(char **words, unsigned int n)
{
	while (n)
		free(words[--n]);
	free(words);
}

void config_free(struct config *config)
{
	size_t i;

	for (i = 0; i < config->n_clients; i++)
		free(config->clients[i].routed);
	for (i = 0; i < config->n_lists; i++) {
		words_free(config->lists[i].files, config->lists[i].n_files);
		words_free(config->lists[i].words, config->lists[i].n_words);
		free(config->lists[i].places);
	}
	words_free(config->files, config->n_files);
	free(config->ra_devices);
	free(config->pools);
	free(config->clients);
	free(config->uplinks);
	free(config->lists);
	free(config->routes);
	*config = (struct config) {};
}

/* The array doubles whenever its length is a power of two. */
void *config_grow(void *array, size_t n, size_t size)
{
	if (!(n & (n - 1)))
		array = must(reallocarray(array, n ? 2 * n : 1, size));
	memset((char *)array + n * size, 0, size);
	return array;
}

static int compare_names(const void *a, const void *b)
{
	const struct config_client *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

const struct config_client **config_by_name(const struct config *config)
{
	const struct config_client **by_name = must(calloc(config->n_clients + 1,
							   sizeof(*by_name)));
	size_t i;

	for (i = 0; i < config->n_clients; i++)
		by_name[i] = &config->clients[i];
	qsort(by_name, config->n_clients, sizeof(*by_name), compare_names);
	return by_name;
}

static int compare_name(const void *name, const void *client)
{
	return strcmp(name, (*(const struct config_client *const *)client)->name);
}

/* Where a client is in such an array of @n, or NULL. */
const struct config_client *const *config_find(const struct config_client *const *by_name,
					       size_t n, const char *name)
{
	return bsearch(name, by_name, n, sizeof(*by_name), compare_name);
}

bool prefix_is(const struct prefix *a, const struct prefix *b)
{
	return a->length == b->length && !memcmp(&a->address, &b->address, sizeof(a->address));
}

bool place_is(const struct config_place *a, const struct config_place *b)
{
	return a->scope == b->scope && !strcmp(a->device, b->device);
}

/* In the words of filter attach. */
void place_words(const struct config_place *place, const char *words[3])
{
	bool tunnels = place->scope == SITBROKER_FILTER_SCOPE_OUTER ||
		       place->scope == SITBROKER_FILTER_SCOPE_INNER;

	if (tunnels) {
		words[0] = place->scope == SITBROKER_FILTER_SCOPE_OUTER ? "outer" : "inner";
		words[1] = "dev";
		words[2] = place->device;
	} else {
		words[0] = "dev";
		words[1] = place->device;
		words[2] = place->scope == SITBROKER_FILTER_SCOPE_IN ? "in" : "out";
	}
}
