// SPDX-License-Identifier: GPL-2.0
/*
 * Reading LINK.conf and LINK.conf.d/NAME.conf.
 *
 * libconfuse takes the files apart, config-words.c knows what their words
 * mean. A section is handed over as soon as it ends and forgotten: libconfuse
 * looks through all of them for each new one.
 */

#include <confuse.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../lib/words.h"
#include "config-words.h"

/* A larger one is no configuration. */
#define FILE_MAX	(256 * 1024 * 1024)

/*
 * libconfuse takes the end of a file for that of a section. This word, which
 * nobody can type, is appended, and is known outside of sections only.
 */
#define END_WORD	"\001end"
#define END_LINE	END_WORD " = 1\n"
#define END_SIZE	(sizeof(END_LINE) - 1)

/* What some editors put in front of UTF-8. */
#define MARK		"\xef\xbb\xbf"
#define MARK_SIZE	(sizeof(MARK) - 1)

/* libconfuse hands nothing to those it calls. */
static struct reader *reader;

/* The sections' words, NULL-terminated, to look for what was meant. */
static const char *const link_keys[] = { "local", "public", "ttl", "tos", "mtu",
					 "client-to-client", "clients-max", "pools-max", "down",
					 "forwarding", "accept-ra", "nonlocal-bind",
					 "filter-memory", "pool", "client", "ndp", "filter", NULL };
static const char *const pool_keys[] = { "pair", "routed", NULL };
static const char *const client_keys[] = { "endpoint", "pair", "routed", "mtu", "pmtudisc",
					   "filter", "disable", NULL };
static const char *const ndp_keys[] = { "source", "router", "rate", NULL };
static const char *const filter_keys[] = { "files", "format", "level", "action", "max-errors",
					   "attach", NULL };

static void forget(struct word *words, size_t *n)
{
	while (*n) {
		--*n;
		free(words[*n].key);
		free(words[*n].value);
	}
}

/* libconfuse has read KEY = VALUE, or one value of a list. */
static int on_value(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result)
{
	bool in_section = strcmp(cfg->name, "root");
	struct word **words = in_section ? &reader->words : &reader->link_words;
	size_t *n = in_section ? &reader->n : &reader->n_link, i;
	struct word *word;

	/* Not the text itself: libconfuse frees what was there before. */
	*(const char **)result = "";
	if (!strcmp(opt->name, END_WORD)) {
		reader->ended = true;
		return 0;
	}
	reader->broker->line = cfg->line;
	/* The values of a list add up, until it is said anew. */
	for (i = 0; opt->nvalues == 1 && i < *n; i++)
		if (!strcmp((*words)[i].key, opt->name)) {
			reader->code = usage_error(reader->broker,
						   "\"%s\" is said twice; say it once", opt->name);
			return -1;
		}
	*words = config_grow(*words, *n, sizeof(**words));
	word = &(*words)[(*n)++];
	*word = (struct word) {
		.key = must(strdup(opt->name)),
		.value = must(strdup(value)),
		.first = opt->nvalues == 1,
		.line = cfg->line,
	};
	if (!in_section)
		reader->code = words_link(reader, word);
	return reader->code ? -1 : 0;
}

/* libconfuse has read a section up to its end. */
static int on_section(cfg_t *cfg, cfg_opt_t *opt)
{
	char *title = must(strdup(opt->values[opt->nvalues - 1]->section->title));

	/* The line where the section begins is not known; the first word is near. */
	reader->broker->line = reader->n ? reader->words[0].line : (unsigned long)cfg->line;
	reader->code = words_section(reader, opt->name, title);
	forget(reader->words, &reader->n);
	cfg_opt_rmnsec(opt, opt->nvalues - 1);
	free(title);
	return reader->code ? -1 : 0;
}

