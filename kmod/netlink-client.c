// SPDX-License-Identifier: GPL-2.0
/* The generic netlink family: clients. */

#include <linux/prefetch.h>
#include <net/ipv6.h>
#include <net/route.h>

#include "client.h"
#include "drop.h"
#include "extack.h"
#include "fault.h"
#include "link.h"
#include "net.h"
#include "netlink.h"
#include "netlink-block.h"
#include "seen.h"
#include "transmit.h"
#include "uplink.h"

/* The MTU in force; needs a route lookup where none is cached. RCU. */
static unsigned int sb_nl_client_mtu(struct sb_client *client)
{
	struct rtable *rt = NULL;

	if ((!client->mtu || sb_client_is(client, SB_CLIENT_PMTUDISC)) && client->endpoint &&
	    client->link->local)
		rt = sb_client_route(client, client->endpoint);
	if (IS_ERR(rt))
		rt = NULL;
	return sb_client_mtu(client, rt ? &rt->dst : NULL);
}

/**
 * struct sb_nl_client_head - how a client begins in a message
 * @nest: of all its attributes
 * @id: its id
 * @name: header of its name, which comes behind this
 */
struct sb_nl_client_head {
	struct nlattr nest;
	struct sb_attr_u32 id;
	struct nlattr name;
};

/**
 * struct sb_nl_client_tunnel - what comes behind its name
 * @endpoint: client IPv4 address
 * @pair: server IPv6 address
 * @mtu: MTU in force
 */
struct sb_nl_client_tunnel {
	struct sb_attr_in_addr endpoint;
	struct sb_attr_in6_addr pair;
	struct sb_attr_u16 mtu;
};

/**
 * struct sb_nl_client_choices - what comes behind that, and behind the flag of an automatic MTU
 * @pmtudisc: path MTU discovery
 * @filter: are filter lists looked at?
 * @state: does it have traffic?
 */
struct sb_nl_client_choices {
	struct sb_attr_u8 pmtudisc;
	struct sb_attr_u8 filter;
	struct sb_attr_u32 state;
};

/**
 * struct sb_nl_client_counters - what comes behind its routed prefixes
 * @rx_packets: packets received
 * @rx_bytes: bytes of these
 * @tx_packets: packets sent
 * @tx_bytes: bytes of these
 */
struct sb_nl_client_counters {
	struct sb_attr_u64 rx_packets;
	struct sb_attr_u64 rx_bytes;
	struct sb_attr_u64 tx_packets;
	struct sb_attr_u64 tx_bytes;
};

/*
 * Begin a client in a message, with its id and name. Return: its nest, which others of its
 * attributes may follow, or NULL where it does not fit.
 */
static struct nlattr *sb_nl_begin_client(struct sk_buff *skb, const struct sb_client *client)
{
	unsigned int len = strlen(client->name) + 1;
	struct sb_nl_client_head *head;

	head = sb_nl_append(skb, sizeof(*head) + NLA_ALIGN(len));
	if (!head)
		return NULL;
	*head = (struct sb_nl_client_head) {
		.nest = SB_ATTR_HEADER(SITBROKER_A_CLIENT | NLA_F_NESTED, 0),
		.id = SB_ATTR(u32, SITBROKER_A_CLIENT_ID, client->id),
		.name = SB_ATTR_HEADER(SITBROKER_A_CLIENT_NAME, len),
	};
	/* It is zero behind its end. */
	BUILD_BUG_ON(!IS_ALIGNED(sizeof(client->name), NLA_ALIGNTO));
	memcpy(head + 1, client->name, NLA_ALIGN(len));
	return &head->nest;
}

