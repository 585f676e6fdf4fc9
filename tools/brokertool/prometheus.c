// SPDX-License-Identifier: GPL-2.0
/* brokertool stats prom: counters for Prometheus. */

#include <linux/sitbroker.h>
#include <netlink/attr.h>
#include <string.h>
#include <time.h>

#include "../../kmod/version.h"
#include "../lib/reason.h"
#include "../lib/replace.h"
#include "filter.h"
#include "metrics.h"

/* Metrics of each client are there up to this number of them, unless they are asked for. */
#define CLIENTS_AUTO	10000

/**
 * struct scrape - metrics being gathered
 * @metrics: they
 * @link: the link that the last client was of
 * @clients: number of clients of all links
 * @now: in seconds since 1970
 */
struct scrape {
	struct metrics metrics;
	struct link_info link;
	json_int_t clients;
	double now;
};

static const char *string(json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key)) ?: "";
}

static json_t *value(json_t *object, const char *key)
{
	return json_incref(json_object_get(object, key)) ?: json_integer(0);
}

static json_t *truth(json_t *object, const char *key)
{
	return json_integer(json_is_true(json_object_get(object, key)));
}

/* When something happened that is so many milliseconds old. */
static json_t *time_of(const struct scrape *scrape, json_int_t age_ms)
{
	return json_real(scrape->now - age_ms / 1e3);
}

static const char *direction(const char *reason)
{
	return !strncmp(reason, "rx-", 3) ? "receive" : "transmit";
}

/* What can be dropped is there from the beginning, with 0: rates need a first value. */
static void add_link_drops(struct metrics *metrics, const char *device, json_t *drops)
{
	const char *reason;
	json_t *packets;
	unsigned int i;

	for (i = 0; i <= SITBROKER_DROP_REASON_MAX; i++) {
		reason = drop_reason_name(i);
		metric_add(metrics, METRIC_DROPS, value(drops, reason), "device", device,
			   "direction", direction(reason), "reason", reason, NULL);
		json_object_del(drops, reason);
	}
	/* Of a module that is newer. */
	json_object_foreach(drops, reason, packets)
		metric_add(metrics, METRIC_DROPS, json_incref(packets), "device", device,
			   "direction", direction(reason), "reason", reason, NULL);
}

/* A metric that is the value of a key as it is. */
struct number {
	enum metric metric;
	const char *key;
};

/* @client: NULL where they are the link's */
static void add_numbers(struct metrics *metrics, const struct number *numbers, size_t n,
			json_t *object, const char *device, const char *client)
{
	size_t i;

	for (i = 0; i < n; i++)
		metric_add(metrics, numbers[i].metric, value(object, numbers[i].key), "device",
			   device, client ? "client" : NULL, client, NULL);
}

static int add_link(struct broker *broker, const struct item *item, void *arg)
{
	static const struct number numbers[] = {
		{ METRIC_CLIENTS, "clients" },
		{ METRIC_CLIENTS_MAX, "clients_max" },
		{ METRIC_RECEIVE_PACKETS, "rx_packets" },
		{ METRIC_RECEIVE_BYTES, "rx_bytes" },
		{ METRIC_TRANSMIT_PACKETS, "tx_packets" },
		{ METRIC_TRANSMIT_BYTES, "tx_bytes" },
	};
	json_t *link = link_json(item, true);
	const char *device = string(link, "name");
	struct scrape *scrape = arg;

	(void)broker;
	metric_add(&scrape->metrics, METRIC_LINK_INFO, json_integer(1), "device", device, "local",
		   string(link, "local"), "public", string(link, "public"), NULL);
	metric_add(&scrape->metrics, METRIC_LINK_UP, truth(link, "up"), "device", device, NULL);
	add_numbers(&scrape->metrics, numbers, sizeof(numbers) / sizeof(*numbers), link, device,
		    NULL);
	add_link_drops(&scrape->metrics, device, json_object_get(link, "drops"));
	scrape->clients += json_integer_value(json_object_get(link, "clients"));
	json_decref(link);
	return 0;
}

