// SPDX-License-Identifier: GPL-2.0
/* brokertool: options, then one command or a batch of them. */

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <linux/sitbroker.h>
#include <locale.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../kmod/version.h"
#include "../lib/words.h"
#include "brokertool.h"

static const char usage[] =
	"Usage: brokertool [OPTIONS] OBJECT [VERB] [NAME] [KEY VALUE ...] [dev LINK]\n"
	"       brokertool [OPTIONS] -batch FILE|-\n"
	"\n"
	"  link    add NAME local A [public A] [ttl N] [tos inherit|N] [mtu N]\n"
	"              [client-to-client allow|deny] [clients-max N] [pools-max N]\n"
	"          set NAME [local A] [public A|none] [ttl N] [tos inherit|N] [mtu N]\n"
	"              [client-to-client allow|deny] [clients-max N] [pools-max N] [up|down]\n"
	"          del NAME | show [NAME]\n"
	"  pool    add PREFIX pair | add PREFIX routed LEN | del PREFIX | show\n"
	"  client  add NAME [endpoint A] [pair P] [routed P|none]... [mtu N|auto]\n"
	"              [pmtudisc on|off] [filter on|off] [disable]\n"
	"          set NAME [endpoint A|none] [mtu N|auto] [pmtudisc on|off] [filter on|off]\n"
	"              [enable|disable]\n"
	"          del NAME... | show [NAME] | flush | endpoints\n"
	"          config NAME [format F|list] [local A]\n"
	"  ndp     add UPLINK [source target|link-local|ADDRESS] [router on|off] [rate N]\n"
	"          set UPLINK [source target|link-local|ADDRESS] [router on|off] [rate N]\n"
	"          del UPLINK | show\n"
	"  filter  load LIST FILE...|- [format auto|utorrent|dat|p2p|p2b|cidr] [level N]\n"
	"              [action drop|reject|count|allow] [max-errors PERCENT]\n"
	"          add LIST RANGE... | del LIST RANGE... | flush LIST | destroy LIST\n"
	"          save LIST [FILE|-] | show [LIST] [top N] | test ADDR\n"
	"          attach LIST outer|inner [dev LINK] | detach LIST outer|inner [dev LINK]\n"
	"          attach LIST dev IF in|out | detach LIST dev IF in|out\n"
	"          memory [max BYTES]\n"
	"  stats   show [client NAME] | errors | prom [file FILE] [clients on|off]\n"
	"  monitor\n"
	"  config  check|diff|apply [LINK|FILE...] | save [LINK]\n"
	"  top     [sort rx|tx|drops|heard|name] [interval SECONDS] [once]\n"
	"  doctor\n"
	"  init    [LINK]\n"
	"\n"
	"Without an object: client show -brief.  Words may be abbreviated.\n"
	"\n"
	"  -j, -json        print JSON             -p, -pretty   indent it\n"
	"  -br, -brief      print little           -s, -stats    print counters too\n"
	"  -d, -details     print more             -N, -numeric  numbers of ICMP errors\n"
	"  -o, -oneline     a record on a line     -t, -ts       times in monitor\n"
	"  -c, -color[=auto|always|never]          -q, -quiet    print nothing on success\n"
	"  -n, -netns NAME  in a network namespace\n"
	"  -b, -batch FILE  read commands          -f, -force    go on after errors in it\n"
	"  -V, -Version     print versions         -h, -help     print this\n"
	"\n"
	"Exit status: 0 done, 1 usage or an unreadable file, 2 the kernel refused,\n"
	"3 not found, blocked by a filter list, nothing to do, or ill.\n";

static const struct option options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "pretty", no_argument, NULL, 'p' },
	{ "brief", no_argument, NULL, 'B' },
	{ "br", no_argument, NULL, 'B' },
	{ "stats", no_argument, NULL, 's' },
	{ "details", no_argument, NULL, 'd' },
	{ "numeric", no_argument, NULL, 'N' },
	{ "oneline", no_argument, NULL, 'o' },
	{ "ts", no_argument, NULL, 't' },
	{ "color", optional_argument, NULL, 'c' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "netns", required_argument, NULL, 'n' },
	{ "batch", required_argument, NULL, 'b' },
	{ "force", no_argument, NULL, 'f' },
	{ "Version", no_argument, NULL, 'V' },
	{ "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' },
	{ }
};

static int enter_netns(struct broker *broker, const char *name)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		return refuse(broker, errno,
			      "network namespace \"%s\" cannot be entered: %s; see ip netns", name,
			      strerror(errno));
	close(fd);
	broker->netns = name;
	return 0;
}

bool module_version(char *version, size_t size)
{
	FILE *file = fopen("/sys/module/sitbroker/version", "re");
	bool ok;

	if (!file)
		return false;
	ok = fgets(version, size, file);
	fclose(file);
	version[strcspn(version, "\n")] = '\0';
	return ok;
}

static int print_version(struct broker *broker)
{
	unsigned int version = 0;
	bool family = !kernel_open(&broker->kernel) &&
		      !kernel_family_version(&broker->kernel, &version);
	char module[32];
	bool loaded = module_version(module, sizeof(module));

	if (broker->json) {
		json_begin(broker);
		json_item(broker, json_pack("{s:s,s:s?,s:o}", "brokertool", SITBROKER_VERSION,
					    "module", loaded ? module : NULL, "family",
					    family ? json_integer(version) : json_null()));
		json_end(broker);
	} else {
		printf("brokertool %s", SITBROKER_VERSION);
		if (loaded)
			printf(", module %s", module);
		if (family)
			printf(", netlink family version %u", version);
		printf("%s\n", loaded || family ? "" : ", module not loaded");
	}
	kernel_close(&broker->kernel);
	return EXIT_OK;
}

