/* SPDX-License-Identifier: GPL-2.0 */
/* Large arrays: ranges and what belongs to them, directories. */
#ifndef _SITBROKER_ARRAY_H
#define _SITBROKER_ARRAY_H

#include <linux/gfp.h>
#include <linux/kmemleak.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

/*
 * An array, for sb_array_free(), or NULL; may sleep. In whole pages, but no more:
 * kvmalloc() would take a power of two of them, up to twice as much. In one piece
 * where memory has one: packets look all over an array, and in one piece a few
 * entries of the processor's TLB lead there, not one for each page.
 */
static inline void *sb_array_alloc(u64 n, size_t size, gfp_t more)
{
	const gfp_t gfp = GFP_KERNEL_ACCOUNT | __GFP_NOWARN | more;
	u64 bytes = n * size;
	void *array;

	/* What is counted in 32 bits, times a few, does not exceed 64. */
	if (bytes > INT_MAX)
		return NULL;
	if (bytes <= PAGE_SIZE)
		return kmalloc(bytes, gfp);
	array = alloc_pages_exact(bytes, gfp | __GFP_NORETRY);
	if (!array)
		return __vmalloc(bytes, gfp);
	kmemleak_alloc(array, bytes, 1, gfp);
	return array;
}

/* @n and @size as they were when it was asked for; @array may be NULL. */
static inline void sb_array_free(void *array, u64 n, size_t size)
{
	u64 bytes = n * size;

	if (!array || is_vmalloc_addr(array) || bytes <= PAGE_SIZE) {
		kvfree(array);
		return;
	}
	kmemleak_free(array);
	free_pages_exact(array, bytes);
}

#endif /* _SITBROKER_ARRAY_H */
