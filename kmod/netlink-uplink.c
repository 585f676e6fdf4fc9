// SPDX-License-Identifier: GPL-2.0
/* The generic netlink family: uplinks. */

#include <linux/rtnetlink.h>
#include <net/ipv6.h>

#include "extack.h"
#include "link.h"
#include "net.h"
#include "netlink.h"
#include "uplink.h"

static int sb_nl_fill_uplink(struct sk_buff *skb, const struct sb_nl_message *message,
			     const struct sb_uplink *uplink)
{
	const struct sb_uplink_config *config = sb_uplink_config(uplink);
	void *header = sb_nl_begin(skb, message, uplink->link);
	struct nlattr *nest;

	if (!header)
		return -EMSGSIZE;
	nest = nla_nest_start(skb, SITBROKER_A_UPLINK);
	if (!nest || nla_put_u32(skb, SITBROKER_A_UPLINK_IFINDEX, uplink->dev->ifindex) ||
	    nla_put_string(skb, SITBROKER_A_UPLINK_IFNAME, uplink->dev->name) ||
	    nla_put_u32(skb, SITBROKER_A_UPLINK_SOURCE, config->source) ||
	    (config->source == SITBROKER_NDP_SOURCE_ADDRESS &&
	     nla_put_in6_addr(skb, SITBROKER_A_UPLINK_SOURCE_ADDRESS, &config->address)) ||
	    sb_nl_put_u64(skb, SITBROKER_A_UPLINK_SOLICITATIONS,
			  atomic64_read(&uplink->solicitations)) ||
	    sb_nl_put_u64(skb, SITBROKER_A_UPLINK_ANSWERED, atomic64_read(&uplink->answered)) ||
	    sb_nl_put_u64(skb, SITBROKER_A_UPLINK_MALFORMED, atomic64_read(&uplink->malformed)) ||
	    sb_nl_put_u64(skb, SITBROKER_A_UPLINK_UNASSIGNED,
			  atomic64_read(&uplink->unassigned)) ||
	    sb_nl_put_u64(skb, SITBROKER_A_UPLINK_DISABLED, atomic64_read(&uplink->disabled)) ||
	    sb_nl_put_u64(skb, SITBROKER_A_UPLINK_FAILED, atomic64_read(&uplink->failed)) ||
	    sb_nl_put_u64(skb, SITBROKER_A_UPLINK_LIMITED, atomic64_read(&uplink->limited)) ||
	    sb_nl_put_u64(skb, SITBROKER_A_UPLINK_ANNOUNCED, atomic64_read(&uplink->announced)) ||
	    nla_put_u8(skb, SITBROKER_A_UPLINK_ROUTER, config->router) ||
	    nla_put_u32(skb, SITBROKER_A_UPLINK_RATE, config->rate) ||
	    nla_put_u32(skb, SITBROKER_A_UPLINK_GROUPS, READ_ONCE(uplink->n_groups)) ||
	    sb_nl_put_u64(skb, SITBROKER_A_UPLINK_MISROUTED,
			  atomic64_read(&uplink->misrouted))) {
		genlmsg_cancel(skb, header);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	genlmsg_end(skb, header);
	return 0;
}

/* The caller holds &sb_net.lock. */
void sb_nl_notify_uplink(const struct sb_uplink *uplink, u8 cmd)
{
	const struct sb_nl_message message = { .cmd = cmd };
	struct sb_net *sbn = uplink->link->sbn;
	struct sk_buff *skb;

	if (!sb_nl_has_listeners(sbn))
		return;
	skb = nlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (skb && sb_nl_fill_uplink(skb, &message, uplink)) {
		nlmsg_free(skb);
		skb = NULL;
	}
	sb_nl_notify(sbn, skb);
}

/* What a request says about an uplink; its ifindex is always there. */
static int sb_nl_parse_uplink(struct genl_info *info, struct nlattr **tb, u64 allowed)
{
	int err;

	if (GENL_REQ_ATTR_CHECK(info, SITBROKER_A_UPLINK))
		return sb_refuse(info->extack, -EINVAL,
				 "the request names no uplink; say which device");
	err = sb_nl_parse(tb, SITBROKER_A_UPLINK_MAX, info->attrs[SITBROKER_A_UPLINK],
			  BIT_ULL(SITBROKER_A_UPLINK_IFINDEX) | allowed, info->extack);
	if (err)
		return err;
	if (!tb[SITBROKER_A_UPLINK_IFINDEX]) {
		NL_SET_BAD_ATTR(info->extack, info->attrs[SITBROKER_A_UPLINK]);
		return sb_refuse(info->extack, -EINVAL,
				 "the uplink has no interface index; say which device");
	}
	return 0;
}

#define SB_NL_UPLINK_CONFIG_ATTRS (BIT_ULL(SITBROKER_A_UPLINK_SOURCE) |		\
				   BIT_ULL(SITBROKER_A_UPLINK_SOURCE_ADDRESS) |	\
				   BIT_ULL(SITBROKER_A_UPLINK_ROUTER) |		\
				   BIT_ULL(SITBROKER_A_UPLINK_RATE))

