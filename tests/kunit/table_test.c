// SPDX-License-Identifier: GPL-2.0
/*
 * The address tables against a simple reference: random operations on struct
 * sb_pool and struct sb_table, and on lists that are searched bit by bit.
 *
 * Modules' parameters: seed= repeats a run, operations= makes it longer.
 */

#include <kunit/test.h>
#include <linux/random.h>

#include "bits.h"
#include "client.h"

#include "../../kmod/far.c"
#include "../../kmod/pool.c"
#include "../../kmod/table.c"

static unsigned long long seed;
module_param(seed, ullong, 0644);
MODULE_PARM_DESC(seed, "seed of the random operations, 0 for a new one each time");

static unsigned int operations = 20000;
module_param(operations, uint, 0644);
MODULE_PARM_DESC(operations, "number of random operations");

#define MODEL_POOLS	24
#define MODEL_PIECES	400

/**
 * struct model - what the tables should say
 * @lock: lock of the tables
 * @table: the table under test
 * @random: where randomness comes from
 * @page: clients are near it; one of the kernel's, as those are that slots are in
 * @pool: pools in @table, NULL for none, in no order
 * @n: number of pieces held
 * @held: pieces held, in no order
 * @held.slot: index into @pool
 * @held.addr: first address of the piece
 * @held.client: who holds it
 * @held.open: has that one traffic?
 */
struct model {
	struct mutex lock;
	struct sb_table table;
	struct rnd_state random;
	void *page;
	struct sb_pool *pool[MODEL_POOLS];
	unsigned int n;
	struct {
		unsigned int slot;
		struct in6_addr addr;
		struct sb_client *client;
		bool open;
	} held[MODEL_PIECES];
};

static u32 below(struct model *model, u32 end)
{
	return prandom_u32_state(&model->random) % end;
}

static struct sb_pool *model_pool(struct model *model, const struct in6_addr *addr)
{
	int i;

	for (i = 0; i < MODEL_POOLS; i++)
		if (model->pool[i] && bits_equal(&model->pool[i]->prefix.addr, addr,
						 model->pool[i]->prefix.len))
			return model->pool[i];
	return NULL;
}

static struct sb_client *model_client(struct model *model, const struct in6_addr *addr)
{
	unsigned int i;

	for (i = 0; i < model->n; i++)
		if (bits_equal(&model->held[i].addr, addr, model->pool[model->held[i].slot]->cut))
			return model->held[i].client;
	return NULL;
}

static bool model_open(struct model *model, const struct in6_addr *addr)
{
	unsigned int i;

	for (i = 0; i < model->n; i++)
		if (bits_equal(&model->held[i].addr, addr, model->pool[model->held[i].slot]->cut))
			return model->held[i].open;
	return false;
}

/* The overlapping pool that comes first. */
static struct sb_pool *model_overlap(struct model *model, const struct sb_prefix *prefix)
{
	struct sb_pool *first = NULL;
	int i;

	for (i = 0; i < MODEL_POOLS; i++) {
		struct sb_pool *pool = model->pool[i];

		if (pool && bits_equal(&pool->prefix.addr, &prefix->addr,
				       min(pool->prefix.len, prefix->len)) &&
		    (!first || memcmp(&pool->prefix.addr, &first->prefix.addr, 16) < 0))
			first = pool;
	}
	return first;
}

/* The first pool at or above an address. */
static struct sb_pool *model_from(struct model *model, const struct in6_addr *addr)
{
	struct sb_pool *first = NULL;
	int i;

	for (i = 0; i < MODEL_POOLS; i++) {
		struct sb_pool *pool = model->pool[i];

		if (pool && memcmp(&pool->prefix.addr, addr, 16) >= 0 &&
		    (!first || memcmp(&pool->prefix.addr, &first->prefix.addr, 16) < 0))
			first = pool;
	}
	return first;
}

/* What a piece is given for a proof, that no other one of its pool has. */
static s64 proof_of(const struct sb_pool *pool, const struct in6_addr *addr)
{
	return sb_pool_index(pool, sb_addr_load(addr)) + 1;
}

