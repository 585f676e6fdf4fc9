/* SPDX-License-Identifier: GPL-2.0 */
/* The straight way home: from where packets for clients arrive to their outer header. */
#ifndef _SITBROKER_HOMEWARD_H
#define _SITBROKER_HOMEWARD_H

#include <linux/types.h>

struct sb_link;
struct sk_buff;

bool sb_homeward(struct sb_link *link, struct sk_buff *skb);

#endif /* _SITBROKER_HOMEWARD_H */
