/* SPDX-License-Identifier: GPL-2.0 */
/* Addresses and prefixes: from text, to text. */
#ifndef LIB_ADDRESS_H
#define LIB_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#define PREFIX_STRLEN	(INET6_ADDRSTRLEN + 4)

/**
 * struct prefix - an IPv6 prefix
 * @address: network byte order
 * @length: 0 to 128
 */
struct prefix {
	struct in6_addr address;
	uint8_t length;
};

/*
 * Each parser returns NULL, or what is wrong with the text: a clause such as
 * "is no IPv4 address", to stand after the text itself. It lasts until the
 * next call.
 */
const char *ipv4_parse(const char *text, struct in_addr *address);
const char *ipv6_parse(const char *text, struct in6_addr *address);
const char *prefix_parse(const char *text, struct prefix *prefix);
const char *number_parse(const char *text, unsigned long min, unsigned long max,
			 unsigned long *number);

/* Each writer returns its buffer. */
const char *ipv4_text(struct in_addr address, char buffer[INET_ADDRSTRLEN]);
const char *ipv6_text(const struct in6_addr *address, char buffer[INET6_ADDRSTRLEN]);
const char *prefix_text(const struct prefix *prefix, char buffer[PREFIX_STRLEN]);

/* RFC 1918, RFC 6598 */
bool ipv4_is_private(struct in_addr address);

/* Can it be that of a host on the Internet, or behind a NAT? As the module asks. */
bool ipv4_is_host(struct in_addr address);

/* Can a packet come from it? As the module asks. */
bool ipv6_is_host(const struct in6_addr *address);

bool prefix_holds(const struct prefix *prefix, const struct in6_addr *address);

#endif /* LIB_ADDRESS_H */
