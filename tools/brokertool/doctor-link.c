// SPDX-License-Identifier: GPL-2.0
/* brokertool doctor: links, pools and uplinks. */

#include <arpa/inet.h>
#include <linux/sitbroker.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor.h"

/* What went in circles this long ago may be mended: a counter never falls. */
#define LOOP_RECENT_MS	(10 * 60 * 1000LL)

#define NDP_COMMAND	"brokertool ndp add %s dev %s"

const char *device_of(const struct doctor *doctor, struct in_addr address)
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

/**
 * struct circles - the last packet of a link that went in circles
 * @link: its name
 * @age_ms: how long ago that was, -1 where nobody knows
 */
struct circles {
	const char *link;
	json_int_t age_ms;
};

static int see_circles(struct broker *broker, const struct item *item, void *arg)
{
	json_t *sample = dropped_json(item);
	struct circles *circles = arg;

	(void)broker;
	if (!strcmp(text_of(sample, "reason") ?: "", "tx-loop") &&
	    !strcmp(text_of(sample, "link"), circles->link))
		circles->age_ms = number_of(sample, "age_ms");
	json_decref(sample);
	return 0;
}

static void report_circles(struct doctor *doctor, const struct circles *circles,
			   json_int_t packets)
{
	bool recent = circles->age_ms >= 0 && circles->age_ms < LOOP_RECENT_MS;
	char age[AGE_STRLEN] = "some time";
	json_t *what;

	if (circles->age_ms >= 0)
		age_text(circles->age_ms, age);
	what = json_sprintf("link %s dropped %lld packets that went in circles, the last %s ago",
			    circles->link, (long long)packets, age);
	finding(doctor, recent ? PROBLEM : NOTE, "loop", what,
		recent ? "the route to a client's endpoint leads into a tunnel" :
			 "the route to a client's endpoint led into a tunnel; it may be mended: the counter stays until the link is deleted",
		json_string("brokertool stats errors; ip route get ENDPOINT"));
}

void examine_links(struct doctor *doctor)
{
	struct circles circles;
	json_int_t packets;
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
		packets = number_of(json_object_get(link, "drops"), "tx-loop");
		if (!packets)
			continue;
		circles = (struct circles) { .link = name, .age_ms = -1 };
		items_dump(doctor->broker, SITBROKER_CMD_SAMPLE_GET, 0, SITBROKER_A_SAMPLE,
			   see_circles, &circles);
		report_circles(doctor, &circles, packets);
	}
}

/*
 * The device that neighbours ask for a prefix on, where a link has its routes, or NULL. On a
 * point-to-point device nobody does.
 */
static const char *onlink_device(const struct doctor *doctor, const struct onlinks *onlinks,
				 const char *link, const struct prefix *prefix)
{
	uint32_t table = link_vrf(doctor->broker, if_nametoindex(link)).table;
	const struct onlink *onlink;

	for (onlink = onlinks->list; onlink < onlinks->list + onlinks->n; onlink++)
		if (onlink->segment == SEGMENT_ETHERNET && onlink->table == table &&
		    onlink->prefix.length <= prefix->length &&
		    prefix_holds(&onlink->prefix, &prefix->address))
			return onlink->device;
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

void examine_pools(struct doctor *doctor)
{
	const char *device, *link, *text;
	struct onlinks onlinks;
	struct prefix prefix;
	char command[80];
	json_t *pool;
	size_t i;

	if (json_array_size(doctor->links) && !json_array_size(doctor->pools))
		finding(doctor, PROBLEM, "pool", json_string("there is no pool"),
			"clients get their addresses from pools",
			json_string("brokertool pool add PREFIX pair"));
	onlinks_read(doctor->broker, doctor->addresses, &onlinks);
	json_array_foreach(doctor->pools, i, pool) {
		link = text_of(pool, "link");
		text = text_of(pool, "prefix");
		if (prefix_parse(text, &prefix))
			continue;
		device = onlink_device(doctor, &onlinks, link, &prefix);
		if (!device)
			continue;
		/* Once is enough for all pools of a link. */
		snprintf(command, sizeof(command), NDP_COMMAND, device, link);
		if (!has_uplink(doctor, link, device) && !is_said(doctor, command))
			finding(doctor, PROBLEM, "ndp",
				json_sprintf("nobody answers for pool %s, on-link on %s",
					     text, device),
				"the router there looks for clients by neighbour discovery, and does not find them",
				json_string(command));
	}
	free(onlinks.list);
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
