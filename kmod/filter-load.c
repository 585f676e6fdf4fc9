// SPDX-License-Identifier: GPL-2.0
/*
 * Loads of filter lists. All memory is taken, and charged, when a load begins,
 * by the numbers that the request announces; what comes is checked and put
 * where packets will look for it. A commit that nothing is wrong with exchanges
 * one pointer.
 */

#include <linux/mm.h>
#include <linux/notifier.h>
#include <linux/slab.h>

#include "array.h"
#include "extack.h"
#include "filter-load.h"
#include "filter-port.h"
#include "name.h"
#include "net.h"
#include "netlink-filter.h"

/* A label's place in the strings, and its counter. */
#define SB_FILTER_LABEL_SIZE	(sizeof(u32) + sizeof(atomic64_t))

/*
 * Memory for a set while it is built; the counts were checked. No sum of 32-bit
 * numbers times a few exceeds 64 bits.
 */
static u64 sb_filter_load_size(const struct sb_filter_load_config *config)
{
	u64 size = sizeof(struct sb_filter_set);

	size += sb_ranges4_size(config->n4) + sb_ranges6_size(config->n6);
	if (config->labels)
		size += ((u64)config->n4 + config->n6) * sizeof(u32) + config->strings +
			(u64)config->labels * SB_FILTER_LABEL_SIZE;
	return size;
}

/* Memory that is left of that when it is built. */
static u64 sb_filter_load_size_final(const struct sb_filter_load *load)
{
	return load->set->bytes - sb_ranges6_size(load->config.n6) +
	       sb_ranges6_size_final(&load->set->ranges6);
}

static int sb_filter_load_check_counts(const struct sb_filter_load_config *config,
				       struct netlink_ext_ack *extack)
{
	if (config->n4 > SB_RANGES_MAX || config->n6 > SB_RANGES_MAX)
		return sb_refuse(extack, -E2BIG,
				 "list \"%s\" would have %u ranges of one family, and %u is the most; make two of it",
				 config->name, max(config->n4, config->n6), SB_RANGES_MAX);
	if (!config->n4 && !config->n6 && !config->empty)
		return sb_refuse(extack, -EINVAL,
				 "list \"%s\" would have no range; flush it if that is meant",
				 config->name);
	if (!config->labels != !config->strings || config->strings < config->labels)
		return sb_refuse(extack, -EINVAL,
				 "list \"%s\" would have %u labels in %u bytes; each one ends with a zero",
				 config->name, config->labels, config->strings);
	if (config->labels == SITBROKER_NO_LABEL)
		return sb_refuse(extack, -E2BIG,
				 "list \"%s\" would have %u labels, one more than there can be; leave some out",
				 config->name, config->labels);
	return 0;
}

/* May the list have the set? Asked when a load begins, and again when it is to take effect. */
static int sb_filter_load_check_list(const struct sb_filters *filters,
				     const struct sb_filter_load_config *config,
				     const struct sb_filter_list *list,
				     struct netlink_ext_ack *extack)
{
	u32 generation = list ? sb_filter_set(filters, list)->generation : 0;

	if (config->has_generation && config->generation != generation) {
		if (!config->generation)
			return sb_refuse(extack, -EEXIST,
					 "list \"%s\" exists; take its generation, or another name",
					 config->name);
		return sb_refuse(extack, -ESTALE,
				 "list \"%s\" was changed meanwhile: its generation is %u, not %u; read it again",
				 config->name, generation, config->generation);
	}
	if (list && config->has_action && config->action == SITBROKER_FILTER_ACTION_REJECT &&
	    sb_filter_is_attached(filters, list, SITBROKER_FILTER_SCOPE_OUTER))
		return sb_refuse(extack, -EOPNOTSUPP,
				 "list \"%s\" cannot reject, since it is attached to outer, where strangers get no answer; detach it first",
				 config->name);
	if (!list && filters->n_lists >= SB_FILTER_LISTS_MAX)
		return sb_refuse(extack, -E2BIG,
				 "there are %u filter lists, and no more can be; put some into one",
				 filters->n_lists);
	return 0;
}

static int sb_filter_load_charge(struct sb_filters *filters,
				 const struct sb_filter_load_config *config, u64 size,
				 struct netlink_ext_ack *extack)
{
	u64 used = atomic64_read(&filters->bytes);

	lockdep_assert_held(&filters->lock);

