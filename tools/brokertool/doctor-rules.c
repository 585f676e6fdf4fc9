// SPDX-License-Identifier: GPL-2.0
/*
 * brokertool doctor: a walk through the rules of a firewall, as a packet would
 * take it.
 *
 * Rules of which nobody knows are passed over, unless they accept and name the
 * tunnel: whoever wrote that has thought of it. What would become of the packet
 * if they matched is kept, too: where it may be accepted, nothing is certain.
 */

#include <string.h>

#include "doctor-rules.h"
#include "doctor.h"

/* Chains that jump in a circle are refused by the kernel; this is for strange listings. */
#define DEPTH_MAX	16

enum verdict { ACCEPTED, DROPPED, GOES_ON, RETURNED };

#define BIT(n)		(1U << (n))

/* Accepted by who has thought of it. */
#define MEANT		BIT(RETURNED + 1)

/**
 * struct fate - what becomes of a packet
 * @verdict: where rules of which nobody knows are passed over
 * @possible: all that may become of it, a bit each
 */
struct fate {
	enum verdict verdict;
	unsigned int possible;
};

static struct fate certainly(enum verdict verdict)
{
	return (struct fate) { verdict, BIT(verdict) };
}

static struct fate chain_fate(struct walk *walk, const char *chain, unsigned int depth);

/*
 * Where one expression of a rule decides. @answer: does the packet get there?
 * @named: the rule means it
 */
static struct fate decision(struct walk *walk, const char *key, json_t *target,
			    enum answer answer, bool named, unsigned int depth)
{
	struct fate fate = certainly(GOES_ON);

	/* Some program accepts it, or drops it. */
	if (!strcmp(key, "accept") || !strcmp(key, "queue"))
		fate = certainly(ACCEPTED);
	else if (!strcmp(key, "drop") || !strcmp(key, "reject"))
		fate = certainly(DROPPED);
	else if (!strcmp(key, "return"))
		fate = certainly(RETURNED);
	else if (!strcmp(key, "jump") || !strcmp(key, "goto"))
		fate = chain_fate(walk, text_of(target, "target"), depth + 1);
	if (!strcmp(key, "goto") && fate.possible & BIT(GOES_ON)) {
		fate.possible = (fate.possible & ~BIT(GOES_ON)) | BIT(RETURNED);
		if (fate.verdict == GOES_ON)
			fate.verdict = RETURNED;
	}
	if (named && fate.possible & BIT(ACCEPTED))
		fate.possible |= MEANT;
	if (answer == YES)
		return fate;
	fate.possible |= BIT(GOES_ON);
	if (!named || fate.verdict != ACCEPTED)
		fate.verdict = GOES_ON;
	return fate;
}

static struct fate map_fate(struct walk *walk, json_t *map, enum answer answer, bool named,
			    unsigned int depth)
{
	json_t *data = json_object_get(map, "data"), *pairs, *pair, *match;
	struct fate fate = { .verdict = GOES_ON }, one;
	enum answer matches;
	bool means;
	void *decided;
	size_t i;

	pairs = json_object_get(data, "set");
	if (json_is_string(data) &&
	    !walk_elements(walk, "map", json_string_value(data), &pairs)) {
		fate.possible = BIT(ACCEPTED) | BIT(DROPPED) | BIT(GOES_ON);
		return fate;
	}
	json_array_foreach(pairs, i, pair) {
		means = named;
		match = json_pack("{s:s,s:O,s:O}", "op", "==", "left", json_object_get(map, "key"),
				  "right", json_array_get(pair, 0));
		matches = match ? match_answer(walk, match, &means) : UNKNOWN;
		json_decref(match);
		decided = json_object_iter(json_array_get(pair, 1));
		if (matches == NO || !decided)
			continue;
		one = decision(walk, json_object_iter_key(decided),
			       json_object_iter_value(decided),
			       matches == YES ? answer : UNKNOWN, means, depth);
		if (matches == YES) {
			one.possible |= fate.possible;
			return one;
		}
		/* Whether it goes on, those behind say. */
		fate.possible |= one.possible & ~BIT(GOES_ON);
		if (one.verdict != GOES_ON)
			fate.verdict = one.verdict;
	}
	fate.possible |= BIT(GOES_ON);
	return fate;
}

static bool says_nothing(const char *key)
{
	static const char *const words[] = {
		"counter", "log", "comment", "mangle", "notrack", "flow",
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strcmp(key, words[i]))
			return true;
	return false;
}

static bool decides(const char *key)
{
	static const char *const words[] = {
		"accept", "queue", "drop", "reject", "return", "jump", "goto", "vmap",
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strcmp(key, words[i]))
			return true;
	return false;
}

/* What a rule does with the packet. */
static struct fate rule_fate(struct walk *walk, json_t *rule, unsigned int depth)
{
	enum answer answer = YES, one;
	json_t *expression, *target;
	bool named = false;
	const char *key;
	size_t i;

