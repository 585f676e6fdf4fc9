// SPDX-License-Identifier: GPL-2.0
/*
 * packets DEVICE MAC SECONDS SEED tunnel|uplink ADDRESS... : sends packets that
 * are nearly right out of an Ethernet device, to MAC or to all. The same seed
 * makes the same packets. "tunnel": IPv4, with IPv6 and errors inside.
 * "uplink": solicitations and IPv6, also in segments and with headers that are
 * not in the linear part of the buffer.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
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

static unsigned long sent[N_KINDS], refused;

static int device_open(const char *name)
{
	struct sockaddr_ll device = {
		.sll_family = AF_PACKET,
		.sll_ifindex = if_nametoindex(name),
	};
	int fd = socket(AF_PACKET, SOCK_RAW, 0), on = 1;

	if (fd < 0 || !device.sll_ifindex ||
	    bind(fd, (struct sockaddr *)&device, sizeof(device)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof(on))) {
		fprintf(stderr, "packets: %s: %s\n", name, strerror(errno));
		exit(1);
	}
	return fd;
}

/* How the buffer is laid out, and what of it is left to the receiver. */
static void layout(struct virtio_net_hdr *header, size_t len, enum kind kind)
{
	memset(header, 0, sizeof(*header));
	header->hdr_len = random_once(3) ? ETHER_HDR_LEN + random_below(80) : 0;
	if (header->hdr_len > len)
		header->hdr_len = len;
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
		struct virtio_net_hdr header;
		struct ether_header ether;
		uint8_t packet[PACKET_MAX];
	} __attribute__((packed)) frame;
	enum kind kind = choose();
	size_t len = make(frame.packet, kind);
	struct virtio_net_hdr header;

	memset(&frame.ether, 0x02, sizeof(frame.ether));
	memcpy(frame.ether.ether_dhost, mac, 6);
	if (kind == SOLICITATION && random_once(2))
		memset(frame.ether.ether_dhost, 0x33, 6);
	frame.ether.ether_type = htons(from_client ? ETHERTYPE_IP : ETHERTYPE_IPV6);
	layout(&header, sizeof(frame.ether) + len, kind);
	frame.header = header;
	/* The kernel refuses what makes no sense as a buffer. */
	if (send(fd, &frame, sizeof(frame.header) + sizeof(frame.ether) + len, 0) < 0)
		refused++;
	else
		sent[kind]++;
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
			"usage: packets DEVICE MAC SECONDS SEED tunnel|uplink ADDRESS...\n");
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
			printf(" %lu %s", sent[i], kinds[i]);
	printf("\n");
	close(fd);
	return 0;
}
