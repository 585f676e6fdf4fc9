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
 * struct view - what there is of routes for a link
 * @link: its name, "" where there is no link
 * @vrf: its VRF, 0 for none
 * @vrf_name: the name of that, or ""
 * @at: what the VRF is to be said with in a command, or ""
 * @table: the table of that, or the main one
 * @uplink: the device of the IPv6 default route, "" for none
 * @ways: see doctor-firewall.c, NULL for none
 */
struct view {
	char link[16];
	uint32_t vrf;
	char vrf_name[16];
	char at[24];
	uint32_t table;
	char uplink[16];
	struct ways *ways;
};

/**
 * struct doctor - an examination
 * @broker: the invocation
 * @links: as in link_json(), of all links
 * @pools: as in pool_json()
 * @uplinks: as in uplink_json()
 * @addresses: of this host
 * @views: of each link, in that order; of none, one
 * @n_views: how many
 * @findings: objects: severity, check, what, why, command; of clients, clients
 * @problems: number of those that are problems
 */
struct doctor {
	struct broker *broker;
	json_t *links;
	json_t *pools;
	json_t *uplinks;
	struct ifaddrs *addresses;
	struct view *views;
	size_t n_views;
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
 *
 * Return: it, for more keys.
 */
json_t *finding(struct doctor *doctor, enum severity severity, const char *check, json_t *what,
		const char *why, json_t *command);

/* Is a command given already? */
bool is_said(const struct doctor *doctor, const char *command);

static inline const char *text_of(json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static inline json_int_t number_of(json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

/* doctor-link.c: links, pools, uplinks */
void examine_links(struct doctor *doctor);
void examine_pools(struct doctor *doctor);
void examine_uplinks(struct doctor *doctor);

/* The device that has an IPv4 address, or NULL. */
const char *device_of(const struct doctor *doctor, struct in_addr address);

/* doctor-route.c; examine_routes() finds &doctor.views */
void examine_routes(struct doctor *doctor);
struct view *view_of(const struct doctor *doctor, const char *link);
void visit_routes(struct doctor *doctor, int (*see)(struct nl_msg *msg, void *arg), void *arg);

/* What ip calls a route that refuses, NULL for one that does not. */
const char *refusing_type(unsigned int type);

/* doctor-pool.c: routes to pools, and what is in their way; what of a prefix has none */
void examine_ways(struct doctor *doctor);
void examine_circles(struct doctor *doctor);

/* doctor-host.c: settings and sockets; examine_ipv6() wants &doctor.views */
void examine_ipv6(struct doctor *doctor);
void examine_settings(struct doctor *doctor);
void examine_sockets(struct doctor *doctor);
int device_mtu(const char *device);

/* doctor-client.c */
#define AGE_STRLEN	24

void examine_clients(struct doctor *doctor);

/* "3 d", the largest unit that there is one of. Return: text */
const char *age_text(json_int_t ms, char text[AGE_STRLEN]);

/* In front of a command: cron's PATH, or a user's, has nothing of these. */
#define SBIN_PATH	"PATH=\"${PATH:+$PATH:}/usr/sbin:/sbin\"; "

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
