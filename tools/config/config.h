/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The configuration of a link: what its files say, what the kernel has, and
 * what must be done to make the latter equal to the former.
 *
 * Data flows one way: config-file.c and config-running.c each fill a struct
 * config, config-plan.c compares the two into commands, config-apply.c
 * carries them out.
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include <linux/sitbroker.h>
#include <net/if.h>

#include "../brokertool/filter.h"

/**
 * struct origin - where something was said
 * @file: file, NULL where the kernel says it
 * @line: its line
 */
struct origin {
	const char *file;
	unsigned long line;
};

/**
 * struct config_pool - a pool
 * @prefix: prefix
 * @kind: SITBROKER_POOL_KIND_*, -1 before it was said
 * @cut: length it is cut into
 * @origin: where it was said
 */
struct config_pool {
	struct prefix prefix;
	int kind;
	unsigned int cut;
	struct origin origin;
};

/**
 * struct config_client - a client
 * @name: name
 * @has_endpoint: @endpoint is given; a file says "dynamic" by not giving it
 * @endpoint: 0.0.0.0 for none
 * @has_pair: @pair is given
 * @pair: server address
 * @has_routed: @routed is given, which may be none
 * @routed: prefixes
 * @n_routed: number of them
 * @mtu: 0 for automatic
 * @pmtudisc: discover the path MTU
 * @filter: filter lists of scope inner are for it
 * @disabled: it is disabled
 * @said: what the file says of the endpoint, which @endpoint may not be, see config-state.c
 * @has_said: it does say so
 * @remembered: what the client had, where the file does not say: its pair, and its routed
 *	prefixes
 * @origin: where it was said
 */
struct config_client {
	char name[SITBROKER_NAME_MAX + 1];
	bool has_endpoint;
	struct in_addr endpoint;
	bool has_pair;
	struct in6_addr pair;
	bool has_routed;
	struct prefix *routed;
	unsigned int n_routed;
	uint16_t mtu;
	bool pmtudisc;
	bool filter;
	bool disabled;
	struct in_addr said;
	bool has_said;
	json_t *remembered;
	struct origin origin;
};

/**
 * struct config_uplink - a device on which neighbour solicitations are answered
 * @device: its name
 * @source: SITBROKER_NDP_SOURCE_*
 * @address: where @source is an address
 * @router: flag R
 * @rate: answers a second for one client
 * @origin: where it was said
 */
struct config_uplink {
	char device[IFNAMSIZ];
	uint32_t source;
	struct in6_addr address;
	bool router;
	uint32_t rate;
	struct origin origin;
};

/**
 * struct config_place - where a filter list is attached
 * @scope: SITBROKER_FILTER_SCOPE_*
 * @device: the interface, or the link
 * @position: which of the lists there it is, from 1 on; 0 in a file, whose order counts
 */
struct config_place {
	uint32_t scope;
	char device[IFNAMSIZ];
	uint32_t position;
};

/**
 * struct config_list - a filter list
 * @name: name
 * @files: absolute names of files; none where others fill the list
 * @n_files: number of them
 * @words: key and value words for filter load, in turn
 * @n_words: number of them
 * @has_action: @action is given
 * @action: SITBROKER_FILTER_ACTION_*
 * @places: where it is attached
 * @n_places: number of them
 * @origin: where it was said
 */
struct config_list {
	char name[SITBROKER_NAME_MAX + 1];
	char **files;
	unsigned int n_files;
	char **words;
	unsigned int n_words;
	bool has_action;
	uint32_t action;
	struct config_place *places;
	unsigned int n_places;
	struct origin origin;
};

/* What to do about accept_ra. */
enum config_ra {
	CONFIG_RA_AUTO,		/* see config-sysctl.c */
	CONFIG_RA_LEAVE,
	CONFIG_RA_LISTED,
};

/**
 * struct config - a link and all that belongs to it
 * @name: its name
 * @exists: there is such a link, and @ifindex is its index
 * @ifindex: its index
 * @local: server IPv4 address, 0.0.0.0 for none
 * @public: address to print, 0.0.0.0 for none
 * @ttl: outer TTL
 * @tos: outer TOS
 * @inherit: the TOS is inherited
 * @mtu: MTU
 * @isolate: clients are kept apart
 * @clients_max: bound of clients
 * @pools_max: bound of pools
 * @up: it is up
 * @origin: where @local was said
 * @leave_forwarding: forwarding is not this link's business
 * @nonlocal_bind: sockets may have addresses that are on no device
 * @filter_memory: bound of bytes of all filter lists of the namespace
 * @memory_origin: where a file says @filter_memory, none of its file where none does
 * @ra: what to do about accept_ra
 * @ra_origin: where a file says @ra
 * @ra_devices: devices that shall accept router advertisements
 * @n_ra_devices: number of them
 * @pools: pools in the order of the files
 * @n_pools: number of them
 * @clients: clients in the order of the files
 * @n_clients: number of them
 * @uplinks: uplinks
 * @n_uplinks: number of them
 * @lists: filter lists in the order of the files
 * @n_lists: number of them
 * @routes: pools' routes that the kernel has
 * @n_routes: number of them
 * @files: names of files that were read
 * @n_files: number of them
 */
struct config {
	char name[IFNAMSIZ];
	bool exists;
	uint32_t ifindex;
	struct in_addr local;
	struct in_addr public;
	unsigned int ttl;
	unsigned int tos;
	bool inherit;
	unsigned int mtu;
	bool isolate;
	uint32_t clients_max;
	uint32_t pools_max;
	bool up;
	struct origin origin;
	bool leave_forwarding;
	bool nonlocal_bind;
	uint64_t filter_memory;
	struct origin memory_origin;
	enum config_ra ra;
	struct origin ra_origin;
	char (*ra_devices)[IFNAMSIZ];
	unsigned int n_ra_devices;
	struct config_pool *pools;
	size_t n_pools;
	struct config_client *clients;
	size_t n_clients;
	struct config_uplink *uplinks;
	size_t n_uplinks;
	struct config_list *lists;
	size_t n_lists;
	struct prefix *routes;
	size_t n_routes;
	char **files;
	unsigned int n_files;
};

