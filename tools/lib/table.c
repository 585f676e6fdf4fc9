// SPDX-License-Identifier: GPL-2.0
/* Tables for people. */

#include <errno.h>
#include <libsmartcols/libsmartcols.h>
#include <stdlib.h>

#include "table.h"

void *must(void *memory)
{
	if (memory)
		return memory;
	fprintf(stderr, "%s: out of memory\n", program_invocation_short_name);
	exit(2);
}

struct table {
	struct libscols_table *scols;
	unsigned int columns;
};

/* @columns: their names, up to NULL */
struct table *table_open(const char *const *columns, bool headings, bool color)
{
	struct table *table = must(calloc(1, sizeof(*table)));

	scols_init_debug(0);
	table->scols = must(scols_new_table());
	scols_table_enable_noheadings(table->scols, !headings);
	scols_table_enable_colors(table->scols, color);
	for (; columns[table->columns]; table->columns++)
		must(scols_table_new_column(table->scols, columns[table->columns], 0, 0));
	return table;
}

/* @dimmed: something that does not work, such as a disabled client */
void table_row(struct table *table, bool dimmed, const char *const *cells)
{
	struct libscols_line *line = must(scols_table_new_line(table->scols, NULL));
	unsigned int i;

	for (i = 0; i < table->columns; i++)
		scols_line_set_data(line, i, cells[i]);
	if (dimmed)
		scols_line_set_color(line, "red");
}

/* Print and free it. */
void table_print_to(struct table *table, FILE *stream)
{
	scols_table_set_stream(table->scols, stream);
	if (!scols_table_is_empty(table->scols))
		scols_print_table(table->scols);
	scols_unref_table(table->scols);
	free(table);
}

void table_print(struct table *table)
{
	table_print_to(table, stdout);
}
