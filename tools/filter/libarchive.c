// SPDX-License-Identifier: GPL-2.0
/*
 * libarchive, which is loaded with the first zip file. It brings a dozen
 * libraries more, which take longer to load than all else that most commands do.
 */

#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>

#include "libarchive.h"

const struct libarchive *libarchive(void)
{
	static struct libarchive library;
	static bool loaded;
	void *handle;

	if (loaded)
		return &library;
	handle = dlopen(LIBARCHIVE, RTLD_NOW);
	if (!handle)
		return NULL;
	loaded = true;
#define LIBARCHIVE_LOAD(name)						\
	library.name = (__typeof__(library.name))dlsym(handle, "archive_" #name); \
	loaded = loaded && library.name;
	LIBARCHIVE_FUNCTIONS(LIBARCHIVE_LOAD)
#undef LIBARCHIVE_LOAD
	return loaded ? &library : NULL;
}
