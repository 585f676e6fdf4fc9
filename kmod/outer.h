/* SPDX-License-Identifier: GPL-2.0 */
/* The outer header. */
#ifndef _SITBROKER_OUTER_H
#define _SITBROKER_OUTER_H

#include <linux/types.h>

struct rtable;
struct sb_client;
struct sk_buff;

void sb_outer_xmit(struct sb_client *client, __be32 endpoint, struct rtable *rt,
		   struct sk_buff *skb, u8 tos, __be16 df);

#endif /* _SITBROKER_OUTER_H */
