/* SPDX-License-Identifier: GPL-2.0 */
/* Requests to the kernel, and the sentence with which it refuses one. */
#ifndef LIB_NETLINK_H
#define LIB_NETLINK_H

#include <netlink/netlink.h>
#include <stdbool.h>
#include <stdint.h>

/* The longest message sent: below what a socket takes without special rights. */
#define REQUEST_MAX	(128 * 1024)

/**
 * struct refusal - why the kernel refused a request
 * @error: positive error number
 * @text: the kernel's sentence, or what the error number means
 * @bare: it is the latter, and names nothing
 * @has_offset: @offset is known
 * @offset: of the offending attribute from the beginning of the request
 */
struct refusal {
	int error;
	char text[512];
	bool bare;
	bool has_offset;
	uint32_t offset;
};

/**
 * struct kernel - sockets to the kernel
 * @generic: generic netlink
 * @route: rtnetlink
 * @family: id of the sitbroker family, 0 before it was asked for
 * @refusal: why the last request was refused
 */
struct kernel {
	struct nl_sock *generic;
	struct nl_sock *route;
	int family;
	struct refusal refusal;
};

/* All return 0 or a negative errno, with &kernel.refusal set. */
int kernel_open(struct kernel *kernel);
void kernel_close(struct kernel *kernel);
int kernel_family(struct kernel *kernel);
int kernel_family_version(struct kernel *kernel, unsigned int *version);
int kernel_join(struct kernel *kernel, const char *group);
int kernel_watch_family(struct kernel *kernel);

/**
 * enum family_event - what became of the family
 * @FAMILY_SAME: nothing
 * @FAMILY_GONE: the module was removed
 * @FAMILY_BACK: it was loaded again, with nothing in its tables
 */
enum family_event {
	FAMILY_SAME,
	FAMILY_GONE,
	FAMILY_BACK,
};

enum family_event kernel_family_event(struct kernel *kernel, struct nlmsghdr *header,
				      const char *group);

struct nl_msg *kernel_message(uint8_t command, int flags, size_t size);

typedef int (*kernel_receive)(struct nl_msg *msg, void *arg);

int kernel_request(struct kernel *kernel, struct nl_sock *socket, struct nl_msg *msg,
		   kernel_receive receive, void *arg);

#endif /* LIB_NETLINK_H */
