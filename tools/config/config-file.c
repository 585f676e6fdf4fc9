// SPDX-License-Identifier: GPL-2.0
/*
 * Reading LINK.conf and LINK.conf.d/NAME.conf.
 *
 * libconfuse takes the files apart; what a word may say is for the parsers of
 * the commands to judge, so that there is one vocabulary. A section is handed
 * over as soon as it ends and forgotten: libconfuse looks through all of them
 * for each new one.
 */

#include <confuse.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../lib/words.h"
#include "config.h"

/* A larger one is no configuration. */
#define FILE_MAX	(256 * 1024 * 1024)

/*
 * libconfuse takes the end of a file for that of a section. This word, which
 * nobody can type, is appended, and is known outside of sections only.
 */
#define END_WORD	"\001end"

struct word {
	char *key;
	char *value;
	unsigned long line;
};

/**
 * struct reader - a file being read
 * @broker: the invocation
 * @config: what was read
 * @file: its name
 * @words: words of the section being read
 * @n: number of them
 * @link_words: words outside of sections, to see one that is said twice
 * @n_link: number of them
 * @ended: the end was seen
 * @code: exit code, after a complaint
 */
struct reader {
	struct broker *broker;
	struct config *config;
	const char *file;
	struct word *words;
	size_t n;
	struct word *link_words;
	size_t n_link;
	bool ended;
	int code;
};

/* libconfuse hands nothing to those it calls. */
static struct reader *reader;

/* The sections' words, NULL-terminated, to look for what was meant. */
static const char *const link_keys[] = { "local", "public", "ttl", "tos", "mtu",
					 "client-to-client", "clients-max", "pools-max", "down",
					 "forwarding", "accept-ra", "pool", "client", "ndp",
					 "filter", NULL };
static const char *const pool_keys[] = { "pair", "routed", NULL };
static const char *const client_keys[] = { "endpoint", "pair", "routed", "mtu", "pmtudisc",
					   "filter", "disable", NULL };
static const char *const ndp_keys[] = { "source", "router", "rate", NULL };
static const char *const filter_keys[] = { "files", "format", "level", "action", "max-errors",
					   "attach", NULL };

static struct origin origin(unsigned long line)
{
	return (struct origin) { .file = reader->file, .line = line };
}

static int bool_word(const struct word *word, bool *on)
{
	int value = cfg_parse_boolean(word->value);

	if (value < 0)
		return word_error(reader->broker, word->key, word->value,
				  "is neither yes nor no");
	*on = value;
	return 0;
}

static int device_word(const char *what, const char *value, char device[IFNAMSIZ])
{
	if (!*value || strlen(value) >= IFNAMSIZ)
		return word_error(reader->broker, what, value,
				  "is no name of 1 to 15 characters of a network device");
	strcpy(device, value);
	return 0;
}

static int ra_word(const struct word *word)
{
	struct config *config = reader->config;
	bool keyword = !strcmp(word->value, "auto") || !strcmp(word->value, "leave");

	if (keyword) {
		config->ra = *word->value == 'a' ? CONFIG_RA_AUTO : CONFIG_RA_LEAVE;
		return 0;
	}
	config->ra = CONFIG_RA_LISTED;
	config->ra_devices = config_grow(config->ra_devices, config->n_ra_devices,
					 sizeof(*config->ra_devices));
	return device_word("accept-ra", word->value, config->ra_devices[config->n_ra_devices++]);
}

static int forwarding_word(const struct word *word)
{
	if (strcmp(word->value, "on") && strcmp(word->value, "leave"))
		return word_error(reader->broker, "forwarding", word->value,
				  "is neither on nor leave");
	reader->config->leave_forwarding = *word->value == 'l';
	return 0;
}

