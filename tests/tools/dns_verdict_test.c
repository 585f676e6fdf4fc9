// SPDX-License-Identifier: GPL-2.0
/* What counts as a lie: answers are made up, and judged. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../tools/brokerdns/content.h"
#include "../../tools/brokerdns/verdict.h"

enum zone { ZONE_COM, ZONE_ORG, ZONE_DE, ZONE_ROOT };

static struct probe probe;
static struct verdict verdict;
static unsigned int counter;

static int setup(void **state)
{
	struct resolver resolver;

	(void)state;
	memset(&probe, 0, sizeof(probe));
	probe_add_controls(&probe);
	assert_int_equal(probe.n_zones, 4);
	assert_null(resolver_parse("192.0.2.1", &resolver));
	resolver_list_add(&probe.resolvers, &resolver);
	assert_null(resolver_parse("192.0.2.2", &resolver));
	resolver_list_add(&probe.resolvers, &resolver);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	verdict_clear(&verdict);
	probe_clear(&probe);
	return 0;
}

/* @text: an address, or NULL for a denial */
static void answer(struct query *query, const char *text)
{
	query->state = QUERY_ANSWERED;
	query->answer.code = text ? DNS_NOERROR : DNS_NXDOMAIN;
	if (text && *text)
		assert_true(ip_parse(text, &query->answer.ips[query->answer.n_ips++]));
}

static void missing(unsigned int resolver, unsigned int zone, uint16_t type,
		    enum transport transport, const char *text)
{
	char name[NAME_SIZE];

	snprintf(name, sizeof(name), "nobody%u", counter++);
	answer(probe_ask(&probe, SIGHT_MISSING, resolver, zone, name, type, transport), text);
}

/* A under one zone, over UDP, twice */
static void lie(unsigned int resolver, unsigned int zone, const char *text)
{
	missing(resolver, zone, DNS_A, TRANSPORT_UDP, text);
	missing(resolver, zone, DNS_A, TRANSPORT_UDP, text);
}

static void deny_text(unsigned int resolver, unsigned int zone)
{
	answer(probe_ask(&probe, SIGHT_MISSING_TEXT, resolver, zone, "text", DNS_TXT,
			 TRANSPORT_UDP), NULL);
}

static void control(unsigned int resolver, const char *name, const char *text, bool exists)
{
	answer(probe_ask(&probe, SIGHT_CONTROL, resolver, 0, name, DNS_A, TRANSPORT_UDP), text);
	answer(probe_ask(&probe, SIGHT_CONTROL_TEXT, resolver, 0, name, DNS_TXT, TRANSPORT_UDP),
	       exists ? "" : NULL);
}

static enum suspect_fate fate(const char *text)
{
	struct ip ip;
	size_t i;

	assert_true(ip_parse(text, &ip));
	for (i = 0; i < verdict.n_suspects; i++)
		if (ip_equal(&verdict.suspects[i].ip, &ip))
			return verdict.suspects[i].fate;
	fail_msg("%s is no suspect", text);
	return 0;
}

static void nobody_lies(void **state)
{
	(void)state;
	lie(0, ZONE_COM, NULL);
	lie(0, ZONE_ORG, NULL);
	verdict_make(&verdict, &probe);
	assert_int_equal(verdict.resolvers[0].kind, RESOLVER_HONEST);
	assert_int_equal(verdict.resolvers[1].kind, RESOLVER_SILENT);
	assert_int_equal(verdict.n_suspects, 0);
}

static void two_zones_agree(void **state)
{
	(void)state;
	lie(0, ZONE_COM, "203.0.113.1");
	lie(0, ZONE_ORG, "203.0.113.1");
	deny_text(0, ZONE_COM);
	verdict_make(&verdict, &probe);
	assert_int_equal(fate("203.0.113.1"), SUSPECT_BOGUS);
	assert_int_equal(verdict.resolvers[0].kind, RESOLVER_HIJACKS);
	assert_int_equal(verdict.suspects[0].names, 4);
}

static void one_zone_is_too_few(void **state)
{
	(void)state;
	lie(0, ZONE_COM, "203.0.113.1");
	lie(0, ZONE_COM, "203.0.113.1");
	deny_text(0, ZONE_COM);
	verdict_make(&verdict, &probe);
	assert_int_equal(fate("203.0.113.1"), SUSPECT_FEW_ZONES);
}