	if (used > filters->bytes_max || size > filters->bytes_max - used)
		return sb_refuse(extack, -E2BIG,
				 "list \"%s\" takes %llu bytes, and %llu of the %llu for all filter lists are in use; raise that with brokertool filter memory max BYTES",
				 config->name, size, used, filters->bytes_max);
	atomic64_add(size, &filters->bytes);
	return 0;
}

static int sb_filter_labels_alloc(struct sb_filter_labels *labels,
				  const struct sb_filter_load_config *config)
{
	if (!config->labels)
		return 0;
	labels->n = config->labels;
	labels->size = config->strings;
	labels->strings = sb_array_alloc(config->strings, 1, 0);
	labels->at = sb_array_alloc(config->labels, sizeof(*labels->at), 0);
	labels->hits = sb_array_alloc(config->labels, sizeof(*labels->hits), __GFP_ZERO);
	if (!labels->strings || !labels->at || !labels->hits)
		return -ENOMEM;
	if (config->n4) {
		labels->of4 = sb_array_alloc(config->n4, sizeof(*labels->of4), 0);
		if (!labels->of4)
			return -ENOMEM;
	}
	if (config->n6) {
		labels->of6 = sb_array_alloc(config->n6, sizeof(*labels->of6), 0);
		if (!labels->of6)
			return -ENOMEM;
	}
	return 0;
}

/* A set with room for what was announced, or NULL; the charge is its own then. */
static struct sb_filter_set *sb_filter_set_alloc(struct sb_filters *filters,
						 const struct sb_filter_load_config *config,
						 u64 size)
{
	struct sb_filter_set *set = kzalloc(sizeof(*set), GFP_KERNEL_ACCOUNT);

	if (!set) {
		atomic64_sub(size, &filters->bytes);
		return NULL;
	}
	set->filters = filters;
	set->bytes = size;
	refcount_set(&set->refs, 1);
	if (sb_ranges4_init(&set->ranges4, config->n4) ||
	    sb_ranges6_init(&set->ranges6, config->n6) ||
	    sb_filter_labels_alloc(&set->labels, config)) {
		sb_filter_set_put(set);
		return NULL;
	}
	return set;
}

/* End a load that nobody else knows of (any more); the list stays as it is. */
void sb_filter_load_end(struct sb_filter_load *load)
{
	if (load->set)
		sb_filter_set_put(load->set);
	kfree(load);
}

/**
 * sb_filter_load_begin() - begin to load a list
 * @sbn: the namespace
 * @portid: the socket that it belongs to
 * @config: what is asked for
 * @extack: why it was refused
 *
 * May sleep; takes &sb_filters.lock.
 *
 * Return: the load, which the caller puts back, or an ERR_PTR().
 */
struct sb_filter_load *sb_filter_load_begin(struct sb_net *sbn, u32 portid,
					    const struct sb_filter_load_config *config,
					    struct netlink_ext_ack *extack)
{
	struct sb_filters *filters = &sbn->filters;
	struct sb_filter_load *load;
	u64 size;
	int err;

	err = sb_name_check("filter list", config->name, extack);
	if (!err)
		err = sb_filter_load_check_counts(config, extack);
	if (err)
		return ERR_PTR(err);
	size = sb_filter_load_size(config);
	load = kzalloc(sizeof(*load), GFP_KERNEL_ACCOUNT);
	if (!load)
		goto no_memory;
	load->portid = portid;
	load->config = *config;
	strscpy(load->name, config->name, sizeof(load->name));
	load->config.name = load->name;
	load->label4 = SITBROKER_NO_LABEL;
	load->label6 = SITBROKER_NO_LABEL;

	mutex_lock(&filters->lock);
	err = sb_filter_load_check_list(filters, config, sb_filter_by_name(filters, config->name),
					extack);
	if (!err)
		err = sb_filter_load_charge(filters, config, size, extack);
	if (!err)
		load->id = ++filters->load_id;
	mutex_unlock(&filters->lock);
	if (err) {
		sb_filter_load_end(load);
		return ERR_PTR(err);
	}

	load->set = sb_filter_set_alloc(filters, config, size);
	if (load->set)
		return load;
	sb_filter_load_end(load);
no_memory:
	sb_refuse(extack, -ENOMEM, "no memory for the %llu bytes of list \"%s\"", size,
		  config->name);
	return ERR_PTR(-ENOMEM);
}

/**
 * sb_filter_load_take() - work on a load
 * @sbn: the namespace
 * @portid: the socket that it must belong to
 * @id: its number
 * @extack: why it was refused
 *
 * Nobody else finds it until it is put back.
 *
 * Return: the load, or an ERR_PTR().
 */
