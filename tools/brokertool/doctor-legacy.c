// SPDX-License-Identifier: GPL-2.0
/*
 * brokertool doctor: rules of iptables-legacy, which nft does not show. What
 * iptables-legacy-save prints becomes what nft would print for the same rules;
 * doctor-rules.c walks through them.
 */

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "doctor.h"

/* A rule has no more words: ports in a list are one. */
#define WORDS_MAX	128

/* Cut a line at spaces, in place; quotes hold some together. Return: how many words. */
static int cut(char *line, char *words[WORDS_MAX])
{
	char *to = line;
	bool quoted = false;
	int n = 0;

	while (*line) {
		while (isspace((unsigned char)*line))
			line++;
		if (!*line || n == WORDS_MAX)
			break;
		words[n++] = to;
		for (; *line && (quoted || !isspace((unsigned char)*line)); line++) {
			if (*line == '"')
				quoted = !quoted;
			else if (*line != '\\' || !line[1])
				*to++ = *line;
			else
				*to++ = *++line;
		}
		if (*line)
			line++;
		*to++ = '\0';
	}
	return n;
}

static json_t *match(json_t *left, bool not, json_t *right)
{
	return json_pack("{s:{s:s,s:o,s:o}}", "match", "op", not ? "!=" : "==", "left", left,
			 "right", right);
}

/* "eth+" are all whose names begin so. */
static json_t *device(const char *word)
{
	size_t length = strlen(word);

	if (length && word[length - 1] == '+')
		return json_sprintf("%.*s*", (int)length - 1, word);
	return json_string(word);
}

static json_t *protocol(const char *word)
{
	char *end;
	long number = strtol(word, &end, 10);

	return *end || end == word ? json_string(word) : json_integer(number);
}

/* 192.0.2.0/24, as a field of a header holds it. */
static json_t *address(const char *word)
{
	const char *slash = strchr(word, '/');

	if (!slash)
		return json_string(word);
	return json_pack("{s:{s:s#,s:i}}", "prefix", "addr", word, (int)(slash - word), "len",
			 atoi(slash + 1));
}

static json_t *payload(const char *family, const char *field)
{
	return json_pack("{s:{s:s,s:s}}", "payload", "protocol", family, "field", field);
}

/* NEW,ESTABLISHED as a set; so are types of addresses. */
static json_t *words_set(char *word)
{
	json_t *set = json_array();
	char *save, *state, *c;

	for (state = strtok_r(word, ",", &save); state; state = strtok_r(NULL, ",", &save)) {
		for (c = state; *c; c++)
			*c = tolower((unsigned char)*c);
		json_array_append_new(set, json_string(state));
	}
	return json_pack("{s:o}", "set", set);
}

static json_t *meta(const char *key)
{
	return json_pack("{s:{s:s}}", "meta", "key", key);
}

static bool has_chain(json_t *entries, const char *table, const char *name)
{
	json_t *entry, *chain;
	size_t i;

	json_array_foreach(entries, i, entry) {
		chain = json_object_get(entry, "chain");
		if (chain && !strcmp(text_of(chain, "table"), table) &&
		    !strcmp(text_of(chain, "name"), name))
			return true;
	}
	return false;
}

/* What -j or -g say. Of other targets nobody knows what they do; they stop nothing. */
static json_t *target(json_t *entries, const char *table, bool go, const char *name)
{
	static const char *const verdicts[][2] = {
		{ "ACCEPT", "accept" }, { "DROP", "drop" }, { "REJECT", "reject" },
		{ "RETURN", "return" }, { "LOG", "log" }, { "NFLOG", "log" },
		{ "NFQUEUE", "queue" },
	};
	size_t i;

	for (i = 0; i < sizeof(verdicts) / sizeof(*verdicts); i++)
		if (!strcmp(name, verdicts[i][0]))
			return json_pack("{s:n}", verdicts[i][1]);
	if (has_chain(entries, table, name))
		return json_pack("{s:{s:s}}", go ? "goto" : "jump", "target", name);
	return json_pack("{s:n}", "xt");
}

