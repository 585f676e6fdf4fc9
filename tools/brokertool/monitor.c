// SPDX-License-Identifier: GPL-2.0
/* brokertool monitor: changes, as the kernel announces them. */

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/sitbroker.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "brokertool.h"
#include "copy.h"

/* A kilobyte for each of a thousand events that come at once. */
#define RECEIVE_BUFFER	(1024 * 1024)

struct event {
	const char *name;
	int type;
	enum copy_kind kind;
	bool deleted;
};

static const struct event events[] = {
	[SITBROKER_CMD_LINK_NTF] = { "link", SITBROKER_A_LINK, COPY_LINK },
	[SITBROKER_CMD_LINK_DEL_NTF] = { "deleted link", SITBROKER_A_LINK, COPY_LINK, true },
	[SITBROKER_CMD_POOL_NTF] = { "pool", SITBROKER_A_POOL, COPY_POOL },
	[SITBROKER_CMD_POOL_DEL_NTF] = { "deleted pool", SITBROKER_A_POOL, COPY_POOL, true },
	[SITBROKER_CMD_CLIENT_NTF] = { "client", SITBROKER_A_CLIENT, COPY_CLIENT },
	[SITBROKER_CMD_CLIENT_DEL_NTF] = { "deleted client", SITBROKER_A_CLIENT, COPY_CLIENT,
					   true },
	[SITBROKER_CMD_CLIENT_FLUSH_NTF] = { "flushed clients", 0 },
	[SITBROKER_CMD_NDP_NTF] = { "ndp", SITBROKER_A_UPLINK, COPY_NDP },
	[SITBROKER_CMD_NDP_DEL_NTF] = { "deleted ndp", SITBROKER_A_UPLINK, COPY_NDP, true },
	[SITBROKER_CMD_FILTER_NTF] = { "filter", SITBROKER_A_FILTER, COPY_FILTER },
	[SITBROKER_CMD_FILTER_DEL_NTF] = { "deleted filter", SITBROKER_A_FILTER, COPY_FILTER,
					   true },
};

/**
 * struct monitor - who prints changes
 * @broker: the invocation; its sockets are for requests
 * @events: sockets for events: their answers would be mixed up
 * @copy: the tables as the events printed have made them
 * @lost: why they may be others, or NULL
 * @gone: the module was removed
 */
