// SPDX-License-Identifier: GPL-2.0
/* Clients as names: lines of a hosts file and of a servers-file. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/complaint.h"
#include "../lib/table.h"
#include "publish.h"

static void leave_out(struct publication *publication, const char *name)
{
	if (publication->left_out++)
		return;
	snprintf(publication->left_out_name, sizeof(publication->left_out_name), "%s", name);
	make_printable(publication->left_out_name);
}

bool publication_add(struct publication *publication, const char *client,
		     const struct ip *address)
{
	char name[NAME_SIZE], full[NAME_SIZE];
	struct published *published;

	/* A client may be called "fritz.box": that is then below the domain. */
	if (strlen(client) + strlen(publication->domain) + 1 > NAME_MAX_LEN ||
	    name_parse(client, name) || !*name) {
		leave_out(publication, client);
		return false;
	}
	name_join(full, name, publication->domain);
	if (publication->n_names == publication->room) {
		publication->room = publication->room ? 2 * publication->room : 256;
		publication->names = must(realloc(publication->names, publication->room *
						  sizeof(*publication->names)));
	}
	published = &publication->names[publication->n_names++];
	*published = (struct published) { must(strdup(full)), *address };
	return true;
}

void publication_delegate(struct publication *publication, const char *client,
			  const struct network *network, const struct ip *address)
{
	rules_comment(&publication->delegations, "routed to client %s", client);
	rules_reverse(&publication->delegations, network, address);
}

static int compare(const void *a, const void *b)
{
	const struct published *x = a, *y = b;

	return strcmp(x->name, y->name) ?: ip_compare(&x->ip, &y->ip);
}

void publication_finish(struct publication *publication)
{
	struct published *names = publication->names;
	size_t i, n = publication->n_names;

	/* In order, so that the file changes only where something else does. */
	if (n)
		qsort(names, n, sizeof(*names), compare);
	for (i = 0; i < n; i++) {
		if ((i && !strcmp(names[i].name, names[i - 1].name)) ||
		    (i + 1 < n && !strcmp(names[i].name, names[i + 1].name)))
			leave_out(publication, names[i].name);
		else
			rules_host(&publication->hosts, &names[i].ip, names[i].name);
	}
}

void publication_clear(struct publication *publication)
{
	size_t i;

	for (i = 0; i < publication->n_names; i++)
		free(publication->names[i].name);
	free(publication->names);
	rules_clear(&publication->hosts);
	rules_clear(&publication->delegations);
	*publication = (struct publication) {};
}
