// SPDX-License-Identifier: GPL-2.0
/* brokertool top: who sends and receives most, now. */

#include <linux/sitbroker.h>
#include <netlink/attr.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "../lib/words.h"
#include "brokertool.h"

/* Lines of the screen that are no client's. */
#define LINES_AROUND	4

/* What a screen without a size shows. */
#define LINES_DEFAULT	24

enum order { ORDER_RX, ORDER_TX, ORDER_DROPS, ORDER_HEARD, ORDER_NAME };

/* They begin with the keys that choose them. */
static const char *const orders[] = { "rx", "tx", "drops", "heard", "name", NULL };

/**
 * struct row - a client at one time
 * @ifindex: its link
 * @id: its id, unique in the link
 * @name: its name
 * @endpoint: 0.0.0.0 for none
 * @rx: bytes received from it
 * @tx: bytes sent to it
 * @drops: its packets that were dropped, for all reasons
 * @heard_ms: how long ago it was heard of, INT64_MAX for never
 * @rx_rate: bytes a second since the sample before
 * @tx_rate: the same
 * @drop_rate: packets a second
 */
struct row {
	uint32_t ifindex;
	uint32_t id;
	char name[SITBROKER_NAME_MAX + 1];
	struct in_addr endpoint;
	uint64_t rx;
	uint64_t tx;
	uint64_t drops;
	int64_t heard_ms;
	double rx_rate;
	double tx_rate;
	double drop_rate;
};

/**
 * struct sample - all clients at one time
 * @rows: they
 * @n: number of them
 * @room: entries that @rows has room for
 * @when: in seconds of a clock that is never set
 */
struct sample {
	struct row *rows;
	size_t n;
	size_t room;
	double when;
};

/**
 * struct top - an invocation
 * @broker: the invocation
 * @ifindex: the link asked for, 0 for all
 * @order: how rows are sorted
 * @interval: seconds between samples
 * @now: the last sample
 * @before: the one before it
 */
struct top {
	struct broker *broker;
	uint32_t ifindex;
	enum order order;
	unsigned long interval;
	struct sample now;
	struct sample before;
};

static uint64_t counter(struct nlattr *attr)
{
	return attr ? nla_get_u64(attr) : 0;
}

static uint64_t all_drops(struct nlattr *nest)
{
	struct nlattr *tb[SITBROKER_A_DROP_PACKETS + 1], *attr;
	uint64_t drops = 0;
	int rest;

	nla_for_each_nested(attr, nest, rest)
		if (nla_type(attr) == SITBROKER_A_CLIENT_DROP &&
		    !nla_parse_nested(tb, SITBROKER_A_DROP_PACKETS, attr, NULL))
			drops += counter(tb[SITBROKER_A_DROP_PACKETS]);
	return drops;
}

/* There may be a million clients: they take no detour through JSON. */
static int take_row(struct broker *broker, const struct item *item, void *arg)
{
	struct nlattr *tb[SITBROKER_A_CLIENT_MAX + 1];
	struct sample *sample = arg;
	struct row *row;

	(void)broker;
	if (nla_parse_nested(tb, SITBROKER_A_CLIENT_MAX, item->nest, NULL) ||
	    !tb[SITBROKER_A_CLIENT_NAME] || !tb[SITBROKER_A_CLIENT_ID])
		return 0;
	if (sample->n == sample->room) {
		sample->room = sample->room ? 2 * sample->room : 64;
		sample->rows = must(reallocarray(sample->rows, sample->room,
						 sizeof(*sample->rows)));
	}
	row = &sample->rows[sample->n++];
	*row = (struct row) {
		.ifindex = item->ifindex,
		.id = nla_get_u32(tb[SITBROKER_A_CLIENT_ID]),
		.rx = counter(tb[SITBROKER_A_CLIENT_RX_BYTES]),
		.tx = counter(tb[SITBROKER_A_CLIENT_TX_BYTES]),
		.drops = all_drops(item->nest),
		.heard_ms = tb[SITBROKER_A_CLIENT_LAST_RECEIVED] ?
			    (int64_t)counter(tb[SITBROKER_A_CLIENT_LAST_RECEIVED]) : INT64_MAX,
	};
	snprintf(row->name, sizeof(row->name), "%s", nla_get_string(tb[SITBROKER_A_CLIENT_NAME]));
	if (tb[SITBROKER_A_CLIENT_ENDPOINT])
		row->endpoint.s_addr = nla_get_u32(tb[SITBROKER_A_CLIENT_ENDPOINT]);
	return 0;
}

