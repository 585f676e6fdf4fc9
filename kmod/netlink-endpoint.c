// SPDX-License-Identifier: GPL-2.0
/* The generic netlink family: which clients are behind which IPv4 address. */

#include "client.h"
#include "link.h"
#include "netlink.h"

/* One of %SITBROKER_A_ENDPOINTS, as the specification has it. */
struct sb_nl_endpoint {
	u32 id;
	__be32 address;
};

/* What a message still has room for, in a single attribute. */
static unsigned int sb_nl_endpoints_room(const struct sk_buff *skb)
{
	return min_t(unsigned int, skb_tailroom(skb), U16_MAX - NLA_HDRLEN) /
	       sizeof(struct sb_nl_endpoint);
}

/*
 * An attribute each would be twice as long, and to make it is most of what a list of
 * clients costs: these are written one behind the other.
 */
static int sb_nl_dump_endpoints(struct sk_buff *skb, const struct sb_nl_message *message,
				struct sb_link *link, struct sb_nl_dump *dump)
{
	void *header = sb_nl_begin(skb, message, link);
	struct sb_nl_endpoint *entry;
	unsigned int room, n = 0;
	struct sb_client *client;
	struct nlattr *attr;
	unsigned long id;
	int err = 0;

	if (!header)
		return -EMSGSIZE;
	attr = nla_reserve(skb, SITBROKER_A_ENDPOINTS, 0);
	room = attr ? sb_nl_endpoints_room(skb) : 0;
	if (!room) {
		genlmsg_cancel(skb, header);
		return -EMSGSIZE;
	}

	entry = nla_data(attr);
	xa_for_each_start(&link->clients, id, client, dump->next) {
		if (!client->endpoint)
			continue;
		if (n == room) {
			dump->next = id;
			err = -EMSGSIZE;
			break;
		}
		entry[n++] = (struct sb_nl_endpoint) { .id = id, .address = client->endpoint };
	}
	if (!n) {
		genlmsg_cancel(skb, header);
		return 0;
	}
	skb_put(skb, n * sizeof(*entry));
	attr->nla_len += n * sizeof(*entry);
	genlmsg_end(skb, header);
	return err;
}

int sitbroker_nl_endpoint_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return sb_nl_dump_links(skb, cb, sb_nl_dump_endpoints);
}
