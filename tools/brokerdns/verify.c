// SPDX-License-Identifier: GPL-2.0
/* Does dnsmasq do what the rules say, and everything else as before? */

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "query.h"
#include "verify.h"

/* Names under each zone: addresses that take turns must all be known. */
#define NAMES_EACH	6
/* As often at least, and for as long, until all is as it should be. */
#define TRIES		3
#define WAIT_S		6

static bool is_about(const struct verify *verify, const struct ip *ip)
{
	size_t i;

	for (i = 0; verify->networks && i < verify->networks->n; i++)
		if (network_holds(&verify->networks->items[i], ip))
			return true;
	return false;
}

/* Has it an address that no rule is about? */
static bool has_other(const struct verify *verify, const struct query *query)
{
	unsigned int i;

	for (i = 0; query->state == QUERY_ANSWERED && i < query->answer.n_ips; i++)
		if (!is_about(verify, &query->answer.ips[i]))
			return true;
	return false;
}

/* Has it one that a rule is about? */
static bool has_ours(const struct verify *verify, const struct query *query, struct ip *ip)
{
	unsigned int i;

	for (i = 0; query->state == QUERY_ANSWERED && i < query->answer.n_ips; i++) {
		*ip = query->answer.ips[i];
		if (is_about(verify, ip))
			return true;
	}
	return false;
}

void verify_note(struct verify *verify, struct dnsmasq *dnsmasq,
		 const domain_name *names, unsigned int n)
{
	struct query_list list = {};
	unsigned int i;
	struct ip ip;

	for (i = 0; i < n; i++)
		query_add(&list, &dnsmasq->self, names[i], DNS_A, TRANSPORT_UDP);
	for (i = 0; i < n; i++)
		query_add(&list, &dnsmasq->self, names[i], DNS_AAAA, TRANSPORT_UDP);
	query_list_run(&list, NULL);
	for (i = 0; i < n && verify->n_real < VERIFY_NAMES; i++)
		if (has_other(verify, &list.items[i]) || has_other(verify, &list.items[n + i]))
			snprintf(verify->real[verify->n_real++], NAME_SIZE, "%s", names[i]);
	for (i = 0; i < n && verify->n_hidden < VERIFY_NAMES; i++)
		if (has_ours(verify, &list.items[i], &ip) ||
		    has_ours(verify, &list.items[n + i], &ip))
			snprintf(verify->hidden[verify->n_hidden++], NAME_SIZE, "%s", names[i]);
	query_list_clear(&list);
}

/* Is there a rule for the name, or for a domain above it? */
static bool has_rule(const char *text, const char *name)
{
	char part[NAME_SIZE + 4];

	for (; text && name; name = strchr(name, '.') ? strchr(name, '.') + 1 : NULL) {
		snprintf(part, sizeof(part), "=/%s/", name);
		if (strstr(text, part))
			return true;
	}
	return false;
}

