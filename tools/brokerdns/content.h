/* SPDX-License-Identifier: GPL-2.0 */
/* Content networks: each of their addresses is that of many names. */
#ifndef BROKERDNS_CONTENT_H
#define BROKERDNS_CONTENT_H

#include "ip.h"

/*
 * Whose network an address is in, or NULL: some of those that serve names of
 * everybody. A list that is made by hand is never complete, and never has to
 * be: names that are known to exist are looked up as well.
 */
const char *content_network(const struct ip *ip);

/*
 * Whose place a name is, or NULL: that which an address has in the reverse tree,
 * or which an answer leads over. It is known wherever the address is, such as in
 * a provider's own network.
 */
const char *content_place(const char *name);

#endif /* BROKERDNS_CONTENT_H */
