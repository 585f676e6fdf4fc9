// SPDX-License-Identifier: GPL-2.0
/*
 * A Patricia trie in the manner of WireGuard's allowedips: each node holds a
 * prefix, its children branch at the first bit behind it, and a lookup walks
 * down while prefixes match, remembering the last owner.
 */

#include <endian.h>
#include <stdbool.h>

#include "structure.h"

/**
 * struct node - a prefix, with or without an owner
 * @owner: the client, or NULL where two branches only part
 * @child: by the first bit behind the prefix
 * @hi: the first 64 bits of the prefix, host byte order
 * @lo: the last 64 bits
 * @len: its length
 * @parent: allowedips keeps one for removal
 * @link: and a list of each peer's nodes
 */
struct node {
	void *owner;
	struct node *child[2];
	uint64_t hi, lo;
	uint8_t len;
	void *parent;
	void *link[2];
};

static struct node *root;

/* Number of leading bits that two addresses have in common. */
static unsigned int common(uint64_t hi, uint64_t lo, const struct node *node)
{
	if (hi != node->hi)
		return __builtin_clzll(hi ^ node->hi);
	if (lo != node->lo)
		return 64 + __builtin_clzll(lo ^ node->lo);
	return 128;
}

static bool bit_at(uint64_t hi, uint64_t lo, unsigned int at)
{
	return (at < 64 ? hi >> (63 - at) : lo >> (127 - at)) & 1;
}

static struct node *new_node(uint64_t hi, uint64_t lo, uint8_t len, void *owner)
{
	struct node *node = memory_get(sizeof(*node), _Alignof(struct node));

	node->hi = len >= 64 ? hi : len ? hi & ~0ULL << (64 - len) : 0;
	node->lo = len >= 128 ? lo : len > 64 ? lo & ~0ULL << (128 - len) : 0;
	node->len = len;
	node->owner = owner;
	return node;
}

static void add(uint64_t hi, uint64_t lo, uint8_t len, void *owner)
{
	struct node **at = &root, *node, *fork;
	unsigned int same = 0;

	while ((node = *at)) {
		same = common(hi, lo, node);
		if (same > len)
			same = len;
		if (same < node->len || node->len == len)
			break;
		at = &node->child[bit_at(hi, lo, node->len)];
	}
	if (!node) {
		*at = new_node(hi, lo, len, owner);
		return;
	}
	if (same == len && node->len == len) {
		node->owner = owner;
		return;
	}
	fork = new_node(hi, lo, same, same == len ? owner : NULL);
	fork->child[bit_at(node->hi, node->lo, same)] = node;
	if (same < len)
		fork->child[bit_at(hi, lo, same)] = new_node(hi, lo, len, owner);
	*at = fork;
}

static void patricia_make(const struct prefix *prefixes, size_t n)
{
	const struct prefix *prefix;
	size_t i;

	root = NULL;
	for (i = 0; i < n; i++) {
		prefix = &prefixes[i];
		add(be64toh(*(const uint64_t *)&prefix->addr.s6_addr[0]),
		    be64toh(*(const uint64_t *)&prefix->addr.s6_addr[8]),
		    prefix->len, (void *)(i + 1));
	}
}

static void *patricia_find(const struct in6_addr *addr)
{
	uint64_t hi = be64toh(*(const uint64_t *)&addr->s6_addr[0]);
	uint64_t lo = be64toh(*(const uint64_t *)&addr->s6_addr[8]);
	const struct node *node = root;
	void *found = NULL;

	while (node && common(hi, lo, node) >= node->len) {
		if (node->owner)
			found = node->owner;
		if (node->len == 128)
			break;
		node = node->child[bit_at(hi, lo, node->len)];
	}
	return found;
}

const struct structure patricia = {
	.name = "patricia",
	.make = patricia_make,
	.find = patricia_find,
};
