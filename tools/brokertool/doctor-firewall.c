// SPDX-License-Identifier: GPL-2.0
/*
 * brokertool doctor: would the firewall let the packets of tunnels through? A
 * packet is sent each way that there is: protocol 41 from clients and to them,
 * and what is forwarded for them. doctor-rules.c walks.
 */

#include <linux/sitbroker.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "doctor-rules.h"
#include "doctor.h"

/* Of so many endpoints nobody asks whether the rules know each. */
#define ENDPOINTS_MAX	1024

/**
 * struct ways - where the packets of a link go, and from where
 * @link: its name
 * @outer: the device that has its local address, "" where that is not sure
 * @out: the device that endpoints are behind, the same
 * @uplink: the device that the world is behind, the same
 * @link_in: the link, as input and forward see what comes in there: its VRF
 * @outer_in: the same of @outer
 * @uplink_in: the same of @uplink
 * @local: its local address
 * @endpoints: of its clients
 * @pools: its pools
 * @prefixes: as text
 * @n_endpoints: how many, more than ENDPOINTS_MAX where there are more
 * @n_pools: how many
 */
struct ways {
	const char *link;
	char outer[IF_NAMESIZE];
	char out[IF_NAMESIZE];
	char uplink[IF_NAMESIZE];
	char link_in[IF_NAMESIZE];
	char outer_in[IF_NAMESIZE];
	char uplink_in[IF_NAMESIZE];
	struct span local;
	struct span endpoints[ENDPOINTS_MAX];
	struct span *pools;
	const char **prefixes;
	size_t n_endpoints;
	size_t n_pools;
};

static struct spans endpoints_of(const struct ways *ways)
{
	return (struct spans) { ways->endpoints,
				ways->n_endpoints > ENDPOINTS_MAX ? 0 : ways->n_endpoints };
}

/* Prerouting sees what comes into a VRF twice, by both names: none is sure. */
static const char *iif_at(const char *hook, const char *device, const char *in)
{
	if (!strcmp(hook, "prerouting"))
		return strcmp(device, in) ? "" : device;
	return strcmp(hook, "ingress") ? in : device;
}

static bool is_legacy(json_t *chain)
{
	return json_is_true(json_object_get(chain, "legacy"));
}

/* The command for a rule in front that accepts @nft, or @iptables. */
static json_t *accept_command(json_t *chain, const char *nft, const char *iptables)
{
	const char *family = text_of(chain, "family"), *name = text_of(chain, "name");

	if (is_legacy(chain))
		return json_sprintf("%stables-legacy -t %s -I %s %s -j ACCEPT",
				    strcmp(family, "ip6") ? "ip" : "ip6", text_of(chain, "table"),
				    name, iptables);
	return json_sprintf("nft insert rule %s %s %s %s accept", family, text_of(chain, "table"),
			    name, nft);
}

/* One rule may be in the way of several links. Takes @what and @command over. */
static void firewall_finding(struct doctor *doctor, bool certain, const char *check, json_t *what,
			     const char *why, json_t *command)
{
	if (is_said(doctor, json_string_value(command))) {
		json_decref(what);
		json_decref(command);
		return;
	}
	if (!certain) {
		json_t *sure = what;

		what = json_sprintf("%s, unless a rule accepts it that only a packet could tell",
				    json_string_value(sure));
		json_decref(sure);
	}
	finding(doctor, certain ? PROBLEM : NOTE, check, what, why, command);
}

/* Protocol 41, from clients or to them. */
static void examine_outer(struct doctor *doctor, json_t *rules, const struct ways *ways, bool in)
{
	static const char *const hooks[][3] = {
		{ "output", "postrouting" }, { "ingress", "prerouting", "input" },
	};
	struct packet packet = {
		.family = "ip",
		.oif = in ? "" : ways->out,
		.protocol = 41,
		.reply = !in,
		.local = in,
		.source = in ? endpoints_of(ways) : (struct spans) { &ways->local, 1 },
		.destination = in ? (struct spans) { &ways->local, 1 } : endpoints_of(ways),
	};
	json_t *chain, *what;
	bool certain;
	size_t i;

	for (i = 0; i < 3 && hooks[in][i]; i++) {
		packet.hook = hooks[in][i];
		packet.iif = in ? iif_at(packet.hook, ways->outer, ways->outer_in) : "";
		chain = rules_stop(rules, &packet, &certain);
		if (!chain)
			continue;
		what = json_sprintf("the firewall drops IP protocol 41%s: chain %s of table %s %s",
				    in ? "" : " to clients", text_of(chain, "name"),
				    text_of(chain, "family"), text_of(chain, "table"));
		firewall_finding(doctor, certain, "firewall", what,
				 in ? "packets of clients do not get in" :
				      "nothing that is for clients leaves",
				 accept_command(chain, "ip protocol 41", "-p 41"));
	}
}

