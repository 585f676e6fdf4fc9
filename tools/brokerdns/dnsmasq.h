/* SPDX-License-Identifier: GPL-2.0 */
/* The dnsmasq of this host: how it runs, what it was told, what it can do. */
#ifndef BROKERDNS_DNSMASQ_H
#define BROKERDNS_DNSMASQ_H

#include <stdbool.h>
#include <sys/types.h>

#include "config.h"
#include "resolver.h"

#define PATH_SIZE	512
/* Where what is no configuration lies: it must outlive a restart of the host. */
#define STATE_DIR	"/var/lib/brokerdns"

/**
 * enum dnsmasq_kind - who starts it
 * @DNSMASQ_NONE: it does not run
 * @DNSMASQ_PROCESS: somebody, by hand or from a script
 * @DNSMASQ_NETWORKMANAGER: NetworkManager, for itself
 * @DNSMASQ_INIT: Debian's init script
 * @DNSMASQ_UNIT: systemd
 */
enum dnsmasq_kind {
	DNSMASQ_NONE,
	DNSMASQ_PROCESS,
	DNSMASQ_NETWORKMANAGER,
	DNSMASQ_INIT,
	DNSMASQ_UNIT,
};

/**
 * struct dnsmasq - an instance
 * @kind: who starts it
 * @file: a file that it has read, by which it was named; or NULL
 * @pid: its process, 0 while it does not run
 * @argv: its command line, up to NULL
 * @words: memory behind @argv
 * @directory: where it was started
 * @program: to run for --test and --version, and to start it again; "" where others
 *	than root may change what it runs
 * @unit: of systemd
 * @version: "2.90", or "" where it does not say
 * @config: what it was told
 * @conf_dir: where files for it go, or "" where it reads no directory
 * @foreign_servers_file: where somebody else's servers-file is named, or NULL
 * @self: where it answers
 */
struct dnsmasq {
	enum dnsmasq_kind kind;
	const char *file;
	pid_t pid;
	char **argv;
	char *words;
	char directory[PATH_SIZE];
	char program[PATH_SIZE];
	char unit[128];
	char version[32];
	struct config config;
	char conf_dir[PATH_SIZE];
	const struct setting *foreign_servers_file;
	struct resolver self;
};

/**
 * dnsmasq_find() - find the dnsmasq that resolves names for this host
 * @dnsmasq: filled in; &dnsmasq.kind is DNSMASQ_NONE where there is none
 * @file: a configuration file that it must have read, or NULL
 *
 * Only dnsmasq's program counts, whatever else calls itself so, and only if root
 * has started it, in this network namespace and in no container, and not to --test a
 * configuration; unless one is named, not those of libvirt and the like either, which
 * serve guests.
 *
 * Return: 0, or the number of instances where it is not clear which one.
 */
int dnsmasq_find(struct dnsmasq *dnsmasq, const char *file);
void dnsmasq_clear(struct dnsmasq *dnsmasq);

/* "Debian's service", for people. */
const char *dnsmasq_kind_text(const struct dnsmasq *dnsmasq);

/* Are they one and the same, before and after it was started again? */
bool dnsmasq_same(const struct dnsmasq *a, const struct dnsmasq *b);

/* Does its program take such a line in a configuration file? */
bool dnsmasq_takes(const struct dnsmasq *dnsmasq, const char *line);

/* Does it answer, whatever? */
bool dnsmasq_answers(struct dnsmasq *dnsmasq);

/* Those it asks about everything, without those for some domains only. */
void dnsmasq_upstreams(const struct dnsmasq *dnsmasq, struct resolver_list *list);

/* How often it has asked that one, as it says; -1 where it does not say so. */
long dnsmasq_asked(const struct dnsmasq *dnsmasq, const struct resolver *resolver);

/* Carry out what it needs to see changes. Return: 0, or -1 with the reason in @why. */
int dnsmasq_restart(const struct dnsmasq *dnsmasq, char *why, size_t size);
int dnsmasq_reload(const struct dnsmasq *dnsmasq, char *why, size_t size);

/* The command line that --test takes, to be freed with its array alone. */
char **dnsmasq_test_argv(const struct dnsmasq *dnsmasq);

#endif /* BROKERDNS_DNSMASQ_H */
