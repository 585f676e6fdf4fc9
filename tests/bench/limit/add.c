// SPDX-License-Identifier: GPL-2.0
/*
 * The least that adding clients can cost, what row 12 is read against: the attributes
 * of each are parsed, 160 bytes come from the allocator, and where its name and its
 * endpoint lead in tables that never have to grow, is looked at and written. Two
 * prefixes and the id are entered one behind the other. Nothing is checked, and who
 * has the same name takes the other's place.
 */

#include <linux/hash.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/stringhash.h>
#include <linux/vmalloc.h>
#include <net/genetlink.h>
#include <uapi/linux/sitbroker.h>

static unsigned int clients;
module_param(clients, uint, 0444);
MODULE_PARM_DESC(clients, "how many may be added");

/* As large as sitbroker's own. */
struct add_client {
	char name[32];
	__be32 endpoint;
	u8 rest[124];
};

struct add_place {
	u32 hash;
	u32 id;
};

static struct kmem_cache *add_cache;
static DEFINE_MUTEX(add_lock);
/* All below is protected by add_lock. */
static struct add_client **add_clients, **add_pairs, **add_routed;
static struct add_place *add_names, *add_endpoints;
static unsigned int add_count;

static const struct nla_policy add_policy[] = {
	[SITBROKER_A_CLIENT_NAME] = { .type = NLA_NUL_STRING, .len = 31 },
	[SITBROKER_A_CLIENT_ENDPOINT] = { .type = NLA_BE32 },
};

static struct genl_family add_family;

/* A place by hash, of as many as leave a third free. */
static void add_enter(struct add_place *places, u32 hash, u32 id)
{
	struct add_place *place = &places[reciprocal_scale(hash, clients + clients / 2)];

	if (place->hash != hash || place->id != id)
		*place = (struct add_place){ .hash = hash, .id = id };
}

static int add_one(const struct nlattr *nest, struct netlink_ext_ack *extack)
{
	struct nlattr *attrs[SITBROKER_A_CLIENT_ENDPOINT + 1];
	struct add_client *client;
	const char *name;
	u32 id;
	int err;

	err = nla_parse_nested(attrs, SITBROKER_A_CLIENT_ENDPOINT, nest, add_policy, extack);
	if (err)
		return err;
	if (!attrs[SITBROKER_A_CLIENT_NAME] || !attrs[SITBROKER_A_CLIENT_ENDPOINT] ||
	    add_count == clients)
		return -EINVAL;
	client = kmem_cache_zalloc(add_cache, GFP_KERNEL_ACCOUNT);
	if (!client)
		return -ENOMEM;
	name = nla_data(attrs[SITBROKER_A_CLIENT_NAME]);
	strscpy(client->name, name, sizeof(client->name));
	client->endpoint = nla_get_be32(attrs[SITBROKER_A_CLIENT_ENDPOINT]);
	id = ++add_count;
	add_clients[id - 1] = client;
	add_pairs[id - 1] = client;
	add_routed[id - 1] = client;
	add_enter(add_names, full_name_hash(NULL, name, strlen(name)), id);
	add_enter(add_endpoints, hash_32((__force u32)client->endpoint, 32), id);
	return 0;
}

static int add_doit(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *nest;
	int err = 0, left;

	mutex_lock(&add_lock);
	nlmsg_for_each_attr(nest, info->nlhdr, GENL_HDRLEN, left) {
		if (nla_type(nest) == SITBROKER_A_CLIENT)
			err = add_one(nest, info->extack);
		if (err)
			break;
	}
	mutex_unlock(&add_lock);
	return err;
}

static const struct genl_ops add_ops[] = {
	{
		.cmd = SITBROKER_CMD_CLIENT_NEW,
		.validate = GENL_DONT_VALIDATE_STRICT | GENL_DONT_VALIDATE_DUMP,
		.doit = add_doit,
	},
};

static struct genl_family add_family = {
	.name = "sitbroker_add",
	.version = 1,
	.netnsok = true,
	.module = THIS_MODULE,
	.ops = add_ops,
	.n_ops = ARRAY_SIZE(add_ops),
	/* The message as a whole is not validated. */
	.resv_start_op = SITBROKER_CMD_CLIENT_NEW + 1,
};

static void add_free(void)
{
	while (add_count)
		kmem_cache_free(add_cache, add_clients[--add_count]);
	kmem_cache_destroy(add_cache);
	vfree(add_clients);
	vfree(add_pairs);
	vfree(add_routed);
	vfree(add_names);
	vfree(add_endpoints);
}

static int __init add_init(void)
{
	int err = -ENOMEM;

	if (!clients)
		return -EINVAL;
	/* kmalloc() would have 192 bytes for that. */
	add_cache = KMEM_CACHE(add_client, 0);
	add_clients = vcalloc(clients, sizeof(*add_clients));
	add_pairs = vcalloc(clients, sizeof(*add_pairs));
	add_routed = vcalloc(clients, sizeof(*add_routed));
	add_names = vcalloc(clients + clients / 2, sizeof(*add_names));
	add_endpoints = vcalloc(clients + clients / 2, sizeof(*add_endpoints));
	if (add_cache && add_clients && add_pairs && add_routed && add_names && add_endpoints)
		err = genl_register_family(&add_family);
	if (err)
		add_free();
	return err;
}
module_init(add_init);

static void __exit add_exit(void)
{
	genl_unregister_family(&add_family);
	add_free();
}
module_exit(add_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("The least that adding clients costs");
