/* SPDX-License-Identifier: GPL-2.0 */
/* What went wrong with a client: most have nothing of it. */
#ifndef _SITBROKER_FAULT_H
#define _SITBROKER_FAULT_H

#include <linux/atomic.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "drop.h"

struct sb_client;

/**
 * struct sb_fault_error - the last ICMPv4 error about packets sent to a client
 * @count: number of errors, this one included; 0 where none ever came
 * @when: jiffies64 of this one
 * @from: who sent it
 * @type: ICMPv4 type
 * @code: ICMPv4 code
 */
struct sb_fault_error {
	u64 count;
	u64 when;
	__be32 from;
	u8 type;
	u8 code;
};

/**
 * struct sb_faults - drops and errors of a client that had some
 * @drops: drop counters by &enum sitbroker_drop_reason
 * @budget: of ICMPv6 errors sent about the client, see sb_budget_take()
 * @too_big_budget: of Packet Too Big alone
 * @lock: protects @error
 * @error: the last ICMPv4 error
 */
struct sb_faults {
	atomic64_t drops[SB_N_DROP_REASONS];
	atomic64_t budget;
	atomic64_t too_big_budget;
	spinlock_t lock;
	struct sb_fault_error error;
};

struct sb_faults *sb_faults(struct sb_client *client);
void sb_fault_error_note(struct sb_client *client, __be32 from, u8 type, u8 code);
struct sb_fault_error sb_fault_error_read(struct sb_faults *faults);

#endif /* _SITBROKER_FAULT_H */
