/* SPDX-License-Identifier: GPL-2.0 */
/* What the commands share. */
#ifndef BROKERTOOL_H
#define BROKERTOOL_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "../lib/address.h"
#include "../lib/netlink.h"
#include "../lib/object.h"
#include "../lib/table.h"

enum exit_code {
	EXIT_OK = 0,
	EXIT_USAGE = 1,
	EXIT_REFUSED = 2,
	EXIT_NOT_FOUND = 3,
};

/**
 * struct words - what is left of a command
 * @argc: number of words
 * @argv: words
 * @keys: bit mask of the keys that key_parse() has seen
 * @exact: values are not abbreviated
 */
struct words {
	int argc;
	char **argv;
	unsigned int keys;
	bool exact;
};

/**
 * struct broker - an invocation
 * @kernel: sockets
 * @json: print JSON
 * @pretty: indent it
 * @brief: print little
 * @stats: print counters in tables too
 * @details: print what few want to know
 * @numeric: print numbers of ICMP errors, not names
 * @oneline: a record on one line
 * @timestamp: a time in front of each event
 * @quiet: print nothing on success
 * @force: go on after an error in a batch
 * @color: colour what is disabled or down
 * @mute: do not print complaints
 * @applying: a configuration is applied
 * @netns: name of the network namespace, or NULL
 * @batch: name of the batch being read, or NULL
 * @line: line number in it
 * @command: the command being carried out; none while gathered lines are sent
 * @device: name of the last device in gathered lines
 * @ifindex: its index, 0 for none
 */
struct broker {
	struct kernel kernel;
	bool json;
	bool pretty;
	bool brief;
	bool stats;
	bool details;
	bool numeric;
	bool oneline;
	bool timestamp;
	bool quiet;
	bool force;
	bool color;
	bool mute;
	bool applying;
	const char *netns;
	const char *batch;
	unsigned long line;
	struct words command;
	char device[16];
	uint32_t ifindex;
};

/* Objects of commands, in the order of enum object; with a NULL behind. */
extern const char *const object_names[];

enum object {
	OBJECT_LINK,
	OBJECT_POOL,
	OBJECT_CLIENT,
	OBJECT_NDP,
	OBJECT_FILTER,
	OBJECT_STATS,
	OBJECT_MONITOR,
	OBJECT_CONFIG,
	OBJECT_TOP,
	OBJECT_DOCTOR,
	OBJECT_INIT,
	OBJECT_HELP,
};

const char *words_next(struct words *words);
bool words_is(struct words *words, const char *word);

/* Commands: exit code. */
int command_run(struct broker *broker, struct words *words);
int link_command(struct broker *broker, struct words *words);
int pool_command(struct broker *broker, struct words *words);
int client_command(struct broker *broker, struct words *words);
int ndp_command(struct broker *broker, struct words *words);
int filter_command(struct broker *broker, struct words *words);
int stats_command(struct broker *broker, struct words *words);
int monitor_command(struct broker *broker, struct words *words);
int config_command(struct broker *broker, struct words *words);
int top_command(struct broker *broker, struct words *words);
int doctor_command(struct broker *broker, struct words *words);
int init_command(struct broker *broker, struct words *words);
int batch_run(struct broker *broker, const char *file);

/* batch.c: commands that no file holds */
struct batch;

struct batch *batch_begin(struct broker *broker);
int batch_command(struct broker *broker, struct batch *batch, const char *file,
		  unsigned long line, int argc, char *const *argv);
int batch_flush(struct broker *broker, struct batch *batch);
int batch_end(struct broker *broker, struct batch *batch);

/* Complaints: print one sentence on stderr, return the exit code. */
__attribute__((format(printf, 2, 3)))
int usage_error(const struct broker *broker, const char *format, ...);
int refused(const struct broker *broker, const char *what);
__attribute__((format(printf, 3, 4)))
int refuse(struct broker *broker, int error, const char *format, ...);
int word_error(const struct broker *broker, const char *what, const char *word,
	       const char *complaint);

/* Arguments: 0 or an exit code, after a complaint. */
int verb_parse(const struct broker *broker, struct words *words, const char *object,
	       const char *const *verbs);
int key_parse(const struct broker *broker, struct words *words, const char *const *keys);
int value_next(const struct broker *broker, struct words *words, const char *key,
	       const char **value);
int ipv4_next(const struct broker *broker, struct words *words, const char *key,
	      struct in_addr *address);