	json_array_foreach(json_object_get(rule, "expr"), i, expression) {
		json_object_foreach(expression, key, target) {
			if (!strcmp(key, "match")) {
				one = match_answer(walk, target, &named);
				if (one == NO)
					return certainly(GOES_ON);
				if (one == UNKNOWN)
					answer = UNKNOWN;
			} else if (!strcmp(key, "vmap")) {
				return map_fate(walk, target, answer, named, depth);
			} else if (decides(key)) {
				return decision(walk, key, target, answer, named, depth);
			} else if (!says_nothing(key)) {
				/* A limit, an extension of iptables. */
				answer = UNKNOWN;
			}
		}
	}
	return certainly(GOES_ON);
}

static struct fate chain_fate(struct walk *walk, const char *chain, unsigned int depth)
{
	struct fate fate = { .verdict = GOES_ON }, one;
	json_t *entry, *rule;
	bool decided = false;
	size_t i;

	if (!chain || depth > DEPTH_MAX)
		return certainly(GOES_ON);
	json_array_foreach(walk->rules, i, entry) {
		rule = json_object_get(entry, "rule");
		if (!rule || strcmp(text_of(rule, "family"), walk->family) ||
		    strcmp(text_of(rule, "table"), walk->table) ||
		    strcmp(text_of(rule, "chain"), chain))
			continue;
		one = rule_fate(walk, rule, depth);
		if (!decided && one.verdict != GOES_ON) {
			fate.verdict = one.verdict == RETURNED ? GOES_ON : one.verdict;
			decided = true;
		}
		fate.possible |= one.possible & ~(BIT(GOES_ON) | BIT(RETURNED));
		/* It comes back to whoever jumped here. */
		if (one.possible & BIT(RETURNED))
			fate.possible |= BIT(GOES_ON);
		if (!(one.possible & BIT(GOES_ON)))
			return fate;
	}
	fate.possible |= BIT(GOES_ON);
	return fate;
}

/* Of one device, or of several. */
static bool is_of_device(json_t *devices, const char *device)
{
	json_t *each;
	size_t i;

	json_array_foreach(devices, i, each)
		if (!strcmp(json_string_value(each) ?: "", device))
			return true;
	return !strcmp(json_string_value(devices) ?: "", device);
}

/* Does a packet come to this base chain? */
static bool is_met(json_t *chain, const struct packet *packet)
{
	const char *family = text_of(chain, "family"), *hook = text_of(chain, "hook");

	if (!hook || strcmp(hook, packet->hook))
		return false;
	if (!strcmp(hook, "ingress"))
		return *packet->iif && (!json_object_get(chain, "dev") ||
					is_of_device(json_object_get(chain, "dev"), packet->iif));
	return !strcmp(family, "inet") || !strcmp(family, packet->family);
}

/* Perhaps: nobody knows what an extension of iptables does. */
static bool has_rewrites(json_t *rules)
{
	json_t *entry, *expression;
	size_t i, j;

	json_array_foreach(rules, i, entry)
		json_array_foreach(json_object_get(json_object_get(entry, "rule"), "expr"), j,
				   expression)
			if (json_object_get(expression, "dnat") ||
			    json_object_get(expression, "snat") ||
			    json_object_get(expression, "redirect") ||
			    json_object_get(expression, "masquerade") ||
			    json_object_get(expression, "xt"))
				return true;
	return false;
}

/**
 * rules_stop() - which base chain stops a packet?
 * @rules: the array in what nft printed
 * @packet: the packet
 * @certain: set where no rule of which nobody knows could let it through
 *
 * Return: the first that does so for certain, or else the first; NULL for none.
 */
json_t *rules_stop(json_t *rules, const struct packet *packet, bool *certain)
{
	struct walk walk = {
		.rules = rules,
		.packet = packet,
		.rewrites = has_rewrites(rules),
	};
	json_t *entry, *chain, *stop = NULL;
	struct fate fate;
	size_t i;

	*certain = false;
	json_array_foreach(rules, i, entry) {
		chain = json_object_get(entry, "chain");
		if (!chain || !is_met(chain, packet))
			continue;
		walk.family = text_of(chain, "family");
		walk.table = text_of(chain, "table");
		fate = chain_fate(&walk, text_of(chain, "name"), 0);
		/* What comes to the end gets what the policy says. */
		if (!strcmp(text_of(chain, "policy") ?: "accept", "drop")) {
			if (fate.verdict == GOES_ON)
				fate.verdict = DROPPED;
		} else if (fate.possible & BIT(GOES_ON)) {
			fate.possible |= BIT(ACCEPTED);
		}
		/* nft 1.0 does not print the device. */
		if (!strcmp(packet->hook, "ingress") && !json_object_get(chain, "dev"))
			fate.possible |= BIT(ACCEPTED);
		if (fate.verdict != DROPPED || fate.possible & MEANT)
			continue;
		*certain = !(fate.possible & BIT(ACCEPTED));
		if (*certain)
			return chain;
		stop = stop ?: chain;
	}
	return stop;
}

bool rules_have_chain(json_t *rules, const char *family, const char *table, const char *name)
{
	json_t *entry, *chain;
	size_t i;

	json_array_foreach(rules, i, entry) {
		chain = json_object_get(entry, "chain");
		if (chain && !strcmp(text_of(chain, "family"), family) &&
		    !strcmp(text_of(chain, "table"), table) &&
		    !strcmp(text_of(chain, "name"), name))
			return true;
	}
	return false;
}
