// SPDX-License-Identifier: GPL-2.0
/*
 * The least that a filter can cost where sitbroker has its own: what rows 7 and 8
 * are read against. The source of a packet is compared with one number, and that
 * is all. With a table, one word of it is read first, at a place that the source
 * chooses: what does not fit into the caches costs everybody a line of it at least.
 *
 * Nor can anybody do without some steps whose lists have names, belong to devices
 * and are replaced as a whole: from the device to the list, from that to what it
 * holds now, from there to where a few bits of the source lead, and on to a
 * boundary. With a list, these five loads come before the word is compared, each
 * of which says where the next one is. Where a list has a map that rules out most
 * addresses, one word of that takes the place of the last two.
 *
 * Who writes a size in bytes to the parameter "table", 0 for none, "list" or "map",
 * puts this into the network namespace that the write comes from.
 */

#include <linux/cache.h>
#include <linux/gfp.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/netfilter_ipv4.h>
#include <linux/nsproxy.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <net/net_namespace.h>

/**
 * enum limit_kind - what leads from a packet to the word that it is compared with
 * @LIMIT_TABLE: its source; without a table the packet has that word itself
 * @LIMIT_LIST: its device, to a list, what that holds, a bucket of it, and a boundary
 * @LIMIT_MAP: its device, to a list, what that holds, and a map in front of the rest
 */
enum limit_kind {
	LIMIT_TABLE,
	LIMIT_LIST,
	LIMIT_MAP,
};

/* What is in a list, and a list: as much apart in memory as they must be. */
struct limit_set {
	u32 *table;
	u32 lines;
	bool map;
};

struct limit_list {
	struct limit_set *set;
};

/* Devices are told apart by so many bits of their number. */
#define LIMIT_PLACES	64

/**
 * struct limit_filter - a namespace
 * @net: itself
 * @hook: where packets come by
 * @lines: number of cache lines of @table
 * @table: all zeros, in one piece, or NULL
 * @lists: for each device the list, or all NULL
 * @one: the only list, or NULL
 * @node: in limit_filters
 */
struct limit_filter {
	struct net *net;
	struct nf_hook_ops hook;
	u32 lines;
	u32 *table;
	struct limit_list *lists[LIMIT_PLACES];
	struct limit_list *one;
	struct list_head node;
};

static LIST_HEAD(limit_filters);
static DEFINE_MUTEX(limit_lock);

/* The first bits of an IPv4 address, or of what varies in 2000::/3. */
static u32 limit_source(const struct sk_buff *skb, u8 family)
{
	if (family == NFPROTO_IPV6)
		return ntohl(ipv6_hdr(skb)->saddr.s6_addr32[0]) << 3;
	return ntohl(ip_hdr(skb)->saddr);
}

/* A word of a table, at the line that a source leads to, all of them or an eighth. */
static u32 limit_word(const u32 *table, u32 lines, u32 source)
{
	u32 line = mul_u32_u32(source, lines) >> 32;

	return table[line * (SMP_CACHE_BYTES / sizeof(u32))];
}

/* The device's list, what it holds, a bucket and a boundary of that, or a word of a map. */
static u32 limit_search(const struct limit_list *list, u32 source)
{
	const struct limit_set *set = list->set;

	/* All words are 0, but the compiler does not know. */
	if (!set->map)
		source += limit_word(set->table, set->lines / 8, source);
	return limit_word(set->table, set->lines, source);
}

static unsigned int limit_look(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	const struct limit_filter *filter = priv;
	u32 word = limit_source(skb, state->pf);
	const struct limit_list *list;

	list = filter->lists[state->in->ifindex % LIMIT_PLACES];
	if (list)
		word = limit_search(list, word);
	else if (filter->table)
		word = limit_word(filter->table, filter->lines, word);
	return unlikely(word == U32_MAX) ? NF_DROP : NF_ACCEPT;
}

static void limit_filter_free(struct limit_filter *filter)
{
	put_net(filter->net);
	if (filter->one)
		kfree(filter->one->set);
	kfree(filter->one);
	if (filter->table)
		free_pages_exact(filter->table, filter->lines * SMP_CACHE_BYTES);
	kfree(filter);
}

