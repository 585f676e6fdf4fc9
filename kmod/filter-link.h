/* SPDX-License-Identifier: GPL-2.0 */
/* Filter lists in a link's packet path: scopes outer and inner. */
#ifndef _SITBROKER_FILTER_LINK_H
#define _SITBROKER_FILTER_LINK_H

#include <linux/jump_label.h>

#include "filter.h"

/* Is any list attached to any link? Packets pay for nothing else till then. */
DECLARE_STATIC_KEY_FALSE(sb_filter_links);

bool sb_filter_drops_endpoint(const struct sb_link *link, __be32 endpoint);
enum sb_filter_verdict sb_filter_judge_remote(const struct sb_link *link,
					      const struct sb_client *client,
					      const struct in6_addr *remote);

/* May there be lists to look at? */
static inline bool sb_filter_is_used(void)
{
	return static_branch_unlikely(&sb_filter_links);
}

/* Scope outer: must a tunnel packet from or to an endpoint be dropped? RCU. */
static inline bool sb_filter_outer(const struct sb_link *link, __be32 endpoint)
{
	return sb_filter_is_used() && sb_filter_drops_endpoint(link, endpoint);
}

/* Scope inner: what becomes of a client's packet to or from a remote address? RCU. */
static inline enum sb_filter_verdict sb_filter_inner(const struct sb_link *link,
						     const struct sb_client *client,
						     const struct in6_addr *remote)
{
	if (!sb_filter_is_used())
		return SB_FILTER_PASS;
	return sb_filter_judge_remote(link, client, remote);
}

#endif /* _SITBROKER_FILTER_LINK_H */
