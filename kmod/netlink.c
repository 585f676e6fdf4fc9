// SPDX-License-Identifier: GPL-2.0
/*
 * The generic netlink family: what its commands share, and the link itself.
 *
 * A request takes &sb_net.lock, finds its link, checks the generation, parses,
 * acts, counts the generation up, notifies. Links leave under the same lock, so
 * that nothing here needs a reference.
 */

#include <net/genetlink.h>
#include <net/ipv6.h>

#include "drop.h"
#include "extack.h"
#include "link.h"
#include "net.h"
#include "netlink.h"
#include "netlink-block.h"

/* Room for a client with as many routed prefixes as there can be. */
#define SB_NL_REPLY_SIZE	(16 * 1024)

static struct sb_link *sb_nl_link_by_index(struct sb_net *sbn, int ifindex)
{
	struct sb_link *link;

	list_for_each_entry(link, &sbn->links, list)
		if (link->dev->ifindex == ifindex)
			return link;
	return NULL;
}

/* What a sentence calls a device: by its name, or its number where none has that. */
const char *sb_nl_device(const struct sb_net *sbn, u32 ifindex, char text[IFNAMSIZ])
{
	struct net_device *dev;

	rcu_read_lock();
	dev = dev_get_by_index_rcu(sbn->net, ifindex);
	if (dev)
		strscpy(text, dev->name, IFNAMSIZ);
	else
		snprintf(text, IFNAMSIZ, "%u", ifindex);
	rcu_read_unlock();
	return text;
}

/* The link with the ifindex in an attribute, without one the only link; or an ERR_PTR(). */
struct sb_link *sb_nl_link(struct sb_net *sbn, const struct nlattr *attr,
			   struct netlink_ext_ack *extack)
{
	struct sb_link *link;
	char name[IFNAMSIZ];
	u32 ifindex;

	lockdep_assert_held(&sbn->lock);

	if (attr) {
		ifindex = nla_get_u32(attr);
		link = sb_nl_link_by_index(sbn, ifindex);
		if (link)
			return link;
		NL_SET_BAD_ATTR(extack, attr);
		sb_refuse(extack, -ENODEV,
			  "interface %s is no sitbroker link; see brokertool link show",
			  sb_nl_device(sbn, ifindex, name));
		return ERR_PTR(-ENODEV);
	}
	if (!sbn->n_links) {
		sb_refuse(extack, -ENODEV,
			  "there is no sitbroker link; add one with brokertool link add NAME local ADDRESS");
		return ERR_PTR(-ENODEV);
	}
	if (sbn->n_links > 1) {
		sb_refuse(extack, -EINVAL,
			  "there are %u sitbroker links; say which one with dev LINK",
			  sbn->n_links);
		return ERR_PTR(-EINVAL);
	}
	return list_first_entry(&sbn->links, struct sb_link, list);
}

/* Has nobody changed the link since the generation that the request names? */
static int sb_nl_check_generation(const struct sb_link *link, struct nlattr **attrs,
				  struct netlink_ext_ack *extack)
{
	u32 generation;

	if (!attrs[SITBROKER_A_GENERATION])
		return 0;
	generation = nla_get_u32(attrs[SITBROKER_A_GENERATION]);
	if (generation == link->generation)
		return 0;
	NL_SET_BAD_ATTR(extack, attrs[SITBROKER_A_GENERATION]);
	return sb_refuse(extack, -ESTALE,
			 "link %s was changed meanwhile: its generation is %u, not %u; read it again",
			 link->dev->name, link->generation, generation);
}

/**
 * sb_nl_change() - carry out a request that changes a link
 * @info: the request
 * @change: does it; holds &sb_net.lock
 *
 * Return: 0 or a negative error number, and then nothing has changed.
 */
int sb_nl_change(struct genl_info *info,
		 int (*change)(struct sb_link *link, struct genl_info *info))
{
	struct sb_net *sbn = sb_net(genl_info_net(info));
	struct sb_link *link;
	int err;

	mutex_lock(&sbn->lock);
	link = sb_nl_link(sbn, info->attrs[SITBROKER_A_IFINDEX], info->extack);
	err = PTR_ERR_OR_ZERO(link);
	if (!err)
		err = sb_nl_check_generation(link, info->attrs, info->extack);
	if (!err)
		err = change(link, info);
	mutex_unlock(&sbn->lock);
	return err;
}

/**
 * sb_nl_get() - answer a request with one message
 * @info: the request
 * @fill: write the answer; holds &sb_net.lock
 *
 * Return: 0 or a negative error number.
 */
