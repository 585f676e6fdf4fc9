/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _USER_LINUX_MM_H
#define _USER_LINUX_MM_H

#include <limits.h>
#include <stdlib.h>

typedef unsigned int gfp_t;

#define PAGE_SIZE		4096
#define GFP_KERNEL_ACCOUNT	1
#define __GFP_NOWARN		2

static inline void *kmalloc(size_t size, gfp_t gfp)
{
	(void)gfp;
	return malloc(size);
}

static inline void *__vmalloc(unsigned long size, gfp_t gfp)
{
	(void)gfp;
	return malloc(size);
}

static inline void kvfree(const void *memory)
{
	free((void *)memory);
}

#endif /* _USER_LINUX_MM_H */