struct sb_filter_load *sb_filter_load_take(struct sb_net *sbn, u32 portid, u32 id,
					   struct netlink_ext_ack *extack)
{
	struct sb_filter_load *load, *found = NULL;

	mutex_lock(&sbn->filters.lock);
	list_for_each_entry(load, &sbn->filters.loads, list) {
		if (load->id == id && load->portid == portid) {
			list_del(&load->list);
			found = load;
			break;
		}
	}
	mutex_unlock(&sbn->filters.lock);
	if (found)
		return found;
	sb_refuse(extack, -ENOENT,
		  "there is no load %u of a filter list on this socket; it may have been refused, begin it again",
		  id);
	return ERR_PTR(-ENOENT);
}

void sb_filter_load_put_back(struct sb_net *sbn, struct sb_filter_load *load)
{
	mutex_lock(&sbn->filters.lock);
	list_add(&load->list, &sbn->filters.loads);
	mutex_unlock(&sbn->filters.lock);
}

/*
 * Why a range cannot be the next one; @at counts from 1. Each family prints
 * its range into @range.
 */
static int sb_filter_load_refuse_range(const struct sb_filter_load *load,
				       enum sb_range_order order, const char *family, u32 at,
				       const char *range, struct netlink_ext_ack *extack)
{
	static const char *const why[] = {
		[SB_RANGE_TOUCHES] =
			"begins where the one before ends, with the same label; merge them",
		[SB_RANGE_REVERSED] = "ends before it begins; exchange its ends",
		[SB_RANGE_UNSORTED] = "does not lie behind the one before; sort and merge them",
	};

	return sb_refuse(extack, -EINVAL, "%s range %u of list \"%s\", %s, %s", family, at,
			 load->name, range, why[order]);
}

static int sb_filter_load_refuse_label(const struct sb_filter_load *load, const char *family,
				       u32 at, u32 label, struct netlink_ext_ack *extack)
{
	return sb_refuse(extack, -EINVAL,
			 "%s range %u of list \"%s\" has label %u of %u, counted from 0; give one of them",
			 family, at, load->name, label, load->set->labels.n);
}

/* May a range with a label be the next one? Touching ranges must differ in it. */
static bool sb_filter_order_ok(enum sb_range_order order, u32 label, u32 last)
{
	return order == SB_RANGE_BEHIND || (order == SB_RANGE_TOUCHES && label != last);
}

static u32 sb_filter_chunk_label(const u8 *labels, u32 i)
{
	return labels ? get_unaligned((const u32 *)labels + i) : SITBROKER_NO_LABEL;
}

static int sb_filter_load_add4(struct sb_filter_load *load, const struct sb_filter_chunk *chunk,
			       struct netlink_ext_ack *extack)
{
	const __be32 *from = (const __be32 *)chunk->ranges4;
	struct sb_filter_labels *labels = &load->set->labels;
	struct sb_ranges4 *ranges = &load->set->ranges4;
	enum sb_range_order order;
	u32 i, first, last, label;
	char range[40];

	for (i = 0; i < chunk->n4; i++, from += 2) {
		first = get_unaligned_be32(from);
		last = get_unaligned_be32(from + 1);
		label = sb_filter_chunk_label(chunk->labels4, i);
		if (unlikely(label >= labels->n && label != SITBROKER_NO_LABEL))
			return sb_filter_load_refuse_label(load, "IPv4", ranges->n + 1, label,
							   extack);
		order = sb_ranges4_order(ranges, first, last);
		if (unlikely(!sb_filter_order_ok(order, label, load->label4))) {
			snprintf(range, sizeof(range), "%pI4-%pI4", from, from + 1);
			return sb_filter_load_refuse_range(load, order, "IPv4", ranges->n + 1,
							   range, extack);
		}
		if (labels->of4)
			labels->of4[ranges->n] = label;
		load->label4 = label;
		sb_ranges4_add(ranges, first, last);
	}
	return 0;
}

static int sb_filter_load_add6(struct sb_filter_load *load, const struct sb_filter_chunk *chunk,
			       struct netlink_ext_ack *extack)
{
	const struct in6_addr *from = (const struct in6_addr *)chunk->ranges6;
	struct sb_filter_labels *labels = &load->set->labels;
	struct sb_ranges6 *ranges = &load->set->ranges6;
	struct sb_addr first, last;
	enum sb_range_order order;
	char range[96];
	u32 i, label;

