/* SPDX-License-Identifier: GPL-2.0 */
/* Neighbour solicitations for clients, answered on uplinks. */
#ifndef _SITBROKER_NDP_H
#define _SITBROKER_NDP_H

#include <linux/skbuff.h>
#include <linux/types.h>

struct sb_net;

unsigned int sb_ndp_receive(struct sb_net *sbn, struct sk_buff *skb);

#if IS_ENABLED(CONFIG_KUNIT)
bool sb_ns_valid(struct sk_buff *skb);
#endif

#endif /* _SITBROKER_NDP_H */
