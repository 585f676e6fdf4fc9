// SPDX-License-Identifier: GPL-2.0
/*
 * brokertool -batch: commands from a file.
 *
 * Lines that add clients to the same link, or delete them, are gathered into
 * one message. The kernel carries it out whole or not at all; where it refuses
 * a line, what stood before it is sent again, so that a batch has the effect
 * of its lines one after the other.
 */

#include <errno.h>
#include <linux/sitbroker.h>
#include <malloc.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../config/config.h"
#include "../lib/words.h"
#include "brokertool.h"

#define WORDS_MAX	1024

/* Lines in one message at the most. */
#define GATHER_MAX	4096

/* Lines in the first message after a refused one. */
#define GATHER_CAUTIOUS	16

/* What is read of a file at once. */
#define READ_MAX	(128 * 1024)

/**
 * struct gather - lines that become one message
 * @msg: the message, kept for the next lines when these were sent; NULL before the first
 * @command: its command
 * @ifindex: its link, 0 for the only one
 * @n: number of lines
 * @offset: where each one's attribute begins, and where the last one ends
 * @line: each one's number
 */
struct gather {
	struct nl_msg *msg;
	uint8_t command;
	uint32_t ifindex;
	unsigned int n;
	uint32_t offset[GATHER_MAX + 1];
	unsigned long line[GATHER_MAX];
};

static struct nl_msg *gather_message(const struct gather *gather, size_t size)
{
	struct nl_msg *msg = kernel_message(gather->command, 0, size);

	if (gather->ifindex)
		nla_put_u32(msg, SITBROKER_A_IFINDEX, gather->ifindex);
	return msg;
}

static bool gather_is_for(const struct gather *gather, uint8_t command, uint32_t ifindex)
{
	return gather->msg && gather->command == command && gather->ifindex == ifindex;
}

/* Where the last message was alike, it is emptied: libnl zeroes the room of each new one. */
static void gather_begin(struct gather *gather, uint8_t command, uint32_t ifindex)
{
	if (gather_is_for(gather, command, ifindex)) {
		nlmsg_hdr(gather->msg)->nlmsg_len = gather->offset[0];
		return;
	}
	nlmsg_free(gather->msg);
	gather->command = command;
	gather->ifindex = ifindex;
	gather->msg = gather_message(gather, REQUEST_MAX);
	gather->offset[0] = nlmsg_hdr(gather->msg)->nlmsg_len;
}

/*
 * Send lines from @from up to, but without, @to. Where one of them is refused,
 * @culprit is that one, or @to where the kernel did not say which.
 */
static int gather_send(struct broker *broker, const struct gather *gather, unsigned int from,
		       unsigned int to, unsigned int *culprit)
{
	uint32_t begin = gather->offset[from], size = gather->offset[to] - begin;
	uint32_t head = gather->offset[0], offset;
	const struct refusal *refusal = &broker->kernel.refusal;
	struct nl_msg *msg = gather->msg;
	int err;

	if (size < nlmsg_hdr(msg)->nlmsg_len - head) {
		msg = gather_message(gather, size + 1024);
		nlmsg_append(msg, (char *)nlmsg_hdr(gather->msg) + begin, size, NLMSG_ALIGNTO);
	}
	nlmsg_hdr(msg)->nlmsg_seq = NL_AUTO_SEQ;
	err = kernel_request(&broker->kernel, broker->kernel.generic, msg, NULL, NULL);
	if (msg != gather->msg)
		nlmsg_free(msg);
	*culprit = to;
	if (!err || !refusal->has_offset || refusal->offset < head)
		return err;
	offset = refusal->offset - head + begin;
	while (*culprit > from && gather->offset[*culprit] > offset)
		--*culprit;
	return err;
}

/* Carry out lines from @from up to, but without, @to. Return: exit code, after complaints. */
static int gather_carry_out(struct broker *broker, const struct gather *gather, unsigned int from,
			    unsigned int to)
{
	unsigned int n = to - from, end, culprit;
	struct refusal refusal;
	int code = EXIT_OK;

	while (from < to) {
		end = from + n < to ? from + n : to;
		if (!gather_send(broker, gather, from, end, &culprit)) {
			from = end;
			n *= 2;
			continue;
		}
		/* Nobody's fault, such as missing rights: the lines one by one. */
		if (culprit == end && end > from + 1) {
			n = 1;
			continue;
		}
		if (culprit == end)
			culprit = from;
		refusal = broker->kernel.refusal;
		if (culprit > from) {
			/* Meanwhile somebody else may have made one of them impossible. */
			code = gather_carry_out(broker, gather, from, culprit) ?: code;
			if (code && !broker->force)
				return code;
		}
		broker->kernel.refusal = refusal;
		broker->line = gather->line[culprit];
		code = refused(broker, NULL);
		if (!broker->force)
			return code;
		/* The next one may be near: what follows it would be sent for nothing. */
		from = culprit + 1;
		n = refusal.has_offset ? GATHER_CAUTIOUS : 1;
	}
	return code;
}

