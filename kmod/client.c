// SPDX-License-Identifier: GPL-2.0
/*
 * A tunnel user: from the request that adds it to the grace period after which
 * it is freed. Everything here runs under &sb_net.lock unless it says RCU.
 */

#include <linux/slab.h>
#include <net/ipv6.h>
#include <net/route.h>

#include "client.h"
#include "extack.h"
#include "fault.h"
#include "link.h"
#include "name.h"
#include "net.h"
#include "piece.h"
#include "seen.h"
#include "sent.h"

static struct kmem_cache *sb_client_cache;

static u32 sb_name_hash(const struct sb_link *link, const char *name)
{
	return hsiphash(name, strlen(name), &link->names.key);
}

static u32 sb_endpoint_hash(const struct sb_link *link, __be32 endpoint)
{
	return hsiphash_1u32((__force u32)endpoint, &link->endpoints.key);
}

int sb_client_cache_create(void)
{
	BUILD_BUG_ON(offsetofend(struct sb_client, sent) > SB_CLIENT_ALIGN);
	BUILD_BUG_ON(type_max(typeof_member(struct sb_client, n_routed)) < SB_ROUTED_MAX);
	BUILD_BUG_ON(sizeof(struct sb_client) > 5 * SB_CLIENT_ALIGN);

	sb_client_cache = KMEM_CACHE(sb_client, SLAB_ACCOUNT);
	return sb_client_cache ? 0 : -ENOMEM;
}

void sb_client_cache_destroy(void)
{
	kmem_cache_destroy(sb_client_cache);
}

/* Memory for one more client, all zeros, or NULL. */
static struct sb_client *sb_client_alloc(struct sb_client_stock *stock)
{
	unsigned int n = min(stock->wanted, SB_CLIENT_STOCK);

	if (!stock->n) {
		if (!kmem_cache_alloc_bulk(sb_client_cache, GFP_KERNEL | __GFP_ZERO, n,
					   stock->client))
			return NULL;
		stock->wanted -= n;
		stock->n = n;
	}
	return stock->client[--stock->n];
}

/* Give back what no client came for. */
void sb_client_stock_free(struct sb_client_stock *stock)
{
	if (stock->n)
		kmem_cache_free_bulk(sb_client_cache, stock->n, stock->client);
}

void sb_client_tables_init(struct sb_link *link)
{
	sb_directory_init(&link->names, &link->sbn->lock);
	sb_directory_init(&link->endpoints, &link->sbn->lock);
	xa_init_flags(&link->clients, XA_FLAGS_ALLOC1);
}

/* Every client was freed, and every reader has gone. */
void sb_client_tables_destroy(struct sb_link *link)
{
	xa_destroy(&link->clients);
	sb_directory_destroy(&link->endpoints);
	sb_directory_destroy(&link->names);
}

static struct sb_client *sb_client_find(const struct sb_link *link, const char *name, u32 hash)
{
	struct sb_directory_walk walk;
	struct sb_client *client;
	u32 id;

	lockdep_assert_held(&link->sbn->lock);
	sb_directory_for_each(id, &walk, &link->names, hash) {
		client = xa_load((struct xarray *)&link->clients, id);
		if (!strcmp(client->name, name))
			return client;
	}
	return NULL;
}

struct sb_client *sb_client_by_name(const struct sb_link *link, const char *name)
{
	return sb_client_find(link, name, sb_name_hash(link, name));
}

static struct sb_client *sb_client_find_behind(const struct sb_link *link, __be32 endpoint,
					       u32 hash)
{
	struct sb_directory_walk walk;
	struct sb_client *client;
	u32 id;

	sb_directory_for_each(id, &walk, &link->endpoints, hash) {
		client = xa_load((struct xarray *)&link->clients, id);
		if (client && sb_client_endpoint(client) == endpoint)
			return client;
	}
	return NULL;
}

/**
 * sb_client_by_endpoint() - the youngest of the clients behind an IPv4 address
 * @link: the link
 * @endpoint: the address
 *
 * The caller holds the RCU read lock or &sb_net.lock.
 *
 * Return: the client, from which sb_client_for_each_behind() goes on, or NULL.
 */
struct sb_client *sb_client_by_endpoint(const struct sb_link *link, __be32 endpoint)
{
	return sb_client_find_behind(link, endpoint, sb_endpoint_hash(link, endpoint));
}

