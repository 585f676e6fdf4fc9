/* SPDX-License-Identifier: GPL-2.0 */
/* Names of clients and filter lists. */
#ifndef _SITBROKER_NAME_H
#define _SITBROKER_NAME_H

#include <linux/netlink.h>

int sb_name_check(const char *whose, const char *name, struct netlink_ext_ack *extack);

#endif /* _SITBROKER_NAME_H */
