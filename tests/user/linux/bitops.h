/* SPDX-License-Identifier: GPL-2.0 */
#define hweight64(word)	((unsigned int)__builtin_popcountll(word))
#define __ffs64(word)	((unsigned int)__builtin_ctzll(word))

/* The number of the last bit, from one on; zero has none. */
static inline unsigned int fls64(unsigned long long word)
{
	return word ? 64 - __builtin_clzll(word) : 0;
}
