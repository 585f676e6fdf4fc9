// SPDX-License-Identifier: GPL-2.0
/* Filter lists as people have them: complaints about what cannot be read. */

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "list.h"

const char *list_fault_text(enum list_fault fault)
{
	static const char *const texts[LIST_FAULTS] = {
		[LIST_OK] = "no error",
		[LIST_NO_ADDRESS] = "no address",
		[LIST_OCTET] = "octet above 255",
		[LIST_OCTET_DIGITS] = "octet of more than three digits",
		[LIST_OCTETS] = "not four octets",
		[LIST_IPV6] = "no IPv6 address",
		[LIST_BRACKET] = "missing ]",
		[LIST_LENGTH] = "no prefix length of this family",
		[LIST_FAMILIES] = "range from IPv4 to IPv6",
		[LIST_TRAILING] = "more than a range",
		[LIST_LEVEL] = "level that is no number",
		[LIST_NO_RANGE] = "no range behind a label",
		[LIST_FORM] = "not of the format asked for",
		[LIST_LONG] = "line longer than 65536 bytes",
		[LIST_NAME] = "number of a label that is not there",
		[LIST_HOST_BITS] = "bits set beyond the prefix length",
	};

	return texts[fault];
}

/* Some of a line around where it goes wrong, all of it ASCII that a terminal can show. */
static void list_excerpt(char excerpt[LIST_EXCERPT + 1], size_t column, const char *text,
			 size_t size)
{
	size_t i, begin = 0;

	if (column > LIST_EXCERPT / 2 && size > LIST_EXCERPT)
		begin = column - LIST_EXCERPT / 2;
	if (begin + LIST_EXCERPT > size)
		begin = size > LIST_EXCERPT ? size - LIST_EXCERPT : 0;
	for (i = 0; i < LIST_EXCERPT && begin + i < size; i++)
		excerpt[i] = isprint((unsigned char)text[begin + i]) && !(text[begin + i] & 0x80) ?
			     text[begin + i] : '?';
	excerpt[i] = '\0';
}

char *list_name(const char *name)
{
	char clean[LABEL_MAX + 1];

	text_clean(name, strlen(name), clean);
	return memory_checked(strdup(clean));
}

void list_complain(struct list *list, enum list_fault fault, size_t line, size_t column,
		   const char *excerpt, size_t size)
{
	struct list_sample *sample = &list->samples[list->n_samples];

	list->faults[fault]++;
	list->counts.bad++;
	if (list->n_samples == LIST_SAMPLES)
		return;
	list->n_samples++;
	*sample = (struct list_sample) { .line = line, .column = column, .fault = fault };
	sample->file = list_name(list->file ?: "-");
	list_excerpt(sample->excerpt, column, excerpt, size);
}

void list_keep_name(char *names[LIST_SAMPLES], size_t *n, const char *name)
{
	if (*n < LIST_SAMPLES)
		names[*n] = list_name(name);
	++*n;
}

int list_fail(struct list *list, const char *format, ...)
{
	va_list args;

	if (*list->error)
		return -1;
	va_start(args, format);
	vsnprintf(list->error, sizeof(list->error), format, args);
	va_end(args);
	return -1;
}

static void free_names(char *names[LIST_SAMPLES], size_t *n)
{
	while (*n) {
		--*n;
		if (*n < LIST_SAMPLES)
			free(names[*n]);
	}
}

void list_free(struct list *list)
{
	while (list->n_samples)
		free(list->samples[--list->n_samples].file);
	free_names(list->passed, &list->n_passed);
	free_names(list->without, &list->n_without);
	free(list->empty);
	list->empty = NULL;
	ranges_free(&list->ranges);
}
