// SPDX-License-Identifier: GPL-2.0
/* brokertool filter load: files become a list of the kernel. */

#include <linux/sitbroker.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../filter/list.h"
#include "../lib/words.h"
#include "filter.h"

/* aMule and eMule block what is below it. */
#define LEVEL_DEFAULT	127

#define MAX_ERRORS_DEFAULT	5

/* A terminal shows nothing of what takes less, in seconds; then so often. */
#define PROGRESS_AFTER	0.3
#define PROGRESS_EVERY	0.1

/**
 * struct load - a command
 * @broker: the invocation
 * @request: what the kernel is told
 * @list: what is read
 * @files: words that are files
 * @n_files: number of them
 * @begun: when, in seconds
 * @shown: when progress was shown last, 0 for never
 */
struct load {
	struct broker *broker;
	struct filter_load request;
	struct list list;
	char **files;
	int n_files;
	double begun;
	double shown;
};

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

/* One line that is written over and over. */
static void show_progress(struct list *list, void *arg)
{
	struct load *load = arg;
	double now = seconds();

	if (now - load->begun < PROGRESS_AFTER || now - load->shown < PROGRESS_EVERY)
		return;
	load->shown = now;
	fprintf(stderr, "\r%s: ", load->request.name);
	if (list->size)
		fprintf(stderr, "%.0f %%, ", 100.0 * list->bytes / list->size);
	fprintf(stderr, "%.1f MB read, %zu ranges\033[K", list->bytes / 1e6,
		list->ranges.n4 + list->ranges.n6);
}

static void say_progress(struct load *load, const char *what)
{
	if (load->shown)
		fprintf(stderr, "\r%s: %s\033[K", load->request.name, what);
}

static void hide_progress(struct load *load)
{
	if (load->shown)
		fputs("\r\033[K", stderr);
	load->shown = 0;
}

/* Bytes of all files, 0 where one of them is no regular file. */
static uint64_t files_size(char **files, int n)
{
	uint64_t size = 0;
	struct stat st;

	for (; n; files++, n--) {
		if (stat(*files, &st) || !S_ISREG(st.st_mode))
			return 0;
		size += st.st_size;
	}
	return size;
}

static int parse_max_errors(struct broker *broker, struct words *words, double *max)
{
	const char *word;
	char *end;

	if (value_next(broker, words, "max-errors", &word))
		return EXIT_USAGE;
	*max = strtod(word, &end);
	if (end != word && *word >= '0' && *word <= '9' && *max <= 100 &&
	    (!*end || !strcmp(end, "%")))
		return 0;
	return word_error(broker, "max-errors", word, "is no percentage from 0 to 100");
}

static int parse_word(struct broker *broker, struct words *words, const char *what,
		      const char *const *list, int *which)
{
	char complaint[160];
	const char *word;

	if (value_next(broker, words, what, &word))
		return EXIT_USAGE;
	*which = word_match(word, list, what, complaint, sizeof(complaint));
	if (*which < 0)
		return usage_error(broker, "%s", complaint);
	if (words->exact && strcmp(word, list[*which]))
		return usage_error(broker, "%s \"%s\" is abbreviated; write \"%s\" here", what,
				   word, list[*which]);
	return 0;
}

/*
 * LIST FILE... KEY VALUE... Keys are spelt out, since anything else is a file;
 * people used to options may write them as such.
 */
static int parse(struct load *load, struct words *words)
{
	static const char *const keys[] = { "format", "level", "action", "max-errors", NULL };
	struct broker *broker = load->broker;
	unsigned long level = LEVEL_DEFAULT;
	int code, key, which = 0;
	const char *word;

	code = filter_name(broker, words, "load", &load->request.name);
	load->files = words->argv;
	while (!code && words->argc) {
		word = words->argv[0];
		for (key = 0; keys[key] && strcmp(word + (*word == '-' ? strspn(word, "-") : 0),
						  keys[key]);)
			key++;
		if (!keys[key] && *word == '-' && word[1])
			return usage_error(broker, "unknown word \"%s\"; a file is ./%s",
					   word, word);
		if (keys[key])
			words_next(words);
		switch (key) {
		case 0:
			code = parse_word(broker, words, "format", list_format_names, &which);
			load->list.format = which;
			break;
		case 1:
			code = number_next(broker, words, "level", 1, 1000000, &level);
			break;
		case 2:
			load->request.has_action = true;
			code = parse_word(broker, words, "action", filter_actions, &which);
			load->request.action = which;
			break;
		case 3:
			code = parse_max_errors(broker, words, &load->list.max_errors);
			break;
		default:
			if (!strcmp(word, "-") && broker->batch && !strcmp(broker->batch, "-"))
				return usage_error(broker,
						   "standard input is the batch; give filter load %s a file",
						   load->request.name);
			/* Files move to the front, over words that are done with. */
			load->files[load->n_files++] = (char *)words_next(words);
		}
	}
	load->list.level = level;
	if (!code && !load->n_files)
		code = usage_error(broker, "filter load %s needs a file, or - for standard input",
				   load->request.name);
	return code;
}

