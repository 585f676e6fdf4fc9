// SPDX-License-Identifier: GPL-2.0
/* Labels of ranges: each text once, with a small number for it. */

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "labels.h"
#include "memory.h"

#define SLOTS_MIN	256
#define TEXT_MIN	4096

static uint32_t label_hash(const struct labels *labels, const char *text, size_t length)
{
	uint64_t hash = labels->seed ^ length, word;

	for (; length >= 8; text += 8, length -= 8) {
		memcpy(&word, text, 8);
		hash = (hash ^ word) * 0x9e3779b97f4a7c15;
		hash ^= hash >> 32;
	}
	word = 0;
	memcpy(&word, text, length);
	hash = (hash ^ word) * 0x9e3779b97f4a7c15;
	return hash >> 32 ^ hash;
}

/*
 * Four times as many slots where many labels are expected, so that each is moved
 * once rather than twice; not at once as many as that, since most lists have few
 * labels again and again, and a small table is a fast one.
 */
static void labels_grow(struct labels *labels)
{
	uint32_t size = labels->mask ? 2 * (labels->mask + 1) : SLOTS_MIN, label, at;

	if (labels->mask && size < labels->n_room)
		size *= 2;
	free(labels->slots);
	labels->slots = memory_zeroed(size, sizeof(*labels->slots));
	labels->mask = size - 1;
	for (label = 1; label < labels->n; label++) {
		at = labels->label[label].hash & labels->mask;
		while (labels->slots[at])
			at = (at + 1) & labels->mask;
		labels->slots[at] = label;
	}
}

static bool label_is(const struct labels *labels, uint32_t label, const char *text, size_t length)
{
	const char *known = labels->text + labels->label[label].offset;

	return !strncmp(known, text, length) && !known[length];
}

static void labels_make_room(struct labels *labels, size_t room, uint32_t n_room)
{
	if (room > labels->room) {
		labels->room = room;
		labels->text = memory_resized(labels->text, room, 1);
	}
	if (n_room > labels->n_room) {
		labels->n_room = n_room;
		labels->label = memory_resized(labels->label, n_room, sizeof(*labels->label));
	}
}

void labels_expect(struct labels *labels, size_t bytes, size_t n)
{
	labels_make_room(labels, labels->size + bytes, labels->n + n);
}

static uint32_t label_new(struct labels *labels, const char *text, size_t length, uint32_t hash)
{
	if (labels->room - labels->size < LABEL_MAX + 1)
		labels_make_room(labels, 2 * labels->room + TEXT_MIN, 0);
	if (labels->n == labels->n_room)
		labels_make_room(labels, 0, 2 * labels->n_room + SLOTS_MIN);
	labels->label[labels->n] = (struct label) { labels->size, hash };
	memcpy(labels->text + labels->size, text, length);
	labels->size += length;
	labels->text[labels->size++] = '\0';
	return labels->n++;
}

static uint32_t label_find(struct labels *labels, const char *text, size_t length)
{
	uint32_t hash, at, label;

	if (!labels->n) {
		if (getrandom(&labels->seed, sizeof(labels->seed), GRND_NONBLOCK) < 0)
			labels->seed = (uintptr_t)labels;
		label_new(labels, "", 0, 0);
	}
	if (label_is(labels, labels->last, text, length))
		return labels->last;
	/* A slot in four stays free at least. */
	if (4 * (uint64_t)labels->n >= 3 * (uint64_t)labels->mask)
		labels_grow(labels);
	hash = label_hash(labels, text, length);
	for (at = hash & labels->mask; labels->slots[at]; at = (at + 1) & labels->mask) {
		label = labels->slots[at];
		if (labels->label[label].hash == hash && label_is(labels, label, text, length))
			return labels->last = label;
	}
	labels->last = label_new(labels, text, length, hash);
	labels->slots[at] = labels->last;
	return labels->last;
}

/* Bytes of the UTF-8 character at @text, 0 where there is none (RFC 3629). */
static unsigned int utf8_length(const unsigned char *text, size_t length)
{
	unsigned int n = *text < 0x80 ? 1 : *text < 0xc2 ? 0 : *text < 0xe0 ? 2 :
			 *text < 0xf0 ? 3 : *text < 0xf5 ? 4 : 0, i;

	if (!n || n > length)
		return 0;
	for (i = 1; i < n; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	/* Too long a form, a surrogate, beyond U+10FFFF. */
	if ((*text == 0xe0 && text[1] < 0xa0) || (*text == 0xed && text[1] > 0x9f) ||
	    (*text == 0xf0 && text[1] < 0x90) || (*text == 0xf4 && text[1] > 0x8f))
		return 0;
	return n;
}

static bool is_utf8(const unsigned char *text, size_t length)
{
	unsigned int n;

	for (; length; text += n, length -= n) {
		n = utf8_length(text, length);
		if (!n)
			return false;
	}
	return true;
}

size_t text_clean(const char *bytes, size_t length, char clean[LABEL_MAX + 1])
{
	const unsigned char *text = (const unsigned char *)bytes;
	bool utf8 = is_utf8(text, length);
	size_t size = 0;
	unsigned int n;

	for (; length; text += n, length -= n) {
		char character[4] = { ' ' };
		unsigned int width = 1;

		n = utf8 ? utf8_length(text, length) : 1;
		if (utf8 && n > 1 && !(*text == 0xc2 && text[1] < 0xa0)) {
			memcpy(character, text, n);
			width = n;
		} else if (n == 1 && *text >= 0xa0) {
			character[0] = (char)(0xc0 | *text >> 6);
			character[1] = (char)(0x80 | (*text & 0x3f));
			width = 2;
		} else if (n == 1 && *text >= ' ' && *text < 0x7f) {
			character[0] = (char)*text;
		}
		if (size + width > LABEL_MAX)
			break;
		memcpy(clean + size, character, width);
		size += width;
	}
	clean[size] = '\0';
	return size;
}

static bool is_plain(const char *text, size_t length)
{
	size_t i;
	unsigned char bad = 0;

	/* No early end: compilers make vectors of it. */
	for (i = 0; i < length; i++)
		bad |= (unsigned char)text[i] < ' ' || (unsigned char)text[i] >= 0x7f;
	return !bad;
}

static void label_trim(const char **text, size_t *length)
{
	while (*length && (**text == ' ' || **text == '\t')) {
		++*text;
		--*length;
	}
	while (*length && ((*text)[*length - 1] == ' ' || (*text)[*length - 1] == '\t'))
		--*length;
}

uint32_t labels_number(struct labels *labels, const char *text, size_t length)
{
	char clean[LABEL_MAX + 1];

	label_trim(&text, &length);
	if (length > LABEL_MAX || !is_plain(text, length)) {
		length = text_clean(text, length, clean);
		text = clean;
		label_trim(&text, &length);
	}
	return length ? label_find(labels, text, length) : LABEL_NONE;
}

const char *labels_text(const struct labels *labels, uint32_t label)
{
	return label < labels->n ? labels->text + labels->label[label].offset : "";
}

void labels_free(struct labels *labels)
{
	free(labels->text);
	free(labels->label);
	free(labels->slots);
	*labels = (struct labels) {};
}
