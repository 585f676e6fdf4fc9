/* SPDX-License-Identifier: GPL-2.0 */
/* libarchive, which is loaded with the first zip file. */
#ifndef FILTER_LIBARCHIVE_H
#define FILTER_LIBARCHIVE_H

#include <archive.h>
#include <archive_entry.h>

#define LIBARCHIVE	"libarchive.so.13"

/* Its functions that are used here, without archive_ in front. */
#define LIBARCHIVE_FUNCTIONS(f)		\
	f(entry_filetype)		\
	f(entry_is_encrypted)		\
	f(entry_pathname)		\
	f(error_string)			\
	f(read_data)			\
	f(read_free)			\
	f(read_new)			\
	f(read_next_header)		\
	f(read_open)			\
	f(read_support_format_zip_streamable) \
	f(set_error)

struct libarchive {
#define LIBARCHIVE_MEMBER(name)	__typeof__(archive_##name) *name;
	LIBARCHIVE_FUNCTIONS(LIBARCHIVE_MEMBER)
#undef LIBARCHIVE_MEMBER
};

/* Return: the library, or NULL where it is not installed. */
const struct libarchive *libarchive(void);

#endif /* FILTER_LIBARCHIVE_H */