/* Different addresses under two zones do not agree. */
static void zones_must_agree_on_the_address(void **state)
{
	(void)state;
	lie(0, ZONE_COM, "203.0.113.1");
	lie(0, ZONE_ORG, "203.0.113.2");
	deny_text(0, ZONE_COM);
	deny_text(0, ZONE_ORG);
	verdict_make(&verdict, &probe);
	assert_int_not_equal(fate("203.0.113.1"), SUSPECT_BOGUS);
	assert_int_not_equal(fate("203.0.113.2"), SUSPECT_BOGUS);
	/* Its lies are certain, if not their addresses. */
	assert_int_equal(verdict.resolvers[0].kind, RESOLVER_HIJACKS);
}

/* Two resolvers that each saw one zone do not agree either. */
static void resolvers_do_not_add_up(void **state)
{
	(void)state;
	lie(0, ZONE_COM, "203.0.113.1");
	lie(1, ZONE_ORG, "203.0.113.1");
	deny_text(0, ZONE_COM);
	deny_text(1, ZONE_ORG);
	verdict_make(&verdict, &probe);
	assert_int_equal(fate("203.0.113.1"), SUSPECT_FEW_ZONES);
}

static void zones_of_ones_own(const char *first, const char *second)
{
	probe.n_zones = 0;
	assert_true(probe_add_zone(&probe, first));
	assert_true(probe_add_zone(&probe, second));
	probe_add_controls(&probe);
	/* first, second, com, org, de, the root */
	assert_int_equal(probe.n_zones, 6);
}

/* Two wildcard zones at one CDN, and everybody else honest. */
static void wildcards_at_one_place(void **state)
{
	unsigned int zone;

	(void)state;
	zones_of_ones_own("a.test", "b.test");
	lie(0, 0, "198.51.100.80");
	lie(0, 1, "198.51.100.80");
	for (zone = 2; zone < 6; zone++)
		lie(0, zone, NULL);
	verdict_make(&verdict, &probe);
	assert_int_equal(fate("198.51.100.80"), SUSPECT_WILDCARD);
	assert_int_equal(verdict.resolvers[0].kind, RESOLVER_HONEST);
	assert_int_equal(verdict.resolvers[0].wildcards, 3);
}

/* The same, and nobody says anything about other zones. */
static void wildcards_and_nothing_else(void **state)
{
	(void)state;
	zones_of_ones_own("a.test", "b.test");
	lie(0, 0, "198.51.100.80");
	lie(0, 1, "198.51.100.80");
	verdict_make(&verdict, &probe);
	assert_int_equal(fate("198.51.100.80"), SUSPECT_WILDCARD);
}

/* Even if a broken server denies their TXT: zones at the top must agree. */
static void broken_wildcards(void **state)
{
	unsigned int zone;

	(void)state;
	zones_of_ones_own("a.test", "b.test");
	for (zone = 0; zone < 2; zone++) {
		lie(0, zone, "198.51.100.80");
		deny_text(0, zone);
	}
	for (zone = 2; zone < 6; zone++)
		lie(0, zone, NULL);
	verdict_make(&verdict, &probe);
	assert_int_not_equal(fate("198.51.100.80"), SUSPECT_BOGUS);
}

/* Another resolver's denial shows that the zone has no wildcard. */
static void honest_one_beside_the_liar(void **state)
{
	(void)state;
	lie(0, ZONE_COM, "203.0.113.1");
	lie(0, ZONE_ORG, "203.0.113.1");
	lie(1, ZONE_COM, NULL);
	lie(1, ZONE_ORG, NULL);
	lie(0, ZONE_DE, NULL);
	verdict_make(&verdict, &probe);
	assert_int_equal(fate("203.0.113.1"), SUSPECT_BOGUS);
	assert_int_equal(verdict.resolvers[0].kind, RESOLVER_HIJACKS);
	assert_int_equal(verdict.resolvers[1].kind, RESOLVER_HONEST);
}

static void all_zones_lie_and_nothing_is_denied(void **state)
{
	unsigned int zone;

	(void)state;
	for (zone = 0; zone < 3; zone++)
		lie(0, zone, "203.0.113.1");
	verdict_make(&verdict, &probe);
	assert_int_equal(fate("203.0.113.1"), SUSPECT_BOGUS);
}

