/* SPDX-License-Identifier: GPL-2.0 */
/* What the words of a configuration mean. */
#ifndef CONFIG_WORDS_H
#define CONFIG_WORDS_H

#include "config.h"

/**
 * struct word - KEY = VALUE, or one value of a list
 * @key: key
 * @value: value
 * @first: it is no further value of a list
 * @line: its line
 */
struct word {
	char *key;
	char *value;
	bool first;
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

/* Both: 0 or an exit code, after a complaint. */
int words_link(struct reader *reader, const struct word *word);
int words_section(struct reader *reader, const char *kind, const char *title);

#endif /* CONFIG_WORDS_H */
