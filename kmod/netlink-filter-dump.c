// SPDX-License-Identifier: GPL-2.0
/*
 * The generic netlink family: all that a filter list holds, and its labels.
 *
 * A dump holds the set that the list had when it began, so that it is one
 * list from its first message to its last, whatever is loaded meanwhile.
 */

#include <linux/slab.h>

#include "extack.h"
#include "filter.h"
#include "net.h"
#include "netlink-filter.h"
#include "netlink.h"

/* Room for headers beside a packed part; smaller parts than that wait for the next message. */
#define SB_NL_PART_HEADERS	64
#define SB_NL_PART_MIN		512

/* What comes after what. */
enum sb_nl_part {
	SB_NL_PART_LIST,
	SB_NL_PART_STRINGS,
	SB_NL_PART_RANGES4,
	SB_NL_PART_RANGES6,
	SB_NL_PART_END,
};

/**
 * struct sb_nl_set_dump - a dump of a set
 * @set: the set, with a reference
 * @part: what comes next
 * @at: how much of it was sent
 * @hit: leave out labels without hits
 * @name: name of the list
 */
struct sb_nl_set_dump {
	struct sb_filter_set *set;
	enum sb_nl_part part;
	u32 at;
	bool hit;
	char name[SITBROKER_NAME_MAX + 1];
};

static struct sb_nl_set_dump **sb_nl_set_dump(struct netlink_callback *cb)
{
	return (struct sb_nl_set_dump **)cb->ctx;
}

static int sb_nl_set_dump_start(struct netlink_callback *cb, u64 allowed)
{
	struct nlattr *tb[SITBROKER_A_FILTER_MAX + 1];
	struct sb_net *sbn = sb_net(sock_net(cb->skb->sk));
	struct sb_nl_set_dump *dump;
	struct sb_filter_list *list;
	int err;

	err = sb_nl_parse_filter(sb_compat_dump_attrs(cb), tb, allowed, cb->extack);
	if (err)
		return err;
	dump = kzalloc(sizeof(*dump), GFP_KERNEL_ACCOUNT);
	if (!dump)
		return sb_refuse(cb->extack, -ENOMEM, "no memory for the answer");
	dump->hit = tb[SITBROKER_A_FILTER_HIT];

	mutex_lock(&sbn->filters.lock);
	list = sb_nl_filter(sbn, tb, cb->extack);
	if (!IS_ERR(list)) {
		dump->set = sb_filter_set(&sbn->filters, list);
		refcount_inc(&dump->set->refs);
		strscpy(dump->name, list->name, sizeof(dump->name));
	}
	mutex_unlock(&sbn->filters.lock);
	if (IS_ERR(list)) {
		kfree(dump);
		return PTR_ERR(list);
	}
	*sb_nl_set_dump(cb) = dump;
	cb->min_dump_alloc = SB_NL_BULK_SIZE;
	return 0;
}

static int sb_nl_set_dump_done(struct netlink_callback *cb)
{
	struct sb_nl_set_dump *dump = *sb_nl_set_dump(cb);

	sb_filter_set_put(dump->set);
	kfree(dump);
	return 0;
}

int sitbroker_nl_filter_range_get_start(struct netlink_callback *cb)
{
	return sb_nl_set_dump_start(cb, 0);
}

int sitbroker_nl_filter_range_get_done(struct netlink_callback *cb)
{
	return sb_nl_set_dump_done(cb);
}

int sitbroker_nl_filter_label_get_start(struct netlink_callback *cb)
{
	return sb_nl_set_dump_start(cb, BIT_ULL(SITBROKER_A_FILTER_HIT));
}

int sitbroker_nl_filter_label_get_done(struct netlink_callback *cb)
{
	return sb_nl_set_dump_done(cb);
}