/* The place of an address is in the array, once a piece near it was held. */
static void check_place(struct kunit *test, struct model *model, const struct in6_addr *addr,
			const struct sb_pool *pool, struct sb_client *client)
{
	struct sb_place place;
	bool is_near;

	is_near = pool && sb_pool_index(pool, sb_addr_load(addr)) < SB_NEAR_SLOTS;
	if (!sb_table_place(&model->table, addr, &place)) {
		KUNIT_EXPECT_TRUE_MSG(test, !is_near || !client, "no place for %pI6c", addr);
		return;
	}
	KUNIT_EXPECT_TRUE(test, is_near);
	KUNIT_EXPECT_PTR_EQ(test, place.pool, pool);
	KUNIT_EXPECT_EQ_MSG(test, place.index, sb_pool_index(pool, sb_addr_load(addr)),
			    "place of %pI6c", addr);
	/* What it has was left here before. */
	if (atomic64_read(&place.seen->proof))
		KUNIT_EXPECT_EQ_MSG(test, atomic64_read(&place.seen->proof), proof_of(pool, addr),
				    "proof of %pI6c", addr);
	atomic64_set(&place.seen->proof, proof_of(pool, addr));
}

/* Of who has just taken a piece nothing was received; something is from now on. */
static void check_unseen(struct kunit *test, struct model *model, const struct in6_addr *addr)
{
	struct sb_place place;

	if (!sb_table_place(&model->table, addr, &place))
		return;
	KUNIT_EXPECT_EQ(test, atomic64_read(&place.seen->proof), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&place.seen->received), 0);
	KUNIT_EXPECT_EQ(test, place.seen->last, 0);
	atomic_set(&place.seen->received, 1);
	place.seen->last = 1;
}

/* Of a far piece it is not known. */
static void check_piece(struct kunit *test, struct model *model, const struct in6_addr *addr,
			struct sb_pool *pool)
{
	u64 index = ~0ULL;

	KUNIT_EXPECT_PTR_EQ(test, sb_table_piece(&model->table, addr, &index), pool);
	if (!pool)
		return;
	KUNIT_EXPECT_EQ_MSG(test, index, sb_pool_index(pool, sb_addr_load(addr)),
			    "piece of %pI6c", addr);
	KUNIT_EXPECT_EQ_MSG(test, sb_pool_is_open(pool, index),
			    index < SB_NEAR_SLOTS && model_open(model, addr), "open: %pI6c", addr);
}

static void check_lookup(struct kunit *test, struct model *model, const struct in6_addr *addr)
{
	struct sb_pool *pool = (struct sb_pool *)-1L;
	struct sb_client *client;

	client = sb_table_client(&model->table, addr, &pool);
	KUNIT_EXPECT_PTR_EQ_MSG(test, pool, model_pool(model, addr), "pool of %pI6c", addr);
	KUNIT_EXPECT_PTR_EQ_MSG(test, client, model_client(model, addr), "client of %pI6c", addr);
	check_place(test, model, addr, pool, client);
	check_piece(test, model, addr, pool);
	KUNIT_EXPECT_PTR_EQ(test, sb_table_pool(&model->table, sb_addr_load(addr)),
			    model_pool(model, addr));
}

/* The edges of a prefix, and one address beyond. */
static void check_edges(struct kunit *test, struct model *model, const struct in6_addr *base,
			unsigned int len)
{
	struct in6_addr addr = *base;

	check_lookup(test, model, &addr);
	if (bits_previous(&addr))
		check_lookup(test, model, &addr);
	addr = *base;
	bits_fill(&addr, len, true);
	check_lookup(test, model, &addr);
	if (bits_next(&addr))
		check_lookup(test, model, &addr);
}

static void check_free(struct kunit *test, struct model *model, struct sb_pool *pool)
{
	u64 end = min(pool->size, 1ULL << 24), expected, index, used = 0, far = 0;
	unsigned int i;
	int err;

	for (expected = pool->first; expected < end; expected++) {
		struct in6_addr addr = pool->prefix.addr;

		bits_set_number(&addr, pool->prefix.len, pool->cut, expected);
		if (!model_client(model, &addr))
			break;
	}
	for (i = 0; i < model->n; i++) {
		if (model->pool[model->held[i].slot] != pool)
			continue;
		used++;
		/* What no slot says is in the hash. */
		index = bits_number(&model->held[i].addr, pool->prefix.len, pool->cut);
		far += index >= 1ULL << 24 ||
		       (unsigned long)model->held[i].client % SB_CLIENT_ALIGN;
	}

	index = ~0ULL;
	err = sb_pool_find_free(pool, &index);
	KUNIT_EXPECT_EQ_MSG(test, err, expected < end ? 0 : -ENOSPC, "%pI6c/%u:%u",
			    &pool->prefix.addr, pool->prefix.len, pool->cut);
	if (!err)
		KUNIT_EXPECT_EQ_MSG(test, index, expected, "first free piece of %pI6c/%u:%u",
				    &pool->prefix.addr, pool->prefix.len, pool->cut);
	KUNIT_EXPECT_EQ_MSG(test, pool->used, used, "pieces in use of %pI6c/%u:%u",
			    &pool->prefix.addr, pool->prefix.len, pool->cut);
	KUNIT_EXPECT_EQ_MSG(test, pool->far.used, far, "pieces in the hash of %pI6c/%u:%u",
			    &pool->prefix.addr, pool->prefix.len, pool->cut);
}

