// SPDX-License-Identifier: GPL-2.0
/* brokertool pool */

#include <errno.h>
#include <linux/sitbroker.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <string.h>

#include "brokertool.h"

static const char *const kinds[] = { "pair", "routed", NULL };

json_t *pool_json(const struct item *item)
{
	struct nlattr *tb[SITBROKER_A_POOL_SIZE + 1];
	char text[PREFIX_STRLEN], link[16];
	struct prefix prefix = {};
	unsigned int kind;
	uint64_t size;

	if (nla_parse_nested(tb, SITBROKER_A_POOL_SIZE, item->nest, NULL) ||
	    prefix_get(tb[SITBROKER_A_POOL_PREFIX], &prefix))
		return json_object();
	kind = nla_get_u32(tb[SITBROKER_A_POOL_KIND]);
	size = nla_get_u64(tb[SITBROKER_A_POOL_SIZE]);
	return json_pack("{s:s,s:s,s:i,s:I,s:o,s:s}", "prefix", prefix_text(&prefix, text), "kind",
			 kinds[kind == SITBROKER_POOL_KIND_ROUTED], "cut_length",
			 nla_get_u8(tb[SITBROKER_A_POOL_CUT_LENGTH]), "used",
			 (json_int_t)nla_get_u64(tb[SITBROKER_A_POOL_USED]), "size",
			 /* 2^63, the pairs of a /64, is one more than an integer there holds. */
			 size > INT64_MAX ? json_real(size) : json_integer(size), "link",
			 link_name(item->ifindex, link));
}

static int pool_request(struct broker *broker, uint8_t command, uint32_t ifindex,
			const struct prefix *prefix, int kind, int cut)
{
	struct nl_msg *msg = change_message(command, ifindex);
	struct nlattr *nest = nla_nest_start(msg, NLA_F_NESTED | SITBROKER_A_POOL);

	prefix_put(msg, SITBROKER_A_POOL_PREFIX, prefix);
	if (kind >= 0) {
		nla_put_u32(msg, SITBROKER_A_POOL_KIND, kind);
		nla_put_u8(msg, SITBROKER_A_POOL_CUT_LENGTH, cut);
	}
	nla_nest_end(msg, nest);
	return change(broker, msg, NULL);
}

struct pool_link {
	const struct prefix *prefix;
	uint32_t ifindex;
};

static int find_link(struct broker *broker, const struct item *item, void *arg)
{
	struct nlattr *tb[SITBROKER_A_POOL_SIZE + 1];
	struct pool_link *found = arg;
	struct prefix prefix;

	(void)broker;
	if (!nla_parse_nested(tb, SITBROKER_A_POOL_SIZE, item->nest, NULL) &&
	    !prefix_get(tb[SITBROKER_A_POOL_PREFIX], &prefix) &&
	    prefix.length == found->prefix->length &&
	    prefix_holds(&prefix, &found->prefix->address))
		found->ifindex = item->ifindex;
	return 0;
}

/* The link of a pool: where the user did not say, the kernel knows. */
static uint32_t pool_link(struct broker *broker, const struct prefix *prefix)
{
	struct pool_link found = { .prefix = prefix };

	items_dump(broker, SITBROKER_CMD_POOL_GET, 0, SITBROKER_A_POOL, find_link, &found);
	return found.ifindex;
}

/**
 * pool_parse() - read what follows pool add
 * @broker: the invocation
 * @words: the words
 * @pool: what they say
 *
 * Return: 0 or an exit code, after a complaint.
 */
int pool_parse(struct broker *broker, struct words *words, struct pool_words *pool)
{
	static const char *const keys[] = { "pair", "routed", "dev", NULL };
	char text[PREFIX_STRLEN];
	const char *word;
	int code;

	*pool = (struct pool_words) { .kind = -1, .cut = 127 };
	if (value_next(broker, words, "pool add", &word) ||
	    prefix_word(broker, "pool", word, &pool->prefix))
		return EXIT_USAGE;
	while (words->argc) {
		switch (key_parse(broker, words, keys)) {
		case 0:
			pool->kind = SITBROKER_POOL_KIND_PAIR;
			pool->cut = 127;
			break;
		case 1:
			pool->kind = SITBROKER_POOL_KIND_ROUTED;
			if (number_next(broker, words, "routed", 1, 127, &pool->cut))
				return EXIT_USAGE;
			break;
		case 2:
			code = device_next(broker, words, "dev", &pool->ifindex);
			if (code)
				return code;
			break;
		default:
			return EXIT_USAGE;
		}
	}
	if (pool->kind < 0)
		return usage_error(broker, "pool %s needs a use: pair, or routed LENGTH",
				   prefix_text(&pool->prefix, text));
	if (pool->prefix.length > 127)
		return usage_error(broker, "pool %s is one address; a pool needs at least a /127",
				   prefix_text(&pool->prefix, text));
	return 0;
}

/* What the kernel says of a route into a link without IPv6 has no way out. Return: exit code */
static int route_refused(struct broker *broker, uint32_t ifindex, const char *complaint)
{
	char link[16], setting[64];

	link_name(ifindex, link);
	if (setting_get("ipv6/conf/%s/disable_ipv6", link) != 1)
		return refused(broker, complaint);
	setting_name(link, "disable_ipv6", setting);
	return refuse(broker, EACCES,
		      "no route can lead into link %s, whose IPv6 is switched off; run sysctl -w %s=0, then this again",
		      link, setting);
}

