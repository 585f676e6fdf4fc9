// SPDX-License-Identifier: GPL-2.0
/*
 * What is remembered of a link in /var/lib/sitbroker, as JSON:
 *
 * LINK.endpoints: the endpoints that were set at run time. They are kept when
 * the set has succeeded, and go when the configuration says something new.
 *
 * LINK.applied: what the last configuration said of each client's endpoint, to
 * see whether it says something new, and the prefixes that clients were given
 * where it does not say which, so that they keep them. Also the filter lists
 * that it loaded, and where the host had its default route from.
 *
 * A file is replaced at once: after a loss of power there is the old or the
 * new one. One that is damaged all the same is written anew; what the kernel
 * has is known still. So is one of endpoints that is gone: who applies a
 * configuration writes it even where there are none, and before the other, so
 * that one which is not there was lost, or there never was an apply.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"

#define LOCK	"/run/sitbroker.lock"

/**
 * state_lock() - wait until nobody else applies a configuration or sets an endpoint
 *
 * Return: a file descriptor whose end is that of the lock, or a negative errno.
 */
int state_lock(void)
{
	int fd = open(LOCK, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return -errno;
	while (flock(fd, LOCK_EX)) {
		int err = -errno;

		if (err == -EINTR)
			continue;
		close(fd);
		return err;
	}
	return fd;
}

/* A server whose memory is lost is of more use than none. */
static void complain(struct broker *broker, const char *path, const char *why)
{
	refuse(broker, EIO,
	       "what was remembered in \"%s\" cannot be read (%s) and is left out, but for what the kernel has; brokertool config apply writes it anew",
	       path, why);
}

/* An object that a file holds; else an empty one, with a complaint where there is a file. */
static json_t *read_object(struct broker *broker, const char *path, enum config_memory *memory)
{
	/* Not waiting: nobody may ever write to a pipe. */
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	json_error_t error = {};
	json_t *object = NULL;
	struct stat st;

	*memory = MEMORY_WHOLE;
	if (fd < 0 && errno == ENOENT) {
		*memory = MEMORY_MISSING;
		return json_object();
	}
	if (fd < 0)
		snprintf(error.text, sizeof(error.text), "%s", strerror(errno));
	else if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		strcpy(error.text, "it is no file");
	else
		object = json_loadfd(fd, JSON_REJECT_DUPLICATES, &error);
	if (fd >= 0)
		close(fd);
	if (json_is_object(object))
		return object;
	*memory = MEMORY_DAMAGED;
	complain(broker, path, object ? "no object" : error.text);
	json_decref(object);
	return json_object();
}

/* Is it an address or null? 0.0.0.0 stands for the latter. */
static bool endpoint_get(const json_t *value, struct in_addr *endpoint)
{
	endpoint->s_addr = 0;
	return json_is_null(value) ||
	       (json_is_string(value) && !ipv4_parse(json_string_value(value), endpoint));
}

/* Endpoints that were set at run time, alone: the rest may be long. */
json_t *state_read_endpoints(struct broker *broker, const char *link, enum config_memory *memory)
{
	char *path = state_path(broker, link, "endpoints");
	json_t *endpoints = read_object(broker, path, memory), *value;
	struct in_addr endpoint;
	const char *name;
	char why[128];
	void *next;

	json_object_foreach_safe(endpoints, next, name, value) {
		if (endpoint_get(value, &endpoint))
			continue;
		if (*memory == MEMORY_WHOLE) {
			snprintf(why, sizeof(why), "client \"%.64s\" has no address there", name);
			complain(broker, path, why);
		}
		*memory = MEMORY_DAMAGED;
		json_object_del(endpoints, name);
	}
	free(path);
	return endpoints;
}

/* An array of strings; an empty one where it is another thing, which is told. */
static json_t *strings_in(const json_t *all, const char *key, bool *sound)
{
	json_t *array = json_object_get(all, key), *value;
	size_t i;

	if (array && !json_is_array(array))
		*sound = false;
	json_array_foreach(array, i, value)
		if (!json_is_string(value))
			*sound = false;
	return *sound && array ? json_incref(array) : json_array();
}

/* Is it what state_settle() and state_record() have made of a client? */
static bool is_record(const json_t *record)
{
	json_t *endpoint = json_object_get(record, "endpoint"), *pair, *mtu;
	struct in_addr address;
	bool sound = true;

	pair = json_object_get(record, "pair");
	mtu = json_object_get(record, "mtu");
	json_decref(strings_in(record, "routed", &sound));
	return json_is_object(record) && sound && (!pair || json_is_string(pair)) &&
	       (!mtu || json_is_integer(mtu)) && (!endpoint || endpoint_get(endpoint, &address));
}

/* What each client had; what is damaged goes, which is told. */
static json_t *records_in(const json_t *all, bool *sound)
{
	json_t *records = json_object_get(all, "clients"), *record;
	const char *name;
	void *next;

	if (!json_is_object(records)) {
		if (records)
			*sound = false;
		return json_object();
	}
	json_object_foreach_safe(records, next, name, record)
		if (!is_record(record)) {
			*sound = false;
			json_object_del(records, name);
		}
	return json_incref(records);
}

void state_read(struct broker *broker, const char *link, struct config_state *state)
{
	char *path = state_path(broker, link, "applied");
	json_t *all = read_object(broker, path, &state->applied_memory);
	bool clients = true, filters = true, routers = true;

	state->endpoints = state_read_endpoints(broker, link, &state->endpoints_memory);
	state->applied = records_in(all, &clients);
	state->lists = strings_in(all, "filters", &filters);
	state->routers = strings_in(all, "routers", &routers);
	if (!clients || !filters || !routers) {
		complain(broker, path,
			 !clients ? "no clients" : !filters ? "no filters" : "no routers");
		state->applied_memory = MEMORY_DAMAGED;
	}
	json_decref(all);
	free(path);
}

void state_free(struct config_state *state)
{
	json_decref(state->endpoints);
	json_decref(state->applied);
	json_decref(state->lists);
	json_decref(state->routers);
	*state = (struct config_state) {};
}

static int sync_directory(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err = fd < 0 || fsync(fd) ? -errno : 0;

	if (fd >= 0)
		close(fd);
	return err;
}

/*
 * Make a directory, absolute, and first those above it; what is new is on the disk then.
 * Return: 0 or a negative errno.
 */
static int make_directory(char *path)
{
	char *last = path, *slash = path;
	int err = 0;

	while (slash && !err) {
		slash = strchr(last + 1, '/');
		if (slash)
			*slash = '\0';
		if (!mkdir(path, 0755)) {
			*last = '\0';
			err = sync_directory(*path ? path : "/");
			*last = '/';
		} else if (errno != EEXIST) {
			err = -errno;
		}
		if (slash)
			*slash = '/';
		last = slash;
	}
	return err;
}

/* Who holds the lock is the only one to write. */
static int write_temporary(const char *path, const json_t *object)
{
	char *text = must(json_dumps(object, JSON_INDENT(1) | JSON_SORT_KEYS));
	FILE *file;
	int fd, err = 0;

	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW, 0600);
	file = fd < 0 ? NULL : fdopen(fd, "w");
	if (!file) {
		err = -errno;
	} else {
		fprintf(file, "%s\n", text);
		if (fflush(file) || ferror(file) || fsync(fd))
			err = -errno;
		if (fclose(file) && !err)
			err = -errno;
	}
	free(text);
	return err;
}

