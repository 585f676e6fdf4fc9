/* SPDX-License-Identifier: GPL-2.0 */
/* ICMP errors: those that we send, and those about what we sent. */
#ifndef _SITBROKER_ICMP_H
#define _SITBROKER_ICMP_H

#include <linux/atomic.h>
#include <linux/skbuff.h>

struct sb_client;
struct sb_link;

void sb_icmp_prohibited(struct sb_link *link, struct sb_client *client, struct sk_buff *skb);
bool sb_icmp_allowed(struct sb_link *link, struct sb_client *client);
bool sb_icmp_too_big_allowed(struct sb_client *client);
int sb_icmp_error(struct sk_buff *skb, u32 info);

#endif /* _SITBROKER_ICMP_H */
