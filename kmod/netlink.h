/* SPDX-License-Identifier: GPL-2.0 */
/* The generic netlink family: what its commands share. */
#ifndef _SITBROKER_NETLINK_H
#define _SITBROKER_NETLINK_H

#include <net/genetlink.h>

#include "compat/compat.h"
#include "netlink-gen.h"

struct sb_link;
struct sb_net;
struct sb_pool;
struct sb_prefix;
struct sb_uplink;

/**
 * struct sb_nl_message - where a message goes
 * @portid: receiver, 0 for a notification
 * @seq: sequence number of the request, 0 for a notification
 * @flags: of the netlink header
 * @cmd: command
 * @cb: the dump that it is part of, or NULL
 */
struct sb_nl_message {
	u32 portid;
	u32 seq;
	int flags;
	u8 cmd;
	struct netlink_callback *cb;
};

/* A request: with the link that it is about, under &sb_net.lock. */
int sb_nl_change(struct genl_info *info,
		 int (*change)(struct sb_link *link, struct genl_info *info));
int sb_nl_get(struct genl_info *info,
	      int (*fill)(struct sk_buff *skb, const struct sb_nl_message *message,
			  struct sb_link *link, struct genl_info *info));

const char *sb_nl_device(const struct sb_net *sbn, u32 ifindex, char text[IFNAMSIZ]);
struct sb_link *sb_nl_link(struct sb_net *sbn, const struct nlattr *attr,
			   struct netlink_ext_ack *extack);

/* Attributes. */
int sb_nl_parse(struct nlattr **tb, int max, const struct nlattr *nest, u64 allowed,
		struct netlink_ext_ack *extack);
int sb_nl_get_prefix(const struct nlattr *nest, struct sb_prefix *prefix,
		     struct netlink_ext_ack *extack);
void *sb_nl_begin(struct sk_buff *skb, const struct sb_nl_message *message,
		  const struct sb_link *link);
int sb_nl_put_prefix(struct sk_buff *skb, int type, const struct in6_addr *addr, u8 len);
int sb_nl_put_u64(struct sk_buff *skb, int type, u64 value);
int sb_nl_put_drop(struct sk_buff *skb, int type, u32 reason, u64 packets);

/* Messages that are sent unasked. */
bool sb_nl_has_listeners(const struct sb_net *sbn);
void sb_nl_notify(const struct sb_net *sbn, struct sk_buff *skb);
void sb_nl_notify_link(const struct sb_link *link, u8 cmd);
void sb_nl_notify_uplink(const struct sb_uplink *uplink, u8 cmd);

/**
 * struct sb_nl_dump - a dump that goes on in the next message, in &netlink_callback.ctx
 * @link: ifindex of the link that the dump is at, 0 at first
 * @base_hi: first address of the next pool
 * @base_lo: as @base_hi
 * @next: id of the next client, or index of the next uplink
 * @finished: nothing is left
 */
struct sb_nl_dump {
	u64 base_hi;
	u64 base_lo;
	unsigned long next;
	int link;
	bool finished;
};

int sb_nl_dump_links(struct sk_buff *skb, struct netlink_callback *cb,
		     int (*dump_link)(struct sk_buff *skb, const struct sb_nl_message *message,
				      struct sb_link *link, struct sb_nl_dump *dump));

/* Room for many clients in one notification. */
#define SB_NL_BULK_SIZE	(32 * 1024)

int sb_nl_register(void);
void sb_nl_unregister(void);

#endif /* _SITBROKER_NETLINK_H */