/* A word outside of sections. */
static int link_word(const struct word *word)
{
	char *argv[] = { reader->config->name, word->key, word->value };
	struct words words = { .argc = 3, .argv = argv };
	struct config *config = reader->config;
	struct link_request request;
	bool down = false;
	int code;

	if (!strcmp(word->key, "forwarding"))
		return forwarding_word(word);
	if (!strcmp(word->key, "accept-ra"))
		return ra_word(word);
	if (!strcmp(word->key, "down")) {
		code = bool_word(word, &down);
		config->up = !down;
		return code;
	}
	code = link_parse(reader->broker, &words, false, &request);
	if (code)
		return code;
	if (request.has_local) {
		config->local = request.local;
		config->origin = origin(word->line);
	}
	if (request.has_public)
		config->public = request.public;
	config->ttl = request.ttl ?: config->ttl;
	if (request.tos >= 0) {
		config->tos = request.tos;
		config->inherit = request.inherit;
	}
	config->mtu = request.mtu ?: config->mtu;
	if (request.isolate >= 0)
		config->isolate = request.isolate;
	if (request.clients_max != ULONG_MAX)
		config->clients_max = request.clients_max;
	if (request.pools_max != ULONG_MAX)
		config->pools_max = request.pools_max;
	return 0;
}

static int pool_section(const char *title, unsigned long line)
{
	struct config *config = reader->config;
	char *argv[3] = { (char *)title };
	struct words words = { .argc = 1, .argv = argv };
	struct pool_words pool;
	bool pair = false;
	size_t i;
	int code;

	for (i = 0; i < reader->n; i++) {
		const struct word *word = &reader->words[i];

		if (!strcmp(word->key, "pair")) {
			reader->broker->line = word->line;
			code = bool_word(word, &pair);
			if (code)
				return code;
			if (pair)
				argv[words.argc++] = word->key;
		} else {
			argv[words.argc++] = word->key;
			argv[words.argc++] = word->value;
		}
	}
	if (pair && words.argc > 2)
		return usage_error(reader->broker,
				   "pool \"%s\" is both for pairs and routed; make two pools of it",
				   title);
	code = pool_parse(reader->broker, &words, &pool);
	if (code)
		return code;
	config->pools = config_grow(config->pools, config->n_pools, sizeof(*config->pools));
	config->pools[config->n_pools++] = (struct config_pool) {
		.prefix = pool.prefix,
		.kind = pool.kind,
		.cut = pool.cut,
		.origin = origin(line),
	};
	return 0;
}

static int client_word(struct config_client *client, const struct word *word,
		       struct client_request *request)
{
	char *argv[] = { client->name, word->key, word->value };
	struct words words = { .argc = 3, .argv = argv };
	int code;

	if (!strcmp(word->key, "disable"))
		return bool_word(word, &client->disabled);
	if (!strcmp(word->key, "endpoint") && !strcmp(word->value, "dynamic"))
		return 0;
	code = client_parse(reader->broker, &words, true, request);
	if (code)
		return code;
	if (request->has_endpoint) {
		client->has_endpoint = true;
		client->endpoint = request->endpoint;
	}
	if (request->has_pair) {
		client->has_pair = true;
		client->pair = request->pair;
	}
	if (request->has_mtu)
		client->mtu = request->mtu;
	if (request->has_pmtudisc)
		client->pmtudisc = request->pmtudisc;
	if (request->has_filter)
		client->filter = request->filter;
	if (!request->no_routed && !request->n_routed)
		return 0;
	if (client->has_routed && (request->no_routed || !client->n_routed))
		return usage_error(reader->broker, "client \"%s\": routed none and routed prefixes",
				   client->name);
	client->has_routed = true;
	if (request->no_routed)
		return 0;
	client->routed = config_grow(client->routed, client->n_routed, sizeof(*client->routed));
	client->routed[client->n_routed++] = request->routed[0];
	return 0;
}

static int client_section(const char *title, unsigned long line)
{
	static struct client_request request;	/* large, and there is one at a time */
	char *argv[] = { (char *)title };
	struct words words = { .argc = 1, .argv = argv };
	struct config *config = reader->config;
	struct config_client *client;
	size_t i;
	int code;

	code = client_parse(reader->broker, &words, true, &request);
	if (code)
		return code;
	config->clients = config_grow(config->clients, config->n_clients,
				      sizeof(*config->clients));
	client = &config->clients[config->n_clients++];
	client->filter = true;
	client->origin = origin(line);
	strcpy(client->name, title);
	for (i = 0; !code && i < reader->n; i++) {
		reader->broker->line = reader->words[i].line;
		code = client_word(client, &reader->words[i], &request);
	}
	return code;
}

