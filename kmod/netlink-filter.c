// SPDX-License-Identifier: GPL-2.0
/* The generic netlink family: filter lists. Not there yet: every request is refused. */

#include "extack.h"
#include "netlink.h"

static int sb_nl_filter_refuse(struct netlink_ext_ack *extack)
{
	return sb_refuse(extack, -EOPNOTSUPP, "this module has no filter lists yet; build a later one");
}

int sitbroker_nl_filter_range_get_start(struct netlink_callback *cb)
{
	return sb_nl_filter_refuse(cb->extack);
}

int sitbroker_nl_filter_label_get_start(struct netlink_callback *cb)
{
	return sb_nl_filter_refuse(cb->extack);
}

int sitbroker_nl_filter_range_get_done(struct netlink_callback *cb)
{
	return 0;
}

int sitbroker_nl_filter_label_get_done(struct netlink_callback *cb)
{
	return 0;
}

int sitbroker_nl_filter_begin_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sb_nl_filter_refuse(info->extack);
}

int sitbroker_nl_filter_chunk_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sb_nl_filter_refuse(info->extack);
}

int sitbroker_nl_filter_commit_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sb_nl_filter_refuse(info->extack);
}

int sitbroker_nl_filter_abort_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sb_nl_filter_refuse(info->extack);
}

int sitbroker_nl_filter_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sb_nl_filter_refuse(info->extack);
}

int sitbroker_nl_filter_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sb_nl_filter_refuse(info->extack);
}

int sitbroker_nl_filter_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return sb_nl_filter_refuse(cb->extack);
}

int sitbroker_nl_filter_range_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return sb_nl_filter_refuse(cb->extack);
}

int sitbroker_nl_filter_label_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return sb_nl_filter_refuse(cb->extack);
}

int sitbroker_nl_filter_attach_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sb_nl_filter_refuse(info->extack);
}

int sitbroker_nl_filter_detach_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sb_nl_filter_refuse(info->extack);
}

int sitbroker_nl_filter_test_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return sb_nl_filter_refuse(cb->extack);
}

int sitbroker_nl_filter_memory_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sb_nl_filter_refuse(info->extack);
}

int sitbroker_nl_filter_memory_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sb_nl_filter_refuse(info->extack);
}
