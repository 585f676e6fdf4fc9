// SPDX-License-Identifier: GPL-2.0
/* Ranges of addresses as prefixes: as few as there can be. */

#include <arpa/inet.h>
#include <string.h>

#include "prefixes.h"

uint32_t ip_value4(const struct ip *ip)
{
	uint32_t value;

	memcpy(&value, ip->bytes, sizeof(value));
	return ntohl(value);
}

void ranges_add_network(struct ranges *ranges, const struct network *network, uint32_t label)
{
	struct ip last = network_last(network);

	if (network->ip.family == AF_INET)
		ranges_add4(ranges, ip_value4(&network->ip), ip_value4(&last), label);
	else
		ranges_add6(ranges, address6_load(network->ip.bytes), address6_load(last.bytes),
			    label);
}

size_t ranges_cut_special(struct ranges *ranges)
{
	struct ranges special = {};
	struct merge_counts counts;
	struct network network;
	size_t i, n;

	for (i = 0; ip_special_network(i, &network); i++)
		ranges_add_network(&special, &network, 0);
	ranges_merge(&special, &counts);
	n = special.n4 + special.n6 - ranges_strange(ranges, &special, NULL);
	ranges_subtract(ranges, &special);
	ranges_free(&special);
	return n;
}

static void add(struct network_list *list, uint8_t family, address6_t first, unsigned int length)
{
	struct network network = { .ip.family = family, .length = length };
	uint32_t value = htonl(first);

	if (family == AF_INET)
		memcpy(network.ip.bytes, &value, sizeof(value));
	else
		address6_store(network.ip.bytes, first);
	network_list_append(list, &network);
}

/* From the front, always the largest that begins there and does not end behind the range. */
static void cover(struct network_list *list, uint8_t family, address6_t first, address6_t last)
{
	unsigned int bits = family == AF_INET ? 32 : 128, free_bits;
	address6_t size;

	for (;;) {
		for (free_bits = 0; free_bits < bits; free_bits++) {
			size = (address6_t)1 << free_bits;
			/* Twice as many: is it aligned, and does it fit? */
			if (first & size || last - first < size + (size - 1))
				break;
		}
		add(list, family, first, bits - free_bits);
		/* Everything, or up to the highest address: nothing comes behind it. */
		if (free_bits == bits)
			return;
		size = (address6_t)1 << free_bits;
		if (last - first < size || first + (size - 1) == last)
			return;
		first += size;
	}
}

void prefixes_add4(struct network_list *list, uint32_t first, uint32_t last)
{
	cover(list, AF_INET, first, last);
}

void prefixes_add6(struct network_list *list, address6_t first, address6_t last)
{
	cover(list, AF_INET6, first, last);
}
