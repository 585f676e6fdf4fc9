/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SITBROKER_VERSION_H
#define _SITBROKER_VERSION_H

#define SITBROKER_VERSION	"0.1.0"

#endif /* _SITBROKER_VERSION_H */
