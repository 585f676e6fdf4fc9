/* SPDX-License-Identifier: GPL-2.0 */
/* brokerdns steer: what was measured, and the rules in force. */
#ifndef BROKERDNS_STEER_H
#define BROKERDNS_STEER_H

#include "brokerdns.h"
#include "race.h"

#define DOMAINS_MAX	64

/**
 * struct manner - how a domain is measured, as in struct options
 * @port: to connect to
 * @subnet: on behalf of which is asked
 * @has_subnet: @subnet is given
 */
struct manner {
	unsigned int port;
	struct network subnet;
	bool has_subnet;
};

/**
 * struct steer - an invocation
 * @options: what was asked for
 * @dnsmasq: the one in question
 * @resolvers: who is asked; the first is who is asked now
 * @lies: who gives addresses for missing names, as bits
 * @udp: who answers over UDP, as bits
 * @tcp: who answers over TCP only, as bits
 * @domains: about what
 * @manners: how each is measured
 * @n_domains: how many
 * @winners: index of the resolver for each, 0 for none
 * @undecided: for each: what is in force stays, since nothing could be measured
 * @portal: who is asked now answers as a captive portal does
 * @json: what was measured
 */
struct steer {
	const struct options *options;
	struct dnsmasq dnsmasq;
	struct resolver_list resolvers;
	uint32_t lies;
	uint32_t udp;
	uint32_t tcp;
	char domains[DOMAINS_MAX][NAME_SIZE];
	struct manner manners[DOMAINS_MAX];
	unsigned int n_domains;
	unsigned int winners[DOMAINS_MAX];
	bool undecided[DOMAINS_MAX];
	bool portal;
	json_t *json;
};

/* steer-rules.c */

/* What is said now counts, and that of before where nothing is. */
void steer_choose_manner(const struct options *options, struct manner *manner);
/* Those that are steered already become &steer.domains, each in its manner. */
void steer_domains_in_force(struct steer *steer);
/* Index of the resolver that a domain is steered to, added if need be; or -1. */
int steer_target(struct steer *steer, const char *domain);
/* Somebody else's rule for the domain, which ours would be against. */
const struct setting *steer_foreign_rule(const struct dnsmasq *dnsmasq, const char *domain);
/* For the winners, on standard output; or what was measured. */
void steer_print_rules(const struct steer *steer);
/* Put the rules into force, or show what that would change. Return: exit code. */
int steer_put_into_force(struct steer *steer);
bool steer_in_force(const struct dnsmasq *dnsmasq);

/* steer-show.c */
void steer_show(const struct resolver_list *resolvers, const struct race *race,
		const char *domain, unsigned int winner);
json_t *steer_json(const struct resolver_list *resolvers, const struct race *race,
		   const char *domain, unsigned int winner);

#endif /* BROKERDNS_STEER_H */
