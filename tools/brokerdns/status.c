// SPDX-License-Identifier: GPL-2.0
/* brokerdns status and revert: what is in force, why, and out with it. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../lib/table.h"
#include "apply.h"
#include "brokerdns.h"
#include "complain.h"
#include "file.h"
#include "query.h"
#include "verify.h"

/* Files of ours in dnsmasq's directory: own_path(). */
static const char *const parts[] = { "hijack", "filter", "steer", "publish", "servers" };

#define N_PARTS	(sizeof(parts) / sizeof(*parts))

/**
 * struct report - what status says
 * @table: of rules, for people
 * @rules: the same for programs
 * @file: being reported
 * @n: rules so far
 * @n_read: those that dnsmasq has read
 * @unread: the file is newer than dnsmasq's process: it has not read it
 */
struct report {
	struct table *table;
	json_t *rules;
	const char *file;
	unsigned int n;
	unsigned int n_read;
	bool unread;
};

static void report_rule(const char *rule, const char *why, void *arg)
{
	struct report *report = arg;

	/* What leads to another file of ours is no rule by itself. */
	if (!strncmp(rule, "servers-file=", 13))
		return;
	report->n++;
	report->n_read += !report->unread;
	if (report->table)
		table_row(report->table, false, (const char *[]) { rule, why, report->file });
	json_array_append_new(report->rules, json_pack("{s:s,s:s,s:s,s:b}", "rule", rule,
						       "why", why, "file", report->file,
						       "unread", report->unread));
}

static void report_host(const char *line, const char *why, void *arg)
{
	(void)line;
	(void)why;
	++*(unsigned int *)arg;
}

/* When dnsmasq was started, in seconds since 1970. */
static time_t started(const struct dnsmasq *dnsmasq)
{
	struct timespec since_boot, now;
	char path[64], text[1024] = "";
	unsigned long long ticks = 0;
	const char *end;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", dnsmasq->pid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	end = fgets(text, sizeof(text), file) ? strrchr(text, ')') : NULL;
	fclose(file);
	/* The 22nd word; the name, which is the second, may hold anything. */
	if (!end || sscanf(end, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d "
			   "%*d %*d %*d %llu", &ticks) != 1)
		return 0;
	clock_gettime(CLOCK_BOOTTIME, &since_boot);
	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec - since_boot.tv_sec + ticks / sysconf(_SC_CLK_TCK);
}

static void report_file(struct report *report, const struct dnsmasq *dnsmasq, const char *path)
{
	char *text = file_read(path);
	struct stat status;

	if (!text)
		return;
	report->file = path;
	report->unread = !dnsmasq->pid || (!stat(path, &status) &&
					   status.st_mtime > started(dnsmasq) + 1);
	/* What it reads again while it runs. */
	if (!strcmp(path, SERVERS_FILE))
		report->unread = !dnsmasq->pid;
	own_visit_rules(text, report_rule, report);
	if (report->unread && dnsmasq->pid)
		note("%s is newer than dnsmasq's process, which has not read it", path);
	if (rules_check(text))
		note("%s:%u is no line of brokerdns; somebody has edited it", path,
		     rules_check(text));
	free(text);
}

/* Does a name that nobody has get an address there, under three zones? */
static bool missing_has_address(const struct resolver *resolver, bool *answered)
{
	static const char *const zones[] = { "com", "org", "de" };
	char label[LABEL_MAX_LEN + 1], name[NAME_SIZE];
	struct query_list list = {};
	bool has = false;
	size_t i;

	for (i = 0; i < 3; i++) {
		label_random(label);
		name_join(name, label, zones[i]);
		query_add(&list, resolver, name, DNS_A, TRANSPORT_UDP);
	}
	query_list_run(&list, NULL);
	*answered = false;
	for (i = 0; i < 3; i++) {
		*answered |= list.items[i].state == QUERY_ANSWERED &&
			     list.items[i].answer.code != DNS_REFUSED &&
			     list.items[i].answer.code != DNS_SERVFAIL;
		has |= query_has_addresses(&list.items[i]);
	}
	query_list_clear(&list);
	return has;
}

