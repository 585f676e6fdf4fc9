// SPDX-License-Identifier: GPL-2.0
/*
 * Takes a place that sitbroker wants, so that a step of its init is refused
 * which asks for no memory. Not a test by itself: see faults.sh.
 */

#include <linux/module.h>
#include <net/genetlink.h>
#include <net/rtnetlink.h>
#include <net/xfrm.h>
#include <uapi/linux/sitbroker.h>

static char *at = "";
module_param(at, charp, 0444);
MODULE_PARM_DESC(at, "what is taken: first, last (handler of protocol 41), link or family");

static int sb_obstacle_receive(struct sk_buff *skb)
{
	return 1;	/* not wanted */
}

static int sb_obstacle_error(struct sk_buff *skb, u32 info)
{
	return -ENOENT;
}

static struct xfrm_tunnel sb_obstacle_handler = {
	.handler = sb_obstacle_receive,
	.err_handler = sb_obstacle_error,
};

static struct rtnl_link_ops sb_obstacle_link_ops = {
	.kind = "sitbroker",
};

static struct genl_family sb_obstacle_family = {
	.name = SITBROKER_FAMILY_NAME,
	.version = 1,
	.module = THIS_MODULE,
};

static int __init sb_obstacle_init(void)
{
	if (!strcmp(at, "link"))
		return rtnl_link_register(&sb_obstacle_link_ops);
	if (!strcmp(at, "family"))
		return genl_register_family(&sb_obstacle_family);
	/* See SB_PRIORITY_FIRST and SB_PRIORITY_LAST in receive.c. */
	if (!strcmp(at, "first"))
		sb_obstacle_handler.priority = -41;
	else if (!strcmp(at, "last"))
		sb_obstacle_handler.priority = INT_MAX;
	else
		return -EINVAL;
	return xfrm4_tunnel_register(&sb_obstacle_handler, AF_INET6);
}

static void __exit sb_obstacle_exit(void)
{
	if (!strcmp(at, "link"))
		rtnl_link_unregister(&sb_obstacle_link_ops);
	else if (!strcmp(at, "family"))
		genl_unregister_family(&sb_obstacle_family);
	else
		xfrm4_tunnel_deregister(&sb_obstacle_handler, AF_INET6);
}

module_init(sb_obstacle_init);
module_exit(sb_obstacle_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("In the way of sitbroker's init");
