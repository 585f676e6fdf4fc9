/* SPDX-License-Identifier: GPL-2.0 */
/* Memory of ranges and of what belongs to them. */
#ifndef _SITBROKER_RANGE_MEMORY_H
#define _SITBROKER_RANGE_MEMORY_H

#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

/*
 * An array, to be freed with kvfree(), or NULL; may sleep. In whole pages, but no
 * more: kvmalloc() would take a power of two of them, up to twice as much.
 */
static inline void *sb_range_alloc(u64 n, size_t size, gfp_t more)
{
	const gfp_t gfp = GFP_KERNEL_ACCOUNT | __GFP_NOWARN | more;
	u64 bytes = n * size;

	/* What is counted in 32 bits, times a few, does not exceed 64. */
	if (bytes > INT_MAX)
		return NULL;
	return bytes > PAGE_SIZE ? __vmalloc(bytes, gfp) : kmalloc(bytes, gfp);
}

#endif /* _SITBROKER_RANGE_MEMORY_H */
