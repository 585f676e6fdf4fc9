/* SPDX-License-Identifier: GPL-2.0 */
/* Sentences for people, on stderr. */
#ifndef BROKERDNS_COMPLAIN_H
#define BROKERDNS_COMPLAIN_H

#include <stdbool.h>

/* Complaints are JSON objects, too. */
extern bool complain_json;
/* No notes. */
extern bool complain_quiet;

/* What went wrong. @error: positive error number, 0 for wrong usage */
__attribute__((format(printf, 2, 3)))
void complain(int error, const char *format, ...);

/* What one should know: "brokerdns: " and the text; not with -q. */
__attribute__((format(printf, 1, 2)))
void note(const char *format, ...);

/* Is all of standard output written? Return: 0, or -1 after a complaint, which comes once. */
int print_end(void);

#endif /* BROKERDNS_COMPLAIN_H */
