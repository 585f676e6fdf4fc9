/* SPDX-License-Identifier: GPL-2.0 */
/* Filter lists as people have them: what a file holds, and what is wrong with it. */
#ifndef FILTER_LIST_H
#define FILTER_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "ranges.h"

/* A longer line is unreadable. */
#define LIST_LINE_MAX	(64 * 1024)

/* More ranges than this in a file, or names for them: it is not a list for this program. */
#define LIST_RANGES_MAX	(64 * 1024 * 1024)

/* Nor is one with more text than this in its labels. */
#define LIST_LABELS_MAX	(1024 * 1024 * 1024)

/* What is wrong with a line; list_fault_text() says it in words. */
enum list_fault {
	LIST_OK,
	LIST_NO_ADDRESS,	/* neither an address nor a comment */
	LIST_OCTET,		/* an octet above 255 */
	LIST_OCTET_DIGITS,	/* an octet of more than three digits */
	LIST_OCTETS,		/* not four octets */
	LIST_IPV6,		/* no IPv6 address */
	LIST_BRACKET,		/* [ without ] */
	LIST_LENGTH,		/* no prefix length of this family */
	LIST_FAMILIES,		/* from IPv4 to IPv6 */
	LIST_TRAILING,		/* something that is no comment behind the range */
	LIST_LEVEL,		/* a level that is no number */
	LIST_NO_RANGE,		/* PeerGuardian: no range behind a label */
	LIST_FORM,		/* a kind of range that this format does not have */
	LIST_LONG,		/* longer than LIST_LINE_MAX */
	LIST_NAME,		/* P2B: a label's number that is none */
	LIST_HOST_BITS,		/* bits beyond the length; in a file they are cleared */
	LIST_FAULTS
};

const char *list_fault_text(enum list_fault fault);

/* Formats: those that can be asked for, then what a file turns out to be. */
enum list_format {
	LIST_AUTO,
	LIST_UTORRENT,
	LIST_DAT,
	LIST_P2P,
	LIST_P2B,
	LIST_CIDR,
	LIST_FORMATS,
	LIST_PLAIN = LIST_FORMATS,	/* addresses first: uTorrent, DAT or CIDR */
	LIST_GZIP,
	LIST_ZIP,
	LIST_HTML,
	LIST_UTF16,
	LIST_XZ,
	LIST_BZIP2,
	LIST_ZSTD,
	LIST_7ZIP,
	LIST_RAR,
	LIST_TAR,
};

/* Names of LIST_AUTO to LIST_CIDR, with a NULL behind. */
extern const char *const list_format_names[LIST_FORMATS + 1];

/**
 * list_format() - find out what a file is
 * @data: its beginning
 * @size: how much of it there is
 *
 * Return: what it is by its first bytes; LIST_P2P or LIST_PLAIN where it is text.
 */
enum list_format list_format(const char *data, size_t size);

/**
 * struct list_counts - what was read
 * @lines: lines, or entries of a P2B file
 * @ranges: ranges that were read, without those above the level
 * @reversed: ranges whose ends were the wrong way round
 * @host_bits: prefixes with bits set beyond their length
 * @allowed: ranges that their level allows
 * @bad: what could not be read
 * @alike: how many of those look like lines of a list nevertheless
 */
struct list_counts {
	size_t lines;
	size_t ranges;
	size_t reversed;
	size_t host_bits;
	size_t allowed;
	size_t bad;
	size_t alike;
};

/* What is shown of a bad line. */
#define LIST_EXCERPT	64

/* Bad lines that are shown; the rest is counted. */
#define LIST_SAMPLES	5

/**
 * struct list_sample - a bad line
 * @file: its file
 * @line: its number, from 1; of an entry in a P2B file
 * @column: where it goes wrong, from 1; the byte in a P2B file
 * @fault: why
 * @excerpt: some of it, printable UTF-8
 */
struct list_sample {
	char *file;
	size_t line;
	size_t column;
	enum list_fault fault;
	char excerpt[LIST_EXCERPT + 1];
};

/**
 * struct list - a list being read
 * @format: what the user says the files are, or LIST_AUTO
 * @level: DAT ranges of this level and above are allowed, and left out
 * @max_errors: how much of a file may be unreadable, in percent
 * @progress: called now and then; or NULL
 * @progress_arg: for @progress
 * @bytes: read from files so far, before unpacking
 * @size: bytes of all files, 0 where it is not known
 * @ranges: what was read
 * @total: over all files
 * @files: number of files, those in archives too
 * @formats: bit for each enum list_format that was met
 * @faults: number of bad lines for each reason
 * @samples: the first bad lines
 * @n_samples: number of them
 * @passed: the first files of archives that are no lists, such as a readme
 * @n_passed: number of them, those without a place in @passed too
 * @without: the first files that have lines, but no range
 * @n_without: number of them, those without a place in @without too
 * @empty: the first file without a single byte; or NULL
 * @file: name of the file being read
 * @counts: of it
 * @no_list: it has turned out to be something else
 * @error: why a list cannot be read, a sentence; empty where it can
 */
