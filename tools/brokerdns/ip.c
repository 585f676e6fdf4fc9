// SPDX-License-Identifier: GPL-2.0
/* Addresses of either family, and networks of them. */

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/address.h"
#include "../lib/table.h"
#include "ip.h"

/* No range is wider than what one operator usually holds. */
#define AGGREGATE_MIN4	24
#define AGGREGATE_MIN6	64
/* One of so many addresses of a range was seen at least. */
#define AGGREGATE_SPARSE	32

bool ip_parse(const char *text, struct ip *ip)
{
	*ip = (struct ip) { .family = strchr(text, ':') ? AF_INET6 : AF_INET };
	return inet_pton(ip->family, text, ip->bytes) == 1;
}

const char *network_parse(const char *text, struct network *network)
{
	const char *slash = strchr(text, '/');
	char address[INET6_ADDRSTRLEN];
	struct network whole;
	unsigned long length;

	if (slash && slash - text >= (long)sizeof(address))
		return "is no network; give one such as 192.0.2.0/24 or 2001:db8::/32";
	snprintf(address, sizeof(address), "%.*s", slash ? (int)(slash - text) : INET6_ADDRSTRLEN,
		 text);
	if (!ip_parse(address, &network->ip))
		return "is no network; give one such as 192.0.2.0/24 or 2001:db8::/32";
	network->length = ip_bits(&network->ip);
	if (!slash)
		return NULL;
	if (strchr(slash, 'x') || number_parse(slash + 1, 0, ip_bits(&network->ip), &length))
		return "has no length that fits behind the slash";
	whole = network_of(&network->ip, length);
	if (!ip_equal(&whole.ip, &network->ip))
		return "has bits set beyond its length";
	network->length = length;
	return NULL;
}

const char *ip_text(const struct ip *ip, char buffer[INET6_ADDRSTRLEN])
{
	return inet_ntop(ip->family, ip->bytes, buffer, INET6_ADDRSTRLEN);
}

const char *network_text(const struct network *network, char buffer[NETWORK_STRLEN])
{
	char address[INET6_ADDRSTRLEN];

	ip_text(&network->ip, address);
	if (network->length == ip_bits(&network->ip))
		snprintf(buffer, NETWORK_STRLEN, "%s", address);
	else
		snprintf(buffer, NETWORK_STRLEN, "%s/%u", address, network->length);
	return buffer;
}

const char *ip_reverse(const struct ip *ip, char name[REVERSE_STRLEN])
{
	const uint8_t *bytes = ip->bytes;
	unsigned int i, n = 0;

	if (ip->family == AF_INET) {
		snprintf(name, REVERSE_STRLEN, "%u.%u.%u.%u.in-addr.arpa", bytes[3], bytes[2],
			 bytes[1], bytes[0]);
		return name;
	}
	for (i = 0; i < 16; i++)
		n += sprintf(name + n, "%x.%x.", bytes[15 - i] & 15, bytes[15 - i] >> 4);
	strcpy(name + n, "ip6.arpa");
	return name;
}

int ip_compare(const struct ip *a, const struct ip *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

/* The bits of byte @i that a network of @length bits fixes. */
static uint8_t byte_mask(unsigned int length, unsigned int i)
{
	unsigned int bits = length > 8 * i ? length - 8 * i : 0;

	return bits >= 8 ? 0xff : (uint8_t)(0xff << (8 - bits));
}

struct network network_of(const struct ip *ip, unsigned int length)
{
	struct network network = { .ip = *ip, .length = length };
	unsigned int i;

	for (i = 0; i < sizeof(ip->bytes); i++)
		network.ip.bytes[i] &= byte_mask(length, i);
	return network;
}

bool network_holds(const struct network *network, const struct ip *ip)
{
	struct network other = network_of(ip, network->length);

	return ip_equal(&other.ip, &network->ip);
}

struct ip network_last(const struct network *network)
{
	struct ip last = network->ip;
	unsigned int i;

	for (i = 0; i < ip_bits(&last) / 8; i++)
		last.bytes[i] |= ~byte_mask(network->length, i);
	return last;
}

bool ip_loopback(const struct ip *ip)
{
	static const struct ip loopback6 = { AF_INET6, { [15] = 1 } };

	return ip->family == AF_INET ? ip->bytes[0] == 127 : ip_equal(ip, &loopback6);
}

static bool ip_in(const struct ip *ip, const char *text)
{
	struct network network;

	return !network_parse(text, &network) && network_holds(&network, ip);
}

/*
 * Block lists of mail answer out of 127.0.0.0/8, blockers with 0.0.0.0 and ::,
 * a mapped address is another family's.
 */
static const struct {
	const char *network;
	const char *meaning;
} specials[] = {
	{ "0.0.0.0/8", "stands for no address" },
	{ "::", "stands for no address" },
	{ "127.0.0.0/8", "is a loopback address, which block lists answer with" },
	{ "::1", "is a loopback address, which block lists answer with" },
	{ "169.254.0.0/16", "is a link-local address" },
	{ "fe80::/10", "is a link-local address" },
	{ "224.0.0.0/3", "is no unicast address" },
	{ "ff00::/8", "is no unicast address" },
	{ "::ffff:0:0/96", "is an IPv4 address in an IPv6 record" },
};

bool ip_special_network(size_t i, struct network *network)
{
	return i < sizeof(specials) / sizeof(*specials) &&
	       !network_parse(specials[i].network, network);
}

const char *ip_special(const struct ip *ip)
{
	struct network network;
	size_t i;

	for (i = 0; ip_special_network(i, &network); i++)
		if (network_holds(&network, ip))
			return specials[i].meaning;
	return NULL;
}

bool ip_private(const struct ip *ip)
{
	return ip_in(ip, "10.0.0.0/8") || ip_in(ip, "172.16.0.0/12") ||
	       ip_in(ip, "192.168.0.0/16") || ip_in(ip, "100.64.0.0/10") || ip_in(ip, "fc00::/7");
}

socklen_t ip_sockaddr(const struct ip *ip, uint16_t port, uint32_t scope,
		      struct sockaddr_storage *address)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)address;
	struct sockaddr_in *in = (struct sockaddr_in *)address;

	memset(address, 0, sizeof(*address));
	if (ip->family == AF_INET) {
		in->sin_family = AF_INET;
		in->sin_port = htons(port);
		memcpy(&in->sin_addr, ip->bytes, 4);
		return sizeof(*in);
	}
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(port);
	in6->sin6_scope_id = scope;
	memcpy(&in6->sin6_addr, ip->bytes, 16);
	return sizeof(*in6);
}

