// SPDX-License-Identifier: GPL-2.0
/*
 * Unsolicited advertisements (RFC 4861 section 7.2.6, RFC 9131): neighbours
 * learn at once where the addresses of a pair are, when a client is added and
 * when the uplink or the link comes up or the uplink has another MAC.
 *
 * Three times, a second apart; all clients one after the other, so many a
 * second, and then again. The work takes no lock that is held while it is cancelled.
 */

#include "client.h"
#include "link.h"
#include "ndp.h"
#include "uplink.h"

#define SB_ANNOUNCE_INTERVAL	HZ
#define SB_ANNOUNCE_TIMES	3	/* MAX_NEIGHBOR_ADVERTISEMENT */
#define SB_ANNOUNCE_PACE	100	/* clients of a walk in an interval */

/* Return: was there such a client? */
static bool sb_announce_id(struct sb_uplink *uplink, u32 id)
{
	struct in6_addr address;
	struct sb_client *client;

	rcu_read_lock();
	client = xa_load(&uplink->link->clients, id);
	if (client && sb_client_is_live(client) && !sb_client_is(client, SB_CLIENT_DISABLED) &&
	    READ_ONCE(client->link->dev->flags) & IFF_UP) {
		address = client->server;
		sb_ndp_announce(uplink, &address);
		address.s6_addr[15] |= 1;
		sb_ndp_announce(uplink, &address);
	}
	rcu_read_unlock();
	return client;
}

/* Announce the next clients of a walk. Return: where to go on, or 0 at the end. */
static u32 sb_announce_walk(struct sb_uplink *uplink, u32 from)
{
	unsigned long id = from;
	unsigned int n;

	for (n = 0; n < SB_ANNOUNCE_PACE; n++) {
		if (!xa_find(&uplink->link->clients, &id, U32_MAX, XA_PRESENT))
			return 0;
		sb_announce_id(uplink, id);
		id++;
	}
	return id;
}

static void sb_announce(struct work_struct *work)
{
	struct sb_uplink *uplink = container_of(to_delayed_work(work), struct sb_uplink,
						announce_work);
	struct sb_news news[SB_NEWS_MAX];
	unsigned int n, i;
	u32 walk, next;
	bool more;

	spin_lock_bh(&uplink->announce_lock);
	memcpy(news, uplink->news, sizeof(news));
	n = uplink->n_news;
	uplink->n_news = 0;
	for (i = 0; i < n; i++)
		if (--uplink->news[i].left)
			uplink->news[uplink->n_news++] = uplink->news[i];
	walk = uplink->walk;
	uplink->walk = 0;
	spin_unlock_bh(&uplink->announce_lock);

	for (i = 0; i < n; i++)
		sb_announce_id(uplink, news[i].client);
	next = walk ? sb_announce_walk(uplink, walk) : 0;

	spin_lock_bh(&uplink->announce_lock);
	/* A walk that was asked for meanwhile begins anew: this one may have met a device down. */
	if (!uplink->walk) {
		if (walk && !next && --uplink->walks && !xa_empty(&uplink->link->clients))
			next = 1;
		uplink->walk = next;
	}
	more = uplink->n_news || uplink->walk;
	spin_unlock_bh(&uplink->announce_lock);
	if (more)
		schedule_delayed_work(&uplink->announce_work, SB_ANNOUNCE_INTERVAL);
}

void sb_announce_init(struct sb_uplink *uplink)
{
	spin_lock_init(&uplink->announce_lock);
	INIT_DELAYED_WORK(&uplink->announce_work, sb_announce);
}

/* All clients, from the first on. */
static void sb_announce_again(struct sb_uplink *uplink)
{
	lockdep_assert_held(&uplink->announce_lock);
	uplink->walk = 1;
	uplink->walks = SB_ANNOUNCE_TIMES;
}

/* A client can be reached from now on. Where too many wait, all are announced. */
void sb_announce_client(struct sb_uplink *uplink, const struct sb_client *client)
{
	spin_lock_bh(&uplink->announce_lock);
	if (uplink->n_news == SB_NEWS_MAX)
		sb_announce_again(uplink);
	else
		uplink->news[uplink->n_news++] = (struct sb_news) {
			.client = client->id,
			.left = SB_ANNOUNCE_TIMES,
		};
	spin_unlock_bh(&uplink->announce_lock);
	schedule_delayed_work(&uplink->announce_work, 0);
}

/* The uplink or its link came up, or the uplink has another MAC; in @delay jiffies. */
void sb_announce_all(struct sb_uplink *uplink, unsigned long delay)
{
	spin_lock_bh(&uplink->announce_lock);
	sb_announce_again(uplink);
	spin_unlock_bh(&uplink->announce_lock);
	schedule_delayed_work(&uplink->announce_work, delay);
}

void sb_announce_stop(struct sb_uplink *uplink)
{
	cancel_delayed_work_sync(&uplink->announce_work);
}