static int replace(struct broker *broker, const char *link, const char *suffix,
		   const json_t *object)
{
	char *directory = state_directory(broker), *path = state_path(broker, link, suffix);
	char *temporary;
	int err, code;

	if (asprintf(&temporary, "%s.new", path) < 0)
		temporary = must(NULL);
	err = make_directory(directory) ?: write_temporary(temporary, object);
	if (!err && rename(temporary, path))
		err = -errno;
	err = err ?: sync_directory(directory);
	code = err ? refuse(broker, -err,
			    "link \"%s\": \"%s\" cannot be written: %s; what it should hold is lost at the next restart or config apply",
			    link, path, strerror(-err)) : 0;
	free(temporary);
	free(path);
	free(directory);
	return code;
}

int state_write_endpoints(struct broker *broker, const char *link, json_t *endpoints)
{
	return replace(broker, link, "endpoints", endpoints);
}

int state_write_applied(struct broker *broker, const char *link,
			const struct config_state *state)
{
	json_t *all = must(json_pack("{s:O,s:O,s:O}", "clients", state->applied, "filters",
				     state->lists, "routers", state->routers));
	int code = replace(broker, link, "applied", all);

	json_decref(all);
	return code;
}

static json_t *endpoint_json(struct in_addr endpoint)
{
	char text[INET_ADDRSTRLEN];

	return endpoint.s_addr ? json_string(ipv4_text(endpoint, text)) : json_null();
}

