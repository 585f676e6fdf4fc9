// SPDX-License-Identifier: GPL-2.0
/* Module entry and exit: a ladder, nothing else. */

#include <linux/module.h>

static int __init sb_init(void)
{
	return 0;
}

static void __exit sb_exit(void)
{
}

module_init(sb_init);
module_exit(sb_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Private IPv6 tunnel broker (6in4 server)");