/* Which word was meant? */
static void unknown_word(cfg_t *cfg, const char *word)
{
	static const struct {
		const char *section;
		const char *const *keys;
	} sections[] = {
		{ "root", link_keys },
		{ "pool", pool_keys },
		{ "client", client_keys },
		{ "ndp", ndp_keys },
		{ "filter", filter_keys },
	};
	char complaint[256];
	unsigned int i;

	for (i = 0; i < sizeof(sections) / sizeof(*sections); i++) {
		if (strcmp(sections[i].section, cfg->name))
			continue;
		/* An abbreviation is none here: files are to be read by others, too. */
		if (word_match(word, sections[i].keys, "word", complaint, sizeof(complaint)) >= 0)
			snprintf(complaint, sizeof(complaint),
				 "unknown word \"%s\"; words are not abbreviated here", word);
		usage_error(reader->broker, "%s", complaint);
		return;
	}
	usage_error(reader->broker, "unknown word \"%s\"; see sitbroker.conf(5)", word);
}

/* libconfuse complains. */
static void on_error(cfg_t *cfg, const char *format, va_list args)
{
	char text[256];
	const char *word;

	if (reader->code)
		return;
	reader->code = EXIT_USAGE;
	reader->broker->line = cfg->line;
	if (!strcmp(format, "no such option '%s'")) {
		word = va_arg(args, const char *);
		if (strcmp(word, END_WORD)) {
			unknown_word(cfg, word);
			return;
		}
		reader->broker->line--;
		usage_error(reader->broker,
			    "the file ends within section \"%s\" \"%s\"; is a } missing?",
			    cfg->name, cfg->title ?: "");
		return;
	}
	vsnprintf(text, sizeof(text), format, args);
	usage_error(reader->broker, "%s; see sitbroker.conf(5)", text);
}

/* Where a string in quotes ends: behind it, or at the end of the text. */
static char *string_end(char *text, const char *end)
{
	char quote = *text++;

	for (; text < end && *text != quote; text++)
		if (*text == '\\' && text + 1 < end)
			text++;
	return text < end ? text + 1 : text;
}

/*
 * Put spaces in the place of comments: libconfuse 3.3 counts their lines several
 * times, and takes none in a list. Return: where one begins that has no end, or
 * NULL.
 */
static char *blank_comments(char *text, size_t size)
{
	char *end = text + size, *begin;
	bool in_word = false, block;

	while (text < end) {
		block = !in_word && text + 1 < end && text[0] == '/' && text[1] == '*';
		begin = text;
		if (*text == '"' || *text == '\'') {
			text = string_end(text, end);
			in_word = false;
		} else if (block) {
			text = memmem(text + 2, end - text - 2, "*/", 2);
			if (!text)
				return begin;
			for (text += 2; begin < text; begin++)
				if (*begin != '\n')
					*begin = ' ';
		} else if (*text == '#' ||
			   (!in_word && text + 1 < end && text[0] == '/' && text[1] == '/')) {
			while (text < end && *text != '\n')
				*text++ = ' ';
			in_word = false;
		} else {
			in_word = !strchr(" \t\r\n={}()+,", *text);
			text++;
		}
	}
	return NULL;
}

static const char blanks[] = " \t\r\n";

/*
 * Which "=" gives a word a list of nothing, or NULL; comments are blanks by then.
 * libconfuse takes it for a word that is not there, and what nobody says has a default.
 */
static char *empty_list(char *text, const char *end)
{
	char *begin, *behind, *sign;

	while (text < end) {
		if (*text == '"' || *text == '\'') {
			text = string_end(text, end);
			continue;
		}
		sign = text++;
		if (*sign != '=')
			continue;
		begin = text + strspn(text, blanks);
		if (*begin != '{')
			continue;
		behind = begin + 1 + strspn(begin + 1, blanks);
		if (*behind == '}')
			return sign;
	}
	return NULL;
}