static int sb_nl_put_client_settings(struct sk_buff *skb, struct sb_client *client)
{
	u32 state = sb_client_is(client, SB_CLIENT_DISABLED) ? SITBROKER_CLIENT_STATE_DISABLED
							     : SITBROKER_CLIENT_STATE_ENABLED;
	u16 mtu = sb_nl_client_mtu(client);
	struct sb_nl_client_choices *choices;
	struct sb_nl_client_tunnel *tunnel;
	const struct in6_addr *routed;
	struct nlattr *mtu_auto;
	struct sb_pool *pool;
	unsigned int i;

	tunnel = sb_nl_append(skb, sizeof(*tunnel));
	if (!tunnel)
		return -EMSGSIZE;
	*tunnel = (struct sb_nl_client_tunnel) {
		.endpoint = SB_ATTR(in_addr, SITBROKER_A_CLIENT_ENDPOINT, client->endpoint),
		.pair = SB_ATTR(in6_addr, SITBROKER_A_CLIENT_PAIR, client->server),
		.mtu = SB_ATTR(u16, SITBROKER_A_CLIENT_MTU, mtu),
	};
	if (!client->mtu) {
		mtu_auto = sb_nl_append(skb, sizeof(*mtu_auto));
		if (!mtu_auto)
			return -EMSGSIZE;
		*mtu_auto = (struct nlattr)SB_ATTR_HEADER(SITBROKER_A_CLIENT_MTU_AUTO, 0);
	}
	choices = sb_nl_append(skb, sizeof(*choices));
	if (!choices)
		return -EMSGSIZE;
	*choices = (struct sb_nl_client_choices) {
		.pmtudisc = SB_ATTR(u8, SITBROKER_A_CLIENT_PMTUDISC,
				    sb_client_is(client, SB_CLIENT_PMTUDISC)),
		.filter = SB_ATTR(u8, SITBROKER_A_CLIENT_FILTER,
				  !sb_client_is(client, SB_CLIENT_UNFILTERED)),
		.state = SB_ATTR(u32, SITBROKER_A_CLIENT_STATE, state),
	};
	for (i = 0; i < client->n_routed; i++) {
		routed = sb_client_routed(client, i);
		pool = sb_table_pool(&client->link->sbn->table, sb_addr_load(routed));
		if (sb_nl_put_prefix(skb, SITBROKER_A_CLIENT_ROUTED, routed, pool->cut))
			return -EMSGSIZE;
	}
	return 0;
}

static int sb_nl_put_client_counters(struct sk_buff *skb, const struct sb_client *client)
{
	struct sb_client_traffic traffic = sb_client_traffic(client);
	struct sb_nl_client_counters *counters = sb_nl_append(skb, sizeof(*counters));

	if (!counters)
		return -EMSGSIZE;
	*counters = (struct sb_nl_client_counters) {
		.rx_packets = SB_ATTR(u64, SITBROKER_A_CLIENT_RX_PACKETS, traffic.rx_packets),
		.rx_bytes = SB_ATTR(u64, SITBROKER_A_CLIENT_RX_BYTES, traffic.rx_bytes),
		.tx_packets = SB_ATTR(u64, SITBROKER_A_CLIENT_TX_PACKETS, traffic.tx_packets),
		.tx_bytes = SB_ATTR(u64, SITBROKER_A_CLIENT_TX_BYTES, traffic.tx_bytes),
	};
	if (traffic.rx_last && sb_nl_put_u64(skb, SITBROKER_A_CLIENT_LAST_RECEIVED,
					     sb_seen_age(traffic.rx_last)))
		return -EMSGSIZE;
	return 0;
}