static json_t *sample_json(const struct list_sample *sample)
{
	return json_pack("{s:s,s:I,s:I,s:s,s:s}", "file", sample->file, "line",
			 (json_int_t)sample->line, "column", (json_int_t)sample->column, "reason",
			 list_fault_text(sample->fault), "text", sample->excerpt);
}

/* The first bad lines and the first files passed over, then how many there are of each kind. */
static void report_errors(const struct load *load)
{
	const struct broker *broker = load->broker;
	const struct list *list = &load->list;
	const char *separator = ":";
	size_t bad = 0;
	unsigned int i;
	json_t *object;
	char *dump;

	for (i = 0; i < list->n_samples; i++) {
		const struct list_sample *sample = &list->samples[i];

		fprintf(stderr, "brokertool: %s:%zu:%zu: %s: \"%s\"\n", sample->file, sample->line,
			sample->column, list_fault_text(sample->fault), sample->excerpt);
		if (!broker->json)
			continue;
		object = json_pack("{s:o}", "unreadable", sample_json(sample));
		dump = json_dumps(object, JSON_COMPACT);
		fprintf(stderr, "%s\n", dump ?: "");
		free(dump);
		json_decref(object);
	}
	for (i = 0; i < list->n_passed && i < LIST_SAMPLES; i++)
		fprintf(stderr, "brokertool: %s holds no range and was passed over; see format\n",
			list->passed[i]);
	if (list->n_passed > LIST_SAMPLES)
		fprintf(stderr,
			"brokertool: %zu files hold no range and were passed over; see format\n",
			list->n_passed);
	/* One that is alone is refused for it. */
	for (i = 0; !broker->quiet && list->files > 1 && i < list->n_without && i < LIST_SAMPLES;
	     i++)
		fprintf(stderr,
			"brokertool: %s has lines, but no range; leave it out, or get it again\n",
			list->without[i]);
	for (i = 0; i < LIST_FAULTS; i++)
		bad += list->faults[i];
	if (!bad)
		return;
	fprintf(stderr, "brokertool: %zu unreadable", bad);
	for (i = 0; i < LIST_FAULTS; i++) {
		if (!list->faults[i])
			continue;
		fprintf(stderr, "%s %zu %s", separator, list->faults[i], list_fault_text(i));
		separator = ";";
	}
	fputc('\n', stderr);
}

static json_t *formats_json(uint32_t formats)
{
	json_t *array = json_array();
	unsigned int i;

	for (i = 1; i < LIST_FORMATS; i++)
		if (formats & 1 << i)
			json_array_append_new(array, json_string(list_format_names[i]));
	if (formats & 1 << LIST_GZIP)
		json_array_append_new(array, json_string("gzip"));
	if (formats & 1 << LIST_ZIP)
		json_array_append_new(array, json_string("zip"));
	return array;
}

static json_t *result_json(const struct load *load, const struct merge_counts *counts)
{
	const struct list *list = &load->list;
	json_t *object, *faults = json_object(), *samples = json_array(), *without = json_array();
	unsigned int i;

	for (i = 0; i < LIST_FAULTS; i++)
		if (list->faults[i])
			json_object_set_new(faults, list_fault_text(i),
					    json_integer(list->faults[i]));
	for (i = 0; i < list->n_samples; i++)
		json_array_append_new(samples, sample_json(&list->samples[i]));
	for (i = 0; i < list->n_without && i < LIST_SAMPLES; i++)
		json_array_append_new(without, json_string(list->without[i]));
	object = json_pack("{s:s,s:I,s:o,s:I,s:I,s:I,s:I}", "list", load->request.name, "files",
			   (json_int_t)list->files, "formats", formats_json(list->formats),
			   "lines", (json_int_t)list->total.lines, "ranges",
			   (json_int_t)list->total.ranges, "ranges4", (json_int_t)list->ranges.n4,
			   "ranges6", (json_int_t)list->ranges.n6);
	json_object_set_new(object, "reversed", json_integer(list->total.reversed));
	json_object_set_new(object, "overlapping", json_integer(counts->overlapping));
	json_object_set_new(object, "adjacent", json_integer(counts->adjacent));
	json_object_set_new(object, "host_bits", json_integer(list->total.host_bits));
	json_object_set_new(object, "allowed", json_integer(list->total.allowed));
	json_object_set_new(object, "passed_over", json_integer(list->n_passed));
	json_object_set_new(object, "without_range", without);
	json_object_set_new(object, "unreadable", json_integer(list->total.bad));
	json_object_set_new(object, "reasons", faults);
	json_object_set_new(object, "samples", samples);
	return object;
}

