// SPDX-License-Identifier: GPL-2.0
/* Metrics in Prometheus' text format: see metrics.h. */

#include <stdarg.h>
#include <stdlib.h>

#include "../lib/table.h"
#include "metrics.h"

static const struct {
	const char *name;
	const char *type;
	const char *help;
} descriptions[] = {
	[METRIC_UP] = { "sitbroker_up", "gauge",
		"Whether the kernel module answers." },
	[METRIC_BUILD_INFO] = { "sitbroker_build_info", "gauge",
		"Versions of brokertool and of the module, as labels." },
	[METRIC_LINK_INFO] = { "sitbroker_link_info", "gauge",
		"IPv4 addresses of a link, as labels." },
	[METRIC_LINK_UP] = { "sitbroker_link_up", "gauge",
		"Whether a link is up." },
	[METRIC_CLIENTS] = { "sitbroker_clients", "gauge",
		"Clients of a link." },
	[METRIC_CLIENTS_MAX] = { "sitbroker_clients_max", "gauge",
		"How many clients a link may have." },
	[METRIC_RECEIVE_PACKETS] = { "sitbroker_receive_packets_total", "counter",
		"IPv6 packets received from clients." },
	[METRIC_RECEIVE_BYTES] = { "sitbroker_receive_bytes_total", "counter",
		"Bytes of IPv6 packets received from clients." },
	[METRIC_TRANSMIT_PACKETS] = { "sitbroker_transmit_packets_total", "counter",
		"IPv6 packets sent to clients." },
	[METRIC_TRANSMIT_BYTES] = { "sitbroker_transmit_bytes_total", "counter",
		"Bytes of IPv6 packets sent to clients." },
	[METRIC_DROPS] = { "sitbroker_drops_total", "counter",
		"Packets dropped, by reason." },
	[METRIC_POOL_USED] = { "sitbroker_pool_used", "gauge",
		"Pieces of a pool that clients hold." },
	[METRIC_POOL_SIZE] = { "sitbroker_pool_size", "gauge",
		"Pieces of a pool." },
	[METRIC_NDP_SOLICITATIONS] = { "sitbroker_ndp_solicitations_total", "counter",
		"Neighbour solicitations for addresses in pools, received on an uplink." },
	[METRIC_NDP_ADVERTISEMENTS] = { "sitbroker_ndp_advertisements_total", "counter",
		"Neighbour solicitations that were answered." },
	[METRIC_NDP_UNANSWERED] = { "sitbroker_ndp_unanswered_total", "counter",
		"Neighbour solicitations that were not answered, by reason." },
	[METRIC_NDP_ANNOUNCEMENTS] = { "sitbroker_ndp_announcements_total", "counter",
		"Neighbour advertisements that nobody had asked for." },
	[METRIC_FILTER_RANGES] = { "sitbroker_filter_ranges", "gauge",
		"Ranges of a filter list." },
	[METRIC_FILTER_HITS] = { "sitbroker_filter_hits_total", "counter",
		"Packets that a filter list held an address of." },
	[METRIC_FILTER_BYTES] = { "sitbroker_filter_bytes", "gauge",
		"Memory of a filter list." },
	[METRIC_FILTER_LOADED] = { "sitbroker_filter_loaded_timestamp_seconds", "gauge",
		"When a filter list was loaded, in seconds since 1970." },
	[METRIC_FILTER_MEMORY] = { "sitbroker_filter_memory_bytes", "gauge",
		"Memory of all filter lists." },
	[METRIC_FILTER_MEMORY_MAX] = { "sitbroker_filter_memory_max_bytes", "gauge",
		"Memory that all filter lists may take." },
	[METRIC_CLIENT_INFO] = { "sitbroker_client_info", "gauge",
		"Addresses of a client, as labels." },
	[METRIC_CLIENT_ENABLED] = { "sitbroker_client_enabled", "gauge",
		"Whether a client is enabled." },
	[METRIC_CLIENT_RECEIVE_PACKETS] = { "sitbroker_client_receive_packets_total", "counter",
		"IPv6 packets received from a client." },
	[METRIC_CLIENT_RECEIVE_BYTES] = { "sitbroker_client_receive_bytes_total", "counter",
		"Bytes of IPv6 packets received from a client." },
	[METRIC_CLIENT_TRANSMIT_PACKETS] = { "sitbroker_client_transmit_packets_total", "counter",
		"IPv6 packets sent to a client." },
	[METRIC_CLIENT_TRANSMIT_BYTES] = { "sitbroker_client_transmit_bytes_total", "counter",
		"Bytes of IPv6 packets sent to a client." },
	[METRIC_CLIENT_LAST_RECEIVE] = { "sitbroker_client_last_receive_timestamp_seconds",
		"gauge",
		"When a client was last heard of, in seconds since 1970; not there if never." },
	[METRIC_CLIENT_DROPS] = { "sitbroker_client_drops_total", "counter",
		"Packets of a client that were dropped, by reason; reasons that occurred." },
};

_Static_assert(sizeof(descriptions) / sizeof(*descriptions) == METRICS, "a metric has no name");

void metrics_open(struct metrics *metrics)
{
	unsigned int i;

	for (i = 0; i < METRICS; i++) {
		metrics->texts[i].text = NULL;
		metrics->texts[i].stream = must(open_memstream(&metrics->texts[i].text,
							       &metrics->texts[i].size));
	}
}

static void put_label_value(FILE *stream, const char *value)
{
	for (; *value; value++) {
		if (*value == '\n')
			fputs("\\n", stream);
		else if (*value == '"' || *value == '\\')
			fprintf(stream, "\\%c", *value);
		else
			fputc(*value, stream);
	}
}

void metric_add(struct metrics *metrics, enum metric metric, json_t *value, ...)
{
	FILE *stream = metrics->texts[metric].stream;
	const char *separator = "{", *label;
	va_list args;

	fputs(descriptions[metric].name, stream);
	va_start(args, value);
	while ((label = va_arg(args, const char *))) {
		fprintf(stream, "%s%s=\"", separator, label);
		put_label_value(stream, va_arg(args, const char *) ?: "");
		fputc('"', stream);
		separator = ",";
	}
	va_end(args);
	if (*separator == ',')
		fputc('}', stream);
	if (json_is_real(value))
		fprintf(stream, " %.15g\n", json_real_value(value));
	else
		fprintf(stream, " %lld\n", (long long)json_integer_value(value));
	json_decref(value);
}

void metrics_close(struct metrics *metrics)
{
	unsigned int i;

	for (i = 0; i < METRICS; i++) {
		fclose(metrics->texts[i].stream);
		must(metrics->texts[i].text);
	}
}

void metrics_write(FILE *file, const void *arg)
{
	const struct metrics *metrics = arg;
	unsigned int i;

	for (i = 0; i < METRICS; i++)
		if (metrics->texts[i].size)
			fprintf(file, "# HELP %s %s\n# TYPE %s %s\n%s", descriptions[i].name,
				descriptions[i].help, descriptions[i].name, descriptions[i].type,
				metrics->texts[i].text);
}

void metrics_free(struct metrics *metrics)
{
	unsigned int i;

	for (i = 0; i < METRICS; i++)
		free(metrics->texts[i].text);
}
