// SPDX-License-Identifier: GPL-2.0
/*
 * Lists that are text. Two kinds of lines: in uTorrent's, eMule's and CIDR lists
 * the range stands first, in PeerGuardian's a label does. Scanners keep to what
 * list-range.h says of them.
 */

#include <string.h>

#include "list-range.h"

/**
 * struct entry - what a line says
 * @range: its addresses
 * @level: DAT level, 0 where it has none
 * @label: DAT text or PeerGuardian label
 * @label_size: bytes of it
 */
struct entry {
	struct list_range range;
	unsigned int level;
	const char *label;
	size_t label_size;
};

static bool is_comment(const char *at)
{
	return *at == '#' || *at == ';' || (*at == '/' && at[1] == '/');
}

static enum list_fault scan_end(const char **at, const char *end)
{
	skip_spaces(at);
	return *at == end || is_comment(*at) ? LIST_OK : LIST_TRAILING;
}

/* What follows a DAT range: ", LEVEL , TEXT", ", LEVEL" or ", TEXT". */
static enum list_fault scan_fields(const char **at, const char *end, struct entry *entry)
{
	const char *field;
	unsigned int digits;

	++*at;
	skip_spaces(at);
	field = *at;
	for (digits = 0; is_digit(*field) && digits < 9; field++, digits++)
		entry->level = 10 * entry->level + (*field - '0');
	skip_spaces(&field);
	if (digits && *field == ',') {
		field++;
	} else if (digits && is_comment(field)) {
		field = end;
	} else if (digits && field != end) {
		/* "12x , text" is a broken level, "3com" is text. */
		if (memchr(field, ',', end - field))
			return LIST_LEVEL;
		field = *at;
		entry->level = 0;
	} else if (!digits) {
		field = *at;
	}
	entry->label = field;
	entry->label_size = end - field;
	return LIST_OK;
}

/* A line where the range stands first. */
static inline enum list_fault scan_plain(const char **at, const char *end,
					 enum list_format dialect, struct entry *entry)
{
	bool fields = dialect == LIST_PLAIN || dialect == LIST_DAT;
	struct list_range *range = &entry->range;
	const char *begin = *at;
	enum list_fault fault;

	fault = scan_range(at, end, range, fields);
	if (fault)
		return fault;
	if ((range->is_range && dialect == LIST_CIDR) ||
	    (range->is_prefix && !range->ipv6 && dialect == LIST_UTORRENT)) {
		*at = begin;
		return LIST_FORM;
	}
	if (*at == end)
		return LIST_OK;
	skip_spaces(at);
	if (**at == ',' && fields)
		return scan_fields(at, end, entry);
	return scan_end(at, end);
}

static bool in_use(const struct list_range *range)
{
	unsigned int group = range->first6 >> 112;

	/* 2000::/3, fc00::/7, fe80::/10 */
	return group >> 13 == 0x1 || group >> 9 == 0x7e || group >> 6 == 0x3fa;
}

/* How likely is it that an IPv6 range is meant? A country code ("de:2a00::/16") begins none. */
static unsigned int likelihood(const struct list_range *range)
{
	return 2 * in_use(range) + !range->host_bits;
}

/*
 * Does an IPv6 range stand from @at to the line's end that is rather meant than
 * @range, the one found so far? A part of a label makes it larger, or begins it
 * where no address is in use, or makes bits beyond its length.
 */
static bool scan_better(const char *at, const char *end, struct list_range *range, bool found)
{
	address6_t size, known = range->last6 - range->first6;
	struct list_range other;

	/* One address would be found in any label with colons: see scan_single(). */
	if (scan_whole(&at, end, &other) || !other.ipv6 || !(other.is_range || other.is_prefix))
		return false;
	size = other.last6 - other.first6;
	if (found && (size > known ||
		      (size == known && likelihood(&other) <= likelihood(range))))
		return false;
	*range = other;
	return true;
}

/* The first colon with one IPv6 address behind it that is in use, or @begin; or NULL. */
static const char *scan_single(const char *begin, const char *end, struct list_range *range)
{
	const char *from = begin, *at = begin, *next = begin;

	while (scan_whole(&at, end, range) || !range->ipv6 || !in_use(range)) {
		from = memchr(next, ':', end - next);
		if (!from)
			return NULL;
		next = from + 1;
		at = next;
	}
	return from;
}

/*
 * "LABEL:RANGE". Labels hold colons and minus signs, and so do IPv6 addresses:
 * an IPv4 range stands behind the last colon, an IPv6 range behind the one that
 * leaves the smallest range, of several the first one; one IPv6 address behind the
 * first that leaves one in use, where there is no range. The line may have no label
 * at all: then the range begins before any colon, and so is the first.
 */
