/* SPDX-License-Identifier: GPL-2.0 */
/* One pool: a prefix cut into equal pieces, each held by at most one client. */
#ifndef _SITBROKER_POOL_H
#define _SITBROKER_POOL_H

#include <linux/bitops.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/types.h>

#include <uapi/linux/sitbroker.h>

#include "far.h"
#include "prefix.h"
#include "seen.h"
#include "slot.h"

struct sb_client;
struct sb_link;
struct sb_route;

/* A leaf is a page of slots, and four of what was seen of who is there. */
#define SB_LEAF_SHIFT	(PAGE_SHIFT - 2)
#define SB_LEAF_SLOTS	(1U << SB_LEAF_SHIFT)

/* So many pieces have their bits in one page. */
#define SB_OPEN_SHIFT	(PAGE_SHIFT + 3)
#define SB_OPEN_BITS	(1U << SB_OPEN_SHIFT)

/* Pieces below this index live in the array, the others in a hash. */
#define SB_NEAR_SLOTS	(1ULL << 24)

/* 2^63 pieces are enough, and their number fits into 64 bits. */
#define SB_POOL_CUT_BITS_MAX	63

/* A piece below %SB_NEAR_SLOTS whose holder is out of reach is a far one of this index more. */
#define SB_OUT_OF_REACH		(1ULL << SB_POOL_CUT_BITS_MAX)

/**
 * struct sb_leaf - neighbouring pieces of a pool
 * @slot: who holds each of them, see slot.h; changed under &sb_pool.lock, read under RCU
 * @seen: what was seen of who holds it. Not beside the slot: whoever looks at one of them
 *	seldom needs the other, and finds more of what it needs in the caches.
 */
struct sb_leaf {
	s32 slot[SB_LEAF_SLOTS];
	struct sb_seen seen[SB_LEAF_SLOTS];
};

/**
 * struct sb_cut - which bits of an address are the number of the piece that holds it
 * @upper: bits of the number that the first half of the address has, turned right by @turn
 * @lower: bits that its last half has, shifted right by @turn
 * @turn: 0 to 63
 *
 * Halves by themselves, since a shift of 128 bits is slow, and all lookups wait for it.
 */
struct sb_cut {
	u64 upper;
	u64 lower;
	u8 turn;
};

/**
 * struct sb_pool - an IPv6 prefix that a link hands out in equal pieces
 * @prefix: the whole; constant
 * @cut: length of the pieces; constant
 * @kind: what the pieces are handed out as; constant
 * @pieces: what makes a piece's number of an address; constant
 * @base: @prefix as a number; constant
 * @mask: mask of @prefix; constant
 * @size: number of pieces, at most 2^63; constant
 * @open: pages of bits, one for each piece below %SB_NEAR_SLOTS, see sb_pool_is_open(); the
 *	pointers as those in @leaf, the bits changed under @lock
 * @far: pieces at %SB_NEAR_SLOTS and above, and those whose holder is out of a slot's reach;
 *	changed under @lock, read under RCU
 * @first: lowest index given to a client that did not ask for it; constant
 * @used: pieces that clients hold; protected by @lock
 * @hint: no free piece from @first to below this index; protected by @lock
 * @link: the link that the pool belongs to; constant
 * @route: its route, see route.c; used with softirqs off, by each processor alone; constant
 * @list: in &sb_link.pools; protected by @lock
 * @lock: held by whoever changes the pool, &sb_net.lock; constant
 * @n_leaves: number of entries in @leaf; constant
 * @leaf: parts of the array, allocated on first use and kept until the pool goes;
 *	changed under @lock, read under RCU
 *
 * Freed a grace period after it left &sb_table.
 */
struct sb_pool {
	struct sb_prefix prefix;
	u8 cut;
	enum sitbroker_pool_kind kind;
	struct sb_cut pieces;
	struct sb_addr base;
	struct sb_addr mask;
	u64 size;
	unsigned long __rcu **open;
	struct sb_far far;
	u64 first;
	u64 used;
	u64 hint;
	struct sb_link *link;
	struct sb_route __percpu *route;
	struct list_head list;
	struct mutex *lock;
	u32 n_leaves;
	struct sb_leaf __rcu *leaf[] __counted_by(n_leaves);
};

struct sb_pool *sb_pool_alloc(const struct sb_prefix *prefix, enum sitbroker_pool_kind kind,
			      u8 cut, struct mutex *lock);
void sb_pool_free(struct sb_pool *pool);

struct in6_addr sb_pool_piece(const struct sb_pool *pool, u64 index);

