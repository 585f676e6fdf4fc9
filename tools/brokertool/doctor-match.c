// SPDX-License-Identifier: GPL-2.0
/*
 * brokertool doctor: does a condition of a firewall's rule match a packet? There
 * are three answers: it does, it does not, nobody knows.
 */

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "doctor-rules.h"
#include "doctor.h"

static enum answer negated(enum answer answer, const char *operator)
{
	if (answer == UNKNOWN || !strcmp(operator, "==") || !strcmp(operator, "in"))
		return answer;
	return strcmp(operator, "!=") ? UNKNOWN : answer == YES ? NO : YES;
}

struct span span_of_ipv4(struct in_addr address)
{
	struct span span = { .low.s6_addr = { [10] = 0xff, 0xff } };

	memcpy(&span.low.s6_addr[12], &address, 4);
	span.high = span.low;
	return span;
}

struct span span_of_prefix(const struct prefix *prefix)
{
	struct span span = { prefix->address, prefix->address };
	unsigned int i;

	for (i = prefix->length; i < 128; i++) {
		span.low.s6_addr[i / 8] &= ~(0x80 >> i % 8);
		span.high.s6_addr[i / 8] |= 0x80 >> i % 8;
	}
	return span;
}

static bool address_parse(const char *text, struct prefix *prefix)
{
	struct in_addr ipv4;

	*prefix = (struct prefix) { .length = 128 };
	if (!text)
		return false;
	if (inet_pton(AF_INET, text, &ipv4) != 1)
		return inet_pton(AF_INET6, text, &prefix->address) == 1;
	prefix->address = span_of_ipv4(ipv4).low;
	return true;
}

/* What nft prints for addresses: one, a prefix, or a range. */
static bool span_parse(json_t *value, struct span *span)
{
	json_t *cut = json_object_get(value, "prefix"), *range = json_object_get(value, "range");
	struct prefix first, last;
	json_int_t length;

	if (range) {
		if (!address_parse(json_string_value(json_array_get(range, 0)), &first) ||
		    !address_parse(json_string_value(json_array_get(range, 1)), &last))
			return false;
		*span = (struct span) { first.address, last.address };
		return true;
	}
	if (!address_parse(cut ? text_of(cut, "addr") : json_string_value(value), &first))
		return false;
	if (cut) {
		length = number_of(cut, "len");
		if (!strchr(text_of(cut, "addr"), ':'))
			length += 96;
		if (length < 0 || length > 128)
			return false;
		first.length = length;
	}
	*span = span_of_prefix(&first);
	return true;
}

/**
 * walk_elements() - what a set or a map of a table holds
 * @walk: the walk
 * @kind: set or map
 * @name: its name, as in "@name"
 * @elements: an array, or NULL for none
 *
 * Return: is it known? What it holds may be another thing in a moment where
 * elements time out or packets add them.
 */
bool walk_elements(const struct walk *walk, const char *kind, const char *name,
		   json_t **elements)
{
	json_t *entry, *set, *flag;
	size_t i, j;

	json_array_foreach(walk->rules, i, entry) {
		set = json_object_get(entry, kind);
		if (!set || strcmp(text_of(set, "name") ?: "", name + 1) ||
		    strcmp(text_of(set, "family") ?: "", walk->family) ||
		    strcmp(text_of(set, "table") ?: "", walk->table))
			continue;
		json_array_foreach(json_object_get(set, "flags"), j, flag)
			if (!strcmp(json_string_value(flag), "dynamic") ||
			    !strcmp(json_string_value(flag), "timeout"))
				return false;
		*elements = json_object_get(set, "elem");
		return true;
	}
	return false;
}

/* The values of a set, or the value. Return: are they known? */
static bool values_of(const struct walk *walk, json_t *values, json_t **set)
{
	const char *name = json_string_value(values);

	*set = json_is_array(values) ? values : json_object_get(values, "set");
	return !name || *name != '@' || walk_elements(walk, "set", name, set);
}

static bool is_set(json_t *values)
{
	const char *name = json_string_value(values);

	return json_is_array(values) || json_object_get(values, "set") || (name && *name == '@');
}

