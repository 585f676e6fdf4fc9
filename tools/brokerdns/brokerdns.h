/* SPDX-License-Identifier: GPL-2.0 */
/* What the commands share. */
#ifndef BROKERDNS_H
#define BROKERDNS_H

#include <jansson.h>

#include "dnsmasq.h"
#include "ip.h"
#include "probe.h"
#include "resolver.h"
#include "rules.h"

enum exit_code {
	EXIT_DONE = 0,
	EXIT_USAGE = 1,
	EXIT_FAILED = 2,
	EXIT_NOTHING = 3,
};

enum format {
	FORMAT_DNSMASQ,
	FORMAT_IPFILTER,
	FORMAT_JSON,
};

/**
 * struct options - an invocation
 * @words: what is no option, up to NULL
 * @n_words: how many
 * @resolvers: who to ask, if said
 * @zones: where to ask, if said
 * @n_zones: how many
 * @rounds: how often to ask or measure
 * @subnet: to ask on behalf of
 * @has_subnet: @subnet is given
 * @port: to connect to, 0 for the usual ones
 * @format: of the rules
 * @aggregate: addresses that take turns become a range
 * @ignore: ignore-address in the place of bogus-nxdomain
 * @apply: have dnsmasq follow the rules
 * @dry_run: show what that would change
 * @filter: name of a filter list in the kernel
 * @domain: of the clients' names
 * @once: and not for ever
 * @config: a file that the dnsmasq in question reads
 */
struct options {
	char **words;
	int n_words;
	struct resolver_list resolvers;
	char zones[ZONES_MAX][NAME_SIZE];
	unsigned int n_zones;
	unsigned int rounds;
	struct network subnet;
	bool has_subnet;
	unsigned int port;
	enum format format;
	bool aggregate;
	bool ignore;
	bool apply;
	bool dry_run;
	const char *filter;
	const char *domain;
	bool once;
	const char *config;
};

/* Commands: exit code. */
int hijack_command(struct options *options);
int steer_command(struct options *options);
int publish_command(struct options *options);
int filter_command(struct options *options);
int status_command(struct options *options);
int revert_command(struct options *options);

/* own.c: our files, and the dnsmasq that reads them */

/* The one in question. Return: 0 or an exit code after a complaint. */
int own_dnsmasq(const struct options *options, struct dnsmasq *dnsmasq);
/* The same where rules shall go into force: it must run and read a directory. */
int own_dnsmasq_to_apply(const struct options *options, struct dnsmasq *dnsmasq);

/*
 * Before a change that takes long to find: only root may, and nothing is left of an
 * earlier one. Return: 0 or an exit code after a complaint.
 */
int own_prepare(const struct options *options, struct dnsmasq *dnsmasq);
/*
 * With --apply: nobody else changes anything from now on, and dnsmasq is the one
 * that runs by now. Return: 0 or an exit code after a complaint; apply_end() in
 * either case.
 */
int own_begin(const struct options *options, struct dnsmasq *dnsmasq);

/* Whom to ask: those said, those it asks, those of this host. */
void own_resolvers(const struct options *options, const struct dnsmasq *dnsmasq,
		   struct resolver_list *list);

#define SERVERS_FILE	STATE_DIR "/servers"
#define HOSTS_DIR	STATE_DIR "/hosts"

/* "CONF_DIR/brokerdns-WHAT.conf" */
const char *own_path(const struct dnsmasq *dnsmasq, const char *what, char *path, size_t size);

/* Is it a rule of ours that dnsmasq has read? */
bool own_setting(const struct setting *setting);

/* Do two files hold the same rules, whatever their comments? NULL is an empty file. */
bool own_same_rules(const char *a, const char *b);

typedef void (*own_visit)(const char *rule, const char *why, void *arg);

/* Visit each rule of a file with the last comment in front of it, "" where there is none. */
void own_visit_rules(const char *text, own_visit visit, void *arg);

/* Are the rules of a file such that ignore answers, as --ignore-address chose? */
bool own_ignores(const char *text);

/*
 * The servers-file has a part of each command's: the text with @part replaced.
 * @part: "steer" or "publish"; @rules: its lines or NULL. To be freed; NULL where
 * nothing is left.
 */
char *own_servers_text(const char *part, const char *rules);
/* The lines of a part, to be freed, or NULL. */
char *own_servers_part(const char *part);

/* publish.c: the process that keeps names current, 0 where there is none */
pid_t publish_running(void);

/* filter.c: add networks to a list in the kernel, or only say so. Return: exit code. */
int filter_put(const char *list, const struct network_list *networks, bool dry_run);

/* hijack-show.c */
struct verdict;
void hijack_show(const struct probe *probe, const struct verdict *verdict);
json_t *hijack_json(const struct probe *probe, const struct verdict *verdict);

#endif /* BROKERDNS_H */
