/* SPDX-License-Identifier: GPL-2.0 */
/*
 * IPv6 addresses bit by bit: slow, without a shift by more than 7, and with
 * nothing in common with the code under test.
 */
#ifndef _SITBROKER_TEST_BITS_H
#define _SITBROKER_TEST_BITS_H

#include <linux/in6.h>
#include <linux/prandom.h>
#include <linux/types.h>

/* Bit 0 is the first one. */
static inline bool bits_get(const struct in6_addr *addr, unsigned int bit)
{
	return addr->s6_addr[bit / 8] & (0x80 >> bit % 8);
}

static inline void bits_set(struct in6_addr *addr, unsigned int bit, bool value)
{
	addr->s6_addr[bit / 8] &= ~(0x80 >> bit % 8);
	if (value)
		addr->s6_addr[bit / 8] |= 0x80 >> bit % 8;
}

static inline bool bits_equal(const struct in6_addr *a, const struct in6_addr *b, unsigned int len)
{
	unsigned int i;

	for (i = 0; i < len; i++)
		if (bits_get(a, i) != bits_get(b, i))
			return false;
	return true;
}

/* The bits from @from up to and without @to, as a number. */
static inline u64 bits_number(const struct in6_addr *addr, unsigned int from, unsigned int to)
{
	u64 number = 0;

	for (; from < to; from++)
		number = number * 2 + bits_get(addr, from);
	return number;
}

static inline void bits_set_number(struct in6_addr *addr, unsigned int from, unsigned int to,
				   u64 number)
{
	while (to > from) {
		bits_set(addr, --to, number & 1);
		number /= 2;
	}
}

/* All bits from @from on become @value. */
static inline void bits_fill(struct in6_addr *addr, unsigned int from, bool value)
{
	for (; from < 128; from++)
		bits_set(addr, from, value);
}

static inline u64 bits_random(struct rnd_state *random)
{
	u64 high = prandom_u32_state(random);

	return high << 32 | prandom_u32_state(random);
}

static inline struct in6_addr bits_random_addr(struct rnd_state *random)
{
	struct in6_addr addr;

	prandom_bytes_state(random, &addr, sizeof(addr));
	return addr;
}

/* One address further; false at the end of all addresses. */
static inline bool bits_next(struct in6_addr *addr)
{
	int i;

	for (i = 15; i >= 0; i--)
		if (++addr->s6_addr[i])
			return true;
	return false;
}

/* One address back; false at the first one. */
static inline bool bits_previous(struct in6_addr *addr)
{
	int i;

	for (i = 15; i >= 0; i--)
		if (addr->s6_addr[i]--)
			return true;
	return false;
}

#endif /* _SITBROKER_TEST_BITS_H */
