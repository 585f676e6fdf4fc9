/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _USER_LINUX_STRING_H
#define _USER_LINUX_STRING_H

#include <string.h>

#include <linux/types.h>

static inline void memset64(u64 *to, u64 value, size_t n)
{
	while (n--)
		*to++ = value;
}

#endif /* _USER_LINUX_STRING_H */