int sb_pool_take(struct sb_pool *pool, u64 index, struct sb_client *client);
void sb_pool_give_back(struct sb_pool *pool, u64 index);
int sb_pool_find_free(struct sb_pool *pool, u64 *index);

/**
 * sb_piece_index() - the piece that holds an address
 * @cut: how the pool is cut
 * @addr: an address inside the pool
 *
 * Return: its index.
 */
static inline u64 sb_piece_index(const struct sb_cut *cut, struct sb_addr addr)
{
	return (ror64(addr.hi, cut->turn) & cut->upper) | (addr.lo >> cut->turn & cut->lower);
}

/* Likewise, below &sb_pool.size. */
static inline u64 sb_pool_index(const struct sb_pool *pool, struct sb_addr addr)
{
	return sb_piece_index(&pool->pieces, addr);
}

/* Is an address of a pool that of the server's end of a pair, whosever that is? The even one. */
static inline bool sb_pool_is_server(const struct sb_pool *pool, const struct in6_addr *addr)
{
	return pool->kind == SITBROKER_POOL_KIND_PAIR && !(addr->s6_addr[15] & 1);
}

/* Where in its leaf a piece below %SB_NEAR_SLOTS is. */
static inline unsigned int sb_leaf_at(u64 index)
{
	return index & (SB_LEAF_SLOTS - 1);
}

/* Of a piece below %SB_NEAR_SLOTS; NULL where none near it was ever held. */
static inline struct sb_leaf *sb_pool_leaf(const struct sb_pool *pool, u64 index)
{
	struct sb_leaf __rcu *const *leaf = pool->leaf;

	/* Or gcc adds where they begin to the index, and that is waited for. */
	OPTIMIZER_HIDE_VAR(leaf);
	return rcu_dereference_check(leaf[index >> SB_LEAF_SHIFT], lockdep_is_held(pool->lock));
}

/**
 * sb_pool_get() - who holds a piece
 * @pool: the pool
 * @index: the piece, below &sb_pool.size
 *
 * The caller holds the RCU read lock or &sb_pool.lock.
 *
 * Return: the client, or NULL.
 */
static inline struct sb_client *sb_pool_get(const struct sb_pool *pool, u64 index)
{
	const struct sb_leaf *leaf;
	s32 slot;

	if (unlikely(index >= SB_NEAR_SLOTS))
		return sb_far_get(&pool->far, index);
	leaf = sb_pool_leaf(pool, index);
	if (!leaf)
		return NULL;
	/* What is read of the client waits for it: as good as rcu_dereference(). */
	slot = READ_ONCE(leaf->slot[sb_leaf_at(index)]);
	if (unlikely(slot == SB_SLOT_OUT_OF_REACH))
		return sb_far_get(&pool->far, index | SB_OUT_OF_REACH);
	return slot != SB_SLOT_NOBODY ? sb_slot_client(leaf, slot) : NULL;
}

/* Of a piece below %SB_NEAR_SLOTS: the page with its bit; NULL where none in it was ever held. */
static inline unsigned long *sb_pool_bits(const struct sb_pool *pool, u64 index)
{
	return rcu_dereference_check(pool->open[index >> SB_OPEN_SHIFT],
				     lockdep_is_held(pool->lock));
}

/**
 * sb_pool_is_open() - is a piece known to be held by a client with traffic?
 * @pool: the pool
 * @index: the piece, below &sb_pool.size
 *
 * A bit for each piece stays in the caches where a client for each does not. The caller holds
 * the RCU read lock or &sb_pool.lock.
 *
 * Return: true where packets may see its holder, who is not disabled; false elsewhere, and
 * of pieces at %SB_NEAR_SLOTS and above: ask sb_pool_get().
 */
static inline bool sb_pool_is_open(const struct sb_pool *pool, u64 index)
{
	const unsigned long *bits;

	if (unlikely(index >= SB_NEAR_SLOTS))
		return false;
	bits = sb_pool_bits(pool, index);
	return bits && test_bit(index & (SB_OPEN_BITS - 1), bits);
}

/**
 * sb_pool_open() - say whether the client that holds a piece has traffic
 * @pool: the pool
 * @index: a piece that is held
 * @open: may packets see the client, and is it not disabled?
 *
 * See sb_pool_is_open(). The caller holds &sb_pool.lock.
 */
static inline void sb_pool_open(struct sb_pool *pool, u64 index, bool open)
{
	lockdep_assert_held(pool->lock);
	if (index < SB_NEAR_SLOTS)
		assign_bit(index & (SB_OPEN_BITS - 1), sb_pool_bits(pool, index), open);
}

#endif /* _SITBROKER_POOL_H */
