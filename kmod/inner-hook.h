/* SPDX-License-Identifier: GPL-2.0 */
/* The one look at every IPv6 packet that arrives anywhere. */
#ifndef _SITBROKER_INNER_HOOK_H
#define _SITBROKER_INNER_HOOK_H

struct net;

int sb_inner_hook_register(struct net *net);
void sb_inner_hook_unregister(struct net *net);

#endif /* _SITBROKER_INNER_HOOK_H */
