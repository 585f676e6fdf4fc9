// SPDX-License-Identifier: GPL-2.0
/* The generic netlink family: filter lists and where they are attached. */

#include <linux/rtnetlink.h>
#include <net/ipv6.h>

#include "extack.h"
#include "filter-port.h"
#include "link.h"
#include "net.h"
#include "netlink-filter.h"
#include "netlink.h"

/* Room for a list in all places that it can be attached to. */
#define SB_NL_FILTER_SIZE	(16 * 1024)

/**
 * struct sb_nl_filter_dump - a dump of lists, in &netlink_callback.ctx
 * @name: where it goes on; an empty name is before every other
 * @finished: nothing is left
 */
struct sb_nl_filter_dump {
	char name[SITBROKER_NAME_MAX + 1];
	bool finished;
};

/* What a list holds; the nest is the caller's. */
int sb_nl_put_filter_set(struct sk_buff *skb, const char *name, const struct sb_filter_set *set)
{
	if (nla_put_string(skb, SITBROKER_A_FILTER_NAME, name) ||
	    nla_put_u32(skb, SITBROKER_A_FILTER_ACTION, set->action) ||
	    nla_put_u32(skb, SITBROKER_A_FILTER_GENERATION, set->generation) ||
	    sb_nl_put_u64(skb, SITBROKER_A_FILTER_AGE,
			  jiffies64_to_msecs(get_jiffies_64() - set->loaded)) ||
	    nla_put_u32(skb, SITBROKER_A_FILTER_RANGES4, set->ranges4.n) ||
	    nla_put_u32(skb, SITBROKER_A_FILTER_RANGES6, set->ranges6.n) ||
	    nla_put_u32(skb, SITBROKER_A_FILTER_LABELS, set->labels.n) ||
	    sb_nl_put_u64(skb, SITBROKER_A_FILTER_BYTES, set->bytes))
		return -EMSGSIZE;
	return 0;
}

