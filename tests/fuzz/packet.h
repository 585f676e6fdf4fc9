/* SPDX-License-Identifier: GPL-2.0 */
/* Packets that are nearly right. */
#ifndef FUZZ_PACKET_H
#define FUZZ_PACKET_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

#define PACKET_MAX	65000
#define ADDRESSES_MAX	64

/**
 * struct addresses - what packets are sent from and to
 * @v6: IPv6 addresses of clients, gateways, prefixes and worse; the first is a client's
 * @n_v6: length of @v6
 * @v4: IPv4 addresses: the server's, that client's endpoint, others', strangers', worse
 * @n_v4: length of @v4
 */
struct addresses {
	struct in6_addr v6[ADDRESSES_MAX];
	unsigned int n_v6;
	struct in_addr v4[ADDRESSES_MAX];
	unsigned int n_v4;
};

extern struct addresses addresses;

/* Packets are sent by the client, not to it. */
extern int from_client;

/* Each writes a packet of at most @room bytes to @at and returns its length. */
size_t packet_ipv6(uint8_t *at, size_t room, unsigned int depth);
size_t packet_tunnelled(uint8_t *at, size_t room);
size_t packet_error4(uint8_t *at, size_t room);
size_t packet_solicitation(uint8_t *at, size_t room);

/* Change some of it. Return: its new length. */
size_t packet_mutate(uint8_t *packet, size_t len);

#endif /* FUZZ_PACKET_H */
