// SPDX-License-Identifier: GPL-2.0
/* brokertool filter show and filter test: what lists hold, and what they do. */

#include <arpa/inet.h>
#include <errno.h>
#include <linux/sitbroker.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <string.h>

#include "../filter/list.h"
#include "filter.h"

static const char *const scopes[] = { "outer", "inner", "in", "out" };

static json_int_t number(struct nlattr *attr)
{
	if (!attr)
		return 0;
	return nla_len(attr) == 8 ? (json_int_t)nla_get_u64(attr) : (json_int_t)nla_get_u32(attr);
}

/* Labels are what some program loaded: JSON wants UTF-8. */
static json_t *label_json(struct nlattr *attr)
{
	char text[LABEL_MAX + 1];
	json_t *string;
	size_t i;

	if (!attr)
		return json_null();
	string = json_string(nla_get_string(attr));
	if (string)
		return string;
	snprintf(text, sizeof(text), "%s", nla_get_string(attr));
	for (i = 0; text[i]; i++)
		if (text[i] & 0x80)
			text[i] = '?';
	return json_string(text);
}

static const char *action_name(struct nlattr *attr)
{
	unsigned int action = attr ? nla_get_u32(attr) : 0;

	return action <= SITBROKER_FILTER_ACTION_ALLOW ? filter_actions[action] : "unknown";
}

static json_t *attachment_json(struct nlattr *nest)
{
	struct nlattr *tb[SITBROKER_A_ATTACHMENT_MAX + 1];
	char name[16] = "";
	unsigned int scope;
	json_t *object;

	if (nla_parse_nested(tb, SITBROKER_A_ATTACHMENT_MAX, nest, NULL) ||
	    !tb[SITBROKER_A_ATTACHMENT_SCOPE])
		return json_object();
	scope = nla_get_u32(tb[SITBROKER_A_ATTACHMENT_SCOPE]);
	if (tb[SITBROKER_A_ATTACHMENT_IFNAME])
		snprintf(name, sizeof(name), "%s",
			 nla_get_string(tb[SITBROKER_A_ATTACHMENT_IFNAME]));
	else if (tb[SITBROKER_A_ATTACHMENT_IFINDEX])
		link_name(nla_get_u32(tb[SITBROKER_A_ATTACHMENT_IFINDEX]), name);
	object = json_pack("{s:s,s:s}", "scope",
			   scope <= SITBROKER_FILTER_SCOPE_OUT ? scopes[scope] : "unknown", "dev",
			   name);
	if (tb[SITBROKER_A_ATTACHMENT_DECIDES])
		json_object_set_new(object, "decides", json_true());
	return object;
}

static json_t *range_json(struct nlattr *nest)
{
	struct nlattr *tb[SITBROKER_A_MATCH_MAX + 1], *first, *last;
	char text[RANGE_STRLEN];

	if (nla_parse_nested(tb, SITBROKER_A_MATCH_MAX, nest, NULL))
		return json_object();
	first = tb[SITBROKER_A_MATCH_FIRST];
	last = tb[SITBROKER_A_MATCH_LAST];
	if (!first || !last || nla_len(first) != nla_len(last))
		return json_object();
	if (nla_len(first) == 4)
		range4_text(ntohl(nla_get_u32(first)), ntohl(nla_get_u32(last)), text);
	else if (nla_len(first) == 16)
		range6_text(address6_load(nla_data(first)), address6_load(nla_data(last)), text);
	else
		return json_object();
	return json_pack("{s:s,s:o}", "range", text, "label",
			 label_json(tb[SITBROKER_A_MATCH_LABEL]));
}

