// SPDX-License-Identifier: GPL-2.0
/* Configurations: what is read of a file, whole or cut off anywhere. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../tools/config/config.h"
#include "../../tools/config/config-plan.h"

static char directory[24] = "/tmp/config-test.XXXXXX";
static char path[64];

static const char whole[] =
	"local = 192.0.2.1 // this server\n"
	"tos = inherit\n"
	"accept-ra = {eth0, \"eth1\"}\n"
	"pool 2001:db8:1::/64 { pair = yes }\n"
	"pool 2001:db8:2::/48 { routed = 64 }\n"
	"ndp eth0 { source = link-local rate = 7 }\n"
	"/* two clients */\n"
	"client one {\n"
	"\tendpoint = 203.0.113.7\n"
	"\tpair = 2001:db8:1::2/127\n"
	"\trouted = {2001:db8:2:1::/64,\n"
	"\t\t2001:db8:2:2::/64}\n"
	"}\n"
	"client \"two\" { endpoint = dynamic routed = none mtu = 1300 disable = yes }\n"
	"filter bad { files = {a.gz, /b} attach = {inner, \"dev eth0 in\"} action = reject }\n";

static int read_text(const char *text, size_t size, struct config *config)
{
	struct broker broker = { .mute = true };
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, size, file), size);
	fclose(file);
	return config_read(&broker, path, config) ?: config_check(&broker, config);
}

static void test_whole(void **state)
{
	const struct config_client *one, *two;
	const struct config_list *list;
	struct config config;
	char file[80];

	(void)state;
	assert_int_equal(read_text(whole, strlen(whole), &config), 0);
	assert_string_equal(config.name, "link7");
	assert_int_equal(ntohl(config.local.s_addr), 0xc0000201);
	assert_true(config.inherit);
	assert_int_equal(config.ttl, 64);
	assert_int_equal(config.ra, CONFIG_RA_LISTED);
	assert_int_equal(config.n_ra_devices, 2);
	assert_string_equal(config.ra_devices[1], "eth1");
	assert_int_equal(config.n_pools, 2);
	assert_int_equal(config.pools[1].cut, 64);
	assert_int_equal(config.pools[1].origin.line, 5);
	assert_int_equal(config.n_uplinks, 1);
	assert_int_equal(config.uplinks[0].source, SITBROKER_NDP_SOURCE_LINK_LOCAL);
	assert_int_equal(config.uplinks[0].rate, 7);
	assert_int_equal(config.n_clients, 2);
	one = &config.clients[0];
	two = &config.clients[1];
	assert_string_equal(one->name, "one");
	assert_true(one->has_endpoint && one->has_pair && one->has_routed && one->filter);
	assert_int_equal(one->n_routed, 2);
	assert_int_equal(one->origin.line, 9);
	assert_false(one->disabled);
	assert_false(two->has_endpoint || two->has_pair);
	assert_true(two->has_routed && two->disabled);
	assert_int_equal(two->n_routed, 0);
	assert_int_equal(two->mtu, 1300);
	list = &config.lists[0];
	assert_int_equal(list->action, SITBROKER_FILTER_ACTION_REJECT);
	snprintf(file, sizeof(file), "%s/a.gz", directory);
	assert_string_equal(list->files[0], file);
	assert_string_equal(list->files[1], "/b");
	assert_int_equal(list->n_places, 2);
	assert_string_equal(list->places[0].device, "link7");
	assert_int_equal(list->places[1].scope, SITBROKER_FILTER_SCOPE_IN);
	config_free(&config);
}

/* A section that is not whole is none: a file may be half-written. */
static void test_cut(void **state)
{
	struct config config;
	size_t size, open;
	int code;

	(void)state;
	for (size = 0; size < strlen(whole); size++) {
		code = read_text(whole, size, &config);
		/* Is it within a comment, or between { and }? */
		for (open = size; open && !strchr("{}", whole[open - 1]);)
			open--;
		if (open && whole[open - 1] == '{')
			assert_int_not_equal(code, 0);
		config_free(&config);
	}
}

/* Whatever stands in a file, there is an answer. */
static void test_garbage(void **state)
{
	static const char signs[] = "{}=,\"'#/*\\$()+\n \t\001\377aZ0:";
	char text[sizeof(whole)];
	struct config config;
	unsigned int i, j;

	(void)state;
	srandom(7);
	for (i = 0; i < 3000; i++) {
		memcpy(text, whole, sizeof(text));
		for (j = 0; j < 1 + i % 4; j++)
			text[random() % (sizeof(text) - 1)] = signs[random() % sizeof(signs)];
		read_text(text, sizeof(text) - 1, &config);
		config_free(&config);
	}
}

