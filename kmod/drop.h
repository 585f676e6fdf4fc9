/* SPDX-License-Identifier: GPL-2.0 */
/* Drops: every packet that is not passed on is recorded under its reason. */
#ifndef _SITBROKER_DROP_H
#define _SITBROKER_DROP_H

#include <linux/atomic.h>
#include <linux/ethtool.h>
#include <linux/skbuff.h>
#include <linux/u64_stats_sync.h>

#include <uapi/linux/sitbroker.h>

struct sb_client;
struct sb_link;

/* Reasons and their names, in the order of enum sitbroker_drop_reason. */
#define SB_DROP_REASONS(X)			\
	X(RX_STRANGER, "rx-stranger")		\
	X(RX_WRONG_SOURCE, "rx-wrong-source")	\
	X(RX_LINK_LOCAL, "rx-link-local")	\
	X(RX_DISABLED, "rx-disabled")		\
	X(RX_HEADER, "rx-header")		\
	X(RX_NOT_UNICAST, "rx-not-unicast")	\
	X(RX_ECN, "rx-ecn")			\
	X(RX_HOP_LIMIT, "rx-hop-limit")		\
	X(RX_MULTICAST, "rx-multicast")		\
	X(RX_NESTED, "rx-nested")		\
	X(RX_EMBEDDED, "rx-embedded")		\
	X(RX_UPLINK_SPOOF, "rx-uplink-spoof")	\
	X(RX_LINK_DOWN, "rx-link-down")		\
	X(RX_NO_MEMORY, "rx-no-memory")		\
	X(TX_UNASSIGNED, "tx-unassigned")	\
	X(TX_LINK_DOWN, "tx-link-down")		\
	X(TX_DISABLED, "tx-disabled")		\
	X(TX_NO_ENDPOINT, "tx-no-endpoint")	\
	X(TX_NOT_IPV6, "tx-not-ipv6")		\
	X(TX_MULTICAST, "tx-multicast")		\
	X(TX_SCOPE, "tx-scope")			\
	X(TX_HAIRPIN, "tx-hairpin")		\
	X(TX_ISOLATED, "tx-isolated")		\
	X(TX_TOO_BIG, "tx-too-big")		\
	X(TX_NO_ROUTE, "tx-no-route")		\
	X(TX_LOOP, "tx-loop")			\
	X(TX_NO_MEMORY, "tx-no-memory")		\
	X(RX_FILTER_OUTER, "rx-filter-outer")	\
	X(RX_FILTER_INNER, "rx-filter-inner")	\
	X(TX_FILTER_OUTER, "tx-filter-outer")	\
	X(TX_FILTER_INNER, "tx-filter-inner")

#define SB_N_DROP_REASONS	(SITBROKER_DROP_REASON_MAX + 1)

/* The short way in, the middle one, and the straight ones on and home. */
#define SB_N_WAYS	4

/**
 * struct sb_link_drops - what a link counts and remembers, one for each processor
 * @n: drops by &enum sitbroker_drop_reason; protected by @syncp
 * @syncp: for 32-bit readers
 * @early: packets that took the short way in, see outer-hook.c
 * @routed: clients' packets that took the middle way
 * @forwarded: packets that took the straight way on, see forward.c
 * @homeward: packets that took the straight way home, see homeward.c
 * @proven: the last endpoint that was found to have a route, and in which generation; see
 *	sb_outer_proof(); used with softirqs off
 */
struct sb_link_drops {
	u64_stats_t n[SB_N_DROP_REASONS];
	struct u64_stats_sync syncp;
	unsigned long early;
	unsigned long routed;
	unsigned long forwarded;
	unsigned long homeward;
	atomic64_t proven;
};

/* Where a dropped packet begins: with its outer header where that is still there. */
static inline int sb_drop_offset(const struct sk_buff *skb)
{
	int offset = skb_network_offset(skb);

	return offset >= -(int)skb_headroom(skb) && offset < (int)skb->len ? offset : 0;
}

void sb_drop_count(struct sb_link *link, struct sb_client *client,
		   enum sitbroker_drop_reason reason);
void sb_drop(struct sb_link *link, struct sb_client *client, const struct sk_buff *skb,
	     enum sitbroker_drop_reason reason);
void sb_link_drops_read(const struct sb_link *link, u64 *sums);
void sb_link_ways_read(const struct sb_link *link, u64 sums[SB_N_WAYS]);

extern const char sb_drop_names[SB_N_DROP_REASONS][ETH_GSTRING_LEN];
extern const char sb_way_names[SB_N_WAYS][ETH_GSTRING_LEN];

/* Was the packet on its way to a client? Reasons are in no order, their names tell. */
static inline bool sb_drop_is_transmit(enum sitbroker_drop_reason reason)
{
	return sb_drop_names[reason][0] == 't';
}

#endif /* _SITBROKER_DROP_H */
