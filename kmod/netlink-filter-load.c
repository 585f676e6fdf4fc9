// SPDX-License-Identifier: GPL-2.0
/* The generic netlink family: loads of filter lists. */

#include "extack.h"
#include "filter-load.h"
#include "net.h"
#include "netlink.h"

#define SB_NL_LOAD_BEGIN_ATTRS	(BIT_ULL(SITBROKER_A_LOAD_NAME) |	\
				 BIT_ULL(SITBROKER_A_LOAD_ACTION) |	\
				 BIT_ULL(SITBROKER_A_LOAD_GENERATION) |	\
				 BIT_ULL(SITBROKER_A_LOAD_RANGES4) |	\
				 BIT_ULL(SITBROKER_A_LOAD_RANGES6) |	\
				 BIT_ULL(SITBROKER_A_LOAD_LABELS) |	\
				 BIT_ULL(SITBROKER_A_LOAD_STRINGS) |	\
				 BIT_ULL(SITBROKER_A_LOAD_EMPTY))

static int sb_nl_parse_load(struct genl_info *info, struct nlattr **tb, u64 allowed)
{
	if (GENL_REQ_ATTR_CHECK(info, SITBROKER_A_LOAD))
		return sb_refuse(info->extack, -EINVAL,
				 "the request names no load of a filter list");
	return sb_nl_parse(tb, SITBROKER_A_LOAD_MAX, info->attrs[SITBROKER_A_LOAD], allowed,
			   info->extack);
}

static u32 sb_nl_get_count(const struct nlattr *attr)
{
	return attr ? nla_get_u32(attr) : 0;
}

static int sb_nl_parse_load_config(struct genl_info *info, struct sb_filter_load_config *config)
{
	struct nlattr *tb[SITBROKER_A_LOAD_MAX + 1];
	int err;

	*config = (struct sb_filter_load_config) {};
	err = sb_nl_parse_load(info, tb, SB_NL_LOAD_BEGIN_ATTRS);
	if (err)
		return err;
	if (!tb[SITBROKER_A_LOAD_NAME])
		return sb_refuse(info->extack, -EINVAL, "the filter list has no name; give it one");
	config->name = nla_data(tb[SITBROKER_A_LOAD_NAME]);
	if (tb[SITBROKER_A_LOAD_ACTION]) {
		config->has_action = true;
		config->action = nla_get_u32(tb[SITBROKER_A_LOAD_ACTION]);
	}
	if (tb[SITBROKER_A_LOAD_GENERATION]) {
		config->has_generation = true;
		config->generation = nla_get_u32(tb[SITBROKER_A_LOAD_GENERATION]);
	}
	config->n4 = sb_nl_get_count(tb[SITBROKER_A_LOAD_RANGES4]);
	config->n6 = sb_nl_get_count(tb[SITBROKER_A_LOAD_RANGES6]);
	config->labels = sb_nl_get_count(tb[SITBROKER_A_LOAD_LABELS]);
	config->strings = sb_nl_get_count(tb[SITBROKER_A_LOAD_STRINGS]);
	config->empty = tb[SITBROKER_A_LOAD_EMPTY];
	return 0;
}

