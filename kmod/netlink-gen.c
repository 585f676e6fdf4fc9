// SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause)
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/sitbroker.yaml */
/* YNL-GEN kernel source */
/* To regenerate run: tools/net/ynl/ynl-regen.sh */

#include <net/netlink.h>
#include <net/genetlink.h>

#include "netlink-gen.h"

#include <uapi/linux/sitbroker.h>

/* Common nested types */
const struct nla_policy sitbroker_attachment_nl_policy[SITBROKER_A_ATTACHMENT_DECIDES + 1] = {
	[SITBROKER_A_ATTACHMENT_SCOPE] = NLA_POLICY_MAX(NLA_U32, 3),
	[SITBROKER_A_ATTACHMENT_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[SITBROKER_A_ATTACHMENT_IFNAME] = { .type = NLA_NUL_STRING, },
	[SITBROKER_A_ATTACHMENT_POSITION] = { .type = NLA_U32, },
	[SITBROKER_A_ATTACHMENT_DECIDES] = { .type = NLA_FLAG, },
};

const struct nla_policy sitbroker_chunk_nl_policy[SITBROKER_A_CHUNK_STRINGS + 1] = {
	[SITBROKER_A_CHUNK_RANGES4] = { .type = NLA_BINARY, },
	[SITBROKER_A_CHUNK_LABELS4] = { .type = NLA_BINARY, },
	[SITBROKER_A_CHUNK_RANGES6] = { .type = NLA_BINARY, },
	[SITBROKER_A_CHUNK_LABELS6] = { .type = NLA_BINARY, },
	[SITBROKER_A_CHUNK_STRINGS] = { .type = NLA_BINARY, },
};

const struct nla_policy sitbroker_client_nl_policy[SITBROKER_A_CLIENT_FILTER + 1] = {
	[SITBROKER_A_CLIENT_ID] = { .type = NLA_U32, },
	[SITBROKER_A_CLIENT_NAME] = { .type = NLA_NUL_STRING, .len = SITBROKER_NAME_MAX, },
	[SITBROKER_A_CLIENT_ENDPOINT] = { .type = NLA_BE32, },
	[SITBROKER_A_CLIENT_PAIR] = NLA_POLICY_EXACT_LEN(16),
	[SITBROKER_A_CLIENT_ROUTED] = NLA_POLICY_NESTED(sitbroker_prefix_nl_policy),
	[SITBROKER_A_CLIENT_NO_ROUTED] = { .type = NLA_FLAG, },
	[SITBROKER_A_CLIENT_MTU] = { .type = NLA_U16, },
	[SITBROKER_A_CLIENT_MTU_AUTO] = { .type = NLA_FLAG, },
	[SITBROKER_A_CLIENT_STATE] = NLA_POLICY_MAX(NLA_U32, 1),
	[SITBROKER_A_CLIENT_RX_PACKETS] = { .type = NLA_U64, },
	[SITBROKER_A_CLIENT_RX_BYTES] = { .type = NLA_U64, },
	[SITBROKER_A_CLIENT_TX_PACKETS] = { .type = NLA_U64, },
	[SITBROKER_A_CLIENT_TX_BYTES] = { .type = NLA_U64, },
	[SITBROKER_A_CLIENT_LAST_RECEIVED] = { .type = NLA_U64, },
	[SITBROKER_A_CLIENT_DROP] = NLA_POLICY_NESTED(sitbroker_drop_nl_policy),
	[SITBROKER_A_CLIENT_PMTUDISC] = NLA_POLICY_MAX(NLA_U8, 1),
	[SITBROKER_A_CLIENT_ERROR] = NLA_POLICY_NESTED(sitbroker_error_nl_policy),
	[SITBROKER_A_CLIENT_FILTER] = NLA_POLICY_MAX(NLA_U8, 1),
};

const struct nla_policy sitbroker_drop_nl_policy[SITBROKER_A_DROP_PACKETS + 1] = {
	[SITBROKER_A_DROP_REASON] = NLA_POLICY_MAX(NLA_U32, 30),
	[SITBROKER_A_DROP_PACKETS] = { .type = NLA_U64, },
};

const struct nla_policy sitbroker_error_nl_policy[SITBROKER_A_ERROR_COUNT + 1] = {
	[SITBROKER_A_ERROR_TYPE] = { .type = NLA_U8, },
	[SITBROKER_A_ERROR_CODE] = { .type = NLA_U8, },
	[SITBROKER_A_ERROR_FROM] = { .type = NLA_BE32, },
	[SITBROKER_A_ERROR_AGE] = { .type = NLA_U64, },
	[SITBROKER_A_ERROR_COUNT] = { .type = NLA_U64, },
};

const struct nla_policy sitbroker_filter_nl_policy[SITBROKER_A_FILTER_HIT + 1] = {
	[SITBROKER_A_FILTER_NAME] = { .type = NLA_NUL_STRING, .len = SITBROKER_NAME_MAX, },
	[SITBROKER_A_FILTER_ACTION] = NLA_POLICY_MAX(NLA_U32, 3),
	[SITBROKER_A_FILTER_GENERATION] = { .type = NLA_U32, },
	[SITBROKER_A_FILTER_AGE] = { .type = NLA_U64, },
	[SITBROKER_A_FILTER_RANGES4] = { .type = NLA_U32, },
	[SITBROKER_A_FILTER_RANGES6] = { .type = NLA_U32, },
	[SITBROKER_A_FILTER_LABELS] = { .type = NLA_U32, },
	[SITBROKER_A_FILTER_BYTES] = { .type = NLA_U64, },
	[SITBROKER_A_FILTER_HITS] = { .type = NLA_U64, },
	[SITBROKER_A_FILTER_ATTACHMENT] = NLA_POLICY_NESTED(sitbroker_attachment_nl_policy),
	[SITBROKER_A_FILTER_MATCH] = NLA_POLICY_NESTED(sitbroker_match_nl_policy),
	[SITBROKER_A_FILTER_LABEL] = NLA_POLICY_NESTED(sitbroker_label_nl_policy),
	[SITBROKER_A_FILTER_HIT] = { .type = NLA_FLAG, },
};

const struct nla_policy sitbroker_label_nl_policy[SITBROKER_A_LABEL_HITS + 1] = {
	[SITBROKER_A_LABEL_INDEX] = { .type = NLA_U32, },
	[SITBROKER_A_LABEL_NAME] = { .type = NLA_NUL_STRING, },
	[SITBROKER_A_LABEL_HITS] = { .type = NLA_U64, },
};

const struct nla_policy sitbroker_load_nl_policy[SITBROKER_A_LOAD_EMPTY + 1] = {
	[SITBROKER_A_LOAD_ID] = { .type = NLA_U32, },
	[SITBROKER_A_LOAD_NAME] = { .type = NLA_NUL_STRING, .len = SITBROKER_NAME_MAX, },
	[SITBROKER_A_LOAD_ACTION] = NLA_POLICY_MAX(NLA_U32, 3),
	[SITBROKER_A_LOAD_GENERATION] = { .type = NLA_U32, },
	[SITBROKER_A_LOAD_RANGES4] = { .type = NLA_U32, },
	[SITBROKER_A_LOAD_RANGES6] = { .type = NLA_U32, },
	[SITBROKER_A_LOAD_LABELS] = { .type = NLA_U32, },
	[SITBROKER_A_LOAD_STRINGS] = { .type = NLA_U32, },
	[SITBROKER_A_LOAD_EMPTY] = { .type = NLA_FLAG, },
};

const struct nla_policy sitbroker_match_nl_policy[SITBROKER_A_MATCH_LABEL + 1] = {
	[SITBROKER_A_MATCH_FIRST] = { .type = NLA_BINARY, },
	[SITBROKER_A_MATCH_LAST] = { .type = NLA_BINARY, },
	[SITBROKER_A_MATCH_LABEL] = { .type = NLA_NUL_STRING, },
};

const struct nla_policy sitbroker_memory_nl_policy[SITBROKER_A_MEMORY_LISTS + 1] = {
	[SITBROKER_A_MEMORY_BYTES_MAX] = { .type = NLA_U64, },
	[SITBROKER_A_MEMORY_BYTES_USED] = { .type = NLA_U64, },
	[SITBROKER_A_MEMORY_LISTS] = { .type = NLA_U32, },
};

const struct nla_policy sitbroker_pool_nl_policy[SITBROKER_A_POOL_SIZE + 1] = {
	[SITBROKER_A_POOL_PREFIX] = NLA_POLICY_NESTED(sitbroker_prefix_nl_policy),
	[SITBROKER_A_POOL_KIND] = NLA_POLICY_MAX(NLA_U32, 1),
	[SITBROKER_A_POOL_CUT_LENGTH] = NLA_POLICY_RANGE(NLA_U8, 1, 127),
	[SITBROKER_A_POOL_USED] = { .type = NLA_U64, },
	[SITBROKER_A_POOL_SIZE] = { .type = NLA_U64, },
};

const struct nla_policy sitbroker_prefix_nl_policy[SITBROKER_A_PREFIX_LENGTH + 1] = {
	[SITBROKER_A_PREFIX_ADDRESS] = NLA_POLICY_EXACT_LEN(16),
	[SITBROKER_A_PREFIX_LENGTH] = NLA_POLICY_MAX(NLA_U8, 127),
};

const struct nla_policy sitbroker_uplink_nl_policy[SITBROKER_A_UPLINK_MISROUTED + 1] = {
	[SITBROKER_A_UPLINK_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[SITBROKER_A_UPLINK_IFNAME] = { .type = NLA_NUL_STRING, },
	[SITBROKER_A_UPLINK_SOURCE] = NLA_POLICY_MAX(NLA_U32, 2),
	[SITBROKER_A_UPLINK_SOURCE_ADDRESS] = NLA_POLICY_EXACT_LEN(16),
	[SITBROKER_A_UPLINK_SOLICITATIONS] = { .type = NLA_U64, },
	[SITBROKER_A_UPLINK_ANSWERED] = { .type = NLA_U64, },
	[SITBROKER_A_UPLINK_MALFORMED] = { .type = NLA_U64, },
	[SITBROKER_A_UPLINK_UNASSIGNED] = { .type = NLA_U64, },
	[SITBROKER_A_UPLINK_DISABLED] = { .type = NLA_U64, },
	[SITBROKER_A_UPLINK_FAILED] = { .type = NLA_U64, },
	[SITBROKER_A_UPLINK_LIMITED] = { .type = NLA_U64, },
	[SITBROKER_A_UPLINK_ANNOUNCED] = { .type = NLA_U64, },
	[SITBROKER_A_UPLINK_ROUTER] = NLA_POLICY_MAX(NLA_U8, 1),
	[SITBROKER_A_UPLINK_RATE] = { .type = NLA_U32, },
	[SITBROKER_A_UPLINK_GROUPS] = { .type = NLA_U32, },
	[SITBROKER_A_UPLINK_MISROUTED] = { .type = NLA_U64, },
};

/* SITBROKER_CMD_LINK_GET - do */
static const struct nla_policy sitbroker_link_get_nl_policy[SITBROKER_A_IFINDEX + 1] = {
	[SITBROKER_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
};

/* SITBROKER_CMD_POOL_NEW - do */
static const struct nla_policy sitbroker_pool_new_nl_policy[SITBROKER_A_POOL + 1] = {
	[SITBROKER_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[SITBROKER_A_GENERATION] = { .type = NLA_U32, },
	[SITBROKER_A_POOL] = NLA_POLICY_NESTED(sitbroker_pool_nl_policy),
};

/* SITBROKER_CMD_POOL_DEL - do */
static const struct nla_policy sitbroker_pool_del_nl_policy[SITBROKER_A_POOL + 1] = {
	[SITBROKER_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[SITBROKER_A_GENERATION] = { .type = NLA_U32, },
	[SITBROKER_A_POOL] = NLA_POLICY_NESTED(sitbroker_pool_nl_policy),
};

/* SITBROKER_CMD_POOL_GET - do */
static const struct nla_policy sitbroker_pool_get_do_nl_policy[SITBROKER_A_POOL + 1] = {
	[SITBROKER_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[SITBROKER_A_POOL] = NLA_POLICY_NESTED(sitbroker_pool_nl_policy),
};

/* SITBROKER_CMD_POOL_GET - dump */
static const struct nla_policy sitbroker_pool_get_dump_nl_policy[SITBROKER_A_IFINDEX + 1] = {
	[SITBROKER_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
};

/* SITBROKER_CMD_CLIENT_NEW - do */
static const struct nla_policy sitbroker_client_new_nl_policy[SITBROKER_A_CLIENT + 1] = {
	[SITBROKER_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[SITBROKER_A_GENERATION] = { .type = NLA_U32, },
	[SITBROKER_A_CLIENT] = NLA_POLICY_NESTED(sitbroker_client_nl_policy),
};

/* SITBROKER_CMD_CLIENT_SET - do */
static const struct nla_policy sitbroker_client_set_nl_policy[SITBROKER_A_CLIENT + 1] = {
	[SITBROKER_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[SITBROKER_A_GENERATION] = { .type = NLA_U32, },
	[SITBROKER_A_CLIENT] = NLA_POLICY_NESTED(sitbroker_client_nl_policy),
};

/* SITBROKER_CMD_CLIENT_DEL - do */
static const struct nla_policy sitbroker_client_del_nl_policy[SITBROKER_A_CLIENT + 1] = {
	[SITBROKER_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[SITBROKER_A_GENERATION] = { .type = NLA_U32, },
	[SITBROKER_A_CLIENT] = NLA_POLICY_NESTED(sitbroker_client_nl_policy),
};

/* SITBROKER_CMD_CLIENT_FLUSH - do */
static const struct nla_policy sitbroker_client_flush_nl_policy[SITBROKER_A_GENERATION + 1] = {
	[SITBROKER_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[SITBROKER_A_GENERATION] = { .type = NLA_U32, },
};

/* SITBROKER_CMD_CLIENT_GET - do */
static const struct nla_policy sitbroker_client_get_do_nl_policy[SITBROKER_A_CLIENT + 1] = {
	[SITBROKER_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[SITBROKER_A_CLIENT] = NLA_POLICY_NESTED(sitbroker_client_nl_policy),
};

/* SITBROKER_CMD_CLIENT_GET - dump */
static const struct nla_policy sitbroker_client_get_dump_nl_policy[SITBROKER_A_IFINDEX + 1] = {
	[SITBROKER_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
};

/* SITBROKER_CMD_NDP_NEW - do */
static const struct nla_policy sitbroker_ndp_new_nl_policy[SITBROKER_A_UPLINK + 1] = {
	[SITBROKER_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[SITBROKER_A_GENERATION] = { .type = NLA_U32, },
	[SITBROKER_A_UPLINK] = NLA_POLICY_NESTED(sitbroker_uplink_nl_policy),
};

/* SITBROKER_CMD_NDP_DEL - do */
static const struct nla_policy sitbroker_ndp_del_nl_policy[SITBROKER_A_UPLINK + 1] = {
	[SITBROKER_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[SITBROKER_A_GENERATION] = { .type = NLA_U32, },
	[SITBROKER_A_UPLINK] = NLA_POLICY_NESTED(sitbroker_uplink_nl_policy),
};

/* SITBROKER_CMD_NDP_GET - do */
static const struct nla_policy sitbroker_ndp_get_do_nl_policy[SITBROKER_A_UPLINK + 1] = {
	[SITBROKER_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[SITBROKER_A_UPLINK] = NLA_POLICY_NESTED(sitbroker_uplink_nl_policy),
};

/* SITBROKER_CMD_NDP_GET - dump */
static const struct nla_policy sitbroker_ndp_get_dump_nl_policy[SITBROKER_A_IFINDEX + 1] = {
	[SITBROKER_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
};

/* SITBROKER_CMD_SAMPLE_GET - dump */
static const struct nla_policy sitbroker_sample_get_nl_policy[SITBROKER_A_IFINDEX + 1] = {
	[SITBROKER_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
};

/* SITBROKER_CMD_FILTER_BEGIN - do */
static const struct nla_policy sitbroker_filter_begin_nl_policy[SITBROKER_A_LOAD + 1] = {
	[SITBROKER_A_LOAD] = NLA_POLICY_NESTED(sitbroker_load_nl_policy),
};

/* SITBROKER_CMD_FILTER_CHUNK - do */
static const struct nla_policy sitbroker_filter_chunk_nl_policy[SITBROKER_A_CHUNK + 1] = {
	[SITBROKER_A_LOAD] = NLA_POLICY_NESTED(sitbroker_load_nl_policy),
	[SITBROKER_A_CHUNK] = NLA_POLICY_NESTED(sitbroker_chunk_nl_policy),
};

/* SITBROKER_CMD_FILTER_COMMIT - do */
static const struct nla_policy sitbroker_filter_commit_nl_policy[SITBROKER_A_LOAD + 1] = {
	[SITBROKER_A_LOAD] = NLA_POLICY_NESTED(sitbroker_load_nl_policy),
};

/* SITBROKER_CMD_FILTER_ABORT - do */
static const struct nla_policy sitbroker_filter_abort_nl_policy[SITBROKER_A_LOAD + 1] = {
	[SITBROKER_A_LOAD] = NLA_POLICY_NESTED(sitbroker_load_nl_policy),
};

/* SITBROKER_CMD_FILTER_DEL - do */
static const struct nla_policy sitbroker_filter_del_nl_policy[SITBROKER_A_FILTER + 1] = {
	[SITBROKER_A_FILTER] = NLA_POLICY_NESTED(sitbroker_filter_nl_policy),
};

/* SITBROKER_CMD_FILTER_GET - do */
static const struct nla_policy sitbroker_filter_get_nl_policy[SITBROKER_A_FILTER + 1] = {
	[SITBROKER_A_FILTER] = NLA_POLICY_NESTED(sitbroker_filter_nl_policy),
};

/* SITBROKER_CMD_FILTER_RANGE_GET - dump */
static const struct nla_policy sitbroker_filter_range_get_nl_policy[SITBROKER_A_FILTER + 1] = {
	[SITBROKER_A_FILTER] = NLA_POLICY_NESTED(sitbroker_filter_nl_policy),
};

/* SITBROKER_CMD_FILTER_LABEL_GET - dump */
static const struct nla_policy sitbroker_filter_label_get_nl_policy[SITBROKER_A_FILTER + 1] = {
	[SITBROKER_A_FILTER] = NLA_POLICY_NESTED(sitbroker_filter_nl_policy),
};

/* SITBROKER_CMD_FILTER_ATTACH - do */
static const struct nla_policy sitbroker_filter_attach_nl_policy[SITBROKER_A_FILTER + 1] = {
	[SITBROKER_A_FILTER] = NLA_POLICY_NESTED(sitbroker_filter_nl_policy),
};

/* SITBROKER_CMD_FILTER_DETACH - do */
static const struct nla_policy sitbroker_filter_detach_nl_policy[SITBROKER_A_FILTER + 1] = {
	[SITBROKER_A_FILTER] = NLA_POLICY_NESTED(sitbroker_filter_nl_policy),
};

/* SITBROKER_CMD_FILTER_TEST - dump */
static const struct nla_policy sitbroker_filter_test_nl_policy[SITBROKER_A_ADDRESS + 1] = {
	[SITBROKER_A_ADDRESS] = { .type = NLA_BINARY, },
};

/* SITBROKER_CMD_FILTER_MEMORY_SET - do */
static const struct nla_policy sitbroker_filter_memory_set_nl_policy[SITBROKER_A_MEMORY + 1] = {
	[SITBROKER_A_MEMORY] = NLA_POLICY_NESTED(sitbroker_memory_nl_policy),
};

/* SITBROKER_CMD_NDP_SET - do */
static const struct nla_policy sitbroker_ndp_set_nl_policy[SITBROKER_A_UPLINK + 1] = {
	[SITBROKER_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[SITBROKER_A_GENERATION] = { .type = NLA_U32, },
	[SITBROKER_A_UPLINK] = NLA_POLICY_NESTED(sitbroker_uplink_nl_policy),
};

/* SITBROKER_CMD_ENDPOINT_GET - dump */
static const struct nla_policy sitbroker_endpoint_get_nl_policy[SITBROKER_A_IFINDEX + 1] = {
	[SITBROKER_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
};

/* Ops table for sitbroker */
static const struct genl_split_ops sitbroker_nl_ops[] = {
	{
		.cmd		= SITBROKER_CMD_LINK_GET,
		.doit		= sitbroker_nl_link_get_doit,
		.policy		= sitbroker_link_get_nl_policy,
		.maxattr	= SITBROKER_A_IFINDEX,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd	= SITBROKER_CMD_LINK_GET,
		.dumpit	= sitbroker_nl_link_get_dumpit,
		.flags	= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= SITBROKER_CMD_POOL_NEW,
		.doit		= sitbroker_nl_pool_new_doit,
		.policy		= sitbroker_pool_new_nl_policy,
		.maxattr	= SITBROKER_A_POOL,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SITBROKER_CMD_POOL_DEL,
		.doit		= sitbroker_nl_pool_del_doit,
		.policy		= sitbroker_pool_del_nl_policy,
		.maxattr	= SITBROKER_A_POOL,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SITBROKER_CMD_POOL_GET,
		.doit		= sitbroker_nl_pool_get_doit,
		.policy		= sitbroker_pool_get_do_nl_policy,
		.maxattr	= SITBROKER_A_POOL,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SITBROKER_CMD_POOL_GET,
		.dumpit		= sitbroker_nl_pool_get_dumpit,
		.policy		= sitbroker_pool_get_dump_nl_policy,
		.maxattr	= SITBROKER_A_IFINDEX,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= SITBROKER_CMD_CLIENT_NEW,
		.doit		= sitbroker_nl_client_new_doit,
		.policy		= sitbroker_client_new_nl_policy,
		.maxattr	= SITBROKER_A_CLIENT,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SITBROKER_CMD_CLIENT_SET,
		.doit		= sitbroker_nl_client_set_doit,
		.policy		= sitbroker_client_set_nl_policy,
		.maxattr	= SITBROKER_A_CLIENT,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SITBROKER_CMD_CLIENT_DEL,
		.doit		= sitbroker_nl_client_del_doit,
		.policy		= sitbroker_client_del_nl_policy,
		.maxattr	= SITBROKER_A_CLIENT,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SITBROKER_CMD_CLIENT_FLUSH,
		.doit		= sitbroker_nl_client_flush_doit,
		.policy		= sitbroker_client_flush_nl_policy,
		.maxattr	= SITBROKER_A_GENERATION,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SITBROKER_CMD_CLIENT_GET,
		.doit		= sitbroker_nl_client_get_doit,
		.policy		= sitbroker_client_get_do_nl_policy,
		.maxattr	= SITBROKER_A_CLIENT,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SITBROKER_CMD_CLIENT_GET,
		.start		= sitbroker_nl_client_dump_start,
		.dumpit		= sitbroker_nl_client_get_dumpit,
		.policy		= sitbroker_client_get_dump_nl_policy,
		.maxattr	= SITBROKER_A_IFINDEX,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= SITBROKER_CMD_NDP_NEW,
		.doit		= sitbroker_nl_ndp_new_doit,
		.policy		= sitbroker_ndp_new_nl_policy,
		.maxattr	= SITBROKER_A_UPLINK,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SITBROKER_CMD_NDP_DEL,
		.doit		= sitbroker_nl_ndp_del_doit,
		.policy		= sitbroker_ndp_del_nl_policy,
		.maxattr	= SITBROKER_A_UPLINK,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SITBROKER_CMD_NDP_GET,
		.doit		= sitbroker_nl_ndp_get_doit,
		.policy		= sitbroker_ndp_get_do_nl_policy,
		.maxattr	= SITBROKER_A_UPLINK,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SITBROKER_CMD_NDP_GET,
		.dumpit		= sitbroker_nl_ndp_get_dumpit,
		.policy		= sitbroker_ndp_get_dump_nl_policy,
		.maxattr	= SITBROKER_A_IFINDEX,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= SITBROKER_CMD_SAMPLE_GET,
		.dumpit		= sitbroker_nl_sample_get_dumpit,
		.policy		= sitbroker_sample_get_nl_policy,
		.maxattr	= SITBROKER_A_IFINDEX,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= SITBROKER_CMD_FILTER_BEGIN,
		.doit		= sitbroker_nl_filter_begin_doit,
		.policy		= sitbroker_filter_begin_nl_policy,
		.maxattr	= SITBROKER_A_LOAD,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SITBROKER_CMD_FILTER_CHUNK,
		.doit		= sitbroker_nl_filter_chunk_doit,
		.policy		= sitbroker_filter_chunk_nl_policy,
		.maxattr	= SITBROKER_A_CHUNK,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SITBROKER_CMD_FILTER_COMMIT,
		.doit		= sitbroker_nl_filter_commit_doit,
		.policy		= sitbroker_filter_commit_nl_policy,
		.maxattr	= SITBROKER_A_LOAD,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SITBROKER_CMD_FILTER_ABORT,
		.doit		= sitbroker_nl_filter_abort_doit,
		.policy		= sitbroker_filter_abort_nl_policy,
		.maxattr	= SITBROKER_A_LOAD,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SITBROKER_CMD_FILTER_DEL,
		.doit		= sitbroker_nl_filter_del_doit,
		.policy		= sitbroker_filter_del_nl_policy,
		.maxattr	= SITBROKER_A_FILTER,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SITBROKER_CMD_FILTER_GET,
		.doit		= sitbroker_nl_filter_get_doit,
		.policy		= sitbroker_filter_get_nl_policy,
		.maxattr	= SITBROKER_A_FILTER,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd	= SITBROKER_CMD_FILTER_GET,
		.start	= sitbroker_nl_filter_dump_start,
		.dumpit	= sitbroker_nl_filter_get_dumpit,
		.flags	= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= SITBROKER_CMD_FILTER_RANGE_GET,
		.start		= sitbroker_nl_filter_range_get_start,
		.dumpit		= sitbroker_nl_filter_range_get_dumpit,
		.done		= sitbroker_nl_filter_range_get_done,
		.policy		= sitbroker_filter_range_get_nl_policy,
		.maxattr	= SITBROKER_A_FILTER,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= SITBROKER_CMD_FILTER_LABEL_GET,
		.start		= sitbroker_nl_filter_label_get_start,
		.dumpit		= sitbroker_nl_filter_label_get_dumpit,
		.done		= sitbroker_nl_filter_label_get_done,
		.policy		= sitbroker_filter_label_get_nl_policy,
		.maxattr	= SITBROKER_A_FILTER,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= SITBROKER_CMD_FILTER_ATTACH,
		.doit		= sitbroker_nl_filter_attach_doit,
		.policy		= sitbroker_filter_attach_nl_policy,
		.maxattr	= SITBROKER_A_FILTER,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SITBROKER_CMD_FILTER_DETACH,
		.doit		= sitbroker_nl_filter_detach_doit,
		.policy		= sitbroker_filter_detach_nl_policy,
		.maxattr	= SITBROKER_A_FILTER,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SITBROKER_CMD_FILTER_TEST,
		.start		= sitbroker_nl_filter_dump_start,
		.dumpit		= sitbroker_nl_filter_test_dumpit,
		.policy		= sitbroker_filter_test_nl_policy,
		.maxattr	= SITBROKER_A_ADDRESS,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd	= SITBROKER_CMD_FILTER_MEMORY_GET,
		.doit	= sitbroker_nl_filter_memory_get_doit,
		.flags	= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SITBROKER_CMD_FILTER_MEMORY_SET,
		.doit		= sitbroker_nl_filter_memory_set_doit,
		.policy		= sitbroker_filter_memory_set_nl_policy,
		.maxattr	= SITBROKER_A_MEMORY,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SITBROKER_CMD_NDP_SET,
		.doit		= sitbroker_nl_ndp_set_doit,
		.policy		= sitbroker_ndp_set_nl_policy,
		.maxattr	= SITBROKER_A_UPLINK,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SITBROKER_CMD_ENDPOINT_GET,
		.start		= sitbroker_nl_client_dump_start,
		.dumpit		= sitbroker_nl_endpoint_get_dumpit,
		.policy		= sitbroker_endpoint_get_nl_policy,
		.maxattr	= SITBROKER_A_IFINDEX,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
};

static const struct genl_multicast_group sitbroker_nl_mcgrps[] = {
	[SITBROKER_NLGRP_CONFIG] = { "config", },
};

struct genl_family sitbroker_nl_family __ro_after_init = {
	.name		= SITBROKER_FAMILY_NAME,
	.version	= SITBROKER_FAMILY_VERSION,
	.netnsok	= true,
	.parallel_ops	= true,
	.module		= THIS_MODULE,
	.split_ops	= sitbroker_nl_ops,
	.n_split_ops	= ARRAY_SIZE(sitbroker_nl_ops),
	.mcgrps		= sitbroker_nl_mcgrps,
	.n_mcgrps	= ARRAY_SIZE(sitbroker_nl_mcgrps),
};
