/* SPDX-License-Identifier: GPL-2.0 */
/* Does dnsmasq do what the rules say, and everything else as before? */
#ifndef BROKERDNS_VERIFY_H
#define BROKERDNS_VERIFY_H

#include "dnsmasq.h"
#include "probe.h"

#define VERIFY_NAMES	16

/**
 * struct route - about whom dnsmasq shall ask whom
 * @domain: about it and what is below it
 * @resolver: whom
 */
struct route {
	char domain[NAME_SIZE];
	struct resolver resolver;
};

/**
 * struct verify - what must hold after a change
 * @missing: zones under which random names must not exist
 * @n_missing: how many
 * @real: names that had addresses before
 * @n_real: how many
 * @networks: what the rules are about, or NULL
 * @hidden: names that had addresses in @networks before, of which none may be left
 * @n_hidden: how many
 * @routes: whom dnsmasq must ask about what
 * @n_routes: how many
 * @host: a name of ours that must have @host_ip, and it the name; "" for none
 * @host_ip: its address
 * @only_networks: missing names may have other addresses than those in @networks
 */
struct verify {
	char missing[ZONES_MAX][NAME_SIZE];
	unsigned int n_missing;
	char real[VERIFY_NAMES][NAME_SIZE];
	unsigned int n_real;
	const struct network_list *networks;
	char hidden[VERIFY_NAMES][NAME_SIZE];
	unsigned int n_hidden;
	struct route routes[VERIFY_NAMES];
	unsigned int n_routes;
	char host[NAME_SIZE];
	struct ip host_ip;
	bool only_networks;
};

/*
 * Keep those of @names that have addresses now, asked at dnsmasq: as real ones
 * where they have others than those in &verify.networks, as hidden ones where they
 * have some in there.
 */
void verify_note(struct verify *verify, struct dnsmasq *dnsmasq,
		 const domain_name *names, unsigned int n);

/* The same for some names that everybody knows, but for those that @text has rules about. */
void verify_note_known(struct verify *verify, struct dnsmasq *dnsmasq, const char *text);

/*
 * For changes_apply(); @arg is a struct verify. It takes its time: NetworkManager
 * tells its dnsmasq whom to ask only when that runs already.
 */
int verify_run(struct dnsmasq *dnsmasq, void *arg, char *why, size_t size);

#endif /* BROKERDNS_VERIFY_H */