struct list {
	enum list_format format;
	unsigned int level;
	double max_errors;
	void (*progress)(struct list *list, void *arg);
	void *progress_arg;
	uint64_t bytes;
	uint64_t size;
	struct ranges ranges;
	struct list_counts total;
	size_t files;
	uint32_t formats;
	size_t faults[LIST_FAULTS];
	struct list_sample samples[LIST_SAMPLES];
	unsigned int n_samples;
	char *passed[LIST_SAMPLES];
	size_t n_passed;
	char *without[LIST_SAMPLES];
	size_t n_without;
	char *empty;
	const char *file;
	struct list_counts counts;
	bool no_list;
	char error[512];
};

/* Count a bad line; @excerpt is some text of @size bytes. */
void list_complain(struct list *list, enum list_fault fault, size_t line, size_t column,
		   const char *excerpt, size_t size);

/* A copy of a file's name. Who made an archive chose the names in it: as a terminal can show it. */
char *list_name(const char *name);

/* Keep a file's name, if it is one of the first. @n: how many there were before */
void list_keep_name(char *names[LIST_SAMPLES], size_t *n, const char *name);

/* Say why the list cannot be read, unless that was said. Return: -1. */
__attribute__((format(printf, 2, 3)))
int list_fail(struct list *list, const char *format, ...);

void list_free(struct list *list);

/*
 * Parsers take a file piece by piece. Each is called with what is left of the
 * last piece and the next one, and returns how much of that it has read; the
 * last time with @final set.
 */

/**
 * struct text_parser - reading lines
 * @list: where ranges and complaints go
 * @dialect: LIST_P2P, or LIST_PLAIN, LIST_UTORRENT, LIST_DAT, LIST_CIDR
 * @line: number of lines read
 * @skip: the rest of a line that is too long follows
 */
struct text_parser {
	struct list *list;
	enum list_format dialect;
	size_t line;
	bool skip;
};

/* The last line needs no line end where @final is set. */
size_t text_parse(struct text_parser *parser, const char *data, size_t size, bool final);

/*
 * What kinds of lists could have @line, of @size bytes without its end, as a range?
 * Return: a bit for each of LIST_PLAIN and LIST_P2P, the latter for one with a label
 * only, if an empty one (":1.2.3.4"). IPv6 that can be read both ways is what
 * scan_p2p() makes of it.
 */
unsigned int text_kinds(const char *line, size_t size);

/* One range as a word of a command. Return: LIST_OK, and it is in @ranges; or why not. */
enum list_fault text_range(const char *word, struct ranges *ranges);

/**
 * struct p2b_parser - reading a P2B file
 * @list: where ranges and complaints go
 * @version: 1 to 3; 0 before the beginning was read
 * @names: labels by their number in the file (version 3)
 * @n_names: number of them
 * @names_room: entries that @names has room for
 * @names_left: how many follow
 * @ranges_left: how many follow (version 3), once @has_ranges
 * @has_ranges: the number of ranges was read
 * @entry: number of ranges read
 * @offset: bytes read
 */
struct p2b_parser {
	struct list *list;
	unsigned int version;
	uint32_t *names;
	uint32_t n_names;
	uint32_t names_room;
	uint32_t names_left;
	uint32_t ranges_left;
	bool has_ranges;
	size_t entry;
	uint64_t offset;
};

/* Return: bytes read, or -1 where the file cannot be read, after list_fail(). */
ssize_t p2b_parse(struct p2b_parser *parser, const char *data, size_t size, bool final);
void p2b_free(struct p2b_parser *parser);

/**
 * list_read() - read a file with whatever archives are around it
 * @list: the list
 * @name: file, or - for standard input
 *
 * Return: 0, or -1 where it must not be used, with list->error.
 */
int list_read(struct list *list, const char *name);

/* The same for a file that is in memory. */
int list_read_memory(struct list *list, const char *name, const char *data, size_t size);

/* Write merged ranges, so that reading them makes the same list. @name is for a comment. */
void list_write(FILE *file, const char *name, const struct ranges *ranges);

#endif /* FILTER_LIST_H */
