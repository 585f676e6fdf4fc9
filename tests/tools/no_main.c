// SPDX-License-Identifier: GPL-2.0
/* What the rest of brokertool wants of its main.c, which tests leave out. */

#include "../../tools/brokertool/brokertool.h"

int command_run(struct broker *broker, struct words *words)
{
	(void)broker;
	(void)words;
	return EXIT_USAGE;
}

bool module_version(char *version, size_t size)
{
	(void)version;
	(void)size;
	return false;
}