static int ndp_section(const char *title, unsigned long line)
{
	struct config *config = reader->config;
	struct config_uplink *uplink;
	struct ndp_request request;
	size_t i;
	int code;

	config->uplinks = config_grow(config->uplinks, config->n_uplinks,
				      sizeof(*config->uplinks));
	uplink = &config->uplinks[config->n_uplinks++];
	uplink->origin = origin(line);
	uplink->router = true;
	uplink->rate = NDP_RATE_DEFAULT;
	code = device_word("ndp", title, uplink->device);
	for (i = 0; !code && i < reader->n; i++) {
		char *argv[] = { reader->words[i].key, reader->words[i].value };
		struct words words = { .argc = 2, .argv = argv };

		reader->broker->line = reader->words[i].line;
		code = ndp_parse(reader->broker, &words, true, &request);
		if (code)
			break;
		if (!strcmp(argv[0], "source")) {
			uplink->source = request.source;
			uplink->address = request.address;
		}
		if (!strcmp(argv[0], "router"))
			uplink->router = request.router;
		if (request.has_rate)
			uplink->rate = request.rate;
	}
	return code;
}

/* "outer", "inner", "dev IF in", "dev IF out" */
static int place_word(struct config_list *list, const char *value)
{
	struct config_place place = {};
	char text[64], *save, *where, *device, *direction;

	snprintf(text, sizeof(text), "%s", value);
	where = strtok_r(text, " \t", &save) ?: "";
	device = strtok_r(NULL, " \t", &save);
	direction = strtok_r(NULL, " \t", &save);
	if (!strcmp(where, "outer") || !strcmp(where, "inner")) {
		place.scope = *where == 'o' ? SITBROKER_FILTER_SCOPE_OUTER
					    : SITBROKER_FILTER_SCOPE_INNER;
		strcpy(place.device, reader->config->name);
		if (device)
			where = "";
	} else if (!strcmp(where, "dev") && direction && !strtok_r(NULL, " \t", &save) &&
		   (!strcmp(direction, "in") || !strcmp(direction, "out"))) {
		place.scope = *direction == 'i' ? SITBROKER_FILTER_SCOPE_IN
						: SITBROKER_FILTER_SCOPE_OUT;
		if (device_word("attach", device, place.device))
			return EXIT_USAGE;
	} else {
		where = "";
	}
	if (!*where)
		return word_error(reader->broker, "attach", value,
				  "is none of outer, inner, \"dev IF in\" and \"dev IF out\"");
	list->places = config_grow(list->places, list->n_places, sizeof(*list->places));
	list->places[list->n_places++] = place;
	return 0;
}

static void keep_word(char ***words, unsigned int *n, char *word)
{
	*words = config_grow(*words, *n, sizeof(**words));
	(*words)[(*n)++] = must(word);
}

/* A file that is not named from the root lies beside the configuration. */
static char *list_file(const char *value)
{
	const char *slash = strrchr(reader->file, '/');
	char *file = NULL;

	if (*value != '/' && slash &&
	    asprintf(&file, "%.*s/%s", (int)(slash - reader->file), reader->file, value) < 0)
		file = NULL;
	return *value != '/' && slash ? file : strdup(value);
}

static int filter_word(struct config_list *list, const struct word *word)
{
	char *argv[] = { list->name, "file", word->key, word->value };
	struct words words = { .argc = 4, .argv = argv };
	unsigned int i;
	int code;

	if (!strcmp(word->key, "attach"))
		return place_word(list, word->value);
	if (!strcmp(word->key, "files")) {
		keep_word(&list->files, &list->n_files, list_file(word->value));
		return 0;
	}
	code = filter_load_read(reader->broker, &words, NULL);
	if (code)
		return code;
	keep_word(&list->words, &list->n_words, strdup(word->key));
	keep_word(&list->words, &list->n_words, strdup(word->value));
	for (i = 0; !strcmp(word->key, "action") && filter_actions[i]; i++)
		if (!strncmp(filter_actions[i], word->value, strlen(word->value))) {
			list->has_action = true;
			list->action = i;
		}
	return 0;
}

