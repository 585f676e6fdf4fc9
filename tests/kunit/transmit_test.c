// SPDX-License-Identifier: GPL-2.0
/*
 * What is checked of a packet before it is sent to a client, and with what
 * outer header it leaves. The file under test is included; the rest of the
 * module and the ways out of it are played here.
 */

#include <kunit/test.h>
#include <linux/icmpv6.h>
#include <linux/udp.h>
#include <net/ip_tunnels.h>
#include <net/route.h>

#include "compat/compat.h"

static void played_icmpv6_ndo_send(struct sk_buff *skb, u8 type, u8 code, u32 info);
static struct rtable *played_route(struct net *net, struct flowi4 *fl4, const struct sock *sk);
static int played_netif_rx(struct sk_buff *skb);
static int played_local_out(struct net *net, struct sock *sk, struct sk_buff *skb);
static void played_select_ident(struct net *net, struct iphdr *iph, int n);
#define icmpv6_ndo_send		played_icmpv6_ndo_send
#define ip_route_output_flow	played_route
#define netif_rx		played_netif_rx
#define ip_local_out		played_local_out
#define __ip_select_ident	played_select_ident

#include "../../kmod/transmit.c"
#include "../../kmod/outer.c"

#define LOCAL		htonl(0xc0000201)	/* 192.0.2.1 */
#define HOME		htonl(0xcb007107)	/* 203.0.113.7 */
#define MTU		1400
#define IFINDEX		77
#define TTL		63

/* The pool is 2001:db8:1::/64: pair ::2 belongs to home, ::4 to office, ::6 to attic. */
#define ADDR(last)	{ { { 0x20, 0x01, 0x0d, 0xb8, 0, 1, [15] = (last) } } }

static const struct in6_addr home_server = ADDR(2), home_own = ADDR(3);
static const struct in6_addr office_server = ADDR(4), office_own = ADDR(5);
static const struct in6_addr attic_server = ADDR(6), attic_own = ADDR(7);
static const struct in6_addr unassigned = ADDR(0x66);
static const struct in6_addr outside = { { { 0x20, 0x01, 0x0d, 0xb8, 0, 2, [15] = 1 } } };
static const struct in6_addr link_local = { { { 0xfe, 0x80, [15] = 1 } } };
static const struct in6_addr link_local_multicast = { { { 0xff, 0x02, [15] = 1 } } };
static const struct in6_addr global_multicast = { { { 0xff, 0x0e, [15] = 1 } } };
static const struct in6_addr loopback = { { { [15] = 1 } } };
static const struct in6_addr unspecified;
/* Unique local addresses are as good as any. */
static const struct in6_addr unique_local = { { { 0xfd, 0x12, [15] = 1 } } };

/**
 * struct world - what is played, and what was seen
 * @sbn: the namespace
 * @dev: the link's device
 * @link: its private data
 * @other_link: another link
 * @home: a client at %HOME
 * @office: a client without endpoint
 * @attic: another client at %HOME
 * @pool: stands for the pool
 * @rt: the IPv4 route that is found, NULL for none
 * @lookups: how often it was looked up
 * @within: packets to send, each while the one before it is on its way, the last one first
 * @sent: the packet that left with an outer header, or NULL
 * @looped: the packet that came back in, or NULL
 * @identified: packets that the kernel was asked to number
 * @silent: the budget for ICMPv6 errors is used up
 * @drops: number of drops
 * @reason: of the last one
 * @charged: to whom
 * @errors: number of ICMPv6 errors
 * @type: of the last one
 * @code: as @type
 * @info: as @type
 * @outer: the endpoint is on a filter list
 * @inner: what filter lists say of where the packet comes from
 * @endpoint: about whom they were asked
 * @remote: about where
 */
static struct world {
	struct sb_net sbn;
	struct net_device *dev;
	struct sb_link *link;
	struct sb_link other_link;
	struct sb_client home, office, attic;
	struct sb_pool pool;
	struct rtable *rt;
	unsigned int lookups;
	struct sk_buff *within[2];
	struct sk_buff *sent, *looped;
	unsigned int identified;
	bool silent;
	unsigned int drops;
	enum sitbroker_drop_reason reason;
	struct sb_client *charged;
	unsigned int errors;
	u8 type, code;
	u32 info;
	bool outer;
	enum sb_filter_verdict inner;
	__be32 endpoint;
	struct in6_addr remote;
} *world;