static int compare_identity(const void *one, const void *other)
{
	const struct row *a = one, *b = other;

	if (a->ifindex != b->ifindex)
		return a->ifindex < b->ifindex ? -1 : 1;
	return a->id < b->id ? -1 : a->id > b->id;
}

/* A counter that went back is a new client's with an old id. */
static double rate(uint64_t now, uint64_t before, double seconds)
{
	return now < before || seconds <= 0 ? 0 : (now - before) / seconds;
}

/* Who was not there before has received nothing before. */
static void set_rates(struct sample *now, struct sample *before)
{
	/* All that there ever was has no rate. */
	double seconds = before->when > 0 ? now->when - before->when : 0;
	const struct row *old;
	size_t i;

	if (before->n)
		qsort(before->rows, before->n, sizeof(*before->rows), compare_identity);
	for (i = 0; i < now->n; i++) {
		struct row *row = &now->rows[i];

		old = before->n ? bsearch(row, before->rows, before->n, sizeof(*row),
					  compare_identity) : NULL;
		if (old && strcmp(old->name, row->name))
			old = NULL;
		row->rx_rate = rate(row->rx, old ? old->rx : 0, seconds);
		row->tx_rate = rate(row->tx, old ? old->tx : 0, seconds);
		row->drop_rate = rate(row->drops, old ? old->drops : 0, seconds);
	}
}

static int more(double a, double b)
{
	return a > b ? -1 : a < b;
}

/* Whoever has the same rate is sorted by all there was, then by name: lines shall not dance. */
static int compare_rows(const void *one, const void *other, void *arg)
{
	const struct row *a = one, *b = other;
	enum order order = *(enum order *)arg;
	int by = 0;

	switch (order) {
	case ORDER_RX:
		by = more(a->rx_rate, b->rx_rate) ?: more(a->rx, b->rx);
		break;
	case ORDER_TX:
		by = more(a->tx_rate, b->tx_rate) ?: more(a->tx, b->tx);
		break;
	case ORDER_DROPS:
		by = more(a->drop_rate, b->drop_rate) ?: more(a->drops, b->drops);
		break;
	case ORDER_HEARD:
		by = -more(a->heard_ms, b->heard_ms);
		break;
	case ORDER_NAME:
		break;
	}
	return by ?: strcmp(a->name, b->name);
}

static double clock_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

/* Take a new sample; the last one becomes the one before. Return: 0 or a negative errno. */
static int take_sample(struct top *top)
{
	struct sample old = top->before;
	int err;

	top->before = top->now;
	top->now = old;
	top->now.n = 0;
	top->now.when = clock_seconds();
	err = items_dump(top->broker, SITBROKER_CMD_CLIENT_GET, top->ifindex, SITBROKER_A_CLIENT,
			 take_row, &top->now);
	set_rates(&top->now, &top->before);
	return err;
}

/* 1234567 becomes 1.23M. Return: @text. */
static const char *short_number(double number, char text[16])
{
	static const char units[] = " kMGTPE";
	const char *unit = units;

	for (; number >= 999.5 && unit[1]; unit++)
		number /= 1000;
	snprintf(text, 16, "%.*f%.*s", unit == units ? 0 : number < 9.995 ? 2 : number < 99.95,
		 number, unit != units, unit);
	return text;
}

