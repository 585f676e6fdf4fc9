// SPDX-License-Identifier: GPL-2.0
/*
 * brokertool filter, command by command. The kernel is played by the test, as
 * Documentation/netlink/specs/sitbroker.yaml has it, and strictly.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/sitbroker.h>
#include <locale.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../tools/brokertool/filter.h"

#define RANGES_MAX	200000

/* A list, and one that is being loaded. */
static struct played {
	bool exists;
	char name[32];
	uint32_t action;
	uint32_t generation;
	uint32_t n4, n6, n_labels, n_strings;
	uint8_t v4[RANGES_MAX][8];
	uint8_t v6[RANGES_MAX][32];
	uint32_t labels4[RANGES_MAX], labels6[RANGES_MAX];
	char strings[4 * 1024 * 1024];
} now, next;

static uint32_t want4, want6, want_labels, want_strings, got_labels4, got_labels6, next_generation;
static bool loading, may_be_empty;

/* How often somebody else changes the list just before the next begin. */
static unsigned int meddle;

/* Refuse this command. */
static int refuse_command;

static unsigned int n_chunks;

static int play_refuse(struct kernel *kernel, int error, const char *text)
{
	kernel->refusal = (struct refusal) { .error = error };
	snprintf(kernel->refusal.text, sizeof(kernel->refusal.text), "%s", text);
	loading = false;
	return -error;
}

static uint32_t u32(struct nlattr *attr)
{
	return attr ? nla_get_u32(attr) : 0;
}

static int play_begin(struct kernel *kernel, struct nlattr *nest, kernel_receive receive, void *arg)
{
	struct nlattr *tb[SITBROKER_A_LOAD_MAX + 1];
	struct nl_msg *reply;

	assert_false(nla_parse_nested(tb, SITBROKER_A_LOAD_MAX, nest, NULL));
	if (meddle) {
		meddle--;
		now.generation = ++next_generation;
	}
	if (tb[SITBROKER_A_LOAD_GENERATION] &&
	    u32(tb[SITBROKER_A_LOAD_GENERATION]) != (now.exists ? now.generation : 0))
		return play_refuse(kernel, ESTALE, "the list is another one now; read it again");
	want4 = u32(tb[SITBROKER_A_LOAD_RANGES4]);
	want6 = u32(tb[SITBROKER_A_LOAD_RANGES6]);
	want_labels = u32(tb[SITBROKER_A_LOAD_LABELS]);
	want_strings = u32(tb[SITBROKER_A_LOAD_STRINGS]);
	may_be_empty = tb[SITBROKER_A_LOAD_EMPTY];
	if (!want4 && !want6 && !may_be_empty)
		return play_refuse(kernel, EINVAL, "a list without ranges is refused; say empty");
	got_labels4 = 0;
	got_labels6 = 0;
	next.n4 = 0;
	next.n6 = 0;
	next.n_labels = 0;
	next.n_strings = 0;
	snprintf(next.name, sizeof(next.name), "%s", nla_get_string(tb[SITBROKER_A_LOAD_NAME]));
	next.action = tb[SITBROKER_A_LOAD_ACTION] ? u32(tb[SITBROKER_A_LOAD_ACTION]) :
		      now.exists ? now.action : SITBROKER_FILTER_ACTION_DROP;
	loading = true;

	reply = nlmsg_alloc();
	genlmsg_put(reply, 0, 0, 0, 0, 0, SITBROKER_CMD_FILTER_BEGIN, 1);
	nest = nla_nest_start(reply, NLA_F_NESTED | SITBROKER_A_LOAD);
	nla_put_u32(reply, SITBROKER_A_LOAD_ID, 77);
	nla_nest_end(reply, nest);
	receive(reply, arg);
	nlmsg_free(reply);
	return 0;
}

static uint32_t append(void *array, uint32_t n, size_t size, struct nlattr *attr)
{
	if (!attr)
		return n;
	assert_int_equal(nla_len(attr) % size, 0);
	memcpy((char *)array + n * size, nla_data(attr), nla_len(attr));
	return n + nla_len(attr) / size;
}

