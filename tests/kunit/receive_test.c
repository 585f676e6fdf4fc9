// SPDX-License-Identifier: GPL-2.0
/*
 * What is checked of a packet from a client before it is let in. The file
 * under test is included; the rest of the module, and where a packet goes
 * after it, are played here.
 */

#include <kunit/test.h>
#include <linux/netdevice.h>

static int played_netif_receive_skb(struct sk_buff *skb);
#define netif_receive_skb played_netif_receive_skb

#include "../../kmod/receive.c"

#define LOCAL		htonl(0xc0000201)	/* 192.0.2.1 */
#define HOME		htonl(0xcb007107)	/* 203.0.113.7 */
#define OFFICE		htonl(0xcb007108)
#define NOBODY		htonl(0xcb007163)

/* The pool is 2001:db8:1::/64: pair ::2 belongs to home, ::4 to office. */
#define ADDR(last)	{ { { 0x20, 0x01, 0x0d, 0xb8, 0, 1, [15] = (last) } } }

static const struct in6_addr home_server = ADDR(2), home_own = ADDR(3);
static const struct in6_addr office_server = ADDR(4), office_own = ADDR(5);
static const struct in6_addr unassigned = ADDR(0x66);
static const struct in6_addr outside = { { { 0x20, 0x01, 0x0d, 0xb8, 0, 2, [15] = 1 } } };
static const struct in6_addr link_local = { { { 0xfe, 0x80, [15] = 1 } } };
static const struct in6_addr link_local_multicast = { { { 0xff, 0x02, [15] = 1 } } };
static const struct in6_addr global_multicast = { { { 0xff, 0x0e, [15] = 1 } } };
static const struct in6_addr loopback = { { { [15] = 1 } } };
static const struct in6_addr unspecified;

/* 6to4 and ISATAP addresses with %LOCAL in them, and with another. */
static const struct in6_addr local_6to4 = { { { 0x20, 0x02, 0xc0, 0, 2, 1, [15] = 9 } } };
static const struct in6_addr other_6to4 = { { { 0x20, 0x02, 0xc0, 0, 2, 2, [15] = 9 } } };
#define ISATAP(global, last) { { { 0x20, 0x01, 0x0d, 0xb8, [8] = (global), 0, 0x5e, 0xfe,	\
				   0xc0, 0, 2, (last) } } }
static const struct in6_addr local_isatap = ISATAP(0, 1), local_isatap_global = ISATAP(2, 1);
static const struct in6_addr other_isatap = ISATAP(0, 2);

#define PAYLOAD		64

/**
 * struct world - what is played, and what was seen
 * @sbn: the namespace
 * @link: the link with the address %LOCAL
 * @other_link: a link with another one
 * @home: a client at %HOME
 * @office: a client at %OFFICE
 * @pool: stands for the pool; nobody holds a piece of its array
 * @holder: who holds a far piece of @pool
 * @seen: what was seen of that one
 * @lead_rt: the link's, which no packet has: none took the middle way
 * @delivered: the packet that went on, or NULL
 * @is_straight: it may go by the straight way, and then it did so
 * @asked: whose packet might be a solicitation for the gateway, or NULL
 * @asks: how often that was asked
 * @drops: number of drops
 * @reason: of the last one
 * @charged: to whom
 * @outer: the endpoint is on a filter list
 * @inner: what filter lists say of where the packet goes
 * @endpoint: about whom they were asked
 * @remote: about where
 * @prohibited: whom an error was sent
 * @prohibitions: how often
 */
static struct world {
	struct sb_net sbn;
	struct sb_link link, other_link;
	struct sb_client home, office;
	struct sb_pool pool;
	struct sb_client *holder;
	struct sb_seen seen;
	struct rtable lead_rt;
	struct sk_buff *delivered;
	bool is_straight;
	struct sb_client *asked;
	unsigned int asks;
	unsigned int drops;
	enum sitbroker_drop_reason reason;
	struct sb_client *charged;
	bool outer;
	enum sb_filter_verdict inner;
	__be32 endpoint;
	struct in6_addr remote;
	struct sb_client *prohibited;
	unsigned int prohibitions;
} *world;

static int played_netif_receive_skb(struct sk_buff *skb)
{
	world->is_straight = false;
	world->delivered = skb;
	return NET_RX_SUCCESS;
}

