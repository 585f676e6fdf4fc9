// SPDX-License-Identifier: GPL-2.0
/* What a dnsmasq was told: its command line and the files that this leads to. */

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../lib/table.h"
#include "config.h"

#define DEFAULT_FILE	"/etc/dnsmasq.conf"
#define NESTING_MAX	8

/* Short options that take a value, with the long name where it matters here. */
static const struct {
	char letter;
	const char *name;
} short_options[] = {
	{ 'C', "conf-file" }, { '7', "conf-dir" }, { 'p', "port" }, { 'a', "listen-address" },
	{ 'r', "resolv-file" }, { 'S', "server" }, { 'x', "pid-file" }, { 'u', "user" },
	{ 'H', "addn-hosts" }, { 'i', "interface" }, { 'I', "except-interface" },
	{ 'B', "bogus-nxdomain" }, { 'A', "address" }, { 'F', "dhcp-range" },
	{ 'm', "" }, { 'c', "" }, { 'l', "" }, { 's', "" }, { 't', "" }, { 'g', "" },
	{ 'T', "" }, { 'Q', "" }, { 'G', "" }, { 'O', "" }, { 'M', "" }, { 'X', "" },
	{ 'V', "" }, { 'U', "" }, { 'j', "" }, { 'J', "" }, { 'P', "" }, { 'W', "" },
	{ 'Y', "" }, { '2', "" }, { '4', "" }, { '6', "" }, { '8', "" }, { '0', "" },
	{ '3', "" },
};

/* Those without one that matter here. */
static const struct {
	char letter;
	const char *name;
} short_flags[] = {
	{ 'k', "keep-in-foreground" }, { 'd', "no-daemon" }, { 'R', "no-resolv" },
	{ 'v', "version" }, { 'w', "help" },
};

static void read_file(struct config *config, const char *path, unsigned int depth);
static void read_directory(struct config *config, const char *value, unsigned int depth);

static void add(struct config *config, const char *name, const char *value, const char *file,
		unsigned int line)
{
	struct setting *setting;

	if (config->n == config->room) {
		config->room = config->room ? 2 * config->room : 64;
		config->settings = must(realloc(config->settings,
						config->room * sizeof(*config->settings)));
	}
	setting = &config->settings[config->n++];
	*setting = (struct setting) { must(strdup(name)), must(strdup(value)),
				      file ? must(strdup(file)) : NULL, line };
}

/* Follow what leads to more files. */
static void follow(struct config *config, const char *name, const char *value,
		   unsigned int depth)
{
	if (depth >= NESTING_MAX)
		return;
	if (!strcmp(name, "conf-file") || !strcmp(name, "servers-file"))
		read_file(config, value, depth + 1);
	else if (!strcmp(name, "conf-dir"))
		read_directory(config, value, depth + 1);
}

static char *trim(char *text)
{
	char *end;

	while (isspace((unsigned char)*text))
		text++;
	end = text + strlen(text);
	while (end > text && isspace((unsigned char)end[-1]))
		*--end = '\0';
	return text;
}

/* A comment begins at the start or behind a space, outside of quotes. */
static void cut_comment(char *line)
{
	bool quoted = false;
	char *c;

	for (c = line; *c; c++) {
		if (*c == '"')
			quoted = !quoted;
		else if (*c == '#' && !quoted && (c == line || isspace((unsigned char)c[-1])))
			*c = '\0';
		if (!*c)
			break;
	}
}

/* What dnsmasq read from a pipe nobody can read again: who tries waits for ever. */
static FILE *open_regular(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat status;
	FILE *file = NULL;

	if (fd >= 0 && !fstat(fd, &status) && S_ISREG(status.st_mode))
		file = fdopen(fd, "r");
	if (fd >= 0 && !file)
		close(fd);
	return file;
}

static void read_file(struct config *config, const char *path, unsigned int depth)
{
	FILE *file = open_regular(path);
	unsigned int number = 0;
	char *line = NULL, *name, *value, *equals;
	size_t size = 0;

	if (!file)
		return;
	while (getline(&line, &size, file) >= 0) {
		number++;
		cut_comment(line);
		name = trim(line);
		if (!*name)
			continue;
		equals = strchr(name, '=');
		value = "";
		if (equals) {
			*equals = '\0';
			value = trim(equals + 1);
			name = trim(name);
		}
		add(config, name, value, path, number);
		follow(config, name, value, depth);
	}
	free(line);
	fclose(file);
}

