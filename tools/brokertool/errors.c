// SPDX-License-Identifier: GPL-2.0
/* brokertool stats errors: the last packet that was dropped for each reason. */

#include <linux/sitbroker.h>
#include <netlink/attr.h>
#include <stdio.h>

#include "../lib/decode.h"
#include "../lib/reason.h"
#include "brokertool.h"

static json_t *hex_json(const uint8_t *data, size_t size)
{
	char text[2 * 128 + 1] = "";
	size_t i;

	for (i = 0; i < size && i < 128; i++)
		snprintf(text + 2 * i, 3, "%02x", data[i]);
	return json_string(text);
}

json_t *dropped_json(const struct item *item)
{
	struct nlattr *tb[SITBROKER_A_SAMPLE_MAX + 1];
	char text[512], link[16];
	const uint8_t *data;
	size_t size;

	if (nla_parse_nested(tb, SITBROKER_A_SAMPLE_MAX, item->nest, NULL) ||
	    !tb[SITBROKER_A_SAMPLE_REASON] || !tb[SITBROKER_A_SAMPLE_AGE] ||
	    !tb[SITBROKER_A_SAMPLE_LENGTH] || !tb[SITBROKER_A_SAMPLE_DATA])
		return json_object();
	data = nla_data(tb[SITBROKER_A_SAMPLE_DATA]);
	size = nla_len(tb[SITBROKER_A_SAMPLE_DATA]);
	packet_text(data, size, text, sizeof(text));
	return json_pack("{s:s,s:s?,s:I,s:i,s:s,s:o,s:s}", "reason",
			 drop_reason_name(nla_get_u32(tb[SITBROKER_A_SAMPLE_REASON])),
			 "client", tb[SITBROKER_A_SAMPLE_CLIENT] ?
				   nla_get_string(tb[SITBROKER_A_SAMPLE_CLIENT]) : NULL,
			 "age_ms", (json_int_t)nla_get_u64(tb[SITBROKER_A_SAMPLE_AGE]),
			 "length", nla_get_u32(tb[SITBROKER_A_SAMPLE_LENGTH]),
			 "packet", text, "data", hex_json(data, size),
			 "link", link_name(item->ifindex, link));
}

static int show_json(struct broker *broker, const struct item *item, void *arg)
{
	(void)arg;
	json_item(broker, dropped_json(item));
	return 0;
}

static const char *string(json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key)) ?: "-";
}

static int show_row(struct broker *broker, const struct item *item, void *arg)
{
	json_t *sample = dropped_json(item);
	char age[32];

	(void)broker;	/* the table has as many columns as it has names for */
	snprintf(age, sizeof(age), "%.1fs ago",
		 json_integer_value(json_object_get(sample, "age_ms")) / 1e3);
	table_row(arg, false, (const char *[]) { string(sample, "link"), string(sample, "reason"),
		  string(sample, "client"), age, string(sample, "packet"),
		  string(sample, "data") });
	json_decref(sample);
	return 0;
}

/* Of one link, or of all. Return: exit code. */
int errors_show(struct broker *broker, uint32_t ifindex)
{
	static const char *const details[] = { "LINK", "REASON", "CLIENT", "DROPPED",
					       "LAST PACKET", "BYTES", NULL };
	static const char *const columns[] = { "LINK", "REASON", "CLIENT", "DROPPED",
					       "LAST PACKET", NULL };
	struct table *table = NULL;
	int err;

	if (broker->json)
		json_begin(broker);
	else
		table = table_new(broker, broker->details ? details : columns);
	err = items_dump(broker, SITBROKER_CMD_SAMPLE_GET, ifindex, SITBROKER_A_SAMPLE,
			 broker->json ? show_json : show_row, table);
	if (broker->json)
		json_end(broker);
	else
		table_print(table);
	return err ? refused(broker, NULL) : EXIT_OK;
}
