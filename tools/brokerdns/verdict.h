/* SPDX-License-Identifier: GPL-2.0 */
/* What an experiment shows: who lies, with which addresses, and what only looks like it. */
#ifndef BROKERDNS_VERDICT_H
#define BROKERDNS_VERDICT_H

#include "probe.h"

/**
 * enum resolver_kind - what a resolver is
 * @RESOLVER_HONEST: says that missing names are missing
 * @RESOLVER_HIJACKS: answers for them with addresses
 * @RESOLVER_PORTAL: answers for all names with the same addresses
 * @RESOLVER_UNSURE: answers for some, and it cannot be told from wildcards
 * @RESOLVER_FAILS: answers, but with errors only
 * @RESOLVER_SILENT: does not answer
 */
enum resolver_kind {
	RESOLVER_HONEST,
	RESOLVER_HIJACKS,
	RESOLVER_PORTAL,
	RESOLVER_UNSURE,
	RESOLVER_FAILS,
	RESOLVER_SILENT,
};

/**
 * struct resolver_verdict - about one resolver
 * @kind: what it is
 * @udp: it answers over UDP
 * @tcp: it answers over TCP
 * @names: missing names that it said something about
 * @lies: those it gave addresses for
 * @udp_only: it lies over UDP and not over TCP
 * @tcp_only: it lies over TCP and not over UDP
 * @raced: an honest answer followed behind a lie
 * @wildcards: zones, as bits, that have a wildcard there
 * @search_wildcards: search domains, as bits, that have a wildcard there
 */
struct resolver_verdict {
	enum resolver_kind kind;
	bool udp;
	bool tcp;
	unsigned int names;
	unsigned int lies;
	bool udp_only;
	bool tcp_only;
	bool raced;
	uint32_t wildcards;
	uint32_t search_wildcards;
};

/**
 * enum suspect_fate - what is held against an address
 * @SUSPECT_BOGUS: it is what is answered for missing names
 * @SUSPECT_WILDCARD: only wildcard zones have it
 * @SUSPECT_FEW_ZONES: it was seen under one zone only
 * @SUSPECT_SHARED: a name that exists has it, too
 * @SUSPECT_SPECIAL: it stands for something, see ip_special()
 * @SUSPECT_PORTAL: all names have it
 */
enum suspect_fate {
	SUSPECT_BOGUS,
	SUSPECT_WILDCARD,
	SUSPECT_FEW_ZONES,
	SUSPECT_SHARED,
	SUSPECT_SPECIAL,
	SUSPECT_PORTAL,
};

/**
 * struct suspect - an address that was answered for missing names
 * @ip: it
 * @fate: is it bogus?
 * @names: for how many names
 * @zones: under which zones, as bits
 * @resolvers: by which resolvers, as bits
 * @udp: over UDP
 * @tcp: over TCP
 * @shared_with: the name that has it, too, or "somebody at" a content network
 */
struct suspect {
	struct ip ip;
	enum suspect_fate fate;
	unsigned int names;
	uint32_t zones;
	uint32_t resolvers;
	bool udp;
	bool tcp;
	char shared_with[NAME_SIZE];
};

struct verdict {
	struct resolver_verdict resolvers[RESOLVERS_MAX];
	struct suspect *suspects;
	size_t n_suspects;
	/* Addresses of names that exist, and those that are surely shared with some. */
	struct network_list real;
};

void verdict_make(struct verdict *verdict, const struct probe *probe);
void verdict_clear(struct verdict *verdict);

const char *resolver_kind_text(enum resolver_kind kind);
const char *suspect_fate_text(enum suspect_fate fate);

#endif /* BROKERDNS_VERDICT_H */
