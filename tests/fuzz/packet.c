// SPDX-License-Identifier: GPL-2.0
/* Packets that are nearly right. */

#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <string.h>

#include "packet.h"
#include "random.h"

struct addresses addresses;
int from_client;

static struct in6_addr some_v6(void)
{
	struct in6_addr address = addresses.v6[random_below(addresses.n_v6)];

	/* A neighbour of it, now and then. */
	if (random_once(4))
		address.s6_addr[15 - random_below(10)] ^= 1 << random_below(8);
	return address;
}

static uint32_t some_v4(void)
{
	return addresses.v4[random_below(addresses.n_v4)].s_addr;
}

static size_t some_bytes(uint8_t *at, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		at[i] = random_next();
	return n;
}

/* Most are right. */
static uint16_t some_length(size_t right)
{
	static const uint16_t others[] = { 0, 1, 7, 8, 39, 40, 1280, 0x7fff, 0xffff };

	if (!random_once(6))
		return right;
	if (random_once(2))
		return right + random_below(17) - 8;
	return others[random_below(sizeof(others) / sizeof(*others))];
}

static uint32_t sum(const uint8_t *data, size_t len, uint32_t start)
{
	uint64_t total = start;
	size_t i;

	for (i = 0; i < len; i++)
		total += i & 1 ? data[i] : data[i] << 8;
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return total;
}

/* The checksum of what is behind an IPv6 header; wrong now and then. */
static void checksum6(uint8_t *upper, size_t len, uint8_t protocol, const struct in6_addr *pair,
		      size_t at)
{
	uint32_t total = sum((const uint8_t *)pair, 32, len + protocol);
	uint16_t value;

	memset(upper + at, 0, 2);
	value = htons(~sum(upper, len, total));
	if (random_once(10))
		value ^= 1 << random_below(16);
	memcpy(upper + at, &value, 2);
}

static size_t nd_options(uint8_t *at, size_t room)
{
	size_t len = 0, n = random_below(4);

	for (; n && len + 32 <= room; n--) {
		at[len] = random_once(3) ? random_next() : 1 + random_below(5);
		at[len + 1] = random_once(5) ? random_below(256) : 1;
		some_bytes(at + len + 2, 6);
		len += 8;
	}
	return random_once(8) ? len + random_below(8) : len;
}

static size_t upper_icmp6(uint8_t *at, size_t room, const struct in6_addr *pair, unsigned int depth)
{
	static const uint8_t types[] = { 128, 129, 133, 134, 135, 135, 136, 137, 130, 131, 143,
					 1, 2, 3, 4 };
	uint8_t type = types[random_below(sizeof(types))];
	struct in6_addr target = some_v6();
	size_t len = 8;

	some_bytes(at, 8);
	at[0] = random_once(12) ? random_next() : type;
	at[1] = random_once(4) ? random_next() : 0;
	if (type >= 133 && type <= 137) {
		memcpy(at + len, &target, 16);
		len += 16;
		if (type == 137)
			len += some_bytes(at + len, 16);
		len += nd_options(at + len, room - len);
	} else if (type < 128 && depth && room > 200) {
		/* An error quotes a packet. */
		len += packet_ipv6(at + len, room - len > 1200 ? 1200 : room - len, 0);
	} else {
		len += some_bytes(at + len, random_below(room > 300 ? 200 : 16));
	}
	checksum6(at, len, IPPROTO_ICMPV6, pair, 2);
	return len;
}

/* Write an extension header; *next is set to where the chain goes on. */
static size_t extension(uint8_t *at, uint8_t next, uint8_t kind)
{
	size_t len = kind == IPPROTO_FRAGMENT ? 8 : 8 * (1 + random_below(3));

	some_bytes(at, len);
	at[0] = next;
	at[1] = random_once(8) ? random_next() : len / 8 - 1;
	if (kind == IPPROTO_FRAGMENT && random_once(2)) {
		at[2] = 0;
		at[3] &= 1;
	} else if (kind != IPPROTO_FRAGMENT && !random_once(3)) {
		/* One option that pads it all. */
		at[2] = 1;
		at[3] = len - 4;
		memset(at + 4, 0, len - 4);
	}
	return len;
}

