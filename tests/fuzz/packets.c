// SPDX-License-Identifier: GPL-2.0
/*
 * packets TAP MAC SECONDS SEED tunnel|uplink ADDRESS... : lets packets that are
 * nearly right come in by a tap device, to MAC or to all. The same seed makes
 * the same packets. "tunnel": IPv4, with IPv6 and errors inside. "uplink":
 * solicitations and IPv6, also in segments. Most are in pieces: with
 * IFF_NAPI_FRAGS each piece of a write is a fragment of the buffer, and nothing
 * but the Ethernet header is moved to its linear part.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "packet.h"
#include "random.h"

#ifndef VIRTIO_NET_HDR_GSO_UDP_L4	/* 6.2 */
#define VIRTIO_NET_HDR_GSO_UDP_L4	5
#endif

uint64_t random_state;

enum kind { TUNNELLED, ERROR4, SOLICITATION, IPV6, N_KINDS };
static const char *const kinds[] = { "in tunnels", "ICMPv4 errors", "solicitations", "IPv6" };

static unsigned long sent[N_KINDS], in_pieces[N_KINDS], refused;

/* The kernel takes 17 fragments at most, each of a page at most. */
#define PIECES_MAX	18
#define PIECE_MAX	4096

static int device_open(const char *name)
{
	struct ifreq request = {
		.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR | IFF_NAPI | IFF_NAPI_FRAGS,
	};
	int fd = open("/dev/net/tun", O_RDWR);

	snprintf(request.ifr_name, IFNAMSIZ, "%s", name);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &request)) {
		fprintf(stderr, "packets: %s: %s\n", name, strerror(errno));
		exit(1);
	}
	return fd;
}

/*
 * Cut a frame into pieces, the first of which is in the linear part. Headers
 * begin and end anywhere.
 *
 * Return: how many pieces.
 */
static int cut(struct iovec *pieces, uint8_t *frame, size_t len)
{
	size_t size = ETHER_HDR_LEN + (random_once(2) ? 0 : random_below(100));
	int n = 0;

	if (random_once(5))
		size = len;
	while (len) {
		if (size > len || n == PIECES_MAX - 1)
			size = len;
		if (n && size > PIECE_MAX)
			size = PIECE_MAX;
		pieces[n].iov_base = frame;
		pieces[n++].iov_len = size;
		frame += size;
		len -= size;
		size = random_once(2) ? 1 + random_below(64) : 1 + random_below(PIECE_MAX);
		/* What is left must fit into what is left of the pieces. */
		if (len > size + (size_t)(PIECES_MAX - 1 - n) * PIECE_MAX)
			size = PIECE_MAX;
	}
	return n;
}

/* What is left to the receiver. */
static void leave(struct virtio_net_hdr *header, size_t len, enum kind kind)
{
	memset(header, 0, sizeof(*header));
	if (kind != IPV6 || len < 200 || !random_once(3))
		return;
	header->flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	header->csum_start = ETHER_HDR_LEN + 40;
	header->csum_offset = 6;
	if (random_once(2)) {
		header->gso_type = random_once(2) ? VIRTIO_NET_HDR_GSO_UDP_L4
						  : VIRTIO_NET_HDR_GSO_TCPV6;
		header->gso_size = 1 + random_below(random_once(4) ? 65535 : 1500);
		header->hdr_len = ETHER_HDR_LEN + 40 + 8;
	}
}

static enum kind choose(void)
{
	if (from_client)
		return random_once(6) ? ERROR4 : TUNNELLED;
	return random_once(2) ? SOLICITATION : IPV6;
}

static size_t make(uint8_t *at, enum kind kind)
{
	size_t room = random_once(20) ? 20000 : 1480, len;

	switch (kind) {
	case TUNNELLED:
		len = packet_tunnelled(at, room);
		break;
	case ERROR4:
		len = packet_error4(at, room);
		break;
	case SOLICITATION:
		len = packet_solicitation(at, room);
		break;
	default:
		len = packet_ipv6(at, room, 2);
		break;
	}
	return packet_mutate(at, len);
}

static void send_one(int fd, const uint8_t *mac)
{
	static struct {
		struct ether_header ether;
		uint8_t packet[PACKET_MAX];
	} __attribute__((packed)) frame;
	enum kind kind = choose();
	size_t len = make(frame.packet, kind);
	struct iovec pieces[1 + PIECES_MAX];
	struct virtio_net_hdr header;
	int n;

	memset(&frame.ether, 0x02, sizeof(frame.ether));
	memcpy(frame.ether.ether_dhost, mac, 6);
	if (kind == SOLICITATION && random_once(2))
		memset(frame.ether.ether_dhost, 0x33, 6);
	frame.ether.ether_type = htons(from_client ? ETHERTYPE_IP : ETHERTYPE_IPV6);
	leave(&header, sizeof(frame.ether) + len, kind);
	pieces[0].iov_base = &header;
	pieces[0].iov_len = sizeof(header);
	n = cut(pieces + 1, (uint8_t *)&frame, sizeof(frame.ether) + len);
	/* The kernel refuses what makes no sense as a buffer. */
	if (writev(fd, pieces, 1 + n) < 0) {
		refused++;
	} else {
		sent[kind]++;
		in_pieces[kind] += n > 1;
	}
}

int main(int argc, char **argv)
{
	unsigned long n = 0, seconds;
	struct timespec now;
	uint8_t mac[6];
	time_t end;
	int fd, i;

	if (argc < 7 || sscanf(argv[2], "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &mac[0], &mac[1], &mac[2],
			       &mac[3], &mac[4], &mac[5]) != 6) {
		fprintf(stderr,
			"usage: packets TAP MAC SECONDS SEED tunnel|uplink ADDRESS...\n");
		return 1;
	}
	seconds = strtoul(argv[3], NULL, 10);
	random_state = strtoull(argv[4], NULL, 0);
	from_client = !strcmp(argv[5], "tunnel");
	for (i = 6; i < argc; i++) {
		if (addresses.n_v6 < ADDRESSES_MAX &&
		    inet_pton(AF_INET6, argv[i], &addresses.v6[addresses.n_v6]) == 1)
			addresses.n_v6++;
		else if (addresses.n_v4 < ADDRESSES_MAX &&
			 inet_pton(AF_INET, argv[i], &addresses.v4[addresses.n_v4]) == 1)
			addresses.n_v4++;
	}
	fd = device_open(argv[1]);
	clock_gettime(CLOCK_MONOTONIC, &now);
	end = now.tv_sec + seconds;
	do {
		for (i = 0; i < 100; i++)
			send_one(fd, mac);
		n += 100;
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (now.tv_sec < end);

	printf("%s: %lu packets, %lu refused as buffers:", argv[5], n, refused);
	for (i = 0; i < N_KINDS; i++)
		if (sent[i])
			printf(" %lu %s (%lu in pieces)", sent[i], kinds[i], in_pieces[i]);
	printf("\n");
	close(fd);
	return 0;
}
