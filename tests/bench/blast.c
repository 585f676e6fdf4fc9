// SPDX-License-Identifier: GPL-2.0
/*
 * blast ROUNDS [PACE] <LINES: send Ethernet frames as fast as devices take them; a round
 * begins PACE seconds after the last one did, if that has ended by then. A line is
 *
 *	DEVICE COUNT|SECONDSs FRAME [FIRST FIELD...]
 *
 * and stands for COUNT frames in each round, or as many as took SECONDS in the
 * first. The lines take turns, every second round backwards, so that what changes
 * the machine's speed strikes all of them alike. Prints a line for each: how many
 * frames were sent in all, and nanoseconds a frame in each round, by parts of some
 * hundred frames at the processor's full speed (speed.h); a round without any is
 * "nan".
 *
 * A line may end with " : PERIOD NETNS COMMAND...". Then the command runs in that
 * namespace in front of each turn, while frames are sent. What is printed is what a
 * frame costs if the command starts again PERIOD seconds after it had ended: all
 * that frames take from its start until its traces are gone, and in the PERIOD what
 * they take in the turn. What slows the processor down does so in both, and drops out.
 *
 * FRAME is in hexadecimal. FIELD is OFFSET:STEP:MANY:CHECKSUM and makes many frames
 * of one: to the 32-bit word at OFFSET, STEP times a number below MANY is added,
 * another number with each frame, and the Internet checksum at CHECKSUM, if that is
 * not 0, is put right. Numbers scatter, so that no processor can guess the next
 * one; FIRST is where they begin.
 *
 * Everything that a frame causes in this kernel runs on the sender's processor
 * before the last call returns, if there is one processor.
 */

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sched.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "speed.h"

/* IEEE 802, local experimental 2: no frame has it. */
#define PROTOCOL	0x88b6

#define BATCH	64
#define PART	(8 * BATCH)
#define FRAME	256
#define FIELDS	8
#define LINES	32
#define MOST	(1 << 20)
#define WORDS	16
/* Nanoseconds behind a command in which the kernel may still have to do with it. */
#define TRACES	2e7

/**
 * struct field - a word that differs from frame to frame
 * @offset: where it is
 * @checksum: of the checksum that covers it, or 0
 * @step: between neighbouring numbers
 * @many: numbers are below that
 * @base: its value in the frame that was given
 */
struct field {
	unsigned int offset;
	unsigned int checksum;
	uint32_t step;
	uint32_t many;
	uint32_t base;
};

/**
 * struct line - what takes its turn
 * @fd: a packet socket, bound to the device
 * @count: frames in a round; 0 until that is known
 * @turn: nanoseconds that a round is to take, where @count is not given
 * @sent: frames in all
 * @first: the first number, below @many
 * @turns: how many numbers were looked at
 * @bits: so many has the largest of them
 * @many: the most that any field has; all numbers are below it
 * @n_fields: how many of @fields there are
 * @fields: what differs from frame to frame
 * @frames: what is sent with one system call
 * @period: nanoseconds between two commands; 0 where there is none
 * @command: a namespace, a program and its arguments
 * @parts: of all rounds, one behind the other
 * @ends: how many of them there are after each round
 * @commands: of each round, nanoseconds that sending beside the command took, and frames
 * @n_parts: how many there are
 */
struct line {
	int fd;
	long count;
	double turn;
	long sent;
	uint32_t first;
	uint32_t turns;
	int bits;
	uint32_t many;
	int n_fields;
	struct field fields[FIELDS];
	unsigned char frames[BATCH][FRAME];
	struct iovec iov[BATCH];
	struct mmsghdr messages[BATCH];
	double period;
	char *command[WORDS];
	struct part *parts;
	size_t *ends;
	struct part *commands;
	size_t n_parts;
};

static struct line lines[LINES];

static void fail(const char *what)
{
	fprintf(stderr, "blast: %s\n", what);
	exit(1);
}

static size_t parse_frame(const char *hex, unsigned char *frame)
{
	size_t len = 0;

	while (len < FRAME && sscanf(hex, "%2hhx", &frame[len]) == 1) {
		len++;
		hex += 2;
	}
	return *hex ? 0 : len;
}

static uint32_t load(const unsigned char *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return ntohl(value);
}

static void store(unsigned char *at, uint32_t value)
{
	value = htonl(value);
	memcpy(at, &value, sizeof(value));
}

/* RFC 1624. */
static void fix_checksum(unsigned char *at, uint32_t old, uint32_t new)
{
	uint32_t sum = (uint16_t)~(at[0] << 8 | at[1]);

	sum += (uint16_t)~(old >> 16) + (uint16_t)~old + (new >> 16) + (new & 0xffff);
	sum = (sum >> 16) + (sum & 0xffff);
	sum = (sum >> 16) + (sum & 0xffff);
	at[0] = ~sum >> 8;
	at[1] = ~sum;
}

