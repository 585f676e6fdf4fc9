// SPDX-License-Identifier: GPL-2.0
/*
 * What the words of a configuration mean. The parsers of the commands judge
 * what they may say, each at its line, so that there is one vocabulary.
 */

#include <confuse.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config-words.h"

/* As the module's SB_CLIENTS_LIMIT. */
#define CLIENTS_LIMIT	16777216

static struct origin origin(struct reader *reader, unsigned long line)
{
	return (struct origin) { .file = reader->file, .line = line };
}

static int bool_word(struct reader *reader, const struct word *word, bool *on)
{
	int value = cfg_parse_boolean(word->value);

	if (value < 0)
		return word_error(reader->broker, word->key, word->value,
				  "is neither yes nor no");
	*on = value;
	return 0;
}

static int device_word(struct reader *reader, const char *what, const char *value,
		       char device[IFNAMSIZ])
{
	if (!*value || strlen(value) >= IFNAMSIZ || strpbrk(value, "/: \t\n\v\f\r") ||
	    !strcmp(value, ".") || !strcmp(value, ".."))
		return word_error(reader->broker, what, value,
				  "is no name of 1 to 15 characters without space, slash and colon; give one that ip link shows");
	strcpy(device, value);
	return 0;
}

/* As the module's sb_name_check(): what fits into a line of any file. */
static int name_check(struct reader *reader, const char *what, const char *name)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-@";
	size_t length = strspn(name, allowed);

	if (!name[length])
		return 0;
	return usage_error(reader->broker,
			   "%s \"%s\" has a name with a character, the %zu., that is none of letters, digits, '.', '_', '-', '@'; take another name",
			   what, name, length + 1);
}

static int ra_word(struct reader *reader, const struct word *word)
{
	struct config *config = reader->config;
	bool keyword = !strcmp(word->value, "auto") || !strcmp(word->value, "leave");

	if (!word->first && (keyword || config->ra != CONFIG_RA_LISTED))
		return word_error(reader->broker, "accept-ra", word->value,
				  "stands in one list with another value; say auto, leave, or devices");
	config->ra_origin = origin(reader, word->line);
	/* What another file has said counts no more. */
	if (word->first)
		config->n_ra_devices = 0;
	if (keyword) {
		config->ra = *word->value == 'a' ? CONFIG_RA_AUTO : CONFIG_RA_LEAVE;
		return 0;
	}
	config->ra = CONFIG_RA_LISTED;
	config->ra_devices = config_grow(config->ra_devices, config->n_ra_devices,
					 sizeof(*config->ra_devices));
	return device_word(reader, "accept-ra", word->value,
			   config->ra_devices[config->n_ra_devices++]);
}

static int forwarding_word(struct reader *reader, const struct word *word)
{
	if (strcmp(word->value, "on") && strcmp(word->value, "leave"))
		return word_error(reader->broker, "forwarding", word->value,
				  "is neither on nor leave");
	reader->config->leave_forwarding = *word->value == 'l';
	return 0;
}

static int nonlocal_word(struct reader *reader, const struct word *word)
{
	if (strcmp(word->value, "on") && strcmp(word->value, "leave"))
		return word_error(reader->broker, "nonlocal-bind", word->value,
				  "is neither on nor leave");
	reader->config->nonlocal_bind = *word->value == 'o';
	return 0;
}

static int memory_word(struct reader *reader, const struct word *word)
{
	struct config *config = reader->config;
	char *argv = word->value;
	struct words words = { .argc = 1, .argv = &argv, .exact = true };

	config->memory_origin = origin(reader, word->line);
	return bytes_next(reader->broker, &words, word->key, &config->filter_memory);
}

