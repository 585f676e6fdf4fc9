// SPDX-License-Identifier: GPL-2.0
/* RFC 4861 section 7.1.1: which neighbour solicitations are to be discarded. */

#include <kunit/test.h>
#include <linux/skbuff.h>
#include <net/addrconf.h>
#include <net/ndisc.h>

#include "ndp.h"

#define MESSAGE_MAX	256
#define NS		24	/* without options */

/* How the packet lies in memory. */
enum { LINEAR, HEADER_ONLY, PAGED };

/**
 * struct ns_case - a solicitation
 * @name: what is special about it
 * @valid: is it to be answered
 * @n: bytes of options
 * @options: them
 * @cut: bytes missing at the end of the packet, negative for padding
 * @short_by: bytes that the IPv6 payload length says less
 * @hop_limit: 255 where 0
 * @code: ICMPv6 code
 * @unspecified: source is ::, a DAD probe
 * @multicast_source: source is ff02::1
 * @destination: solicited-node multicast where 0
 * @bad: offset of a byte of the message to spoil after the checksum was made, 0 for none
 * @layout: how it lies in memory
 * @ip_summed: what the device says about the checksum
 */
struct ns_case {
	const char *name;
	bool valid;
	unsigned int n;
	u8 options[MESSAGE_MAX - NS - 16];
	int cut;
	unsigned int short_by;
	u8 hop_limit, code;
	bool unspecified, multicast_source;
	enum { SOLICITED_NODE, TARGET, ALL_NODES, ALMOST_SOLICITED_NODE } destination;
	unsigned int bad;
	int layout;
	u8 ip_summed;
};

#define OPTION(n_, ...)		.n = (n_), .options = { __VA_ARGS__ }
#define SLLAO			1, 1, 2, 0, 0, 0, 0, 1
#define NONCE			14, 1, 1, 2, 3, 4, 5, 6

