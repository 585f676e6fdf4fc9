/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers that look random and are the same for the same seed. */
#ifndef FUZZ_RANDOM_H
#define FUZZ_RANDOM_H

#include <stdint.h>

extern uint64_t random_state;

/* splitmix64, which takes any seed. */
static inline uint64_t random_next(void)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/* 0 to @n - 1 */
static inline unsigned int random_below(unsigned int n)
{
	return random_next() % n;
}

/* Once in @n times. */
static inline int random_once(unsigned int n)
{
	return !random_below(n);
}

#endif /* FUZZ_RANDOM_H */