static int sb_nl_put_error(struct sk_buff *skb, const struct sb_fault_error *error)
{
	struct nlattr *nest = nla_nest_start(skb, SITBROKER_A_CLIENT_ERROR);

	if (!nest || nla_put_u8(skb, SITBROKER_A_ERROR_TYPE, error->type) ||
	    nla_put_u8(skb, SITBROKER_A_ERROR_CODE, error->code) ||
	    nla_put_in_addr(skb, SITBROKER_A_ERROR_FROM, error->from) ||
	    sb_nl_put_u64(skb, SITBROKER_A_ERROR_AGE,
			  jiffies64_to_msecs(get_jiffies_64() - error->when)) ||
	    sb_nl_put_u64(skb, SITBROKER_A_ERROR_COUNT, error->count))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int sb_nl_put_client_faults(struct sk_buff *skb, const struct sb_client *client)
{
	struct sb_faults *faults = READ_ONCE(client->faults);
	struct sb_fault_error error;
	unsigned int reason;

	if (!faults)
		return 0;
	for (reason = 0; reason < SB_N_DROP_REASONS; reason++)
		if (sb_nl_put_drop(skb, SITBROKER_A_CLIENT_DROP, reason,
				   atomic64_read(&faults->drops[reason])))
			return -EMSGSIZE;
	error = sb_fault_error_read(faults);
	return error.count ? sb_nl_put_error(skb, &error) : 0;
}

/* Append a client to a message; leaves the message as it was where it does not fit. RCU. */
static int sb_nl_put_client(struct sk_buff *skb, struct sb_client *client)
{
	struct nlattr *nest = sb_nl_begin_client(skb, client);

	if (!nest)
		return -EMSGSIZE;
	if (sb_nl_put_client_settings(skb, client) || sb_nl_put_client_counters(skb, client) ||
	    sb_nl_put_client_faults(skb, client)) {
		nla_nest_cancel(skb, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	return 0;
}

static int sb_nl_put_client_gone(struct sk_buff *skb, struct sb_client *client)
{
	struct nlattr *nest = sb_nl_begin_client(skb, client);

	if (!nest)
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* Tell listeners about some clients, in as few messages as they fit into. */
static void sb_nl_notify_clients(const struct sb_link *link, struct sb_client **clients,
				 unsigned int n, u8 cmd)
{
	int (*put)(struct sk_buff *skb, struct sb_client *client) =
		cmd == SITBROKER_CMD_CLIENT_DEL_NTF ? sb_nl_put_client_gone : sb_nl_put_client;
	const struct sb_nl_message message = { .cmd = cmd };
	unsigned int i = 0, before;
	struct sk_buff *skb;
	void *header;

	if (!sb_nl_has_listeners(link->sbn))
		return;
	do {
		skb = nlmsg_new(SB_NL_BULK_SIZE, GFP_KERNEL);
		header = skb ? sb_nl_begin(skb, &message, link) : NULL;
		if (!header) {
			nlmsg_free(skb);
			sb_nl_notify(link->sbn, NULL);
			return;
		}
		rcu_read_lock();
		for (before = i; i < n && !put(skb, clients[i]); i++)
			;
		rcu_read_unlock();
		genlmsg_end(skb, header);
		sb_nl_notify(link->sbn, skb);
	} while (i < n && i > before);
}

/**
 * struct sb_nl_client - a client in a request
 * @config: what it says
 * @routed: room for &sb_client_config.routed
 */
struct sb_nl_client {
	struct sb_client_config config;
	struct sb_prefix routed[SB_ROUTED_MAX];
};

static int sb_nl_parse_routed(const struct nlattr *nest, struct sb_nl_client *client,
			      struct netlink_ext_ack *extack)
{
	struct sb_client_config *config = &client->config;
	const struct nlattr *attr;
	int rest, err;

	nla_for_each_nested(attr, nest, rest) {
		if (nla_type(attr) != SITBROKER_A_CLIENT_ROUTED)
			continue;
		if (config->n_routed == SB_ROUTED_MAX) {
			NL_SET_BAD_ATTR(extack, attr);
			return sb_refuse(extack, -E2BIG,
					 "client \"%s\" has more than %u routed prefixes; take a larger one",
					 config->name, SB_ROUTED_MAX);
		}
		err = sb_nl_get_prefix(attr, &client->routed[config->n_routed], extack);
		if (err)
			return err;
		config->n_routed++;
	}
	config->routed = client->routed;
	return 0;
}

#define SB_NL_CLIENT_SET_ATTRS	(BIT_ULL(SITBROKER_A_CLIENT_NAME) |	\
				 BIT_ULL(SITBROKER_A_CLIENT_ENDPOINT) |	\
				 BIT_ULL(SITBROKER_A_CLIENT_MTU) |	\
				 BIT_ULL(SITBROKER_A_CLIENT_PMTUDISC) |	\
				 BIT_ULL(SITBROKER_A_CLIENT_STATE) |	\
				 BIT_ULL(SITBROKER_A_CLIENT_FILTER))
#define SB_NL_CLIENT_NEW_ATTRS	(SB_NL_CLIENT_SET_ATTRS |		\
				 BIT_ULL(SITBROKER_A_CLIENT_PAIR) |	\
				 BIT_ULL(SITBROKER_A_CLIENT_ROUTED) |	\
				 BIT_ULL(SITBROKER_A_CLIENT_NO_ROUTED))

static int sb_nl_parse_client(const struct nlattr *nest, struct sb_nl_client *client, u64 allowed,
			      struct netlink_ext_ack *extack)
{
	struct nlattr *tb[SITBROKER_A_CLIENT_MAX + 1];
	struct sb_client_config *config = &client->config;
	int err;

	*config = (struct sb_client_config) {};
	err = sb_nl_parse(tb, SITBROKER_A_CLIENT_MAX, nest, allowed, extack);
	if (err)
		return err;
	if (!tb[SITBROKER_A_CLIENT_NAME])
		return sb_refuse(extack, -EINVAL, "the client has no name; give it one");
	config->name = nla_data(tb[SITBROKER_A_CLIENT_NAME]);
	if (tb[SITBROKER_A_CLIENT_ENDPOINT]) {
		config->has_endpoint = true;
		config->endpoint = nla_get_in_addr(tb[SITBROKER_A_CLIENT_ENDPOINT]);
	}
	if (tb[SITBROKER_A_CLIENT_PAIR]) {
		config->has_pair = true;
		config->pair = nla_get_in6_addr(tb[SITBROKER_A_CLIENT_PAIR]);
	}
	if (tb[SITBROKER_A_CLIENT_MTU]) {
		config->has_mtu = true;
		config->mtu = nla_get_u16(tb[SITBROKER_A_CLIENT_MTU]);
	}
	if (tb[SITBROKER_A_CLIENT_PMTUDISC]) {
		config->has_pmtudisc = true;
		config->pmtudisc = nla_get_u8(tb[SITBROKER_A_CLIENT_PMTUDISC]);
	}
	if (tb[SITBROKER_A_CLIENT_STATE]) {
		config->has_state = true;
		config->disabled = nla_get_u32(tb[SITBROKER_A_CLIENT_STATE]) ==
				   SITBROKER_CLIENT_STATE_DISABLED;
	}
	if (tb[SITBROKER_A_CLIENT_FILTER]) {
		config->has_filter = true;
		config->unfiltered = !nla_get_u8(tb[SITBROKER_A_CLIENT_FILTER]);
	}
	config->no_routed = tb[SITBROKER_A_CLIENT_NO_ROUTED];
	if (!tb[SITBROKER_A_CLIENT_ROUTED])
		return 0;
	if (config->no_routed)
		return sb_refuse(extack, -EINVAL,
				 "client \"%s\" has routed prefixes and none; leave one out",
				 config->name);
	return sb_nl_parse_routed(nest, client, extack);
}

/* The clients of a request, one after the other. */
#define sb_nl_for_each_client(attr, info, rest)						\
	nlmsg_for_each_attr(attr, (info)->nlhdr, GENL_HDRLEN, rest)				\
		if (nla_type(attr) == SITBROKER_A_CLIENT)

static unsigned int sb_nl_n_clients(struct genl_info *info)
{
	const struct nlattr *attr;
	unsigned int n = 0;
	int rest;

	sb_nl_for_each_client(attr, info, rest)
		n++;
	return n;
}

/* Room for one pointer for each of the @n clients of a request. */
static struct sb_client **sb_nl_clients_alloc(struct genl_info *info, unsigned int n)
{
	struct sb_client **clients;

	if (!n) {
		sb_refuse(info->extack, -EINVAL, "the request names no client; say which one");
		return ERR_PTR(-EINVAL);
	}
	clients = kvmalloc_array(n, sizeof(*clients), GFP_KERNEL);
	if (clients)
		return clients;
	sb_refuse(info->extack, -ENOMEM, "no memory for a request of %u clients", n);
	return ERR_PTR(-ENOMEM);
}

/* The nest of the only client of a request. */
static const struct nlattr *sb_nl_only_client(struct genl_info *info)
{
	const struct nlattr *attr, *only = NULL;
	int rest;

	sb_nl_for_each_client(attr, info, rest) {
		if (only) {
			NL_SET_BAD_ATTR(info->extack, attr);
			sb_refuse(info->extack, -EINVAL,
				  "the request names two clients; send one for each");
			return ERR_PTR(-EINVAL);
		}
		only = attr;
	}
	if (only)
		return only;
	sb_refuse(info->extack, -EINVAL, "the request names no client; say which one");
	return ERR_PTR(-EINVAL);
}

/* Free clients that left all tables just now. */
static void sb_nl_clients_free(struct sb_client *doomed)
{
	if (!doomed)
		return;
	synchronize_rcu();
	sb_clients_free(doomed);
}

static int sb_nl_add_clients(struct sb_link *link, struct genl_info *info)
{
	struct sb_client **added, *client, *doomed = NULL;
	struct sb_client_stock stock = { .wanted = sb_nl_n_clients(info) };
	struct sb_nl_client *parsed;
	const struct nlattr *attr;
	unsigned int n = 0, i;
	int err = 0, rest;

	added = sb_nl_clients_alloc(info, stock.wanted);
	if (IS_ERR(added))
		return PTR_ERR(added);
	parsed = kmalloc(sizeof(*parsed), GFP_KERNEL);
	if (!parsed) {
		kvfree(added);
		return sb_refuse(info->extack, -ENOMEM, "no memory for the request");
	}

	sb_nl_for_each_client(attr, info, rest) {
		err = sb_nl_parse_client(attr, parsed, SB_NL_CLIENT_NEW_ATTRS, info->extack);
		if (!err) {
			client = sb_client_add(link, &parsed->config, &stock, &doomed,
					       info->extack);
			err = PTR_ERR_OR_ZERO(client);
		}
		if (err) {
			/* Where it is tells which one of many it is. */
			NL_SET_BAD_ATTR(info->extack, attr);
			break;
		}
		added[n++] = client;
	}
	if (err) {
		while (n--)
			sb_client_remove(added[n], &doomed);
	} else {
		for (i = 0; i < n; i++)
			sb_client_publish(added[i]);
		link->generation++;
		sb_nl_notify_clients(link, added, n, SITBROKER_CMD_CLIENT_NTF);
		sb_uplinks_changed(link, added, n);
	}
	kfree(parsed);
	kvfree(added);
	sb_client_stock_free(&stock);
	sb_nl_clients_free(doomed);
	return err;
}

int sitbroker_nl_client_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sb_nl_change(info, sb_nl_add_clients);
}

/* The client that a request names. */
static struct sb_client *sb_nl_client(const struct sb_link *link, const char *name,
				      struct netlink_ext_ack *extack)
{
	struct sb_client *client = sb_client_by_name(link, name);

	if (client)
		return client;
	sb_refuse(extack, -ENOENT, "link %s has no client \"%s\"; see brokertool client show",
		  link->dev->name, name);
	return ERR_PTR(-ENOENT);
}

static int sb_nl_set_client(struct sb_link *link, struct genl_info *info)
{
	const struct nlattr *nest = sb_nl_only_client(info);
	struct sb_nl_client *parsed;
	struct sb_client *client;
	int err;

	if (IS_ERR(nest))
		return PTR_ERR(nest);
	parsed = kmalloc(sizeof(*parsed), GFP_KERNEL);
	if (!parsed)
		return sb_refuse(info->extack, -ENOMEM, "no memory for the request");
	err = sb_nl_parse_client(nest, parsed, SB_NL_CLIENT_SET_ATTRS, info->extack);
	if (!err && !sb_client_config_changes(&parsed->config))
		err = sb_refuse(info->extack, -EINVAL,
				"the request says nothing to change about client \"%s\"",
				parsed->config.name);
	if (!err) {
		client = sb_nl_client(link, parsed->config.name, info->extack);
		err = IS_ERR(client) ? PTR_ERR(client)
				     : sb_client_set(client, &parsed->config, info->extack);
	}
	if (!err) {
		link->generation++;
		sb_nl_notify_clients(link, &client, 1, SITBROKER_CMD_CLIENT_NTF);
		if (parsed->config.has_state)
			sb_uplinks_changed(link, &client, 1);
	}
	kfree(parsed);
	return err;
}

int sitbroker_nl_client_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sb_nl_change(info, sb_nl_set_client);
}

