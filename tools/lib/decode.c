// SPDX-License-Identifier: GPL-2.0
/* What a packet says, in words: its beginning is enough. */

#include <arpa/inet.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "decode.h"

const char *icmp4_text(uint8_t type, uint8_t code)
{
	static const char *const unreachable[] = {
		[ICMP_NET_UNREACH] = "network unreachable",
		[ICMP_HOST_UNREACH] = "host unreachable",
		[ICMP_PROT_UNREACH] = "protocol 41 unreachable",
		[ICMP_PORT_UNREACH] = "protocol 41 refused (port unreachable)",
		[ICMP_FRAG_NEEDED] = "fragmentation needed",
		[ICMP_NET_ANO] = "network administratively prohibited",
		[ICMP_HOST_ANO] = "host administratively prohibited",
		[ICMP_PKT_FILTERED] = "administratively prohibited",
	};

	switch (type) {
	case ICMP_DEST_UNREACH:
		if (code < sizeof(unreachable) / sizeof(*unreachable) && unreachable[code])
			return unreachable[code];
		return "destination unreachable";
	case ICMP_TIME_EXCEEDED:
		return code == ICMP_EXC_TTL ? "time to live exceeded" : "reassembly time exceeded";
	case ICMP_PARAMETERPROB:
		return "parameter problem";
	}
	return "error of another type";
}

static const char *icmp6_text(uint8_t type)
{
	static const struct {
		uint8_t type;
		const char *text;
	} types[] = {
		{ ICMP6_DST_UNREACH, "destination unreachable" },
		{ ICMP6_PACKET_TOO_BIG, "packet too big" },
		{ ICMP6_TIME_EXCEEDED, "time exceeded" },
		{ ICMP6_PARAM_PROB, "parameter problem" },
		{ ICMP6_ECHO_REQUEST, "echo request" },
		{ ICMP6_ECHO_REPLY, "echo reply" },
		{ MLD_LISTENER_QUERY, "multicast listener query" },
		{ MLD_LISTENER_REPORT, "multicast listener report" },
		{ MLD_LISTENER_REDUCTION, "multicast listener done" },
		{ ND_ROUTER_SOLICIT, "router solicitation" },
		{ ND_ROUTER_ADVERT, "router advertisement" },
		{ ND_NEIGHBOR_SOLICIT, "neighbour solicitation" },
		{ ND_NEIGHBOR_ADVERT, "neighbour advertisement" },
		{ ND_REDIRECT, "redirect" },
		{ 143, "multicast listener report" },
	};
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (types[i].type == type)
			return types[i].text;
	return NULL;
}

/**
 * struct decoder - a packet being described
 * @data: what is left of it
 * @size: length of @data
 * @text: where to write next
 * @room: left there
 */
struct decoder {
	const uint8_t *data;
	size_t size;
	char *text;
	size_t room;
};

__attribute__((format(printf, 2, 3)))
static void say(struct decoder *decoder, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(decoder->text, decoder->room, format, args);
	va_end(args);
	if (n < 0)
		return;
	if ((size_t)n >= decoder->room)
		n = decoder->room ? decoder->room - 1 : 0;
	decoder->text += n;
	decoder->room -= n;
}

/* Copy a header out, aligned. Return: was there all of it? */
static bool header_get(struct decoder *decoder, void *header, size_t size)
{
	if (decoder->size < size) {
		say(decoder, "cut off");
		return false;
	}
	memcpy(header, decoder->data, size);
	return true;
}

static void skip(struct decoder *decoder, size_t size)
{
	if (size > decoder->size)
		size = decoder->size;
	decoder->data += size;
	decoder->size -= size;
}

static void decode_ports(struct decoder *decoder, const char *name)
{
	uint16_t ports[2];

	say(decoder, "%s ", name);
	if (header_get(decoder, ports, sizeof(ports)))
		say(decoder, "%u > %u", ntohs(ports[0]), ntohs(ports[1]));
}

static void decode_icmp6(struct decoder *decoder)
{
	struct icmp6_hdr icmp;
	char target[INET6_ADDRSTRLEN];
	const char *name;

	say(decoder, "ICMPv6 ");
	if (!header_get(decoder, &icmp, sizeof(icmp)))
		return;
	name = icmp6_text(icmp.icmp6_type);
	if (name)
		say(decoder, "%s", name);
	else
		say(decoder, "type %u", icmp.icmp6_type);
	if ((icmp.icmp6_type == ND_NEIGHBOR_SOLICIT || icmp.icmp6_type == ND_NEIGHBOR_ADVERT) &&
	    decoder->size >= sizeof(icmp) + 16)
		say(decoder, " for %s", inet_ntop(AF_INET6, decoder->data + sizeof(icmp), target,
						  sizeof(target)));
}

