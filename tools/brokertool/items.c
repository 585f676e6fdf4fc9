// SPDX-License-Identifier: GPL-2.0
/* Requests of the family, and the objects that they bring. */

#include <linux/sitbroker.h>
#include <netlink/msg.h>
#include <stdio.h>

#include "../lib/reason.h"
#include "brokertool.h"

struct visit {
	struct broker *broker;
	item_visit visit;
	void *arg;
};

static int visit_item(const struct item *item, void *arg)
{
	struct visit *visit = arg;

	return visit->visit(visit->broker, item, visit->arg);
}

/* Visit each object of @type in a message. */
void message_visit(struct broker *broker, struct nlmsghdr *header, int type, item_visit visit,
		   void *arg)
{
	message_objects(header, type, visit_item, &(struct visit) { broker, visit, arg });
}

/* Send a request, free it, then visit each object of its answer: request_objects(). */
int items_visit(struct broker *broker, struct nl_msg *request, int type, item_visit visit,
		void *arg)
{
	return request_objects(&broker->kernel, request, type, visit_item,
			       &(struct visit) { broker, visit, arg });
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