static void parse(char *text, size_t size)
{
#define WORD(name)	CFG_STR_CB(name, NULL, CFGF_NODEFAULT, on_value)
#define WORDS(name)	CFG_STR_LIST_CB(name, NULL, CFGF_NODEFAULT, on_value)
#define SECTION(name)	CFG_SEC(#name, name##_words, CFGF_MULTI | CFGF_TITLE)
	cfg_opt_t pool_words[] = { WORD("pair"), WORD("routed"), CFG_END() };
	cfg_opt_t client_words[] = {
		WORD("endpoint"), WORD("pair"), WORDS("routed"), WORD("mtu"), WORD("pmtudisc"),
		WORD("filter"), WORD("disable"), CFG_END()
	};
	cfg_opt_t ndp_words[] = { WORD("source"), WORD("router"), WORD("rate"), CFG_END() };
	cfg_opt_t filter_words[] = {
		WORDS("files"), WORD("format"), WORD("level"), WORD("action"), WORD("max-errors"),
		WORDS("attach"), CFG_END()
	};
	cfg_opt_t words[] = {
		WORD("local"), WORD("public"), WORD("ttl"), WORD("tos"), WORD("mtu"),
		WORD("client-to-client"), WORD("clients-max"), WORD("pools-max"), WORD("down"),
		WORD("forwarding"), WORDS("accept-ra"), WORD("nonlocal-bind"),
		WORD("filter-memory"), WORD(END_WORD),
		SECTION(pool), SECTION(client), SECTION(ndp), SECTION(filter), CFG_END()
	};
	static const char *const sections[] = { "pool", "client", "ndp", "filter" };
	cfg_t *cfg = must(cfg_init(words, CFGF_NONE));
	FILE *stream = must(fmemopen(text, size, "r"));
	unsigned int i;

	cfg_set_error_function(cfg, on_error);
	for (i = 0; i < sizeof(sections) / sizeof(*sections); i++)
		cfg_set_validate_func(cfg, sections[i], on_section);
	if (cfg_parse_fp(cfg, stream) && !reader->code)
		reader->code = usage_error(reader->broker,
					   "this is no configuration; see sitbroker.conf(5)");
	/* A { } of a value or a quote may hide the end, too. */
	if (!reader->code && !reader->ended)
		reader->code = usage_error(reader->broker,
					   "the file ends too early; is a } or a quote missing?");
	cfg_free(cfg);
	fclose(stream);
}

/* Read a regular file with the word for its end behind. Return: 0 or a negative errno. */
static int load_file(const char *path, char **text, size_t *size)
{
	/* Not waiting: nobody may ever write to a pipe. */
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC), err = 0;
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
	struct stat st;

	if (!file) {
		err = -errno;
		if (fd >= 0)
			close(fd);
		return err;
	}
	if (fstat(fd, &st))
		err = -errno;
	else if (!S_ISREG(st.st_mode))
		err = S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
	else if (st.st_size > FILE_MAX)
		err = -EFBIG;
	if (!err) {
		*text = must(malloc(st.st_size + 1 + sizeof(END_LINE)));
		*size = fread(*text, 1, st.st_size, file);
		if (ferror(file))
			err = -errno;
		else
			*size += sprintf(*text + *size, "%s%s",
					 *size && (*text)[*size - 1] == '\n' ? "" : "\n",
					 END_LINE);
		if (!err && *size >= MARK_SIZE && !memcmp(*text, MARK, MARK_SIZE))
			memset(*text, ' ', MARK_SIZE);
		if (err)
			free(*text);
	}
	fclose(file);
	return err;
}

static unsigned long line_of(const char *text, const char *at)
{
	unsigned long line = 1;

	for (; text < at; text++)
		line += *text == '\n';
	return line;
}

static int open_comment(struct broker *broker, unsigned long line)
{
	broker->line = line;
	return usage_error(broker, "the comment that begins here has no end; is a */ missing?");
}

/* @sign: behind the word whose list is empty */
static int no_values(struct broker *broker, const char *text, const char *sign)
{
	const char *word;

	/* "+=" adds to a list. */
	while (sign > text && strchr(" \t\r\n+", sign[-1]))
		sign--;
	for (word = sign; word > text && !strchr(" \t\r\n{}", word[-1]); word--)
		;
	broker->line = line_of(text, sign);
	return usage_error(broker,
			   "\"%.*s\" has an empty list; leave it out, or say what (routed = none)",
			   (int)(sign - word), word);
}

