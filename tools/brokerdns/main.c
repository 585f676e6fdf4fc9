// SPDX-License-Identifier: GPL-2.0
/* brokerdns: options, then one command. */

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../kmod/version.h"
#include "../lib/address.h"
#include "../lib/words.h"
#include "brokerdns.h"
#include "complain.h"

static const char usage[] =
	"Usage: brokerdns hijack [--resolver A[#PORT]]... [--zone Z]... [--rounds N] [--aggregate]\n"
	"                 [--ignore-address] [--format dnsmasq|ipfilter|json]\n"
	"                 [--apply|--dry-run] [--filter LIST]\n"
	"       brokerdns steer [DOMAIN...] [--resolver A[#PORT]]... [--subnet P] [--rounds N]\n"
	"                 [--port N] [--apply|--dry-run]\n"
	"       brokerdns publish --domain D [--once]\n"
	"       brokerdns filter [LIST] [--ignore-address] [--format F] [--apply|--dry-run]\n"
	"       brokerdns status\n"
	"       brokerdns revert [--dry-run]\n"
	"\n"
	"  hijack   find addresses that a resolver gives for names which do not exist\n"
	"  steer    find the resolver whose answers for a domain are nearest\n"
	"  publish  names for the clients of the tunnel server, kept current\n"
	"  filter   a filter list of the kernel as rules\n"
	"  status   what is in force, and why\n"
	"  revert   take all rules out again\n"
	"\n"
	"  -r, --resolver A[#PORT]  ask there; else whom dnsmasq or resolv.conf names\n"
	"  -z, --zone Z             ask for names under this zone, too\n"
	"  -n, --rounds N           how often to ask or measure (3; steer 5)\n"
	"  -a, --aggregate          write addresses that take turns as a range\n"
	"      --ignore-address     drop such answers and wait for another one\n"
	"  -f, --format F           of the rules: dnsmasq, ipfilter or json\n"
	"  -s, --subnet P           ask on behalf of this network (EDNS client subnet)\n"
	"  -p, --port N             measure connections to this port; else 443, or 80\n"
	"  -A, --apply              have dnsmasq follow the rules (root)\n"
	"  -N, --dry-run            show what --apply would change\n"
	"  -F, --filter LIST        put what was found into this filter list\n"
	"  -d, --domain D           the clients' names end in it\n"
	"  -1, --once               write the names once, do not wait for changes\n"
	"  -c, --config FILE        of several dnsmasq, the one that reads this file\n"
	"  -j, --json               print JSON, the same as --format json\n"
	"  -q, --quiet              no tables, no notes, no progress\n"
	"  -V, --version            print the version      -h, --help   print this\n"
	"\n"
	"Rules go to standard output, all else to standard error.\n"
	"Exit status: 0 something was found or is in force, 1 usage, 2 failure,\n"
	"             3 there is nothing to do.\n";

enum {
	OPTION_IGNORE = 256,
};

