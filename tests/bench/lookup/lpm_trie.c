// SPDX-License-Identifier: GPL-2.0
/*
 * A trie in the manner of BPF_MAP_TYPE_LPM_TRIE: keys in network byte order,
 * compared from their beginning in every node, nodes without a value where two
 * keys part. The value of a key follows it in the node.
 */

#include <endian.h>
#include <stdbool.h>
#include <string.h>

#include "structure.h"

#define KEY_BYTES	16
#define KEY_BITS	(8 * KEY_BYTES)

/**
 * struct node - a key of some bits
 * @child: by the first bit behind the key
 * @bits: length of the key
 * @empty: no value, two keys part here
 * @key: the key
 * @value: the client
 */
struct node {
	struct node *child[2];
	uint32_t bits;
	bool empty;
	uint8_t key[KEY_BYTES];
	void *value;
};

static struct node *root;

static bool bit_of(const uint8_t *key, unsigned int at)
{
	return key[at / 8] & 1 << (7 - at % 8);
}

/* Length of the common beginning of a node's key and another one. */
static unsigned int match(const struct node *node, const uint8_t *key, unsigned int bits)
{
	unsigned int limit = node->bits < bits ? node->bits : bits, at, length;
	uint64_t a, b;

	for (at = 0; at < KEY_BYTES; at += sizeof(a)) {
		memcpy(&a, node->key + at, sizeof(a));
		memcpy(&b, key + at, sizeof(b));
		if (a != b) {
			length = 8 * at + __builtin_clzll(be64toh(a ^ b));
			return length < limit ? length : limit;
		}
		if (8 * (at + sizeof(a)) >= limit)
			return limit;
	}
	return limit;
}

static struct node *new_node(const uint8_t *key, unsigned int bits)
{
	struct node *node = memory_get(sizeof(*node), _Alignof(struct node));

	memcpy(node->key, key, KEY_BYTES);
	node->bits = bits;
	return node;
}

static void add(const uint8_t *key, unsigned int bits, void *value)
{
	struct node *new = new_node(key, bits), **at = &root, *node, *fork;
	unsigned int same = 0;

	new->value = value;
	while ((node = *at)) {
		same = match(node, key, bits);
		if (node->bits != same || node->bits == bits)
			break;
		at = &node->child[bit_of(key, node->bits)];
	}
	if (!node) {
		*at = new;
	} else if (node->bits == same) {	/* the same key */
		memcpy(new->child, node->child, sizeof(new->child));
		*at = new;
	} else if (same == bits) {		/* an ancestor of it */
		new->child[bit_of(node->key, same)] = node;
		*at = new;
	} else {
		fork = new_node(key, same);
		fork->empty = true;
		fork->child[bit_of(key, same)] = new;
		fork->child[!bit_of(key, same)] = node;
		*at = fork;
	}
}

static void lpm_trie_make(const struct prefix *prefixes, size_t n)
{
	size_t i;

	root = NULL;
	for (i = 0; i < n; i++)
		add(prefixes[i].addr.s6_addr, prefixes[i].len, (void *)(i + 1));
}

static void *lpm_trie_find(const struct in6_addr *addr)
{
	const struct node *node, *found = NULL;
	unsigned int same;

	for (node = root; node;) {
		same = match(node, addr->s6_addr, KEY_BITS);
		if (same == KEY_BITS) {
			found = node;
			break;
		}
		if (same < node->bits)
			break;
		if (!node->empty)
			found = node;
		node = node->child[bit_of(addr->s6_addr, node->bits)];
	}
	return found ? found->value : NULL;
}

const struct structure lpm_trie = {
	.name = "lpm trie",
	.make = lpm_trie_make,
	.find = lpm_trie_find,
};