bool sb_forward(struct sb_link *link, struct sk_buff *skb)
{
	if (world->is_straight)
		world->delivered = skb;
	return world->is_straight;
}

struct sb_net *sb_net(const struct net *net)
{
	return &world->sbn;
}

struct sb_link *sb_link_by_local(const struct sb_net *sbn, __be32 local)
{
	return local == LOCAL ? &world->link : NULL;
}

struct sb_client *sb_table_client(const struct sb_table *table, const struct in6_addr *addr,
				  struct sb_pool **pool)
{
	*pool = ipv6_prefix_equal(addr, &home_own, 64) ? &world->pool : NULL;
	if (ipv6_prefix_equal(addr, &home_own, 127))
		return &world->home;
	return ipv6_prefix_equal(addr, &office_own, 127) ? &world->office : NULL;
}

struct sb_client *sb_far_get(const struct sb_far *far, u64 index)
{
	return world->holder;
}

struct sb_pool *sb_table_pool(const struct sb_table *table, struct sb_addr addr)
{
	struct in6_addr number;
	struct sb_pool *pool;

	sb_addr_store(&number, addr);
	sb_table_client(table, &number, &pool);
	return pool;
}

struct sb_client *sb_client_by_endpoint(const struct sb_link *link, __be32 endpoint)
{
	/* The younger first: behind it is the elder, if any. */
	if (endpoint == OFFICE || (endpoint == HOME &&
				   rcu_access_pointer(world->office.next_behind)))
		return &world->office;
	return endpoint == HOME ? &world->home : NULL;
}

int sb_icmp_error(struct sk_buff *skb, u32 info)
{
	return -ENOENT;
}

/* Whether it is a solicitation for the gateway is not asked here, but by whom. */
bool sb_nud_receive(struct sb_client *sender, struct sk_buff *skb)
{
	world->asked = sender;
	world->asks++;
	return false;
}

void sb_drop(struct sb_link *link, struct sb_client *client, const struct sk_buff *skb,
	     enum sitbroker_drop_reason reason)
{
	world->drops++;
	world->reason = reason;
	world->charged = client;
}

DEFINE_STATIC_KEY_FALSE(sb_filter_links);

bool sb_filter_drops_endpoint(const struct sb_link *link, __be32 endpoint)
{
	world->endpoint = endpoint;
	return world->outer;
}

enum sb_filter_verdict sb_filter_judge_remote(const struct sb_link *link,
					      const struct sb_client *client,
					      const struct in6_addr *remote)
{
	world->remote = *remote;
	return world->inner;
}

void sb_icmp_prohibited(struct sb_link *link, struct sb_client *client, struct sk_buff *skb)
{
	world->prohibited = client;
	world->prohibitions++;
}

/* Who is charged. */
enum { NO_ONE, HOME_CLIENT, OFFICE_CLIENT };

/* What becomes of the packet. */
enum { DELIVERED, FORWARDED, LEFT, DROPPED_FIRST, DROPPED_LAST };

/**
 * struct receive_case - a packet and its fate
 * @name: what is special about it
 * @fate: what becomes of it; DROPPED_LAST: sit may take it before it is dropped
 * @reason: why it is dropped
 * @charged: to whom
 * @from: outer source, %HOME where 0
 * @to: outer destination, %LOCAL where 0
 * @source: inner source, home_own where NULL
 * @destination: inner destination, outside where NULL
 * @counted: dropped only after it was counted as received
 * @version: inner version, 6 where 0
 * @payload: difference of the inner payload length to what follows the inner header
 * @options: hop-by-hop options follow the inner header, not ICMPv6
 * @pkt_type: as the device saw it
 * @outer_ecn: in the outer header
 * @inner_ecn: in the inner header
 * @inner_ecn_then: when it was delivered
 * @disabled: the client of the source is
 * @not_live: the client of the source is still being added
 * @elsewhere: the client of the source belongs to another link
 * @down: the link is down
 * @outer: the endpoint is on a filter list
 * @inner: what filter lists say of where the packet goes
 * @younger: the office is the younger client at %HOME, and what is special about it
 */
struct receive_case {
	const char *name;
	int fate;
	enum sitbroker_drop_reason reason;
	int charged;
	__be32 from, to;
	const struct in6_addr *source, *destination;
	bool counted;
	u8 version;
	int payload;
	bool options;
	u8 pkt_type;
	u8 outer_ecn, inner_ecn, inner_ecn_then;
	bool disabled, not_live, elsewhere, down, outer;
	enum sb_filter_verdict inner;
	enum { NONE, ENABLED, DISABLED, NOT_LIVE, MOVED } younger;
};

