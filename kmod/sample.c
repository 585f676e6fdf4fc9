// SPDX-License-Identifier: GPL-2.0
/*
 * The last packet that was dropped, for each reason: what an administrator
 * wants to see first. sixxsd keeps the same.
 */

#include <linux/jiffies.h>
#include <linux/slab.h>

#include "client.h"
#include "sample.h"

/* Under a flood, a sample every so often is as good as the last one. */
#define SB_SAMPLE_INTERVAL	(HZ / 10)

struct sb_samples *sb_samples_alloc(void)
{
	struct sb_samples *samples = kvzalloc(sizeof(*samples), GFP_KERNEL_ACCOUNT);

	if (samples)
		spin_lock_init(&samples->lock);
	return samples;
}

/**
 * sb_sample_take() - keep the beginning of a dropped packet
 * @samples: of the link
 * @client: whom it is charged to, or NULL
 * @skb: the packet
 * @reason: why it is dropped
 *
 * Never waits: where another processor keeps one, this one is not kept.
 */
void sb_sample_take(struct sb_samples *samples, const struct sb_client *client,
		    const struct sk_buff *skb, enum sitbroker_drop_reason reason)
{
	struct sb_sample *sample = &samples->by_reason[reason];
	u64 now = get_jiffies_64(), last = READ_ONCE(sample->when);
	int offset;

	if (last && now - last < SB_SAMPLE_INTERVAL)
		return;
	if (!spin_trylock_bh(&samples->lock))
		return;
	offset = sb_drop_offset(skb);
	sample->len = skb->len - offset;
	sample->size = min_t(u32, sample->len, SB_SAMPLE_SIZE);
	if (skb_copy_bits(skb, offset, sample->data, sample->size))
		sample->size = 0;
	strscpy(sample->client, client ? client->name : "", sizeof(sample->client));
	WRITE_ONCE(sample->when, now);
	spin_unlock_bh(&samples->lock);
}

/**
 * sb_sample_read() - the last packet that was dropped for a reason
 * @samples: of the link
 * @reason: the reason
 * @sample: where to put it
 *
 * Return: is there one?
 */
bool sb_sample_read(struct sb_samples *samples, enum sitbroker_drop_reason reason,
		    struct sb_sample *sample)
{
	spin_lock_bh(&samples->lock);
	*sample = samples->by_reason[reason];
	spin_unlock_bh(&samples->lock);
	return sample->when;
}
