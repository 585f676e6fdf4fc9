// SPDX-License-Identifier: GPL-2.0
/*
 * Filter lists to the kernel and back. A list goes in parts; the old one is in
 * force until all of them are there and the kernel has put them in its place.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/sitbroker.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <string.h>

#include "filter-transfer.h"

/* Bytes of ranges in one message: an attribute has 65535 at most, with those inside it. */
#define CHUNK_SIZE	(60 * 1024)

_Static_assert(LABEL_MAX == SITBROKER_LABEL_MAX, "labels are as long as the kernel takes them");

struct nl_msg *filter_message(uint8_t command, int flags, const char *name)
{
	struct nl_msg *msg = kernel_message(command, flags, 4096);
	struct nlattr *nest;

	if (!name)
		return msg;
	nest = nla_nest_start(msg, NLA_F_NESTED | SITBROKER_A_FILTER);
	nla_put_string(msg, SITBROKER_A_FILTER_NAME, name);
	nla_nest_end(msg, nest);
	return msg;
}

/**
 * struct transfer - a list on its way
 * @kernel: the sockets
 * @ranges: its ranges
 * @id: of the load, from the kernel
 * @index: in the kernel, of each label of @ranges; or NULL where none has one
 * @label: of each label in the kernel, its number in @ranges
 * @n: number of labels in the kernel
 * @strings: bytes of them
 */
struct transfer {
	struct kernel *kernel;
	const struct ranges *ranges;
	uint32_t id;
	uint32_t *index;
	uint32_t *label;
	uint32_t n;
	uint32_t strings;
};

static void transfer_label(struct transfer *transfer, uint32_t label)
{
	if (label == LABEL_NONE || transfer->index[label] != SITBROKER_NO_LABEL)
		return;
	transfer->index[label] = transfer->n;
	transfer->label[transfer->n++] = label;
	transfer->strings += strlen(labels_text(&transfer->ranges->labels, label)) + 1;
}

/* The labels that are left after merging, in the order in which they are met. */
static void transfer_labels(struct transfer *transfer)
{
	const struct ranges *ranges = transfer->ranges;
	uint32_t n = ranges->labels.n;
	size_t i;

	if (!n)
		return;
	transfer->index = memory_resized(NULL, n, sizeof(*transfer->index));
	transfer->label = memory_resized(NULL, n, sizeof(*transfer->label));
	memset(transfer->index, 0xff, n * sizeof(*transfer->index));
	for (i = 0; i < ranges->n4; i++)
		transfer_label(transfer, ranges->v4[i].label);
	for (i = 0; i < ranges->n6; i++)
		transfer_label(transfer, ranges->v6[i].label);
}

static int receive_id(struct nl_msg *msg, void *arg)
{
	struct genlmsghdr *header = nlmsg_data(nlmsg_hdr(msg));
	struct nlattr *tb[SITBROKER_A_LOAD_MAX + 1], *load;
	struct transfer *transfer = arg;

	load = nla_find(genlmsg_attrdata(header, 0), genlmsg_attrlen(header, 0), SITBROKER_A_LOAD);
	if (load && !nla_parse_nested(tb, SITBROKER_A_LOAD_MAX, load, NULL) &&
	    tb[SITBROKER_A_LOAD_ID])
		transfer->id = nla_get_u32(tb[SITBROKER_A_LOAD_ID]);
	return NL_OK;
}

/* Send a request and free it. */
static int transfer_request(struct transfer *transfer, struct nl_msg *msg,
			    kernel_receive receive)
{
	struct kernel *kernel = transfer->kernel;
	int err = kernel_request(kernel, kernel->generic, msg, receive, transfer);

	nlmsg_free(msg);
	return err;
}