static bool is_symlink(const char *path)
{
	struct stat st;

	return !lstat(path, &st) && S_ISLNK(st.st_mode);
}

static int cannot_read(struct broker *broker, const char *path, const struct config *config,
		       int err)
{
	if (err == -ENOENT && is_symlink(path))
		return refuse(broker, ENOENT,
			      "configuration \"%s\" is a symbolic link that leads nowhere; mend or remove it",
			      path);
	/* Those behind the first are parts. */
	if (err == -ENOENT && !config->n_files)
		return refuse(broker, ENOENT,
			      "link \"%s\" has no configuration %s; write one, see sitbroker.conf(5), or begin with what brokertool config save %s prints",
			      config->name, path, config->name);
	return refuse(broker, -err,
		      "configuration \"%s\" cannot be read: %s; it must be a file that root can read",
		      path, strerror(-err));
}

static int read_file(struct broker *broker, const char *path, struct config *config)
{
	struct reader here = { .broker = broker, .config = config };
	char *text = NULL, *open, *empty;
	size_t size = 0;
	int err;

	err = load_file(path, &text, &size);
	if (err)
		return cannot_read(broker, path, config, err);
	config->files = config_grow(config->files, config->n_files, sizeof(*config->files));
	here.file = must(strdup(path));
	config->files[config->n_files++] = (char *)here.file;
	reader = &here;
	broker->batch = here.file;
	broker->line = 1;
	open = blank_comments(text, size - END_SIZE);
	empty = open ? NULL : empty_list(text, text + size);
	if (memchr(text, '\0', size) || memchr(text, *END_WORD, size - END_SIZE))
		here.code = usage_error(broker,
					"this is no text, and no configuration; see sitbroker.conf(5)");
	else if (open)
		here.code = open_comment(broker, line_of(text, open));
	else if (empty)
		here.code = no_values(broker, text, empty);
	else
		parse(text, size);
	forget(here.words, &here.n);
	forget(here.link_words, &here.n_link);
	free(here.words);
	free(here.link_words);
	free(text);
	reader = NULL;
	broker->batch = NULL;
	return here.code;
}

static int is_part(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return *entry->d_name != '.' && length > 5 && !strcmp(entry->d_name + length - 5, ".conf");
}

/**
 * config_read() - read the configuration of a link
 * @broker: the invocation
 * @path: its main file; those in @path.d follow it, in the order of their names
 * @config: what they say, to be freed whatever is returned
 *
 * Return: 0 or an exit code, after a complaint.
 */
int config_read(struct broker *broker, const char *path, struct config *config)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	const char *dot = strstr(base, ".conf");
	struct dirent **parts = NULL;
	char name[64], *part;
	char *directory;
	int n, i, code;

	snprintf(name, sizeof(name), "%.*s", (int)(dot ? dot - base : (long)strlen(base)), base);
	config_init(config, name);
	if (!dot || dot[5])
		return usage_error(broker,
				   "\"%s\" is not named as a configuration is; name it LINK.conf",
				   path);
	code = link_name_check(broker, name);
	if (!code)
		code = read_file(broker, path, config);
	if (asprintf(&directory, "%s.d", path) < 0)
		directory = must(NULL);
	n = code ? 0 : scandir(directory, &parts, is_part, alphasort);
	if (n < 0 && errno != ENOENT && !code)
		code = refuse(broker, errno,
			      "the parts of the configuration in \"%s\" cannot be read: %s; make it a directory that root can read",
			      directory, strerror(errno));
	for (i = 0; i < n; i++) {
		if (asprintf(&part, "%s/%s", directory, parts[i]->d_name) < 0)
			part = must(NULL);
		code = code ?: read_file(broker, part, config);
		free(part);
		free(parts[i]);
	}
	free(parts);
	free(directory);
	return code;
}
