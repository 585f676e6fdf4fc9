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
 * onlinks_read() - look at what is on-link here
 * @broker: the invocation
 * @addresses: of this host
 * @onlinks: what is found, perhaps twice; its list is to be freed, whatever is returned
 *
 * Return: 0 or a negative errno.
 */
int onlinks_read(struct broker *broker, const struct ifaddrs *addresses, struct onlinks *onlinks)
{
	const struct ifaddrs *entry;
	struct onlink onlink;
	int err = 0;

	*onlinks = (struct onlinks) {};
	for (entry = addresses; entry && !err; entry = entry->ifa_next) {
		if (!prefix_of(entry, &onlink.prefix))
			continue;
		snprintf(onlink.device, sizeof(onlink.device), "%s", entry->ifa_name);
		onlink.segment = segment_of(addresses, entry->ifa_name);
		onlink.table = link_vrf(broker, if_nametoindex(entry->ifa_name)).table;
		err = onlinks_add(onlinks, &onlink);
	}
	return err;
}