/* The first address of the client's routed prefix @i, below @n_routed. */
const struct in6_addr *sb_client_routed(const struct sb_client *client, unsigned int i)
{
	return client->n_routed > 1 ? &client->routed_many[i] : &client->routed_one;
}

/**
 * sb_client_mtu() - inner MTU towards a client
 * @client: the client
 * @route: IPv4 route to its endpoint, or NULL where there is none
 *
 * With DF clear, anything larger than the route carries would fragment every
 * full packet (RFC 4963), hence the automatic value: the route's own MTU or its
 * device's. What ICMPv4 errors say counts only where the path MTU is discovered;
 * otherwise they cannot be about our packets. There, what was asked for is an
 * upper bound; the link's MTU always is.
 *
 * Return: bytes, 1280 to 1480.
 */
unsigned int sb_client_mtu(const struct sb_client *client, const struct dst_entry *route)
{
	unsigned int asked = READ_ONCE(client->mtu);
	unsigned int bound = READ_ONCE(client->link->dev->mtu);
	bool discover = sb_client_is(client, SB_CLIENT_PMTUDISC);
	unsigned int carries;

	if (asked)
		bound = min(bound, asked);
	if (!route || (asked && !discover))
		return bound;
	if (discover)
		carries = dst_mtu(route);
	else
		carries = dst_metric_raw(route, RTAX_MTU) ?: READ_ONCE(dst_dev(route)->mtu);
	return clamp_t(int, (int)carries - (int)sizeof(struct iphdr), SB_MTU_MIN, bound);
}

/* Add what was counted beside a piece, given by its first address. */
static void sb_client_received_beside(const struct sb_client *client, const struct in6_addr *piece,
				      struct sb_client_traffic *sum)
{
	struct sb_place place;
	u32 received;

	/* A piece beyond the array has none: there each packet is counted with the client. */
	if (!sb_table_place(&client->link->sbn->table, piece, &place))
		return;
	received = atomic_read(&place.seen->received);
	sum->rx_packets += sb_seen_packets(received);
	sum->rx_bytes += sb_seen_bytes(received);
	sum->rx_last = sb_seen_later(sum->rx_last, READ_ONCE(place.seen->last));
}

/**
 * sb_client_traffic() - what a client has received and was sent, wherever it is counted
 * @client: the client, which has not left the tables
 *
 * What is asked for later is never less. The caller holds &sb_net.lock.
 *
 * Return: the sums.
 */
struct sb_client_traffic sb_client_traffic(const struct sb_client *client)
{
	struct sb_link *link = client->link;
	struct sb_client_traffic sum;
	unsigned int seq, i;
	u64 sent;

	lockdep_assert_held(&link->sbn->lock);

	do {
		seq = read_seqbegin(&link->settling);
		sent = atomic64_read(&client->sent);
		sum.tx_packets = atomic64_read(&client->tx_packets) + sb_sent_packets(sent);
		sum.tx_bytes = atomic64_read(&client->tx_bytes) + sb_sent_bytes(sent);
		sum.rx_packets = atomic64_read(&client->rx_packets);
		sum.rx_bytes = atomic64_read(&client->rx_bytes);
		sum.rx_last = READ_ONCE(client->rx_last);
		sb_client_received_beside(client, &client->server, &sum);
		for (i = 0; i < client->n_routed; i++)
			sb_client_received_beside(client, sb_client_routed(client, i), &sum);
	} while (read_seqretry(&link->settling, seq));
	return sum;
}

/* Was any packet ever sent to the client? */
bool sb_client_was_sent_to(const struct sb_client *client)
{
	u64 sent = atomic64_read_acquire(&client->sent); /* sb_sent_take() */

	return sb_sent_packets(sent) || atomic64_read(&client->tx_packets);
}

/* Is it an address of this host, where the link's IPv4 side is looked up? */
static bool sb_endpoint_is_own(const struct sb_link *link, __be32 endpoint)
{
	bool own;

	rcu_read_lock();
	own = inet_addr_type_dev_table(link->sbn->net, sb_link_ipv4_dev(link), endpoint) ==
	      RTN_LOCAL;
	rcu_read_unlock();
	return own;
}

static int sb_endpoint_check(const struct sb_link *link, __be32 endpoint,
			     struct netlink_ext_ack *extack)
{
	const struct sb_link *other;

