// SPDX-License-Identifier: GPL-2.0
/*
 * Lists that are text. Two kinds of lines: in uTorrent's, eMule's and CIDR lists
 * the range stands first, in PeerGuardian's a label does.
 *
 * Scanners read from *at on, up to the line's end at most: there stands a line
 * feed or a carriage return, which is part of nothing. They leave *at behind
 * what they read, or where it goes wrong. @end is the line's end.
 */

#include <arpa/inet.h>
#include <endian.h>
#include <string.h>

#include "list.h"

/**
 * struct entry - what a line says
 * @ipv6: family
 * @first4: IPv4
 * @last4: IPv4
 * @first6: IPv6
 * @last6: IPv6
 * @reversed: its ends were the wrong way round
 * @host_bits: its prefix had bits beyond its length
 * @is_range: it has two ends
 * @is_prefix: it has a length
 * @level: DAT level, 0 where it has none
 * @label: DAT text or PeerGuardian label
 * @label_size: bytes of it
 */
struct entry {
	bool ipv6;
	bool reversed;
	bool host_bits;
	bool is_range;
	bool is_prefix;
	uint32_t first4;
	uint32_t last4;
	unsigned int level;
	address6_t first6;
	address6_t last6;
	const char *label;
	size_t label_size;
};

static bool is_digit(char c)
{
	return (unsigned char)(c - '0') < 10;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

static void skip_spaces(const char **at)
{
	while (is_space(**at))
		++*at;
}

/*
 * One octet at @c, a digit, without a jump that depends on how long it is: most
 * of the time goes into wrong guesses there. Above 255 where it is none; may
 * read two bytes behind it.
 */
static inline const char *quick_octet(const char *c, uint32_t *octet)
{
	uint32_t one = (unsigned char)c[1] - '0', two = (unsigned char)c[2] - '0';
	uint32_t has_one = one < 10, has_two = has_one & (two < 10);
	uint32_t value = (unsigned char)c[0] - '0';

	value += (9 * value + one) & -has_one;
	value += (9 * value + two) & -has_two;
	*octet = value;
	return c + 1 + has_one + has_two;
}

/* What is nearly always there: an address without any fault. */
static inline bool quick_ipv4(const char **at, uint32_t *address)
{
	uint32_t octet, value, above;
	const char *c = *at;

	if (!is_digit(*c))
		return false;
	c = quick_octet(c, &value);
	above = value;
	if (*c != '.' || !is_digit(c[1]))
		return false;
	c = quick_octet(c + 1, &octet);
	above |= octet;
	value = value << 8 | octet;
	if (*c != '.' || !is_digit(c[1]))
		return false;
	c = quick_octet(c + 1, &octet);
	above |= octet;
	value = value << 8 | octet;
	if (*c != '.' || !is_digit(c[1]))
		return false;
	c = quick_octet(c + 1, &octet);
	above |= octet;
	*address = value << 8 | octet;
	*at = c;
	return above <= 255 && !is_digit(*c) && *c != '.' && *c != ':';
}

/* Four octets, decimal whatever the padding. Says what is wrong, and where. */
static enum list_fault scan_ipv4(const char **at, uint32_t *address)
{
	const char *c = *at;
	uint32_t octet, value = 0;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		if (i) {
			if (*c != '.') {
				*at = c;
				return LIST_OCTETS;
			}
			c++;
		}
		if (!is_digit(*c)) {
			*at = c;
			return i ? LIST_OCTETS : LIST_NO_ADDRESS;
		}
		octet = *c - '0';
		if (is_digit(c[1])) {
			octet = 10 * octet + (c[1] - '0');
			if (is_digit(c[2])) {
				octet = 10 * octet + (c[2] - '0');
				if (octet > 255 || is_digit(c[3])) {
					*at = c;
					return is_digit(c[3]) ? LIST_OCTET_DIGITS : LIST_OCTET;
				}
				c++;
			}
			c++;
		}
		c++;
		value = value << 8 | octet;
	}
	*at = c;
	*address = value;
	/* 1.2.3.4.5 is a version or a name, and no address. */
	return *c == '.' ? LIST_OCTETS : LIST_OK;
}

static bool is_hex(char c)
{
	return is_digit(c) || (unsigned char)((c | 0x20) - 'a') < 6;
}

