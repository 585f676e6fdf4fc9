// SPDX-License-Identifier: GPL-2.0
/*
 * Preloaded: before the program begins to load a filter list for the first time,
 * the command MEANWHILE is run: somebody else is a bit faster.
 */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/sitbroker.h>
#include <stdlib.h>
#include <sys/socket.h>

ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
	typeof(sendmsg) *next = (typeof(sendmsg) *)dlsym(RTLD_NEXT, "sendmsg");
	const struct nlmsghdr *header = msg->msg_iov->iov_base;
	const struct genlmsghdr *generic = NLMSG_DATA(header);
	const char *command = getenv("MEANWHILE");

	if (command && msg->msg_iov->iov_len >= NLMSG_LENGTH(GENL_HDRLEN) &&
	    header->nlmsg_type > GENL_ID_CTRL && generic->cmd == SITBROKER_CMD_FILTER_BEGIN) {
		unsetenv("MEANWHILE");
		if (system(command))
			abort();
	}
	return next(fd, msg, flags);
}