	if (!endpoint)
		return 0;
	if (!sb_ipv4_is_host(endpoint))
		return sb_refuse(extack, -EINVAL,
				 "endpoint %pI4 is no unicast address of another host; give the client's own IPv4 address",
				 &endpoint);
	other = sb_link_by_local(link->sbn, endpoint);
	if (other)
		return sb_refuse(extack, -EINVAL,
				 "endpoint %pI4 is this server's own, local address of link %s; give the client's",
				 &endpoint, other->dev->name);
	if (endpoint == link->public || sb_endpoint_is_own(link, endpoint))
		return sb_refuse(extack, -EINVAL,
				 "endpoint %pI4 is this server's own; give the client's",
				 &endpoint);
	return 0;
}

static int sb_mtu_check(u16 mtu, struct netlink_ext_ack *extack)
{
	if (mtu && (mtu < SB_MTU_MIN || mtu > SB_MTU_MAX))
		return sb_refuse(extack, -ERANGE, "mtu %u is not 0 (automatic) or %u to %u", mtu,
				 SB_MTU_MIN, SB_MTU_MAX);
	return 0;
}

static struct sb_client *sb_client_next_behind(const struct sb_client *client)
{
	return rcu_dereference_protected(client->next_behind,
					 lockdep_is_held(&client->link->sbn->lock));
}

/*
 * The youngest of those behind its endpoint from now on; there is room in the
 * directory. @hash: of the endpoint
 */
static void sb_client_show_behind(struct sb_client *client, u32 hash)
{
	struct sb_link *link = client->link;
	struct sb_client *youngest;

	youngest = sb_client_find_behind(link, client->endpoint, hash);
	rcu_assign_pointer(client->next_behind, youngest);
	/* The hash has a key: nobody can foresee it. */
	sb_sent_begin(&client->sent, hash);
	sb_client_mark(client, SB_CLIENT_ALONE, !youngest);
	if (youngest) {
		sb_client_mark(youngest, SB_CLIENT_ALONE, false);
		sb_directory_replace(&link->endpoints, hash, youngest->id, client->id);
	} else {
		sb_directory_add(&link->endpoints, hash, client->id);
	}
}

/* Who reads of it still goes on to those behind it. */
static void sb_client_hide_behind(struct sb_client *client)
{
	struct sb_client *next = sb_client_next_behind(client), *at;
	struct sb_link *link = client->link;
	u32 hash = sb_endpoint_hash(link, client->endpoint);

	at = sb_client_find_behind(link, client->endpoint, hash);
	if (at != client) {
		while (sb_client_next_behind(at) != client)
			at = sb_client_next_behind(at);
		rcu_assign_pointer(at->next_behind, next);
	} else if (next) {
		sb_directory_replace(&link->endpoints, hash, client->id, next->id);
	} else {
		sb_directory_remove(&link->endpoints, hash, client->id);
	}
}

/*
 * Let a client that packets see be found by @endpoint. Return: 0, or -ENOMEM and
 * nothing has changed.
 */
static int sb_client_move(struct sb_client *client, __be32 endpoint)
{
	struct sb_link *link = client->link;
	struct rtable *old;

	if (endpoint && sb_directory_reserve(&link->endpoints))
		return -ENOMEM;
	if (client->endpoint)
		sb_client_hide_behind(client);

	/*
	 * The route goes first: who sees the new endpoint does not see the old
	 * route, see sb_client_route().
	 */
	spin_lock_bh(&link->route_lock);
	old = rcu_replace_pointer(client->rt, NULL, lockdep_is_held(&link->route_lock));
	smp_store_release(&client->endpoint, endpoint); /* sb_client_endpoint() */
	spin_unlock_bh(&link->route_lock);
	if (old)
		ip_rt_put(old);

	if (endpoint)
		sb_client_show_behind(client, sb_endpoint_hash(link, endpoint));
	return 0;
}

static void sb_client_doom(struct sb_client *client, struct sb_client **doomed)
{
	client->next_doomed = *doomed;
	*doomed = client;
}

