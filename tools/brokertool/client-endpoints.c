// SPDX-License-Identifier: GPL-2.0
/* brokertool client endpoints: the IPv4 addresses that clients are behind. */

#include <arpa/inet.h>
#include <linux/sitbroker.h>
#include <netlink/attr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "brokertool.h"

/* One of SITBROKER_A_ENDPOINTS, and its link. */
struct endpoint {
	uint32_t id;
	struct in_addr address;
	uint32_t ifindex;
};

struct endpoints {
	struct endpoint *list;
	size_t n;
};

#define PACKED	offsetof(struct endpoint, ifindex)

static int collect(struct broker *broker, const struct item *item, void *arg)
{
	size_t n = nla_len(item->nest) / PACKED, i;
	const char *data = nla_data(item->nest);
	struct endpoints *endpoints = arg;
	struct endpoint *more;

	(void)broker;
	if (!n)
		return 0;
	endpoints->list = must(realloc(endpoints->list, (endpoints->n + n) * sizeof(*more)));
	more = endpoints->list + endpoints->n;
	for (i = 0; i < n; i++) {
		memcpy(&more[i], data + i * PACKED, PACKED);
		more[i].ifindex = item->ifindex;
	}
	endpoints->n += n;
	return 0;
}

static int order(const void *a, const void *b)
{
	const struct endpoint *one = a, *other = b;
	uint32_t x = ntohl(one->address.s_addr), y = ntohl(other->address.s_addr);

	if (x != y)
		return x < y ? -1 : 1;
	if (one->ifindex != other->ifindex)
		return one->ifindex < other->ifindex ? -1 : 1;
	return one->id < other->id ? -1 : one->id > other->id;
}

static void print_lines(const struct endpoints *endpoints)
{
	const struct endpoint *at = endpoints->list, *end = at + endpoints->n;
	char text[INET_ADDRSTRLEN];

	for (; at < end; at++)
		if (at == endpoints->list || at->address.s_addr != at[-1].address.s_addr)
			puts(ipv4_text(at->address, text));
}

static bool is_same(const struct endpoint *one, const struct endpoint *other)
{
	return one->address.s_addr == other->address.s_addr && one->ifindex == other->ifindex;
}

/* An address of each link with the ids of those behind it. */
static void print_json(struct broker *broker, const struct endpoints *endpoints)
{
	const struct endpoint *at = endpoints->list, *end = at + endpoints->n, *first;
	char text[INET_ADDRSTRLEN], name[16] = "";
	uint32_t named = 0;
	json_t *ids;

	json_begin(broker);
	while (at < end) {
		/* To ask for a name takes longer than the rest. */
		if (named != at->ifindex)
			link_name(at->ifindex, name);
		named = at->ifindex;
		ids = json_array();
		for (first = at; at < end && is_same(at, first); at++)
			json_array_append_new(ids, json_integer(at->id));
		json_item(broker, json_pack("{s:s,s:s,s:o}", "endpoint",
					    ipv4_text(first->address, text), "link", name, "ids",
					    ids));
	}
	json_end(broker);
}

/**
 * client_endpoints() - print the IPv4 addresses that clients are behind
 * @broker: the invocation
 * @ifindex: their link, or 0
 *
 * Return: exit code.
 */
int client_endpoints(struct broker *broker, uint32_t ifindex)
{
	struct endpoints endpoints = {};

	if (items_dump(broker, SITBROKER_CMD_ENDPOINT_GET, ifindex, SITBROKER_A_ENDPOINTS, collect,
		       &endpoints)) {
		free(endpoints.list);
		return refused(broker, NULL);
	}
	if (endpoints.n)
		qsort(endpoints.list, endpoints.n, sizeof(*endpoints.list), order);
	if (broker->json)
		print_json(broker, &endpoints);
	else
		print_lines(&endpoints);
	free(endpoints.list);
	return EXIT_OK;
}
