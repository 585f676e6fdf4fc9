/* SPDX-License-Identifier: GPL-2.0 */
/* The objects that the family's messages bring. */
#ifndef LIB_OBJECT_H
#define LIB_OBJECT_H

#include <stdint.h>

#include "address.h"
#include "netlink.h"

/* Somebody who changes a table all the time must not keep a dump of it for ever. */
#define DUMP_TRIES	20

/**
 * struct item - an object in an answer
 * @ifindex: its link
 * @generation: of the link
 * @nest: its attributes
 */
struct item {
	uint32_t ifindex;
	uint32_t generation;
	struct nlattr *nest;
};

typedef int (*object_visit)(const struct item *item, void *arg);

void message_objects(struct nlmsghdr *header, int type, object_visit visit, void *arg);
int request_objects(struct kernel *kernel, struct nl_msg *request, int type, object_visit visit,
		    void *arg);

int prefix_put(struct nl_msg *msg, int type, const struct prefix *prefix);
int prefix_get(struct nlattr *nest, struct prefix *prefix);
const char *link_name(uint32_t ifindex, char name[16]);

#endif /* LIB_OBJECT_H */
