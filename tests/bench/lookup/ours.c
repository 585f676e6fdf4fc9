// SPDX-License-Identifier: GPL-2.0
/* The module's table, kmod/table.c, kmod/pool.c and kmod/far.c, as they are. */

#include <stdio.h>
#include <stdlib.h>

#include "kernel.h"
#include "structure.h"
#include "../../../kmod/table.h"

static struct sb_table table;
static struct mutex lock;
/* Clients, one behind the other; nobody looks at them. */
static char *clients;

/* Each pool is as long as its pieces leave room for: 2^40 of them, or 63 bits of a /64. */
static const struct {
	const char *prefix;
	u8 len;
	u8 cut;
	enum sitbroker_pool_kind kind;
} pools[] = {
	{ "\x20\x01\x0d\xb8\x01\x00", 64, 127, SITBROKER_POOL_KIND_PAIR },
	{ "\x20\x02\x00\x00\x00\x00", 24, 64, SITBROKER_POOL_KIND_ROUTED },
	{ "\x24\x00\x00\x00\x00\x00", 8, 48, SITBROKER_POOL_KIND_ROUTED },
};

static void fail(const char *what)
{
	fprintf(stderr, "lookup: ours: %s\n", what);
	exit(1);
}

static void *ours_owner(size_t at)
{
	return clients + at * SB_CLIENT_ALIGN;
}

static void ours_make(const struct prefix *prefixes, size_t n)
{
	struct sb_prefix whole = {};
	struct sb_addr addr;
	struct sb_pool *pool;
	size_t i;

	clients = memory_get(n * SB_CLIENT_ALIGN, PAGE_SIZE);
	sb_table_init(&table, &lock);
	for (i = 0; i < ARRAY_SIZE(pools); i++) {
		memcpy(&whole.addr, pools[i].prefix, 6);
		whole.len = pools[i].len;
		pool = sb_pool_alloc(&whole, pools[i].kind, pools[i].cut, &lock);
		if (IS_ERR(pool) || sb_table_add(&table, pool))
			fail("no pool");
	}
	for (i = 0; i < n; i++) {
		addr = sb_addr_load((const struct in6_addr *)&prefixes[i].addr);
		pool = sb_table_pool(&table, addr);
		if (!pool || pool->cut != prefixes[i].len ||
		    sb_pool_take(pool, sb_pool_index(pool, addr), ours_owner(i)))
			fail("a prefix is no piece of a pool");
	}
}

static void *ours_find(const struct in6_addr *addr)
{
	struct sb_pool *pool;

	return sb_table_client(&table, addr, &pool);
}

const struct structure ours = {
	.name = "ours",
	.make = ours_make,
	.find = ours_find,
	.owner = ours_owner,
};
