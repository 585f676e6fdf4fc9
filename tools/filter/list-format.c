// SPDX-License-Identifier: GPL-2.0
/* What a file is: by what is in it, never by its name. */

#include <string.h>
#include <strings.h>

#include "list.h"

/* Ranges that decide about a text. */
#define RANGES_ENOUGH	1000

const char *const list_format_names[LIST_FORMATS + 1] = {
	"auto", "utorrent", "dat", "p2p", "p2b", "cidr", NULL
};

/* Whole ones: with letters alone a label may begin. */
struct magic {
	const char *bytes;
	size_t size;
	enum list_format format;
};

#define MAGIC(text, format)	{ text, sizeof(text) - 1, format }

static const struct magic magics[] = {
	MAGIC("\xff\xff\xff\xffP2B", LIST_P2B),
	MAGIC("\x1f\x8b", LIST_GZIP),
	MAGIC("PK\3\4", LIST_ZIP),
	MAGIC("PK\5\6", LIST_ZIP),
	MAGIC("PK\7\10", LIST_ZIP),
	MAGIC("\xff\xfe", LIST_UTF16),
	MAGIC("\xfe\xff", LIST_UTF16),
	MAGIC("\3757zXZ\0", LIST_XZ),
	MAGIC("\x28\xb5\x2f\xfd", LIST_ZSTD),
	MAGIC("7z\xbc\xaf\x27\x1c", LIST_7ZIP),
	MAGIC("Rar!\x1a\7", LIST_RAR),
};

/* A label may begin with these letters: the first block tells, or the end of an empty file. */
static bool is_bzip2(const char *data, size_t size)
{
	return size >= 10 && !memcmp(data, "BZh", 3) && data[3] >= '1' && data[3] <= '9' &&
	       (!memcmp(data + 4, "1AY&SY", 6) || !memcmp(data + 4, "\x17rE8P\x90", 6));
}

/* Its magic number stands behind the first file's name and zeros, which no text has. */
static bool is_tar(const char *data, size_t size)
{
	return size >= 262 && !memcmp(data + 257, "ustar", 5) && memchr(data, 0, 257);
}

/* An error page that was saved as a list. */
static bool is_html(const char *data, size_t size)
{
	static const char *const tags[] = {
		"<!doctype", "<html", "<head", "<body", "<?xml", "<!--"
	};
	size_t i, length;

	while (size && strchr(" \t\r\n", *data)) {
		data++;
		size--;
	}
	for (i = 0; i < sizeof(tags) / sizeof(*tags); i++) {
		length = strlen(tags[i]);
		if (size >= length && !strncasecmp(data, tags[i], length))
			return true;
	}
	return false;
}

/* Most of the first ranges decide; of as many of both kinds, the range is in front. */
static enum list_format text_dialect(const char *data, size_t size)
{
	const char *end = data + size, *line_end;
	unsigned int plain = 0, p2p = 0, kinds;

	while (data < end && plain + p2p < RANGES_ENOUGH) {
		line_end = memchr(data, '\n', end - data) ?: end;
		kinds = text_kinds(data, line_end - data);
		plain += kinds >> LIST_PLAIN & 1;
		p2p += kinds >> LIST_P2P & 1;
		data = line_end + 1;
	}
	return p2p > plain ? LIST_P2P : LIST_PLAIN;
}

enum list_format list_format(const char *data, size_t size)
{
	size_t i;

	for (i = 0; i < sizeof(magics) / sizeof(*magics); i++)
		if (size >= magics[i].size && !memcmp(data, magics[i].bytes, magics[i].size))
			return magics[i].format;
	if (is_bzip2(data, size))
		return LIST_BZIP2;
	if (is_tar(data, size))
		return LIST_TAR;
	if (size >= 3 && !memcmp(data, "\xef\xbb\xbf", 3)) {
		data += 3;
		size -= 3;
	}
	return is_html(data, size) ? LIST_HTML : text_dialect(data, size);
}
