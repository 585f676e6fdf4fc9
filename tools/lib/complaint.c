// SPDX-License-Identifier: GPL-2.0
/* What went wrong: one sentence, and an object for programs. */

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "complaint.h"

void make_printable(char *text)
{
	json_t *string = json_string(text);
	char *c;

	for (c = text; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f || (!string && *c & 0x80))
			*c = '?';
	json_decref(string);
}

void complaint_print(const char *program, const char *file, unsigned long line, int error,
		     char *text, bool json)
{
	json_t *object;
	char *dump;

	make_printable(text);
	if (file)
		fprintf(stderr, "%s: %s:%lu: %s\n", program, file, line, text);
	else
		fprintf(stderr, "%s: %s\n", program, text);
	if (!json)
		return;
	object = json_pack("{s:{s:i,s:s,s:s}}", "error", "errno", error, "name",
			   error ? strerrorname_np(error) ?: "" : "USAGE", "msg", text);
	if (file) {
		json_object_set_new(json_object_get(object, "error"), "file", json_string(file));
		json_object_set_new(json_object_get(object, "error"), "line",
				    json_integer(line));
	}
	dump = json_dumps(object, JSON_COMPACT);
	fprintf(stderr, "%s\n", dump);
	free(dump);
	json_decref(object);
}