/* All there is about a list; what an answer does not hold is left out. */
json_t *filter_json(const struct item *item)
{
	static const struct {
		const char *key;
		int type;
	} numbers[] = {
		{ "generation", SITBROKER_A_FILTER_GENERATION },
		{ "age_ms", SITBROKER_A_FILTER_AGE },
		{ "ranges4", SITBROKER_A_FILTER_RANGES4 },
		{ "ranges6", SITBROKER_A_FILTER_RANGES6 },
		{ "labels", SITBROKER_A_FILTER_LABELS },
		{ "bytes", SITBROKER_A_FILTER_BYTES },
		{ "hits", SITBROKER_A_FILTER_HITS },
	};
	struct nlattr *tb[SITBROKER_A_FILTER_MAX + 1], *attr;
	json_t *filter, *attachments, *matches;
	unsigned int i;
	int rest;

	if (nla_parse_nested(tb, SITBROKER_A_FILTER_MAX, item->nest, NULL) ||
	    !tb[SITBROKER_A_FILTER_NAME])
		return json_object();
	filter = json_pack("{s:s}", "list", nla_get_string(tb[SITBROKER_A_FILTER_NAME]));
	/* An event about a list that is gone has nothing but its name. */
	if (!tb[SITBROKER_A_FILTER_ACTION])
		return filter;
	json_object_set_new(filter, "action",
			    json_string(action_name(tb[SITBROKER_A_FILTER_ACTION])));
	for (i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		if (tb[numbers[i].type])
			json_object_set_new(filter, numbers[i].key,
					    json_integer(number(tb[numbers[i].type])));
	attachments = json_array();
	matches = json_array();
	nla_for_each_nested(attr, item->nest, rest) {
		if (nla_type(attr) == SITBROKER_A_FILTER_ATTACHMENT)
			json_array_append_new(attachments, attachment_json(attr));
		if (nla_type(attr) == SITBROKER_A_FILTER_MATCH)
			json_array_append_new(matches, range_json(attr));
	}
	json_object_set_new(filter, "attached", attachments);
	if (json_array_size(matches))
		json_object_set(filter, "matches", matches);
	json_decref(matches);
	return filter;
}

static json_int_t integer(json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static const char *string(json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key)) ?: "";
}

/* In the words of filter attach. Return: @text. */
static const char *attached_text(json_t *filter, char *text, size_t size)
{
	json_t *array = json_object_get(filter, "attached"), *attachment;
	size_t i, at = 0;

	snprintf(text, size, "nowhere");
	json_array_foreach(array, i, attachment) {
		const char *scope = string(attachment, "scope"), *dev = string(attachment, "dev");
		bool device = !strcmp(scope, "in") || !strcmp(scope, "out");

		if (at < size)
			at += snprintf(text + at, size - at, "%s%s%s%s%s%s", i ? ", " : "",
				       device ? "" : scope, device ? "dev " : " dev ", dev,
				       device ? " " : "", device ? scope : "");
	}
	return text;
}

/**
 * struct top - the labels of a list with the most hits
 * @labels: all that had any
 * @n: number of them
 * @room: entries that @labels has room for
 */
struct top {
	struct top_label {
		json_t *name;
		json_int_t hits;
	} *labels;
	size_t n;
	size_t room;
};

static int top_visit(struct broker *broker, const struct item *item, void *arg)
{
	struct nlattr *tb[SITBROKER_A_LABEL_MAX + 1], *attr;
	struct top *top = arg;
	int rest;

	(void)broker;
	nla_for_each_nested(attr, item->nest, rest) {
		if (nla_type(attr) != SITBROKER_A_FILTER_LABEL ||
		    nla_parse_nested(tb, SITBROKER_A_LABEL_MAX, attr, NULL) ||
		    !number(tb[SITBROKER_A_LABEL_HITS]))
			continue;
		if (top->n == top->room) {
			top->room = top->room ? 2 * top->room : 64;
			top->labels = memory_resized(top->labels, top->room,
						     sizeof(*top->labels));
		}
		top->labels[top->n++] = (struct top_label) {
			label_json(tb[SITBROKER_A_LABEL_NAME]), number(tb[SITBROKER_A_LABEL_HITS])
		};
	}
	return 0;
}

static int top_compare(const void *one, const void *other)
{
	const struct top_label *a = one, *b = other;

	if (a->hits != b->hits)
		return a->hits > b->hits ? -1 : 1;
	return strcmp(json_string_value(a->name) ?: "", json_string_value(b->name) ?: "");
}

/* The first @max labels of a list, as an array. NULL with a refusal. */
static json_t *top_json(struct broker *broker, const char *name, unsigned long max)
{
	struct nl_msg *msg = filter_message(SITBROKER_CMD_FILTER_LABEL_GET, NLM_F_DUMP, NULL);
	struct nlattr *nest = nla_nest_start(msg, NLA_F_NESTED | SITBROKER_A_FILTER);
	struct top top = {};
	json_t *array = NULL;
	size_t i;

	nla_put_string(msg, SITBROKER_A_FILTER_NAME, name);
	nla_put_flag(msg, SITBROKER_A_FILTER_HIT);
	nla_nest_end(msg, nest);
	if (!items_visit(broker, msg, SITBROKER_A_FILTER, top_visit, &top)) {
		array = json_array();
		if (top.n)
			qsort(top.labels, top.n, sizeof(*top.labels), top_compare);
		for (i = 0; i < top.n && i < max; i++)
			json_array_append_new(array, json_pack("{s:O,s:I}", "label",
							       top.labels[i].name, "hits",
							       top.labels[i].hits));
	}
	for (i = 0; i < top.n; i++)
		json_decref(top.labels[i].name);
	free(top.labels);
	return array;
}

