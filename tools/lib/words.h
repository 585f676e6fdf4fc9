/* SPDX-License-Identifier: GPL-2.0 */
/* Key words and their unambiguous abbreviations. */
#ifndef LIB_WORDS_H
#define LIB_WORDS_H

#include <stddef.h>

/*
 * What @word leaves out of a key that it abbreviates: nothing is left of one that it is.
 * NULL where it is another word, or none.
 */
const char *word_rest(const char *word, const char *key);

/*
 * Index of the word in a NULL-terminated list that @word is, or abbreviates
 * without ambiguity. Else -1, and @complaint holds a sentence that lists the
 * candidates or names the nearest word.
 */
int word_match(const char *word, const char *const *list, const char *what, char *complaint,
	       size_t size);

#endif /* LIB_WORDS_H */
