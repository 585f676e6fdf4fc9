// SPDX-License-Identifier: GPL-2.0
/* brokertool doctor: links, pools, uplinks and clients. */

#include <arpa/inet.h>
#include <linux/sitbroker.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "doctor.h"

/* Of many clients the first few are named. */
#define CLIENTS_NAMED	5

/* Who was silent for longer may be gone. */
#define SILENT_DAYS	7

#define NDP_COMMAND	"brokertool ndp add %s dev %s"

/* The device that has an IPv4 address, or NULL. */
static const char *device_of(const struct doctor *doctor, struct in_addr address)
{
	struct ifaddrs *entry;

	for (entry = doctor->addresses; entry; entry = entry->ifa_next)
		if (entry->ifa_addr && entry->ifa_addr->sa_family == AF_INET &&
		    ((struct sockaddr_in *)entry->ifa_addr)->sin_addr.s_addr == address.s_addr)
			return entry->ifa_name;
	return NULL;
}

static void examine_local(struct doctor *doctor, json_t *link, const char *name)
{
	const char *local = text_of(link, "local"), *device;
	struct in_addr address;
	int mtu;

	if (!local) {
		finding(doctor, PROBLEM, "local",
			json_sprintf("link %s has no local address", name),
			"packets to clients need a source address, and theirs a destination",
			json_sprintf("brokertool link set %s local ADDRESS", name));
		return;
	}
	if (ipv4_parse(local, &address))
		return;
	device = device_of(doctor, address);
	if (!device) {
		finding(doctor, PROBLEM, "local",
			json_sprintf("no device has the local address %s of link %s", local, name),
			"packets of clients to it do not arrive here; the link can have another one, too",
			json_sprintf("ip addr add %s dev DEVICE", local));
		return;
	}
	mtu = device_mtu(device);
	if (mtu && mtu < 1300)
		finding(doctor, PROBLEM, "mtu", json_sprintf("the MTU of %s is %d", device, mtu),
			"IPv6 needs 1280 bytes, and the tunnel 20 more: each large packet is fragmented",
			json_sprintf("ip link set %s mtu 1500", device));
	else if (mtu && mtu < number_of(link, "mtu") + 20)
		finding(doctor, NOTE, "mtu",
			json_sprintf("the MTU of %s is %d: link %s carries %d bytes, not %lld",
				     device, mtu, name, mtu - 20,
				     (long long)number_of(link, "mtu")),
			"clients that were told another MTU send packets that are fragmented",
			json_sprintf("brokertool link set %s mtu %d", name, mtu - 20));
	if (ipv4_is_private(address) && !text_of(link, "public"))
		finding(doctor, NOTE, "public",
			json_sprintf("link %s has the private address %s and no public one", name,
				     local),
			"clients are told an address that only this network knows",
			json_sprintf("brokertool link set %s public ADDRESS", name));
}

void examine_links(struct doctor *doctor)
{
	json_int_t circles;
	json_t *link;
	size_t i;

	if (!json_array_size(doctor->links))
		finding(doctor, PROBLEM, "link", json_string("there is no link"),
			"clients are clients of a link",
			json_string("brokertool link add broker0 local ADDRESS"));
	json_array_foreach(doctor->links, i, link) {
		const char *name = text_of(link, "name");

		if (!json_is_true(json_object_get(link, "up")))
			finding(doctor, PROBLEM, "link", json_sprintf("link %s is down", name),
				"it carries nothing, and there are no routes to its pools",
				json_sprintf("brokertool link set %s up", name));
		examine_local(doctor, link, name);
		circles = number_of(json_object_get(link, "drops"), "tx-loop");
		if (circles)
			finding(doctor, PROBLEM, "loop",
				json_sprintf("link %s dropped %lld packets that went in circles",
					     name, (long long)circles),
				"the route to a client's endpoint leads into a tunnel",
				json_string("brokertool stats errors; ip route get ENDPOINT"));
	}
}

