// SPDX-License-Identifier: GPL-2.0
/* Where bytes of a list come from: a file, memory, or an archive in another source. */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "libarchive.h"
#include "source.h"

#define PACKED_SIZE	(64 * 1024)

ssize_t file_source_read(struct source *source, char *buffer, size_t size)
{
	int fd = ((struct file_source *)source)->fd;
	struct list *list = source->list;
	ssize_t n;

	do
		n = read(fd, buffer, size);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return list_fail(list, "%s cannot be read to its end: %s; get it again",
				 list->file, strerror(errno));
	list->bytes += n;
	if (list->progress)
		list->progress(list, list->progress_arg);
	return n;
}

ssize_t head_source_read(struct source *source, char *buffer, size_t size)
{
	struct head_source *head = (struct head_source *)source;

	if (!head->size)
		return head->rest ? head->rest->read(head->rest, buffer, size) : 0;
	if (size > head->size)
		size = head->size;
	memcpy(buffer, head->data, size);
	head->data += size;
	head->size -= size;
	return size;
}

/**
 * struct gzip_source - what a gzip file holds (RFC 1952)
 * @source: the bytes
 * @packed: where they come from
 * @stream: zlib
 * @ended: a member is complete; another one may follow
 * @buffer: packed bytes
 */
struct gzip_source {
	struct source source;
	struct source *packed;
	z_stream stream;
	bool ended;
	char buffer[PACKED_SIZE];
};

static ssize_t gzip_source_read(struct source *source, char *buffer, size_t size)
{
	struct gzip_source *gzip = (struct gzip_source *)source;
	z_stream *stream = &gzip->stream;
	struct list *list = source->list;
	ssize_t n;
	int err;

	stream->next_out = (unsigned char *)buffer;
	stream->avail_out = size;
	while (stream->avail_out == size) {
		if (!stream->avail_in) {
			n = gzip->packed->read(gzip->packed, gzip->buffer, sizeof(gzip->buffer));
			if (n < 0)
				return n;
			if (!n && gzip->ended)
				return 0;
			if (!n)
				return list_fail(list,
						 "%s: the gzip file is cut short; get it again",
						 list->file);
			stream->next_in = (unsigned char *)gzip->buffer;
			stream->avail_in = n;
		}
		if (gzip->ended) {
			/* Some pad with zeros. */
			if (!*stream->next_in) {
				stream->next_in++;
				stream->avail_in--;
				continue;
			}
			inflateReset(stream);
			gzip->ended = false;
		}
		err = inflate(stream, Z_NO_FLUSH);
		if (err == Z_STREAM_END)
			gzip->ended = true;
		else if (err != Z_OK && err != Z_BUF_ERROR)
			return list_fail(list, "%s: the gzip file is damaged: %s; get it again",
					 list->file, stream->msg ?: zError(err));
	}
	return size - stream->avail_out;
}

int gzip_read(struct list *list, const char *name, struct source *packed, unsigned int depth)
{
	struct gzip_source *gzip = memory_zeroed(1, sizeof(*gzip));
	int err;

	gzip->source = (struct source) { gzip_source_read, list };
	gzip->packed = packed;
	/* 16: with a gzip header, and its check sum */
	memory_checked(inflateInit2(&gzip->stream, 15 + 16) == Z_OK ? gzip : NULL);
	err = list_read_source(list, name, &gzip->source, depth + 1);
	inflateEnd(&gzip->stream);
	free(gzip);
	return err;
}

/**
 * struct zip_source - a file in a zip archive
 * @source: the bytes
 * @packed: where they come from
 * @library: libarchive
 * @archive: what it knows of the archive
 * @lists: files that are lists
 * @passed: files that are none
 * @error: why the first of those is none
 * @buffer: packed bytes
 */
struct zip_source {
	struct source source;
	struct source *packed;
	const struct libarchive *library;
	struct archive *archive;
	size_t lists;
	size_t passed;
	char error[512];
	char buffer[PACKED_SIZE];
};

static la_ssize_t zip_packed_read(struct archive *archive, void *arg, const void **data)
{
	struct zip_source *zip = arg;
	ssize_t n = zip->packed->read(zip->packed, zip->buffer, sizeof(zip->buffer));

	*data = zip->buffer;
	if (n < 0)
		zip->library->set_error(archive, EIO, "it cannot be read");
	return n < 0 ? ARCHIVE_FATAL : n;
}

