// SPDX-License-Identifier: GPL-2.0
/*
 * Preloaded: as on a disk that fails, the file FAIL_UNLINK cannot be removed, and
 * nothing can take the place of FAIL_RENAME.
 */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NEXT(name)	((typeof(name) *)dlsym(RTLD_NEXT, #name))

static int fails(const char *variable, const char *path)
{
	const char *file = getenv(variable);

	errno = EIO;
	return file && !strcmp(path, file);
}

int unlink(const char *path)
{
	return fails("FAIL_UNLINK", path) ? -1 : NEXT(unlink)(path);
}

int rename(const char *from, const char *to)
{
	return fails("FAIL_RENAME", to) ? -1 : NEXT(rename)(from, to);
}
