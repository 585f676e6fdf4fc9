/* SPDX-License-Identifier: GPL-2.0 */
/* brokerdns hijack: what was found, and the rules in force. */
#ifndef BROKERDNS_HIJACK_H
#define BROKERDNS_HIJACK_H

#include "brokerdns.h"
#include "verdict.h"

/* "2026-11-27" */
#define DATE_SIZE	11
/* In front of it, in the comment of a rule whose address was not seen any more. */
#define EARLIER		"found earlier, not seen since "

/**
 * struct earlier - what has a rule in force, and was not seen this time
 * @network: it
 * @since: the day when it was not seen for the first time, "2026-11-27"
 */
struct earlier {
	struct network network;
	char since[DATE_SIZE];
};

/**
 * struct hijack - an invocation
 * @options: what was asked for
 * @dnsmasq: the one in question
 * @probe: the experiment
 * @verdict: what it shows
 * @networks: what becomes rules
 * @earlier: those of @networks that were not seen this time
 * @n_earlier: how many
 * @ignore: ignore-address in the place of bogus-nxdomain
 * @aggregate: addresses that take turns become a range
 */
struct hijack {
	const struct options *options;
	struct dnsmasq dnsmasq;
	struct probe probe;
	struct verdict verdict;
	struct network_list networks;
	struct earlier *earlier;
	size_t n_earlier;
	bool ignore;
	bool aggregate;
};

/* Everybody who says anything says that missing names are missing. */
bool hijack_all_honest(const struct hijack *hijack);
/* Each of those that dnsmasq asks has been asked, and was honest. */
bool hijack_upstreams_honest(const struct hijack *hijack);
void hijack_write_rules(const struct hijack *hijack, enum format format, struct rules *rules);

/* hijack-rules.c */

/* What was chosen for the rules in force goes on for those that follow, until revert. */
void hijack_keep_choice(struct hijack *hijack);
/* Put the rules into force, or show what that would change. Return: exit code. */
int hijack_put_into_force(struct hijack *hijack);
bool hijack_in_force(const struct hijack *hijack);

#endif /* BROKERDNS_HIJACK_H */
