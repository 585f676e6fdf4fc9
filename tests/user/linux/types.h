/* SPDX-License-Identifier: GPL-2.0 */
/*
 * As much of the kernel's headers as kmod/range4.c and kmod/range6.c want,
 * so that they can be compiled in user space as they are.
 */
#ifndef _USER_LINUX_TYPES_H
#define _USER_LINUX_TYPES_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include_next <linux/types.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#define unlikely(condition)	__builtin_expect(!!(condition), 0)

#endif /* _USER_LINUX_TYPES_H */
