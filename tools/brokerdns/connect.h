/* SPDX-License-Identifier: GPL-2.0 */
/* How long it takes to connect to an address, and through which device. */
#ifndef BROKERDNS_CONNECT_H
#define BROKERDNS_CONNECT_H

#include <net/if.h>

#include "ip.h"

/**
 * struct path - a way to an address
 * @ip: the address
 * @port: TCP port
 * @device: name of the device the way begins with
 * @bound: it is not what the routes say, but asked for
 * @tunnel: the device is a tunnel
 * @milliseconds: what the last connect took; negative where there was none
 */
struct path {
	struct ip ip;
	uint16_t port;
	char device[IF_NAMESIZE];
	bool bound;
	bool tunnel;
	double milliseconds;
};

#define PATHS_EACH	2

/* The way of the routes, and one of the other kind, if any: direct or through a tunnel. */
unsigned int paths_find(const struct ip *ip, uint16_t port, struct path paths[PATHS_EACH]);

/* Connect once over each; who refuses is there as well. */
void paths_measure(struct path *paths, size_t n);

#endif /* BROKERDNS_CONNECT_H */
