// SPDX-License-Identifier: GPL-2.0
/* Names of clients and filter lists: such as fit into a line of any file. */

#include <linux/ctype.h>
#include <linux/string.h>

#include "extack.h"
#include "name.h"

/**
 * sb_name_check() - may something be called so?
 * @whose: what it is, for the sentence
 * @name: the name; the policy has seen to its length
 * @extack: why it was refused
 *
 * Return: 0 or -EINVAL.
 */
int sb_name_check(const char *whose, const char *name, struct netlink_ext_ack *extack)
{
	size_t ok = 0;

	if (!*name)
		return sb_refuse(extack, -EINVAL, "the %s's name is empty; give it one", whose);
	while (isascii(name[ok]) && (isalnum(name[ok]) || strchr("._-@", name[ok])) && name[ok])
		ok++;
	if (name[ok])
		return sb_refuse(extack, -EINVAL,
				 "%s \"%*pE\": character %u of the name is none of letters, digits, '.', '_', '-', '@'; take another name",
				 whose, (int)strlen(name), name, (unsigned int)ok + 1);
	return 0;
}
