// SPDX-License-Identifier: GPL-2.0
// A pointer into a packet is used after a call that may move the packet: the
// bug class of CVE-2026-53228 and many others. What it must find, form by form,
// is in stale-header.c.

@initialize:python@
@@

said = set()

def say(at, p):
    text = "%s:%s: %s points into a packet that may have moved" % (at[0].file, at[0].line, p)
    if text not in said:
        said.add(text)
        print(text)

@points@
expression skb, E;
type T, P;
identifier p, member;
identifier header =~ "^(ip|ipv6|icmp|icmp6|eth)_hdr$|^skb_(network|transport|mac)_header$";
position from;
@@

(
p@from = (T)header(skb);
|
p@from = (T)(header(skb) + E);
|
p@from = &header(skb)->member;
|
p@from = &((T)header(skb))->member;
|
p@from = &((T)(header(skb) + E))->member;
|
p@from = (T)skb->data;
|
p@from = (T)(skb->data + E);
|
p@from = &((T)skb->data)->member;
|
p@from = &((T)(skb->data + E))->member;
|
p@from = (T)skb_header_pointer(skb, ...);
|
P p@from = (T)header(skb);
|
P p@from = (T)(header(skb) + E);
|
P p@from = &header(skb)->member;
|
P p@from = &((T)header(skb))->member;
|
P p@from = &((T)(header(skb) + E))->member;
|
P p@from = (T)skb->data;
|
P p@from = (T)(skb->data + E);
|
P p@from = &((T)skb->data)->member;
|
P p@from = &((T)(skb->data + E))->member;
|
P p@from = (T)skb_header_pointer(skb, ...);
|
P *p@from = header(skb)->member;
)

@later exists@
expression points.skb, E1, E2, E3, X;
type P;
identifier points.p;
identifier move =~ "^_*(pskb_may_pull|pskb_inet_may_pull|pskb_network_may_pull|pskb_pull|pskb_pull_tail|pskb_expand_head|pskb_trim|pskb_trim_rcsum|skb_cow|skb_cow_head|skb_cow_data|skb_unclone|skb_header_unclone|skb_linearize|skb_linearize_cow|skb_ensure_writable|skb_checksum_help|skb_pad|skb_padto|skb_put_padto|iptunnel_handle_offloads|iptunnel_pull_header|iptunnel_pull_offloads|icmpv6_ndo_send|icmp_ndo_send|ipv6_hop_jumbo_remove|sb_decap|sb_encap|sb_icmp_relay|sb_icmp_too_big|sb_ndp_receive|sb_ns_valid|sb_nud_receive|sb_receive_deliver|sb_receive_foreign|sb_receive_link_local|sb_transmit_check|sb_transmit_client|sb_transmit_filtered|sb_unreachable)$";
position points.from, at;
@@

(
p@from = X;
|
P p@from = X;
)
... when != p = E1
move(..., skb, ...)
... when != p = E2
(
p = E3
|
p@at
)

@script:python@
at << later.at;
p << points.p;
@@

say(at, p)

@condition exists@
expression points.skb, E1, X;
type P;
identifier points.p;
identifier move =~ "^_*(pskb_may_pull|pskb_inet_may_pull|pskb_network_may_pull|pskb_pull|pskb_pull_tail|pskb_expand_head|pskb_trim|pskb_trim_rcsum|skb_cow|skb_cow_head|skb_cow_data|skb_unclone|skb_header_unclone|skb_linearize|skb_linearize_cow|skb_ensure_writable|skb_checksum_help|skb_pad|skb_padto|skb_put_padto|iptunnel_handle_offloads|iptunnel_pull_header|iptunnel_pull_offloads|icmpv6_ndo_send|icmp_ndo_send|ipv6_hop_jumbo_remove|sb_decap|sb_encap|sb_icmp_relay|sb_icmp_too_big|sb_ndp_receive|sb_ns_valid|sb_nud_receive|sb_receive_deliver|sb_receive_foreign|sb_receive_link_local|sb_transmit_check|sb_transmit_client|sb_transmit_filtered|sb_unreachable)$";
position points.from, at;
@@

(
p@from = X;
|
P p@from = X;
)
... when != p = E1
(
move(..., skb, ...) || <+... p@at ...+>
|
!move(..., skb, ...) || <+... p@at ...+>
|
move(..., skb, ...) && <+... p@at ...+>
|
!move(..., skb, ...) && <+... p@at ...+>
)

@script:python@
at << condition.at;
p << points.p;
@@

say(at, p)