static int sb_nl_put_list_part(struct sk_buff *skb, const struct sb_nl_set_dump *dump)
{
	struct nlattr *nest = nla_nest_start(skb, SITBROKER_A_FILTER);

	if (!nest || sb_nl_put_filter_set(skb, dump->name, dump->set))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int sb_nl_put_strings(struct sk_buff *skb, const struct sb_nl_set_dump *dump, u32 n)
{
	return nla_put(skb, SITBROKER_A_CHUNK_STRINGS, n, dump->set->labels.strings + dump->at);
}

static int sb_nl_put_ranges4(struct sk_buff *skb, const struct sb_nl_set_dump *dump, u32 n)
{
	struct nlattr *attr = nla_reserve(skb, SITBROKER_A_CHUNK_RANGES4, n * 2 * sizeof(__be32));
	struct sb_range4_walk walk;
	u32 i, first, last;
	__be32 *to;

	if (!attr)
		return -EMSGSIZE;
	to = nla_data(attr);
	sb_range4_walk_begin(&walk, &dump->set->ranges4, dump->at);
	for (i = 0; i < n; i++) {
		sb_range4_walk_next(&walk, &first, &last);
		*to++ = htonl(first);
		*to++ = htonl(last);
	}
	if (!dump->set->labels.of4)
		return 0;
	return nla_put(skb, SITBROKER_A_CHUNK_LABELS4, n * sizeof(u32),
		       dump->set->labels.of4 + dump->at);
}

static int sb_nl_put_ranges6(struct sk_buff *skb, const struct sb_nl_set_dump *dump, u32 n)
{
	struct nlattr *attr = nla_reserve(skb, SITBROKER_A_CHUNK_RANGES6,
					  n * 2 * sizeof(struct in6_addr));
	struct sb_addr first, last;
	struct in6_addr *to;
	u32 i;

	if (!attr)
		return -EMSGSIZE;
	to = nla_data(attr);
	for (i = 0; i < n; i++) {
		sb_ranges6_get(&dump->set->ranges6, dump->at + i, &first, &last);
		sb_addr_store(to++, first);
		sb_addr_store(to++, last);
	}
	if (!dump->set->labels.of6)
		return 0;
	return nla_put(skb, SITBROKER_A_CHUNK_LABELS6, n * sizeof(u32),
		       dump->set->labels.of6 + dump->at);
}

/**
 * struct sb_nl_part_kind - a packed part
 * @size: bytes of one of it
 * @labelled: and another 4 for a label's index
 * @put: append @n of it from &sb_nl_set_dump.at on
 */
struct sb_nl_part_kind {
	u32 size;
	bool labelled;
	int (*put)(struct sk_buff *skb, const struct sb_nl_set_dump *dump, u32 n);
};

static const struct sb_nl_part_kind sb_nl_part_kinds[] = {
	[SB_NL_PART_STRINGS] = { 1, false, sb_nl_put_strings },
	[SB_NL_PART_RANGES4] = { 2 * sizeof(__be32), true, sb_nl_put_ranges4 },
	[SB_NL_PART_RANGES6] = { 2 * sizeof(struct in6_addr), true, sb_nl_put_ranges6 },
};

static u32 sb_nl_part_total(const struct sb_nl_set_dump *dump)
{
	switch (dump->part) {
	case SB_NL_PART_STRINGS:
		return dump->set->labels.size;
	case SB_NL_PART_RANGES4:
		return dump->set->ranges4.n;
	case SB_NL_PART_RANGES6:
		return dump->set->ranges6.n;
	default:
		return 0;
	}
}

/* As much of a part as there is room for. */
static int sb_nl_put_part(struct sk_buff *skb, struct sb_nl_set_dump *dump)
{
	const struct sb_nl_part_kind *kind = &sb_nl_part_kinds[dump->part];
	u32 size = kind->size + (kind->labelled && dump->set->labels.n ? sizeof(u32) : 0);
	u32 left = sb_nl_part_total(dump) - dump->at, n;
	int room = skb_tailroom(skb) - SB_NL_PART_HEADERS;
	struct nlattr *nest;

	n = room > 0 ? min(left, room / size) : 0;
	if (n < left && n * size < SB_NL_PART_MIN)
		return -EMSGSIZE;
	nest = nla_nest_start(skb, SITBROKER_A_CHUNK);
	if (!nest || kind->put(skb, dump, n))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	dump->at += n;
	return 0;
}

/* One message of a dump. */
static int sb_nl_fill_part(struct sk_buff *skb, struct netlink_callback *cb,
			   int (*put)(struct sk_buff *skb, struct sb_nl_set_dump *dump),
			   struct sb_nl_set_dump *dump)
{
	const struct genlmsghdr *request = nlmsg_data(cb->nlh);
	const struct sb_nl_message message = {
		.portid = NETLINK_CB(cb->skb).portid,
		.seq = cb->nlh->nlmsg_seq,
		.flags = NLM_F_MULTI,
		.cmd = request->cmd,
	};
	void *header = sb_nl_begin(skb, &message, NULL);

	if (!header)
		return -EMSGSIZE;
	if (put(skb, dump)) {
		genlmsg_cancel(skb, header);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, header);
	return 0;
}

static int sb_nl_put_next(struct sk_buff *skb, struct sb_nl_set_dump *dump)
{
	return dump->part == SB_NL_PART_LIST ? sb_nl_put_list_part(skb, dump)
					     : sb_nl_put_part(skb, dump);
}

int sitbroker_nl_filter_range_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct sb_nl_set_dump *dump = *sb_nl_set_dump(cb);

	while (dump->part < SB_NL_PART_END) {
		if (dump->part == SB_NL_PART_LIST || dump->at < sb_nl_part_total(dump)) {
			if (sb_nl_fill_part(skb, cb, sb_nl_put_next, dump))
				return skb->len ? skb->len : -EMSGSIZE;
		}
		if (dump->at == sb_nl_part_total(dump)) {
			dump->part++;
			dump->at = 0;
		}
	}
	return skb->len;
}