#define DROP(when, why, whom)						\
	.fate = DROPPED_##when, .reason = SITBROKER_DROP_REASON_RX_##why, .charged = whom

#define ECN(what, outside, inside, then)					\
	{ "S11: ECN: " what, DELIVERED, .outer_ecn = outside, .inner_ecn = inside,	\
	  .inner_ecn_then = then }

static const struct receive_case receive_cases[] = {
	{ "valid", DELIVERED },
	{ "by the straight way", FORWARDED },
	{ "padding behind the inner packet", DELIVERED, .payload = -8 },
	{ "S10: no inner payload length: all is padding", DELIVERED, .payload = -PAYLOAD },
	{ "another office client", DELIVERED, .from = OFFICE, .source = &office_own },

	{ "inner packet cut off by one byte", DROP(FIRST, HEADER, HOME_CLIENT), .payload = 1 },
	{ "inner packet cut off by much", DROP(FIRST, HEADER, HOME_CLIENT),
	  .payload = 0xffff - PAYLOAD },
	{ "S10: no inner payload length, options behind: a jumbogram",
	  DROP(FIRST, HEADER, HOME_CLIENT), .payload = -PAYLOAD, .options = true },
	{ "S10: no jumbogram, the same options", DELIVERED, .options = true },
	{ "IPv4 inside", DROP(LAST, HEADER, HOME_CLIENT), .version = 4 },
	{ "IPv4 inside, stranger", DROP(LAST, STRANGER, NO_ONE), .from = NOBODY, .version = 4 },
	{ "version 7 inside", DROP(LAST, HEADER, HOME_CLIENT), .version = 7 },

	{ "to an address without link", LEFT, .to = htonl(0xc0000202) },
	{ "link down", DROP(LAST, LINK_DOWN, NO_ONE), .down = true },

	{ "broadcast", DROP(FIRST, NOT_UNICAST, HOME_CLIENT), .pkt_type = PACKET_BROADCAST },
	{ "multicast", DROP(FIRST, NOT_UNICAST, HOME_CLIENT), .pkt_type = PACKET_MULTICAST },
	{ "for another host", DROP(FIRST, NOT_UNICAST, HOME_CLIENT), .pkt_type = PACKET_OTHERHOST },

	{ "wrong endpoint, known", DROP(FIRST, WRONG_SOURCE, OFFICE_CLIENT), .from = OFFICE },
	{ "wrong endpoint, stranger", DROP(FIRST, STRANGER, NO_ONE), .from = NOBODY },
	{ "source of another client", DROP(FIRST, WRONG_SOURCE, HOME_CLIENT),
	  .source = &office_own },
	{ "source is the own gateway", DROP(FIRST, WRONG_SOURCE, HOME_CLIENT),
	  .source = &home_server },
	{ "source is another's gateway", DROP(FIRST, WRONG_SOURCE, HOME_CLIENT),
	  .source = &office_server },
	{ "source in the pool, unassigned", DROP(FIRST, WRONG_SOURCE, HOME_CLIENT),
	  .source = &unassigned },
	{ "source in the pool, unassigned, stranger", DROP(FIRST, STRANGER, NO_ONE),
	  .from = NOBODY, .source = &unassigned },
	{ "source outside", DROP(LAST, WRONG_SOURCE, HOME_CLIENT), .source = &outside },
	{ "source outside, stranger", DROP(LAST, STRANGER, NO_ONE), .from = NOBODY,
	  .source = &outside },
	{ "source link-local", DROP(LAST, LINK_LOCAL, HOME_CLIENT), .source = &link_local },
	{ "source link-local, client disabled", DROP(LAST, DISABLED, HOME_CLIENT),
	  .source = &link_local, .disabled = true },
	{ "source link-local, broadcast", DROP(LAST, NOT_UNICAST, HOME_CLIENT),
	  .source = &link_local, .pkt_type = PACKET_BROADCAST },
	{ "source link-local, stranger", DROP(LAST, STRANGER, NO_ONE), .from = NOBODY,
	  .source = &link_local },
	{ "source multicast of link-local scope", DROP(LAST, WRONG_SOURCE, HOME_CLIENT),
	  .source = &link_local_multicast },
	{ "source multicast of global scope", DROP(LAST, WRONG_SOURCE, HOME_CLIENT),
	  .source = &global_multicast },
	{ "source loopback", DROP(LAST, WRONG_SOURCE, HOME_CLIENT), .source = &loopback },
	{ "source unspecified", DROP(LAST, LINK_LOCAL, HOME_CLIENT), .source = &unspecified },
	{ "source unspecified, stranger", DROP(LAST, STRANGER, NO_ONE), .from = NOBODY,
	  .source = &unspecified },

	{ "one endpoint: the younger sent it", DROP(LAST, LINK_LOCAL, OFFICE_CLIENT),
	  .source = &link_local, .younger = ENABLED },
	{ "one endpoint: not the younger, who is disabled", DROP(LAST, LINK_LOCAL, HOME_CLIENT),
	  .source = &link_local, .younger = DISABLED },
	{ "one endpoint: the younger, if both are disabled", DROP(LAST, DISABLED, OFFICE_CLIENT),
	  .source = &link_local, .younger = DISABLED, .disabled = true },
	{ "one endpoint: not the younger, who is not live yet",
	  DROP(LAST, WRONG_SOURCE, HOME_CLIENT), .source = &outside, .younger = NOT_LIVE },
	{ "one endpoint: not the younger, who moves on", DROP(LAST, WRONG_SOURCE, HOME_CLIENT),
	  .source = &outside, .younger = MOVED },
	{ "one endpoint, on a filter list, the younger is disabled",
	  DROP(FIRST, FILTER_OUTER, HOME_CLIENT), .outer = true, .younger = DISABLED },

	{ "client disabled", DROP(FIRST, DISABLED, HOME_CLIENT), .disabled = true },
	{ "client disabled, wrong endpoint", DROP(FIRST, WRONG_SOURCE, OFFICE_CLIENT),
	  .from = OFFICE, .disabled = true },
	{ "client not live yet", DROP(FIRST, STRANGER, NO_ONE), .not_live = true },
	{ "client of another link", DROP(FIRST, WRONG_SOURCE, HOME_CLIENT), .elsewhere = true },

	{ "to link-local multicast", DROP(FIRST, MULTICAST, HOME_CLIENT),
	  .destination = &link_local_multicast, .counted = true },
	{ "to global multicast", DROP(FIRST, MULTICAST, HOME_CLIENT),
	  .destination = &global_multicast, .counted = true },
	{ "to 6to4 of the link", DROP(FIRST, EMBEDDED, HOME_CLIENT), .destination = &local_6to4,
	  .counted = true },
	{ "to 6to4 of another host", DELIVERED, .destination = &other_6to4 },
	{ "to ISATAP of the link", DROP(FIRST, EMBEDDED, HOME_CLIENT),
	  .destination = &local_isatap, .counted = true },
	{ "to ISATAP of the link, global bit set", DROP(FIRST, EMBEDDED, HOME_CLIENT),
	  .destination = &local_isatap_global, .counted = true },
	{ "to ISATAP of another host", DELIVERED, .destination = &other_isatap },

	{ "endpoint on a filter list", DROP(FIRST, FILTER_OUTER, HOME_CLIENT), .outer = true },
	{ "endpoint on a filter list, stranger", DROP(FIRST, FILTER_OUTER, NO_ONE),
	  .from = NOBODY, .outer = true },
	{ "endpoint on a filter list, source outside", DROP(LAST, FILTER_OUTER, NO_ONE),
	  .from = NOBODY, .source = &outside, .outer = true },
	{ "endpoint on a filter list, client not live yet", DROP(FIRST, FILTER_OUTER, NO_ONE),
	  .not_live = true, .outer = true },
	{ "filter list drops", DROP(FIRST, FILTER_INNER, HOME_CLIENT), .inner = SB_FILTER_DROP,
	  .counted = true },
	{ "filter list rejects", DROP(FIRST, FILTER_INNER, HOME_CLIENT),
	  .inner = SB_FILTER_REJECT, .counted = true },

	/* RFC 6040 figure 4, all of it. */
	ECN("Not-ECT outside, Not-ECT inside", 0, 0, 0),
	ECN("ECT(0) outside, Not-ECT inside", 2, 0, 0),
	ECN("ECT(1) outside, Not-ECT inside", 1, 0, 0),
	{ "S11: ECN: CE outside, Not-ECT inside", DROP(FIRST, ECN, HOME_CLIENT), .outer_ecn = 3 },
	ECN("Not-ECT outside, ECT(0) inside", 0, 2, 2),
	ECN("ECT(0) outside, ECT(0) inside", 2, 2, 2),
	ECN("ECT(1) outside, ECT(0) inside", 1, 2, 1),
	ECN("CE outside, ECT(0) inside", 3, 2, 3),
	ECN("Not-ECT outside, ECT(1) inside", 0, 1, 1),
	ECN("ECT(0) outside, ECT(1) inside", 2, 1, 1),
	ECN("ECT(1) outside, ECT(1) inside", 1, 1, 1),
	ECN("CE outside, ECT(1) inside", 3, 1, 3),
	ECN("Not-ECT outside, CE inside", 0, 3, 3),
	ECN("ECT(0) outside, CE inside", 2, 3, 3),
	ECN("ECT(1) outside, CE inside", 1, 3, 3),
	ECN("CE outside, CE inside", 3, 3, 3),
};

