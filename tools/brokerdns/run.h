/* SPDX-License-Identifier: GPL-2.0 */
/* Other programs: run to their end, or started for good. */
#ifndef BROKERDNS_RUN_H
#define BROKERDNS_RUN_H

#include <stddef.h>

#define RUN_NO_PROGRAM	127

/**
 * run() - run a program and wait for it
 * @argv: its words, up to NULL; found in PATH
 * @directory: where, or NULL
 * @output: what it prints on stdout and stderr goes there, printable; or NULL
 * @size: room there
 *
 * Return: its status, RUN_NO_PROGRAM where there is none, negative where it was
 * killed or could not be started.
 */
int run(char *const *argv, const char *directory, char *output, size_t size);

/* The same; @prepare runs in the child first, which ends with what it returns unless 0. */
int run_prepared(char *const *argv, const char *directory, char *output, size_t size,
		 int (*prepare)(void *arg), void *arg);

/* What it prints goes to stderr. */
int run_shown(char *const *argv);

/* Start a program that goes on without us. Return: 0 or a negative errno. */
int run_detached(char *const *argv, const char *directory);

#endif /* BROKERDNS_RUN_H */