static int sb_nl_put_label(struct sk_buff *skb, const struct sb_filter_set *set, u32 i, u64 hits)
{
	struct nlattr *nest = nla_nest_start(skb, SITBROKER_A_FILTER_LABEL);

	if (!nest || nla_put_u32(skb, SITBROKER_A_LABEL_INDEX, i) ||
	    nla_put_string(skb, SITBROKER_A_LABEL_NAME, sb_filter_label(set, i)) ||
	    sb_nl_put_u64(skb, SITBROKER_A_LABEL_HITS, hits)) {
		if (nest)
			nla_nest_cancel(skb, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	return 0;
}

/* As many labels as there is room for; -EMSGSIZE where not even one fits. */
static int sb_nl_put_labels(struct sk_buff *skb, struct sb_nl_set_dump *dump)
{
	struct nlattr *nest = nla_nest_start(skb, SITBROKER_A_FILTER);
	const struct sb_filter_set *set = dump->set;
	u32 n = 0;
	u64 hits;

	if (!nest || nla_put_string(skb, SITBROKER_A_FILTER_NAME, dump->name))
		return -EMSGSIZE;
	for (; dump->at < set->labels.n; dump->at++) {
		hits = atomic64_read(&set->labels.hits[dump->at]);
		if (dump->hit && !hits)
			continue;
		if (sb_nl_put_label(skb, set, dump->at, hits)) {
			if (!n)
				return -EMSGSIZE;
			break;
		}
		n++;
	}
	nla_nest_end(skb, nest);
	return 0;
}

int sitbroker_nl_filter_label_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct sb_nl_set_dump *dump = *sb_nl_set_dump(cb);

	while (dump->at < dump->set->labels.n)
		if (sb_nl_fill_part(skb, cb, sb_nl_put_labels, dump))
			return skb->len ? skb->len : -EMSGSIZE;
	return skb->len;
}