/* The device that a prefix is on-link on, or NULL. */
static const char *onlink_device(const struct doctor *doctor, const struct prefix *prefix)
{
	const struct sockaddr_in6 *address, *mask;
	struct ifaddrs *entry;

	for (entry = doctor->addresses; entry; entry = entry->ifa_next) {
		struct prefix onlink = {};
		unsigned int i;

		if (!entry->ifa_addr || entry->ifa_addr->sa_family != AF_INET6 ||
		    !entry->ifa_netmask || entry->ifa_flags & IFF_LOOPBACK)
			continue;
		address = (const struct sockaddr_in6 *)entry->ifa_addr;
		mask = (const struct sockaddr_in6 *)entry->ifa_netmask;
		for (i = 0; i < 16; i++)
			onlink.length += __builtin_popcount(mask->sin6_addr.s6_addr[i]);
		for (i = 0; i < 16; i++)
			onlink.address.s6_addr[i] = address->sin6_addr.s6_addr[i] &
						    mask->sin6_addr.s6_addr[i];
		if (onlink.length <= prefix->length && prefix_holds(&onlink, &prefix->address))
			return entry->ifa_name;
	}
	return NULL;
}

static bool has_uplink(const struct doctor *doctor, const char *link, const char *device)
{
	json_t *uplink;
	size_t i;

	json_array_foreach(doctor->uplinks, i, uplink)
		if (!strcmp(text_of(uplink, "link"), link) &&
		    !strcmp(text_of(uplink, "uplink"), device))
			return true;
	return false;
}

/* Once is enough for all pools of a link. */
static bool is_said(const struct doctor *doctor, const char *device, const char *link)
{
	char command[80];
	json_t *each;
	size_t i;

	snprintf(command, sizeof(command), NDP_COMMAND, device, link);
	json_array_foreach(doctor->findings, i, each)
		if (!strcmp(text_of(each, "command"), command))
			return true;
	return false;
}

void examine_pools(struct doctor *doctor)
{
	const char *device, *link, *text;
	struct prefix prefix;
	json_t *pool;
	size_t i;

	if (json_array_size(doctor->links) && !json_array_size(doctor->pools))
		finding(doctor, PROBLEM, "pool", json_string("there is no pool"),
			"clients get their addresses from pools",
			json_string("brokertool pool add PREFIX pair"));
	json_array_foreach(doctor->pools, i, pool) {
		link = text_of(pool, "link");
		text = text_of(pool, "prefix");
		if (prefix_parse(text, &prefix))
			continue;
		device = onlink_device(doctor, &prefix);
		if (device && !has_uplink(doctor, link, device) && !is_said(doctor, device, link))
			finding(doctor, PROBLEM, "ndp",
				json_sprintf("nobody answers for pool %s, on-link on %s",
					     text, device),
				"the router there looks for clients by neighbour discovery, and does not find them",
				json_sprintf(NDP_COMMAND, device, link));
	}
}

static unsigned int device_flags(const struct doctor *doctor, const char *device)
{
	struct ifaddrs *entry;

	for (entry = doctor->addresses; entry; entry = entry->ifa_next)
		if (!strcmp(entry->ifa_name, device))
			return entry->ifa_flags;
	return 0;
}

static json_int_t link_number(const struct doctor *doctor, const char *name, const char *key)
{
	json_t *link;
	size_t i;

	json_array_foreach(doctor->links, i, link)
		if (!strcmp(text_of(link, "name"), name))
			return number_of(link, key);
	return 0;
}

void examine_uplinks(struct doctor *doctor)
{
	json_t *uplink;
	size_t i;

	json_array_foreach(doctor->uplinks, i, uplink) {
		const char *device = text_of(uplink, "uplink");
		unsigned int flags = device_flags(doctor, device);

		if (!(flags & IFF_UP) || !(flags & IFF_RUNNING))
			finding(doctor, PROBLEM, "uplink",
				json_sprintf("uplink %s is %s", device,
					     flags & IFF_UP ? "without a carrier" : "down"),
				"nothing comes in or goes out there",
				json_sprintf("ip link set %s up", device));
		else if (!(flags & IFF_MULTICAST))
			finding(doctor, PROBLEM, "multicast",
				json_sprintf("uplink %s takes no multicast", device),
				"neighbour solicitations are multicast",
				json_sprintf("ip link set %s multicast on", device));
		else if (!number_of(uplink, "solicitations"))
			finding(doctor,
				link_number(doctor, text_of(uplink, "link"), "rx_packets") ?
				PROBLEM : NOTE, "solicitations",
				json_sprintf("no neighbour solicitation for a pool ever came on %s",
					     device),
				"answers to clients come only after one; clouds without a real link layer, and switches that filter multicast, send none: the provider must route the prefix to this server, or let the MAC address have it",
				json_sprintf("tcpdump -ni %s 'icmp6 and ip6[40] == 135'", device));
	}
}

