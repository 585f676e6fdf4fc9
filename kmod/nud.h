/* SPDX-License-Identifier: GPL-2.0 */
/* Is the gateway there? Neighbour unreachability detection inside the tunnel. */
#ifndef _SITBROKER_NUD_H
#define _SITBROKER_NUD_H

#include <linux/skbuff.h>

struct sb_client;

bool sb_nud_receive(struct sb_client *sender, struct sk_buff *skb);

#endif /* _SITBROKER_NUD_H */