static int transfer_begin(struct transfer *transfer, const struct filter_load *load)
{
	struct nl_msg *msg = kernel_message(SITBROKER_CMD_FILTER_BEGIN, 0, 4096);
	struct nlattr *nest = nla_nest_start(msg, NLA_F_NESTED | SITBROKER_A_LOAD);
	const struct ranges *ranges = transfer->ranges;

	nla_put_string(msg, SITBROKER_A_LOAD_NAME, load->name);
	if (load->has_action)
		nla_put_u32(msg, SITBROKER_A_LOAD_ACTION, load->action);
	if (load->has_generation)
		nla_put_u32(msg, SITBROKER_A_LOAD_GENERATION, load->generation);
	nla_put_u32(msg, SITBROKER_A_LOAD_RANGES4, ranges->n4);
	nla_put_u32(msg, SITBROKER_A_LOAD_RANGES6, ranges->n6);
	nla_put_u32(msg, SITBROKER_A_LOAD_LABELS, transfer->n);
	nla_put_u32(msg, SITBROKER_A_LOAD_STRINGS, transfer->strings);
	if (load->empty)
		nla_put_flag(msg, SITBROKER_A_LOAD_EMPTY);
	nla_nest_end(msg, nest);
	return transfer_request(transfer, msg, receive_id);
}

static struct nl_msg *transfer_message(const struct transfer *transfer, uint8_t command,
				       size_t size)
{
	struct nl_msg *msg = kernel_message(command, 0, size + 256);
	struct nlattr *nest = nla_nest_start(msg, NLA_F_NESTED | SITBROKER_A_LOAD);

	nla_put_u32(msg, SITBROKER_A_LOAD_ID, transfer->id);
	nla_nest_end(msg, nest);
	return msg;
}

static struct nlattr *chunk_begin(struct nl_msg *msg)
{
	return nla_nest_start(msg, NLA_F_NESTED | SITBROKER_A_CHUNK);
}

/* Room for a packed array in a chunk, which the caller fills. */
static void *chunk_array(struct nl_msg *msg, int type, size_t size)
{
	return nla_data(nla_reserve(msg, type, size));
}

static int send_strings(struct transfer *transfer)
{
	const struct labels *labels = &transfer->ranges->labels;
	uint32_t i, end, size;
	struct nlattr *nest;
	struct nl_msg *msg;
	const char *text;
	char *at;
	int err = 0;

	for (i = 0; !err && i < transfer->n; i = end) {
		size = 0;
		for (end = i; end < transfer->n && size < CHUNK_SIZE - LABEL_MAX; end++)
			size += strlen(labels_text(labels, transfer->label[end])) + 1;
		msg = transfer_message(transfer, SITBROKER_CMD_FILTER_CHUNK, size);
		nest = chunk_begin(msg);
		at = chunk_array(msg, SITBROKER_A_CHUNK_STRINGS, size);
		for (; i < end; i++) {
			text = labels_text(labels, transfer->label[i]);
			at = stpcpy(at, text) + 1;
		}
		nla_nest_end(msg, nest);
		err = transfer_request(transfer, msg, NULL);
	}
	return err;
}

static int send_ranges4(struct transfer *transfer)
{
	size_t n = transfer->ranges->n4, max = CHUNK_SIZE / (transfer->n ? 12 : 8), i, part;
	const struct range4 *range = transfer->ranges->v4;
	struct nlattr *nest;
	struct nl_msg *msg;
	uint32_t *at;
	int err = 0;

	for (; !err && n; n -= part, range += part) {
		part = n < max ? n : max;
		msg = transfer_message(transfer, SITBROKER_CMD_FILTER_CHUNK,
				       part * (transfer->n ? 12 : 8));
		nest = chunk_begin(msg);
		at = chunk_array(msg, SITBROKER_A_CHUNK_RANGES4, 8 * part);
		for (i = 0; i < part; i++) {
			*at++ = htonl(range[i].first);
			*at++ = htonl(range[i].last);
		}
		if (transfer->n)
			at = chunk_array(msg, SITBROKER_A_CHUNK_LABELS4, 4 * part);
		for (i = 0; transfer->n && i < part; i++)
			at[i] = transfer->index[range[i].label];
		nla_nest_end(msg, nest);
		err = transfer_request(transfer, msg, NULL);
	}
	return err;
}