static void print_count(size_t n, const char *what)
{
	if (n)
		printf(", %zu %s", n, what);
}

static void print_result(const struct load *load, const struct merge_counts *counts)
{
	const struct list *list = &load->list;
	const struct broker *broker = load->broker;
	json_t *formats;
	const char *format;
	size_t i;

	if (broker->applying)
		return;
	if (broker->json) {
		json_begin(broker);
		json_item(broker, result_json(load, counts));
		json_end(broker);
		return;
	}
	if (broker->quiet)
		return;
	formats = formats_json(list->formats);
	printf("%s: ", load->request.name);
	for (i = 0; i < json_array_size(formats); i++) {
		format = json_string_value(json_array_get(formats, i));
		printf("%s%s", i ? "+" : "", format);
	}
	json_decref(formats);
	printf(": %zu ranges in %zu lines", list->total.ranges, list->total.lines);
	print_count(list->total.reversed, "reversed");
	print_count(counts->overlapping, "overlapping");
	print_count(counts->adjacent, "adjacent");
	print_count(list->total.host_bits, "with bits beyond their length");
	print_count(list->total.allowed, "allowed by their level");
	print_count(list->total.bad, "unreadable");
	print_count(list->n_passed, "files passed over");
	print_count(list->n_without, "files without a range");
	printf("; in force: %zu IPv4, %zu IPv6\n", list->ranges.n4, list->ranges.n6);
}

/* Read all files, merge. Return: 0 or an exit code, after complaints. */
static int read_files(struct load *load, struct merge_counts *counts)
{
	struct broker *broker = load->broker;
	struct list *list = &load->list;
	int i, err = 0;

	if (isatty(STDERR_FILENO) && !broker->quiet) {
		list->progress = show_progress;
		list->progress_arg = load;
		list->size = files_size(load->files, load->n_files);
	}
	for (i = 0; !err && i < load->n_files; i++)
		err = list_read(list, load->files[i]);
	if (!err && list->empty && list->files > 1)
		err = list_fail(list, "%s is empty; leave it out, or get it again", list->empty);
	if (!err) {
		say_progress(load, "sorting");
		ranges_merge(&list->ranges, counts);
	}
	hide_progress(load);
	report_errors(load);
	if (err)
		return usage_error(broker, "filter list \"%s\" was not loaded: %s",
				   load->request.name, list->error);
	if (list->ranges.n4 || list->ranges.n6)
		return 0;
	if (list->total.allowed)
		return usage_error(broker,
				   "filter list \"%s\" was not loaded: in %s %zu ranges are allowed by their level, %u or above, and there is no other; --level N takes those below N",
				   load->request.name,
				   load->n_files > 1 ? "the files" : load->files[0],
				   list->total.allowed, list->level);
	return usage_error(broker,
			   "filter list \"%s\" was not loaded: there is no range in %s; filter flush empties a list",
			   load->request.name, load->n_files > 1 ? "the files" : load->files[0]);
}

/* What the words ask for. Return: 0 or an exit code, after a complaint. */
static int load_begin(struct load *load, struct broker *broker, struct words *words)
{
	*load = (struct load) {
		.broker = broker,
		.list.max_errors = MAX_ERRORS_DEFAULT,
		.begun = seconds(),
	};
	return parse(load, words);
}

/**
 * filter_load_read() - read files as filter load does, and send nothing
 * @broker: the invocation
 * @words: what follows filter load
 * @ranges: where to put what the files hold; NULL only looks at the words
 *
 * Unreadable lines are shown.
 *
 * Return: 0 or an exit code, after a complaint.
 */
int filter_load_read(struct broker *broker, struct words *words, struct ranges *ranges)
{
	struct merge_counts counts = {};
	struct load load;
	int code;

	code = load_begin(&load, broker, words);
	if (!code && ranges)
		code = read_files(&load, &counts);
	if (!code && ranges) {
		*ranges = load.list.ranges;
		load.list.ranges = (struct ranges) {};
	}
	list_free(&load.list);
	return code;
}

int filter_load_command(struct broker *broker, struct words *words)
{
	struct merge_counts counts = {};
	struct load load;
	int code;

	code = load_begin(&load, broker, words);
	/* Without the module there is no need to read anything. */
	if (!code && kernel_family(&broker->kernel))
		code = refused(broker, NULL);
	if (!code)
		code = read_files(&load, &counts);
	if (!code && filter_send(&broker->kernel, &load.request, &load.list.ranges))
		code = refused(broker, NULL);
	if (!code)
		print_result(&load, &counts);
	list_free(&load.list);
	return code;
}