void verify_note_known(struct verify *verify, struct dnsmasq *dnsmasq, const char *text)
{
	static const char *const known[] = { "example.com", "www.iana.org", "www.debian.org",
					     "www.wikipedia.org", "www.google.com" };
	char names[sizeof(known) / sizeof(*known)][NAME_SIZE];
	unsigned int i, n = 0;

	for (i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (!has_rule(text, known[i]))
			snprintf(names[n++], NAME_SIZE, "%s", known[i]);
	verify_note(verify, dnsmasq, names, n);
}

/* Strike out those names that have addresses. */
static void find_real(struct dnsmasq *dnsmasq, struct verify *left)
{
	struct verify found = { .networks = left->networks };
	unsigned int i, k, kept = 0;

	verify_note(&found, dnsmasq, left->real, left->n_real);
	for (i = 0, k = 0; i < left->n_real; i++) {
		if (k < found.n_real && !strcmp(found.real[k], left->real[i]))
			k++;
		else if (kept++ != i)
			memcpy(left->real[kept - 1], left->real[i], NAME_SIZE);
	}
	left->n_real = kept;
}

/* Ask for names nobody has. Return: 0 all are missing, 1 not known, -1 with @why. */
static int missing_names(struct dnsmasq *dnsmasq, const struct verify *verify, char *why,
			 size_t size)
{
	char label[LABEL_MAX_LEN + 1], name[NAME_SIZE], text[INET6_ADDRSTRLEN];
	struct query_list list = {};
	unsigned int zone, k;
	int result = 0;
	size_t i;

	for (zone = 0; zone < verify->n_missing; zone++) {
		for (i = 0; i < NAMES_EACH; i++) {
			label_random(label);
			name_join(name, label, verify->missing[zone]);
			query_add(&list, &dnsmasq->self, name, i % 2 ? DNS_AAAA : DNS_A,
				  TRANSPORT_UDP);
		}
	}
	query_list_run(&list, NULL);
	for (i = 0; i < list.n && result >= 0; i++) {
		const struct query *query = &list.items[i];

		if (verify->only_networks) {
			if (query->state != QUERY_ANSWERED)
				result = 1;
			for (k = 0; k < query->answer.n_ips; k++)
				if (is_about(verify, &query->answer.ips[k]))
					result = -1;
		} else if (query_has_addresses(query)) {
			result = -1;
		}
		if (result < 0) {
			snprintf(why, size, "dnsmasq still gives %s for %s, which does not "
					    "exist; more addresses than were found take turns "
					    "(--rounds, --aggregate)",
				 ip_text(&query->answer.ips[0], text), query->name);
		} else if (query->state != QUERY_ANSWERED ||
			   (!verify->only_networks && query->type == DNS_A &&
			    query->answer.code != DNS_NXDOMAIN)) {
			snprintf(why, size, "dnsmasq does not say that %s does not exist: %s",
				 query->name, query->state == QUERY_ANSWERED ?
				 "it answers something else" : "it does not answer");
			result = 1;
		}
	}
	query_list_clear(&list);
	return result;
}

/* Names whose addresses the rules are about: none of these may be left. */
static bool hidden_are_hidden(struct dnsmasq *dnsmasq, const struct verify *verify, char *why,
			      size_t size)
{
	char text[INET6_ADDRSTRLEN];
	struct query_list list = {};
	bool hidden = true;
	struct ip ip;
	size_t i;

	for (i = 0; i < verify->n_hidden; i++) {
		query_add(&list, &dnsmasq->self, verify->hidden[i], DNS_A, TRANSPORT_UDP);
		query_add(&list, &dnsmasq->self, verify->hidden[i], DNS_AAAA, TRANSPORT_UDP);
	}
	query_list_run(&list, NULL);
	for (i = 0; i < list.n && hidden; i++) {
		hidden = !has_ours(verify, &list.items[i], &ip);
		if (!hidden)
			snprintf(why, size, "dnsmasq still gives %s for %s, against a rule",
				 ip_text(&ip, text), list.items[i].name);
	}
	query_list_clear(&list);
	return hidden;
}

/* Have both, asked about the domain, an address in common? */
static bool same_answers(struct dnsmasq *dnsmasq, const struct route *route)
{
	struct query_list list = {};
	bool same = false;
	unsigned int i;

	for (i = 0; i < 4; i++)
		query_add(&list, i % 2 ? &route->resolver : &dnsmasq->self, route->domain,
			  i < 2 ? DNS_A : DNS_AAAA, TRANSPORT_UDP);
	query_list_run(&list, NULL);
	for (i = 0; i < list.items[1].answer.n_ips; i++)
		same |= answer_has(&list.items[0].answer, &list.items[1].answer.ips[i]);
	for (i = 0; i < list.items[3].answer.n_ips; i++)
		same |= answer_has(&list.items[2].answer, &list.items[3].answer.ips[i]);
	query_list_clear(&list);
	return same;
}

/*
 * A name that nobody has asked for is in no cache: does dnsmasq ask the one that
 * it shall? Where it does not say whom it asks, the answers must do.
 */
static bool route_followed(struct dnsmasq *dnsmasq, const struct route *route)
{
	long before = dnsmasq_asked(dnsmasq, &route->resolver);
	char label[LABEL_MAX_LEN + 1], name[NAME_SIZE];
	struct query_list list = {};

	if (before < 0 || strlen(route->domain) + 20 > NAME_MAX_LEN)
		return same_answers(dnsmasq, route);
	label_random(label);
	name_join(name, label, route->domain);
	query_add(&list, &dnsmasq->self, name, DNS_A, TRANSPORT_UDP);
	query_list_run(&list, NULL);
	query_list_clear(&list);
	return dnsmasq_asked(dnsmasq, &route->resolver) > before;
}

static bool routes_followed(struct dnsmasq *dnsmasq, const struct verify *verify, char *why,
			    size_t size)
{
	unsigned int i;

	for (i = 0; i < verify->n_routes; i++)
		if (!route_followed(dnsmasq, &verify->routes[i])) {
			snprintf(why, size, "dnsmasq does not ask %s about %s",
				 verify->routes[i].resolver.text, verify->routes[i].domain);
			return false;
		}
	return true;
}

/* A published name: there and back. */
static bool host_is_there(struct dnsmasq *dnsmasq, const struct verify *verify, char *why,
			  size_t size)
{
	char text[INET6_ADDRSTRLEN], reverse[REVERSE_STRLEN];
	struct query_list list = {};
	struct answer *back;
	bool there, named;
	unsigned int i;

	if (!*verify->host)
		return true;
	query_add(&list, &dnsmasq->self, verify->host, DNS_AAAA, TRANSPORT_UDP);
	query_add(&list, &dnsmasq->self, ip_reverse(&verify->host_ip, reverse), DNS_PTR,
		  TRANSPORT_UDP);
	query_list_run(&list, NULL);
	there = answer_has(&list.items[0].answer, &verify->host_ip);
	back = &list.items[1].answer;
	for (i = 0, named = false; i < back->n_texts; i++)
		named |= !strncasecmp(back->texts[i], verify->host, ANSWER_TEXT_SIZE - 1);
	ip_text(&verify->host_ip, text);
	if (!there)
		snprintf(why, size, "dnsmasq does not give %s for %s, which is published", text,
			 verify->host);
	else if (!named)
		snprintf(why, size, "dnsmasq does not give %s for %s, which is published",
			 verify->host, text);
	query_list_clear(&list);
	return there && named;
}

static time_t now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

int verify_run(struct dnsmasq *dnsmasq, void *arg, char *why, size_t size)
{
	struct timespec pause = { 0, 200 * 1000 * 1000 };
	struct verify left = *(const struct verify *)arg;
	time_t until = now_s() + WAIT_S;
	bool followed = false;
	unsigned int tries;
	int missing = 1;

	/* What is upstream may be slow, or lose a question. */
	for (tries = 0; tries < TRIES || now_s() < until; tries++) {
		if (tries)
			nanosleep(&pause, NULL);
		if (missing > 0)
			missing = missing_names(dnsmasq, &left, why, size);
		if (missing < 0 || !hidden_are_hidden(dnsmasq, &left, why, size))
			return -1;
		if (left.n_real)
			find_real(dnsmasq, &left);
		if (!missing && !followed)
			followed = routes_followed(dnsmasq, &left, why, size) &&
				   host_is_there(dnsmasq, &left, why, size);
		if (!missing && !left.n_real && followed)
			return 0;
	}
	if (!missing && left.n_real)
		snprintf(why, size, "%s, which had an address before, has none any more",
			 left.real[0]);
	return -1;
}
