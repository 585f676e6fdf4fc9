/* SPDX-License-Identifier: GPL-2.0 */
/* Tables for people. */
#ifndef LIB_TABLE_H
#define LIB_TABLE_H

#include <stdbool.h>
#include <stdio.h>

struct table;

struct table *table_open(const char *const *columns, bool headings, bool color);
void table_row(struct table *table, bool dimmed, const char *const *cells);
void table_print(struct table *table);
void table_print_to(struct table *table, FILE *stream);

/* Memory that was got, or the program ends with a sentence and status 2. */
void *must(void *memory);

#endif /* LIB_TABLE_H */
