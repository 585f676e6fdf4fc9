// SPDX-License-Identifier: GPL-2.0
/* brokerdns publish: the tunnel server's clients as names, kept current. */

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/sitbroker.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <poll.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "../lib/object.h"
#include "../lib/table.h"
#include "apply.h"
#include "brokerdns.h"
#include "complain.h"
#include "file.h"
#include "publish.h"
#include "verify.h"

/* Many changes come together: they are written when it is quiet, but not much later. */
#define QUIET_MS	200
#define LATEST_MS	2000
/* When it did not work. */
#define AGAIN_MS	5000
/* Where others change something. */
#define BUSY_MS		200
#define CLAIM		STATE_DIR "/.publish"

/**
 * struct publish - an invocation
 * @options: what was asked for
 * @dnsmasq: the one in question
 * @kernel: for requests
 * @events: for notifications
 * @hosts: what the file in HOSTS_DIR holds, NULL when that is not known
 * @left_out: clients without a name that is one, when that was last said
 * @said_foreign: it was said that delegations are left out
 * @stale: something has changed since the clients were read
 * @gone: the module was removed, and its clients with it
 */
struct publish {
	const struct options *options;
	struct dnsmasq dnsmasq;
	struct kernel kernel;
	struct kernel events;
	char *hosts;
	unsigned int left_out;
	bool said_foreign;
	bool stale;
	bool gone;
};

static struct ip ip_of(const struct in6_addr *address)
{
	struct ip ip = { .family = AF_INET6 };

	memcpy(ip.bytes, address, 16);
	return ip;
}

static int read_client(const struct item *item, void *arg)
{
	struct nlattr *tb[SITBROKER_A_CLIENT_MAX + 1], *attr;
	struct publication *publication = arg;
	struct in6_addr pair;
	struct prefix prefix;
	struct network network;
	struct ip address;
	int rest;

	if (nla_parse_nested(tb, SITBROKER_A_CLIENT_MAX, item->nest, NULL) ||
	    !tb[SITBROKER_A_CLIENT_NAME] || !tb[SITBROKER_A_CLIENT_PAIR] ||
	    nla_len(tb[SITBROKER_A_CLIENT_PAIR]) != sizeof(pair))
		return 0;
	/* Who is disabled answers nothing. */
	if (tb[SITBROKER_A_CLIENT_STATE] && nla_get_u32(tb[SITBROKER_A_CLIENT_STATE]))
		return 0;
	nla_memcpy(&pair, tb[SITBROKER_A_CLIENT_PAIR], sizeof(pair));
	/* The odd address of the pair is the client's. */
	pair.s6_addr[15] |= 1;
	address = ip_of(&pair);
	if (!publication_add(publication, nla_get_string(tb[SITBROKER_A_CLIENT_NAME]), &address))
		return 0;
	nla_for_each_nested(attr, item->nest, rest) {
		if (nla_type(attr) != SITBROKER_A_CLIENT_ROUTED || prefix_get(attr, &prefix))
			continue;
		network = (struct network) { ip_of(&prefix.address), prefix.length };
		publication_delegate(publication, nla_get_string(tb[SITBROKER_A_CLIENT_NAME]),
				     &network, &address);
	}
	return 0;
}

static int read_clients(struct publish *publish, struct publication *publication)
{
	struct nl_msg *msg;

	*publication = (struct publication) { .domain = publish->options->domain };
	/* To ask would load it again. */
	if (publish->gone)
		return 0;
	msg = kernel_message(SITBROKER_CMD_CLIENT_GET, NLM_F_DUMP, 4096);
	if (request_objects(&publish->kernel, msg, SITBROKER_A_CLIENT, read_client,
			    publication)) {
		complain(publish->kernel.refusal.error, "%s", publish->kernel.refusal.text);
		return -1;
	}
	publication_finish(publication);
	if (publication->left_out != publish->left_out)
		note("%u clients are left out: their names are none in the DNS, or another one's "
		     "in lower case (%s)",
		     publication->left_out, publication->left_out_name);
	publish->left_out = publication->left_out;
	return 0;
}

