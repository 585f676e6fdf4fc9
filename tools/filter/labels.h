/* SPDX-License-Identifier: GPL-2.0 */
/* Labels of ranges: each text once, with a small number for it. */
#ifndef FILTER_LABELS_H
#define FILTER_LABELS_H

#include <stddef.h>
#include <stdint.h>

/* The longest label in bytes, without a terminating zero. What is longer is cut. */
#define LABEL_MAX	255

/* The label of ranges that have none. */
#define LABEL_NONE	0

/**
 * struct labels - a set of labels
 * @text: all of them, one after the other, each with a terminating zero
 * @size: bytes used of @text
 * @room: bytes there are
 * @label: each one's place and hash
 * @n: number of them; number 0 is the empty one, and is not counted before there is a label
 * @n_room: entries that @label has room for
 * @slots: hash table of numbers, 0 where there is none
 * @mask: number of slots less one
 * @seed: who writes a list cannot know which labels share a slot
 * @last: the label of the last call, since neighbours often share it
 */
struct labels {
	char *text;
	size_t size;
	size_t room;
	struct label {
		uint32_t offset;
		uint32_t hash;
	} *label;
	uint32_t n;
	uint32_t n_room;
	uint32_t *slots;
	uint32_t mask;
	uint64_t seed;
	uint32_t last;
};

/* Make room for so many bytes of labels, so that what grows need not move. */
void labels_expect(struct labels *labels, size_t bytes, size_t n);

/*
 * UTF-8, or Latin-1 where it is none, becomes UTF-8 with a space for each control
 * character; cut between characters where it is too long. Return: bytes without
 * the terminating zero.
 */
size_t text_clean(const char *bytes, size_t length, char clean[LABEL_MAX + 1]);

/*
 * The number of a label: of @length bytes in UTF-8, or in Latin-1 where they
 * are no UTF-8. Spaces around it and control characters in it are not kept,
 * nor is what lies beyond LABEL_MAX. Without memory the program ends.
 */
uint32_t labels_number(struct labels *labels, const char *text, size_t length);

/* The text of a label, valid until the next call of labels_number(). */
const char *labels_text(const struct labels *labels, uint32_t label);

void labels_free(struct labels *labels);

#endif /* FILTER_LABELS_H */
