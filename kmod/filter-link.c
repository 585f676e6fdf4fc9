// SPDX-License-Identifier: GPL-2.0
/* Filter lists in a link's packet path: scopes outer and inner. */

#include "client.h"
#include "filter-link.h"
#include "link.h"

DEFINE_STATIC_KEY_FALSE(sb_filter_links);

/* Strangers get no answer, so there is nothing but to drop or not. */
bool sb_filter_drops_endpoint(const struct sb_link *link, __be32 endpoint)
{
	const struct sb_filter_port *port = rcu_dereference(link->filters);

	if (!port || !rcu_access_pointer(port->chain[SITBROKER_FILTER_SCOPE_OUTER]))
		return false;
	return sb_filter_judge4(port, SITBROKER_FILTER_SCOPE_OUTER, endpoint) != SB_FILTER_PASS;
}

/* @client is NULL where it has just left. */
enum sb_filter_verdict sb_filter_judge_remote(const struct sb_link *link,
					      const struct sb_client *client,
					      const struct in6_addr *remote)
{
	const struct sb_filter_port *port = rcu_dereference(link->filters);

	if (!port || !rcu_access_pointer(port->chain[SITBROKER_FILTER_SCOPE_INNER]) ||
	    (client && sb_client_is(client, SB_CLIENT_UNFILTERED)))
		return SB_FILTER_PASS;
	return sb_filter_judge6(port, SITBROKER_FILTER_SCOPE_INNER, remote);
}