/* The client that a nest names; nothing else may be in it. */
static struct sb_client *sb_nl_named_client(const struct sb_link *link, const struct nlattr *nest,
					    struct netlink_ext_ack *extack)
{
	struct nlattr *tb[SITBROKER_A_CLIENT_MAX + 1];
	int err;

	err = sb_nl_parse(tb, SITBROKER_A_CLIENT_MAX, nest,
			  BIT_ULL(SITBROKER_A_CLIENT_NAME), extack);
	if (!err && !tb[SITBROKER_A_CLIENT_NAME])
		err = sb_refuse(extack, -EINVAL, "the client has no name; say which one");
	return err ? ERR_PTR(err)
		   : sb_nl_client(link, nla_data(tb[SITBROKER_A_CLIENT_NAME]), extack);
}

static int sb_nl_delete_clients(struct sb_link *link, struct genl_info *info)
{
	struct sb_client **found, *doomed = NULL;
	const struct nlattr *attr;
	unsigned int n = 0, i;
	int err = 0, rest;

	found = sb_nl_clients_alloc(info, sb_nl_n_clients(info));
	if (IS_ERR(found))
		return PTR_ERR(found);

	/* All must be there before the first one goes; a name twice is one client. */
	sb_nl_for_each_client(attr, info, rest) {
		struct sb_client *client = sb_nl_named_client(link, attr, info->extack);

		if (!IS_ERR(client) && sb_client_is(client, SB_CLIENT_DOOMED)) {
			sb_refuse(info->extack, -EINVAL,
				  "client \"%s\" is named twice; leave one out", client->name);
			client = ERR_PTR(-EINVAL);
		}
		if (IS_ERR(client)) {
			err = PTR_ERR(client);
			NL_SET_BAD_ATTR(info->extack, attr);
			break;
		}
		sb_client_mark(client, SB_CLIENT_DOOMED, true);
		found[n++] = client;
	}
	if (err) {
		for (i = 0; i < n; i++)
			sb_client_mark(found[i], SB_CLIENT_DOOMED, false);
	} else {
		link->generation++;
		sb_nl_notify_clients(link, found, n, SITBROKER_CMD_CLIENT_DEL_NTF);
		/* The youngest first, see sb_client_remove_all(). */
		while (n--)
			sb_client_remove(found[n], &doomed);
		sb_uplinks_changed(link, NULL, 0);
	}
	kvfree(found);
	sb_nl_clients_free(doomed);
	return err;
}

