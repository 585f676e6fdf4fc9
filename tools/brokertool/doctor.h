/* SPDX-License-Identifier: GPL-2.0 */
/* What brokertool doctor has found, and where it looks. */
#ifndef DOCTOR_H
#define DOCTOR_H

#include <ifaddrs.h>
#include <stdio.h>

#include "brokertool.h"

/* Something does not work, or something may surprise. */
enum severity { PROBLEM, NOTE };

/**
 * struct doctor - an examination
 * @broker: the invocation
 * @links: as in link_json(), of all links
 * @pools: as in pool_json()
 * @uplinks: as in uplink_json()
 * @addresses: of this host
 * @uplink: the device of the IPv6 default route, "" for none
 * @findings: objects: severity, check, what, why, command
 * @problems: number of those that are problems
 */
struct doctor {
	struct broker *broker;
	json_t *links;
	json_t *pools;
	json_t *uplinks;
	struct ifaddrs *addresses;
	char uplink[16];
	json_t *findings;
	unsigned int problems;
};

/**
 * finding() - note something down
 * @doctor: the examination
 * @severity: how bad it is
 * @check: a word for programs
 * @what: what is wrong; a string, taken over
 * @why: why that matters
 * @command: what mends it, or shows more of it; a string, taken over
 */
void finding(struct doctor *doctor, enum severity severity, const char *check, json_t *what,
	     const char *why, json_t *command);

static inline const char *text_of(json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static inline json_int_t number_of(json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

/* doctor-link.c: links, pools, uplinks, clients */
void examine_links(struct doctor *doctor);
void examine_pools(struct doctor *doctor);
void examine_uplinks(struct doctor *doctor);
void examine_clients(struct doctor *doctor);

/* doctor-host.c: settings and routes; examine_routes() finds &doctor.uplink */
void examine_routes(struct doctor *doctor);
void examine_strays(struct doctor *doctor);
void examine_settings(struct doctor *doctor);
void examine_sockets(struct doctor *doctor);
int device_mtu(const char *device);

/* doctor-firewall.c */
void examine_firewall(struct doctor *doctor);

/**
 * firewall_examine() - the same for a given set of rules
 * @doctor: the examination
 * @ruleset: what nft -j list ruleset prints
 */
void firewall_examine(struct doctor *doctor, json_t *ruleset);

/* doctor-legacy.c */
void examine_legacy(struct doctor *doctor);
json_t *legacy_rules(FILE *stream, const char *family);

#endif /* DOCTOR_H */