static int add_pool(struct broker *broker, const struct item *item, void *arg)
{
	struct metrics *metrics = &((struct scrape *)arg)->metrics;
	json_t *pool = pool_json(item);

	(void)broker;
	metric_add(metrics, METRIC_POOL_USED, value(pool, "used"), "device", string(pool, "link"),
		   "pool", string(pool, "prefix"), "kind", string(pool, "kind"), NULL);
	metric_add(metrics, METRIC_POOL_SIZE, value(pool, "size"), "device", string(pool, "link"),
		   "pool", string(pool, "prefix"), "kind", string(pool, "kind"), NULL);
	json_decref(pool);
	return 0;
}

static int add_uplink(struct broker *broker, const struct item *item, void *arg)
{
	static const char *const unanswered[] = { "malformed", "unassigned", "disabled", "failed",
						  "misrouted", "limited" };
	struct metrics *metrics = &((struct scrape *)arg)->metrics;
	json_t *uplink = uplink_json(item);
	const char *device = string(uplink, "link"), *name = string(uplink, "uplink");
	unsigned int i;

	(void)broker;
	metric_add(metrics, METRIC_NDP_SOLICITATIONS, value(uplink, "solicitations"), "device",
		   device, "uplink", name, NULL);
	metric_add(metrics, METRIC_NDP_ADVERTISEMENTS, value(uplink, "answered"), "device", device,
		   "uplink", name, NULL);
	metric_add(metrics, METRIC_NDP_ANNOUNCEMENTS, value(uplink, "announced"), "device", device,
		   "uplink", name, NULL);
	for (i = 0; i < sizeof(unanswered) / sizeof(*unanswered); i++)
		metric_add(metrics, METRIC_NDP_UNANSWERED, value(uplink, unanswered[i]), "device",
			   device, "uplink", name, "reason", unanswered[i], NULL);
	json_decref(uplink);
	return 0;
}

static int add_filter(struct broker *broker, const struct item *item, void *arg)
{
	struct scrape *scrape = arg;
	json_t *filter = filter_json(item);
	const char *list = string(filter, "list");

	(void)broker;
	metric_add(&scrape->metrics, METRIC_FILTER_RANGES, value(filter, "ranges4"), "list", list,
		   "family", "ipv4", NULL);
	metric_add(&scrape->metrics, METRIC_FILTER_RANGES, value(filter, "ranges6"), "list", list,
		   "family", "ipv6", NULL);
	metric_add(&scrape->metrics, METRIC_FILTER_HITS, value(filter, "hits"), "list", list,
		   "action", string(filter, "action"), NULL);
	metric_add(&scrape->metrics, METRIC_FILTER_BYTES, value(filter, "bytes"), "list", list,
		   NULL);
	metric_add(&scrape->metrics, METRIC_FILTER_LOADED,
		   time_of(scrape, json_integer_value(json_object_get(filter, "age_ms"))), "list",
		   list, NULL);
	json_decref(filter);
	return 0;
}

static int add_memory(struct broker *broker, const struct item *item, void *arg)
{
	struct metrics *metrics = &((struct scrape *)arg)->metrics;
	json_t *memory = filter_memory_json(item);

	(void)broker;
	metric_add(metrics, METRIC_FILTER_MEMORY, value(memory, "bytes_used"), NULL);
	metric_add(metrics, METRIC_FILTER_MEMORY_MAX, value(memory, "bytes_max"), NULL);
	json_decref(memory);
	return 0;
}