/* @hash: of its name; @endpoint_hash: of its endpoint, if it has one */
static int sb_client_insert(struct sb_client *client, const struct sb_client_config *config,
			    u32 hash, u32 endpoint_hash, struct netlink_ext_ack *extack)
{
	struct sb_link *link = client->link;
	int err;

	err = sb_directory_reserve(&link->names);
	if (!err && config->endpoint)
		err = sb_directory_reserve(&link->endpoints);
	if (err)
		goto refuse;
	err = xa_alloc(&link->clients, &client->id, client, xa_limit_31b, GFP_KERNEL_ACCOUNT);
	if (err)
		goto refuse;
	if (config->endpoint) {
		/* No route and no packet knows of it yet. */
		client->endpoint = config->endpoint;
		sb_client_show_behind(client, endpoint_hash);
	}
	sb_directory_add(&link->names, hash, client->id);
	return 0;

refuse:
	return sb_refuse(extack, err, "no memory for client \"%s\"", config->name);
}

/**
 * sb_client_add() - add a client that packets do not see yet
 * @link: the link
 * @config: what the request asks for
 * @stock: where its memory comes from; one of those that are wanted there
 * @doomed: list of clients to free, grows where the request is refused half-way
 * @extack: why it was refused
 *
 * Follow it by sb_client_publish() or sb_client_remove().
 *
 * Return: the client or an ERR_PTR().
 */
struct sb_client *sb_client_add(struct sb_link *link, const struct sb_client_config *config,
				struct sb_client_stock *stock, struct sb_client **doomed,
				struct netlink_ext_ack *extack)
{
	u32 endpoint_hash = sb_endpoint_hash(link, config->endpoint);
	u32 hash = sb_name_hash(link, config->name);
	struct sb_client *client;
	int err;

	lockdep_assert_held(&link->sbn->lock);

	/* Nobody has looked there lately: memory answers while other things are checked. */
	sb_directory_prefetch(&link->names, hash);
	sb_directory_prefetch(&link->endpoints, endpoint_hash);
	err = sb_name_check("client", config->name, extack);
	if (!err)
		err = sb_endpoint_check(link, config->endpoint, extack);
	if (!err)
		err = sb_mtu_check(config->mtu, extack);
	if (err)
		return ERR_PTR(err);
	client = sb_client_find(link, config->name, hash);
	if (client) {
		sb_refuse(extack, -EEXIST,
			  "client \"%s\" exists on link %s with server address %pI6c; use client set, or another name",
			  config->name, link->dev->name, &client->server);
		return ERR_PTR(-EEXIST);
	}

	if (link->n_clients >= link->clients_max) {
		sb_refuse(extack, -ENOSPC,
			  "link %s has %u clients, as many as it may have; raise it with link set %s clients-max N",
			  link->dev->name, link->n_clients, link->dev->name);
		return ERR_PTR(-ENOSPC);
	}

	client = sb_client_alloc(stock);
	if (!client) {
		sb_refuse(extack, -ENOMEM, "no memory for client \"%s\"", config->name);
		return ERR_PTR(-ENOMEM);
	}
	client->link = link;
	client->mtu = config->mtu;
	sb_client_mark(client, SB_CLIENT_PMTUDISC, config->pmtudisc);
	sb_client_mark(client, SB_CLIENT_UNFILTERED, config->unfiltered);
	sb_client_mark(client, SB_CLIENT_DISABLED, config->disabled);
	strscpy(client->name, config->name, sizeof(client->name));

	err = sb_client_take_pair(client, config, extack);
	if (err) {
		kmem_cache_free(sb_client_cache, client);
		return ERR_PTR(err);
	}
	err = sb_client_take_routed(client, config, extack);
	if (!err)
		err = sb_client_insert(client, config, hash, endpoint_hash, extack);
	if (err) {
		sb_client_give_back(client);
		sb_client_doom(client, doomed);
		return ERR_PTR(err);
	}
	link->n_clients++;
	return client;
}

/**
 * sb_client_publish() - let packets see a client that was added
 * @client: the client
 */
void sb_client_publish(struct sb_client *client)
{
	lockdep_assert_held(&client->link->sbn->lock);
	sb_client_mark(client, SB_CLIENT_LIVE, true);
	sb_client_open(client);
}

/**
 * sb_client_set() - change a client
 * @client: the client
 * @config: what to change; name, pair and routed prefixes are not looked at
 * @extack: why it was refused
 *
 * Return: 0, or an error and nothing has changed.
 */
