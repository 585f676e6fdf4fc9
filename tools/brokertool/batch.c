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
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/words.h"
#include "brokertool.h"

#define WORDS_MAX	1024

/* Lines in one message at the most. */
#define GATHER_MAX	4096

/**
 * struct gather - lines that become one message
 * @msg: the message, or NULL
 * @command: its command
 * @ifindex: its link, 0 for the only one
 * @n: number of lines
 * @offset: where each one's attribute begins
 * @line: each one's number
 */
struct gather {
	struct nl_msg *msg;
	uint8_t command;
	uint32_t ifindex;
	unsigned int n;
	uint32_t offset[GATHER_MAX];
	unsigned long line[GATHER_MAX];
};

static void gather_begin(struct broker *broker, struct gather *gather, uint8_t command,
			 uint32_t ifindex)
{
	gather->msg = kernel_message(&broker->kernel, command, 0, REQUEST_MAX);
	gather->command = command;
	gather->ifindex = ifindex;
	gather->n = 0;
	if (ifindex)
		nla_put_u32(gather->msg, SITBROKER_A_IFINDEX, ifindex);
}

/* Which line does the kernel's offset lie in? The first one where it did not say. */
static unsigned int gather_culprit(const struct gather *gather, const struct refusal *refusal)
{
	unsigned int i = gather->n;

	while (refusal->has_offset && i--)
		if (gather->offset[i] <= refusal->offset)
			return i;
	return 0;
}

static int gather_send(struct broker *broker, struct gather *gather)
{
	nlmsg_hdr(gather->msg)->nlmsg_seq = NL_AUTO_SEQ;
	return kernel_request(&broker->kernel, broker->kernel.generic, gather->msg, NULL, NULL);
}

/* Cut the message down to its first @n lines. */
static void gather_truncate(struct gather *gather, unsigned int n)
{
	nlmsg_hdr(gather->msg)->nlmsg_len = gather->offset[n];
	gather->n = n;
}

/* Take the first @n lines out of the message. */
static void gather_drop(struct gather *gather, unsigned int n)
{
	struct nlmsghdr *header = nlmsg_hdr(gather->msg);
	uint32_t cut = gather->offset[n] - gather->offset[0];
	unsigned int i;

	memmove((char *)header + gather->offset[0], (char *)header + gather->offset[n],
		header->nlmsg_len - gather->offset[n]);
	header->nlmsg_len -= cut;
	gather->n -= n;
	for (i = 0; i < gather->n; i++) {
		gather->offset[i] = gather->offset[i + n] - cut;
		gather->line[i] = gather->line[i + n];
	}
}

/* Send what was gathered. Return: exit code, after a complaint. */
static int gather_flush(struct broker *broker, struct gather *gather)
{
	unsigned long here = broker->line;
	unsigned int culprit, n, len;
	int code = EXIT_OK;
	char *rest;

	while (gather->msg && gather->n && gather_send(broker, gather)) {
		const struct refusal refusal = broker->kernel.refusal;

		culprit = gather_culprit(gather, &refusal);
		if (culprit) {
			/* The same message without its end, which is kept for -force. */
			n = gather->n;
			len = nlmsg_hdr(gather->msg)->nlmsg_len;
			rest = (char *)nlmsg_hdr(gather->msg);
			gather_truncate(gather, culprit);
			if (gather_send(broker, gather)) {
				broker->line = gather->line[0];
				code = refused(broker, NULL);
				gather->n = 0;
				break;
			}
			((struct nlmsghdr *)rest)->nlmsg_len = len;
			gather->n = n;
			broker->kernel.refusal = refusal;
		}
		broker->line = gather->line[culprit];
		code = refused(broker, NULL);
		if (!broker->force)
			break;
		if (culprit + 1 == gather->n)
			break;
		gather_drop(gather, culprit + 1);
	}
	nlmsg_free(gather->msg);
	gather->msg = NULL;
	gather->n = 0;
	broker->line = here;
	return code;
}

/* Append a line's client; flush first where it does not fit or is for another message. */
static int gather_add(struct broker *broker, struct gather *gather, uint8_t command,
		      const struct client_request *request)
{
	int code = EXIT_OK;
	uint32_t before;

	if (gather->msg && (gather->command != command || gather->ifindex != request->ifindex ||
			    gather->n == GATHER_MAX))
		code = gather_flush(broker, gather);
	if (code && !broker->force)
		return code;
	if (!gather->msg)
		gather_begin(broker, gather, command, request->ifindex);

	before = nlmsg_hdr(gather->msg)->nlmsg_len;
	if (client_put(gather->msg, request) < 0) {
		nlmsg_hdr(gather->msg)->nlmsg_len = before;
		code = gather_flush(broker, gather) ?: code;
		if (code && !broker->force)
			return code;
		gather_begin(broker, gather, command, request->ifindex);
		before = nlmsg_hdr(gather->msg)->nlmsg_len;
		if (client_put(gather->msg, request) < 0)
			return usage_error(broker, "client \"%s\" does not fit into one message",
					   request->name);
	}
	gather->offset[gather->n] = before;
	gather->line[gather->n++] = broker->line;
	return code;
}

/* Is it "client add …" or "client del NAME [dev LINK]"? Those are gathered. */
static int gather_command(const struct words *words)
{
	static const char *const objects[] = { "link", "pool", "client", "ndp", "stats", "monitor",
					       NULL };
	static const char *const verbs[] = { "add", "set", "delete", "show", "flush", NULL };
	char complaint[256];

	if (words->argc < 3 ||
	    word_match(words->argv[0], objects, "", complaint, sizeof(complaint)) != 2)
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
	int code;

	if (command) {
		struct words rest = { words->argc - 2, words->argv + 2 };

		code = client_parse(broker, &rest, command == SITBROKER_CMD_CLIENT_NEW, &request);
		if (!code)
			return gather_add(broker, gather, command, &request);
	} else {
		code = 0;
	}
	/* What stands before a line takes effect before it, also before its complaint. */
	if (gather_flush(broker, gather) && !broker->force)
		return EXIT_REFUSED;
	return code ?: command_run(broker, words);
}

/* Split a line into words, in place. */
static struct words split(char *line, char **argv)
{
	struct words words = { .argv = argv };
	char *save, *word;

	line[strcspn(line, "#\n")] = '\0';
	for (word = strtok_r(line, " \t\r", &save); word && words.argc < WORDS_MAX;
	     word = strtok_r(NULL, " \t\r", &save))
		argv[words.argc++] = word;
	return words;
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
	static struct gather gather;
	char *argv[WORDS_MAX + 1];
	int code, worst = EXIT_OK;
	struct words words;
	char *line = NULL;
	size_t size = 0;

	if (!input)
		return usage_error(broker, "batch \"%s\" cannot be read: %s", file,
				   strerror(errno));
	if (kernel_family(&broker->kernel))
		return refused(broker, NULL);
	broker->batch = input == stdin ? "-" : file;
	while (getline(&line, &size, input) >= 0) {
		broker->line++;
		words = split(line, argv);
		if (!words.argc)
			continue;
		code = batch_line(broker, &gather, &words);
		if (code > worst)
			worst = code;
		if (code && !broker->force)
			break;
	}
	if (!worst || broker->force) {
		code = gather_flush(broker, &gather);
		if (code > worst)
			worst = code;
	}
	nlmsg_free(gather.msg);
	free(line);
	if (input != stdin)
		fclose(input);
	broker->batch = NULL;
	return worst;
}