static const char *missing_text(const struct dnsmasq *dnsmasq)
{
	bool answered, has;

	if (!dnsmasq->pid)
		return "not asked";
	has = missing_has_address(&dnsmasq->self, &answered);
	return !answered ? "no answer" : has ? "an address" : "NXDOMAIN";
}

static void print_report(const struct options *options, const struct dnsmasq *dnsmasq,
			 struct report *report, unsigned int hosts)
{
	const char *missing = missing_text(dnsmasq);
	json_t *object;

	if (options->format == FORMAT_JSON) {
		object = json_pack("{s:s,s:i,s:s,s:s,s:s,s:s,s:s,s:i,s:b,s:O}",
				   "dnsmasq", dnsmasq_kind_text(dnsmasq), "pid", dnsmasq->pid,
				   "unit", dnsmasq->unit, "version", dnsmasq->version,
				   "directory", dnsmasq->conf_dir, "answers_at",
				   dnsmasq->self.text, "missing_name", missing,
				   "published_names", hosts,
				   "interrupted", apply_was_interrupted(),
				   "rules", report->rules);
		json_dumpf(object, stdout, JSON_INDENT(2));
		putchar('\n');
		json_decref(object);
		return;
	}
	if (dnsmasq->pid) {
		printf("dnsmasq:       %s, process %d, version %s, answers at %s\n",
		       dnsmasq_kind_text(dnsmasq), dnsmasq->pid,
		       *dnsmasq->version ? dnsmasq->version : "unknown", dnsmasq->self.text);
		printf("Directory:     %s\n", *dnsmasq->conf_dir ? dnsmasq->conf_dir :
		       "none: it reads no directory of configuration files");
	} else {
		puts("dnsmasq:       not running");
	}
	printf("Missing names: %s\n", missing);
	if (hosts)
		printf("Published:     %u names of clients, in " HOSTS_DIR "\n", hosts);
	if (!report->n)
		puts("Rules:         none in force");
	else if (!report->n_read)
		puts("Rules:         none in force; these are written, and dnsmasq has not read "
		     "them");
	if (report->n)
		putchar('\n');
	table_print(report->table);
}

int status_command(struct options *options)
{
	static const char *const columns[] = { "RULE", "WHY", "FILE", NULL };
	char path[PATH_SIZE + 64], *text;
	struct report report = {};
	struct dnsmasq dnsmasq;
	unsigned int hosts = 0;
	size_t i;
	int code;

	code = own_dnsmasq(options, &dnsmasq);
	if (code)
		return code;
	if (options->format != FORMAT_JSON)
		report.table = table_open(columns, true, false);
	report.rules = json_array();
	/* Where it does not run now, its files may still be where Debian has them. */
	if (!dnsmasq.pid && !access("/etc/dnsmasq.d", F_OK))
		strcpy(dnsmasq.conf_dir, "/etc/dnsmasq.d");
	for (i = 0; *dnsmasq.conf_dir && i < N_PARTS; i++)
		report_file(&report, &dnsmasq, own_path(&dnsmasq, parts[i], path, sizeof(path)));
	report_file(&report, &dnsmasq, SERVERS_FILE);
	text = file_read(HOSTS_DIR "/clients");
	own_visit_rules(text, report_host, &hosts);
	free(text);
	if (apply_was_interrupted())
		note("a change was interrupted; the next --apply or revert puts the files of "
		     "before back");
	print_report(options, &dnsmasq, &report, hosts);
	json_decref(report.rules);
	dnsmasq_clear(&dnsmasq);
	return report.n_read ? EXIT_DONE : EXIT_NOTHING;
}

static void note_publisher(void)
{
	pid_t pid = publish_running();

	if (pid)
		note("brokerdns publish still runs (process %d) and writes its names again with "
		     "the next change; end it first (systemctl stop brokerdns-publish)", pid);
}

/*
 * Names that everybody knows are as before. Those that are steered are not looked
 * at: nobody else may know them, and a rule must never be there for good.
 */
static void note_known(struct verify *verify, struct dnsmasq *dnsmasq)
{
	char path[PATH_SIZE + 64], *own, *servers, *text;

	own = file_read(own_path(dnsmasq, "steer", path, sizeof(path)));
	servers = file_read(SERVERS_FILE);
	if (asprintf(&text, "%s%s", own ?: "", servers ?: "") < 0)
		must(NULL);
	verify_note_known(verify, dnsmasq, text);
	free(text);
	free(servers);
	free(own);
}

