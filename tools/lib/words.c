// SPDX-License-Identifier: GPL-2.0
/* Key words and their unambiguous abbreviations. */

#include <stdio.h>
#include <string.h>

#include "words.h"

#define WORD_MAX	24

/* Levenshtein distance, for short words. */
static unsigned int word_distance(const char *a, const char *b)
{
	unsigned int row[WORD_MAX + 1], i, j, above, left;
	size_t a_len = strlen(a), b_len = strlen(b);

	if (a_len > WORD_MAX || b_len > WORD_MAX)
		return WORD_MAX;
	for (j = 0; j <= b_len; j++)
		row[j] = j;
	for (i = 1; i <= a_len; i++) {
		left = row[0];
		row[0] = i;
		for (j = 1; j <= b_len; j++) {
			above = row[j];
			row[j] = left + (a[i - 1] != b[j - 1]);
			if (above + 1 < row[j])
				row[j] = above + 1;
			if (row[j - 1] + 1 < row[j])
				row[j] = row[j - 1] + 1;
			left = above;
		}
	}
	return row[b_len];
}

/* A loop, not strncmp(): words are short, and a batch has many. */
const char *word_rest(const char *word, const char *key)
{
	const char *at = word;

	while (*at && *at == *key) {
		at++;
		key++;
	}
	return *at || at == word ? NULL : key;
}

int word_match(const char *word, const char *const *list, const char *what, char *complaint,
	       size_t size)
{
	unsigned int distance, nearest_distance = WORD_MAX;
	const char *nearest = NULL, *rest;
	int i, found = -1, n = 0;
	size_t at;

	for (i = 0; list[i]; i++) {
		rest = word_rest(word, list[i]);
		if (!rest)
			continue;
		if (!*rest)
			return i;
		found = i;
		n++;
	}
	if (n == 1)
		return found;

	/* Only a complaint is worth the distances: a batch has many words. */
	for (i = 0; !n && list[i]; i++) {
		distance = word_distance(word, list[i]);
		if (distance < nearest_distance) {
			nearest_distance = distance;
			nearest = list[i];
		}
	}
	if (n) {
		at = snprintf(complaint, size, "%s \"%s\" is ambiguous:", what, word);
		for (i = 0; list[i] && at < size; i++)
			if (word_rest(word, list[i]))
				at += snprintf(complaint + at, size - at, " %s", list[i]);
	} else if (nearest && nearest_distance <= 2) {
		snprintf(complaint, size, "unknown %s \"%s\"; did you mean \"%s\"?", what, word,
			 nearest);
	} else {
		at = snprintf(complaint, size, "unknown %s \"%s\"; one of:", what, word);
		for (i = 0; list[i] && at < size; i++)
			at += snprintf(complaint + at, size - at, " %s", list[i]);
	}
	return -1;
}
