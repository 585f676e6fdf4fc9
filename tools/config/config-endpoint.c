// SPDX-License-Identifier: GPL-2.0
/*
 * Endpoints that are set at run time, of a link that has a configuration: they
 * are remembered, so that they survive a restart.
 *
 * From before the kernel is asked until they are written nobody else applies a
 * configuration: he would give the client its former endpoint back. A batch
 * writes when it would have to wait for its next line, and at its end.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"

/**
 * struct pending - what is to be written
 * @lock: the lock, -1 where it is not held
 * @err: why it is not, a negative errno; 0 where it need not be
 * @link: name of the link, empty where it has no configuration
 * @endpoints: all that is remembered of the link, or NULL
 * @dirty: @endpoints is to be written
 */
static struct pending {
	int lock;
	int err;
	char link[IFNAMSIZ];
	json_t *endpoints;
	bool dirty;
} pending = { .lock = -1 };

/* Write what is to be written, and let others go on. Return: exit code, after a complaint. */
int endpoint_flush(struct broker *broker)
{
	int code = 0;

	if (pending.dirty)
		code = state_write_endpoints(broker, pending.link, pending.endpoints);
	json_decref(pending.endpoints);
	if (pending.lock >= 0)
		close(pending.lock);
	pending = (struct pending) { .lock = -1 };
	return code;
}

/* Where one may not look there may be something. */
static bool may_exist(const char *path)
{
	return !access(path, F_OK) || (errno != ENOENT && errno != ENOTDIR);
}

/* Which link is it? Empty where it has no configuration. */
static void find_link(struct broker *broker, uint32_t ifindex, char link[IFNAMSIZ])
{
	char *directory = config_directory(broker), *path;
	struct link_info info;

	*link = '\0';
	/* Most servers without configurations do not even have the directory. */
	if (may_exist(directory) && !link_info_get(broker, ifindex, &info) && *info.name) {
		path = config_path(broker, info.name);
		if (may_exist(path))
			strcpy(link, info.name);
		free(path);
	}
	free(directory);
}

/*
 * What was remembered is lost, or damaged, and was complained of: begin with what the kernel has.
 * Return: 0 or an exit code, after a complaint.
 */
static int recover(struct broker *broker, const char *link)
{
	char *path = config_path(broker, link);
	const char *batch = broker->batch;
	unsigned long line = broker->line;
	struct config wanted, running;
	struct config_state state;
	int code;

	/* What it says counts as far as it can be read. */
	broker->mute = true;
	config_read(broker, path, &wanted);
	state_read(broker, link, &state);
	broker->mute = false;
	broker->batch = batch;
	broker->line = line;
	code = config_running(broker, link, &running);
	if (!code) {
		state_recover(&state, &wanted, &running);
		json_decref(pending.endpoints);
		pending.endpoints = json_incref(state.endpoints);
		pending.dirty = true;
	}
	state_free(&state);
	config_free(&running);
	config_free(&wanted);
	free(path);
	/* Nobody shall write what is not known. */
	return code ? endpoint_flush(broker) ?: code : 0;
}

/**
 * endpoint_begin() - an endpoint is about to be set
 * @broker: the invocation
 * @ifindex: index of the link, 0 for the only one
 *
 * Return: 0 or an exit code, after a complaint.
 */
int endpoint_begin(struct broker *broker, uint32_t ifindex)
{
	char link[IFNAMSIZ];
	enum config_memory memory;
	int code;

	if (broker->applying)
		return 0;
	find_link(broker, ifindex, link);
	if (pending.lock >= 0 && !strcmp(link, pending.link))
		return 0;
	code = endpoint_flush(broker);
	if (code || !*link)
		return code;
	pending.lock = state_lock();
	if (pending.lock < 0) {
		/* Who may not set an endpoint either is told so by the kernel. */
		pending.err = pending.lock;
		pending.lock = -1;
		return 0;
	}
	strcpy(pending.link, link);
	pending.endpoints = state_read_endpoints(broker, link, &memory);
	return memory == MEMORY_WHOLE ? 0 : recover(broker, link);
}

/**
 * endpoint_end() - an endpoint was set, or the kernel has refused
 * @broker: the invocation
 * @client: name of the client
 * @endpoint: 0.0.0.0 for none
 * @code: exit code of the set
 *
 * Return: exit code of all, after a complaint.
 */
int endpoint_end(struct broker *broker, const char *client, struct in_addr endpoint, int code)
{
	char text[INET_ADDRSTRLEN];
	json_t *value;

	if (!code && pending.lock >= 0) {
		value = endpoint.s_addr ? json_string(ipv4_text(endpoint, text)) : json_null();
		json_object_set_new(pending.endpoints, client, value);
		pending.dirty = true;
	}
	if (!code && pending.err)
		code = refuse(broker, -pending.err,
			      "client \"%s\" has that endpoint now, but will not have it after a restart or config apply: /run/sitbroker.lock cannot be had: %s; set it as root",
			      client, strerror(-pending.err));
	return broker->batch && pending.dirty ? code : endpoint_flush(broker) ?: code;
}

bool endpoint_is_pending(void)
{
	return pending.dirty;
}