static int pool_add(struct broker *broker, struct words *words)
{
	char text[PREFIX_STRLEN], name[16], complaint[128];
	struct refusal refusal;
	struct pool_words pool;
	struct prefix prefix;
	uint32_t ifindex;
	int code, err;

	code = pool_parse(broker, words, &pool);
	if (code)
		return code;
	prefix = pool.prefix;
	ifindex = pool.ifindex;
	if (kernel_family(&broker->kernel))
		return refused(broker, NULL);
	code = route_check_pool(broker, ifindex, &prefix);
	if (code)
		return code;
	code = pool_request(broker, SITBROKER_CMD_POOL_NEW, ifindex, &prefix, pool.kind,
			    pool.cut);
	if (code)
		return code;

	if (!ifindex)
		ifindex = pool_link(broker, &prefix);
	err = route_install(broker, ifindex, &prefix);
	if (err == -ENETDOWN) {
		if (!broker->quiet)
			fprintf(stderr,
				"brokertool: %s is down; link set %s up will install the route to %s\n",
				link_name(ifindex, name), name, prefix_text(&prefix, text));
		return EXIT_OK;
	}
	if (err) {
		refusal = broker->kernel.refusal;
		pool_request(broker, SITBROKER_CMD_POOL_DEL, ifindex, &prefix, -1, 0);
		broker->kernel.refusal = refusal;
		snprintf(complaint, sizeof(complaint),
			 "the route to pool %s cannot be installed, see ip -6 route",
			 prefix_text(&prefix, text));
		return route_refused(broker, ifindex, complaint);
	}
	return EXIT_OK;
}

static int pool_del(struct broker *broker, struct words *words)
{
	char text[PREFIX_STRLEN], complaint[128];
	struct prefix prefix;
	uint32_t ifindex = 0;
	const char *word;
	int code;

	if (value_next(broker, words, "pool del", &word) ||
	    prefix_word(broker, "pool", word, &prefix))
		return EXIT_USAGE;
	code = device_only(broker, words, &ifindex);
	if (code)
		return code;
	/* The prefix says which link it is. */
	if (!ifindex)
		ifindex = pool_link(broker, &prefix);
	code = pool_request(broker, SITBROKER_CMD_POOL_DEL, ifindex, &prefix, -1, 0);
	if (code)
		return code;
	if (!ifindex || !route_remove(broker, ifindex, &prefix))
		return EXIT_OK;
	snprintf(complaint, sizeof(complaint),
		 "the route to pool %s cannot be removed, see ip -6 route",
		 prefix_text(&prefix, text));
	return refused(broker, complaint);
}

static int restore_route(struct broker *broker, const struct item *item, void *arg)
{
	struct nlattr *tb[SITBROKER_A_POOL_SIZE + 1];
	struct prefix prefix;
	int *err = arg;

	if (!*err && !nla_parse_nested(tb, SITBROKER_A_POOL_SIZE, item->nest, NULL) &&
	    !prefix_get(tb[SITBROKER_A_POOL_PREFIX], &prefix))
		*err = route_install(broker, item->ifindex, &prefix);
	return 0;
}

/* Routes vanish when a link is set down. Return: exit code, after a complaint. */
int pool_restore_routes(struct broker *broker, uint32_t ifindex)
{
	char name[16], complaint[128];
	int failed = 0, err;

	err = items_dump(broker, SITBROKER_CMD_POOL_GET, ifindex, SITBROKER_A_POOL, restore_route,
			 &failed);
	if (!err && !failed)
		return EXIT_OK;
	snprintf(complaint, sizeof(complaint),
		 "the routes to the pools of link %s cannot be restored, see ip -6 route",
		 link_name(ifindex, name));
	return route_refused(broker, ifindex, complaint);
}

static int show_json(struct broker *broker, const struct item *item, void *arg)
{
	(void)arg;
	json_item(broker, pool_json(item));
	return 0;
}

static int show_row(struct broker *broker, const struct item *item, void *arg)
{
	json_t *pool = pool_json(item);
	char cut[8], used[32], size[32];

	(void)broker;
	snprintf(cut, sizeof(cut), "/%lld",
		 (long long)json_integer_value(json_object_get(pool, "cut_length")));
	snprintf(used, sizeof(used), "%lld",
		 (long long)json_integer_value(json_object_get(pool, "used")));
	snprintf(size, sizeof(size), "%.0f", json_number_value(json_object_get(pool, "size")));
	table_row(arg, false, (const char *[]) {
		  json_string_value(json_object_get(pool, "prefix")),
		  json_string_value(json_object_get(pool, "kind")), cut, used, size,
		  json_string_value(json_object_get(pool, "link")) });
	json_decref(pool);
	return 0;
}

static int pool_show(struct broker *broker, struct words *words)
{
	static const char *const columns[] = { "POOL", "KIND", "CUT", "USED", "SIZE", "LINK",
					       NULL };
	struct table *table = NULL;
	uint32_t ifindex = 0;
	int code, err;

	code = device_only(broker, words, &ifindex);
	if (code)
		return code;
	if (broker->json)
		json_begin(broker);
	else
		table = table_new(broker, columns);
	err = items_dump(broker, SITBROKER_CMD_POOL_GET, ifindex, SITBROKER_A_POOL,
			 broker->json ? show_json : show_row, table);
	if (broker->json)
		json_end(broker);
	else
		table_print(table);
	return err ? refused(broker, NULL) : EXIT_OK;
}

int pool_command(struct broker *broker, struct words *words)
{
	static const char *const verbs[] = { "add", "delete", "show", NULL };

	switch (verb_parse(broker, words, "pool", verbs)) {
	case 0:
		return pool_add(broker, words);
	case 1:
		return pool_del(broker, words);
	case 2:
		return pool_show(broker, words);
	}
	return EXIT_USAGE;
}
