// SPDX-License-Identifier: GPL-2.0
/* Questions to resolvers, many at a time, and their answers. */

#include <errno.h>
#include <ldns/ldns.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "../lib/complaint.h"
#include "../lib/table.h"
#include "query.h"

/* At a time, so that neither a home router's NAT nor a resolver's rate limit is strained. */
#define RUNNING_MAX	48
#define UDP_TRIES	3
/* A second answer, if any, is the honest one, which had a longer way. */
#define LINGER_MS	200
#define UDP_SIZE	1232
#define RECEIVE_SIZE	(2 + 65535)

/* Each try waits longer than the one before it. */
static const unsigned int udp_wait_ms[UDP_TRIES] = { 800, 1200, 2000 };
#define TCP_WAIT_MS	4000

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}

struct query *query_add(struct query_list *list, const struct resolver *resolver,
			const char *name, uint16_t type, enum transport transport)
{
	struct query *query;

	if (list->n == list->room) {
		list->room = list->room ? 2 * list->room : 64;
		list->items = must(realloc(list->items, list->room * sizeof(*list->items)));
	}
	query = &list->items[list->n++];
	*query = (struct query) {
		.resolver = resolver,
		.type = type,
		.transport = transport,
		.fd = -1,
	};
	snprintf(query->name, sizeof(query->name), "%s", name);
	return query;
}

static void query_close(struct query *query)
{
	if (query->fd >= 0)
		close(query->fd);
	query->fd = -1;
	free(query->wire);
	query->wire = NULL;
	free(query->received);
	query->received = NULL;
}

void query_list_clear(struct query_list *list)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		query_close(&list->items[i]);
	free(list->items);
	*list = (struct query_list) {};
}

/* RFC 7871 section 6: family, source length, scope length, the bytes that count. */
static bool subnet_put(ldns_pkt *packet, const struct network *subnet)
{
	size_t bytes = (subnet->length + 7) / 8;
	ldns_edns_option_list *options;
	ldns_edns_option *option;
	uint8_t data[4 + 16] = { 0, subnet->ip.family == AF_INET ? 1 : 2, subnet->length, 0 };

	memcpy(data + 4, subnet->ip.bytes, bytes);
	option = ldns_edns_new_from_data(LDNS_EDNS_CLIENT_SUBNET, 4 + bytes, data);
	options = ldns_edns_option_list_new();
	if (!option || !options || !ldns_edns_option_list_push(options, option)) {
		ldns_edns_deep_free(option);
		ldns_edns_option_list_deep_free(options);
		return false;
	}
	ldns_pkt_set_edns_option_list(packet, options);
	return true;
}

/* Write the question, behind two bytes of length as TCP has it. */
static bool query_write(struct query *query)
{
	ldns_pkt *packet = NULL;
	ldns_rdf *name;
	uint8_t *wire = NULL;
	size_t size = 0;
	bool ok = false;
	char text[NAME_SIZE + 1];

	while (getrandom(&query->id, sizeof(query->id), 0) != sizeof(query->id))
		;
	snprintf(text, sizeof(text), "%s.", query->name);
	name = ldns_dname_new_frm_str(text);
	if (!name)
		return false;
	packet = ldns_pkt_query_new(name, query->type,
				    query->chaos ? LDNS_RR_CLASS_CH : LDNS_RR_CLASS_IN, LDNS_RD);
	if (packet) {
		ldns_pkt_set_id(packet, query->id);
		/* Without need none, as stub resolvers do: some boxes choke on it. */
		if (query->subnet)
			ldns_pkt_set_edns_udp_size(packet, UDP_SIZE);
		ok = (!query->subnet || subnet_put(packet, query->subnet)) &&
		     ldns_pkt2wire(&wire, packet, &size) == LDNS_STATUS_OK;
		ldns_pkt_free(packet);
	} else {
		ldns_rdf_deep_free(name);
	}
	if (ok) {
		free(query->wire);
		query->wire = must(malloc(2 + size));
		query->wire[0] = size >> 8;
		query->wire[1] = size;
		memcpy(query->wire + 2, wire, size);
		query->wire_size = 2 + size;
		query->sent = 0;
	}
	LDNS_FREE(wire);
	return ok;
}

static void answer_add_text(struct answer *answer, const ldns_rdf *rdf)
{
	size_t size = ldns_rdf_size(rdf);

	if (!size || answer->n_texts == ANSWER_TEXTS)
		return;
	/* Its first byte is its length, which ldns has checked. */
	snprintf(answer->texts[answer->n_texts], ANSWER_TEXT_SIZE, "%.*s", (int)(size - 1),
		 (const char *)ldns_rdf_data(rdf) + 1);
	make_printable(answer->texts[answer->n_texts++]);
}

