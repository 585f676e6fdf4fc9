// SPDX-License-Identifier: GPL-2.0
/* The outer header: put in front of an inner packet, and off it goes. */

#include <net/ip.h>
#include <net/ip_tunnels.h>
#include <net/route.h>

#include "client.h"
#include "link.h"
#include "net.h"
#include "outer.h"
#include "sent.h"

/*
 * As many numbers as segments, the first of which is returned, for packets that may become
 * fragments: within their lifetime none comes twice between two hosts (RFC 6864
 * section 4). The kernel keeps counters for that in a table by a hash of the
 * addresses, far from everything else that a packet needs: a twentieth of its
 * cost. A client who has an address to itself is all that goes from here to
 * there, so it counts by itself, from a number that nobody can foresee. @sent: what
 * sb_sent_count() returned
 */
static __be16 sb_outer_identification(const struct sb_client *client, __be32 local,
				      __be32 endpoint, u16 segments, u64 sent)
{
	struct iphdr iph;

	if (likely(sb_client_is(client, SB_CLIENT_ALONE)))
		return htons(sb_sent_identification(sent));
	iph = (struct iphdr) {
		.protocol = IPPROTO_IPV6,
		.saddr = local,
		.daddr = endpoint,
	};
	__ip_select_ident(client->link->sbn->net, &iph, segments);
	return iph.id;
}

/* Packets and bytes counted in one number go where there is room for more. */
static void sb_outer_settle(struct sb_client *client)
{
	struct sb_link *link = client->link;
	u64 sent;

	/* Who adds up both sees it once, see sb_client_traffic(). */
	write_seqlock(&link->settling);
	sent = atomic64_read(&client->sent);
	atomic64_add(sb_sent_packets(sent), &client->tx_packets);
	atomic64_add(sb_sent_bytes(sent), &client->tx_bytes);
	sb_sent_take(&client->sent, sb_sent_packets(sent), sb_sent_bytes(sent));
	write_sequnlock(&link->settling);
}

/**
 * sb_outer_xmit() - send a packet in an outer header
 * @client: whom to
 * @endpoint: its endpoint as the caller read it
 * @rt: the route there; stays the caller's
 * @skb: the inner packet, owned, with room for the header; gone afterwards
 * @tos: of the outer header
 * @df: its flag DF, in place
 *
 * As iptunnel_xmit(), but for the identification, and that the route is only lent:
 * the caller holds the RCU read lock until all is done. With softirqs off.
 */
void sb_outer_xmit(struct sb_client *client, __be32 endpoint, struct rtable *rt,
		   struct sk_buff *skb, u8 tos, __be16 df)
{
	u16 segments = skb_shinfo(skb)->gso_segs ?: 1;
	struct sb_link *link = client->link;
	__be32 local = READ_ONCE(link->local);
	unsigned int len = skb->len;
	struct iphdr *iph;
	__be16 id;
	u64 sent;
	int err;

	sent = sb_sent_count(&client->sent, len, segments);
	if (unlikely(sb_sent_is_much(sent)))
		sb_outer_settle(client);
	id = sb_outer_identification(client, local, endpoint, segments, sent);

	skb_scrub_packet(skb, false);
	skb_clear_hash_if_not_l4(skb);
	skb_dst_set_noref(skb, &rt->dst);
	*IPCB(skb) = (struct inet_skb_parm) {};

	iph = skb_push(skb, sizeof(*iph));
	skb_reset_network_header(skb);
	/* Length and checksum are for ip_local_out(). */
	*iph = (struct iphdr) {
		.version = 4,
		.ihl = sizeof(*iph) / 4,
		.tos = tos,
		.id = id,
		.frag_off = ip_mtu_locked(&rt->dst) ? 0 : df,
		.ttl = READ_ONCE(link->ttl),
		.protocol = IPPROTO_IPV6,
		.saddr = local,
		.daddr = endpoint,
	};

	err = ip_local_out(link->sbn->net, NULL, skb);
	if (likely(!net_xmit_eval(err)))
		dev_sw_netstats_tx_add(link->dev, 1, len);
	else
		DEV_STATS_INC(link->dev, tx_dropped);
}
