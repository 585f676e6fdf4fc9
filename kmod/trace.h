/* SPDX-License-Identifier: GPL-2.0 */
/* The module's tracepoints. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM sitbroker

#if !defined(_SITBROKER_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _SITBROKER_TRACE_H

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tracepoint.h>

#include "client.h"
#include "drop.h"
#include "link.h"

/* Enumerators have values in user space only where they are told. */
#undef SB_TRACE_REASON
#define SB_TRACE_REASON(reason, name)	TRACE_DEFINE_ENUM(SITBROKER_DROP_REASON_##reason);
SB_DROP_REASONS(SB_TRACE_REASON)
#undef SB_TRACE_REASON
#define SB_TRACE_REASON(reason, name)	{ SITBROKER_DROP_REASON_##reason, name },

/* The network header, outer or inner, is where the packet is seen to begin. */
TRACE_EVENT(drop,
	TP_PROTO(const struct sb_link *link, const struct sb_client *client,
		 const struct sk_buff *skb, enum sitbroker_drop_reason reason),
	TP_ARGS(link, client, skb, reason),
	TP_STRUCT__entry(
		__array(char, link, IFNAMSIZ)
		__field(u32, client)
		__field(u32, reason)
		__field(u32, len)
		__array(u8, outer, 4)
		__array(u8, source, 16)
		__array(u8, destination, 16)
	),
	TP_fast_assign(
		struct ipv6hdr buffer;
		struct iphdr outer_buffer;
		int offset = sb_drop_offset(skb);
		const struct ipv6hdr *ip6;
		const struct iphdr *iph;

		strscpy(__entry->link, link->dev->name, IFNAMSIZ);
		__entry->client = client ? client->id : 0;
		__entry->reason = reason;
		__entry->len = skb->len - offset;
		memset(__entry->outer, 0, 4);
		iph = skb_header_pointer(skb, offset, sizeof(outer_buffer), &outer_buffer);
		if (iph && iph->version == 4) {
			memcpy(__entry->outer, &iph->saddr, 4);
			offset += iph->ihl * 4;
		}
		ip6 = skb_header_pointer(skb, offset, sizeof(buffer), &buffer);
		if (ip6 && ip6->version == 6) {
			memcpy(__entry->source, &ip6->saddr, 16);
			memcpy(__entry->destination, &ip6->daddr, 16);
		} else {
			memset(__entry->source, 0, 16);
			memset(__entry->destination, 0, 16);
		}
	),
	TP_printk("link=%s client=%u reason=%s len=%u outer=%pI4 source=%pI6c destination=%pI6c",
		  __entry->link, __entry->client,
		  __print_symbolic(__entry->reason,
				   SB_DROP_REASONS(SB_TRACE_REASON) { -1, NULL }),
		  __entry->len, __entry->outer, __entry->source, __entry->destination)
);

#endif /* _SITBROKER_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
