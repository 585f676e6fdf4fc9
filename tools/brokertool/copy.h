/* SPDX-License-Identifier: GPL-2.0 */
/* A copy of the kernel's tables: what events that were lost have changed. */
#ifndef COPY_H
#define COPY_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum copy_kind {
	COPY_LINK,
	COPY_POOL,
	COPY_CLIENT,
	COPY_NDP,
	COPY_FILTER,
	N_COPY_KINDS,
};

/**
 * struct copy - settings of all objects
 * @settings: of each kind, "IFINDEX NAME" and the settings as a string, which
 *	takes less memory than objects do
 * @generations: of each link, by the text of its ifindex
 */
struct copy {
	json_t *settings[N_COPY_KINDS];
	json_t *generations;
};

void copy_init(struct copy *copy);
void copy_free(struct copy *copy);

/* @object stays the caller's. */
void copy_put(struct copy *copy, enum copy_kind kind, uint32_t ifindex, json_t *object);
void copy_delete(struct copy *copy, enum copy_kind kind, uint32_t ifindex, json_t *object);
void copy_flush_clients(struct copy *copy, uint32_t ifindex);

/**
 * copy_generation() - note the generation that a link has
 * @copy: the copy
 * @ifindex: the link
 * @generation: it; one that is older than the known one is not noted
 *
 * Return: there were changes between the known one and this.
 */
bool copy_generation(struct copy *copy, uint32_t ifindex, uint32_t generation);

/* @object is the visitor's. */
typedef void (*copy_visit)(enum copy_kind kind, bool deleted, json_t *object, void *arg);

/**
 * copy_compare() - visit what has gone, then what is new or has changed
 * @then: the tables as they were; what a link had goes with it, unsaid
 * @now: as they are
 * @visit: called for each object
 * @arg: for @visit
 *
 * Return: how many they were.
 */
unsigned int copy_compare(struct copy *then, const struct copy *now, copy_visit visit, void *arg);

#endif /* COPY_H */
