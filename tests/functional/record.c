// SPDX-License-Identifier: GPL-2.0
/*
 * Preloaded by tests/functional/run: what the tools print on stderr is appended
 * to the file SENTENCES, too, wherever a test sends it. See tests/errors.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void record(const char *format, va_list args)
{
	const char *file = getenv("SENTENCES");
	char text[2048];
	int fd, length;

	/* ip has a plugin of ours. */
	if (!file || (strncmp(program_invocation_short_name, "broker", 6) &&
		      strcmp(program_invocation_short_name, "ip")))
		return;
	length = vsnprintf(text, sizeof(text), format, args);
	fd = open(file, O_WRONLY | O_APPEND | O_CLOEXEC);
	if (fd < 0)
		return;
	if (length >= (int)sizeof(text))
		length = sizeof(text) - 1;
	if (write(fd, text, length) != length)
		perror(file);
	close(fd);
}

int fprintf(FILE *stream, const char *format, ...)
{
	va_list args;
	int n;

	if (stream == stderr) {
		va_start(args, format);
		record(format, args);
		va_end(args);
	}
	va_start(args, format);
	n = vfprintf(stream, format, args);
	va_end(args);
	return n;
}
