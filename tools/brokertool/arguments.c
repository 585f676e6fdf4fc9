// SPDX-License-Identifier: GPL-2.0
/* Words of a command: taken one by one, each complaint one sentence. */

#include <errno.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../lib/complaint.h"
#include "../lib/words.h"
#include "brokertool.h"

const char *const object_names[] = {
	[OBJECT_LINK] = "link",
	[OBJECT_POOL] = "pool",
	[OBJECT_CLIENT] = "client",
	[OBJECT_NDP] = "ndp",
	[OBJECT_FILTER] = "filter",
	[OBJECT_STATS] = "stats",
	[OBJECT_MONITOR] = "monitor",
	[OBJECT_CONFIG] = "config",
	[OBJECT_TOP] = "top",
	[OBJECT_DOCTOR] = "doctor",
	[OBJECT_INIT] = "init",
	[OBJECT_HELP] = "help",
	NULL
};

static void complain(const struct broker *broker, int error, char *text)
{
	if (!broker->mute)
		complaint_print("brokertool", broker->batch, broker->line, error, text,
				broker->json);
}

int usage_error(const struct broker *broker, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	complain(broker, 0, text);
	return EXIT_USAGE;
}

/*
 * The kernel's sentence, behind @what where it does not name the object itself.
 * What an error number means never does: the command stands in front of it.
 */
int refused(const struct broker *broker, const char *what)
{
	const struct refusal *refusal = &broker->kernel.refusal;
	size_t at = 0;
	char text[768];
	int i;

	if (what)
		at = snprintf(text, sizeof(text), "%s: ", what);
	else if (refusal->bare)
		for (i = 0; i < broker->command.argc && at < 128; i++)
			at += snprintf(text + at, sizeof(text) - at, "%.100s%s",
				       broker->command.argv[i],
				       i + 1 < broker->command.argc ? " " : ": ");
	snprintf(text + at, sizeof(text) - at, "%s", refusal->text);
	complain(broker, refusal->error, text);
	return EXIT_REFUSED;
}

/* The same for what is refused here and not by the kernel. */
int refuse(struct broker *broker, int error, const char *format, ...)
{
	struct refusal *refusal = &broker->kernel.refusal;
	va_list args;

	*refusal = (struct refusal) { .error = error };
	va_start(args, format);
	vsnprintf(refusal->text, sizeof(refusal->text), format, args);
	va_end(args);
	return refused(broker, NULL);
}

int word_error(const struct broker *broker, const char *what, const char *word,
	       const char *complaint)
{
	return usage_error(broker, "%s \"%s\" %s", what, word, complaint);
}

const char *words_next(struct words *words)
{
	if (!words->argc)
		return NULL;
	words->argc--;
	return *words->argv++;
}

/* Take the next word where it is @word, or abbreviates it. No address begins like one. */
bool words_is(struct words *words, const char *word)
{
	const char *rest = words->argc ? word_rest(words->argv[0], word) : NULL;

	if (!rest || (words->exact && *rest))
		return false;
	words_next(words);
	return true;
}

/* Index of the verb, "show" where there is none; -1 after a complaint. */
int verb_parse(const struct broker *broker, struct words *words, const char *object,
	       const char *const *verbs)
{
	const char *word = words_next(words) ?: "show";
	char complaint[256], what[32];
	int verb;

	snprintf(what, sizeof(what), "%s command", object);
	verb = word_match(word, verbs, what, complaint, sizeof(complaint));
	if (verb < 0)
		usage_error(broker, "%s", complaint);
	return verb;
}

/* Which of two that contradict each other was meant? Only "routed" may come again. */
static bool key_contradicts(const struct words *words, const char *const *keys, int key,
			    const char **other)
{
	static const char *const opposites[][2] = { { "enable", "disable" }, { "up", "down" } };
	unsigned int i;
	int k;

	for (k = 0; keys[k] && words->keys >> k; k++) {
		if (!(words->keys & 1U << k))
			continue;
		*other = keys[k];
		if (k == key && strcmp(keys[key], "routed"))
			return true;
		for (i = 0; i < sizeof(opposites) / sizeof(*opposites); i++)
			if ((!strcmp(keys[key], opposites[i][0]) &&
			     !strcmp(keys[k], opposites[i][1])) ||
			    (!strcmp(keys[key], opposites[i][1]) &&
			     !strcmp(keys[k], opposites[i][0])))
				return true;
	}
	return false;
}

