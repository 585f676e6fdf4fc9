// SPDX-License-Identifier: GPL-2.0
// A pointer into a packet is used after a call that may move the packet: the
// bug class of CVE-2026-53228 and many others.

@stale@
expression skb, E1, E2, E3;
type T, P;
identifier p;
identifier header =~ "^(ip|ipv6|icmp|icmp6|eth)_hdr$|^skb_(network|transport|mac)_header$";
identifier move =~ "^(pskb_may_pull|pskb_inet_may_pull|pskb_network_may_pull|skb_cow_head|skb_cow|skb_unclone|skb_linearize|pskb_expand_head|iptunnel_handle_offloads|iptunnel_pull_header|sb_decap|sb_ns_valid)$";
position at;
@@

(
p = header(skb);
|
p = (T)header(skb);
|
p = (T)skb->data;
|
P p = header(skb);
|
P p = (T)header(skb);
|
P p = (T)skb->data;
)
... when != p = E1
move(skb, ...)
... when != p = E2
(
p = E3
|
p@at
)

@script:python@
at << stale.at;
p << stale.p;
@@

print("%s:%s: %s points into a packet that may have moved" % (at[0].file, at[0].line, p))
