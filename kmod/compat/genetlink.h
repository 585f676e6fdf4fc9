/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Generated code describes each command by one entry for do and one for dump
 * (struct genl_split_ops, 6.2). Before that a family has one struct genl_ops
 * for both. The fields that generated code uses have the same names in the
 * two, so it compiles against the old one; registration merges the entries.
 */
#ifndef _SITBROKER_COMPAT_GENETLINK_H
#define _SITBROKER_COMPAT_GENETLINK_H

#include <net/genetlink.h>

#ifndef HAVE_GENL_SPLIT_OPS
#define genl_split_ops	genl_ops
#define split_ops	ops
#define n_split_ops	n_ops

int sb_compat_genl_register(struct genl_family *family);
#else
static inline int sb_compat_genl_register(struct genl_family *family)
{
	return genl_register_family(family);
}
#endif

/* Parsed attributes of a dump request. */
static inline struct nlattr **sb_compat_dump_attrs(struct netlink_callback *cb)
{
#ifdef HAVE_GENL_INFO_DUMP	/* 6.6 */
	return genl_info_dump(cb)->attrs;
#else
	return genl_dumpit_info(cb)->attrs;
#endif
}

#endif /* _SITBROKER_COMPAT_GENETLINK_H */
