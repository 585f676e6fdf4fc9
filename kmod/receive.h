/* SPDX-License-Identifier: GPL-2.0 */
/* From a client to the IPv6 stack. */
#ifndef _SITBROKER_RECEIVE_H
#define _SITBROKER_RECEIVE_H

#include <linux/types.h>

#include "client.h"
#include "pool.h"

struct ipv6hdr;
struct sb_link;
struct sb_seen;
struct sk_buff;

/**
 * struct sb_holder - who holds the piece that the source of a packet is of
 * @client: the client; NULL where nobody had to look at it yet, see sb_holder_client()
 * @pool: the pool of the piece; NULL where @client is not
 * @index: the piece
 * @seen: where the packet is counted; NULL where @client counts it
 *
 * Of most packets the short way knows that their holder sends from there, but not who that is.
 */
struct sb_holder {
	struct sb_client *client;
	const struct sb_pool *pool;
	u64 index;
	struct sb_seen *seen;
};

/*
 * The client, or NULL where it has just left; RCU. It is never the next one: before anybody
 * else may take a piece, a grace period goes by (sb_nl_change()).
 */
static inline struct sb_client *sb_holder_client(const struct sb_holder *holder)
{
	struct sb_client *client = holder->client;

	if (!client)
		client = sb_pool_get(holder->pool, holder->index);
	return sb_client_is_live(client) ? client : NULL;
}

struct sb_client *sb_receive_client(struct sb_link *link, __be32 source,
				    const struct ipv6hdr *ip6);
void sb_receive_deliver(struct sb_link *link, const struct sb_holder *holder, struct sk_buff *skb);

int sb_receive_register(void);
void sb_receive_unregister(void);

#endif /* _SITBROKER_RECEIVE_H */
