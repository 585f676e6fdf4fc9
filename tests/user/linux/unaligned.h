/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _USER_LINUX_UNALIGNED_H
#define _USER_LINUX_UNALIGNED_H

#include <linux/types.h>

static inline u64 get_unaligned_be64(const void *from)
{
	u64 value;

	memcpy(&value, from, sizeof(value));
	return be64toh(value);
}

static inline u64 get_unaligned_le64(const void *from)
{
	u64 value;

	memcpy(&value, from, sizeof(value));
	return le64toh(value);
}

static inline u16 get_unaligned_le16(const void *from)
{
	u16 value;

	memcpy(&value, from, sizeof(value));
	return le16toh(value);
}

static inline void put_unaligned_be64(u64 value, void *to)
{
	value = htobe64(value);
	memcpy(to, &value, sizeof(value));
}

#endif /* _USER_LINUX_UNALIGNED_H */
