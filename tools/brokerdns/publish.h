/* SPDX-License-Identifier: GPL-2.0 */
/* Clients as names. */
#ifndef BROKERDNS_PUBLISH_H
#define BROKERDNS_PUBLISH_H

#include "ip.h"
#include "name.h"
#include "rules.h"

/**
 * struct publication - names and delegations
 * @domain: what names end in
 * @hosts: lines of a hosts file
 * @delegations: lines of a servers-file
 * @names: names so far, sorted when finished
 * @n_names: how many
 * @room: for how many there is memory
 * @left_out: clients whose name cannot be one in the DNS
 * @left_out_name: the first of them
 */
struct publication {
	const char *domain;
	struct rules hosts;
	struct rules delegations;
	struct published {
		char *name;
		struct ip ip;
	} *names;
	size_t n_names;
	size_t room;
	unsigned int left_out;
	char left_out_name[64];
};

/* False where the client's name cannot be one in the DNS. */
bool publication_add(struct publication *publication, const char *client,
		     const struct ip *address);
/* Questions about addresses in the network go to the client, which has that address. */
void publication_delegate(struct publication *publication, const char *client,
			  const struct network *network, const struct ip *address);
/* Write the hosts: two clients of one name, in lower case, have none. */
void publication_finish(struct publication *publication);
void publication_clear(struct publication *publication);

#endif /* BROKERDNS_PUBLISH_H */
