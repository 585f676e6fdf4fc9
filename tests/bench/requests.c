// SPDX-License-Identifier: GPL-2.0
/*
 * requests bulk|single|dump WHAT DEVICE COUNT, WHAT being clients, endpoints, routes, encaps,
 * peers, nothing, limit or block: time netlink requests alone. They are made before the clock
 * starts, and what comes back is only counted. Prints the nanoseconds that it took.
 *
 *   bulk    add COUNT of them, as many in one message as the socket takes
 *   single  add COUNT of them one by one, each acknowledged before the next one
 *   dump    ask for all, which must be COUNT
 *   text    add them as bulk does, from the lines of a file, which takes COUNT's place
 *
 * Endpoints are those of clients, packed; they are only listed. An encap is a route that says
 * to which IPv4 address packets go in a tunnel, for the pair of the client with the same
 * number. A peer is one of WireGuard's, in a message of its own as wg set sends it. Nothing is
 * a request that the kernel acknowledges without looking at it: what every single one costs.
 * The limits are limit/add.c, which checks no client, and limit/dump.c, which has the attributes
 * of clients, but no clients; a block is the latter's with all attributes of a client at once.
 * Of text no word is looked at but name and address, where brokertool's own lines have them: with
 * libraries for lines, addresses and messages, nobody can read it with less.
 * What it took is what it would have at the processor's full speed (speed.h), "nan" where there
 * was nothing of that.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/lwtunnel.h>
#include <linux/rtnetlink.h>
#include <linux/sitbroker.h>
#include <linux/wireguard.h>
#include <net/if.h>
#include <netlink/attr.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "speed.h"

/* What is sent at once: as fast as more, and fits into a socket's buffer. */
#define SEND_SIZE	(128 * 1024)
#define RECEIVE_SIZE	(1024 * 1024)
/* Parts are timed that take about a millisecond: so many requests, or what comes back at a time. */
#define PART_REQUESTS	64
#define PART_RECEIVES	16

/**
 * struct requests - what is sent
 * @socket: netlink
 * @fd: its descriptor
 * @family: of generic netlink, or 0 for routes
 * @encaps: the routes say where a tunnel ends
 * @peers: the family is WireGuard's
 * @nothing: there is nothing to do
 * @endpoints: what is listed of clients is packed
 * @ifindex: link or device
 * @buffer: messages, one behind the other
 * @end: of the last of them
 * @send: where what is sent at once begins
 * @n: number of entries in @send, without the last one, which is @end
 */
struct requests {
	struct nl_sock *socket;
	int fd;
	int family;
	bool encaps;
	bool peers;
	bool nothing;
	bool endpoints;
	uint32_t ifindex;
	char *buffer;
	size_t end;
	size_t *send;
	size_t n;
};

/**
 * struct parts - what was timed
 * @part: parts that have ended
 * @n: their number
 * @probe: of the processor's speed where the next one begins
 * @begin: when that was
 */
struct parts {
	struct part *part;
	size_t n;
	double probe;
	double begin;
};

static void fail(const char *what, int error)
{
	fprintf(stderr, "requests: %s: %s\n", what, strerror(error));
	exit(1);
}

static void *memory(void *old, size_t size)
{
	void *new = realloc(old, size);

	if (!new)
		fail("memory", errno);
	return new;
}

static void part_begin(struct parts *parts)
{
	parts->probe = speed_probe();
	parts->begin = now();
}

/* The next one begins at once. */
static void part_end(struct parts *parts, double done)
{
	double took = now() - parts->begin, before = parts->probe, after = speed_probe();

	parts->part = memory(parts->part, (parts->n + 1) * sizeof(*parts->part));
	parts->part[parts->n++] = (struct part) {
		.cost = took / done, .probe = after > before ? after : before, .done = done,
	};
	parts->probe = after;
	parts->begin = now();
}

static struct nl_msg *new_message(const struct requests *requests, int flags)
{
	struct rtmsg route = {
		.rtm_family = AF_INET6, .rtm_dst_len = requests->encaps ? 127 : 64,
		.rtm_table = RT_TABLE_MAIN, .rtm_protocol = RTPROT_STATIC,
		.rtm_scope = RT_SCOPE_UNIVERSE,
		.rtm_type = RTN_UNICAST,
	};
	struct nl_msg *msg = nlmsg_alloc_size(SEND_SIZE + 1024);