static void played_icmpv6_ndo_send(struct sk_buff *skb, u8 type, u8 code, u32 info)
{
	world->errors++;
	world->type = type;
	world->code = code;
	world->info = info;
}

static struct rtable *played_route(struct net *net, struct flowi4 *fl4, const struct sock *sk)
{
	world->lookups++;
	if (!world->rt || fl4->daddr != HOME || fl4->saddr != LOCAL ||
	    fl4->flowi4_proto != IPPROTO_IPV6)
		return ERR_PTR(-ENETUNREACH);
	dst_hold(&world->rt->dst);
	return world->rt;
}

static int played_netif_rx(struct sk_buff *skb)
{
	world->looped = skb;
	return NET_RX_SUCCESS;
}

static int played_local_out(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	unsigned int i;

	for (i = ARRAY_SIZE(world->within); i--; ) {
		struct sk_buff *within = world->within[i];

		if (!within)
			continue;
		world->within[i] = NULL;
		sb_transmit(within, world->dev);
		break;
	}
	kfree_skb(world->sent);
	world->sent = skb;
	return 0;
}

/* The kernel's own numbers. */
#define KERNELS		htons(0x4000)

static void played_select_ident(struct net *net, struct iphdr *iph, int n)
{
	world->identified += n;
	iph->id = KERNELS;
}

struct sb_client *sb_table_client(const struct sb_table *table, const struct in6_addr *addr,
				  struct sb_pool **pool)
{
	*pool = ipv6_prefix_equal(addr, &home_own, 64) ? &world->pool : NULL;
	if (ipv6_prefix_equal(addr, &home_own, 127))
		return &world->home;
	if (ipv6_prefix_equal(addr, &attic_own, 127))
		return &world->attic;
	return ipv6_prefix_equal(addr, &office_own, 127) ? &world->office : NULL;
}

unsigned int sb_client_mtu(const struct sb_client *client, const struct dst_entry *route)
{
	return MTU;
}

bool sb_icmp_allowed(struct sb_link *link, struct sb_client *client)
{
	return !world->silent;
}

bool sb_icmp_too_big_allowed(struct sb_client *client)
{
	return true;
}