static int play_chunk(struct kernel *kernel, struct nlattr *nest)
{
	struct nlattr *tb[SITBROKER_A_CHUNK_MAX + 1];

	n_chunks++;
	if (refuse_command == SITBROKER_CMD_FILTER_CHUNK)
		return play_refuse(kernel, ENOMEM, "memory is short");
	assert_false(nla_parse_nested(tb, SITBROKER_A_CHUNK_MAX, nest, NULL));
	next.n4 = append(next.v4, next.n4, 8, tb[SITBROKER_A_CHUNK_RANGES4]);
	next.n6 = append(next.v6, next.n6, 32, tb[SITBROKER_A_CHUNK_RANGES6]);
	got_labels4 = append(next.labels4, got_labels4, 4, tb[SITBROKER_A_CHUNK_LABELS4]);
	got_labels6 = append(next.labels6, got_labels6, 4, tb[SITBROKER_A_CHUNK_LABELS6]);
	next.n_strings = append(next.strings, next.n_strings, 1, tb[SITBROKER_A_CHUNK_STRINGS]);
	return 0;
}

/* What the kernel would refuse must not be sent. */
static void check_ranges(const uint8_t *ranges, const uint32_t *labels, uint32_t n, size_t size)
{
	uint8_t behind[16];
	uint32_t i;
	size_t j;

	for (i = 0; i < n; i++) {
		const uint8_t *first = ranges + 2 * size * i, *last = first + size;

		assert_true(memcmp(first, last, size) <= 0);
		if (!i)
			continue;
		memcpy(behind, first - size, size);
		assert_true(memcmp(behind, first, size) < 0);
		for (j = size; j-- > 0 && !++behind[j];)
			;
		assert_true(memcmp(behind, first, size) || (want_labels &&
							    labels[i - 1] != labels[i]));
	}
}

static void check_load(void)
{
	uint32_t i;

	assert_int_equal(next.n4, want4);
	assert_int_equal(next.n6, want6);
	assert_int_equal(next.n_strings, want_strings);
	for (i = 0; i < next.n_strings; i++)
		next.n_labels += !next.strings[i];
	assert_int_equal(next.n_labels, want_labels);
	assert_int_equal(got_labels4, want_labels ? want4 : 0);
	assert_int_equal(got_labels6, want_labels ? want6 : 0);
	check_ranges(&next.v4[0][0], next.labels4, want4, 4);
	check_ranges(&next.v6[0][0], next.labels6, want6, 16);
}

static int play_commit(struct kernel *kernel)
{
	if (refuse_command == SITBROKER_CMD_FILTER_COMMIT)
		return play_refuse(kernel, ENOMEM, "memory is short");
	assert_true(loading);
	check_load();
	loading = false;
	now = next;
	now.exists = true;
	now.generation = ++next_generation;
	return 0;
}

static struct nl_msg *reply_begin(void)
{
	struct nl_msg *msg = nlmsg_alloc_size(64 * 1024);

	genlmsg_put(msg, 0, 0, 0, 0, 0, SITBROKER_CMD_FILTER_RANGE_GET, 1);
	return msg;
}

static void reply_end(struct nl_msg *msg, kernel_receive receive, void *arg)
{
	receive(msg, arg);
	nlmsg_free(msg);
}

static void put_filter(struct nl_msg *msg)
{
	struct nlattr *nest = nla_nest_start(msg, NLA_F_NESTED | SITBROKER_A_FILTER);

	nla_put_string(msg, SITBROKER_A_FILTER_NAME, now.name);
	nla_put_u32(msg, SITBROKER_A_FILTER_ACTION, now.action);
	nla_put_u32(msg, SITBROKER_A_FILTER_GENERATION, now.generation);
	nla_put_u32(msg, SITBROKER_A_FILTER_RANGES4, now.n4);
	nla_put_u32(msg, SITBROKER_A_FILTER_RANGES6, now.n6);
	nla_nest_end(msg, nest);
}

/* Few in each message, and labels cut where it happens. */
static void play_ranges(kernel_receive receive, void *arg)
{
	struct nl_msg *msg = reply_begin();
	struct nlattr *nest;
	uint32_t i, n;

	put_filter(msg);
	reply_end(msg, receive, arg);
	for (i = 0; i < now.n_strings; i += n) {
		n = now.n_strings - i < 7 ? now.n_strings - i : 7;
		msg = reply_begin();
		nest = nla_nest_start(msg, NLA_F_NESTED | SITBROKER_A_CHUNK);
		nla_put(msg, SITBROKER_A_CHUNK_STRINGS, n, now.strings + i);
		nla_nest_end(msg, nest);
		reply_end(msg, receive, arg);
	}
	for (i = 0; i < now.n4; i += n) {
		n = now.n4 - i < 1000 ? now.n4 - i : 1000;
		msg = reply_begin();
		nest = nla_nest_start(msg, NLA_F_NESTED | SITBROKER_A_CHUNK);
		nla_put(msg, SITBROKER_A_CHUNK_RANGES4, 8 * n, now.v4[i]);
		if (now.n_labels)
			nla_put(msg, SITBROKER_A_CHUNK_LABELS4, 4 * n, &now.labels4[i]);
		nla_nest_end(msg, nest);
		reply_end(msg, receive, arg);
	}
	for (i = 0; i < now.n6; i += n) {
		n = now.n6 - i < 500 ? now.n6 - i : 500;
		msg = reply_begin();
		nest = nla_nest_start(msg, NLA_F_NESTED | SITBROKER_A_CHUNK);
		nla_put(msg, SITBROKER_A_CHUNK_RANGES6, 32 * n, now.v6[i]);
		if (now.n_labels)
			nla_put(msg, SITBROKER_A_CHUNK_LABELS6, 4 * n, &now.labels6[i]);
		nla_nest_end(msg, nest);
		reply_end(msg, receive, arg);
	}
}

