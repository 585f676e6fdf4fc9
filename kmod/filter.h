/* SPDX-License-Identifier: GPL-2.0 */
/* Filter lists: named sets of address ranges, and where they are looked at. */
#ifndef _SITBROKER_FILTER_H
#define _SITBROKER_FILTER_H

#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/hashtable.h>
#include <linux/jump_label.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/refcount.h>
#include <linux/u64_stats_sync.h>

#include <uapi/linux/sitbroker.h>

#include "range.h"

struct sb_client;
struct sb_link;
struct sb_net;

/* Memory of all lists of a namespace, unless it is told otherwise. */
#define SB_FILTER_BYTES_MAX	(256ULL << 20)

/* Bounds, for the sake of messages and of packets. */
#define SB_FILTER_LISTS_MAX	1024	/* lists of a namespace */
#define SB_FILTER_PLACES_MAX	128	/* places where a list is attached */
#define SB_FILTER_CHAIN_MAX	64	/* lists attached to a place */

#define SB_N_FILTER_SCOPES	(SITBROKER_FILTER_SCOPE_OUT + 1)

/**
 * struct sb_filter_labels - the labels of a list
 * @n: number of labels; constant
 * @size: length of @strings; constant
 * @strings: the labels, each with a terminating zero; constant
 * @at: for each label where it begins in @strings; constant
 * @hits: for each label the packets counted
 * @of4: for each IPv4 range the index of its label, or %SITBROKER_NO_LABEL; constant
 * @of6: as @of4, for IPv6
 */
struct sb_filter_labels {
	u32 n;
	u32 size;
	char *strings;
	u32 *at;
	atomic64_t *hits;
	u32 *of4;
	u32 *of6;
};

/**
 * struct sb_filter_set - what a list holds: replaced as a whole by every load
 * @ranges4: IPv4 ranges; constant
 * @ranges6: IPv6 ranges; constant
 * @labels: their labels; constant but for hits
 * @action: what to do with the addresses; constant
 * @generation: another one for every load; constant
 * @loaded: jiffies64 of the load; constant
 * @bytes: memory that it takes; charged to @filters; constant
 * @refs: one for the list, one for each dump
 * @filters: the namespace's lists; constant
 *
 * What most packets read of it is one cache line.
 */
struct sb_filter_set {
	struct sb_ranges4 ranges4 ____cacheline_aligned;
	struct sb_ranges6 ranges6 ____cacheline_aligned;
	struct sb_filter_labels labels;
	enum sitbroker_filter_action action;
	u32 generation;
	u64 loaded;
	u64 bytes;
	refcount_t refs;
	struct sb_filters *filters;
};

/**
 * struct sb_filter_hits - packets counted by a list, on one processor
 * @n: their number; protected by @syncp
 * @syncp: for 32-bit readers
 */
struct sb_filter_hits {
	u64_stats_t n;
	struct u64_stats_sync syncp;
};

/**
 * struct sb_filter_list - a named list
 * @set: what it holds; changed under &sb_filters.lock, read under RCU
 * @hits: packets that it decided on or counted
 * @list: in &sb_filters.lists; under &sb_filters.lock
 * @places: number of places where it is attached; protected by &sb_filters.lock
 * @born: the first generation; constant
 * @name: name, unique in the namespace; constant
 *
 * Freed a grace period after it left the last place and the list of lists.
 */
struct sb_filter_list {
	struct sb_filter_set __rcu *set;
	struct sb_filter_hits __percpu *hits;
	struct list_head list;
	unsigned int places;
	u32 born;
	char name[SITBROKER_NAME_MAX + 1];
};

/**
 * struct sb_filter_chain - the lists attached to a place; constant
 * @rcu: to free it
 * @n: number of lists
 * @list: lists in the order of attachment
 */
struct sb_filter_chain {
	struct rcu_head rcu;
	unsigned int n;
	struct sb_filter_list *list[] __counted_by(n);
};

/**
 * struct sb_filter_port - a device with lists attached
 * @chain: by &enum sitbroker_filter_scope, NULL for none; changed under &sb_filters.lock,
 *	read under RCU
 * @dev: the device; constant
 * @budget: of ICMP errors sent for lists of scopes in and out, see sb_budget_take()
 * @node: in &sb_filters.ports; changed under &sb_filters.lock, read under RCU
 * @tracker: of the reference to @dev
 * @rcu: to free it
 */
struct sb_filter_port {
	struct sb_filter_chain __rcu *chain[SB_N_FILTER_SCOPES];
	struct net_device *dev;
	atomic64_t budget;
	struct hlist_node node;
	netdevice_tracker tracker;
	struct rcu_head rcu;
};

/**
 * struct sb_filters - the filter lists of a network namespace
 * @ports: devices with lists attached, by ifindex; changed under @lock, read under RCU
 * @lock: held by whoever changes lists, loads or ports; taken inside &sb_net.lock
 * @lists: lists in the order of their names; protected by @lock
 * @loads: loads under way that no request works on; protected by @lock
 * @n_lists: length of @lists; protected by @lock
 * @generation: the last one that a list was given; protected by @lock
 * @load_id: the last one that a load was given; protected by @lock
 * @bytes_max: most that @bytes may become; protected by @lock
 * @bytes: memory of all lists and loads; grows under @lock
 * @n_places: number of chains by &enum sitbroker_filter_scope; protected by @lock
 * @hook: of scopes in and out, registered while they have chains; see filter-hook.c
 */
