// SPDX-License-Identifier: GPL-2.0
/* Where configurations and what is remembered of them lie. */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "config.h"

#define CONFIG_DIRECTORY	"/etc/sitbroker"
#define STATE_DIRECTORY		"/var/lib/sitbroker"

__attribute__((format(printf, 1, 2)))
static char *path(const char *format, ...)
{
	va_list args;
	char *text;
	int n;

	va_start(args, format);
	n = vasprintf(&text, format, args);
	va_end(args);
	return must(n < 0 ? NULL : text);
}

/* As ip-netns(8) has it: a namespace has an /etc of its own. */
char *config_directory(const struct broker *broker)
{
	if (broker->netns)
		return path("/etc/netns/%s/sitbroker", broker->netns);
	return path(CONFIG_DIRECTORY);
}

/* The main file of a link's configuration. */
char *config_path(const struct broker *broker, const char *link)
{
	char *directory = config_directory(broker);
	char *file = path("%s/%s.conf", directory, link);

	free(directory);
	return file;
}

char *state_directory(const struct broker *broker)
{
	if (broker->netns)
		return path(STATE_DIRECTORY "/netns/%s", broker->netns);
	return path(STATE_DIRECTORY);
}

/* @suffix: endpoints or applied */
char *state_path(const struct broker *broker, const char *link, const char *suffix)
{
	char *directory = state_directory(broker);
	char *file = path("%s/%s.%s", directory, link, suffix);

	free(directory);
	return file;
}
