// SPDX-License-Identifier: GPL-2.0
/* Addresses and prefixes: from text, to text. */

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"

static char complaint[160];

const char *ipv4_parse(const char *text, struct in_addr *address)
{
	/* inet_pton() takes four decimal octets and nothing else: no octal, no hex. */
	if (inet_pton(AF_INET, text, address) == 1)
		return NULL;
	if (strchr(text, ':'))
		return "is an IPv6 address; give an IPv4 address such as 203.0.113.7";
	return "is no IPv4 address; give four decimal numbers such as 203.0.113.7";
}

const char *ipv6_parse(const char *text, struct in6_addr *address)
{
	if (inet_pton(AF_INET6, text, address) == 1)
		return NULL;
	return "is no IPv6 address; give one such as 2001:db8::1";
}

const char *number_parse(const char *text, unsigned long min, unsigned long max,
			 unsigned long *number)
{
	bool hex = text[0] == '0' && text[1] == 'x' && isxdigit((unsigned char)text[2]);
	char *end;

	errno = 0;
	/* strtoul() would take signs and spaces, and read 010 as 8. */
	if (isdigit((unsigned char)*text)) {
		*number = strtoul(text, &end, hex ? 16 : 10);
		if (!*end && !errno && *number >= min && *number <= max)
			return NULL;
	}
	snprintf(complaint, sizeof(complaint), "is no number from %lu to %lu", min, max);
	return complaint;
}

/* Clear the bits beyond the length; true where there were any. */
static bool prefix_mask(struct prefix *prefix)
{
	bool changed = false;
	unsigned int i;

	for (i = 0; i < 16; i++) {
		unsigned int bits = prefix->length > 8 * i ? prefix->length - 8 * i : 0;
		uint8_t mask = bits >= 8 ? 0xff : (uint8_t)(0xff << (8 - bits));

		changed |= prefix->address.s6_addr[i] & ~mask;
		prefix->address.s6_addr[i] &= mask;
	}
	return changed;
}

const char *prefix_parse(const char *text, struct prefix *prefix)
{
	char address[INET6_ADDRSTRLEN], meant[PREFIX_STRLEN];
	const char *slash = strchr(text, '/');
	unsigned long length;

	if (!slash)
		return "has no length; give a prefix such as 2001:db8::/48";
	if (slash - text >= (long)sizeof(address))
		return "is no IPv6 prefix; give one such as 2001:db8::/48";
	memcpy(address, text, slash - text);
	address[slash - text] = '\0';
	if (ipv6_parse(address, &prefix->address))
		return "is no IPv6 prefix; give one such as 2001:db8::/48";
	if (strchr(slash, 'x') || number_parse(slash + 1, 0, 128, &length))
		return "has no length from 0 to 128 behind the slash";
	prefix->length = length;
	if (!prefix_mask(prefix))
		return NULL;
	snprintf(complaint, sizeof(complaint), "has bits set beyond its length; did you mean %s?",
		 prefix_text(prefix, meant));
	return complaint;
}

const char *ipv4_text(struct in_addr address, char buffer[INET_ADDRSTRLEN])
{
	return inet_ntop(AF_INET, &address, buffer, INET_ADDRSTRLEN);
}

const char *ipv6_text(const struct in6_addr *address, char buffer[INET6_ADDRSTRLEN])
{
	return inet_ntop(AF_INET6, address, buffer, INET6_ADDRSTRLEN);
}

const char *prefix_text(const struct prefix *prefix, char buffer[PREFIX_STRLEN])
{
	char address[INET6_ADDRSTRLEN];

	snprintf(buffer, PREFIX_STRLEN, "%s/%u", ipv6_text(&prefix->address, address),
		 prefix->length);
	return buffer;
}

bool ipv4_is_private(struct in_addr address)
{
	uint32_t a = ntohl(address.s_addr);

	return a >> 24 == 10 || a >> 20 == 0xac1 || a >> 16 == 0xc0a8 || a >> 22 == 0x191;
}

bool ipv4_is_host(struct in_addr address)
{
	uint32_t first = ntohl(address.s_addr) >> 24;

	return first && first != 127 && first < 224;
}

bool ipv6_is_host(const struct in6_addr *address)
{
	return !IN6_IS_ADDR_UNSPECIFIED(address) && !IN6_IS_ADDR_LOOPBACK(address) &&
	       !IN6_IS_ADDR_V4MAPPED(address) && !IN6_IS_ADDR_MULTICAST(address);
}

bool prefix_holds(const struct prefix *prefix, const struct in6_addr *address)
{
	struct prefix other = { .address = *address, .length = prefix->length };

	prefix_mask(&other);
	return !memcmp(&other.address, &prefix->address, sizeof(other.address));
}
