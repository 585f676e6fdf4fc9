/* SPDX-License-Identifier: GPL-2.0 */
/* What the filter commands share: lists in the kernel. */
#ifndef BROKERTOOL_FILTER_H
#define BROKERTOOL_FILTER_H

#include "../lib/filter-transfer.h"
#include "brokertool.h"

/* SITBROKER_FILTER_ACTION_*, with a NULL behind. */
extern const char *const filter_actions[];

/* Take the name of a list. Return: 0 or an exit code, after a complaint. */
int filter_name(const struct broker *broker, struct words *words, const char *verb,
		const char **name);

int filter_load_read(struct broker *broker, struct words *words, struct ranges *ranges);
json_t *filter_memory_json(const struct item *item);
int bytes_next(const struct broker *broker, struct words *words, const char *key, uint64_t *bytes);

/* Commands: exit code. */
int filter_load_command(struct broker *broker, struct words *words);
int filter_change_command(struct broker *broker, struct words *words, bool add);
int filter_save_command(struct broker *broker, struct words *words);
int filter_show_command(struct broker *broker, struct words *words);
int filter_test_command(struct broker *broker, struct words *words);

#endif /* BROKERTOOL_FILTER_H */
