// SPDX-License-Identifier: GPL-2.0
/* Changes to our own files: shown, made, checked, and taken back when they do harm. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "../lib/table.h"
#include "apply.h"
#include "complain.h"
#include "file.h"
#include "run.h"

#define LOCK_FILE	STATE_DIR "/.lock"
/* The files of before, while they are being replaced: see journal_write(). */
#define JOURNAL		STATE_DIR "/.last-good"
#define BACK_MS		10000

void changes_add(struct changes *changes, const struct dnsmasq *dnsmasq, const char *path,
		 const char *text)
{
	struct change *change = &changes->items[changes->n];
	char *before = file_read(path);

	if ((!before && !text) || (before && text && !strcmp(before, text))) {
		free(before);
		return;
	}
	snprintf(change->path, sizeof(change->path), "%s", path);
	change->before = before;
	change->after = text ? must(strdup(text)) : NULL;
	changes->n++;
	if (*dnsmasq->conf_dir && !strncmp(path, dnsmasq->conf_dir, strlen(dnsmasq->conf_dir)))
		changes->restart = true;
	else
		changes->reload = true;
}

void changes_clear(struct changes *changes)
{
	unsigned int i;

	for (i = 0; i < changes->n; i++) {
		free(changes->items[i].before);
		free(changes->items[i].after);
	}
	*changes = (struct changes) {};
}

/* A file that only the child sees: its descriptor. */
static int text_fd(const char *text, char *path, size_t size)
{
	int fd = memfd_create("text", 0);

	if (fd >= 0 && text && write(fd, text, strlen(text)) < 0) {
		close(fd);
		fd = -1;
	}
	snprintf(path, size, "/proc/self/fd/%d", fd);
	return fd;
}

void changes_show(const struct changes *changes)
{
	char before[40], after[40], from[PATH_SIZE + 80], to[PATH_SIZE + 80];
	char *const argv[] = { "diff", "-u", "--label", from, "--label", to, before, after, NULL };
	const struct change *change;
	unsigned int i;
	int fds[2];

	for (i = 0; i < changes->n; i++) {
		change = &changes->items[i];
		snprintf(from, sizeof(from), "%s", change->before ? change->path : "/dev/null");
		snprintf(to, sizeof(to), "%s", change->after ? change->path : "/dev/null");
		fds[0] = text_fd(change->before, before, sizeof(before));
		fds[1] = text_fd(change->after, after, sizeof(after));
		run_shown(argv);
		close(fds[0]);
		close(fds[1]);
	}
}

/*
 * The journal lists the files that are being changed; beside it lies what each
 * of them held, if it existed. It is there from before the first change until
 * dnsmasq is known to be well.
 */
static int journal_write(const struct changes *changes)
{
	char path[PATH_SIZE], *list = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&list, &size);
	unsigned int i;
	int err = 0;

	must(stream);
	for (i = 0; !err && i < changes->n; i++) {
		fprintf(stream, "%c %s\n", changes->items[i].before ? '+' : '-',
			changes->items[i].path);
		snprintf(path, sizeof(path), JOURNAL ".%u", i);
		err = changes->items[i].before ? file_write(path, changes->items[i].before) : 0;
	}
	fclose(stream);
	if (!err)
		err = file_write(JOURNAL, list);
	free(list);
	return err;
}

static void journal_remove(void)
{
	char path[PATH_SIZE];
	unsigned int i;

	file_remove(JOURNAL);
	for (i = 0; i < CHANGES_MAX; i++) {
		snprintf(path, sizeof(path), JOURNAL ".%u", i);
		unlink(path);
	}
}

bool apply_was_interrupted(void)
{
	return !access(JOURNAL, F_OK);
}

static int recover(void)
{
	char *list = file_read(JOURNAL), *line, *state, *text;
	char path[PATH_SIZE];
	unsigned int i = 0;
	int err = 0;

	if (!list)
		return 0;
	note("an earlier change was interrupted; the files of before are put back");
	for (line = strtok_r(list, "\n", &state); line; line = strtok_r(NULL, "\n", &state), i++) {
		snprintf(path, sizeof(path), JOURNAL ".%u", i);
		text = *line == '+' ? file_read(path) : NULL;
		if (*line == '+' && !text)
			err = -ENOENT;
		else
			err = text ? file_write(line + 2, text) : file_remove(line + 2);
		free(text);
		if (err) {
			complain(-err, "%s cannot be put back: %s", line + 2, strerror(-err));
			break;
		}
	}
	free(list);
	if (!err)
		journal_remove();
	return err;
}

