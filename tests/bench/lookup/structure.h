/* SPDX-License-Identifier: GPL-2.0 */
/* A structure that finds the owner of an IPv6 address, and the memory it is made of. */
#ifndef STRUCTURE_H
#define STRUCTURE_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct prefix - what a client holds
 * @addr: first address
 * @len: its length
 */
struct prefix {
	struct in6_addr addr;
	uint8_t len;
};

/**
 * struct structure - one of those that are measured
 * @name: for the reader
 * @make: build it of @n prefixes; NULL where nothing is looked up
 * @find: the owner of an address, or NULL
 * @owner: who owns the prefix at a place in that array; NULL where it is the place, plus 1
 *
 * It is thrown away with memory_reset().
 */
struct structure {
	const char *name;
	void (*make)(const struct prefix *prefixes, size_t n);
	void *(*find)(const struct in6_addr *addr);
	void *(*owner)(size_t at);
};

extern const struct structure ours, patricia, lpm_trie;
extern const struct structure limit, limit_read, limit_flat, limit_flat_read, limit_flat_client,
	limit_far, nothing;

/* Instructions that a lookup takes, the mean of those of some addresses; NaN if nobody knows. */
double count_instructions(const struct structure *structure, const struct in6_addr *addrs);

/* Zeroed memory from one area of huge pages, as the kernel's direct map is. */
void *memory_get(size_t size, size_t align);
void memory_reset(void);

#endif /* STRUCTURE_H */
