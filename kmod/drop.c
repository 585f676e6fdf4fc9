// SPDX-License-Identifier: GPL-2.0
/* Drops: every packet that is not passed on is counted here under its reason. */

#include <linux/percpu.h>
#include <linux/slab.h>

#include "client.h"
#include "link.h"

/* A client without drops, which most are, has no counters. */
static struct sb_client_drops *sb_client_drops(struct sb_client *client)
{
	struct sb_client_drops *drops = READ_ONCE(client->drops);
	struct sb_client_drops *other;

	if (drops)
		return drops;
	drops = kzalloc(sizeof(*drops), GFP_ATOMIC | __GFP_NOWARN);
	if (!drops)
		return NULL;
	other = cmpxchg(&client->drops, NULL, drops);
	if (!other)
		return drops;
	kfree(drops);
	return other;
}

/**
 * sb_drop_count() - count a dropped packet
 * @link: the link
 * @client: the client that it is charged to, or NULL
 * @reason: why it was dropped
 *
 * The caller holds the RCU read lock and frees the packet. Where memory is
 * short, only the link counts.
 */
void sb_drop_count(struct sb_link *link, struct sb_client *client,
		   enum sitbroker_drop_reason reason)
{
	struct sb_client_drops *client_drops;
	struct sb_link_drops *drops;

	local_bh_disable();
	drops = this_cpu_ptr(link->drops);
	u64_stats_update_begin(&drops->syncp);
	u64_stats_inc(&drops->n[reason]);
	u64_stats_update_end(&drops->syncp);
	local_bh_enable();

	if (!client)
		return;
	client_drops = sb_client_drops(client);
	if (client_drops)
		atomic64_inc(&client_drops->n[reason]);
}

/**
 * sb_link_drops_read() - drops of a link, over all processors
 * @link: the link
 * @sums: room for %SITBROKER_DROP_REASON_MAX + 1 sums
 */
void sb_link_drops_read(const struct sb_link *link, u64 *sums)
{
	u64 part[SITBROKER_DROP_REASON_MAX + 1];
	unsigned int start, reason;
	int cpu;

	memset(sums, 0, sizeof(part));
	for_each_possible_cpu(cpu) {
		const struct sb_link_drops *drops = per_cpu_ptr(link->drops, cpu);

		do {
			start = u64_stats_fetch_begin(&drops->syncp);
			for (reason = 0; reason < ARRAY_SIZE(part); reason++)
				part[reason] = u64_stats_read(&drops->n[reason]);
		} while (u64_stats_fetch_retry(&drops->syncp, start));
		for (reason = 0; reason < ARRAY_SIZE(part); reason++)
			sums[reason] += part[reason];
	}
}