static int write_all(const struct changes *changes, bool back)
{
	const struct change *change;
	const char *text;
	unsigned int i;
	int err;

	for (i = 0; i < changes->n; i++) {
		change = &changes->items[i];
		text = back ? change->before : change->after;
		err = text ? file_write(change->path, text) : file_remove(change->path);
		if (err) {
			complain(-err, "%s cannot be written: %s", change->path, strerror(-err));
			return err;
		}
	}
	return 0;
}

/* Have dnsmasq see the files, wait until it answers again. */
static int take_effect(const struct changes *changes, struct dnsmasq *dnsmasq, char *why,
		       size_t size)
{
	struct timespec pause = { 0, 100 * 1000 * 1000 };
	struct dnsmasq again;
	unsigned int waited;
	int err;

	err = changes->restart ? dnsmasq_restart(dnsmasq, why, size)
			       : dnsmasq_reload(dnsmasq, why, size);
	if (err)
		return err;
	/* Each question that nobody answers takes its time, too. */
	for (waited = 0; waited < BACK_MS; waited += 100) {
		if (!dnsmasq_find(&again, NULL) &&
		    (!changes->restart || again.pid != dnsmasq->pid) &&
		    dnsmasq_answers(&again)) {
			dnsmasq_clear(dnsmasq);
			*dnsmasq = again;
			return 0;
		}
		dnsmasq_clear(&again);
		nanosleep(&pause, NULL);
	}
	snprintf(why, size, "dnsmasq does not come back within %u s", BACK_MS / 1000);
	return -1;
}

/* As it was. Return: 0 where dnsmasq is back, too. */
static int put_back(const struct changes *changes, struct dnsmasq *dnsmasq, const char *why)
{
	char again[512] = "";

	if (write_all(changes, true))
		return -1;
	if (take_effect(changes, dnsmasq, again, sizeof(again))) {
		complain(EIO, "%s; the files of before are back, but %s", why, again);
		return -1;
	}
	complain(EIO, "%s; the files of before are back and in force", why);
	return 0;
}

static int lock_fd = -1;

int apply_begin(void)
{
	int err;

	if (geteuid()) {
		complain(EPERM, "this needs root; --dry-run shows what it would do");
		return -1;
	}
	err = directory_make(STATE_DIR);
	if (err) {
		complain(-err, STATE_DIR " cannot be made: %s", strerror(-err));
		return -1;
	}
	lock_fd = open(LOCK_FILE, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (lock_fd < 0 || flock(lock_fd, LOCK_EX)) {
		complain(errno, LOCK_FILE " cannot be locked: %s", strerror(errno));
		return -1;
	}
	if (!recover())
		return 0;
	apply_end();
	return -1;
}

void apply_end(void)
{
	if (lock_fd >= 0)
		close(lock_fd);
	lock_fd = -1;
}

static bool all_checked(const struct changes *changes)
{
	unsigned int i, line;

	for (i = 0; i < changes->n; i++) {
		line = changes->items[i].after ? rules_check(changes->items[i].after) : 0;
		if (!line)
			continue;
		complain(EINVAL, "line %u for %s is no rule; nothing was changed", line,
			 changes->items[i].path);
		return false;
	}
	return true;
}

static int apply_locked(struct changes *changes, struct dnsmasq *dnsmasq, apply_verify verify,
			void *arg)
{
	char why[512] = "";
	int err;

	err = journal_write(changes);
	if (err) {
		complain(-err, STATE_DIR " cannot be written: %s; nothing was changed",
			 strerror(-err));
		return -1;
	}
	if (write_all(changes, false)) {
		write_all(changes, true);
		journal_remove();
		return -1;
	}
	err = take_effect(changes, dnsmasq, why, sizeof(why));
	if (!err && verify)
		err = verify(dnsmasq, arg, why, sizeof(why));
	/* When even that fails, the journal stays for the next one. */
	if (!err || !put_back(changes, dnsmasq, why))
		journal_remove();
	return err ? -1 : 0;
}

int changes_apply(struct changes *changes, struct dnsmasq *dnsmasq, apply_verify verify,
		  void *arg)
{
	sigset_t signals, before;
	int err = -1;

	/* Half of it must not be left behind. */
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &signals, &before);
	if (all_checked(changes) && !changes_try(changes, dnsmasq))
		err = apply_locked(changes, dnsmasq, verify, arg);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return err;
}