static int send_ranges6(struct transfer *transfer)
{
	size_t n = transfer->ranges->n6, max = CHUNK_SIZE / 36, i, part;
	const struct range6 *range = transfer->ranges->v6;
	struct nlattr *nest;
	struct nl_msg *msg;
	uint32_t *labels;
	uint8_t *at;
	int err = 0;

	for (; !err && n; n -= part, range += part) {
		part = n < max ? n : max;
		msg = transfer_message(transfer, SITBROKER_CMD_FILTER_CHUNK, 36 * part);
		nest = chunk_begin(msg);
		at = chunk_array(msg, SITBROKER_A_CHUNK_RANGES6, 32 * part);
		for (i = 0; i < part; i++) {
			address6_store(at + 32 * i, range[i].first);
			address6_store(at + 32 * i + 16, range[i].last);
		}
		if (transfer->n) {
			labels = chunk_array(msg, SITBROKER_A_CHUNK_LABELS6, 4 * part);
			for (i = 0; i < part; i++)
				labels[i] = transfer->index[range[i].label];
		}
		nla_nest_end(msg, nest);
		err = transfer_request(transfer, msg, NULL);
	}
	return err;
}

/**
 * filter_send() - load a list into the kernel
 * @kernel: the sockets
 * @load: how
 * @ranges: merged
 *
 * Return: 0, or a negative errno with &kernel.refusal; then the list is what it was.
 */
int filter_send(struct kernel *kernel, const struct filter_load *load,
		const struct ranges *ranges)
{
	struct transfer transfer = { .kernel = kernel, .ranges = ranges };
	int err;

	transfer_labels(&transfer);
	/* A refused part or a refused end is the end of the load in the kernel, too. */
	err = transfer_begin(&transfer, load) ?:
	      send_strings(&transfer) ?:
	      send_ranges4(&transfer) ?:
	      send_ranges6(&transfer) ?:
	      transfer_request(&transfer, transfer_message(&transfer, SITBROKER_CMD_FILTER_COMMIT,
							   0), NULL);
	free(transfer.index);
	free(transfer.label);
	return err;
}

/**
 * struct fetch - a list on its way here
 * @ranges: its ranges
 * @labels: number in @ranges of each label of the kernel
 * @n: number of labels
 * @room: entries that @labels has room for
 * @part: the beginning of a label that goes on in the next message
 * @part_size: bytes of it
 * @generation: of the list
 */
struct fetch {
	struct ranges *ranges;
	uint32_t *labels;
	size_t n;
	size_t room;
	char part[LABEL_MAX + 1];
	size_t part_size;
	uint32_t generation;
};

static void fetch_strings(struct fetch *fetch, const char *text, size_t size)
{
	for (; size; text++, size--) {
		if (*text && fetch->part_size < LABEL_MAX) {
			fetch->part[fetch->part_size++] = *text;
			continue;
		}
		if (fetch->n == fetch->room) {
			fetch->room = fetch->room ? 2 * fetch->room : 1024;
			fetch->labels = memory_resized(fetch->labels, fetch->room,
						       sizeof(*fetch->labels));
		}
		fetch->labels[fetch->n++] = labels_number(&fetch->ranges->labels, fetch->part,
							  fetch->part_size);
		fetch->part_size = 0;
	}
}

static uint32_t fetch_label(const struct fetch *fetch, const uint32_t *labels, size_t i)
{
	return labels && labels[i] < fetch->n ? fetch->labels[labels[i]] : LABEL_NONE;
}

/* An array for as many ranges as there are, or NULL. */
static const uint32_t *chunk_labels(const struct nlattr *attr, size_t n)
{
	return attr && nla_len(attr) == (int)(4 * n) ? nla_data(attr) : NULL;
}

