/* SPDX-License-Identifier: GPL-2.0 */
/* What a dnsmasq was told: its command line and the files that this leads to. */
#ifndef BROKERDNS_CONFIG_H
#define BROKERDNS_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct setting - an option and where it stands
 * @name: long name, without dashes
 * @value: behind the '=', or ""
 * @file: in which file; NULL for the command line
 * @line: on which line, 0 for the command line
 */
struct setting {
	char *name;
	char *value;
	char *file;
	unsigned int line;
};

/**
 * struct config - all of them, in the order dnsmasq reads them
 * @settings: they
 * @n: how many
 * @room: for how many there is memory
 */
struct config {
	struct setting *settings;
	size_t n;
	size_t room;
};

/*
 * @argv: the command line, with the program's name, up to NULL
 * @directory: where it was given, for relative names; or NULL
 */
void config_read(struct config *config, char *const *argv, const char *directory);
void config_clear(struct config *config);

/* The first one of a name; NULL when there is none. */
const struct setting *config_find(const struct config *config, const char *name);

/* Does this conf-dir, with what is behind its commas, read a file of that name? */
bool config_dir_reads(const char *value, const char *name);
/* The directory alone, without a final slash. */
void config_dir_path(const char *value, char *path, size_t size);

#endif /* BROKERDNS_CONFIG_H */
