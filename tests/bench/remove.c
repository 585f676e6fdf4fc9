// SPDX-License-Identifier: GPL-2.0
/*
 * remove DEVICE|GROUP: time the request alone that removes a device, or all of a group,
 * until the kernel acknowledges it. Prints nanoseconds.
 */

#include <ctype.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "speed.h"

int main(int argc, char **argv)
{
	struct nl_sock *socket = nl_socket_alloc();
	struct nl_msg *msg = nlmsg_alloc();
	struct ifinfomsg device = {};
	double begin, took;
	int err;

	if (argc != 2) {
		fputs("usage: remove DEVICE|GROUP\n", stderr);
		return 1;
	}
	nlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, RTM_DELLINK, 0, NLM_F_REQUEST | NLM_F_ACK);
	nlmsg_append(msg, &device, sizeof(device), NLMSG_ALIGNTO);
	if (isdigit(*argv[1]))
		nla_put_u32(msg, IFLA_GROUP, atoi(argv[1]));
	else
		nla_put_string(msg, IFLA_IFNAME, argv[1]);
	err = nl_connect(socket, NETLINK_ROUTE);
	begin = now();
	if (!err)
		err = nl_send_auto(socket, msg);
	if (err >= 0)
		err = nl_wait_for_ack(socket);
	took = now() - begin;
	if (err < 0) {
		fprintf(stderr, "remove: %s: %s\n", argv[1], nl_geterror(err));
		return 1;
	}
	printf("%.0f\n", took);
	nlmsg_free(msg);
	nl_socket_free(socket);
	return 0;
}