int sitbroker_nl_client_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sb_nl_change(info, sb_nl_delete_clients);
}

static int sb_nl_flush_clients(struct sb_link *link, struct genl_info *info)
{
	struct sb_client *doomed = NULL;

	sb_client_remove_all(link, &doomed);
	link->generation++;
	sb_nl_notify_clients(link, NULL, 0, SITBROKER_CMD_CLIENT_FLUSH_NTF);
	sb_uplinks_changed(link, NULL, 0);
	sb_nl_clients_free(doomed);
	return 0;
}

int sitbroker_nl_client_flush_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sb_nl_change(info, sb_nl_flush_clients);
}

static int sb_nl_get_client(struct sk_buff *skb, const struct sb_nl_message *message,
			    struct sb_link *link, struct genl_info *info)
{
	const struct nlattr *nest = sb_nl_only_client(info);
	struct sb_client *client;
	void *header;
	int err;

	if (IS_ERR(nest))
		return PTR_ERR(nest);
	client = sb_nl_named_client(link, nest, info->extack);
	if (IS_ERR(client))
		return PTR_ERR(client);
	header = sb_nl_begin(skb, message, link);
	rcu_read_lock();
	err = header ? sb_nl_put_client(skb, client) : -EMSGSIZE;
	rcu_read_unlock();
	if (err)
		return sb_refuse(info->extack, -EMSGSIZE,
				 "client \"%s\" does not fit into one message; ask for all of them",
				 client->name);
	genlmsg_end(skb, header);
	return 0;
}