	flags |= NLM_F_REQUEST;
	if (requests->peers) {
		genlmsg_put(msg, 0, 1, requests->family, 0, flags, WG_CMD_SET_DEVICE,
			    WG_GENL_VERSION);
		nla_put_u32(msg, WGDEVICE_A_IFINDEX, requests->ifindex);
	} else if (requests->family) {
		genlmsg_put(msg, 0, 1, requests->family, 0, flags, SITBROKER_CMD_CLIENT_NEW, 1);
		nla_put_u32(msg, SITBROKER_A_IFINDEX, requests->ifindex);
	} else {
		nlmsg_put(msg, 0, 1, RTM_NEWROUTE, 0, flags | NLM_F_CREATE | NLM_F_EXCL);
		nlmsg_append(msg, &route, sizeof(route), NLMSG_ALIGNTO);
	}
	return msg;
}

static uint32_t endpoint(unsigned long number)
{
	return htonl(0x0a100001 + number);
}

static void put_client(struct nl_msg *msg, unsigned long number)
{
	struct nlattr *nest = nla_nest_start(msg, SITBROKER_A_CLIENT | NLA_F_NESTED);
	char name[16];

	snprintf(name, sizeof(name), "c%lu", number);
	nla_put_string(msg, SITBROKER_A_CLIENT_NAME, name);
	nla_put_u32(msg, SITBROKER_A_CLIENT_ENDPOINT, endpoint(number));
	nla_nest_end(msg, nest);
}

/* The server's address, as in server.py. */
#define LOCAL		0xcb007101

/* Where the tunnel device sends packets, and in whose name. */
static void put_encap(struct nl_msg *msg, unsigned long number)
{
	struct nlattr *nest;

	nla_put_u16(msg, RTA_ENCAP_TYPE, LWTUNNEL_ENCAP_IP);
	nest = nla_nest_start(msg, RTA_ENCAP | NLA_F_NESTED);
	nla_put_u32(msg, LWTUNNEL_IP_SRC, htonl(LOCAL));
	nla_put_u32(msg, LWTUNNEL_IP_DST, endpoint(number));
	nla_put_u8(msg, LWTUNNEL_IP_TTL, 64);
	nla_nest_end(msg, nest);
}

/* The /64 that a client would have. */
static struct in6_addr routed(unsigned long number)
{
	return (struct in6_addr) { .s6_addr = {
		0x20, 0x01, 0x0d, 0xb8, 0x80, number >> 16, number >> 8, number,
	} };
}

static void put_peer(struct nl_msg *msg, unsigned long number)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons(51820),
		.sin_addr.s_addr = endpoint(number),
	};
	struct nlattr *peers = nla_nest_start(msg, WGDEVICE_A_PEERS | NLA_F_NESTED);
	struct nlattr *peer = nla_nest_start(msg, NLA_F_NESTED), *prefixes, *one;
	struct in6_addr prefix = routed(number);
	uint8_t key[WG_KEY_LEN] = {};

	memcpy(key, &to.sin_addr, sizeof(to.sin_addr));
	nla_put(msg, WGPEER_A_PUBLIC_KEY, sizeof(key), key);
	nla_put_u32(msg, WGPEER_A_FLAGS, WGPEER_F_REPLACE_ALLOWEDIPS);
	nla_put(msg, WGPEER_A_ENDPOINT, sizeof(to), &to);
	prefixes = nla_nest_start(msg, WGPEER_A_ALLOWEDIPS | NLA_F_NESTED);
	one = nla_nest_start(msg, NLA_F_NESTED);
	nla_put_u16(msg, WGALLOWEDIP_A_FAMILY, AF_INET6);
	nla_put(msg, WGALLOWEDIP_A_IPADDR, sizeof(prefix), &prefix);
	nla_put_u8(msg, WGALLOWEDIP_A_CIDR_MASK, 64);
	nla_nest_end(msg, one);
	nla_nest_end(msg, prefixes);
	nla_nest_end(msg, peer);
	nla_nest_end(msg, peers);
}

