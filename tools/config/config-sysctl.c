// SPDX-License-Identifier: GPL-2.0
/*
 * Sysctls that a tunnel server needs: forwarding, and what it would break.
 *
 * A host that learns its default route from router advertisements stops to
 * listen to them when it forwards, and forgets the route at once, unless
 * accept_ra is 2. So that comes first, for the devices on which neighbour
 * solicitations are answered and those with such a default route. Where
 * accept_ra is 0, somebody else sees to it, or nobody shall.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "config.h"

#define IPV6	"/proc/sys/net/ipv6"

static int file_number(const char *path)
{
	FILE *file;
	int value;

	file = fopen(path, "re");
	if (!file)
		return -1;
	if (fscanf(file, "%d", &value) != 1)
		value = -1;
	fclose(file);
	return value;
}

/* The value of net.ipv6.conf.DEVICE.KEY, -1 where there is none. */
static int sysctl_get(const char *device, const char *key)
{
	char path[128];

	snprintf(path, sizeof(path), IPV6 "/conf/%s/%s", device, key);
	return file_number(path);
}

/* Carry out KEY=VALUE. Return: 0 or an exit code, after a complaint. */
int sysctl_set(struct broker *broker, const char *assignment)
{
	const char *equals = strchr(assignment, '=');
	bool dots = !memchr(assignment, '/', equals - assignment);
	char path[256], *c;
	int fd, err = 0;

	snprintf(path, sizeof(path), "/proc/sys/%.*s", (int)(equals - assignment), assignment);
	for (c = path; dots && *c; c++)
		if (*c == '.')
			*c = '/';
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, equals + 1, strlen(equals + 1)) < 0)
		err = errno;
	if (fd >= 0)
		close(fd);
	if (!err)
		return 0;
	return refuse(broker, err,
		      "sysctl %s cannot be set: %s; leave it to others with forwarding = leave, accept-ra = leave or nonlocal-bind = leave",
		      assignment, strerror(err));
}

static void plan_ra(const struct config *wanted, const char *device, struct plan *plan)
{
	bool dot = strchr(device, '.');
	char assignment[64];
	size_t i;

	snprintf(assignment, sizeof(assignment),
		 dot ? "net/ipv6/conf/%s/accept_ra=2" : "net.ipv6.conf.%s.accept_ra=2", device);
	/* A device may be an uplink and have the route, too. */
	for (i = 0; i < plan->n; i++)
		if (plan->steps[i].kind == STEP_SYSCTL &&
		    !strcmp(plan->steps[i].words[2], assignment))
			return;
	plan_add(plan, STEP_SYSCTL, wanted->ra_origin.file ? wanted->ra_origin : wanted->origin,
		 "sysctl -w %s", assignment);
}

/* A device with a default route that a router has advertised. */
static void keep_router(uint32_t ifindex, void *arg)
{
	char device[IFNAMSIZ];
	json_t *known;
	size_t i;

	if (!if_indextoname(ifindex, device))
		return;
	json_array_foreach(arg, i, known)
		if (!strcmp(json_string_value(known), device))
			return;
	json_array_append_new(arg, json_string(device));
}

/**
 * state_learn() - which devices have a default route that a router has advertised?
 * @broker: the invocation
 * @wanted: the configuration
 * @state: what is remembered; afterwards those that have one, or had it last
 *
 * At boot there may be none yet, and forwarding would keep it from being learnt.
 *
 * Return: 0 or an exit code, after a complaint.
 */
int state_learn(struct broker *broker, const struct config *wanted, struct config_state *state)
{
	json_t *devices;

	if (wanted->ra != CONFIG_RA_AUTO)
		return 0;
	devices = json_array();
	if (router_visit(broker, keep_router, devices)) {
		json_decref(devices);
		return refused(broker, "the host's default routes cannot be read");
	}
	if (json_array_size(devices)) {
		json_decref(state->routers);
		state->routers = json_incref(devices);
	}
	json_decref(devices);
	return 0;
}

void plan_sysctls(const struct config *wanted, const struct config_state *state,
		  struct plan *plan)
{
	const char *device;
	json_t *router;
	size_t i;

	for (i = 0; wanted->ra == CONFIG_RA_LISTED && i < wanted->n_ra_devices; i++)
		if (sysctl_get(wanted->ra_devices[i], "accept_ra") != 2)
			plan_ra(wanted, wanted->ra_devices[i], plan);
	if (wanted->ra == CONFIG_RA_AUTO) {
		for (i = 0; i < wanted->n_uplinks; i++)
			if (sysctl_get(wanted->uplinks[i].device, "accept_ra") == 1)
				plan_ra(wanted, wanted->uplinks[i].device, plan);
		/* Forwarding first would make it forget them. */
		json_array_foreach(state->routers, i, router) {
			device = json_string_value(router);
			if (device && sysctl_get(device, "accept_ra") == 1)
				plan_ra(wanted, device, plan);
		}
	}
	if (!wanted->leave_forwarding && sysctl_get("all", "forwarding") != 1)
		plan_add(plan, STEP_SYSCTL, wanted->origin,
			 "sysctl -w net.ipv6.conf.all.forwarding=1");
	if (wanted->nonlocal_bind && file_number(IPV6 "/ip_nonlocal_bind") != 1)
		plan_add(plan, STEP_SYSCTL, wanted->origin,
			 "sysctl -w net.ipv6.ip_nonlocal_bind=1");
}
