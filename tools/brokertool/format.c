// SPDX-License-Identifier: GPL-2.0
/* Forms of client configurations, and how they are filled in: see format.h. */

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/table.h"
#include "format.h"

/**
 * struct filling - a form being filled in
 * @fields: what is known
 * @files: what is done
 * @path: where the text belongs, NULL for commands
 * @stream: writes to @text
 * @text: of the current file
 * @size: of @text
 * @with: name of the field of the section, or NULL
 * @value: its value
 * @number: the number of that, from 1
 * @failed: a field is unknown
 */
struct filling {
	json_t *fields;
	json_t *files;
	char *path;
	FILE *stream;
	char *text;
	size_t size;
	const char *with;
	const char *value;
	size_t number;
	bool failed;
};

/* Does the line begin with that directive? Then what stands behind it. */
static const char *directive(const char *line, const char *word)
{
	size_t length = strlen(word);

	if (*line != '@' || strncmp(line + 1, word, length))
		return NULL;
	line += 1 + length;
	return *line == ' ' ? line + 1 : *line == '\n' ? line : NULL;
}

static char *rest_of_line(const char *text)
{
	return must(strndup(text, strcspn(text, "\n")));
}

static const char *next_line(const char *line)
{
	line += strcspn(line, "\n");
	return *line ? line + 1 : line;
}

char *format_word(const struct format *format, const char *word)
{
	const char *line, *value;

	for (line = format->text; *line; line = next_line(line)) {
		value = directive(line, word);
		if (value)
			return rest_of_line(value);
	}
	return NULL;
}

static void file_open(struct filling *filling, char *path)
{
	filling->path = path;
	filling->text = NULL;
	filling->stream = must(open_memstream(&filling->text, &filling->size));
}

/* What is empty is no file. */
static void file_close(struct filling *filling)
{
	fclose(filling->stream);
	must(filling->text);
	if (filling->size)
		json_array_append_new(filling->files,
				      json_pack("{s:s?,s:s}", "path", filling->path, "text",
						filling->text));
	free(filling->text);
	free(filling->path);
}

/* The value of a field, NULL where it is none. */
static const char *field(struct filling *filling, const char *name, char number[24])
{
	if (filling->with && !strcmp(name, filling->with))
		return filling->value;
	if (filling->with && !strcmp(name, "N")) {
		snprintf(number, 24, "%zu", filling->number);
		return number;
	}
	return json_string_value(json_object_get(filling->fields, name));
}

static void put_line(struct filling *filling, const char *line)
{
	const char *end = line + strcspn(line, "\n");
	char name[16], number[24];
	const char *value;
	size_t length;

	for (; line < end; line++) {
		if (*line != '@') {
			fputc(*line, filling->stream);
			continue;
		}
		length = strspn(line + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
		if (!length || length >= sizeof(name) || line[1 + length] != '@') {
			fputc('@', filling->stream);
			continue;
		}
		memcpy(name, line + 1, length);
		name[length] = '\0';
		value = field(filling, name, number);
		if (value)
			fputs(value, filling->stream);
		else
			filling->failed = true;
		line += length + 1;
	}
	fputc('\n', filling->stream);
}

/* One section, up to @end, for one value. Return: the line behind it. */
static const char *put_section(struct filling *filling, const char *line, const char *value)
{
	filling->value = value;
	for (; *line && !directive(line, "end"); line = next_line(line))
		if (value)
			put_line(filling, line);
	return next_line(line);
}

/* Return: the line behind the section. */
static const char *put_sections(struct filling *filling, const char *line, const char *name)
{
	char *with = rest_of_line(name);
	json_t *values = json_object_get(filling->fields, with);
	const char *behind = line, *value;
	json_t *one;
	size_t i;

	filling->with = with;
	filling->number = 1;
	value = json_string_value(values);
	behind = put_section(filling, line, value);
	json_array_foreach(values, i, one) {
		filling->number = i + 1;
		put_section(filling, line, json_string_value(one));
	}
	filling->with = NULL;
	free(with);
	return behind;
}

json_t *format_fill(const struct format *format, json_t *fields)
{
	struct filling filling = { .fields = fields, .files = json_array() };
	const char *line = format->text, *next, *name;

	file_open(&filling, NULL);
	for (; *line; line = next) {
		next = next_line(line);
		name = directive(line, "with");
		if (name) {
			next = put_sections(&filling, next, name);
			continue;
		}
		name = directive(line, "file");
		if (name || directive(line, "commands")) {
			file_close(&filling);
			file_open(&filling, name ? rest_of_line(name) : NULL);
			continue;
		}
		if (!directive(line, "#") && !directive(line, "about") &&
		    !directive(line, "needs"))
			put_line(&filling, line);
	}
	file_close(&filling);
	if (!filling.failed)
		return filling.files;
	json_decref(filling.files);
	return NULL;
}
