/* SPDX-License-Identifier: GPL-2.0 */
/* From a client to the IPv6 stack. */
#ifndef _SITBROKER_RECEIVE_H
#define _SITBROKER_RECEIVE_H

#include <linux/types.h>

struct ipv6hdr;
struct sb_client;
struct sb_link;
struct sk_buff;

struct sb_client *sb_receive_client(struct sb_link *link, __be32 source,
				    const struct ipv6hdr *ip6);
void sb_receive_deliver(struct sb_link *link, struct sb_client *client, struct sk_buff *skb);

int sb_receive_register(void);
void sb_receive_unregister(void);

#endif /* _SITBROKER_RECEIVE_H */