static int keep_list(struct broker *broker, const struct item *item, void *arg)
{
	(void)broker;
	json_array_append_new(arg, filter_json(item));
	return 0;
}

static void print_record(struct broker *broker, json_t *filter)
{
	struct record *record = record_new(broker);
	char text[1024];

	record_add(record, "List", "%s", string(filter, "list"));
	record_add(record, "Action", "%s", string(filter, "action"));
	record_add(record, "IPv4 Ranges", "%lld", (long long)integer(filter, "ranges4"));
	record_add(record, "IPv6 Ranges", "%lld", (long long)integer(filter, "ranges6"));
	record_add(record, "Labels", "%lld", (long long)integer(filter, "labels"));
	record_add(record, "Memory", "%lld bytes", (long long)integer(filter, "bytes"));
	record_add(record, "Hits", "%lld", (long long)integer(filter, "hits"));
	record_add(record, "Loaded", "%.1f s ago", integer(filter, "age_ms") / 1e3);
	record_add(record, "Attached", "%s", attached_text(filter, text, sizeof(text)));
	record_print(record);
}

static void print_lists(struct broker *broker, json_t *lists)
{
	static const char *const columns[] = { "LIST", "ACTION", "IPV4", "IPV6", "LABELS", "BYTES",
					       "HITS", "ATTACHED", NULL };
	static const char *const keys[] = { "ranges4", "ranges6", "labels", "bytes", "hits" };
	struct table *table = table_new(broker, columns);
	char numbers[5][24], text[1024];
	json_t *filter;
	size_t i, j;

	json_array_foreach(lists, i, filter) {
		for (j = 0; j < 5; j++)
			snprintf(numbers[j], sizeof(numbers[j]), "%lld",
				 (long long)integer(filter, keys[j]));
		table_row(table, !json_array_size(json_object_get(filter, "attached")),
			  (const char *[]) {
				string(filter, "list"), string(filter, "action"), numbers[0],
				numbers[1], numbers[2], numbers[3], numbers[4],
				attached_text(filter, text, sizeof(text)) });
	}
	table_print(table);
}

static void print_top(struct broker *broker, json_t *lists)
{
	static const char *const columns[] = { "LIST", "HITS", "LABEL", NULL };
	struct table *table = table_new(broker, columns);
	json_t *filter, *label;
	bool any = false;
	char hits[24];
	size_t i, j;

	json_array_foreach(lists, i, filter) {
		json_array_foreach(json_object_get(filter, "top"), j, label) {
			any = true;
			snprintf(hits, sizeof(hits), "%lld", (long long)integer(label, "hits"));
			table_row(table, false, (const char *[]) {
				  string(filter, "list"), hits, string(label, "label") });
		}
	}
	table_print(table);
	if (!any && !broker->quiet)
		puts("no label was hit");
}

static void print_json(struct broker *broker, json_t *array)
{
	json_t *object;
	size_t i;

	json_begin(broker);
	json_array_foreach(array, i, object)
		json_item(broker, json_incref(object));
	json_end(broker);
}

/* Add the labels with the most hits to each list. Return: 0 or a negative errno. */
static int add_tops(struct broker *broker, json_t *lists, unsigned long max)
{
	json_t *filter, *top;
	size_t i;

	json_array_foreach(lists, i, filter) {
		top = top_json(broker, string(filter, "list"), max);
		/* Somebody may have destroyed it meanwhile. */
		if (!top && broker->kernel.refusal.error != ENOENT)
			return -broker->kernel.refusal.error;
		json_object_set_new(filter, "top", top ?: json_array());
	}
	return 0;
}