int number_next(const struct broker *broker, struct words *words, const char *key,
		unsigned long min, unsigned long max, unsigned long *number);
int device_next(struct broker *broker, struct words *words, const char *key,
		uint32_t *ifindex);
int device_only(struct broker *broker, struct words *words, uint32_t *ifindex);
int prefix_word(const struct broker *broker, const char *key, const char *word,
		struct prefix *prefix);
int switch_next(const struct broker *broker, struct words *words, const char *key, bool *on);
int words_end(const struct broker *broker, struct words *words);

/* Output. */
void json_begin(const struct broker *broker);
void json_item(const struct broker *broker, json_t *item);
void json_end(const struct broker *broker);
void json_line(json_t *item);

/* output.c: records and tables for people */
struct record;

struct record *record_new(const struct broker *broker);
__attribute__((format(printf, 3, 4)))
void record_add(struct record *record, const char *label, const char *format, ...);
void record_print(struct record *record);

struct table *table_new(const struct broker *broker, const char *const *columns);

/* link.c */

/**
 * struct link_request - what a command says about a link
 * @name: name
 * @has_local: @local is given
 * @local: server IPv4 address
 * @has_public: @public is given
 * @public: address to print
 * @ttl: outer TTL, 0 where not given
 * @tos: outer TOS, -1 where not given
 * @inherit: the TOS is inherited
 * @mtu: MTU, 0 where not given
 * @isolate: 1 keeps clients apart, 0 does not, -1 where not given
 * @clients_max: bound of clients, ULONG_MAX where not given
 * @pools_max: bound of pools, ULONG_MAX where not given
 * @up: 1 for up, 0 for down, -1 where not given
 */
struct link_request {
	const char *name;
	bool has_local;
	struct in_addr local;
	bool has_public;
	struct in_addr public;
	unsigned long ttl;
	long tos;
	bool inherit;
	unsigned long mtu;
	int isolate;
	unsigned long clients_max;
	unsigned long pools_max;
	int up;
};

struct link_info {
	uint32_t ifindex;
	char name[16];
	struct in_addr local;
	struct in_addr public;
	bool up;
};

int link_parse(const struct broker *broker, struct words *words, bool add,
	       struct link_request *request);
int link_name_check(const struct broker *broker, const char *name);
int link_info_get(struct broker *broker, uint32_t ifindex, struct link_info *link);
int no_link(struct broker *broker, const char *name);

/* link-show.c */
int link_show(struct broker *broker, const char *name);

/* route.c */

/**
 * struct link_vrf - which routes are a device's
 * @ifindex: its VRF, 0 for none
 * @table: the table of that, or the main one
 */
struct link_vrf {
	uint32_t ifindex;
	uint32_t table;
};

struct link_vrf link_vrf(struct broker *broker, uint32_t ifindex);
int route_install(struct broker *broker, uint32_t ifindex, const struct prefix *prefix);
int route_remove(struct broker *broker, uint32_t ifindex, const struct prefix *prefix);
int route_visit(struct broker *broker, uint32_t ifindex,
		void (*visit)(const struct prefix *prefix, void *arg), void *arg);
int onlink_visit(struct broker *broker,
		 void (*visit)(const struct prefix *prefix, uint32_t ifindex, uint32_t table,
			       void *arg),
		 void *arg);
uint32_t route_device(struct broker *broker, int family, const void *address, uint32_t vrf);
int router_visit(struct broker *broker, void (*visit)(uint32_t ifindex, void *arg), void *arg);
int route_check_pool(struct broker *broker, uint32_t ifindex, const struct prefix *prefix);

/* onlink.c */
struct ifaddrs;

/**
 * enum segment - what is behind a device
 * @SEGMENT_ETHERNET: neighbours, which ask for addresses
 * @SEGMENT_POINT: one other end, or routers; what is there comes here unasked
 * @SEGMENT_OTHER: neighbours that the module cannot answer
 */
enum segment { SEGMENT_ETHERNET, SEGMENT_POINT, SEGMENT_OTHER };

/**
 * struct onlink - a prefix that is on-link here
 * @prefix: the prefix
 * @device: where
 * @segment: what is behind that
 * @table: whose routes are that device's
 */
struct onlink {
	struct prefix prefix;
	char device[16];
	enum segment segment;
	uint32_t table;
};

struct onlinks {
	struct onlink *list;
	size_t n;
};

int onlinks_read(struct broker *broker, const struct ifaddrs *addresses, struct onlinks *onlinks);

