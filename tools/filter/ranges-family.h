/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is the same for IPv4 and IPv6, included by ranges.c once for each.
 * FAMILY(name) names functions and members of a family, struct RANGE is range4
 * or range6.
 */

static void FAMILY(reserve_)(struct ranges *ranges, size_t reserved)
{
	ranges->FAMILY(reserved) = reserved;
	ranges->FAMILY(v) = memory_resized(ranges->FAMILY(v), reserved, sizeof(struct RANGE));
}

void FAMILY(ranges_grow)(struct ranges *ranges)
{
	size_t room = ranges->FAMILY(room), more = TOUCHED / sizeof(struct RANGE);

	if (room == ranges->FAMILY(reserved))
		FAMILY(reserve_)(ranges, room ? 2 * room : RESERVED_MIN);
	if (more > ranges->FAMILY(reserved) - room)
		more = ranges->FAMILY(reserved) - room;
	memory_touch(ranges->FAMILY(v) + room, more * sizeof(struct RANGE));
	ranges->FAMILY(room) = room + more;
}

static void FAMILY(merge_)(struct ranges *ranges, struct merge_counts *counts)
{
	struct RANGE *list = ranges->FAMILY(v), *previous, range;
	size_t i, n = 0;
	bool overlaps;

	for (i = 0; i < ranges->FAMILY(n); i++) {
		range = list[i];
		if (!n) {
			list[n++] = range;
			continue;
		}
		previous = &list[n - 1];
		overlaps = range.first <= previous->last;
		counts->overlapping += overlaps;
		if (range.last <= previous->last)
			continue;
		/* The rest of it, which is not empty: there is an address behind the last one. */
		if (overlaps)
			range.first = previous->last + 1;
		if (range.first == previous->last + 1 && range.label == previous->label) {
			counts->adjacent += !overlaps;
			previous->last = range.last;
			continue;
		}
		list[n++] = range;
	}
	ranges->FAMILY(n) = n;
}

static void FAMILY(subtract_)(struct ranges *ranges, const struct ranges *what)
{
	const struct RANGE *hole = what->FAMILY(v), *holes_end = hole + what->FAMILY(n);
	struct RANGE *old = ranges->FAMILY(v), range;
	size_t n = ranges->FAMILY(n), i;
	const struct RANGE *at;

	if (!what->FAMILY(n))
		return;
	ranges->FAMILY(v) = NULL;
	ranges->FAMILY(n) = 0;
	ranges->FAMILY(room) = 0;
	ranges->FAMILY(reserved) = 0;
	for (i = 0; i < n; i++) {
		range = old[i];
		while (hole < holes_end && hole->last < range.first)
			hole++;
		for (at = hole; at < holes_end && at->first <= range.last; at++) {
			if (at->first > range.first)
				FAMILY(ranges_add)(ranges, range.first, at->first - 1, range.label);
			if (at->last >= range.last)
				break;
			range.first = at->last + 1;
		}
		if (at == holes_end || at->first > range.last)
			FAMILY(ranges_add)(ranges, range.first, range.last, range.label);
	}
	free(old);
}

static void FAMILY(append_)(struct ranges *ranges, const struct ranges *what)
{
	const struct RANGE *range = what->FAMILY(v);
	const char *label;
	size_t i;

	for (i = 0; i < what->FAMILY(n); i++, range++) {
		label = labels_text(&what->labels, range->label);
		FAMILY(ranges_add)(ranges, range->first, range->last,
				   labels_number(&ranges->labels, label, strlen(label)));
	}
}

/* Does no range of a merged set share an address with this one? */
static bool FAMILY(is_strange_)(const struct ranges *ranges, const struct RANGE *range)
{
	size_t begin = 0, end = ranges->FAMILY(n), middle;

	/* The first that does not end before it. */
	while (begin < end) {
		middle = begin + (end - begin) / 2;
		if (ranges->FAMILY(v)[middle].last < range->first)
			begin = middle + 1;
		else
			end = middle;
	}
	return begin == ranges->FAMILY(n) || ranges->FAMILY(v)[begin].first > range->last;
}

static size_t FAMILY(strange_)(const struct ranges *ranges, const struct ranges *what,
			       const struct RANGE **which)
{
	size_t i, strange = 0;

	for (i = 0; i < what->FAMILY(n); i++) {
		if (!FAMILY(is_strange_)(ranges, &what->FAMILY(v)[i]))
			continue;
		if (!strange++)
			*which = &what->FAMILY(v)[i];
	}
	return strange;
}
