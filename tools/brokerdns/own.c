// SPDX-License-Identifier: GPL-2.0
/* Our files, and the dnsmasq that reads them. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/table.h"
#include "apply.h"
#include "brokerdns.h"
#include "complain.h"
#include "file.h"

#define SYSTEMD_RESOLV_CONF	"/run/systemd/resolve/resolv.conf"
#define PART_MARK		"# part: "

int own_dnsmasq(const struct options *options, struct dnsmasq *dnsmasq)
{
	int n = dnsmasq_find(dnsmasq, options->config);

	if (!n)
		return 0;
	complain(0, "%d dnsmasq run here, and any could be meant; name a file that the right one "
		    "reads with --config",
		 n);
	dnsmasq_clear(dnsmasq);
	return EXIT_USAGE;
}

/* The one in question where it only helps to know it: of several, none is asked. */
static int dnsmasq_to_ask(const struct options *options, struct dnsmasq *dnsmasq)
{
	if (options->config)
		return own_dnsmasq(options, dnsmasq);
	if (!dnsmasq_find(dnsmasq, NULL))
		return 0;
	note("several dnsmasq run here; none is asked (--config)");
	dnsmasq_clear(dnsmasq);
	return 0;
}

int own_dnsmasq_to_apply(const struct options *options, struct dnsmasq *dnsmasq)
{
	int code = own_dnsmasq(options, dnsmasq);

	if (code)
		return code;
	if (!dnsmasq->pid) {
		complain(ESRCH, "no dnsmasq runs here%s%s; start it first (systemctl start "
				"dnsmasq), or take the rules from standard output",
			 options->config ? " that reads " : "", options->config ?: "");
		return EXIT_FAILED;
	}
	if (!*dnsmasq->program) {
		complain(EPERM, "the program of dnsmasq (process %d) can be changed by others than "
				"root, so root does not run it; give it to root (chown, chmod)",
			 dnsmasq->pid);
		dnsmasq_clear(dnsmasq);
		return EXIT_FAILED;
	}
	if (*dnsmasq->conf_dir)
		return 0;
	complain(ENOTDIR, "the dnsmasq that runs here (process %d) reads no directory of "
			  "configuration files; add conf-dir=/etc/dnsmasq.d,*.conf to its file "
			  "and start it again",
		 dnsmasq->pid);
	dnsmasq_clear(dnsmasq);
	return EXIT_FAILED;
}

int own_prepare(const struct options *options, struct dnsmasq *dnsmasq)
{
	if (options->apply && apply_prepare(options->config))
		return EXIT_FAILED;
	if (options->apply || options->dry_run)
		return own_dnsmasq_to_apply(options, dnsmasq);
	return dnsmasq_to_ask(options, dnsmasq);
}

int own_begin(const struct options *options, struct dnsmasq *dnsmasq)
{
	if (!options->apply)
		return 0;
	if (apply_begin(options->config))
		return EXIT_FAILED;
	dnsmasq_clear(dnsmasq);
	return own_dnsmasq_to_apply(options, dnsmasq);
}

void own_resolvers(const struct options *options, const struct dnsmasq *dnsmasq,
		   struct resolver_list *list)
{
	struct resolv_conf conf = {};
	size_t i;

	*list = options->resolvers;
	if (list->n)
		return;
	/* Asked itself, dnsmasq would hide what its rules hide already. */
	if (dnsmasq->pid)
		dnsmasq_upstreams(dnsmasq, list);
	if (list->n)
		return;
	resolv_conf_read("/etc/resolv.conf", &conf);
	if (conf.resolvers.n == 1 && !strcmp(conf.resolvers.items[0].text, "127.0.0.53"))
		resolv_conf_read(SYSTEMD_RESOLV_CONF, &conf);
	for (i = 0; i < conf.resolvers.n; i++)
		if (conf.resolvers.n == 1 || strcmp(conf.resolvers.items[i].text, "127.0.0.53"))
			resolver_list_add(list, &conf.resolvers.items[i]);
}

const char *own_path(const struct dnsmasq *dnsmasq, const char *what, char *path, size_t size)
{
	snprintf(path, size, "%s/brokerdns-%s.conf", dnsmasq->conf_dir, what);
	return path;
}

bool own_setting(const struct setting *setting)
{
	const char *name = setting->file ? strrchr(setting->file, '/') : NULL;

	return name && (!strncmp(name, "/brokerdns-", strlen("/brokerdns-")) ||
			!strcmp(setting->file, SERVERS_FILE));
}

void own_visit_rules(const char *text, own_visit visit, void *arg)
{
	char line[1024], why[1024] = "";
	const char *end;

	for (; text && *text; text = *end ? end + 1 : end) {
		end = text + strcspn(text, "\n");
		snprintf(line, sizeof(line), "%.*s", (int)(end - text), text);
		if (!strncmp(line, PART_MARK, strlen(PART_MARK)))
			*why = '\0';
		else if (*line == '#')
			snprintf(why, sizeof(why), "%s", line + (line[1] == ' ' ? 2 : 1));
		else if (*line)
			visit(line, why, arg);
	}
}

static void see_ignore(const char *rule, const char *why, void *arg)
{
	(void)why;
	*(bool *)arg |= !strncmp(rule, "ignore-address=", 15);
}

bool own_ignores(const char *text)
{
	bool ignores = false;

	own_visit_rules(text, see_ignore, &ignores);
	return ignores;
}

static void add_rule(const char *rule, const char *why, void *arg)
{
	(void)why;
	fprintf(arg, "%s\n", rule);
}

static char *rules_only(const char *text)
{
	char *only = NULL;
	size_t size = 0;
	FILE *stream = must(open_memstream(&only, &size));

	own_visit_rules(text, add_rule, stream);
	fclose(stream);
	return must(only);
}

bool own_same_rules(const char *a, const char *b)
{
	char *x = rules_only(a), *y = rules_only(b);
	bool same = !strcmp(x, y);

	free(x);
	free(y);
	return same;
}

/* Copy the lines of a part, or those of all others. */
static char *filter_parts(const char *text, const char *part, bool others)
{
	char *kept = NULL;
	bool inside = false;
	const char *end;
	size_t size = 0;
	FILE *stream = must(open_memstream(&kept, &size));

	for (; text && *text; text = *end ? end + 1 : end) {
		end = text + strcspn(text, "\n");
		if (!strncmp(text, PART_MARK, strlen(PART_MARK))) {
			inside = !strncmp(text + strlen(PART_MARK), part, strlen(part));
			if (!others)
				continue;
		}
		if (inside != others)
			fprintf(stream, "%.*s\n", (int)(end - text), text);
	}
	fclose(stream);
	if (size)
		return kept;
	free(kept);
	return NULL;
}

char *own_servers_part(const char *part)
{
	char *text = file_read(SERVERS_FILE);
	char *lines = filter_parts(text, part, false);

	free(text);
	return lines;
}

char *own_servers_text(const char *part, const char *rules)
{
	char *before = file_read(SERVERS_FILE), *text = NULL;
	char *others = filter_parts(before, part, true);

	if (asprintf(&text, "%s%s%s%s%s", others ?: "", rules ? PART_MARK : "",
		     rules ? part : "", rules ? "\n" : "", rules ?: "") < 0)
		must(NULL);
	free(before);
	free(others);
	if (*text)
		return text;
	free(text);
	return NULL;
}
