// SPDX-License-Identifier: GPL-2.0
/*
 * The least that a list of clients can cost, what row 14 is read against: of as
 * many clients the same attributes that sitbroker has of its own, one after the
 * other, but always with the same values. Nothing is looked up or read. The family
 * sitbroker_dump puts each attribute by a call of its own, sitbroker_block copies all
 * of a client as one block, and then fills in what differs between clients.
 */

#include <linux/module.h>
#include <net/genetlink.h>
#include <net/ipv6.h>
#include <uapi/linux/sitbroker.h>

static unsigned int clients;
module_param(clients, uint, 0444);
MODULE_PARM_DESC(clients, "how many are listed");

static struct genl_family dump_family;
static struct genl_family dump_block_family;

static int dump_put_prefix(struct sk_buff *skb)
{
	struct nlattr *nest = nla_nest_start(skb, SITBROKER_A_CLIENT_ROUTED);

	if (!nest ||
	    nla_put_in6_addr(skb, SITBROKER_A_PREFIX_ADDRESS, &in6addr_linklocal_allnodes) ||
	    nla_put_u8(skb, SITBROKER_A_PREFIX_LENGTH, 64))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int dump_put_u64(struct sk_buff *skb, int type)
{
	const u64 value = 0;

	return nla_put(skb, type, sizeof(value), &value);
}

/* The attributes of a client that has never sent nor received. */
static int dump_put_client(struct sk_buff *skb)
{
	struct nlattr *nest = nla_nest_start(skb, SITBROKER_A_CLIENT);

	if (!nest)
		return -EMSGSIZE;
	if (nla_put_u32(skb, SITBROKER_A_CLIENT_ID, 77777) ||
	    nla_put_string(skb, SITBROKER_A_CLIENT_NAME, "c77777") ||
	    nla_put_in_addr(skb, SITBROKER_A_CLIENT_ENDPOINT, 0) ||
	    nla_put_in6_addr(skb, SITBROKER_A_CLIENT_PAIR, &in6addr_linklocal_allnodes) ||
	    nla_put_u16(skb, SITBROKER_A_CLIENT_MTU, 1480) ||
	    nla_put_flag(skb, SITBROKER_A_CLIENT_MTU_AUTO) ||
	    nla_put_u8(skb, SITBROKER_A_CLIENT_PMTUDISC, 0) ||
	    nla_put_u8(skb, SITBROKER_A_CLIENT_FILTER, 1) ||
	    nla_put_u32(skb, SITBROKER_A_CLIENT_STATE, SITBROKER_CLIENT_STATE_ENABLED) ||
	    dump_put_prefix(skb) ||
	    dump_put_u64(skb, SITBROKER_A_CLIENT_RX_PACKETS) ||
	    dump_put_u64(skb, SITBROKER_A_CLIENT_RX_BYTES) ||
	    dump_put_u64(skb, SITBROKER_A_CLIENT_TX_PACKETS) ||
	    dump_put_u64(skb, SITBROKER_A_CLIENT_TX_BYTES)) {
		nla_nest_cancel(skb, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	return 0;
}

/* The attributes of such a client, as they are in the message: headers, and what is behind each. */
struct dump_block {
	struct nlattr client_attr;
	struct nlattr id_attr;
	u32 id;
	struct nlattr name_attr;
	char name[8];
	struct nlattr endpoint_attr;
	__be32 endpoint;
	struct nlattr pair_attr;
	struct in6_addr pair;
	struct nlattr mtu_attr;
	u16 mtu;
	u16 mtu_padding;
	struct nlattr mtu_auto_attr;
	struct nlattr pmtudisc_attr;
	u8 pmtudisc;
	u8 pmtudisc_padding[3];
	struct nlattr filter_attr;
	u8 filter;
	u8 filter_padding[3];
	struct nlattr state_attr;
	u32 state;
	struct nlattr routed_attr;
	struct nlattr address_attr;
	struct in6_addr address;
	struct nlattr length_attr;
	u8 length;
	u8 length_padding[3];
	struct nlattr rx_packets_attr;
	u64 rx_packets;
	struct nlattr rx_bytes_attr;
	u64 rx_bytes;
	struct nlattr tx_packets_attr;
	u64 tx_packets;
	struct nlattr tx_bytes_attr;
	u64 tx_bytes;
} __packed __aligned(NLA_ALIGNTO);

#define DUMP_ATTR(type, len)	{ .nla_type = (type), .nla_len = NLA_HDRLEN + (len) }
#define DUMP_PREFIX_SIZE	(offsetof(struct dump_block, rx_packets_attr) - \
				 offsetof(struct dump_block, address_attr))

static const struct dump_block dump_block = {
	.client_attr = DUMP_ATTR(SITBROKER_A_CLIENT | NLA_F_NESTED,
				 sizeof(struct dump_block) - NLA_HDRLEN),
	.id_attr = DUMP_ATTR(SITBROKER_A_CLIENT_ID, 4),
	.name_attr = DUMP_ATTR(SITBROKER_A_CLIENT_NAME, sizeof("c77777")),
	.endpoint_attr = DUMP_ATTR(SITBROKER_A_CLIENT_ENDPOINT, 4),
	.pair_attr = DUMP_ATTR(SITBROKER_A_CLIENT_PAIR, 16),
	.mtu_attr = DUMP_ATTR(SITBROKER_A_CLIENT_MTU, 2),
	.mtu_auto_attr = DUMP_ATTR(SITBROKER_A_CLIENT_MTU_AUTO, 0),
	.pmtudisc_attr = DUMP_ATTR(SITBROKER_A_CLIENT_PMTUDISC, 1),
	.filter_attr = DUMP_ATTR(SITBROKER_A_CLIENT_FILTER, 1),
	.state_attr = DUMP_ATTR(SITBROKER_A_CLIENT_STATE, 4),
	.routed_attr = DUMP_ATTR(SITBROKER_A_CLIENT_ROUTED | NLA_F_NESTED, DUMP_PREFIX_SIZE),
	.address_attr = DUMP_ATTR(SITBROKER_A_PREFIX_ADDRESS, 16),
	.length_attr = DUMP_ATTR(SITBROKER_A_PREFIX_LENGTH, 1),
	.rx_packets_attr = DUMP_ATTR(SITBROKER_A_CLIENT_RX_PACKETS, 8),
	.rx_bytes_attr = DUMP_ATTR(SITBROKER_A_CLIENT_RX_BYTES, 8),
	.tx_packets_attr = DUMP_ATTR(SITBROKER_A_CLIENT_TX_PACKETS, 8),
	.tx_bytes_attr = DUMP_ATTR(SITBROKER_A_CLIENT_TX_BYTES, 8),
};

/* The same, at once. */
static int dump_put_block(struct sk_buff *skb)
{
	struct dump_block *block;

	if (skb_tailroom(skb) < sizeof(*block))
		return -EMSGSIZE;
	block = skb_put(skb, sizeof(*block));
	*block = dump_block;
	/* Where the compiler could know the values, it would have them in the block. */
	OPTIMIZER_HIDE_VAR(block);
	block->id = 77777;
	memcpy(block->name, "c77777", sizeof("c77777"));
	block->endpoint = 0;
	block->pair = in6addr_linklocal_allnodes;
	block->mtu = 1480;
	block->pmtudisc = 0;
	block->filter = 1;
	block->state = SITBROKER_CLIENT_STATE_ENABLED;
	block->address = in6addr_linklocal_allnodes;
	block->length = 64;
	block->rx_packets = 0;
	block->rx_bytes = 0;
	block->tx_packets = 0;
	block->tx_bytes = 0;
	return 0;
}

static int dump_list(struct sk_buff *skb, struct netlink_callback *cb,
		     const struct genl_family *family, int (*put)(struct sk_buff *skb))
{
	void *header;

	if (cb->args[0] == clients)
		return 0;
	header = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq, family,
			     NLM_F_MULTI, SITBROKER_CMD_CLIENT_GET);
	if (!header)
		return -EMSGSIZE;
	while (cb->args[0] < clients && !put(skb))
		cb->args[0]++;
	genlmsg_end(skb, header);
	return skb->len;
}

static int dump_clients(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dump_list(skb, cb, &dump_family, dump_put_client);
}

static int dump_blocks(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dump_list(skb, cb, &dump_block_family, dump_put_block);
}

static const struct genl_ops dump_ops[] = {
	{
		.cmd = SITBROKER_CMD_CLIENT_GET,
		.validate = GENL_DONT_VALIDATE_STRICT | GENL_DONT_VALIDATE_DUMP,
		.dumpit = dump_clients,
	},
};

static struct genl_family dump_family = {
	.name = "sitbroker_dump",
	.version = 1,
	.netnsok = true,
	.parallel_ops = true,
	.module = THIS_MODULE,
	.ops = dump_ops,
	.n_ops = ARRAY_SIZE(dump_ops),
	/* What is asked for is not looked at. */
	.resv_start_op = SITBROKER_CMD_CLIENT_GET + 1,
};

static const struct genl_ops dump_block_ops[] = {
	{
		.cmd = SITBROKER_CMD_CLIENT_GET,
		.validate = GENL_DONT_VALIDATE_STRICT | GENL_DONT_VALIDATE_DUMP,
		.dumpit = dump_blocks,
	},
};

static struct genl_family dump_block_family = {
	.name = "sitbroker_block",
	.version = 1,
	.netnsok = true,
	.parallel_ops = true,
	.module = THIS_MODULE,
	.ops = dump_block_ops,
	.n_ops = ARRAY_SIZE(dump_block_ops),
	.resv_start_op = SITBROKER_CMD_CLIENT_GET + 1,
};

static int __init dump_init(void)
{
	int err = genl_register_family(&dump_family);

	if (err)
		return err;
	err = genl_register_family(&dump_block_family);
	if (err)
		genl_unregister_family(&dump_family);
	return err;
}
module_init(dump_init);

static void __exit dump_exit(void)
{
	genl_unregister_family(&dump_block_family);
	genl_unregister_family(&dump_family);
}
module_exit(dump_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("The least that a list of clients costs");
