// SPDX-License-Identifier: GPL-2.0
/*
 * Filter lists and what they say of an address.
 *
 * A list is a name and a pointer to a set of ranges. A load builds another set
 * aside and exchanges the pointer: whoever looks sees the old one or the new
 * one, with its action. The order between the lists of one place is in
 * sb_filter_weigh().
 */

#include <linux/jhash.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "array.h"
#include "filter.h"

/*
 * An IPv6 address and the IPv4 address inside, if there is one: v4-mapped (RFC
 * 4291), 6to4 (RFC 3056), a Teredo client's (RFC 4380, inverted), NAT64 with the
 * well-known prefix (RFC 6052). With any other NAT64 prefix it may be anywhere.
 */
struct sb_filter_key sb_filter_key6(const struct in6_addr *addr)
{
	struct sb_filter_key key = { .addr6 = sb_addr_load(addr), .has6 = true, .has4 = true };
	u64 high = key.addr6.hi;

	if (!high && key.addr6.lo >> 32 == 0xffff)
		key.addr4 = key.addr6.lo;
	else if (high >> 48 == 0x2002)
		key.addr4 = high >> 16;
	else if (high >> 32 == 0x20010000)
		key.addr4 = ~key.addr6.lo;
	else if (high == 0x0064ff9b00000000ULL && !(key.addr6.lo >> 32))
		key.addr4 = key.addr6.lo;
	else
		key.has4 = false;
	return key;
}

/**
 * sb_filter_finds() - does a set hold an address?
 * @set: the set
 * @key: the address
 * @id4: where to put the IPv4 range that holds it, or %SB_RANGE_NONE
 * @id6: as @id4, for IPv6
 *
 * Return: true where any range does.
 */
bool sb_filter_finds(const struct sb_filter_set *set, const struct sb_filter_key *key, u32 *id4,
		     u32 *id6)
{
	*id4 = key->has4 ? sb_ranges4_find(&set->ranges4, key->addr4) : SB_RANGE_NONE;
	*id6 = key->has6 ? sb_ranges6_find(&set->ranges6, key->addr6) : SB_RANGE_NONE;
	return *id4 != SB_RANGE_NONE || *id6 != SB_RANGE_NONE;
}

static void sb_filter_hit_label(const struct sb_filter_labels *labels, const u32 *of, u32 id)
{
	if (of && id != SB_RANGE_NONE && of[id] != SITBROKER_NO_LABEL)
		atomic64_inc(&labels->hits[of[id]]);
}

/**
 * struct sb_filter_find - a list that holds an address
 * @list: the list
 * @set: its set as it was seen
 * @id4: the IPv4 range, or %SB_RANGE_NONE
 * @id6: the IPv6 range, or %SB_RANGE_NONE
 */
struct sb_filter_find {
	struct sb_filter_list *list;
	const struct sb_filter_set *set;
	u32 id4;
	u32 id6;
};

static void sb_filter_hit(const struct sb_filter_find *find)
{
	const struct sb_filter_labels *labels = &find->set->labels;
	struct sb_filter_hits *hits;

	local_bh_disable();
	hits = this_cpu_ptr(find->list->hits);
	u64_stats_update_begin(&hits->syncp);
	u64_stats_inc(&hits->n);
	u64_stats_update_end(&hits->syncp);
	local_bh_enable();
	sb_filter_hit_label(labels, labels->of4, find->id4);
	/* An address in a range of each family is one packet, but maybe two labels. */
	sb_filter_hit_label(labels, labels->of6, find->id6);
}

/*
 * Which list decides, if any: an allow list before every other, then the first
 * attached that drops or rejects. Lists that only count do so in any case.
 * Every list is asked once, so that a load in between cannot give a verdict that
 * neither its old nor its new set would.
 */
static struct sb_filter_find sb_filter_weigh(const struct sb_filter_chain *chain,
					     const struct sb_filter_key *key, bool count)
{
	struct sb_filter_find decides = {}, find;
	bool allowed = false;
	unsigned int i;

	for (i = 0; i < chain->n; i++) {
		find.list = chain->list[i];
		find.set = rcu_dereference(find.list->set);
		if (!sb_filter_finds(find.set, key, &find.id4, &find.id6))
			continue;
		switch (find.set->action) {
		case SITBROKER_FILTER_ACTION_COUNT:
			if (count)
				sb_filter_hit(&find);
			break;
		case SITBROKER_FILTER_ACTION_ALLOW:
			if (!allowed)
				decides = find;
			allowed = true;
			break;
		default:
			if (!decides.list)
				decides = find;
		}
	}
	return decides;
}

