/* SPDX-License-Identifier: GPL-2.0 */
/* Ranges of addresses as prefixes: as few as there can be. */
#ifndef BROKERDNS_PREFIXES_H
#define BROKERDNS_PREFIXES_H

#include "../filter/ranges.h"
#include "ip.h"

/* Host byte order, as in struct range4. */
uint32_t ip_value4(const struct ip *ip);

/* Add the addresses of a network; not merged. */
void ranges_add_network(struct ranges *ranges, const struct network *network, uint32_t label);

/*
 * Remove the addresses that are ip_special() from merged ranges. Return: of how
 * many networks of such addresses there were any.
 */
size_t ranges_cut_special(struct ranges *ranges);

void prefixes_add4(struct network_list *list, uint32_t first, uint32_t last);
void prefixes_add6(struct network_list *list, address6_t first, address6_t last);

#endif /* BROKERDNS_PREFIXES_H */
