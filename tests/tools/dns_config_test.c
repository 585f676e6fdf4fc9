// SPDX-License-Identifier: GPL-2.0
/* What dnsmasq was told; packets; times; parts of the servers-file. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../tools/brokerdns/config.h"
#include "../../tools/brokerdns/prefixes.h"
#include "../../tools/brokerdns/query.h"
#include "../../tools/brokerdns/race.h"

static char directory[40];

static void put(const char *name, const char *text)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static const char *value(const struct config *config, const char *name)
{
	const struct setting *setting = config_find(config, name);

	return setting ? setting->value : NULL;
}

static void follows_files(void **state)
{
	char main_file[128], dir[160], text[512];
	char *const argv[] = { "dnsmasq", "-k", "-C", main_file, "-p53",
			       "--listen-address=127.0.0.2", "--user", "nobody", "--no-resolv",
			       NULL };
	const struct setting *setting;
	struct config config;

	(void)state;
	strcpy(directory, "/tmp/dns-config-test.XXXXXX");
	assert_non_null(mkdtemp(directory));
	snprintf(main_file, sizeof(main_file), "%s/main", directory);
	snprintf(dir, sizeof(dir), "%s/d", directory);
	mkdir(dir, 0755);
	snprintf(text, sizeof(text), "# no option\n  server = 192.0.2.1  # a comment\n"
		 "txt-record=a,\"not # a comment\"\nconf-dir=%s/d/,*.conf\nconf-file=%s/main\n",
		 directory, directory);
	put("main", text);
	put("d/a.conf", "bogus-nxdomain=203.0.113.1\n");
	put("d/b.bak", "bogus-nxdomain=203.0.113.2\n");
	put("d/.c.conf", "bogus-nxdomain=203.0.113.3\n");
	config_read(&config, argv, "/");
	assert_string_equal(value(&config, "server"), "192.0.2.1");
	assert_string_equal(value(&config, "port"), "53");
	assert_string_equal(value(&config, "listen-address"), "127.0.0.2");
	assert_string_equal(value(&config, "user"), "nobody");
	assert_non_null(value(&config, "keep-in-foreground"));
	assert_non_null(value(&config, "no-resolv"));
	assert_string_equal(value(&config, "txt-record"), "a,\"not # a comment\"");
	setting = config_find(&config, "bogus-nxdomain");
	assert_non_null(setting);
	assert_string_equal(setting->value, "203.0.113.1");
	assert_int_equal(setting->line, 1);
	/* A file that leads to itself ends somewhere. */
	assert_true(config.n < 200);
	config_clear(&config);
	snprintf(text, sizeof(text), "rm -r %s", directory);
	assert_int_equal(system(text), 0);
}

static void directories(void **state)
{
	char path[64];

	(void)state;
	assert_true(config_dir_reads("/etc/dnsmasq.d,.dpkg-dist,.dpkg-old", "brokerdns.conf"));
	assert_false(config_dir_reads("/etc/dnsmasq.d,.dpkg-dist,.dpkg-old", "a.dpkg-old"));
	assert_true(config_dir_reads("/etc/dnsmasq.d,*.conf", "brokerdns.conf"));
	assert_false(config_dir_reads("/etc/dnsmasq.d,*.conf", "brokerdns.bak"));
	assert_false(config_dir_reads("/etc/dnsmasq.d,*.rules", "brokerdns.conf"));
	assert_false(config_dir_reads("/etc/dnsmasq.d", ".hidden"));
	assert_false(config_dir_reads("/etc/dnsmasq.d", "a.conf~"));
	config_dir_path("/etc/dnsmasq.d//,*.conf", path, sizeof(path));
	assert_string_equal(path, "/etc/dnsmasq.d");
}

static void no_words_at_all(void **state)
{
	char *const none[] = { NULL }, *const alone[] = { "dnsmasq", "-C", NULL };
	struct config config;

	(void)state;
	config_read(&config, none, NULL);
	config_clear(&config);
	config_read(&config, alone, NULL);
	config_clear(&config);
}

