/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _USER_LINUX_MINMAX_H
#define _USER_LINUX_MINMAX_H

#define min(a, b)	({ typeof(a) __a = (a); typeof(b) __b = (b); __a < __b ? __a : __b; })
#define max(a, b)	({ typeof(a) __a = (a); typeof(b) __b = (b); __a > __b ? __a : __b; })
#define clamp(value, low, high)	min(max(value, low), high)

#endif /* _USER_LINUX_MINMAX_H */
