// SPDX-License-Identifier: GPL-2.0
/* Key words, their abbreviations, and names of drop reasons. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <linux/sitbroker.h>

#include "../../tools/lib/reason.h"
#include "../../tools/lib/words.h"

static const char *const words[] = { "show", "set", "stats", "delete", "stat", NULL };
static char complaint[256];

static int match(const char *word)
{
	*complaint = '\0';
	return word_match(word, words, "verb", complaint, sizeof(complaint));
}

static void whole_words_and_clear_beginnings_match(void **state)
{
	(void)state;
	assert_int_equal(match("set"), 1);
	assert_int_equal(match("sh"), 0);
	assert_int_equal(match("stats"), 2);
	assert_int_equal(match("d"), 3);
	assert_int_equal(match("stat"), 4);
}

static void an_ambiguous_beginning_lists_the_candidates(void **state)
{
	(void)state;
	assert_int_equal(match("s"), -1);
	assert_non_null(strstr(complaint, "ambiguous"));
	assert_non_null(strstr(complaint, " show"));
	assert_non_null(strstr(complaint, " set"));
	assert_non_null(strstr(complaint, " stats"));
	assert_null(strstr(complaint, " delete"));
}

static void an_unknown_word_names_the_nearest(void **state)
{
	(void)state;
	assert_int_equal(match("shwo"), -1);
	assert_non_null(strstr(complaint, "\"show\""));
	assert_int_equal(match("frobnicate"), -1);
	assert_non_null(strstr(complaint, " show set stats delete stat"));
	assert_int_equal(match(""), -1);
}

/* The specification is the source; the table in reason.c must follow it. */
static void every_drop_reason_has_the_name_in_the_specification(void **state)
{
	FILE *spec = fopen(SPEC, "r");
	unsigned int reason = 0;
	char line[256], name[64];
	int inside = 0;

	(void)state;
	assert_non_null(spec);
	while (fgets(line, sizeof(line), spec)) {
		if (!strcmp(line, "    name: drop-reason\n"))
			inside = 1;
		else if (!strncmp(line, "attribute-sets:", 15))
			break;
		else if (inside && sscanf(line, "        name: %63s", name) == 1)
			assert_string_equal(drop_reason_name(reason++), name);
	}
	fclose(spec);
	assert_int_equal(reason, SITBROKER_DROP_REASON_MAX + 1);
	assert_string_equal(drop_reason_name(reason), "newer-reason");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_words_and_clear_beginnings_match),
		cmocka_unit_test(an_ambiguous_beginning_lists_the_candidates),
		cmocka_unit_test(an_unknown_word_names_the_nearest),
		cmocka_unit_test(every_drop_reason_has_the_name_in_the_specification),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