static void add_files(json_t *files, const struct changes *changes)
{
	unsigned int i;

	for (i = 0; i < changes->n; i++)
		json_array_append_new(files, json_string(changes->items[i].path));
}

/* @files: those that went, or would go */
static int run_revert(const struct options *options, struct dnsmasq *dnsmasq, json_t *files)
{
	struct verify *verify = must(calloc(1, sizeof(*verify)));
	char path[PATH_SIZE + 64];
	struct changes changes = {};
	int code = EXIT_DONE;
	size_t i;

	for (i = 0; i < N_PARTS; i++)
		changes_add(&changes, dnsmasq, own_path(dnsmasq, parts[i], path, sizeof(path)),
			    NULL);
	changes_add(&changes, dnsmasq, SERVERS_FILE, NULL);
	add_files(files, &changes);
	if (changes.n && !options->dry_run)
		note_known(verify, dnsmasq);
	if (!changes.n)
		code = EXIT_NOTHING;
	else if (options->dry_run)
		changes_show(&changes);
	else if (changes_apply(&changes, dnsmasq, verify_run, verify))
		code = EXIT_FAILED;
	else
		note("%u files of brokerdns were taken out", changes.n);
	if (code == EXIT_DONE && !options->dry_run) {
		file_remove(HOSTS_DIR "/clients");
		rmdir(HOSTS_DIR);
		note_publisher();
	}
	changes_clear(&changes);
	free(verify);
	return code;
}

/* While no dnsmasq runs, maybe since it cannot: the files go, and that is it. */
static int revert_files(const struct options *options, json_t *files)
{
	static const char *const directories[] = { "/etc/dnsmasq.d",
						   "/etc/NetworkManager/dnsmasq.d" };
	struct dnsmasq dnsmasq = {};
	char path[PATH_SIZE + 64];
	unsigned int n = 0;
	size_t i, k;
	int err;

	for (k = 0; k < 2; k++) {
		struct changes changes = {};

		strcpy(dnsmasq.conf_dir, directories[k]);
		for (i = 0; i < N_PARTS; i++)
			changes_add(&changes, &dnsmasq,
				    own_path(&dnsmasq, parts[i], path, sizeof(path)), NULL);
		if (!k)
			changes_add(&changes, &dnsmasq, SERVERS_FILE, NULL);
		add_files(files, &changes);
		if (options->dry_run)
			changes_show(&changes);
		for (i = 0; i < changes.n && !options->dry_run; i++) {
			err = file_remove(changes.items[i].path);
			if (!err)
				continue;
			complain(-err, "%s cannot be removed: %s; remove it yourself",
				 changes.items[i].path, strerror(-err));
			changes_clear(&changes);
			return EXIT_FAILED;
		}
		n += changes.n;
		changes_clear(&changes);
	}
	if (!n)
		return EXIT_NOTHING;
	if (!options->dry_run) {
		file_remove(HOSTS_DIR "/clients");
		rmdir(HOSTS_DIR);
		note("no dnsmasq runs here; %u files of brokerdns were taken out", n);
		note_publisher();
	}
	return EXIT_DONE;
}

int revert_command(struct options *options)
{
	json_t *files = json_array(), *object;
	struct dnsmasq dnsmasq;
	int code;

	if (!options->dry_run && apply_begin(options->config)) {
		json_decref(files);
		return EXIT_FAILED;
	}
	code = own_dnsmasq(options, &dnsmasq);
	if (!code && !dnsmasq.pid && !options->config)
		code = revert_files(options, files);
	else if (!code)
		code = own_dnsmasq_to_apply(options, &dnsmasq) ?:
		       run_revert(options, &dnsmasq, files);
	dnsmasq_clear(&dnsmasq);
	apply_end();
	object = json_pack("{s:b,s:o}", "dry_run", options->dry_run, "removed", files);
	if (options->format == FORMAT_JSON && (code == EXIT_DONE || code == EXIT_NOTHING)) {
		json_dumpf(object, stdout, JSON_INDENT(2));
		putchar('\n');
	}
	json_decref(object);
	return code;
}
