// SPDX-License-Identifier: GPL-2.0
/* Words of a command, and complaints about them. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../tools/brokertool/brokertool.h"

static bool loaded;

int kernel_family(struct kernel *kernel)
{
	kernel->refusal = (struct refusal) { .error = EPROTONOSUPPORT, .text = "not loaded" };
	return loaded ? 0 : -EPROTONOSUPPORT;
}

/* What is printed on standard error from listen_in() to heard(). */
static char *printed;
static size_t printed_size;
static FILE *terminal;

static void listen_in(void)
{
	terminal = stderr;
	stderr = open_memstream(&printed, &printed_size);
}

static const char *heard(void)
{
	static char text[2048];

	fclose(stderr);
	stderr = terminal;
	snprintf(text, sizeof(text), "%s", printed);
	free(printed);
	return text;
}

#define WORDS(...)	{							\
	.argc = sizeof((char *[]) { __VA_ARGS__ }) / sizeof(char *),		\
	.argv = (char *[]) { __VA_ARGS__ },					\
}

static void value_words_may_be_abbreviated(void **state)
{
	struct words words = WORDS("no", "nobody", "", "none");

	(void)state;
	assert_true(words_is(&words, "none"));
	assert_false(words_is(&words, "none"));
	words_next(&words);
	assert_false(words_is(&words, "none"));
	words_next(&words);
	assert_true(words_is(&words, "none"));
	assert_false(words_is(&words, "none"));
}

static void a_complaint_is_one_line_and_json(void **state)
{
	struct broker broker = { .json = true, .batch = "file", .line = 7 };
	const char *text, *object;
	json_t *json, *error;

	(void)state;
	listen_in();
	assert_int_equal(usage_error(&broker, "name \"a\nb\x1b[2J\xff\" is bad"), EXIT_USAGE);
	text = heard();
	object = strchr(text, '\n') + 1;
	assert_memory_equal(text, "brokertool: file:7: name \"a?b?[2J?\" is bad\n",
			    object - text);
	json = json_loads(object, 0, NULL);
	assert_non_null(json);
	error = json_object_get(json, "error");
	assert_string_equal(json_string_value(json_object_get(error, "file")), "file");
	assert_int_equal(json_integer_value(json_object_get(error, "line")), 7);
	assert_string_equal(json_string_value(json_object_get(error, "msg")),
			    "name \"a?b?[2J?\" is bad");
	json_decref(json);
}

static void letters_of_other_languages_stay(void **state)
{
	struct broker broker = { };

	(void)state;
	listen_in();
	usage_error(&broker, "client \"ä\"");
	assert_string_equal(heard(), "brokertool: client \"ä\"\n");
}

static void an_error_number_stands_behind_the_command(void **state)
{
	struct broker broker = {
		.kernel.refusal = { .error = ENOMEM, .text = "Out of memory", .bare = true },
		.command = WORDS("client", "flush"),
	};

	(void)state;
	listen_in();
	assert_int_equal(refused(&broker, NULL), EXIT_REFUSED);
	assert_string_equal(heard(), "brokertool: client flush: Out of memory\n");

	/* The kernel's own sentence names its object. */
	broker.kernel.refusal.bare = false;
	listen_in();
	refused(&broker, NULL);
	assert_string_equal(heard(), "brokertool: Out of memory\n");
}

static void nothing_is_said_when_mute(void **state)
{
	struct broker broker = { .mute = true };

	(void)state;
	listen_in();
	assert_int_equal(usage_error(&broker, "wrong"), EXIT_USAGE);
	assert_string_equal(heard(), "");
}

static void a_missing_device_may_be_a_missing_module(void **state)
{
	struct words words = WORDS("nolink", "nolink");
	struct broker broker = { };
	uint32_t ifindex;

	(void)state;
	listen_in();
	loaded = false;
	assert_int_equal(device_next(&broker, &words, "dev", &ifindex), EXIT_REFUSED);
	assert_non_null(strstr(heard(), "not loaded"));
	listen_in();
	loaded = true;
	assert_int_equal(device_next(&broker, &words, "dev", &ifindex), EXIT_REFUSED);
	assert_non_null(strstr(heard(), "\"nolink\" does not exist"));
}

static void an_option_behind_the_command_is_told_so(void **state)
{
	struct words words = WORDS("-json");
	struct broker broker = { };
	uint32_t ifindex;

	(void)state;
	listen_in();
	assert_int_equal(device_only(&broker, &words, &ifindex), EXIT_USAGE);
	assert_non_null(strstr(heard(), "options go in front"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(value_words_may_be_abbreviated),
		cmocka_unit_test(a_complaint_is_one_line_and_json),
		cmocka_unit_test(letters_of_other_languages_stay),
		cmocka_unit_test(an_error_number_stands_behind_the_command),
		cmocka_unit_test(nothing_is_said_when_mute),
		cmocka_unit_test(a_missing_device_may_be_a_missing_module),
		cmocka_unit_test(an_option_behind_the_command_is_told_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
