// SPDX-License-Identifier: GPL-2.0
/* Module entry and exit: a ladder, nothing else. */

#include <linux/module.h>
#include <net/net_namespace.h>
#include <net/rtnetlink.h>

#include "client.h"
#include "compat/compat.h"
#include "extack.h"
#include "filter-load.h"
#include "filter-port.h"
#include "link.h"
#include "net.h"
#include "netlink.h"
#include "receive.h"
#include "uplink.h"

static int __init sb_init(void)
{
	int err;

	err = sb_client_cache_create();
	if (err)
		return err;
	err = sb_net_register();
	if (err)
		goto err_cache;
	err = sb_uplink_register();
	if (err)
		goto err_net;
	err = sb_filter_port_register();
	if (err)
		goto err_uplink;
	err = sb_filter_load_register();
	if (err)
		goto err_filter_port;
	err = sb_receive_register();
	if (err)
		goto err_filter_load;
	err = sb_link_register();
	if (err)
		goto err_receive;
	err = sb_nl_register();
	if (err)
		goto err_link;
	return 0;

err_link:
	sb_link_unregister();
err_receive:
	sb_receive_unregister();
err_filter_load:
	sb_filter_load_unregister();
err_filter_port:
	sb_filter_port_unregister();
err_uplink:
	sb_uplink_unregister();
err_net:
	sb_net_unregister();
err_cache:
	sb_client_cache_destroy();
	return err;
}

static void __exit sb_exit(void)
{
	sb_nl_unregister();
	sb_link_unregister();
	sb_receive_unregister();
	sb_filter_load_unregister();
	sb_filter_port_unregister();
	sb_uplink_unregister();
	sb_net_unregister();
	/* kfree_rcu(), frees of directories and of netfilter's hooks may be under way. */
	rcu_barrier();
	sb_client_cache_destroy();
	sb_refusals_forget();
}

module_init(sb_init);
module_exit(sb_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Private IPv6 tunnel broker (6in4 server)");
MODULE_VERSION(SITBROKER_VERSION);
MODULE_ALIAS_RTNL_LINK(KBUILD_MODNAME);
MODULE_ALIAS_GENL_FAMILY(SITBROKER_FAMILY_NAME);
