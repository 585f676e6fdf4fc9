// SPDX-License-Identifier: GPL-2.0
/* brokertool client config: what a client's user types, or puts into files. */

#include <arpa/inet.h>
#include <errno.h>
#include <linux/sitbroker.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/words.h"
#include "brokertool.h"
#include "format.h"

/* They stand where something is not known. */
#define CLIENT_PLACEHOLDER	"CLIENT-IPV4-ADDRESS"
#define SERVER_PLACEHOLDER	"SERVER-IPV4-ADDRESS"

/* What a 6in4 tunnel carries where 1500 bytes fit outside; every system knows that. */
#define MTU_FULL	1480

/* IPv6 and TCP headers. */
#define MSS_OVERHEAD	60

static const char *string(json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static void field_set(json_t *fields, const char *name, const char *value)
{
	json_object_set_new(fields, name, json_string(value));
}

/* The first /64 of the first routed prefix that has one is for the LAN. */
static void lan_fields(json_t *fields, json_t *routed)
{
	char text[INET6_ADDRSTRLEN], with_length[PREFIX_STRLEN];
	struct prefix prefix;
	json_t *each;
	size_t i;

	json_array_foreach(routed, i, each) {
		if (prefix_parse(json_string_value(each), &prefix) || prefix.length > 64)
			continue;
		prefix.length = 64;
		field_set(fields, "LAN", prefix_text(&prefix, with_length));
		field_set(fields, "LANNET", ipv6_text(&prefix.address, text));
		prefix.address.s6_addr[15] = 1;
		field_set(fields, "LAN6", ipv6_text(&prefix.address, text));
		return;
	}
}

/**
 * client_fields() - what is put into forms
 * @client: as in client_json()
 * @local: the address that its host has behind a NAT, or NULL
 *
 * Return: NAME, SERVER4, CLIENT4 (both perhaps placeholders), SERVER6, CLIENT6,
 * MTU, MSS, ROUTED (a list, perhaps empty); MTULOW, the same as MTU, where that is
 * below 1480; LOCAL where @local is given; LAN, LANNET (without its length), LAN6
 * (the first address) where there is a /64.
 */
json_t *client_fields(json_t *client, const char *local)
{
	json_int_t mtu = json_integer_value(json_object_get(client, "mtu"));
	json_t *routed = json_object_get(client, "routed");
	json_t *fields = json_object();
	char number[24];

	field_set(fields, "NAME", string(client, "name"));
	field_set(fields, "SERVER4", string(client, "server_ipv4") ?: SERVER_PLACEHOLDER);
	field_set(fields, "CLIENT4", local ?: string(client, "endpoint") ?: CLIENT_PLACEHOLDER);
	field_set(fields, "SERVER6", string(client, "server_ipv6"));
	field_set(fields, "CLIENT6", string(client, "client_ipv6"));
	snprintf(number, sizeof(number), "%lld", (long long)mtu);
	field_set(fields, "MTU", number);
	if (mtu < MTU_FULL)
		field_set(fields, "MTULOW", number);
	snprintf(number, sizeof(number), "%lld", (long long)mtu - MSS_OVERHEAD);
	field_set(fields, "MSS", number);
	json_object_set(fields, "ROUTED", routed);
	if (local)
		field_set(fields, "LOCAL", local);
	lan_fields(fields, routed);
	return fields;
}

static int formats_list(const struct broker *broker)
{
	static const char *const columns[] = { "FORMAT", "FOR", NULL };
	const struct format *format;
	struct table *table = NULL;
	char *about;

	if (broker->json)
		json_begin(broker);
	else
		table = table_new(broker, columns);
	for (format = formats; format->name; format++) {
		about = format_word(format, "about");
		if (broker->json)
			json_item(broker, json_pack("{s:s,s:s?}", "format", format->name, "about",
						    about));
		else
			table_row(table, false, (const char *[]) { format->name, about });
		free(about);
	}
	if (broker->json)
		json_end(broker);
	else
		table_print(table);
	return EXIT_OK;
}

/* The form of that name, abbreviated or not. NULL after a complaint. */
static const struct format *format_find(const struct broker *broker, const char *word)
{
	char complaint[480];
	const char **names;
	size_t n = 0, i;
	int which;

	while (formats[n].name)
		n++;
	names = must(calloc(n + 1, sizeof(*names)));
	for (i = 0; i < n; i++)
		names[i] = formats[i].name;
	which = word_match(word, names, "format", complaint, sizeof(complaint));
	free(names);
	if (which < 0)
		usage_error(broker, "%s", complaint);
	return which < 0 ? NULL : &formats[which];
}

/**
 * struct config_request - what is asked for
 * @format: the form
 * @local: the address of the client's host behind a NAT, or NULL
 * @code: exit code
 */
struct config_request {
	const struct format *format;
	const char *local;
	int code;
};

/* People need to know which text belongs where. Several files are told apart by a comment. */
static void files_print(json_t *files)
{
	json_t *file;
	size_t i;

	json_array_foreach(files, i, file) {
		if (i)
			putchar('\n');
		if (string(file, "path"))
			printf("# %s\n", string(file, "path"));
		fputs(string(file, "text"), stdout);
	}
}

/* What the reader has to fill in is said beside the text, not only in it. */
static void note_placeholders(const struct broker *broker, json_t *client, const char *local)
{
	const char *name = string(client, "name");

	if (broker->quiet)
		return;
	if (!string(client, "endpoint") && !local)
		fprintf(stderr,
			"brokertool: client \"%s\" has no endpoint yet: its IPv4 address belongs where %s stands; brokertool client set %s endpoint ADDRESS\n",
			name, CLIENT_PLACEHOLDER, name);
	if (!string(client, "server_ipv4"))
		fprintf(stderr,
			"brokertool: link %s has no local address: it belongs where %s stands; brokertool link set %s local ADDRESS\n",
			string(client, "link"), SERVER_PLACEHOLDER, string(client, "link"));
}

/* Print the configuration. Return: exit code, after a complaint. */
static int config_print(struct broker *broker, const struct config_request *request,
			json_t *client)
{
	json_t *fields = client_fields(client, request->local);
	char *needs = format_word(request->format, "needs");
	json_t *files = NULL;
	int code = EXIT_OK;

	if (needs && !json_object_get(fields, needs))
		code = refuse(broker, ENODATA,
			      "client \"%s\" has no routed prefix of /64 or shorter for a LAN, which %s needs; add the client again with a routed pool that is cut into /64s",
			      string(client, "name"), request->format->name);
	else
		files = format_fill(request->format, fields);
	if (!files && !code)
		code = refuse(broker, EINVAL,
			      "format %s wants to know what is not known of client \"%s\"; please report this",
			      request->format->name, string(client, "name"));
	free(needs);
	json_decref(fields);
	if (!files)
		return code;
	note_placeholders(broker, client, request->local);
	if (broker->json) {
		json_item(broker, json_pack("{s:s,s:O}", "format", request->format->name, "files",
					    files));
	} else {
		files_print(files);
	}
	json_decref(files);
	return code;
}

static int config_client(struct broker *broker, const struct item *item, void *arg)
{
	struct config_request *request = arg;
	struct link_info link;
	json_t *client;

	if (link_info_get(broker, item->ifindex, &link)) {
		request->code = refused(broker, NULL);
		return 0;
	}
	client = client_json(item, &link);
	request->code = config_print(broker, request, client);
	json_decref(client);
	return 0;
}

/* client config NAME [format F] [local A] [dev LINK]. Return: exit code. */
int client_config(struct broker *broker, struct words *words)
{
	static const char *const keys[] = { "format", "local", "dev", NULL };
	struct config_request request = {};
	const char *name, *word = "iproute2";
	struct in_addr address;
	char local[INET_ADDRSTRLEN];
	uint32_t ifindex = 0;
	int code, err;

	if (value_next(broker, words, "client config", &name))
		return EXIT_USAGE;
	while (words->argc) {
		switch (key_parse(broker, words, keys)) {
		case 0:
			if (value_next(broker, words, "format", &word))
				return EXIT_USAGE;
			break;
		case 1:
			if (ipv4_next(broker, words, "local", &address))
				return EXIT_USAGE;
			if (!ipv4_is_host(address))
				return word_error(broker, "local", ipv4_text(address, local),
						  "is no address of a host; give the client's own, behind its NAT");
			request.local = ipv4_text(address, local);
			break;
		case 2:
			code = device_next(broker, words, "dev", &ifindex);
			if (code)
				return code;
			break;
		default:
			return EXIT_USAGE;
		}
	}
	if (!strcmp(word, "list"))
		return formats_list(broker);
	request.format = format_find(broker, word);
	if (!request.format)
		return EXIT_USAGE;
	if (broker->json)
		json_begin(broker);
	err = items_visit(broker, client_get_message(name, ifindex), SITBROKER_A_CLIENT,
			  config_client, &request);
	if (broker->json)
		json_end(broker);
	if (!err)
		return request.code;
	refused(broker, NULL);
	return err == -ENOENT ? EXIT_NOT_FOUND : EXIT_REFUSED;
}