static const struct ns_case ns_cases[] = {
	{ "with source link-layer address", true, OPTION(8, SLLAO) },
	{ "without options", true },
	{ "unicast", true, OPTION(8, SLLAO), .destination = TARGET },
	{ "to all nodes", true, OPTION(8, SLLAO), .destination = ALL_NODES },
	{ "DAD probe", true, .unspecified = true },
	{ "DAD probe with a nonce", true, OPTION(8, NONCE), .unspecified = true },
	{ "unknown option", true, OPTION(8, 200, 1) },
	{ "unknown option and then a known one", true, OPTION(24, 200, 2, [16] = SLLAO) },
	{ "long option", true, OPTION(64, 200, 8) },
	{ "two options", true, OPTION(16, SLLAO, NONCE) },
	{ "padding behind the packet", true, OPTION(8, SLLAO), .cut = -6 },

	{ "hop limit 254", false, OPTION(8, SLLAO), .hop_limit = 254 },
	{ "hop limit 1", false, OPTION(8, SLLAO), .hop_limit = 1 },
	{ "code 1", false, OPTION(8, SLLAO), .code = 1 },
	{ "multicast source", false, OPTION(8, SLLAO), .multicast_source = true },

	{ "payload of 23 bytes", false, .short_by = 1 },
	{ "payload of 8 bytes", false, .short_by = 16 },
	{ "no payload", false, .short_by = 24 },
	{ "packet cut off by one byte", false, OPTION(8, SLLAO), .cut = 1 },
	{ "packet cut off in its target", false, .cut = 8 },
	{ "packet cut off after the IPv6 header", false, .cut = 24 },

	{ "option of length 0", false, OPTION(8, 1, 0) },
	{ "unknown option of length 0", false, OPTION(8, 200, 0) },
	{ "second option of length 0", false, OPTION(16, SLLAO, 14, 0) },
	{ "option longer than the packet", false, OPTION(8, 1, 2) },
	{ "option much longer than the packet", false, OPTION(8, 200, 255) },
	{ "second option longer than the packet", false, OPTION(16, SLLAO, 14, 2) },
	{ "option of one byte", false, OPTION(1, 1) },
	{ "option of two bytes", false, OPTION(2, 1, 1) },
	{ "option with a byte missing", false, OPTION(7, 1, 1) },
	{ "one byte after an option", false, OPTION(9, SLLAO) },

	{ "DAD probe with source link-layer address", false, OPTION(8, SLLAO),
	  .unspecified = true },
	{ "DAD probe, the address as second option", false, OPTION(16, NONCE, SLLAO),
	  .unspecified = true },
	{ "DAD probe to unicast", false, .unspecified = true, .destination = TARGET },
	{ "DAD probe to all nodes", false, .unspecified = true, .destination = ALL_NODES },
	{ "DAD probe, almost a solicited-node address", false, .unspecified = true,
	  .destination = ALMOST_SOLICITED_NODE },

	{ "bad checksum", false, OPTION(8, SLLAO), .bad = 2 },
	{ "bit flipped in the target", false, OPTION(8, SLLAO), .bad = 12 },
	{ "bit flipped in the last byte", false, OPTION(8, SLLAO), .bad = NS + 7 },
	{ "bad checksum, unchecked by the device", false, OPTION(8, SLLAO), .bad = 2,
	  .ip_summed = CHECKSUM_COMPLETE },
	{ "checksum verified by the device", true, OPTION(8, SLLAO), .bad = 2,
	  .ip_summed = CHECKSUM_UNNECESSARY },

	{ "in pages", true, OPTION(8, SLLAO), .layout = PAGED },
	{ "in pages after the IPv6 header", true, OPTION(8, SLLAO), .layout = HEADER_ONLY },
	{ "in pages, DAD probe", true, .unspecified = true, .layout = HEADER_ONLY },
	{ "in pages, padding", true, OPTION(8, SLLAO), .layout = HEADER_ONLY, .cut = -6 },
	{ "in pages, packet cut off", false, OPTION(8, SLLAO), .layout = HEADER_ONLY, .cut = 1 },
	{ "in pages, bad checksum", false, OPTION(8, SLLAO), .layout = HEADER_ONLY, .bad = 20 },
	{ "in pages, option of length 0", false, OPTION(8, 1, 0), .layout = HEADER_ONLY },
	{ "in pages, option overrun", false, OPTION(8, 1, 2), .layout = HEADER_ONLY },
};

