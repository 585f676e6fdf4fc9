// SPDX-License-Identifier: GPL-2.0
/*
 * Devices, links among them, that filter lists are attached to. The lists of a
 * place are an array that is replaced as a whole.
 */

#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "extack.h"
#include "filter-hook.h"
#include "filter-link.h"
#include "filter-port.h"
#include "link.h"
#include "master.h"
#include "net.h"
#include "netlink-filter.h"

static const char *const sb_filter_scope_names[SB_N_FILTER_SCOPES] = {
	[SITBROKER_FILTER_SCOPE_OUTER] = "outer",
	[SITBROKER_FILTER_SCOPE_INNER] = "inner",
	[SITBROKER_FILTER_SCOPE_IN] = "in",
	[SITBROKER_FILTER_SCOPE_OUT] = "out",
};

struct sb_filter_chain *sb_filter_chain(const struct sb_filters *filters,
					const struct sb_filter_port *port,
					enum sitbroker_filter_scope scope)
{
	return rcu_dereference_protected(port->chain[scope], lockdep_is_held(&filters->lock));
}

static bool sb_filter_chain_has(const struct sb_filter_chain *chain,
				const struct sb_filter_list *list)
{
	unsigned int i;

	for (i = 0; chain && i < chain->n; i++)
		if (chain->list[i] == list)
			return true;
	return false;
}

/* Is the list attached anywhere in that scope? */
bool sb_filter_is_attached(const struct sb_filters *filters, const struct sb_filter_list *list,
			   enum sitbroker_filter_scope scope)
{
	struct sb_filter_port *port;
	int bucket;

	lockdep_assert_held(&filters->lock);

	hash_for_each(filters->ports, bucket, port, node)
		if (sb_filter_chain_has(sb_filter_chain(filters, port, scope), list))
			return true;
	return false;
}

static bool sb_filter_scope_is_link(enum sitbroker_filter_scope scope)
{
	return scope == SITBROKER_FILTER_SCOPE_OUTER || scope == SITBROKER_FILTER_SCOPE_INNER;
}

/* The first chain of a scope: packets have to be looked at from now on. */
static int sb_filter_scope_begin(struct sb_net *sbn, enum sitbroker_filter_scope scope)
{
	int err = 0;

	if (sb_filter_scope_is_link(scope))
		static_branch_inc(&sb_filter_links);
	else if (!sbn->filters.n_places[scope])
		err = sb_filter_hook_register(sbn, scope);
	if (!err)
		sbn->filters.n_places[scope]++;
	return err;
}

static void sb_filter_scope_end(struct sb_net *sbn, enum sitbroker_filter_scope scope)
{
	sbn->filters.n_places[scope]--;
	if (sb_filter_scope_is_link(scope))
		static_branch_dec(&sb_filter_links);
	else if (!sbn->filters.n_places[scope])
		sb_filter_hook_unregister(sbn, scope);
}

static struct sb_filter_port *sb_filter_port_create(struct sb_filters *filters,
						    struct net_device *dev)
{
	struct sb_filter_port *port = kzalloc(sizeof(*port), GFP_KERNEL_ACCOUNT);
	struct sb_link *link = sb_link(dev);

	if (!port)
		return NULL;
	port->dev = dev;
	netdev_hold(dev, &port->tracker, GFP_KERNEL);
	hash_add_rcu(filters->ports, &port->node, dev->ifindex);
	if (link)
		rcu_assign_pointer(link->filters, port);
	return port;
}

/* Forget a device that no list is attached to. */
static void sb_filter_port_release(struct sb_filter_port *port)
{
	struct sb_link *link = sb_link(port->dev);
	unsigned int scope;

	for (scope = 0; scope < SB_N_FILTER_SCOPES; scope++)
		if (rcu_access_pointer(port->chain[scope]))
			return;
	if (link)
		RCU_INIT_POINTER(link->filters, NULL);
	hash_del_rcu(&port->node);
	netdev_put(port->dev, &port->tracker);
	kfree_rcu(port, rcu);
}

static void sb_filter_chain_replace(struct sb_filters *filters, struct sb_filter_port *port,
				    enum sitbroker_filter_scope scope, struct sb_filter_chain *new)
{
	struct sb_filter_chain *old;

	old = rcu_replace_pointer(port->chain[scope], new, lockdep_is_held(&filters->lock));
	if (old)
		kfree_rcu(old, rcu);
}

