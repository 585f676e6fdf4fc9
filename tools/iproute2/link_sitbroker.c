// SPDX-License-Identifier: GPL-2.0
/*
 * What ip -d link show prints of a link, and the words of ip link add … type
 * sitbroker: those of brokertool. ip loads link_KIND.so from the directory that
 * it was built with (or IP_LIB_DIR) and looks for KIND_link_util in it.
 *
 * ip has no header for that. Here is as much of its interface as is used; it is
 * that of iproute2 from 4.x on. Its functions are weak: an ip that does not
 * export them prints as if there were nothing here.
 */

#include <arpa/inet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sitbroker.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The room that ip has for a request, as its own kinds say it. */
#define REQUEST_SIZE	1024

enum output_type { PRINT_FP = 1, PRINT_JSON = 2, PRINT_ANY = 4 };
enum color_attr { COLOR_INET = 2, COLOR_NONE = 6 };

/**
 * struct link_util - a kind of device, as ip knows it
 * @next: ip's
 * @id: the kind
 * @maxattr: number of attributes in the nest
 * @parse_opt: read what stands behind the kind
 * @print_opt: print the attributes
 * @print_xstats: unused, as are those below
 * @print_help: print what there is to say
 * @parse_ifla_xstats: unused
 * @print_ifla_xstats: unused
 */
struct link_util {
	struct link_util *next;
	const char *id;
	int maxattr;
	int (*parse_opt)(struct link_util *util, int argc, char **argv, struct nlmsghdr *n);
	void (*print_opt)(struct link_util *util, FILE *file, struct rtattr *tb[]);
	void (*print_xstats)(struct link_util *util, FILE *file, struct rtattr *stats);
	void (*print_help)(struct link_util *util, int argc, char **argv, FILE *file);
	int (*parse_ifla_xstats)(struct link_util *util, int argc, char **argv);
	int (*print_ifla_xstats)(struct nlmsghdr *n, void *arg);
};

extern struct link_util sitbroker_link_util;

int addattr_l(struct nlmsghdr *n, int size, int type, const void *data, int length)
	__attribute__((weak));
int print_color_string(enum output_type type, enum color_attr color, const char *key,
		       const char *format, const char *value) __attribute__((weak));
int print_color_uint(enum output_type type, enum color_attr color, const char *key,
		     const char *format, unsigned int value) __attribute__((weak));

static const char usage[] =
	"Usage: ... sitbroker [ local ADDRESS ] [ public ADDRESS|none ]\n"
	"                     [ ttl N ] [ tos inherit|N ]\n"
	"                     [ client-to-client allow|deny ]\n"
	"                     [ clients-max N ] [ pools-max N ]\n";

static uint32_t number(const struct rtattr *attr)
{
	uint32_t value = 0;

	memcpy(&value, RTA_DATA(attr),
	       RTA_PAYLOAD(attr) < sizeof(value) ? RTA_PAYLOAD(attr) : sizeof(value));
	return value;
}

static uint8_t octet(const struct rtattr *attr)
{
	return *(const uint8_t *)RTA_DATA(attr);
}

static void print_address(const char *key, const char *format, const struct rtattr *attr)
{
	struct in_addr address = { .s_addr = attr ? number(attr) : 0 };
	char text[INET_ADDRSTRLEN];

	if (address.s_addr)
		print_color_string(PRINT_ANY, COLOR_INET, key, format,
				   inet_ntop(AF_INET, &address, text, sizeof(text)));
}

static void print_number(const char *key, const char *format, const struct rtattr *attr)
{
	if (attr)
		print_color_uint(PRINT_ANY, COLOR_NONE, key, format, number(attr));
}

static void print_tos(struct rtattr *tb[])
{
	if (tb[IFLA_SITBROKER_TOS_INHERIT] && octet(tb[IFLA_SITBROKER_TOS_INHERIT])) {
		print_color_string(PRINT_ANY, COLOR_NONE, "tos", "tos %s ", "inherit");
	} else if (tb[IFLA_SITBROKER_TOS]) {
		/* The number in JSON is that of brokertool. */
		print_color_uint(PRINT_JSON, COLOR_NONE, "tos", NULL,
				 octet(tb[IFLA_SITBROKER_TOS]));
		print_color_uint(PRINT_FP, COLOR_NONE, NULL, "tos 0x%02x ",
				 octet(tb[IFLA_SITBROKER_TOS]));
	}
}

