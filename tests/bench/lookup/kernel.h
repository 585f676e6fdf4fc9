/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What kmod/table.c and kmod/pool.c use of the kernel, for one thread in user
 * space. The headers in shim/ all lead here.
 */
#ifndef KERNEL_H
#define KERNEL_H

#include <endian.h>
#include <errno.h>
#include <linux/types.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "structure.h"

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))
#define DIV_ROUND_UP(n, d)	(((n) + (d) - 1) / (d))
#define min(a, b)		((a) < (b) ? (a) : (b))
#define likely(x)		__builtin_expect(!!(x), 1)
#define unlikely(x)		__builtin_expect(!!(x), 0)
#define container_of(ptr, type, member)	((type *)((char *)(ptr) - offsetof(type, member)))
#define __counted_by(n)
#define __rcu
#define __read_mostly
#define ____cacheline_aligned	__attribute__((__aligned__(64)))
#define struct_size(p, member, n)	(sizeof(*(p)) + sizeof(*((p)->member)) * (n))

#define READ_ONCE(x)		__atomic_load_n(&(x), __ATOMIC_RELAXED)
#define WRITE_ONCE(x, value)	__atomic_store_n(&(x), value, __ATOMIC_RELAXED)

static inline void *ERR_PTR(long error)	{ return (void *)error; }
static inline bool IS_ERR(const void *p)	{ return (unsigned long)p >= -4095UL; }
static inline long PTR_ERR(const void *p)	{ return (long)p; }

static inline u64 get_unaligned_be64(const void *at)
{
	u64 value;

	memcpy(&value, at, sizeof(value));
	return be64toh(value);
}

static inline void put_unaligned_be64(u64 value, void *at)
{
	value = htobe64(value);
	memcpy(at, &value, sizeof(value));
}

static inline bool ipv4_is_loopback(__be32 addr)
{
	return (ntohl(addr) >> 24) == 127;
}

static inline bool ipv4_is_multicast(__be32 addr)
{
	return (ntohl(addr) >> 28) == 14;
}

/* Locks: there is one thread. */
struct mutex {};
struct rcu_head { void *next[2]; };
struct list_head { struct list_head *next, *prev; };

#define lockdep_is_held(lock)		1
#define lockdep_assert_held(lock)	((void)(lock))
static inline void rcu_read_lock(void)	{}
static inline void rcu_read_unlock(void)	{}

#define rcu_dereference(p)		READ_ONCE(p)
#define rcu_dereference_check(p, c)	READ_ONCE(p)
#define rcu_dereference_protected(p, c)	(p)
#define rcu_access_pointer(p)		READ_ONCE(p)
#define rcu_assign_pointer(p, v)	__atomic_store_n(&(p), v, __ATOMIC_RELEASE)
#define RCU_INIT_POINTER(p, v)		WRITE_ONCE(p, v)

/* Memory: objects of a size that the slab allocator has, pages; never given back one by one. */
#define PAGE_SHIFT		12
#define PAGE_SIZE		(1UL << PAGE_SHIFT)
#define GFP_KERNEL		0
#define GFP_KERNEL_ACCOUNT	0
#define GFP_ATOMIC		0

static inline void *kzalloc(size_t size, int flags)
{
	size_t slab = 8;

	(void)flags;
	while (slab < size)
		slab *= 2;
	return memory_get(slab, slab < PAGE_SIZE ? slab : PAGE_SIZE);
}

#define kvzalloc(size, flags)	kzalloc(size, flags)
#define get_zeroed_page(flags)	((unsigned long)memory_get(PAGE_SIZE, PAGE_SIZE))
#define free_page(page)		((void)(page))
#define kfree(p)		((void)(p))
#define kvfree(p)		((void)(p))
#define kfree_rcu(p, field)	((void)(p))
#define kvfree_rcu(p, field)	((void)(p))

/*
 * A hash table as the kernel's: chains of heads inside objects, jhash2() of the
 * key, twice as many buckets when three quarters are used.
 */
struct rhash_head {
	struct rhash_head *next;
};