/* The list that decides about an address, or NULL; nothing is counted. RCU. */
struct sb_filter_list *sb_filter_decides(const struct sb_filter_chain *chain,
					 const struct sb_filter_key *key)
{
	return sb_filter_weigh(chain, key, false).list;
}

static enum sb_filter_verdict sb_filter_decide(const struct sb_filter_chain *chain,
					       const struct sb_filter_key *key)
{
	struct sb_filter_find decides = sb_filter_weigh(chain, key, true);

	if (!decides.list)
		return SB_FILTER_PASS;
	sb_filter_hit(&decides);
	switch (decides.set->action) {
	case SITBROKER_FILTER_ACTION_DROP:
		return SB_FILTER_DROP;
	case SITBROKER_FILTER_ACTION_REJECT:
		return SB_FILTER_REJECT;
	default:
		return SB_FILTER_PASS;
	}
}

/* What sb_filter_judge4() does about an address that some list may hold. */
enum sb_filter_verdict sb_filter_decide4(const struct sb_filter_chain *chain, __be32 addr)
{
	struct sb_filter_key key = sb_filter_key4(addr);

	return sb_filter_decide(chain, &key);
}

/* What sb_filter_judge6() does about an address that some list may hold. */
enum sb_filter_verdict sb_filter_decide6(const struct sb_filter_chain *chain,
					 const struct in6_addr *addr)
{
	struct sb_filter_key key = sb_filter_key6(addr);

	return sb_filter_decide(chain, &key);
}

/* The first list whose name is not before one, or NULL. */
struct sb_filter_list *sb_filter_from(const struct sb_filters *filters, const char *name)
{
	struct sb_filter_list *list;

	lockdep_assert_held(&filters->lock);

	list_for_each_entry(list, &filters->lists, list)
		if (strcmp(list->name, name) >= 0)
			return list;
	return NULL;
}

struct sb_filter_list *sb_filter_by_name(const struct sb_filters *filters, const char *name)
{
	struct sb_filter_list *list = sb_filter_from(filters, name);

	return list && !strcmp(list->name, name) ? list : NULL;
}

struct sb_filter_set *sb_filter_set(const struct sb_filters *filters,
				    const struct sb_filter_list *list)
{
	return rcu_dereference_protected(list->set, lockdep_is_held(&filters->lock));
}

/* A list without a set, or NULL. */
struct sb_filter_list *sb_filter_list_alloc(const char *name)
{
	struct sb_filter_list *list = kzalloc(sizeof(*list), GFP_KERNEL_ACCOUNT);
	int cpu;

	if (!list)
		return NULL;
	list->hits = alloc_percpu_gfp(struct sb_filter_hits, GFP_KERNEL_ACCOUNT);
	if (!list->hits) {
		kfree(list);
		return NULL;
	}
	for_each_possible_cpu(cpu)
		u64_stats_init(&per_cpu_ptr(list->hits, cpu)->syncp);
	strscpy(list->name, name, sizeof(list->name));
	return list;
}

void sb_filter_list_insert(struct sb_filters *filters, struct sb_filter_list *list)
{
	struct sb_filter_list *next = sb_filter_from(filters, list->name);

	list_add_tail(&list->list, next ? &next->list : &filters->lists);
	filters->n_lists++;
}

/* Take a list that is attached nowhere off the namespace; wait a grace period and free it. */
void sb_filter_list_remove(struct sb_filters *filters, struct sb_filter_list *list)
{
	lockdep_assert_held(&filters->lock);
	WARN_ON_ONCE(list->places);

	list_del(&list->list);
	filters->n_lists--;
}

void sb_filter_list_free(struct sb_filter_list *list)
{
	struct sb_filter_set *set = rcu_dereference_raw(list->set);

	if (set)
		sb_filter_set_put(set);
	free_percpu(list->hits);
	kfree(list);
}