static enum list_fault scan_p2p(const char **at, const char *end, struct entry *entry)
{
	const char *begin = *at, *colon, *behind, *wrong = begin, *from, *best = NULL;
	enum list_fault fault = LIST_NO_RANGE, last_fault = LIST_NO_RANGE;
	struct list_range *range = &entry->range;

	colon = memrchr(begin, ':', end - begin);
	behind = colon ? colon + 1 : begin;
	*at = behind;
	fault = scan_whole(at, end, range);
	if (colon && !fault && !range->is_range)
		last_fault = LIST_OK;
	else if (!fault)
		goto found;
	wrong = *at;
	if (scan_better(begin, end, range, best))
		best = begin;
	for (from = begin; colon && from <= colon; from++) {
		from = memchr(from, ':', colon + 1 - from);
		if (!from)
			break;
		if (scan_better(from + 1, end, range, best))
			best = from;
	}
	if (!best && last_fault != LIST_OK)
		best = scan_single(begin, end, range);
	if (best) {
		*at = end;
		entry->label = begin;
		entry->label_size = best - begin;
		return LIST_OK;
	}
	*at = behind;
	if (last_fault == LIST_OK && !scan_whole(at, end, range))
		goto found;
	*at = colon ? wrong : begin;
	return colon && fault != LIST_NO_ADDRESS ? fault : LIST_NO_RANGE;
found:
	entry->label = begin;
	entry->label_size = colon ? colon - begin : 0;
	return LIST_OK;
}

/* A byte order mark is at the beginning of any line where files were put together. */
static void skip_mark(const char **at, const char *end)
{
	if (end - *at >= 3 && !memcmp(*at, "\xef\xbb\xbf", 3))
		*at += 3;
}

/* Nothing but spaces, or a comment. */
static bool is_blank(enum list_format dialect, const char *at, const char *end)
{
	/* In PeerGuardian's format a label may begin with it. */
	if (*at == ';' && dialect == LIST_P2P)
		return false;
	return at == end || is_comment(at);
}

static inline enum list_fault scan_line(enum list_format dialect, const char **at,
					const char *end, struct entry *entry)
{
	return dialect == LIST_P2P ? scan_p2p(at, end, entry) :
				     scan_plain(at, end, dialect, entry);
}

static inline void text_add_range(struct ranges *ranges, const struct list_range *range,
				  uint32_t label)
{
	if (range->ipv6)
		ranges_add6(ranges, range->first6, range->last6, label);
	else
		ranges_add4(ranges, range->first4, range->last4, label);
}

static inline void text_add(struct list *list, const struct entry *entry)
{
	struct ranges *ranges = &list->ranges;
	uint32_t label;

	list->counts.reversed += entry->range.reversed;
	list->counts.host_bits += entry->range.host_bits;
	if (entry->level >= list->level) {
		list->counts.allowed++;
		return;
	}
	label = entry->label_size ?
		labels_number(&ranges->labels, entry->label, entry->label_size) : LABEL_NONE;
	list->counts.ranges++;
	text_add_range(ranges, &entry->range, label);
}

/* Which format the file shows to be. */
static inline void text_note(struct list *list, enum list_format dialect,
			     const struct entry *entry)
{
	if (dialect != LIST_PLAIN)
		list->formats |= 1 << dialect;
	else if (entry->label)
		list->formats |= 1 << LIST_DAT;
	else
		list->formats |= 1 << (entry->range.is_prefix && !entry->range.ipv6 ? LIST_CIDR :
				       LIST_UTORRENT);
}

/*
 * Is a line that cannot be read one of a list, and not of a text that came along
 * with one? It has an address in front, or behind a colon, as labels have it.
 */
static bool text_is_like_range(const char *line, const char *end)
{
	const char *at = line;

	skip_mark(&at, end);
	skip_spaces(&at);
	while (!is_like_address(at + (at < end && *at == '['), end)) {
		at = memchr(at, ':', end - at);
		if (!at)
			return false;
		at++;
	}
	return true;
}

static inline void text_line(struct text_parser *parser, const char *line, const char *end)
{
	enum list_format dialect = parser->dialect;
	struct list *list = parser->list;
	struct entry entry = {};
	enum list_fault fault;
	const char *at = line;

	while (end > line && end[-1] == '\r')
		end--;
	skip_mark(&at, end);
	skip_spaces(&at);
	if (is_blank(dialect, at, end))
		return;
	fault = scan_line(dialect, &at, end, &entry);
	if (fault) {
		list->counts.alike += text_is_like_range(line, end);
		list_complain(list, fault, parser->line, at - line + 1, line, end - line);
		return;
	}
	text_note(list, dialect, &entry);
	text_add(list, &entry);
}

