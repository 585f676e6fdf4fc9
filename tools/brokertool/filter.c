// SPDX-License-Identifier: GPL-2.0
/* brokertool filter: lists of address ranges, and where they are looked at. */

#include <ctype.h>
#include <errno.h>
#include <linux/sitbroker.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filter.h"

const char *const filter_actions[] = { "drop", "reject", "count", "allow", NULL };

int filter_name(const struct broker *broker, struct words *words, const char *verb,
		const char **name)
{
	*name = words_next(words);
	if (!*name)
		return usage_error(broker, "filter %s needs the name of a list behind it", verb);
	if (!**name || strlen(*name) > SITBROKER_NAME_MAX)
		return word_error(broker, "filter list", *name, "is no name of 1 to 31 characters");
	/* They could not be told from words that follow. */
	if (**name == '-' || !strcmp(*name, "top"))
		return word_error(broker, "filter list", *name,
				  "would be taken for a word of the command; take another name");
	return 0;
}

/* The one list of an answer. */
static int keep_generation(struct broker *broker, const struct item *item, void *arg)
{
	struct nlattr *tb[SITBROKER_A_FILTER_MAX + 1];
	uint32_t *generation = arg;

	(void)broker;
	if (!nla_parse_nested(tb, SITBROKER_A_FILTER_MAX, item->nest, NULL) &&
	    tb[SITBROKER_A_FILTER_GENERATION])
		*generation = nla_get_u32(tb[SITBROKER_A_FILTER_GENERATION]);
	return 0;
}

/* A load of nothing, which keeps the action and where the list is attached. */
static int filter_flush(struct broker *broker, struct words *words)
{
	struct filter_load load = { .has_generation = true, .empty = true };
	const struct ranges nothing = {};
	unsigned int tries;
	int code, err = 0;

	code = filter_name(broker, words, "flush", &load.name) ?: words_end(broker, words);
	if (code)
		return code;
	for (tries = 0; tries < FILTER_TRIES; tries++) {
		/* A list that does not exist must not be made. */
		err = items_visit(broker, filter_message(SITBROKER_CMD_FILTER_GET, 0, load.name),
				  SITBROKER_A_FILTER, keep_generation, &load.generation) ?:
		      filter_send(&broker->kernel, &load, &nothing);
		if (err != -ESTALE)
			break;
	}
	return err ? refused(broker, NULL) : EXIT_OK;
}

static int filter_destroy(struct broker *broker, struct words *words)
{
	const char *name;
	int code;

	code = filter_name(broker, words, "destroy", &name) ?: words_end(broker, words);
	return code ?: change(broker, filter_message(SITBROKER_CMD_FILTER_DEL, 0, name), NULL);
}

/* "outer [dev LINK]", "inner [dev LINK]", "dev IF in", "dev IF out" */
static int parse_place(struct broker *broker, struct words *words, uint32_t *scope,
		       uint32_t *ifindex)
{
	static const char *const places[] = { "outer", "inner", "dev", NULL };
	static const char *const directions[] = { "in", "out", NULL };
	int place, direction, code;
	const char *word;

	if (!words->argc)
		return usage_error(broker, "where? outer or inner [dev LINK], or dev IF in|out");
	/* They would be short for inner and outer, which look at tunnels. */
	for (direction = 0; directions[direction]; direction++) {
		word = directions[direction];
		if (!strcmp(*words->argv, word))
			return usage_error(broker,
					   "\"%s\" stands behind a device; write dev IF %s, or for tunnels %s",
					   word, word, places[!direction]);
	}
	place = key_parse(broker, words, places);
	if (place < 0)
		return EXIT_USAGE;
	if (place < 2) {
		*scope = place ? SITBROKER_FILTER_SCOPE_INNER : SITBROKER_FILTER_SCOPE_OUTER;
		/* The next ones are of another list of words. */
		words->keys = 0;
		return device_only(broker, words, ifindex);
	}
	code = device_next(broker, words, "dev", ifindex);
	if (code)
		return code;
	if (!words->argc)
		return usage_error(broker, "dev needs a direction behind the device: in or out");
	direction = key_parse(broker, words, directions);
	if (direction < 0)
		return EXIT_USAGE;
	*scope = direction ? SITBROKER_FILTER_SCOPE_OUT : SITBROKER_FILTER_SCOPE_IN;
	return words_end(broker, words);
}

static int filter_place(struct broker *broker, struct words *words, bool attach)
{
	uint32_t scope = 0, ifindex = 0;
	struct nlattr *filter, *nest;
	struct nl_msg *msg;
	const char *name;
	int code;

	code = filter_name(broker, words, attach ? "attach" : "detach", &name) ?:
	       parse_place(broker, words, &scope, &ifindex);
	if (code)
		return code;
	msg = filter_message(attach ? SITBROKER_CMD_FILTER_ATTACH : SITBROKER_CMD_FILTER_DETACH, 0,
			     NULL);
	filter = nla_nest_start(msg, NLA_F_NESTED | SITBROKER_A_FILTER);
	nla_put_string(msg, SITBROKER_A_FILTER_NAME, name);
	nest = nla_nest_start(msg, NLA_F_NESTED | SITBROKER_A_FILTER_ATTACHMENT);
	nla_put_u32(msg, SITBROKER_A_ATTACHMENT_SCOPE, scope);
	if (ifindex)
		nla_put_u32(msg, SITBROKER_A_ATTACHMENT_IFINDEX, ifindex);
	nla_nest_end(msg, nest);
	nla_nest_end(msg, filter);
	return change(broker, msg, NULL);
}

