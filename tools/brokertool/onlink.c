// SPDX-License-Identifier: GPL-2.0
/* What is on-link here, and how it comes here. */

#include <errno.h>
#include <ifaddrs.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "brokertool.h"

/* A route to more than anybody has got is a default route in parts. */
#define ONLINK_SHORTEST	19

/* The module has its answers for Ethernet only. */
static enum segment segment_of(const struct ifaddrs *addresses, const char *device)
{
	const struct ifaddrs *entry;
	unsigned int flags = 0;

	for (entry = addresses; entry; entry = entry->ifa_next) {
		if (strcmp(entry->ifa_name, device))
			continue;
		flags = entry->ifa_flags;
		if (entry->ifa_addr && entry->ifa_addr->sa_family == AF_PACKET &&
		    ((const struct sockaddr_ll *)entry->ifa_addr)->sll_hatype == ARPHRD_ETHER)
			return SEGMENT_ETHERNET;
	}
	return flags & (IFF_POINTOPOINT | IFF_NOARP) ? SEGMENT_POINT : SEGMENT_OTHER;
}

static int onlinks_add(struct onlinks *onlinks, const struct onlink *onlink)
{
	struct onlink *list = realloc(onlinks->list, (onlinks->n + 1) * sizeof(*list));

	if (!list)
		return -ENOMEM;
	list[onlinks->n++] = *onlink;
	onlinks->list = list;
	return 0;
}

/* What the mask of an address says. Return: is there one? */
static bool prefix_of(const struct ifaddrs *entry, struct prefix *prefix)
{
	const struct sockaddr_in6 *address = (const struct sockaddr_in6 *)entry->ifa_addr;
	const struct sockaddr_in6 *mask = (const struct sockaddr_in6 *)entry->ifa_netmask;
	unsigned int i;

	if (!address || !mask || address->sin6_family != AF_INET6 ||
	    entry->ifa_flags & IFF_LOOPBACK)
		return false;
	*prefix = (struct prefix) {};
	for (i = 0; i < 16; i++) {
		prefix->length += __builtin_popcount(mask->sin6_addr.s6_addr[i]);
		prefix->address.s6_addr[i] = address->sin6_addr.s6_addr[i] &
					     mask->sin6_addr.s6_addr[i];
	}
	return true;
}

/**
 * struct routes - what routes without a gateway say
 * @addresses: of this host
 * @onlinks: what is found
 * @err: a negative errno, once memory is short
 */
struct routes {
	const struct ifaddrs *addresses;
	struct onlinks *onlinks;
	int err;
};

static void see_onlink(const struct prefix *prefix, uint32_t ifindex, uint32_t table, void *arg)
{
	struct onlink onlink = { .prefix = *prefix, .table = table };
	struct routes *routes = arg;

	if (prefix->length < ONLINK_SHORTEST || prefix->length == 128 ||
	    IN6_IS_ADDR_LINKLOCAL(&prefix->address) || IN6_IS_ADDR_MULTICAST(&prefix->address) ||
	    !if_indextoname(ifindex, onlink.device))
		return;
	onlink.segment = segment_of(routes->addresses, onlink.device);
	routes->err = routes->err ?: onlinks_add(routes->onlinks, &onlink);
}

static uint32_t device_table(struct broker *broker, const char *device)
{
	return link_vrf(broker, if_nametoindex(device)).table;
}

/* Routes of tables for somebody special do not count. */
static void leave_own_tables(struct broker *broker, struct onlinks *onlinks)
{
	size_t i, n = 0;

	for (i = 0; i < onlinks->n; i++)
		if (onlinks->list[i].table == device_table(broker, onlinks->list[i].device))
			onlinks->list[n++] = onlinks->list[i];
	onlinks->n = n;
}

/**
 * onlinks_read() - look at what is on-link here
 * @broker: the invocation
 * @addresses: of this host
 * @onlinks: what is found, perhaps twice; its list is to be freed, whatever is returned
 *
 * An address need not say it: one by DHCPv6 stands alone, and a router advertises
 * the prefix around it. Nor need a route, where the router does not advertise it.
 *
 * Return: 0 or a negative errno.
 */
int onlinks_read(struct broker *broker, const struct ifaddrs *addresses, struct onlinks *onlinks)
{
	struct routes routes = { .addresses = addresses, .onlinks = onlinks };
	const struct ifaddrs *entry;
	struct onlink onlink;
	int err;

	*onlinks = (struct onlinks) {};
	err = onlink_visit(broker, see_onlink, &routes) ?: routes.err;
	leave_own_tables(broker, onlinks);
	for (entry = addresses; entry && !err; entry = entry->ifa_next) {
		if (!prefix_of(entry, &onlink.prefix))
			continue;
		snprintf(onlink.device, sizeof(onlink.device), "%s", entry->ifa_name);
		onlink.segment = segment_of(addresses, entry->ifa_name);
		onlink.table = device_table(broker, entry->ifa_name);
		err = onlinks_add(onlinks, &onlink);
	}
	return err;
}