/* Send what was gathered. Return: exit code, after complaints. */
static int gather_flush(struct broker *broker, struct gather *gather)
{
	unsigned long here = broker->line;
	int code;

	if (!gather->n)
		return EXIT_OK;
	broker->command = (struct words) {};
	code = gather_carry_out(broker, gather, 0, gather->n);
	gather->n = 0;
	broker->line = here;
	return code;
}

/* Append a line's client; flush first where it does not fit or is for another message. */
static int gather_add(struct broker *broker, struct gather *gather, uint8_t command,
		      const struct client_request *request)
{
	int code = EXIT_OK;

	if (gather->n == GATHER_MAX || !gather_is_for(gather, command, request->ifindex))
		code = gather_flush(broker, gather);
	if (code && !broker->force)
		return code;
	if (!gather->n)
		gather_begin(gather, command, request->ifindex);

	if (client_put(gather->msg, request) < 0) {
		code = gather_flush(broker, gather) ?: code;
		if (code && !broker->force)
			return code;
		gather_begin(gather, command, request->ifindex);
		if (client_put(gather->msg, request) < 0)
			return usage_error(broker,
					   "client \"%s\" does not fit into one message; give it fewer prefixes",
					   request->name);
	}
	gather->line[gather->n++] = broker->line;
	gather->offset[gather->n] = nlmsg_hdr(gather->msg)->nlmsg_len;
	return code;
}

/* Is it "client add …" or "client del NAME [dev LINK]"? Those are gathered. */
static int gather_command(const struct words *words)
{
	static const char *const verbs[] = { "add", "set", "delete", "show", "flush", NULL };
	char complaint[256];

	if (words->argc < 3 ||
	    word_match(words->argv[0], object_names, "", complaint, sizeof(complaint)) !=
	    OBJECT_CLIENT)
		return 0;
	switch (word_match(words->argv[1], verbs, "", complaint, sizeof(complaint))) {
	case 0:
		return SITBROKER_CMD_CLIENT_NEW;
	case 2:
		/* Several names in one line stand or fall together: not split up. */
		return words->argc == 3 || (words->argc == 5 && !strcmp(words->argv[3], "dev")) ?
		       SITBROKER_CMD_CLIENT_DEL : 0;
	}
	return 0;
}

static int batch_line(struct broker *broker, struct gather *gather, struct words *words)
{
	static struct client_request request;	/* large, and there is one at a time */
	int command = gather_command(words);
	int code, worst;

	if (command) {
		struct words rest = { .argc = words->argc - 2, .argv = words->argv + 2 };

		/* A complaint has to wait for those about the lines before. */
		broker->mute = true;
		code = client_parse(broker, &rest, command == SITBROKER_CMD_CLIENT_NEW, &request);
		broker->mute = false;
		if (!code)
			return gather_add(broker, gather, command, &request);
	}
	/* What stands before a line takes effect before it, also before its complaint. */
	worst = gather_flush(broker, gather);
	if (worst && !broker->force)
		return worst;
	code = command_run(broker, words);
	return code > worst ? code : worst;
}

static bool is_blank(char c)	{ return c == ' ' || c == '\t' || c == '\r'; }

/* A comment may begin anywhere. */
static bool ends_line(char c)	{ return c == '\0' || c == '\n' || c == '#'; }

/* Most of a file's characters; '#' is the last one in ASCII that may end a word. */
static bool is_within(char c)	{ return (unsigned char)c > '#' || !(is_blank(c) || ends_line(c)); }

/*
 * Split a line into words, in place; -1 words where they are too many. By hand:
 * strtok_r() makes a set of its three blanks twice for each word, a fifth of what
 * a line of a batch took.
 */
static struct words split(char *line, char **argv)
{
	struct words words = { .argv = argv };
	char *at = line, end;

	for (;;) {
		while (is_blank(*at))
			at++;
		if (ends_line(*at))
			return words;
		if (words.argc == WORDS_MAX)
			return (struct words) { .argc = -1 };
		argv[words.argc++] = at;
		while (is_within(*at))
			at++;
		end = *at;
		*at++ = '\0';
		if (ends_line(end))
			return words;
	}
}

static int too_long(struct broker *broker, struct gather *gather)
{
	int worst = gather_flush(broker, gather);

	if (worst && !broker->force)
		return worst;
	usage_error(broker, "the line has more than %u words; divide it", WORDS_MAX);
	return worst ?: EXIT_USAGE;
}