static void ns_describe(const struct ns_case *c, char *description)
{
	strscpy(description, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(ns, ns_cases, ns_describe);

/* RFC 8200 section 8.1, word by word. */
static u16 checksum(const struct ipv6hdr *ip6, const u8 *message, unsigned int len)
{
	const u8 *addresses = (const u8 *)&ip6->saddr;
	u32 sum = len + IPPROTO_ICMPV6;
	unsigned int i;

	for (i = 0; i < 32; i += 2)
		sum += addresses[i] << 8 | addresses[i + 1];
	for (i = 0; i < len; i += 2)
		sum += message[i] << 8 | (i + 1 < len ? message[i + 1] : 0);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/* The whole packet; returns its length. */
static unsigned int write_packet(const struct ns_case *c, u8 *packet)
{
	static const struct in6_addr target = { { { 0x20, 0x01, 0x0d, 0xb8, [13] = 7, 8, 9 } } };
	static const struct in6_addr asker = { { { 0x20, 0x01, 0x0d, 0xb8, [15] = 0xfe } } };
	static const struct in6_addr all_nodes = { { { 0xff, 2, [15] = 1 } } };
	struct ipv6hdr *ip6 = (struct ipv6hdr *)packet;
	unsigned int len = NS + c->n - c->short_by;
	u8 *message = packet + sizeof(*ip6);
	u16 sum;

	ip6->version = 6;
	ip6->nexthdr = IPPROTO_ICMPV6;
	ip6->hop_limit = c->hop_limit ?: 255;
	ip6->payload_len = htons(len);
	if (!c->unspecified)
		ip6->saddr = c->multicast_source ? all_nodes : asker;
	switch (c->destination) {
	case TARGET:
		ip6->daddr = target;
		break;
	case ALL_NODES:
		ip6->daddr = all_nodes;
		break;
	default:
		addrconf_addr_solict_mult(&target, &ip6->daddr);
		/* ff02::1:ff00:0/104 differs in its last bit. */
		if (c->destination == ALMOST_SOLICITED_NODE)
			ip6->daddr.s6_addr[12] ^= 1;
		break;
	}

	message[0] = NDISC_NEIGHBOUR_SOLICITATION;
	message[1] = c->code;
	memcpy(message + 8, &target, sizeof(target));
	memcpy(message + NS, c->options, c->n);
	sum = checksum(ip6, message, len);
	message[2] = sum >> 8;
	message[3] = sum;
	if (c->bad)
		message[c->bad] ^= 1;
	return sizeof(*ip6) + NS + c->n - c->cut;
}

static struct sk_buff *make(struct kunit *test, const struct ns_case *c)
{
	u8 *packet = kunit_kzalloc(test, sizeof(struct ipv6hdr) + MESSAGE_MAX, GFP_KERNEL);
	unsigned int len, linear;
	struct sk_buff *skb;
	struct page *page;

	KUNIT_ASSERT_NOT_NULL(test, packet);
	len = write_packet(c, packet);
	linear = c->layout == LINEAR ? len : sizeof(struct ipv6hdr);

	/* No room behind: reads beyond the end are seen by KASAN. */
	skb = alloc_skb(linear, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_put_data(skb, packet, linear);
	skb_reset_network_header(skb);
	skb->ip_summed = c->ip_summed;
	if (linear < len) {
		page = alloc_page(GFP_KERNEL);
		if (!page)
			kfree_skb(skb);
		KUNIT_ASSERT_NOT_NULL(test, page);
		memcpy(page_address(page), packet + linear, len - linear);
		skb_add_rx_frag(skb, 0, page, 0, len - linear, PAGE_SIZE);
	}
	if (c->layout == PAGED) {
		/* The upper layers see it so after the IPv6 header was pulled from the pages. */
		KUNIT_EXPECT_TRUE(test, pskb_may_pull(skb, sizeof(struct ipv6hdr) + 1));
		skb_reset_network_header(skb);
	}
	return skb;
}

static void solicitation(struct kunit *test)
{
	const struct ns_case *c = test->param_value;
	struct sk_buff *skb = make(test, c);

	KUNIT_EXPECT_EQ(test, sb_ns_valid(skb), c->valid);
	/* What is built from the question reads it without further checks. */
	if (c->valid)
		KUNIT_EXPECT_GE(test, skb_headlen(skb), sizeof(struct ipv6hdr) + NS + c->n);
	kfree_skb(skb);
}

/* Every length that the payload can have, on a packet full of options. */
static void s17_every_length(struct kunit *test)
{
	struct ns_case *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);
	unsigned int n;

	KUNIT_ASSERT_NOT_NULL(test, c);
	for (n = 0; n + 8 <= sizeof(c->options); n += 8)
		memcpy(c->options + n, (const u8 []) { NONCE }, 8);
	for (n = 0; n <= sizeof(c->options); n++) {
		struct sk_buff *skb;

		c->n = n;
		for (c->layout = LINEAR; c->layout <= PAGED; c->layout++) {
			skb = make(test, c);
			KUNIT_EXPECT_EQ_MSG(test, sb_ns_valid(skb), n % 8 == 0,
					    "%u bytes of options, layout %d", n, c->layout);
			kfree_skb(skb);
		}
	}
}

static struct kunit_case ndp_cases[] = {
	KUNIT_CASE_PARAM(solicitation, ns_gen_params),
	KUNIT_CASE(s17_every_length),
	{}
};

static struct kunit_suite ndp_suite = {
	.name = "sitbroker_ndp",
	.test_cases = ndp_cases,
};

kunit_test_suite(ndp_suite);

MODULE_DESCRIPTION("KUnit tests of sitbroker: neighbour solicitations");
MODULE_IMPORT_NS("EXPORTED_FOR_KUNIT_TESTING");
MODULE_LICENSE("GPL");