static void show_row(struct table *table, const struct row *row)
{
	char endpoint[INET_ADDRSTRLEN], rx_rate[16], tx_rate[16], rx[16], tx[16], drop_rate[16];
	char drops[24], heard[32] = "never", link[16];

	if (row->heard_ms != INT64_MAX)
		snprintf(heard, sizeof(heard), "%llds ago", (long long)row->heard_ms / 1000);
	snprintf(drops, sizeof(drops), "%llu", (unsigned long long)row->drops);
	table_row(table, false, (const char *[]) { row->name,
		  row->endpoint.s_addr ? ipv4_text(row->endpoint, endpoint) : "-",
		  short_number(8 * row->rx_rate, rx_rate), short_number(8 * row->tx_rate, tx_rate),
		  short_number(row->rx, rx), short_number(row->tx, tx),
		  short_number(row->drop_rate, drop_rate), drops, heard,
		  link_name(row->ifindex, link) });
}

static json_t *row_json(const struct row *row)
{
	char endpoint[INET_ADDRSTRLEN], link[16];

	return json_pack("{s:s,s:s?,s:s,s:f,s:f,s:f,s:I,s:I,s:I,s:o}", "name", row->name,
			 "endpoint", row->endpoint.s_addr ? ipv4_text(row->endpoint, endpoint)
							  : NULL,
			 "link", link_name(row->ifindex, link), "rx_bytes_per_second",
			 row->rx_rate, "tx_bytes_per_second", row->tx_rate, "drops_per_second",
			 row->drop_rate, "rx_bytes", (json_int_t)row->rx, "tx_bytes",
			 (json_int_t)row->tx, "drops", (json_int_t)row->drops,
			 "last_received_ms", row->heard_ms == INT64_MAX ? json_null() :
			 json_integer(row->heard_ms));
}

/* @max: lines that there is room for */
static void show(struct top *top, size_t max)
{
	static const char *const columns[] = { "NAME", "ENDPOINT", "RX BIT/S", "TX BIT/S",
					       "RX BYTES", "TX BYTES", "DROPS/S", "DROPS",
					       "RECEIVED", "LINK", NULL };
	struct table *table = NULL;
	size_t i;

	if (top->now.n)
		qsort_r(top->now.rows, top->now.n, sizeof(*top->now.rows), compare_rows,
			&top->order);
	if (top->broker->json)
		json_begin(top->broker);
	else
		table = table_new(top->broker, columns);
	for (i = 0; i < top->now.n && i < max; i++) {
		if (top->broker->json)
			json_item(top->broker, row_json(&top->now.rows[i]));
		else
			show_row(table, &top->now.rows[i]);
	}
	if (top->broker->json)
		json_end(top->broker);
	else
		table_print(table);
}

/* What all clients do together, and the keys. */
static void show_heading(const struct top *top)
{
	double rx = 0, tx = 0, drops = 0;
	char a[16], b[16], c[16];
	size_t i;

	for (i = 0; i < top->now.n; i++) {
		rx += top->now.rows[i].rx_rate;
		tx += top->now.rows[i].tx_rate;
		drops += top->now.rows[i].drop_rate;
	}
	printf("%zu clients: %sbit/s received, %sbit/s sent, %s packets/s dropped\n", top->now.n,
	       short_number(8 * rx, a), short_number(8 * tx, b), short_number(drops, c));
	printf("Sorted by %s. Keys: r, t, d, h, n sort by rx, tx, drops, heard, name; q ends.\n\n",
	       orders[top->order]);
}

static size_t screen_lines(void)
{
	struct winsize size;
	size_t lines = LINES_DEFAULT;

	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_row)
		lines = size.ws_row;
	return lines > LINES_AROUND + 1 ? lines - LINES_AROUND - 1 : 1;
}

