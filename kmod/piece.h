/* SPDX-License-Identifier: GPL-2.0 */
/* The pieces of pools that a client holds: its pair and its routed prefixes. */
#ifndef _SITBROKER_PIECE_H
#define _SITBROKER_PIECE_H

struct netlink_ext_ack;
struct sb_client;
struct sb_client_config;

int sb_client_take_pair(struct sb_client *client, const struct sb_client_config *config,
			struct netlink_ext_ack *extack);
int sb_client_take_routed(struct sb_client *client, const struct sb_client_config *config,
			  struct netlink_ext_ack *extack);
void sb_client_give_back(struct sb_client *client);
void sb_client_open(struct sb_client *client);

#endif /* _SITBROKER_PIECE_H */