/* How solicitations are to be answered; what is not said stays as it is in @config. */
static int sb_nl_get_uplink_config(struct genl_info *info, struct nlattr **tb,
				   struct sb_uplink_config *config)
{
	bool fixed = false;

	if (tb[SITBROKER_A_UPLINK_SOURCE]) {
		config->source = nla_get_u32(tb[SITBROKER_A_UPLINK_SOURCE]);
		fixed = config->source == SITBROKER_NDP_SOURCE_ADDRESS;
	}
	if (tb[SITBROKER_A_UPLINK_SOURCE_ADDRESS])
		config->address = nla_get_in6_addr(tb[SITBROKER_A_UPLINK_SOURCE_ADDRESS]);
	if (tb[SITBROKER_A_UPLINK_ROUTER])
		config->router = nla_get_u8(tb[SITBROKER_A_UPLINK_ROUTER]);
	if (tb[SITBROKER_A_UPLINK_RATE])
		config->rate = nla_get_u32(tb[SITBROKER_A_UPLINK_RATE]);
	if (fixed == !!tb[SITBROKER_A_UPLINK_SOURCE_ADDRESS])
		return 0;
	NL_SET_BAD_ATTR(info->extack, info->attrs[SITBROKER_A_UPLINK]);
	return sb_refuse(info->extack, -EINVAL,
			 "a source address and source kind \"address\" go together");
}

static int sb_nl_add_uplink(struct sb_link *link, struct genl_info *info)
{
	struct nlattr *tb[SITBROKER_A_UPLINK_MAX + 1];
	struct sb_uplink_config config = {
		.source = SITBROKER_NDP_SOURCE_TARGET,
		.router = true,
		.rate = SB_NDP_RATE,
	};
	struct sb_uplink *uplink;
	struct net_device *dev;
	u32 ifindex;
	int err;

	err = sb_nl_parse_uplink(info, tb, SB_NL_UPLINK_CONFIG_ATTRS);
	if (!err)
		err = sb_nl_get_uplink_config(info, tb, &config);
	if (err)
		return err;

	ifindex = nla_get_u32(tb[SITBROKER_A_UPLINK_IFINDEX]);
	dev = __dev_get_by_index(link->sbn->net, ifindex);
	if (!dev) {
		NL_SET_BAD_ATTR(info->extack, tb[SITBROKER_A_UPLINK_IFINDEX]);
		return sb_refuse(info->extack, -ENODEV, "there is no interface %u; see ip link",
				 ifindex);
	}
	uplink = sb_uplink_add(link, dev, &config, info->extack);
	if (IS_ERR(uplink)) {
		NL_SET_BAD_ATTR(info->extack, info->attrs[SITBROKER_A_UPLINK]);
		return PTR_ERR(uplink);
	}
	link->generation++;
	sb_nl_notify_uplink(uplink, SITBROKER_CMD_NDP_NTF);
	return 0;
}

int sitbroker_nl_ndp_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	int err;

	rtnl_lock();
	err = sb_nl_change(info, sb_nl_add_uplink);
	rtnl_unlock();
	return err;
}

/* The uplink that a request names, of which it says no more than what is @allowed. */
static struct sb_uplink *sb_nl_uplink(struct sb_link *link, struct genl_info *info,
				      struct nlattr **tb, u64 allowed)
{
	struct sb_uplink *uplink;
	char name[IFNAMSIZ];
	u32 ifindex;
	int err;