/* Addresses that often share a prefix, for neighbours and overlaps. */
static struct in6_addr near_address(struct model *model)
{
	struct in6_addr addr = { { { 0x20, 0x01, 0x0d, 0xb8 } } };
	unsigned int i;

	for (i = 0; i < 4; i++)
		bits_set(&addr, below(model, 128), true);
	return addr;
}

static void add_pool(struct kunit *test, struct model *model)
{
	unsigned int slot = below(model, MODEL_POOLS), cut;
	struct sb_pool *overlap, *pool;
	struct sb_prefix prefix;

	if (model->pool[slot])
		return;
	prefix.addr = near_address(model);
	prefix.len = 30 + below(model, 98);
	bits_fill(&prefix.addr, prefix.len, false);

	overlap = model_overlap(model, &prefix);
	KUNIT_EXPECT_PTR_EQ_MSG(test, sb_table_overlap(&model->table, &prefix), overlap,
				"overlap of %pI6c/%u", &prefix.addr, prefix.len);
	if (overlap)
		return;

	cut = prefix.len + below(model, min(127 - prefix.len, SB_POOL_CUT_BITS_MAX) + 1);
	pool = sb_pool_alloc(&prefix, 1 + below(model, 2), cut, &model->lock);
	KUNIT_EXPECT_FALSE(test, IS_ERR(pool));
	if (IS_ERR(pool))
		return;
	KUNIT_EXPECT_EQ(test, sb_table_add(&model->table, pool), 0);
	model->pool[slot] = pool;
	check_edges(test, model, &prefix.addr, prefix.len);
}

/* It disappears with all it holds. */
static void remove_pool(struct kunit *test, struct model *model, unsigned int slot)
{
	struct sb_pool *pool = model->pool[slot];
	struct sb_prefix prefix;
	unsigned int i;

	if (!pool)
		return;
	prefix = pool->prefix;
	sb_table_remove(&model->table, pool);
	for (i = 0; i < model->n;) {
		if (model->held[i].slot == slot)
			model->held[i] = model->held[--model->n];
		else
			i++;
	}
	model->pool[slot] = NULL;
	check_edges(test, model, &prefix.addr, prefix.len);
	/* Nobody reads under RCU here. */
	sb_pool_free(pool);
}

/* Low ones, as they are given out; edges of array pages, array and pool; any. */
static u64 random_index(struct model *model, const struct sb_pool *pool)
{
	static const u64 edges[] = {
		SB_LEAF_SLOTS - 1, SB_LEAF_SLOTS, SB_OPEN_BITS - 1, SB_OPEN_BITS,
		SB_NEAR_SLOTS - 1, SB_NEAR_SLOTS, SB_NEAR_SLOTS + 1, 1ULL << 32, 1ULL << 62,
	};
	u64 index;

	switch (below(model, 5)) {
	case 0:
	case 1:
		index = below(model, 12);
		break;
	case 2:
		index = edges[below(model, ARRAY_SIZE(edges))];
		break;
	case 3:
		index = pool->size - 1 - below(model, 2);
		break;
	default:
		index = bits_random(&model->random);
		break;
	}
	return index & (pool->size - 1);
}

/* Never looked into: any number does, as long as each is used once. Half are in reach. */
static struct sb_client *random_client(struct model *model)
{
	u64 random = bits_random(&model->random);

	if (random & 1)
		return (struct sb_client *)(unsigned long)random;
	return sb_slot_client(model->page, (s32)(random >> 32) / 2);
}

