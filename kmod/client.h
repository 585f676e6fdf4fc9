/* SPDX-License-Identifier: GPL-2.0 */
/* A tunnel user. */
#ifndef _SITBROKER_CLIENT_H
#define _SITBROKER_CLIENT_H

#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/netlink.h>
#include <net/route.h>

#include <uapi/linux/sitbroker.h>

#include "prefix.h"

struct sb_faults;
struct sb_link;

#define SB_MTU_MIN	1280	/* IPV6_MIN_MTU, RFC 4213 section 3.2 */
#define SB_MTU_MAX	1480	/* 1500 less an IPv4 header */

/* Clients of a link, a bound for memory: unless it is told otherwise, and at most. */
#define SB_CLIENTS_MAX	(1U << 20)
#define SB_CLIENTS_LIMIT	(1U << 24)

/* Routed prefixes of a client. */
#define SB_ROUTED_MAX	256

/**
 * struct sb_client - a tunnel user
 * @link: the link that it belongs to; constant
 * @rt: cached IPv4 route to @endpoint or NULL; changed under &sb_link.route_lock, read under RCU
 * @server: server IPv6 address, the even one of the pair; constant
 * @endpoint: client IPv4 address, 0 while not known; changed under &sb_net.lock
 * @mtu: MTU asked for, 0 for automatic; changed under &sb_net.lock
 * @disabled: no traffic; changed under &sb_net.lock
 * @pmtudisc: DF is set and @mtu an upper bound; changed under &sb_net.lock
 * @unfiltered: filter lists of scope inner are not looked at; changed under &sb_net.lock
 * @live: cleared while the request that adds it may still be refused; packets take it
 *	for unassigned till then; changed under &sb_net.lock
 * @alone: it has @endpoint to itself, and had since it is there; changed under &sb_net.lock
 * @doomed: named in a request to delete clients; changed under &sb_net.lock
 * @identification: of the next outer packet, where @alone; see sb_outer_identification()
 * @tx_packets: packets sent
 * @tx_bytes: bytes sent, inner headers included
 * @rx_packets: packets received
 * @rx_bytes: bytes received, inner headers included
 * @rx_last: jiffies64 of the last packet received, 0 for never
 * @name: name, unique on the link; constant
 * @ndp_budget: of advertisements for its addresses, see sb_budget_take()
 * @next_doomed: list of clients that left all tables and wait for a grace period,
 *	private to who removed them; packets may still see the client
 * @next_behind: the next older client behind the same endpoint, or NULL; the youngest is in
 *	&sb_link.endpoints; changed under &sb_net.lock, read under RCU
 * @faults: drops and errors, allocated on the first one, set once by cmpxchg()
 * @id: place in &sb_link.clients; constant
 * @n_routed: number of routed prefixes; constant
 * @routed_one: the routed prefix where @n_routed is 1; constant
 * @routed_many: the routed prefixes where @n_routed is above 1; constant
 *
 * Three cache lines: what sending a packet needs, what receiving one needs, and the rest.
 * Most packets that are received read nothing of the first one, see outer-hook.c, so a
 * processor that sends to the client does not take the line from one that receives. Prefix
 * lengths are those of the pools. Freed a grace period after it left all tables.
 */
struct sb_client {
	struct sb_link *link;
	struct rtable __rcu *rt;
	struct in6_addr server;
	__be32 endpoint;
	u16 mtu;
	bool disabled;
	bool pmtudisc;
	bool unfiltered;
	bool live;
	bool alone;
	bool doomed;
	atomic_t identification;
	atomic64_t tx_packets;
	atomic64_t tx_bytes;

	atomic64_t rx_packets ____cacheline_aligned;
	atomic64_t rx_bytes;
	u64 rx_last;
	char name[SITBROKER_NAME_MAX + 1];

	atomic64_t ndp_budget ____cacheline_aligned;
	struct sb_client *next_doomed;
	struct sb_client __rcu *next_behind;
	struct sb_faults *faults;
	u32 id;
	u16 n_routed;
	union {
		struct in6_addr routed_one;
		struct in6_addr *routed_many;
	};
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

void sb_client_tables_init(struct sb_link *link);
void sb_client_tables_destroy(struct sb_link *link);

int sb_client_cache_create(void);
void sb_client_cache_destroy(void);

/* May packets see the client? Pairs with sb_client_publish(): if so, all of it. */
static inline bool sb_client_is_live(const struct sb_client *client)
{
	return client && smp_load_acquire(&client->live); /* sb_client_publish() */
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
