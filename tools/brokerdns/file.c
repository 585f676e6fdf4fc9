// SPDX-License-Identifier: GPL-2.0
/* Files: read as a whole, written as a whole or not at all. */

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../lib/table.h"
#include "file.h"

char *file_read(const char *path)
{
	FILE *file = fopen(path, "re");
	char *text = NULL;
	size_t size = 0;
	ssize_t n;

	if (!file)
		return NULL;
	n = getdelim(&text, &size, '\0', file);
	if (n < 0) {
		free(text);
		text = ferror(file) ? NULL : must(strdup(""));
	}
	fclose(file);
	return text;
}

/* What was renamed is on the disk only when its directory is. */
static void sync_directory(const char *path)
{
	char *copy = must(strdup(path));
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	free(copy);
}

int file_write(const char *path, const char *text)
{
	const char *slash = strrchr(path, '/');
	size_t length = strlen(text);
	char aside[4096];
	int fd, err = 0;

	/* dnsmasq reads no file whose name begins with a dot. */
	snprintf(aside, sizeof(aside), "%.*s/.%s.XXXXXX", (int)(slash - path), path, slash + 1);
	fd = mkostemp(aside, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, text, length) != (ssize_t)length)
		err = -(errno ?: ENOSPC);
	if (!err && (fchmod(fd, 0644) || fsync(fd)))
		err = -errno;
	if (close(fd) && !err)
		err = -errno;
	if (!err && rename(aside, path))
		err = -errno;
	if (err)
		unlink(aside);
	else
		sync_directory(path);
	return err;
}

int file_remove(const char *path)
{
	if (unlink(path) && errno != ENOENT)
		return -errno;
	sync_directory(path);
	return 0;
}

/* Readable by dnsmasq, whoever it runs as. */
int directory_make(const char *path)
{
	struct stat status;

	if (mkdir(path, 0755) && errno != EEXIST)
		return -errno;
	/* Whatever the umask says. */
	if (stat(path, &status))
		return -errno;
	if ((status.st_mode & 0755) != 0755 && chmod(path, (status.st_mode & 07777) | 0755))
		return -errno;
	return 0;
}
