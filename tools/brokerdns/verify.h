/* SPDX-License-Identifier: GPL-2.0 */
/* Does dnsmasq do what the rules say, and everything else as before? */
#ifndef BROKERDNS_VERIFY_H
#define BROKERDNS_VERIFY_H

#include "dnsmasq.h"
#include "probe.h"

#define VERIFY_NAMES	16

/**
 * struct verify - what must hold after a change
 * @missing: zones under which random names must not exist
 * @n_missing: how many
 * @real: names that had addresses before
 * @n_real: how many
 * @networks: what the rules are about, or NULL
 * @only_networks: missing names may have other addresses than those in @networks
 */
struct verify {
	char missing[ZONES_MAX][NAME_SIZE];
	unsigned int n_missing;
	char real[VERIFY_NAMES][NAME_SIZE];
	unsigned int n_real;
	const struct network_list *networks;
	bool only_networks;
};

/*
 * Keep those of @names that have addresses now, asked at dnsmasq, others than
 * those in &verify.networks.
 */
void verify_note(struct verify *verify, struct dnsmasq *dnsmasq,
		 const domain_name *names, unsigned int n);

/*
 * For changes_apply(); @arg is a struct verify. It takes its time: NetworkManager
 * tells its dnsmasq whom to ask only when that runs already.
 */
int verify_run(struct dnsmasq *dnsmasq, void *arg, char *why, size_t size);

#endif /* BROKERDNS_VERIFY_H */
