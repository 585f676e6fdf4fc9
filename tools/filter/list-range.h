/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A range as lists write it: one address, two with a minus between them, or one
 * with a length. What stands around it in a line is list-text.c's.
 *
 * Scanners read from *at on, up to the line's end at most: there stands a line
 * feed or a carriage return, which is part of nothing. They leave *at behind
 * what they read, or where it goes wrong. @end is the line's end.
 */
#ifndef FILTER_LIST_RANGE_H
#define FILTER_LIST_RANGE_H

#include <endian.h>
#include <string.h>

#include "list.h"

/**
 * struct list_range - what is written
 * @ipv6: family
 * @reversed: its ends were the wrong way round
 * @host_bits: its prefix had bits beyond its length
 * @is_range: it has two ends
 * @is_prefix: it has a length
 * @first4: IPv4
 * @last4: IPv4
 * @first6: IPv6
 * @last6: IPv6
 */
struct list_range {
	bool ipv6;
	bool reversed;
	bool host_bits;
	bool is_range;
	bool is_prefix;
	uint32_t first4;
	uint32_t last4;
	address6_t first6;
	address6_t last6;
};

static inline bool is_digit(char c)
{
	return (unsigned char)(c - '0') < 10;
}

static inline bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

static inline void skip_spaces(const char **at)
{
	while (is_space(**at))
		++*at;
}

/*
 * A, A-B or A/N, with spaces around the minus; with @comma also "A , B", as aMule's
 * old lists have it. @range is all zeros before. Return: LIST_OK, whatever follows,
 * or what is wrong.
 */
enum list_fault scan_range(const char **at, const char *end, struct list_range *range, bool comma);

/* A range, and nothing but spaces around it. Return: LIST_OK, or what is wrong. */
enum list_fault scan_whole(const char **at, const char *end, struct list_range *range);

/* Does an address stand at @at, if perhaps a wrong one? No byte at @end or behind is read. */
bool is_like_address(const char *at, const char *end);

/* A line that is read at once, with its end, and what may be looked at behind its beginning. */
#define QUICK_LINE	32
#define QUICK_ROOM	(QUICK_LINE + 16)

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
 * are; inline, since a call for each line takes a twentieth of the time.
 * Return: bytes of the line with its end, or 0 where it is any other.
 */
static inline size_t quick_range(const char *line, uint32_t *first, uint32_t *last)
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

#endif /* FILTER_LIST_RANGE_H */