static int sb_nl_fill_load(struct sk_buff *skb, const struct sb_nl_message *message, u32 id)
{
	void *header = sb_nl_begin(skb, message, NULL);
	struct nlattr *nest;

	if (!header)
		return -EMSGSIZE;
	nest = nla_nest_start(skb, SITBROKER_A_LOAD);
	if (!nest || nla_put_u32(skb, SITBROKER_A_LOAD_ID, id)) {
		genlmsg_cancel(skb, header);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	genlmsg_end(skb, header);
	return 0;
}

int sitbroker_nl_filter_begin_doit(struct sk_buff *skb, struct genl_info *info)
{
	const struct sb_nl_message message = {
		.portid = info->snd_portid,
		.seq = info->snd_seq,
		.cmd = info->genlhdr->cmd,
	};
	struct sb_net *sbn = sb_net(genl_info_net(info));
	struct sb_filter_load_config config;
	struct sb_filter_load *load;
	struct sk_buff *reply;
	int err;

	err = sb_nl_parse_load_config(info, &config);
	if (err)
		return err;
	reply = nlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (!reply)
		return sb_refuse(info->extack, -ENOMEM, "no memory for the answer");
	load = sb_filter_load_begin(sbn, info->snd_portid, &config, info->extack);
	if (IS_ERR(load)) {
		nlmsg_free(reply);
		return PTR_ERR(load);
	}
	err = sb_nl_fill_load(reply, &message, load->id);
	if (err) {
		sb_filter_load_end(load);
		nlmsg_free(reply);
		return err;
	}
	sb_filter_load_put_back(sbn, load);
	return genlmsg_reply(reply, info);
}

/* The load that a request works on, or an ERR_PTR(). */
static struct sb_filter_load *sb_nl_take_load(struct genl_info *info)
{
	struct nlattr *tb[SITBROKER_A_LOAD_MAX + 1];
	int err;

	err = sb_nl_parse_load(info, tb, BIT_ULL(SITBROKER_A_LOAD_ID));
	if (!err && !tb[SITBROKER_A_LOAD_ID])
		err = sb_refuse(info->extack, -EINVAL,
				"the request does not say which load of a filter list");
	if (err)
		return ERR_PTR(err);
	return sb_filter_load_take(sb_net(genl_info_net(info)), info->snd_portid,
				   nla_get_u32(tb[SITBROKER_A_LOAD_ID]), info->extack);
}

/* The ranges of a family and their labels; @size is that of a range. */
static int sb_nl_parse_ranges(const struct nlattr *ranges, const struct nlattr *labels,
			      unsigned int size, bool labelled, struct netlink_ext_ack *extack,
			      u32 *n)
{
	*n = ranges ? nla_len(ranges) / size : 0;
	if (ranges && nla_len(ranges) % size) {
		NL_SET_BAD_ATTR(extack, ranges);
		return sb_refuse(extack, -EINVAL,
				 "%d bytes are no number of ranges of %u bytes each",
				 nla_len(ranges), size);
	}
	if (labels && !labelled) {
		NL_SET_BAD_ATTR(extack, labels);
		return sb_refuse(extack, -EINVAL,
				 "ranges have labels, but none were announced when the load began");
	}
	if (labelled && (labels ? nla_len(labels) : 0) != *n * sizeof(u32)) {
		NL_SET_BAD_ATTR(extack, labels ? labels : ranges);
		return sb_refuse(extack, -EINVAL,
				 "%u ranges come with %d bytes of label indices; send 4 for each",
				 *n, labels ? nla_len(labels) : 0);
	}
	return 0;
}

static const u8 *sb_nl_data(const struct nlattr *attr)
{
	return attr ? nla_data(attr) : NULL;
}

static int sb_nl_parse_chunk(struct genl_info *info, bool labelled, struct sb_filter_chunk *chunk)
{
	struct nlattr *tb[SITBROKER_A_CHUNK_MAX + 1];
	int err;

	if (GENL_REQ_ATTR_CHECK(info, SITBROKER_A_CHUNK))
		return sb_refuse(info->extack, -EINVAL, "the request holds no part of a list");
	err = nla_parse_nested(tb, SITBROKER_A_CHUNK_MAX, info->attrs[SITBROKER_A_CHUNK],
			       sitbroker_chunk_nl_policy, info->extack);
	if (err)
		return err;
	*chunk = (struct sb_filter_chunk) {
		.ranges4 = sb_nl_data(tb[SITBROKER_A_CHUNK_RANGES4]),
		.ranges6 = sb_nl_data(tb[SITBROKER_A_CHUNK_RANGES6]),
		.labels4 = sb_nl_data(tb[SITBROKER_A_CHUNK_LABELS4]),
		.labels6 = sb_nl_data(tb[SITBROKER_A_CHUNK_LABELS6]),
		.strings = sb_nl_data(tb[SITBROKER_A_CHUNK_STRINGS]),
		.size = tb[SITBROKER_A_CHUNK_STRINGS] ? nla_len(tb[SITBROKER_A_CHUNK_STRINGS]) : 0,
	};
	err = sb_nl_parse_ranges(tb[SITBROKER_A_CHUNK_RANGES4], tb[SITBROKER_A_CHUNK_LABELS4],
				 2 * sizeof(__be32), labelled, info->extack, &chunk->n4);
	if (err)
		return err;
	return sb_nl_parse_ranges(tb[SITBROKER_A_CHUNK_RANGES6], tb[SITBROKER_A_CHUNK_LABELS6],
				  2 * sizeof(struct in6_addr), labelled, info->extack,
				  &chunk->n6);
}

int sitbroker_nl_filter_chunk_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sb_filter_load *load = sb_nl_take_load(info);
	struct sb_filter_chunk chunk;
	int err;

	if (IS_ERR(load))
		return PTR_ERR(load);
	err = sb_nl_parse_chunk(info, load->config.labels, &chunk);
	if (!err)
		err = sb_filter_load_add(load, &chunk, info->extack);
	/* What was in it cannot be told from what came before: there is nothing to go on from. */
	if (err)
		sb_filter_load_end(load);
	else
		sb_filter_load_put_back(sb_net(genl_info_net(info)), load);
	return err;
}

int sitbroker_nl_filter_commit_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sb_filter_load *load = sb_nl_take_load(info);
	int err;

	if (IS_ERR(load))
		return PTR_ERR(load);
	err = sb_filter_load_commit(sb_net(genl_info_net(info)), load, info->extack);
	sb_filter_load_end(load);
	return err;
}

int sitbroker_nl_filter_abort_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sb_filter_load *load = sb_nl_take_load(info);

	if (IS_ERR(load))
		return PTR_ERR(load);
	sb_filter_load_end(load);
	return 0;
}
