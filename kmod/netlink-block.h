/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Attributes as they are in a message. Several that are always there are a
 * structure of these, which is appended and filled in at once: a call of nla_put()
 * for each costs more than all else that is done for one.
 *
 * A structure is filled in by assigning all of it, so that what is not named,
 * padding as well, is zero and nothing of what the memory held is sent.
 */
#ifndef _SITBROKER_NETLINK_BLOCK_H
#define _SITBROKER_NETLINK_BLOCK_H

#include <linux/skbuff.h>
#include <net/netlink.h>

/**
 * struct sb_attr_u8 - an attribute of a byte
 * @attr: header
 * @value: content
 * @padding: zero
 */
struct sb_attr_u8 {
	struct nlattr attr;
	u8 value;
	u8 padding[3];
};

/**
 * struct sb_attr_u16 - an attribute of 16 bits
 * @attr: header
 * @value: content
 * @padding: zero
 */
struct sb_attr_u16 {
	struct nlattr attr;
	u16 value;
	u8 padding[2];
};

/**
 * struct sb_attr_u32 - an attribute of 32 bits
 * @attr: header
 * @value: content
 */
struct sb_attr_u32 {
	struct nlattr attr;
	u32 value;
};

/**
 * struct sb_attr_u64 - an attribute of 64 bits
 * @attr: header
 * @value: content
 *
 * No more aligned than others: every reader copies 64-bit values out.
 */
struct sb_attr_u64 {
	struct nlattr attr;
	u64 value;
} __packed __aligned(NLA_ALIGNTO);

/**
 * struct sb_attr_in_addr - an attribute of an IPv4 address
 * @attr: header
 * @value: content
 */
struct sb_attr_in_addr {
	struct nlattr attr;
	__be32 value;
};

/**
 * struct sb_attr_in6_addr - an attribute of an IPv6 address
 * @attr: header
 * @value: content
 */
struct sb_attr_in6_addr {
	struct nlattr attr;
	struct in6_addr value;
};

/* Nothing is between attributes, nor behind the last one. */
static_assert(sizeof(struct nlattr) == NLA_HDRLEN);
static_assert(sizeof(struct sb_attr_u8) == NLA_HDRLEN + NLA_ALIGN(sizeof(u8)));
static_assert(sizeof(struct sb_attr_u16) == NLA_HDRLEN + NLA_ALIGN(sizeof(u16)));
static_assert(sizeof(struct sb_attr_u32) == NLA_HDRLEN + sizeof(u32));
static_assert(sizeof(struct sb_attr_u64) == NLA_HDRLEN + sizeof(u64));
static_assert(sizeof(struct sb_attr_in_addr) == NLA_HDRLEN + sizeof(__be32));
static_assert(sizeof(struct sb_attr_in6_addr) == NLA_HDRLEN + sizeof(struct in6_addr));

/* The header of an attribute with @len bytes of content, what nests are for all in them. */
#define SB_ATTR_HEADER(type, len)	{ .nla_len = NLA_HDRLEN + (len), .nla_type = (type) }

/* An attribute of a structure, which is @of: u8, u16, u32, u64, in_addr or in6_addr. */
#define SB_ATTR(of, type, content) {							\
	.attr = SB_ATTR_HEADER(type, sizeof_field(struct sb_attr_##of, value)),		\
	.value = (content),								\
}

/**
 * sb_nl_append() - room for attributes at the end of a message
 * @skb: the message
 * @size: of the attributes, with their headers and what aligns them; the caller fills it all
 *
 * Return: the room, or NULL where the message has no more of it.
 */
static inline void *sb_nl_append(struct sk_buff *skb, int size)
{
	return skb_tailroom(skb) < size ? NULL : __skb_put(skb, size);
}

#endif /* _SITBROKER_NETLINK_BLOCK_H */
