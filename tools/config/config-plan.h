/* SPDX-License-Identifier: GPL-2.0 */
/* What the parts of a comparison share. */
#ifndef CONFIG_PLAN_H
#define CONFIG_PLAN_H

#include "config.h"

/**
 * struct comparison - two configurations
 * @broker: the invocation
 * @wanted: what shall be
 * @running: what is
 * @plan: what to do
 * @by_name: running clients by name
 * @wanted_by_name: clients that shall be by name
 * @stays: of each running client, in the order of @by_name: it stays as it is
 * @leaves: of each running pool: it goes
 * @asked: prefixes that the configuration gives to somebody, in order
 * @n_asked: number of them
 * @held: prefixes of running clients that stay, in order
 * @n_held: number of them
 */
struct comparison {
	struct broker *broker;
	const struct config *wanted;
	const struct config *running;
	struct plan *plan;
	const struct config_client **by_name;
	const struct config_client **wanted_by_name;
	bool *stays;
	bool *leaves;
	struct in6_addr *asked;
	size_t n_asked;
	struct in6_addr *held;
	size_t n_held;
};

/* For what no file asks for. */
static const struct origin nowhere;

const char *number_text(char text[24], unsigned long value);
const char *endpoint_text(struct in_addr address, char text[INET_ADDRSTRLEN]);

/* Move a step to the plan where it has more than @words words, else forget it. */
void plan_keep(struct plan *plan, struct plan *from, int words);

/* config-plan.c */
bool pools_meet(const struct config_pool *a, const struct config_pool *b);

/* config-clients.c: find_staying() before the others */
void find_staying(struct comparison *c);
void plan_clients_leave(struct comparison *c);
void plan_clients(struct comparison *c);

#endif /* CONFIG_PLAN_H */