static bool is_ipv6_char(char c)
{
	return is_hex(c) || c == ':' || c == '.';
}

static unsigned int hex_value(char c)
{
	return is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10;
}

/* Put zeros between the first groups and the last, of which there are 1 to 7 together. */
static address6_t widen(address6_t value, unsigned int groups, unsigned int first)
{
	unsigned int behind = 16 * (groups - first);
	address6_t high = value >> behind << behind;

	return first ? high << 16 * (8 - groups) | (value ^ high) : value;
}

/* What is nearly always there: an address without any fault, and no IPv4 address in it. */
static bool quick_ipv6(const char **at, address6_t *address)
{
	unsigned int groups = 0, gap = 8, digits, group;
	const char *c = *at;
	address6_t value = 0;

	if (*c == ':' && c[1] == ':') {
		gap = 0;
		c += 2;
	}
	while (groups < 8 && is_hex(*c)) {
		for (group = 0, digits = 0; digits < 4 && is_hex(*c); digits++)
			group = group << 4 | hex_value(*c++);
		value = value << 16 | group;
		groups++;
		if (*c != ':' || groups == 8)
			break;
		c++;
		if (*c == ':') {
			if (gap < 8)
				return false;
			gap = groups;
			c++;
		} else if (!is_hex(*c)) {
			return false;
		}
	}
	/* All eight groups, or a gap for what is missing. */
	if (is_ipv6_char(*c) || (groups < 8 && gap == 8) || (groups == 8 && gap < 8))
		return false;
	*address = gap < 8 ? widen(value, groups, gap) : value;
	*at = c;
	return true;
}

/* An IPv4 address at the end of an IPv6 one: inet_pton() wants no padding, lists have it. */
static bool octets_to_groups(char *tail)
{
	const char *at = tail;
	uint32_t address;

	if (scan_ipv4(&at, &address) || *at)
		return false;
	sprintf(tail, "%x:%x", address >> 16, address & 0xffff);
	return true;
}

/* Any other way to write one, and what is none. */
static enum list_fault scan_ipv6(const char **at, address6_t *address)
{
	/* Two groups may be longer than the four octets they are. */
	char text[INET6_ADDRSTRLEN + sizeof("ffff:ffff")], *tail;
	struct in6_addr in6;
	size_t size = 0;

	if (quick_ipv6(at, address))
		return LIST_OK;
	while (size < INET6_ADDRSTRLEN && is_ipv6_char((*at)[size]))
		size++;
	if (size == INET6_ADDRSTRLEN)
		return LIST_IPV6;
	memcpy(text, *at, size);
	text[size] = '\0';
	tail = strrchr(text, ':');
	if (tail && strchr(tail, '.') && !octets_to_groups(tail + 1))
		return LIST_IPV6;
	if (inet_pton(AF_INET6, text, &in6) != 1)
		return LIST_IPV6;
	*address = address6_load(in6.s6_addr);
	*at += size;
	return LIST_OK;
}

/* Is the word an IPv6 address rather than an IPv4 one? */
static bool looks_like_ipv6(const char *c)
{
	while (is_ipv6_char(*c) && *c != ':')
		c++;
	return *c == ':';
}

static inline enum list_fault scan_address(const char **at, bool *ipv6, uint32_t *v4,
					   address6_t *v6)
{
	const char *begin = *at;
	enum list_fault fault;

	*ipv6 = false;
	if (quick_ipv4(at, v4))
		return LIST_OK;
	*at = begin;
	if (*begin == '[') {
		*ipv6 = true;
		++*at;
		fault = scan_ipv6(at, v6);
		if (fault)
			return fault;
		if (**at != ']')
			return LIST_BRACKET;
		++*at;
		return LIST_OK;
	}
	fault = scan_ipv4(at, v4);
	if (!fault || !looks_like_ipv6(begin))
		return fault;
	*ipv6 = true;
	*at = begin;
	return scan_ipv6(at, v6);
}

/* A length behind a slash: the range becomes the prefix. */
static enum list_fault scan_length(const char **at, struct entry *entry)
{
	unsigned int length = 0, digits, bits = entry->ipv6 ? 128 : 32;
	address6_t mask6;
	uint32_t mask4;

