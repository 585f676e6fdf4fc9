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

/* The first client from @id on, which becomes its own, whose endpoint is known; or NULL. */
static struct sb_client *sb_nl_located(struct sb_link *link, unsigned long *id)
{
	struct sb_client *client;

	xa_for_each_start(&link->clients, *id, client, *id)
		if (client->endpoint)
			return client;
	return NULL;
}

/*
 * An attribute each would be twice as long, and to make it is most of what a list of
 * clients costs: these are written one behind the other. A message is begun where it will
 * be sent only: it may be the one that says that the dump does not hold together.
 */
static int sb_nl_dump_endpoints(struct sk_buff *skb, const struct sb_nl_message *message,
				struct sb_link *link, struct sb_nl_dump *dump)
{
	struct sb_client *client = sb_nl_located(link, &dump->next);
	struct sb_nl_endpoint *entry;
	unsigned int room, n = 0;
	struct nlattr *attr;
	void *header;

	if (!client)
		return 0;
	header = sb_nl_begin(skb, message, link);
	if (!header)
		return -EMSGSIZE;
	attr = nla_reserve(skb, SITBROKER_A_ENDPOINTS, 0);
	room = attr ? sb_nl_endpoints_room(skb) : 0;
	if (!room) {
		genlmsg_cancel(skb, header);
		return -EMSGSIZE;
	}

	entry = nla_data(attr);
	while (client && n < room) {
		entry[n++] = (struct sb_nl_endpoint) {
			.id = client->id, .address = client->endpoint,
		};
		dump->next++;
		client = sb_nl_located(link, &dump->next);
	}
	skb_put(skb, n * sizeof(*entry));
	attr->nla_len += n * sizeof(*entry);
	genlmsg_end(skb, header);
	return client ? -EMSGSIZE : 0;
}

int sitbroker_nl_endpoint_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return sb_nl_dump_links(skb, cb, sb_nl_dump_endpoints);
}