bool ip_from_sockaddr(const struct sockaddr *address, struct ip *ip)
{
	*ip = (struct ip) { .family = address->sa_family };
	if (address->sa_family == AF_INET)
		memcpy(ip->bytes, &((const struct sockaddr_in *)address)->sin_addr, 4);
	else if (address->sa_family == AF_INET6)
		memcpy(ip->bytes, &((const struct sockaddr_in6 *)address)->sin6_addr, 16);
	else
		return false;
	return true;
}

void network_list_append(struct network_list *list, const struct network *network)
{
	if (list->n == list->room) {
		list->room = list->room ? 2 * list->room : 16;
		list->items = must(realloc(list->items, list->room * sizeof(*list->items)));
	}
	list->items[list->n++] = *network;
}

void network_list_add(struct network_list *list, const struct network *network)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (list->items[i].length == network->length &&
		    ip_equal(&list->items[i].ip, &network->ip))
			return;
	network_list_append(list, network);
}

static int compare(const void *a, const void *b)
{
	const struct network *x = a, *y = b;

	return ip_compare(&x->ip, &y->ip) ?: x->length - y->length;
}

void network_list_sort(struct network_list *list)
{
	if (list->n)
		qsort(list->items, list->n, sizeof(*list->items), compare);
}

void network_list_clear(struct network_list *list)
{
	free(list->items);
	*list = (struct network_list) {};
}

/* The longest network that holds both. */
static struct network network_span(const struct network *a, const struct network *b)
{
	unsigned int length = a->length < b->length ? a->length : b->length;
	struct network span = network_of(&a->ip, length);

	while (!network_holds(&span, &b->ip))
		span = network_of(&a->ip, --length);
	return span;
}

static bool network_meets(const struct network *network, const struct network_list *list)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (list->items[i].ip.family == network->ip.family &&
		    (network_holds(network, &list->items[i].ip) ||
		     network_holds(&list->items[i], &network->ip)))
			return true;
	return false;
}

/* Is it short of empty addresses, so that it is the range somebody answers with? */
static bool network_dense(const struct network *network, size_t members)
{
	unsigned int free_bits = ip_bits(&network->ip) - network->length;

	if (network->length < (network->ip.family == AF_INET ? AGGREGATE_MIN4 : AGGREGATE_MIN6))
		return false;
	return free_bits < 16 ? 1UL << free_bits <= AGGREGATE_SPARSE * members : members > 2;
}

/* Cover @n sorted networks, add what covers them to @list. */
static void network_cover(struct network_list *list, const struct network *items, size_t n,
			  const struct network_list *not)
{
	struct network span = network_span(&items[0], &items[n - 1]), upper;
	size_t i;

	if (n == 1 || (network_dense(&span, n) && !network_meets(&span, not))) {
		network_list_add(list, &span);
		return;
	}
	/* Those in each half of it. */
	upper = network_of(&items[n - 1].ip, span.length + 1);
	for (i = n - 1; i > 1 && network_holds(&upper, &items[i - 1].ip); i--)
		;
	network_cover(list, items, i, not);
	network_cover(list, items + i, n - i, not);
}

void network_list_aggregate(struct network_list *list, const struct network_list *not)
{
	struct network_list covers = {};
	size_t i, n;

	network_list_sort(list);
	for (i = 0; i < list->n; i += n) {
		for (n = 1; i + n < list->n &&
		     list->items[i + n].ip.family == list->items[i].ip.family; n++)
			;
		network_cover(&covers, list->items + i, n, not);
	}
	network_list_clear(list);
	*list = covers;
}
