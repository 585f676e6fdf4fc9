// SPDX-License-Identifier: GPL-2.0
/* Only compiled where the kernel has no struct genl_split_ops. */

#include "genetlink.h"

#define SB_OPS_MAX	32

/*
 * Give the family one entry for each command. Do and dump share a policy
 * there: the one with more attributes, which holds the other's.
 */
int sb_compat_genl_register(struct genl_family *family)
{
	static struct genl_ops merged[SB_OPS_MAX] __ro_after_init;
	unsigned int n = 0, i;

	for (i = 0; i < family->n_ops; i++) {
		const struct genl_ops *op = &family->ops[i];
		struct genl_ops *to = n ? &merged[n - 1] : NULL;

		if (!to || to->cmd != op->cmd) {
			if (WARN_ON_ONCE(n == SB_OPS_MAX))
				return -E2BIG;
			merged[n++] = *op;
			continue;
		}
		to->flags |= op->flags;
		if (op->dumpit) {
			to->start = op->start;
			to->dumpit = op->dumpit;
			to->done = op->done;
		}
		if (op->doit)
			to->doit = op->doit;
		if (op->maxattr > to->maxattr) {
			to->policy = op->policy;
			to->maxattr = op->maxattr;
		}
	}
	family->ops = merged;
	family->n_ops = n;
	/* Check reserved header fields and reject unknown attributes in all of them. */
	family->resv_start_op = 1;
	return genl_register_family(family);
}
