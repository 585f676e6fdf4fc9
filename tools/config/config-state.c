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
 * has is known still.
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

/* An object that a file holds; an empty one where there is no file, or where it is damaged. */
static json_t *read_object(struct broker *broker, const char *path, bool *damaged)
{
	json_error_t error;
	json_t *object;

	*damaged = false;
	if (access(path, F_OK) && errno == ENOENT)
		return json_object();
	object = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
	if (json_is_object(object))
		return object;
	json_decref(object);
	/* A server whose memory is lost is of more use than none. */
	*damaged = true;
	refuse(broker, EIO,
	       "what was remembered in \"%s\" cannot be read (%s) and is left out, but for what the kernel has; brokertool config apply writes it anew",
	       path, object ? "no object" : error.text);
	return json_object();
}

/* Endpoints that were set at run time, alone: the rest may be long. */
json_t *state_read_endpoints(struct broker *broker, const char *link, bool *damaged)
{
	char *path = state_path(broker, link, "endpoints");
	json_t *endpoints = read_object(broker, path, damaged);

	free(path);
	return endpoints;
}

static json_t *array_in(const json_t *all, const char *key)
{
	json_t *array = json_object_get(all, key);

	return json_is_array(array) ? json_incref(array) : json_array();
}

void state_read(struct broker *broker, const char *link, struct config_state *state)
{
	char *applied = state_path(broker, link, "applied");
	json_t *all = read_object(broker, applied, &state->applied_damaged);

	state->endpoints = state_read_endpoints(broker, link, &state->endpoints_damaged);
	state->applied = json_incref(json_object_get(all, "clients"));
	if (!json_is_object(state->applied)) {
		json_decref(state->applied);
		state->applied = json_object();
	}
	state->lists = array_in(all, "filters");
	state->routers = array_in(all, "routers");
	json_decref(all);
	free(applied);
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

	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
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
			    "link \"%s\": \"%s\" cannot be written: %s; it would not survive a restart",
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

/* Is it an address or null? 0.0.0.0 stands for the latter. */
static bool endpoint_get(const json_t *value, struct in_addr *endpoint)
{
	endpoint->s_addr = 0;
	return json_is_null(value) ||
	       (json_is_string(value) && !ipv4_parse(json_string_value(value), endpoint));
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
 * state_recover() - the endpoints that were set at run time are lost, but the kernel has them
 * @state: what is remembered; afterwards with those endpoints
 * @wanted: the configuration, as far as it can be read
 * @running: what the kernel has
 */
void state_recover(struct config_state *state, const struct config *wanted,
		   const struct config *running)
{
	const struct config_client **by_name = config_by_name(wanted);
	const struct config_client *const *said;
	size_t i;

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