/* Without the final dot. */
static void answer_add_name(struct answer *answer, const ldns_rdf *rdf)
{
	char *text = ldns_rdf2str(rdf);

	if (text && *text && answer->n_texts < ANSWER_TEXTS) {
		snprintf(answer->texts[answer->n_texts], ANSWER_TEXT_SIZE, "%.*s",
			 (int)strlen(text) - 1, text);
		make_printable(answer->texts[answer->n_texts++]);
	}
	LDNS_FREE(text);
}

static void answer_add_ip(struct answer *answer, const ldns_rdf *rdf)
{
	struct ip *ip = &answer->ips[answer->n_ips];
	size_t size = ldns_rdf_size(rdf);

	if ((size != 4 && size != 16) || answer->n_ips == ANSWER_IPS)
		return;
	*ip = (struct ip) { .family = size == 4 ? AF_INET : AF_INET6 };
	memcpy(ip->bytes, ldns_rdf_data(rdf), size);
	answer->n_ips += !answer_has(answer, ip);
}

static void answer_add_record(struct answer *answer, const ldns_rr *rr)
{
	ldns_rr_type type = ldns_rr_get_type(rr);
	size_t i;

	for (i = 0; i < ldns_rr_rd_count(rr); i++) {
		if (type == LDNS_RR_TYPE_A || type == LDNS_RR_TYPE_AAAA)
			answer_add_ip(answer, ldns_rr_rdf(rr, i));
		else if (type == LDNS_RR_TYPE_TXT)
			answer_add_text(answer, ldns_rr_rdf(rr, i));
		else if (type == LDNS_RR_TYPE_PTR || type == LDNS_RR_TYPE_CNAME)
			answer_add_name(answer, ldns_rr_rdf(rr, i));
	}
}

bool answer_has(const struct answer *answer, const struct ip *ip)
{
	unsigned int i;

	for (i = 0; i < answer->n_ips; i++)
		if (ip_equal(&answer->ips[i], ip))
			return true;
	return false;
}

/* Is it an answer to this question? */
static bool query_matches(const struct query *query, const ldns_pkt *packet)
{
	const ldns_rr_list *questions = ldns_pkt_question(packet);
	const ldns_rr *question;
	char text[NAME_SIZE + 1];
	ldns_rdf *name;
	bool same;

	if (!ldns_pkt_qr(packet) || ldns_pkt_id(packet) != query->id)
		return false;
	/* Who is unable to read it may leave the question out. */
	if (!ldns_rr_list_rr_count(questions))
		return ldns_pkt_get_rcode(packet) != LDNS_RCODE_NOERROR &&
		       ldns_pkt_get_rcode(packet) != LDNS_RCODE_NXDOMAIN;
	question = ldns_rr_list_rr(questions, 0);
	snprintf(text, sizeof(text), "%s.", query->name);
	name = ldns_dname_new_frm_str(text);
	/* ldns compares names without regard to case. */
	same = name && ldns_rr_list_rr_count(questions) == 1 &&
	       ldns_rr_get_type(question) == query->type &&
	       !ldns_dname_compare(ldns_rr_owner(question), name);
	ldns_rdf_deep_free(name);
	return same;
}

bool query_read(struct query *query, const uint8_t *wire, size_t size)
{
	struct answer *answer = &query->answer;
	const ldns_rr_list *records;
	ldns_pkt *packet;
	bool first = query->state != QUERY_ANSWERED;
	size_t i;

	if (ldns_wire2pkt(&packet, wire, size) != LDNS_STATUS_OK)
		return false;
	if (!query_matches(query, packet)) {
		ldns_pkt_free(packet);
		return false;
	}
	if (first) {
		*answer = (struct answer) {
			.code = ldns_pkt_get_rcode(packet),
			.truncated = ldns_pkt_tc(packet),
			.milliseconds = now_ms() - query->began,
		};
		records = ldns_pkt_answer(packet);
		for (i = 0; i < ldns_rr_list_rr_count(records); i++)
			answer_add_record(answer, ldns_rr_list_rr(records, i));
		query->state = QUERY_ANSWERED;
	} else if (ldns_pkt_get_rcode(packet) == LDNS_RCODE_NXDOMAIN && answer->n_ips) {
		answer->raced = true;
	}
	ldns_pkt_free(packet);
	return true;
}

static void query_fail(struct query *query, int error)
{
	if (query->state != QUERY_ANSWERED)
		query->state = error == ECONNREFUSED || error == EHOSTUNREACH ||
			       error == ENETUNREACH ? QUERY_UNREACHABLE : QUERY_SILENT;
	query_close(query);
}

