// SPDX-License-Identifier: GPL-2.0
/* What is written for dnsmasq, and what never is: a corpus of injections. */

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../tools/brokerdns/name.h"
#include "../../tools/brokerdns/publish.h"
#include "../../tools/brokerdns/rules.h"

/* Names and addresses as an attacker would have them. */
static const char *const corpus[] = {
	"evil\nserver=/bank.test/203.0.113.66", "evil\rserver=203.0.113.66", "evil\n", "\n",
	"a.test/203.0.113.66\nbogus-nxdomain=0.0.0.0/0", "a.test/../../b", "a.test/b.test",
	"a.test#53", "#", "*", "*.test", "a b", " a", "a ", "a\tb", "a,b", "a=b", "a;b", "a'b",
	"a\"b", "a\\b", "a`id`", "$(id)", "${IFS}", "a|b", "a&b", "a%b", "a@b", "a!b", "a\x7f",
	"a\x80", "\xc3\xa9.test", "-a.test", "a-.test", ".a", "a..b", "..", "",
	"conf-script=/bin/sh", "dhcp-script=/tmp/x", "conf-file=/etc/shadow",
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.test",
	"203.0.113.1/0", "203.0.113.1/33", "203.0.113.1/-1", "203.0.113.1/ 24", "0203.0.113.1",
	"203.0.113.0/24\n", "203.0.113.1/24", "0.0.0.0/0x0", "::1%lo", "::/129", "1.2.3",
	"1.2.3.4.5",
	"fe80::1%eth0\nserver=1.2.3.4", "203.0.113.1#53#53", "203.0.113.1#0", "203.0.113.1#65536",
	"203.0.113.1@eth0", "203.0.113.1#53@1.2.3.4",
};

#define N_CORPUS	(sizeof(corpus) / sizeof(*corpus))

static const char *const good[] = {
	"", "# a comment", "bogus-nxdomain=203.0.113.80", "bogus-nxdomain=203.0.113.0/24",
	"bogus-nxdomain=2001:db8::1", "bogus-nxdomain=2001:db8::/64", "ignore-address=203.0.113.80",
	"server=/www.test/192.0.2.1", "server=/www.test/192.0.2.1#5353",
	"server=/www.test/2001:db8::1", "rev-server=2001:db8:5::/48,2001:db8::3",
	"servers-file=/var/lib/brokerdns/servers", "hostsdir=/var/lib/brokerdns/hosts",
	"local=/clients.test/",
};

static const char *const bad[] = {
	"conf-script=/bin/sh", "dhcp-script=/tmp/x", "addn-hosts=/etc/shadow",
	"log-facility=/etc/passwd",
	"port=0", "server=203.0.113.66", "server=//203.0.113.66", "server=/#/203.0.113.66",
	"server=/*.test/203.0.113.66", "server=/a/b/203.0.113.66", "server=/a.test/",
	"server=/a.test/#",
	"server=/A.test/1.2.3.4", "server=/a.test./1.2.3.4", "server=/a.test/1.2.3.4@eth0",
	"local=", "local=//", "local=/#/", "local=/a/b/", "local=/a.test/1.2.3.4", "local=/a.test",
	"local=/A.test/", "bogus-nxdomain", "bogus-nxdomain=", "bogus-nxdomain=0.0.0.0 ",
	"bogus-nxdomain =1.2.3.4",
	" bogus-nxdomain=1.2.3.4", "BOGUS-NXDOMAIN=1.2.3.4", "bogus-nxdomain=1.2.3.4 # x",
	"bogus-nxdomain=1.2.3.4\nport=0", "bogus-nxdomain=1.2.3.4/32", "bogus-nxdomain=2001:DB8::1",
	"bogus-nxdomain=2001:db8:0::1", "bogus-nxdomain=::ffff:1.2.3.4/96",
	"hostsdir=relative", "hostsdir=/var/../etc", "hostsdir=/a b", "servers-file=/a\n/b",
	"# fine\nport=0", "# \x1b[2J", "rev-server=2001:db8::/48",
	"rev-server=2001:db8::/48,a.test",
	"rev-server=2001:db8::1/48,2001:db8::1", "x", "=", "server", "bogus-nxdomains=1.2.3.4",
};

