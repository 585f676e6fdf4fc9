/* SPDX-License-Identifier: GPL-2.0 */
/* Domain names: what may stand in a question and in a rule. */
#ifndef BROKERDNS_NAME_H
#define BROKERDNS_NAME_H

#include <stdbool.h>
#include <stddef.h>

#define NAME_MAX_LEN	253
#define LABEL_MAX_LEN	63
#define NAME_SIZE	(NAME_MAX_LEN + 1)

typedef char domain_name[NAME_SIZE];

/**
 * name_parse() - check a domain name, write it in lower case and without dot
 * @text: as typed or received; one final dot is allowed, "." is the root
 * @name: where it goes; the root is an empty string
 *
 * Labels of letters, digits, '-' and '_' only: nothing that means anything to
 * dnsmasq ('/', '#', '*', ',', spaces, newlines) gets through.
 *
 * Return: NULL or what is wrong with the text.
 */
const char *name_parse(const char *text, char name[NAME_SIZE]);

/* A label that nobody has registered. */
void label_random(char label[LABEL_MAX_LEN + 1]);

/* "LABEL.ZONE", also where ZONE is the root. */
void name_join(char name[NAME_SIZE], const char *label, const char *zone);

/* Is it the domain or below it? */
bool name_below(const char *name, const char *domain);

#endif /* BROKERDNS_NAME_H */
