// SPDX-License-Identifier: GPL-2.0
/* Other programs: run to their end, or started for good. */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../lib/complaint.h"
#include "run.h"

/* A child begins like a program from a shell, whatever is held back here. */
static void child_begin(int output, const char *directory)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	dup2(null, STDIN_FILENO);
	dup2(output < 0 ? null : output, STDOUT_FILENO);
	dup2(output < 0 ? null : output, STDERR_FILENO);
	if (directory && chdir(directory))
		_exit(126);
}

static void read_all(int fd, char *output, size_t size)
{
	char scrap[512];
	size_t n = 0;
	ssize_t got;

	for (;;) {
		bool room = n + 1 < size;

		got = read(fd, room ? output + n : scrap, room ? size - 1 - n : sizeof(scrap));
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		if (room)
			n += got;
	}
	output[n] = '\0';
	/* Several lines become one sentence. */
	while (n && (output[n - 1] == '\n' || output[n - 1] == ' '))
		output[--n] = '\0';
	memmove(output, output + strspn(output, "\n"), n + 1 - strspn(output, "\n"));
	make_printable(output);
}

static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -EINTR;
}

int run_prepared(char *const *argv, const char *directory, char *output, size_t size,
		 int (*prepare)(void *arg), void *arg)
{
	int pipe_fds[2] = { -1, -1 }, status;
	pid_t pid;

	if (output && size)
		*output = '\0';
	/* Without: a daemon would keep it open for ever. */
	if (output && pipe2(pipe_fds, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (pid < 0) {
		status = -errno;
		if (output) {
			close(pipe_fds[0]);
			close(pipe_fds[1]);
		}
		return status;
	}
	if (!pid) {
		child_begin(pipe_fds[1], directory);
		status = prepare ? prepare(arg) : 0;
		if (status)
			_exit(status);
		execvp(argv[0], argv);
		_exit(RUN_NO_PROGRAM);
	}
	if (output) {
		close(pipe_fds[1]);
		read_all(pipe_fds[0], output, size);
		close(pipe_fds[0]);
	}
	return wait_for(pid);
}

int run(char *const *argv, const char *directory, char *output, size_t size)
{
	return run_prepared(argv, directory, output, size, NULL, NULL);
}

int run_shown(char *const *argv)
{
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (!pid) {
		child_begin(STDERR_FILENO, NULL);
		execvp(argv[0], argv);
		_exit(RUN_NO_PROGRAM);
	}
	return wait_for(pid);
}

int run_detached(char *const *argv, const char *directory)
{
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (!pid) {
		/* Its parent shall be init. */
		setsid();
		if (fork())
			_exit(0);
		child_begin(-1, directory);
		execvp(argv[0], argv);
		_exit(RUN_NO_PROGRAM);
	}
	return wait_for(pid) ? -EAGAIN : 0;
}
