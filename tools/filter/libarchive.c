// SPDX-License-Identifier: GPL-2.0
/*
 * libarchive, which is loaded with the first zip file. It brings a dozen
 * libraries more, which take longer to load than all else that most commands do.
 */

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#include "libarchive.h"

#define LIBRARY		"libarchive.so.13"

#define FUNCTION(name)	{ "archive_" #name, offsetof(struct libarchive, name) }

static const struct {
	const char *name;
	size_t offset;
} functions[] = {
	FUNCTION(entry_filetype),
	FUNCTION(entry_is_encrypted),
	FUNCTION(entry_pathname),
	FUNCTION(error_string),
	FUNCTION(read_data),
	FUNCTION(read_free),
	FUNCTION(read_new),
	FUNCTION(read_next_header),
	FUNCTION(read_open),
	FUNCTION(read_support_format_zip_streamable),
	FUNCTION(set_error),
};

const struct libarchive *libarchive(void)
{
	static const struct libarchive *loaded;
	static struct libarchive library;
	void *handle, *function;
	size_t i;

	if (loaded)
		return loaded;
	handle = dlopen(LIBRARY, RTLD_NOW);
	if (!handle)
		return NULL;
	for (i = 0; i < sizeof(functions) / sizeof(*functions); i++) {
		function = dlsym(handle, functions[i].name);
		if (!function)
			return NULL;
		memcpy((char *)&library + functions[i].offset, &function, sizeof(function));
	}
	loaded = &library;
	return loaded;
}
