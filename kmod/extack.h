/* SPDX-License-Identifier: GPL-2.0 */
/* Refusals with a sentence that names the object and the remedy. */
#ifndef _SITBROKER_EXTACK_H
#define _SITBROKER_EXTACK_H

#include <linux/netlink.h>

__printf(3, 4)
int sb_refuse(struct netlink_ext_ack *extack, int err, const char *fmt, ...);
void sb_refusals_forget(void);

#endif /* _SITBROKER_EXTACK_H */
