/* SPDX-License-Identifier: GPL-2.0 */
/* Loads of filter lists: from the request that begins one to its commit or end. */
#ifndef _SITBROKER_FILTER_LOAD_H
#define _SITBROKER_FILTER_LOAD_H

#include <linux/netlink.h>

#include "filter.h"

/**
 * struct sb_filter_load_config - what the request that begins a load says
 * @name: name of the list
 * @has_action: @action is given
 * @action: what to do with the addresses
 * @has_generation: @generation is given
 * @generation: the list's, 0 for a list that must not exist
 * @n4: number of IPv4 ranges
 * @n6: number of IPv6 ranges
 * @labels: number of labels
 * @strings: length of all labels, with a terminating zero each
 * @empty: the list may be empty
 */
struct sb_filter_load_config {
	const char *name;
	bool has_action;
	enum sitbroker_filter_action action;
	bool has_generation;
	u32 generation;
	u32 n4;
	u32 n6;
	u32 labels;
	u32 strings;
	bool empty;
};

/**
 * struct sb_filter_load - a load under way
 * @list: in &sb_filters.loads, but while a request works on it
 * @id: number, for the socket; constant
 * @portid: the socket; constant
 * @config: what was asked for; constant
 * @set: what is being built
 * @strings: how many bytes of labels have come
 * @label4: label of the last IPv4 range
 * @label6: label of the last IPv6 range
 * @name: name of the list; constant
 *
 * Taken from the list by the request that works on it, so that it needs no lock.
 */
struct sb_filter_load {
	struct list_head list;
	u32 id;
	u32 portid;
	struct sb_filter_load_config config;
	struct sb_filter_set *set;
	u32 strings;
	u32 label4;
	u32 label6;
	char name[SITBROKER_NAME_MAX + 1];
};

/**
 * struct sb_filter_chunk - packed parts of a list; a pointer is NULL where there is none
 * @ranges4: IPv4 ranges, first and last address, network byte order
 * @ranges6: IPv6 ranges, as @ranges4
 * @labels4: for each of @ranges4 its label, host byte order
 * @labels6: for each of @ranges6 its label, host byte order
 * @strings: labels
 * @n4: number of @ranges4
 * @n6: number of @ranges6
 * @size: length of @strings
 *
 * Nothing in it is aligned.
 */
struct sb_filter_chunk {
	const u8 *ranges4;
	const u8 *ranges6;
	const u8 *labels4;
	const u8 *labels6;
	const u8 *strings;
	u32 n4;
	u32 n6;
	u32 size;
};

struct sb_filter_load *sb_filter_load_begin(struct sb_net *sbn, u32 portid,
					    const struct sb_filter_load_config *config,
					    struct netlink_ext_ack *extack);
struct sb_filter_load *sb_filter_load_take(struct sb_net *sbn, u32 portid, u32 id,
					   struct netlink_ext_ack *extack);
void sb_filter_load_put_back(struct sb_net *sbn, struct sb_filter_load *load);
int sb_filter_load_add(struct sb_filter_load *load, const struct sb_filter_chunk *chunk,
		       struct netlink_ext_ack *extack);
int sb_filter_load_commit(struct sb_net *sbn, struct sb_filter_load *load,
			  struct netlink_ext_ack *extack);
void sb_filter_load_end(struct sb_filter_load *load);

/* The namespace goes. */
void sb_filter_loads_end(struct sb_filters *filters);

int sb_filter_load_register(void);
void sb_filter_load_unregister(void);

#endif /* _SITBROKER_FILTER_LOAD_H */