/* What the words behind "-A CHAIN" say, as expressions. */
static json_t *expressions(json_t *entries, const char *family, const char *table, char **words,
			   int n)
{
	json_t *all = json_array(), *last = NULL;
	bool not = false;
	int i;

	for (i = 0; i < n; i++) {
		const char *word = words[i];
		char *value = i + 1 < n ? words[i + 1] : NULL;

		if (!strcmp(word, "!")) {
			not = true;
			continue;
		}
		if (value && (!strcmp(word, "-i") || !strcmp(word, "-o"))) {
			json_array_append_new(all, match(meta(word[1] == 'i' ? "iifname" :
								"oifname"), not, device(value)));
			i++;
		} else if (value && !strcmp(word, "-p")) {
			json_array_append_new(all, match(meta("l4proto"), not, protocol(value)));
			i++;
		} else if (value && (!strcmp(word, "-s") || !strcmp(word, "-d"))) {
			json_array_append_new(all, match(payload(family, word[1] == 's' ?
								 "saddr" : "daddr"),
							 not, address(value)));
			i++;
		} else if (value && !strcmp(word, "--dst-type")) {
			json_array_append_new(all, match(json_pack("{s:{s:s,s:[s]}}", "fib",
								   "result", "type", "flags",
								   "daddr"),
							 not, words_set(value)));
			i++;
		} else if (value && (!strcmp(word, "--ctstate") || !strcmp(word, "--state"))) {
			json_array_append_new(all, match(json_pack("{s:{s:s}}", "ct", "key",
								   "state"),
							 not, words_set(value)));
			i++;
		} else if (value && (!strcmp(word, "-j") || !strcmp(word, "-g"))) {
			json_decref(last);
			last = target(entries, table, word[1] == 'g', value);
			/* What follows are options of the target. */
			break;
		} else if (value && (!strcmp(word, "--comment") ||
				     (!strcmp(word, "-m") &&
				      (!strcmp(value, "comment") || !strcmp(value, "conntrack") ||
				       !strcmp(value, "state") ||
				       !strcmp(value, "addrtype"))))) {
			i++;
		} else {
			/* A condition that only a packet could tell. */
			json_array_append_new(all, json_pack("{s:n}", "xt"));
		}
		not = false;
	}
	if (last)
		json_array_append_new(all, last);
	return all;
}

/* Base chains are those that have a policy. */
static void add_chain(json_t *entries, const char *family, const char *table, char **words)
{
	static const char *const hooks[][2] = {
		{ "PREROUTING", "prerouting" }, { "INPUT", "input" }, { "FORWARD", "forward" },
		{ "OUTPUT", "output" }, { "POSTROUTING", "postrouting" },
	};
	json_t *chain = json_pack("{s:s,s:s,s:s,s:b}", "family", family, "table", table, "name",
				  *words + 1, "legacy", true);
	unsigned int i;

	for (i = 0; i < sizeof(hooks) / sizeof(*hooks); i++)
		if (!strcmp(*words + 1, hooks[i][0])) {
			json_object_set_new(chain, "hook", json_string(hooks[i][1]));
			json_object_set_new(chain, "policy", json_string(strcmp(words[1], "DROP") ?
									"accept" : "drop"));
		}
	json_array_append_new(entries, json_pack("{s:o}", "chain", chain));
}

static void add_rule(json_t *entries, const char *family, const char *table, char **words, int n)
{
	json_t *rule = json_pack("{s:s,s:s,s:s,s:o}", "family", family, "table", table, "chain",
				 words[1], "expr",
				 expressions(entries, family, table, words + 2, n - 2));

	json_array_append_new(entries, json_pack("{s:o}", "rule", rule));
}

/**
 * legacy_rules() - read what iptables-legacy-save prints
 * @stream: where it comes from
 * @family: ip or ip6
 *
 * Return: as nft -j list ruleset prints it.
 */
json_t *legacy_rules(FILE *stream, const char *family)
{
	json_t *entries = json_array();
	char *line = NULL, table[32] = "", *words[WORDS_MAX];
	size_t room = 0;
	int n;

	while (getline(&line, &room, stream) > 0) {
		n = cut(line, words);
		if (!n)
			continue;
		if (**words == '*')
			snprintf(table, sizeof(table), "%s", *words + 1);
		else if (**words == ':' && n > 1)
			add_chain(entries, family, table, words);
		else if (!strcmp(*words, "-A") && n > 1)
			add_rule(entries, family, table, words, n);
	}
	free(line);
	return json_pack("{s:o}", "nftables", entries);
}

static bool has_tables(const char *list)
{
	FILE *file = fopen(list, "re");
	char line[64];
	bool has;

	if (!file)
		return false;
	has = fgets(line, sizeof(line), file);
	fclose(file);
	return has;
}

/* Without tables, the programs print nothing, and load no module. */
void examine_legacy(struct doctor *doctor)
{
	static const struct {
		const char *family;
		const char *program;
		const char *save;
		const char *tables;
	} kinds[] = {
		{ "ip", "iptables-legacy", SBIN_PATH "iptables-legacy-save 2>/dev/null",
		  "/proc/net/ip_tables_names" },
		{ "ip6", "ip6tables-legacy", SBIN_PATH "ip6tables-legacy-save 2>/dev/null",
		  "/proc/net/ip6_tables_names" },
	};
	json_t *rules;
	FILE *stream;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		stream = popen(kinds[i].save, "re");
		if (!stream)
			continue;
		rules = legacy_rules(stream, kinds[i].family);
		if (!pclose(stream))
			firewall_examine(doctor, rules);
		else if (has_tables(kinds[i].tables))
			finding(doctor, NOTE, "firewall",
				json_sprintf("there are rules of %s", kinds[i].program),
				"they cannot be looked at here: protocol 41 must get in and out, and clients' packets be forwarded",
				json_sprintf("%s -S", kinds[i].program));
		json_decref(rules);
	}
}
