/* SPDX-License-Identifier: GPL-2.0 */
/* libarchive, which is loaded with the first zip file. */
#ifndef FILTER_LIBARCHIVE_H
#define FILTER_LIBARCHIVE_H

#include <archive.h>
#include <archive_entry.h>

/* Its functions that are used here, without archive_ in front. */
struct libarchive {
	__typeof__(archive_entry_filetype) *entry_filetype;
	__typeof__(archive_entry_is_encrypted) *entry_is_encrypted;
	__typeof__(archive_entry_pathname) *entry_pathname;
	__typeof__(archive_error_string) *error_string;
	__typeof__(archive_read_data) *read_data;
	__typeof__(archive_read_free) *read_free;
	__typeof__(archive_read_new) *read_new;
	__typeof__(archive_read_next_header) *read_next_header;
	__typeof__(archive_read_open) *read_open;
	__typeof__(archive_read_support_format_zip_streamable) *read_support_format_zip_streamable;
	__typeof__(archive_set_error) *set_error;
};

/* Return: the library, or NULL where it is not installed. */
const struct libarchive *libarchive(void);

#endif /* FILTER_LIBARCHIVE_H */