static int add_client(struct broker *broker, const struct item *item, void *arg)
{
	static const struct number numbers[] = {
		{ METRIC_CLIENT_RECEIVE_PACKETS, "rx_packets" },
		{ METRIC_CLIENT_RECEIVE_BYTES, "rx_bytes" },
		{ METRIC_CLIENT_TRANSMIT_PACKETS, "tx_packets" },
		{ METRIC_CLIENT_TRANSMIT_BYTES, "tx_bytes" },
	};
	const char *name, *device, *reason;
	struct scrape *scrape = arg;
	json_t *client, *last, *packets;

	/* Clients come link by link. */
	if (scrape->link.ifindex != item->ifindex &&
	    link_info_get(broker, item->ifindex, &scrape->link))
		return 0;
	client = client_json(item, &scrape->link);
	name = string(client, "name");
	device = scrape->link.name;
	metric_add(&scrape->metrics, METRIC_CLIENT_INFO, json_integer(1), "device", device,
		   "client", name, "endpoint", string(client, "endpoint"), "address",
		   string(client, "client_ipv6"), NULL);
	metric_add(&scrape->metrics, METRIC_CLIENT_ENABLED,
		   json_integer(!strcmp(string(client, "state"), "enabled")), "device", device,
		   "client", name, NULL);
	add_numbers(&scrape->metrics, numbers, sizeof(numbers) / sizeof(*numbers), client, device,
		    name);
	last = json_object_get(client, "last_received_ms");
	if (json_is_integer(last))
		metric_add(&scrape->metrics, METRIC_CLIENT_LAST_RECEIVE,
			   time_of(scrape, json_integer_value(last)), "device", device, "client",
			   name, NULL);
	json_object_foreach(json_object_get(client, "drops"), reason, packets)
		metric_add(&scrape->metrics, METRIC_CLIENT_DROPS, json_incref(packets), "device",
			   device, "client", name, "direction", direction(reason), "reason",
			   reason, NULL);
	json_decref(client);
	return 0;
}

/* Ask the kernel for all there is. @clients: on, off, or -1 for what is sensible. */
static int gather(struct broker *broker, struct scrape *scrape, int clients)
{
	char module[32];
	struct timespec now;
	int err;

	clock_gettime(CLOCK_REALTIME, &now);
	scrape->now = now.tv_sec + now.tv_nsec / 1000000 / 1e3;
	if (!module_version(module, sizeof(module)))
		*module = '\0';
	metric_add(&scrape->metrics, METRIC_BUILD_INFO, json_integer(1), "brokertool",
		   SITBROKER_VERSION, "module", module, NULL);
	err = items_dump(broker, SITBROKER_CMD_LINK_GET, 0, SITBROKER_A_LINK, add_link, scrape) ?:
	      items_dump(broker, SITBROKER_CMD_POOL_GET, 0, SITBROKER_A_POOL, add_pool, scrape) ?:
	      items_dump(broker, SITBROKER_CMD_NDP_GET, 0, SITBROKER_A_UPLINK, add_uplink,
			 scrape) ?:
	      items_visit(broker, filter_message(SITBROKER_CMD_FILTER_GET, NLM_F_DUMP, NULL),
			  SITBROKER_A_FILTER, add_filter, scrape) ?:
	      items_visit(broker, filter_message(SITBROKER_CMD_FILTER_MEMORY_GET, 0, NULL),
			  SITBROKER_A_MEMORY, add_memory, scrape);
	if (!err && (clients < 0 ? scrape->clients <= CLIENTS_AUTO : clients))
		err = items_dump(broker, SITBROKER_CMD_CLIENT_GET, 0, SITBROKER_A_CLIENT,
				 add_client, scrape);
	return err;
}

static void scrape_free(struct scrape *scrape)
{
	metrics_close(&scrape->metrics);
	metrics_free(&scrape->metrics);
}

/* stats prom [file FILE|-] [clients on|off]. Return: exit code. */
int prometheus_command(struct broker *broker, struct words *words)
{
	static const char *const keys[] = { "file", "clients", NULL };
	struct scrape scrape = {};
	const char *path = "-";
	int clients = -1, code = EXIT_OK, err;
	bool on;

	while (words->argc) {
		switch (key_parse(broker, words, keys)) {
		case 0:
			if (value_next(broker, words, "file", &path))
				return EXIT_USAGE;
			break;
		case 1:
			if (switch_next(broker, words, "clients", &on))
				return EXIT_USAGE;
			clients = on;
			break;
		default:
			return EXIT_USAGE;
		}
	}
	metrics_open(&scrape.metrics);
	err = gather(broker, &scrape, clients);
	if (err) {
		/* Old numbers must not look like new ones, nor half of them like all. */
		code = refused(broker, NULL);
		scrape_free(&scrape);
		metrics_open(&scrape.metrics);
	}
	metric_add(&scrape.metrics, METRIC_UP, json_integer(!err), NULL);
	metrics_close(&scrape.metrics);
	err = file_replace(path, metrics_write, &scrape.metrics);
	metrics_free(&scrape.metrics);
	return err ? refuse(broker, -err,
			    "metrics cannot be written to %s: %s; give a file that you may write",
			    path, strerror(-err)) : code;
}
