// SPDX-License-Identifier: GPL-2.0
/*
 * Batches: what is gathered into one message, and what happens when the kernel
 * refuses a line in the middle. The kernel is played by the test.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../tools/brokertool/batch.c"

/* What the kernel holds, how many messages, and clients in them, it saw. */
static char clients[20000][32];
static unsigned int n_clients, n_messages, n_sent, n_commands;

/* Names that it refuses: the second one after a first refusal only, the third without an offset. */
static const char *refuse_first, *refuse_then, *refuse_vaguely;
static bool refuse_all;

static unsigned int n_refused;

static unsigned int play(struct kernel *kernel, struct nlmsghdr *header, bool apply)
{
	struct nlattr *tb[SITBROKER_A_CLIENT_DROP + 1], *attr;
	int rest = header->nlmsg_len - NLMSG_HDRLEN - 4;
	bool refused_already = false;
	const char *name;

	nla_for_each_attr(attr, (struct nlattr *)((char *)nlmsg_data(header) + 4), rest, rest) {
		if (nla_type(attr) != SITBROKER_A_CLIENT)
			continue;
		assert_false(nla_parse_nested(tb, SITBROKER_A_CLIENT_DROP, attr, NULL));
		name = nla_get_string(tb[SITBROKER_A_CLIENT_NAME]);
		n_sent += !apply;
		if ((refuse_first && !strcmp(name, refuse_first)) ||
		    (refuse_then && n_refused && !strcmp(name, refuse_then))) {
			n_refused++;
			if (refused_already)
				continue;
			refused_already = true;
			kernel->refusal = (struct refusal) {
				.error = EEXIST,
				.text = "taken",
				.has_offset = true,
				/* Inside of the client, as for a wrong attribute of it. */
				.offset = (char *)attr + 4 - (char *)header,
			};
			continue;
		}
		if (refuse_vaguely && !strcmp(name, refuse_vaguely) && !refused_already) {
			kernel->refusal = (struct refusal) { .error = ENOMEM, .text = "short" };
			refused_already = true;
		}
		if (apply)
			strcpy(clients[n_clients++], name);
	}
	return refused_already;
}

int kernel_request(struct kernel *kernel, struct nl_sock *socket, struct nl_msg *msg,
		   kernel_receive receive, void *arg)
{
	(void)socket;
	(void)receive;
	(void)arg;
	n_messages++;
	kernel->refusal = (struct refusal) {};
	if (refuse_all) {
		kernel->refusal = (struct refusal) { .error = EPERM, .text = "not permitted" };
		return -EPERM;
	}
	/* Whole or not at all. */
	if (play(kernel, nlmsg_hdr(msg), false))
		return -EEXIST;
	play(kernel, nlmsg_hdr(msg), true);
	return 0;
}

struct nl_msg *kernel_message(uint8_t command, int flags, size_t size)
{
	struct nl_msg *msg = nlmsg_alloc_size(size);

	nlmsg_put(msg, 0, 0, 0x20, 4, flags);
	*(char *)nlmsg_data(nlmsg_hdr(msg)) = command;
	return msg;
}

int kernel_family(struct kernel *kernel)
{
	(void)kernel;
	return 0;
}

int command_run(struct broker *broker, struct words *words)
{
	struct words rest = { words->argc - 2, words->argv + 2 };
	static struct client_request request;

	n_commands++;
	/* What it comes here for is its complaint. */
	return gather_command(words) ? client_parse(broker, &rest, true, &request) : EXIT_OK;
}

int link_info_get(struct broker *b, uint32_t ifindex, struct link_info *link)
{
	(void)b;
	(void)ifindex;
	(void)link;
	return -ENODEV;
}

/* Nothing is remembered here that could be damaged. */
int config_read(struct broker *b, const char *path, struct config *config)
{
	(void)b;
	(void)path;
	(void)config;
	return EXIT_OK;
}

int config_running(struct broker *b, const char *name, struct config *config)
{
	(void)b;
	(void)name;
	(void)config;
	return EXIT_OK;
}