/* So many other lines, and the rest of a piece has none. */
#define QUICK_TRIES	8

static inline void quick_add(struct text_parser *parser, uint32_t first, uint32_t last)
{
	struct list *list = parser->list;

	parser->line++;
	list->counts.lines++;
	list->counts.ranges++;
	list->formats |= 1 << (parser->dialect == LIST_PLAIN ? LIST_UTORRENT : parser->dialect);
	ranges_add4(&list->ranges, first, last, LABEL_NONE);
}

/* With what scanners want behind a line, and may read there. Return: the copy's end. */
static char *line_copy(char *copy, const char *line, size_t size)
{
	memcpy(copy, line, size);
	memcpy(copy + size, "\n\n", 3);
	return copy + size;
}

size_t text_parse(struct text_parser *parser, const char *data, size_t size, bool final)
{
	const char *at = data, *end = data + size, *line_end, *line, *stop;
	struct list *list = parser->list;
	char last[LIST_LINE_MAX + 3];
	uint32_t first4, last4;
	size_t length;
	/* Others have no such lines, or with level 0 no range at all. */
	unsigned int tries = list->level && parser->dialect != LIST_P2P &&
			     parser->dialect != LIST_CIDR ? QUICK_TRIES : 0;

	while (at < end) {
		if (tries && !parser->skip && end - at >= QUICK_ROOM) {
			length = quick_range(at, &first4, &last4);
			if (length) {
				quick_add(parser, first4, last4);
				at += length;
				tries = QUICK_TRIES;
				continue;
			}
			tries--;
		}
		line_end = memchr(at, '\n', end - at);
		if (!line_end && !final && end - at <= LIST_LINE_MAX)
			break;
		if (!parser->skip) {
			parser->line++;
			list->counts.lines++;
		}
		if (parser->skip || (line_end ?: end) - at > LIST_LINE_MAX) {
			if (!parser->skip)
				list_complain(list, LIST_LONG, parser->line, LIST_LINE_MAX + 1, at,
					      LIST_EXCERPT);
			parser->skip = !line_end;
		} else {
			line = at;
			stop = line_end ?: end;
			/* Not always is there what scanners may read behind a line. */
			if (end - stop < 2) {
				stop = line_copy(last, line, stop - line);
				line = last;
			}
			/* The only call, so that it costs none. */
			text_line(parser, line, stop);
		}
		at = line_end ? line_end + 1 : end;
	}
	return at - data;
}

unsigned int text_kinds(const char *line, size_t size)
{
	struct entry plain = {}, p2p = {};
	const char *begin, *at, *end;
	struct list_range whole;
	unsigned int kinds = 0;
	char copy[1024];

	if (size + 3 > sizeof(copy))
		return 0;
	end = line_copy(copy, line, size);
	while (end > copy && end[-1] == '\r')
		end--;
	begin = copy;
	skip_mark(&begin, end);
	skip_spaces(&begin);
	at = begin;
	if (!is_blank(LIST_PLAIN, at, end) && !scan_plain(&at, end, LIST_PLAIN, &plain))
		kinds |= 1 << LIST_PLAIN;
	at = begin;
	/* What is no other line and has no label has an empty one: a colon begins it. */
	if (is_blank(LIST_P2P, at, end) || scan_p2p(&at, end, &p2p) || (!p2p.label_size && kinds))
		return kinds;
	/* A label like DE could begin an address, but none that is in use: the rest is meant. */
	at = begin;
	if (p2p.range.ipv6 && !scan_whole(&at, end, &whole) &&
	    (!in_use(&whole) || p2p.range.last6 - p2p.range.first6 < whole.last6 - whole.first6))
		return 1 << LIST_P2P;
	return kinds | 1 << LIST_P2P;
}

enum list_fault text_range(const char *word, struct ranges *ranges)
{
	size_t size = strlen(word);
	struct list_range range;
	enum list_fault fault;
	char copy[256];
	const char *at = copy;

	if (size + 3 > sizeof(copy))
		return LIST_NO_ADDRESS;
	fault = scan_whole(&at, line_copy(copy, word, size), &range);
	if (fault || range.host_bits)
		return fault ?: LIST_HOST_BITS;
	text_add_range(ranges, &range, LABEL_NONE);
	return LIST_OK;
}