void sb_drop_count(struct sb_link *link, struct sb_client *client,
		   enum sitbroker_drop_reason reason)
{
	world->drops++;
	world->reason = reason;
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

/* What becomes of the packet. */
enum { SENT, LOOPED, DROPPED };

/* Who is charged. */
enum { NO_ONE, HOME_CLIENT, OFFICE_CLIENT };

/**
 * struct transmit_case - a packet and its fate
 * @name: what is special about it
 * @fate: what becomes of it
 * @reason: why it is dropped
 * @charged: to whom
 * @icmp: ICMPv6 type of the error that is sent, 0 for none
 * @code: its code
 * @source: inner source, outside where NULL
 * @destination: inner destination, home_own where NULL
 * @protocol: of the packet, in host byte order, IPv6 where 0
 * @len: length, 100 where 0
 * @gso: size of a segment, 0 for no GSO
 * @dsfield: inner traffic class
 * @tos: TOS of the link
 * @inherit: TOS comes from the inner traffic class
 * @outer: outer TOS
 * @isolate: of the link
 * @silent: the budget for ICMPv6 errors is used up
 * @pmtudisc: of the client
 * @path_mtu: of the IPv4 route, the device's where 0
 * @df: DF outside
 * @iif: where it came in
 * @route_type: of the IPv4 route, unicast where 0
 * @no_route: there is none
 * @loop: it leads back into the link
 * @disabled: the client is
 * @not_live: the client is still being added
 * @elsewhere: the client belongs to another link
 * @outer_list: the endpoint is on a filter list
 * @inner_list: what filter lists say of where the packet comes from
 */
struct transmit_case {
	const char *name;
	int fate;
	enum sitbroker_drop_reason reason;
	int charged;
	u8 icmp, code;
	const struct in6_addr *source, *destination;
	u16 protocol;
	unsigned int len, gso;
	u8 dsfield, tos;
	bool inherit;
	u8 outer;
	int iif;
	u8 route_type;
	bool no_route, loop, disabled, not_live, elsewhere;
	bool isolate, silent, pmtudisc;
	u32 path_mtu;
	__be16 df;
	bool outer_list;
	enum sb_filter_verdict inner_list;
};

#define DROP(why, whom)	.fate = DROPPED, .reason = SITBROKER_DROP_REASON_TX_##why, .charged = whom
#define UNREACH(why)	.icmp = ICMPV6_DEST_UNREACH, .code = ICMPV6_##why

static const struct transmit_case transmit_cases[] = {
	{ "valid", SENT },
	{ "header only", SENT, .len = sizeof(struct ipv6hdr) },
	{ "unique local source", SENT, .source = &unique_local },

	{ "IPv4", DROP(NOT_IPV6, NO_ONE), .protocol = ETH_P_IP },
	{ "ARP", DROP(NOT_IPV6, NO_ONE), .protocol = ETH_P_ARP },
	{ "truncated header", DROP(NOT_IPV6, NO_ONE), .len = sizeof(struct ipv6hdr) - 1 },
	{ "to link-local multicast", DROP(MULTICAST, NO_ONE),
	  .destination = &link_local_multicast },
	{ "to global multicast", DROP(MULTICAST, NO_ONE), .destination = &global_multicast },

	{ "source link-local", DROP(SCOPE, NO_ONE), .source = &link_local },
	{ "source loopback", DROP(SCOPE, NO_ONE), .source = &loopback },
	{ "source unspecified", DROP(SCOPE, NO_ONE), .source = &unspecified },
	{ "source multicast", DROP(SCOPE, NO_ONE), .source = &global_multicast },
	{ "to link-local", DROP(SCOPE, NO_ONE), .destination = &link_local },
	{ "to loopback", DROP(SCOPE, NO_ONE), .destination = &loopback },
	{ "to unspecified", DROP(SCOPE, NO_ONE), .destination = &unspecified },

	{ "to nobody", DROP(UNASSIGNED, NO_ONE), UNREACH(ADDR_UNREACH),
	  .destination = &unassigned },
	{ "to outside the pools", DROP(UNASSIGNED, NO_ONE), UNREACH(ADDR_UNREACH),
	  .destination = &outside, .source = &unique_local },
	{ "client not live yet", DROP(UNASSIGNED, NO_ONE), UNREACH(ADDR_UNREACH),
	  .not_live = true },
	{ "client of another link", DROP(UNASSIGNED, NO_ONE), UNREACH(ADDR_UNREACH),
	  .elsewhere = true },
	{ "client disabled", DROP(DISABLED, HOME_CLIENT), UNREACH(ADM_PROHIBITED),
	  .disabled = true },
	{ "client without endpoint", DROP(NO_ENDPOINT, OFFICE_CLIENT), UNREACH(NOROUTE),
	  .destination = &office_own },

	{ "back to who sent it", DROP(HAIRPIN, HOME_CLIENT), .source = &home_own,
	  .iif = IFINDEX },
	{ "from another client", SENT, .source = &office_own, .iif = IFINDEX },
	{ "same source, but from this host", SENT, .source = &home_own },
	{ "same source, but from elsewhere", SENT, .source = &home_own, .iif = IFINDEX + 1 },
	{ "to the server address", LOOPED, .destination = &home_server },

	{ "from another client, isolated", DROP(ISOLATED, HOME_CLIENT), UNREACH(ADM_PROHIBITED),
	  .source = &office_own, .iif = IFINDEX, .isolate = true },
	{ "from a client of another link, isolated", DROP(ISOLATED, HOME_CLIENT),
	  UNREACH(ADM_PROHIBITED), .source = &office_own, .iif = IFINDEX + 1, .isolate = true },
	{ "from outside, isolated", SENT, .iif = IFINDEX + 1, .isolate = true },
	{ "from this host, isolated", SENT, .source = &office_server, .isolate = true },

	{ "to nobody, budget used up", DROP(UNASSIGNED, NO_ONE), .destination = &unassigned,
	  .silent = true },
	{ "client disabled, budget used up", DROP(DISABLED, HOME_CLIENT), .disabled = true,
	  .silent = true },
	{ "client without endpoint, budget used up", DROP(NO_ENDPOINT, OFFICE_CLIENT),
	  .destination = &office_own, .silent = true },
	{ "too large, budget used up", DROP(TOO_BIG, HOME_CLIENT), .icmp = ICMPV6_PKT_TOOBIG,
	  .len = MTU + 1, .silent = true },

	{ "path MTU discovery", SENT, .pmtudisc = true, .df = htons(IP_DF) },
	{ "path MTU discovery, path below 1300", SENT, .pmtudisc = true, .path_mtu = 1299 },
	{ "path MTU discovery, path of 1300", SENT, .pmtudisc = true, .path_mtu = 1300,
	  .df = htons(IP_DF) },

	{ "no IPv4 route", DROP(NO_ROUTE, HOME_CLIENT), .no_route = true },
	{ "endpoint is an address of this host", DROP(NO_ROUTE, HOME_CLIENT),
	  .route_type = RTN_LOCAL },
	{ "endpoint is a broadcast address", DROP(NO_ROUTE, HOME_CLIENT),
	  .route_type = RTN_BROADCAST },
	{ "route leads back into the link", DROP(LOOP, HOME_CLIENT), .loop = true },

	{ "as large as fits", SENT, .len = MTU },
	{ "one byte too large", DROP(TOO_BIG, HOME_CLIENT), .icmp = ICMPV6_PKT_TOOBIG,
	  .len = MTU + 1 },
	{ "GSO, segments as large as fits", SENT, .len = 3000,
	  .gso = MTU - sizeof(struct ipv6hdr) - sizeof(struct udphdr) },
	{ "GSO, segments one byte too large", DROP(TOO_BIG, HOME_CLIENT),
	  .icmp = ICMPV6_PKT_TOOBIG, .len = 3000,
	  .gso = MTU - sizeof(struct ipv6hdr) - sizeof(struct udphdr) + 1 },

	{ "endpoint on a filter list", DROP(FILTER_OUTER, HOME_CLIENT), .outer_list = true },
	{ "filter list drops", DROP(FILTER_INNER, HOME_CLIENT), .inner_list = SB_FILTER_DROP },
	{ "filter list rejects", DROP(FILTER_INNER, HOME_CLIENT), UNREACH(ADM_PROHIBITED),
	  .inner_list = SB_FILTER_REJECT },
	{ "filter list rejects, budget used up", DROP(FILTER_INNER, HOME_CLIENT),
	  .inner_list = SB_FILTER_REJECT, .silent = true },
	{ "to the server address, filter list drops", LOOPED, .destination = &home_server,
	  .inner_list = SB_FILTER_DROP },

	/* RFC 6040 figure 3, normal mode: ECN is copied. */
	{ "S11: TOS fixed", SENT, .tos = 0xb8, .dsfield = 0x48, .outer = 0xb8 },
	{ "S11: TOS fixed, ECT(0)", SENT, .tos = 0xb8, .dsfield = 0x4a, .outer = 0xba },
	{ "S11: TOS fixed, ECT(1)", SENT, .tos = 0xb8, .dsfield = 0x49, .outer = 0xb9 },
	{ "S11: TOS fixed, CE", SENT, .tos = 0xb8, .dsfield = 0x4b, .outer = 0xbb },
	{ "S11: TOS inherited", SENT, .inherit = true, .tos = 0xb8, .dsfield = 0x48,
	  .outer = 0x48 },
	{ "S11: TOS inherited, ECT(1)", SENT, .inherit = true, .dsfield = 0x49, .outer = 0x49 },
	{ "S11: TOS inherited, CE", SENT, .inherit = true, .dsfield = 0x4b, .outer = 0x4b },
};

static void transmit_describe(const struct transmit_case *c, char *description)
{
	strscpy(description, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(transmit, transmit_cases, transmit_describe);

static struct sk_buff *make(struct kunit *test, const struct transmit_case *c)
{
	unsigned int len = c->len ?: 100;
	struct ipv6hdr ip6 = {
		.version = 6,
		.priority = c->dsfield >> 4,
		.flow_lbl[0] = c->dsfield << 4 & 0xf0,
		.payload_len = htons(len > sizeof(ip6) ? len - sizeof(ip6) : 0),
		.nexthdr = IPPROTO_UDP,
		.hop_limit = 64,
		.saddr = *(c->source ?: &outside),
		.daddr = *(c->destination ?: &home_own),
	};
	struct sk_buff *skb;

	skb = alloc_skb(len + 128, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_reserve(skb, 128);
	skb_put_zero(skb, len);
	memcpy(skb->data, &ip6, min_t(unsigned int, len, sizeof(ip6)));
	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, sizeof(ip6));
	skb->protocol = htons(c->protocol ?: ETH_P_IPV6);
	skb->dev = world->dev;
	skb->skb_iif = c->iif;
	skb->mark = 0x1234;
	skb->pkt_type = PACKET_OUTGOING;
	if (c->gso) {
		skb_shinfo(skb)->gso_size = c->gso;
		skb_shinfo(skb)->gso_segs = DIV_ROUND_UP(len, c->gso);
		skb_shinfo(skb)->gso_type = SKB_GSO_UDP_L4;
		/* Segments have checksums of their own, so the first one is still to be made. */
		skb->ip_summed = CHECKSUM_PARTIAL;
	}
	return skb;
}

/* Sent, and not yet among what the client was sent in all. */
static u16 packets_to(const struct sb_client *client)
{
	return sb_sent_packets(atomic64_read(&client->sent));
}

static u32 bytes_to(const struct sb_client *client)
{
	return sb_sent_bytes(atomic64_read(&client->sent));
}

static void check_sent(struct kunit *test, const struct transmit_case *c)
{
	const struct ipv6hdr *ip6;
	struct sk_buff *skb = world->sent;
	const struct iphdr *iph;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	KUNIT_EXPECT_EQ(test, world->drops, 0);
	KUNIT_EXPECT_EQ(test, world->errors, 0);
	KUNIT_EXPECT_PTR_EQ(test, skb_network_header(skb), skb->data);
	iph = ip_hdr(skb);
	ip6 = (const struct ipv6hdr *)(iph + 1);
	KUNIT_EXPECT_TRUE(test, iph->version == 4 && iph->ihl == 5);
	KUNIT_EXPECT_EQ(test, iph->saddr, LOCAL);
	KUNIT_EXPECT_EQ(test, iph->daddr, HOME);
	KUNIT_EXPECT_EQ(test, iph->protocol, IPPROTO_IPV6);
	KUNIT_EXPECT_EQ(test, iph->tos, c->outer);
	KUNIT_EXPECT_EQ(test, iph->ttl, TTL);
	KUNIT_EXPECT_EQ(test, iph->frag_off, c->df);
	KUNIT_EXPECT_EQ(test, skb->len, sizeof(*iph) + (c->len ?: 100));
	KUNIT_EXPECT_EQ(test, skb->mark, 0);
	KUNIT_EXPECT_EQ(test, skb->_skb_refdst & SKB_DST_PTRMASK,
			(unsigned long)&world->rt->dst);
	if (c->gso)
		KUNIT_EXPECT_TRUE(test, skb_shinfo(skb)->gso_type & SKB_GSO_IPXIP4);
	KUNIT_EXPECT_EQ(test, ipv6_get_dsfield(ip6), c->dsfield);
	KUNIT_EXPECT_EQ(test, packets_to(&world->home), 1);
	KUNIT_EXPECT_EQ(test, bytes_to(&world->home), c->len ?: 100);
	KUNIT_EXPECT_EQ(test, world->endpoint, HOME);
	KUNIT_EXPECT_MEMEQ(test, &world->remote, c->source ?: &outside, 16);
}

static void check_looped(struct kunit *test)
{
	struct sk_buff *skb = world->looped;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	KUNIT_EXPECT_EQ(test, world->drops, 0);
	KUNIT_EXPECT_TRUE(test, skb->pkt_type == PACKET_HOST);
	KUNIT_EXPECT_PTR_EQ(test, skb->dev, world->dev);
	KUNIT_EXPECT_PTR_EQ(test, skb_mac_header(skb), skb->data);
	KUNIT_EXPECT_EQ(test, packets_to(&world->home), 0);
}

static void check_dropped(struct kunit *test, const struct transmit_case *c)
{
	KUNIT_EXPECT_EQ(test, world->drops, 1);
	KUNIT_EXPECT_EQ(test, world->reason, c->reason);
	KUNIT_EXPECT_PTR_EQ(test, world->charged,
			    c->charged == HOME_CLIENT ? &world->home :
			    c->charged == OFFICE_CLIENT ? &world->office : NULL);
	KUNIT_EXPECT_EQ(test, world->errors, !!c->icmp);
	KUNIT_EXPECT_EQ(test, world->type, c->icmp);
	KUNIT_EXPECT_EQ(test, world->code, c->code);
	if (c->icmp == ICMPV6_PKT_TOOBIG)
		KUNIT_EXPECT_EQ(test, world->info, MTU);
	KUNIT_EXPECT_EQ(test, packets_to(&world->home), 0);
}

static void transmit(struct sk_buff *skb)
{
	local_bh_disable();
	sb_transmit(skb, world->dev);
	local_bh_enable();
}

static void transmitted(struct kunit *test)
{
	const struct transmit_case *c = test->param_value;
	struct net_device *dev = world->rt->dst.dev;
	struct rtable *rt = world->rt;

	sb_client_mark(&world->home, SB_CLIENT_DISABLED, c->disabled);
	sb_client_mark(&world->home, SB_CLIENT_PMTUDISC, c->pmtudisc);
	world->link->isolate = c->isolate;
	world->silent = c->silent;
	world->outer = c->outer_list;
	world->inner = c->inner_list;
	sb_client_mark(&world->home, SB_CLIENT_LIVE, !c->not_live);
	world->home.link = c->elsewhere ? &world->other_link : world->link;
	world->link->tos = c->tos;
	world->link->tos_inherit = c->inherit;
	rt->rt_type = c->route_type ?: RTN_UNICAST;
	rt->rt_pmtu = c->path_mtu;
	rt->dst.expires = jiffies + 100 * HZ;
	if (c->no_route)
		world->rt = NULL;
	/* The reference stays with the device that it was taken on. */
	if (c->loop)
		rt->dst.dev = world->dev;

	transmit(make(test, c));

	world->rt = rt;
	rt->dst.dev = dev;
	KUNIT_EXPECT_EQ(test, !!world->sent, c->fate == SENT);
	KUNIT_EXPECT_EQ(test, !!world->looped, c->fate == LOOPED);
	if (c->fate == SENT)
		check_sent(test, c);
	else if (c->fate == LOOPED)
		check_looped(test);
	else
		check_dropped(test, c);
}

/* The route is looked up once, and again when the endpoint's was forgotten or expired. */
static void route_is_kept(struct kunit *test)
{
	static const struct transmit_case c = {};
	unsigned int i;

	for (i = 0; i < 3; i++) {
		transmit(make(test, &c));
		KUNIT_EXPECT_NOT_NULL(test, world->sent);
		kfree_skb(world->sent);
		world->sent = NULL;
	}
	KUNIT_EXPECT_EQ(test, world->lookups, 1);
	KUNIT_EXPECT_EQ(test, packets_to(&world->home), 3);

	world->rt->rt_genid--;
	transmit(make(test, &c));
	KUNIT_EXPECT_EQ(test, world->lookups, 2);
	kfree_skb(world->sent);
	world->sent = NULL;
	world->rt->rt_genid++;
	transmit(make(test, &c));
	KUNIT_EXPECT_EQ(test, world->lookups, 2);
}

/* Send a packet. Return: its identification. */
static u16 identification_of(struct kunit *test, const struct transmit_case *c)
{
	u16 identification;

	transmit(make(test, c));
	KUNIT_ASSERT_NOT_NULL(test, world->sent);
	identification = ntohs(ip_hdr(world->sent)->id);
	kfree_skb(world->sent);
	world->sent = NULL;
	return identification;
}

/* S33: who shares an endpoint is numbered by the kernel, who has one to itself by itself. */
static void identifications(struct kunit *test)
{
	static const struct transmit_case one = {}, three = { .len = 3000, .gso = 1200 };

	KUNIT_EXPECT_EQ(test, identification_of(test, &one), ntohs(KERNELS));
	KUNIT_EXPECT_EQ(test, world->identified, 1);
	KUNIT_EXPECT_EQ(test, identification_of(test, &three), ntohs(KERNELS));
	KUNIT_EXPECT_EQ(test, world->identified, 4);

	sb_client_mark(&world->home, SB_CLIENT_ALONE, true);
	atomic64_set(&world->home.sent, 0xfffcULL << SB_SENT_IDENTIFICATION_SHIFT);
	KUNIT_EXPECT_EQ(test, identification_of(test, &one), 0xfffc);
	/* Each of its segments gets one, from the first one's on. */
	KUNIT_EXPECT_EQ(test, identification_of(test, &three), 0xfffd);
	KUNIT_EXPECT_EQ(test, identification_of(test, &one), 0);
	KUNIT_EXPECT_EQ(test, identification_of(test, &one), 1);
	KUNIT_EXPECT_EQ(test, world->identified, 4);
}

/**
 * struct counted_case - a packet of 100 bytes to a client that was sent some
 * @name: what is special
 * @packets: counted before
 * @bytes: as @packets
 * @settled: what was counted is among all that the client was sent afterwards
 */
struct counted_case {
	const char *name;
	u16 packets;
	u32 bytes;
	bool settled;
};

static const struct counted_case counted_cases[] = {
	{ "the first one" },
	{ "another one", .packets = 5, .bytes = 5000 },
	{ "as many as stay", .packets = 0x7fff, .bytes = 0x7fffffff },
	{ "one more than that", .packets = 0x8000, .bytes = 5, .settled = true },
	{ "a byte more than that", .packets = 5, .bytes = 0x80000000, .settled = true },
	{ "far more", .packets = 0xfff0, .bytes = 0xffff0000, .settled = true },
};

static void counted_describe(const struct counted_case *c, char *description)
{
	strscpy(description, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(counted, counted_cases, counted_describe);

static void counted(struct kunit *test)
{
	static const struct transmit_case one = {};
	const struct counted_case *c = test->param_value;
	unsigned int seq = read_seqbegin(&world->link->settling);
	u64 packets = c->packets + 1, bytes = c->bytes + 100ULL;

	sb_client_mark(&world->home, SB_CLIENT_ALONE, true);
	atomic64_set(&world->home.tx_packets, 1ULL << 40);
	atomic64_set(&world->home.tx_bytes, 2ULL << 40);
	atomic64_set(&world->home.sent, 0xffffULL << SB_SENT_IDENTIFICATION_SHIFT |
		     (u64)c->packets << SB_SENT_PACKETS_SHIFT | c->bytes);

	KUNIT_EXPECT_EQ(test, identification_of(test, &one), 0xffff);
	KUNIT_EXPECT_EQ(test, packets_to(&world->home), c->settled ? 0 : packets);
	KUNIT_EXPECT_EQ(test, bytes_to(&world->home), c->settled ? 0 : bytes);
	KUNIT_EXPECT_EQ(test, atomic64_read(&world->home.tx_packets),
			(1ULL << 40) + (c->settled ? packets : 0));
	KUNIT_EXPECT_EQ(test, atomic64_read(&world->home.tx_bytes),
			(2ULL << 40) + (c->settled ? bytes : 0));
	/* Who adds up meanwhile does so again. */
	KUNIT_EXPECT_EQ(test, read_seqretry(&world->link->settling, seq), c->settled);
	/* Numbers go on, over the end of what has room for them. */
	KUNIT_EXPECT_EQ(test, identification_of(test, &one), 0);
}

/**
 * struct nest_case - packets of which each causes the next
 * @name: what is special about them
 * @to: where they go
 * @sent: how many leave, before one is dropped
 */
struct nest_case {
	const char *name;
	const struct in6_addr *to[3];
	unsigned int sent;
};

static const struct nest_case nest_cases[] = {
	{ "S7: back to the same client", { &home_own, &home_own }, 1 },
	{ "S7: through another client", { &home_own, &attic_own }, 2 },
	{ "S7: round by another client", { &home_own, &attic_own, &home_own }, 2 },
	{ "S7: round at another client", { &home_own, &attic_own, &attic_own }, 2 },
	{ "S7: through two others", { &home_own, &attic_own, &office_own }, 2 },
};

static void nest_describe(const struct nest_case *c, char *description)
{
	strscpy(description, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(nest, nest_cases, nest_describe);

static u64 all_sent(void)
{
	return packets_to(&world->home) + packets_to(&world->attic) + packets_to(&world->office);
}

static void nested(struct kunit *test)
{
	const struct nest_case *c = test->param_value;
	unsigned int n = 1, i;

	world->office.endpoint = HOME;
	for (; n < ARRAY_SIZE(c->to) && c->to[n]; n++)
		world->within[ARRAY_SIZE(c->to) - 1 - n] =
			make(test, &(const struct transmit_case){ .destination = c->to[n] });
	transmit(make(test, &(const struct transmit_case){ .destination = c->to[0] }));
	KUNIT_EXPECT_EQ(test, all_sent(), c->sent);
	KUNIT_EXPECT_EQ(test, world->drops, n - c->sent);
	if (world->drops)
		KUNIT_EXPECT_EQ(test, world->reason, SITBROKER_DROP_REASON_TX_LOOP);

	/* What comes later is not nested in it. */
	for (i = 0; i < ARRAY_SIZE(c->to) && c->to[i]; i++)
		transmit(make(test, &(const struct transmit_case){ .destination = c->to[i] }));
	KUNIT_EXPECT_EQ(test, all_sent(), c->sent + n);
}

static int transmit_init(struct kunit *test)
{
	struct net_device *dev;

	world = kunit_kzalloc(test, sizeof(*world), GFP_KERNEL);
	if (!world)
		return -ENOMEM;
	dev = alloc_netdev(sizeof(struct sb_link), "test%d", NET_NAME_UNKNOWN, ether_setup);
	if (!dev)
		return -ENOMEM;
	world->dev = dev;
	dev->tstats = netdev_alloc_pcpu_stats(struct pcpu_sw_netstats);
	world->rt = rt_dst_alloc(init_net.loopback_dev, 0, RTN_UNICAST, true);
	if (!dev->tstats || !world->rt)
		return -ENOMEM;
	dev->ifindex = IFINDEX;
	world->link = netdev_priv(dev);
	world->link->dev = dev;
	world->link->sbn = &world->sbn;
	world->link->local = LOCAL;
	world->link->ttl = TTL;
	spin_lock_init(&world->link->route_lock);
	seqlock_init(&world->link->settling);
	world->pool.kind = SITBROKER_POOL_KIND_PAIR;
	world->sbn.net = &init_net;
	world->home.link = world->link;
	sb_client_mark(&world->home, SB_CLIENT_LIVE, true);
	world->home.endpoint = HOME;
	world->home.server = home_server;
	world->office = world->home;
	world->office.endpoint = 0;
	world->office.server = office_server;
	world->attic = world->home;
	world->attic.server = attic_server;
	return 0;
}

static void forget_route(struct sb_client *client)
{
	struct rtable *cached = rcu_dereference_protected(client->rt, true);

	if (cached)
		ip_rt_put(cached);
}

static void transmit_exit(struct kunit *test)
{
	if (!world || !world->dev)
		return;
	forget_route(&world->home);
	forget_route(&world->office);
	forget_route(&world->attic);
	if (world->rt)
		ip_rt_put(world->rt);
	kfree_skb(world->sent);
	kfree_skb(world->looped);
	free_percpu(world->dev->tstats);
	free_netdev(world->dev);
	world = NULL;
}

static struct kunit_case transmit_suite_cases[] = {
	KUNIT_CASE_PARAM(transmitted, transmit_gen_params),
	KUNIT_CASE(route_is_kept),
	KUNIT_CASE(identifications),
	KUNIT_CASE_PARAM(counted, counted_gen_params),
	KUNIT_CASE_PARAM(nested, nest_gen_params),
	{}
};

static int transmit_suite_init(struct kunit_suite *suite)
{
	static_branch_enable(&sb_filter_links);
	return 0;
}

static struct kunit_suite transmit_suite = {
	.name = "sitbroker_transmit",
	.suite_init = transmit_suite_init,
	.init = transmit_init,
	.exit = transmit_exit,
	.test_cases = transmit_suite_cases,
};

kunit_test_suite(transmit_suite);

MODULE_DESCRIPTION("KUnit tests of sitbroker: packets to clients");
MODULE_LICENSE("GPL");
