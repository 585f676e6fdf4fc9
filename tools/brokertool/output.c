// SPDX-License-Identifier: GPL-2.0
/* Output: one JSON array, records and tables. */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "brokertool.h"

/* An array is written item by item: a dump of many clients needs no tree. */
static bool json_first;

void json_begin(const struct broker *broker)
{
	(void)broker;
	putchar('[');
	json_first = true;
}

/* Takes over the item. */
void json_item(const struct broker *broker, json_t *item)
{
	fputs(json_first ? broker->pretty ? "\n" : "" : broker->pretty ? ",\n" : ",", stdout);
	json_first = false;
	json_dumpf(item, stdout, broker->pretty ? JSON_INDENT(4) : JSON_COMPACT);
	json_decref(item);
}

void json_end(const struct broker *broker)
{
	puts(broker->pretty && !json_first ? "\n]" : "]");
}

/* One object on a line of its own. Takes it over. */
void json_line(json_t *item)
{
	json_dumpf(item, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(item);
}

struct record {
	const struct broker *broker;
	struct record_field {
		char label[40];
		char value[128];
	} *fields;
	unsigned int n;
};

struct record *record_new(const struct broker *broker)
{
	struct record *record = must(calloc(1, sizeof(*record)));

	record->broker = broker;
	return record;
}

void record_add(struct record *record, const char *label, const char *format, ...)
{
	struct record_field *field;
	va_list args;

	record->fields = must(realloc(record->fields, (record->n + 1) * sizeof(*field)));
	field = &record->fields[record->n++];
	snprintf(field->label, sizeof(field->label), "%s", label);
	va_start(args, format);
	vsnprintf(field->value, sizeof(field->value), format, args);
	va_end(args);
}

/* Print and free it. */
void record_print(struct record *record)
{
	unsigned int i, width = 0;

	for (i = 0; i < record->n; i++)
		if (strlen(record->fields[i].label) > width)
			width = strlen(record->fields[i].label);
	for (i = 0; i < record->n; i++) {
		const struct record_field *field = &record->fields[i];

		if (record->broker->oneline)
			printf("%s%s: %s", i ? "\\ " : "", field->label, field->value);
		else
			printf("%s:%*s %s\n", field->label, (int)(width - strlen(field->label)),
			       "", field->value);
	}
	if (record->broker->oneline)
		putchar('\n');
	free(record->fields);
	free(record);
}

struct table *table_new(const struct broker *broker, const char *const *columns)
{
	return table_open(columns, !broker->brief, broker->color);
}
