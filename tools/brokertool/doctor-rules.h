/* SPDX-License-Identifier: GPL-2.0 */
/* Would the rules of a firewall let a packet through? */
#ifndef DOCTOR_RULES_H
#define DOCTOR_RULES_H

#include <jansson.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

#include "../lib/address.h"

/**
 * struct span - addresses
 * @low: the first
 * @high: the last; IPv4 ones are ::ffff:a.b.c.d
 */
struct span {
	struct in6_addr low;
	struct in6_addr high;
};

/**
 * struct spans - where an address of a packet may be from
 * @list: any of these
 * @n: how many, 0 where nobody knows
 */
struct spans {
	const struct span *list;
	size_t n;
};

/**
 * struct packet - a packet on its way
 * @family: ip or ip6
 * @hook: ingress, prerouting, input, forward, output or postrouting
 * @iif: device that it came in by, or "" for any
 * @oif: device that it leaves by, or ""
 * @tunnel: whichever of the two is a link, or NULL
 * @protocol: 41, ICMPv6 for what says that a packet was too big, or 0 for any
 * @reply: it belongs to a connection that was accepted; it goes to a client
 * @local: it is for this host
 * @source: its source
 * @destination: its destination
 */
struct packet {
	const char *family;
	const char *hook;
	const char *iif;
	const char *oif;
	const char *tunnel;
	int protocol;
	bool reply;
	bool local;
	struct spans source;
	struct spans destination;
};

/**
 * struct walk - a walk through the rules
 * @rules: the array in what nft printed
 * @packet: the packet
 * @rewrites: some rule may give packets other addresses
 * @family: of the table
 * @table: its name
 */
struct walk {
	json_t *rules;
	const struct packet *packet;
	bool rewrites;
	const char *family;
	const char *table;
};

enum answer { NO, YES, UNKNOWN };

/* doctor-match.c */
struct span span_of_ipv4(struct in_addr address);
struct span span_of_prefix(const struct prefix *prefix);
enum answer match_answer(const struct walk *walk, json_t *match, bool *named);
bool walk_elements(const struct walk *walk, const char *kind, const char *name,
		   json_t **elements);

/* doctor-rules.c */
json_t *rules_stop(json_t *rules, const struct packet *packet, bool *certain);
bool rules_have_chain(json_t *rules, const char *family, const char *table, const char *name);

#endif /* DOCTOR_RULES_H */
