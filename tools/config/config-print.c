// SPDX-License-Identifier: GPL-2.0
/* Configurations and plans as text. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"

/* What a network namespace begins with. */
#define FILTER_MEMORY_DEFAULT	(256ULL << 20)

/* Does a shell take the word as it stands? */
static bool is_plain(const char *word)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-@:/%+=,";

	return *word && !word[strspn(word, plain)];
}

/* A step as it can be typed. */
static char *step_text(const struct step *step)
{
	char *text = NULL, *word;
	size_t size = 0;
	FILE *out;
	int i;

	out = must(open_memstream(&text, &size));
	for (i = 0; i < step->n; i++) {
		word = step->words[i];
		if (i)
			fputc(' ', out);
		if (is_plain(word)) {
			fputs(word, out);
			continue;
		}
		fputc('\'', out);
		for (; *word; word++)
			fputs(*word == '\'' ? "'\\''" : (char []) { *word, '\0' }, out);
		fputc('\'', out);
	}
	fclose(out);
	return must(text);
}

/* A step on each line; whose they are is said where they are not of brokertool. */
void plan_print(const struct broker *broker, const struct plan *plan)
{
	json_t *object, *words;
	char *text;
	size_t i;
	int j;

	for (i = 0; i < plan->n; i++) {
		const struct step *step = &plan->steps[i];

		text = step_text(step);
		if (!broker->json) {
			puts(text);
			free(text);
			continue;
		}
		words = json_array();
		for (j = step->kind == STEP_COMMAND ? 0 : 1; j < step->n; j++)
			json_array_append_new(words, json_string(step->words[j]));
		object = json_pack("{s:s,s:s,s:o,s:s?,s:o}", "step", text, "program",
				   step->kind == STEP_COMMAND ? "brokertool" : step->words[0],
				   "words", words, "file", step->origin.file, "line",
				   step->origin.file ? json_integer(step->origin.line)
						     : json_null());
		json_item(broker, must(object));
		free(text);
	}
}

static void print_pools(const struct config *running)
{
	char text[PREFIX_STRLEN];
	size_t i;

	for (i = 0; i < running->n_pools; i++) {
		const struct config_pool *pool = &running->pools[i];

		printf("pool %s { ", prefix_text(&pool->prefix, text));
		if (pool->kind == SITBROKER_POOL_KIND_PAIR)
			printf("pair = yes }\n");
		else
			printf("routed = %u }\n", pool->cut);
	}
}

/* Quotes keep what libconfuse would take for something else. */
void config_print_text(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		if (strchr("\"\\$", *text))
			putchar('\\');
		putchar(*text);
	}
	putchar('"');
}

static void print_uplinks(const struct config *running)
{
	char text[INET6_ADDRSTRLEN];
	size_t i;

	for (i = 0; i < running->n_uplinks; i++) {
		const struct config_uplink *uplink = &running->uplinks[i];

		printf("ndp ");
		config_print_text(uplink->device);
		printf(" {\n");
		if (uplink->source == SITBROKER_NDP_SOURCE_LINK_LOCAL)
			printf("\tsource = link-local\n");
		if (uplink->source == SITBROKER_NDP_SOURCE_ADDRESS)
			printf("\tsource = %s\n", ipv6_text(&uplink->address, text));
		if (!uplink->router)
			printf("\trouter = off\n");
		if (uplink->rate != NDP_RATE_DEFAULT)
			printf("\trate = %u\n", uplink->rate);
		printf("}\n");
	}
}

static void print_routed(const struct config_client *client)
{
	char text[PREFIX_STRLEN];
	unsigned int i;

	if (!client->n_routed) {
		printf("\trouted = none\n");
		return;
	}
	printf("\trouted = {");
	for (i = 0; i < client->n_routed; i++)
		printf("%s%s", i ? ", " : "", prefix_text(&client->routed[i], text));
	printf("}\n");
}

static void print_clients(const struct config *running)
{
	char text[PREFIX_STRLEN];
	size_t i;

	for (i = 0; i < running->n_clients; i++) {
		const struct config_client *client = &running->clients[i];

		printf("\nclient ");
		config_print_text(client->name);
		printf(" {\n\tendpoint = %s\n", client->endpoint.s_addr ?
		       ipv4_text(client->endpoint, text) : "none");
		printf("\tpair = %s\n", prefix_text(&(struct prefix) { client->pair, 127 }, text));
		print_routed(client);
		if (client->mtu)
			printf("\tmtu = %u\n", client->mtu);
		if (client->pmtudisc)
			printf("\tpmtudisc = on\n");
		if (!client->filter)
			printf("\tfilter = off\n");
		if (client->disabled)
			printf("\tdisable = yes\n");
		printf("}\n");
	}
}

static const struct config_list *find_list(const struct config *config, const char *name)
{
	size_t i;

	for (i = 0; config && i < config->n_lists; i++)
		if (!strcmp(config->lists[i].name, name))
			return &config->lists[i];
	return NULL;
}

/* Is it of this configuration: filled by it, or attached to the link? */
static bool is_ours(const struct config *running, const struct config_list *list,
		    const struct config_list *said)
{
	unsigned int i;

	for (i = 0; i < list->n_places; i++)
		if (!strcmp(list->places[i].device, running->name))
			return true;
	return said;
}

