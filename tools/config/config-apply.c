// SPDX-License-Identifier: GPL-2.0
/*
 * Applying a configuration, one at a time.
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

/* What is remembered, before and after. */
struct memory {
	struct config_state state;
	json_t *endpoints;
	json_t *applied;
	json_t *lists;
	json_t *routers;
};

static void keep_copy(struct memory *memory)
{
	json_decref(memory->endpoints);
	json_decref(memory->applied);
	json_decref(memory->lists);
	json_decref(memory->routers);
	memory->endpoints = json_deep_copy(memory->state.endpoints);
	memory->applied = json_deep_copy(memory->state.applied);
	memory->lists = json_deep_copy(memory->state.lists);
	memory->routers = json_deep_copy(memory->state.routers);
}

static int write_changes(struct broker *broker, const char *link, struct memory *memory)
{
	struct config_state *state = &memory->state;
	bool endpoints = state->endpoints_damaged ||
			 !json_equal(state->endpoints, memory->endpoints);
	bool applied = state->applied_damaged || !json_equal(state->applied, memory->applied) ||
		       !json_equal(state->lists, memory->lists) ||
		       !json_equal(state->routers, memory->routers);
	int code = 0;

	/* In this order: else a new word of the file could be taken for an old one. */
	if (endpoints)
		code = state_write_endpoints(broker, link, state->endpoints);
	if (applied)
		code = state_write_applied(broker, link, state) ?: code;
	if (endpoints || applied)
		keep_copy(memory);
	state->endpoints_damaged = false;
	state->applied_damaged = false;
	return code;
}

/* Remember what became of it. */
static int record(struct broker *broker, const struct config *wanted, struct memory *memory)
{
	struct config running;
	int code;

	code = config_running(broker, wanted->name, &running);
	if (!code) {
		state_record(&memory->state, wanted, &running);
		code = write_changes(broker, wanted->name, memory);
	}
	config_free(&running);
	return code;
}

static int worse(int a, int b)
{
	return a > b ? a : b;
}

/**
 * config_apply() - make the kernel equal to a configuration
 * @broker: the invocation, with the lock held
 * @wanted: the configuration
 *
 * Return: exit code, after complaints.
 */
int config_apply(struct broker *broker, struct config *wanted)
{
	struct memory memory = {};
	struct config running;
	struct plan plan = {};
	int code;

	code = config_running(broker, wanted->name, &running);
	if (code) {
		config_free(&running);
		return code;
	}
	state_read(broker, wanted->name, &memory.state);
	keep_copy(&memory);
	if (memory.state.endpoints_damaged)
		state_recover(&memory.state, wanted, &running);
	code = state_learn(broker, wanted, &memory.state);
	if (code)
		goto out;
	state_settle(&memory.state, wanted);
	code = write_changes(broker, wanted->name, &memory);
	plan_make(broker, wanted, &running, &memory.state, &plan);
	if (broker->details)
		plan_print(broker, &plan);
	code = worse(code, plan.code);
	code = worse(code, carry_out(broker, &running, &plan));
	if (plan.n) {
		code = worse(code, record(broker, wanted, &memory));
	} else {
		state_record(&memory.state, wanted, &running);
		code = worse(code, write_changes(broker, wanted->name, &memory));
	}
out:
	json_decref(memory.endpoints);
	json_decref(memory.applied);
	json_decref(memory.lists);
	json_decref(memory.routers);
	plan_free(&plan);
	state_free(&memory.state);
	config_free(&running);
	return code;
}

/**
 * config_plan() - what config_apply() would do
 * @broker: the invocation
 * @wanted: the configuration
 * @plan: an empty one
 *
 * Return: 0 or an exit code, after a complaint.
 */
int config_plan(struct broker *broker, struct config *wanted, struct plan *plan)
{
	struct config_state state;
	struct config running;
	int code;

	code = config_running(broker, wanted->name, &running);
	if (!code) {
		state_read(broker, wanted->name, &state);
		if (state.endpoints_damaged)
			state_recover(&state, wanted, &running);
		code = state_learn(broker, wanted, &state);
		state_settle(&state, wanted);
		plan_make(broker, wanted, &running, &state, plan);
		state_free(&state);
		code = code ?: plan->code;
	}
	config_free(&running);
	return code;
}
