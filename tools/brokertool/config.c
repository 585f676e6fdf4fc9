// SPDX-License-Identifier: GPL-2.0
/* brokertool config: links as files say they shall be. */

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../config/config.h"

/**
 * struct targets - configurations
 * @paths: their main files
 * @n: number of them
 */
struct targets {
	char **paths;
	int n;
};

static void targets_add(struct targets *targets, char *path)
{
	targets->paths = config_grow(targets->paths, targets->n, sizeof(*targets->paths));
	targets->paths[targets->n++] = must(path);
}

static void targets_free(struct targets *targets)
{
	while (targets->n)
		free(targets->paths[--targets->n]);
	free(targets->paths);
}

static int is_main(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return *entry->d_name != '.' && length > 5 && !strcmp(entry->d_name + length - 5, ".conf");
}

/* All configurations there are. Return: 0 or an exit code, after a complaint. */
static int find_all(struct broker *broker, struct targets *targets)
{
	char *directory = config_directory(broker), *path;
	struct dirent **entries;
	int n, i, code = 0;

	n = scandir(directory, &entries, is_main, alphasort);
	for (i = 0; i < n; i++) {
		if (asprintf(&path, "%s/%s", directory, entries[i]->d_name) < 0)
			path = NULL;
		targets_add(targets, path);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	if (n <= 0)
		code = refuse(broker, n < 0 ? errno : ENOENT,
			      "there is no configuration LINK.conf in \"%s\"; write one, see sitbroker.conf(5), or begin with what brokertool config save prints",
			      directory);
	free(directory);
	return code;
}

/* Is it a file? No link that has a configuration is named like that. */
static bool is_file(const char *word)
{
	size_t length = strlen(word);

	return strchr(word, '/') || (length > 5 && !strcmp(word + length - 5, ".conf"));
}

/* With a slash, so that what it names is looked for beside it. */
static char *file_path(const char *word)
{
	char *path;

	return asprintf(&path, "%s%s", strchr(word, '/') ? "" : "./", word) < 0 ? NULL : path;
}

/* LINK or FILE */
static int find(struct broker *broker, struct words *words, struct targets *targets)
{
	const char *word;

	if (!words->argc)
		return find_all(broker, targets);
	while ((word = words_next(words))) {
		if (!*word || *word == '-')
			return word_error(broker, "configuration", word,
					  "is neither the name of a link nor a file's, ./LINK.conf");
		targets_add(targets, is_file(word) ? file_path(word) : config_path(broker, word));
	}
	return 0;
}

/* A client of @x is not where @y is. Return: 0 or an exit code, after a complaint. */
static int check_clients(struct broker *broker, const struct config *x, const struct config *y)
{
	char text[INET_ADDRSTRLEN];
	size_t i;

	for (i = 0; i < x->n_clients; i++) {
		const struct config_client *client = &x->clients[i];

		if (client->endpoint.s_addr != y->local.s_addr)
			continue;
		return usage_error(broker,
				   "client \"%s\" of %s:%lu: endpoint %s is local of %s:%lu; give the client's",
				   client->name, client->origin.file, client->origin.line,
				   ipv4_text(client->endpoint, text), y->origin.file,
				   y->origin.line);
	}
	return 0;
}

/* Packets for an address, inside or outside, are one link's. */
static int check_addresses(struct broker *broker, const struct config *x, const struct config *y)
{
	char a[PREFIX_STRLEN], b[PREFIX_STRLEN];
	size_t i, j;

	if (x->local.s_addr == y->local.s_addr)
		return usage_error(broker,
				   "local %s is in %s:%lu and in %s:%lu; give each link an address of its own",
				   ipv4_text(x->local, a), y->origin.file, y->origin.line,
				   x->origin.file, x->origin.line);
	for (i = 0; i < x->n_pools; i++)
		for (j = 0; j < y->n_pools; j++) {
			const struct config_pool *p = &x->pools[i], *q = &y->pools[j];

			if (!prefix_holds(&p->prefix, &q->prefix.address) &&
			    !prefix_holds(&q->prefix, &p->prefix.address))
				continue;
			return usage_error(broker,
					   "pool %s of %s:%lu shares addresses with pool %s of %s:%lu; make them two parts",
					   prefix_text(&p->prefix, a), p->origin.file,
					   p->origin.line, prefix_text(&q->prefix, b),
					   q->origin.file, q->origin.line);
		}
	return check_clients(broker, x, y) ?: check_clients(broker, y, x);
}

/*
 * Two links cannot fill one list, nor be one, nor have the same addresses, nor
 * bounds of their own for lists.
 */
static int check_together(struct broker *broker, const struct config *configs, int n)
{
	int i, j, code;
	size_t a, b;

	for (i = 0; i < n; i++) {
		for (j = 0; j < i; j++) {
			if (!strcmp(configs[i].name, configs[j].name))
				return usage_error(broker,
						   "link \"%s\" has two configurations, \"%s\" and \"%s\"; say one of them",
						   configs[i].name, configs[j].files[0],
						   configs[i].files[0]);
			if (configs[i].memory_origin.file && configs[j].memory_origin.file &&
			    configs[i].filter_memory != configs[j].filter_memory)
				return usage_error(broker,
						   "filter-memory is not the same in %s:%lu and in %s:%lu, and all links share it; say one of them",
						   configs[j].memory_origin.file,
						   configs[j].memory_origin.line,
						   configs[i].memory_origin.file,
						   configs[i].memory_origin.line);
			for (a = 0; a < configs[i].n_lists; a++)
				for (b = 0; b < configs[j].n_lists; b++) {
					const struct config_list *x = &configs[i].lists[a];
					const struct config_list *y = &configs[j].lists[b];

					if (strcmp(x->name, y->name) || !x->n_files || !y->n_files)
						continue;
					return usage_error(broker,
							   "filter \"%s\" has files in %s:%lu and in %s:%lu; leave them out of one",
							   x->name, y->origin.file, y->origin.line,
							   x->origin.file, x->origin.line);
				}
			code = check_addresses(broker, &configs[i], &configs[j]);
			if (code)
				return code;
		}
	}
	return 0;
}

/* Read all before anything is done. Return: 0 or an exit code, after a complaint. */
static int read_all(struct broker *broker, const struct targets *targets, struct config *configs)
{
	int code = 0, i;

	for (i = 0; !code && i < targets->n; i++)
		code = config_read(broker, targets->paths[i], &configs[i]) ?:
		       config_check(broker, &configs[i]);
	return code ?: check_together(broker, configs, targets->n);
}

static int diff(struct broker *broker, struct config *configs, int n)
{
	struct plan plan = {};
	int code;

	if (broker->json)
		json_begin(broker);
	code = config_plan(broker, configs, n, &plan);
	plan_print(broker, &plan);
	if (broker->json)
		json_end(broker);
	code = code ?: plan.n ? EXIT_OK : EXIT_NOT_FOUND;
	plan_free(&plan);
	return code;
}

static int apply(struct broker *broker, struct config *configs, int n)
{
	int code;

	if (broker->json && broker->details)
		json_begin(broker);
	code = config_apply(broker, configs, n);
	if (broker->json && broker->details)
		json_end(broker);
	return code;
}

static int with_configs(struct broker *broker, struct words *words, int verb)
{
	struct targets targets = {};
	struct config *configs = NULL;
	int code, i, lock = -1;

	code = find(broker, words, &targets);
	/* What files say while another one applies is old when he is done. */
	if (!code && verb == 2) {
		lock = state_lock();
		if (lock < 0)
			code = refuse(broker, -lock,
				      "no configuration can be applied: /run/sitbroker.lock cannot be had: %s; it needs root",
				      strerror(-lock));
	}
	if (!code) {
		configs = must(calloc(targets.n + 1, sizeof(*configs)));
		code = read_all(broker, &targets, configs);
	}
	if (!code && verb == 1)
		code = diff(broker, configs, targets.n);
	if (!code && verb == 2)
		code = apply(broker, configs, targets.n);
	for (i = 0; configs && i < targets.n; i++)
		config_free(&configs[i]);
	free(configs);
	targets_free(&targets);
	if (lock >= 0)
		close(lock);
	return code;
}

/* A shell empties the file that it sends output to before anybody can read it. */
static bool is_output(const char *path)
{
	struct stat file, output;

	return !stat(path, &file) && !fstat(STDOUT_FILENO, &output) &&
	       file.st_dev == output.st_dev && file.st_ino == output.st_ino;
}

static int save_link(struct broker *broker, struct words *words)
{
	struct config running = {}, wanted = {};
	const char *name = words_next(words);
	struct link_info link;
	bool known;
	char *path;
	int code;

	if (words_end(broker, words))
		return EXIT_USAGE;
	if (!name) {
		if (link_info_get(broker, 0, &link))
			return refused(broker, NULL);
		name = link.name;
	}
	path = config_path(broker, name);
	code = config_running(broker, name, &running);
	if (!code && !running.exists)
		code = no_link(broker, name);
	if (!code && is_output(path))
		code = usage_error(broker,
				   "the output goes to \"%s\", which a shell empties before it is read; write it beside that: brokertool config save %s >%s.new && mv %s.new %s",
				   path, name, path, path, path);
	if (!code) {
		/* Only to learn where filter lists come from: it may be wrong, or not there. */
		broker->mute = true;
		known = !access(path, F_OK) && !config_read(broker, path, &wanted);
		broker->mute = false;
		config_print(&running, known ? &wanted : NULL);
	}
	free(path);
	config_free(&wanted);
	config_free(&running);
	return code;
}

int config_command(struct broker *broker, struct words *words)
{
	static const char *const verbs[] = { "check", "diff", "apply", "save", NULL };
	const char *batch = broker->batch;
	unsigned long line = broker->line;
	int verb, code;

	if (!words->argc)
		return usage_error(broker, "config needs what to do: check, diff, apply or save");
	verb = verb_parse(broker, words, "config", verbs);
	if (verb < 0)
		return EXIT_USAGE;
	/* What was set by lines before is to be seen. */
	code = endpoint_flush(broker);
	broker->batch = NULL;
	if (!code)
		code = verb == 3 ? save_link(broker, words) : with_configs(broker, words, verb);
	broker->batch = batch;
	broker->line = line;
	return code;
}