/* What filter test is answered: a list for each word of @verdicts. */
static const char *verdicts;

static void play_test(kernel_receive receive, void *arg)
{
	static const struct {
		const char *word;
		unsigned int action;
		bool attached;
		bool decides;
	} lists[] = {
		{ "drops", SITBROKER_FILTER_ACTION_DROP, true, true },
		{ "rejects", SITBROKER_FILTER_ACTION_REJECT, true, true },
		{ "counts", SITBROKER_FILTER_ACTION_COUNT, true, true },
		{ "allows", SITBROKER_FILTER_ACTION_ALLOW, true, true },
		{ "overruled", SITBROKER_FILTER_ACTION_DROP, true, false },
		{ "loose", SITBROKER_FILTER_ACTION_DROP, false, false },
	};
	struct nlattr *nest, *inner;
	struct nl_msg *msg;
	size_t i;

	for (i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		if (!strstr(verdicts, lists[i].word))
			continue;
		msg = reply_begin();
		nest = nla_nest_start(msg, NLA_F_NESTED | SITBROKER_A_FILTER);
		nla_put_string(msg, SITBROKER_A_FILTER_NAME, lists[i].word);
		nla_put_u32(msg, SITBROKER_A_FILTER_ACTION, lists[i].action);
		inner = nla_nest_start(msg, NLA_F_NESTED | SITBROKER_A_FILTER_MATCH);
		nla_put_u32(msg, SITBROKER_A_MATCH_FIRST, htonl(0xcb007100));
		nla_put_u32(msg, SITBROKER_A_MATCH_LAST, htonl(0xcb0071ff));
		nla_put_string(msg, SITBROKER_A_MATCH_LABEL, "M\xc3\xbcller");
		nla_nest_end(msg, inner);
		inner = lists[i].attached ?
			nla_nest_start(msg, NLA_F_NESTED | SITBROKER_A_FILTER_ATTACHMENT) : NULL;
		if (inner) {
			nla_put_u32(msg, SITBROKER_A_ATTACHMENT_SCOPE,
				    SITBROKER_FILTER_SCOPE_OUTER);
			nla_put_string(msg, SITBROKER_A_ATTACHMENT_IFNAME, "broker0");
			if (lists[i].decides)
				nla_put_flag(msg, SITBROKER_A_ATTACHMENT_DECIDES);
			nla_nest_end(msg, inner);
		}
		nla_nest_end(msg, nest);
		reply_end(msg, receive, arg);
	}
}

static char last_request[512];

static void note_place(struct nlattr *filter)
{
	struct nlattr *tb[SITBROKER_A_FILTER_MAX + 1], *at[SITBROKER_A_ATTACHMENT_MAX + 1];

	assert_false(nla_parse_nested(tb, SITBROKER_A_FILTER_MAX, filter, NULL));
	assert_false(nla_parse_nested(at, SITBROKER_A_ATTACHMENT_MAX,
				      tb[SITBROKER_A_FILTER_ATTACHMENT], NULL));
	snprintf(last_request, sizeof(last_request), "%s %u %u",
		 nla_get_string(tb[SITBROKER_A_FILTER_NAME]), u32(at[SITBROKER_A_ATTACHMENT_SCOPE]),
		 u32(at[SITBROKER_A_ATTACHMENT_IFINDEX]));
}

