// SPDX-License-Identifier: GPL-2.0
/*
 * blast DEVICE COUNT FRAME: send an Ethernet frame, given in hexadecimal, COUNT
 * times as fast as the device takes it. Prints the nanoseconds that it took.
 *
 * Everything that the frame causes in this kernel runs on the sender's
 * processor before the last call returns, if there is one processor.
 */

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define BATCH	64

static size_t parse(const char *hex, unsigned char *frame, size_t size)
{
	size_t len = 0;

	while (len < size && sscanf(hex, "%2hhx", &frame[len]) == 1) {
		len++;
		hex += 2;
	}
	return len;
}

int main(int argc, char **argv)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET };
	struct mmsghdr messages[BATCH] = {};
	unsigned char frame[2048];
	struct timespec from, to;
	struct iovec iov;
	int fd, one = 1;
	long left, n;

	if (argc != 4) {
		fputs("usage: blast DEVICE COUNT FRAME\n", stderr);
		return 1;
	}
	address.sll_ifindex = if_nametoindex(argv[1]);
	left = atol(argv[2]);
	iov.iov_base = frame;
	iov.iov_len = parse(argv[3], frame, sizeof(frame));
	fd = socket(AF_PACKET, SOCK_RAW, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof(one))) {
		perror("blast");
		return 1;
	}
	for (n = 0; n < BATCH; n++) {
		messages[n].msg_hdr.msg_iov = &iov;
		messages[n].msg_hdr.msg_iovlen = 1;
	}

	clock_gettime(CLOCK_MONOTONIC, &from);
	while (left > 0) {
		n = sendmmsg(fd, messages, left < BATCH ? left : BATCH, 0);
		if (n < 0) {
			perror("blast");
			return 1;
		}
		left -= n;
	}
	clock_gettime(CLOCK_MONOTONIC, &to);
	printf("%lld\n", (to.tv_sec - from.tv_sec) * 1000000000LL + to.tv_nsec - from.tv_nsec);
	return 0;
}
