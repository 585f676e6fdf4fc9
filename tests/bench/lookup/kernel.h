/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What kmod/table.c, kmod/pool.c and kmod/far.c use of the kernel, for one thread
 * in user space. The headers in shim/ all lead here.
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
typedef int32_t s32;
typedef int64_t s64;
/* What these count or prove is nothing that is measured. */
typedef struct { int counter; } atomic_t;
typedef struct { s64 counter; } atomic64_t;
#define U32_MAX			UINT32_MAX
#define S32_MIN			INT32_MIN
#define S32_MAX			INT32_MAX
#define atomic_read(v)		((v)->counter)
#define atomic_set(v, i)	((void)((v)->counter = (i)))
#define atomic64_set(v, i)	((void)((v)->counter = (i)))
#define atomic_try_cmpxchg(v, old, new)	((void)(old), (v)->counter = (new), true)
#define HZ			250
#define ilog2(n)		(31 - __builtin_clz(n))
#define get_jiffies_64()	0ULL
#define jiffies64_to_msecs(n)	((n) * (1000 / HZ))

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))
#define DIV_ROUND_UP(n, d)	(((n) + (d) - 1) / (d))
#define min(a, b)		((a) < (b) ? (a) : (b))
#define max_t(type, a, b)	((type)(a) > (type)(b) ? (type)(a) : (type)(b))
#define round_up(n, power)	(((n) + (power) - 1) & ~((power) - 1))
#define likely(x)		__builtin_expect(!!(x), 1)
#define unlikely(x)		__builtin_expect(!!(x), 0)
#define container_of(ptr, type, member)	((type *)((char *)(ptr) - offsetof(type, member)))
#define __counted_by(n)
#define __rcu
#define __percpu
#define __read_mostly
#define __aligned(n)		__attribute__((__aligned__(n)))
#define ____cacheline_aligned	__attribute__((__aligned__(64)))
#define struct_size(p, member, n)	(sizeof(*(p)) + sizeof(*((p)->member)) * (n))

#define READ_ONCE(x)		__atomic_load_n(&(x), __ATOMIC_RELAXED)
#define WRITE_ONCE(x, value)	__atomic_store_n(&(x), value, __ATOMIC_RELAXED)

/* There is one thread, which the compiler must not read ahead for either. */
#define smp_rmb()		__asm__ volatile("" : : : "memory")
#define cond_resched()		((void)0)

#define GOLDEN_RATIO_64		0x61c8864680b583ebULL

static inline u32 reciprocal_scale(u32 value, u32 end)
{
	return (u64)value * end >> 32;
}

static inline u64 ror64(u64 word, unsigned int shift)
{
	return word >> (shift & 63) | word << (-shift & 63);
}

static inline size_t roundup_pow_of_two(size_t n)
{
	return n > 1 ? 1UL << (64 - __builtin_clzl(n - 1)) : 1;
}

/* Hashes are the same each time. */
static inline u64 get_random_u64(void)
{
	return 0xd1342543de82ef95;
}

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

/* Nobody else changes any. */
static inline bool test_bit(unsigned long bit, const unsigned long *bits)
{
	return bits[bit / 64] >> bit % 64 & 1;
}

static inline void assign_bit(unsigned long bit, unsigned long *bits, bool value)
{
	bits[bit / 64] = (bits[bit / 64] & ~(1UL << bit % 64)) | (unsigned long)value << bit % 64;
}

/* Locks: there is one thread. */
struct mutex {};
struct rcu_head { void *next[2]; };
struct list_head { struct list_head *next, *prev; };

#define lockdep_is_held(lock)		1
#define lockdep_assert_held(lock)	((void)(lock))

/* As x86 has it: prefetchnta. */
#define prefetch(p)		__builtin_prefetch(p, 0, 0)
#define rcu_dereference(p)		READ_ONCE(p)
#define OPTIMIZER_HIDE_VAR(v)	__asm__ ("" : "=r" (v) : "0" (v))
#define rcu_dereference_check(p, c)	READ_ONCE(p)
#define rcu_dereference_protected(p, c)	(p)
#define rcu_access_pointer(p)		READ_ONCE(p)
#define rcu_assign_pointer(p, v)	__atomic_store_n(&(p), v, __ATOMIC_RELEASE)
/* Nobody reads what is stored while it is. */
#define smp_store_release(p, v)		__atomic_store_n(p, v, __ATOMIC_RELEASE)
#define RCU_INIT_POINTER(p, v)		WRITE_ONCE(p, v)

/*
 * Memory: objects of a size that the slab allocator has, pages, huge pages of
 * what is larger than both; never given back one by one.
 */
#define PAGE_SHIFT		12
#define PAGE_SIZE		(1UL << PAGE_SHIFT)
#define KMALLOC_MAX_SIZE	(1UL << 22)
#define HUGE_PAGE_SIZE		(1UL << 21)
#define __GFP_NOWARN		0
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

static inline void *kcalloc(size_t n, size_t size, int flags)
{
	return kzalloc(n * size, flags);
}

static inline void *kvzalloc(size_t size, int flags)
{
	if (size <= KMALLOC_MAX_SIZE)
		return kzalloc(size, flags);
	return memory_get(round_up(size, HUGE_PAGE_SIZE), HUGE_PAGE_SIZE);
}

#define __GFP_ZERO		0
#define __GFP_RETRY_MAYFAIL	0
#define alloc_pages_exact(size, flags)	memory_get(size, PAGE_SIZE)
#define free_pages_exact(pages, size)	((void)(pages))
#define kfree(p)		((void)(p))
#define kvfree(p)		((void)(p))
#define kvfree_rcu(p, field)	((void)(p))

#endif /* KERNEL_H */
