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

/* What the kernel holds, the name it refuses, and how many messages it saw. */
static char clients[64][32];
static unsigned int n_clients, n_messages, n_commands;
static const char *refuse;

static unsigned int play(struct kernel *kernel, struct nlmsghdr *header, bool apply)
{
	struct nlattr *tb[SITBROKER_A_CLIENT_DROP + 1], *attr;
	int rest = header->nlmsg_len - NLMSG_HDRLEN - 4;

	nla_for_each_attr(attr, (struct nlattr *)((char *)nlmsg_data(header) + 4), rest, rest) {
		if (nla_type(attr) != SITBROKER_A_CLIENT)
			continue;
		assert_false(nla_parse_nested(tb, SITBROKER_A_CLIENT_DROP, attr, NULL));
		if (refuse && !strcmp(nla_get_string(tb[SITBROKER_A_CLIENT_NAME]), refuse)) {
			kernel->refusal = (struct refusal) {
				.error = EEXIST,
				.text = "taken",
				.has_offset = true,
				.offset = (char *)attr - (char *)header,
			};
			return 1;
		}
		if (apply)
			strcpy(clients[n_clients++], nla_get_string(tb[SITBROKER_A_CLIENT_NAME]));
	}
	return 0;
}

int kernel_request(struct kernel *kernel, struct nl_sock *socket, struct nl_msg *msg,
		   kernel_receive receive, void *arg)
{
	(void)socket;
	(void)receive;
	(void)arg;
	n_messages++;
	kernel->refusal = (struct refusal) {};
	/* Whole or not at all. */
	if (play(kernel, nlmsg_hdr(msg), false))
		return -EEXIST;
	play(kernel, nlmsg_hdr(msg), true);
	return 0;
}

struct nl_msg *kernel_message(struct kernel *kernel, uint8_t command, int flags, size_t size)
{
	struct nl_msg *msg = nlmsg_alloc_size(size);

	(void)kernel;
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
	(void)broker;
	(void)words;
	n_commands++;
	return EXIT_OK;
}

int link_info_get(struct broker *b, uint32_t ifindex, struct link_info *link)
{
	(void)b;
	(void)ifindex;
	(void)link;
	return -ENODEV;
}

static struct broker broker;
static unsigned long complained[16];
static unsigned int n_complained;

/* In the place of refused(), see the Makefile. */
int __wrap_refused(const struct broker *b, const char *what);

int __wrap_refused(const struct broker *b, const char *what)
{
	(void)what;
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
	n_commands = 0;
	n_complained = 0;
	refuse = NULL;
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
	refuse = "c";
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
	refuse = "b";
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
	(void)state;
	assert_int_equal(run("client add a\nclient add b endpoint 1.2.3\nclient add c\n"),
			 EXIT_USAGE);
	assert_int_equal(n_clients, 1);
	assert_string_equal(clients[0], "a");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(lines_become_one_message, setup),
		cmocka_unit_test_setup(another_command_comes_between, setup),
		cmocka_unit_test_setup(lines_before_a_refused_one_take_effect, setup),
		cmocka_unit_test_setup(with_force_lines_after_it_do_too, setup),
		cmocka_unit_test_setup(a_wrong_line_stops_after_those_before_it, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