int kernel_request(struct kernel *kernel, struct nl_sock *socket, struct nl_msg *msg,
		   kernel_receive receive, void *arg)
{
	struct genlmsghdr *header = nlmsg_data(nlmsg_hdr(msg));
	struct nlattr *tb[SITBROKER_A_MAX + 1];
	struct nl_msg *reply;

	(void)socket;
	kernel->refusal = (struct refusal) {};
	assert_true(nlmsg_hdr(msg)->nlmsg_len <= REQUEST_MAX);
	assert_false(nla_parse(tb, SITBROKER_A_MAX, genlmsg_attrdata(header, 0),
			       genlmsg_attrlen(header, 0), NULL));
	switch (header->cmd) {
	case SITBROKER_CMD_FILTER_BEGIN:
		return play_begin(kernel, tb[SITBROKER_A_LOAD], receive, arg);
	case SITBROKER_CMD_FILTER_CHUNK:
		assert_true(loading);
		return play_chunk(kernel, tb[SITBROKER_A_CHUNK]);
	case SITBROKER_CMD_FILTER_COMMIT:
		return play_commit(kernel);
	case SITBROKER_CMD_FILTER_RANGE_GET:
	case SITBROKER_CMD_FILTER_GET:
		if (!now.exists)
			return play_refuse(kernel, ENOENT, "there is no such list");
		if (header->cmd == SITBROKER_CMD_FILTER_RANGE_GET) {
			play_ranges(receive, arg);
		} else {
			reply = reply_begin();
			put_filter(reply);
			reply_end(reply, receive, arg);
		}
		return 0;
	case SITBROKER_CMD_FILTER_TEST:
		play_test(receive, arg);
		return 0;
	case SITBROKER_CMD_FILTER_ATTACH:
	case SITBROKER_CMD_FILTER_DETACH:
		note_place(tb[SITBROKER_A_FILTER]);
		return 0;
	case SITBROKER_CMD_FILTER_DEL:
		now.exists = false;
		return 0;
	}
	fail();
	return -EINVAL;
}

struct nl_msg *kernel_message(uint8_t command, int flags, size_t size)
{
	struct nl_msg *msg = nlmsg_alloc_size(size);

	genlmsg_put(msg, 0, 0, 0, 0, flags, command, 1);
	return msg;
}

int kernel_family(struct kernel *kernel)
{
	(void)kernel;
	return 0;
}

static struct broker broker;
static char *printed, *complained;

/* Carry out "filter @line". Return: exit code, with what was printed. */
static int run(const char *line)
{
	static char copy[4096];
	char *argv[256], *save, *word;
	struct words words = { .argv = argv };
	FILE *terminal = stdout, *errors = stderr;
	size_t size, complained_size;
	int code;

	free(printed);
	free(complained);
	snprintf(copy, sizeof(copy), "%s", line);
	for (word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save))
		argv[words.argc++] = word;
	stdout = open_memstream(&printed, &size);
	stderr = open_memstream(&complained, &complained_size);
	code = filter_command(&broker, &words);
	fclose(stdout);
	fclose(stderr);
	stdout = terminal;
	stderr = errors;
	return code;
}

static char directory[32] = "/tmp/filter-test.XXXXXX";

static const char *write_file(const char *name, const char *text)
{
	static char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "w");
	fputs(text, file);
	fclose(file);
	return path;
}

static int load_text(const char *text, const char *more)
{
	char line[512];

	snprintf(line, sizeof(line), "load l %s %s", write_file("list", text), more);
	return run(line);
}

static int reset(void **state)
{
	(void)state;
	now.exists = false;
	meddle = 0;
	refuse_command = 0;
	broker = (struct broker) {};
	return 0;
}

/* All of the played list, as filter save writes it. */
static const char *saved(void)
{
	assert_int_equal(run("save l"), EXIT_OK);
	assert_memory_equal(printed, "# filter list l", 15);
	return strchr(printed, '\n') + 1;
}

static void a_file_becomes_a_list(void **state)
{
	(void)state;
	assert_int_equal(load_text("a:1.2.3.4-1.2.3.5\nb:1.2.3.5-1.2.3.9\n:2.0.0.0-2.0.0.1\n",
				   "action reject"), EXIT_OK);
	assert_true(now.exists);
	assert_int_equal(now.action, SITBROKER_FILTER_ACTION_REJECT);
	assert_string_equal(printed, "l: p2p: 3 ranges in 3 lines, 1 overlapping; "
				     "in force: 3 IPv4, 0 IPv6\n");
	assert_string_equal(saved(), "1.2.3.4-1.2.3.5 , 000 , a\n1.2.3.6-1.2.3.9 , 000 , b\n"
			    "2.0.0.0-2.0.0.1\n");
	/* Without a word about it, a list keeps its action. */
	assert_int_equal(load_text("1.1.1.1\n", ""), EXIT_OK);
	assert_int_equal(now.action, SITBROKER_FILTER_ACTION_REJECT);
}

