// SPDX-License-Identifier: GPL-2.0
/*
 * Would dnsmasq start? Its --test reads the whole configuration as it would be:
 * a mount namespace of its own shows it directories in which our files are
 * already changed.
 */

#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../lib/table.h"
#include "apply.h"
#include "complain.h"
#include "file.h"
#include "run.h"

/* Statuses of the child when it does not get to dnsmasq. */
#define NO_NAMESPACE	120
#define NO_MOUNT	121

/**
 * struct trial - a directory and what stands in for it
 * @real: the directory
 * @shadow: its copy
 */
struct trial {
	char real[PATH_SIZE];
	char shadow[64];
};

static bool is_above(const struct dirent *entry)
{
	return !strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..");
}

/* What lies below is as it is: conf-file= may lead there. */
static int mount_below(const struct trial *trial)
{
	char path[PATH_SIZE + 300], copy[400];
	DIR *directory = opendir(trial->shadow);
	struct dirent *entry;
	struct stat status;
	int err = 0;

	while (!err && directory && (entry = readdir(directory))) {
		snprintf(path, sizeof(path), "%s/%s", trial->real, entry->d_name);
		snprintf(copy, sizeof(copy), "%s/%s", trial->shadow, entry->d_name);
		if (!is_above(entry) && !stat(copy, &status) && S_ISDIR(status.st_mode))
			err = mount(path, copy, NULL, MS_BIND | MS_REC, NULL);
	}
	if (directory)
		closedir(directory);
	return err;
}

static int enter(void *arg)
{
	const struct trial *trial = arg;

	/* Without root a user namespace of one's own may still do. */
	if (unshare(CLONE_NEWNS) && unshare(CLONE_NEWUSER | CLONE_NEWNS))
		return NO_NAMESPACE;
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) || mount_below(trial) ||
	    mount(trial->shadow, trial->real, NULL, MS_BIND | MS_REC, NULL))
		return NO_MOUNT;
	return 0;
}

/*
 * A copy of the files in the directory, those of @changes as they shall be, and
 * a place for each directory.
 */
static int shadow_fill(const struct trial *trial, const struct changes *changes)
{
	char path[PATH_SIZE + 300], copy[400], *text;
	DIR *directory = opendir(trial->real);
	struct dirent *entry;
	unsigned int i;
	int err = 0;

	if (!directory)
		return -errno;
	while (!err && (entry = readdir(directory))) {
		struct stat status;

		snprintf(path, sizeof(path), "%s/%s", trial->real, entry->d_name);
		snprintf(copy, sizeof(copy), "%s/%s", trial->shadow, entry->d_name);
		if (is_above(entry) || stat(path, &status))
			continue;
		if (S_ISDIR(status.st_mode) && mkdir(copy, 0755))
			err = -errno;
		if (!S_ISREG(status.st_mode))
			continue;
		text = file_read(path);
		err = text ? file_write(copy, text) : -EACCES;
		free(text);
	}
	closedir(directory);
	for (i = 0; !err && i < changes->n; i++) {
		const struct change *change = &changes->items[i];
		const char *name = strrchr(change->path, '/') + 1;

		if (strncmp(change->path, trial->real, name - 1 - change->path) ||
		    trial->real[name - 1 - change->path])
			continue;
		snprintf(copy, sizeof(copy), "%s/%s", trial->shadow, name);
		err = change->after ? file_write(copy, change->after) : file_remove(copy);
	}
	return err;
}

static void shadow_remove(const char *shadow)
{
	DIR *directory = opendir(shadow);
	struct dirent *entry;
	char path[400];

	while (directory && (entry = readdir(directory))) {
		snprintf(path, sizeof(path), "%s/%s", shadow, entry->d_name);
		/* Directories are empty: what was mounted there has gone with its namespace. */
		if (!is_above(entry) && unlink(path))
			rmdir(path);
	}
	if (directory)
		closedir(directory);
	rmdir(shadow);
}

/*
 * Each file of ours alone, where no mount namespace can be had. --test does not
 * look into a servers-file, this does.
 */
static int try_alone(const struct changes *changes, const struct dnsmasq *dnsmasq)
{
	unsigned int i;

	for (i = 0; i < changes->n; i++)
		if (changes->items[i].after && !dnsmasq_takes(dnsmasq, changes->items[i].after)) {
			complain(EINVAL, "%s does not take what %s would hold; nothing was changed",
				 dnsmasq->program, changes->items[i].path);
			return -1;
		}
	return 0;
}

/* @broken: the configuration is broken as it is; quiet when it is afterwards, too */
static int try_whole(const struct changes *changes, const struct dnsmasq *dnsmasq, char **argv,
		     bool broken)
{
	struct trial trial = { .shadow = "/tmp/brokerdns.XXXXXX" };
	char output[512];
	int status;

	snprintf(trial.real, sizeof(trial.real), "%s", dnsmasq->conf_dir);
	if (!mkdtemp(trial.shadow)) {
		complain(errno, "/tmp cannot be written: %s; nothing was changed", strerror(errno));
		return -1;
	}
	status = shadow_fill(&trial, changes);
	if (status) {
		complain(-status, "%s cannot be copied to be tried: %s; nothing was changed",
			 trial.real, strerror(-status));
		shadow_remove(trial.shadow);
		return -1;
	}
	status = run_prepared(argv, dnsmasq->directory, output, sizeof(output), enter, &trial);
	shadow_remove(trial.shadow);
	if (status == NO_NAMESPACE || status == NO_MOUNT) {
		/* Not a note: whoever wants none still has to know. */
		complain(0, "no mount namespace can be had here: what is new was tried alone, not "
			    "with all the rest; run dnsmasq --test when it is in force");
		return broken ? -1 : 0;
	}
	if (!status)
		return 0;
	if (broken)
		return -1;
	complain(EINVAL, "dnsmasq would not start with the new rules (%s); nothing was changed",
		 output);
	return -1;
}

int changes_try(const struct changes *changes, const struct dnsmasq *dnsmasq)
{
	char **argv = dnsmasq_test_argv(dnsmasq);
	char output[512];
	int status;

	status = run(argv, dnsmasq->directory, output, sizeof(output));
	if (status == RUN_NO_PROGRAM || status < 0)
		complain(ENOENT, "%s cannot be run to try the configuration; nothing was changed",
			 dnsmasq->program);
	/* It may be our own files that are broken. */
	else if (status && !(changes->n && !try_whole(changes, dnsmasq, argv, true)))
		complain(EINVAL,
			 "dnsmasq's configuration is broken already (%s): mend it first; nothing was changed",
			 output);
	else if (!status)
		status = try_alone(changes, dnsmasq) ?: try_whole(changes, dnsmasq, argv, false);
	else
		status = try_alone(changes, dnsmasq);
	free(argv);
	return status ? -1 : 0;
}
