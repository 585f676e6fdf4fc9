/* SPDX-License-Identifier: GPL-2.0 */
#define round_up(value, to)	(((value) + (to) - 1) / (to) * (to))
