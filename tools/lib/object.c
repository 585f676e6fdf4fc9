// SPDX-License-Identifier: GPL-2.0
/* The objects that the family's messages bring. */

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/sitbroker.h>
#include <net/if.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <stdlib.h>

#include "object.h"

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
void message_objects(struct nlmsghdr *header, int type, object_visit visit, void *arg)
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
		visit(&item, arg);
	}
}

/**
 * request_objects() - send a request, then visit each object of its answer
 * @kernel: the sockets
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
int request_objects(struct kernel *kernel, struct nl_msg *request, int type, object_visit visit,
		    void *arg)
{
	struct answer answer = {};
	unsigned int tries;
	int err = -EINTR;
	size_t i;

	for (tries = 0; err == -EINTR && tries < DUMP_TRIES; tries++) {
		answer_clear(&answer);
		nlmsg_hdr(request)->nlmsg_seq = NL_AUTO_SEQ;
		err = kernel_request(kernel, kernel->generic, request, answer_keep, &answer);
	}
	/* The last one is true of each object, if not of all at one time. */
	if (err == -EINTR)
		err = 0;
	for (i = 0; !err && i < answer.n; i++)
		message_objects(nlmsg_hdr(answer.msgs[i]), type, visit, arg);
	answer_clear(&answer);
	free(answer.msgs);
	nlmsg_free(request);
	return err;
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