/* Return: the protocol behind an extension header, which is skipped, or -1. */
static int decode_extension(struct decoder *decoder, uint8_t protocol)
{
	struct ip6_frag fragment;
	struct ip6_ext extension;

	if (protocol == IPPROTO_FRAGMENT) {
		say(decoder, "fragment, ");
		if (!header_get(decoder, &fragment, sizeof(fragment)))
			return -1;
		skip(decoder, sizeof(fragment));
		if (!(fragment.ip6f_offlg & IP6F_OFF_MASK))
			return fragment.ip6f_nxt;
		say(decoder, "not the first");
		return -1;
	}
	say(decoder, protocol == IPPROTO_HOPOPTS ? "hop-by-hop options, " :
		     protocol == IPPROTO_ROUTING ? "routing header, " : "destination options, ");
	if (!header_get(decoder, &extension, sizeof(extension)))
		return -1;
	skip(decoder, (extension.ip6e_len + 1) * 8);
	return extension.ip6e_nxt;
}

/* Return: the protocol of what follows, which is an IP header, or -1. */
static int decode_upper(struct decoder *decoder, uint8_t first)
{
	int protocol = first;

	while (protocol == IPPROTO_HOPOPTS || protocol == IPPROTO_ROUTING ||
	       protocol == IPPROTO_DSTOPTS || protocol == IPPROTO_FRAGMENT)
		protocol = decode_extension(decoder, protocol);
	switch (protocol) {
	case -1:
		return -1;
	case IPPROTO_IPV6:
	case IPPROTO_IPIP:
		return protocol;
	case IPPROTO_ICMPV6:
		decode_icmp6(decoder);
		return -1;
	case IPPROTO_TCP:
		decode_ports(decoder, "TCP");
		return -1;
	case IPPROTO_UDP:
		decode_ports(decoder, "UDP");
		return -1;
	case IPPROTO_NONE:
		say(decoder, "nothing behind it");
		return -1;
	}
	say(decoder, "protocol %d", protocol);
	return -1;
}

static int decode_ipv6(struct decoder *decoder)
{
	char source[INET6_ADDRSTRLEN], destination[INET6_ADDRSTRLEN];
	struct ip6_hdr ip6;

	say(decoder, "IPv6 ");
	if (!header_get(decoder, &ip6, sizeof(ip6)))
		return -1;
	say(decoder, "%s > %s hop limit %u: ",
	    inet_ntop(AF_INET6, &ip6.ip6_src, source, sizeof(source)),
	    inet_ntop(AF_INET6, &ip6.ip6_dst, destination, sizeof(destination)), ip6.ip6_hlim);
	skip(decoder, sizeof(ip6));
	return decode_upper(decoder, ip6.ip6_nxt);
}

static int decode_ipv4(struct decoder *decoder)
{
	char source[INET_ADDRSTRLEN], destination[INET_ADDRSTRLEN];
	struct iphdr ip;

	say(decoder, "IPv4 ");
	if (!header_get(decoder, &ip, sizeof(ip)))
		return -1;
	say(decoder, "%s > %s ttl %u: ", inet_ntop(AF_INET, &ip.saddr, source, sizeof(source)),
	    inet_ntop(AF_INET, &ip.daddr, destination, sizeof(destination)), ip.ttl);
	if (ip.ihl < 5) {
		say(decoder, "header too short");
		return -1;
	}
	skip(decoder, ip.ihl * 4);
	if (ntohs(ip.frag_off) & 0x1fff) {
		say(decoder, "not the first fragment");
		return -1;
	}
	return decode_upper(decoder, ip.protocol);
}

void packet_text(const uint8_t *data, size_t size, char *text, size_t text_size)
{
	struct decoder decoder = { data, size, text, text_size };
	int next = 0;

	*text = '\0';
	if (!size) {
		say(&decoder, "empty");
		return;
	}
	/* Each header makes it shorter. */
	while (next >= 0 && decoder.size) {
		switch (*decoder.data >> 4) {
		case 4:
			next = decode_ipv4(&decoder);
			break;
		case 6:
			next = decode_ipv6(&decoder);
			break;
		default:
			say(&decoder, "IP version %u", *decoder.data >> 4);
			return;
		}
	}
	if (next >= 0)
		say(&decoder, "cut off");
}
