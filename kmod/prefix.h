/* SPDX-License-Identifier: GPL-2.0 */
/* IPv6 addresses and prefixes as numbers. */
#ifndef _SITBROKER_PREFIX_H
#define _SITBROKER_PREFIX_H

#include <linux/in.h>
#include <linux/in6.h>
#include <linux/types.h>

#include "compat/unaligned.h"

/**
 * struct sb_addr - an IPv6 address as a 128-bit number
 * @hi: the first 64 bits, host byte order
 * @lo: the last 64 bits, host byte order
 */
struct sb_addr {
	u64 hi;
	u64 lo;
};

/**
 * struct sb_prefix - an IPv6 prefix
 * @addr: first address, network byte order; bits beyond @len are zero
 * @len: length, 0 to 128
 */
struct sb_prefix {
	struct in6_addr addr;
	u8 len;
};

static inline struct sb_addr sb_addr_load(const struct in6_addr *addr)
{
	return (struct sb_addr) {
		.hi = get_unaligned_be64(&addr->s6_addr[0]),
		.lo = get_unaligned_be64(&addr->s6_addr[8]),
	};
}

static inline void sb_addr_store(struct in6_addr *to, struct sb_addr addr)
{
	put_unaligned_be64(addr.hi, &to->s6_addr[0]);
	put_unaligned_be64(addr.lo, &to->s6_addr[8]);
}

/* The first @len bits set, 0 to 128; never shifts by 64. */
static inline struct sb_addr sb_addr_mask(unsigned int len)
{
	return (struct sb_addr) {
		.hi = len >= 64 ? ~0ULL : len ? ~0ULL << (64 - len) : 0,
		.lo = len >= 128 ? ~0ULL : len > 64 ? ~0ULL << (128 - len) : 0,
	};
}

static inline int sb_addr_cmp(struct sb_addr a, struct sb_addr b)
{
	if (a.hi != b.hi)
		return a.hi < b.hi ? -1 : 1;
	if (a.lo != b.lo)
		return a.lo < b.lo ? -1 : 1;
	return 0;
}

/*
 * What every lookup does. With numbers of 128 bits there is no branch to
 * mispredict: two instructions on x86-64.
 */
#if defined(__SIZEOF_INT128__) && (defined(CONFIG_ARCH_SUPPORTS_INT128) || defined(CONFIG_X86_64))

static inline unsigned __int128 sb_addr_number(struct sb_addr addr)
{
	return (unsigned __int128)addr.hi << 64 | addr.lo;
}

static inline bool sb_addr_at_or_below(struct sb_addr a, struct sb_addr b)
{
	return sb_addr_number(a) <= sb_addr_number(b);
}

#else

static inline bool sb_addr_at_or_below(struct sb_addr a, struct sb_addr b)
{
	return (a.hi < b.hi) | ((a.hi == b.hi) & (a.lo <= b.lo));
}

#endif

static inline bool sb_addr_in(struct sb_addr addr, struct sb_addr base, struct sb_addr mask)
{
	return !(((addr.hi ^ base.hi) & mask.hi) | ((addr.lo ^ base.lo) & mask.lo));
}

/* Has the prefix bits set beyond its length? */
static inline bool sb_prefix_has_host_bits(const struct sb_prefix *prefix)
{
	struct sb_addr addr = sb_addr_load(&prefix->addr);
	struct sb_addr mask = sb_addr_mask(prefix->len);

	return (addr.hi & ~mask.hi) | (addr.lo & ~mask.lo);
}

static inline bool sb_prefix_overlaps(const struct sb_prefix *a, const struct sb_prefix *b)
{
	return sb_addr_in(sb_addr_load(&a->addr), sb_addr_load(&b->addr),
			  sb_addr_mask(min(a->len, b->len)));
}

/* 2000::/3: global unicast addresses, as far as any were given to anybody. */
static inline bool sb_is_global(const struct in6_addr *addr)
{
	return (addr->s6_addr32[0] & htonl(0xe0000000)) == htonl(0x20000000);
}

/* Can the IPv4 address be that of a host on the Internet, or behind a NAT? */
static inline bool sb_ipv4_is_host(__be32 addr)
{
	return addr & htonl(0xff000000) && !ipv4_is_loopback(addr) && !ipv4_is_multicast(addr) &&
	       (addr & htonl(0xf0000000)) != htonl(0xf0000000);
}

#endif /* _SITBROKER_PREFIX_H */