/**
 * struct kind - clients of one kind
 * @first: one of them
 * @names: the first few
 * @n: how many
 */
struct kind {
	char first[SITBROKER_NAME_MAX + 1];
	char names[CLIENTS_NAMED * (SITBROKER_NAME_MAX + 2) + 1];
	unsigned int n;
};

/**
 * struct silence - clients that something is said about
 * @doctor: the examination
 * @link: the link that the last client was of
 * @unknown: have no endpoint
 * @never: were never heard of
 * @long_ago: were not for long
 * @refused: are such that an ICMP error was the last thing heard
 * @large: have an MTU that is too large here
 */
struct silence {
	struct doctor *doctor;
	struct link_info link;
	struct kind unknown;
	struct kind never;
	struct kind long_ago;
	struct kind refused;
	struct kind large;
};

static void name_client(struct kind *kind, const char *name)
{
	size_t at = strlen(kind->names);

	if (!kind->n)
		snprintf(kind->first, sizeof(kind->first), "%s", name);
	if (kind->n++ < CLIENTS_NAMED)
		snprintf(kind->names + at, sizeof(kind->names) - at, "%s%s", at ? ", " : "", name);
}

static int visit_client(struct broker *broker, const struct item *item, void *arg)
{
	struct silence *silence = arg;
	json_t *client, *last;
	const char *name, *device;
	int mtu;

	if (silence->link.ifindex != item->ifindex &&
	    link_info_get(broker, item->ifindex, &silence->link))
		return 0;
	client = client_json(item, &silence->link);
	name = text_of(client, "name");
	last = json_object_get(client, "last_received_ms");
	device = device_of(silence->doctor, silence->link.local);
	mtu = device ? device_mtu(device) : 0;
	if (!json_is_true(json_object_get(client, "mtu_auto")) && mtu &&
	    number_of(client, "mtu") + 20 > mtu)
		name_client(&silence->large, name);
	if (!strcmp(text_of(client, "state"), "disabled"))
		;
	else if (!text_of(client, "endpoint"))
		name_client(&silence->unknown, name);
	else if (json_is_object(json_object_get(client, "error")) &&
		 (!json_is_integer(last) ||
		  number_of(json_object_get(client, "error"), "age_ms") < json_integer_value(last)))
		name_client(&silence->refused, name);
	else if (!json_is_integer(last))
		name_client(&silence->never, name);
	else if (json_integer_value(last) > SILENT_DAYS * 24 * 3600 * 1000LL)
		name_client(&silence->long_ago, name);
	json_decref(client);
	return 0;
}

/* @command: up to the name of a client, and what stands behind that */
static void report(struct doctor *doctor, const struct kind *kind, const char *check,
		   const char *what, const char *why, const char *command, const char *rest)
{
	if (kind->n)
		finding(doctor, NOTE, check,
			json_sprintf("%u clients %s: %s%s", kind->n, what, kind->names,
				     kind->n > CLIENTS_NAMED ? ", and more" : ""),
			why, json_sprintf("brokertool %s %s%s", command, kind->first, rest));
}

void examine_clients(struct doctor *doctor)
{
	struct silence silence = { .doctor = doctor };

	items_dump(doctor->broker, SITBROKER_CMD_CLIENT_GET, 0, SITBROKER_A_CLIENT, visit_client,
		   &silence);
	report(doctor, &silence.unknown, "endpoint", "have no endpoint",
	       "nothing can be sent to them", "client set", " endpoint ADDRESS");
	report(doctor, &silence.refused, "refused", "refuse packets, or a router on the way does",
	       "their tunnel is not set up, or protocol 41 does not pass", "client show", "");
	report(doctor, &silence.never, "heard", "were never heard of",
	       "their tunnel is not set up, or protocol 41 does not pass", "client config", "");
	report(doctor, &silence.long_ago, "heard", "were not heard of for a week",
	       "they may have another address now, or be gone", "client show", "");
	report(doctor, &silence.large, "mtu", "have an MTU that their packets do not fit into here",
	       "packets to them are fragmented", "client set", " mtu auto");
}