u64 sb_filter_list_hits(const struct sb_filter_list *list)
{
	unsigned int start;
	u64 sum = 0, part;
	int cpu;

	for_each_possible_cpu(cpu) {
		const struct sb_filter_hits *hits = per_cpu_ptr(list->hits, cpu);

		do {
			start = u64_stats_fetch_begin(&hits->syncp);
			part = u64_stats_read(&hits->n);
		} while (u64_stats_fetch_retry(&hits->syncp, start));
		sum += part;
	}
	return sum;
}

static void sb_filter_labels_free(struct sb_filter_labels *labels, u32 n4, u32 n6)
{
	sb_array_free(labels->strings, labels->size, 1);
	sb_array_free(labels->at, labels->n, sizeof(*labels->at));
	sb_array_free(labels->hits, labels->n, sizeof(*labels->hits));
	sb_array_free(labels->of4, n4, sizeof(*labels->of4));
	sb_array_free(labels->of6, n6, sizeof(*labels->of6));
}

/* Give a reference back. Packets must not see the set any more. May sleep. */
void sb_filter_set_put(struct sb_filter_set *set)
{
	if (!refcount_dec_and_test(&set->refs))
		return;
	atomic64_sub(set->bytes, &set->filters->bytes);
	sb_filter_labels_free(&set->labels, set->ranges4.room, set->ranges6.room);
	sb_ranges4_free(&set->ranges4);
	sb_ranges6_free(&set->ranges6);
	kfree(set);
}

/* Where a label is, or would be, in a table of labels with hits. */
static u32 *sb_filter_hit_slot(u32 *slots, u32 mask, u32 seed, const struct sb_filter_set *set,
			       const char *label)
{
	u32 i = jhash(label, strlen(label), seed);

	for (;; i++)
		if (!slots[i & mask] || !strcmp(sb_filter_label(set, slots[i & mask] - 1), label))
			return &slots[i & mask];
}

/**
 * sb_filter_carry_hits() - labels that are still there keep their hits
 * @from: a set that packets see no more
 * @to: the one in its place
 *
 * Few labels ever have hits: a table of those, and a look into it for each new
 * label. Without memory for it they begin anew. May sleep.
 */
void sb_filter_carry_hits(struct sb_filter_set *from, struct sb_filter_set *to)
{
	/* Lists come from strangers, who shall not choose which labels collide. */
	u32 *slots, *slot, mask, seed = get_random_u32(), n = 0, i;
	u64 hits;

	if (!to->labels.n)
		return;
	for (i = 0; i < from->labels.n; i++) {
		n += !!atomic64_read(&from->labels.hits[i]);
		cond_resched();
	}
	if (!n)
		return;
	mask = roundup_pow_of_two(2 * n) - 1;
	slots = kvcalloc(mask + 1, sizeof(*slots), GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!slots)
		return;
	for (i = 0; i < from->labels.n; i++) {
		hits = atomic64_read(&from->labels.hits[i]);
		cond_resched();
		if (!hits)
			continue;
		slot = sb_filter_hit_slot(slots, mask, seed, from, sb_filter_label(from, i));
		if (*slot)
			atomic64_add(hits, &from->labels.hits[*slot - 1]);
		else
			*slot = i + 1;
	}
	for (i = 0; i < to->labels.n; i++) {
		cond_resched();
		slot = sb_filter_hit_slot(slots, mask, seed, from, sb_filter_label(to, i));
		/* The first of labels that are alike takes all. */
		if (*slot)
			atomic64_add(atomic64_xchg(&from->labels.hits[*slot - 1], 0),
				     &to->labels.hits[i]);
	}
	kvfree(slots);
}

void sb_filters_init(struct sb_filters *filters)
{
	hash_init(filters->ports);
	mutex_init(&filters->lock);
	INIT_LIST_HEAD(&filters->lists);
	INIT_LIST_HEAD(&filters->loads);
	filters->bytes_max = SB_FILTER_BYTES_MAX;
	atomic64_set(&filters->bytes, 0);
}

/* The namespace goes: its devices, and with them all places, went before. */
void sb_filters_destroy(struct sb_filters *filters)
{
	struct sb_filter_list *list, *next;

	WARN_ON_ONCE(!hash_empty(filters->ports));
	if (!list_empty(&filters->lists))
		synchronize_rcu();
	list_for_each_entry_safe(list, next, &filters->lists, list)
		sb_filter_list_free(list);
	mutex_destroy(&filters->lock);
}
