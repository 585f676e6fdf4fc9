// SPDX-License-Identifier: GPL-2.0
/*
 * brokertool doctor: would the firewall let the packets of tunnels through?
 *
 * What nft prints is walked as the first packet of a client would be, with three
 * answers for a rule: it matches, it does not, nobody knows. Rules of which
 * nobody knows are passed over, unless they accept and name the tunnel: whoever
 * wrote that has thought of it.
 */

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "doctor.h"

/* Chains that jump in a circle are refused by the kernel; this is for strange listings. */
#define DEPTH_MAX	16

enum answer { NO, YES, UNKNOWN };

enum verdict { ACCEPTED, DROPPED, GOES_ON, RETURNED };

/**
 * struct packet - a packet on its way
 * @family: ip or ip6
 * @hook: input or forward
 * @iif: device that it came in by, or "" for any
 * @oif: device that it leaves by, or ""
 * @protocol: 41, or 0 for any
 * @reply: it belongs to a connection that was accepted
 */
struct packet {
	const char *family;
	const char *hook;
	const char *iif;
	const char *oif;
	int protocol;
	bool reply;
};

/**
 * struct walk - a walk through the rules
 * @rules: the array in what nft printed
 * @packet: the packet
 * @family: of the table
 * @table: its name
 */
struct walk {
	json_t *rules;
	const struct packet *packet;
	const char *family;
	const char *table;
};

static enum answer negated(enum answer answer, const char *operator)
{
	if (answer == UNKNOWN || !strcmp(operator, "==") || !strcmp(operator, "in"))
		return answer;
	return strcmp(operator, "!=") ? UNKNOWN : answer == YES ? NO : YES;
}