static void print_list(const struct config *running, const struct config_list *list,
		       const struct config_list *said)
{
	const char *separator = "", *words[3];
	char place[IFNAMSIZ + 8];
	bool filled = said && said->n_files;
	unsigned int i;

	printf("\nfilter ");
	config_print_text(list->name);
	printf(" {\n");
	if (filled) {
		printf("\tfiles = {");
		for (i = 0; i < said->n_files; i++) {
			printf("%s", i ? ", " : "");
			config_print_text(said->files[i]);
		}
		printf("}\n\taction = %s\n", filter_actions[list->action]);
		for (i = 0; i + 1 < said->n_words; i += 2)
			if (strcmp(said->words[i], "action")) {
				printf("\t%s = ", said->words[i]);
				config_print_text(said->words[i + 1]);
				putchar('\n');
			}
	} else {
		printf("\t# files = { … }: the kernel does not know where this list came from\n");
	}
	printf("\tattach = {");
	for (i = 0; i < list->n_places; i++) {
		place_words(&list->places[i], words);
		if (strcmp(words[0], "dev") && strcmp(list->places[i].device, running->name))
			continue;
		if (strcmp(words[0], "dev"))
			snprintf(place, sizeof(place), "%s", words[0]);
		else
			snprintf(place, sizeof(place), "dev %s %s", words[1], words[2]);
		printf("%s", separator);
		config_print_text(place);
		separator = ", ";
	}
	printf("}\n}\n");
}

/* Is a list in front of another one, wherever both are attached? */
static bool is_before(const struct config_list *a, const struct config_list *b)
{
	unsigned int i, j;

	for (i = 0; i < a->n_places; i++)
		for (j = 0; j < b->n_places; j++)
			if (place_is(&a->places[i], &b->places[j]) &&
			    a->places[i].position < b->places[j].position)
				return true;
	return false;
}

/*
 * In the order in which they are attached, which is that of a file. Where two
 * places contradict each other, no file can say it: then that of the names.
 */
static void print_lists(const struct config *running, const struct config *wanted)
{
	bool *printed = must(calloc(running->n_lists + 1, sizeof(*printed)));
	const struct config_list *said;
	size_t n, i, j, next;

	for (n = 0; n < running->n_lists; n++) {
		next = running->n_lists;
		for (i = 0; i < running->n_lists; i++) {
			if (printed[i])
				continue;
			if (next == running->n_lists)
				next = i;
			for (j = 0; j < running->n_lists; j++)
				if (!printed[j] && is_before(&running->lists[j],
							     &running->lists[i]))
					break;
			if (j == running->n_lists) {
				next = i;
				break;
			}
		}
		printed[next] = true;
		said = find_list(wanted, running->lists[next].name);
		if (is_ours(running, &running->lists[next], said))
			print_list(running, &running->lists[next], said);
	}
	free(printed);
}

/**
 * config_print() - print what there is as a configuration
 * @running: what there is
 * @wanted: the configuration, which knows where filter lists come from; or NULL
 */
void config_print(const struct config *running, const struct config *wanted)
{
	bool bound = wanted && wanted->memory_origin.file;
	char text[INET_ADDRSTRLEN];
	struct config plain;
	size_t i;

	config_init(&plain, running->name);
	printf("# Link %s as it is. See sitbroker.conf(5).\n", running->name);
	if (running->local.s_addr)
		printf("local = %s\n", ipv4_text(running->local, text));
	if (running->public.s_addr)
		printf("public = %s\n", ipv4_text(running->public, text));
	if (running->ttl != plain.ttl)
		printf("ttl = %u\n", running->ttl);
	if (running->inherit)
		printf("tos = inherit\n");
	else if (running->tos)
		printf("tos = %u\n", running->tos);
	if (running->mtu != plain.mtu)
		printf("mtu = %u\n", running->mtu);
	if (running->isolate)
		printf("client-to-client = deny\n");
	if (running->clients_max != plain.clients_max)
		printf("clients-max = %u\n", running->clients_max);
	if (running->pools_max != plain.pools_max)
		printf("pools-max = %u\n", running->pools_max);
	if (!running->up)
		printf("down = yes\n");
	if (wanted && wanted->leave_forwarding)
		printf("forwarding = leave\n");
	if (wanted && wanted->nonlocal_bind)
		printf("nonlocal-bind = on\n");
	if (running->filter_memory != FILTER_MEMORY_DEFAULT || bound)
		printf("filter-memory = %llu\n", (unsigned long long)running->filter_memory);
	if (wanted && wanted->ra == CONFIG_RA_LEAVE)
		printf("accept-ra = leave\n");
	for (i = 0; wanted && wanted->ra == CONFIG_RA_LISTED && i < wanted->n_ra_devices; i++) {
		printf("%s", i ? ", " : "accept-ra = {");
		config_print_text(wanted->ra_devices[i]);
		printf("%s", i + 1 < wanted->n_ra_devices ? "" : "}\n");
	}
	putchar('\n');
	print_pools(running);
	print_uplinks(running);
	print_clients(running);
	print_lists(running, wanted);
}
