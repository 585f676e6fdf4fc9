// SPDX-License-Identifier: GPL-2.0
/* Rules of dnsmasq: written, and checked as if somebody else had written them. */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/table.h"
#include "name.h"
#include "rules.h"

#define LINE_SIZE	1024

static void append(struct rules *rules, const char *line)
{
	size_t length = strlen(line);

	rules->text = must(realloc(rules->text, rules->size + length + 2));
	memcpy(rules->text + rules->size, line, length);
	rules->text[rules->size + length] = '\n';
	rules->text[rules->size + length + 1] = '\0';
	rules->size += length + 1;
}

/* Whatever made it, it does not get any further. */
static void refuse_line(void)
{
	fputs("brokerdns: a rule would not mean what it should; nothing is written\n", stderr);
	abort();
}

__attribute__((format(printf, 3, 4)))
static void add(struct rules *rules, bool (*check)(const char *line), const char *format, ...)
{
	char line[LINE_SIZE];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (n < 0 || n >= (int)sizeof(line) || *line == '#' || !check(line))
		refuse_line();
	append(rules, line);
	rules->n++;
}

void rules_comment(struct rules *rules, const char *format, ...)
{
	char line[LINE_SIZE] = "# ", *c;
	va_list args;

	va_start(args, format);
	vsnprintf(line + 2, sizeof(line) - 2, format, args);
	va_end(args);
	for (c = line; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	append(rules, line);
}

void rules_bogus(struct rules *rules, const struct network *network)
{
	char text[NETWORK_STRLEN];

	add(rules, rule_check, "bogus-nxdomain=%s", network_text(network, text));
}

void rules_ignore(struct rules *rules, const struct network *network)
{
	char text[NETWORK_STRLEN];

	add(rules, rule_check, "ignore-address=%s", network_text(network, text));
}

void rules_server(struct rules *rules, const char *domain, const struct resolver *resolver)
{
	add(rules, rule_check, "server=/%s/%s", domain, resolver->text);
}

void rules_reverse(struct rules *rules, const struct network *network, const struct ip *server)
{
	char text[NETWORK_STRLEN], address[INET6_ADDRSTRLEN];

	add(rules, rule_check, "rev-server=%s,%s", network_text(network, text),
	    ip_text(server, address));
}

void rules_path(struct rules *rules, const char *option, const char *path)
{
	add(rules, rule_check, "%s=%s", option, path);
}

void rules_local(struct rules *rules, const char *domain)
{
	add(rules, rule_check, "local=/%s/", domain);
}

void rules_host(struct rules *rules, const struct ip *ip, const char *name)
{
	char text[INET6_ADDRSTRLEN];

	add(rules, host_check, "%s %s", ip_text(ip, text), name);
}

/* uTorrent's form, which has both families. */
static bool range_check(const char *line)
{
	return strspn(line, "0123456789abcdef.:[]-") == strlen(line);
}

void rules_range(struct rules *rules, const struct network *network)
{
	char first[INET6_ADDRSTRLEN], last[INET6_ADDRSTRLEN];
	bool six = network->ip.family == AF_INET6;
	struct ip end = network_last(network);

	ip_text(&network->ip, first);
	ip_text(&end, last);
	if (ip_equal(&network->ip, &end))
		add(rules, range_check, "%s%s%s", six ? "[" : "", first, six ? "]" : "");
	else
		add(rules, range_check, six ? "[%s]-[%s]" : "%s-%s", first, last);
}

void rules_append(struct rules *rules, const struct rules *other)
{
	if (!other->size)
		return;
	rules->text = must(realloc(rules->text, rules->size + other->size + 1));
	memcpy(rules->text + rules->size, other->text, other->size + 1);
	rules->size += other->size;
	rules->n += other->n;
}

void rules_clear(struct rules *rules)
{
	free(rules->text);
	*rules = (struct rules) {};
}

static bool network_check(const char *value)
{
	struct network network;
	char text[NETWORK_STRLEN];

	/* As it is written, and in no other way that may mean something else. */
	return !network_parse(value, &network) && !strcmp(network_text(&network, text), value);
}

static bool address_check(const char *value)
{
	struct resolver resolver;

	return !resolver_parse(value, &resolver) && !strcmp(resolver.text, value);
}

static bool path_check(const char *value)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-";

	return *value == '/' && !strstr(value, "..") && strspn(value, letters) == strlen(value);
}

/* "/domain/" and what is behind it; NULL where that is no domain. */
static const char *domain_end(const char *value)
{
	const char *end = *value == '/' ? strchr(value + 1, '/') : NULL;
	char domain[NAME_SIZE + 1], name[NAME_SIZE];

	if (!end || end - value > NAME_MAX_LEN)
		return NULL;
	snprintf(domain, sizeof(domain), "%.*s", (int)(end - value - 1), value + 1);
	return !name_parse(domain, name) && *name && !strcmp(domain, name) ? end + 1 : NULL;
}

/* "/domain/resolver" */
static bool server_check(const char *value)
{
	const char *resolver = domain_end(value);

	return resolver && address_check(resolver);
}

/* "/domain/" */
static bool local_check(const char *value)
{
	const char *rest = domain_end(value);

	return rest && !*rest;
}

/* "network,address" */
static bool reverse_check(const char *value)
{
	const char *comma = strchr(value, ',');
	char network[NETWORK_STRLEN];
	struct ip ip;

	if (!comma || comma - value >= (long)sizeof(network))
		return false;
	snprintf(network, sizeof(network), "%.*s", (int)(comma - value), value);
	return network_check(network) && ip_parse(comma + 1, &ip);
}

static const struct {
	const char *option;
	bool (*check)(const char *value);
} options[] = {
	{ "bogus-nxdomain", network_check },
	{ "ignore-address", network_check },
	{ "server", server_check },
	{ "local", local_check },
	{ "rev-server", reverse_check },
	{ "servers-file", path_check },
	{ "hostsdir", path_check },
};

bool rule_check(const char *line)
{
	const char *equals = strchr(line, '=');
	size_t i;

	for (i = 0; line[i]; i++)
		if (line[i] < ' ' || line[i] > '~')
			return false;
	if (!*line || *line == '#')
		return true;
	for (i = 0; equals && i < sizeof(options) / sizeof(*options); i++)
		if (strlen(options[i].option) == (size_t)(equals - line) &&
		    !strncmp(options[i].option, line, equals - line))
			return options[i].check(equals + 1);
	return false;
}

bool host_check(const char *line)
{
	const char *space = strchr(line, ' ');
	char address[INET6_ADDRSTRLEN], name[NAME_SIZE];
	struct ip ip;

	if (*line == '#')
		return strspn(line, "\r\n") == 0 && rule_check(line);
	if (!space || space - line >= (long)sizeof(address))
		return false;
	snprintf(address, sizeof(address), "%.*s", (int)(space - line), line);
	return ip_parse(address, &ip) && !name_parse(space + 1, name) && *name &&
	       !strcmp(name, space + 1);
}

unsigned int rules_check(const char *text)
{
	char line[LINE_SIZE];
	unsigned int number;
	const char *end;

	for (number = 1; *text; number++, text = end + 1) {
		end = strchr(text, '\n');
		if (!end || end - text >= (long)sizeof(line))
			return number;
		memcpy(line, text, end - text);
		line[end - text] = '\0';
		if (!rule_check(line))
			return number;
	}
	return 0;
}