static void set_field(unsigned char *frame, const struct field *field, uint32_t number)
{
	uint32_t old = load(frame + field->offset);
	uint32_t new = field->base + field->step * (number % field->many);

	store(frame + field->offset, new);
	if (field->checksum)
		fix_checksum(frame + field->checksum, old, new);
}

/*
 * The next number. All of them have their turn, in an order without a pattern: a
 * constant stride comes back to neighbours every few frames, which a processor that
 * fetches neighbouring lines takes for a hint. Each step turns the numbers with so
 * many bits into each other; those that are too large are left out.
 */
static uint32_t next_number(struct line *line)
{
	uint32_t mask = (1ULL << line->bits) - 1, number;
	int half = (line->bits + 1) / 2;

	do {
		number = line->turns++ * 0x9e3779b1U & mask;
		number ^= number >> half;
		number = number * 0x85ebca77U & mask;
		number ^= number >> half;
	} while (number >= line->many);
	number += line->first;
	return number < line->many ? number : number - line->many;
}

/*
 * The socket is for a protocol of its own: else the kernel looks into each frame for what
 * is in it, before it is sent, and the deeper that is the dearer it would be to generate.
 */
static int socket_on(const char *device)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(PROTOCOL),
	};
	int fd, one = 1;

	address.sll_ifindex = if_nametoindex(device);
	fd = socket(AF_PACKET, SOCK_RAW, 0);
	if (!address.sll_ifindex || fd < 0 ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof(one)))
		fail("no socket on the device");
	return fd;
}

static void parse_command(struct line *line)
{
	char *word = strtok(NULL, "\n ");
	int n = 0;

	line->period = word ? atof(word) * 1e9 : 0;
	while (n < WORDS && (word = strtok(NULL, "\n ")))
		line->command[n++] = strdup(word);
	if (line->period <= 0 || n < 2 || n == WORDS)
		fail("a command is PERIOD NETNS COMMAND..., 15 words at most");
}

static void parse_line(struct line *line, char *text, int rounds)
{
	char *device = strtok(text, "\n "), *budget = strtok(NULL, "\n ");
	char *frame = strtok(NULL, "\n "), *first = strtok(NULL, "\n "), *word;
	size_t len;
	int n;

	if (budget && strchr(budget, 's'))
		line->turn = atof(budget) * 1e9;
	else if (budget)
		line->count = atol(budget);
	len = frame ? parse_frame(frame, line->frames[0]) : 0;
	if ((line->turn <= 0 && line->count < 1) || !len)
		fail("a line is DEVICE COUNT|SECONDSs FRAME [FIRST FIELD...]");
	line->many = 1;
	while ((word = strtok(NULL, "\n "))) {
		struct field *field = &line->fields[line->n_fields];

		if (!strcmp(word, ":")) {
			parse_command(line);
			break;
		}
		if (line->n_fields == FIELDS ||
		    sscanf(word, "%u:%u:%u:%u", &field->offset, &field->step, &field->many,
			   &field->checksum) != 4 || !field->many || field->offset + 4 > len)
			fail("a field is OFFSET:STEP:MANY:CHECKSUM, there are 8 at most");
		field->base = load(line->frames[0] + field->offset);
		if (field->many > line->many)
			line->many = field->many;
		line->n_fields++;
	}
	line->first = first ? strtoul(first, NULL, 0) % line->many : 0;
	while (1ULL << line->bits < line->many)
		line->bits++;
	line->fd = socket_on(device);
	for (n = 0; n < BATCH; n++) {
		memcpy(line->frames[n], line->frames[0], len);
		line->iov[n] = (struct iovec) { .iov_base = line->frames[n], .iov_len = len };
		line->messages[n].msg_hdr.msg_iov = &line->iov[n];
		line->messages[n].msg_hdr.msg_iovlen = 1;
	}
	line->ends = calloc(rounds, sizeof(*line->ends));
	line->commands = calloc(rounds, sizeof(*line->commands));
	if (!line->ends || !line->commands)
		fail("no memory");
}

static void send_batch(struct line *line, int batch)
{
	int n, i;

	for (n = 0; line->n_fields && n < batch; n++) {
		uint32_t number = next_number(line);

		for (i = 0; i < line->n_fields; i++)
			set_field(line->frames[n], &line->fields[i], number);
	}
	for (n = 0; n < batch;) {
		int sent = sendmmsg(line->fd, line->messages + n, batch - n, 0);

		if (sent < 0) {
			perror("blast");
			exit(1);
		}
		n += sent;
	}
}

static void add_part(struct line *line, double cost, double probe, long done)
{
	/* Each time that there are as many as a power of two. */
	if (!(line->n_parts & (line->n_parts - 1))) {
		size_t room = line->n_parts ? 2 * line->n_parts : 1;

		line->parts = realloc(line->parts, room * sizeof(*line->parts));
		if (!line->parts)
			fail("no memory");
	}
	line->parts[line->n_parts++] = (struct part) {
		.cost = cost, .probe = probe, .done = done,
	};
}

