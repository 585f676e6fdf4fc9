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
#include <sys/stat.h>
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
#define NOT_BACK	"not all files of before are back; the next --apply or revert puts them there"

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

int changes_reword(const char *path, const char *text)
{
	struct timespec times[2];
	struct stat status;
	int err;

	err = stat(path, &status) ? -errno : file_write(path, text);
	if (err) {
		complain(-err, "%s cannot be written: %s; is the disk full?", path,
			 strerror(-err));
		return -1;
	}
	times[0] = status.st_atim;
	times[1] = status.st_mtim;
	utimensat(AT_FDCWD, path, times, 0);
	return 0;
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
 * The journal lists the files that are being changed, behind a line with what
 * dnsmasq needs to see them ('!': a restart, '=': to reload) and the file by which
 * it was named; beside it lies what each of them held, if it existed. It is there
 * from before the first change until dnsmasq is known to be well.
 */
static int journal_write(const struct changes *changes, const struct dnsmasq *dnsmasq)
{
	char path[PATH_SIZE], *list = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&list, &size);
	unsigned int i;
	int err = 0;

	must(stream);
	fprintf(stream, "%c %s\n", changes->restart ? '!' : '=', dnsmasq->file ?: "");
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

/* What it says, with the files as they were as @before. Return: 0 or -1. */
static int journal_read(char *list, struct changes *changes, const char **file)
{
	char *line, *state, path[PATH_SIZE];
	struct change *change;

	for (line = strtok_r(list, "\n", &state); line; line = strtok_r(NULL, "\n", &state)) {
		if (*line != '+' && *line != '-') {
			changes->restart = *line == '!';
			*file = line[1] && line[2] ? line + 2 : NULL;
			continue;
		}
		if (changes->n == CHANGES_MAX)
			break;
		snprintf(path, sizeof(path), JOURNAL ".%u", changes->n);
		change = &changes->items[changes->n++];
		snprintf(change->path, sizeof(change->path), "%s", line + 2);
		change->before = *line == '+' ? file_read(path) : NULL;
		if (*line == '-' || change->before)
			continue;
		complain(ENOENT, "%s cannot be put back: %s is missing; remove " JOURNAL
				 " when all is well",
			 change->path, path);
		return -1;
	}
	return 0;
}

/* As they shall be, up to the first that fails; or back as they were, all that can be. */
static int write_all(const struct changes *changes, bool back)
{
	const struct change *change;
	int err, failed = 0;
	const char *text;
	unsigned int i;

	for (i = 0; i < changes->n; i++) {
		change = &changes->items[i];
		text = back ? change->before : change->after;
		err = text ? file_write(change->path, text) : file_remove(change->path);
		if (err) {
			complain(-err, "%s cannot be written: %s; is the disk full?",
				 change->path, strerror(-err));
			if (!back)
				return err;
			failed = err;
		}
	}
	return failed;
}

/* As it runs by now: it may have ended, or somebody has started it again. */
static void find_anew(struct dnsmasq *dnsmasq)
{
	struct dnsmasq again;

	if (!dnsmasq_find(&again, dnsmasq->file) && again.pid && dnsmasq_same(&again, dnsmasq)) {
		dnsmasq_clear(dnsmasq);
		*dnsmasq = again;
		return;
	}
	dnsmasq_clear(&again);
	/* Nobody else may have got its number. */
	dnsmasq->pid = 0;
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
		if (!dnsmasq_find(&again, dnsmasq->file) && dnsmasq_same(&again, dnsmasq) &&
		    (!changes->restart || again.pid != dnsmasq->pid) &&
		    dnsmasq_answers(&again)) {
			dnsmasq_clear(dnsmasq);
			*dnsmasq = again;
			return 0;
		}
		dnsmasq_clear(&again);
		nanosleep(&pause, NULL);
	}
	snprintf(why, size, "dnsmasq does not come back within %u s, see journalctl -u dnsmasq",
		 BACK_MS / 1000);
	return -1;
}

/* As it was. Return: 0 where dnsmasq is back, too. */
static int put_back(const struct changes *changes, struct dnsmasq *dnsmasq, const char *why)
{
	int err = write_all(changes, true);
	char again[512] = "";

	/* It goes on with what there is. */
	find_anew(dnsmasq);
	if (take_effect(changes, dnsmasq, again, sizeof(again))) {
		complain(EIO, "%s; the files of before are back, but %s", why, again);
		return -1;
	}
	if (err)
		complain(EIO, "%s; " NOT_BACK, why);
	else
		complain(EIO, "%s; the files of before are back and in force", why);
	return err;
}

/* Have dnsmasq see the files of before. Return: 0 where it does, or does not run. */
static int see_again(const struct changes *changes, const char *file)
{
	const struct changes none = {};
	struct dnsmasq dnsmasq;
	char why[512] = "";
	int n = dnsmasq_find(&dnsmasq, file), err = 0;

	if (n) {
		complain(0, "the files of before are back, but %d dnsmasq run here, and any could "
			    "have to read them; name a file that the right one reads with --config",
			 n);
		err = -1;
	} else if (dnsmasq.pid) {
		/* It goes on rather than not to start again. */
		err = *dnsmasq.program ? changes_try(&none, &dnsmasq) : -1;
		if (!err && take_effect(changes, &dnsmasq, why, sizeof(why))) {
			complain(EIO, "the files of before are back, but %s", why);
			err = -1;
		}
	}
	dnsmasq_clear(&dnsmasq);
	return err;
}

/* @config: the file by which dnsmasq is named now, or NULL */
static int recover(const char *config)
{
	char *list = file_read(JOURNAL);
	struct changes changes = {};
	const char *file = NULL;
	int err;

	if (!list)
		return 0;
	note("an earlier change was interrupted; the files of before are put back");
	err = journal_read(list, &changes, &file);
	if (!err)
		err = write_all(&changes, true);
	if (!err)
		err = see_again(&changes, file ?: config);
	if (!err)
		journal_remove();
	changes_clear(&changes);
	free(list);
	return err;
}

static int lock_fd = -1;

static bool is_root(void)
{
	if (geteuid())
		complain(EPERM, "this needs root; --dry-run shows what it would do");
	return !geteuid();
}

/* @operation: of flock() */
static int begin(const char *config, int operation)
{
	int err;

	if (!is_root())
		return -1;
	err = directory_make(STATE_DIR);
	if (err) {
		complain(-err, STATE_DIR " cannot be made: %s; is the disk full?", strerror(-err));
		return -1;
	}
	lock_fd = open(LOCK_FILE, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (lock_fd >= 0 && flock(lock_fd, operation) && errno == EWOULDBLOCK) {
		apply_end();
		return 1;
	}
	if (lock_fd < 0 || flock(lock_fd, operation)) {
		complain(errno, LOCK_FILE " cannot be locked: %s; is the disk full?",
			 strerror(errno));
		return -1;
	}
	if (!recover(config))
		return 0;
	apply_end();
	return -1;
}

int apply_begin(const char *config)
{
	return begin(config, LOCK_EX);
}

int apply_try(const char *config)
{
	return begin(config, LOCK_EX | LOCK_NB);
}

int apply_prepare(const char *config)
{
	int err;

	if (!is_root())
		return -1;
	if (!apply_was_interrupted())
		return 0;
	err = apply_begin(config);
	apply_end();
	return err;
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

	err = journal_write(changes, dnsmasq);
	if (err) {
		complain(-err, STATE_DIR " cannot be written: %s; nothing was changed",
			 strerror(-err));
		return -1;
	}
	if (write_all(changes, false)) {
		if (write_all(changes, true))
			complain(EIO, NOT_BACK);
		else
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