static void take(struct kunit *test, struct model *model, bool lowest)
{
	unsigned int slot = below(model, MODEL_POOLS);
	struct sb_pool *pool = model->pool[slot];
	struct sb_client *client;
	struct in6_addr addr;
	u64 index;

	if (!pool || model->n == MODEL_PIECES)
		return;
	client = random_client(model);
	if (!lowest)
		index = random_index(model, pool);
	else if (sb_pool_find_free(pool, &index))
		return;

	addr = pool->prefix.addr;
	bits_set_number(&addr, pool->prefix.len, pool->cut, index);
	KUNIT_EXPECT_PTR_EQ_MSG(test, sb_pool_get(pool, index), model_client(model, &addr),
				"holder of %pI6c/%u", &addr, pool->cut);
	if (model_client(model, &addr))
		return;

	KUNIT_EXPECT_EQ(test, sb_pool_take(pool, index, client), 0);
	check_unseen(test, model, &addr);
	model->held[model->n].slot = slot;
	model->held[model->n].addr = addr;
	model->held[model->n].client = client;
	model->held[model->n].open = false;
	model->n++;
	check_edges(test, model, &addr, pool->cut);
	check_free(test, model, pool);
}

/* Who holds a piece is disabled, or enabled again; or gives it back. */
static void turn(struct kunit *test, struct model *model, bool gives_back)
{
	struct sb_pool *pool;
	struct in6_addr addr;
	unsigned int i;
	u64 index;

	if (!model->n)
		return;
	i = below(model, model->n);
	pool = model->pool[model->held[i].slot];
	addr = model->held[i].addr;
	index = bits_number(&addr, pool->prefix.len, pool->cut);
	if (gives_back) {
		sb_pool_give_back(pool, index);
		model->held[i] = model->held[--model->n];
	} else {
		model->held[i].open = below(model, 4);
		sb_pool_open(pool, index, model->held[i].open);
	}
	check_edges(test, model, &addr, pool->cut);
	check_free(test, model, pool);
}

static void check_from(struct kunit *test, struct model *model, struct in6_addr addr)
{
	KUNIT_EXPECT_PTR_EQ_MSG(test, sb_table_from(&model->table, sb_addr_load(&addr)),
				model_from(model, &addr), "first pool from %pI6c", &addr);
}

static void check_walk(struct kunit *test, struct model *model)
{
	unsigned int slot = below(model, MODEL_POOLS);
	struct in6_addr addr = near_address(model);

	check_from(test, model, addr);
	if (model->pool[slot]) {
		/* As a dump goes on: from a pool, and from behind it. */
		addr = model->pool[slot]->prefix.addr;
		check_from(test, model, addr);
		if (bits_next(&addr))
			check_from(test, model, addr);
	}
	check_lookup(test, model, &addr);
	addr = bits_random_addr(&model->random);
	check_lookup(test, model, &addr);
	/* A place that was empty, in a random pool that is full of them. */
	if (model->n) {
		addr = model->held[below(model, model->n)].addr;
		bits_set(&addr, below(model, 128), below(model, 2));
		check_lookup(test, model, &addr);
	}
}

/* Random operations, mostly of clients; full and empty tables come by. */
static void s5_random_operations(struct kunit *test)
{
	u64 this_seed = seed ?: get_random_u64();
	struct model *model;
	unsigned int i;

	model = kvzalloc(sizeof(*model), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, model);
	model->page = kunit_kmalloc(test, PAGE_SIZE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, model->page);
	mutex_init(&model->lock);
	prandom_seed_state(&model->random, this_seed);
	kunit_info(test, "to repeat this run: seed=%llu operations=%u\n", this_seed, operations);

	sb_table_init(&model->table, &model->lock);
	mutex_lock(&model->lock);
	check_walk(test, model);
	for (i = 0; i < operations && test->status != KUNIT_FAILURE; i++) {
		/* Times of growth and times of decay. */
		bool growing = i / 1000 % 3 != 2;

		switch (below(model, 23)) {
		case 0:
			add_pool(test, model);
			break;
		case 1:
			if (!growing || !below(model, 8))
				remove_pool(test, model, below(model, MODEL_POOLS));
			break;
		case 2 ... 6:
			take(test, model, true);
			break;
		case 7 ... 11:
			take(test, model, false);
			break;
		case 12 ... 16:
			if (!growing || !below(model, 3))
				turn(test, model, true);
			break;
		case 17 ... 19:
			turn(test, model, false);
			break;
		default:
			check_walk(test, model);
			break;
		}
		cond_resched();
	}
	for (i = 0; i < MODEL_POOLS; i++)
		remove_pool(test, model, i);
	check_walk(test, model);
	mutex_unlock(&model->lock);
	sb_table_destroy(&model->table);
	mutex_destroy(&model->lock);
	kvfree(model);
}

