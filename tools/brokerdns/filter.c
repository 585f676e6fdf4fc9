// SPDX-License-Identifier: GPL-2.0
/* brokerdns filter: lists of the kernel's filter. */

#include <errno.h>

#include "brokerdns.h"
#include "complain.h"

int filter_put(const char *list, const struct network_list *networks)
{
	(void)networks;
	complain(EOPNOTSUPP, "this kernel module has no filter, so no list \"%s\"", list);
	return EXIT_FAILED;
}

int filter_command(struct options *options)
{
	return filter_put(options->words[0], NULL);
}