static void good_rules(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(*good); i++)
		assert_true(rule_check(good[i]));
}

static void bad_rules(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		if (rule_check(bad[i]))
			fail_msg("\"%s\" passes", bad[i]);
	}
}

/* "0203.0.113.1" is no address, but a name like any other. */
static bool is_name(const char *text)
{
	return *text && strspn(text, "0123456789.") == strlen(text) && !strstr(text, "..") &&
	       *text != '.';
}

/* Nothing of the corpus is part of any rule, wherever it stands. */
static void s30_no_injection(void **state)
{
	static const char *const places[] = {
		"bogus-nxdomain=%s", "ignore-address=%s", "server=/%s/192.0.2.1",
		"server=/www.test/%s", "local=/%s/", "rev-server=%s,2001:db8::1",
		"rev-server=2001:db8::/48,%s",
	};
	char line[512], name[NAME_SIZE];
	struct resolver resolver;
	struct network network;
	size_t i, j;

	(void)state;
	for (i = 0; i < N_CORPUS; i++) {
		for (j = 0; j < sizeof(places) / sizeof(*places); j++) {
			snprintf(line, sizeof(line), places[j], corpus[i]);
			if (rule_check(line) && !(is_name(corpus[i]) && strstr(line, "=/")))
				fail_msg("\"%s\" passes", line);
		}
		/* Nor does any get past the parsers. */
		if (!network_parse(corpus[i], &network) || !resolver_parse(corpus[i], &resolver))
			fail_msg("\"%s\" is taken for an address", corpus[i]);
		if (!name_parse(corpus[i], name) && *name && strchr(name, '\n'))
			fail_msg("\"%s\" is taken for a name", corpus[i]);
		snprintf(line, sizeof(line), "2001:db8::1 %s", corpus[i]);
		if (host_check(line) && !is_name(corpus[i]))
			fail_msg("\"%s\" is taken for a host", corpus[i]);
	}
}

/* Every byte, in the middle of a name and of an address. */
static void s30_every_byte(void **state)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-_.";
	static const char upper[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	char line[64], name[NAME_SIZE], text[8] = "a?b";
	unsigned int c;

	(void)state;
	for (c = 1; c < 256; c++) {
		text[1] = c;
		snprintf(line, sizeof(line), "server=/%s/192.0.2.1", text);
		assert_int_equal(rule_check(line), !!strchr(allowed, c));
		if (!name_parse(text, name))
			assert_true(strchr(allowed, c) || strchr(upper, c));
		snprintf(line, sizeof(line), "bogus-nxdomain=203.0.113.%c", c);
		assert_int_equal(rule_check(line), c >= '0' && c <= '9');
		snprintf(line, sizeof(line), "2001:db8::1 a%cb", c);
		assert_int_equal(host_check(line), !!strchr(allowed, c));
	}
}

static void lines_are_counted(void **state)
{
	(void)state;
	assert_int_equal(rules_check(""), 0);
	assert_int_equal(rules_check("# a\nbogus-nxdomain=203.0.113.1\n"), 0);
	assert_int_equal(rules_check("# a\nport=0\n"), 2);
	/* A line without an end would join whatever comes next. */
	assert_int_equal(rules_check("# a\nbogus-nxdomain=203.0.113.1"), 2);
}

