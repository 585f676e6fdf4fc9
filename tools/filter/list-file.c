// SPDX-License-Identifier: GPL-2.0
/* Reading a file of a list, with whatever archives are around it. */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source.h"

/* Fits a processor's second cache; twice as much as a line may have at least. */
#define PIECE_SIZE	(256 * 1024)

/* A zip file that holds a gzip file is something people have. */
#define DEPTH_MAX	2

/* A larger file is more than anybody should have memory for. */
#define EXPECT_MAX	(1024 * 1024 * 1024)

struct piece {
	size_t size;
	bool final;
	char data[PIECE_SIZE];
};

/* Read until the piece is full. */
static int piece_fill(struct piece *piece, struct source *source)
{
	ssize_t n;

	while (!piece->final && piece->size < sizeof(piece->data)) {
		n = source->read(source, piece->data + piece->size,
				 sizeof(piece->data) - piece->size);
		if (n < 0)
			return -1;
		piece->size += n;
		piece->final = !n;
	}
	return 0;
}

static void piece_take(struct piece *piece, size_t size)
{
	piece->size -= size;
	memmove(piece->data, piece->data + size, piece->size);
}

/* Memory is for lists that a kernel could take. */
static int check_size(struct list *list)
{
	const struct ranges *ranges = &list->ranges;

	if (ranges->n4 + ranges->n6 <= LIST_RANGES_MAX && ranges->labels.size <= LIST_LABELS_MAX)
		return 0;
	return list_fail(list, "%s: more than %u ranges, or 1 GB of labels; make two lists of it",
			 list->file, LIST_RANGES_MAX);
}

static int read_text(struct list *list, struct piece *piece, struct source *source,
		     enum list_format dialect)
{
	struct text_parser parser = { .list = list, .dialect = dialect };

	if (piece->size >= 3 && !memcmp(piece->data, "\xef\xbb\xbf", 3))
		piece_take(piece, 3);
	for (;;) {
		piece_take(piece, text_parse(&parser, piece->data, piece->size, piece->final));
		if (piece->final)
			return 0;
		if (check_size(list) || piece_fill(piece, source))
			return -1;
	}
}

static int read_p2b(struct list *list, struct piece *piece, struct source *source)
{
	struct p2b_parser parser = { .list = list };
	ssize_t n;

	list->formats |= 1 << LIST_P2B;
	for (;;) {
		n = p2b_parse(&parser, piece->data, piece->size, piece->final);
		if (n < 0 || piece->final)
			break;
		piece_take(piece, n);
		n = check_size(list) ?: piece_fill(piece, source);
		if (n < 0)
			break;
	}
	p2b_free(&parser);
	return n < 0 ? -1 : 0;
}

static const char *packer(enum list_format format)
{
	switch (format) {
	case LIST_XZ:
		return "xz";
	case LIST_BZIP2:
		return "bzip2";
	case LIST_ZSTD:
		return "zstd";
	case LIST_7ZIP:
		return "7-Zip";
	default:
		return "RAR";
	}
}

/* What can be read of a file is counted; more than a few bad lines are no list. */
static int list_judge(struct list *list)
{
	size_t good = list->counts.ranges + list->counts.allowed, bad = list->counts.bad;

	list->total.lines += list->counts.lines;
	list->total.ranges += list->counts.ranges;
	list->total.reversed += list->counts.reversed;
	list->total.host_bits += list->counts.host_bits;
	list->total.allowed += list->counts.allowed;
	list->total.bad += bad;
	list->files++;
	if (!bad || bad * 100.0 <= list->max_errors * (double)(good + bad))
		return 0;
	/* A text that came along with a list may well name an address. */
	list->no_list = !good && list->counts.alike < (bad + 1) / 2;
	return list_fail(list,
			 "%s: %zu of %zu lines with something in them cannot be read, more than %g %%; is it the right file? max-errors allows more",
			 list->file, bad, good + bad, list->max_errors);
}

/* Whether that is a mistake, who knows all files can say: one that is alone is refused. */
static void note_nothing(struct list *list, const char *name, bool empty)
{
	if (empty && !list->empty)
		list->empty = list_name(name);
	else if (!empty && !(list->counts.ranges + list->counts.allowed))
		list_keep_name(list->without, &list->n_without, name);
}

static int read_content(struct list *list, const char *name, struct piece *piece,
			struct source *source, unsigned int depth)
{
	enum list_format format = list_format(piece->data, piece->size);
	struct head_source head = {
		.source = { head_source_read, list },
		.data = piece->data,
		.size = piece->size,
		.rest = source,
	};
	bool empty = !piece->size;
	int err;

	switch (format) {
	case LIST_GZIP:
	case LIST_ZIP:
		list->formats |= 1 << format;
		if (depth == DEPTH_MAX)
			return list_fail(list, "%s: too many archives around it; unpack it first",
					 name);
		return format == LIST_ZIP ? zip_read(list, name, &head.source, depth) :
					    gzip_read(list, name, &head.source, depth);
	case LIST_HTML:
		list->no_list = true;
		return list_fail(list, "%s: this is a web page, no list; look at it in a browser",
				 name);
	case LIST_UTF16:
		list->no_list = true;
		return list_fail(list, "%s: this is UTF-16; convert it: iconv -f UTF-16 -t UTF-8",
				 name);
	case LIST_TAR:
		list->no_list = true;
		return list_fail(list, "%s: this is a tar archive; unpack it first", name);
	case LIST_XZ ... LIST_RAR:
		list->no_list = true;
		return list_fail(list, "%s: this is packed with %s; unpack it first", name,
				 packer(format));
	default:
		break;
	}
	if (list->format != LIST_AUTO)
		format = list->format;
	list->counts = (struct list_counts) {};
	if (format == LIST_P2B)
		err = read_p2b(list, piece, source);
	else
		err = read_text(list, piece, source, format);
	err = err ?: list_judge(list);
	if (!err)
		note_nothing(list, name, empty);
	return err;
}

int list_read_source(struct list *list, const char *name, struct source *source,
		     unsigned int depth)
{
	struct piece *piece = memory_checked(malloc(sizeof(*piece)));
	int err;

	list->file = name;
	piece->size = 0;
	piece->final = false;
	err = piece_fill(piece, source);
	if (!err)
		err = read_content(list, name, piece, source, depth);
	free(piece);
	return err;
}

int list_read(struct list *list, const char *name)
{
	bool is_stdin = !strcmp(name, "-");
	struct file_source file = {
		.source = { file_source_read, list },
		.fd = is_stdin ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC),
	};
	struct stat st;
	int err;

	list->file = name;
	if (file.fd < 0)
		return list_fail(list, "%s cannot be read: %s; give a file that you may read", name,
				 strerror(errno));
	posix_fadvise(file.fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	if (fstat(file.fd, &st))
		st.st_mode = 0;
	/* Memory that is not touched costs nothing. */
	if (S_ISREG(st.st_mode) && st.st_size < EXPECT_MAX)
		ranges_expect(&list->ranges, st.st_size);
	if (S_ISDIR(st.st_mode))
		err = list_fail(list, "%s is a directory; give the files in it", name);
	else
		err = list_read_source(list, name, &file.source, 0);
	if (!is_stdin)
		close(file.fd);
	list->file = name;
	return err;
}

int list_read_memory(struct list *list, const char *name, const char *data, size_t size)
{
	struct head_source head = {
		.source = { head_source_read, list },
		.data = data,
		.size = size,
	};

	return list_read_source(list, name, &head.source, 0);
}