int sb_nl_get(struct genl_info *info,
	      int (*fill)(struct sk_buff *skb, const struct sb_nl_message *message,
			  struct sb_link *link, struct genl_info *info))
{
	const struct sb_nl_message message = {
		.portid = info->snd_portid,
		.seq = info->snd_seq,
		.cmd = info->genlhdr->cmd,
	};
	struct sb_net *sbn = sb_net(genl_info_net(info));
	struct sk_buff *reply;
	struct sb_link *link;
	int err;

	reply = nlmsg_new(SB_NL_REPLY_SIZE, GFP_KERNEL);
	if (!reply)
		return sb_refuse(info->extack, -ENOMEM, "no memory for the answer");

	mutex_lock(&sbn->lock);
	link = sb_nl_link(sbn, info->attrs[SITBROKER_A_IFINDEX], info->extack);
	err = IS_ERR(link) ? PTR_ERR(link) : fill(reply, &message, link, info);
	mutex_unlock(&sbn->lock);
	if (err) {
		nlmsg_free(reply);
		return err;
	}
	return genlmsg_reply(reply, info);
}

/**
 * sb_nl_parse() - parse a nest of a request
 * @tb: where to put its attributes
 * @max: largest attribute type
 * @nest: the nest; generic netlink validated what is in it, by the request's own policy, and
 *	that there are no attributes beyond @max
 * @allowed: bit mask of the attribute types that the command takes
 * @extack: why it was refused
 *
 * Return: 0 or a negative error number.
 */
int sb_nl_parse(struct nlattr **tb, int max, const struct nlattr *nest, u64 allowed,
		struct netlink_ext_ack *extack)
{
	struct nlattr *attr;
	int rest;

	memset(tb, 0, (max + 1) * sizeof(*tb));
	nla_for_each_nested(attr, nest, rest) {
		if (nla_type(attr) > max || !(allowed & BIT_ULL(nla_type(attr)))) {
			NL_SET_BAD_ATTR(extack, attr);
			return sb_refuse(extack, -EINVAL,
					 "attribute %d cannot be given in this request; leave it out",
					 nla_type(attr));
		}
		tb[nla_type(attr)] = attr;
	}
	return 0;
}

int sb_nl_get_prefix(const struct nlattr *nest, struct sb_prefix *prefix,
		     struct netlink_ext_ack *extack)
{
	struct nlattr *tb[SITBROKER_A_PREFIX_LENGTH + 1];
	int err;

	err = nla_parse_nested(tb, SITBROKER_A_PREFIX_LENGTH, nest, sitbroker_prefix_nl_policy,
			       extack);
	if (err)
		return err;
	if (!tb[SITBROKER_A_PREFIX_ADDRESS] || !tb[SITBROKER_A_PREFIX_LENGTH]) {
		NL_SET_BAD_ATTR(extack, nest);
		return sb_refuse(extack, -EINVAL, "a prefix needs an address and a length");
	}
	prefix->addr = nla_get_in6_addr(tb[SITBROKER_A_PREFIX_ADDRESS]);
	prefix->len = nla_get_u8(tb[SITBROKER_A_PREFIX_LENGTH]);
	return 0;
}

/*
 * Message header, link and generation; @link is NULL where it is about none.
 * Return: what genlmsg_end() wants, or NULL.
 */
void *sb_nl_begin(struct sk_buff *skb, const struct sb_nl_message *message,
		  const struct sb_link *link)
{
	void *header = genlmsg_put(skb, message->portid, message->seq, &sitbroker_nl_family,
				   message->flags, message->cmd);

	if (!header)
		return NULL;
	if (message->cb)
		genl_dump_check_consistent(message->cb, header);
	if (link && (nla_put_u32(skb, SITBROKER_A_IFINDEX, link->dev->ifindex) ||
		     nla_put_u32(skb, SITBROKER_A_GENERATION, link->generation))) {
		genlmsg_cancel(skb, header);
		return NULL;
	}
	return header;
}

/**
 * struct sb_nl_prefix - a prefix in a message
 * @nest: what it is of
 * @address: first address
 * @length: in bits
 */
struct sb_nl_prefix {
	struct nlattr nest;
	struct sb_attr_in6_addr address;
	struct sb_attr_u8 length;
};

int sb_nl_put_prefix(struct sk_buff *skb, int type, const struct in6_addr *addr, u8 len)
{
	struct sb_nl_prefix *prefix = sb_nl_append(skb, sizeof(*prefix));

	if (!prefix)
		return -EMSGSIZE;
	*prefix = (struct sb_nl_prefix) {
		.nest = SB_ATTR_HEADER(type | NLA_F_NESTED, sizeof(*prefix) - NLA_HDRLEN),
		.address = SB_ATTR(in6_addr, SITBROKER_A_PREFIX_ADDRESS, *addr),
		.length = SB_ATTR(u8, SITBROKER_A_PREFIX_LENGTH, len),
	};
	return 0;
}

