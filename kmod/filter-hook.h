/* SPDX-License-Identifier: GPL-2.0 */
/* Filter lists on any device: scopes in and out. */
#ifndef _SITBROKER_FILTER_HOOK_H
#define _SITBROKER_FILTER_HOOK_H

#include <uapi/linux/sitbroker.h>

struct sb_net;

int sb_filter_hook_register(struct sb_net *sbn, enum sitbroker_filter_scope scope);
void sb_filter_hook_unregister(struct sb_net *sbn, enum sitbroker_filter_scope scope);

#endif /* _SITBROKER_FILTER_HOOK_H */
