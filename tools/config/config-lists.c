// SPDX-License-Identifier: GPL-2.0
/*
 * Filter lists belong to a network namespace, not to a link. To a
 * configuration belong the lists that it fills, with all places where they are
 * attached, and what is attached to its link. Others are left alone.
 */

#include <stdlib.h>
#include <string.h>

#include "config.h"

static const struct origin nowhere;

static const struct config_list *find_list(const struct config *config, const char *name)
{
	size_t i;

	for (i = 0; i < config->n_lists; i++)
		if (!strcmp(config->lists[i].name, name))
			return &config->lists[i];
	return NULL;
}

static const struct config_place *find_place(const struct config_list *list,
					     const struct config_place *place)
{
	unsigned int i;

	for (i = 0; list && i < list->n_places; i++)
		if (place_is(&list->places[i], place))
			return &list->places[i];
	return NULL;
}

static bool is_attached(const struct config_list *list, const struct config_place *place)
{
	return find_place(list, place);
}

/*
 * Of the lists attached to one place the first decides. What is attached comes
 * last: so do all that the file names behind one that is new or moves. @missing:
 * lists that cannot be had, and so cannot be attached.
 */
static bool is_late(const struct config *wanted, const struct config *running,
		    const bool *missing, size_t which, const struct config_place *place)
{
	const struct config_place *is;
	uint32_t last = 0;
	bool late = false;
	size_t i;

	for (i = 0; i <= which; i++) {
		if (missing[i] || !is_attached(&wanted->lists[i], place))
			continue;
		is = find_place(find_list(running, wanted->lists[i].name), place);
		late = is && is->position < last;
		last = is && !late ? is->position : UINT32_MAX;
	}
	return late;
}

/* What follows filter load: NAME FILE... KEY VALUE... */
static char **load_words(const struct config_list *list, int *n)
{
	char **words = must(calloc(1 + list->n_files + list->n_words + 1, sizeof(*words)));
	unsigned int i;

	*n = 0;
	words[(*n)++] = (char *)list->name;
	for (i = 0; i < list->n_files; i++)
		words[(*n)++] = list->files[i];
	for (i = 0; i < list->n_words; i++)
		words[(*n)++] = list->words[i];
	return words;
}

static const char *label_of(const struct ranges *ranges, uint32_t label)
{
	return label == LABEL_NONE ? "" : labels_text(&ranges->labels, label);
}

/* Both are merged. */
static bool same_ranges(const struct ranges *a, const struct ranges *b)
{
	size_t i;

	if (a->n4 != b->n4 || a->n6 != b->n6)
		return false;
	for (i = 0; i < a->n4; i++)
		if (a->v4[i].first != b->v4[i].first || a->v4[i].last != b->v4[i].last ||
		    strcmp(label_of(a, a->v4[i].label), label_of(b, b->v4[i].label)))
			return false;
	for (i = 0; i < a->n6; i++)
		if (a->v6[i].first != b->v6[i].first || a->v6[i].last != b->v6[i].last ||
		    strcmp(label_of(a, a->v6[i].label), label_of(b, b->v6[i].label)))
			return false;
	return true;
}

/* Does the kernel have what the files hold? Return: 0 or an exit code, after complaints. */
static int compare_list(struct broker *broker, const struct config_list *list,
			const struct config_list *is, bool *same)
{
	struct ranges wanted = {}, running = {};
	struct words words = { .exact = true };
	uint32_t generation;
	char **argv;
	int code;

	argv = load_words(list, &words.argc);
	words.argv = argv;
	broker->batch = list->origin.file;
	broker->line = list->origin.line;
	code = filter_load_read(broker, &words, &wanted);
	broker->batch = NULL;
	free(argv);
	if (code)
		return code;
	/* A list that somebody has just deleted is another one. */
	*same = is && is->action == list->action &&
		!filter_fetch(&broker->kernel, list->name, &running, &generation) &&
		same_ranges(&wanted, &running);
	ranges_free(&wanted);
	ranges_free(&running);
	return 0;
}

