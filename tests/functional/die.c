// SPDX-License-Identifier: GPL-2.0
/*
 * Preloaded: the program is killed at its DIE_AT-th call that others can see, to
 * the kernel or the file system, before the call is made; or stops at its
 * STOP_AT-th one. What it has on the disk, and under which name, is appended to
 * the file CALLS: of a file that is synced, how many bytes it has by then.
 */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <limits.h>
#include <linux/netlink.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static void count(void)
{
	const char *die = getenv("DIE_AT"), *stop = getenv("STOP_AT");
	static int n;

	n++;
	if (die && n == atoi(die))
		kill(getpid(), SIGKILL);
	if (stop && n == atoi(stop))
		kill(getpid(), SIGSTOP);
}

static FILE *calls(void)
{
	return fopen(getenv("CALLS") ?: "/dev/null", "ae");
}

#define NEXT(name)	((typeof(name) *)dlsym(RTLD_NEXT, #name))

/* What only asks is of no interest. */
ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
	const struct nlmsghdr *header = msg->msg_iov->iov_base;

	if ((header->nlmsg_flags & NLM_F_DUMP) != NLM_F_DUMP)
		count();
	return NEXT(sendmsg)(fd, msg, flags);
}

int rename(const char *from, const char *to)
{
	FILE *file = calls();

	count();
	fprintf(file, "%s %s %s\n", __func__, from, to);
	fclose(file);
	return NEXT(rename)(from, to);
}

int fsync(int fd)
{
	char link[32], path[PATH_MAX] = "";
	FILE *file = calls();
	struct stat st;

	count();
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	if (readlink(link, path, sizeof(path) - 1) > 0 && !fstat(fd, &st)) {
		if (S_ISREG(st.st_mode))
			fprintf(file, "%s %s %jd\n", __func__, path, (intmax_t)st.st_size);
		else
			fprintf(file, "%s %s\n", __func__, path);
	}
	fclose(file);
	return NEXT(fsync)(fd);
}

int mkdir(const char *path, mode_t mode)
{
	count();
	return NEXT(mkdir)(path, mode);
}

ssize_t write(int fd, const void *data, size_t size)
{
	count();
	return NEXT(write)(fd, data, size);
}
