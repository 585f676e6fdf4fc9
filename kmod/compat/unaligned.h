/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SITBROKER_COMPAT_UNALIGNED_H
#define _SITBROKER_COMPAT_UNALIGNED_H

#ifdef HAVE_LINUX_UNALIGNED_H	/* 6.12 */
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

#endif /* _SITBROKER_COMPAT_UNALIGNED_H */
