// SPDX-License-Identifier: GPL-2.0
/* Any P2B file, in pieces of any size. */

#include "lists.h"

static bool parse(struct list *list, const char *data, size_t size, size_t piece)
{
	struct p2b_parser parser = { .list = list };
	size_t begin = 0, end = 0;
	ssize_t used;
	char *copy;

	do {
		end = size - end < piece ? size : end + piece;
		copy = malloc(end - begin);
		memcpy(copy, data + begin, end - begin);
		used = p2b_parse(&parser, copy, end - begin, end == size);
		free(copy);
		must(used <= (ssize_t)(end - begin));
		begin += used > 0 ? used : 0;
	} while (used >= 0 && end < size);
	must(used < 0 ? *list->error : begin == size);
	p2b_free(&parser);
	return used >= 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct list whole = { .file = "p2b" }, parts = { .file = "p2b" };
	bool good;

	if (size < 2)
		return 0;
	good = parse(&whole, (const char *)data + 1, size - 1, size);
	must(parse(&parts, (const char *)data + 1, size - 1, data[0] + 1) == good);
	if (good) {
		must(whole.counts.ranges == parts.counts.ranges);
		must(whole.counts.bad >= parts.counts.bad || parts.counts.bad);
		must_be_same(&whole.ranges, &parts.ranges);
		must_survive(&whole);
	}
	list_free(&whole);
	list_free(&parts);
	return 0;
}