static void resolvers(void **state)
{
	struct resolver_list list = {};
	struct resolver resolver;
	unsigned int i;
	char text[32];

	(void)state;
	assert_null(resolver_parse("192.0.2.1", &resolver));
	assert_int_equal(resolver.port, 53);
	assert_string_equal(resolver.text, "192.0.2.1");
	assert_null(resolver_parse("2001:DB8::1#5353", &resolver));
	assert_string_equal(resolver.text, "2001:db8::1#5353");
	assert_null(resolver_parse("192.0.2.1#53", &resolver));
	assert_string_equal(resolver.text, "192.0.2.1");
	assert_non_null(resolver_parse("fe80::1%nosuchdevice", &resolver));
	assert_non_null(resolver_parse("192.0.2.1%lo", &resolver));
	assert_non_null(resolver_parse("localhost", &resolver));
	for (i = 0; i < RESOLVERS_MAX; i++) {
		snprintf(text, sizeof(text), "192.0.2.%u", i);
		assert_null(resolver_parse(text, &resolver));
		assert_true(resolver_list_add(&list, &resolver));
		assert_true(resolver_list_add(&list, &resolver));
	}
	assert_int_equal(list.n, RESOLVERS_MAX);
	assert_null(resolver_parse("192.0.2.99", &resolver));
	assert_false(resolver_list_add(&list, &resolver));
}

/* An answer to "www.test A": a CNAME and two addresses. */
static const uint8_t packet[] = {
	0x12, 0x34, 0x81, 0x80, 0, 1, 0, 3, 0, 0, 0, 0,
	3, 'w', 'w', 'w', 4, 't', 'e', 's', 't', 0, 0, 1, 0, 1,
	0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 6, 3, 'c', 'd', 'n', 0xc0, 16,
	0xc0, 38, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 203, 0, 113, 1,
	0xc0, 38, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 203, 0, 113, 2,
};

static struct query question(void)
{
	struct query query = { .type = DNS_A, .id = 0x1234, .state = QUERY_RUNNING, .fd = -1 };

	strcpy(query.name, "www.test");
	return query;
}

static void reads_answers(void **state)
{
	struct query query = question();
	char text[INET6_ADDRSTRLEN];

	(void)state;
	assert_true(query_read(&query, packet, sizeof(packet)));
	assert_int_equal(query.state, QUERY_ANSWERED);
	assert_int_equal(query.answer.n_ips, 2);
	assert_string_equal(ip_text(&query.answer.ips[1], text), "203.0.113.2");

	/* Not ours: another id, another name, another type. */
	query = question();
	query.id = 1;
	assert_false(query_read(&query, packet, sizeof(packet)));
	query = question();
	strcpy(query.name, "ww2.test");
	assert_false(query_read(&query, packet, sizeof(packet)));
	query = question();
	query.type = DNS_AAAA;
	assert_false(query_read(&query, packet, sizeof(packet)));
	/* Case does not matter. */
	query = question();
	strcpy(query.name, "WWW.test");
	assert_true(query_read(&query, packet, sizeof(packet)));
}

/* Every length, every byte changed: nothing breaks, and addresses stay addresses. */
static void reads_garbage(void **state)
{
	uint8_t *copy;
	struct query query;
	unsigned int run;
	size_t i, size;

	(void)state;
	for (size = 0; size < sizeof(packet); size++) {
		copy = malloc(size ?: 1);
		memcpy(copy, packet, size);
		query = question();
		assert_false(query_read(&query, copy, size));
		free(copy);
	}
	srand(53);
	for (run = 0; run < 50000; run++) {
		copy = malloc(sizeof(packet));
		memcpy(copy, packet, sizeof(packet));
		for (i = 0; i < 1 + run % 4; i++)
			copy[2 + rand() % (sizeof(packet) - 2)] = rand();
		query = question();
		query_read(&query, copy, sizeof(packet));
		assert_true(query.answer.n_ips <= ANSWER_IPS);
		free(copy);
	}
}

static struct race race;
static struct track tracks[8];

/* One address for each resolver, with these times in five rounds. */
static void track(unsigned int resolver, const char *ip, bool tunnel, const double *times)
{
	struct track *one = &tracks[race.n_tracks++];

	*one = (struct track) { .resolvers = 1U << resolver, .path.tunnel = tunnel };
	assert_true(ip_parse(ip, &one->path.ip));
	memcpy(one->times, times, 5 * sizeof(*times));
	race.entrants[resolver].answers = true;
}

static int race_setup(void **state)
{
	(void)state;
	memset(&race, 0, sizeof(race));
	race.tracks = tracks;
	race.n_entrants = 3;
	race.n_rounds = 5;
	return 0;
}

#define TIMES(...)	((const double []) { __VA_ARGS__ })

