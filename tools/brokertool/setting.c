// SPDX-License-Identifier: GPL-2.0
/* Settings of the kernel, below /proc/sys/net. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "brokertool.h"

/* A number in /proc/sys/net/, with @name in the place of %s; -1 where there is none. */
long setting_get(const char *format, const char *name)
{
	char path[128], text[32];
	long value = -1;
	FILE *file;
	int at;

	at = snprintf(path, sizeof(path), "/proc/sys/net/");
	snprintf(path + at, sizeof(path) - at, format, name);
	file = fopen(path, "re");
	if (!file)
		return -1;
	if (fgets(text, sizeof(text), file))
		value = strtol(text, NULL, 10);
	fclose(file);
	return value;
}

/* How a setting of a device is written: a dot in its name must not end it. */
void setting_name(const char *device, const char *key, char text[64])
{
	if (strchr(device, '.'))
		snprintf(text, 64, "net/ipv6/conf/%s/%s", device, key);
	else
		snprintf(text, 64, "net.ipv6.conf.%s.%s", device, key);
}