static int sb_nl_put_attachment(struct sk_buff *skb, const struct sb_filter_port *port,
				unsigned int scope, unsigned int position, bool decides)
{
	struct nlattr *nest = nla_nest_start(skb, SITBROKER_A_FILTER_ATTACHMENT);

	if (!nest || nla_put_u32(skb, SITBROKER_A_ATTACHMENT_SCOPE, scope) ||
	    nla_put_u32(skb, SITBROKER_A_ATTACHMENT_IFINDEX, port->dev->ifindex) ||
	    nla_put_string(skb, SITBROKER_A_ATTACHMENT_IFNAME, port->dev->name) ||
	    nla_put_u32(skb, SITBROKER_A_ATTACHMENT_POSITION, position) ||
	    (decides && nla_put_flag(skb, SITBROKER_A_ATTACHMENT_DECIDES)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* Can a place of this scope come to see such an address? */
static bool sb_nl_filter_sees(enum sitbroker_filter_scope scope, const struct sb_filter_key *key)
{
	switch (scope) {
	case SITBROKER_FILTER_SCOPE_OUTER:
		return !key->has6;	/* endpoints */
	case SITBROKER_FILTER_SCOPE_INNER:
		return key->has6;
	default:
		return true;
	}
}

/* Does the list decide about the address in a place? */
static bool sb_nl_filter_decides(const struct sb_filter_list *list,
				 enum sitbroker_filter_scope scope,
				 const struct sb_filter_chain *chain,
				 const struct sb_filter_key *key)
{
	bool decides;

	if (!key || !sb_nl_filter_sees(scope, key))
		return false;
	rcu_read_lock();
	decides = sb_filter_decides(chain, key) == list;
	rcu_read_unlock();
	return decides;
}

/* Where a list is attached, and with @key, where it decides about that address. */
static int sb_nl_put_attachments(struct sk_buff *skb, const struct sb_filters *filters,
				 const struct sb_filter_list *list,
				 const struct sb_filter_key *key)
{
	const struct sb_filter_chain *chain;
	struct sb_filter_port *port;
	unsigned int scope, i;
	bool decides;
	int bucket;

	if (!list->places)
		return 0;
	hash_for_each(filters->ports, bucket, port, node) {
		for (scope = 0; scope < SB_N_FILTER_SCOPES; scope++) {
			chain = sb_filter_chain(filters, port, scope);
			decides = chain && sb_nl_filter_decides(list, scope, chain, key);
			for (i = 0; chain && i < chain->n; i++)
				if (chain->list[i] == list &&
				    sb_nl_put_attachment(skb, port, scope, i + 1, decides))
					return -EMSGSIZE;
		}
	}
	return 0;
}

/* A range that holds an address: 4 or 16 bytes each, network byte order. */
static int sb_nl_put_match(struct sk_buff *skb, const void *first, const void *last, size_t size,
			   const struct sb_filter_set *set, const u32 *labels, u32 id)
{
	struct nlattr *nest = nla_nest_start(skb, SITBROKER_A_FILTER_MATCH);
	u32 label = labels ? labels[id] : SITBROKER_NO_LABEL;

	if (!nest || nla_put(skb, SITBROKER_A_MATCH_FIRST, size, first) ||
	    nla_put(skb, SITBROKER_A_MATCH_LAST, size, last) ||
	    (label != SITBROKER_NO_LABEL &&
	     nla_put_string(skb, SITBROKER_A_MATCH_LABEL, sb_filter_label(set, label))))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int sb_nl_put_matches(struct sk_buff *skb, const struct sb_filter_set *set,
			     const struct sb_filter_key *key)
{
	struct in6_addr range6[2];
	struct sb_addr ends6[2];
	struct sb_range4_walk walk;
	__be32 range4[2];
	u32 ends4[2];
	u32 id4, id6;

	sb_filter_finds(set, key, &id4, &id6);
	if (id6 != SB_RANGE_NONE) {
		sb_ranges6_get(&set->ranges6, id6, &ends6[0], &ends6[1]);
		sb_addr_store(&range6[0], ends6[0]);
		sb_addr_store(&range6[1], ends6[1]);
		if (sb_nl_put_match(skb, &range6[0], &range6[1], sizeof(range6[0]), set,
				    set->labels.of6, id6))
			return -EMSGSIZE;
	}
	if (id4 != SB_RANGE_NONE) {
		sb_range4_walk_begin(&walk, &set->ranges4, id4);
		sb_range4_walk_next(&walk, &ends4[0], &ends4[1]);
		range4[0] = htonl(ends4[0]);
		range4[1] = htonl(ends4[1]);
		if (sb_nl_put_match(skb, &range4[0], &range4[1], sizeof(range4[0]), set,
				    set->labels.of4, id4))
			return -EMSGSIZE;
	}
	return 0;
}

/* A list; with @key what of it holds that address. The caller holds &sb_filters.lock. */
static int sb_nl_fill_filter(struct sk_buff *skb, const struct sb_nl_message *message,
			     const struct sb_net *sbn, const struct sb_filter_list *list,
			     const struct sb_filter_key *key)
{
	const struct sb_filter_set *set = sb_filter_set(&sbn->filters, list);
	void *header = sb_nl_begin(skb, message, NULL);
	struct nlattr *nest;

	if (!header)
		return -EMSGSIZE;
	nest = nla_nest_start(skb, SITBROKER_A_FILTER);
	if (!nest || sb_nl_put_filter_set(skb, list->name, set) ||
	    sb_nl_put_u64(skb, SITBROKER_A_FILTER_HITS, sb_filter_list_hits(list)) ||
	    (key && sb_nl_put_matches(skb, set, key)) ||
	    sb_nl_put_attachments(skb, &sbn->filters, list, key)) {
		genlmsg_cancel(skb, header);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	genlmsg_end(skb, header);
	return 0;
}

static int sb_nl_fill_filter_gone(struct sk_buff *skb, const struct sb_nl_message *message,
				  const struct sb_filter_list *list)
{
	void *header = sb_nl_begin(skb, message, NULL);
	struct nlattr *nest;

	if (!header)
		return -EMSGSIZE;
	nest = nla_nest_start(skb, SITBROKER_A_FILTER);
	if (!nest || nla_put_string(skb, SITBROKER_A_FILTER_NAME, list->name)) {
		genlmsg_cancel(skb, header);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	genlmsg_end(skb, header);
	return 0;
}

/* Tell listeners about a list; the caller holds &sb_filters.lock. */
void sb_nl_notify_filter(const struct sb_net *sbn, const struct sb_filter_list *list, u8 cmd)
{
	const struct sb_nl_message message = { .cmd = cmd };
	struct sk_buff *skb;
	int err = 0;

	if (!sb_nl_has_listeners(sbn))
		return;
	skb = nlmsg_new(SB_NL_FILTER_SIZE, GFP_KERNEL);
	if (skb && cmd == SITBROKER_CMD_FILTER_DEL_NTF)
		err = sb_nl_fill_filter_gone(skb, &message, list);
	else if (skb)
		err = sb_nl_fill_filter(skb, &message, sbn, list, NULL);
	if (err) {
		nlmsg_free(skb);
		skb = NULL;
	}
	sb_nl_notify(sbn, skb);
}

int sb_nl_parse_filter(struct nlattr **attrs, struct nlattr **tb, u64 allowed,
		       struct netlink_ext_ack *extack)
{
	int err;

	if (!attrs || !attrs[SITBROKER_A_FILTER])
		return sb_refuse(extack, -EINVAL,
				 "the request names no filter list; say which one");
	err = sb_nl_parse(tb, SITBROKER_A_FILTER_MAX, attrs[SITBROKER_A_FILTER],
			  BIT_ULL(SITBROKER_A_FILTER_NAME) | allowed, extack);
	if (err)
		return err;
	if (!tb[SITBROKER_A_FILTER_NAME]) {
		NL_SET_BAD_ATTR(extack, attrs[SITBROKER_A_FILTER]);
		return sb_refuse(extack, -EINVAL, "the filter list has no name; say which one");
	}
	return 0;
}

/* The list that a request names, or an ERR_PTR(); the caller holds &sb_filters.lock. */
struct sb_filter_list *sb_nl_filter(const struct sb_net *sbn, struct nlattr **tb,
				    struct netlink_ext_ack *extack)
{
	const char *name = nla_data(tb[SITBROKER_A_FILTER_NAME]);
	struct sb_filter_list *list = sb_filter_by_name(&sbn->filters, name);

	if (list)
		return list;
	NL_SET_BAD_ATTR(extack, tb[SITBROKER_A_FILTER_NAME]);
	sb_refuse(extack, -ENOENT, "there is no filter list \"%s\"; see brokertool filter show",
		  name);
	return ERR_PTR(-ENOENT);
}

int sitbroker_nl_filter_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	const struct sb_nl_message message = {
		.portid = info->snd_portid,
		.seq = info->snd_seq,
		.cmd = info->genlhdr->cmd,
	};
	struct nlattr *tb[SITBROKER_A_FILTER_MAX + 1];
	struct sb_net *sbn = sb_net(genl_info_net(info));
	struct sb_filter_list *list;
	struct sk_buff *reply;
	int err;

	err = sb_nl_parse_filter(info->attrs, tb, 0, info->extack);
	if (err)
		return err;
	reply = nlmsg_new(SB_NL_FILTER_SIZE, GFP_KERNEL);
	if (!reply)
		return sb_refuse(info->extack, -ENOMEM, "no memory for the answer");
	mutex_lock(&sbn->filters.lock);
	list = sb_nl_filter(sbn, tb, info->extack);
	err = IS_ERR(list) ? PTR_ERR(list) : sb_nl_fill_filter(reply, &message, sbn, list, NULL);
	mutex_unlock(&sbn->filters.lock);
	if (err) {
		nlmsg_free(reply);
		return err;
	}
	return genlmsg_reply(reply, info);
}

/* A list that is attached to many places does not fit into the usual first message. */
int sitbroker_nl_filter_dump_start(struct netlink_callback *cb)
{
	cb->min_dump_alloc = SB_NL_BULK_SIZE;
	return 0;
}

/* All lists in the order of their names; with @key those that hold that address. */
static int sb_nl_dump_filters(struct sk_buff *skb, struct netlink_callback *cb,
			      const struct sb_filter_key *key)
{
	const struct genlmsghdr *request = nlmsg_data(cb->nlh);
	const struct sb_nl_message message = {
		.portid = NETLINK_CB(cb->skb).portid,
		.seq = cb->nlh->nlmsg_seq,
		.flags = NLM_F_MULTI,
		.cmd = request->cmd,
	};
	struct sb_nl_filter_dump *dump = (void *)cb->ctx;
	struct sb_net *sbn = sb_net(sock_net(skb->sk));
	struct sb_filters *filters = &sbn->filters;
	struct sb_filter_list *list;
	u32 id4, id6;
	int err = 0;

	BUILD_BUG_ON(sizeof(*dump) > sizeof(cb->ctx));

	if (dump->finished)
		return 0;
	mutex_lock(&filters->lock);
	list = sb_filter_from(filters, dump->name);
	if (list) {
		list_for_each_entry_from(list, &filters->lists, list) {
			if (key && !sb_filter_finds(sb_filter_set(filters, list), key, &id4, &id6))
				continue;
			err = sb_nl_fill_filter(skb, &message, sbn, list, key);
			if (err) {
				strscpy(dump->name, list->name, sizeof(dump->name));
				break;
			}
		}
	}
	mutex_unlock(&filters->lock);
	dump->finished = !err;
	return err == -EMSGSIZE && skb->len ? skb->len : err;
}

int sitbroker_nl_filter_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return sb_nl_dump_filters(skb, cb, NULL);
}

int sitbroker_nl_filter_test_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct nlattr **attrs = sb_compat_dump_attrs(cb);
	const struct nlattr *address = attrs ? attrs[SITBROKER_A_ADDRESS] : NULL;
	struct sb_filter_key key;

	if (address && nla_len(address) == sizeof(__be32))
		key = sb_filter_key4(nla_get_in_addr(address));
	else if (address && nla_len(address) == sizeof(struct in6_addr))
		key = sb_filter_key6(nla_data(address));
	else
		return sb_refuse(cb->extack, -EINVAL,
				 "the request has no address of 4 or 16 bytes");
	return sb_nl_dump_filters(skb, cb, &key);
}

static int sb_nl_delete_filter(struct sb_net *sbn, struct nlattr **tb,
			       struct sb_filter_list **doomed, struct netlink_ext_ack *extack)
{
	struct sb_filter_list *list = sb_nl_filter(sbn, tb, extack);
	u32 generation;

	if (IS_ERR(list))
		return PTR_ERR(list);
	generation = sb_filter_set(&sbn->filters, list)->generation;
	if (tb[SITBROKER_A_FILTER_GENERATION] &&
	    nla_get_u32(tb[SITBROKER_A_FILTER_GENERATION]) != generation) {
		NL_SET_BAD_ATTR(extack, tb[SITBROKER_A_FILTER_GENERATION]);
		return sb_refuse(extack, -ESTALE,
				 "list \"%s\" was changed meanwhile: its generation is %u; read it again",
				 list->name, generation);
	}
	if (list->places)
		return sb_refuse(extack, -EBUSY,
				 "list \"%s\" is attached to %u places; detach it, see brokertool filter show",
				 list->name, list->places);
	sb_nl_notify_filter(sbn, list, SITBROKER_CMD_FILTER_DEL_NTF);
	sb_filter_list_remove(&sbn->filters, list);
	*doomed = list;
	return 0;
}

int sitbroker_nl_filter_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[SITBROKER_A_FILTER_MAX + 1];
	struct sb_net *sbn = sb_net(genl_info_net(info));
	struct sb_filter_list *doomed;
	int err;

	err = sb_nl_parse_filter(info->attrs, tb, BIT_ULL(SITBROKER_A_FILTER_GENERATION),
				 info->extack);
	if (err)
		return err;
	mutex_lock(&sbn->filters.lock);
	err = sb_nl_delete_filter(sbn, tb, &doomed, info->extack);
	mutex_unlock(&sbn->filters.lock);
	if (err)
		return err;
	/* Packets may have come by a place that it was detached from. */
	synchronize_rcu();
	sb_filter_list_free(doomed);
	return 0;
}

/**
 * struct sb_nl_place - where a list is to be attached, or detached from
 * @scope: where on a packet's way
 * @ifindex: attribute with the device, NULL where there is none
 */
struct sb_nl_place {
	enum sitbroker_filter_scope scope;
	const struct nlattr *ifindex;
};

/* The only attachment of a request. */
static int sb_nl_parse_place(const struct nlattr *filter, struct sb_nl_place *place,
			     struct netlink_ext_ack *extack)
{
	struct nlattr *tb[SITBROKER_A_ATTACHMENT_MAX + 1];
	const struct nlattr *attr, *only = NULL;
	unsigned int n = 0;
	int err, rest;

	nla_for_each_nested(attr, filter, rest) {
		if (nla_type(attr) == SITBROKER_A_FILTER_ATTACHMENT) {
			only = attr;
			n++;
		}
	}
	if (n != 1) {
		NL_SET_BAD_ATTR(extack, filter);
		return sb_refuse(extack, -EINVAL,
				 "the request names %u places; send one for each", n);
	}
	err = sb_nl_parse(tb, SITBROKER_A_ATTACHMENT_MAX, only,
			  BIT_ULL(SITBROKER_A_ATTACHMENT_SCOPE) |
			  BIT_ULL(SITBROKER_A_ATTACHMENT_IFINDEX), extack);
	if (err)
		return err;
	if (!tb[SITBROKER_A_ATTACHMENT_SCOPE]) {
		NL_SET_BAD_ATTR(extack, only);
		return sb_refuse(extack, -EINVAL,
				 "the place has no scope; give one of outer, inner, in, out");
	}
	place->scope = nla_get_u32(tb[SITBROKER_A_ATTACHMENT_SCOPE]);
	place->ifindex = tb[SITBROKER_A_ATTACHMENT_IFINDEX];
	return 0;
}

/* The device of a place, or an ERR_PTR(); the caller holds RTNL and &sb_net.lock. */
static struct net_device *sb_nl_place_dev(struct sb_net *sbn, const struct sb_nl_place *place,
					  struct netlink_ext_ack *extack)
{
	struct net_device *dev;
	struct sb_link *link;

	if (place->scope == SITBROKER_FILTER_SCOPE_OUTER ||
	    place->scope == SITBROKER_FILTER_SCOPE_INNER) {
		link = sb_nl_link(sbn, place->ifindex, extack);
		return IS_ERR(link) ? ERR_CAST(link) : link->dev;
	}
	if (!place->ifindex) {
		sb_refuse(extack, -EINVAL, "the place has no interface; say which one with dev IF");
		return ERR_PTR(-EINVAL);
	}
	dev = __dev_get_by_index(sbn->net, nla_get_u32(place->ifindex));
	/* One that is leaving has told us so already. */
	if (dev && dev->reg_state == NETREG_REGISTERED)
		return dev;
	NL_SET_BAD_ATTR(extack, place->ifindex);
	sb_refuse(extack, -ENODEV, "there is no interface %u; see ip link",
		  nla_get_u32(place->ifindex));
	return ERR_PTR(-ENODEV);
}

/* Attach or detach: under all locks that a place has to do with. */
static int sb_nl_change_place(struct genl_info *info, bool attach)
{
	struct nlattr *tb[SITBROKER_A_FILTER_MAX + 1];
	struct sb_net *sbn = sb_net(genl_info_net(info));
	struct sb_filter_list *list;
	struct sb_nl_place place;
	struct net_device *dev;
	int err;

	err = sb_nl_parse_filter(info->attrs, tb, BIT_ULL(SITBROKER_A_FILTER_ATTACHMENT),
				 info->extack);
	if (!err)
		err = sb_nl_parse_place(info->attrs[SITBROKER_A_FILTER], &place, info->extack);
	if (err)
		return err;

	rtnl_lock();
	mutex_lock(&sbn->lock);
	mutex_lock(&sbn->filters.lock);
	list = sb_nl_filter(sbn, tb, info->extack);
	dev = IS_ERR(list) ? ERR_CAST(list) : sb_nl_place_dev(sbn, &place, info->extack);
	if (IS_ERR(dev))
		err = PTR_ERR(dev);
	else if (attach)
		err = sb_filter_attach(sbn, list, dev, place.scope, info->extack);
	else
		err = sb_filter_detach(sbn, list, dev, place.scope, info->extack);
	if (!err)
		sb_nl_notify_filter(sbn, list, SITBROKER_CMD_FILTER_NTF);
	mutex_unlock(&sbn->filters.lock);
	mutex_unlock(&sbn->lock);
	rtnl_unlock();
	return err;
}

int sitbroker_nl_filter_attach_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sb_nl_change_place(info, true);
}

int sitbroker_nl_filter_detach_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sb_nl_change_place(info, false);
}

