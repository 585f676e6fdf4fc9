/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/sitbroker.yaml */
/* YNL-GEN kernel header */
/* To regenerate run: tools/net/ynl/ynl-regen.sh */

#ifndef _LINUX_SITBROKER_GEN_H
#define _LINUX_SITBROKER_GEN_H

#include <net/netlink.h>
#include <net/genetlink.h>

#include <uapi/linux/sitbroker.h>

/* Common nested types */
extern const struct nla_policy sitbroker_attachment_nl_policy[SITBROKER_A_ATTACHMENT_DECIDES + 1];
extern const struct nla_policy sitbroker_chunk_nl_policy[SITBROKER_A_CHUNK_STRINGS + 1];
extern const struct nla_policy sitbroker_client_nl_policy[SITBROKER_A_CLIENT_FILTER + 1];
extern const struct nla_policy sitbroker_drop_nl_policy[SITBROKER_A_DROP_PACKETS + 1];
extern const struct nla_policy sitbroker_error_nl_policy[SITBROKER_A_ERROR_COUNT + 1];
extern const struct nla_policy sitbroker_filter_nl_policy[SITBROKER_A_FILTER_HIT + 1];
extern const struct nla_policy sitbroker_label_nl_policy[SITBROKER_A_LABEL_HITS + 1];
extern const struct nla_policy sitbroker_load_nl_policy[SITBROKER_A_LOAD_EMPTY + 1];
extern const struct nla_policy sitbroker_match_nl_policy[SITBROKER_A_MATCH_LABEL + 1];
extern const struct nla_policy sitbroker_memory_nl_policy[SITBROKER_A_MEMORY_LISTS + 1];
extern const struct nla_policy sitbroker_pool_nl_policy[SITBROKER_A_POOL_SIZE + 1];
extern const struct nla_policy sitbroker_prefix_nl_policy[SITBROKER_A_PREFIX_LENGTH + 1];
extern const struct nla_policy sitbroker_uplink_nl_policy[SITBROKER_A_UPLINK_MISROUTED + 1];

int sitbroker_nl_client_dump_start(struct netlink_callback *cb);
int sitbroker_nl_filter_dump_start(struct netlink_callback *cb);
int sitbroker_nl_filter_range_get_start(struct netlink_callback *cb);
int sitbroker_nl_filter_label_get_start(struct netlink_callback *cb);
int sitbroker_nl_filter_range_get_done(struct netlink_callback *cb);
int sitbroker_nl_filter_label_get_done(struct netlink_callback *cb);

int sitbroker_nl_link_get_doit(struct sk_buff *skb, struct genl_info *info);
int sitbroker_nl_link_get_dumpit(struct sk_buff *skb,
				 struct netlink_callback *cb);
int sitbroker_nl_pool_new_doit(struct sk_buff *skb, struct genl_info *info);
int sitbroker_nl_pool_del_doit(struct sk_buff *skb, struct genl_info *info);
int sitbroker_nl_pool_get_doit(struct sk_buff *skb, struct genl_info *info);
int sitbroker_nl_pool_get_dumpit(struct sk_buff *skb,
				 struct netlink_callback *cb);
int sitbroker_nl_client_new_doit(struct sk_buff *skb, struct genl_info *info);
int sitbroker_nl_client_set_doit(struct sk_buff *skb, struct genl_info *info);
int sitbroker_nl_client_del_doit(struct sk_buff *skb, struct genl_info *info);
int sitbroker_nl_client_flush_doit(struct sk_buff *skb, struct genl_info *info);
int sitbroker_nl_client_get_doit(struct sk_buff *skb, struct genl_info *info);
int sitbroker_nl_client_get_dumpit(struct sk_buff *skb,
				   struct netlink_callback *cb);
int sitbroker_nl_ndp_new_doit(struct sk_buff *skb, struct genl_info *info);
int sitbroker_nl_ndp_del_doit(struct sk_buff *skb, struct genl_info *info);
int sitbroker_nl_ndp_get_doit(struct sk_buff *skb, struct genl_info *info);
int sitbroker_nl_ndp_get_dumpit(struct sk_buff *skb,
				struct netlink_callback *cb);
int sitbroker_nl_sample_get_dumpit(struct sk_buff *skb,
				   struct netlink_callback *cb);
int sitbroker_nl_filter_begin_doit(struct sk_buff *skb, struct genl_info *info);
int sitbroker_nl_filter_chunk_doit(struct sk_buff *skb, struct genl_info *info);
int sitbroker_nl_filter_commit_doit(struct sk_buff *skb,
				    struct genl_info *info);
int sitbroker_nl_filter_abort_doit(struct sk_buff *skb, struct genl_info *info);
int sitbroker_nl_filter_del_doit(struct sk_buff *skb, struct genl_info *info);
int sitbroker_nl_filter_get_doit(struct sk_buff *skb, struct genl_info *info);
int sitbroker_nl_filter_get_dumpit(struct sk_buff *skb,
				   struct netlink_callback *cb);
int sitbroker_nl_filter_range_get_dumpit(struct sk_buff *skb,
					 struct netlink_callback *cb);
int sitbroker_nl_filter_label_get_dumpit(struct sk_buff *skb,
					 struct netlink_callback *cb);
int sitbroker_nl_filter_attach_doit(struct sk_buff *skb,
				    struct genl_info *info);
int sitbroker_nl_filter_detach_doit(struct sk_buff *skb,
				    struct genl_info *info);
int sitbroker_nl_filter_test_dumpit(struct sk_buff *skb,
				    struct netlink_callback *cb);
int sitbroker_nl_filter_memory_get_doit(struct sk_buff *skb,
					struct genl_info *info);
int sitbroker_nl_filter_memory_set_doit(struct sk_buff *skb,
					struct genl_info *info);
int sitbroker_nl_ndp_set_doit(struct sk_buff *skb, struct genl_info *info);
int sitbroker_nl_endpoint_get_dumpit(struct sk_buff *skb,
				     struct netlink_callback *cb);

enum {
	SITBROKER_NLGRP_CONFIG,
};

extern struct genl_family sitbroker_nl_family;

#endif /* _LINUX_SITBROKER_GEN_H */