static int filter_section(const char *title, unsigned long line)
{
	char *argv[] = { (char *)title, "file" };
	struct words words = { .argc = 2, .argv = argv };
	struct config *config = reader->config;
	struct config_list *list;
	size_t i;
	int code;

	code = filter_load_read(reader->broker, &words, NULL);
	if (code)
		return code;
	config->lists = config_grow(config->lists, config->n_lists, sizeof(*config->lists));
	list = &config->lists[config->n_lists++];
	list->origin = origin(line);
	strcpy(list->name, title);
	for (i = 0; !code && i < reader->n; i++) {
		reader->broker->line = reader->words[i].line;
		code = filter_word(list, &reader->words[i]);
	}
	reader->broker->line = line;
	if (!code && list->n_words && !list->n_files)
		code = usage_error(reader->broker,
				   "filter \"%s\" has no files that \"%s\" could be about; say files = { … }",
				   title, list->words[0]);
	return code;
}

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
	for (i = 0; !(opt->flags & CFGF_LIST) && i < *n; i++)
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
		.line = cfg->line,
	};
	if (!in_section)
		reader->code = link_word(word);
	return reader->code ? -1 : 0;
}

/* libconfuse has read a section up to its end. */
static int on_section(cfg_t *cfg, cfg_opt_t *opt)
{
	static const struct {
		const char *name;
		int (*section)(const char *title, unsigned long line);
	} sections[] = {
		{ "pool", pool_section },
		{ "client", client_section },
		{ "ndp", ndp_section },
		{ "filter", filter_section },
	};
	char *title = must(strdup(opt->values[opt->nvalues - 1]->section->title));
	unsigned int i;

	/* The line where the section begins is not known; the first word is near. */
	reader->broker->line = reader->n ? reader->words[0].line : (unsigned long)cfg->line;
	for (i = 0; i < sizeof(sections) / sizeof(*sections); i++)
		if (!strcmp(sections[i].name, opt->name))
			reader->code = sections[i].section(title, reader->broker->line);
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
		WORD("forwarding"), WORDS("accept-ra"), WORD(END_WORD),
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
	/* A { } of a value, a quote or a comment may hide the end, too. */
	if (!reader->code && !reader->ended)
		reader->code = usage_error(reader->broker,
					   "the file ends too early; is a } or */ missing?");
	cfg_free(cfg);
	fclose(stream);
}

/* Read a regular file with the word for its end behind. Return: 0 or a negative errno. */
static int load_file(const char *path, char **text, size_t *size)
{
	FILE *file = fopen(path, "re");
	struct stat st;
	int err = 0;

	if (!file)
		return -errno;
	if (fstat(fileno(file), &st))
		err = -errno;
	else if (!S_ISREG(st.st_mode))
		err = S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
	else if (st.st_size > FILE_MAX)
		err = -EFBIG;
	if (!err) {
		*text = must(malloc(st.st_size + sizeof(END_WORD) + 16));
		*size = fread(*text, 1, st.st_size, file);
		if (ferror(file))
			err = -errno;
		else
			*size += sprintf(*text + *size, "%s%s = 1\n",
					 *size && (*text)[*size - 1] == '\n' ? "" : "\n",
					 END_WORD);
		if (err)
			free(*text);
	}
	fclose(file);
	return err;
}

static int read_file(struct broker *broker, const char *path, struct config *config)
{
	struct reader here = { .broker = broker, .config = config };
	size_t size = 0;
	char *text = NULL;
	int err;

	err = load_file(path, &text, &size);
	if (err == -ENOENT)
		return refuse(broker, ENOENT,
			      "link \"%s\" has no configuration %s; write one, see sitbroker.conf(5), or begin with what brokertool config save %s prints",
			      config->name, path, config->name);
	if (err)
		return refuse(broker, -err, "configuration \"%s\" cannot be read: %s", path,
			      strerror(-err));
	config->files = config_grow(config->files, config->n_files, sizeof(*config->files));
	here.file = must(strdup(path));
	config->files[config->n_files++] = (char *)here.file;
	reader = &here;
	broker->batch = here.file;
	broker->line = 1;
	if (memchr(text, '\0', size) || memchr(text, *END_WORD, size - sizeof(END_WORD) - 4))
		here.code = usage_error(broker, "this is no text, and no configuration");
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
				   "\"%s\" is not named as a configuration is: LINK.conf", path);
	code = link_name_check(broker, name);
	if (!code)
		code = read_file(broker, path, config);
	if (asprintf(&directory, "%s.d", path) < 0)
		directory = must(NULL);
	n = code ? 0 : scandir(directory, &parts, is_part, alphasort);
	if (n < 0 && errno != ENOENT && !code)
		code = refuse(broker, errno, "the parts of the configuration in \"%s\" cannot be read: %s",
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
