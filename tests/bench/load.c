// SPDX-License-Identifier: GPL-2.0
/*
 * load LIST FILE: what the kernel's part of loading a filter list takes. FILE has
 * IPv4 ranges in order, first and last address as they are on the wire, eight bytes
 * each. All messages are made before the clock starts. Prints nanoseconds from the
 * beginning of the load to the list in force.
 */

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/sitbroker.h>
#include <netlink/attr.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

/* Ranges in a message, whose attributes have less than 64 KB; messages sent at once. */
#define RANGES		8000
#define RANGE_SIZE	8
#define AT_ONCE		4

static struct nl_sock *netlink;
static int family;

/**
 * struct messages - what is sent
 * @buffer: one behind the other
 * @size: bytes of them
 * @cut: where what is sent at once ends
 * @n: number of entries of @cut
 */
struct messages {
	char *buffer;
	size_t size;
	size_t *cut;
	size_t n;
};

static void fail(const char *what, int error)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(error));
	exit(1);
}

static char *read_file(const char *name, size_t *size)
{
	FILE *file = fopen(name, "re");
	char *data;

	if (!file || fseek(file, 0, SEEK_END))
		fail(name, errno);
	*size = ftell(file);
	rewind(file);
	data = malloc(*size);
	if (!data || fread(data, 1, *size, file) != *size)
		fail(name, errno);
	fclose(file);
	return data;
}

static struct nl_msg *new_message(int command, int flags)
{
	struct nl_msg *msg = nlmsg_alloc_size(RANGES * RANGE_SIZE + 4096);

	genlmsg_put(msg, 0, 1, family, 0, NLM_F_REQUEST | flags, command, 1);
	return msg;
}

static struct nl_msg *load_message(int command, int flags, uint32_t id)
{
	struct nl_msg *msg = new_message(command, flags);
	struct nlattr *nest = nla_nest_start(msg, NLA_F_NESTED | SITBROKER_A_LOAD);

	nla_put_u32(msg, SITBROKER_A_LOAD_ID, id);
	nla_nest_end(msg, nest);
	return msg;
}

/* Until it is acknowledged. Return: the number of the load, where that was in front of it. */
static uint32_t receive(void)
{
	static char buffer[65536] __attribute__((__aligned__(8)));
	struct nlattr *load, *id = NULL;
	struct nlmsghdr *header;
	uint32_t number = 0;
	int left;

	for (;;) {
		left = recv(nl_socket_get_fd(netlink), buffer, sizeof(buffer), 0);
		if (left < 0)
			fail("recv", errno);
		for (header = (struct nlmsghdr *)buffer; nlmsg_ok(header, left);
		     header = nlmsg_next(header, &left)) {
			if (header->nlmsg_type == NLMSG_ERROR) {
				int error = ((struct nlmsgerr *)nlmsg_data(header))->error;

				if (error)
					fail("refused", -error);
				return number;
			}
			load = nlmsg_find_attr(header, GENL_HDRLEN, SITBROKER_A_LOAD);
			if (load)
				id = nla_find(nla_data(load), nla_len(load), SITBROKER_A_LOAD_ID);
			if (id)
				number = nla_get_u32(id);
		}
	}
}

static uint32_t exchange(const void *data, size_t size)
{
	if (send(nl_socket_get_fd(netlink), data, size, 0) < 0)
		fail("send", errno);
	return receive();
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1e9 + time.tv_nsec;
}

/* Add a message, the last one of what is sent at once where it is acknowledged, and free it. */
static void append(struct messages *messages, struct nl_msg *msg)
{
	const struct nlmsghdr *header = nlmsg_hdr(msg);

	memcpy(messages->buffer + messages->size, header, header->nlmsg_len);
	messages->size += NLMSG_ALIGN(header->nlmsg_len);
	if (header->nlmsg_flags & NLM_F_ACK)
		messages->cut[messages->n++] = messages->size;
	nlmsg_free(msg);
}

/* Everything behind the beginning of load @id of @n ranges. */
static void make_messages(struct messages *messages, uint32_t id, const char *ranges, size_t n)
{
	size_t count = (n + RANGES - 1) / RANGES, i, part;
	struct nlattr *nest;
	struct nl_msg *msg;

	messages->buffer = malloc(n * RANGE_SIZE + (count + 1) * 256);
	messages->cut = malloc((count + 1) * sizeof(*messages->cut));
	if (!messages->buffer || !messages->cut)
		fail("memory", errno);
	for (i = 0; i < count; i++) {
		part = i + 1 < count ? RANGES : n - i * RANGES;
		msg = load_message(SITBROKER_CMD_FILTER_CHUNK,
				   i + 1 == count || i % AT_ONCE == AT_ONCE - 1 ? NLM_F_ACK : 0,
				   id);
		nest = nla_nest_start(msg, NLA_F_NESTED | SITBROKER_A_CHUNK);
		nla_put(msg, SITBROKER_A_CHUNK_RANGES4, part * RANGE_SIZE,
			ranges + i * RANGES * RANGE_SIZE);
		nla_nest_end(msg, nest);
		append(messages, msg);
	}
	append(messages, load_message(SITBROKER_CMD_FILTER_COMMIT, NLM_F_ACK, id));
}

/* Return: the number of the load. */
static uint32_t begin_load(const char *name, size_t n)
{
	struct nl_msg *msg = new_message(SITBROKER_CMD_FILTER_BEGIN, NLM_F_ACK);
	struct nlattr *nest = nla_nest_start(msg, NLA_F_NESTED | SITBROKER_A_LOAD);
	uint32_t id;

	nla_put_string(msg, SITBROKER_A_LOAD_NAME, name);
	nla_put_u32(msg, SITBROKER_A_LOAD_RANGES4, n);
	nla_nest_end(msg, nest);
	id = exchange(nlmsg_hdr(msg), nlmsg_hdr(msg)->nlmsg_len);
	nlmsg_free(msg);
	return id;
}

/* Loads are numbered: one that ends at once tells the number of the next one. */
static uint32_t next_load(const char *name)
{
	uint32_t id = begin_load(name, 1);
	struct nl_msg *msg = load_message(SITBROKER_CMD_FILTER_ABORT, NLM_F_ACK, id);

	exchange(nlmsg_hdr(msg), nlmsg_hdr(msg)->nlmsg_len);
	nlmsg_free(msg);
	return id + 1;
}

int main(int argc, char **argv)
{
	struct messages messages = {};
	size_t size, i, at = 0;
	uint32_t id;
	char *ranges;
	double begin;

	if (argc != 3) {
		fputs("usage: load LIST FILE\n", stderr);
		return 1;
	}
	ranges = read_file(argv[2], &size);
	netlink = nl_socket_alloc();
	if (nl_connect(netlink, NETLINK_GENERIC))
		fail("socket", errno);
	family = genl_ctrl_resolve(netlink, SITBROKER_FAMILY_NAME);
	if (family < 0)
		fail(SITBROKER_FAMILY_NAME, ENOENT);
	nl_socket_set_buffer_size(netlink, 65536, 2 * AT_ONCE * RANGES * RANGE_SIZE);
	id = next_load(argv[1]);
	make_messages(&messages, id, ranges, size / RANGE_SIZE);

	begin = now();
	if (begin_load(argv[1], size / RANGE_SIZE) != id)
		fail("somebody else loads lists", EBUSY);
	for (i = 0; i < messages.n; at = messages.cut[i++])
		exchange(messages.buffer + at, messages.cut[i] - at);
	printf("%.0f\n", now() - begin);
	return 0;
}