/* Is it the value, or one of a set? */
static enum answer among(json_t *values, enum answer (*same)(json_t *value, const void *arg),
			 const void *arg)
{
	enum answer answer = NO, one;
	json_t *set = json_is_array(values) ? values : json_object_get(values, "set"), *value;
	size_t i;

	if (!set)
		return same(values, arg);
	json_array_foreach(set, i, value) {
		one = same(value, arg);
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

	if (!pattern || *pattern == '@' || !*device)
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
	return !name || *name == '@' ? UNKNOWN : strcmp(name, "ipv6") ? NO : YES;
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

/* Of the states of a connection: new, or established. */
static enum answer same_state(json_t *value, const void *arg)
{
	const char *name = json_string_value(value);

	return name ? strcmp(name, arg) ? NO : YES : UNKNOWN;
}

/* @named: set where the packet is meant, and not by chance */
static enum answer match_answer(const struct packet *packet, json_t *match, bool *named)
{
	json_t *left = json_object_get(match, "left"), *right = json_object_get(match, "right");
	const char *operator = text_of(match, "op") ?: "?";
	const char *key = text_of(json_object_get(left, "meta"), "key") ?: "";
	json_t *payload = json_object_get(left, "payload");
	const char *protocol = text_of(payload, "protocol") ?: "";
	enum answer answer = UNKNOWN;

	if (!strcmp(key, "iifname") || !strcmp(key, "iif"))
		answer = among(right, same_device, packet->iif);
	else if (!strcmp(key, "oifname") || !strcmp(key, "oif"))
		answer = among(right, same_device, packet->oif);
	else if (!strcmp(text_of(json_object_get(left, "ct"), "key") ?: "", "state"))
		return negated(among(right, same_state, packet->reply ? "established" : "new"),
			       operator);
	else if (!strcmp(key, "nfproto") || !strcmp(key, "protocol"))
		return negated(among(right, same_family, packet->family), operator);
	else if (!strcmp(key, "l4proto") ||
		 (payload && !strcmp(protocol, "ip") &&
		  !strcmp(text_of(payload, "field") ?: "", "protocol")))
		answer = among(right, same_protocol, &packet->protocol);
	else if (payload && (!strcmp(protocol, "ip") || !strcmp(protocol, "ip6")))
		return strcmp(protocol, packet->family) ? NO : UNKNOWN;
	else if (payload && packet->protocol)
		return NO;	/* a port of TCP and the like */
	answer = negated(answer, operator);
	*named |= answer == YES && !strcmp(operator, "==");
	return answer;
}

static enum verdict chain_verdict(struct walk *walk, const char *chain, unsigned int depth);

/* What becomes of a packet where one expression of a rule decides. @answer: does it get there? */
static enum verdict decision(struct walk *walk, const char *key, json_t *target,
			     enum answer answer, bool named, unsigned int depth)
{
	enum verdict verdict;

	if (!strcmp(key, "accept"))
		return answer == YES || named ? ACCEPTED : GOES_ON;
	if (!strcmp(key, "drop") || !strcmp(key, "reject"))
		return answer == YES ? DROPPED : GOES_ON;
	if (!strcmp(key, "return"))
		return answer == YES ? RETURNED : GOES_ON;
	if (strcmp(key, "jump") && strcmp(key, "goto"))
		return GOES_ON;
	verdict = chain_verdict(walk, text_of(target, "target"), depth + 1);
	/* Perhaps it is never gone to. */
	if (verdict == DROPPED && answer != YES)
		return GOES_ON;
	return verdict == GOES_ON && answer == YES && !strcmp(key, "goto") ? RETURNED : verdict;
}

/* A map from values to decisions. */
static enum verdict map_verdict(struct walk *walk, json_t *map, enum answer answer,
				unsigned int depth)
{
	json_t *pairs = json_object_get(json_object_get(map, "data"), "set"), *pair, *match;
	enum verdict verdict = GOES_ON;
	bool named = false;
	enum answer one;
	void *decided;
	size_t i;

	json_array_foreach(pairs, i, pair) {
		match = json_pack("{s:s,s:O,s:O}", "op", "==", "left", json_object_get(map, "key"),
				  "right", json_array_get(pair, 0));
		one = match ? match_answer(walk->packet, match, &named) : UNKNOWN;
		json_decref(match);
		decided = json_object_iter(json_array_get(pair, 1));
		if (one != YES || !decided)
			continue;
		verdict = decision(walk, json_object_iter_key(decided),
				   json_object_iter_value(decided), answer, named, depth);
		break;
	}
	return verdict;
}

static bool says_nothing(const char *key)
{
	return !strcmp(key, "counter") || !strcmp(key, "log") || !strcmp(key, "comment");
}

/* What a rule does with the packet. */
static enum verdict rule_verdict(struct walk *walk, json_t *rule, unsigned int depth)
{
	enum answer answer = YES, one;
	enum verdict verdict = GOES_ON;
	json_t *expression, *target;
	bool named = false;
	const char *key;
	size_t i;

	json_array_foreach(json_object_get(rule, "expr"), i, expression) {
		json_object_foreach(expression, key, target) {
			if (!strcmp(key, "match")) {
				one = match_answer(walk->packet, target, &named);
				if (one == NO)
					return GOES_ON;
				if (one == UNKNOWN)
					answer = UNKNOWN;
				continue;
			}
			verdict = !strcmp(key, "vmap") ?
				  map_verdict(walk, target, answer, depth) :
				  decision(walk, key, target, answer, named, depth);
			if (verdict != GOES_ON)
				return verdict;
			/* A limit, an extension of iptables. */
			if (!says_nothing(key))
				answer = UNKNOWN;
		}
	}
	return GOES_ON;
}

static enum verdict chain_verdict(struct walk *walk, const char *chain, unsigned int depth)
{
	enum verdict verdict;
	json_t *entry, *rule;
	size_t i;

	if (!chain || depth > DEPTH_MAX)
		return GOES_ON;
	json_array_foreach(walk->rules, i, entry) {
		rule = json_object_get(entry, "rule");
		if (!rule || strcmp(text_of(rule, "family"), walk->family) ||
		    strcmp(text_of(rule, "table"), walk->table) ||
		    strcmp(text_of(rule, "chain"), chain))
			continue;
		verdict = rule_verdict(walk, rule, depth);
		if (verdict == RETURNED)
			return GOES_ON;
		if (verdict != GOES_ON)
			return verdict;
	}
	return GOES_ON;
}

static bool has_chain(json_t *rules, const char *family, const char *table, const char *name)
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

/* The first base chain that stops the packet, or NULL. */
static json_t *stopped_by(json_t *rules, const struct packet *packet)
{
	json_t *entry, *chain;
	enum verdict verdict;
	struct walk walk;
	size_t i;

	json_array_foreach(rules, i, entry) {
		chain = json_object_get(entry, "chain");
		if (!chain || !text_of(chain, "hook") ||
		    strcmp(text_of(chain, "hook"), packet->hook) ||
		    (strcmp(text_of(chain, "family"), "inet") &&
		     strcmp(text_of(chain, "family"), packet->family)))
			continue;
		walk = (struct walk) {
			.rules = rules,
			.packet = packet,
			.family = text_of(chain, "family"),
			.table = text_of(chain, "table"),
		};
		verdict = chain_verdict(&walk, text_of(chain, "name"), 0);
		if (verdict == DROPPED ||
		    (verdict == GOES_ON && !strcmp(text_of(chain, "policy") ?: "accept", "drop")))
			return chain;
	}
	return NULL;
}

/* The command for what begins with "ip protocol 41" or names a device, and accepts. */
static json_t *accept_command(json_t *chain, const char *nft, const char *iptables)
{
	const char *family = text_of(chain, "family"), *name = text_of(chain, "name");

	if (json_is_true(json_object_get(chain, "legacy")))
		return json_sprintf("%stables-legacy -t %s -I %s %s -j ACCEPT",
				    strcmp(family, "ip6") ? "ip" : "ip6", text_of(chain, "table"),
				    name, iptables);
	return json_sprintf("nft insert rule %s %s %s %s accept", family, text_of(chain, "table"),
			    name, nft);
}

static void examine_input(struct doctor *doctor, json_t *rules)
{
	const struct packet packet = { "ip", "input", "", "", 41, false };
	json_t *chain = stopped_by(rules, &packet);

	if (chain)
		finding(doctor, PROBLEM, "firewall",
			json_sprintf("the firewall drops IP protocol 41: chain %s of table %s %s",
				     text_of(chain, "name"), text_of(chain, "family"),
				     text_of(chain, "table")),
			"packets of clients do not get in",
			accept_command(chain, "ip protocol 41", "-p 41"));
}

/* @in: from clients; else to them */
static void examine_forward(struct doctor *doctor, json_t *rules, const char *link, bool in)
{
	const struct packet packet = { "ip6", "forward", in ? link : doctor->uplink,
				       in ? doctor->uplink : link, 0, !in };
	json_t *chain = stopped_by(rules, &packet);
	char nft[32], iptables[32];
	const char *family, *table;
	bool docker, legacy;

	if (!chain)
		return;
	family = text_of(chain, "family");
	table = text_of(chain, "table");
	docker = has_chain(rules, family, table, "DOCKER-USER");
	legacy = json_is_true(json_object_get(chain, "legacy"));
	snprintf(nft, sizeof(nft), "%s %s", in ? "iifname" : "oifname", link);
	snprintf(iptables, sizeof(iptables), "%s %s", in ? "-i" : "-o", link);
	finding(doctor, PROBLEM, docker ? "docker" : "firewall",
		json_sprintf("the firewall forwards nothing %s link %s: chain %s of table %s %s%s",
			     in ? "from" : "to", link, text_of(chain, "name"), family, table,
			     docker ? ", by Docker" : ""),
		docker ? "Docker sets the policy of FORWARD to drop, for everybody" :
		in ? "clients reach this server and nothing beyond it" : "nobody reaches clients",
		docker ? json_sprintf("ip6tables%s -I DOCKER-USER %s -j ACCEPT",
				      legacy ? "-legacy" : "", iptables) :
			 accept_command(chain, nft, iptables));
}

void firewall_examine(struct doctor *doctor, json_t *ruleset)
{
	json_t *rules = json_object_get(ruleset, "nftables"), *link;
	size_t i;

	examine_input(doctor, rules);
	json_array_foreach(doctor->links, i, link) {
		examine_forward(doctor, rules, text_of(link, "name"), true);
		examine_forward(doctor, rules, text_of(link, "name"), false);
	}
}

void examine_firewall(struct doctor *doctor)
{
	json_t *ruleset;
	FILE *stream;
	int status;

	examine_legacy(doctor);
	stream = popen("nft -j list ruleset 2>/dev/null", "re");
	if (!stream)
		return;
	ruleset = json_loadf(stream, 0, NULL);
	status = pclose(stream);
	if (ruleset)
		firewall_examine(doctor, ruleset);
	else if (WIFEXITED(status) && WEXITSTATUS(status) != 127)
		finding(doctor, NOTE, "firewall",
			json_string("the rules of the firewall cannot be read"),
			"protocol 41 must get in, and clients' packets be forwarded",
			json_string("nft list ruleset"));
	json_decref(ruleset);
}
