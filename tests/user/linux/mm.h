/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _USER_LINUX_MM_H
#define _USER_LINUX_MM_H

#include <stdlib.h>

typedef unsigned int gfp_t;

#define GFP_KERNEL_ACCOUNT	1
#define __GFP_NOWARN		2

static inline void *kvmalloc_array(size_t n, size_t size, gfp_t gfp)
{
	(void)gfp;
	return reallocarray(NULL, n, size);
}

static inline void kvfree(const void *memory)
{
	free((void *)memory);
}

#endif /* _USER_LINUX_MM_H */
