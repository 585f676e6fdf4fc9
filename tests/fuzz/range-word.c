// SPDX-License-Identifier: GPL-2.0
/* Any word as a range of a command; what is one is written and read as the same. */

#include "lists.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ranges ranges = {}, again = {};
	char text[RANGE_STRLEN], *word;
	enum list_fault fault;

	word = malloc(size + 1);
	memcpy(word, data, size);
	word[size] = '\0';
	fault = text_range(word, &ranges);
	must(fault < LIST_FAULTS && *list_fault_text(fault));
	must(ranges.n4 + ranges.n6 == !fault);
	if (!fault) {
		if (ranges.n4)
			range4_text(ranges.v4->first, ranges.v4->last, text);
		else
			range6_text(ranges.v6->first, ranges.v6->last, text);
		must(text_range(text, &again) == LIST_OK);
		must_be_same(&ranges, &again);
	}
	free(word);
	ranges_free(&ranges);
	ranges_free(&again);
	return 0;
}
