/* SPDX-License-Identifier: GPL-2.0 */
/* Questions to resolvers, many at a time, and their answers. */
#ifndef BROKERDNS_QUERY_H
#define BROKERDNS_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ip.h"
#include "name.h"
#include "progress.h"
#include "resolver.h"

#define ANSWER_IPS	32
#define ANSWER_TEXTS	16
#define ANSWER_TEXT_SIZE 128

/* Values of the DNS, RFC 1035 and 3596. */
enum dns_type {
	DNS_A = 1,
	DNS_NS = 2,
	DNS_SOA = 6,
	DNS_PTR = 12,
	DNS_TXT = 16,
	DNS_AAAA = 28,
};

enum dns_code {
	DNS_NOERROR = 0,
	DNS_SERVFAIL = 2,
	DNS_NXDOMAIN = 3,
	DNS_REFUSED = 5,
};

enum transport {
	TRANSPORT_UDP,
	TRANSPORT_TCP,
};

/**
 * enum query_state - what became of a question
 * @QUERY_NEW: not asked yet
 * @QUERY_RUNNING: waiting for the answer
 * @QUERY_ANSWERED: &answer holds it
 * @QUERY_SILENT: nobody answered in time
 * @QUERY_UNREACHABLE: the resolver's host or network says that nobody is there
 */
enum query_state {
	QUERY_NEW,
	QUERY_RUNNING,
	QUERY_ANSWERED,
	QUERY_SILENT,
	QUERY_UNREACHABLE,
};

/**
 * struct answer - what a resolver said
 * @code: response code
 * @truncated: it says that there is more
 * @ips: addresses in the answer section, whatever name they stand behind
 * @n_ips: how many
 * @texts: TXT strings and the names of PTR and CNAME records, made printable
 * @n_texts: how many
 * @milliseconds: it took
 * @raced: another answer came behind this one and said that the name does not exist
 */
struct answer {
	uint8_t code;
	bool truncated;
	struct ip ips[ANSWER_IPS];
	uint8_t n_ips;
	char texts[ANSWER_TEXTS][ANSWER_TEXT_SIZE];
	uint8_t n_texts;
	uint32_t milliseconds;
	bool raced;
};

/**
 * struct query - a question and its answer
 * @resolver: who is asked
 * @name: what about; taken as it is, nothing is put behind it
 * @type: enum dns_type
 * @chaos: of class CH and not IN
 * @transport: how
 * @subnet: the client's network to tell (RFC 7871), or NULL
 * @linger: wait on for a second answer (UDP)
 * @state: what became of it
 * @answer: what was said
 * @fd: socket while it runs, not to be touched, as all below
 */
struct query {
	const struct resolver *resolver;
	char name[NAME_SIZE];
	uint16_t type;
	bool chaos;
	enum transport transport;
	const struct network *subnet;
	bool linger;

	enum query_state state;
	struct answer answer;

	int fd;
	uint16_t id;
	unsigned int tries;
	uint64_t began;
	uint64_t deadline;
	uint8_t *wire;
	size_t wire_size;
	size_t sent;
	uint8_t *received;
	size_t n_received;
};

/**
 * struct query_list - questions to be asked together
 * @items: they
 * @n: how many
 * @room: for how many there is memory
 */
struct query_list {
	struct query *items;
	size_t n;
	size_t room;
};

struct query *query_add(struct query_list *list, const struct resolver *resolver,
			const char *name, uint16_t type, enum transport transport);
void query_list_run(struct query_list *list, struct progress *progress);
void query_list_clear(struct query_list *list);

static inline bool query_has_addresses(const struct query *query)
{
	return query->state == QUERY_ANSWERED && query->answer.n_ips;
}

bool answer_has(const struct answer *answer, const struct ip *ip);

/* One question over UDP, over TCP when the answer is cut short. */
void query_ask(struct query *query);

/* For tests: take the packet for the query's answer. False when it is none. */
bool query_read(struct query *query, const uint8_t *wire, size_t size);

#endif /* BROKERDNS_QUERY_H */