static void put_route(const struct requests *requests, struct nl_msg *msg, unsigned long number)
{
	struct in6_addr prefix = routed(number), gateway;
	uint32_t low = htonl(2 + 2 * number);

	if (requests->encaps) {
		prefix = (struct in6_addr) { .s6_addr = { 0x20, 0x01, 0x0d, 0xb8, 0x01 } };
		memcpy(&prefix.s6_addr[12], &low, sizeof(low));
		put_encap(msg, number);
	}
	inet_pton(AF_INET6, "fe80::1", &gateway);
	nla_put(msg, RTA_DST, sizeof(prefix), &prefix);
	nla_put(msg, RTA_GATEWAY, sizeof(gateway), &gateway);
	nla_put_u32(msg, RTA_OIF, requests->ifindex);
}

static void put_object(const struct requests *requests, struct nl_msg *msg, unsigned long number)
{
	if (requests->peers)
		put_peer(msg, number);
	else if (requests->family)
		put_client(msg, number);
	else
		put_route(requests, msg, number);
}

static void append(struct requests *requests, struct nl_msg *msg)
{
	const struct nlmsghdr *header = nlmsg_hdr(msg);

	requests->buffer = memory(requests->buffer,
				  requests->end + header->nlmsg_len + NLMSG_ALIGNTO);
	memcpy(requests->buffer + requests->end, header, header->nlmsg_len);
	requests->end += NLMSG_ALIGN(header->nlmsg_len);
	nlmsg_free(msg);
}

/* What was appended since the last time is sent at once, and acknowledged once. */
static void cut(struct requests *requests)
{
	requests->send = memory(requests->send, (requests->n + 2) * sizeof(*requests->send));
	requests->n++;
	requests->send[requests->n] = requests->end;
}

static void make_bulk_clients(struct requests *requests, unsigned long count)
{
	struct nl_msg *msg = NULL;
	unsigned long i;

	for (i = 0; i < count; i++) {
		if (!msg)
			msg = new_message(requests, NLM_F_ACK);
		put_client(msg, i);
		if (nlmsg_hdr(msg)->nlmsg_len < SEND_SIZE - 64 && i + 1 < count)
			continue;
		append(requests, msg);
		cut(requests);
		msg = NULL;
	}
}

/* Each in a message of its own. */
static void make_bulk_messages(struct requests *requests, unsigned long count)
{
	struct nl_msg *msg;
	unsigned long i;
	bool full;

	for (i = 0; i < count; i++) {
		full = requests->end - requests->send[requests->n] > SEND_SIZE - 256 ||
		       i + 1 == count;
		msg = new_message(requests, full ? NLM_F_ACK : 0);
		put_object(requests, msg, i);
		append(requests, msg);
		if (full)
			cut(requests);
	}
}

static void make_single(struct requests *requests, unsigned long count)
{
	struct nl_msg *msg;
	unsigned long i;

	for (i = 0; i < count; i++) {
		msg = new_message(requests, NLM_F_ACK);
		if (requests->nothing)
			nlmsg_hdr(msg)->nlmsg_type = NLMSG_NOOP;
		else
			put_object(requests, msg, i);
		append(requests, msg);
		cut(requests);
	}
}

static void make_dump(struct requests *requests)
{
	struct nl_msg *msg = nlmsg_alloc();
	struct rtmsg route = { .rtm_family = AF_INET6 };

	if (requests->peers) {
		genlmsg_put(msg, 0, 1, requests->family, 0, NLM_F_REQUEST | NLM_F_DUMP,
			    WG_CMD_GET_DEVICE, WG_GENL_VERSION);
		nla_put_u32(msg, WGDEVICE_A_IFINDEX, requests->ifindex);
	} else if (requests->family) {
		genlmsg_put(msg, 0, 1, requests->family, 0, NLM_F_REQUEST | NLM_F_DUMP,
			    requests->endpoints ? SITBROKER_CMD_ENDPOINT_GET :
						  SITBROKER_CMD_CLIENT_GET, 1);
		nla_put_u32(msg, SITBROKER_A_IFINDEX, requests->ifindex);
	} else {
		nlmsg_put(msg, 0, 1, RTM_GETROUTE, 0, NLM_F_REQUEST | NLM_F_DUMP);
		nlmsg_append(msg, &route, sizeof(route), NLMSG_ALIGNTO);
	}
	append(requests, msg);
	cut(requests);
}

