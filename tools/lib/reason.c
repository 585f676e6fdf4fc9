// SPDX-License-Identifier: GPL-2.0
/* Names of drop reasons, checked against the netlink specification by tests/tools/. */

#include <linux/sitbroker.h>

#include "reason.h"

#define REASONS	(SITBROKER_DROP_REASON_MAX + 1)

const char *drop_reason_name(unsigned int reason)
{
	static const char *const names[] = {
		[SITBROKER_DROP_REASON_RX_STRANGER] = "rx-stranger",
		[SITBROKER_DROP_REASON_RX_WRONG_SOURCE] = "rx-wrong-source",
		[SITBROKER_DROP_REASON_RX_LINK_LOCAL] = "rx-link-local",
		[SITBROKER_DROP_REASON_RX_DISABLED] = "rx-disabled",
		[SITBROKER_DROP_REASON_RX_HEADER] = "rx-header",
		[SITBROKER_DROP_REASON_RX_NOT_UNICAST] = "rx-not-unicast",
		[SITBROKER_DROP_REASON_RX_ECN] = "rx-ecn",
		[SITBROKER_DROP_REASON_RX_HOP_LIMIT] = "rx-hop-limit",
		[SITBROKER_DROP_REASON_RX_MULTICAST] = "rx-multicast",
		[SITBROKER_DROP_REASON_RX_NESTED] = "rx-nested",
		[SITBROKER_DROP_REASON_RX_EMBEDDED] = "rx-embedded",
		[SITBROKER_DROP_REASON_RX_UPLINK_SPOOF] = "rx-uplink-spoof",
		[SITBROKER_DROP_REASON_RX_LINK_DOWN] = "rx-link-down",
		[SITBROKER_DROP_REASON_RX_NO_MEMORY] = "rx-no-memory",
		[SITBROKER_DROP_REASON_TX_UNASSIGNED] = "tx-unassigned",
		[SITBROKER_DROP_REASON_TX_LINK_DOWN] = "tx-link-down",
		[SITBROKER_DROP_REASON_TX_DISABLED] = "tx-disabled",
		[SITBROKER_DROP_REASON_TX_NO_ENDPOINT] = "tx-no-endpoint",
		[SITBROKER_DROP_REASON_TX_NOT_IPV6] = "tx-not-ipv6",
		[SITBROKER_DROP_REASON_TX_MULTICAST] = "tx-multicast",
		[SITBROKER_DROP_REASON_TX_SCOPE] = "tx-scope",
		[SITBROKER_DROP_REASON_TX_HAIRPIN] = "tx-hairpin",
		[SITBROKER_DROP_REASON_TX_ISOLATED] = "tx-isolated",
		[SITBROKER_DROP_REASON_TX_TOO_BIG] = "tx-too-big",
		[SITBROKER_DROP_REASON_TX_NO_ROUTE] = "tx-no-route",
		[SITBROKER_DROP_REASON_TX_LOOP] = "tx-loop",
		[SITBROKER_DROP_REASON_TX_NO_MEMORY] = "tx-no-memory",
		[SITBROKER_DROP_REASON_RX_FILTER_OUTER] = "rx-filter-outer",
		[SITBROKER_DROP_REASON_RX_FILTER_INNER] = "rx-filter-inner",
		[SITBROKER_DROP_REASON_TX_FILTER_OUTER] = "tx-filter-outer",
		[SITBROKER_DROP_REASON_TX_FILTER_INNER] = "tx-filter-inner",
	};

	_Static_assert(sizeof(names) / sizeof(*names) == REASONS, "a drop reason has no name");

	return reason < REASONS ? names[reason] : "newer-reason";
}
