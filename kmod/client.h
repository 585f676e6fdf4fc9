/* SPDX-License-Identifier: GPL-2.0 */
/* A tunnel user. */
#ifndef _SITBROKER_CLIENT_H
#define _SITBROKER_CLIENT_H

#include <linux/atomic.h>
#include <linux/netlink.h>
#include <net/route.h>

#include <uapi/linux/sitbroker.h>

#include "prefix.h"
#include "slot.h"

struct sb_faults;
struct sb_link;

#define SB_MTU_MIN	1280	/* IPV6_MIN_MTU, RFC 4213 section 3.2 */
#define SB_MTU_MAX	1480	/* 1500 less an IPv4 header */

/* Clients of a link, a bound for memory: unless it is told otherwise, and at most. */
#define SB_CLIENTS_MAX	(1U << 20)
#define SB_CLIENTS_LIMIT	(1U << 24)

/* Routed prefixes of a client, as many as &sb_client.n_routed can say. */
#define SB_ROUTED_MAX	255

/*
 * What packets ask about a client; in &sb_client.flags. What its pools say of its pieces follows
 * from DISABLED and LIVE: sb_client_open().
 */
#define SB_CLIENT_PMTUDISC	0x01	/* DF is set and the MTU an upper bound */
#define SB_CLIENT_UNFILTERED	0x02	/* filter lists of scope inner are not looked at */
#define SB_CLIENT_ALONE		0x04	/* has its endpoint to itself, and had since it is there */
#define SB_CLIENT_DISABLED	0x08	/* no traffic */
#define SB_CLIENT_LIVE		0x10	/* clear while the request that adds it may be refused */
#define SB_CLIENT_DOOMED	0x20	/* named in a request to delete clients: not for packets */

/**
 * struct sb_client - a tunnel user
 * @link: the link that it belongs to; constant
 * @rt: cached IPv4 route to @endpoint or NULL; changed under &sb_link.route_lock, read under RCU
 * @endpoint: client IPv4 address, 0 while not known; changed under &sb_net.lock
 * @mtu: MTU asked for, 0 for automatic; changed under &sb_net.lock
 * @flags: see sb_client_is(); changed under &sb_net.lock
 * @n_routed: number of routed prefixes; constant
 * @sent: packets and bytes sent that are not yet among the following, and the next
 *	identification; see sb_sent_count()
 * @tx_packets: packets sent; changed under &sb_link.settling
 * @tx_bytes: bytes sent, inner headers included; changed under &sb_link.settling
 * @ndp_budget: of advertisements for its addresses, see sb_budget_take()
 * @id: place in &sb_link.clients; constant
 * @rx_last: when the last of @rx_packets came, in units of sb_seen_now(), 0 for never
 * @server: server IPv6 address, the even one of the pair; constant
 * @rx_packets: packets received, but for those that are still counted beside the pieces;
 *	see sb_client_traffic()
 * @rx_bytes: bytes of these, inner headers included
 * @name: name, unique on the link, zero behind its end; constant
 * @next_behind: the next older client behind the same endpoint, or NULL; the youngest is in
 *	&sb_link.endpoints; changed under &sb_net.lock, read under RCU
 * @faults: drops and errors, allocated on the first one, set once by cmpxchg()
 * @routed_one: the routed prefix where @n_routed is 1; constant
 * @routed_many: the routed prefixes where @n_routed is above 1; constant
 * @next_doomed: list of clients that left all tables and wait for a grace period,
 *	private to who removed them; packets may still see the client, but not its prefixes
 *
 * Most packets that are received touch none of it, see outer-hook.c. What sending one needs is
 * half of a cache line. Five halves are a client, so every other one begins in the middle of
 * a line. Prefix lengths are those of the pools. Freed
 * a grace period after it left all tables.
 */
struct sb_client {
	struct sb_link *link;
	struct rtable __rcu *rt;
	__be32 endpoint;
	u16 mtu;
	u8 flags;
	u8 n_routed;
	atomic64_t sent;

	atomic64_t tx_packets;
	atomic64_t tx_bytes;
	atomic64_t ndp_budget;
	u32 id;
	u32 rx_last;

	struct in6_addr server;
	atomic64_t rx_packets;
	atomic64_t rx_bytes;
	char name[SITBROKER_NAME_MAX + 1];
	struct sb_client __rcu *next_behind;
	struct sb_faults *faults;
	union {
		struct in6_addr routed_one;
		struct {
			struct in6_addr *routed_many;
			struct sb_client *next_doomed;
		};
	};
} __aligned(SB_CLIENT_ALIGN);

/**
 * struct sb_client_traffic - what a client has received and was sent
 * @rx_packets: packets received
 * @rx_bytes: bytes of these, inner headers included
 * @rx_last: when the last of them came, in units of sb_seen_now(), 0 for never
 * @tx_packets: packets sent
 * @tx_bytes: bytes of these, inner headers included
 */
struct sb_client_traffic {
	u64 rx_packets;
	u64 rx_bytes;
	u32 rx_last;
	u64 tx_packets;
	u64 tx_bytes;
};

