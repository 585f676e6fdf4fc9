/* SPDX-License-Identifier: GPL-2.0 */
/* From the IPv6 stack to a client. */
#ifndef _SITBROKER_TRANSMIT_H
#define _SITBROKER_TRANSMIT_H

#include <linux/netdevice.h>
#include <net/route.h>

struct sb_client;

netdev_tx_t sb_transmit(struct sk_buff *skb, struct net_device *dev);
void sb_transmit_to(struct sb_client *client, struct sk_buff *skb);
struct rtable *sb_client_route(struct sb_client *client, __be32 endpoint);

#endif /* _SITBROKER_TRANSMIT_H */
