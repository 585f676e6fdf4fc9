// SPDX-License-Identifier: GPL-2.0
/* Any word as a range of a command; what is one is written and read as the same. */

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "lists.h"

/* An IPv6 address with an IPv4 address at its end, as the C library takes it: without padding. */
static bool is_padded_address(const char *word, struct in6_addr *in6)
{
	const char *tail = strrchr(word, ':');
	char text[INET6_ADDRSTRLEN + 16];
	unsigned int octet[4];
	char more;

	/* With a length behind it, it is a prefix. */
	if (!tail || sscanf(tail + 1, "%u.%u.%u.%u%c", octet, octet + 1, octet + 2, octet + 3,
			    &more) != 4)
		return false;
	snprintf(text, sizeof(text), "%.*s%u.%u.%u.%u", (int)(tail + 1 - word), word, octet[0],
		 octet[1], octet[2], octet[3]);
	return inet_pton(AF_INET6, text, in6) == 1;
}

/* What is an address for the C library is one here; IPv4 addresses may be padded, too. */
static void must_be_as_libc_says(const char *word, enum list_fault fault,
				 const struct ranges *ranges)
{
	struct in6_addr in6;
	struct in_addr in;

	if (inet_pton(AF_INET, word, &in) == 1)
		must(!fault && ranges->n4 == 1 && ranges->v4->first == ntohl(in.s_addr) &&
		     ranges->v4->last == ntohl(in.s_addr));
	if (inet_pton(AF_INET6, word, &in6) == 1 || (!fault && is_padded_address(word, &in6)))
		must(!fault && ranges->n6 == 1 &&
		     ranges->v6->first == address6_load(in6.s6_addr) &&
		     ranges->v6->last == ranges->v6->first);
	else if (!fault && strspn(word, "0123456789abcdefABCDEF:.") == strlen(word))
		must(ranges->n4 == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ranges ranges = {}, again = {};
	char text[RANGE_STRLEN], *word;
	enum list_fault fault;

	word = malloc(size + 1);
	memcpy(word, data, size);
	word[size] = '\0';
	fault = text_range(word, &ranges);
	must_be_as_libc_says(word, fault, &ranges);
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