/* Was the endpoint that a client has set at run time? */
static bool was_set(const json_t *last, const struct config_client *said,
		    const struct config_client *is)
{
	const json_t *text = json_object_get(last, "endpoint");
	struct in_addr before;

	if (text)
		return endpoint_get(text, &before) && before.s_addr != is->endpoint.s_addr;
	/* Where it is not known what was said last, what is said now counts. */
	return is->endpoint.s_addr && (last || (said && !said->has_endpoint));
}

/**
 * state_recover() - where the endpoints that were set at run time are lost, the kernel has them
 * @state: what is remembered; afterwards with those endpoints
 * @wanted: the configuration, as far as it can be read
 * @running: what the kernel has
 */
void state_recover(struct config_state *state, const struct config *wanted,
		   const struct config *running)
{
	const struct config_client *const *said, **by_name;
	size_t i;

	if (state->endpoints_memory == MEMORY_WHOLE)
		return;
	by_name = config_by_name(wanted);
	for (i = 0; i < running->n_clients; i++) {
		const struct config_client *client = &running->clients[i];

		said = config_find(by_name, wanted->n_clients, client->name);
		if (was_set(json_object_get(state->applied, client->name), said ? *said : NULL,
			    client))
			json_object_set_new(state->endpoints, client->name,
					    endpoint_json(client->endpoint));
	}
	free(by_name);
}

/* Which endpoint shall a client have? */
static void settle(struct config_state *state, struct config_client *client)
{
	json_t *set = json_object_get(state->endpoints, client->name);
	json_t *last = json_object_get(state->applied, client->name);
	struct in_addr endpoint, before;
	bool says_new;

	client->has_said = client->has_endpoint;
	client->said = client->endpoint;
	client->remembered = last;
	if (!set)
		return;
	/* What a file says that said something else before is newer than what was set. */
	says_new = client->has_said && last &&
		   (!endpoint_get(json_object_get(last, "endpoint"), &before) ||
		    before.s_addr != client->said.s_addr);
	if (says_new || !endpoint_get(set, &endpoint)) {
		json_object_del(state->endpoints, client->name);
		return;
	}
	client->has_endpoint = true;
	client->endpoint = endpoint;
}

/**
 * state_settle() - give clients the endpoints that were set at run time
 * @state: what is remembered; afterwards of clients of the configuration only
 * @wanted: the configuration
 *
 * Afterwards the state knows what this configuration says of endpoints. It has
 * to be written before the kernel is changed: who sets an endpoint after that
 * has the last word.
 */
void state_settle(struct config_state *state, struct config *wanted)
{
	json_t *endpoints = json_object(), *applied = json_object(), *old, *record;
	size_t i;

	for (i = 0; i < wanted->n_clients; i++) {
		struct config_client *client = &wanted->clients[i];

		settle(state, client);
		old = json_object_get(state->endpoints, client->name);
		if (old)
			json_object_set(endpoints, client->name, old);
		record = client->remembered ? json_copy(client->remembered) : json_object();
		if (client->has_said)
			json_object_set_new(record, "endpoint", endpoint_json(client->said));
		else
			json_object_del(record, "endpoint");
		json_object_set_new(applied, client->name, record);
		client->remembered = record;
	}
	json_decref(state->endpoints);
	json_decref(state->applied);
	state->endpoints = endpoints;
	state->applied = applied;
}

/* Remember the prefixes that clients have, and the lists that were loaded. */
void state_record(struct config_state *state, const struct config *wanted,
		  const struct config *running)
{
	char text[PREFIX_STRLEN];
	json_t *record, *routed;
	size_t i;
	unsigned int j;

	for (i = 0; i < wanted->n_clients; i++) {
		record = json_object_get(state->applied, wanted->clients[i].name);
		json_object_set_new(record, "mtu", json_integer(wanted->clients[i].mtu));
	}
	for (i = 0; i < running->n_clients; i++) {
		const struct config_client *client = &running->clients[i];

		record = json_object_get(state->applied, client->name);
		if (!record)
			continue;
		prefix_text(&(struct prefix) { client->pair, 127 }, text);
		json_object_set_new(record, "pair", json_string(text));
		routed = json_array();
		for (j = 0; j < client->n_routed; j++)
			json_array_append_new(routed, json_string(prefix_text(&client->routed[j],
									      text)));
		json_object_set_new(record, "routed", routed);
	}
	json_array_clear(state->lists);
	for (i = 0; i < wanted->n_lists; i++)
		if (wanted->lists[i].n_files)
			json_array_append_new(state->lists, json_string(wanted->lists[i].name));
}
