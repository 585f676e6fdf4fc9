// SPDX-License-Identifier: GPL-2.0
/* Sentences for people, on stderr. */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../lib/complaint.h"
#include "complain.h"

bool complain_json;
bool complain_quiet;

void complain(int error, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	complaint_print("brokerdns", NULL, 0, error, text, complain_json);
}

void note(const char *format, ...)
{
	char text[1024];
	va_list args;

	if (complain_quiet)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	make_printable(text);
	fprintf(stderr, "brokerdns: %s\n", text);
}

int print_end(void)
{
	static bool said;

	errno = 0;
	if (!said && !fflush(stdout) && !ferror(stdout))
		return 0;
	if (!said)
		complain(errno ?: EIO, "standard output cannot be written: %s; is the disk full?",
			 strerror(errno ?: EIO));
	said = true;
	return -1;
}