struct monitor {
	struct broker *broker;
	struct kernel events;
	struct copy copy;
	const char *lost;
	bool gone;
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
static void print_event(struct broker *broker, const char *event, json_t *object)
{
	const char *key;
	json_t *value;
	char *text;

	if (broker->json) {
		json_object_set_new(object, "event", json_string(event));
		if (broker->timestamp)
			json_object_set_new(object, "time", json_integer(time(NULL)));
		json_line(object);
		return;
	}
	if (broker->timestamp)
		print_time();
	printf("%s", event);
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

/* An object as show prints it, for an event or a copy. */
static json_t *event_object(const struct item *item, enum copy_kind kind)
{
	struct link_info link = { .ifindex = item->ifindex };
	json_t *object;

	switch (kind) {
	case COPY_LINK:
		return link_json(item, false);
	case COPY_POOL:
		return pool_json(item);
	case COPY_CLIENT:
		link_name(item->ifindex, link.name);
		object = client_json(item, &link);
		json_object_del(object, "server_ipv4");
		return object;
	case COPY_FILTER:
		return filter_json(item);
	default:
		return uplink_json(item);
	}
}

struct message {
	struct monitor *monitor;
	const struct event *event;
};

static int on_item(struct broker *broker, const struct item *item, void *arg)
{
	struct monitor *monitor = ((struct message *)arg)->monitor;
	const struct event *event = ((struct message *)arg)->event;
	json_t *object = event_object(item, event->kind);

	if (event->deleted)
		copy_delete(&monitor->copy, event->kind, item->ifindex, object);
	else
		copy_put(&monitor->copy, event->kind, item->ifindex, object);
	/* A filter list has one of its own, and a link that has gone none. */
	if (event->kind != COPY_FILTER) {
		json_object_set_new(object, "generation", json_integer(item->generation));
		if (!(event->deleted && event->kind == COPY_LINK) &&
		    copy_generation(&monitor->copy, item->ifindex, item->generation))
			monitor->lost = "gap";
	}
	print_event(broker, event->name, object);
	return 0;
}

static void on_flush(struct monitor *monitor, const struct event *event, struct genlmsghdr *header)
{
	struct nlattr *attrs = genlmsg_attrdata(header, 0);
	int size = genlmsg_attrlen(header, 0);
	struct nlattr *link = nla_find(attrs, size, SITBROKER_A_IFINDEX);
	struct nlattr *generation = nla_find(attrs, size, SITBROKER_A_GENERATION);
	char name[16];

	if (!link)
		return;
	copy_flush_clients(&monitor->copy, nla_get_u32(link));
	if (generation && copy_generation(&monitor->copy, nla_get_u32(link),
					  nla_get_u32(generation)))
		monitor->lost = "gap";
	print_event(monitor->broker, event->name,
		    json_pack("{s:s}", "link", link_name(nla_get_u32(link), name)));
}

/* With the module goes what it had, without further events. */
static void on_family(struct monitor *monitor, enum family_event event)
{
	monitor->gone = event == FAMILY_GONE;
	monitor->lost = monitor->gone ? "deleted module" : "module";
	monitor->broker->kernel.family = monitor->events.family;
}

static int on_message(struct nl_msg *msg, void *arg)
{
	struct genlmsghdr *header = nlmsg_data(nlmsg_hdr(msg));
	const struct event *event = &events[header->cmd];
	struct monitor *monitor = arg;
	enum family_event family;

	family = kernel_family_event(&monitor->events, nlmsg_hdr(msg), "config");
	if (family != FAMILY_SAME)
		on_family(monitor, family);
	if (nlmsg_hdr(msg)->nlmsg_type != monitor->events.family)
		return NL_OK;
	if (header->cmd >= sizeof(events) / sizeof(*events) || !event->name)
		return NL_OK;
	if (event->type)
		message_visit(monitor->broker, nlmsg_hdr(msg), event->type, on_item,
			      &(struct message) { monitor, event });
	else
		on_flush(monitor, event, header);
	/* At once, but for many clients in one message only once. */
	fflush(stdout);
	return NL_OK;
}

struct reading {
	struct copy *copy;
	enum copy_kind kind;
};

static int read_item(struct broker *broker, const struct item *item, void *arg)
{
	struct reading *reading = arg;
	json_t *object = event_object(item, reading->kind);

	(void)broker;
	copy_put(reading->copy, reading->kind, item->ifindex, object);
	if (reading->kind == COPY_LINK)
		copy_generation(reading->copy, item->ifindex, item->generation);
	json_decref(object);
	return 0;
}

/*
 * Links come first: what happens after they were read has a newer generation
 * than theirs, and its event follows. Return: 0 or a negative errno.
 */
static int read_tables(struct broker *broker, struct copy *copy)
{
	static const struct {
		uint8_t command;
		int type;
	} tables[] = {
		[COPY_LINK] = { SITBROKER_CMD_LINK_GET, SITBROKER_A_LINK },
		[COPY_POOL] = { SITBROKER_CMD_POOL_GET, SITBROKER_A_POOL },
		[COPY_CLIENT] = { SITBROKER_CMD_CLIENT_GET, SITBROKER_A_CLIENT },
		[COPY_NDP] = { SITBROKER_CMD_NDP_GET, SITBROKER_A_UPLINK },
		[COPY_FILTER] = { SITBROKER_CMD_FILTER_GET, SITBROKER_A_FILTER },
	};
	unsigned int kind;
	int err = 0;

	copy_init(copy);
	for (kind = 0; !err && kind < N_COPY_KINDS; kind++)
		err = items_dump(broker, tables[kind].command, 0, tables[kind].type, read_item,
				 &(struct reading) { copy, kind });
	if (err)
		copy_free(copy);
	return err;
}

static void print_lost(enum copy_kind kind, bool deleted, json_t *object, void *arg)
{
	struct broker *broker = arg;
	unsigned int i;

	json_object_set_new(object, "lost", json_true());
	for (i = 0; i < sizeof(events) / sizeof(*events); i++)
		if (events[i].type && events[i].kind == kind && events[i].deleted == deleted)
			print_event(broker, events[i].name, object);
}

/* Read the tables again and print what events that were lost have changed. */
static int catch_up(struct monitor *monitor)
{
	unsigned int changes;
	struct copy now;
	int err = 0;

	print_event(monitor->broker, monitor->lost,
		    json_pack("{s:s}", "lost", "events; what they changed follows"));
	if (monitor->gone)
		copy_init(&now);
	else
		err = read_tables(monitor->broker, &now);
	if (err)
		return err;
	changes = copy_compare(&monitor->copy, &now, print_lost, monitor->broker);
	print_event(monitor->broker, "caught up",
		    json_pack("{s:I}", "changes", (json_int_t)changes));
	fflush(stdout);
	copy_free(&monitor->copy);
	monitor->copy = now;
	monitor->lost = NULL;
	return 0;
}

/* Of the events lost, one may have said that the module went or came. */
static void on_overrun(struct monitor *monitor)
{
	monitor->lost = "overrun";
	if (!monitor->gone && kernel_join(&monitor->events, "config"))
		monitor->gone = true;
	monitor->broker->kernel.family = monitor->events.family;
}

/*
 * A socket that overran takes no event until it is empty. So the events in it
 * are from before those lost: print them, then catch up.
 */
static int watch(struct monitor *monitor)
{
	struct nl_sock *socket = monitor->events.generic;
	struct pollfd ready = { .fd = nl_socket_get_fd(socket), .events = POLLIN };
	int err;

	for (;;) {
		err = poll(&ready, 1, monitor->lost ? 0 : -1);
		if (err < 0 && errno != EINTR)
			return refuse(monitor->broker, errno, "events end: %s; start monitor again",
				      strerror(errno));
		if (!err && catch_up(monitor))
			return refused(monitor->broker, "events end");
		if (err <= 0)
			continue;
		err = nl_recvmsgs_default(socket);
		if (err == -NLE_NOMEM)	/* what libnl makes of ENOBUFS */
			on_overrun(monitor);
		else if (err < 0 && err != -NLE_AGAIN)
			return refuse(monitor->broker, EIO, "events end: %s; start monitor again",
				      nl_geterror(err));
	}
}

int monitor_command(struct broker *broker, struct words *words)
{
	struct monitor monitor = { .broker = broker };
	struct nl_sock *socket;
	int code;

	if (words_end(broker, words))
		return EXIT_USAGE;
	if (kernel_open(&monitor.events) || kernel_watch_family(&monitor.events) ||
	    kernel_join(&monitor.events, "config")) {
		broker->kernel.refusal = monitor.events.refusal;
		kernel_close(&monitor.events);
		return refused(broker, NULL);
	}
	socket = monitor.events.generic;
	nl_socket_disable_seq_check(socket);
	nl_socket_set_nonblocking(socket);
	nl_socket_set_buffer_size(socket, RECEIVE_BUFFER, 0);
	nl_socket_modify_cb(socket, NL_CB_VALID, NL_CB_CUSTOM, on_message, &monitor);
	/* Once it listens: what happens meanwhile is printed, and changes nothing more. */
	if (read_tables(broker, &monitor.copy)) {
		code = refused(broker, NULL);
	} else {
		code = watch(&monitor);
		copy_free(&monitor.copy);
	}
	kernel_close(&monitor.events);
	return code;
}
