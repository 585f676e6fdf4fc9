// SPDX-License-Identifier: GPL-2.0
/*
 * Applying configurations: those of all links that are given, and nobody else
 * meanwhile.
 *
 * It may end at any point. What it says of endpoints is remembered before the
 * kernel is changed, the prefixes that clients were given after that: both are
 * found out anew the next time.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"

static int route_step(struct broker *broker, const struct config *config, const struct step *step)
{
	char complaint[128];
	struct prefix prefix;

	if (!prefix_parse(step->words[4], &prefix) &&
	    !route_remove(broker, config->ifindex, &prefix))
		return 0;
	snprintf(complaint, sizeof(complaint),
		 "the route to %s, a pool that is no more, cannot be removed, see ip -6 route",
		 step->words[4]);
	return refused(broker, complaint);
}

/* Go on after an error: one client that is refused shall not keep the others off. */
static int carry_out(struct broker *broker, const struct config *running, const struct plan *plan)
{
	struct batch *batch = batch_begin(broker);
	int code = 0, worst = 0;
	size_t i;

	for (i = 0; i < plan->n; i++) {
		const struct step *step = &plan->steps[i];

		if (step->kind == STEP_COMMAND) {
			code = batch_command(broker, batch, step->origin.file, step->origin.line,
					     step->n, step->words);
		} else {
			code = batch_flush(broker, batch);
			worst = code > worst ? code : worst;
			broker->batch = step->origin.file;
			broker->line = step->origin.line;
			code = step->kind == STEP_SYSCTL ? sysctl_set(broker, step->words[2])
							 : route_step(broker, running, step);
		}
		worst = code > worst ? code : worst;
	}
	code = batch_end(broker, batch);
	return code > worst ? code : worst;
}

/**
 * struct change - a link that becomes as its configuration says
 * @wanted: the configuration
 * @running: what the kernel has
 * @state: what is remembered
 * @endpoints: of that, as it was written last
 * @applied: the same
 * @lists: the same
 * @routers: the same
 * @unwritten: it could not be written, which was said
 * @left_out: it could not be compared, which was said
 */
struct change {
	struct config *wanted;
	struct config running;
	struct config_state state;
	json_t *endpoints;
	json_t *applied;
	json_t *lists;
	json_t *routers;
	bool unwritten;
	bool left_out;
};

static void keep_copy(struct change *change)
{
	json_decref(change->endpoints);
	json_decref(change->applied);
	json_decref(change->lists);
	json_decref(change->routers);
	change->endpoints = json_deep_copy(change->state.endpoints);
	change->applied = json_deep_copy(change->state.applied);
	change->lists = json_deep_copy(change->state.lists);
	change->routers = json_deep_copy(change->state.routers);
}

static int write_changes(struct broker *broker, struct change *change)
{
	struct config_state *state = &change->state;
	const char *link = change->wanted->name;
	bool endpoints = state->endpoints_memory != MEMORY_WHOLE ||
			 !json_equal(state->endpoints, change->endpoints);
	bool applied = state->applied_memory == MEMORY_DAMAGED ||
		       !json_equal(state->applied, change->applied) ||
		       !json_equal(state->lists, change->lists) ||
		       !json_equal(state->routers, change->routers);
	int code = 0;

	/* It is the same disk. */
	if (change->unwritten || (!endpoints && !applied))
		return 0;
	/* In this order: else a new word of the file could be taken for an old one. */
	if (endpoints)
		code = state_write_endpoints(broker, link, state->endpoints);
	if (applied && !code)
		code = state_write_applied(broker, link, state);
	change->unwritten = code;
	keep_copy(change);
	state->endpoints_memory = MEMORY_WHOLE;
	state->applied_memory = MEMORY_WHOLE;
	return code;
}

static int worse(int a, int b)
{
	return a > b ? a : b;
}

/* Compare. Return: 0 or an exit code, after a complaint: then the link is left out. */
static int change_begin(struct broker *broker, struct change *change)
{
	int code;

	code = config_running(broker, change->wanted->name, &change->running);
	if (!code) {
		state_read(broker, change->wanted->name, &change->state);
		keep_copy(change);
		state_recover(&change->state, change->wanted, &change->running);
		code = state_learn(broker, change->wanted, &change->state);
	}
	if (code)
		change->left_out = true;
	else
		state_settle(&change->state, change->wanted);
	return code;
}

