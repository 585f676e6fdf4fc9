// SPDX-License-Identifier: GPL-2.0
/* Domain names: what may stand in a question and in a rule. */

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "name.h"

/* Enough that no two runs ever meet, short enough for "www." and a long zone. */
#define RANDOM_LEN	16

const char *name_parse(const char *text, char name[NAME_SIZE])
{
	size_t length = strlen(text), label = 0, i;
	unsigned char c;

	if (!strcmp(text, ".")) {
		*name = '\0';
		return NULL;
	}
	if (length && text[length - 1] == '.')
		length--;
	if (!length)
		return "is no domain name";
	if (length > NAME_MAX_LEN)
		return "is longer than the 253 characters of a domain name";
	for (i = 0; i < length; i++) {
		c = text[i];
		if (c == '.') {
			if (!label)
				return "has an empty label";
			if (text[i - 1] == '-')
				return "has a label that ends with '-'";
			label = 0;
		} else if (c & 0x80) {
			return "is not ASCII; give the form that begins with xn--";
		} else if (!isalnum(c) && c != '_' && (c != '-' || !label)) {
			return "is no domain name: labels are letters, digits, '-' and '_'";
		} else if (++label > LABEL_MAX_LEN) {
			return "has a label longer than 63 characters";
		}
		name[i] = tolower(c);
	}
	if (text[length - 1] == '-')
		return "has a label that ends with '-'";
	name[length] = '\0';
	return NULL;
}

void label_random(char label[LABEL_MAX_LEN + 1])
{
	/* No digits: some who lie leave names alone that look made up. */
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
	uint8_t bytes[RANDOM_LEN];
	size_t i;

	while (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		;
	for (i = 0; i < sizeof(bytes); i++)
		label[i] = letters[bytes[i] % 26];
	label[i] = '\0';
}

void name_join(char name[NAME_SIZE], const char *label, const char *zone)
{
	snprintf(name, NAME_SIZE, "%s%s%s", label, *zone ? "." : "", zone);
}

bool name_below(const char *name, const char *domain)
{
	size_t a = strlen(name), b = strlen(domain);

	if (!b)
		return true;
	return a >= b && !strcasecmp(name + a - b, domain) &&
	       (a == b || name[a - b - 1] == '.');
}
