// SPDX-License-Identifier: GPL-2.0
/* Memory for structures: one area of huge pages, as the kernel's direct map is. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "structure.h"

#define AREA	(768UL << 20)
#define HUGE	(2UL << 20)

static char *area;
static size_t used;

void *memory_get(size_t size, size_t align)
{
	void *memory;

	if (!area) {
		area = mmap(NULL, AREA + HUGE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (area == MAP_FAILED) {
			perror("lookup");
			exit(1);
		}
		area = (char *)(((uintptr_t)area + HUGE - 1) & ~(HUGE - 1));
		madvise(area, AREA, MADV_HUGEPAGE);
	}
	used = (used + align - 1) & ~(align - 1);
	if (used + size > AREA) {
		fputs("lookup: out of memory\n", stderr);
		exit(1);
	}
	memory = area + used;
	used += size;
	return memory;
}

/* All that was given is given back. */
void memory_reset(void)
{
	memset(area, 0, used);
	used = 0;
}