static int sb_filter_attach_check(const struct sb_filters *filters,
				  const struct sb_filter_list *list, const struct net_device *dev,
				  enum sitbroker_filter_scope scope, struct netlink_ext_ack *extack)
{
	const struct sb_filter_port *port = sb_filter_port(filters, dev);
	const struct sb_filter_chain *chain = port ? sb_filter_chain(filters, port, scope) : NULL;
	const struct net_device *master = sb_master(dev);

	if (master)
		return sb_refuse(extack, -EINVAL,
				 "%s is a port of %s, which takes all that it receives; attach list \"%s\" to %s instead",
				 dev->name, master->name, list->name, master->name);
	if (sb_filter_chain_has(chain, list))
		return sb_refuse(extack, -EEXIST,
				 "list \"%s\" is attached to %s, %s already; see brokertool filter show",
				 list->name, dev->name, sb_filter_scope_names[scope]);
	if (scope == SITBROKER_FILTER_SCOPE_OUTER &&
	    sb_filter_set(filters, list)->action == SITBROKER_FILTER_ACTION_REJECT)
		return sb_refuse(extack, -EOPNOTSUPP,
				 "list \"%s\" rejects, but strangers get no answer outside of a tunnel; load it with action drop",
				 list->name);
	if (list->places >= SB_FILTER_PLACES_MAX)
		return sb_refuse(extack, -E2BIG,
				 "list \"%s\" is attached to %u places, and no more can be; detach it from one",
				 list->name, list->places);
	if (chain && chain->n >= SB_FILTER_CHAIN_MAX)
		return sb_refuse(extack, -E2BIG,
				 "%u lists are attached to %s, %s, and no more can be; put them into one",
				 chain->n, dev->name, sb_filter_scope_names[scope]);
	return 0;
}

/**
 * sb_filter_attach() - look at a list in one more place
 * @sbn: the namespace
 * @list: the list
 * @dev: the device, a link for the scopes outer and inner
 * @scope: where on a packet's way
 * @extack: why it was refused
 *
 * The caller holds RTNL, so that the device does not go, and &sb_filters.lock.
 *
 * Return: 0 or a negative error number.
 */
int sb_filter_attach(struct sb_net *sbn, struct sb_filter_list *list, struct net_device *dev,
		     enum sitbroker_filter_scope scope, struct netlink_ext_ack *extack)
{
	struct sb_filters *filters = &sbn->filters;
	struct sb_filter_chain *old, *new;
	struct sb_filter_port *port;
	int err;

	ASSERT_RTNL();
	lockdep_assert_held(&filters->lock);

	err = sb_filter_attach_check(filters, list, dev, scope, extack);
	if (err)
		return err;
	port = sb_filter_port(filters, dev);
	if (!port)
		port = sb_filter_port_create(filters, dev);
	if (!port)
		goto no_memory;
	old = sb_filter_chain(filters, port, scope);
	new = kzalloc(struct_size(new, list, old ? old->n + 1 : 1), GFP_KERNEL_ACCOUNT);
	if (!new)
		goto no_memory;
	if (!old && sb_filter_scope_begin(sbn, scope)) {
		kfree(new);
		goto no_memory;
	}
	new->n = old ? old->n + 1 : 1;
	if (old)
		memcpy(new->list, old->list, old->n * sizeof(*new->list));
	new->list[new->n - 1] = list;
	sb_filter_chain_replace(filters, port, scope, new);
	list->places++;
	return 0;

no_memory:
	if (port)
		sb_filter_port_release(port);
	return sb_refuse(extack, -ENOMEM, "no memory to attach list \"%s\" to %s", list->name,
			 dev->name);
}

/* The chain without a list that is in it; NULL where it was the only one. */
static int sb_filter_chain_without(const struct sb_filter_chain *chain,
				   const struct sb_filter_list *list,
				   struct sb_filter_chain **without)
{
	struct sb_filter_chain *new = NULL;
	unsigned int i;

	if (chain->n > 1) {
		new = kzalloc(struct_size(new, list, chain->n - 1), GFP_KERNEL_ACCOUNT);
		if (!new)
			return -ENOMEM;
		new->n = chain->n - 1;
		for (i = 0; chain->list[i] != list; i++)
			new->list[i] = chain->list[i];
		for (; i < new->n; i++)
			new->list[i] = chain->list[i + 1];
	}
	*without = new;
	return 0;
}

