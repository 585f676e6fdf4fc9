// SPDX-License-Identifier: GPL-2.0
/*
 * The least that a list of clients can cost, what row 14 is read against: of as
 * many clients the same attributes that sitbroker has of its own, one after the
 * other, but always with the same values. Nothing is looked up or read.
 */

#include <linux/module.h>
#include <net/genetlink.h>
#include <net/ipv6.h>
#include <uapi/linux/sitbroker.h>

static unsigned int clients;
module_param(clients, uint, 0444);
MODULE_PARM_DESC(clients, "how many are listed");

static struct genl_family dump_family;

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

static int dump_clients(struct sk_buff *skb, struct netlink_callback *cb)
{
	void *header;

	if (cb->args[0] == clients)
		return 0;
	header = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq, &dump_family,
			     NLM_F_MULTI, SITBROKER_CMD_CLIENT_GET);
	if (!header)
		return -EMSGSIZE;
	while (cb->args[0] < clients && !dump_put_client(skb))
		cb->args[0]++;
	genlmsg_end(skb, header);
	return skb->len;
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

static int __init dump_init(void)
{
	return genl_register_family(&dump_family);
}
module_init(dump_init);

static void __exit dump_exit(void)
{
	genl_unregister_family(&dump_family);
}
module_exit(dump_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("The least that a list of clients costs");