static void a_large_list_arrives_whole(void **state)
{
	char *text, *twice, path[256];
	FILE *file;
	size_t size;
	unsigned int i;

	(void)state;
	file = open_memstream(&text, &size);
	for (i = 0; i < 50000; i++)
		fprintf(file, "%u.%u.%u.%u , 000 , label %u\n"
			"[2001:db8:%x::1]-[2001:db8:%x::ff] , 0 , v6 %u\n",
			1 + (i >> 14), i >> 7 & 127, i & 127, 2 * (i & 63), i % 9000, i, i,
			i % 3000);
	fclose(file);
	n_chunks = 0;
	assert_int_equal(load_text(text, ""), EXIT_OK);
	assert_true(n_chunks > 20);
	assert_int_equal(now.n4, 50000);
	assert_int_equal(now.n6, 50000);
	assert_int_equal(now.n_labels, 12000);
	free(text);
	/* There and back is the same. */
	text = strdup(saved());
	snprintf(path, sizeof(path), "load l %s", write_file("saved", text));
	assert_int_equal(run(path), EXIT_OK);
	twice = strdup(saved());
	assert_string_equal(text, twice);
	free(text);
	free(twice);
}

static void a_bad_file_changes_nothing(void **state)
{
	uint32_t generation;

	(void)state;
	assert_int_equal(load_text("9.9.9.9\n", ""), EXIT_OK);
	generation = now.generation;
	assert_int_equal(load_text("1.1.1.1\n2.2.2\n", ""), EXIT_USAGE);
	assert_non_null(strstr(complained, "list:2:6: not four octets: \"2.2.2\""));
	assert_non_null(strstr(complained, "1 unreadable: 1 not four octets"));
	assert_non_null(strstr(complained, "was not loaded"));
	assert_non_null(strstr(complained, "max-errors"));
	assert_int_equal(load_text("# nothing\n", ""), EXIT_USAGE);
	assert_non_null(strstr(complained, "there is no range in"));
	assert_int_equal(load_text("1.1.1.1 , 200 , allowed\n1.1.1.3 , 127 , too\n", ""),
			 EXIT_USAGE);
	assert_non_null(strstr(complained, "2 ranges are allowed by their level"));
	assert_non_null(strstr(complained, "; --level N "));
	assert_int_equal(load_text("<html>", ""), EXIT_USAGE);
	assert_int_equal(run("load l /nonexistent"), EXIT_USAGE);
	assert_non_null(strstr(complained, "/nonexistent cannot be read: No such file"));
	assert_non_null(strstr(complained, "; give a file that you may read"));
	assert_int_equal(run("load l /tmp"), EXIT_USAGE);
	assert_non_null(strstr(complained, "/tmp is a directory; give the files in it"));
	assert_int_equal(now.generation, generation);
	refuse_command = SITBROKER_CMD_FILTER_CHUNK;
	assert_int_equal(load_text("1.1.1.1\n", ""), EXIT_REFUSED);
	assert_non_null(strstr(complained, "memory is short"));
	refuse_command = SITBROKER_CMD_FILTER_COMMIT;
	assert_int_equal(load_text("1.1.1.1\n", ""), EXIT_REFUSED);
	refuse_command = 0;
	assert_int_equal(now.generation, generation);
	assert_string_equal(saved(), "9.9.9.9\n");
	/* One of several files. */
	assert_int_equal(run("load l /dev/null /nonexistent"), EXIT_USAGE);
	assert_int_equal(load_text("1.1.1.1\nbad\n", "max-errors 50%"), EXIT_OK);
	assert_non_null(strstr(complained, "list:2:1: no address"));
	assert_int_equal(load_text("1.1.1.1\nbad\n", "--max-errors 50"), EXIT_OK);
}

