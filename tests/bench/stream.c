// SPDX-License-Identifier: GPL-2.0
/*
 * stream ROUNDS <LINES: send over TCP as fast as it goes. A line is
 *
 *	SENDER RECEIVER ADDRESS SECONDS
 *
 * two network namespaces and an address of the receiver's. In each round each line has
 * a turn of so many seconds, every second round backwards, and a connection of its own
 * in it. Prints for each line how many kilobytes were sent in all, and nanoseconds that
 * one took in each round: the mean of all parts at the processor's full speed (speed.h),
 * so that what stalls a stream now and then counts; a round without any is "nan".
 *
 * One process has both ends and never waits, so with one processor all that a stream
 * costs is in its time, and the scheduler has no say in how large packets become.
 */

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "speed.h"

#define LINES		32
/* What one call writes, and as much may be read by one. */
#define CHUNK		(128 << 10)
/* Kilobytes of a part, and of those ahead of the first, while the window grows. */
#define PART		1024
#define WARM		(4 * PART)
#define WAIT		10

/**
 * struct line - what takes its turn
 * @sender: a network namespace, that is a file
 * @receiver: likewise
 * @address: where the receiver listens
 * @turn: nanoseconds
 * @sent: kilobytes in all
 * @costs: of each round
 */
struct line {
	int sender;
	int receiver;
	struct sockaddr_in6 address;
	double turn;
	long sent;
	double *costs;
};

static struct line lines[LINES];
static char sent[CHUNK], received[CHUNK];

static void fail(const char *what)
{
	fprintf(stderr, "stream: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int namespace_of(const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		fail(path);
	return fd;
}

static void parse_line(struct line *line, char *text, int rounds)
{
	const struct addrinfo numbers = { .ai_family = AF_INET6, .ai_flags = AI_NUMERICHOST };
	char *sender = strtok(text, "\n "), *receiver = strtok(NULL, "\n ");
	char *address = strtok(NULL, "\n "), *seconds = strtok(NULL, "\n ");
	struct addrinfo *found;

	errno = EINVAL;
	if (!seconds || atof(seconds) <= 0 || getaddrinfo(address, NULL, &numbers, &found))
		fail("a line is SENDER RECEIVER ADDRESS SECONDS");
	memcpy(&line->address, found->ai_addr, sizeof(line->address));
	freeaddrinfo(found);
	line->sender = namespace_of(sender);
	line->receiver = namespace_of(receiver);
	line->turn = atof(seconds) * 1e9;
	line->costs = calloc(rounds, sizeof(*line->costs));
	if (!line->costs)
		fail("rounds");
}

static int socket_in(int namespace)
{
	int fd;

	if (setns(namespace, CLONE_NEWNET))
		fail("setns");
	fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		fail("socket");
	return fd;
}

/* Both ends of a connection. */
static void establish(struct line *line, int *from, int *to)
{
	struct sockaddr_in6 address = line->address;
	int listener = socket_in(line->receiver);
	socklen_t size = sizeof(address);

	if (bind(listener, (struct sockaddr *)&address, size) || listen(listener, 1) ||
	    getsockname(listener, (struct sockaddr *)&address, &size))
		fail("listen");
	*from = socket_in(line->sender);
	if (connect(*from, (struct sockaddr *)&address, size))
		fail("connect");
	*to = accept(listener, NULL, NULL);
	if (*to < 0)
		fail("accept");
	close(listener);
}

/* With a reset, so that nothing is left of it. */
static void end(int fd)
{
	const struct linger none = { .l_onoff = 1 };

	if (setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none)))
		fail("linger");
	close(fd);
}

static size_t tried(ssize_t done, const char *what)
{
	if (!done)
		errno = ECONNRESET;
	if (!done || (done < 0 && errno != EAGAIN))
		fail(what);
	return done < 0 ? 0 : done;
}

/*
 * So many kilobytes, until they have arrived. What is sent repeats itself after CHUNK
 * bytes, and both ends are at its beginning before and behind.
 */
static void carry(int from, int to, long kilobytes, bool compare)
{
	size_t size = (size_t)kilobytes << 10, out = 0, in = 0;
	double deadline = now() + WAIT * 1e9;

	while (in < size) {
		size_t at = out % CHUNK, got;

		if (out < size)
			out += tried(send(from, sent + at, CHUNK - at, MSG_DONTWAIT), "send");
		at = in % CHUNK;
		got = tried(recv(to, received + at, CHUNK - at, MSG_DONTWAIT), "receive");
		errno = EILSEQ;
		if (compare && memcmp(received + at, sent + at, got))
			fail("what arrived is not what was sent");
		in += got;
		errno = ETIMEDOUT;
		if (!got && now() > deadline)
			fail("what was sent did not arrive");
	}
}

static double take_turn(struct line *line)
{
	double start, before, begin, after;
	struct part parts[4096];
	size_t n_parts = 0;
	int from, to;

	establish(line, &from, &to);
	carry(from, to, WARM, true);
	line->sent += WARM;
	start = now();
	before = speed_probe();
	do {
		begin = now();
		carry(from, to, PART, false);
		line->sent += PART;
		parts[n_parts].cost = (now() - begin) / PART;
		parts[n_parts].done = PART;
		after = speed_probe();
		parts[n_parts++].probe = after > before ? after : before;
		before = after;
	} while (now() - start < line->turn && n_parts < sizeof(parts) / sizeof(*parts));
	end(from);
	end(to);
	return speed_total(parts, n_parts) / (PART * n_parts);
}

int main(int argc, char **argv)
{
	int rounds = argc == 2 ? atoi(argv[1]) : 0, count = 0, round, i;
	size_t room = 0, n;
	char *text = NULL;

	if (rounds < 1) {
		fputs("usage: stream ROUNDS <LINES\n", stderr);
		return 1;
	}
	for (n = 0; n < CHUNK; n++)
		sent[n] = n * 2654435761U >> 24;
	errno = E2BIG;
	while (getline(&text, &room, stdin) > 0) {
		if (count == LINES)
			fail("lines");
		parse_line(&lines[count++], text, rounds);
	}
	for (round = 0; round < rounds; round++) {
		for (i = 0; i < count; i++) {
			struct line *line = &lines[round % 2 ? count - 1 - i : i];

			line->costs[round] = take_turn(line);
		}
	}
	for (i = 0; i < count; i++) {
		printf("%ld", lines[i].sent);
		for (round = 0; round < rounds; round++)
			printf(" %.2f", lines[i].costs[round]);
		puts("");
	}
	free(text);
	return 0;
}
