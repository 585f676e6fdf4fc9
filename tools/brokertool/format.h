/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Forms of client configurations, and how they are filled in.
 *
 * A form is a file of formats/. It is text with fields, @NAME@, and with lines
 * that begin with @ and a small letter:
 *
 *   @about TEXT    what it is for; the first one
 *   @needs FIELD   it makes no sense without that field
 *   @file PATH     what follows belongs into this file
 *   @commands      what follows is to be typed; so is what stands before any of them
 *   @with FIELD    what follows, up to @end, is there once for each value of the field
 *   @# TEXT        a comment
 *
 * Within @with, @FIELD@ is that value and @N@ its number, from 1.
 */
#ifndef FORMAT_H
#define FORMAT_H

#include <jansson.h>

/**
 * struct format - a form
 * @name: name, that of its file
 * @text: the file
 */
struct format {
	const char *name;
	const char *text;
};

/* In alphabetical order, up to one without a name. Made of formats/ by the Makefile. */
extern const struct format formats[];

/* What stands behind @about or @needs up to the end of the line, or NULL; to be freed. */
char *format_word(const struct format *format, const char *directive);

/**
 * format_fill() - fill in a form
 * @format: the form
 * @fields: an object: strings, or lists of strings for what there may be more of
 *
 * Return: a list of objects with path, null for commands, and text. NULL where
 * the form has a field that @fields has not, outside of its @with.
 */
json_t *format_fill(const struct format *format, json_t *fields);

#endif /* FORMAT_H */
