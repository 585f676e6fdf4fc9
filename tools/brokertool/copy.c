// SPDX-License-Identifier: GPL-2.0
/* A copy of the kernel's tables: what events that were lost have changed. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "copy.h"

#define N_SETTINGS	12

/*
 * What somebody sets, and what an event announces. Counters are not among it,
 * nor what follows from other things: how much of a pool is in use, for one.
 * The first names the object.
 */
static const char *const settings[N_COPY_KINDS][N_SETTINGS] = {
	[COPY_LINK] = { "name", "local", "public", "ttl", "tos", "mtu", "up", "client_to_client",
			"clients_max", "pools_max" },
	[COPY_POOL] = { "prefix", "kind", "cut_length", "link" },
	[COPY_CLIENT] = { "name", "id", "link", "endpoint", "server_ipv6", "client_ipv6",
			  "routed", "mtu", "mtu_auto", "state", "pmtudisc", "filter" },
	[COPY_NDP] = { "uplink", "link", "source", "source_address", "router", "rate" },
	[COPY_FILTER] = { "list", "action", "generation", "attached" },
};

void copy_init(struct copy *copy)
{
	unsigned int kind;

	for (kind = 0; kind < N_COPY_KINDS; kind++)
		copy->settings[kind] = json_object();
	copy->generations = json_object();
}

void copy_free(struct copy *copy)
{
	unsigned int kind;

	for (kind = 0; kind < N_COPY_KINDS; kind++)
		json_decref(copy->settings[kind]);
	json_decref(copy->generations);
}

/* A link may get another name; a filter list is of no link. */
static const char *copy_key(enum copy_kind kind, uint32_t ifindex, json_t *object, char key[64])
{
	json_t *name = json_object_get(object, settings[kind][0]);

	snprintf(key, 64, "%u %s", kind == COPY_FILTER ? 0 : ifindex,
		 kind == COPY_LINK ? "" : json_string_value(name) ?: "");
	return key;
}

void copy_put(struct copy *copy, enum copy_kind kind, uint32_t ifindex, json_t *object)
{
	json_t *kept = json_object(), *value;
	char key[64], *text;
	unsigned int i;

	for (i = 0; i < N_SETTINGS && settings[kind][i]; i++) {
		value = json_object_get(object, settings[kind][i]);
		/* This one follows the route to the endpoint. */
		if (!strcmp(settings[kind][i], "mtu") &&
		    json_is_true(json_object_get(object, "mtu_auto")))
			continue;
		if (value)
			json_object_set(kept, settings[kind][i], value);
	}
	text = json_dumps(kept, JSON_COMPACT);
	json_object_set_new(copy->settings[kind], copy_key(kind, ifindex, object, key),
			    json_string(text));
	free(text);
	json_decref(kept);
}

/* Of all kinds but links. */
static void copy_flush(struct copy *copy, enum copy_kind kind, uint32_t ifindex)
{
	const char *key;
	json_t *value;
	void *next;

	json_object_foreach_safe(copy->settings[kind], next, key, value)
		if (strtoul(key, NULL, 10) == ifindex)
			json_object_del(copy->settings[kind], key);
}

void copy_flush_clients(struct copy *copy, uint32_t ifindex)
{
	copy_flush(copy, COPY_CLIENT, ifindex);
}

/* With a link goes what it has, without further events. */
void copy_delete(struct copy *copy, enum copy_kind kind, uint32_t ifindex, json_t *object)
{
	char key[64];

	json_object_del(copy->settings[kind], copy_key(kind, ifindex, object, key));
	if (kind != COPY_LINK)
		return;
	copy_flush(copy, COPY_POOL, ifindex);
	copy_flush(copy, COPY_CLIENT, ifindex);
	copy_flush(copy, COPY_NDP, ifindex);
	snprintf(key, sizeof(key), "%u", ifindex);
	json_object_del(copy->generations, key);
}

bool copy_generation(struct copy *copy, uint32_t ifindex, uint32_t generation)
{
	json_t *known;
	int32_t ahead;
	char key[16];

	snprintf(key, sizeof(key), "%u", ifindex);
	known = json_object_get(copy->generations, key);
	ahead = generation - (uint32_t)json_integer_value(known);
	/* Several messages may tell of one change, and old ones come after a dump. */
	if (known && ahead <= 0)
		return false;
	json_object_set_new(copy->generations, key, json_integer(generation));
	return known && ahead > 1;
}

/* Of a client that is gone an event says no more than this. */
static json_t *copy_gone(enum copy_kind kind, const char *text)
{
	json_t *object = json_loads(text, 0, NULL);
	unsigned int i;

	for (i = 3; kind == COPY_CLIENT && i < N_SETTINGS && settings[kind][i]; i++)
		json_object_del(object, settings[kind][i]);
	return object;
}

/* In the order in which they can go, then in that in which they can come. Return: how many. */
unsigned int copy_compare(struct copy *then, const struct copy *now, copy_visit visit, void *arg)
{
	json_t *value, *object;
	unsigned int n = 0;
	const char *key;
	void *next;
	int kind;

	json_object_foreach_safe(then->settings[COPY_LINK], next, key, value) {
		if (json_object_get(now->settings[COPY_LINK], key))
			continue;
		object = json_loads(json_string_value(value), 0, NULL);
		copy_delete(then, COPY_LINK, strtoul(key, NULL, 10), object);
		visit(COPY_LINK, true, object, arg);
		n++;
	}
	for (kind = N_COPY_KINDS - 1; kind > COPY_LINK; kind--) {
		json_object_foreach(then->settings[kind], key, value) {
			if (json_object_get(now->settings[kind], key))
				continue;
			visit(kind, true, copy_gone(kind, json_string_value(value)), arg);
			n++;
		}
	}
	for (kind = COPY_LINK; kind < N_COPY_KINDS; kind++) {
		json_object_foreach(now->settings[kind], key, value) {
			if (json_equal(value, json_object_get(then->settings[kind], key)))
				continue;
			visit(kind, false, json_loads(json_string_value(value), 0, NULL), arg);
			n++;
		}
	}
	return n;
}
