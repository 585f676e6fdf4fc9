/* SPDX-License-Identifier: GPL-2.0 */
/* The last packet that was dropped, for each reason. */
#ifndef _SITBROKER_SAMPLE_H
#define _SITBROKER_SAMPLE_H

#include <linux/skbuff.h>
#include <linux/spinlock.h>

#include "drop.h"

#define SB_SAMPLE_SIZE	128

/**
 * struct sb_sample - the beginning of a dropped packet
 * @when: jiffies64 of the drop, 0 where there is none
 * @client: name of the client that it was charged to, or ""
 * @len: length of the whole packet, from its network header on
 * @size: how much of it is in @data
 * @data: its beginning
 */
struct sb_sample {
	u64 when;
	char client[SITBROKER_NAME_MAX + 1];
	u32 len;
	u8 size;
	u8 data[SB_SAMPLE_SIZE];
};

/**
 * struct sb_samples - the last dropped packets of a link
 * @lock: protects @by_reason
 * @by_reason: by &enum sitbroker_drop_reason
 */
struct sb_samples {
	spinlock_t lock;
	struct sb_sample by_reason[SB_N_DROP_REASONS];
};

struct sb_samples *sb_samples_alloc(void);
void sb_sample_take(struct sb_samples *samples, const struct sb_client *client,
		    const struct sk_buff *skb, enum sitbroker_drop_reason reason);
bool sb_sample_read(struct sb_samples *samples, enum sitbroker_drop_reason reason,
		    struct sb_sample *sample);

#endif /* _SITBROKER_SAMPLE_H */