/* config.c */
void config_init(struct config *config, const char *name);
void config_free(struct config *config);

/* Make room for one more entry in an array of @n, and clear it. Return: the array. */
void *config_grow(void *array, size_t n, size_t size);

/* Clients in the order of their names: an array to be freed. */
const struct config_client **config_by_name(const struct config *config);
const struct config_client *const *config_find(const struct config_client *const *by_name,
					       size_t n, const char *name);
bool prefix_is(const struct prefix *a, const struct prefix *b);
bool place_is(const struct config_place *a, const struct config_place *b);
void place_words(const struct config_place *place, const char *words[3]);

/* config-file.c: 0 or an exit code, after a complaint */
int config_read(struct broker *broker, const char *path, struct config *config);

/* config-check.c: do the words go together? 0 or an exit code, after a complaint */
int config_check(struct broker *broker, const struct config *config);

/* config-running.c: 0 or an exit code, after a complaint */
int config_running(struct broker *broker, const char *name, struct config *config);

/* config-state.c */

/* Of what is remembered: is the file there, and can it be read? */
enum config_memory {
	MEMORY_WHOLE,
	MEMORY_MISSING,
	MEMORY_DAMAGED,
};

/**
 * struct config_state - what is remembered of a link
 * @endpoints: endpoints set at run time: name, and address or null
 * @applied: of each client of the last configuration its endpoint there, and its prefixes
 * @lists: names of filter lists that the last configuration loaded
 * @routers: names of devices with a default route that a router has advertised
 * @endpoints_memory: the file of @endpoints
 * @applied_memory: that of the others
 */
struct config_state {
	json_t *endpoints;
	json_t *applied;
	json_t *lists;
	json_t *routers;
	enum config_memory endpoints_memory;
	enum config_memory applied_memory;
};

int state_lock(void);
void state_read(struct broker *broker, const char *link, struct config_state *state);
json_t *state_read_endpoints(struct broker *broker, const char *link, enum config_memory *memory);
void state_free(struct config_state *state);
int state_write_endpoints(struct broker *broker, const char *link, json_t *endpoints);
int state_write_applied(struct broker *broker, const char *link,
			const struct config_state *state);
void state_recover(struct config_state *state, const struct config *wanted,
		   const struct config *running);
void state_settle(struct config_state *state, struct config *wanted);
void state_record(struct config_state *state, const struct config *wanted,
		  const struct config *running);

/* config-plan.c */

enum step_kind {
	STEP_COMMAND,	/* of brokertool */
	STEP_SYSCTL,	/* sysctl -w KEY=VALUE */
	STEP_ROUTE,	/* ip -6 route del PREFIX dev LINK proto 66 */
};

/**
 * struct step - a thing to do
 * @kind: who can do it
 * @words: the words of it
 * @n: number of them
 * @origin: what asks for it
 */
struct step {
	enum step_kind kind;
	char **words;
	int n;
	struct origin origin;
};

/**
 * struct plan - what makes the kernel equal to a configuration
 * @steps: in the order in which they are done
 * @n: number of them
 * @code: exit code of what could not be compared, after complaints
 */
struct plan {
	struct step *steps;
	size_t n;
	int code;
};

__attribute__((format(printf, 4, 5)))
struct step *plan_add(struct plan *plan, enum step_kind kind, struct origin origin,
		      const char *format, ...);
void step_add(struct step *step, const char *key, const char *value);

void plan_make(struct broker *broker, const struct config *wanted, const struct config *running,
	       const struct config_state *state, struct plan *plan);
void plan_free(struct plan *plan);

/**
 * struct config_pair - a link that is changed together with others
 * @wanted: what shall be, settled
 * @running: what is
 */
struct config_pair {
	const struct config *wanted;
	struct config *running;
};

/* config-room.c */
void plan_room(struct config_pair *pairs, size_t n, struct plan *plan);

/* config-print.c */
void plan_print(const struct broker *broker, const struct plan *plan);
void config_print_text(const char *text);
void config_print(const struct config *running, const struct config *wanted);

/* config-lists.c */
void plan_lists_load(struct broker *broker, const struct config *wanted,
		     const struct config *running, struct plan *plan);
void plan_lists_detach(const struct config *wanted, const struct config *running,
		       const struct config_state *state, struct plan *plan);

/* config-sysctl.c */
int state_learn(struct broker *broker, const struct config *wanted, struct config_state *state);
void plan_sysctls(const struct config *wanted, const struct config_state *state,
		  struct plan *plan);
int sysctl_set(struct broker *broker, const char *assignment);

/* config-apply.c */
int config_apply(struct broker *broker, struct config *wanted, size_t n);
int config_plan(struct broker *broker, struct config *wanted, size_t n, struct plan *plan);

/* config-endpoint.c: endpoints that are set at run time */
int endpoint_begin(struct broker *broker, uint32_t ifindex);
int endpoint_end(struct broker *broker, const char *client, struct in_addr endpoint, int code);
int endpoint_flush(struct broker *broker);
bool endpoint_is_pending(void);

/* config-path.c: names that the caller frees */
char *config_path(const struct broker *broker, const char *link);
char *config_directory(const struct broker *broker);
char *state_directory(const struct broker *broker);
char *state_path(const struct broker *broker, const char *link, const char *suffix);

#endif /* CONFIG_CONFIG_H */