/* What brings nothing is a mistake among files that do: a cut download, a wrong name. */
static void files_may_hold_nothing(void **state)
{
	char line[1024], list[256], comments[256], empty[256];
	uint32_t generation;

	(void)state;
	strcpy(list, write_file("some", "1.1.1.1\n"));
	strcpy(comments, write_file("comments", "# to be\n\n// filled\n"));
	strcpy(empty, write_file("empty", ""));
	assert_int_equal(load_text("9.9.9.9\n", ""), EXIT_OK);
	generation = now.generation;
	snprintf(line, sizeof(line), "load l %s %s", empty, list);
	assert_int_equal(run(line), EXIT_USAGE);
	assert_non_null(strstr(complained, "\"l\" was not loaded: /tmp/filter-test."));
	assert_non_null(strstr(complained, "/empty is empty; leave it out, or get it again\n"));
	snprintf(line, sizeof(line), "load l %s %s", list, empty);
	assert_int_equal(run(line), EXIT_USAGE);
	assert_int_equal(now.generation, generation);
	snprintf(line, sizeof(line), "load l %s", empty);
	assert_int_equal(run(line), EXIT_USAGE);
	assert_non_null(strstr(complained, "there is no range in"));

	snprintf(line, sizeof(line), "load l %s %s", comments, list);
	assert_int_equal(run(line), EXIT_OK);
	assert_non_null(strstr(complained, "/comments has lines, but no range"));
	assert_non_null(strstr(printed, ", 1 files without a range; in force"));
	assert_string_equal(saved(), "1.1.1.1\n");
	broker.quiet = true;
	assert_int_equal(run(line), EXIT_OK);
	assert_string_equal(complained, "");
	broker.quiet = false;
	broker.json = true;
	assert_int_equal(run(line), EXIT_OK);
	assert_non_null(strstr(printed, "\"without_range\""));
	assert_non_null(strstr(printed, "/comments\""));
}

