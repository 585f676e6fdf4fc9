/* SPDX-License-Identifier: GPL-2.0 */
/* What packets leave beside a piece of a pool: from where they came, and how many. */
#ifndef _SITBROKER_SEEN_H
#define _SITBROKER_SEEN_H

#include <linux/atomic.h>
#include <linux/jiffies.h>
#include <linux/log2.h>
#include <linux/types.h>

/**
 * struct sb_seen - what was seen of who holds a piece
 * @proof: from where the holder was last found to send, and in which generation, 0 for
 *	never; see sb_outer_proof()
 * @received: packets, and below them bytes, that are not yet among what the holder has
 *	received (&sb_client.rx_packets); see sb_seen_count()
 * @last: when the last of them came, in units of sb_seen_now(), 0 for never
 *
 * A quarter of a cache line is all that most packets that are received touch of a client.
 */
struct sb_seen {
	atomic64_t proof;
	atomic_t received;
	u32 last;
};

/* Some thousand packets of the usual size, or as many bytes as 64 of the largest have. */
#define SB_SEEN_BYTES_BITS	22
#define SB_SEEN_BYTES_MAX	((1U << SB_SEEN_BYTES_BITS) - 1)
#define SB_SEEN_PACKETS_MAX	(U32_MAX >> SB_SEEN_BYTES_BITS)

static inline u32 sb_seen_packets(u32 received)
{
	return received >> SB_SEEN_BYTES_BITS;
}

static inline u32 sb_seen_bytes(u32 received)
{
	return received & SB_SEEN_BYTES_MAX;
}

/* Jiffies in a unit of time, 32 to 64 ms: 32 bits of them last for four years. */
#define SB_SEEN_TIME_SHIFT	ilog2(HZ / 16)

/* The time, as it is remembered. */
static inline u32 sb_seen_now(void)
{
	u64 ticks = get_jiffies_64();

	return ticks >> SB_SEEN_TIME_SHIFT;
}

/* Milliseconds since then. */
static inline u64 sb_seen_age(u32 then)
{
	return jiffies64_to_msecs((u64)(sb_seen_now() - then) << SB_SEEN_TIME_SHIFT);
}

/* The later one of two times in the past, each of which may be 0 for never. */
static inline u32 sb_seen_later(u32 a, u32 b)
{
	u32 now = sb_seen_now();

	if (!a || !b)
		return a ?: b;
	return now - a < now - b ? a : b;
}

/**
 * sb_seen_count() - count a packet beside the piece that it came from
 * @seen: what was seen of the holder
 * @len: its length, the inner header included
 * @now: the time, from sb_seen_now()
 *
 * Return: false where there is no room for it.
 */
static inline bool sb_seen_count(struct sb_seen *seen, unsigned int len, u32 now)
{
	int received = atomic_read(&seen->received);

	do {
		if (unlikely(sb_seen_packets(received) == SB_SEEN_PACKETS_MAX ||
			     len > SB_SEEN_BYTES_MAX - sb_seen_bytes(received)))
			return false;
	} while (!atomic_try_cmpxchg(&seen->received, &received,
				     received + (1U << SB_SEEN_BYTES_BITS) + len));
	if (READ_ONCE(seen->last) != now)
		WRITE_ONCE(seen->last, now);
	return true;
}

/* Somebody else holds the piece from now on, of whom nothing was seen. */
static inline void sb_seen_begin(struct sb_seen *seen)
{
	atomic64_set(&seen->proof, 0);
	atomic_set(&seen->received, 0);
	WRITE_ONCE(seen->last, 0);
}

#endif /* _SITBROKER_SEEN_H */