/* One list for all devices, which it does not know. */
static int limit_list_make(struct limit_filter *filter, enum limit_kind kind)
{
	unsigned int i;

	filter->one = kzalloc(sizeof(*filter->one), GFP_KERNEL);
	if (!filter->one)
		return -ENOMEM;
	filter->one->set = kzalloc(sizeof(*filter->one->set), GFP_KERNEL);
	if (!filter->one->set)
		return -ENOMEM;
	*filter->one->set = (struct limit_set) {
		.table = filter->table,
		.lines = filter->lines,
		.map = kind == LIMIT_MAP,
	};
	for (i = 0; i < LIMIT_PLACES; i++)
		filter->lists[i] = filter->one;
	return 0;
}

static int limit_filter_add(enum limit_kind kind, u32 size)
{
	struct limit_filter *filter = kzalloc(sizeof(*filter), GFP_KERNEL);
	int err;

	if (!filter)
		return -ENOMEM;
	filter->net = get_net(current->nsproxy->net_ns);
	/* 4 MB are the largest piece that there is. */
	filter->lines = min_t(u32, size, SZ_4M) / SMP_CACHE_BYTES;
	if (filter->lines)
		filter->table = alloc_pages_exact(filter->lines * SMP_CACHE_BYTES,
						  GFP_KERNEL | __GFP_ZERO);
	/* Where and when sitbroker's filter-hook.c looks. */
	filter->hook = (struct nf_hook_ops) {
		.hook = limit_look,
		.priv = filter,
		.pf = NFPROTO_INET,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = NF_IP_PRI_RAW_BEFORE_DEFRAG - 1,
	};
	err = filter->lines && !filter->table ? -ENOMEM : 0;
	if (!err && kind != LIMIT_TABLE)
		err = limit_list_make(filter, kind);
	if (!err)
		err = nf_register_net_hook(filter->net, &filter->hook);
	if (err) {
		limit_filter_free(filter);
		return err;
	}
	mutex_lock(&limit_lock);
	list_add(&filter->node, &limit_filters);
	mutex_unlock(&limit_lock);
	return 0;
}

static int limit_table_set(const char *text, const struct kernel_param *param)
{
	u32 size;
	int err = kstrtou32(text, 0, &size);

	return err ? err : limit_filter_add(LIMIT_TABLE, size);
}

static const struct kernel_param_ops limit_table_ops = {
	.set = limit_table_set,
};

module_param_cb(table, &limit_table_ops, NULL, 0200);
MODULE_PARM_DESC(table, "bytes of a table to read a word of; 0 for none");

static int limit_list_set(const char *text, const struct kernel_param *param)
{
	u32 size;
	int err = kstrtou32(text, 0, &size);

	if (err)
		return err;
	/* An eighth of it has at least one line. */
	return size < 8 * SMP_CACHE_BYTES ? -EINVAL : limit_filter_add(LIMIT_LIST, size);
}

static const struct kernel_param_ops limit_list_ops = {
	.set = limit_list_set,
};

module_param_cb(list, &limit_list_ops, NULL, 0200);
MODULE_PARM_DESC(list, "bytes of a table that a list leads to");

static int limit_map_set(const char *text, const struct kernel_param *param)
{
	u32 size;
	int err = kstrtou32(text, 0, &size);

	if (err)
		return err;
	return size < SMP_CACHE_BYTES ? -EINVAL : limit_filter_add(LIMIT_MAP, size);
}

static const struct kernel_param_ops limit_map_ops = {
	.set = limit_map_set,
};

module_param_cb(map, &limit_map_ops, NULL, 0200);
MODULE_PARM_DESC(map, "bytes of a map that a list leads to");

static int __init limit_filter_init(void)
{
	return 0;
}
module_init(limit_filter_init);

static void __exit limit_filter_exit(void)
{
	struct limit_filter *filter, *next;

	list_for_each_entry_safe(filter, next, &limit_filters, node) {
		nf_unregister_net_hook(filter->net, &filter->hook);
		limit_filter_free(filter);
	}
}
module_exit(limit_filter_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("The least that a packet costs where sitbroker filters it");
