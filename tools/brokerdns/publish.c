// SPDX-License-Identifier: GPL-2.0
/* brokerdns publish: the tunnel server's clients as names, kept current. */

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/sitbroker.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

/* Many changes come together: they are written when it is quiet, but not much later. */
#define QUIET_MS	200
#define LATEST_MS	2000
/* When it did not work. */
#define AGAIN_MS	5000

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
		publication_delegate(publication, &network, &address);
	}
	return 0;
}

static int read_clients(struct publish *publish, struct publication *publication)
{
	struct nl_msg *msg = kernel_message(SITBROKER_CMD_CLIENT_GET, NLM_F_DUMP, 4096);

	*publication = (struct publication) { .domain = publish->options->domain };
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
	json_dumpf(object, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(object);
}

static int write_hosts(struct publish *publish, const char *text, bool *wrote)
{
	int err = directory_make(STATE_DIR) ?: directory_make(HOSTS_DIR);

	if (!err && publish->hosts && !strcmp(publish->hosts, text))
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
static int write_names(struct publish *publish)
{
	struct dnsmasq *dnsmasq = &publish->dnsmasq;
	struct publication publication;
	char path[PATH_SIZE + 64], *servers;
	struct rules lines = {};
	struct changes changes = {};
	bool wrote_hosts = false;
	int err = 0;

	if (read_clients(publish, &publication))
		return -1;
	rules_comment(&lines, "Written by brokerdns publish, which writes it anew: do not edit.");
	rules_path(&lines, "hostsdir", HOSTS_DIR);
	changes_add(&changes, dnsmasq, own_path(dnsmasq, "publish", path, sizeof(path)),
		    lines.text);
	rules_clear(&lines);
	if (!dnsmasq->foreign_servers_file) {
		servers = own_servers_text("publish", publication.delegations.text);
		/* An empty one stays, for those to come: its name needs no restart then. */
		changes_add(&changes, dnsmasq, SERVERS_FILE, servers ?: "");
		rules_path(&lines, "servers-file", SERVERS_FILE);
		changes_add(&changes, dnsmasq, own_path(dnsmasq, "servers", path, sizeof(path)),
			    lines.text);
		rules_clear(&lines);
		free(servers);
	} else if (publication.delegations.n && !publish->said_foreign) {
		note("%s:%u names a servers-file already, and dnsmasq takes one: the delegations "
		     "of %u routed prefixes are left out",
		     dnsmasq->foreign_servers_file->file ?: "the command line",
		     dnsmasq->foreign_servers_file->line, publication.delegations.n);
		publish->said_foreign = true;
	}
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
	if (changes.n)
		err = changes_apply(&changes, dnsmasq, NULL, NULL);
	changes_clear(&changes);
	if (publish->options->once && !err)
		print_names(publish->options, &publication);
	publication_clear(&publication);
	return err;
}

/* Each time anew: it may have been started again meanwhile. */
static int write_locked(struct publish *publish)
{
	int err = -1;

	if (apply_begin(publish->options->config))
		return -1;
	dnsmasq_clear(&publish->dnsmasq);
	if (!own_dnsmasq_to_apply(publish->options, &publish->dnsmasq))
		err = write_names(publish);
	apply_end();
	return err;
}

static int on_event(struct nl_msg *msg, void *arg)
{
	struct genlmsghdr *header = nlmsg_data(nlmsg_hdr(msg));
	struct publish *publish = arg;

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
	return 0;
}

/* Until told to end. Return: exit code. */
static int follow(struct publish *publish, int signals)
{
	struct pollfd fds[] = {
		{ nl_socket_get_fd(publish->events.generic), POLLIN, 0 },
		{ signals, POLLIN, 0 },
	};
	uint64_t first = 0, last = 0, again = 0, now;
	int wait;

	for (;;) {
		now = now_ms();
		if ((first && (now - last >= QUIET_MS || now - first >= LATEST_MS)) ||
		    (again && now >= again)) {
			first = 0;
			again = 0;
			publish->stale = false;
			/* It goes on: the next time may find dnsmasq well again. */
			if (write_locked(publish)) {
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

static int open_kernel(struct publish *publish)
{
	struct kernel *kernel = &publish->kernel;

	/* Events first: what changes while the tables are read is seen. */
	if (kernel_open(&publish->events) || kernel_join(&publish->events, "config")) {
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
	sigset_t signals;
	int code, fd;

	if (!options->domain) {
		complain(0, "publish needs --domain D: the clients' names end in it");
		return EXIT_USAGE;
	}
	code = open_kernel(&publish);
	/* From here on an end is asked for, not suffered. */
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	fd = signalfd(-1, &signals, SFD_CLOEXEC);
	if (!code && write_locked(&publish))
		code = EXIT_FAILED;
	if (!code && !options->once)
		code = follow(&publish, fd);
	close(fd);
	kernel_close(&publish.kernel);
	kernel_close(&publish.events);
	dnsmasq_clear(&publish.dnsmasq);
	free(publish.hosts);
	return code;
}