/* In the real world, where the root servers are where they are, names exist. */
static void s30_shared_address_is_never_bogus(void **state)
{
	unsigned int zone;

	(void)state;
	for (zone = 0; zone < 4; zone++) {
		lie(0, zone, "198.51.100.80");
		deny_text(0, zone);
	}
	control(0, "a.root-servers.net", "198.41.0.4", true);
	control(0, "www.example.com", "198.51.100.80", true);
	verdict_make(&verdict, &probe);
	assert_int_equal(fate("198.51.100.80"), SUSPECT_SHARED);
	assert_string_equal(verdict.suspects[0].shared_with, "www.example.com");
}

/* Elsewhere, a name whose TXT is not denied exists. */
static void s30_shared_in_a_world_apart(void **state)
{
	unsigned int zone;

	(void)state;
	for (zone = 0; zone < 4; zone++) {
		lie(0, zone, "198.51.100.80");
		deny_text(0, zone);
	}
	control(0, "www.example.com", "198.51.100.80", true);
	control(0, "www.example.org", "198.51.100.81", true);
	verdict_make(&verdict, &probe);
	assert_int_equal(fate("198.51.100.80"), SUSPECT_SHARED);
}

/* An honest resolver knows who shares the address, too. */
static void s30_shared_says_another(void **state)
{
	unsigned int zone;

	(void)state;
	for (zone = 0; zone < 4; zone++) {
		lie(0, zone, "198.51.100.80");
		lie(1, zone, NULL);
		deny_text(1, zone);
	}
	control(1, "www.example.com", "198.51.100.80", true);
	verdict_make(&verdict, &probe);
	assert_int_equal(fate("198.51.100.80"), SUSPECT_SHARED);
}

/* One that every zone lies with, and what becomes of it. */
static void lie_everywhere(const char *text, int wanted)
{
	unsigned int zone;

	for (zone = 0; zone < 4; zone++) {
		lie(0, zone, text);
		deny_text(0, zone);
	}
	verdict_make(&verdict, &probe);
	assert_int_equal(fate(text), wanted);
	verdict_clear(&verdict);
	probe_clear(&probe);
}