/* Index of the next key; -1 after a complaint. */
int key_parse(const struct broker *broker, struct words *words, const char *const *keys)
{
	const char *word = words_next(words);
	const char *other;
	char complaint[256];
	int key;

	key = word_match(word, keys, "word", complaint, sizeof(complaint));
	if (key < 0 && *word == '-')
		usage_error(broker, "\"%s\" stands behind the command; options go in front of it",
			    word);
	else if (key < 0)
		usage_error(broker, "%s", complaint);
	if (key < 0)
		return key;
	if (key_contradicts(words, keys, key, &other)) {
		if (other == keys[key])
			usage_error(broker, "\"%s\" is said twice; say it once", other);
		else
			usage_error(broker, "\"%s\" and \"%s\" contradict each other; say one",
				    other, keys[key]);
		return -1;
	}
	words->keys |= 1U << key;
	return key;
}

int value_next(const struct broker *broker, struct words *words, const char *key,
	       const char **value)
{
	*value = words_next(words);
	return *value ? 0 : usage_error(broker, "\"%s\" needs a value behind it", key);
}

int ipv4_next(const struct broker *broker, struct words *words, const char *key,
	      struct in_addr *address)
{
	const char *word, *complaint;

	if (value_next(broker, words, key, &word))
		return EXIT_USAGE;
	complaint = ipv4_parse(word, address);
	return complaint ? word_error(broker, key, word, complaint) : 0;
}

int number_next(const struct broker *broker, struct words *words, const char *key,
		unsigned long min, unsigned long max, unsigned long *number)
{
	const char *word, *complaint;

	if (value_next(broker, words, key, &word))
		return EXIT_USAGE;
	complaint = number_parse(word, min, max, number);
	return complaint ? word_error(broker, key, word, complaint) : 0;
}

/* "on" or "off". */
int switch_next(const struct broker *broker, struct words *words, const char *key, bool *on)
{
	const char *word;

	if (value_next(broker, words, key, &word))
		return EXIT_USAGE;
	*on = !strcmp(word, "on");
	return *on || !strcmp(word, "off") ? 0 :
	       word_error(broker, key, word, "is neither on nor off");
}

int device_next(struct broker *broker, struct words *words, const char *key,
		uint32_t *ifindex)
{
	const char *word;

	if (value_next(broker, words, key, &word))
		return EXIT_USAGE;
	/* In a batch most lines name the same one, and asking takes three system calls. */
	if (!broker->ifindex || strcmp(broker->device, word)) {
		broker->ifindex = if_nametoindex(word);
		snprintf(broker->device, sizeof(broker->device), "%s", word);
	}
	*ifindex = broker->ifindex;
	if (*ifindex)
		return 0;
	/* Without the module there is no link, and that is the thing to say. */
	if (kernel_family(&broker->kernel)) {
		refused(broker, NULL);
		return EXIT_REFUSED;
	}
	return refuse(broker, ENODEV, "%s \"%s\" does not exist; see ip link", key, word);
}

/* Nothing but "dev LINK", or nothing at all. */
int device_only(struct broker *broker, struct words *words, uint32_t *ifindex)
{
	static const char *const keys[] = { "dev", NULL };
	int code = 0;

	while (!code && words->argc)
		code = key_parse(broker, words, keys) ? EXIT_USAGE :
		       device_next(broker, words, "dev", ifindex);
	return code;
}

int prefix_word(const struct broker *broker, const char *key, const char *word,
		struct prefix *prefix)
{
	const char *complaint = prefix_parse(word, prefix);

	return complaint ? word_error(broker, key, word, complaint) : 0;
}

int words_end(const struct broker *broker, struct words *words)
{
	if (!words->argc)
		return 0;
	return usage_error(broker, "\"%s\" is one word too many; leave it out", words->argv[0]);
}
