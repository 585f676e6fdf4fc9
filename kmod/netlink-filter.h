/* SPDX-License-Identifier: GPL-2.0 */
/* The generic netlink family: what the commands for filter lists share. */
#ifndef _SITBROKER_NETLINK_FILTER_H
#define _SITBROKER_NETLINK_FILTER_H

#include <net/genetlink.h>

#include <uapi/linux/sitbroker.h>

struct sb_filter_list;
struct sb_filter_set;
struct sb_net;

/* What a request says of a list; its name is always there. */
int sb_nl_parse_filter(struct nlattr **attrs, struct nlattr **tb, u64 allowed,
		       struct netlink_ext_ack *extack);
struct sb_filter_list *sb_nl_filter(const struct sb_net *sbn, struct nlattr **tb,
				    struct netlink_ext_ack *extack);
int sb_nl_put_filter_set(struct sk_buff *skb, const char *name, const struct sb_filter_set *set);
void sb_nl_notify_filter(const struct sb_net *sbn, const struct sb_filter_list *list, u8 cmd);

#endif /* _SITBROKER_NETLINK_FILTER_H */
