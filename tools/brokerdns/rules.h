/* SPDX-License-Identifier: GPL-2.0 */
/* Rules of dnsmasq: written, and checked as if somebody else had written them. */
#ifndef BROKERDNS_RULES_H
#define BROKERDNS_RULES_H

#include "ip.h"
#include "resolver.h"

/**
 * struct rules - lines of a file
 * @text: they, each with its newline; NULL while there is none
 * @size: length of @text
 * @n: number of rules among them, comments aside
 */
struct rules {
	char *text;
	size_t size;
	unsigned int n;
};

/* All of these end the program rather than write what rule_check() refuses. */
__attribute__((format(printf, 2, 3)))
void rules_comment(struct rules *rules, const char *format, ...);
void rules_bogus(struct rules *rules, const struct network *network);
void rules_ignore(struct rules *rules, const struct network *network);
void rules_server(struct rules *rules, const char *domain, const struct resolver *resolver);
void rules_reverse(struct rules *rules, const struct network *network, const struct ip *server);
/* Names below it are ours alone: nobody else is asked. */
void rules_local(struct rules *rules, const char *domain);
void rules_path(struct rules *rules, const char *option, const char *path);
void rules_host(struct rules *rules, const struct ip *ip, const char *name);
void rules_range(struct rules *rules, const struct network *network);

void rules_append(struct rules *rules, const struct rules *other);
void rules_clear(struct rules *rules);

/**
 * rule_check() - is this line one that brokerdns writes?
 * @line: without a newline
 *
 * A comment, an empty line, or one of the options it knows with a value that
 * means what it seems to: no other option, no second line, no name or address
 * that is none.
 */
bool rule_check(const char *line);
/* Every line of a text. Return: the first that is wrong, from 1, or 0. */
unsigned int rules_check(const char *text);
/* The same for lines of a hosts file. */
bool host_check(const char *line);

#endif /* BROKERDNS_RULES_H */
