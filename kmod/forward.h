/* SPDX-License-Identifier: GPL-2.0 */
/* The straight way on: from a client to where packets are passed on. */
#ifndef _SITBROKER_FORWARD_H
#define _SITBROKER_FORWARD_H

#include <linux/types.h>

struct sb_link;
struct sk_buff;

bool sb_forward(struct sb_link *link, struct sk_buff *skb);

#endif /* _SITBROKER_FORWARD_H */