	for (digits = 0; digits < 3 && is_digit((*at)[digits]); digits++)
		length = 10 * length + ((*at)[digits] - '0');
	if (!digits || length > bits || is_digit((*at)[digits]) || (*at)[digits] == '.')
		return LIST_LENGTH;
	*at += digits;
	entry->is_prefix = true;
	if (entry->ipv6) {
		mask6 = length ? ~(address6_t)0 << (128 - length) : 0;
		entry->host_bits = entry->first6 & ~mask6;
		entry->first6 &= mask6;
		entry->last6 = entry->first6 | ~mask6;
	} else {
		mask4 = length ? ~0u << (32 - length) : 0;
		entry->host_bits = entry->first4 & ~mask4;
		entry->first4 &= mask4;
		entry->last4 = entry->first4 | ~mask4;
	}
	return LIST_OK;
}

/* What stands behind - as the other end of a range. */
static inline enum list_fault scan_last(const char **at, struct entry *entry)
{
	const char *begin = *at;
	enum list_fault fault;
	address6_t swap6;
	uint32_t swap4;
	bool ipv6;

	fault = scan_address(at, &ipv6, &entry->last4, &entry->last6);
	if (fault)
		return fault;
	if (ipv6 != entry->ipv6) {
		*at = begin;
		return LIST_FAMILIES;
	}
	entry->is_range = true;
	entry->reversed = ipv6 ? entry->first6 > entry->last6 : entry->first4 > entry->last4;
	if (entry->reversed && ipv6) {
		swap6 = entry->first6;
		entry->first6 = entry->last6;
		entry->last6 = swap6;
	} else if (entry->reversed) {
		swap4 = entry->first4;
		entry->first4 = entry->last4;
		entry->last4 = swap4;
	}
	return LIST_OK;
}

