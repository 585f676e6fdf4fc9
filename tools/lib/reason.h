/* SPDX-License-Identifier: GPL-2.0 */
/* Names of drop reasons. */
#ifndef LIB_REASON_H
#define LIB_REASON_H

/* The name of an enum sitbroker_drop_reason, as in the netlink specification. */
const char *drop_reason_name(unsigned int reason);

#endif /* LIB_REASON_H */