int sb_nl_put_u64(struct sk_buff *skb, int type, u64 value)
{
	/* Unpadded: every reader copies 64-bit values out. */
	return nla_put(skb, type, sizeof(value), &value);
}

/* A drop counter; none where it is zero. */
int sb_nl_put_drop(struct sk_buff *skb, int type, u32 reason, u64 packets)
{
	struct nlattr *nest;

	if (!packets)
		return 0;
	nest = nla_nest_start(skb, type);
	if (!nest || nla_put_u32(skb, SITBROKER_A_DROP_REASON, reason) ||
	    sb_nl_put_u64(skb, SITBROKER_A_DROP_PACKETS, packets))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

bool sb_nl_has_listeners(const struct sb_net *sbn)
{
	return genl_has_listeners(&sitbroker_nl_family, sbn->net, SITBROKER_NLGRP_CONFIG);
}

/*
 * Tell listeners; @skb is NULL where there was no memory for the message. They
 * are told that, too: reading their socket fails with ENOBUFS.
 */
void sb_nl_notify(const struct sb_net *sbn, struct sk_buff *skb)
{
	if (!skb) {
		genl_set_err(&sitbroker_nl_family, sbn->net, 0, SITBROKER_NLGRP_CONFIG, -ENOBUFS);
		return;
	}
	genlmsg_multicast_netns(&sitbroker_nl_family, sbn->net, skb, 0, SITBROKER_NLGRP_CONFIG,
				GFP_KERNEL);
}

/**
 * sb_nl_dump_links() - dump something of one link, or of all
 * @skb: message to fill
 * @cb: the dump
 * @dump_link: dump what is left of one link from @dump on; returns 0 when done,
 *	-EMSGSIZE to go on in the next message
 *
 * Dumps resume by index, id or address, so that entries which come and go
 * meanwhile neither hide nor repeat others; a changed generation is reported
 * as an inconsistent dump.
 *
 * Return: as netlink wants it.
 */
int sb_nl_dump_links(struct sk_buff *skb, struct netlink_callback *cb,
		     int (*dump_link)(struct sk_buff *skb, const struct sb_nl_message *message,
				      struct sb_link *link, struct sb_nl_dump *dump))
{
	const struct genlmsghdr *request = nlmsg_data(cb->nlh);
	const struct sb_nl_message message = {
		.portid = NETLINK_CB(cb->skb).portid,
		.seq = cb->nlh->nlmsg_seq,
		.flags = NLM_F_MULTI,
		.cmd = request->cmd,
		.cb = cb,
	};
	struct nlattr **attrs = sb_compat_dump_attrs(cb);
	struct sb_nl_dump *dump = (void *)cb->ctx;
	struct sb_net *sbn = sb_net(sock_net(skb->sk));
	struct sb_link *link, *only = NULL;
	bool resuming = dump->link;
	u32 generations = 0;
	int err = 0;

	BUILD_BUG_ON(sizeof(*dump) > sizeof(cb->ctx));

	mutex_lock(&sbn->lock);
	if (attrs && attrs[SITBROKER_A_IFINDEX]) {
		only = sb_nl_link(sbn, attrs[SITBROKER_A_IFINDEX], cb->extack);
		if (IS_ERR(only)) {
			mutex_unlock(&sbn->lock);
			return PTR_ERR(only);
		}
	}
	list_for_each_entry(link, &sbn->links, list)
		generations += link->generation + 1;
	cb->seq = generations;

	list_for_each_entry(link, &sbn->links, list) {
		if (dump->finished || (only && link != only))
			continue;
		if (resuming && dump->link != link->dev->ifindex)
			continue;
		if (!resuming)
			*dump = (struct sb_nl_dump) { .link = link->dev->ifindex };
		resuming = false;
		err = dump_link(skb, &message, link, dump);
		if (err)
			break;
	}
	if (!err)
		dump->finished = true;
	mutex_unlock(&sbn->lock);
	return err == -EMSGSIZE && skb->len ? skb->len : err;
}

static int sb_nl_put_link_settings(struct sk_buff *skb, const struct sb_link *link)
{
	const struct net_device *dev = link->dev;

	if (nla_put_u32(skb, SITBROKER_A_LINK_IFINDEX, dev->ifindex) ||
	    nla_put_string(skb, SITBROKER_A_LINK_IFNAME, dev->name) ||
	    nla_put_in_addr(skb, SITBROKER_A_LINK_LOCAL, link->local) ||
	    nla_put_in_addr(skb, SITBROKER_A_LINK_PUBLIC, link->public) ||
	    nla_put_u32(skb, SITBROKER_A_LINK_POOLS, link->n_pools) ||
	    nla_put_u32(skb, SITBROKER_A_LINK_CLIENTS, link->n_clients) ||
	    nla_put_u8(skb, SITBROKER_A_LINK_TTL, link->ttl) ||
	    nla_put_u8(skb, SITBROKER_A_LINK_TOS, link->tos) ||
	    nla_put_u8(skb, SITBROKER_A_LINK_TOS_INHERIT, link->tos_inherit) ||
	    nla_put_u32(skb, SITBROKER_A_LINK_MTU, READ_ONCE(dev->mtu)) ||
	    nla_put_u8(skb, SITBROKER_A_LINK_UP, !!(READ_ONCE(dev->flags) & IFF_UP)) ||
	    nla_put_u8(skb, SITBROKER_A_LINK_ISOLATE, link->isolate) ||
	    nla_put_u32(skb, SITBROKER_A_LINK_CLIENTS_MAX, link->clients_max) ||
	    nla_put_u32(skb, SITBROKER_A_LINK_POOLS_MAX, link->pools_max))
		return -EMSGSIZE;
	return 0;
}

static int sb_nl_put_link_counters(struct sk_buff *skb, const struct sb_link *link)
{
	u64 drops[SB_N_DROP_REASONS];
	struct rtnl_link_stats64 stats = {};
	unsigned int reason;

	dev_get_tstats64(link->dev, &stats);
	if (sb_nl_put_u64(skb, SITBROKER_A_LINK_RX_PACKETS, stats.rx_packets) ||
	    sb_nl_put_u64(skb, SITBROKER_A_LINK_RX_BYTES, stats.rx_bytes) ||
	    sb_nl_put_u64(skb, SITBROKER_A_LINK_TX_PACKETS, stats.tx_packets) ||
	    sb_nl_put_u64(skb, SITBROKER_A_LINK_TX_BYTES, stats.tx_bytes))
		return -EMSGSIZE;
	sb_link_drops_read(link, drops);
	for (reason = 0; reason < ARRAY_SIZE(drops); reason++)
		if (sb_nl_put_drop(skb, SITBROKER_A_LINK_DROP, reason, drops[reason]))
			return -EMSGSIZE;
	return 0;
}

static int sb_nl_fill_link(struct sk_buff *skb, const struct sb_nl_message *message,
			   const struct sb_link *link)
{
	void *header = sb_nl_begin(skb, message, link);
	struct nlattr *nest;

	if (!header)
		return -EMSGSIZE;
	nest = nla_nest_start(skb, SITBROKER_A_LINK);
	if (!nest || sb_nl_put_link_settings(skb, link) || sb_nl_put_link_counters(skb, link)) {
		genlmsg_cancel(skb, header);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	genlmsg_end(skb, header);
	return 0;
}

/* Tell listeners about a link; the caller holds &sb_net.lock. */
void sb_nl_notify_link(const struct sb_link *link, u8 cmd)
{
	const struct sb_nl_message message = { .cmd = cmd };
	struct sk_buff *skb;

	if (!sb_nl_has_listeners(link->sbn))
		return;
	skb = nlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (skb && sb_nl_fill_link(skb, &message, link)) {
		nlmsg_free(skb);
		skb = NULL;
	}
	sb_nl_notify(link->sbn, skb);
}

static int sb_nl_get_link(struct sk_buff *skb, const struct sb_nl_message *message,
			  struct sb_link *link, struct genl_info *info)
{
	return sb_nl_fill_link(skb, message, link);
}

int sitbroker_nl_link_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sb_nl_get(info, sb_nl_get_link);
}

static int sb_nl_dump_link(struct sk_buff *skb, const struct sb_nl_message *message,
			   struct sb_link *link, struct sb_nl_dump *dump)
{
	return sb_nl_fill_link(skb, message, link);
}

int sitbroker_nl_link_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return sb_nl_dump_links(skb, cb, sb_nl_dump_link);
}

/* The generator knows no rights for groups: addresses of clients are not for everybody. */
static const struct genl_multicast_group sb_nl_groups[] = {
	[SITBROKER_NLGRP_CONFIG] = { .name = "config", .flags = GENL_MCAST_CAP_NET_ADMIN },
};

int sb_nl_register(void)
{
	sitbroker_nl_family.mcgrps = sb_nl_groups;
	return sb_compat_genl_register(&sitbroker_nl_family);
}

void sb_nl_unregister(void)
{
	genl_unregister_family(&sitbroker_nl_family);
}