struct rhashtable_params {
	u16 key_len;
	u16 key_offset;
	u16 head_offset;
	bool automatic_shrinking;
};

struct bucket_table {
	u32 size;
	u32 hash_rnd;
	struct rhash_head *buckets[];
};

struct rhashtable {
	struct bucket_table *tbl;
	u32 nelems;
	struct rhashtable_params p;
};

static inline u32 rol32(u32 word, unsigned int shift)
{
	return word << shift | word >> (32 - shift);
}

/* Bob Jenkins' lookup3 for one or two words. */
static inline u32 jhash2(const u32 *key, u32 length, u32 initval)
{
	u32 a = 0xdeadbeef + (length << 2) + initval, b = a, c = a;

	if (length > 1)
		b += key[1];
	a += key[0];
	c ^= b; c -= rol32(b, 14);
	a ^= c; a -= rol32(c, 11);
	b ^= a; b -= rol32(a, 25);
	c ^= b; c -= rol32(b, 16);
	a ^= c; a -= rol32(c, 4);
	b ^= a; b -= rol32(a, 14);
	c ^= b; c -= rol32(b, 24);
	return c;
}

static inline struct bucket_table *bucket_table_alloc(u32 size)
{
	struct bucket_table *table = memory_get(struct_size(table, buckets, size), 64);

	table->size = size;
	table->hash_rnd = 0x5eed;
	return table;
}

static inline int rhashtable_init(struct rhashtable *ht, const struct rhashtable_params *params)
{
	ht->p = *params;
	ht->nelems = 0;
	ht->tbl = bucket_table_alloc(64);
	return 0;
}

static inline void rhashtable_free_and_destroy(struct rhashtable *ht,
					       void (*free_fn)(void *ptr, void *arg), void *arg)
{
	(void)free_fn;
	(void)arg;
	ht->tbl = NULL;
}

static inline struct rhash_head **rht_bucket(struct bucket_table *table, const void *key,
					     const struct rhashtable_params params)
{
	return &table->buckets[jhash2(key, params.key_len / 4, table->hash_rnd) &
			       (table->size - 1)];
}

static inline void *rhashtable_lookup(struct rhashtable *ht, const void *key,
				      const struct rhashtable_params params)
{
	const struct rhash_head *head;
	const char *object;

	for (head = *rht_bucket(ht->tbl, key, params); head; head = head->next) {
		object = (const char *)head - params.head_offset;
		if (!memcmp(object + params.key_offset, key, params.key_len))
			return (void *)object;
	}
	return NULL;
}

#define rhashtable_lookup_fast(ht, key, params)	rhashtable_lookup(ht, key, params)

static inline void rhashtable_link(struct bucket_table *table, struct rhash_head *head,
				   const struct rhashtable_params params)
{
	struct rhash_head **bucket;

	bucket = rht_bucket(table, (char *)head - params.head_offset + params.key_offset, params);
	head->next = *bucket;
	*bucket = head;
}

static inline int rhashtable_insert_fast(struct rhashtable *ht, struct rhash_head *head,
					 const struct rhashtable_params params)
{
	struct bucket_table *old = ht->tbl;
	struct rhash_head *each, *next;
	u32 i;

	if (++ht->nelems > old->size / 4 * 3) {
		ht->tbl = bucket_table_alloc(2 * old->size);
		for (i = 0; i < old->size; i++) {
			for (each = old->buckets[i]; each; each = next) {
				next = each->next;
				rhashtable_link(ht->tbl, each, params);
			}
		}
	}
	rhashtable_link(ht->tbl, head, params);
	return 0;
}

static inline int rhashtable_remove_fast(struct rhashtable *ht, struct rhash_head *head,
					 const struct rhashtable_params params)
{
	struct rhash_head **at;

	at = rht_bucket(ht->tbl, (char *)head - params.head_offset + params.key_offset, params);
	while (*at && *at != head)
		at = &(*at)->next;
	if (!*at)
		return -ENOENT;
	*at = head->next;
	ht->nelems--;
	return 0;
}

#endif /* KERNEL_H */