/* Compare them all. Return: the worst exit code, after complaints. */
static int changes_begin(struct broker *broker, struct change *changes, struct config *wanted,
			 size_t n)
{
	int code = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		changes[i].wanted = &wanted[i];
		code = worse(code, change_begin(broker, &changes[i]));
	}
	return code;
}

static void changes_free(struct change *changes, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		json_decref(changes[i].endpoints);
		json_decref(changes[i].applied);
		json_decref(changes[i].lists);
		json_decref(changes[i].routers);
		state_free(&changes[i].state);
		config_free(&changes[i].running);
	}
	free(changes);
}

/* What must be given up by one link before another one has it. */
static void changes_room(struct change *changes, size_t n, struct plan *plan)
{
	struct config_pair *pairs = must(calloc(n + 1, sizeof(*pairs)));
	size_t i, used = 0;

	for (i = 0; i < n; i++)
		if (!changes[i].left_out)
			pairs[used++] = (struct config_pair) { changes[i].wanted,
							       &changes[i].running };
	plan_room(pairs, used, plan);
	free(pairs);
}

/* Remember what became of it. @new: the kernel was changed since it was looked at */
static int record(struct broker *broker, struct change *change, bool new)
{
	int code = 0;

	if (new) {
		config_free(&change->running);
		code = config_running(broker, change->wanted->name, &change->running);
	}
	if (code)
		return code;
	state_record(&change->state, change->wanted, &change->running);
	return write_changes(broker, change);
}

/* Change one link. @changed: something was, since it was looked at; afterwards also by this */
static int change_apply(struct broker *broker, struct change *change, bool *changed)
{
	struct plan plan = {};
	int code = 0;

	if (*changed) {
		config_free(&change->running);
		code = config_running(broker, change->wanted->name, &change->running);
	}
	if (code)
		return code;
	plan_make(broker, change->wanted, &change->running, &change->state, &plan);
	if (broker->details)
		plan_print(broker, &plan);
	code = worse(plan.code, carry_out(broker, &change->running, &plan));
	code = worse(code, record(broker, change, plan.n));
	*changed |= plan.n;
	plan_free(&plan);
	return code;
}

/**
 * config_apply() - make the kernel equal to configurations
 * @broker: the invocation, with the lock held
 * @wanted: the configurations, checked
 * @n: number of them
 *
 * Return: exit code, after complaints.
 */
int config_apply(struct broker *broker, struct config *wanted, size_t n)
{
	struct change *changes = must(calloc(n + 1, sizeof(*changes)));
	struct plan room = {};
	bool changed;
	size_t i;
	int code;

	code = changes_begin(broker, changes, wanted, n);
	for (i = 0; i < n; i++)
		if (!changes[i].left_out)
			code = worse(code, write_changes(broker, &changes[i]));
	changes_room(changes, n, &room);
	if (broker->details)
		plan_print(broker, &room);
	code = worse(code, carry_out(broker, NULL, &room));
	changed = room.n;
	plan_free(&room);
	for (i = 0; i < n; i++)
		if (!changes[i].left_out)
			code = worse(code, change_apply(broker, &changes[i], &changed));
	changes_free(changes, n);
	return code;
}

/**
 * config_plan() - what config_apply() would do
 * @broker: the invocation
 * @wanted: the configurations, checked
 * @n: number of them
 * @plan: an empty one
 *
 * Return: exit code, after complaints.
 */
int config_plan(struct broker *broker, struct config *wanted, size_t n, struct plan *plan)
{
	struct change *changes = must(calloc(n + 1, sizeof(*changes)));
	size_t i;
	int code;

	code = changes_begin(broker, changes, wanted, n);
	changes_room(changes, n, plan);
	for (i = 0; i < n; i++)
		if (!changes[i].left_out)
			plan_make(broker, wanted + i, &changes[i].running, &changes[i].state, plan);
	code = worse(code, plan->code);
	changes_free(changes, n);
	return code;
}