/* A, A-B, A/N, with spaces between. aMule's old lists have a comma for the minus. */
static inline enum list_fault scan_range(const char **at, const char *end, struct entry *entry,
					 bool comma)
{
	enum list_fault fault;
	const char *behind;

	fault = scan_address(at, &entry->ipv6, &entry->first4, &entry->first6);
	if (fault)
		return fault;
	entry->last4 = entry->first4;
	if (entry->ipv6)
		entry->last6 = entry->first6;
	behind = *at;
	skip_spaces(&behind);
	if (*behind == '-') {
		*at = behind + 1;
		skip_spaces(at);
		return scan_last(at, entry);
	}
	if (*behind == '/' && behind[1] != '/') {
		*at = behind + 1;
		return scan_length(at, entry);
	}
	if (*behind == ',' && comma) {
		uint32_t v4;
		address6_t v6;
		bool ipv6;

		behind++;
		skip_spaces(&behind);
		*at = behind;
		if (!scan_address(&behind, &ipv6, &v4, &v6) && ipv6 == entry->ipv6 &&
		    (is_space(*behind) || *behind == ',' || behind == end))
			return scan_last(at, entry);
		/* It was the level: back to the comma. */
		while (**at != ',')
			--*at;
	}
	return LIST_OK;
}

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
	const char *begin = *at;
	enum list_fault fault;

	fault = scan_range(at, end, entry, fields);
	if (fault)
		return fault;
	if ((entry->is_range && dialect == LIST_CIDR) ||
	    (entry->is_prefix && !entry->ipv6 && dialect == LIST_UTORRENT)) {
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

/* Does a range, and nothing else, stand from @at to the line's end? */
static enum list_fault scan_whole(const char **at, const char *end, struct entry *entry)
{
	enum list_fault fault;

	*entry = (struct entry) {};
	skip_spaces(at);
	fault = scan_range(at, end, entry, false);
	if (fault)
		return fault;
	skip_spaces(at);
	return *at == end ? LIST_OK : LIST_TRAILING;
}

static bool in_use(const struct entry *entry)
{
	unsigned int group = entry->first6 >> 112;

	/* 2000::/3, fc00::/7, fe80::/10 */
	return group >> 13 == 0x1 || group >> 9 == 0x7e || group >> 6 == 0x3fa;
}

/* How likely is it that an IPv6 range is meant? A country code ("de:2a00::/16") begins none. */
static unsigned int likelihood(const struct entry *entry)
{
	return 2 * in_use(entry) + !entry->host_bits;
}

/*
 * Does an IPv6 range stand from @at to the line's end that is rather meant than
 * @entry, the one found so far? A part of a label makes it larger, or begins it
 * where no address is in use, or makes bits beyond its length.
 */
static bool scan_better(const char *at, const char *end, struct entry *entry, bool found)
{
	address6_t size, known = entry->last6 - entry->first6;
	struct entry other;

	/* One address would be found in any label with colons: see scan_single(). */
	if (scan_whole(&at, end, &other) || !other.ipv6 || !(other.is_range || other.is_prefix))
		return false;
	size = other.last6 - other.first6;
	if (found && (size > known ||
		      (size == known && likelihood(&other) <= likelihood(entry))))
		return false;
	*entry = other;
	return true;
}

/* The first colon with one IPv6 address behind it that is in use, or @begin; or NULL. */
static const char *scan_single(const char *begin, const char *end, struct entry *entry)
{
	const char *from = begin, *at = begin, *next = begin;

	while (scan_whole(&at, end, entry) || !entry->ipv6 || !in_use(entry)) {
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
	const char *begin = *at, *colon, *range, *wrong = begin, *from, *best = NULL;
	enum list_fault fault = LIST_NO_RANGE, last_fault = LIST_NO_RANGE;

	colon = memrchr(begin, ':', end - begin);
	range = colon ? colon + 1 : begin;
	*at = range;
	fault = scan_whole(at, end, entry);
	if (colon && !fault && !entry->is_range)
		last_fault = LIST_OK;
	else if (!fault)
		goto found;
	wrong = *at;
	if (scan_better(begin, end, entry, best))
		best = begin;
	for (from = begin; colon && from <= colon; from++) {
		from = memchr(from, ':', colon + 1 - from);
		if (!from)
			break;
		if (scan_better(from + 1, end, entry, best))
			best = from;
	}
	if (!best && last_fault != LIST_OK)
		best = scan_single(begin, end, entry);
	if (best) {
		*at = end;
		entry->label = begin;
		entry->label_size = best - begin;
		return LIST_OK;
	}
	*at = range;
	if (last_fault == LIST_OK && !scan_whole(at, end, entry))
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

static inline void text_add(struct list *list, const struct entry *entry)
{
	struct ranges *ranges = &list->ranges;
	uint32_t label;

	list->counts.reversed += entry->reversed;
	list->counts.host_bits += entry->host_bits;
	if (entry->level >= list->level) {
		list->counts.allowed++;
		return;
	}
	label = entry->label_size ?
		labels_number(&ranges->labels, entry->label, entry->label_size) : LABEL_NONE;
	list->counts.ranges++;
	if (entry->ipv6)
		ranges_add6(ranges, entry->first6, entry->last6, label);
	else
		ranges_add4(ranges, entry->first4, entry->last4, label);
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
		list->formats |= 1 << (entry->is_prefix && !entry->ipv6 ? LIST_CIDR :
				       LIST_UTORRENT);
}

/* Four numbers with dots are an address, whatever they are, and so are three colons or "::". */
static bool is_like_address(const char *at, const char *end)
{
	unsigned int numbers = 0, colons = 0;
	const char *begin = at;
	bool gap = false;

	/* No further: a line can have thousands of colons to begin behind. */
	for (; at < end && at - begin < INET6_ADDRSTRLEN && is_ipv6_char(*at); at++) {
		numbers += is_digit(*at) && (at == begin || at[-1] == '.');
		colons += *at == ':';
		gap |= *at == ':' && at > begin && at[-1] == ':';
	}
	/* No word goes on behind it. */
	if (at < end && !is_space(*at) && !strchr("-/],;", *at))
		return false;
	return colons ? gap || colons > 2 : numbers > 3;
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

/* A line that is read at once, with its end, and what may be looked at behind its beginning. */
#define QUICK_LINE	32
#define QUICK_ROOM	(QUICK_LINE + 16)

/* So many other lines, and the rest of a piece has none. */
#define QUICK_TRIES	8

/* A bit for each character of a line that is no digit. Behind one that is not ASCII it may err. */
static inline uint32_t quick_separators(const char *line)
{
	uint32_t separators = 0, i;
	uint64_t word;

#pragma GCC unroll 4
	for (i = 0; i < QUICK_LINE; i += sizeof(word)) {
		memcpy(&word, line + i, sizeof(word));
		word = le64toh(word) ^ 0x3030303030303030;
		/* The first bit of each byte that is above 9, then all of them side by side. */
		word = ((word + 0x7676767676767676) | word) & 0x8080808080808080;
		separators |= (uint32_t)(word * 0x0002040810204081 >> 56) << i;
	}
	return separators;
}

/*
 * What most lines of most lists are: two IPv4 addresses in order, with a minus
 * between them, and nothing else. Without a jump that depends on how long they
 * are. Return: bytes of the line, or 0 where it is any other.
 */
static inline size_t quick_line(const char *line, uint32_t *first, uint32_t *last)
{
	static const char wanted[] = { '.', '.', '.', '-', '.', '.', '.' };
	/* There are always eight, some of them behind the line. */
	uint64_t separators = quick_separators(line) | 0xffULL << QUICK_LINE, addresses = 0;
	uint32_t begin = 0, end, digits, octet, wrong = 0, i;

#pragma GCC unroll 8
	for (i = 0; i < 8; i++) {
		end = __builtin_ctzll(separators);
		separators &= separators - 1;
		memcpy(&digits, line + begin, sizeof(digits));
		/* One to three digits, the last one in the last byte. */
		digits = (be32toh(digits) ^ 0x30303030) >> (8 * (4 + begin - end) & 31);
		octet = (digits >> 16) * 100 + (digits >> 8 & 255) * 10 + (digits & 255);
		wrong |= end - begin - 1 > 2 || octet > 255;
		if (i < 7)
			wrong |= line[end] != wanted[i];
		addresses = addresses << 8 | octet;
		begin = end + 1;
	}
	*first = addresses >> 32;
	*last = addresses;
	begin -= line[end] != '\r';
	return wrong || line[begin] != '\n' || *first > *last ? 0 : begin + 1;
}

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
	const char *at = data, *end = data + size, *line_end;
	struct list *list = parser->list;
	char last[LIST_LINE_MAX + 3];
	uint32_t first4, last4;
	size_t length;
	/* Others have no such lines, or with level 0 no range at all. */
	unsigned int tries = list->level && parser->dialect != LIST_P2P &&
			     parser->dialect != LIST_CIDR ? QUICK_TRIES : 0;

	while (at < end) {
		if (tries && !parser->skip && end - at >= QUICK_ROOM) {
			length = quick_line(at, &first4, &last4);
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
		} else if (line_end && line_end + 1 < end) {
			text_line(parser, at, line_end);
		} else {
			text_line(parser, last, line_copy(last, at, (line_end ?: end) - at));
		}
		at = line_end ? line_end + 1 : end;
	}
	return at - data;
}

unsigned int text_kinds(const char *line, size_t size)
{
	struct entry plain = {}, p2p = {};
	const char *begin, *at, *end;
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
	if (is_blank(LIST_P2P, at, end) || scan_p2p(&at, end, &p2p) || !p2p.label_size)
		return kinds;
	/* A label like DE could begin an address, but none that is in use: the rest is meant. */
	at = begin;
	if (p2p.ipv6 && !scan_whole(&at, end, &plain) &&
	    (!in_use(&plain) || p2p.last6 - p2p.first6 < plain.last6 - plain.first6))
		return 1 << LIST_P2P;
	return kinds | 1 << LIST_P2P;
}

enum list_fault text_range(const char *word, struct ranges *ranges)
{
	size_t size = strlen(word);
	struct entry entry;
	enum list_fault fault;
	char copy[256];
	const char *at = copy;

	if (size + 3 > sizeof(copy))
		return LIST_NO_ADDRESS;
	fault = scan_whole(&at, line_copy(copy, word, size), &entry);
	if (fault || entry.host_bits)
		return fault ?: LIST_HOST_BITS;
	if (entry.ipv6)
		ranges_add6(ranges, entry.first6, entry.last6, LABEL_NONE);
	else
		ranges_add4(ranges, entry.first4, entry.last4, LABEL_NONE);
	return LIST_OK;
}