static void fetch_chunk(struct fetch *fetch, struct nlattr *chunk)
{
	struct nlattr *tb[SITBROKER_A_CHUNK_MAX + 1];
	const uint32_t *labels, *at4;
	const uint8_t *at6;
	size_t i, n;

	if (nla_parse_nested(tb, SITBROKER_A_CHUNK_MAX, chunk, NULL))
		return;
	if (tb[SITBROKER_A_CHUNK_STRINGS])
		fetch_strings(fetch, nla_data(tb[SITBROKER_A_CHUNK_STRINGS]),
			      nla_len(tb[SITBROKER_A_CHUNK_STRINGS]));
	if (tb[SITBROKER_A_CHUNK_RANGES4]) {
		at4 = nla_data(tb[SITBROKER_A_CHUNK_RANGES4]);
		n = nla_len(tb[SITBROKER_A_CHUNK_RANGES4]) / 8;
		labels = chunk_labels(tb[SITBROKER_A_CHUNK_LABELS4], n);
		for (i = 0; i < n; i++)
			ranges_add4(fetch->ranges, ntohl(at4[2 * i]), ntohl(at4[2 * i + 1]),
				    fetch_label(fetch, labels, i));
	}
	if (tb[SITBROKER_A_CHUNK_RANGES6]) {
		at6 = nla_data(tb[SITBROKER_A_CHUNK_RANGES6]);
		n = nla_len(tb[SITBROKER_A_CHUNK_RANGES6]) / 32;
		labels = chunk_labels(tb[SITBROKER_A_CHUNK_LABELS6], n);
		for (i = 0; i < n; i++)
			ranges_add6(fetch->ranges, address6_load(at6 + 32 * i),
				    address6_load(at6 + 32 * i + 16),
				    fetch_label(fetch, labels, i));
	}
}

static int fetch_message(struct nl_msg *msg, void *arg)
{
	struct genlmsghdr *header = nlmsg_data(nlmsg_hdr(msg));
	struct nlattr *tb[SITBROKER_A_FILTER_MAX + 1], *attr;
	struct fetch *fetch = arg;
	int rest;

	nla_for_each_attr(attr, genlmsg_attrdata(header, 0), genlmsg_attrlen(header, 0), rest) {
		if (nla_type(attr) == SITBROKER_A_CHUNK)
			fetch_chunk(fetch, attr);
		if (nla_type(attr) == SITBROKER_A_FILTER &&
		    !nla_parse_nested(tb, SITBROKER_A_FILTER_MAX, attr, NULL) &&
		    tb[SITBROKER_A_FILTER_GENERATION])
			fetch->generation = nla_get_u32(tb[SITBROKER_A_FILTER_GENERATION]);
	}
	return NL_OK;
}

/**
 * filter_fetch() - get a list from the kernel
 * @kernel: the sockets
 * @name: its name
 * @ranges: an empty set, merged afterwards; freed where the kernel refuses
 * @generation: the list's
 *
 * Return: 0 or a negative errno with &kernel.refusal.
 */
int filter_fetch(struct kernel *kernel, const char *name, struct ranges *ranges,
		 uint32_t *generation)
{
	struct nl_msg *msg = filter_message(SITBROKER_CMD_FILTER_RANGE_GET, NLM_F_DUMP, name);
	struct fetch fetch = { .ranges = ranges };
	struct merge_counts counts;
	int err;

	err = kernel_request(kernel, kernel->generic, msg, fetch_message, &fetch);
	nlmsg_free(msg);
	free(fetch.labels);
	*generation = fetch.generation;
	/* 6.1 has no sentence for a dump that does not begin. */
	if (err == -ENOENT && kernel->refusal.bare) {
		kernel->refusal.bare = false;
		snprintf(kernel->refusal.text, sizeof(kernel->refusal.text),
			 "there is no filter list \"%s\"; see brokertool filter show", name);
	}
	if (err)
		ranges_free(ranges);
	/* Two labels of another program may be one here. */
	else
		ranges_merge(ranges, &counts);
	return err;
}