static int parse_color(struct broker *broker, const char *when)
{
	static const char *const words[] = { "auto", "always", "never", NULL };
	char complaint[160];
	int which = 1;		/* as with ip: -color alone is -color=always */

	if (when)
		which = word_match(when, words, "colour setting", complaint, sizeof(complaint));
	switch (which) {
	case 0:
		broker->color = isatty(STDOUT_FILENO);
		return 0;
	case 1:
		broker->color = true;
		return 0;
	case 2:
		broker->color = false;
		return 0;
	}
	return usage_error(broker, "%s", complaint);
}

/* The lines about one object, which follow its name up to the next one. */
static int print_help(const char *object)
{
	const char *line, *end;
	size_t indent;
	bool about = false;

	for (line = strstr(usage, "\n\n") + 2; *line != '\n'; line = end + 1) {
		end = strchr(line, '\n');
		indent = strspn(line, " ");
		if (indent == 2)
			about = !strncmp(line + indent, object, strlen(object));
		if (about)
			printf("%.*s\n", (int)(end - line), line);
	}
	return EXIT_OK;
}

/**
 * command_run() - carry out one command
 * @broker: the invocation
 * @words: the command; none is client show -brief
 *
 * Return: exit code.
 */
int command_run(struct broker *broker, struct words *words)
{
	static int (*const commands[])(struct broker *, struct words *) = {
		[OBJECT_LINK] = link_command,
		[OBJECT_POOL] = pool_command,
		[OBJECT_CLIENT] = client_command,
		[OBJECT_NDP] = ndp_command,
		[OBJECT_FILTER] = filter_command,
		[OBJECT_STATS] = stats_command,
		[OBJECT_MONITOR] = monitor_command,
		[OBJECT_CONFIG] = config_command,
		[OBJECT_TOP] = top_command,
		[OBJECT_DOCTOR] = doctor_command,
		[OBJECT_INIT] = init_command,
	};
	char complaint[160];
	int which;

	broker->command = *words;
	/* It may make another device of that name. */
	broker->ifindex = 0;
	if (!words->argc) {
		broker->brief = true;
		which = OBJECT_CLIENT;
	} else {
		which = word_match(words->argv[0], object_names, "object", complaint,
				   sizeof(complaint));
		if (which < 0)
			return usage_error(broker, "%s", complaint);
		words_next(words);
	}
	if (which == OBJECT_HELP) {
		fputs(usage, stdout);
		return EXIT_OK;
	}
	if (words->argc == 1 && !strcmp(words->argv[0], "help"))
		return print_help(object_names[which]);
	return commands[which](broker, words);
}

static int unknown_option(const struct broker *broker, const char *word)
{
	return usage_error(broker, "unknown option \"%s\"; see brokertool -help", word);
}

int main(int argc, char **argv)
{
	struct broker broker = {};
	/* "+": options end where the command begins; ":": a value that is missing is told apart. */
	static const char letters[] = "+:jpsdNotc::qn:b:fVh";
	const char *batch = NULL, *netns = NULL;
	bool version = false;
	struct words words;
	int option, code, at;

	/* Labels and names may be of any language; numbers stay as programs read them. */
	setlocale(LC_CTYPE, "");
	opterr = 0;
	while (at = optind,
	       (option = getopt_long_only(argc, argv, letters, options, NULL)) != -1) {
		switch (option) {
		case 'j':
			broker.json = true;
			break;
		case 'p':
			broker.pretty = true;
			break;
		case 'B':
			broker.brief = true;
			break;
		case 's':
			broker.stats = true;
			break;
		case 'd':
			broker.details = true;
			break;
		case 'N':
			broker.numeric = true;
			break;
		case 'o':
			broker.oneline = true;
			break;
		case 't':
			broker.timestamp = true;
			break;
		case 'c':
			if (parse_color(&broker, optarg))
				return EXIT_USAGE;
			break;
		case 'q':
			broker.quiet = true;
			break;
		case 'n':
		case 'b':
			/* "-nfoo" may as well be a misspelt word. */
			if (optarg != argv[optind - 1] && !strchr(argv[optind - 1], '='))
				return unknown_option(&broker, argv[optind - 1]);
			*(option == 'n' ? &netns : &batch) = optarg;
			break;
		case 'f':
			broker.force = true;
			break;
		case 'V':
			version = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return EXIT_OK;
		case ':':
			return usage_error(&broker,
					   "option \"%s\" needs a value behind it; see brokertool -help",
					   argv[at]);
		default:
			return unknown_option(&broker, argv[at]);
		}
	}
	if (netns && enter_netns(&broker, netns))
		return EXIT_REFUSED;
	if (version)
		return print_version(&broker);

	words = (struct words) { .argc = argc - optind, .argv = argv + optind };
	if (batch && words.argc)
		return usage_error(&broker, "\"%s\" and a batch: give one of them", words.argv[0]);
	if (kernel_open(&broker.kernel))
		return refused(&broker, NULL);
	code = batch ? batch_run(&broker, batch) : command_run(&broker, &words);
	kernel_close(&broker.kernel);
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "brokertool: the output cannot be written: %s; is the disk full?\n",
			strerror(errno));
		return EXIT_REFUSED;
	}
	return code;
}