int client_config(struct broker *b, struct words *words)
{
	(void)b;
	(void)words;
	return EXIT_OK;
}

static struct broker broker;
static unsigned long complained[20000];
static unsigned int n_complained;

/* In the place of refused(), see the Makefile. */
int __wrap_refused(const struct broker *b, const char *what)
{
	(void)what;
	assert_int_not_equal(b->kernel.refusal.error, 0);
	complained[n_complained++] = b->line;
	return EXIT_REFUSED;
}

static int run(const char *text)
{
	char path[] = "/tmp/batch-test.XXXXXX";
	int fd = mkstemp(path), code;

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	broker.line = 0;
	code = batch_run(&broker, path);
	unlink(path);
	return code;
}

static int setup(void **state)
{
	(void)state;
	memset(&broker, 0, sizeof(broker));
	n_clients = 0;
	n_messages = 0;
	n_sent = 0;
	n_commands = 0;
	n_complained = 0;
	n_refused = 0;
	refuse_first = NULL;
	refuse_then = NULL;
	refuse_vaguely = NULL;
	refuse_all = false;
	return 0;
}

static void lines_become_one_message(void **state)
{
	(void)state;
	assert_int_equal(run("client add a\n# comment\n\nclient add b # more\ncl a c"), EXIT_OK);
	assert_int_equal(n_messages, 1);
	assert_int_equal(n_clients, 3);
	assert_string_equal(clients[2], "c");
}

static void another_command_comes_between(void **state)
{
	(void)state;
	assert_int_equal(run("client add a\nlink show\nclient add b\nclient del c\n"), EXIT_OK);
	assert_int_equal(n_messages, 3);
	assert_int_equal(n_commands, 1);
}

static void lines_before_a_refused_one_take_effect(void **state)
{
	(void)state;
	refuse_first = "c";
	assert_int_equal(run("client add a\nclient add b\nclient add c\nclient add d\n"),
			 EXIT_REFUSED);
	assert_int_equal(n_clients, 2);
	assert_int_equal(n_complained, 1);
	assert_int_equal(complained[0], 3);
}

static void with_force_lines_after_it_do_too(void **state)
{
	(void)state;
	broker.force = true;
	refuse_first = "b";
	assert_int_equal(run("client add a\nclient add b\nclient add c\nclient add b\n"
			     "client add d\n"), EXIT_REFUSED);
	assert_int_equal(n_clients, 3);
	assert_string_equal(clients[0], "a");
	assert_string_equal(clients[1], "c");
	assert_string_equal(clients[2], "d");
	assert_int_equal(n_complained, 2);
	assert_int_equal(complained[0], 2);
	assert_int_equal(complained[1], 4);
}

static void a_wrong_line_stops_after_those_before_it(void **state)
{
	FILE *terminal = stderr;
	char *printed;
	size_t size;

	(void)state;
	stderr = open_memstream(&printed, &size);
	assert_int_equal(run("client add a\nclient add b endpoint 1.2.3\nclient add c\n"),
			 EXIT_USAGE);
	fclose(stderr);
	stderr = terminal;
	assert_non_null(strstr(printed, ":2: endpoint \"1.2.3\" is no IPv4 address"));
	assert_ptr_equal(strchr(printed, '\n'), printed + size - 1);
	free(printed);
	assert_int_equal(n_clients, 1);
	assert_string_equal(clients[0], "a");
}

/* One error ends a batch: what is wrong behind it is not mentioned. */
static void a_refused_line_comes_before_a_wrong_one(void **state)
{
	(void)state;
	refuse_first = "b";
	assert_int_equal(run("client add a\nclient add b\nclient add c endpoint 1.2.3\n"),
			 EXIT_REFUSED);
	assert_int_equal(n_clients, 1);
	assert_int_equal(n_complained, 1);
	assert_int_equal(complained[0], 2);
	assert_int_equal(n_commands, 0);
}