static size_t upper(uint8_t *at, size_t room, const struct in6_addr *pair, uint8_t *protocol,
		    unsigned int depth)
{
	size_t len;

	switch (random_below(8)) {
	case 0:
	case 1:
	case 2:
		*protocol = IPPROTO_ICMPV6;
		return upper_icmp6(at, room, pair, depth);
	case 3:
		*protocol = IPPROTO_TCP;
		len = some_bytes(at, 20 + random_below(60));
		at[12] = random_once(4) ? at[12] : 0x50;
		checksum6(at, len, IPPROTO_TCP, pair, 16);
		return len;
	case 4:
		if (depth && room > 400) {
			*protocol = random_once(4) ? IPPROTO_IPIP : IPPROTO_IPV6;
			return packet_ipv6(at, room, depth - 1);
		}
		/* fall through */
	case 5:
		*protocol = random_next();
		return some_bytes(at, random_below(40));
	default:
		*protocol = IPPROTO_UDP;
		len = room > 3000 ? room - 100 : 200;
		len = some_bytes(at, 8 + random_below(len));
		at[4] = some_length(len) >> 8;
		at[5] = len;
		checksum6(at, len, IPPROTO_UDP, pair, 6);
		return len;
	}
}

size_t packet_ipv6(uint8_t *at, size_t room, unsigned int depth)
{
	static const uint8_t kinds[] = { IPPROTO_HOPOPTS, IPPROTO_DSTOPTS, IPPROTO_ROUTING,
					 IPPROTO_FRAGMENT, 51, 135 };
	static const uint8_t hop_limits[] = { 0, 1, 2, 64, 255 };
	struct in6_addr pair[2] = { some_v6(), some_v6() };
	size_t len = sizeof(struct ip6_hdr), extensions = 0, upper_len;
	struct ip6_hdr *ip6 = (struct ip6_hdr *)at;
	uint8_t body[20000], chain[4], next;
	unsigned int n, i;

	/* Else hardly anything would get past the first look. */
	if (random_once(2))
		pair[!from_client] = addresses.v6[0];
	n = random_once(3) ? random_below(5) : 0;
	for (i = 0; i < n; i++)
		chain[i] = kinds[random_below(sizeof(kinds))];
	/* What is behind the chain is written first: the chain names it. */
	upper_len = upper(body, room < 300 ? 300 : room < sizeof(body) ? room : sizeof(body), pair,
			  &next, depth);
	for (i = 0; i < n; i++)
		extensions += extension(at + len + extensions, i + 1 < n ? chain[i + 1] : next,
					chain[i]);
	if (len + extensions + upper_len > room)
		upper_len = room - len - extensions;
	memcpy(at + len + extensions, body, upper_len);
	len += extensions + upper_len;

	memset(ip6, 0, sizeof(*ip6));
	ip6->ip6_flow = htonl(6u << 28 | (random_next() & 0xfffffff));
	if (random_once(30))
		at[0] = random_next();
	ip6->ip6_plen = htons(some_length(len - sizeof(*ip6)));
	ip6->ip6_nxt = n ? chain[0] : next;
	ip6->ip6_hlim = random_once(2) ? 64 : hop_limits[random_below(sizeof(hop_limits))];
	ip6->ip6_src = pair[0];
	ip6->ip6_dst = pair[1];
	return len;
}

static void ipv4(uint8_t *at, size_t len, uint8_t protocol)
{
	struct iphdr *ip = (struct iphdr *)at;

	memset(ip, 0, sizeof(*ip));
	ip->version = 4;
	ip->ihl = random_once(40) ? random_below(16) : 5;
	ip->tos = random_once(2) ? random_next() : 0;
	ip->tot_len = htons(some_length(len));
	ip->id = random_next();
	ip->frag_off = random_once(12) ? random_next() : random_once(2) ? htons(0x4000) : 0;
	ip->ttl = random_once(8) ? random_next() : 64;
	ip->protocol = protocol;
	ip->saddr = random_once(3) ? some_v4() : addresses.v4[1].s_addr;
	ip->daddr = random_once(6) ? some_v4() : addresses.v4[0].s_addr;
	ip->check = htons(~sum(at, ip->ihl * 4 <= 20 ? ip->ihl * 4 : 20, 0));
}

