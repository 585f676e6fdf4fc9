// SPDX-License-Identifier: GPL-2.0
/* Resolvers: who is asked. */

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "../lib/address.h"
#include "resolver.h"

#define INTERFACE_LETTERS	\
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"

const char *resolver_parse(const char *text, struct resolver *resolver)
{
	const char *hash = strchr(text, '#'), *percent = strchr(text, '%');
	char address[INET6_ADDRSTRLEN], interface[IF_NAMESIZE] = "", port[8] = "";
	unsigned long number = 53;
	size_t length = strcspn(text, "%#");

	*resolver = (struct resolver) {};
	if (length >= sizeof(address))
		return "is no address; give one such as 192.0.2.53 or 192.0.2.53#5353";
	snprintf(address, sizeof(address), "%.*s", (int)length, text);
	if (!ip_parse(address, &resolver->ip))
		return "is no address; give one such as 192.0.2.53 or 192.0.2.53#5353";
	if (hash && number_parse(hash + 1, 1, 65535, &number))
		return "has no port from 1 to 65535 behind the '#'";
	if (percent && (!hash || percent < hash)) {
		length = strcspn(percent + 1, "#");
		if (length < sizeof(interface))
			snprintf(interface, sizeof(interface), "%.*s", (int)length, percent + 1);
		/* An interface may be called anything, also what means something to dnsmasq. */
		if (strspn(interface, INTERFACE_LETTERS) == strlen(interface))
			resolver->scope = if_nametoindex(interface);
		if (!resolver->scope || resolver->ip.bytes[0] != 0xfe ||
		    (resolver->ip.bytes[1] & 0xc0) != 0x80)
			return "has a '%', which goes between a link-local address and a device";
	}
	resolver->port = number;
	if (number != 53)
		snprintf(port, sizeof(port), "#%lu", number);
	ip_text(&resolver->ip, address);
	snprintf(resolver->text, sizeof(resolver->text), "%s%s%s%s", address,
		 resolver->scope ? "%" : "", resolver->scope ? interface : "", port);
	return NULL;
}

bool resolver_list_add(struct resolver_list *list, const struct resolver *resolver)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (!strcmp(list->items[i].text, resolver->text))
			return true;
	if (list->n == RESOLVERS_MAX)
		return false;
	list->items[list->n++] = *resolver;
	return true;
}

static void search_read(struct resolv_conf *conf, char *words)
{
	char *state, *word;

	/* The last line counts. */
	conf->n_search = 0;
	for (word = strtok_r(words, " \t\r\n", &state); word && conf->n_search < SEARCH_MAX;
	     word = strtok_r(NULL, " \t\r\n", &state))
		if (!name_parse(word, conf->search[conf->n_search]) &&
		    *conf->search[conf->n_search])
			conf->n_search++;
}

int resolv_conf_read(const char *path, struct resolv_conf *conf)
{
	FILE *file = fopen(path, "re");
	struct resolver resolver;
	char line[1024], *words, *state;

	if (!file)
		return -errno;
	while (fgets(line, sizeof(line), file)) {
		words = strtok_r(line, " \t\r\n", &state);
		if (!words)
			continue;
		if (!strcmp(words, "nameserver")) {
			words = strtok_r(NULL, " \t\r\n", &state);
			if (words && !resolver_parse(words, &resolver))
				resolver_list_add(&conf->resolvers, &resolver);
		} else if (!strcmp(words, "search") || !strcmp(words, "domain")) {
			search_read(conf, state);
		}
	}
	fclose(file);
	return 0;
}