static void words_of_load_are_checked(void **state)
{
	static const struct {
		const char *line;
		const char *complaint;
	} lines[] = {
		{ "load", "needs the name of a list" },
		{ "load l", "needs a file" },
		{ "load l f format", "\"format\" needs a value" },
		{ "load l f format pdf", "unknown format \"pdf\"" },
		{ "load l f level 0", "no number from 1" },
		{ "load l f action burn", "unknown action \"burn\"" },
		{ "load l f max-errors 101", "no percentage" },
		{ "load l f max-errors -1", "no percentage" },
		{ "load l f -x", "./-x" },
		{ "load 12345678901234567890123456789012 f", "no name of 1 to 31" },
		{ "load top f", "another name" },
		{ "add l", "needs a range" },
		{ "add l 1.2.3.256", "range \"1.2.3.256\": octet above 255" },
		{ "add l 1.2.3.4/24", "bits set beyond" },
		{ "attach l", "where?" },
		{ "attach l dev lo", "in or out" },
		{ "attach l dev lo sideways", "unknown word" },
		{ "attach l outer in", "unknown word" },
		{ "test", "needs a value" },
		{ "attach l in", "dev IF in" },
		{ "attach l out", "dev IF out" },
		{ "detach l in dev lo", "dev IF in" },
		{ "detach l out", "dev IF out" },
		{ "test 1.2.3", "is no address" },
		{ "test 1.2.3.0/24", "is no address" },
		{ "test 1.2.3.0-1.2.3.9", "is no address" },
		{ "test [2001:db8::1", "is no address" },
		{ "show l top", "needs a value" },
		{ "show l x", "unknown word" },
		{ "save l a b", "one word too many" },
		{ "memory max 5x", "no number of bytes" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		assert_int_equal(run(lines[i].line), EXIT_USAGE);
		if (!strstr(complained, lines[i].complaint))
			print_message("# %s: %s\n", lines[i].line, complained);
		assert_non_null(strstr(complained, lines[i].complaint));
		assert_ptr_equal(strchr(complained, '\n') + 1, complained + strlen(complained));
	}
}

static void ranges_come_and_go(void **state)
{
	(void)state;
	assert_int_equal(run("add l 1.2.3.4"), EXIT_REFUSED);
	assert_false(now.exists);
	assert_int_equal(load_text("10.0.0.0-10.0.0.9 , 0 , ten\n", "action count"), EXIT_OK);
	/* What is there keeps its label. */
	assert_int_equal(run("add l 9.255.255.255-10.0.0.20 2001:db8::/32"), EXIT_OK);
	assert_string_equal(saved(), "9.255.255.255\n10.0.0.0-10.0.0.9 , 000 , ten\n"
			    "10.0.0.10-10.0.0.20\n"
			    "[2001:db8::]-[2001:db8:ffff:ffff:ffff:ffff:ffff:ffff]\n");
	assert_int_equal(now.action, SITBROKER_FILTER_ACTION_COUNT);
	assert_int_equal(run("del l 10.0.0.5 2001:db8::/32"), EXIT_OK);
	assert_string_equal(saved(), "9.255.255.255\n10.0.0.0-10.0.0.4 , 000 , ten\n"
			    "10.0.0.6-10.0.0.9 , 000 , ten\n10.0.0.10-10.0.0.20\n");
	/* One that is not there is a mistake, and nothing is done. */
	assert_int_equal(run("del l 10.0.0.6 7.7.7.7"), EXIT_REFUSED);
	assert_non_null(strstr(complained,
			       "holds nothing of 7.7.7.7 (1 of 2 ranges); nothing was"));
	assert_int_equal(run("del l 7.7.7.8 10.0.0.6 7.7.7.7 8.0.0.0/8"), EXIT_REFUSED);
	assert_non_null(strstr(complained, "holds nothing of 7.7.7.8 (3 of 4 ranges)"));
	assert_int_equal(run("del l 10.0.0.6 2001:db8::-2001:db8::9"), EXIT_REFUSED);
	assert_non_null(strstr(complained,
			       "nothing of [2001:db8::]-[2001:db8::9] (1 of 2 ranges)"));
	/* Beside one that is there. */
	assert_int_equal(run("del l 10.0.0.6 10.0.0.5"), EXIT_REFUSED);
	assert_non_null(strstr(complained, "holds nothing of 10.0.0.5 (1 of 2 ranges)"));
	assert_non_null(strstr(saved(), "10.0.0.6"));
	assert_int_equal(run("del l 0.0.0.0/0"), EXIT_OK);
	assert_int_equal(now.n4, 0);
	assert_true(now.exists);
}

static void others_may_change_it_meanwhile(void **state)
{
	(void)state;
	assert_int_equal(load_text("10.0.0.0-10.0.0.9\n", ""), EXIT_OK);
	meddle = FILTER_TRIES - 1;
	assert_int_equal(run("add l 1.1.1.1"), EXIT_OK);
	assert_int_equal(now.n4, 2);
	meddle = FILTER_TRIES;
	assert_int_equal(run("del l 1.1.1.1"), EXIT_REFUSED);
	assert_non_null(strstr(complained, "another one now"));
	assert_int_equal(now.n4, 2);
	meddle = 2;
	assert_int_equal(run("flush l"), EXIT_OK);
	assert_int_equal(now.n4, 0);
}

static void flush_empties_and_destroy_removes(void **state)
{
	(void)state;
	assert_int_equal(run("flush l"), EXIT_REFUSED);
	assert_false(now.exists);
	assert_int_equal(load_text("10.0.0.0-10.0.0.9\n", "action allow"), EXIT_OK);
	assert_int_equal(run("flush l"), EXIT_OK);
	assert_true(now.exists);
	assert_int_equal(now.n4 + now.n6, 0);
	assert_int_equal(now.action, SITBROKER_FILTER_ACTION_ALLOW);
	assert_int_equal(run("destroy l"), EXIT_OK);
	assert_false(now.exists);
}

static void places_are_where_they_are_said_to_be(void **state)
{
	(void)state;
	assert_int_equal(run("attach l outer"), EXIT_OK);
	assert_string_equal(last_request, "l 0 0");
	assert_int_equal(run("attach l inner dev lo"), EXIT_OK);
	assert_string_equal(last_request, "l 1 1");
	assert_int_equal(run("attach l dev lo in"), EXIT_OK);
	assert_string_equal(last_request, "l 2 1");
	assert_int_equal(run("detach l dev lo out"), EXIT_OK);
	assert_string_equal(last_request, "l 3 1");
}

static void a_blocked_address_has_its_status(void **state)
{
	static const struct {
		const char *verdicts;
		int code;
	} cases[] = {
		{ "", EXIT_OK }, { "drops", EXIT_NOT_FOUND }, { "rejects", EXIT_NOT_FOUND },
		{ "counts", EXIT_OK }, { "allows overruled", EXIT_OK }, { "loose", EXIT_OK },
		{ "loose counts drops", EXIT_NOT_FOUND },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		verdicts = cases[i].verdicts;
		assert_int_equal(run("test 203.0.113.7"), cases[i].code);
	}
	assert_non_null(strstr(printed, "203.0.113.0-203.0.113.255"));
	assert_non_null(strstr(printed, "M\xc3\xbcller"));
	assert_non_null(strstr(printed, "outer dev broker0"));
	assert_non_null(strstr(printed, "nowhere"));
	verdicts = "";
	assert_int_equal(run("test 2001:db8::1"), EXIT_OK);
	assert_string_equal(printed, "2001:db8::1 is in no list\n");
	/* As lists write them. */
	assert_int_equal(run("test [2001:db8::1]"), EXIT_OK);
	assert_int_equal(run("test 203.000.113.007"), EXIT_OK);
}

static json_t *parsed(const char *text)
{
	json_t *json = json_loads(text, 0, NULL);

	assert_non_null(json);
	assert_true(json_is_array(json));
	return json;
}

static void json_is_one_array(void **state)
{
	json_t *json, *object;

	(void)state;
	broker.json = true;
	assert_int_equal(load_text("1.2.3.9-1.2.3.4\n1.2.3.5\n1.2.3.10\nbad\n1.2.4.0 , 127 , x\n",
				   "max-errors 20"), EXIT_OK);
	json = parsed(printed);
	object = json_array_get(json, 0);
	assert_int_equal(json_integer_value(json_object_get(object, "ranges")), 3);
	assert_int_equal(json_integer_value(json_object_get(object, "ranges4")), 1);
	assert_int_equal(json_integer_value(json_object_get(object, "reversed")), 1);
	assert_int_equal(json_integer_value(json_object_get(object, "overlapping")), 1);
	assert_int_equal(json_integer_value(json_object_get(object, "adjacent")), 1);
	assert_int_equal(json_integer_value(json_object_get(object, "allowed")), 1);
	assert_int_equal(json_integer_value(json_object_get(object, "unreadable")), 1);
	object = json_array_get(json_object_get(object, "samples"), 0);
	assert_int_equal(json_integer_value(json_object_get(object, "line")), 4);
	json_decref(json);
	assert_int_equal(run("show"), EXIT_OK);
	json_decref(parsed(printed));
	verdicts = "drops loose";
	assert_int_equal(run("test 203.0.113.7"), EXIT_NOT_FOUND);
	json = parsed(printed);
	assert_int_equal(json_array_size(json), 2);
	assert_true(json_is_true(json_object_get(json_array_get(json, 0), "blocks")));
	assert_true(json_is_false(json_object_get(json_array_get(json, 1), "blocks")));
	json_decref(json);
	verdicts = "";
	assert_int_equal(run("test 203.0.113.7"), EXIT_OK);
	assert_string_equal(printed, "[]\n");
	now.exists = false;
	assert_int_equal(run("show l"), EXIT_NOT_FOUND);
	assert_string_equal(printed, "[]\n");
}

/* A file is replaced when the new one is complete, and keeps its mode. */
static void saving_replaces_a_file(void **state)
{
	char line[512], path[256], text[256];
	struct stat st;
	FILE *file;

	(void)state;
	assert_int_equal(load_text("1.1.1.1\n", ""), EXIT_OK);
	snprintf(path, sizeof(path), "%s", write_file("out", "old\n"));
	chmod(path, 0640);
	snprintf(line, sizeof(line), "save l %s", path);
	assert_int_equal(run(line), EXIT_OK);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	file = fopen(path, "r");
	assert_non_null(fgets(text, sizeof(text), file));
	assert_non_null(fgets(text, sizeof(text), file));
	assert_string_equal(text, "1.1.1.1\n");
	fclose(file);
	assert_int_equal(run("save l /nonexistent/file"), EXIT_REFUSED);
	assert_non_null(strstr(complained, "cannot be written to /nonexistent/file"));
	assert_int_equal(run("save l /dev/full"), EXIT_REFUSED);
	assert_int_equal(run("save l /dev/null"), EXIT_OK);
	now.exists = false;
	assert_int_equal(run(line), EXIT_REFUSED);
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_file_becomes_a_list, reset),
		cmocka_unit_test_setup(a_large_list_arrives_whole, reset),
		cmocka_unit_test_setup(a_bad_file_changes_nothing, reset),
		cmocka_unit_test_setup(files_may_hold_nothing, reset),
		cmocka_unit_test_setup(words_of_load_are_checked, reset),
		cmocka_unit_test_setup(ranges_come_and_go, reset),
		cmocka_unit_test_setup(others_may_change_it_meanwhile, reset),
		cmocka_unit_test_setup(flush_empties_and_destroy_removes, reset),
		cmocka_unit_test_setup(places_are_where_they_are_said_to_be, reset),
		cmocka_unit_test_setup(a_blocked_address_has_its_status, reset),
		cmocka_unit_test_setup(json_is_one_array, reset),
		cmocka_unit_test_setup(saving_replaces_a_file, reset),
	};
	char command[64];
	int failed;

	setlocale(LC_CTYPE, "C.UTF-8");
	if (!mkdtemp(directory))
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	free(printed);
	free(complained);
	snprintf(command, sizeof(command), "rm -r %s", directory);
	return system(command) || failed;
}