/* Act on a key or a signal, or wait until the next sample is due. Return: false to end. */
static bool wait_for_keys(struct top *top, int signals, double until)
{
	struct pollfd inputs[] = {
		{ .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = signals, .events = POLLIN },
	};
	double left = until - clock_seconds();
	struct signalfd_siginfo info;
	char key;
	int i;

	if (left <= 0 || poll(inputs, 2, left * 1000 + 1) <= 0)
		return true;
	/* A window of another size is only drawn again. */
	if (inputs[1].revents)
		return read(signals, &info, sizeof(info)) == sizeof(info) &&
		       info.ssi_signo == SIGWINCH;
	if (read(STDIN_FILENO, &key, 1) != 1 || key == 'q')
		return false;
	for (i = 0; orders[i]; i++)
		if (key == *orders[i])
			top->order = i;
	return true;
}

/* Draw until somebody ends it. Return: 0 or a negative errno. */
static int draw(struct top *top, int signals)
{
	double due = 0;
	int err = 0;

	do {
		if (clock_seconds() >= due) {
			err = take_sample(top);
			due = clock_seconds() + top->interval;
		}
		if (err)
			break;
		fputs("\033[H\033[J", stdout);
		show_heading(top);
		show(top, screen_lines());
	} while (!fflush(stdout) && wait_for_keys(top, signals, due));
	return err;
}

/* The screen and the terminal are restored however it ends. Return: 0 or a negative errno. */
static int live(struct top *top)
{
	struct termios terminal, raw;
	sigset_t set, old;
	int signals, err;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGWINCH);
	sigprocmask(SIG_BLOCK, &set, &old);
	signals = signalfd(-1, &set, SFD_CLOEXEC);
	tcgetattr(STDIN_FILENO, &terminal);
	raw = terminal;
	raw.c_lflag &= ~(ICANON | ECHO);
	tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	/* The alternate screen, no cursor. */
	fputs("\033[?1049h\033[?25l", stdout);
	err = draw(top, signals);
	fputs("\033[?25h\033[?1049l", stdout);
	fflush(stdout);
	tcsetattr(STDIN_FILENO, TCSANOW, &terminal);
	close(signals);
	sigprocmask(SIG_SETMASK, &old, NULL);
	return err;
}

/* Two samples, one table. Return: 0 or a negative errno. */
static int once(struct top *top)
{
	struct timespec pause = { .tv_sec = top->interval };
	int err = take_sample(top);

	if (!err)
		nanosleep(&pause, NULL);
	if (!err)
		err = take_sample(top);
	if (!err)
		show(top, SIZE_MAX);
	return err;
}

/* top [sort KEY] [interval SECONDS] [once] [dev LINK]. Return: exit code. */
int top_command(struct broker *broker, struct words *words)
{
	static const char *const keys[] = { "sort", "interval", "once", "dev", NULL };
	struct top top = { .broker = broker, .interval = 1 };
	bool want_once = broker->json || !isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO);
	char complaint[160];
	const char *word;
	int code, err, order;

	while (words->argc) {
		switch (key_parse(broker, words, keys)) {
		case 0:
			if (value_next(broker, words, "sort", &word))
				return EXIT_USAGE;
			order = word_match(word, orders, "order", complaint, sizeof(complaint));
			if (order < 0)
				return usage_error(broker, "%s", complaint);
			top.order = order;
			break;
		case 1:
			if (number_next(broker, words, "interval", 1, 3600, &top.interval))
				return EXIT_USAGE;
			break;
		case 2:
			want_once = true;
			break;
		case 3:
			code = device_next(broker, words, "dev", &top.ifindex);
			if (code)
				return code;
			break;
		default:
			return EXIT_USAGE;
		}
	}
	err = want_once ? once(&top) : live(&top);
	free(top.now.rows);
	free(top.before.rows);
	return err ? refused(broker, NULL) : EXIT_OK;
}
