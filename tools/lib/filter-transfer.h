/* SPDX-License-Identifier: GPL-2.0 */
/* Filter lists to the kernel and back. */
#ifndef LIB_FILTER_TRANSFER_H
#define LIB_FILTER_TRANSFER_H

#include <stdbool.h>

#include "../filter/ranges.h"
#include "netlink.h"

/* Somebody who changes a list all the time must not keep a change of it for ever. */
#define FILTER_TRIES	20

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
int filter_send(struct kernel *kernel, const struct filter_load *load,
		const struct ranges *ranges);
int filter_fetch(struct kernel *kernel, const char *name, struct ranges *ranges,
		 uint32_t *generation);

/* A request about a list, or about all where @name is NULL. */
struct nl_msg *filter_message(uint8_t command, int flags, const char *name);

#endif /* LIB_FILTER_TRANSFER_H */
