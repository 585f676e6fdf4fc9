/* SPDX-License-Identifier: GPL-2.0 */
/* What the filter commands share: lists in the kernel. */
#ifndef BROKERTOOL_FILTER_H
#define BROKERTOOL_FILTER_H

#include "../filter/ranges.h"
#include "brokertool.h"

/* Somebody who changes a list all the time must not keep a change of it for ever. */
#define FILTER_TRIES	20

/* SITBROKER_FILTER_ACTION_*, with a NULL behind. */
extern const char *const filter_actions[];

/**
 * struct filter_load - how a list is to be loaded
 * @name: its name
 * @has_action: @action is given
 * @action: SITBROKER_FILTER_ACTION_*
 * @has_generation: @generation is given
 * @generation: what the list must have, 0 for a list that must not exist
 * @empty: the list may hold nothing
 */
struct filter_load {
	const char *name;
	bool has_action;
	unsigned int action;
	bool has_generation;
	uint32_t generation;
	bool empty;
};

/* Both: 0 or a negative errno with &kernel.refusal. Ranges are merged. */
int filter_send(struct broker *broker, const struct filter_load *load,
		const struct ranges *ranges);
int filter_fetch(struct broker *broker, const char *name, struct ranges *ranges,
		 uint32_t *generation);

struct nl_msg *filter_message(uint8_t command, int flags, const char *name);

/* Take the name of a list. Return: 0 or an exit code, after a complaint. */
int filter_name(const struct broker *broker, struct words *words, const char *verb,
		const char **name);

/* Commands: exit code. */
int filter_load_command(struct broker *broker, struct words *words);
int filter_change_command(struct broker *broker, struct words *words, bool add);
int filter_save_command(struct broker *broker, struct words *words);
int filter_show_command(struct broker *broker, struct words *words);
int filter_test_command(struct broker *broker, struct words *words);

#endif /* BROKERTOOL_FILTER_H */
