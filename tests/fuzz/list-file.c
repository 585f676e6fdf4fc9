// SPDX-License-Identifier: GPL-2.0
/* Any file: what it is, archives around it, how much of it may be wrong. */

#include "lists.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct list list = { .level = 127, .max_errors = 50 };
	int err;

	err = list_read_memory(&list, "file", (const char *)data, size);
	must(err ? *list.error : !*list.error);
	if (!err) {
		must(list.total.bad <= list.total.ranges + list.total.allowed);
		must_survive(&list);
	}
	list_free(&list);
	return 0;
}
