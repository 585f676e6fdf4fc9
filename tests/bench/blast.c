// SPDX-License-Identifier: GPL-2.0
/*
 * blast DEVICE COUNT FRAME [FIRST FIELD...]: send an Ethernet frame, given in
 * hexadecimal, COUNT times as fast as the device takes it. Prints nanoseconds a
 * frame, the median of parts of some hundred frames: what else goes on in the
 * machine strikes few of them.
 *
 * FIELD is OFFSET:STEP:MANY:CHECKSUM and makes many frames of one: to the 32-bit
 * word at OFFSET, STEP times a number below MANY is added, another number with
 * each frame, and the Internet checksum at CHECKSUM, if that is not 0, is put
 * right. Numbers scatter, so that no processor can guess the next one; FIRST is
 * where they begin.
 *
 * Everything that the frame causes in this kernel runs on the sender's
 * processor before the last call returns, if there is one processor.
 */

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define BATCH	64
#define PART	(8 * BATCH)
#define FRAME	2048
#define FIELDS	8

/**
 * struct field - a word that differs from frame to frame
 * @offset: where it is
 * @checksum: of the checksum that covers it, or 0
 * @step: between neighbouring numbers
 * @many: numbers are below that
 * @base: its value in the frame that was given
 */
struct field {
	unsigned int offset;
	unsigned int checksum;
	uint32_t step;
	uint32_t many;
	uint32_t base;
};

static unsigned char frames[BATCH][FRAME];

static size_t parse_frame(const char *hex, unsigned char *frame)
{
	size_t len = 0;

	while (len < FRAME && sscanf(hex, "%2hhx", &frame[len]) == 1) {
		len++;
		hex += 2;
	}
	return len;
}

static uint32_t load(const unsigned char *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return ntohl(value);
}

static void store(unsigned char *at, uint32_t value)
{
	value = htonl(value);
	memcpy(at, &value, sizeof(value));
}

/* RFC 1624. */
static void fix_checksum(unsigned char *at, uint32_t old, uint32_t new)
{
	uint32_t sum = (uint16_t)~(at[0] << 8 | at[1]);

	sum += (uint16_t)~(old >> 16) + (uint16_t)~old + (new >> 16) + (new & 0xffff);
	sum = (sum >> 16) + (sum & 0xffff);
	sum = (sum >> 16) + (sum & 0xffff);
	at[0] = ~sum >> 8;
	at[1] = ~sum;
}

static void set_field(unsigned char *frame, const struct field *field, uint32_t number)
{
	uint32_t old = load(frame + field->offset);
	uint32_t new = field->base + field->step * (number % field->many);

	store(frame + field->offset, new);
	if (field->checksum)
		fix_checksum(frame + field->checksum, old, new);
}

static uint32_t common_divisor(uint32_t a, uint32_t b)
{
	return b ? common_divisor(b, a % b) : a;
}

/* Far from a divisor's multiple: the golden section, and every number has its turn. */
static uint32_t stride_for(uint32_t many)
{
	uint32_t stride = many * 0.6180339887498949;

	while (stride && common_divisor(stride, many) != 1)
		stride--;
	return stride;
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1e9 + time.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	double difference = *(const double *)a - *(const double *)b;

	return (difference > 0) - (difference < 0);
}

int main(int argc, char **argv)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET };
	uint32_t number = 0, many = 1, stride;
	struct mmsghdr messages[BATCH] = {};
	struct field fields[FIELDS];
	int fd, one = 1, i, n_fields;
	size_t len, parts = 0;
	struct iovec iov[BATCH];
	long left, n, batch, part;
	double *times, begin;

	n_fields = argc > 5 ? argc - 5 : 0;
	if (argc < 4 || n_fields > FIELDS) {
		fputs("usage: blast DEVICE COUNT FRAME [FIRST FIELD...]\n", stderr);
		return 1;
	}
	address.sll_ifindex = if_nametoindex(argv[1]);
	left = atol(argv[2]);
	len = parse_frame(argv[3], frames[0]);
	for (i = 0; i < n_fields; i++) {
		struct field *field = &fields[i];

		if (sscanf(argv[5 + i], "%u:%u:%u:%u", &field->offset, &field->step, &field->many,
			   &field->checksum) != 4 || !field->many || field->offset + 4 > len) {
			fprintf(stderr, "blast: %s is no field\n", argv[5 + i]);
			return 1;
		}
		field->base = load(frames[0] + field->offset);
		if (field->many > many)
			many = field->many;
	}
	if (n_fields)
		number = strtoul(argv[4], NULL, 0) % many;
	stride = stride_for(many);

	fd = socket(AF_PACKET, SOCK_RAW, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof(one))) {
		perror("blast");
		return 1;
	}
	for (n = 0; n < BATCH; n++) {
		memcpy(frames[n], frames[0], len);
		iov[n] = (struct iovec) { .iov_base = frames[n], .iov_len = len };
		messages[n].msg_hdr.msg_iov = &iov[n];
		messages[n].msg_hdr.msg_iovlen = 1;
	}

	times = calloc(left / PART + 1, sizeof(*times));
	if (!times || left < 1) {
		fputs("blast: no memory, or nothing to do\n", stderr);
		return 1;
	}
	begin = now();
	for (part = 0; left > 0; left -= batch) {
		batch = left < BATCH ? left : BATCH;
		for (n = 0; n_fields && n < batch; n++) {
			for (i = 0; i < n_fields; i++)
				set_field(frames[n], &fields[i], number);
			number += stride;
			if (number >= many)
				number -= many;
		}
		for (n = 0; n < batch;) {
			int sent = sendmmsg(fd, messages + n, batch - n, 0);

			if (sent < 0) {
				perror("blast");
				return 1;
			}
			n += sent;
		}
		part += batch;
		/* A part that is too short counts only where there is no other. */
		if (part == PART || (left == batch && !parts)) {
			double end = now();

			times[parts++] = (end - begin) / part;
			begin = end;
			part = 0;
		}
	}
	qsort(times, parts, sizeof(*times), compare);
	printf("%.1f\n", times[parts / 2]);
	return 0;
}
