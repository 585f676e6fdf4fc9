// SPDX-License-Identifier: GPL-2.0
/* A range as lists write it: octets, addresses, lengths, and two ends. */

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "list-range.h"

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
static enum list_fault scan_length(const char **at, struct list_range *range)
{
	unsigned int length = 0, digits, bits = range->ipv6 ? 128 : 32;
	address6_t mask6;
	uint32_t mask4;

	for (digits = 0; digits < 3 && is_digit((*at)[digits]); digits++)
		length = 10 * length + ((*at)[digits] - '0');
	if (!digits || length > bits || is_digit((*at)[digits]) || (*at)[digits] == '.')
		return LIST_LENGTH;
	*at += digits;
	range->is_prefix = true;
	if (range->ipv6) {
		mask6 = length ? ~(address6_t)0 << (128 - length) : 0;
		range->host_bits = range->first6 & ~mask6;
		range->first6 &= mask6;
		range->last6 = range->first6 | ~mask6;
	} else {
		mask4 = length ? ~0u << (32 - length) : 0;
		range->host_bits = range->first4 & ~mask4;
		range->first4 &= mask4;
		range->last4 = range->first4 | ~mask4;
	}
	return LIST_OK;
}

/* What stands behind - as the other end of a range. */
static inline enum list_fault scan_last(const char **at, struct list_range *range)
{
	const char *begin = *at;
	enum list_fault fault;
	address6_t swap6;
	uint32_t swap4;
	bool ipv6;

	fault = scan_address(at, &ipv6, &range->last4, &range->last6);
	if (fault)
		return fault;
	if (ipv6 != range->ipv6) {
		*at = begin;
		return LIST_FAMILIES;
	}
	range->is_range = true;
	range->reversed = ipv6 ? range->first6 > range->last6 : range->first4 > range->last4;
	if (range->reversed && ipv6) {
		swap6 = range->first6;
		range->first6 = range->last6;
		range->last6 = swap6;
	} else if (range->reversed) {
		swap4 = range->first4;
		range->first4 = range->last4;
		range->last4 = swap4;
	}
	return LIST_OK;
}

enum list_fault scan_range(const char **at, const char *end, struct list_range *range, bool comma)
{
	enum list_fault fault;
	const char *behind;

	fault = scan_address(at, &range->ipv6, &range->first4, &range->first6);
	if (fault)
		return fault;
	range->last4 = range->first4;
	if (range->ipv6)
		range->last6 = range->first6;
	behind = *at;
	skip_spaces(&behind);
	if (*behind == '-') {
		*at = behind + 1;
		skip_spaces(at);
		return scan_last(at, range);
	}
	if (*behind == '/' && behind[1] != '/') {
		*at = behind + 1;
		return scan_length(at, range);
	}
	if (*behind == ',' && comma) {
		address6_t v6;
		uint32_t v4;
		bool ipv6;

		behind++;
		skip_spaces(&behind);
		*at = behind;
		if (!scan_address(&behind, &ipv6, &v4, &v6) && ipv6 == range->ipv6 &&
		    (is_space(*behind) || *behind == ',' || behind == end))
			return scan_last(at, range);
		/* It was the level: back to the comma. */
		while (**at != ',')
			--*at;
	}
	return LIST_OK;
}

enum list_fault scan_whole(const char **at, const char *end, struct list_range *range)
{
	enum list_fault fault;

	*range = (struct list_range) {};
	skip_spaces(at);
	fault = scan_range(at, end, range, false);
	if (fault)
		return fault;
	skip_spaces(at);
	return *at == end ? LIST_OK : LIST_TRAILING;
}

/* Four numbers with dots are an address, whatever they are, and so are three colons or "::". */
bool is_like_address(const char *at, const char *end)
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