static const struct option long_options[] = {
	{ "resolver", required_argument, NULL, 'r' },
	{ "zone", required_argument, NULL, 'z' },
	{ "rounds", required_argument, NULL, 'n' },
	{ "aggregate", no_argument, NULL, 'a' },
	{ "ignore-address", no_argument, NULL, OPTION_IGNORE },
	{ "format", required_argument, NULL, 'f' },
	{ "subnet", required_argument, NULL, 's' },
	{ "port", required_argument, NULL, 'p' },
	{ "apply", no_argument, NULL, 'A' },
	{ "dry-run", no_argument, NULL, 'N' },
	{ "filter", required_argument, NULL, 'F' },
	{ "domain", required_argument, NULL, 'd' },
	{ "once", no_argument, NULL, '1' },
	{ "config", required_argument, NULL, 'c' },
	{ "json", no_argument, NULL, 'j' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' },
	{ }
};

/**
 * commands - what can be done
 * @name: word
 * @letters: options that mean something to it; others are refused
 * @words_max: at most so many words behind it
 * @run: does it
 */
static const struct {
	const char *name;
	const char *letters;
	int words_max;
	int (*run)(struct options *options);
} commands[] = {
	{ "hijack", "rznafANFcI", 0, hijack_command },
	/* Without a domain those in force are measured again. */
	{ "steer", "rnspfANc", 64, steer_command },
	{ "publish", "d1c", 0, publish_command },
	/* Without a list the one in force is written again. */
	{ "filter", "fANcI", 1, filter_command },
	{ "status", "c", 0, status_command },
	{ "revert", "Nc", 0, revert_command },
};

static const char *const command_names[] = { "hijack", "steer", "publish", "filter", "status",
					     "revert", "help", NULL };

static int wrong(const char *option, const char *value, const char *complaint)
{
	complain(0, "%s \"%s\" %s", option, value, complaint);
	return EXIT_USAGE;
}

static int add_resolver(struct options *options, const char *text)
{
	const char *complaint;
	struct resolver resolver;

	complaint = resolver_parse(text, &resolver);
	if (complaint)
		return wrong("--resolver", text, complaint);
	if (!resolver_list_add(&options->resolvers, &resolver))
		return wrong("--resolver", text, "is one too many; 32 fit");
	return 0;
}

static int add_zone(struct options *options, const char *text)
{
	const char *complaint;

	/* Room for those that are always asked under. */
	if (options->n_zones == ZONES_MAX - 8)
		return wrong("--zone", text, "is one too many; 16 fit");
	complaint = name_parse(text, options->zones[options->n_zones]);
	/* "www.", a random label and two dots stand in front of it. */
	if (!complaint && strlen(text) > NAME_MAX_LEN - 24)
		complaint = "is too long for names below it";
	if (complaint)
		return wrong("--zone", text, complaint);
	options->n_zones++;
	return 0;
}

static int set_number(unsigned int *to, const char *option, const char *text, unsigned long max)
{
	unsigned long number;
	const char *complaint;

	complaint = number_parse(text, 1, max, &number);
	if (complaint)
		return wrong(option, text, complaint);
	*to = number;
	return 0;
}

static int set_format(struct options *options, const char *text)
{
	static const char *const names[] = { "dnsmasq", "ipfilter", "json", NULL };
	char complaint[160];
	int which;

	which = word_match(text, names, "format", complaint, sizeof(complaint));
	if (which < 0) {
		complain(0, "%s", complaint);
		return EXIT_USAGE;
	}
	options->format = which;
	return 0;
}

static int set_subnet(struct options *options, const char *text)
{
	const char *complaint;

	complaint = network_parse(text, &options->subnet);
	if (complaint)
		return wrong("--subnet", text, complaint);
	options->has_subnet = true;
	return 0;
}

static int set_domain(struct options *options, const char *text)
{
	static char domain[NAME_SIZE];
	const char *complaint;

	complaint = name_parse(text, domain);
	if (!complaint && !*domain)
		complaint = "is the root; give a domain of yours";
	if (complaint)
		return wrong("--domain", text, complaint);
	options->domain = domain;
	return 0;
}

/* Return: 0 or an exit code after a complaint. */
static int set_option(struct options *options, int option, const char *value)
{
	switch (option) {
	case 'r':
		return add_resolver(options, value);
	case 'z':
		return add_zone(options, value);
	case 'n':
		return set_number(&options->rounds, "--rounds", value, ROUNDS_MAX);
	case 'f':
		return set_format(options, value);
	case 's':
		return set_subnet(options, value);
	case 'p':
		return set_number(&options->port, "--port", value, 65535);
	case 'd':
		return set_domain(options, value);
	case 'a':
		options->aggregate = true;
		return 0;
	case OPTION_IGNORE:
		options->ignore = true;
		return 0;
	case 'A':
		options->apply = true;
		return 0;
	case 'N':
		options->dry_run = true;
		return 0;
	case 'F':
		options->filter = value;
		return 0;
	case '1':
		options->once = true;
		return 0;
	case 'c':
		options->config = value;
		return 0;
	}
	return EXIT_USAGE;
}

static const char *option_name(int letter)
{
	size_t i;

	for (i = 0; long_options[i].name; i++)
		if (long_options[i].val == letter)
			return long_options[i].name;
	return "?";
}

/* An option that means nothing to the command is a mistake. */
static int check_options(const char *given, const char *name, const char *letters)
{
	for (; *given; given++) {
		if (strchr(letters, *given))
			continue;
		complain(0, "brokerdns %s has no option --%s; see brokerdns --help", name,
			 option_name(*given == 'I' ? OPTION_IGNORE : *given));
		return EXIT_USAGE;
	}
	return 0;
}

static int run_command(struct options *options, const char *given)
{
	char complaint[160];
	int which, code;

	if (!options->n_words) {
		complain(0, "a command is missing: hijack, steer, publish, filter, status or "
			    "revert; see brokerdns --help");
		return EXIT_USAGE;
	}
	which = word_match(options->words[0], command_names, "command", complaint,
			   sizeof(complaint));
	if (which < 0) {
		complain(0, "%s", complaint);
		return EXIT_USAGE;
	}
	if (which == sizeof(commands) / sizeof(*commands)) {
		fputs(usage, stdout);
		return print_end() ? EXIT_FAILED : EXIT_DONE;
	}
	options->words++;
	options->n_words--;
	code = check_options(given, commands[which].name, commands[which].letters);
	if (code)
		return code;
	if (options->n_words > commands[which].words_max) {
		complain(0, "\"%s\" is one word too many; leave it out",
			 options->words[commands[which].words_max]);
		return EXIT_USAGE;
	}
	if (options->apply && options->dry_run) {
		complain(0, "--apply and --dry-run exclude each other; give one of them");
		return EXIT_USAGE;
	}
	code = commands[which].run(options);
	return print_end() ? EXIT_FAILED : code;
}

int main(int argc, char **argv)
{
	static struct options options;
	char given[64] = "";
	int option, code;
	size_t n = 0;

	/* A reader who has gone is noticed where it is written to. */
	signal(SIGPIPE, SIG_IGN);
	opterr = 0;
	while ((option = getopt_long(argc, argv, ":r:z:n:af:s:p:ANF:d:1c:jqVh", long_options,
				     NULL)) != -1) {
		switch (option) {
		case 'j':
			options.format = FORMAT_JSON;
			complain_json = true;
			continue;
		case 'q':
			complain_quiet = true;
			continue;
		case 'V':
			printf("brokerdns %s\n", SITBROKER_VERSION);
			return print_end() ? EXIT_FAILED : EXIT_DONE;
		case 'h':
			fputs(usage, stdout);
			return print_end() ? EXIT_FAILED : EXIT_DONE;
		case ':':
			complain(0, "%s needs a value behind it", argv[optind - 1]);
			return EXIT_USAGE;
		case '?':
			complain(0, "unknown option \"%s\"; see brokerdns --help",
				 argv[optind - 1]);
			return EXIT_USAGE;
		}
		code = set_option(&options, option, optarg);
		if (code)
			return code;
		if (n + 1 < sizeof(given))
			given[n++] = option == OPTION_IGNORE ? 'I' : option;
	}
	options.words = argv + optind;
	options.n_words = argc - optind;
	return run_command(&options, given);
}
