/* SPDX-License-Identifier: GPL-2.0 */
/* So many events a second, and a burst of as many. */
#ifndef _SITBROKER_BUDGET_H
#define _SITBROKER_BUDGET_H

#include <linux/atomic.h>
#include <linux/ktime.h>

/**
 * sb_budget_take_at() - may one more event happen at a given time?
 * @budget: nanoseconds at which the events taken so far would have happened
 *	one by one; 0 at first
 * @rate: events a second, not 0; the burst is what comes in one second
 * @now: the time in nanoseconds, monotonic
 *
 * The generic cell rate algorithm: one word, no lock, nothing to refill.
 *
 * Return: true, and the event is taken, or false.
 */
static inline bool sb_budget_take_at(atomic64_t *budget, u32 rate, s64 now)
{
	s64 taken = atomic64_read(budget), next;

	do {
		next = max(taken, now) + NSEC_PER_SEC / rate;
		if (next > now + NSEC_PER_SEC)
			return false;
	} while (!atomic64_try_cmpxchg(budget, &taken, next));
	return true;
}

static inline bool sb_budget_take(atomic64_t *budget, u32 rate)
{
	return sb_budget_take_at(budget, rate, ktime_get_ns());
}

#endif /* _SITBROKER_BUDGET_H */
