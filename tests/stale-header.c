// SPDX-License-Identifier: GPL-2.0
/*
 * What stale-header.cocci must find, one form a function, and what it must not.
 * Never compiled: tests/lint compares the lines that say "stale" with those found.
 */

int header_declared(struct sk_buff *skb)
{
	struct ipv6hdr *ip6 = ipv6_hdr(skb);

	if (!pskb_may_pull(skb, 48))
		return 0;
	return ip6->version;	/* stale */
}

int header_assigned(struct sk_buff *skb)
{
	const struct iphdr *iph;

	iph = ip_hdr(skb);
	if (skb_cow_head(skb, 20))
		return 0;
	return iph->ttl;	/* stale */
}

int header_cast(struct sk_buff *skb)
{
	const struct ipv6hdr *ip6 = (const struct ipv6hdr *)skb_network_header(skb);

	if (skb_ensure_writable(skb, 40))
		return 0;
	return ip6->version;	/* stale */
}

int behind_header_declared(struct sk_buff *skb)
{
	const struct nd_msg *ns = (const struct nd_msg *)(ipv6_hdr(skb) + 1);

	if (!sb_ns_valid(skb))
		return 0;
	return ns->icmph.icmp6_code;	/* stale */
}

int behind_header_assigned(struct sk_buff *skb)
{
	const struct ipv6hdr *ip6;

	ip6 = (const struct ipv6hdr *)(ip_hdr(skb) + 1);
	if (!pskb_may_pull(skb, 60))
		return 0;
	return ip6->version;	/* stale */
}

int member_declared(struct sb_link *link, struct sk_buff *skb)
{
	const struct in6_addr *to = &ipv6_hdr(skb)->daddr;

	if (sb_decap(link, skb))
		return 0;
	return to->s6_addr[0];	/* stale */
}

int member_assigned(struct sb_link *link, struct sb_client *client, struct sk_buff *skb)
{
	const struct in6_addr *from;

	from = &ipv6_hdr(skb)->saddr;
	sb_unreachable(link, client, skb, ICMPV6_ADDR_UNREACH);
	return from->s6_addr[0];	/* stale */
}

int member_behind_declared(struct sk_buff *skb)
{
	const struct in6_addr *target = &((const struct nd_msg *)(ipv6_hdr(skb) + 1))->target;

	if (skb_linearize(skb))
		return 0;
	return target->s6_addr[0];	/* stale */
}

int member_behind_assigned(struct sb_client *sender, struct sk_buff *skb)
{
	const struct in6_addr *target;

	target = &((const struct nd_msg *)(ipv6_hdr(skb) + 1))->target;
	if (sb_nud_receive(sender, skb))
		return 0;
	return target->s6_addr[0];	/* stale */
}

int member_cast(struct sk_buff *skb)
{
	const struct in6_addr *to;

	to = &((const struct ipv6hdr *)skb_network_header(skb))->daddr;
	if (skb_unclone(skb, GFP_ATOMIC))
		return 0;
	return to->s6_addr[0];	/* stale */
}

int array_member(struct sk_buff *skb)
{
	const u8 *source = eth_hdr(skb)->h_source;

	if (!pskb_may_pull(skb, 48))
		return 0;
	return source[0];	/* stale */
}

int data_declared(struct sk_buff *skb)
{
	const struct iphdr *quoted = (const struct iphdr *)skb->data;

	if (!pskb_may_pull(skb, 68))
		return 0;
	return quoted->ttl;	/* stale */
}

int data_assigned(struct sk_buff *skb)
{
	const u8 *data;

	data = skb->data;
	if (iptunnel_pull_header(skb, 0, htons(ETH_P_IPV6), false))
		return 0;
	return data[0];	/* stale */
}

int behind_data_declared(struct sk_buff *skb)
{
	const struct ipv6hdr *ip6 = (const struct ipv6hdr *)(skb->data + 20);

	if (iptunnel_handle_offloads(skb, SKB_GSO_IPXIP4))
		return 0;
	return ip6->version;	/* stale */
}

int behind_data_assigned(struct sk_buff *skb, int outer)
{
	const struct ipv6hdr *ip6;

	ip6 = (const struct ipv6hdr *)(skb->data + outer);
	if (pskb_expand_head(skb, 0, 0, GFP_ATOMIC))
		return 0;
	return ip6->version;	/* stale */
}

int data_member_declared(struct sk_buff *skb)
{
	const struct in6_addr *to = &((const struct ipv6hdr *)skb->data)->daddr;

	if (skb_cow(skb, 20))
		return 0;
	return to->s6_addr[0];	/* stale */
}

int data_member_assigned(struct sk_buff *skb, int outer)
{
	const struct in6_addr *to;

	to = &((const struct ipv6hdr *)(skb->data + outer))->daddr;
	icmpv6_ndo_send(skb, ICMPV6_PKT_TOOBIG, 0, 1280);
	return to->s6_addr[0];	/* stale */
}

int pointer_declared(struct sk_buff *skb)
{
	u8 buffer;
	const u8 *type = skb_header_pointer(skb, 40, sizeof(buffer), &buffer);

	if (!pskb_may_pull(skb, 48))
		return 0;
	return *type;	/* stale */
}

int pointer_assigned(struct sk_buff *skb)
{
	struct in6_addr buffer;
	const struct in6_addr *target;

	target = skb_header_pointer(skb, 48, sizeof(buffer), &buffer);
	if (!target)
		return 0;
	if (!sb_ns_valid(skb))
		return 0;
	return target->s6_addr[0];	/* stale */
}

int same_condition(struct sk_buff *skb)
{
	const struct ipv6hdr *ip6 = ipv6_hdr(skb);

	if (!pskb_may_pull(skb, 48) || ip6->version != 6)	/* stale */
		return 0;
	return 1;
}

int passed_on(struct sk_buff *skb)
{
	const struct ipv6hdr *ip6 = ipv6_hdr(skb);

	if (!pskb_may_pull(skb, 48))
		return 0;
	if (skb->dev)
		return f(&ip6->saddr);	/* stale */
	return 1;
}

int reloaded(struct sk_buff *skb)
{
	const struct ipv6hdr *ip6 = ipv6_hdr(skb);
	const struct in6_addr *to = &ip6->daddr;

	if (!pskb_may_pull(skb, 48))
		return 0;
	ip6 = ipv6_hdr(skb);
	to = &ip6->daddr;
	return ip6->version + to->s6_addr[0];
}

int used_before(struct sk_buff *skb)
{
	const struct ipv6hdr *ip6 = ipv6_hdr(skb);
	int version = ip6->version;

	if (ip6->version != 6 || !pskb_may_pull(skb, 48))
		return 0;
	return version;
}

int value(struct sk_buff *skb)
{
	u8 version = ipv6_hdr(skb)->version;
	unsigned int len;

	len = ntohs(ipv6_hdr(skb)->payload_len);
	if (!pskb_may_pull(skb, 48))
		return 0;
	return version + len;
}

int another_packet(struct sk_buff *skb, struct sk_buff *other)
{
	const struct ipv6hdr *ip6 = ipv6_hdr(skb);

	if (!pskb_may_pull(other, 48))
		return 0;
	return ip6->version;
}
