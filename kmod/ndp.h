/* SPDX-License-Identifier: GPL-2.0 */
/* Neighbour solicitations for clients, answered on uplinks. */
#ifndef _SITBROKER_NDP_H
#define _SITBROKER_NDP_H

#include <linux/in6.h>
#include <linux/skbuff.h>
#include <linux/types.h>

struct sb_net;
struct sb_uplink;

unsigned int sb_ndp_receive(struct sb_net *sbn, struct sk_buff *skb);
bool sb_ndp_announce(struct sb_uplink *uplink, const struct in6_addr *target);
bool sb_ndp_is_from_router(const struct sk_buff *skb);

/* Also for the tunnel side: nud.c. */
bool sb_ns_valid(struct sk_buff *skb);

#endif /* _SITBROKER_NDP_H */