/* Elements that time out, or count, have more around them. */
static json_t *element(json_t *value)
{
	return json_object_get(json_object_get(value, "elem"), "val") ?: value;
}

typedef enum answer (*same_value)(json_t *value, const void *arg);

/* Is it the value, or one of a set? */
static enum answer among(const struct walk *walk, json_t *values, same_value same, const void *arg)
{
	enum answer answer = NO, one;
	json_t *set, *value;
	size_t i;

	if (!values_of(walk, values, &set))
		return UNKNOWN;
	if (!is_set(values))
		return same(values, arg);
	json_array_foreach(set, i, value) {
		one = same(element(value), arg);
		if (one == YES)
			return YES;
		if (one == UNKNOWN)
			answer = UNKNOWN;
	}
	return answer;
}

static enum answer same_device(json_t *value, const void *arg)
{
	const char *pattern = json_string_value(value), *device = arg;
	size_t length;

	if (!pattern || !*device)
		return UNKNOWN;
	length = strlen(pattern);
	if (length && pattern[length - 1] == '*')
		return strncmp(device, pattern, length - 1) ? NO : YES;
	return strcmp(device, pattern) ? NO : YES;
}

static enum answer same_protocol(json_t *value, const void *arg)
{
	int protocol = *(const int *)arg;
	const char *name = json_string_value(value);

	if (!protocol)
		return UNKNOWN;
	if (json_is_integer(value))
		return json_integer_value(value) == protocol ? YES : NO;
	if (!name)
		return UNKNOWN;
	if (protocol == IPPROTO_ICMPV6)
		return strcmp(name, "ipv6-icmp") && strcmp(name, "icmpv6") ? NO : YES;
	return strcmp(name, "ipv6") ? NO : YES;
}

static enum answer same_family(json_t *value, const void *arg)
{
	const char *name = json_string_value(value);

	if (!name)
		return UNKNOWN;
	/* As nfproto has them, or as protocol has. */
	if (!strcmp(name, "ipv4") || !strcmp(name, "ip"))
		return strcmp(arg, "ip") ? NO : YES;
	return strcmp(name, "ipv6") && strcmp(name, "ip6") ? NO : strcmp(arg, "ip6") ? NO : YES;
}

/* States of connections, types of addresses. */
static enum answer same_word(json_t *value, const void *arg)
{
	const char *name = json_string_value(value);

	return name ? strcmp(name, arg) ? NO : YES : UNKNOWN;
}

/* Are all addresses of a span among those of another, or none? */
static enum answer span_answer(const struct span *wanted, const struct span *span)
{
	if (memcmp(&span->high, &wanted->low, 16) < 0 || memcmp(&wanted->high, &span->low, 16) < 0)
		return NO;
	return memcmp(&span->low, &wanted->low, 16) <= 0 &&
	       memcmp(&wanted->high, &span->high, 16) <= 0 ? YES : UNKNOWN;
}

static void compare_spans(json_t *value, const struct spans *spans, enum answer *answers)
{
	struct span span;
	bool known = span_parse(value, &span);
	enum answer one;
	size_t i;

	for (i = 0; i < spans->n; i++) {
		one = known ? span_answer(&spans->list[i], &span) : UNKNOWN;
		if (one == YES || answers[i] == NO)
			answers[i] = one;
	}
}

/* Is each of these addresses the value, or one of a set? Or none of them? */
static enum answer spans_answer(const struct walk *walk, json_t *values, const struct spans *spans)
{
	enum answer *answers, answer;
	json_t *set, *value;
	size_t i;

	if (!spans->n || !values_of(walk, values, &set))
		return UNKNOWN;
	answers = calloc(spans->n, sizeof(*answers));
	if (!answers)
		abort();
	if (!is_set(values))
		compare_spans(values, spans, answers);
	json_array_foreach(set, i, value)
		compare_spans(element(value), spans, answers);
	answer = answers[0];
	for (i = 1; i < spans->n; i++)
		if (answers[i] != answer)
			answer = UNKNOWN;
	free(answers);
	return answer;
}

