/* SPDX-License-Identifier: GPL-2.0 */
/* What went wrong: one sentence, and an object for programs. */
#ifndef LIB_COMPLAINT_H
#define LIB_COMPLAINT_H

#include <stdbool.h>

/* Make it one line of text that is JSON, too, whatever was typed or received. */
void make_printable(char *text);

/**
 * complaint_print() - print "PROGRAM: FILE:LINE: TEXT" on stderr
 * @program: who complains
 * @file: what is being read, or NULL
 * @line: line number in it
 * @error: positive error number, 0 for wrong usage
 * @text: the sentence; made printable
 * @json: print an object as well
 */
void complaint_print(const char *program, const char *file, unsigned long line, int error,
		     char *text, bool json);

#endif /* LIB_COMPLAINT_H */
