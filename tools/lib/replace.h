/* SPDX-License-Identifier: GPL-2.0 */
/* Files that are written as a whole or not at all. */
#ifndef LIB_REPLACE_H
#define LIB_REPLACE_H

#include <stdio.h>

/**
 * file_replace() - write a file
 * @path: where; "-" is standard output, devices and pipes are written to
 * @write: writes all of it
 * @arg: for @write
 *
 * A new file takes the place of the old one when it is complete, and is its
 * owner's with its mode. Its name before that ends differently.
 *
 * Return: 0 or a negative errno.
 */
int file_replace(const char *path, void (*write)(FILE *file, const void *arg), const void *arg);

#endif /* LIB_REPLACE_H */
