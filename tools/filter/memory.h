/* SPDX-License-Identifier: GPL-2.0 */
/* Memory for lists: there is enough, or the program ends before anything is changed. */
#ifndef FILTER_MEMORY_H
#define FILTER_MEMORY_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

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

/*
 * Have the kernel give whole pages for it now. One call for all costs less than a fault for each;
 * where the kernel knows no such call, there are faults.
 */
static inline void memory_touch(void *memory, size_t size)
{
	uintptr_t page = sysconf(_SC_PAGESIZE), begin = (uintptr_t)memory, end = begin + size;

	begin = (begin + page - 1) / page * page;
	end = end / page * page;
	if (begin < end)
		madvise((void *)begin, end - begin, MADV_POPULATE_WRITE);
}

#endif /* FILTER_MEMORY_H */
