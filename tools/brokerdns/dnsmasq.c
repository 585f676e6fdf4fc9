// SPDX-License-Identifier: GPL-2.0
/* The dnsmasq of this host: how it runs, what it was told, what it can do. */

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../lib/table.h"
#include "dnsmasq.h"
#include "query.h"
#include "run.h"

#define NM_DIR		"/etc/NetworkManager/dnsmasq.d"
#define INIT_SCRIPT	"/etc/init.d/dnsmasq"
#define INIT_PID	"/run/dnsmasq/dnsmasq.pid"
#define OUR_FILE	"brokerdns.conf"
#define STOP_MS		5000
/* How long somebody who watches over it may take to start it again. */
#define SUPERVISOR_MS	2000

static void pause_ms(unsigned int ms)
{
	struct timespec time = { ms / 1000, ms % 1000 * 1000000L };

	nanosleep(&time, NULL);
}

/* A file of /proc as it is. Return: its length, or -1. */
static ssize_t read_proc(pid_t pid, const char *name, char *buffer, size_t size)
{
	char path[64];
	ssize_t n = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	file = fopen(path, "re");
	if (!file)
		return -1;
	n = fread(buffer, 1, size - 1, file);
	buffer[n] = '\0';
	fclose(file);
	return n;
}

static bool read_proc_link(pid_t pid, const char *name, char *buffer, size_t size)
{
	char path[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	n = readlink(path, buffer, size - 1);
	buffer[n < 0 ? 0 : n] = '\0';
	return n > 0;
}

static pid_t parent_of(pid_t pid)
{
	char stat[512], *end;

	if (read_proc(pid, "stat", stat, sizeof(stat)) < 0)
		return 0;
	/* The name may hold anything, parentheses too. */
	end = strrchr(stat, ')');
	return end ? atoi(end + 4) : 0;
}

/*
 * A name any process may give itself, so its file counts, which may have been
 * deleted by an upgrade. Where that cannot be seen, nobody is root here.
 */
static bool is_dnsmasq(pid_t pid)
{
	char comm[32], path[PATH_SIZE], *slash;

	if (read_proc(pid, "comm", comm, sizeof(comm)) <= 0 || strcmp(comm, "dnsmasq\n"))
		return false;
	if (!read_proc_link(pid, "exe", path, sizeof(path)))
		return true;
	slash = strrchr(path, '/');
	return slash && !strncmp(slash + 1, "dnsmasq", strlen("dnsmasq"));
}

/*
 * Had it more rights than its user once? Then the kernel keeps its files in /proc
 * from him. The directory itself is always his.
 */
static bool has_dropped_rights(pid_t pid, uid_t uid)
{
	struct stat file;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	return !stat(path, &file) && file.st_uid != uid;
}

/*
 * Was it started by root? Then it runs as root, dnsmasq or nobody. What a user
 * gave that name must not be run or restarted by root, and nobody is a user of
 * many servers.
 */
static bool is_of_root(pid_t pid)
{
	const struct passwd *own = getpwnam("dnsmasq"), *nobody;
	uid_t own_uid = own ? own->pw_uid : 0;
	char status[1024], *line;
	unsigned int uid;

	nobody = getpwnam("nobody");
	if (read_proc(pid, "status", status, sizeof(status)) < 0)
		return false;
	line = strstr(status, "\nUid:");
	if (!line || sscanf(line, "\nUid: %u", &uid) != 1)
		return false;
	if (!uid || uid == own_uid || uid == geteuid())
		return true;
	return nobody && uid == nobody->pw_uid && has_dropped_rights(pid, uid);
}

/* Where that cannot be seen, it is. */
static bool same_network(pid_t pid)
{
	char ours[64], theirs[64];

	return !read_proc_link(pid, "ns/net", theirs, sizeof(theirs)) ||
	       !read_proc_link(getpid(), "ns/net", ours, sizeof(ours)) || !strcmp(ours, theirs);
}

/*
 * A container's has processes or files of its own, even where it has our
 * network. Where that cannot be seen, it has none.
 */
static bool in_container(pid_t pid)
{
	char status[4096], path[64], *line;
	struct stat ours, theirs;
	int here, there;

	if (read_proc(pid, "status", status, sizeof(status)) > 0) {
		line = strstr(status, "\nNSpid:");
		if (line && sscanf(line, "\nNSpid:%*[ \t]%d%*[ \t]%d", &here, &there) == 2)
			return true;
	}
	snprintf(path, sizeof(path), "/proc/%d/root", pid);
	return !stat(path, &theirs) && !stat("/", &ours) &&
	       (ours.st_dev != theirs.st_dev || ours.st_ino != theirs.st_ino);
}

/*
 * Answers what its command line asks, and ends: another brokerdns has just run it so,
 * or an init script that looks before it starts one.
 */
static bool is_only_asked(const struct dnsmasq *dnsmasq)
{
	const struct config *config = &dnsmasq->config;

	return config_find(config, "test") || config_find(config, "version") ||
	       config_find(config, "help");
}

/*
 * Serves guests of this host, or no names at all. Those who start it for guests
 * (libvirt, LXC, LXD, Incus) keep it from answering the host itself.
 */
static bool serves_others(const struct dnsmasq *dnsmasq)
{
	const struct config *config = &dnsmasq->config;
	const struct setting *port = config_find(config, "port");
	size_t i;

	for (i = 0; i < config->n; i++)
		if (!strcmp(config->settings[i].name, "except-interface") &&
		    !strcmp(config->settings[i].value, "lo"))
			return true;
	for (i = 1; dnsmasq->argv[i]; i++)
		if (strstr(dnsmasq->argv[i], "/libvirt/") || strstr(dnsmasq->argv[i], "lxc") ||
		    strstr(dnsmasq->argv[i], "dnsmasq-shared.d"))
			return true;
	return port && !strcmp(port->value, "0");
}

/*
 * "0::/system.slice/dnsmasq.service" is a unit, but not when it is ours, too, or
 * one of ours from which it was started.
 */
static void find_unit(struct dnsmasq *dnsmasq)
{
	char theirs[1024], ours[1024], *line, *slash;

	if (access("/run/systemd/system", F_OK) ||
	    read_proc(dnsmasq->pid, "cgroup", theirs, sizeof(theirs)) < 0 ||
	    read_proc(getpid(), "cgroup", ours, sizeof(ours)) < 0 || !strcmp(theirs, ours))
		return;
	line = strstr(theirs, "0::");
	if (!line)
		return;
	line[strcspn(line, "\n")] = '\0';
	slash = strrchr(line, '/');
	if (slash && strlen(slash) > 9 && !strcmp(slash + strlen(slash) - 8, ".service") &&
	    strncmp(slash, "/brokerdns-", 11))
		snprintf(dnsmasq->unit, sizeof(dnsmasq->unit), "%s", slash + 1);
}

static void find_kind(struct dnsmasq *dnsmasq)
{
	const struct setting *setting;
	char path[PATH_SIZE];
	size_t i;

	dnsmasq->kind = DNSMASQ_NETWORKMANAGER;
	for (i = 0; i < dnsmasq->config.n; i++) {
		setting = &dnsmasq->config.settings[i];
		config_dir_path(setting->value, path, sizeof(path));
		if (!strcmp(setting->name, "conf-dir") && !setting->file && !strcmp(path, NM_DIR))
			return;
	}
	dnsmasq->kind = DNSMASQ_PROCESS;
	find_unit(dnsmasq);
	setting = config_find(&dnsmasq->config, "pid-file");
	if (*dnsmasq->unit)
		dnsmasq->kind = DNSMASQ_UNIT;
	else if (setting && !strcmp(setting->value, INIT_PID) && !access(INIT_SCRIPT, X_OK))
		dnsmasq->kind = DNSMASQ_INIT;
}

const char *dnsmasq_kind_text(const struct dnsmasq *dnsmasq)
{
	switch (dnsmasq->kind) {
	case DNSMASQ_NONE:
		return "not running";
	case DNSMASQ_NETWORKMANAGER:
		return "NetworkManager's own";
	case DNSMASQ_INIT:
		return "Debian's service";
	case DNSMASQ_UNIT:
		return strcmp(dnsmasq->unit, "dnsmasq.service") ? "a systemd service"
								: "Debian's service";
	case DNSMASQ_PROCESS:
		break;
	}
	return "a process of its own";
}

/* The first directory that reads files with our names. */
static void find_conf_dir(struct dnsmasq *dnsmasq)
{
	const struct config *config = &dnsmasq->config;
	const struct setting *setting;
	size_t i;

	for (i = 0; i < config->n; i++) {
		setting = &config->settings[i];
		if (strcmp(setting->name, "conf-dir") || *setting->value != '/' ||
		    !config_dir_reads(setting->value, OUR_FILE))
			continue;
		config_dir_path(setting->value, dnsmasq->conf_dir, sizeof(dnsmasq->conf_dir));
		return;
	}
}

static void find_servers_file(struct dnsmasq *dnsmasq)
{
	size_t i;

	for (i = 0; i < dnsmasq->config.n; i++) {
		const struct setting *setting = &dnsmasq->config.settings[i];

		if (!strcmp(setting->name, "servers-file") &&
		    strncmp(setting->value, STATE_DIR "/", sizeof(STATE_DIR)))
			dnsmasq->foreign_servers_file = setting;
	}
}

/* Nobody but root may change what root is about to run. */
static bool may_be_run(const char *path)
{
	struct stat status;

	return *path == '/' && !stat(path, &status) && S_ISREG(status.st_mode) &&
	       (!status.st_uid || status.st_uid == geteuid()) &&
	       !(status.st_mode & 0022) && !access(path, X_OK);
}

/*
 * The file that it runs, whatever it calls itself; after an upgrade the one that
 * has taken its place. The link is for root alone: others go by the name.
 */
static void find_program(struct dnsmasq *dnsmasq)
{
	static const char gone[] = " (deleted)";
	char path[PATH_SIZE], *end;

	if (!read_proc_link(dnsmasq->pid, "exe", path, sizeof(path)))
		snprintf(path, sizeof(path), "%s", dnsmasq->argv[0]);
	end = path + strlen(path) - strlen(gone);
	if (end > path && !strcmp(end, gone))
		*end = '\0';
	/* What stays empty is not run. */
	if (may_be_run(path))
		snprintf(dnsmasq->program, sizeof(dnsmasq->program), "%s", path);
	else if (*path == '/' && !access(path, X_OK))
		return;
	else if (!access("/usr/sbin/dnsmasq", X_OK))
		snprintf(dnsmasq->program, sizeof(dnsmasq->program), "/usr/sbin/dnsmasq");
	else
		snprintf(dnsmasq->program, sizeof(dnsmasq->program), "dnsmasq");
}

static void find_version(struct dnsmasq *dnsmasq)
{
	char *const argv[] = { dnsmasq->program, "--version", NULL };
	char output[512];

	if (run(argv, NULL, output, sizeof(output)) ||
	    sscanf(output, "Dnsmasq version %31s", dnsmasq->version) != 1)
		*dnsmasq->version = '\0';
}

static void find_self(struct dnsmasq *dnsmasq)
{
	const struct setting *setting = config_find(&dnsmasq->config, "port");
	unsigned int port = setting ? atoi(setting->value) : 53;
	struct resolver found;
	char text[128];
	size_t i;

	snprintf(text, sizeof(text), "127.0.0.1#%u", port ?: 53);
	if (resolver_parse(text, &dnsmasq->self))
		return;
	for (i = 0; i < dnsmasq->config.n; i++) {
		setting = &dnsmasq->config.settings[i];
		if (strcmp(setting->name, "listen-address"))
			continue;
		snprintf(text, sizeof(text), "%.*s#%u", (int)strcspn(setting->value, ","),
			 setting->value, port ?: 53);
		if (resolver_parse(text, &found))
			continue;
		dnsmasq->self = found;
		/* Everybody may ask there. */
		if (ip_loopback(&found.ip))
			break;
	}
}

/* Read its command line and all that follows from it. False where it has gone. */
static bool look_at(struct dnsmasq *dnsmasq, pid_t pid)
{
	size_t i, n = 0;
	ssize_t size;

	*dnsmasq = (struct dnsmasq) { .pid = pid };
	dnsmasq->words = must(malloc(65536));
	size = read_proc(pid, "cmdline", dnsmasq->words, 65536);
	if (size <= 0) {
		dnsmasq_clear(dnsmasq);
		return false;
	}
	for (i = 0; i < (size_t)size; i++)
		n += !dnsmasq->words[i];
	dnsmasq->argv = must(calloc(n + 2, sizeof(*dnsmasq->argv)));
	for (i = 0, n = 0; i < (size_t)size; i += strlen(dnsmasq->words + i) + 1)
		dnsmasq->argv[n++] = dnsmasq->words + i;
	if (!read_proc_link(pid, "cwd", dnsmasq->directory, sizeof(dnsmasq->directory)))
		strcpy(dnsmasq->directory, "/");
	config_read(&dnsmasq->config, dnsmasq->argv, dnsmasq->directory);
	return true;
}

/* Links may lead to the same file. */
static bool same_file(const char *a, const char *b)
{
	struct stat x, y;

	return !strcmp(a, b) || (!stat(a, &x) && !stat(b, &y) && x.st_dev == y.st_dev &&
				 x.st_ino == y.st_ino);
}

static bool has_read(const struct dnsmasq *dnsmasq, const char *file)
{
	const char *slash = strrchr(file, '/'), *name = slash ? slash + 1 : file;
	char directory[PATH_SIZE], path[PATH_SIZE];
	const struct setting *setting;
	size_t i;

	snprintf(directory, sizeof(directory), "%.*s", slash ? (int)(slash - file) + 1 : 1,
		 slash ? file : ".");
	for (i = 0; i < dnsmasq->config.n; i++) {
		setting = &dnsmasq->config.settings[i];
		config_dir_path(setting->value, path, sizeof(path));
		if ((!strcmp(setting->name, "conf-file") ||
		     !strcmp(setting->name, "servers-file")) && same_file(setting->value, file))
			return true;
		if (!strcmp(setting->name, "conf-dir") && same_file(path, directory) &&
		    config_dir_reads(setting->value, name) && !access(file, F_OK))
			return true;
	}
	/* What it reads unless told otherwise. */
	return !config_find(&dnsmasq->config, "conf-file") &&
	       same_file("/etc/dnsmasq.conf", file);
}

int dnsmasq_find(struct dnsmasq *dnsmasq, const char *file)
{
	DIR *proc = opendir("/proc");
	struct dnsmasq found;
	struct dirent *entry;
	unsigned int n = 0;
	pid_t pid;

	*dnsmasq = (struct dnsmasq) { .file = file };
	while (proc && (entry = readdir(proc))) {
		pid = atoi(entry->d_name);
		/* Children answer over TCP, or run scripts. */
		if (pid <= 0 || !is_dnsmasq(pid) || !is_of_root(pid) ||
		    is_dnsmasq(parent_of(pid)) || !same_network(pid) || in_container(pid) ||
		    !look_at(&found, pid))
			continue;
		/* Whoever is named is meant. */
		if (is_only_asked(&found) ||
		    (file ? !has_read(&found, file) : serves_others(&found))) {
			dnsmasq_clear(&found);
			continue;
		}
		find_kind(&found);
		if (found.kind < dnsmasq->kind) {
			dnsmasq_clear(&found);
			continue;
		}
		n = found.kind == dnsmasq->kind ? n + 1 : 1;
		dnsmasq_clear(dnsmasq);
		*dnsmasq = found;
		dnsmasq->file = file;
	}
	if (proc)
		closedir(proc);
	if (n != 1)
		return n;
	find_conf_dir(dnsmasq);
	find_servers_file(dnsmasq);
	find_program(dnsmasq);
	find_version(dnsmasq);
	find_self(dnsmasq);
	return 0;
}

void dnsmasq_clear(struct dnsmasq *dnsmasq)
{
	config_clear(&dnsmasq->config);
	free(dnsmasq->argv);
	free(dnsmasq->words);
	*dnsmasq = (struct dnsmasq) {};
}

bool dnsmasq_same(const struct dnsmasq *a, const struct dnsmasq *b)
{
	return a->kind == b->kind && !strcmp(a->unit, b->unit) &&
	       !strcmp(a->self.text, b->self.text);
}

bool dnsmasq_takes(const struct dnsmasq *dnsmasq, const char *line)
{
	char path[64];
	char *const argv[] = { (char *)dnsmasq->program, "--test", "-C", path, NULL };
	/* The child inherits it. */
	int fd = memfd_create("rule", 0), status = -1;

	if (fd < 0)
		return false;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (write(fd, line, strlen(line)) == (ssize_t)strlen(line) && write(fd, "\n", 1) == 1)
		status = run(argv, NULL, NULL, 0);
	close(fd);
	return !status;
}

bool dnsmasq_answers(struct dnsmasq *dnsmasq)
{
	struct query_list list = {};
	bool answered;

	if (!dnsmasq->pid)
		return false;
	query_add(&list, &dnsmasq->self, "version.bind", DNS_TXT, TRANSPORT_UDP)->chaos = true;
	query_list_run(&list, NULL);
	answered = list.items[0].state == QUERY_ANSWERED;
	query_list_clear(&list);
	return answered;
}

/* Is it named for some domains, and nowhere for all? */
static bool for_domains_only(const struct config *config, const struct resolver *resolver)
{
	struct resolver named;
	bool domains = false;
	const char *address;
	char text[128];
	size_t i;

	for (i = 0; i < config->n; i++) {
		const struct setting *setting = &config->settings[i];

		if (strcmp(setting->name, "server") && strcmp(setting->name, "rev-server"))
			continue;
		address = strrchr(setting->value, *setting->name == 'r' ? ',' : '/');
		snprintf(text, sizeof(text), "%.*s",
			 (int)strcspn(address ? address + 1 : setting->value, "@"),
			 address ? address + 1 : setting->value);
		if (resolver_parse(text, &named) || strcmp(named.text, resolver->text))
			continue;
		if (!address)
			return false;
		domains = true;
	}
	return domains;
}

/* What its files say, where it does not say so itself. */
static void upstreams_of_config(const struct dnsmasq *dnsmasq, struct resolver_list *list)
{
	const struct config *config = &dnsmasq->config;
	const struct setting *file = config_find(config, "resolv-file");
	struct resolv_conf conf = {};
	struct resolver resolver;
	char text[128];
	size_t i;

	for (i = 0; i < config->n; i++) {
		if (strcmp(config->settings[i].name, "server"))
			continue;
		snprintf(text, sizeof(text), "%.*s", (int)strcspn(config->settings[i].value, "@"),
			 config->settings[i].value);
		if (!resolver_parse(text, &resolver))
			resolver_list_add(list, &resolver);
	}
	if (config_find(config, "no-resolv"))
		return;
	resolv_conf_read(file ? file->value : "/etc/resolv.conf", &conf);
	for (i = 0; i < conf.resolvers.n; i++)
		if (strcmp(conf.resolvers.items[i].text, dnsmasq->self.text))
			resolver_list_add(list, &conf.resolvers.items[i]);
}

void dnsmasq_upstreams(const struct dnsmasq *dnsmasq, struct resolver_list *list)
{
	struct query_list queries = {};
	struct resolver resolver;
	struct answer *answer;
	unsigned int i;

	query_add(&queries, &dnsmasq->self, "servers.bind", DNS_TXT, TRANSPORT_UDP)->chaos = true;
	query_list_run(&queries, NULL);
	answer = &queries.items[0].answer;
	for (i = 0; queries.items[0].state == QUERY_ANSWERED && i < answer->n_texts; i++) {
		/* "192.0.2.53#53 17 0" */
		answer->texts[i][strcspn(answer->texts[i], " ")] = '\0';
		if (!resolver_parse(answer->texts[i], &resolver) &&
		    !for_domains_only(&dnsmasq->config, &resolver))
			resolver_list_add(list, &resolver);
	}
	query_list_clear(&queries);
	if (!list->n)
		upstreams_of_config(dnsmasq, list);
}

long dnsmasq_asked(const struct dnsmasq *dnsmasq, const struct resolver *resolver)
{
	struct query_list queries = {};
	struct resolver named;
	struct answer *answer;
	unsigned int i;
	char *count;
	long asked = -1;

	query_add(&queries, &dnsmasq->self, "servers.bind", DNS_TXT, TRANSPORT_UDP)->chaos = true;
	query_list_run(&queries, NULL);
	answer = &queries.items[0].answer;
	/* Of many it may be one that there was no room for. */
	if (queries.items[0].state == QUERY_ANSWERED && answer->n_texts &&
	    answer->n_texts < ANSWER_TEXTS)
		asked = 0;
	for (i = 0; queries.items[0].state == QUERY_ANSWERED && i < answer->n_texts; i++) {
		count = answer->texts[i] + strcspn(answer->texts[i], " ");
		if (*count)
			*count++ = '\0';
		if (!resolver_parse(answer->texts[i], &named) &&
		    !strcmp(named.text, resolver->text))
			asked = atol(count);
	}
	query_list_clear(&queries);
	return asked;
}

int dnsmasq_reload(const struct dnsmasq *dnsmasq, char *why, size_t size)
{
	/* Who has ended in the meantime reads everything when it starts. */
	if (!dnsmasq->pid)
		return dnsmasq_restart(dnsmasq, why, size);
	if (!kill(dnsmasq->pid, SIGHUP))
		return 0;
	snprintf(why, size, "dnsmasq (process %d) cannot be told to reload: %s, so start it again",
		 dnsmasq->pid, strerror(errno));
	return -1;
}

static bool gone(pid_t pid)
{
	return !is_dnsmasq(pid);
}

/* Somebody who keeps it running may have started it again by now. */
static bool came_back(const struct dnsmasq *dnsmasq)
{
	struct dnsmasq other;
	bool same = false;
	unsigned int i;

	if (!dnsmasq_find(&other, dnsmasq->file) && other.pid) {
		for (i = 0; other.argv[i] && dnsmasq->argv[i]; i++)
			if (strcmp(other.argv[i], dnsmasq->argv[i]))
				break;
		same = !other.argv[i] && !dnsmasq->argv[i];
	}
	dnsmasq_clear(&other);
	return same;
}

static int restart_process(const struct dnsmasq *dnsmasq, char *why, size_t size)
{
	bool foreground = config_find(&dnsmasq->config, "keep-in-foreground") ||
			  config_find(&dnsmasq->config, "no-daemon");
	char **argv = dnsmasq->argv, *name = argv[0];
	unsigned int waited;
	int status;

	if (dnsmasq->pid && kill(dnsmasq->pid, SIGTERM) && errno != ESRCH) {
		snprintf(why, size,
			 "dnsmasq (process %d) cannot be stopped: %s, so stop and start it",
			 dnsmasq->pid, strerror(errno));
		return -1;
	}
	for (waited = 0; dnsmasq->pid && !gone(dnsmasq->pid); waited += 20) {
		if (waited >= STOP_MS) {
			snprintf(why, size,
				 "dnsmasq (process %d) does not stop; kill -9 %d, then start it",
				 dnsmasq->pid, dnsmasq->pid);
			return -1;
		}
		pause_ms(20);
	}
	for (waited = 0; foreground && waited < SUPERVISOR_MS; waited += 100) {
		if (came_back(dnsmasq))
			return 0;
		pause_ms(100);
	}
	/* What ran, not what it was called. */
	argv[0] = (char *)dnsmasq->program;
	status = foreground ? run_detached(argv, dnsmasq->directory)
			    : run(argv, dnsmasq->directory, NULL, 0);
	argv[0] = name;
	if (!status)
		return 0;
	snprintf(why, size, "%s does not start: status %d; run its command line with --test",
		 dnsmasq->program, status);
	return -1;
}

int dnsmasq_restart(const struct dnsmasq *dnsmasq, char *why, size_t size)
{
	char *const unit[] = { "systemctl", "restart", (char *)dnsmasq->unit, NULL };
	char *const manager[] = { "nmcli", "general", "reload", "dns-full", NULL };
	char *const init[] = { INIT_SCRIPT, "restart", NULL };
	char *const *argv = NULL;
	char output[400];
	int status;

	switch (dnsmasq->kind) {
	case DNSMASQ_UNIT:
		argv = unit;
		break;
	case DNSMASQ_INIT:
		argv = init;
		break;
	case DNSMASQ_NETWORKMANAGER:
		argv = manager;
		break;
	case DNSMASQ_PROCESS:
		return restart_process(dnsmasq, why, size);
	case DNSMASQ_NONE:
		snprintf(why, size, "no dnsmasq runs; start it");
		return -1;
	}
	/* An init script leaves a daemon behind, which must not hold a pipe open. */
	status = argv == init ? run(argv, NULL, NULL, 0)
			      : run(argv, NULL, output, sizeof(output));
	if (!status)
		return 0;
	snprintf(why, size, "%s %s fails with status %d%s%s", argv[0], argv[1], status,
		 argv == init || !*output ? "" : ": ", argv == init ? "" : output);
	return -1;
}

char **dnsmasq_test_argv(const struct dnsmasq *dnsmasq)
{
	size_t n = 0, i;
	char **argv;

	while (dnsmasq->argv[n])
		n++;
	argv = must(calloc(n + 2, sizeof(*argv)));
	argv[0] = (char *)dnsmasq->program;
	argv[1] = "--test";
	for (i = 1; i < n; i++)
		argv[i + 1] = dnsmasq->argv[i];
	return argv;
}