/**
 * sb_filter_detach() - look at a list in a place no more
 * @sbn: the namespace
 * @list: the list
 * @dev: the device
 * @scope: where on a packet's way
 * @extack: why it was refused
 *
 * The caller holds &sb_filters.lock.
 *
 * Return: 0 or a negative error number.
 */
int sb_filter_detach(struct sb_net *sbn, struct sb_filter_list *list, const struct net_device *dev,
		     enum sitbroker_filter_scope scope, struct netlink_ext_ack *extack)
{
	struct sb_filters *filters = &sbn->filters;
	struct sb_filter_port *port = sb_filter_port(filters, dev);
	struct sb_filter_chain *chain = port ? sb_filter_chain(filters, port, scope) : NULL;

	lockdep_assert_held(&filters->lock);

	if (!sb_filter_chain_has(chain, list))
		return sb_refuse(extack, -ENOENT,
				 "list \"%s\" is not attached to %s, %s; see brokertool filter show",
				 list->name, dev->name, sb_filter_scope_names[scope]);
	if (sb_filter_chain_without(chain, list, &chain))
		return sb_refuse(extack, -ENOMEM, "no memory to detach list \"%s\"", list->name);
	sb_filter_chain_replace(filters, port, scope, chain);
	list->places--;
	if (!chain) {
		sb_filter_scope_end(sbn, scope);
		sb_filter_port_release(port);
	}
	return 0;
}

/* Every list leaves the device, which goes away. */
static void sb_filter_port_gone(struct sb_net *sbn, struct sb_filter_port *port)
{
	struct sb_filters *filters = &sbn->filters;
	struct sb_filter_chain *chain;
	unsigned int scope, i;

	for (scope = 0; scope < SB_N_FILTER_SCOPES; scope++) {
		chain = sb_filter_chain(filters, port, scope);
		if (!chain)
			continue;
		/* Unlinked by hand: the lists are told of below, when none is there any more. */
		RCU_INIT_POINTER(port->chain[scope], NULL);
		sb_filter_scope_end(sbn, scope);
		for (i = 0; i < chain->n; i++) {
			chain->list[i]->places--;
			sb_nl_notify_filter(sbn, chain->list[i], SITBROKER_CMD_FILTER_NTF);
		}
		kfree_rcu(chain, rcu);
	}
	sb_filter_port_release(port);
}

/*
 * Lists of a device that becomes a port of a bridge or a bond would see nothing
 * any more, without a word: whoever wants that shall take them off first.
 */
static int sb_filter_port_check_master(struct sb_net *sbn, const struct net_device *dev,
				       const struct netdev_notifier_changeupper_info *change)
{
	struct netlink_ext_ack *extack = netdev_notifier_info_to_extack(&change->info);
	const struct net_device *master = sb_master_to_be(change);
	const struct sb_filter_port *port;
	int err = 0;

	if (!master)
		return 0;

	mutex_lock(&sbn->filters.lock);
	port = sb_filter_port(&sbn->filters, dev);
	if (port)
		err = sb_refuse(extack, -EBUSY,
				"filter lists are attached to %s, and as a port of %s it would receive nothing; detach them, and attach them to %s afterwards",
				dev->name, master->name, master->name);
	mutex_unlock(&sbn->filters.lock);
	return err;
}

/* A device that goes away, or moves to another namespace, has no lists any more. */
static int sb_filter_port_event(struct notifier_block *nb, unsigned long event, void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct sb_net *sbn = sb_net(dev_net(dev));
	struct sb_filter_port *port;

	if (event == NETDEV_PRECHANGEUPPER)
		return notifier_from_errno(sb_filter_port_check_master(sbn, dev, ptr));
	if (event != NETDEV_UNREGISTER)
		return NOTIFY_DONE;
	mutex_lock(&sbn->filters.lock);
	port = sb_filter_port(&sbn->filters, dev);
	if (port)
		sb_filter_port_gone(sbn, port);
	mutex_unlock(&sbn->filters.lock);
	return NOTIFY_DONE;
}

static struct notifier_block sb_filter_port_notifier = {
	.notifier_call = sb_filter_port_event,
};

int sb_filter_port_register(void)
{
	return register_netdevice_notifier(&sb_filter_port_notifier);
}

/* Tells itself of all devices as if they went. */
void sb_filter_port_unregister(void)
{
	unregister_netdevice_notifier(&sb_filter_port_notifier);
}
