// SPDX-License-Identifier: GPL-2.0
/* Any text in any dialect, in pieces of any size. */

#include "lists.h"

static void parse(struct list *list, enum list_format dialect, const char *data, size_t size,
		  size_t piece)
{
	struct text_parser parser = { .list = list, .dialect = dialect };
	size_t begin = 0, end = 0;
	char *copy;

	do {
		end = size - end < piece ? size : end + piece;
		/* A copy, so that one byte too far is noticed. */
		copy = malloc(end - begin);
		memcpy(copy, data + begin, end - begin);
		begin += text_parse(&parser, copy, end - begin, end == size);
		free(copy);
		must(begin <= end);
	} while (end < size);
	must(begin == size);
}

/* Where labels stand first. */
static void check_lines(const char *data, size_t size)
{
	const char *end = data + size, *line_end;

	for (; data < end; data = line_end + 1) {
		line_end = memchr(data, '\n', end - data) ?: end;
		must_be_smallest(data, line_end - data);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum list_format dialects[] = {
		LIST_PLAIN, LIST_P2P, LIST_UTORRENT, LIST_DAT, LIST_CIDR
	};
	struct list whole = { .level = 127 }, parts = { .level = 127 };
	enum list_format dialect;
	size_t piece;

	if (size < 2)
		return 0;
	dialect = dialects[data[0] % 5];
	piece = data[1] + 1;
	parse(&whole, dialect, (const char *)data + 2, size - 2, size);
	parse(&parts, dialect, (const char *)data + 2, size - 2, piece);
	must(whole.counts.lines == parts.counts.lines);
	must(whole.counts.bad == parts.counts.bad);
	must(whole.counts.ranges == parts.counts.ranges);
	must(whole.counts.bad + whole.counts.ranges + whole.counts.allowed <= whole.counts.lines);
	must_be_same(&whole.ranges, &parts.ranges);
	must_survive(&whole);
	if (dialect == LIST_P2P)
		check_lines((const char *)data + 2, size - 2);
	list_free(&whole);
	list_free(&parts);
	return 0;
}