/* While the message is cut, somebody else takes a name in front of the cut. */
static void a_line_may_become_impossible_meanwhile(void **state)
{
	(void)state;
	broker.force = true;
	refuse_first = "c";
	refuse_then = "a";
	assert_int_equal(run("client add a\nclient add b\nclient add c\nclient add d\n"),
			 EXIT_REFUSED);
	assert_int_equal(n_clients, 2);
	assert_string_equal(clients[0], "b");
	assert_string_equal(clients[1], "d");
	assert_int_equal(n_complained, 2);
	assert_int_equal(complained[0], 1);
	assert_int_equal(complained[1], 3);
}

static void without_an_offset_each_line_is_asked_about(void **state)
{
	(void)state;
	refuse_all = true;
	assert_int_equal(run("client add a\nclient add b\nclient add c\n"), EXIT_REFUSED);
	assert_int_equal(n_complained, 1);
	assert_int_equal(complained[0], 1);

	setup(NULL);
	refuse_all = true;
	broker.force = true;
	assert_int_equal(run("client add a\nclient add b\nclient add c\n"), EXIT_REFUSED);
	assert_int_equal(n_complained, 3);
	assert_int_equal(complained[2], 3);

	/* The first one is not to blame for another one. */
	setup(NULL);
	refuse_vaguely = "c";
	assert_int_equal(run("client add a\nclient add b\nclient add c\nclient add d\n"),
			 EXIT_REFUSED);
	assert_int_equal(n_clients, 2);
	assert_int_equal(n_complained, 1);
	assert_int_equal(complained[0], 3);
}

static char *repeat(const char *format, unsigned int n)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);
	unsigned int i;

	for (i = 0; i < n; i++)
		fprintf(stream, format, i);
	fclose(stream);
	return text;
}

static void many_lines_become_few_messages(void **state)
{
	char *text = repeat("client add c%u endpoint 203.0.113.7 mtu 1400\n", 10000);

	(void)state;
	assert_int_equal(run(text), EXIT_OK);
	assert_int_equal(n_clients, 10000);
	assert_string_equal(clients[9999], "c9999");
	assert_in_range(n_messages, 3, 10);
	free(text);
}

static void many_refused_lines_are_not_sent_again_and_again(void **state)
{
	char *text = repeat("client add same # %u\n", 4000);

	(void)state;
	broker.force = true;
	refuse_first = "same";
	assert_int_equal(run(text), EXIT_REFUSED);
	assert_int_equal(n_complained, 4000);
	assert_int_equal(complained[3999], 4000);
	assert_in_range(n_sent, 4000, 25 * 4000);
	free(text);
}

static void a_long_line_is_not_cut_short(void **state)
{
	char *names = repeat(" n%u", 2000), *text;

	(void)state;
	assert_true(asprintf(&text, "client add a\nclient del%s\nclient add b\n", names) > 0);
	assert_int_equal(run(text), EXIT_USAGE);
	assert_int_equal(n_clients, 1);
	assert_int_equal(n_commands, 0);
	free(names);
	free(text);
}

static void what_cannot_be_read_is_no_empty_batch(void **state)
{
	(void)state;
	assert_int_equal(batch_run(&broker, "/"), EXIT_USAGE);
	assert_int_equal(batch_run(&broker, "/nonexistent"), EXIT_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(lines_become_one_message, setup),
		cmocka_unit_test_setup(another_command_comes_between, setup),
		cmocka_unit_test_setup(lines_before_a_refused_one_take_effect, setup),
		cmocka_unit_test_setup(with_force_lines_after_it_do_too, setup),
		cmocka_unit_test_setup(a_wrong_line_stops_after_those_before_it, setup),
		cmocka_unit_test_setup(a_refused_line_comes_before_a_wrong_one, setup),
		cmocka_unit_test_setup(a_line_may_become_impossible_meanwhile, setup),
		cmocka_unit_test_setup(without_an_offset_each_line_is_asked_about, setup),
		cmocka_unit_test_setup(many_lines_become_few_messages, setup),
		cmocka_unit_test_setup(many_refused_lines_are_not_sent_again_and_again, setup),
		cmocka_unit_test_setup(a_long_line_is_not_cut_short, setup),
		cmocka_unit_test_setup(what_cannot_be_read_is_no_empty_batch, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