static bool version_before(const char *version, int major, int minor)
{
	int a, b;

	/* One that does not say is old. */
	if (sscanf(version, "%d.%d", &a, &b) != 2)
		return true;
	return a < major || (a == major && b < minor);
}

static void add_json_line(const char *line, const char *why, void *arg)
{
	(void)why;
	json_array_append_new(arg, json_string(line));
}

static void print_names(const struct options *options, const struct publication *publication)
{
	json_t *hosts, *delegations, *object;

	if (options->format != FORMAT_JSON) {
		fputs(publication->hosts.text ?: "", stdout);
		fputs(publication->delegations.text ?: "", stdout);
		return;
	}
	hosts = json_array();
	delegations = json_array();
	own_visit_rules(publication->hosts.text, add_json_line, hosts);
	own_visit_rules(publication->delegations.text, add_json_line, delegations);
	object = json_pack("{s:o,s:o}", "names", hosts, "delegations", delegations);
	/* While it goes on, an object a line. */
	json_dumpf(object, stdout, options->once ? JSON_INDENT(2) : JSON_COMPACT);
	putchar('\n');
	fflush(stdout);
	json_decref(object);
}

/* One of the names must be there once they are published. */
static void note_host(const struct publication *publication, struct verify *verify)
{
	const char *hosts = publication->hosts.text;
	char text[INET6_ADDRSTRLEN];

	if (hosts && sscanf(hosts, "%45s %253s", text, verify->host) == 2 &&
	    !ip_parse(text, &verify->host_ip))
		*verify->host = '\0';
}

static int write_hosts(struct publish *publish, const char *text, bool *wrote)
{
	int err = directory_make(STATE_DIR) ?: directory_make(HOSTS_DIR);

	/* Somebody may have taken it out, as revert does. */
	if (!err && publish->hosts && !strcmp(publish->hosts, text) &&
	    !access(HOSTS_DIR "/clients", F_OK))
		return 0;
	if (!err)
		err = file_write(HOSTS_DIR "/clients", text);
	free(publish->hosts);
	publish->hosts = NULL;
	if (err) {
		complain(-err, HOSTS_DIR " cannot be written: %s; is the disk full?",
			 strerror(-err));
		return -1;
	}
	publish->hosts = must(strdup(text));
	*wrote = true;
	return 0;
}

/*
 * What says where the names are is written once, with a restart; from then on
 * dnsmasq sees changed hosts files by itself, and reads delegations again when
 * it is told to.
 */
static void add_changes(struct publish *publish, const struct publication *publication,
			struct changes *changes)
{
	const struct dnsmasq *dnsmasq = &publish->dnsmasq;
	char path[PATH_SIZE + 64], *servers;
	struct rules lines = {};

	rules_comment(&lines, "Written by brokerdns publish, which writes it anew: do not edit.");
	rules_comment(&lines, "clients of the tunnel server, as names below %s",
		      publish->options->domain);
	rules_path(&lines, "hostsdir", HOSTS_DIR);
	rules_comment(&lines, "who has no name there has none elsewhere");
	rules_local(&lines, publish->options->domain);
	changes_add(changes, dnsmasq, own_path(dnsmasq, "publish", path, sizeof(path)),
		    lines.text);
	rules_clear(&lines);
	if (!dnsmasq->foreign_servers_file) {
		servers = own_servers_text("publish", publication->delegations.text);
		/* An empty one stays, for those to come: its name needs no restart then. */
		changes_add(changes, dnsmasq, SERVERS_FILE, servers ?: "");
		rules_path(&lines, "servers-file", SERVERS_FILE);
		changes_add(changes, dnsmasq, own_path(dnsmasq, "servers", path, sizeof(path)),
			    lines.text);
		rules_clear(&lines);
		free(servers);
	} else if (publication->delegations.n && !publish->said_foreign) {
		note("%s:%u names a servers-file already, and dnsmasq takes one: the delegations "
		     "of %u routed prefixes are left out",
		     dnsmasq->foreign_servers_file->file ?: "the command line",
		     dnsmasq->foreign_servers_file->line, publication->delegations.n);
		publish->said_foreign = true;
	}
}

