/* SPDX-License-Identifier: GPL-2.0 */
/* What a race showed, for people and for programs. */
#ifndef BROKERDNS_STEER_H
#define BROKERDNS_STEER_H

#include <jansson.h>

#include "race.h"

void steer_show(const struct resolver_list *resolvers, const struct race *race,
		const char *domain, unsigned int winner);
json_t *steer_json(const struct resolver_list *resolvers, const struct race *race,
		   const char *domain, unsigned int winner);

#endif /* BROKERDNS_STEER_H */