static void print_link(struct link_util *util, FILE *file, struct rtattr *tb[])
{
	(void)util;
	(void)file;
	if (!tb || !print_color_string || !print_color_uint)
		return;
	print_address("local", "local %s ", tb[IFLA_SITBROKER_LOCAL]);
	print_address("public", "public %s ", tb[IFLA_SITBROKER_PUBLIC]);
	if (tb[IFLA_SITBROKER_TTL])
		print_color_uint(PRINT_ANY, COLOR_NONE, "ttl", "ttl %u ",
				 octet(tb[IFLA_SITBROKER_TTL]));
	print_tos(tb);
	if (tb[IFLA_SITBROKER_ISOLATE])
		print_color_string(PRINT_ANY, COLOR_NONE, "client_to_client",
				   "client-to-client %s ",
				   octet(tb[IFLA_SITBROKER_ISOLATE]) ? "deny" : "allow");
	print_number("clients_max", "clients-max %u ", tb[IFLA_SITBROKER_CLIENTS_MAX]);
	print_number("pools_max", "pools-max %u ", tb[IFLA_SITBROKER_POOLS_MAX]);
}

static int wrong(const char *key, const char *word, const char *why)
{
	fprintf(stderr, "%s \"%s\" %s; see ip link help sitbroker\n", key, word, why);
	return -1;
}

static int put(struct nlmsghdr *n, int type, const void *data, int length)
{
	return addattr_l(n, REQUEST_SIZE, type, data, length) ? -1 : 0;
}

static int put_address(struct nlmsghdr *n, int type, const char *key, const char *word)
{
	struct in_addr address = {};

	if (strcmp(word, "none") && inet_pton(AF_INET, word, &address) != 1)
		return wrong(key, word, "is no IPv4 address");
	return put(n, type, &address, sizeof(address));
}

/* As a number of @length octets. */
static int put_number(struct nlmsghdr *n, int type, const char *key, const char *word, int length)
{
	unsigned long max = length == 1 ? UINT8_MAX : UINT32_MAX, value;
	uint32_t wide;
	uint8_t narrow;
	char *end;

	value = strtoul(word, &end, 0);
	if (*word < '0' || *word > '9' || *end || value > max)
		return wrong(key, word, length == 1 ? "is no number from 0 to 255" :
						      "is no number of 32 bits");
	wide = value;
	narrow = value;
	return put(n, type, length == 1 ? (void *)&narrow : &wide, length);
}

static int put_tos(struct nlmsghdr *n, const char *word)
{
	uint8_t inherit = !strcmp(word, "inherit");

	if (!inherit && put_number(n, IFLA_SITBROKER_TOS, "tos", word, 1))
		return -1;
	return put(n, IFLA_SITBROKER_TOS_INHERIT, &inherit, 1);
}

static int put_isolate(struct nlmsghdr *n, const char *word)
{
	uint8_t isolate = !strcmp(word, "deny");

	if (!isolate && strcmp(word, "allow"))
		return wrong("client-to-client", word, "is neither allow nor deny");
	return put(n, IFLA_SITBROKER_ISOLATE, &isolate, 1);
}

static int put_word(struct nlmsghdr *n, const char *key, const char *word)
{
	if (!strcmp(key, "local"))
		return put_address(n, IFLA_SITBROKER_LOCAL, key, word);
	if (!strcmp(key, "public"))
		return put_address(n, IFLA_SITBROKER_PUBLIC, key, word);
	if (!strcmp(key, "ttl"))
		return put_number(n, IFLA_SITBROKER_TTL, key, word, 1);
	if (!strcmp(key, "tos"))
		return put_tos(n, word);
	if (!strcmp(key, "client-to-client"))
		return put_isolate(n, word);
	if (!strcmp(key, "clients-max"))
		return put_number(n, IFLA_SITBROKER_CLIENTS_MAX, key, word, 4);
	if (!strcmp(key, "pools-max"))
		return put_number(n, IFLA_SITBROKER_POOLS_MAX, key, word, 4);
	return wrong("the word", key, "is unknown");
}

static int parse_words(struct link_util *util, int argc, char **argv, struct nlmsghdr *n)
{
	(void)util;
	if (!addattr_l)
		return wrong("type", "sitbroker", "cannot be had from this ip");
	for (; argc > 0; argc -= 2, argv += 2) {
		if (!strcmp(*argv, "help")) {
			fputs(usage, stderr);
			return -1;
		}
		if (argc < 2)
			return wrong("the word", *argv, "needs a value behind it");
		if (put_word(n, argv[0], argv[1]))
			return -1;
	}
	return 0;
}

static void print_usage(struct link_util *util, int argc, char **argv, FILE *file)
{
	(void)util;
	(void)argc;
	(void)argv;
	fputs(usage, file);
}

struct link_util sitbroker_link_util = {
	.id = "sitbroker",
	.maxattr = IFLA_SITBROKER_MAX,
	.parse_opt = parse_words,
	.print_opt = print_link,
	.print_help = print_usage,
};
