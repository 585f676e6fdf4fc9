// SPDX-License-Identifier: GPL-2.0
/* Requests of the family, and the objects that they bring. */

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/sitbroker.h>
#include <net/if.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/reason.h"
#include "brokertool.h"

struct answer {
	struct nl_msg **msgs;
	size_t n;
	size_t room;
};

static void answer_clear(struct answer *answer)
{
	while (answer->n)
		nlmsg_free(answer->msgs[--answer->n]);
}

static int answer_keep(struct nl_msg *msg, void *arg)
{
	struct answer *answer = arg;

	if (answer->n == answer->room) {
		size_t room = answer->room ? 2 * answer->room : 16;
		struct nl_msg **msgs = realloc(answer->msgs, room * sizeof(*msgs));

		if (!msgs)
			return -NLE_NOMEM;
		answer->msgs = msgs;
		answer->room = room;
	}
	nlmsg_get(msg);
	answer->msgs[answer->n++] = msg;
	return NL_OK;
}

/* Visit each object of @type in a message. */
void message_visit(struct broker *broker, struct nlmsghdr *header, int type, item_visit visit,
		   void *arg)
{
	struct genlmsghdr *generic = nlmsg_data(header);
	struct item item = {};
	struct nlattr *attr;
	int rest;

	nla_for_each_attr(attr, genlmsg_attrdata(generic, 0), genlmsg_attrlen(generic, 0), rest) {
		if (nla_type(attr) == SITBROKER_A_IFINDEX)
			item.ifindex = nla_get_u32(attr);
		if (nla_type(attr) == SITBROKER_A_GENERATION)
			item.generation = nla_get_u32(attr);
		if (nla_type(attr) != type)
			continue;
		item.nest = attr;
		visit(broker, &item, arg);
	}
}

/**
 * items_visit() - send a request, then visit each object of its answer
 * @broker: the invocation
 * @request: the request, freed
 * @type: top-level attribute that holds an object
 * @visit: called for each
 * @arg: for @visit
 *
 * Nothing is visited before the answer is complete: one that the table
 * changed under is asked for again.
 *
 * Return: 0 or a negative errno, without a complaint.
 */
int items_visit(struct broker *broker, struct nl_msg *request, int type, item_visit visit,
		void *arg)
{
	struct answer answer = {};
	unsigned int tries;
	int err = -EINTR;
	size_t i;

	for (tries = 0; err == -EINTR && tries < DUMP_TRIES; tries++) {
		answer_clear(&answer);
		nlmsg_hdr(request)->nlmsg_seq = NL_AUTO_SEQ;
		err = kernel_request(&broker->kernel, broker->kernel.generic, request, answer_keep,
				     &answer);
	}
	/* The last one is true of each object, if not of all at one time. */
	if (err == -EINTR)
		err = 0;
	for (i = 0; !err && i < answer.n; i++)
		message_visit(broker, nlmsg_hdr(answer.msgs[i]), type, visit, arg);
	answer_clear(&answer);
	free(answer.msgs);
	nlmsg_free(request);
	return err;
}

/* Visit all objects of a link, or of all links where @ifindex is 0. */
int items_dump(struct broker *broker, uint8_t command, uint32_t ifindex, int type,
	       item_visit visit, void *arg)
{
	struct nl_msg *msg = kernel_message(command, NLM_F_DUMP, 4096);

	if (ifindex)
		nla_put_u32(msg, SITBROKER_A_IFINDEX, ifindex);
	return items_visit(broker, msg, type, visit, arg);
}

/* Begin a request about a link; 0 lets the kernel find the only one. */
struct nl_msg *change_message(uint8_t command, uint32_t ifindex)
{
	struct nl_msg *msg = kernel_message(command, 0, 16 * 1024);

	if (ifindex)
		nla_put_u32(msg, SITBROKER_A_IFINDEX, ifindex);
	return msg;
}

/* Send a change, free it. Return: exit code, after a complaint. */
int change(struct broker *broker, struct nl_msg *msg, const char *what)
{
	int err = kernel_request(&broker->kernel, broker->kernel.generic, msg, NULL, NULL);

	nlmsg_free(msg);
	return err ? refused(broker, what) : EXIT_OK;
}

int prefix_put(struct nl_msg *msg, int type, const struct prefix *prefix)
{
	struct nlattr *nest = nla_nest_start(msg, NLA_F_NESTED | type);

	if (!nest || nla_put(msg, SITBROKER_A_PREFIX_ADDRESS, 16, &prefix->address) ||
	    nla_put_u8(msg, SITBROKER_A_PREFIX_LENGTH, prefix->length))
		return -EMSGSIZE;
	return nla_nest_end(msg, nest);
}

int prefix_get(struct nlattr *nest, struct prefix *prefix)
{
	struct nlattr *tb[SITBROKER_A_PREFIX_LENGTH + 1];

	if (!nest || nla_parse_nested(tb, SITBROKER_A_PREFIX_LENGTH, nest, NULL) ||
	    !tb[SITBROKER_A_PREFIX_ADDRESS] || !tb[SITBROKER_A_PREFIX_LENGTH])
		return -EINVAL;
	nla_memcpy(&prefix->address, tb[SITBROKER_A_PREFIX_ADDRESS], 16);
	prefix->length = nla_get_u8(tb[SITBROKER_A_PREFIX_LENGTH]);
	return 0;
}

const char *link_name(uint32_t ifindex, char name[16])
{
	if (!if_indextoname(ifindex, name))
		snprintf(name, 16, "if%u", ifindex);
	return name;
}

/* The drop counters, attributes of @type, in a nest. */
json_t *drops_json(struct nlattr *nest, int type)
{
	struct nlattr *tb[SITBROKER_A_DROP_PACKETS + 1];
	json_t *drops = json_object();
	struct nlattr *attr;
	const char *reason;
	int rest;

	nla_for_each_nested(attr, nest, rest) {
		if (nla_type(attr) != type ||
		    nla_parse_nested(tb, SITBROKER_A_DROP_PACKETS, attr, NULL) ||
		    !tb[SITBROKER_A_DROP_REASON] || !tb[SITBROKER_A_DROP_PACKETS])
			continue;
		reason = drop_reason_name(nla_get_u32(tb[SITBROKER_A_DROP_REASON]));
		json_object_set_new(drops, reason,
				    json_integer(nla_get_u64(tb[SITBROKER_A_DROP_PACKETS])));
	}
	return drops;
}

static json_int_t integer(json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

/* Counters of a link or a client, for people. */
void counters_record(struct record *record, json_t *object)
{
	json_t *last = json_object_get(object, "last_received_ms");
	const char *reason;
	json_t *packets;

	record_add(record, "Received", "%lld packets, %lld bytes",
		   (long long)integer(object, "rx_packets"),
		   (long long)integer(object, "rx_bytes"));
	record_add(record, "Sent", "%lld packets, %lld bytes",
		   (long long)integer(object, "tx_packets"),
		   (long long)integer(object, "tx_bytes"));
	if (last && json_is_null(last))
		record_add(record, "Last Received", "never");
	else if (last)
		record_add(record, "Last Received", "%.1f s ago", json_integer_value(last) / 1e3);
	json_object_foreach(json_object_get(object, "drops"), reason, packets)
		record_add(record, "Dropped", "%lld %s", (long long)json_integer_value(packets),
			   reason);
}