int filter_show_command(struct broker *broker, struct words *words)
{
	static const char *const keys[] = { "top", NULL };
	const char *name = NULL;
	unsigned long top = 0;
	json_t *lists;
	int err, code = 0;

	if (words->argc && strcmp(words->argv[0], "top"))
		code = filter_name(broker, words, "show", &name);
	while (!code && words->argc)
		code = key_parse(broker, words, keys) ? EXIT_USAGE :
		       number_next(broker, words, "top", 1, UINT32_MAX, &top);
	if (code)
		return code;
	lists = json_array();
	err = items_visit(broker, filter_message(SITBROKER_CMD_FILTER_GET, name ? 0 : NLM_F_DUMP,
						 name),
			  SITBROKER_A_FILTER, keep_list, lists);
	if (!err && top)
		err = add_tops(broker, lists, top);
	if (broker->json) {
		print_json(broker, lists);
	} else if (!err) {
		if (top)
			print_top(broker, lists);
		else if (name)
			print_record(broker, json_array_get(lists, 0));
		else
			print_lists(broker, lists);
	}
	json_decref(lists);
	if (!err)
		return EXIT_OK;
	refused(broker, NULL);
	return err == -ENOENT ? EXIT_NOT_FOUND : EXIT_REFUSED;
}

/* Would a packet be dropped or rejected for it? */
static bool list_blocks(json_t *filter)
{
	json_t *attachment;
	bool decides = false;
	size_t i;

	if (strcmp(string(filter, "action"), "drop") && strcmp(string(filter, "action"), "reject"))
		return false;
	json_array_foreach(json_object_get(filter, "attached"), i, attachment)
		decides |= json_is_true(json_object_get(attachment, "decides"));
	return decides;
}

static void print_matches(struct broker *broker, json_t *lists)
{
	static const char *const columns[] = { "LIST", "ACTION", "RANGE", "LABEL", "ATTACHED",
					       "BLOCKS", NULL };
	struct table *table = table_new(broker, columns);
	json_t *filter, *match;
	char text[1024];
	size_t i, j;

	json_array_foreach(lists, i, filter) {
		json_array_foreach(json_object_get(filter, "matches"), j, match)
			table_row(table, false, (const char *[]) {
				  string(filter, "list"), string(filter, "action"),
				  string(match, "range"), string(match, "label"),
				  attached_text(filter, text, sizeof(text)),
				  list_blocks(filter) ? "yes" : "no" });
	}
	table_print(table);
}

/* As lists have it: with or without brackets, octets that are decimal whatever the padding. */
static int parse_address(const struct broker *broker, struct words *words, uint8_t address[16],
			 size_t *size)
{
	struct ranges ranges = {};
	const char *word;
	uint32_t v4;

	if (value_next(broker, words, "filter test", &word))
		return EXIT_USAGE;
	*size = 0;
	/* What is none leaves no range. */
	text_range(word, &ranges);
	if (ranges.n4 && ranges.v4->first == ranges.v4->last) {
		v4 = htonl(ranges.v4->first);
		*size = sizeof(v4);
		memcpy(address, &v4, sizeof(v4));
	} else if (ranges.n6 && ranges.v6->first == ranges.v6->last) {
		*size = 16;
		address6_store(address, ranges.v6->first);
	}
	ranges_free(&ranges);
	if (*size)
		return 0;
	return word_error(broker, "address", word,
			  "is no address; give one such as 203.0.113.7 or 2001:db8::1");
}

int filter_test_command(struct broker *broker, struct words *words)
{
	const char *word = words->argc ? words->argv[0] : "";
	json_t *lists, *filter;
	bool blocks = false;
	struct nl_msg *msg;
	uint8_t address[16];
	size_t i, size;
	int code, err;

	code = parse_address(broker, words, address, &size) ?: words_end(broker, words);
	if (code)
		return code;
	msg = filter_message(SITBROKER_CMD_FILTER_TEST, NLM_F_DUMP, NULL);
	nla_put(msg, SITBROKER_A_ADDRESS, size, address);
	lists = json_array();
	err = items_visit(broker, msg, SITBROKER_A_FILTER, keep_list, lists);
	json_array_foreach(lists, i, filter) {
		blocks |= list_blocks(filter);
		json_object_set_new(filter, "blocks", json_boolean(list_blocks(filter)));
	}
	if (broker->json)
		print_json(broker, lists);
	else if (!err && json_array_size(lists))
		print_matches(broker, lists);
	else if (!err && !broker->quiet)
		printf("%s is in no list\n", word);
	json_decref(lists);
	if (err)
		return refused(broker, NULL);
	return blocks ? EXIT_NOT_FOUND : EXIT_OK;
}
