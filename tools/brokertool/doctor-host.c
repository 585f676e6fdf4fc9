// SPDX-License-Identifier: GPL-2.0
/* brokertool doctor: settings and sockets of this host. */

#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "doctor.h"

/* A root server's address, for where the world is. */
#define WORLD	"198.41.0.4"

/* DHCPv6, SSDP, mDNS and LLMNR: whoever is there answers his own network. */
static const unsigned int near_ports[] = { 546, 547, 1900, 5353, 5355 };

int device_mtu(const char *device)
{
	struct ifreq request = {};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", device);
	if (fd < 0 || ioctl(fd, SIOCGIFMTU, &request))
		request.ifr_mtu = 0;
	if (fd >= 0)
		close(fd);
	return request.ifr_mtu;
}

static const char *const no_ipv6[] = {
	"no IPv6 packet comes in or goes out there; its addresses and routes went, too: set the device up anew behind this",
	"no route can lead into the link, so nothing reaches its clients; new links get what net.ipv6.conf.default.disable_ipv6 says",
};

/* No route leads there, whatever is done to make one. */
static void examine_ipv6_of(struct doctor *doctor, const char *device, bool is_link)
{
	char name[64];
	json_t *command;

	if (setting_get("ipv6/conf/%s/disable_ipv6", device) != 1)
		return;
	setting_name(device, "disable_ipv6", name);
	command = is_link ? json_sprintf("sysctl -w %s=0 && brokertool link set %s up", name,
					 device) :
			    json_sprintf("sysctl -w %s=0", name);
	if (is_said(doctor, json_string_value(command))) {
		json_decref(command);
		return;
	}
	finding(doctor, PROBLEM, "disable_ipv6", json_sprintf("%s is 1", name),
		no_ipv6[is_link], command);
}

/* Of a device without IPv6 no IPv6 route says that it is the uplink; perhaps IPv4's does. */
void examine_ipv6(struct doctor *doctor)
{
	char device[IF_NAMESIZE];
	struct in_addr world;
	bool lost = false;
	uint32_t oif;
	json_t *each;
	size_t i;

	json_array_foreach(doctor->links, i, each)
		examine_ipv6_of(doctor, text_of(each, "name"), true);
	json_array_foreach(doctor->uplinks, i, each)
		examine_ipv6_of(doctor, text_of(each, "uplink"), false);
	for (i = 0; i < doctor->n_views; i++)
		lost |= !*doctor->views[i].uplink;
	inet_pton(AF_INET, WORLD, &world);
	oif = lost ? route_device(doctor->broker, AF_INET, &world, 0) : 0;
	if (oif && if_indextoname(oif, device))
		examine_ipv6_of(doctor, device, false);
}

void examine_settings(struct doctor *doctor)
{
	char name[64];
	json_t *link;
	size_t i;

	if (!setting_get("ipv6/conf/%s/forwarding", "all"))
		finding(doctor, PROBLEM, "forwarding",
			json_string("net.ipv6.conf.all.forwarding is 0"),
			"clients reach this server and nothing beyond it, and nobody reaches them",
			json_string("sysctl -w net.ipv6.conf.all.forwarding=1"));
	json_array_foreach(doctor->links, i, link) {
		if (!setting_get("ipv6/conf/%s/forwarding", "all") ||
		    setting_get("ipv6/conf/%s/forwarding", text_of(link, "name")))
			continue;
		setting_name(text_of(link, "name"), "forwarding", name);
		finding(doctor, PROBLEM, "forwarding", json_sprintf("%s is 0", name),
			"what its clients send is not forwarded",
			json_sprintf("sysctl -w %s=1", name));
	}
}

static bool is_near(unsigned int port)
{
	size_t i;

	for (i = 0; i < sizeof(near_ports) / sizeof(*near_ports); i++)
		if (port == near_ports[i])
			return true;
	return false;
}

/* Ports that sockets get which ask for none: these belong to whoever asks, not to servers. */
static void asking_ports(unsigned int *first, unsigned int *last)
{
	FILE *file = fopen("/proc/sys/net/ipv4/ip_local_port_range", "re");

	if (!file || fscanf(file, "%u %u", first, last) != 2) {
		*first = 32768;
		*last = 60999;
	}
	if (file)
		fclose(file);
}

/* Those that listen at any address, from /proc/net/udp6; at most so many. */
static unsigned int udp_ports(unsigned int *ports, unsigned int max)
{
	FILE *file = fopen("/proc/net/udp6", "re");
	unsigned int port, first, last, n = 0, i;
	char line[256], address[33];

	asking_ports(&first, &last);
	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, " %*u: %32[0-9A-F]:%x", address, &port) != 2 ||
		    strspn(address, "0") != 32 || !port || (port >= first && port <= last) ||
		    is_near(port))
			continue;
		for (i = 0; i < n && ports[i] != port; i++)
			;
		if (i == n && n < max)
			ports[n++] = port;
	}
	if (file)
		fclose(file);
	return n;
}

void examine_sockets(struct doctor *doctor)
{
	unsigned int ports[8], n, i;
	char text[80] = "";
	size_t at = 0;

	if (setting_get("ipv6/%s", "ip_nonlocal_bind"))
		return;
	n = udp_ports(ports, sizeof(ports) / sizeof(*ports));
	if (!n)
		return;
	for (i = 0; i < n; i++)
		at += snprintf(text + at, sizeof(text) - at, "%s%u", i ? ", " : "", ports[i]);
	finding(doctor, NOTE, "nonlocal",
		json_sprintf("servers listen on UDP port %s, and net.ipv6.ip_nonlocal_bind is 0",
			     text),
		"they cannot answer from clients' server addresses, which are on no device; nonlocal-bind = on in sitbroker.conf keeps it after a restart",
		json_string("sysctl -w net.ipv6.ip_nonlocal_bind=1"));
}
