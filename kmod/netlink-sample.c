// SPDX-License-Identifier: GPL-2.0
/* The generic netlink family: the last dropped packets. */

#include <linux/jiffies.h>

#include "link.h"
#include "netlink.h"
#include "sample.h"

static int sb_nl_fill_sample(struct sk_buff *skb, const struct sb_nl_message *message,
			     const struct sb_link *link, enum sitbroker_drop_reason reason,
			     const struct sb_sample *sample)
{
	void *header = sb_nl_begin(skb, message, link);
	struct nlattr *nest;

	if (!header)
		return -EMSGSIZE;
	nest = nla_nest_start(skb, SITBROKER_A_SAMPLE);
	if (!nest || nla_put_u32(skb, SITBROKER_A_SAMPLE_REASON, reason) ||
	    (*sample->client &&
	     nla_put_string(skb, SITBROKER_A_SAMPLE_CLIENT, sample->client)) ||
	    sb_nl_put_u64(skb, SITBROKER_A_SAMPLE_AGE,
			  jiffies64_to_msecs(get_jiffies_64() - sample->when)) ||
	    nla_put_u32(skb, SITBROKER_A_SAMPLE_LENGTH, sample->len) ||
	    nla_put(skb, SITBROKER_A_SAMPLE_DATA, sample->size, sample->data)) {
		genlmsg_cancel(skb, header);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	genlmsg_end(skb, header);
	return 0;
}

static int sb_nl_dump_samples(struct sk_buff *skb, const struct sb_nl_message *message,
			      struct sb_link *link, struct sb_nl_dump *dump)
{
	struct sb_sample sample;

	for (; dump->next < SB_N_DROP_REASONS; dump->next++)
		if (sb_sample_read(link->samples, dump->next, &sample) &&
		    sb_nl_fill_sample(skb, message, link, dump->next, &sample))
			return -EMSGSIZE;
	return 0;
}

int sitbroker_nl_sample_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return sb_nl_dump_links(skb, cb, sb_nl_dump_samples);
}