/* "512M": bytes, any number that the kernel takes. Return: 0 or an exit code, after a complaint. */
int bytes_next(const struct broker *broker, struct words *words, const char *key, uint64_t *bytes)
{
	static const char suffixes[] = "KMG";
	const char *word, *suffix;
	unsigned int shift = 0;
	char *end;

	if (value_next(broker, words, key, &word))
		return EXIT_USAGE;
	errno = 0;
	/* As number_parse(), but of 64 bits on any machine. */
	if (isdigit((unsigned char)*word)) {
		*bytes = strtoull(word, &end, !strncmp(word, "0x", 2) ? 16 : 10);
		suffix = *end ? strchr(suffixes, *end) : NULL;
		if (suffix) {
			shift = 10 * (suffix - suffixes + 1);
			end++;
		}
		if (!*end && !errno && *bytes <= UINT64_MAX >> shift) {
			*bytes <<= shift;
			return 0;
		}
	}
	return word_error(broker, key, word, "is no number of bytes, such as 512M");
}

json_t *filter_memory_json(const struct item *item)
{
	struct nlattr *tb[SITBROKER_A_MEMORY_MAX + 1];

	if (nla_parse_nested(tb, SITBROKER_A_MEMORY_MAX, item->nest, NULL) ||
	    !tb[SITBROKER_A_MEMORY_BYTES_MAX] || !tb[SITBROKER_A_MEMORY_BYTES_USED] ||
	    !tb[SITBROKER_A_MEMORY_LISTS])
		return json_object();
	return json_pack("{s:I,s:I,s:I}", "bytes_used",
			 (json_int_t)nla_get_u64(tb[SITBROKER_A_MEMORY_BYTES_USED]), "bytes_max",
			 (json_int_t)nla_get_u64(tb[SITBROKER_A_MEMORY_BYTES_MAX]), "lists",
			 (json_int_t)nla_get_u32(tb[SITBROKER_A_MEMORY_LISTS]));
}

static long long integer(json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static int show_memory(struct broker *broker, const struct item *item, void *arg)
{
	json_t *memory = filter_memory_json(item);

	(void)arg;
	if (broker->json) {
		json_item(broker, memory);
		return 0;
	}
	printf("%lld of %lld bytes in %lld lists\n", integer(memory, "bytes_used"),
	       integer(memory, "bytes_max"), integer(memory, "lists"));
	json_decref(memory);
	return 0;
}

/* What lists take, or may take. */
static int filter_memory(struct broker *broker, struct words *words)
{
	static const char *const keys[] = { "max", NULL };
	struct nlattr *nest;
	struct nl_msg *msg;
	uint64_t bytes = 0;
	int err;

	if (words->argc) {
		if (key_parse(broker, words, keys) < 0 ||
		    bytes_next(broker, words, "max", &bytes) ||
		    words_end(broker, words))
			return EXIT_USAGE;
		msg = filter_message(SITBROKER_CMD_FILTER_MEMORY_SET, 0, NULL);
		nest = nla_nest_start(msg, NLA_F_NESTED | SITBROKER_A_MEMORY);
		nla_put_u64(msg, SITBROKER_A_MEMORY_BYTES_MAX, bytes);
		nla_nest_end(msg, nest);
		return change(broker, msg, NULL);
	}
	if (broker->json)
		json_begin(broker);
	err = items_visit(broker, filter_message(SITBROKER_CMD_FILTER_MEMORY_GET, 0, NULL),
			  SITBROKER_A_MEMORY, show_memory, NULL);
	if (broker->json)
		json_end(broker);
	return err ? refused(broker, NULL) : EXIT_OK;
}

int filter_command(struct broker *broker, struct words *words)
{
	static const char *const verbs[] = { "load", "add", "delete", "flush", "destroy", "save",
					     "attach", "detach", "test", "show", "memory", NULL };

	/* "del" is the word people know, and would be ambiguous with none of the others. */
	switch (verb_parse(broker, words, "filter", verbs)) {
	case 0:
		return filter_load_command(broker, words);
	case 1:
		return filter_change_command(broker, words, true);
	case 2:
		return filter_change_command(broker, words, false);
	case 3:
		return filter_flush(broker, words);
	case 4:
		return filter_destroy(broker, words);
	case 5:
		return filter_save_command(broker, words);
	case 6:
		return filter_place(broker, words, true);
	case 7:
		return filter_place(broker, words, false);
	case 8:
		return filter_test_command(broker, words);
	case 9:
		return filter_show_command(broker, words);
	case 10:
		return filter_memory(broker, words);
	}
	return EXIT_USAGE;
}
