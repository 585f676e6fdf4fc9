// SPDX-License-Identifier: GPL-2.0
/*
 * PeerGuardian's binary lists. Numbers are big-endian, addresses IPv4.
 *
 *   FF FF FF FF 'P' '2' 'B' VERSION, then
 *   version 1, 2: label with a zero behind it, first, last; again and again
 *   version 3:    number of labels, labels with a zero behind each; number of
 *                 ranges; number of a label, first, last, again and again
 */

#include <arpa/inet.h>
#include <string.h>

#include "list.h"

#define HEADER_SIZE	8

static uint32_t number(const char *data)
{
	uint32_t value;

	memcpy(&value, data, sizeof(value));
	return ntohl(value);
}

static int p2b_add(struct p2b_parser *parser, uint32_t first, uint32_t last, uint32_t label)
{
	struct list *list = parser->list;

	parser->entry++;
	list->counts.lines++;
	list->counts.ranges++;
	list->counts.reversed += first > last;
	if (first > last)
		ranges_add4(&list->ranges, last, first, label);
	else
		ranges_add4(&list->ranges, first, last, label);
	return 0;
}

/* A label that begins at @data. Return: bytes with its zero, 0 where they are not all here. */
static ssize_t p2b_label(struct p2b_parser *parser, const char *data, size_t size)
{
	const char *zero = memchr(data, '\0', size);

	if (zero ? zero - data <= LIST_LINE_MAX : size <= LIST_LINE_MAX)
		return zero ? zero + 1 - data : 0;
	return list_fail(parser->list,
			 "%s: the label of entry %zu is longer than 65536 bytes; is it the right file?",
			 parser->list->file, parser->entry + 1);
}

/* The next record. Return: its size, 0 where it is not all here, -1 after list_fail(). */
static ssize_t p2b_old_record(struct p2b_parser *parser, const char *data, size_t size)
{
	ssize_t label = p2b_label(parser, data, size);

	if (label <= 0 || (size_t)label + 8 > size)
		return label < 0 ? label : 0;
	p2b_add(parser, number(data + label), number(data + label + 4),
		labels_number(&parser->list->ranges.labels, data, label - 1));
	return label + 8;
}

static void p2b_keep_name(struct p2b_parser *parser, const char *data, size_t size)
{
	if (parser->n_names == parser->names_room) {
		parser->names_room = parser->names_room ? 2 * parser->names_room : 1024;
		parser->names = memory_resized(parser->names, parser->names_room,
					       sizeof(*parser->names));
	}
	parser->names[parser->n_names++] = labels_number(&parser->list->ranges.labels, data, size);
	parser->names_left--;
}

static ssize_t p2b_new_record(struct p2b_parser *parser, const char *data, size_t size)
{
	struct list *list = parser->list;
	char range[RANGE_STRLEN];
	uint32_t name;
	ssize_t label;

	if (parser->names_left) {
		label = p2b_label(parser, data, size);
		if (label > 0)
			p2b_keep_name(parser, data, label - 1);
		return label;
	}
	if (!parser->has_ranges) {
		if (size < 4)
			return 0;
		parser->has_ranges = true;
		parser->ranges_left = number(data);
		return 4;
	}
	if (!parser->ranges_left) {
		list->counts.lines++;
		list->counts.alike++;
		list_complain(list, LIST_TRAILING, parser->entry + 1, parser->offset + 1, data,
			      size < LIST_EXCERPT ? size : LIST_EXCERPT);
		return size;
	}
	if (size < 12)
		return 0;
	parser->ranges_left--;
	name = number(data);
	if (name < parser->n_names) {
		p2b_add(parser, number(data + 4), number(data + 8), parser->names[name]);
		return 12;
	}
	parser->entry++;
	list->counts.lines++;
	list->counts.alike++;
	range4_text(number(data + 4), number(data + 8), range);
	list_complain(list, LIST_NAME, parser->entry, parser->offset + 1, range, strlen(range));
	return 12;
}

/* Return: its size, 0 where it is not all here, -1 after list_fail(). */
static ssize_t p2b_header(struct p2b_parser *parser, const char *data, size_t size)
{
	unsigned int version;

	if (size < HEADER_SIZE)
		return 0;
	if (memcmp(data, "\xff\xff\xff\xffP2B", HEADER_SIZE - 1))
		return list_fail(parser->list, "%s: this is no P2B file; leave the format out",
				 parser->list->file);
	version = (unsigned char)data[HEADER_SIZE - 1];
	if (version < 1 || version > 3)
		return list_fail(parser->list, "%s: P2B version %u is unknown; 1 to 3 can be read",
				 parser->list->file, version);
	if (version == 3 && size < HEADER_SIZE + 4)
		return 0;
	parser->version = version;
	if (version < 3)
		return HEADER_SIZE;
	parser->names_left = number(data + HEADER_SIZE);
	/* An empty label is a byte of the file, but has a number in memory. */
	if (parser->names_left > LIST_RANGES_MAX)
		return list_fail(parser->list,
				 "%s: more than %u labels are announced; is it the right file?",
				 parser->list->file, LIST_RANGES_MAX);
	return HEADER_SIZE + 4;
}

ssize_t p2b_parse(struct p2b_parser *parser, const char *data, size_t size, bool final)
{
	struct list *list = parser->list;
	size_t used = 0;
	ssize_t n = 1;

	while (n > 0 && used < size) {
		if (!parser->version)
			n = p2b_header(parser, data + used, size - used);
		else if (parser->version < 3)
			n = p2b_old_record(parser, data + used, size - used);
		else
			n = p2b_new_record(parser, data + used, size - used);
		if (n < 0)
			return n;
		used += n;
		parser->offset += n;
	}
	if (!final)
		return used;
	if (used < size || !parser->version ||
	    (parser->version == 3 && (parser->names_left || !parser->has_ranges)))
		return list_fail(list, "%s: cut short in entry %zu, at byte %llu; get it again",
				 list->file, parser->entry + 1,
				 (unsigned long long)parser->offset + 1);
	if (parser->version == 3 && parser->ranges_left)
		return list_fail(list, "%s: cut short: %u ranges are missing; get it again",
				 list->file, parser->ranges_left);
	return used;
}

void p2b_free(struct p2b_parser *parser)
{
	free(parser->names);
	parser->names = NULL;
}
