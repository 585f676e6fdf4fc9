// SPDX-License-Identifier: GPL-2.0
/* Does dnsmasq do what the rules say, and everything else as before? */

#include <stdio.h>
#include <string.h>

#include "query.h"
#include "verify.h"

/* Names under each zone: addresses that take turns must all be known. */
#define NAMES_EACH	6
#define TRIES		3

void verify_note(struct verify *verify, struct dnsmasq *dnsmasq,
		 const domain_name *names, unsigned int n)
{
	struct query_list list = {};
	unsigned int i;

	for (i = 0; i < n; i++)
		query_add(&list, &dnsmasq->self, names[i], DNS_A, TRANSPORT_UDP);
	for (i = 0; i < n; i++)
		query_add(&list, &dnsmasq->self, names[i], DNS_AAAA, TRANSPORT_UDP);
	query_list_run(&list, NULL);
	for (i = 0; i < n && verify->n_real < VERIFY_NAMES; i++)
		if (query_has_addresses(&list.items[i]) ||
		    query_has_addresses(&list.items[n + i]))
			snprintf(verify->real[verify->n_real++], NAME_SIZE, "%s", names[i]);
	query_list_clear(&list);
}

/* One that was asked again and again may have gone by itself, not all of them. */
static bool real_names_resolve(struct dnsmasq *dnsmasq, const struct verify *verify)
{
	struct verify now = {};
	unsigned int tries;

	if (!verify->n_real)
		return true;
	for (tries = 0; tries < TRIES && !now.n_real; tries++)
		verify_note(&now, dnsmasq, verify->real, verify->n_real);
	return now.n_real;
}

/* Ask for names nobody has. Return: 0 all are missing, 1 not known, -1 with @why. */
static int missing_names(struct dnsmasq *dnsmasq, const struct verify *verify, char *why,
			 size_t size)
{
	char label[LABEL_MAX_LEN + 1], name[NAME_SIZE], text[INET6_ADDRSTRLEN];
	struct query_list list = {};
	unsigned int zone;
	int result = 0;
	size_t i;

	for (zone = 0; zone < verify->n_missing; zone++) {
		for (i = 0; i < NAMES_EACH; i++) {
			label_random(label);
			name_join(name, label, verify->missing[zone]);
			query_add(&list, &dnsmasq->self, name, i % 2 ? DNS_AAAA : DNS_A,
				  TRANSPORT_UDP);
		}
	}
	query_list_run(&list, NULL);
	for (i = 0; i < list.n && result >= 0; i++) {
		const struct query *query = &list.items[i];

		if (query_has_addresses(query)) {
			snprintf(why, size, "dnsmasq still gives %s for %s, which does not "
					    "exist; more addresses than were found take turns "
					    "(--rounds, --aggregate)",
				 ip_text(&query->answer.ips[0], text), query->name);
			result = -1;
		} else if (query->state != QUERY_ANSWERED ||
			   (query->type == DNS_A && query->answer.code != DNS_NXDOMAIN)) {
			snprintf(why, size, "dnsmasq does not say that %s does not exist: %s",
				 query->name, query->state == QUERY_ANSWERED ?
				 "it answers something else" : "it does not answer");
			result = 1;
		}
	}
	query_list_clear(&list);
	return result;
}

int verify_run(struct dnsmasq *dnsmasq, void *arg, char *why, size_t size)
{
	const struct verify *verify = arg;
	unsigned int tries;
	int result = 1;

	/* What is upstream may be slow, or lose a question. */
	for (tries = 0; tries < TRIES && result > 0; tries++)
		result = missing_names(dnsmasq, verify, why, size);
	if (result)
		return -1;
	if (real_names_resolve(dnsmasq, verify))
		return 0;
	snprintf(why, size, "%s, which had an address before, has none any more",
		 verify->real[0]);
	return -1;
}
