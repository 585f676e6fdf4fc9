// SPDX-License-Identifier: GPL-2.0
/* Why the kernel module is not there: not made for this kernel, or refused by it. */

#include <errno.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "module.h"

/* Its first four bytes are attributes of the variable. */
#define SECURE_BOOT	"/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"

/* A short file as text, "" where there is none. */
static void read_text(const char *path, char text[80])
{
	FILE *file = fopen(path, "re");
	size_t n = 0;

	if (file) {
		n = fread(text, 1, 79, file);
		fclose(file);
	}
	text[n] = '\0';
}

/* Does the kernel refuse what is not signed with a key that it knows? */
static bool wants_signatures(void)
{
	char text[80];

	read_text("/sys/kernel/security/lockdown", text);
	if (strchr(text, '[') && !strstr(text, "[none]"))
		return true;
	read_text("/sys/module/module/parameters/sig_enforce", text);
	return text[0] == 'Y';
}

static bool secure_boot(void)
{
	char text[80] = "";

	read_text(SECURE_BOOT, text);
	return text[4] == 1;
}

/* Return: 1, 0, or -1 where depmod's list cannot be read, as in a container. */
static int is_installed(const char *release)
{
	char path[128], *line = NULL;
	size_t size = 0;
	int found = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/lib/modules/%s/modules.dep", release);
	file = fopen(path, "re");
	if (!file)
		return -1;
	while (!found && getline(&line, &size, file) > 0) {
		/* "updates/dkms/sitbroker.ko.xz: kernel/net/ipv4/tunnel4.ko" */
		line[strcspn(line, ":")] = '\0';
		found = !!strstr(line, "/sitbroker.ko");
	}
	free(line);
	fclose(file);
	return found;
}

/* Does DKMS build the module? It does once it has its source, which the package brings. */
static bool has_dkms(void)
{
	glob_t found;
	bool has;

	if (!access("/var/lib/dkms/sitbroker", F_OK))
		return true;
	has = !glob("/usr/src/sitbroker-*", 0, NULL, &found);
	globfree(&found);
	return has;
}

static void say_missing(struct absence *absence, const char *release)
{
	const char *build = "make install && modprobe sitbroker";
	bool dkms = has_dkms();
	char path[128];

	snprintf(path, sizeof(path), "/lib/modules/%s/build", release);
	/* DKMS builds it as soon as the headers are installed. */
	if (access(path, F_OK))
		snprintf(absence->command, sizeof(absence->command),
			 "apt-get install linux-headers-%s%s%s", release, dkms ? "" : " && ",
			 dkms ? "" : build);
	else if (dkms)
		snprintf(absence->command, sizeof(absence->command), "dkms autoinstall -k %s",
			 release);
	else
		snprintf(absence->command, sizeof(absence->command), "%s", build);
	snprintf(absence->text, sizeof(absence->text),
		 "the sitbroker module is not loaded: there is none for the running kernel, %s; run \"%s\"%s",
		 release, absence->command, dkms ? "" : " in sitbroker's source tree");
}

/* The certificate of the key that DKMS signs with. */
static void say_refused(struct absence *absence)
{
	static const char *const certificates[] = {
		"/var/lib/dkms/mok.pub", "/var/lib/dkms/mok.der",
		"/var/lib/shim-signed/mok/MOK.der",
	};
	const char *certificate = certificates[0];
	size_t i;

	for (i = 0; i < sizeof(certificates) / sizeof(*certificates); i++) {
		if (access(certificates[i], F_OK) && errno == ENOENT)
			continue;
		certificate = certificates[i];
		break;
	}
	snprintf(absence->command, sizeof(absence->command), "mokutil --import %s", certificate);
	snprintf(absence->text, sizeof(absence->text),
		 "the sitbroker module is not loaded: this kernel takes only modules that are signed with a key it knows%s; run \"%s\", restart and confirm, unless \"modprobe sitbroker\" names another cause",
		 secure_boot() ? " (Secure Boot)" : "", absence->command);
}

void module_absence(struct absence *absence)
{
	struct utsname name;

	if (!uname(&name) && !is_installed(name.release)) {
		say_missing(absence, name.release);
	} else if (wants_signatures()) {
		say_refused(absence);
	} else {
		snprintf(absence->command, sizeof(absence->command), "modprobe sitbroker");
		snprintf(absence->text, sizeof(absence->text),
			 "the sitbroker module is not loaded: run \"%s\"", absence->command);
	}
}