static void writes(void **state)
{
	struct rules rules = {}, more = {};
	struct resolver resolver;
	struct network network;

	(void)state;
	assert_null(network_parse("203.0.113.80/28", &network));
	rules_comment(&rules, "from %s", "a\nport=0\x1b");
	rules_bogus(&rules, &network);
	rules_ignore(&rules, &network);
	rules_range(&rules, &network);
	assert_null(resolver_parse("192.0.2.1#5353", &resolver));
	rules_server(&more, "www.test", &resolver);
	rules_append(&rules, &more);
	assert_string_equal(rules.text, "# from a?port=0?\nbogus-nxdomain=203.0.113.80/28\n"
			    "ignore-address=203.0.113.80/28\n203.0.113.80-203.0.113.95\n"
			    "server=/www.test/192.0.2.1#5353\n");
	assert_int_equal(rules.n, 4);
	rules_clear(&rules);
	rules_clear(&more);

	assert_null(network_parse("2001:db8::/126", &network));
	rules_range(&rules, &network);
	network.length = 128;
	rules_range(&rules, &network);
	assert_string_equal(rules.text, "[2001:db8::]-[2001:db8::3]\n[2001:db8::]\n");
	rules_clear(&rules);
}

/* What should not be possible ends the program before anything is written. */
static void aborts(const char *domain)
{
	struct rules rules = {};
	struct resolver resolver;
	int status;
	pid_t pid = fork();

	if (!pid) {
		close(STDERR_FILENO);
		/* Not the test framework's handler. */
		signal(SIGABRT, SIG_DFL);
		resolver_parse("192.0.2.1", &resolver);
		rules_server(&rules, domain, &resolver);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGABRT)
		fail_msg("\"%s\" is written", domain);
}

static void s30_the_writer_refuses(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < N_CORPUS; i++)
		if (!is_name(corpus[i]))
			aborts(corpus[i]);
}

static void publishes_names(void **state)
{
	struct publication publication = { .domain = "clients.test" };
	struct ip one, two;
	size_t i;

	(void)state;
	assert_true(ip_parse("2001:db8::1", &one));
	assert_true(ip_parse("2001:db8::3", &two));
	assert_true(publication_add(&publication, "Zoe", &two));
	assert_true(publication_add(&publication, "home", &one));
	assert_true(publication_add(&publication, "Twin", &one));
	assert_true(publication_add(&publication, "twin", &two));
	for (i = 0; i < N_CORPUS; i++)
		if (!is_name(corpus[i]))
			assert_false(publication_add(&publication, corpus[i], &one));
	publication_finish(&publication);
	assert_string_equal(publication.hosts.text, "2001:db8::1 home.clients.test\n"
			    "2001:db8::3 zoe.clients.test\n");
	assert_true(publication.left_out > 2);
	assert_null(strchr(publication.left_out_name, '\n'));
	publication_clear(&publication);
}

static void names(void **state)
{
	char name[NAME_SIZE], label[LABEL_MAX_LEN + 1], other[LABEL_MAX_LEN + 1];

	(void)state;
	assert_null(name_parse("WWW.Example.COM.", name));
	assert_string_equal(name, "www.example.com");
	assert_null(name_parse(".", name));
	assert_string_equal(name, "");
	assert_null(name_parse("_dmarc.xn--bcher-kva.example", name));
	assert_non_null(name_parse("a..b", name));
	assert_true(name_below("a.b.test", "b.test"));
	assert_true(name_below("b.test", "b.test"));
	assert_false(name_below("ab.test", "b.test"));
	assert_true(name_below("x", ""));
	name_join(name, "a", "");
	assert_string_equal(name, "a");
	label_random(label);
	label_random(other);
	assert_string_not_equal(label, other);
	assert_null(name_parse(label, name));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_rules),
		cmocka_unit_test(bad_rules),
		cmocka_unit_test(s30_no_injection),
		cmocka_unit_test(s30_every_byte),
		cmocka_unit_test(s30_the_writer_refuses),
		cmocka_unit_test(lines_are_counted),
		cmocka_unit_test(writes),
		cmocka_unit_test(publishes_names),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests_name("dns_rules", tests, NULL, NULL);
}