/* @in: from clients; else to them. @pool: of this one only, or NULL */
static void report_forward(struct doctor *doctor, json_t *rules, const struct ways *ways, bool in,
			   bool certain, json_t *chain, const char *pool)
{
	const char *family = text_of(chain, "family"), *table = text_of(chain, "table");
	bool docker = rules_have_chain(rules, family, table, "DOCKER-USER") &&
		      !strcmp(text_of(chain, "hook"), "forward");
	char nft[80], iptables[80], of[80];
	json_t *what;

	if (pool) {
		snprintf(nft, sizeof(nft), "ip6 %s %s", in ? "saddr" : "daddr", pool);
		snprintf(iptables, sizeof(iptables), "%s %s", in ? "-s" : "-d", pool);
	} else {
		const char *device = in ? ways->link_in : ways->link;

		snprintf(nft, sizeof(nft), "%s %s", in ? "iifname" : "oifname", device);
		snprintf(iptables, sizeof(iptables), "%s %s", in ? "-i" : "-o", device);
	}
	snprintf(of, sizeof(of), "%s%slink %s", pool ?: "", pool ? " of " : "", ways->link);
	what = json_sprintf("the firewall forwards nothing %s %s: chain %s of table %s %s%s",
			    in ? "from" : "to", of, text_of(chain, "name"), family, table,
			    docker ? ", by Docker" : "");
	firewall_finding(doctor, certain, docker ? "docker" : "firewall", what,
			 docker ? "Docker sets the policy of FORWARD to drop, for everybody" :
			 in ? "clients reach this server and nothing beyond it" :
			      "nobody reaches clients",
			 docker ? json_sprintf("ip6tables%s -I DOCKER-USER %s -j ACCEPT",
					       is_legacy(chain) ? "-legacy" : "", iptables) :
				  accept_command(chain, nft, iptables));
}

/* Whatever else is forwarded: what routers say of packets that are too big must be, both ways. */
static void examine_errors(struct doctor *doctor, json_t *rules, const struct ways *ways, bool in,
			   const struct packet *inner)
{
	struct packet packet = *inner;
	json_t *chain, *what;
	bool certain;

	packet.protocol = IPPROTO_ICMPV6;
	chain = rules_stop(rules, &packet, &certain);
	if (!chain || !certain)
		return;
	what = json_sprintf("the firewall forwards no ICMPv6 %s link %s: chain %s of table %s %s",
			    in ? "from" : "to", ways->link, text_of(chain, "name"),
			    text_of(chain, "family"), text_of(chain, "table"));
	firewall_finding(doctor, true, "firewall", what,
			 "nobody is told that a packet is too big for its way: small ones pass, large ones are lost in silence",
			 accept_command(chain, "meta l4proto ipv6-icmp", "-p ipv6-icmp"));
}

static void examine_inner(struct doctor *doctor, json_t *rules, const struct ways *ways, bool in,
			  const char *hook)
{
	bool routed = strcmp(hook, "prerouting");
	struct packet packet = {
		.family = "ip6",
		.hook = hook,
		.iif = in ? iif_at(hook, ways->link, ways->link_in) :
			    iif_at(hook, ways->uplink, ways->uplink_in),
		.oif = !routed ? "" : in ? ways->uplink : ways->link,
		.tunnel = in ? ways->link_in : ways->link,
		.reply = !in,
	};
	struct spans *pools = in ? &packet.source : &packet.destination;
	/* Where it comes in nobody knows yet by what it will leave, and the other way round. */
	bool by_address = strcmp(hook, in ? "postrouting" : "prerouting") == 0;
	bool certain, found = false;
	json_t *chain, *one;
	size_t i;

	*pools = (struct spans) { ways->pools, ways->n_pools };
	chain = rules_stop(rules, &packet, &certain);
	if (!chain || !certain)
		examine_errors(doctor, rules, ways, in, &packet);
	if (!chain)
		return;
	/* What some have and others have not. */
	for (i = 0; i < ways->n_pools && (by_address || !certain); i++) {
		bool sure;

		*pools = (struct spans) { &ways->pools[i], 1 };
		one = rules_stop(rules, &packet, &sure);
		if (!one || !sure)
			continue;
		report_forward(doctor, rules, ways, in, true, one, ways->prefixes[i]);
		found = true;
	}
	if (!found)
		report_forward(doctor, rules, ways, in, certain, chain, NULL);
}

static int see_endpoint(struct broker *broker, const struct item *item, void *arg)
{
	struct ways *ways = arg;
	struct in_addr endpoint;
	struct link_info link = {};
	json_t *client;

	(void)broker;
	client = client_json(item, &link);
	if (text_of(client, "endpoint") && !ipv4_parse(text_of(client, "endpoint"), &endpoint)) {
		if (ways->n_endpoints < ENDPOINTS_MAX)
			ways->endpoints[ways->n_endpoints] = span_of_ipv4(endpoint);
		ways->n_endpoints++;
	}
	json_decref(client);
	return 0;
}

static void see_device_in(struct doctor *doctor, const char *device, char in[IF_NAMESIZE])
{
	uint32_t vrf = *device ? link_vrf(doctor->broker, if_nametoindex(device)).ifindex : 0;

	if (!vrf || !if_indextoname(vrf, in))
		snprintf(in, IF_NAMESIZE, "%s", device);
}

