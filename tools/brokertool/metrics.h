/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Metrics in Prometheus' text format, version 0.0.4.
 *
 * The samples of a metric must stand together, whatever order they come in:
 * each metric has a text of its own until all are written.
 */
#ifndef METRICS_H
#define METRICS_H

#include <jansson.h>
#include <stdio.h>

enum metric {
	METRIC_UP,
	METRIC_BUILD_INFO,
	METRIC_LINK_INFO,
	METRIC_LINK_UP,
	METRIC_CLIENTS,
	METRIC_CLIENTS_MAX,
	METRIC_RECEIVE_PACKETS,
	METRIC_RECEIVE_BYTES,
	METRIC_TRANSMIT_PACKETS,
	METRIC_TRANSMIT_BYTES,
	METRIC_DROPS,
	METRIC_POOL_USED,
	METRIC_POOL_SIZE,
	METRIC_NDP_SOLICITATIONS,
	METRIC_NDP_ADVERTISEMENTS,
	METRIC_NDP_UNANSWERED,
	METRIC_NDP_ANNOUNCEMENTS,
	METRIC_FILTER_RANGES,
	METRIC_FILTER_HITS,
	METRIC_FILTER_BYTES,
	METRIC_FILTER_LOADED,
	METRIC_FILTER_MEMORY,
	METRIC_FILTER_MEMORY_MAX,
	METRIC_CLIENT_INFO,
	METRIC_CLIENT_ENABLED,
	METRIC_CLIENT_RECEIVE_PACKETS,
	METRIC_CLIENT_RECEIVE_BYTES,
	METRIC_CLIENT_TRANSMIT_PACKETS,
	METRIC_CLIENT_TRANSMIT_BYTES,
	METRIC_CLIENT_LAST_RECEIVE,
	METRIC_CLIENT_DROPS,
	METRICS
};

/* What there is to write; open it before use. */
struct metrics {
	struct metric_text {
		FILE *stream;
		char *text;
		size_t size;
	} texts[METRICS];
};

void metrics_open(struct metrics *metrics);

/**
 * metric_add() - add a sample
 * @metrics: to these
 * @metric: of this
 * @value: an integer or a real; taken over
 *
 * Behind them names of labels, each with its value, up to NULL.
 */
__attribute__((sentinel))
void metric_add(struct metrics *metrics, enum metric metric, json_t *value, ...);

/* Write those that have samples; a const struct metrics after metrics_close(). */
void metrics_write(FILE *file, const void *metrics);

/* Nothing is added any more: their texts are complete. */
void metrics_close(struct metrics *metrics);
void metrics_free(struct metrics *metrics);

#endif /* METRICS_H */