	for (i = 0; i < chunk->n6; i++, from += 2) {
		first = sb_addr_load(from);
		last = sb_addr_load(from + 1);
		label = sb_filter_chunk_label(chunk->labels6, i);
		if (unlikely(label >= labels->n && label != SITBROKER_NO_LABEL))
			return sb_filter_load_refuse_label(load, "IPv6", ranges->n + 1, label,
							   extack);
		order = sb_ranges6_order(ranges, first, last);
		if (unlikely(!sb_filter_order_ok(order, label, load->label6))) {
			snprintf(range, sizeof(range), "%pI6c-%pI6c", from, from + 1);
			return sb_filter_load_refuse_range(load, order, "IPv6", ranges->n + 1,
							   range, extack);
		}
		if (labels->of6)
			labels->of6[ranges->n] = label;
		load->label6 = label;
		sb_ranges6_add(ranges, first, last);
	}
	return 0;
}

static int sb_filter_load_check_room(const struct sb_filter_load *load, const char *what, u32 have,
				     u32 more, u32 announced, struct netlink_ext_ack *extack)
{
	if (more <= announced - have)
		return 0;
	return sb_refuse(extack, -EINVAL,
			 "list \"%s\" gets more than the %u %s that were announced for it",
			 load->name, announced, what);
}

/**
 * sb_filter_load_add() - add a part of a list
 * @load: the load, taken
 * @chunk: the part
 * @extack: why it was refused
 *
 * Return: 0 or a negative error number, and then the load is to be ended.
 */
int sb_filter_load_add(struct sb_filter_load *load, const struct sb_filter_chunk *chunk,
		       struct netlink_ext_ack *extack)
{
	const struct sb_filter_load_config *config = &load->config;
	struct sb_filter_set *set = load->set;
	int err;

	err = sb_filter_load_check_room(load, "IPv4 ranges", set->ranges4.n, chunk->n4, config->n4,
					extack);
	if (!err)
		err = sb_filter_load_check_room(load, "IPv6 ranges", set->ranges6.n, chunk->n6,
						config->n6, extack);
	if (!err)
		err = sb_filter_load_check_room(load, "bytes of labels", load->strings, chunk->size,
						config->strings, extack);
	if (err)
		return err;
	if (chunk->size) {
		memcpy(set->labels.strings + load->strings, chunk->strings, chunk->size);
		load->strings += chunk->size;
	}
	err = sb_filter_load_add4(load, chunk, extack);
	return err ? err : sb_filter_load_add6(load, chunk, extack);
}

static int sb_filter_load_check_came(const struct sb_filter_load *load, const char *what, u32 have,
				     u32 announced, struct netlink_ext_ack *extack)
{
	if (have == announced)
		return 0;
	return sb_refuse(extack, -EINVAL, "list \"%s\" has got %u of %u %s; send all of them",
			 load->name, have, announced, what);
}

/* Find the labels in their strings. */
static int sb_filter_load_split(struct sb_filter_load *load, struct netlink_ext_ack *extack)
{
	struct sb_filter_labels *labels = &load->set->labels;
	const char *end = labels->strings + labels->size, *at = labels->strings, *zero;
	u32 i;

	for (i = 0; i < labels->n; i++, at = zero + 1) {
		zero = memchr(at, 0, min_t(size_t, end - at, SITBROKER_LABEL_MAX + 1));
		if (!zero)
			return sb_refuse(extack, -EINVAL,
					 "label %u of list \"%s\", counted from 0, does not end within %u bytes; shorten it",
					 i, load->name, SITBROKER_LABEL_MAX);
		labels->at[i] = at - labels->strings;
	}
	if (at == end)
		return 0;
	return sb_refuse(extack, -EINVAL,
			 "list \"%s\" has more than the %u labels that were announced",
			 load->name, labels->n);
}

/* Everything came, and packets can look at it. */
static int sb_filter_load_finish(struct sb_filter_load *load, struct netlink_ext_ack *extack)
{
	const struct sb_filter_load_config *config = &load->config;
	struct sb_filter_set *set = load->set;
	u64 size;
	int err;

	err = sb_filter_load_check_came(load, "IPv4 ranges", set->ranges4.n, config->n4, extack);
	if (!err)
		err = sb_filter_load_check_came(load, "IPv6 ranges", set->ranges6.n, config->n6,
						extack);
	if (!err)
		err = sb_filter_load_check_came(load, "bytes of labels", load->strings,
						config->strings, extack);
	if (!err)
		err = sb_filter_load_split(load, extack);
	if (err)
		return err;
	sb_ranges4_finish(&set->ranges4);
	sb_ranges6_finish(&set->ranges6);
	size = sb_filter_load_size_final(load);
	atomic64_sub(set->bytes - size, &set->filters->bytes);
	set->bytes = size;
	return 0;
}