static int write_names(struct publish *publish)
{
	struct dnsmasq *dnsmasq = &publish->dnsmasq;
	struct publication publication;
	struct changes changes = {};
	struct verify *verify;
	bool wrote_hosts = false, news;
	int err = 0;

	if (read_clients(publish, &publication))
		return -1;
	add_changes(publish, &publication, &changes);
	if (changes.n)
		err = changes_try(&changes, dnsmasq);
	if (!err)
		err = write_hosts(publish, publication.hosts.text ?: "", &wrote_hosts);
	if (err) {
		changes_clear(&changes);
		publication_clear(&publication);
		return -1;
	}
	/* Before 2.90 names that are gone from a file may stay. */
	if (!changes.n && wrote_hosts && version_before(dnsmasq->version, 2, 90))
		kill(dnsmasq->pid, SIGHUP);
	if (changes.n) {
		verify = must(calloc(1, sizeof(*verify)));
		note_host(&publication, verify);
		err = changes_apply(&changes, dnsmasq, verify_run, verify);
		free(verify);
	}
	news = wrote_hosts || changes.n;
	changes_clear(&changes);
	if (!err && (publish->options->once ||
		     (news && publish->options->format == FORMAT_JSON)))
		print_names(publish->options, &publication);
	publication_clear(&publication);
	return err;
}

/*
 * Each time anew: it may have been started again meanwhile. Return: 0, -1 after a
 * complaint, or 1 where somebody else is changing something.
 */
static int write_locked(struct publish *publish)
{
	int err = apply_try(publish->options->config);

	if (err)
		return err;
	err = -1;
	dnsmasq_clear(&publish->dnsmasq);
	if (!own_dnsmasq_to_apply(publish->options, &publish->dnsmasq))
		err = write_names(publish);
	apply_end();
	return err;
}

static void on_family(struct publish *publish, bool gone)
{
	publish->gone = gone;
	publish->kernel.family = publish->events.family;
	publish->stale = true;
	note(gone ? "the module was removed: no client has a name until it is back" :
		    "the module is back");
}

static int on_event(struct nl_msg *msg, void *arg)
{
	struct genlmsghdr *header = nlmsg_data(nlmsg_hdr(msg));
	struct publish *publish = arg;
	enum family_event family;

	family = kernel_family_event(&publish->events, nlmsg_hdr(msg), "config");
	if (family != FAMILY_SAME)
		on_family(publish, family == FAMILY_GONE);
	if (nlmsg_hdr(msg)->nlmsg_type != publish->events.family)
		return NL_OK;
	switch (header->cmd) {
	case SITBROKER_CMD_CLIENT_NTF:
	case SITBROKER_CMD_CLIENT_DEL_NTF:
	case SITBROKER_CMD_CLIENT_FLUSH_NTF:
	case SITBROKER_CMD_LINK_DEL_NTF:
		publish->stale = true;
	}
	return NL_OK;
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}

/* Take in the events that are there. Return: 0 or a negative errno. */
static int take_events(struct publish *publish)
{
	int err = nl_recvmsgs_default(publish->events.generic);

	if (err >= 0 || err == -NLE_AGAIN || err == -NLE_INTR)
		return 0;
	/* What libnl makes of ENOBUFS: some were lost, and all is read again. */
	if (err != -NLE_NOMEM) {
		complain(EIO, "events end: %s; start publish again", nl_geterror(err));
		return -EIO;
	}
	publish->stale = true;
	/* One of them may have said that the module went or came. */
	if (!publish->gone && kernel_join(&publish->events, "config"))
		on_family(publish, true);
	publish->kernel.family = publish->events.family;
	return 0;
}

/* The first time. Return: exit code, or -1 when told to end. */
static int begin(struct publish *publish, int signals)
{
	struct pollfd end = { signals, POLLIN, 0 };
	int err;

	while ((err = write_locked(publish)) > 0)
		if (poll(&end, 1, BUSY_MS) > 0)
			return -1;
	return err ? EXIT_FAILED : EXIT_DONE;
}

