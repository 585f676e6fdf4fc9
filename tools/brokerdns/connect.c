// SPDX-License-Identifier: GPL-2.0
/* How long it takes to connect to an address, and through which device. */

#include <errno.h>
#include <ifaddrs.h>
#include <net/if_arp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "connect.h"

/* At a time: more would wait for each other on a thin line. */
#define RUNNING_MAX	8
#define WAIT_MS		2000

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

static bool device_is_tunnel(const char *name)
{
	struct ifreq request = {};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	unsigned short type = ARPHRD_ETHER;

	if (fd < 0)
		return false;
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (!ioctl(fd, SIOCGIFHWADDR, &request))
		type = request.ifr_hwaddr.sa_family;
	close(fd);
	return type == ARPHRD_SIT || type == ARPHRD_TUNNEL || type == ARPHRD_TUNNEL6 ||
	       type == ARPHRD_IPGRE || type == ARPHRD_PPP || type == ARPHRD_NONE;
}

/* The address that packets to @ip would come from. */
static bool source_of(const struct ip *ip, uint16_t port, struct ip *source)
{
	struct sockaddr_storage address;
	socklen_t length = ip_sockaddr(ip, port, 0, &address);
	int fd = socket(address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool ok;

	if (fd < 0)
		return false;
	ok = !connect(fd, (struct sockaddr *)&address, length);
	length = sizeof(address);
	ok = ok && !getsockname(fd, (struct sockaddr *)&address, &length) &&
	     ip_from_sockaddr((struct sockaddr *)&address, source);
	close(fd);
	return ok;
}

/* The device that holds the address. */
static bool device_of(const struct ifaddrs *all, const struct ip *source, char name[IF_NAMESIZE])
{
	const struct ifaddrs *one;
	struct ip ip;

	for (one = all; one; one = one->ifa_next)
		if (one->ifa_addr && ip_from_sockaddr(one->ifa_addr, &ip) &&
		    ip_equal(&ip, source)) {
			snprintf(name, IF_NAMESIZE, "%s", one->ifa_name);
			return true;
		}
	return false;
}

/* A device with a global IPv6 address that is a tunnel where the other is none. */
static bool other_device(const struct ifaddrs *all, bool tunnel, char name[IF_NAMESIZE])
{
	const struct ifaddrs *one;
	struct ip ip;

	for (one = all; one; one = one->ifa_next)
		if (one->ifa_addr && one->ifa_addr->sa_family == AF_INET6 &&
		    one->ifa_flags & IFF_UP && !(one->ifa_flags & IFF_LOOPBACK) &&
		    ip_from_sockaddr(one->ifa_addr, &ip) && !ip_special(&ip) &&
		    device_is_tunnel(one->ifa_name) != tunnel) {
			snprintf(name, IF_NAMESIZE, "%s", one->ifa_name);
			return true;
		}
	return false;
}

unsigned int paths_find(const struct ip *ip, uint16_t port, struct path paths[PATHS_EACH])
{
	struct ifaddrs *all = NULL;
	unsigned int n = 0;
	struct ip source;

	if (!source_of(ip, port, &source) || getifaddrs(&all))
		return 0;
	paths[n] = (struct path) { .ip = *ip, .port = port };
	if (device_of(all, &source, paths[n].device))
		paths[n].tunnel = device_is_tunnel(paths[n].device);
	n++;
	paths[n] = (struct path) { .ip = *ip, .port = port, .bound = true,
				   .tunnel = !paths[0].tunnel };
	if (ip->family == AF_INET6 && other_device(all, paths[0].tunnel, paths[n].device))
		n++;
	freeifaddrs(all);
	return n;
}

/* Return: descriptor of a connection that is being made, or -1. */
static int path_start(const struct path *path)
{
	struct sockaddr_storage address;
	socklen_t length = ip_sockaddr(&path->ip, path->port, 0, &address);
	int fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if ((path->bound && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, path->device,
				       strlen(path->device) + 1)) ||
	    (connect(fd, (struct sockaddr *)&address, length) && errno != EINPROGRESS)) {
		close(fd);
		return -1;
	}
	return fd;
}

static bool path_is_there(int fd)
{
	socklen_t size = sizeof(int);
	int error = 0;

	getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
	return !error || error == ECONNREFUSED;
}

void paths_measure(struct path *paths, size_t n)
{
	struct pollfd fds[RUNNING_MAX];
	struct path *running[RUNNING_MAX];
	double began[RUNNING_MAX], now;
	size_t next = 0, active = 0, i, kept;

	while (active || next < n) {
		for (; active < RUNNING_MAX && next < n; next++) {
			paths[next].milliseconds = -1;
			began[active] = now_ms();
			fds[active] = (struct pollfd) { path_start(&paths[next]), POLLOUT, 0 };
			running[active] = &paths[next];
			active += fds[active].fd >= 0;
		}
		poll(fds, active, 50);
		now = now_ms();
		for (i = 0, kept = 0; i < active; i++) {
			if (!fds[i].revents && now - began[i] < WAIT_MS) {
				fds[kept] = fds[i];
				running[kept] = running[i];
				began[kept++] = began[i];
				continue;
			}
			if (fds[i].revents && path_is_there(fds[i].fd))
				running[i]->milliseconds = now - began[i];
			close(fds[i].fd);
		}
		active = kept;
	}
}
