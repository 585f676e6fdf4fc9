// SPDX-License-Identifier: GPL-2.0
/* brokertool monitor: changes, as the kernel announces them. */

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/sitbroker.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "brokertool.h"

struct event {
	const char *name;
	int type;
};

static const struct event events[] = {
	[SITBROKER_CMD_LINK_NTF] = { "link", SITBROKER_A_LINK },
	[SITBROKER_CMD_LINK_DEL_NTF] = { "deleted link", SITBROKER_A_LINK },
	[SITBROKER_CMD_POOL_NTF] = { "pool", SITBROKER_A_POOL },
	[SITBROKER_CMD_POOL_DEL_NTF] = { "deleted pool", SITBROKER_A_POOL },
	[SITBROKER_CMD_CLIENT_NTF] = { "client", SITBROKER_A_CLIENT },
	[SITBROKER_CMD_CLIENT_DEL_NTF] = { "deleted client", SITBROKER_A_CLIENT },
	[SITBROKER_CMD_CLIENT_FLUSH_NTF] = { "flushed clients", 0 },
	[SITBROKER_CMD_NDP_NTF] = { "ndp", SITBROKER_A_UPLINK },
	[SITBROKER_CMD_NDP_DEL_NTF] = { "deleted ndp", SITBROKER_A_UPLINK },
	[SITBROKER_CMD_FILTER_NTF] = { "filter", SITBROKER_A_FILTER },
	[SITBROKER_CMD_FILTER_DEL_NTF] = { "deleted filter", SITBROKER_A_FILTER },
};

static void print_time(void)
{
	struct timespec now;
	char text[40];
	struct tm tm;

	clock_gettime(CLOCK_REALTIME, &now);
	/* localtime() would look for another time zone each time. */
	localtime_r(&now.tv_sec, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	printf("[%s.%06ld] ", text, now.tv_nsec / 1000);
}

/* Takes the object over. */
static void print_event(struct broker *broker, const struct event *event, json_t *object)
{
	const char *key;
	json_t *value;
	char *text;

	if (broker->json) {
		json_object_set_new(object, "event", json_string(event->name));
		if (broker->timestamp)
			json_object_set_new(object, "time", json_integer(time(NULL)));
		json_line(object);
		return;
	}
	if (broker->timestamp)
		print_time();
	printf("%s", event->name);
	json_object_foreach(object, key, value) {
		/* Counters say nothing about a change. */
		if (strstr(key, "packets") || strstr(key, "bytes") || !strcmp(key, "drops") ||
		    !strcmp(key, "last_received_ms") || !strcmp(key, "hits") ||
		    !strcmp(key, "age_ms") || json_is_null(value))
			continue;
		text = json_is_string(value) ? NULL : json_dumps(value, JSON_ENCODE_ANY |
								 JSON_COMPACT);
		printf(" %s %s", key, text ?: json_string_value(value));
		free(text);
	}
	putchar('\n');
	json_decref(object);
}

static int on_item(struct broker *broker, const struct item *item, void *arg)
{
	const struct event *event = arg;
	struct link_info link = { .ifindex = item->ifindex };
	json_t *object;

	/* No request in here: its answer would be mixed up with events. */
	link_name(item->ifindex, link.name);
	switch (event->type) {
	case SITBROKER_A_LINK:
		object = link_json(item, false);
		break;
	case SITBROKER_A_POOL:
		object = pool_json(item);
		break;
	case SITBROKER_A_CLIENT:
		object = client_json(item, &link);
		json_object_del(object, "server_ipv4");
		break;
	case SITBROKER_A_FILTER:
		object = filter_json(item);
		break;
	default:
		object = uplink_json(item);
		break;
	}
	/* A filter list has one of its own. */
	if (event->type != SITBROKER_A_FILTER)
		json_object_set_new(object, "generation", json_integer(item->generation));
	print_event(broker, event, object);
	return 0;
}

static int on_message(struct nl_msg *msg, void *arg)
{
	struct genlmsghdr *header = nlmsg_data(nlmsg_hdr(msg));
	const struct event *event = &events[header->cmd];
	struct broker *broker = arg;
	struct nlattr *link;
	char name[16];

	if (header->cmd >= sizeof(events) / sizeof(*events) || !event->name)
		return NL_OK;
	if (event->type) {
		message_visit(broker, nlmsg_hdr(msg), event->type, on_item, (void *)event);
		/* At once, but for many clients in one message only once. */
		fflush(stdout);
		return NL_OK;
	}
	link = genlmsg_attrdata(header, 0);
	link = nla_find(link, genlmsg_attrlen(header, 0), SITBROKER_A_IFINDEX);
	if (link)
		print_event(broker, event, json_pack("{s:s}", "link",
						     link_name(nla_get_u32(link), name)));
	fflush(stdout);
	return NL_OK;
}

int monitor_command(struct broker *broker, struct words *words)
{
	struct nl_sock *socket = broker->kernel.generic;
	int err;

	if (words_end(broker, words))
		return EXIT_USAGE;
	if (kernel_join(&broker->kernel, "config"))
		return refused(broker, NULL);
	nl_socket_disable_seq_check(socket);
	nl_socket_set_buffer_size(socket, 1024 * 1024, 0);
	nl_socket_modify_cb(socket, NL_CB_VALID, NL_CB_CUSTOM, on_message, broker);
	for (;;) {
		err = nl_recvmsgs_default(socket);
		if (err >= 0)
			continue;
		if (err != -NLE_NOMEM)	/* what libnl makes of ENOBUFS */
			break;
		/* Never silently: who keeps a copy must read the tables again. */
		if (broker->json)
			json_line(json_pack("{s:s}", "event", "overrun"));
		else
			puts("overrun: events were lost, read the tables again");
		fflush(stdout);
	}
	return refuse(broker, EIO, "events end: %s", nl_geterror(err));
}
