/* SPDX-License-Identifier: GPL-2.0 */
/* What the module keeps for each network namespace. */
#ifndef _SITBROKER_NET_H
#define _SITBROKER_NET_H

#include <linux/mutex.h>
#include <linux/netfilter.h>
#include <net/net_namespace.h>

#include "filter.h"
#include "table.h"

/**
 * struct sb_net - the broker's part of a network namespace
 * @net: the namespace; constant
 * @links: all links; changed under RTNL and @lock, read under RCU
 * @table: pools and clients of all links; changed under @lock, read under RCU
 * @lock: held by whoever changes links, pools, clients or uplinks; taken inside RTNL
 * @uplinks: devices where solicitations are answered; changed under RTNL and @lock,
 *	read under RCU
 * @n_links: length of @links; protected by @lock
 * @changes: counts what of clients changes that packets rely on; see sb_net_changes()
 * @inner_hook: see inner-hook.c; registered while there is a link, protected by RTNL
 * @outer_hook: see outer-hook.c; as @inner_hook
 * @filters: filter lists and where they are attached
 * @routes: see route.c; set once, before a hook is registered
 *
 * What every packet needs comes first, in one cache line.
 */
struct sb_net {
	struct net *net;
	struct list_head links;
	struct sb_table table;
	atomic_t changes;
	struct mutex lock;
	struct list_head uplinks;
	unsigned int n_links;
	struct nf_hook_ops inner_hook;
	struct nf_hook_ops outer_hook;
	struct sb_filters filters;
	struct sb_routes __percpu *routes;
};

struct sb_net *sb_net(const struct net *net);

/*
 * Is our hook the last one in a chain? One of the very same priority comes behind
 * it where it was there before the link. RCU.
 */
static inline bool sb_net_is_last(const struct sb_net *sbn,
				  const struct nf_hook_entries __rcu *chain)
{
	const struct nf_hook_entries *entries = rcu_dereference(chain);

	return entries && entries->hooks[entries->num_hook_entries - 1].priv == sbn;
}

/* And the only one? RCU. */
static inline bool sb_net_is_alone(const struct sb_net *sbn,
				   const struct nf_hook_entries __rcu *chain)
{
	const struct nf_hook_entries *entries = rcu_dereference(chain);

	return entries && entries->num_hook_entries == 1 && entries->hooks[0].priv == sbn;
}

/*
 * What packets have found out about clients counts no more: one has left, is disabled or has
 * moved. Behind the change.
 */
static inline void sb_net_changes(struct sb_net *sbn)
{
	smp_mb__before_atomic();	/* sb_outer_sender() */
	atomic_inc(&sbn->changes);
}

int sb_net_register(void);
void sb_net_unregister(void);

#endif /* _SITBROKER_NET_H */
