/* SPDX-License-Identifier: GPL-2.0 */
/* From a client to the IPv6 stack. */
#ifndef _SITBROKER_RECEIVE_H
#define _SITBROKER_RECEIVE_H

int sb_receive_register(void);
void sb_receive_unregister(void);

#endif /* _SITBROKER_RECEIVE_H */