/* One that did not fit goes on in the next message, where it has no more than its prefixes. */
static unsigned int count_peers(struct nlattr *peers)
{
	struct nlattr *peer;
	unsigned int n = 0;
	int left;

	nla_for_each_nested(peer, peers, left)
		n += !!nla_find(nla_data(peer), nla_len(peer), WGPEER_A_ENDPOINT);
	return n;
}

/* Clients or peers in a message, or the route that it is if it has our gateway. */
static unsigned int count_objects(const struct requests *requests, const struct nlmsghdr *header)
{
	int head = requests->family ? GENL_HDRLEN : (int)sizeof(struct rtmsg), left;
	struct nlattr *attr;
	unsigned int n = 0;

	nlmsg_for_each_attr(attr, (struct nlmsghdr *)header, head, left) {
		if (requests->peers)
			n += nla_type(attr) == WGDEVICE_A_PEERS ? count_peers(attr) : 0;
		else if (requests->endpoints)
			n += nla_type(attr) == SITBROKER_A_ENDPOINTS ? nla_len(attr) / 8 : 0;
		else if (requests->family)
			n += nla_type(attr) == SITBROKER_A_CLIENT;
		else if (nla_type(attr) == RTA_GATEWAY)
			n += IN6_IS_ADDR_LINKLOCAL((struct in6_addr *)nla_data(attr));
	}
	return n;
}

/* Read what has come. Return: whether that was the last of a request's answer. */
static bool receive(const struct requests *requests, unsigned long *n)
{
	static char buffer[RECEIVE_SIZE] __attribute__((__aligned__(8)));
	struct nlmsghdr *header;
	int left;

	left = recv(requests->fd, buffer, sizeof(buffer), 0);
	if (left < 0)
		fail("recv", errno);
	for (header = (struct nlmsghdr *)buffer; nlmsg_ok(header, left);
	     header = nlmsg_next(header, &left)) {
		if (header->nlmsg_type == NLMSG_DONE)
			return true;
		if (header->nlmsg_type != NLMSG_ERROR) {
			*n += count_objects(requests, header);
			continue;
		}
		if (((struct nlmsgerr *)nlmsg_data(header))->error)
			fail("refused", -((struct nlmsgerr *)nlmsg_data(header))->error);
		return true;
	}
	return false;
}

static void send_request(const struct requests *requests, size_t i)
{
	if (send(requests->fd, requests->buffer + requests->send[i],
		 requests->send[i + 1] - requests->send[i], 0) < 0)
		fail("send", errno);
}

/* Parts of so many requests, of which each is acknowledged; each byte costs about the same. */
static void time_requests(const struct requests *requests, struct parts *parts, size_t size)
{
	unsigned long none = 0;
	size_t i, done = 0;

	part_begin(parts);
	for (i = 0; i < requests->n; i++) {
		send_request(requests, i);
		while (!receive(requests, &none))
			;
		if ((i + 1) % size && i + 1 < requests->n)
			continue;
		part_end(parts, requests->send[i + 1] - requests->send[done]);
		done = i + 1;
	}
}

/* Parts of what comes back at a time. Return: the objects among it. */
static unsigned long time_dump(const struct requests *requests, struct parts *parts)
{
	unsigned long n = 0, done = 0, received = 0;
	bool last;

	part_begin(parts);
	send_request(requests, 0);
	do {
		last = receive(requests, &n);
		if ((++received % PART_RECEIVES && !last) || n == done)
			continue;
		part_end(parts, n - done);
		done = n;
	} while (!last);
	return n;
}

/* Send what was gathered and have it acknowledged; the message is for more. */
static void flush_text(const struct requests *requests, struct nl_msg *msg, uint32_t head)
{
	unsigned long none = 0;

	if (send(requests->fd, nlmsg_hdr(msg), nlmsg_hdr(msg)->nlmsg_len, 0) < 0)
		fail("send", errno);
	while (!receive(requests, &none))
		;
	nlmsg_hdr(msg)->nlmsg_len = head;
}