/* Until told to end. Return: exit code. */
static int follow(struct publish *publish, int signals)
{
	struct pollfd fds[] = {
		{ nl_socket_get_fd(publish->events.generic), POLLIN, 0 },
		{ signals, POLLIN, 0 },
	};
	uint64_t first = 0, last = 0, again = 0, now;
	int wait, err;

	for (;;) {
		now = now_ms();
		if ((first && (now - last >= QUIET_MS || now - first >= LATEST_MS)) ||
		    (again && now >= again)) {
			first = 0;
			again = 0;
			publish->stale = false;
			err = write_locked(publish);
			if (err > 0)
				again = now_ms() + BUSY_MS;
			/* It goes on: the next time may find dnsmasq well again. */
			if (err < 0) {
				note("the names stay as they were; it is tried again in %d s",
				     AGAIN_MS / 1000);
				again = now_ms() + AGAIN_MS;
			}
			continue;
		}
		wait = first ? QUIET_MS : again ? (int)(again - now) : -1;
		if (poll(fds, 2, wait) < 0 && errno != EINTR)
			return EXIT_FAILED;
		if (fds[1].revents)
			return EXIT_DONE;
		if (fds[0].revents && take_events(publish))
			return EXIT_FAILED;
		if (publish->stale) {
			last = now_ms();
			first = first ?: last;
			publish->stale = false;
		}
	}
}

/* A file that is locked while somebody follows, with his process in it. */
static int claim(void)
{
	int fd = directory_make(STATE_DIR) ? -1 : open(CLAIM, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

	if (fd < 0) {
		complain(errno, CLAIM " cannot be written: %s; is the disk full?", strerror(errno));
		return -1;
	}
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		complain(EBUSY, "brokerdns publish runs here already (process %d), and would write "
				"its names over these; end it first (systemctl stop brokerdns-publish)",
			 publish_running());
		close(fd);
		return -1;
	}
	if (ftruncate(fd, 0) || dprintf(fd, "%d\n", getpid()) < 0)
		complain(errno, CLAIM " cannot be written: %s; is the disk full?", strerror(errno));
	return fd;
}

pid_t publish_running(void)
{
	int fd = open(CLAIM, O_RDONLY | O_CLOEXEC);
	char text[16] = "";
	pid_t pid = 0;

	if (fd < 0)
		return 0;
	if (flock(fd, LOCK_SH | LOCK_NB) && read(fd, text, sizeof(text) - 1) > 0)
		pid = atoi(text);
	close(fd);
	return pid;
}

static int open_kernel(struct publish *publish)
{
	struct kernel *kernel = &publish->kernel;

	/* Events first: what changes while the tables are read is seen. */
	if (kernel_open(&publish->events) || kernel_watch_family(&publish->events) ||
	    kernel_join(&publish->events, "config")) {
		kernel = &publish->events;
	} else if (!kernel_open(kernel) && !kernel_family(kernel)) {
		nl_socket_disable_seq_check(publish->events.generic);
		nl_socket_set_buffer_size(publish->events.generic, 1024 * 1024, 0);
		nl_socket_modify_cb(publish->events.generic, NL_CB_VALID, NL_CB_CUSTOM, on_event,
				    publish);
		return 0;
	}
	complain(kernel->refusal.error, "%s", kernel->refusal.text);
	return EXIT_FAILED;
}

int publish_command(struct options *options)
{
	struct publish publish = { .options = options };
	int code, fd, claimed = -1;
	sigset_t signals;

	if (!options->domain) {
		complain(0, "publish needs --domain D: the clients' names end in it");
		return EXIT_USAGE;
	}
	code = open_kernel(&publish);
	if (!code && !geteuid() && !options->once) {
		claimed = claim();
		code = claimed < 0 ? EXIT_FAILED : 0;
	}
	/* From here on an end is asked for, not suffered. */
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	fd = signalfd(-1, &signals, SFD_CLOEXEC);
	if (!code)
		code = begin(&publish, fd);
	if (!code && !options->once)
		code = follow(&publish, fd);
	if (code < 0)
		code = EXIT_DONE;
	close(fd);
	if (claimed >= 0)
		close(claimed);
	kernel_close(&publish.kernel);
	kernel_close(&publish.events);
	dnsmasq_clear(&publish.dnsmasq);
	free(publish.hosts);
	return code;
}