/* pool.c */

/**
 * struct pool_words - what a command says about a pool
 * @prefix: prefix
 * @kind: SITBROKER_POOL_KIND_*
 * @cut: length it is cut into
 * @ifindex: its link, 0 where not said
 */
struct pool_words {
	struct prefix prefix;
	int kind;
	unsigned long cut;
	uint32_t ifindex;
};

int pool_parse(struct broker *broker, struct words *words, struct pool_words *pool);
int pool_restore_routes(struct broker *broker, uint32_t ifindex);

/* items.c: what a request brings */
typedef int (*item_visit)(struct broker *broker, const struct item *item, void *arg);

int items_visit(struct broker *broker, struct nl_msg *request, int type, item_visit visit,
		void *arg);
int items_dump(struct broker *broker, uint8_t command, uint32_t ifindex, int type,
	       item_visit visit, void *arg);
void message_visit(struct broker *broker, struct nlmsghdr *header, int type, item_visit visit,
		   void *arg);
int change(struct broker *broker, struct nl_msg *msg, const char *what);
struct nl_msg *change_message(uint8_t command, uint32_t ifindex);

/* client.c */

/**
 * struct client_request - a client in a request
 * @name: name
 * @ifindex: its link, 0 where not said
 * @has_endpoint: @endpoint is given
 * @endpoint: 0.0.0.0 for none
 * @has_pair: @pair is given
 * @pair: server address
 * @routed: prefixes
 * @n_routed: number of entries in @routed
 * @no_routed: no routed prefix wanted
 * @has_mtu: @mtu is given
 * @mtu: 0 for automatic
 * @has_pmtudisc: @pmtudisc is given
 * @pmtudisc: discover the path MTU
 * @has_filter: @filter is given
 * @filter: filter lists of scope inner are for it, too
 * @has_state: @disabled is given
 * @disabled: disable it
 */
struct client_request {
	const char *name;
	uint32_t ifindex;
	bool has_endpoint;
	struct in_addr endpoint;
	bool has_pair;
	struct in6_addr pair;
	struct prefix routed[256];
	unsigned int n_routed;
	bool no_routed;
	bool has_mtu;
	uint16_t mtu;
	bool has_pmtudisc;
	bool pmtudisc;
	bool has_filter;
	bool filter;
	bool has_state;
	bool disabled;
};

int client_parse(struct broker *broker, struct words *words, bool add,
		 struct client_request *request);
int client_put(struct nl_msg *msg, const struct client_request *request);

/* ndp.c */

/**
 * struct ndp_request - what a command says about an uplink
 * @ifindex: its link, 0 where not said
 * @has_source: @source is given
 * @source: source of the answers
 * @address: it, where @source is an address
 * @has_router: @router is given
 * @router: flag R
 * @has_rate: @rate is given
 * @rate: answers a second for one client
 */
struct ndp_request {
	uint32_t ifindex;
	bool has_source;
	uint32_t source;
	struct in6_addr address;
	bool has_router;
	bool router;
	bool has_rate;
	unsigned long rate;
};

/* Answers a second for one client, where nobody says otherwise. */
#define NDP_RATE_DEFAULT	1000

int ndp_parse(struct broker *broker, struct words *words, bool del, struct ndp_request *request);

/* setting.c */
long setting_get(const char *format, const char *name);
void setting_name(const char *device, const char *key, char text[64]);

/* prometheus.c */
int prometheus_command(struct broker *broker, struct words *words);

/* main.c: the module's version, where it is loaded */
bool module_version(char *version, size_t size);

/* errors.c */
int errors_show(struct broker *broker, uint32_t ifindex);
json_t *dropped_json(const struct item *item);

/* client-endpoints.c */
int client_endpoints(struct broker *broker, uint32_t ifindex);

/* client-show.c */
int client_show(struct broker *broker, const char *name, uint32_t ifindex);
struct nl_msg *client_get_message(const char *name, uint32_t ifindex);

/* client-config.c */
int client_config(struct broker *broker, struct words *words);
json_t *client_fields(json_t *client, const char *local);

json_t *client_json(const struct item *item, const struct link_info *link);
json_t *pool_json(const struct item *item);
json_t *uplink_json(const struct item *item);
json_t *filter_json(const struct item *item);
json_t *link_json(const struct item *item, bool with_counters);
json_t *drops_json(struct nlattr *nest, int type);
void counters_record(struct record *record, json_t *object);

#endif /* BROKERTOOL_H */