/* As many pools as the bound allows, then holes, then all places again. */
static void bound_of_pools(struct kunit *test)
{
	struct sb_pool **pools = kunit_kcalloc(test, SB_POOLS_MAX + 1, sizeof(*pools), GFP_KERNEL);
	struct sb_prefix prefix = { .len = 127 };
	struct sb_table table;
	struct mutex lock;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, pools);
	mutex_init(&lock);
	sb_table_init(&table, &lock);
	mutex_lock(&lock);
	for (i = 0; i <= SB_POOLS_MAX; i++) {
		/* In an order that is neither ascending nor descending. */
		unsigned int place = i * 389 % (SB_POOLS_MAX + 1);

		bits_set_number(&prefix.addr, 64, 127, place);
		pools[i] = sb_pool_alloc(&prefix, SITBROKER_POOL_KIND_PAIR, 127, &lock);
		KUNIT_EXPECT_FALSE(test, IS_ERR(pools[i]));
		KUNIT_EXPECT_EQ_MSG(test, sb_table_add(&table, pools[i]),
				    i < SB_POOLS_MAX ? 0 : -ENOSPC, "pool number %u", i);
	}
	for (i = 0; i <= SB_POOLS_MAX; i++)
		KUNIT_EXPECT_PTR_EQ_MSG(test, sb_table_pool(&table, pools[i]->base),
					i < SB_POOLS_MAX ? pools[i] : NULL, "pool number %u", i);

	/* A hole makes room for the one that was refused. */
	sb_table_remove(&table, pools[0]);
	KUNIT_EXPECT_NULL(test, sb_table_pool(&table, pools[0]->base));
	KUNIT_EXPECT_EQ(test, sb_table_add(&table, pools[SB_POOLS_MAX]), 0);
	KUNIT_EXPECT_PTR_EQ(test, sb_table_pool(&table, pools[SB_POOLS_MAX]->base),
			    pools[SB_POOLS_MAX]);
	KUNIT_EXPECT_EQ(test, sb_table_add(&table, pools[0]), -ENOSPC);

	for (i = 1; i <= SB_POOLS_MAX; i++)
		sb_table_remove(&table, pools[i]);
	KUNIT_EXPECT_NULL(test, sb_table_from(&table, (struct sb_addr) {}));
	/* Also the same place anew, next to its own hole. */
	KUNIT_EXPECT_EQ(test, sb_table_add(&table, pools[5]), 0);
	KUNIT_EXPECT_PTR_EQ(test, sb_table_pool(&table, pools[5]->base), pools[5]);
	sb_table_remove(&table, pools[5]);
	mutex_unlock(&lock);

	sb_table_destroy(&table);
	for (i = 0; i <= SB_POOLS_MAX; i++)
		sb_pool_free(pools[i]);
	mutex_destroy(&lock);
}