/* Where many names are, some are not known here. */
static void s30_content_network_is_never_bogus(void **state)
{
	static const char *const texts[] = { "104.16.3.7", "151.101.1.1", "185.199.111.153",
					     "2606:4700::7", "23.227.38.65" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		lie_everywhere(texts[i], SUSPECT_SHARED);
	assert_string_equal(content_network(&(struct ip) { AF_INET, { 13, 33, 0, 1 } }),
			    "CloudFront");
	assert_null(content_network(&(struct ip) { AF_INET, { 203, 0, 113, 1 } }));
	assert_null(content_network(&(struct ip) { AF_INET, { 198, 41, 0, 4 } }));
}

/* What an address is called, as one of the resolvers says. */
static void pointer(const char *text, const char *name)
{
	char reverse[REVERSE_STRLEN];
	struct query *query;
	struct ip ip;

	assert_true(ip_parse(text, &ip));
	query = probe_ask(&probe, SIGHT_POINTER, 1, 0, ip_reverse(&ip, reverse), DNS_PTR,
			  TRANSPORT_UDP);
	query->state = QUERY_ANSWERED;
	snprintf(query->answer.texts[query->answer.n_texts++], ANSWER_TEXT_SIZE, "%s", name);
}

/* Its places are in everybody's networks, but they have names. */
static void s30_content_place_is_never_bogus(void **state)
{
	(void)state;
	pointer("203.0.113.1", "a203-0-113-1.deploy.static.AkamaiTechnologies.com");
	lie_everywhere("203.0.113.1", SUSPECT_SHARED);
	pointer("2001:db8::1", "fra16s50-in-x04.1e100.net");
	lie_everywhere("2001:db8::1", SUSPECT_SHARED);
	/* Others have names as well. */
	pointer("203.0.113.1", "lies.isp.test");
	pointer("203.0.113.2", "a203-0-113-2.deploy.static.akamaitechnologies.com");
	lie_everywhere("203.0.113.1", SUSPECT_BOGUS);
	pointer("203.0.113.1", "notcloudfront.net");
	lie_everywhere("203.0.113.1", SUSPECT_BOGUS);
}

/* RFC 3596 section 2.5 has this example. */
static void reverse_names(void **state)
{
	char name[REVERSE_STRLEN];
	struct ip ip;

	(void)state;
	assert_true(ip_parse("192.0.2.53", &ip));
	assert_string_equal(ip_reverse(&ip, name), "53.2.0.192.in-addr.arpa");
	assert_true(ip_parse("4321:0:1:2:3:4:567:89ab", &ip));
	assert_string_equal(ip_reverse(&ip, name),
			    "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.0.0.0.0.1.2.3.4.ip6.arpa");
}

/* A name that does not exist there proves nothing. */
static void control_that_is_missing(void **state)
{
	unsigned int zone;

	(void)state;
	for (zone = 0; zone < 4; zone++) {
		lie(0, zone, "203.0.113.1");
		deny_text(0, zone);
	}
	control(0, "www.example.com", "203.0.113.1", false);
	control(0, "www.example.org", "203.0.113.1", false);
	verdict_make(&verdict, &probe);
	assert_int_equal(fate("203.0.113.1"), SUSPECT_BOGUS);
	assert_int_equal(verdict.resolvers[0].kind, RESOLVER_HIJACKS);
}

/* Nor does it keep a range from being one. */
static void control_that_is_missing_is_not_real(void **state)
{
	unsigned int zone;

	(void)state;
	for (zone = 0; zone < 4; zone++) {
		lie(0, zone, "203.0.113.1");
		deny_text(0, zone);
	}
	control(0, "www.example.com", "203.0.113.2", false);
	control(0, "www.example.org", "203.0.113.3", true);
	verdict_make(&verdict, &probe);
	assert_int_equal(verdict.real.n, 1);
	assert_int_equal(verdict.real.items[0].ip.bytes[3], 3);
}

static void everything_has_one_address(void **state)
{
	unsigned int zone;

	(void)state;
	for (zone = 0; zone < 4; zone++)
		lie(0, zone, "192.0.2.254");
	control(0, "a.root-servers.net", "192.0.2.254", true);
	control(0, "www.example.com", "192.0.2.254", true);
	verdict_make(&verdict, &probe);
	assert_int_equal(verdict.resolvers[0].kind, RESOLVER_PORTAL);
	assert_int_equal(fate("192.0.2.254"), SUSPECT_PORTAL);
}

static void special_addresses(void **state)
{
	static const char *const texts[] = { "0.0.0.0", "127.0.0.1", "127.8.9.1", "169.254.1.1",
					     "224.0.0.1", "255.255.255.255", "::", "::1", "fe80::1",
					     "ff02::1", "::ffff:203.0.113.1" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		lie_everywhere(texts[i], SUSPECT_SPECIAL);
}

static void one_transport_only(void **state)
{
	unsigned int zone;

	(void)state;
	for (zone = 0; zone < 4; zone++) {
		missing(0, zone, DNS_A, TRANSPORT_UDP, "203.0.113.1");
		missing(0, zone, DNS_A, TRANSPORT_TCP, NULL);
		missing(1, zone, DNS_A, TRANSPORT_UDP, NULL);
		missing(1, zone, DNS_A, TRANSPORT_TCP, "203.0.113.1");
	}
	verdict_make(&verdict, &probe);
	assert_true(verdict.resolvers[0].udp_only && !verdict.resolvers[0].tcp_only);
	assert_true(verdict.resolvers[1].tcp_only && !verdict.resolvers[1].udp_only);
	assert_int_equal(fate("203.0.113.1"), SUSPECT_BOGUS);
}

static void errors_only(void **state)
{
	struct query *query;

	(void)state;
	query = probe_ask(&probe, SIGHT_MISSING, 0, 0, "x", DNS_A, TRANSPORT_UDP);
	query->state = QUERY_ANSWERED;
	query->answer.code = DNS_REFUSED;
	verdict_make(&verdict, &probe);
	assert_int_equal(verdict.resolvers[0].kind, RESOLVER_FAILS);
}

static void list_of(struct network_list *list, const char *const *texts)
{
	struct network network;

	for (; *texts; texts++) {
		assert_null(network_parse(*texts, &network));
		network_list_add(list, &network);
	}
}

static void expect_list(const struct network_list *list, const char *const *texts)
{
	char text[NETWORK_STRLEN];
	size_t i;

	for (i = 0; texts[i]; i++) {
		assert_true(i < list->n);
		assert_string_equal(network_text(&list->items[i], text), texts[i]);
	}
	assert_int_equal(list->n, i);
}

#define LIST(...)	((const char *const []) { __VA_ARGS__, NULL })

static void aggregates(const char *const *from, const char *const *not, const char *const *to)
{
	struct network_list list = {}, excluded = {};

	list_of(&list, from);
	list_of(&excluded, not);
	network_list_aggregate(&list, &excluded);
	expect_list(&list, to);
	network_list_clear(&list);
	network_list_clear(&excluded);
}

static void ranges(void **state)
{
	static const char *const none[] = { NULL };

	(void)state;
	aggregates(none, none, none);
	aggregates(LIST("203.0.113.80"), none, LIST("203.0.113.80"));
	aggregates(LIST("203.0.113.89", "203.0.113.81", "203.0.113.85"), none,
		   LIST("203.0.113.80/28"));
	/* Two addresses far from each other are no range. */
	aggregates(LIST("203.0.113.1", "203.0.113.200"), none,
		   LIST("203.0.113.1", "203.0.113.200"));
	/* Nor are those of different networks, however many. */
	aggregates(LIST("203.0.113.1", "203.0.112.1", "203.0.114.1", "198.51.100.1"), none,
		   LIST("198.51.100.1", "203.0.112.1", "203.0.113.1", "203.0.114.1"));
	/* Who else lives there is left out. */
	aggregates(LIST("203.0.113.0", "203.0.113.1", "203.0.113.2", "203.0.113.4"),
		   LIST("203.0.113.3"),
		   LIST("203.0.113.0/31", "203.0.113.2", "203.0.113.4"));
	aggregates(LIST("2001:db8::1", "2001:db8::2", "2001:db8::3", "203.0.113.1", "203.0.113.2"),
		   none, LIST("203.0.113.0/30", "2001:db8::/126"));
	aggregates(LIST("2001:db8::1", "2001:db8:0:0:8000::1", "2001:db8::ffff"), none,
		   LIST("2001:db8::/64"));
	aggregates(LIST("2001:db8::1", "2001:db8:0:1::1", "2001:db8:0:2::1"), none,
		   LIST("2001:db8::1", "2001:db8:0:1::1", "2001:db8:0:2::1"));
}

/* Whatever is covered was there, and what must not be covered is not. */
static void ranges_at_random(void **state)
{
	struct network_list list, excluded, covers;
	struct network network;
	unsigned int run, n;
	size_t i, j;

	(void)state;
	srand(1);
	for (run = 0; run < 2000; run++) {
		memset(&list, 0, sizeof(list));
		memset(&excluded, 0, sizeof(excluded));
		memset(&covers, 0, sizeof(covers));
		for (n = rand() % 20; n; n--) {
			network = (struct network) { { AF_INET, { 203, 0, 112 + rand() % 2,
							rand() % 64 } }, 32 };
			network_list_add(rand() % 5 ? &list : &excluded, &network);
		}
		for (i = 0; i < list.n; i++)
			for (j = 0; j < excluded.n; j++)
				if (ip_equal(&list.items[i].ip, &excluded.items[j].ip))
					excluded.items[j].ip.bytes[0] = 1;
		for (i = 0; i < list.n; i++)
			network_list_add(&covers, &list.items[i]);
		network_list_aggregate(&covers, &excluded);
		for (i = 0; i < list.n; i++) {
			n = 0;
			for (j = 0; j < covers.n; j++)
				n += network_holds(&covers.items[j], &list.items[i].ip);
			assert_int_equal(n, 1);
		}
		for (j = 0; j < covers.n; j++) {
			assert_true(covers.items[j].length >= 24);
			for (i = 0; i < excluded.n; i++)
				assert_false(network_holds(&covers.items[j],
							   &excluded.items[i].ip));
		}
		network_list_clear(&list);
		network_list_clear(&excluded);
		network_list_clear(&covers);
	}
}

#define CASE(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(nobody_lies),
		CASE(two_zones_agree),
		CASE(one_zone_is_too_few),
		CASE(zones_must_agree_on_the_address),
		CASE(resolvers_do_not_add_up),
		CASE(wildcards_at_one_place),
		CASE(wildcards_and_nothing_else),
		CASE(broken_wildcards),
		CASE(honest_one_beside_the_liar),
		CASE(all_zones_lie_and_nothing_is_denied),
		CASE(s30_shared_address_is_never_bogus),
		CASE(s30_shared_in_a_world_apart),
		CASE(s30_shared_says_another),
		CASE(s30_content_network_is_never_bogus),
		CASE(s30_content_place_is_never_bogus),
		cmocka_unit_test(reverse_names),
		CASE(control_that_is_missing),
		CASE(control_that_is_missing_is_not_real),
		CASE(everything_has_one_address),
		CASE(special_addresses),
		CASE(one_transport_only),
		CASE(errors_only),
		cmocka_unit_test(ranges),
		cmocka_unit_test(ranges_at_random),
	};

	return cmocka_run_group_tests_name("dns_verdict", tests, NULL, NULL);
}
