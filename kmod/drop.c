// SPDX-License-Identifier: GPL-2.0
/* Drops: every packet that is not passed on is recorded under its reason. */

#include <linux/percpu.h>

#include "client.h"
#include "drop.h"
#include "fault.h"
#include "link.h"
#include "sample.h"
#include "trace.h"

#define SB_DROP_NAME(reason, name)	\
	[SITBROKER_DROP_REASON_##reason] = name,
const char sb_drop_names[SB_N_DROP_REASONS][ETH_GSTRING_LEN] = {
	SB_DROP_REASONS(SB_DROP_NAME)
};

const char sb_way_names[SB_N_WAYS][ETH_GSTRING_LEN] = {
	"rx-early", "rx-routed", "rx-forwarded", "tx-forwarded",
};

#define SB_DROP_ONE(reason, name)	+ 1
static_assert(SB_DROP_REASONS(SB_DROP_ONE) == SB_N_DROP_REASONS, "a drop reason has no name");

/*
 * Count a drop of which nothing is left to look at. The caller holds the RCU
 * read lock. Where memory is short, only the link counts.
 */
void sb_drop_count(struct sb_link *link, struct sb_client *client,
		   enum sitbroker_drop_reason reason)
{
	struct sb_link_drops *drops;
	struct sb_faults *faults;

	local_bh_disable();
	drops = this_cpu_ptr(link->drops);
	u64_stats_update_begin(&drops->syncp);
	u64_stats_inc(&drops->n[reason]);
	u64_stats_update_end(&drops->syncp);
	local_bh_enable();

	if (!client)
		return;
	faults = sb_faults(client);
	if (faults)
		atomic64_inc(&faults->drops[reason]);
}

/**
 * sb_drop() - record that a packet is dropped
 * @link: the link
 * @client: the client that it is charged to, or NULL
 * @skb: the packet
 * @reason: why it is dropped
 *
 * The caller holds the RCU read lock and frees the packet.
 */
void sb_drop(struct sb_link *link, struct sb_client *client, const struct sk_buff *skb,
	     enum sitbroker_drop_reason reason)
{
	sb_drop_count(link, client, reason);
	trace_drop(link, client, skb, reason);
	sb_sample_take(link->samples, client, skb, reason);
}

/**
 * sb_link_drops_read() - drops of a link, over all processors
 * @link: the link
 * @sums: room for %SB_N_DROP_REASONS sums
 */
void sb_link_drops_read(const struct sb_link *link, u64 *sums)
{
	u64 part[SB_N_DROP_REASONS];
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

/* Packets that took each of the ways, over all processors. */
void sb_link_ways_read(const struct sb_link *link, u64 sums[SB_N_WAYS])
{
	int cpu;

	memset(sums, 0, SB_N_WAYS * sizeof(*sums));
	for_each_possible_cpu(cpu) {
		const struct sb_link_drops *drops = per_cpu_ptr(link->drops, cpu);

		sums[0] += READ_ONCE(drops->early);
		sums[1] += READ_ONCE(drops->routed);
		sums[2] += READ_ONCE(drops->forwarded);
		sums[3] += READ_ONCE(drops->homeward);
	}
}