/* Pools of one /64 are told apart by the last half of an address, others by the first one. */
static void pools_of_one_64(struct kunit *test)
{
	static const struct sb_prefix prefixes[] = {
		{ { { { 0x20, 0x01, 0x0d, 0xb8, [7] = 1, [8] = 0x80 } } }, .len = 68 },
		{ { { { 0x20, 0x01, 0x0d, 0xb8, [7] = 2 } } }, .len = 64 },
		{ { { { 0x20, 0x01, 0x0d, 0xb8, [7] = 1, [8] = 0x20 } } }, .len = 68 },
		{ { { { 0x20, 0x01, 0x0d, 0xb8 } } }, .len = 64 },
		{ { { { 0x20, 0x01, 0x0d, 0xb8, [7] = 1, [8] = 0xf0 } } }, .len = 68 },
	};
	struct sb_pool *pools[ARRAY_SIZE(prefixes)];
	struct sb_table table;
	unsigned int n, i;
	struct mutex lock;

	mutex_init(&lock);
	sb_table_init(&table, &lock);
	mutex_lock(&lock);
	for (n = 0; n < ARRAY_SIZE(prefixes); n++) {
		pools[n] = sb_pool_alloc(&prefixes[n], SITBROKER_POOL_KIND_PAIR, 127, &lock);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, pools[n]);
		KUNIT_EXPECT_EQ(test, sb_table_add(&table, pools[n]), 0);
		for (i = 0; i < ARRAY_SIZE(prefixes); i++) {
			struct sb_addr first = sb_addr_load(&prefixes[i].addr), last = first, below;
			const struct sb_pool *pool = i <= n ? pools[i] : NULL;
			struct sb_addr mask = sb_addr_mask(prefixes[i].len);

			last.hi |= ~mask.hi;
			last.lo |= ~mask.lo;
			/* In none of them, in the same /64 where there is anything. */
			below = (struct sb_addr) { first.hi - !first.lo, first.lo - 1 };
			KUNIT_EXPECT_PTR_EQ(test, sb_table_pool(&table, first), pool);
			KUNIT_EXPECT_PTR_EQ(test, sb_table_pool(&table, last), pool);
			if (prefixes[i].len > 64)
				KUNIT_EXPECT_NULL(test, sb_table_pool(&table, below));
		}
	}
	sb_table_remove(&table, pools[2]);
	KUNIT_EXPECT_NULL(test, sb_table_pool(&table, pools[2]->base));
	KUNIT_EXPECT_PTR_EQ(test, sb_table_pool(&table, pools[0]->base), pools[0]);
	mutex_unlock(&lock);

	sb_table_destroy(&table);
	for (i = 0; i < n; i++)
		sb_pool_free(pools[i]);
	mutex_destroy(&lock);
}

/* A pool filled to the last piece, and again after gaps. */
static void exhausted_pool(struct kunit *test)
{
	struct sb_prefix prefix = { .addr = { { { 0x20, 0x01, 0x0d, 0xb8 } } }, .len = 116 };
	static const u64 gaps[] = { 1, 511, 512, 1000, 2047 };
	struct sb_pool *pool;
	struct mutex lock;
	u64 index, i;

	mutex_init(&lock);
	pool = sb_pool_alloc(&prefix, SITBROKER_POOL_KIND_PAIR, 127, &lock);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, pool);
	mutex_lock(&lock);
	for (i = 1; i < 2048; i++) {
		KUNIT_EXPECT_EQ(test, sb_pool_find_free(pool, &index), 0);
		KUNIT_EXPECT_EQ(test, index, i);
		KUNIT_EXPECT_EQ(test, sb_pool_take(pool, index, (struct sb_client *)1), 0);
	}
	KUNIT_EXPECT_EQ(test, sb_pool_find_free(pool, &index), -ENOSPC);
	/* The pair that nobody gets unasked is still there for who asks. */
	KUNIT_EXPECT_NULL(test, sb_pool_get(pool, 0));
	KUNIT_EXPECT_EQ(test, sb_pool_take(pool, 0, (struct sb_client *)1), 0);
	KUNIT_EXPECT_EQ(test, pool->used, 2048);
	sb_pool_give_back(pool, 0);
	KUNIT_EXPECT_EQ(test, sb_pool_find_free(pool, &index), -ENOSPC);

	for (i = ARRAY_SIZE(gaps); i--;)
		sb_pool_give_back(pool, gaps[i]);
	for (i = 0; i < ARRAY_SIZE(gaps); i++) {
		KUNIT_EXPECT_EQ(test, sb_pool_find_free(pool, &index), 0);
		KUNIT_EXPECT_EQ(test, index, gaps[i]);
		KUNIT_EXPECT_EQ(test, sb_pool_take(pool, index, (struct sb_client *)1), 0);
	}
	KUNIT_EXPECT_EQ(test, sb_pool_find_free(pool, &index), -ENOSPC);
	KUNIT_EXPECT_EQ(test, pool->used, 2047);
	mutex_unlock(&lock);
	sb_pool_free(pool);
	mutex_destroy(&lock);
}

static struct kunit_case table_cases[] = {
	KUNIT_CASE_SLOW(s5_random_operations),
	KUNIT_CASE(bound_of_pools),
	KUNIT_CASE(pools_of_one_64),
	KUNIT_CASE(exhausted_pool),
	{}
};

static struct kunit_suite table_suite = {
	.name = "sitbroker_table",
	.test_cases = table_cases,
};

kunit_test_suite(table_suite);

MODULE_DESCRIPTION("KUnit tests of sitbroker: address tables");
MODULE_LICENSE("GPL");