/**
 * struct sb_client_config - what a request asks for
 * @name: name, terminated
 * @has_endpoint: @endpoint is given
 * @endpoint: client IPv4 address or 0
 * @has_pair: @pair is given
 * @pair: first address of the pair
 * @n_routed: number of entries in @routed
 * @routed: prefixes asked for, of the caller
 * @no_routed: give no routed prefix
 * @has_mtu: @mtu is given
 * @mtu: inner MTU, 0 for automatic
 * @has_pmtudisc: @pmtudisc is given
 * @pmtudisc: path MTU discovery
 * @has_state: @disabled is given
 * @disabled: no traffic
 * @has_filter: @unfiltered is given
 * @unfiltered: no filter lists of scope inner
 */
struct sb_client_config {
	const char *name;
	bool has_endpoint;
	__be32 endpoint;
	bool has_pair;
	struct in6_addr pair;
	u16 n_routed;
	struct sb_prefix *routed;
	bool no_routed;
	bool has_mtu;
	u16 mtu;
	bool has_pmtudisc;
	bool pmtudisc;
	bool has_state;
	bool disabled;
	bool has_filter;
	bool unfiltered;
};

/* Memory for so many clients is asked for at once. */
#define SB_CLIENT_STOCK		16U

/**
 * struct sb_client_stock - memory for the clients of a request
 * @wanted: how many of them will come for it, beside those in @client
 * @n: length of @client
 * @client: zeroed
 *
 * What is new is in no cache: where several are zeroed one behind the other, none waits for
 * the one before. Begin with @wanted alone, end with sb_client_stock_free().
 */
struct sb_client_stock {
	unsigned int wanted;
	unsigned int n;
	void *client[SB_CLIENT_STOCK];
};

/* Does it say anything that sb_client_set() changes? */
static inline bool sb_client_config_changes(const struct sb_client_config *config)
{
	return config->has_endpoint || config->has_mtu || config->has_pmtudisc ||
	       config->has_state || config->has_filter;
}

void sb_client_stock_free(struct sb_client_stock *stock);
struct sb_client *sb_client_add(struct sb_link *link, const struct sb_client_config *config,
				struct sb_client_stock *stock, struct sb_client **doomed,
				struct netlink_ext_ack *extack);
void sb_client_publish(struct sb_client *client);
int sb_client_set(struct sb_client *client, const struct sb_client_config *config,
		  struct netlink_ext_ack *extack);
void sb_client_remove(struct sb_client *client, struct sb_client **doomed);
void sb_client_remove_all(struct sb_link *link, struct sb_client **doomed);
void sb_clients_forget_routes(struct sb_link *link);
void sb_clients_free(struct sb_client *doomed);
void sb_clients_free_all(struct sb_link *link);

struct sb_client *sb_client_by_name(const struct sb_link *link, const char *name);
struct sb_client *sb_client_by_endpoint(const struct sb_link *link, __be32 endpoint);

const struct in6_addr *sb_client_routed(const struct sb_client *client, unsigned int i);
unsigned int sb_client_mtu(const struct sb_client *client, const struct dst_entry *route);
struct sb_client_traffic sb_client_traffic(const struct sb_client *client);
bool sb_client_was_sent_to(const struct sb_client *client);

void sb_client_tables_init(struct sb_link *link);
void sb_client_tables_destroy(struct sb_link *link);

int sb_client_cache_create(void);
void sb_client_cache_destroy(void);

/* Is that so? One of the flags. */
static inline bool sb_client_is(const struct sb_client *client, u8 flag)
{
	return READ_ONCE(client->flags) & flag;
}

/* Set a flag, or clear it, under &sb_net.lock. Who sees it sees what came before. */
static inline void sb_client_mark(struct sb_client *client, u8 flag, bool is)
{
	u8 flags = is ? client->flags | flag : client->flags & ~flag;

	smp_store_release(&client->flags, flags); /* sb_client_is_live() */
}

/* May packets see the client? If so, all of it; till then they take it for unassigned. */
static inline bool sb_client_is_live(const struct sb_client *client)
{
	return client && smp_load_acquire(&client->flags) & SB_CLIENT_LIVE; /* sb_client_mark() */
}

/* The client's IPv4 address; a route cached for another one is not seen with it. */
static inline __be32 sb_client_endpoint(const struct sb_client *client)
{
	return smp_load_acquire(&client->endpoint); /* sb_client_move() */
}

/*
 * The clients behind an endpoint, from the youngest on; RCU. One that moves to another
 * endpoint meanwhile leads to the clients of that.
 */
#define sb_client_for_each_behind(client, youngest, addr)			\
	for (client = (youngest); client; client = rcu_dereference(client->next_behind)) \
		if (sb_client_endpoint(client) == (addr))

/* Is this the server IPv6 address of the client's pair? */
static inline bool sb_client_is_server(const struct sb_client *client,
				       const struct in6_addr *addr)
{
	return ipv6_addr_equal(&client->server, addr);
}

/* May the client send from this address of its own? Not from its gateway's; RCU. */
static inline bool sb_client_owns_source(const struct sb_client *client,
					 const struct in6_addr *source)
{
	return !sb_client_is_server(client, source);
}

#endif /* _SITBROKER_CLIENT_H */