static void plan_place(struct plan *plan, const struct config_list *list,
		       const struct config_place *place, bool attach)
{
	const char *words[3];

	place_words(place, words);
	plan_add(plan, STEP_COMMAND, list->origin, "filter %s %s %s %s %s",
		 attach ? "attach" : "detach", list->name, words[0], words[1], words[2]);
}

/* A list that rejects can be nowhere outside: it must leave first. */
static bool leaves_early(const struct config_list *shall, const struct config_place *place)
{
	return shall && shall->n_files && shall->action == SITBROKER_FILTER_ACTION_REJECT &&
	       place->scope == SITBROKER_FILTER_SCOPE_OUTER;
}

static bool place_leaves(const struct config *wanted, const struct config_list *shall,
			 const struct config_place *place,
			 bool was_ours)
{
	bool tunnels = place->scope == SITBROKER_FILTER_SCOPE_OUTER ||
		       place->scope == SITBROKER_FILTER_SCOPE_INNER;

	if (is_attached(shall, place))
		return false;
	if (tunnels)
		return !strcmp(place->device, wanted->name);
	return shall ? shall->n_files : was_ours;
}

void plan_lists_load(struct broker *broker, const struct config *wanted,
		     const struct config *running, struct plan *plan)
{
	bool *missing = must(calloc(wanted->n_lists + 1, sizeof(*missing)));
	const struct config_list *list, *is;
	unsigned int j, k;
	struct step *step;
	bool same = true;
	int code;
	size_t i;

	for (i = 0; i < wanted->n_lists; i++) {
		list = &wanted->lists[i];
		is = find_list(running, list->name);
		code = list->n_files ? compare_list(broker, list, is, &same) : 0;
		if (code > plan->code)
			plan->code = code;
		/* What cannot be filled and is not there cannot be attached either. */
		missing[i] = code && !is;
		if (missing[i])
			continue;
		for (j = 0; is && !code && j < is->n_places; j++)
			if (leaves_early(list, &is->places[j]) &&
			    place_leaves(wanted, list, &is->places[j], true))
				plan_place(plan, is, &is->places[j], false);
		if (list->n_files && !code && !same) {
			step = plan_add(plan, STEP_COMMAND, list->origin, "filter load %s",
					list->name);
			for (k = 0; k < list->n_files; k++)
				step_add(step, list->files[k], NULL);
			for (k = 0; k < list->n_words; k++)
				step_add(step, list->words[k], NULL);
			/* The one it has need not be that of a new list. */
			if (!list->has_action)
				step_add(step, "action", filter_actions[list->action]);
		}
		for (j = 0; j < list->n_places; j++) {
			bool late = is_late(wanted, running, missing, i, &list->places[j]);

			if (late)
				plan_place(plan, list, &list->places[j], false);
			if (late || !is_attached(is, &list->places[j]))
				plan_place(plan, list, &list->places[j], true);
		}
	}
	free(missing);
}

static bool state_has(const struct config_state *state, const char *list)
{
	json_t *value;
	size_t i;

	json_array_foreach(state->lists, i, value)
		if (!strcmp(json_string_value(value) ?: "", list))
			return true;
	return false;
}

void plan_lists_detach(const struct config *wanted, const struct config *running,
		       const struct config_state *state, struct plan *plan)
{
	const struct config_list *list, *shall;
	bool was_ours, stays;
	unsigned int j;
	size_t i;

	for (i = 0; i < running->n_lists; i++) {
		list = &running->lists[i];
		shall = find_list(wanted, list->name);
		was_ours = state_has(state, list->name);
		stays = shall || !was_ours;
		for (j = 0; j < list->n_places; j++) {
			if (!place_leaves(wanted, shall, &list->places[j], was_ours))
				stays = true;
			else if (!leaves_early(shall, &list->places[j]))
				plan_place(plan, list, &list->places[j], false);
		}
		if (!stays)
			plan_add(plan, STEP_COMMAND, nowhere, "filter destroy %s", list->name);
	}
}
