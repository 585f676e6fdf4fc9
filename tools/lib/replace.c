// SPDX-License-Identifier: GPL-2.0
/* Files that are written as a whole or not at all. */

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "replace.h"

/* Close a file that was written. Return: 0 or a negative errno. */
static int finish(FILE *file, bool sync)
{
	int err = 0;

	if (fflush(file) || ferror(file) || (sync && fsync(fileno(file))))
		err = -errno;
	if (fclose(file) && !err)
		err = -errno;
	return err;
}

/* A new file takes the old one's place when it is complete. Return: 0 or a negative errno. */
static int replace(const char *path, void (*write)(FILE *file, const void *arg), const void *arg)
{
	char *target, *temporary;
	struct stat st;
	FILE *file;
	int fd, err;

	/* What a symbolic link points to is replaced, not the link. */
	target = realpath(path, NULL) ?: strdup(path);
	if (!target || asprintf(&temporary, "%s.XXXXXX", target) < 0) {
		free(target);
		return -ENOMEM;
	}
	fd = mkostemp(temporary, O_CLOEXEC);
	file = fd < 0 ? NULL : fdopen(fd, "w");
	if (!file) {
		err = -errno;
	} else {
		mode_t mask = umask(0);

		umask(mask);
		if (stat(target, &st))
			err = fchmod(fd, 0666 & ~mask);
		else
			err = fchown(fd, st.st_uid, st.st_gid) ?: fchmod(fd, st.st_mode & 07777);
		(void)err;	/* it is written, to whom it may belong */
		write(file, arg);
		err = finish(file, true);
		if (!err && rename(temporary, target))
			err = -errno;
		if (err)
			unlink(temporary);
	}
	free(temporary);
	free(target);
	return err;
}

int file_replace(const char *path, void (*write)(FILE *file, const void *arg), const void *arg)
{
	struct stat st;
	FILE *file;

	if (!strcmp(path, "-")) {
		write(stdout, arg);
		return fflush(stdout) || ferror(stdout) ? -errno : 0;
	}
	if (stat(path, &st) || S_ISREG(st.st_mode))
		return replace(path, write, arg);
	/* A device or a pipe. */
	file = fopen(path, "we");
	if (!file)
		return -errno;
	write(file, arg);
	return finish(file, false);
}
