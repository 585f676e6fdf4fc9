/* SPDX-License-Identifier: GPL-2.0 */
/* What a packet that is sent leaves with its client, in one number. */
#ifndef _SITBROKER_SENT_H
#define _SITBROKER_SENT_H

#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/types.h>

/*
 * From above, 16 bits each: the next outer packet's identification, which begins anew by
 * itself, and packets; then 32 of bytes. Packets and bytes are those that are not yet among
 * &sb_client.tx_packets and &sb_client.tx_bytes. One addition counts all three.
 */
#define SB_SENT_IDENTIFICATION_SHIFT	48
#define SB_SENT_PACKETS_SHIFT		32

static inline u16 sb_sent_identification(u64 sent)
{
	return sent >> SB_SENT_IDENTIFICATION_SHIFT;
}

static inline u16 sb_sent_packets(u64 sent)
{
	return sent >> SB_SENT_PACKETS_SHIFT;
}

static inline u32 sb_sent_bytes(u64 sent)
{
	return sent;
}

/*
 * Is it time to make room? Half of it is left, for what other processors send
 * until that is done: 32,768 packets, or as many of 64 KB.
 */
static inline bool sb_sent_is_much(u64 sent)
{
	return sent & (BIT_ULL(SB_SENT_IDENTIFICATION_SHIFT - 1) |
		       BIT_ULL(SB_SENT_PACKETS_SHIFT - 1));
}

/**
 * sb_sent_count() - count a packet
 * @sent: where
 * @len: its length, the inner header included
 * @segments: how many outer packets it becomes
 *
 * Return: what was there before, its identification among that.
 */
static inline u64 sb_sent_count(atomic64_t *sent, u32 len, u16 segments)
{
	u64 more = (u64)segments << SB_SENT_IDENTIFICATION_SHIFT |
		   1ULL << SB_SENT_PACKETS_SHIFT | len;

	return atomic64_fetch_add(more, sent);
}

/* Let identifications go on from somewhere else. @number: that nobody can foresee */
static inline void sb_sent_begin(atomic64_t *sent, u16 number)
{
	atomic64_add((u64)number << SB_SENT_IDENTIFICATION_SHIFT, sent);
}

/* Take back packets and bytes; whoever does not see them any more sees what came before. */
static inline void sb_sent_take(atomic64_t *sent, u16 packets, u32 bytes)
{
	atomic64_sub_return_release((u64)packets << SB_SENT_PACKETS_SHIFT | bytes, sent);
}

#endif /* _SITBROKER_SENT_H */