static void take_turn(struct line *line)
{
	const long most = line->count ? line->count : MOST;
	double before = speed_probe(), start = now(), begin = start;
	long sent = 0, part = 0;
	bool alone = true;

	for (bool last = false; !last;) {
		int batch = most - sent < BATCH ? most - sent : BATCH;

		send_batch(line, batch);
		sent += batch;
		part += batch;
		last = sent == most || (!line->count && now() - start >= line->turn);
		/* A part that is too short counts only where there is no other. */
		if (part == PART || (last && alone)) {
			double cost = (now() - begin) / part, after = speed_probe();

			add_part(line, cost, after > before ? after : before, part);
			before = after;
			alone = false;
			part = 0;
			begin = now();
		}
	}
	line->count = sent;
	line->sent += sent;
}

/*
 * Not by fork(): to copy what this process has, and to fault for each page of it
 * afterwards, is dear in User-Mode Linux, and no part of the command.
 */
static pid_t start_command(char **command)
{
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), there;
	posix_spawn_file_actions_t actions;
	char name[64];
	pid_t pid;

	snprintf(name, sizeof(name), "/run/netns/%s", command[0]);
	there = open(name, O_RDONLY | O_CLOEXEC);
	if (home < 0 || there < 0 || setns(there, CLONE_NEWNET))
		fail("the command's namespace cannot be entered");
	posix_spawn_file_actions_init(&actions);
	/* What it prints is no figure. */
	posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
	if (posix_spawnp(&pid, command[1], &actions, NULL, command + 1, environ))
		fail("no process for the command");
	posix_spawn_file_actions_destroy(&actions);
	if (setns(home, CLONE_NEWNET))
		fail("the command's namespace cannot be left");
	close(there);
	close(home);
	return pid;
}

static bool has_ended(pid_t pid)
{
	int status;

	if (!waitpid(pid, &status, WNOHANG))
		return false;
	if (status)
		fail("the command failed");
	return true;
}

static void take_command(struct line *line, struct part *command)
{
	double begin = now(), end = INFINITY;
	pid_t pid = start_command(line->command);
	long sent = 0;

	do {
		send_batch(line, BATCH);
		sent += BATCH;
		if (pid && has_ended(pid)) {
			pid = 0;
			end = now() + TRACES;
		}
	} while (now() < end);
	line->sent += sent;
	*command = (struct part) { .cost = now() - begin, .done = sent };
}

/* Of all parts, whatever the speed. */
static double mean_cost(const struct part *parts, size_t n)
{
	double cost = 0, done = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		cost += parts[i].cost * parts[i].done;
		done += parts[i].done;
	}
	return cost / done;
}

/* Sorts the turn's parts. */
static double cost_of_turn(const struct line *line, const struct part *command,
			   struct part *parts, size_t n)
{
	double mean = mean_cost(parts, n), cost = speed_quartile(parts, n), beside;

	if (!line->period)
		return cost;
	/* The turn was as slow as what came just before it, on the average. */
	beside = command->cost / mean * cost;
	return (beside + line->period) / (command->done + line->period / cost);
}

static void wait_until(double time)
{
	struct timespec at = { .tv_sec = time / 1e9, .tv_nsec = fmod(time, 1e9) };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL))
		;
}

int main(int argc, char **argv)
{
	int rounds = argc == 2 || argc == 3 ? atoi(argv[1]) : 0, count = 0, round, i;
	double pace = argc == 3 ? atof(argv[2]) * 1e9 : 0, begin;
	size_t room = 0;
	char *text = NULL;

	if (rounds < 1) {
		fputs("usage: blast ROUNDS [PACE] <LINES\n", stderr);
		return 1;
	}
	while (getline(&text, &room, stdin) > 0) {
		if (count == LINES)
			fail("too many lines");
		parse_line(&lines[count++], text, rounds);
	}
	for (round = 0; round < rounds; round++) {
		begin = now();
		for (i = 0; i < count; i++) {
			struct line *line = &lines[round % 2 ? count - 1 - i : i];

			if (line->period)
				take_command(line, &line->commands[round]);
			take_turn(line);
			line->ends[round] = line->n_parts;
		}
		if (pace && round + 1 < rounds)
			wait_until(begin + pace);
	}
	for (i = 0; i < count; i++) {
		size_t begin = 0;

		printf("%ld", lines[i].sent);
		for (round = 0; round < rounds; round++) {
			size_t end = lines[i].ends[round];

			printf(" %.1f", cost_of_turn(&lines[i], &lines[i].commands[round],
						     lines[i].parts + begin, end - begin));
			begin = end;
		}
		puts("");
	}
	free(text);
	return 0;
}