static void query_start(struct query *query)
{
	bool tcp = query->transport == TRANSPORT_TCP;
	struct sockaddr_storage address;
	socklen_t length;

	query->began = now_ms();
	query->deadline = query->began + (tcp ? TCP_WAIT_MS : udp_wait_ms[query->tries]);
	query->tries++;
	query->n_received = 0;
	query->state = QUERY_RUNNING;
	if (query->fd >= 0)
		close(query->fd);
	/* Connected: only the resolver can answer, from a port nobody knows. */
	length = ip_sockaddr(&query->resolver->ip, query->resolver->port,
			     query->resolver->scope, &address);
	query->fd = socket(address.ss_family, (tcp ? SOCK_STREAM : SOCK_DGRAM) |
			   SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (query->fd < 0 || !query_write(query)) {
		query_fail(query, ENOMEM);
		return;
	}
	if (connect(query->fd, (struct sockaddr *)&address, length) && errno != EINPROGRESS) {
		query_fail(query, errno);
		return;
	}
	if (!tcp && send(query->fd, query->wire + 2, query->wire_size - 2, MSG_NOSIGNAL) < 0)
		query_fail(query, errno);
	else if (!query->received)
		query->received = must(malloc(RECEIVE_SIZE));
}

/* After the answer: is there reason to wait for another one? */
static void query_answered(struct query *query)
{
	if (query->linger && query->transport == TRANSPORT_UDP && query->answer.n_ips &&
	    !query->answer.raced)
		query->deadline = now_ms() + LINGER_MS;
	else
		query_close(query);
}

static void udp_ready(struct query *query)
{
	ssize_t n = recv(query->fd, query->received, RECEIVE_SIZE, 0);

	if (n < 0 && errno != EAGAIN && errno != EINTR)
		query_fail(query, errno);
	/* What is no answer to the question is left alone: the answer may follow. */
	else if (n > 0 && query_read(query, query->received, n))
		query_answered(query);
}

static void tcp_ready(struct query *query)
{
	size_t wanted = 2;
	ssize_t n;

	if (query->sent < query->wire_size) {
		n = send(query->fd, query->wire + query->sent, query->wire_size - query->sent,
			 MSG_NOSIGNAL);
		if (n > 0)
			query->sent += n;
		else if (errno != EAGAIN && errno != EINTR)
			query_fail(query, errno);
		return;
	}
	n = recv(query->fd, query->received + query->n_received,
		 RECEIVE_SIZE - query->n_received, 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		query_fail(query, n ? errno : ECONNRESET);
		return;
	}
	query->n_received += n;
	if (query->n_received >= 2)
		wanted += query->received[0] << 8 | query->received[1];
	if (query->n_received < 2 || query->n_received < wanted)
		return;
	if (query_read(query, query->received + 2, wanted - 2))
		query_answered(query);
	else
		query_fail(query, EPROTO);
}

static void query_expire(struct query *query)
{
	if (query->state != QUERY_ANSWERED && query->transport == TRANSPORT_UDP &&
	    query->tries < UDP_TRIES)
		query_start(query);
	else
		query_fail(query, ETIMEDOUT);
}

/* Wait until something happens to one of those that run. */
static void queries_wait(struct query **running, size_t n)
{
	struct pollfd fds[RUNNING_MAX];
	uint64_t now = now_ms(), until = now + TCP_WAIT_MS;
	size_t i;

	for (i = 0; i < n; i++) {
		bool sending = running[i]->transport == TRANSPORT_TCP &&
			       running[i]->sent < running[i]->wire_size;

		fds[i] = (struct pollfd) { running[i]->fd, sending ? POLLOUT : POLLIN, 0 };
		if (running[i]->deadline < until)
			until = running[i]->deadline;
	}
	poll(fds, n, until > now ? until - now : 0);
	now = now_ms();
	for (i = 0; i < n; i++) {
		if (fds[i].revents && running[i]->transport == TRANSPORT_UDP)
			udp_ready(running[i]);
		else if (fds[i].revents)
			tcp_ready(running[i]);
		else if (running[i]->deadline <= now)
			query_expire(running[i]);
	}
}

/**
 * query_list_run() - ask all questions of a list that were not asked yet
 * @list: the questions
 * @progress: stepped at each answer, or NULL
 */
void query_list_run(struct query_list *list, struct progress *progress)
{
	struct query *running[RUNNING_MAX];
	size_t n = 0, next = 0, i, kept;

	while (n || next < list->n) {
		for (; n < RUNNING_MAX && next < list->n; next++) {
			if (list->items[next].state != QUERY_NEW)
				continue;
			query_start(&list->items[next]);
			if (list->items[next].fd >= 0)
				running[n++] = &list->items[next];
			else if (progress)
				progress_step(progress);
		}
		if (n)
			queries_wait(running, n);
		for (i = 0, kept = 0; i < n; i++) {
			if (running[i]->fd >= 0)
				running[kept++] = running[i];
			else if (progress)
				progress_step(progress);
		}
		n = kept;
	}
}

void query_ask(struct query *query)
{
	struct query_list list = { .items = query, .n = 1, .room = 1 };

	query_list_run(&list, NULL);
	if (query->state != QUERY_ANSWERED || !query->answer.truncated ||
	    query->transport == TRANSPORT_TCP)
		return;
	query->state = QUERY_NEW;
	query->transport = TRANSPORT_TCP;
	query->tries = 0;
	query_list_run(&list, NULL);
}