/* Give the set to the list, which is the namespace's from now on. Return: the old set or NULL. */
static struct sb_filter_set *sb_filter_load_publish(struct sb_filters *filters,
						    struct sb_filter_load *load,
						    struct sb_filter_list *list)
{
	struct sb_filter_set *set = load->set, *old = sb_filter_set(filters, list);

	if (load->config.has_action)
		set->action = load->config.action;
	else
		set->action = old ? old->action : SITBROKER_FILTER_ACTION_DROP;
	filters->generation += filters->generation == U32_MAX ? 2 : 1;
	set->generation = filters->generation;
	set->loaded = get_jiffies_64();
	load->set = NULL;
	rcu_assign_pointer(list->set, set);
	if (!old) {
		list->born = set->generation;
		sb_filter_list_insert(filters, list);
	}
	return old;
}

/* After a grace period for the set that was replaced. */
static void sb_filter_load_retire(struct sb_filters *filters, const char *name, u32 born,
				  struct sb_filter_set *old)
{
	struct sb_filter_list *list;

	synchronize_rcu();
	mutex_lock(&filters->lock);
	list = sb_filter_by_name(filters, name);
	/* It may have been loaded once more, or be another one of that name. */
	if (list && list->born == born)
		sb_filter_carry_hits(old, sb_filter_set(filters, list));
	mutex_unlock(&filters->lock);
	sb_filter_set_put(old);
}

/**
 * sb_filter_load_commit() - what was loaded takes the place of the list
 * @sbn: the namespace
 * @load: the load, taken
 * @extack: why it was refused
 *
 * May sleep; takes &sb_filters.lock. The load is to be ended in any case.
 *
 * Return: 0 or a negative error number, and then the list is what it was.
 */
int sb_filter_load_commit(struct sb_net *sbn, struct sb_filter_load *load,
			  struct netlink_ext_ack *extack)
{
	struct sb_filter_list *list, *new = NULL;
	struct sb_filters *filters = &sbn->filters;
	struct sb_filter_set *old = NULL;
	u32 born;
	int err;

	err = sb_filter_load_finish(load, extack);
	if (err)
		return err;

	mutex_lock(&filters->lock);
	list = sb_filter_by_name(filters, load->name);
	err = sb_filter_load_check_list(filters, &load->config, list, extack);
	if (!err && !list) {
		new = sb_filter_list_alloc(load->name);
		list = new;
		if (!new)
			err = sb_refuse(extack, -ENOMEM, "no memory for list \"%s\"", load->name);
	}
	if (!err) {
		old = sb_filter_load_publish(filters, load, list);
		born = list->born;
		sb_nl_notify_filter(sbn, list, SITBROKER_CMD_FILTER_NTF);
	}
	mutex_unlock(&filters->lock);
	if (old)
		sb_filter_load_retire(filters, load->name, born, old);
	return err;
}

void sb_filter_loads_end(struct sb_filters *filters)
{
	struct sb_filter_load *load, *next;

	list_for_each_entry_safe(load, next, &filters->loads, list)
		sb_filter_load_end(load);
	INIT_LIST_HEAD(&filters->loads);
}

/* A socket is closed: its loads end. */
static int sb_filter_load_event(struct notifier_block *nb, unsigned long event, void *ptr)
{
	struct netlink_notify *notify = ptr;
	struct sb_filter_load *load, *next;
	struct sb_filters *filters;
	LIST_HEAD(ended);

	if (event != NETLINK_URELEASE || notify->protocol != NETLINK_GENERIC)
		return NOTIFY_DONE;
	filters = &sb_net(notify->net)->filters;
	mutex_lock(&filters->lock);
	list_for_each_entry_safe(load, next, &filters->loads, list)
		if (load->portid == notify->portid)
			list_move(&load->list, &ended);
	mutex_unlock(&filters->lock);
	list_for_each_entry_safe(load, next, &ended, list)
		sb_filter_load_end(load);
	return NOTIFY_DONE;
}

static struct notifier_block sb_filter_load_notifier = {
	.notifier_call = sb_filter_load_event,
};

int sb_filter_load_register(void)
{
	return netlink_register_notifier(&sb_filter_load_notifier);
}

void sb_filter_load_unregister(void)
{
	netlink_unregister_notifier(&sb_filter_load_notifier);
}