/*
 * Messages are as large as what the C library gives back to the kernel at once: each that
 * is made would be new memory, and touching that took longer than filling it.
 */
static void keep_memory(void)
{
	mallopt(M_MMAP_THRESHOLD, 8 * REQUEST_MAX);
	mallopt(M_TRIM_THRESHOLD, 8 * REQUEST_MAX);
}

/**
 * struct batch - commands that no file holds
 * @gather: lines that become one message
 * @saved: the invocation before it
 */
struct batch {
	struct gather gather;
	struct broker saved;
};

/* Begin a batch of commands. Each says where it comes from; the rest follows an error. */
struct batch *batch_begin(struct broker *broker)
{
	struct batch *batch = must(calloc(1, sizeof(*batch)));

	keep_memory();
	batch->saved = *broker;
	broker->force = true;
	broker->quiet = true;
	broker->applying = true;
	broker->batch = NULL;
	return batch;
}

/* Send what was gathered. Return: exit code, after complaints. */
int batch_flush(struct broker *broker, struct batch *batch)
{
	return gather_flush(broker, &batch->gather);
}

/**
 * batch_command() - carry out a command, or gather it
 * @broker: the invocation
 * @batch: from batch_begin()
 * @file: for complaints, or NULL; it lasts until batch_end()
 * @line: line in it
 * @argc: number of words
 * @argv: words, which last until batch_end()
 *
 * Return: exit code of all that was carried out now.
 */
int batch_command(struct broker *broker, struct batch *batch, const char *file,
		  unsigned long line, int argc, char *const *argv)
{
	/* Commands take words out of the array. */
	char **copy = must(calloc(argc + 1, sizeof(*copy)));
	struct words words = { .argc = argc, .argv = copy };
	int code = 0, last;

	memcpy(copy, argv, argc * sizeof(*copy));
	if (file != broker->batch)
		code = gather_flush(broker, &batch->gather);
	broker->batch = file;
	broker->line = line;
	last = batch_line(broker, &batch->gather, &words);
	free(copy);
	return last > code ? last : code;
}

/* Send the rest, and free it. Return: exit code, after complaints. */
int batch_end(struct broker *broker, struct batch *batch)
{
	int code = gather_flush(broker, &batch->gather);

	broker->force = batch->saved.force;
	broker->quiet = batch->saved.quiet;
	broker->applying = batch->saved.applying;
	broker->batch = batch->saved.batch;
	broker->line = batch->saved.line;
	nlmsg_free(batch->gather.msg);
	free(batch);
	return code;
}

/* Would the next line have to be waited for? A line in the buffer may be written for nothing. */
static bool idle(FILE *input)
{
	struct pollfd poll_input = { .fd = fileno(input), .events = POLLIN };

	return !poll(&poll_input, 1, 0);
}

/**
 * batch_run() - carry out the commands in a file
 * @broker: the invocation
 * @file: its name, or - for standard input
 *
 * Return: exit code, the largest one with -force.
 */
int batch_run(struct broker *broker, const char *file)
{
	FILE *input = strcmp(file, "-") ? fopen(file, "re") : stdin;
	static char buffer[READ_MAX];
	static struct gather gather;
	char *argv[WORDS_MAX + 1];
	int code, error, worst = EXIT_OK;
	struct words words;
	char *line = NULL;
	size_t size = 0;

	if (!input)
		return usage_error(broker,
				   "batch \"%s\" cannot be read: %s; give a file that you may read, or -",
				   file, strerror(errno));
	if (kernel_family(&broker->kernel))
		return refused(broker, NULL);
	setvbuf(input, buffer, _IOFBF, sizeof(buffer));
	keep_memory();
	broker->batch = input == stdin ? "-" : file;
	while (getline(&line, &size, input) >= 0) {
		broker->line++;
		words = split(line, argv);
		if (!words.argc)
			continue;
		if (words.argc > 0)
			code = batch_line(broker, &gather, &words);
		else
			code = too_long(broker, &gather);
		if (endpoint_is_pending() && idle(input))
			code = endpoint_flush(broker) ?: code;
		if (code > worst)
			worst = code;
		if (code && !broker->force)
			break;
	}
	error = ferror(input) ? errno : 0;
	if (!worst || broker->force) {
		code = gather_flush(broker, &gather);
		if (code > worst)
			worst = code;
	}
	code = endpoint_flush(broker);
	if (code > worst)
		worst = code;
	nlmsg_free(gather.msg);
	gather.msg = NULL;
	gather.n = 0;
	free(line);
	if (input != stdin)
		fclose(input);
	broker->batch = NULL;
	if (error && (!worst || broker->force))
		worst = usage_error(broker,
				    "batch \"%s\" ends early: %s; the lines behind were not carried out",
				    file, strerror(error));
	return worst;
}