/* A word outside of sections. */
int words_link(struct reader *reader, const struct word *word)
{
	struct config *config = reader->config;
	char *argv[3];
	struct words words = { .argc = 3, .argv = argv, .exact = true };
	struct link_request request;
	bool down = false;
	int code;

	argv[0] = config->name;
	argv[1] = word->key;
	argv[2] = word->value;

	if (!strcmp(word->key, "forwarding"))
		return forwarding_word(reader, word);
	if (!strcmp(word->key, "nonlocal-bind"))
		return nonlocal_word(reader, word);
	if (!strcmp(word->key, "accept-ra"))
		return ra_word(reader, word);
	if (!strcmp(word->key, "filter-memory"))
		return memory_word(reader, word);
	if (!strcmp(word->key, "down")) {
		code = bool_word(reader, word, &down);
		config->up = !down;
		return code;
	}
	code = link_parse(reader->broker, &words, false, &request);
	if (code)
		return code;
	if (request.has_local && !ipv4_is_host(request.local))
		return word_error(reader->broker, "local", word->value,
				  "cannot be reached by clients; give this server's unicast IPv4 address");
	if (request.public.s_addr && !ipv4_is_host(request.public))
		return word_error(reader->broker, "public", word->value,
				  "cannot be reached by clients; give the unicast address that they must use");
	if (request.tos > 0 && request.tos & 3)
		return word_error(reader->broker, "tos", word->value,
				  "sets the ECN bits, which come from the inner packet; use a multiple of 4");
	if (request.clients_max != ULONG_MAX && request.clients_max > CLIENTS_LIMIT)
		return word_error(reader->broker, "clients-max", word->value,
				  "is more than a link can hold; give 16777216 or less");
	if (request.has_local) {
		config->local = request.local;
		config->origin = origin(reader, word->line);
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

/* As the module's sb_pool_check(): nobody can be given these. */
static int pool_check(struct reader *reader, const char *title, const struct prefix *pool)
{
	static const struct {
		const char *prefix;
		const char *complaint;
	} reserved[] = {
		{ "::/64", "holds the unspecified, loopback and IPv4-mapped addresses" },
		{ "fe80::/10", "holds link-local addresses" },
		{ "fec0::/10", "holds site-local addresses" },
		{ "ff00::/8", "holds multicast addresses" },
		{ "2002::/16", "holds 6to4 addresses" },
		{ "64:ff9b::/96", "holds NAT64 addresses" },
	};
	struct prefix other;
	unsigned int i;

	for (i = 0; i < sizeof(reserved) / sizeof(*reserved); i++) {
		prefix_parse(reserved[i].prefix, &other);
		if (prefix_holds(&other, &pool->address) || prefix_holds(pool, &other.address))
			return usage_error(reader->broker,
					   "pool \"%s\" %s; give a global prefix instead",
					   title, reserved[i].complaint);
	}
	return 0;
}

static int pool_section(struct reader *reader, const char *title, unsigned long line)
{
	struct config *config = reader->config;
	char *argv[3];
	struct words words = { .argc = 1, .argv = argv, .exact = true };
	struct pool_words pool;
	bool pair = false;
	size_t i;
	int code;

	argv[0] = (char *)title;

	for (i = 0; i < reader->n; i++) {
		const struct word *word = &reader->words[i];

		if (!strcmp(word->key, "pair")) {
			reader->broker->line = word->line;
			code = bool_word(reader, word, &pair);
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
	code = pool_parse(reader->broker, &words, &pool) ?: pool_check(reader, title, &pool.prefix);
	if (code)
		return code;
	config->pools = config_grow(config->pools, config->n_pools, sizeof(*config->pools));
	config->pools[config->n_pools++] = (struct config_pool) {
		.prefix = pool.prefix,
		.kind = pool.kind,
		.cut = pool.cut,
		.origin = origin(reader, line),
	};
	return 0;
}

static int client_word(struct reader *reader, struct config_client *client, const struct word *word,
		       struct client_request *request)
{
	char *argv[3];
	struct words words = { .argc = 3, .argv = argv, .exact = true };
	int code;

	argv[0] = client->name;
	argv[1] = word->key;
	argv[2] = word->value;

	if (!strcmp(word->key, "disable"))
		return bool_word(reader, word, &client->disabled);
	if (!strcmp(word->key, "endpoint") && !strcmp(word->value, "dynamic"))
		return 0;
	code = client_parse(reader->broker, &words, true, request);
	if (code)
		return code;
	if (request->endpoint.s_addr && !ipv4_is_host(request->endpoint))
		return usage_error(reader->broker,
				   "client \"%s\": endpoint %s is no unicast address of another host; give the client's own IPv4 address",
				   client->name, word->value);
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
		return usage_error(reader->broker,
				   "client \"%s\": routed none and routed prefixes; say one of them",
				   client->name);
	client->has_routed = true;
	if (request->no_routed)
		return 0;
	client->routed = config_grow(client->routed, client->n_routed, sizeof(*client->routed));
	client->routed[client->n_routed++] = request->routed[0];
	return 0;
}

static int client_section(struct reader *reader, const char *title, unsigned long line)
{
	static struct client_request request;	/* large, and there is one at a time */
	struct config *config = reader->config;
	char *argv = (char *)title;
	struct words words = { .argc = 1, .argv = &argv, .exact = true };
	struct config_client *client;
	size_t i;
	int code;

	code = client_parse(reader->broker, &words, true, &request) ?:
	       name_check(reader, "client", title);
	if (code)
		return code;
	config->clients = config_grow(config->clients, config->n_clients,
				      sizeof(*config->clients));
	client = &config->clients[config->n_clients++];
	client->filter = true;
	client->origin = origin(reader, line);
	strcpy(client->name, title);
	for (i = 0; !code && i < reader->n; i++) {
		reader->broker->line = reader->words[i].line;
		code = client_word(reader, client, &reader->words[i], &request);
	}
	return code;
}

static int ndp_section(struct reader *reader, const char *title, unsigned long line)
{
	struct config *config = reader->config;
	struct config_uplink *uplink;
	struct ndp_request request;
	size_t i;
	int code;

	config->uplinks = config_grow(config->uplinks, config->n_uplinks,
				      sizeof(*config->uplinks));
	uplink = &config->uplinks[config->n_uplinks++];
	uplink->origin = origin(reader, line);
	uplink->router = true;
	uplink->rate = NDP_RATE_DEFAULT;
	code = device_word(reader, "ndp", title, uplink->device);
	if (!code && !strcmp(title, "lo"))
		code = word_error(reader->broker, "ndp", title,
				  "has no neighbours; give the device towards the router");
	if (!code && !strcmp(title, config->name))
		code = word_error(reader->broker, "ndp", title,
				  "is this link itself; give the device towards the router");
	for (i = 0; !code && i < reader->n; i++) {
		char *argv[2];
		struct words words = { .argc = 2, .argv = argv, .exact = true };

		argv[0] = reader->words[i].key;
		argv[1] = reader->words[i].value;
		reader->broker->line = reader->words[i].line;
		code = ndp_parse(reader->broker, &words, false, &request);
		if (code)
			break;
		if (!strcmp(reader->words[i].key, "source")) {
			uplink->source = request.source;
			uplink->address = request.address;
			if (request.source == SITBROKER_NDP_SOURCE_ADDRESS &&
			    !ipv6_is_host(&request.address))
				code = word_error(reader->broker, "source", reader->words[i].value,
						  "is no address of one host; give one of the device, target or link-local");
		}
		if (!strcmp(reader->words[i].key, "router"))
			uplink->router = request.router;
		if (request.has_rate)
			uplink->rate = request.rate;
	}
	return code;
}

/* "outer", "inner", "dev IF in", "dev IF out" */
static int place_word(struct reader *reader, struct config_list *list, const char *value)
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
		if (device_word(reader, "attach", device, place.device))
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
static char *list_file(struct reader *reader, const char *value)
{
	const char *slash = strrchr(reader->file, '/');
	char *file = NULL;

	if (*value != '/' && slash &&
	    asprintf(&file, "%.*s/%s", (int)(slash - reader->file), reader->file, value) < 0)
		file = NULL;
	return *value != '/' && slash ? file : strdup(value);
}

static int filter_word(struct reader *reader, struct config_list *list, const struct word *word)
{
	char *argv[4];
	struct words words = { .argc = 4, .argv = argv, .exact = true };
	unsigned int i;
	int code;

	argv[0] = list->name;
	argv[1] = "file";
	argv[2] = word->key;
	argv[3] = word->value;

	if (!strcmp(word->key, "attach"))
		return place_word(reader, list, word->value);
	if (!strcmp(word->key, "files")) {
		if (!*word->value)
			return word_error(reader->broker, "files", "",
					  "names no file; give the name of one, or leave it out");
		keep_word(&list->files, &list->n_files, list_file(reader, word->value));
		return 0;
	}
	code = filter_load_read(reader->broker, &words, NULL);
	if (code)
		return code;
	keep_word(&list->words, &list->n_words, strdup(word->key));
	keep_word(&list->words, &list->n_words, strdup(word->value));
	for (i = 0; !strcmp(word->key, "action") && filter_actions[i]; i++)
		if (!strcmp(filter_actions[i], word->value)) {
			list->has_action = true;
			list->action = i;
		}
	return 0;
}

static int filter_section(struct reader *reader, const char *title, unsigned long line)
{
	struct config *config = reader->config;
	char *argv[2];
	struct words words = { .argc = 2, .argv = argv, .exact = true };
	struct config_list *list;
	size_t i;
	int code;

	argv[0] = (char *)title;
	argv[1] = "file";

	code = filter_load_read(reader->broker, &words, NULL) ?:
	       name_check(reader, "filter", title);
	if (code)
		return code;
	config->lists = config_grow(config->lists, config->n_lists, sizeof(*config->lists));
	list = &config->lists[config->n_lists++];
	list->origin = origin(reader, line);
	strcpy(list->name, title);
	for (i = 0; !code && i < reader->n; i++) {
		reader->broker->line = reader->words[i].line;
		code = filter_word(reader, list, &reader->words[i]);
	}
	reader->broker->line = line;
	if (!code && list->n_words && !list->n_files)
		code = usage_error(reader->broker,
				   "filter \"%s\" has no files that \"%s\" could be about; say files = { … }",
				   title, list->words[0]);
	return code;
}

/* A section has ended; its words are the reader's. */
int words_section(struct reader *reader, const char *kind, const char *title)
{
	static const struct {
		const char *kind;
		int (*section)(struct reader *reader, const char *title, unsigned long line);
	} sections[] = {
		{ "pool", pool_section },
		{ "client", client_section },
		{ "ndp", ndp_section },
		{ "filter", filter_section },
	};
	unsigned int i;

	for (i = 0; i < sizeof(sections) / sizeof(*sections); i++)
		if (!strcmp(sections[i].kind, kind))
			return sections[i].section(reader, title, reader->broker->line);
	return 0;
}
