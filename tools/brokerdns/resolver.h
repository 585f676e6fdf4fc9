/* SPDX-License-Identifier: GPL-2.0 */
/* Resolvers: who is asked. */
#ifndef BROKERDNS_RESOLVER_H
#define BROKERDNS_RESOLVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ip.h"
#include "name.h"

#define RESOLVERS_MAX	32
/* "[address]%interface#port" */
#define RESOLVER_STRLEN	(INET6_ADDRSTRLEN + 16 + 7)

/**
 * struct resolver - where to send questions
 * @ip: its address
 * @port: 53 where nothing else was said
 * @scope: interface of a link-local address, else 0
 * @text: as dnsmasq and people write it: "192.0.2.1", "192.0.2.1#5353"
 */
struct resolver {
	struct ip ip;
	uint16_t port;
	uint32_t scope;
	char text[RESOLVER_STRLEN];
};

struct resolver_list {
	struct resolver items[RESOLVERS_MAX];
	size_t n;
};

/* NULL or what is wrong with "A[#PORT]". */
const char *resolver_parse(const char *text, struct resolver *resolver);
/* False where the list is full. One that is there already is not added again. */
bool resolver_list_add(struct resolver_list *list, const struct resolver *resolver);

#define SEARCH_MAX	6

/**
 * struct resolv_conf - what a resolv.conf says
 * @resolvers: its name servers
 * @search: domains that are put behind names
 * @n_search: how many
 */
struct resolv_conf {
	struct resolver_list resolvers;
	char search[SEARCH_MAX][NAME_SIZE];
	size_t n_search;
};

/* Return: 0 or a negative errno. What cannot be read in it is left out. */
int resolv_conf_read(const char *path, struct resolv_conf *conf);

#endif /* BROKERDNS_RESOLVER_H */
