// SPDX-License-Identifier: GPL-2.0
/*
 * Writing a list. In the format of eMule, since only there nothing in a label can
 * be taken for something else: the range stands in front of it.
 */

#include "list.h"

void list_write(FILE *file, const char *name, const struct ranges *ranges)
{
	char text[RANGE_STRLEN];
	const char *label;
	size_t i;

	fprintf(file, "# filter list %s: %zu IPv4 and %zu IPv6 ranges\n", name, ranges->n4,
		ranges->n6);
	for (i = 0; i < ranges->n4; i++) {
		label = labels_text(&ranges->labels, ranges->v4[i].label);
		fprintf(file, *label ? "%s , 000 , %s\n" : "%s\n",
			range4_text(ranges->v4[i].first, ranges->v4[i].last, text), label);
	}
	for (i = 0; i < ranges->n6; i++) {
		label = labels_text(&ranges->labels, ranges->v6[i].label);
		fprintf(file, *label ? "%s , 000 , %s\n" : "%s\n",
			range6_text(ranges->v6[i].first, ranges->v6[i].last, text), label);
	}
}