	err = sb_nl_parse_uplink(info, tb, allowed);
	if (err)
		return ERR_PTR(err);
	ifindex = nla_get_u32(tb[SITBROKER_A_UPLINK_IFINDEX]);
	uplink = sb_uplink_find(link, ifindex);
	if (uplink)
		return uplink;
	NL_SET_BAD_ATTR(info->extack, tb[SITBROKER_A_UPLINK_IFINDEX]);
	sb_refuse(info->extack, -ENOENT,
		  "interface %s is no uplink of link %s; see brokertool ndp show",
		  sb_nl_device(link->sbn, ifindex, name), link->dev->name);
	return ERR_PTR(-ENOENT);
}

static int sb_nl_set_uplink(struct sb_link *link, struct genl_info *info)
{
	struct nlattr *tb[SITBROKER_A_UPLINK_MAX + 1];
	struct sb_uplink_config config;
	struct sb_uplink *uplink;
	int err;

	uplink = sb_nl_uplink(link, info, tb, SB_NL_UPLINK_CONFIG_ATTRS);
	if (IS_ERR(uplink))
		return PTR_ERR(uplink);
	config = *sb_uplink_config(uplink);
	err = sb_nl_get_uplink_config(info, tb, &config);
	if (err)
		return err;
	if (!tb[SITBROKER_A_UPLINK_SOURCE] && !tb[SITBROKER_A_UPLINK_ROUTER] &&
	    !tb[SITBROKER_A_UPLINK_RATE])
		return sb_refuse(info->extack, -EINVAL,
				 "the request says nothing to change about uplink %s; say source, router or rate",
				 uplink->dev->name);
	err = sb_uplink_set(uplink, &config, info->extack);
	if (err) {
		NL_SET_BAD_ATTR(info->extack, info->attrs[SITBROKER_A_UPLINK]);
		return err;
	}
	link->generation++;
	sb_nl_notify_uplink(uplink, SITBROKER_CMD_NDP_NTF);
	return 0;
}

int sitbroker_nl_ndp_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sb_nl_change(info, sb_nl_set_uplink);
}

static int sb_nl_delete_uplink(struct sb_link *link, struct genl_info *info)
{
	struct nlattr *tb[SITBROKER_A_UPLINK_MAX + 1];
	struct sb_uplink *uplink = sb_nl_uplink(link, info, tb, 0);

	if (IS_ERR(uplink))
		return PTR_ERR(uplink);
	link->generation++;
	sb_nl_notify_uplink(uplink, SITBROKER_CMD_NDP_DEL_NTF);
	sb_uplink_remove(uplink);
	return 0;
}

int sitbroker_nl_ndp_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	int err;

	rtnl_lock();
	err = sb_nl_change(info, sb_nl_delete_uplink);
	rtnl_unlock();
	return err;
}

static int sb_nl_get_uplink(struct sk_buff *skb, const struct sb_nl_message *message,
			    struct sb_link *link, struct genl_info *info)
{
	struct nlattr *tb[SITBROKER_A_UPLINK_MAX + 1];
	struct sb_uplink *uplink = sb_nl_uplink(link, info, tb, 0);

	return IS_ERR(uplink) ? PTR_ERR(uplink) : sb_nl_fill_uplink(skb, message, uplink);
}

int sitbroker_nl_ndp_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sb_nl_get(info, sb_nl_get_uplink);
}

static int sb_nl_dump_uplinks(struct sk_buff *skb, const struct sb_nl_message *message,
			      struct sb_link *link, struct sb_nl_dump *dump)
{
	struct sb_uplink *uplink;
	unsigned long i = 0;

	list_for_each_entry(uplink, &link->sbn->uplinks, list) {
		if (uplink->link != link || i++ < dump->next)
			continue;
		if (sb_nl_fill_uplink(skb, message, uplink))
			return -EMSGSIZE;
		dump->next = i;
	}
	return 0;
}

int sitbroker_nl_ndp_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return sb_nl_dump_links(skb, cb, sb_nl_dump_uplinks);
}