/* A field of a header. @named: as in match_answer() */
static enum answer payload_answer(const struct walk *walk, json_t *payload, json_t *right,
				  bool *named)
{
	const struct packet *packet = walk->packet;
	const char *protocol = text_of(payload, "protocol") ?: "";
	const char *field = text_of(payload, "field") ?: "";
	bool source = !strcmp(field, "saddr");

	if (!strcmp(protocol, "ip") && !strcmp(field, "protocol")) {
		*named = true;
		return strcmp(packet->family, "ip") ? NO :
		       among(walk, right, same_protocol, &packet->protocol);
	}
	if (!strcmp(protocol, "ip") || !strcmp(protocol, "ip6")) {
		if (strcmp(protocol, packet->family))
			return NO;
		if (!strcmp(field, "nexthdr"))
			return among(walk, right, same_protocol, &packet->protocol);
		if (!source && strcmp(field, "daddr"))
			return UNKNOWN;
		/* The end where clients are. */
		*named = source != packet->reply;
		return spans_answer(walk, right, source ? &packet->source : &packet->destination);
	}
	if (!*protocol || !strcmp(protocol, "ether") || !strcmp(protocol, "vlan"))
		return UNKNOWN;
	if (!strcmp(protocol, "icmpv6") && packet->protocol == IPPROTO_ICMPV6)
		return strcmp(field, "type") ? UNKNOWN :
		       among(walk, right, same_word, "packet-too-big");
	/* A port of TCP and the like. */
	return packet->protocol ? NO : UNKNOWN;
}

static enum answer device_answer(const struct walk *walk, const char *device, json_t *right,
				 bool *named)
{
	*named = walk->packet->tunnel && !strcmp(device, walk->packet->tunnel);
	return among(walk, right, same_device, device);
}

static enum answer left_answer(const struct walk *walk, json_t *left, json_t *right, bool *named)
{
	json_t *payload = json_object_get(left, "payload"), *fib = json_object_get(left, "fib");
	const char *key = text_of(json_object_get(left, "meta"), "key") ?: "";
	const char *ct = text_of(json_object_get(left, "ct"), "key") ?: "";
	const struct packet *packet = walk->packet;
	json_t *flags = json_object_get(fib, "flags");

	if (!strcmp(key, "iifname") || !strcmp(key, "iif"))
		return device_answer(walk, packet->iif, right, named);
	if (!strcmp(key, "oifname") || !strcmp(key, "oif"))
		return device_answer(walk, packet->oif, right, named);
	if (!strcmp(key, "nfproto") || !strcmp(key, "protocol"))
		return among(walk, right, same_family, packet->family);
	if (!strcmp(key, "pkttype") && !packet->reply)
		return among(walk, right, same_word, "host");
	if (!strcmp(key, "l4proto")) {
		*named = true;
		return among(walk, right, same_protocol, &packet->protocol);
	}
	if (!strcmp(ct, "state"))
		return among(walk, right, same_word,
			     packet->protocol == IPPROTO_ICMPV6 ? "related" :
			     packet->reply ? "established" : "new");
	/* Whose addresses nobody changes. */
	if (!strcmp(ct, "status") && !walk->rewrites && json_is_string(right) &&
	    (!strcmp(json_string_value(right), "dnat") ||
	     !strcmp(json_string_value(right), "snat")))
		return NO;
	if (!strcmp(text_of(fib, "result") ?: "", "type") && json_array_size(flags) == 1 &&
	    !strcmp(json_string_value(json_array_get(flags, 0)), "daddr"))
		return among(walk, right, same_word, packet->local ? "local" : "unicast");
	return payload ? payload_answer(walk, payload, right, named) : UNKNOWN;
}

/**
 * match_answer() - does a condition match?
 * @walk: the walk, with the packet
 * @match: the condition
 * @named: set where it does, and means the tunnel: not by chance
 *
 * Return: the answer.
 */
enum answer match_answer(const struct walk *walk, json_t *match, bool *named)
{
	const char *operator = text_of(match, "op") ?: "?";
	bool means = false;
	enum answer answer;

	answer = negated(left_answer(walk, json_object_get(match, "left"),
				     json_object_get(match, "right"), &means), operator);
	*named |= means && answer == YES && strcmp(operator, "!=");
	return answer;
}