void config_dir_path(const char *value, char *path, size_t size)
{
	size_t length = strcspn(value, ",");

	while (length > 1 && value[length - 1] == '/')
		length--;
	snprintf(path, size, "%.*s", (int)length, value);
}

static bool ends_with(const char *name, const char *end, size_t length)
{
	return strlen(name) > length && !strncmp(name + strlen(name) - length, end, length);
}

bool config_dir_reads(const char *value, const char *name)
{
	const char *word = value + strcspn(value, ",");
	bool only = false, wanted = false;
	size_t length = strlen(name);

	if (!length || *name == '.' || name[length - 1] == '~' ||
	    (*name == '#' && name[length - 1] == '#'))
		return false;
	for (; *word; word += length) {
		length = strcspn(++word, ",");
		if (*word == '*' && length > 1) {
			only = true;
			wanted |= ends_with(name, word + 1, length - 1);
		} else if (length && ends_with(name, word, length)) {
			return false;
		}
	}
	return wanted || !only;
}

static void read_directory(struct config *config, const char *value, unsigned int depth)
{
	struct dirent **entries;
	char path[4096], file[4096 + 256];
	int i, n;

	config_dir_path(value, path, sizeof(path));
	n = scandir(path, &entries, NULL, alphasort);
	for (i = 0; i < n; i++) {
		snprintf(file, sizeof(file), "%s/%s", path, entries[i]->d_name);
		if (config_dir_reads(value, entries[i]->d_name))
			read_file(config, file, depth);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
}

/* Relative names count from where dnsmasq was started. */
static void add_argument(struct config *config, const char *name, const char *value,
			 const char *directory)
{
	char path[4096];

	if (directory && *value != '/' &&
	    (!strcmp(name, "conf-file") || !strcmp(name, "conf-dir") ||
	     !strcmp(name, "servers-file")))
		snprintf(path, sizeof(path), "%s/%s", directory, value);
	else
		snprintf(path, sizeof(path), "%s", value);
	add(config, name, path, NULL, 0);
}

static void read_flag(struct config *config, char letter)
{
	size_t i;

	for (i = 0; i < sizeof(short_flags) / sizeof(*short_flags); i++)
		if (short_flags[i].letter == letter)
			add(config, short_flags[i].name, "", NULL, 0);
}

/* "-C FILE", "-CFILE", "-kC FILE". Return: was the next word used? */
static bool read_short(struct config *config, const char *word, const char *next,
		       const char *directory)
{
	size_t i, n = sizeof(short_options) / sizeof(*short_options);
	const char *c;

	for (c = word + 1; *c; c++) {
		for (i = 0; i < n && short_options[i].letter != *c; i++)
			;
		if (i == n) {
			read_flag(config, *c);
			continue;
		}
		if (!c[1] && !next)
			return false;
		if (*short_options[i].name)
			add_argument(config, short_options[i].name, c[1] ? c + 1 : next,
				     directory);
		return !c[1];
	}
	return false;
}

void config_read(struct config *config, char *const *argv, const char *directory)
{
	const char *equals;
	bool named = false;
	char name[64];
	size_t i, n;

	*config = (struct config) {};
	for (i = 1; argv[0] && argv[i]; i++) {
		if (strncmp(argv[i], "--", 2)) {
			if (argv[i][0] == '-' &&
			    read_short(config, argv[i], argv[i + 1], directory))
				i++;
			continue;
		}
		equals = strchr(argv[i], '=');
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(argv[i] + 2, "="),
			 argv[i] + 2);
		if (equals)
			add_argument(config, name, equals + 1, directory);
		else if (argv[i + 1] && argv[i + 1][0] != '-')
			add_argument(config, name, argv[++i], directory);
		else
			add(config, name, "", NULL, 0);
	}
	/* Files come after the words themselves. */
	n = config->n;
	for (i = 0; i < n; i++)
		named |= !strcmp(config->settings[i].name, "conf-file");
	if (!named)
		read_file(config, DEFAULT_FILE, 0);
	for (i = 0; i < n; i++)
		follow(config, config->settings[i].name, config->settings[i].value, 0);
}

const struct setting *config_find(const struct config *config, const char *name)
{
	size_t i;

	for (i = 0; i < config->n; i++)
		if (!strcmp(config->settings[i].name, name))
			return &config->settings[i];
	return NULL;
}

void config_clear(struct config *config)
{
	size_t i;

	for (i = 0; i < config->n; i++) {
		free(config->settings[i].name);
		free(config->settings[i].value);
		free(config->settings[i].file);
	}
	free(config->settings);
	*config = (struct config) {};
}
