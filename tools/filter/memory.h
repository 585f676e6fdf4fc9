/* SPDX-License-Identifier: GPL-2.0 */
/* Memory for lists: there is enough, or the program ends before anything is changed. */
#ifndef FILTER_MEMORY_H
#define FILTER_MEMORY_H

#include <stdio.h>
#include <stdlib.h>

static inline void *memory_checked(void *memory)
{
	if (memory)
		return memory;
	fputs("brokertool: not enough memory for a list this long; nothing was changed\n", stderr);
	exit(2);
}

static inline void *memory_zeroed(size_t n, size_t size)
{
	return memory_checked(calloc(n ? n : 1, size));
}

static inline void *memory_resized(void *memory, size_t n, size_t size)
{
	return memory_checked(reallocarray(memory, n ? n : 1, size));
}

#endif /* FILTER_MEMORY_H */