struct sb_filters {
	DECLARE_HASHTABLE(ports, 6);
	struct mutex lock;
	struct list_head lists;
	struct list_head loads;
	unsigned int n_lists;
	u32 generation;
	u32 load_id;
	u64 bytes_max;
	atomic64_t bytes;
	unsigned int n_places[SB_N_FILTER_SCOPES];
	struct nf_hook_ops hook[SB_N_FILTER_SCOPES];
};

/**
 * struct sb_filter_key - an address that is looked up
 * @addr6: the IPv6 address, where @has6
 * @addr4: the IPv4 address, or the one inside of @addr6, where @has4
 * @has6: it is an IPv6 address
 * @has4: there is an IPv4 address
 */
struct sb_filter_key {
	struct sb_addr addr6;
	u32 addr4;
	bool has6;
	bool has4;
};

/* What becomes of a packet. */
enum sb_filter_verdict {
	SB_FILTER_PASS,
	SB_FILTER_DROP,
	SB_FILTER_REJECT,
};

static inline struct sb_filter_key sb_filter_key4(__be32 addr)
{
	return (struct sb_filter_key) { .addr4 = ntohl(addr), .has4 = true };
}

/*
 * May there be an IPv4 address inside of an IPv6 one, whose first half is this?
 * See sb_filter_key6().
 */
static inline bool sb_filter_may_embed(u64 high)
{
	return !high || high >> 48 == 0x2002 || high >> 32 == 0x20010000 ||
	       high == 0x0064ff9b00000000ULL;
}

struct sb_filter_key sb_filter_key6(const struct in6_addr *addr);

/* Packets; under the RCU read lock. */
enum sb_filter_verdict sb_filter_decide4(const struct sb_filter_chain *chain, __be32 addr);
enum sb_filter_verdict sb_filter_decide6(const struct sb_filter_chain *chain,
					 const struct in6_addr *addr);
struct sb_filter_list *sb_filter_decides(const struct sb_filter_chain *chain,
					 const struct sb_filter_key *key);
bool sb_filter_finds(const struct sb_filter_set *set, const struct sb_filter_key *key, u32 *id4,
		     u32 *id6);

/*
 * Is an address far from every range of each list? So it is of nearly all packets,
 * which are asked for nothing else.
 */
static inline bool sb_filter_is_far4(const struct sb_filter_chain *chain, u32 addr)
{
	unsigned int i;

	for (i = 0; i < chain->n; i++)
		if (!sb_ranges4_is_far(&rcu_dereference(chain->list[i]->set)->ranges4, addr))
			return false;
	return true;
}

/* As sb_filter_is_far4(), of an address without an IPv4 address inside. */
static inline bool sb_filter_is_far6(const struct sb_filter_chain *chain, u64 high)
{
	unsigned int i;

	for (i = 0; i < chain->n; i++)
		if (!sb_ranges6_is_far(&rcu_dereference(chain->list[i]->set)->ranges6, high))
			return false;
	return true;
}

/**
 * sb_filter_judge4() - what becomes of a packet
 * @port: the device
 * @scope: where on its way it is
 * @addr: the IPv4 address that counts there
 *
 * Hits are counted. The caller holds the RCU read lock.
 *
 * Return: what the list that decides says; %SB_FILTER_PASS where none does.
 */
static inline enum sb_filter_verdict sb_filter_judge4(const struct sb_filter_port *port,
						      enum sitbroker_filter_scope scope,
						      __be32 addr)
{
	const struct sb_filter_chain *chain = rcu_dereference(port->chain[scope]);

	if (!chain || likely(sb_filter_is_far4(chain, ntohl(addr))))
		return SB_FILTER_PASS;
	/* All over again: the verdict is that of the sets that are seen now. */
	return sb_filter_decide4(chain, addr);
}

/* As sb_filter_judge4(), of an IPv6 address and the IPv4 address inside, if there is one. */
static inline enum sb_filter_verdict sb_filter_judge6(const struct sb_filter_port *port,
						      enum sitbroker_filter_scope scope,
						      const struct in6_addr *addr)
{
	const struct sb_filter_chain *chain = rcu_dereference(port->chain[scope]);
	u64 high;

	if (!chain)
		return SB_FILTER_PASS;
	high = sb_addr_load(addr).hi;
	if (likely(!sb_filter_may_embed(high) && sb_filter_is_far6(chain, high)))
		return SB_FILTER_PASS;
	return sb_filter_decide6(chain, addr);
}

/* Lists; under &sb_filters.lock. */
struct sb_filter_list *sb_filter_by_name(const struct sb_filters *filters, const char *name);
struct sb_filter_list *sb_filter_from(const struct sb_filters *filters, const char *name);
struct sb_filter_set *sb_filter_set(const struct sb_filters *filters,
				    const struct sb_filter_list *list);
struct sb_filter_list *sb_filter_list_alloc(const char *name);
void sb_filter_list_insert(struct sb_filters *filters, struct sb_filter_list *list);
void sb_filter_list_free(struct sb_filter_list *list);
void sb_filter_list_remove(struct sb_filters *filters, struct sb_filter_list *list);
u64 sb_filter_list_hits(const struct sb_filter_list *list);

/* Sets. */
void sb_filter_set_put(struct sb_filter_set *set);
void sb_filter_carry_hits(struct sb_filter_set *from, struct sb_filter_set *to);
static inline const char *sb_filter_label(const struct sb_filter_set *set, u32 label)
{
	return set->labels.strings + set->labels.at[label];
}

void sb_filters_init(struct sb_filters *filters);
void sb_filters_destroy(struct sb_filters *filters);

#endif /* _SITBROKER_FILTER_H */