static int sb_nl_fill_memory(struct sk_buff *skb, const struct sb_nl_message *message,
			     const struct sb_filters *filters)
{
	void *header = sb_nl_begin(skb, message, NULL);
	struct nlattr *nest;

	if (!header)
		return -EMSGSIZE;
	nest = nla_nest_start(skb, SITBROKER_A_MEMORY);
	if (!nest || sb_nl_put_u64(skb, SITBROKER_A_MEMORY_BYTES_MAX, filters->bytes_max) ||
	    sb_nl_put_u64(skb, SITBROKER_A_MEMORY_BYTES_USED, atomic64_read(&filters->bytes)) ||
	    nla_put_u32(skb, SITBROKER_A_MEMORY_LISTS, filters->n_lists)) {
		genlmsg_cancel(skb, header);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	genlmsg_end(skb, header);
	return 0;
}

int sitbroker_nl_filter_memory_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	const struct sb_nl_message message = {
		.portid = info->snd_portid,
		.seq = info->snd_seq,
		.cmd = info->genlhdr->cmd,
	};
	struct sb_filters *filters = &sb_net(genl_info_net(info))->filters;
	struct sk_buff *reply;
	int err;

	/* 6.12 looks at no attributes where there is no policy, 7.3 does. */
	if (nlmsg_attrlen(info->nlhdr, GENL_HDRLEN)) {
		NL_SET_BAD_ATTR(info->extack, nlmsg_attrdata(info->nlhdr, GENL_HDRLEN));
		return sb_refuse(info->extack, -EINVAL,
				 "this request takes no attributes; leave them out");
	}
	reply = nlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (!reply)
		return sb_refuse(info->extack, -ENOMEM, "no memory for the answer");
	mutex_lock(&filters->lock);
	err = sb_nl_fill_memory(reply, &message, filters);
	mutex_unlock(&filters->lock);
	if (err) {
		nlmsg_free(reply);
		return err;
	}
	return genlmsg_reply(reply, info);
}