/* Where endpoints are behind several devices, none is sure. */
static void see_out(struct doctor *doctor, struct ways *ways)
{
	size_t i, n = ways->n_endpoints;
	uint32_t oif, first = 0;
	char name[IF_NAMESIZE];

	for (i = 0; i < n && i < ENDPOINTS_MAX; i++) {
		oif = route_device(doctor->broker, AF_INET,
				   &ways->endpoints[i].low.s6_addr[12], 0);
		if (!oif || (i && oif != first))
			return;
		first = oif;
	}
	if (!first || n > ENDPOINTS_MAX || !if_indextoname(first, ways->out))
		return;
	/* Rules of output see both the device and its VRF. */
	see_device_in(doctor, ways->out, name);
	if (strcmp(name, ways->out))
		*ways->out = '\0';
}

static void see_pools(struct doctor *doctor, struct ways *ways)
{
	size_t n = json_array_size(doctor->pools), i;
	struct prefix prefix;
	json_t *pool;

	ways->pools = calloc(n + 1, sizeof(*ways->pools));
	ways->prefixes = calloc(n + 1, sizeof(*ways->prefixes));
	if (!ways->pools || !ways->prefixes)
		abort();
	json_array_foreach(doctor->pools, i, pool) {
		if (strcmp(text_of(pool, "link"), ways->link) ||
		    prefix_parse(text_of(pool, "prefix"), &prefix))
			continue;
		ways->prefixes[ways->n_pools] = text_of(pool, "prefix");
		ways->pools[ways->n_pools++] = span_of_prefix(&prefix);
	}
}

/* Return: what is known of a link's ways, to be freed; NULL where it has no local address. */
static struct ways *see_ways(struct doctor *doctor, json_t *link, const struct view *view)
{
	const char *local = text_of(link, "local"), *device;
	struct in_addr address;
	struct ways *ways;

	if (!local || ipv4_parse(local, &address))
		return NULL;
	ways = calloc(1, sizeof(*ways));
	if (!ways)
		abort();
	ways->link = view->link;
	ways->local = span_of_ipv4(address);
	device = device_of(doctor, address);
	snprintf(ways->outer, sizeof(ways->outer), "%s", device ?: "");
	snprintf(ways->uplink, sizeof(ways->uplink), "%s", view->uplink);
	see_device_in(doctor, ways->link, ways->link_in);
	see_device_in(doctor, ways->outer, ways->outer_in);
	see_device_in(doctor, ways->uplink, ways->uplink_in);
	items_dump(doctor->broker, SITBROKER_CMD_CLIENT_GET, if_nametoindex(view->link),
		   SITBROKER_A_CLIENT, see_endpoint, ways);
	see_out(doctor, ways);
	see_pools(doctor, ways);
	return ways;
}

void firewall_examine(struct doctor *doctor, json_t *ruleset)
{
	json_t *rules = json_object_get(ruleset, "nftables");
	static const char *const hooks[] = { "prerouting", "forward", "postrouting" };
	const struct ways *ways;
	size_t i, j;

	for (i = 0; i < doctor->n_views; i++) {
		ways = doctor->views[i].ways;
		if (!ways)
			continue;
		examine_outer(doctor, rules, ways, true);
		examine_outer(doctor, rules, ways, false);
		for (j = 0; j < 3; j++) {
			examine_inner(doctor, rules, ways, true, hooks[j]);
			examine_inner(doctor, rules, ways, false, hooks[j]);
		}
	}
}

static void examine_nft(struct doctor *doctor)
{
	FILE *stream = popen(SBIN_PATH "nft -j list ruleset 2>/dev/null", "re");
	json_t *ruleset;
	int status;

	if (!stream)
		return;
	ruleset = json_loadf(stream, 0, NULL);
	status = pclose(stream);
	if (ruleset)
		firewall_examine(doctor, ruleset);
	else if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		finding(doctor, NOTE, "firewall",
			json_string("the firewall was not looked at: there is no nft"),
			"protocol 41 must get in and out, and clients' packets be forwarded",
			json_string("apt-get install nftables"));
	else
		finding(doctor, NOTE, "firewall",
			json_string("the rules of the firewall cannot be read"),
			"protocol 41 must get in and out, and clients' packets be forwarded",
			json_string("nft list ruleset"));
	json_decref(ruleset);
}

void examine_firewall(struct doctor *doctor)
{
	json_t *link;
	size_t i;

	json_array_foreach(doctor->links, i, link)
		doctor->views[i].ways = see_ways(doctor, link, &doctor->views[i]);
	examine_legacy(doctor);
	examine_nft(doctor);
	for (i = 0; i < doctor->n_views; i++) {
		if (!doctor->views[i].ways)
			continue;
		free(doctor->views[i].ways->pools);
		free(doctor->views[i].ways->prefixes);
		free(doctor->views[i].ways);
	}
}