static void test_refused(void **state)
{
	static const char *const files[] = {
		"", "local =", "local = 192.0.2.1 }\n", "local == 192.0.2.1\n",
		"local = {192.0.2.1}\n", "local = 192.0.2.1\nlocal = 192.0.2.2\n",
		"local = 192.0.2.1\nclient { }\n", "local = 192.0.2.1\nclient a b { }\n",
		"local = 192.0.2.1\nclient dev { }\n", "local = 192.0.2.1\nclient a { a = 1 }\n",
		"local = 192.0.2.1\nclient a { client b { } }\n",
		"local = 192.0.2.1\nclient a { routed = {none, 2001:db8::/64} }\n",
		"local = 192.0.2.1\nndp a { }\nndp a { }\n",
		"local = 192.0.2.1\nfilter a { }\nfilter a { }\n",
		"local = 192.0.2.1\nfilter a { attach = \"dev eth0\" }\n",
		"local = 192.0.2.1\nfilter a { attach = \"inner dev x\" }\n",
		"local = 192.0.2.1\n\001end = 1\n",
		"local = 192.0.2.1\ninclude(\"/etc/passwd\")\n",
	};
	struct config config;
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(files) / sizeof(*files); i++) {
		if (!read_text(files[i], strlen(files[i]), &config))
			fail_msg("taken: %s", files[i]);
		config_free(&config);
	}
}

/* A namespace with these lists attached to inner, in this order; the kernel's are by name. */
static void attached(struct config *config, const char *order)
{
	struct config_list *list;
	char name, text[2] = "";
	const char *at;

	config_init(config, "broker0");
	for (name = 'a'; name <= 'e'; name++) {
		at = strchr(order, name);
		if (!at)
			continue;
		config->lists = config_grow(config->lists, config->n_lists, sizeof(*list));
		list = &config->lists[config->n_lists++];
		*list = (struct config_list) { .n_places = 1 };
		*text = name;
		strcpy(list->name, text);
		list->places = calloc(1, sizeof(*list->places));
		list->places->scope = SITBROKER_FILTER_SCOPE_INNER;
		list->places->position = at - order + 1;
		strcpy(list->places->device, "broker0");
	}
}

/* What is done: "-" for detach, "+" for attach. */
static const char *order_plan(const char *running, const char *wanted)
{
	static char done[64];
	struct broker broker = { .mute = true };
	struct config is, shall = {};
	struct plan plan = {};
	char text[256];
	size_t i;

	attached(&is, running);
	i = snprintf(text, sizeof(text), "local = 192.0.2.1\n");
	for (; *wanted; wanted++)
		i += snprintf(text + i, sizeof(text) - i, "filter %c { attach = inner }\n",
			      *wanted);
	assert_int_equal(read_text(text, i, &shall), 0);
	/* The file is named otherwise than the link. */
	for (i = 0; i < shall.n_lists; i++)
		strcpy(shall.lists[i].places->device, "broker0");
	plan_lists_load(&broker, &shall, &is, &plan);
	assert_int_equal(plan.code, 0);
	for (i = 0; i < plan.n; i++) {
		assert_string_equal(plan.steps[i].words[0], "filter");
		sprintf(done + 2 * i, "%c%s", *plan.steps[i].words[1] == 'd' ? '-' : '+',
			plan.steps[i].words[2]);
	}
	if (!plan.n)
		*done = '\0';
	plan_free(&plan);
	config_free(&is);
	config_free(&shall);
	return done;
}

static void test_order(void **state)
{
	(void)state;
	assert_string_equal(order_plan("", ""), "");
	assert_string_equal(order_plan("abc", "abc"), "");
	assert_string_equal(order_plan("bca", "bca"), "");
	assert_string_equal(order_plan("", "ca"), "+c+a");
	assert_string_equal(order_plan("ab", "abc"), "+c");
	/* The order alone. */
	assert_string_equal(order_plan("ab", "ba"), "-a+a");
	assert_string_equal(order_plan("abcd", "bacd"), "-a+a-c+c-d+d");
	assert_string_equal(order_plan("abcd", "abdc"), "-c+c");
	/* One that is new stands in front of one that is there. */
	assert_string_equal(order_plan("ac", "abc"), "+b-c+c");
	/* Those of others are left where they are. */
	assert_string_equal(order_plan("eab", "ab"), "");
	assert_string_equal(order_plan("aeb", "ba"), "-a+a");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_order),
	};
	int failed;

	if (!mkdtemp(directory))
		return 1;
	snprintf(path, sizeof(path), "%s/link7.conf", directory);
	failed = cmocka_run_group_tests_name("config", tests, NULL, NULL);
	unlink(path);
	rmdir(directory);
	return failed;
}
