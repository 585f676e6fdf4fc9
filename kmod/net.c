// SPDX-License-Identifier: GPL-2.0
/* What the module keeps for each network namespace. */

#include <net/netns/generic.h>

#include "filter-load.h"
#include "net.h"
#include "route.h"

static unsigned int sb_net_id __read_mostly;

struct sb_net *sb_net(const struct net *net)
{
	return net_generic(net, sb_net_id);
}

static int __net_init sb_net_init(struct net *net)
{
	struct sb_net *sbn = sb_net(net);

	sbn->net = net;
	mutex_init(&sbn->lock);
	INIT_LIST_HEAD(&sbn->links);
	INIT_LIST_HEAD(&sbn->uplinks);
	sb_table_init(&sbn->table, &sbn->lock);
	sb_filters_init(&sbn->filters);
	return 0;
}

/* The namespace's links went before: devices are dismantled before subsystems. */
static void __net_exit sb_net_exit(struct net *net)
{
	struct sb_net *sbn = sb_net(net);

	WARN_ON_ONCE(!list_empty(&sbn->links) || !list_empty(&sbn->uplinks));
	sb_filter_loads_end(&sbn->filters);
	sb_filters_destroy(&sbn->filters);
	sb_table_destroy(&sbn->table);
	sb_routes_free(sbn);
	mutex_destroy(&sbn->lock);
}

static struct pernet_operations sb_net_ops = {
	.init = sb_net_init,
	.exit = sb_net_exit,
	.id = &sb_net_id,
	.size = sizeof(struct sb_net),
};

int sb_net_register(void)
{
	return register_pernet_subsys(&sb_net_ops);
}

void sb_net_unregister(void)
{
	unregister_pernet_subsys(&sb_net_ops);
}