int sb_client_set(struct sb_client *client, const struct sb_client_config *config,
		  struct netlink_ext_ack *extack)
{
	bool turns = config->has_state &&
		     config->disabled != sb_client_is(client, SB_CLIENT_DISABLED);
	bool moves = config->has_endpoint && config->endpoint != client->endpoint;
	int err;

	lockdep_assert_held(&client->link->sbn->lock);

	err = sb_endpoint_check(client->link, config->endpoint, extack);
	if (!err)
		err = sb_mtu_check(config->mtu, extack);
	if (err)
		return err;

	if (moves) {
		err = sb_client_move(client, config->endpoint);
		if (err)
			return sb_refuse(extack, err, "no memory to move client \"%s\"",
					 client->name);
	}
	if (config->has_mtu)
		WRITE_ONCE(client->mtu, config->mtu);
	if (config->has_pmtudisc)
		sb_client_mark(client, SB_CLIENT_PMTUDISC, config->pmtudisc);
	if (config->has_filter)
		sb_client_mark(client, SB_CLIENT_UNFILTERED, config->unfiltered);
	if (config->has_state)
		sb_client_mark(client, SB_CLIENT_DISABLED, config->disabled);
	if (turns)
		sb_client_open(client);
	if (moves || turns)
		sb_net_changes(client->link->sbn);
	return 0;
}

/**
 * sb_client_remove() - take a client out of all tables
 * @client: the client
 * @doomed: list of clients to free after a grace period, grows
 */
void sb_client_remove(struct sb_client *client, struct sb_client **doomed)
{
	struct sb_link *link = client->link;

	lockdep_assert_held(&link->sbn->lock);

	sb_client_give_back(client);
	sb_net_changes(link->sbn);
	if (client->endpoint)
		sb_client_hide_behind(client);
	sb_directory_remove(&link->names, sb_name_hash(link, client->name), client->id);
	xa_erase(&link->clients, client->id);
	link->n_clients--;
	sb_client_doom(client, doomed);
}

/**
 * sb_client_remove_all() - take all clients of a link out of all tables
 * @link: the link
 * @doomed: list of clients to free after a grace period, grows
 */
void sb_client_remove_all(struct sb_link *link, struct sb_client **doomed)
{
	unsigned long id, last = 0;
	struct sb_client *client;

	/*
	 * Clients of one endpoint are in one list, the youngest first, that is
	 * walked to remove one of them: go from the youngest to the oldest.
	 */
	xa_for_each(&link->clients, id, client)
		last = id;
	for (id = last; id; id--) {
		client = xa_load(&link->clients, id);
		if (client)
			sb_client_remove(client, doomed);
	}
}

/* Let every client look up its route anew: the link's side of it has changed. */
void sb_clients_forget_routes(struct sb_link *link)
{
	struct sb_client *client;
	struct rtable *old;
	unsigned long id;

	lockdep_assert_held(&link->sbn->lock);

	xa_for_each(&link->clients, id, client) {
		spin_lock_bh(&link->route_lock);
		old = rcu_replace_pointer(client->rt, NULL, lockdep_is_held(&link->route_lock));
		spin_unlock_bh(&link->route_lock);
		if (old)
			ip_rt_put(old);
	}
}

static void sb_client_free(struct sb_client *client)
{
	struct rtable *rt = rcu_dereference_protected(client->rt, true);

	if (rt)
		ip_rt_put(rt);
	if (client->n_routed > 1)
		kfree(client->routed_many);
	kfree(client->faults);
	kmem_cache_free(sb_client_cache, client);
}

/**
 * sb_clients_free() - free clients
 * @doomed: the list that sb_client_remove() made, a grace period ago
 */
void sb_clients_free(struct sb_client *doomed)
{
	struct sb_client *client;

	while ((client = doomed)) {
		doomed = client->next_doomed;
		sb_client_free(client);
	}
}

/**
 * sb_clients_free_all() - free the clients of a link that goes with its tables
 * @link: the link, hidden with its pools a grace period ago
 *
 * To take each of so many out of tables that nobody reads any more would cost
 * four times as much as to free them. Follow it by sb_client_tables_destroy().
 */
void sb_clients_free_all(struct sb_link *link)
{
	struct sb_client *client;
	unsigned long id;

	xa_for_each(&link->clients, id, client)
		sb_client_free(client);
}