static void who_is_nearer(void **state)
{
	(void)state;
	track(0, "203.0.113.1", false, TIMES(50, 51, 52, 50, 49));
	track(1, "203.0.113.2", false, TIMES(20, 21, 20, 22, 20));
	track(2, "203.0.113.3", false, TIMES(10, 11, 10, 12, 10));
	race_count(&race);
	assert_int_equal(race_winner(&race, -1), 2);
	race.entrants[2].lies = true;
	assert_int_equal(race_winner(&race, -1), 1);
	race.entrants[1].strange = true;
	assert_int_equal(race_winner(&race, -1), 0);
	race.entrants[1].strange = false;
	race.entrants[1].tcp_only = true;
	assert_int_equal(race_winner(&race, -1), 0);
	assert_int_equal(race_winner(&race, 1), 0);
}

static void gain_must_be_large_and_stable(void **state)
{
	(void)state;
	/* 9 ms, though half; 12 ms, though a tenth. */
	track(0, "203.0.113.1", false, TIMES(18, 18, 18, 18, 18));
	track(1, "203.0.113.2", false, TIMES(9, 9, 9, 9, 9));
	race_count(&race);
	assert_int_equal(race_winner(&race, -1), 0);
	race_setup(NULL);
	track(0, "203.0.113.1", false, TIMES(120, 120, 120, 120, 120));
	track(1, "203.0.113.2", false, TIMES(108, 108, 108, 108, 108));
	race_count(&race);
	assert_int_equal(race_winner(&race, -1), 0);
	/* Once slower. */
	race_setup(NULL);
	track(0, "203.0.113.1", false, TIMES(50, 50, 50, 50, 50));
	track(1, "203.0.113.2", false, TIMES(10, 10, 60, 10, 10));
	race_count(&race);
	assert_int_equal(race_winner(&race, -1), 0);
	/* Hardly ever there. */
	race_setup(NULL);
	track(0, "203.0.113.1", false, TIMES(50, 50, 50, 50, 50));
	track(1, "203.0.113.2", false, TIMES(10, 10, -1, -1, -1));
	race_count(&race);
	assert_int_equal(race_winner(&race, -1), 0);
}

static void who_is_steered_to_stays(void **state)
{
	(void)state;
	track(0, "203.0.113.1", false, TIMES(50, 50, 50, 50, 50));
	track(1, "203.0.113.2", false, TIMES(43, 43, 55, 43, 43));
	track(2, "203.0.113.3", false, TIMES(50, 50, 50, 50, 50));
	race_count(&race);
	assert_int_equal(race_winner(&race, -1), 0);
	assert_int_equal(race_winner(&race, 1), 1);
	assert_int_equal(race_winner(&race, 2), 0);
	race.entrants[1].lies = true;
	assert_int_equal(race_winner(&race, 1), 0);
}

static void tunnel_is_slower(void **state)
{
	double four, six;

	(void)state;
	track(0, "203.0.113.1", false, TIMES(10, 10, 10, 10, 10));
	track(0, "2001:db8::1", true, TIMES(40, 40, 40, 40, 40));
	race_count(&race);
	assert_true(race_tunnel_slower(&race, &four, &six));
	assert_true(four == 10 && six == 40);
	tracks[1].path.tunnel = false;
	assert_false(race_tunnel_slower(&race, &four, &six));
}

static void medians(void **state)
{
	(void)state;
	assert_true(median_of(TIMES(3, 1, 2), 3) == 2);
	assert_true(median_of(TIMES(4, 1, 2, 3), 4) == 2.5);
	assert_true(median_of(TIMES(-1, 5, -1), 3) == 5);
	assert_true(median_of(TIMES(-1), 1) < 0);
}

static void covers4(uint32_t first, uint32_t last, const char *expected)
{
	struct network_list list = {};
	char text[NETWORK_STRLEN], all[512] = "";
	size_t i;

	prefixes_add4(&list, first, last);
	for (i = 0; i < list.n; i++)
		sprintf(all + strlen(all), "%s%s", i ? " " : "",
			network_text(&list.items[i], text));
	assert_string_equal(all, expected);
	network_list_clear(&list);
}

