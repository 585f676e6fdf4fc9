/* SPDX-License-Identifier: GPL-2.0 */
/* One line on a terminal that says how far things are. */
#ifndef BROKERDNS_PROGRESS_H
#define BROKERDNS_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct progress - how far something is
 * @what: what is done
 * @done: how much of it
 * @all: how much there is to do
 * @shown: something stands on the line
 */
struct progress {
	const char *what;
	size_t done;
	size_t all;
	bool shown;
};

void progress_begin(struct progress *progress, const char *what, size_t all);
void progress_step(struct progress *progress);
void progress_end(struct progress *progress);

#endif /* BROKERDNS_PROGRESS_H */
