/* SPDX-License-Identifier: GPL-2.0 */
/* Devices, links among them, that filter lists are attached to. */
#ifndef _SITBROKER_FILTER_PORT_H
#define _SITBROKER_FILTER_PORT_H

#include <linux/netlink.h>

#include "filter.h"

/* The port of a device, or NULL; RCU or &sb_filters.lock. */
static inline struct sb_filter_port *sb_filter_port(const struct sb_filters *filters,
						    const struct net_device *dev)
{
	struct sb_filter_port *port;

	hash_for_each_possible_rcu(filters->ports, port, node, dev->ifindex,
				   lockdep_is_held(&filters->lock))
		if (port->dev == dev)
			return port;
	return NULL;
}

struct sb_filter_chain *sb_filter_chain(const struct sb_filters *filters,
					const struct sb_filter_port *port,
					enum sitbroker_filter_scope scope);

int sb_filter_attach(struct sb_net *sbn, struct sb_filter_list *list, struct net_device *dev,
		     enum sitbroker_filter_scope scope, struct netlink_ext_ack *extack);
int sb_filter_detach(struct sb_net *sbn, struct sb_filter_list *list, const struct net_device *dev,
		     enum sitbroker_filter_scope scope, struct netlink_ext_ack *extack);
bool sb_filter_is_attached(const struct sb_filters *filters, const struct sb_filter_list *list,
			   enum sitbroker_filter_scope scope);

int sb_filter_port_register(void);
void sb_filter_port_unregister(void);

#endif /* _SITBROKER_FILTER_PORT_H */