int sitbroker_nl_client_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sb_nl_get(info, sb_nl_get_client);
}

/* The next client, on its way to the caches; or NULL. */
static struct sb_client *sb_nl_next_client(struct xa_state *walk)
{
	struct sb_client *client = xas_next_entry(walk, ULONG_MAX);
	size_t at;

	for (at = 0; client && at < sizeof(*client); at += L1_CACHE_BYTES)
		prefetch((const u8 *)client + at);
	return client;
}

/* As many clients in one message as there is room for. */
static int sb_nl_dump_clients(struct sk_buff *skb, const struct sb_nl_message *message,
			      struct sb_link *link, struct sb_nl_dump *dump)
{
	/* Ids begin at 1: what the array may have at 0 is no client. */
	XA_STATE(walk, &link->clients, dump->next ?: 1);
	struct sb_client *client, *next;
	void *header = NULL;
	int err = 0, n = 0;

	/* For routes, and the walk, which does not know that &sb_net.lock keeps the clients. */
	rcu_read_lock();
	client = xas_find(&walk, ULONG_MAX);
	if (client) {
		header = sb_nl_begin(skb, message, link);
		err = header ? 0 : -EMSGSIZE;
	}
	for (; client && !err; client = next) {
		/* Of many clients none is in a cache: one is waited for while another is put. */
		next = sb_nl_next_client(&walk);
		err = sb_nl_put_client(skb, client);
		if (err)
			dump->next = client->id;
		else
			n++;
	}
	rcu_read_unlock();
	if (n)
		genlmsg_end(skb, header);
	else
		genlmsg_cancel(skb, header);
	return err;
}

/* A client with many routed prefixes does not fit into the usual first message. */
int sitbroker_nl_client_dump_start(struct netlink_callback *cb)
{
	cb->min_dump_alloc = SB_NL_BULK_SIZE;
	return 0;
}

int sitbroker_nl_client_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return sb_nl_dump_links(skb, cb, sb_nl_dump_clients);
}