static void receive_describe(const struct receive_case *c, char *description)
{
	strscpy(description, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(receive, receive_cases, receive_describe);

/* A packet as tunnel4 hands it over: data is the inner header. */
static struct sk_buff *make(struct kunit *test, const struct receive_case *c)
{
	const struct in6_addr *source = c->source ?: &home_own;
	struct ipv6hdr *ip6;
	struct sk_buff *skb;
	struct iphdr *iph;

	skb = alloc_skb(256, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_reserve(skb, 32);
	skb_reset_network_header(skb);
	iph = skb_put_zero(skb, sizeof(*iph));
	iph->version = 4;
	iph->ihl = 5;
	iph->protocol = IPPROTO_IPV6;
	iph->tos = c->outer_ecn;
	iph->saddr = c->from ?: HOME;
	iph->daddr = c->to ?: LOCAL;
	skb_pull(skb, sizeof(*iph));
	skb_reset_transport_header(skb);

	ip6 = skb_put_zero(skb, sizeof(*ip6));
	ip6->version = c->version ?: 6;
	ip6->flow_lbl[0] = c->inner_ecn << 4;
	ip6->payload_len = htons(PAYLOAD + c->payload);
	ip6->hop_limit = 64;
	ip6->nexthdr = c->options ? NEXTHDR_HOP : IPPROTO_ICMPV6;
	ip6->saddr = *source;
	ip6->daddr = *(c->destination ?: &outside);
	memset(skb_put(skb, PAYLOAD), 0x5a, PAYLOAD);

	skb->protocol = htons(ETH_P_IP);
	skb->dev = init_net.loopback_dev;
	skb->pkt_type = c->pkt_type;
	skb->mark = 0x1234;
	return skb;
}

static struct sb_client *charged(int who)
{
	return who == HOME_CLIENT ? &world->home : who == OFFICE_CLIENT ? &world->office : NULL;
}

static void check_delivered(struct kunit *test, const struct receive_case *c)
{
	struct sb_client *client = c->source == &office_own ? &world->office : &world->home;
	const unsigned int len = sizeof(struct ipv6hdr) + PAYLOAD;
	struct sk_buff *skb = world->delivered;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	KUNIT_EXPECT_EQ(test, world->is_straight, c->fate == FORWARDED);
	KUNIT_EXPECT_EQ(test, world->drops, 0);
	KUNIT_EXPECT_PTR_EQ(test, skb->dev, world->link.dev);
	KUNIT_EXPECT_EQ(test, skb->len, len);
	KUNIT_EXPECT_PTR_EQ(test, skb_network_header(skb), skb->data);
	KUNIT_EXPECT_PTR_EQ(test, skb_mac_header(skb), skb->data);
	KUNIT_EXPECT_EQ(test, skb->protocol, htons(ETH_P_IPV6));
	KUNIT_EXPECT_EQ(test, skb->mark, 0);
	KUNIT_EXPECT_MEMEQ(test, &ipv6_hdr(skb)->saddr, c->source ?: &home_own, 16);
	KUNIT_EXPECT_EQ(test, ipv6_get_dsfield(ipv6_hdr(skb)), c->inner_ecn_then);
	KUNIT_EXPECT_EQ(test, atomic64_read(&client->rx_packets), 1);
	KUNIT_EXPECT_EQ(test, atomic64_read(&client->rx_bytes), len);
	KUNIT_EXPECT_NE(test, client->rx_last, 0);
	KUNIT_EXPECT_PTR_EQ(test, world->asked, c->options ? NULL : client);
	KUNIT_EXPECT_EQ(test, world->endpoint, c->from ?: HOME);
	KUNIT_EXPECT_MEMEQ(test, &world->remote, c->destination ?: &outside, 16);
	KUNIT_EXPECT_NULL(test, world->prohibited);
}

static void check_dropped(struct kunit *test, const struct receive_case *c)
{
	KUNIT_EXPECT_NULL(test, world->delivered);
	KUNIT_EXPECT_EQ(test, world->drops, 1);
	KUNIT_EXPECT_EQ(test, world->reason, c->reason);
	KUNIT_EXPECT_PTR_EQ(test, world->charged, charged(c->charged));
	KUNIT_EXPECT_EQ(test, atomic64_read(&world->home.rx_packets), c->counted);
	KUNIT_EXPECT_EQ(test, atomic64_read(&world->office.rx_packets), 0);
	if (c->reason == SITBROKER_DROP_REASON_RX_LINK_LOCAL)
		KUNIT_EXPECT_PTR_EQ(test, world->asked, charged(c->charged));
	KUNIT_EXPECT_PTR_EQ(test, world->prohibited,
			    c->inner == SB_FILTER_REJECT ? charged(c->charged) : NULL);
}

static void received(struct kunit *test)
{
	const struct receive_case *c = test->param_value;
	struct sk_buff *skb = make(test, c);
	bool left;

	sb_client_mark(&world->home, SB_CLIENT_DISABLED, c->disabled);
	sb_client_mark(&world->home, SB_CLIENT_LIVE, !c->not_live);
	world->home.link = c->elsewhere ? &world->other_link : &world->link;
	world->link.dev->flags = c->down ? 0 : IFF_UP;
	world->outer = c->outer;
	world->inner = c->inner;
	world->is_straight = c->fate == FORWARDED || c->fate >= DROPPED_FIRST;
	if (c->younger) {
		rcu_assign_pointer(world->office.next_behind, &world->home);
		world->office.endpoint = c->younger == MOVED ? OFFICE : HOME;
		sb_client_mark(&world->office, SB_CLIENT_DISABLED, c->younger == DISABLED);
		sb_client_mark(&world->office, SB_CLIENT_LIVE, c->younger != NOT_LIVE);
	}

	local_bh_disable();
	rcu_read_lock();
	left = sb_receive_first(skb);
	if (left && (c->fate == LEFT || c->fate == DROPPED_LAST)) {
		KUNIT_EXPECT_EQ_MSG(test, world->drops, 0, "counted although sit may take it");
		left = sb_receive_last(skb);
		KUNIT_EXPECT_EQ(test, left, c->fate == LEFT);
	} else {
		KUNIT_EXPECT_EQ_MSG(test, left, c->fate == LEFT || c->fate == DROPPED_LAST,
				    "taken by the wrong handler");
	}
	rcu_read_unlock();
	local_bh_enable();

	if (left) {
		KUNIT_EXPECT_EQ(test, skb->len, sizeof(struct ipv6hdr) + PAYLOAD);
		KUNIT_EXPECT_EQ(test, world->drops, 0);
		kfree_skb(skb);
	} else if (c->fate == DELIVERED || c->fate == FORWARDED) {
		check_delivered(test, c);
	} else {
		check_dropped(test, c);
	}
}

#define LENGTH		((unsigned int)sizeof(struct ipv6hdr) + PAYLOAD)

/**
 * struct counted_case - a packet whose holder nobody has looked at
 * @name: what is special
 * @packet: and about the packet; it is delivered, or DROPPED_FIRST
 * @left: the holder has just left
 * @packets: counted beside the piece before
 * @bytes: as @packets
 * @settled: what was counted there is the holder's afterwards, and so is the packet
 */
struct counted_case {
	const char *name;
	struct receive_case packet;
	bool left;
	u32 packets, bytes;
	bool settled;
};

static const struct counted_case counted_cases[] = {
	{ "the first one", { .fate = DELIVERED } },
	{ "another one", { .fate = DELIVERED }, .packets = 5, .bytes = 5000 },
	{ "by the straight way", { .fate = FORWARDED }, .packets = 5, .bytes = 5000 },
	{ "the last one that there is room for", { .fate = DELIVERED },
	  .packets = SB_SEEN_PACKETS_MAX - 1, .bytes = 100 },
	{ "the last bytes that there is room for", { .fate = DELIVERED },
	  .packets = 3, .bytes = SB_SEEN_BYTES_MAX - LENGTH },
	{ "one more than there is room for", { .fate = DELIVERED },
	  .packets = SB_SEEN_PACKETS_MAX, .bytes = 100, .settled = true },
	{ "a byte more than there is room for", { .fate = FORWARDED },
	  .packets = 3, .bytes = SB_SEEN_BYTES_MAX - LENGTH + 1, .settled = true },
	{ "no room, holder has left", { .fate = DELIVERED }, .left = true,
	  .packets = SB_SEEN_PACKETS_MAX, .bytes = 100 },
	{ "room, holder has left", { .fate = DELIVERED }, .left = true },
	{ "dropped before it counts", { DROP(FIRST, ECN, HOME_CLIENT), .outer_ecn = 3 } },
	{ "dropped before it counts, holder has left",
	  { DROP(FIRST, ECN, NO_ONE), .outer_ecn = 3 }, .left = true },
	{ "dropped behind", { DROP(FIRST, EMBEDDED, HOME_CLIENT), .counted = true,
	  .destination = &local_6to4 } },
	{ "filtered", { DROP(FIRST, FILTER_INNER, HOME_CLIENT), .counted = true,
	  .inner = SB_FILTER_DROP } },
	{ "filtered, holder has left", { DROP(FIRST, FILTER_INNER, NO_ONE), .counted = true,
	  .inner = SB_FILTER_DROP }, .left = true },
	{ "rejected", { DROP(FIRST, FILTER_INNER, HOME_CLIENT), .counted = true,
	  .inner = SB_FILTER_REJECT } },
	{ "rejected, holder has left", { DROP(FIRST, FILTER_INNER, NO_ONE), .counted = true,
	  .inner = SB_FILTER_REJECT }, .left = true },
	{ "nothing that may be for the gateway", { .fate = DELIVERED, .options = true } },
};

static void counted_describe(const struct counted_case *c, char *description)
{
	strscpy(description, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(counted, counted_cases, counted_describe);

static void counted(struct kunit *test)
{
	const struct sb_holder holder = {
		.pool = &world->pool, .index = SB_NEAR_SLOTS, .seen = &world->seen,
	};
	const struct counted_case *c = test->param_value;
	bool passes = c->packet.fate != DROPPED_FIRST;
	bool counts = (passes || c->packet.counted) &&
		      !(c->left && c->packets == SB_SEEN_PACKETS_MAX);
	struct sk_buff *skb = make(test, &c->packet);
	u32 packets = c->packets + counts, bytes = c->bytes + counts * LENGTH;
	unsigned int seq = read_seqbegin(&world->link.settling);
	u32 received;

	world->holder = c->left ? NULL : &world->home;
	atomic_set(&world->seen.received, c->packets << SB_SEEN_BYTES_BITS | c->bytes);
	world->inner = c->packet.inner;
	world->is_straight = c->packet.fate == FORWARDED;

	local_bh_disable();
	rcu_read_lock();
	sb_receive_deliver(&world->link, &holder, skb);
	rcu_read_unlock();
	local_bh_enable();

	KUNIT_EXPECT_EQ(test, !!world->delivered, passes);
	KUNIT_EXPECT_EQ(test, world->drops, !passes);
	KUNIT_EXPECT_PTR_EQ(test, world->charged, charged(c->packet.charged));
	if (!passes)
		KUNIT_EXPECT_EQ(test, world->reason, c->packet.reason);
	received = atomic_read(&world->seen.received);
	KUNIT_EXPECT_EQ(test, sb_seen_packets(received), c->settled ? 0 : packets);
	KUNIT_EXPECT_EQ(test, sb_seen_bytes(received), c->settled ? 0 : bytes);
	KUNIT_EXPECT_EQ(test, atomic64_read(&world->home.rx_packets), c->settled ? packets : 0);
	KUNIT_EXPECT_EQ(test, atomic64_read(&world->home.rx_bytes), c->settled ? bytes : 0);
	/* Who adds up meanwhile does so again. */
	KUNIT_EXPECT_EQ(test, read_seqretry(&world->link.settling, seq), c->settled);
	KUNIT_EXPECT_EQ(test, world->asks, (passes || c->packet.counted) && !c->left &&
			!c->packet.options);
	KUNIT_EXPECT_EQ(test, world->prohibitions,
			c->packet.inner == SB_FILTER_REJECT && !c->left);
	KUNIT_EXPECT_PTR_EQ(test, world->prohibited, world->prohibitions ? &world->home : NULL);
	KUNIT_EXPECT_EQ(test, !!world->seen.last, counts && !c->settled);
	KUNIT_EXPECT_EQ(test, !!world->home.rx_last, c->settled);
}

/* Which of two times is the later one, where one may be never, or before the counter began anew. */
static void later(struct kunit *test)
{
	u32 now = sb_seen_now();

	KUNIT_EXPECT_EQ(test, sb_seen_later(0, 0), 0);
	KUNIT_EXPECT_EQ(test, sb_seen_later(0, now), now);
	KUNIT_EXPECT_EQ(test, sb_seen_later(now, 0), now);
	KUNIT_EXPECT_EQ(test, sb_seen_later(now, now - 1), now);
	KUNIT_EXPECT_EQ(test, sb_seen_later(now - 1, now), now);
	/* Three years are more than half of the range. */
	KUNIT_EXPECT_EQ(test, sb_seen_later(now - U32_MAX / 4 * 3, now - 1), now - 1);
	KUNIT_EXPECT_EQ(test, sb_seen_later(now - 1, now - U32_MAX / 4 * 3), now - 1);
	/* The counter began anew in between. */
	KUNIT_EXPECT_EQ(test, sb_seen_later(now - 1, U32_MAX - 1), now - 1);
	KUNIT_EXPECT_EQ(test, sb_seen_later(U32_MAX - 1, now - 1), now - 1);
	/* Half a minute ago, within what a unit of time takes off. */
	KUNIT_EXPECT_LT(test, sb_seen_age(sb_seen_now()), 128);
	KUNIT_EXPECT_LE(test, sb_seen_age(now - (30 * HZ >> SB_SEEN_TIME_SHIFT)), 30128);
	KUNIT_EXPECT_GE(test, sb_seen_age(now - (30 * HZ >> SB_SEEN_TIME_SHIFT)), 29872);
}

static int receive_init(struct kunit *test)
{
	struct net_device *dev;

	world = kunit_kzalloc(test, sizeof(*world), GFP_KERNEL);
	if (!world)
		return -ENOMEM;
	dev = alloc_netdev(0, "test%d", NET_NAME_UNKNOWN, ether_setup);
	if (!dev)
		return -ENOMEM;
	dev->tstats = netdev_alloc_pcpu_stats(struct pcpu_sw_netstats);
	world->link.drops = alloc_percpu(struct sb_link_drops);
	if (!dev->tstats || !world->link.drops) {
		free_percpu(world->link.drops);
		free_percpu(dev->tstats);
		free_netdev(dev);
		return -ENOMEM;
	}
	world->link.dev = dev;
	world->home.link = &world->link;
	sb_client_mark(&world->home, SB_CLIENT_LIVE, true);
	world->home.endpoint = HOME;
	world->home.server = home_server;
	world->link.local = LOCAL;
	world->link.lead_rt = &world->lead_rt;
	seqlock_init(&world->link.settling);
	world->office = world->home;
	world->office.endpoint = OFFICE;
	world->office.server = office_server;
	return 0;
}

static void receive_exit(struct kunit *test)
{
	if (!world || !world->link.dev)
		return;
	kfree_skb(world->delivered);
	free_percpu(world->link.drops);
	free_percpu(world->link.dev->tstats);
	free_netdev(world->link.dev);
	world = NULL;
}

static struct kunit_case receive_suite_cases[] = {
	KUNIT_CASE_PARAM(received, receive_gen_params),
	KUNIT_CASE_PARAM(counted, counted_gen_params),
	KUNIT_CASE(later),
	{}
};

static int receive_suite_init(struct kunit_suite *suite)
{
	static_branch_enable(&sb_filter_links);
	return 0;
}

static struct kunit_suite receive_suite = {
	.name = "sitbroker_receive",
	.suite_init = receive_suite_init,
	.init = receive_init,
	.exit = receive_exit,
	.test_cases = receive_suite_cases,
};

kunit_test_suite(receive_suite);

MODULE_DESCRIPTION("KUnit tests of sitbroker: packets from clients");
MODULE_LICENSE("GPL");