static void ranges_as_prefixes(void **state)
{
	struct network_list list = {};
	char text[NETWORK_STRLEN];
	uint32_t first, last, at;
	struct ip end;
	unsigned int run;
	size_t i;

	(void)state;
	covers4(0, 0xffffffff, "0.0.0.0/0");
	covers4(0xffffffff, 0xffffffff, "255.255.255.255");
	covers4(0, 0, "0.0.0.0");
	covers4(1, 6, "0.0.0.1 0.0.0.2/31 0.0.0.4/31 0.0.0.6");
	covers4(0xc0000200, 0xc00002ff, "192.0.2.0/24");
	covers4(0x80000001, 0xffffffff, "128.0.0.1 128.0.0.2/31 128.0.0.4/30 128.0.0.8/29 "
		"128.0.0.16/28 128.0.0.32/27 128.0.0.64/26 128.0.0.128/25 128.0.1.0/24 "
		"128.0.2.0/23 128.0.4.0/22 128.0.8.0/21 128.0.16.0/20 128.0.32.0/19 "
		"128.0.64.0/18 128.0.128.0/17 128.1.0.0/16 128.2.0.0/15 128.4.0.0/14 "
		"128.8.0.0/13 128.16.0.0/12 128.32.0.0/11 128.64.0.0/10 128.128.0.0/9 "
		"129.0.0.0/8 130.0.0.0/7 132.0.0.0/6 136.0.0.0/5 144.0.0.0/4 160.0.0.0/3 "
		"192.0.0.0/2");
	prefixes_add6(&list, 0, ~(address6_t)0);
	prefixes_add6(&list, ~(address6_t)0, ~(address6_t)0);
	assert_int_equal(list.n, 2);
	assert_string_equal(network_text(&list.items[0], text), "::/0");
	network_list_clear(&list);
	/* One behind the other from the first address to the last. */
	srand(7);
	for (run = 0; run < 5000; run++) {
		first = (uint32_t)rand() << 1 ^ rand();
		last = first + rand() % (rand() % 2 ? 300 : 3000000);
		if (last < first)
			continue;
		prefixes_add4(&list, first, last);
		for (i = 0, at = first; i < list.n; i++) {
			assert_int_equal(ip_value4(&list.items[i].ip), at);
			end = network_last(&list.items[i]);
			at = ip_value4(&end) + 1;
		}
		assert_int_equal(at, last + 1);
		network_list_clear(&list);
	}
}

/* Of a list, what stands for something is no rule, and all the rest is. */
static void special_addresses_are_cut_out(void **state)
{
	struct network_list list = {};
	struct ranges ranges = {};
	struct network network;
	struct ip ip, end;
	unsigned int run;
	uint64_t sum = 0;
	size_t i;

	(void)state;
	ranges_add4(&ranges, 0, 0xffffffff, 0);
	assert_int_equal(ranges_cut_special(&ranges), 4);
	for (i = 0; i < ranges.n4; i++)
		prefixes_add4(&list, ranges.v4[i].first, ranges.v4[i].last);
	for (i = 0; i < list.n; i++) {
		end = network_last(&list.items[i]);
		sum += (uint64_t)ip_value4(&end) - ip_value4(&list.items[i].ip) + 1;
		assert_null(ip_special(&list.items[i].ip));
		assert_null(ip_special(&end));
	}
	/* Without 0/8, 127/8, 169.254/16 and 224/3. */
	assert_true(sum == (1ULL << 32) - 2 * (1 << 24) - (1 << 16) - (1ULL << 29));
	srand(9);
	for (run = 0; run < 20000; run++) {
		network = (struct network) { { AF_INET, { rand(), rand(), rand(), rand() } }, 32 };
		ip = network.ip;
		for (i = 0; i < list.n && !network_holds(&list.items[i], &ip); i++)
			;
		assert_int_equal(i == list.n, !!ip_special(&ip));
	}
	network_list_clear(&list);
	ranges_free(&ranges);
	ranges_add6(&ranges, 0, 3, 0);
	assert_int_equal(ranges_cut_special(&ranges), 1);
	assert_int_equal(ranges.n6, 1);
	assert_true(ranges.v6[0].first == 2 && ranges.v6[0].last == 3);
	ranges_free(&ranges);
	assert_int_equal(ranges_cut_special(&ranges), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(follows_files),
		cmocka_unit_test(directories),
		cmocka_unit_test(no_words_at_all),
		cmocka_unit_test(resolvers),
		cmocka_unit_test(reads_answers),
		cmocka_unit_test(reads_garbage),
		cmocka_unit_test_setup(who_is_nearer, race_setup),
		cmocka_unit_test_setup(gain_must_be_large_and_stable, race_setup),
		cmocka_unit_test_setup(who_is_steered_to_stays, race_setup),
		cmocka_unit_test_setup(tunnel_is_slower, race_setup),
		cmocka_unit_test(medians),
		cmocka_unit_test(ranges_as_prefixes),
		cmocka_unit_test(special_addresses_are_cut_out),
	};

	return cmocka_run_group_tests_name("dns_config", tests, NULL, NULL);
}
