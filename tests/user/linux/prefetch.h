/* SPDX-License-Identifier: GPL-2.0 */
#define prefetch(address)	__builtin_prefetch(address)
