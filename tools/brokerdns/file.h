/* SPDX-License-Identifier: GPL-2.0 */
/* Files: read as a whole, written as a whole or not at all. */
#ifndef BROKERDNS_FILE_H
#define BROKERDNS_FILE_H

/* What is in it, up to a NUL, to be freed; or NULL. */
char *file_read(const char *path);

/* All return 0 or a negative errno. */
int file_write(const char *path, const char *text);
int file_remove(const char *path);
int directory_make(const char *path);

#endif /* BROKERDNS_FILE_H */
