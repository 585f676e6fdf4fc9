/* SPDX-License-Identifier: GPL-2.0 */
/* Where bytes of a list come from: a file, memory, or an archive in another source. */
#ifndef FILTER_SOURCE_H
#define FILTER_SOURCE_H

#include <stdint.h>
#include <sys/types.h>

#include "list.h"

/**
 * struct source - a stream of bytes
 * @read: up to @size of them; 0 at the end, -1 after list_fail()
 * @list: the list being read
 */
struct source {
	ssize_t (*read)(struct source *source, char *buffer, size_t size);
	struct list *list;
};

/* A file descriptor; counts bytes for progress. */
struct file_source {
	struct source source;
	int fd;
};

ssize_t file_source_read(struct source *source, char *buffer, size_t size);

/* Bytes that were read already, then the rest of another source. */
struct head_source {
	struct source source;
	const char *data;
	size_t size;
	struct source *rest;	/* or NULL */
};

ssize_t head_source_read(struct source *source, char *buffer, size_t size);

/*
 * Unpack what @packed holds, and have each file in it read by list_read_source().
 * Return: 0 or -1 after list_fail().
 */
int gzip_read(struct list *list, const char *name, struct source *packed, unsigned int depth);
int zip_read(struct list *list, const char *name, struct source *packed, unsigned int depth);

/* @depth: number of archives around it. */
int list_read_source(struct list *list, const char *name, struct source *source,
		     unsigned int depth);

#endif /* FILTER_SOURCE_H */
