/* SPDX-License-Identifier: GPL-2.0 */
/* The short way for 6in4 packets. */
#ifndef _SITBROKER_OUTER_HOOK_H
#define _SITBROKER_OUTER_HOOK_H

struct net;

int sb_outer_hook_register(struct net *net);
void sb_outer_hook_unregister(struct net *net);

#endif /* _SITBROKER_OUTER_HOOK_H */
