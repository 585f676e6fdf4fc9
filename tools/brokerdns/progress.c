// SPDX-License-Identifier: GPL-2.0
/* One line on a terminal that says how far things are. */

#include <stdio.h>
#include <unistd.h>

#include "complain.h"
#include "progress.h"

static void progress_show(struct progress *progress)
{
	/* Nothing but a terminal gets to see it. */
	if (complain_quiet || !isatty(STDERR_FILENO))
		return;
	fprintf(stderr, "\r\033[K%s: %zu of %zu", progress->what, progress->done, progress->all);
	fflush(stderr);
	progress->shown = true;
}

void progress_begin(struct progress *progress, const char *what, size_t all)
{
	*progress = (struct progress) { .what = what, .all = all };
	progress_show(progress);
}

void progress_step(struct progress *progress)
{
	progress->done++;
	progress_show(progress);
}

void progress_end(struct progress *progress)
{
	if (progress->shown)
		fputs("\r\033[K", stderr);
	progress->shown = false;
}