size_t packet_tunnelled(uint8_t *at, size_t room)
{
	size_t len = 20 + packet_ipv6(at + 20, room - 20, random_once(10) ? 20 : 2);

	ipv4(at, len, random_once(30) ? random_next() : 41);
	return len;
}

size_t packet_error4(uint8_t *at, size_t room)
{
	static const uint8_t types[] = { ICMP_DEST_UNREACH, ICMP_TIME_EXCEEDED, ICMP_PARAMETERPROB,
					 ICMP_REDIRECT, ICMP_SOURCE_QUENCH };
	size_t quoted = packet_tunnelled(at + 28, room > 600 ? 548 : room - 28), len;
	struct iphdr *quote = (struct iphdr *)(at + 28);
	uint8_t *icmp = at + 20;
	uint16_t value;

	/* It quotes what the server sent, or something like it. */
	if (!random_once(5)) {
		quote->daddr = quote->saddr;
		quote->saddr = addresses.v4[0].s_addr;
	}
	if (random_once(3))
		quoted = 20 + 8 * random_below(6) + random_below(8);
	len = 28 + quoted;
	memset(icmp, 0, 8);
	icmp[0] = types[random_below(sizeof(types))];
	icmp[1] = random_below(16);
	value = htons(random_below(1600));
	memcpy(icmp + 6, &value, 2);
	value = htons(~sum(icmp, len - 20, 0));
	memcpy(icmp + 2, &value, 2);
	ipv4(at, len, IPPROTO_ICMP);
	return len;
}

size_t packet_solicitation(uint8_t *at, size_t room)
{
	struct in6_addr pair[2] = { some_v6(), some_v6() }, target = some_v6();
	struct ip6_hdr *ip6 = (struct ip6_hdr *)at;
	uint8_t *ns = at + sizeof(*ip6);
	size_t len = 24;

	if (!random_once(4)) {
		memset(&pair[1], 0, 16);
		pair[1].s6_addr[0] = 0xff;
		pair[1].s6_addr[1] = 2;
		pair[1].s6_addr[11] = 1;
		pair[1].s6_addr[12] = 0xff;
		memcpy(&pair[1].s6_addr[13], &target.s6_addr[13], 3);
	}
	if (random_once(8))
		memset(&pair[0], 0, 16);
	memset(ns, 0, 8);
	ns[0] = random_once(20) ? 133 + random_below(5) : 135;
	ns[1] = random_once(20) ? random_next() : 0;
	memcpy(ns + 8, &target, 16);
	len += nd_options(ns + len, room - sizeof(*ip6) - len);
	checksum6(ns, len, IPPROTO_ICMPV6, pair, 2);

	memset(ip6, 0, sizeof(*ip6));
	ip6->ip6_flow = htonl(6u << 28);
	ip6->ip6_plen = htons(some_length(len));
	ip6->ip6_nxt = IPPROTO_ICMPV6;
	ip6->ip6_hlim = random_once(20) ? random_next() : 255;
	ip6->ip6_src = pair[0];
	ip6->ip6_dst = pair[1];
	return sizeof(*ip6) + len;
}

size_t packet_mutate(uint8_t *packet, size_t len)
{
	unsigned int n = random_once(2) ? 0 : 1 + random_below(3);

	for (; n && len > 1; n--) {
		switch (random_below(4)) {
		case 0:		/* cut it off */
			len = 1 + random_below(len);
			break;
		case 1:
			packet[random_below(len < 100 ? len : 100)] = random_next();
			break;
		default:
			packet[random_below(len < 100 ? len : 100)] ^= 1 << random_below(8);
		}
	}
	return len;
}
