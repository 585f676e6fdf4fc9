// SPDX-License-Identifier: GPL-2.0
/* What the doctor says of times: nobody waits a week for it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../tools/brokertool/doctor-client.c"
#include "../../tools/brokertool/doctor-link.c"

#define HOUR	(3600 * 1000LL)

static void test_age(void **state)
{
	static const struct {
		json_int_t ms;
		const char *text;
	} ages[] = {
		{ 0, "0 s" }, { 59999, "59 s" }, { 60000, "1 min" }, { HOUR - 1, "59 min" },
		{ HOUR, "1 h" }, { 24 * HOUR - 1, "23 h" }, { 24 * HOUR, "1 d" },
		{ 8 * 24 * HOUR + 5, "8 d" },
	};
	char text[AGE_STRLEN];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(ages) / sizeof(*ages); i++)
		assert_string_equal(age_text(ages[i].ms, text), ages[i].text);
}

/* As client_json() has it; @last: -1 for never */
static json_t *a_client(const char *name, json_int_t last)
{
	json_t *client = json_pack("{s:s,s:s,s:s,s:b,s:i}", "name", name, "state", "enabled",
				   "endpoint", "203.0.113.7", "mtu_auto", true, "mtu", 1480);

	json_object_set_new(client, "last_received_ms",
			    last < 0 ? json_null() : json_integer(last));
	return client;
}

static void judge_one(struct silence *silence, json_t *client)
{
	judge(silence, client, 1500);
	json_decref(client);
}

static json_t *found(struct doctor *doctor, size_t i)
{
	return json_array_get(doctor->findings, i);
}

static void test_last_heard(void **state)
{
	struct doctor doctor = { .findings = json_array() };
	struct silence silence = { .doctor = &doctor };
	json_t *refused = a_client("four", 9 * HOUR), *clients;
	char name[8];
	int i;

	(void)state;
	json_object_set_new(refused, "error", json_pack("{s:I}", "age_ms", 2 * HOUR));
	judge_one(&silence, a_client("one", 0));
	judge_one(&silence, a_client("almost", 7 * 24 * HOUR));
	judge_one(&silence, a_client("two", 8 * 24 * HOUR));
	judge_one(&silence, a_client("three", -1));
	judge_one(&silence, refused);
	for (i = 0; i < 6; i++) {
		snprintf(name, sizeof(name), "old%d", i);
		judge_one(&silence, a_client(name, (100 + i) * 24 * HOUR));
	}
	report_clients(&doctor, &silence);
	assert_int_equal(json_array_size(doctor.findings), 3);
	assert_int_equal(doctor.problems, 0);

	assert_string_equal(text_of(found(&doctor, 0), "what"),
			    "1 clients refuse packets, or a router on the way does, last so long ago: four (2 h)");
	clients = json_object_get(found(&doctor, 0), "clients");
	assert_int_equal(number_of(json_array_get(clients, 0), "last_received_ms"), 9 * HOUR);

	assert_string_equal(text_of(found(&doctor, 1), "what"),
			    "1 clients were never heard of: three");
	clients = json_object_get(found(&doctor, 1), "clients");
	assert_true(json_is_null(json_object_get(json_array_get(clients, 0), "last_received_ms")));

	assert_string_equal(text_of(found(&doctor, 2), "what"),
			    "7 clients were not heard of for a week or longer: two (8 d), old0 (100 d), old1 (101 d), old2 (102 d), old3 (103 d), and more");
	assert_string_equal(text_of(found(&doctor, 2), "command"), "brokertool client show two");
	clients = json_object_get(found(&doctor, 2), "clients");
	assert_int_equal(json_array_size(clients), 7);
	assert_string_equal(text_of(json_array_get(clients, 6), "name"), "old5");
	assert_int_equal(number_of(json_array_get(clients, 6), "last_received_ms"),
			 105 * 24 * HOUR);
	json_decref(doctor.findings);
}

/* A counter never falls: what happened once is no problem for ever. */
static void test_circles(void **state)
{
	static const struct {
		json_int_t age;
		const char *severity;
		const char *text;
	} circles[] = {
		{ 5000, "problem", "the last 5 s ago" },
		{ 10 * 60 * 1000 - 1, "problem", "the last 9 min ago" },
		{ 10 * 60 * 1000, "note", "the last 10 min ago" },
		{ 300 * 24 * HOUR, "note", "the last 300 d ago" },
		{ -1, "note", "the last some time ago" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(circles) / sizeof(*circles); i++) {
		struct doctor doctor = { .findings = json_array() };

		report_circles(&doctor, &(struct circles) { "broker0", circles[i].age }, 17);
		assert_string_equal(text_of(found(&doctor, 0), "severity"), circles[i].severity);
		assert_int_equal(doctor.problems, !strcmp(circles[i].severity, "problem"));
		assert_non_null(strstr(text_of(found(&doctor, 0), "what"), "dropped 17 packets"));
		assert_non_null(strstr(text_of(found(&doctor, 0), "what"), circles[i].text));
		json_decref(doctor.findings);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_age),
		cmocka_unit_test(test_last_heard),
		cmocka_unit_test(test_circles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