/* A client of whom a line says "client add NAME endpoint ADDRESS", and nothing else. */
static void put_line(struct nl_msg *msg, char *line)
{
	struct {
		struct nlattr nest, endpoint;
		struct in_addr address;
		struct nlattr name;
		char text[32];
	} client = {
		.nest = { .nla_type = SITBROKER_A_CLIENT | NLA_F_NESTED },
		.endpoint = { .nla_len = 8, .nla_type = SITBROKER_A_CLIENT_ENDPOINT },
		.name.nla_type = SITBROKER_A_CLIENT_NAME,
	};
	char *name = line + strlen("client add "), *end = strchr(name, ' '), *address;

	address = end + strlen(" endpoint ");
	*strchr(address, '\n') = '\0';
	if (end - name >= (long)sizeof(client.text) ||
	    inet_pton(AF_INET, address, &client.address) != 1)
		fail(line, EINVAL);
	memcpy(client.text, name, end - name);
	client.name.nla_len = NLA_HDRLEN + (end - name) + 1;
	client.nest.nla_len = offsetof(typeof(client), name) + NLA_ALIGN(client.name.nla_len);
	nlmsg_append(msg, &client, client.nest.nla_len, NLMSG_ALIGNTO);
}

static void send_text(const struct requests *requests, const char *file)
{
	struct nl_msg *msg = new_message(requests, NLM_F_ACK);
	uint32_t head = nlmsg_hdr(msg)->nlmsg_len;
	FILE *input = fopen(file, "re");
	char *line = NULL;
	size_t size = 0;

	if (!input)
		fail(file, errno);
	setvbuf(input, NULL, _IOFBF, SEND_SIZE);
	while (getline(&line, &size, input) > 0) {
		put_line(msg, line);
		if (nlmsg_hdr(msg)->nlmsg_len > SEND_SIZE - 64)
			flush_text(requests, msg, head);
	}
	flush_text(requests, msg, head);
	fclose(input);
}

int main(int argc, char **argv)
{
	const char *family = NULL;
	struct requests requests = {};
	struct parts parts = {};
	unsigned long count, n;

	if (argc != 5) {
		fputs("usage: requests bulk|single|dump|text WHAT DEVICE COUNT, see the head of "
		      "requests.c\n", stderr);
		return 1;
	}
	count = strtoul(argv[4], NULL, 0);
	requests.encaps = !strcmp(argv[2], "encaps");
	requests.peers = !strcmp(argv[2], "peers");
	requests.nothing = !strcmp(argv[2], "nothing");
	requests.endpoints = !strcmp(argv[2], "endpoints");
	requests.ifindex = if_nametoindex(argv[3]);
	requests.socket = nl_socket_alloc();
	requests.send = memory(NULL, sizeof(*requests.send));
	requests.send[0] = 0;
	if (requests.peers)
		family = WG_GENL_NAME;
	else if (!strcmp(argv[2], "clients") || requests.endpoints)
		family = SITBROKER_FAMILY_NAME;
	else if (!strcmp(argv[2], "limit"))
		family = strcmp(argv[1], "dump") ? "sitbroker_add" : "sitbroker_dump";
	else if (!strcmp(argv[2], "block"))
		family = "sitbroker_block";
	if (family) {
		if (nl_connect(requests.socket, NETLINK_GENERIC))
			fail("socket", errno);
		requests.family = genl_ctrl_resolve(requests.socket, family);
		if (requests.family < 0)
			fail(family, ENOENT);
	} else if (nl_connect(requests.socket, NETLINK_ROUTE)) {
		fail("socket", errno);
	}
	requests.fd = nl_socket_get_fd(requests.socket);
	nl_socket_set_buffer_size(requests.socket, RECEIVE_SIZE, 2 * SEND_SIZE);

	/* Nothing of it is timed here: to start is a part of it. */
	if (!strcmp(argv[1], "text")) {
		send_text(&requests, argv[4]);
		return 0;
	}
	if (!strcmp(argv[1], "dump")) {
		make_dump(&requests);
		n = time_dump(&requests, &parts);
		if (n != count) {
			fprintf(stderr, "requests: %lu came instead of %lu\n", n, count);
			return 1;
		}
	} else if (!strcmp(argv[1], "single")) {
		make_single(&requests, count);
		time_requests(&requests, &parts, PART_REQUESTS);
	} else {
		if (requests.family && !requests.peers)
			make_bulk_clients(&requests, count);
		else
			make_bulk_messages(&requests, count);
		time_requests(&requests, &parts, 1);
	}
	printf("%.0f\n", speed_total(parts.part, parts.n));
	return 0;
}
