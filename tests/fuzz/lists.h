/* SPDX-License-Identifier: GPL-2.0 */
/* What must be true of any list that was read, whatever the file. For libFuzzer. */
#ifndef FUZZ_LISTS_H
#define FUZZ_LISTS_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../tools/filter/list.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void must(bool truth)
{
	if (!truth)
		abort();
}

/* What the kernel wants: in order, apart, touching only where labels differ. */
static inline void must_be_canonical(const struct ranges *ranges)
{
	size_t i;

	for (i = 0; i < ranges->n4; i++) {
		const struct range4 *range = &ranges->v4[i];

		must(range->first <= range->last);
		must(!i || range[-1].last < range->first);
		must(!i || range[-1].last + 1 < range->first || range[-1].label != range->label);
	}
	for (i = 0; i < ranges->n6; i++) {
		const struct range6 *range = &ranges->v6[i];

		must(range->first <= range->last);
		must(!i || range[-1].last < range->first);
		must(!i || range[-1].last + 1 < range->first || range[-1].label != range->label);
	}
}

static inline void must_be_same(const struct ranges *a, const struct ranges *b)
{
	size_t i;

	must(a->n4 == b->n4 && a->n6 == b->n6);
	for (i = 0; i < a->n4; i++) {
		must(a->v4[i].first == b->v4[i].first && a->v4[i].last == b->v4[i].last);
		must(!strcmp(labels_text(&a->labels, a->v4[i].label),
			     labels_text(&b->labels, b->v4[i].label)));
	}
	for (i = 0; i < a->n6; i++) {
		must(a->v6[i].first == b->v6[i].first && a->v6[i].last == b->v6[i].last);
		must(!strcmp(labels_text(&a->labels, a->v6[i].label),
			     labels_text(&b->labels, b->v6[i].label)));
	}
}

/* PeerGuardian: of an IPv6 range, no other part of the line is a smaller one. */
static inline void must_be_smallest(const char *line, size_t size)
{
	struct list list = { .level = 127 };
	struct text_parser parser = { .list = &list, .dialect = LIST_P2P };
	struct ranges other = {};
	const struct range6 *range;
	char *word;
	size_t i;

	text_parse(&parser, line, size, true);
	while (size && line[size - 1] == '\r')
		size--;
	range = list.ranges.v6;
	for (i = 0; i < size && list.ranges.n6; i++) {
		if (i && line[i - 1] != ':')
			continue;
		word = strndup(line + i, size - i);
		if (strlen(word) == size - i && !text_range(word, &other) && other.n6 &&
		    other.v6->first != other.v6->last)
			must(range->last - range->first <= other.v6->last - other.v6->first);
		free(word);
		ranges_free(&other);
	}
	list_free(&list);
}

/* A list is merged; what is saved of it is read as the same. */
static inline void must_survive(struct list *list)
{
	struct list again = { .level = 127, .max_errors = 0 };
	struct merge_counts counts;
	size_t size;
	char *text;
	FILE *file;
	unsigned int i;

	for (i = 0; i < list->n_samples; i++)
		must(list->samples[i].fault > LIST_OK && list->samples[i].fault < LIST_FAULTS &&
		     list->samples[i].line && list->samples[i].column);
	ranges_merge(&list->ranges, &counts);
	must_be_canonical(&list->ranges);
	file = open_memstream(&text, &size);
	list_write(file, "fuzz", &list->ranges);
	fclose(file);
	must(!list_read_memory(&again, "again", text, size));
	ranges_merge(&again.ranges, &counts);
	must(!counts.overlapping && !counts.adjacent);
	must_be_same(&list->ranges, &again.ranges);
	list_free(&again);
	free(text);
}

#endif /* FUZZ_LISTS_H */