/* What libarchive says is wrong: nothing where bytes end between two files, or not much of lzma. */
static const char *zip_reason(struct zip_source *zip)
{
	const char *reason = zip->library->error_string(zip->archive);

	if (!reason)
		return "it ends too early";
	return strstr(reason, "unknown error") ? "it cannot be unpacked" : reason;
}

static int zip_fail(struct zip_source *zip)
{
	struct list *list = zip->source.list;

	return list_fail(list, "%s: the zip file is damaged or cut short: %s; get it again",
			 list->file, zip_reason(zip));
}

static ssize_t zip_source_read(struct source *source, char *buffer, size_t size)
{
	struct zip_source *zip = (struct zip_source *)source;
	la_ssize_t n;

	do
		n = zip->library->read_data(zip->archive, buffer, size);
	while (n == ARCHIVE_RETRY);
	return n < 0 ? zip_fail(zip) : n;
}

/*
 * Read a file of an archive. What is no list at all, such as a readme, is passed
 * over and leaves nothing but its name. Return: 0 or -1 after list_fail().
 */
static int zip_read_file(struct zip_source *zip, const char *name, unsigned int depth)
{
	struct list *list = zip->source.list;
	struct list before = *list;

	list->no_list = false;
	if (!list_read_source(list, name, &zip->source, depth + 1)) {
		zip->lists++;
		return 0;
	}
	if (!list->no_list)
		return -1;
	if (!zip->passed++)
		snprintf(zip->error, sizeof(zip->error), "%s", list->error);
	while (list->n_samples > before.n_samples)
		free(list->samples[--list->n_samples].file);
	memcpy(list->faults, before.faults, sizeof(list->faults));
	list->total = before.total;
	list->files = before.files;
	list->formats = before.formats;
	list->error[0] = '\0';
	list->no_list = false;
	list_keep_name(list->passed, &list->n_passed, name);
	return 0;
}

/* One file after the other. Return: 0 or -1 after list_fail(). */
static int zip_read_files(struct zip_source *zip, const char *name, unsigned int depth)
{
	struct list *list = zip->source.list;
	struct archive_entry *entry;
	char *inner;
	int err;

	for (;;) {
		list->file = name;
		err = zip->library->read_next_header(zip->archive, &entry);
		if (err == ARCHIVE_EOF && (zip->lists || !zip->passed))
			return 0;
		if (err == ARCHIVE_EOF) {
			list->no_list = true;
			return list_fail(list, "%s", zip->error);
		}
		/* A warning is about something like a name in an unknown character set. */
		if (err != ARCHIVE_OK && err != ARCHIVE_WARN)
			return zip_fail(zip);
		if (zip->library->entry_is_encrypted(entry))
			return list_fail(list, "%s: the zip file wants a password; unpack it first",
					 name);
		if (zip->library->entry_filetype(entry) == AE_IFDIR)
			continue;
		if (asprintf(&inner, "%s/%s", name, zip->library->entry_pathname(entry) ?: "?") < 0)
			memory_checked(NULL);
		err = zip_read_file(zip, inner, depth);
		list->file = name;
		free(inner);
		if (err)
			return err;
	}
}

int zip_read(struct list *list, const char *name, struct source *packed, unsigned int depth)
{
	const struct libarchive *library = libarchive();
	struct zip_source *zip;
	int err = -1;

	if (!library)
		return list_fail(list,
				 "%s: this is a zip file, and libarchive is not installed; apt-get install libarchive13, or unpack it first",
				 name);
	zip = memory_zeroed(1, sizeof(*zip));
	zip->source = (struct source) { zip_source_read, list };
	zip->packed = packed;
	zip->library = library;
	zip->archive = memory_checked(library->read_new());
	library->read_support_format_zip_streamable(zip->archive);
	if (library->read_open(zip->archive, zip, NULL, zip_packed_read, NULL) == ARCHIVE_OK)
		err = zip_read_files(zip, name, depth);
	else
		zip_fail(zip);
	library->read_free(zip->archive);
	free(zip);
	return err;
}