int sitbroker_nl_filter_memory_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sb_filters *filters = &sb_net(genl_info_net(info))->filters;
	struct nlattr *tb[SITBROKER_A_MEMORY_MAX + 1];
	u64 most, used;
	int err;

	if (GENL_REQ_ATTR_CHECK(info, SITBROKER_A_MEMORY))
		return sb_refuse(info->extack, -EINVAL, "the request says nothing of memory");
	err = sb_nl_parse(tb, SITBROKER_A_MEMORY_MAX, info->attrs[SITBROKER_A_MEMORY],
			  BIT_ULL(SITBROKER_A_MEMORY_BYTES_MAX), info->extack);
	if (err)
		return err;
	if (!tb[SITBROKER_A_MEMORY_BYTES_MAX])
		return sb_refuse(info->extack, -EINVAL,
				 "the request says nothing to change about filter memory");
	most = nla_get_u64(tb[SITBROKER_A_MEMORY_BYTES_MAX]);

	mutex_lock(&filters->lock);
	used = atomic64_read(&filters->bytes);
	if (most < used)
		err = sb_refuse(info->extack, -ERANGE,
				"%llu bytes are less than the %llu that filter lists take; destroy some first",
				most, used);
	else
		filters->bytes_max = most;
	mutex_unlock(&filters->lock);
	return err;
}
