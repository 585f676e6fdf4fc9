/* SPDX-License-Identifier: GPL-2.0 */
/* Addresses of either family, and networks of them. */
#ifndef BROKERDNS_IP_H
#define BROKERDNS_IP_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define NETWORK_STRLEN	(INET6_ADDRSTRLEN + 4)

/**
 * struct ip - an address
 * @family: AF_INET or AF_INET6
 * @bytes: network byte order, 4 or 16 of them; the rest is 0
 */
struct ip {
	uint8_t family;
	uint8_t bytes[16];
};

/**
 * struct network - an address and how much of it counts
 * @ip: first address
 * @length: 0 to 32 or 128
 */
struct network {
	struct ip ip;
	uint8_t length;
};

/**
 * struct network_list - networks
 * @items: they
 * @n: how many
 * @room: for how many there is memory
 */
struct network_list {
	struct network *items;
	size_t n;
	size_t room;
};

/* Bits of an address of the family. */
static inline unsigned int ip_bits(const struct ip *ip)
{
	return ip->family == AF_INET ? 32 : 128;
}

bool ip_parse(const char *text, struct ip *ip);
/* NULL or what is wrong, as in lib/address.h; without a slash the length is full. */
const char *network_parse(const char *text, struct network *network);
const char *ip_text(const struct ip *ip, char buffer[INET6_ADDRSTRLEN]);
/* A single address has no slash behind it. */
const char *network_text(const struct network *network, char buffer[NETWORK_STRLEN]);

int ip_compare(const struct ip *a, const struct ip *b);
static inline bool ip_equal(const struct ip *a, const struct ip *b)
{
	return !ip_compare(a, b);
}

struct network network_of(const struct ip *ip, unsigned int length);
bool network_holds(const struct network *network, const struct ip *ip);
struct ip network_last(const struct network *network);

/* Why answers with this address must never be taken away, or NULL. */
const char *ip_special(const struct ip *ip);
/* The networks of all such addresses, one after the other; false behind the last. */
bool ip_special_network(size_t i, struct network *network);
bool ip_loopback(const struct ip *ip);
bool ip_private(const struct ip *ip);

/* Longer than "1.0.0.0.….ip6.arpa" with all of its 32 digits. */
#define REVERSE_STRLEN	80
/* Its name in the reverse tree, RFC 1035 section 3.5 and RFC 3596 section 2.5. */
const char *ip_reverse(const struct ip *ip, char name[REVERSE_STRLEN]);

socklen_t ip_sockaddr(const struct ip *ip, uint16_t port, uint32_t scope,
		      struct sockaddr_storage *address);
bool ip_from_sockaddr(const struct sockaddr *address, struct ip *ip);

/* At the end, and as it is. */
void network_list_append(struct network_list *list, const struct network *network);
/* Unless it is there already. */
void network_list_add(struct network_list *list, const struct network *network);
void network_list_sort(struct network_list *list);
void network_list_clear(struct network_list *list);

/*
 * Cover addresses by networks: those near each other become one, no shorter
 * than /24 or /64, of which many addresses were seen and none is of @not.
 */
void network_list_aggregate(struct network_list *list, const struct network_list *not);

#endif /* BROKERDNS_IP_H */
