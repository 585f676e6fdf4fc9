// SPDX-License-Identifier: GPL-2.0
/* How many instructions a lookup takes: one by one, as a debugger steps through a program. */

#include <math.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "structure.h"

/* Addresses that are looked up: as random as all are. */
#define COUNTED		64

/* The child looks for all of them between two signals. */
static void look_up_all(const struct structure *structure, const struct in6_addr *addrs)
{
	uintptr_t sum = 0;
	int i;

	ptrace(PTRACE_TRACEME);
	raise(SIGSTOP);
	for (i = 0; i < COUNTED; i++)
		sum += (uintptr_t)structure->find(&addrs[i]);
	/* So that no lookup can be left out. */
	__asm__ volatile("" : : "r" (sum));
	raise(SIGSTOP);
	_exit(0);
}

/* Steps of a child that has stopped, until it does so once more; or NaN. */
static double steps_of(pid_t pid)
{
	double steps = 0;
	int status;

	for (;; steps++) {
		if (ptrace(PTRACE_SINGLESTEP, pid, 0, 0) || waitpid(pid, &status, 0) != pid ||
		    !WIFSTOPPED(status))
			return NAN;
		if (WSTOPSIG(status) == SIGSTOP)
			return steps;
	}
}

static double steps_for(const struct structure *structure, const struct in6_addr *addrs)
{
	double steps = NAN;
	int status;
	pid_t pid;

	pid = fork();
	if (!pid)
		look_up_all(structure, addrs);
	if (pid > 0 && waitpid(pid, &status, 0) == pid && WIFSTOPPED(status))
		steps = steps_of(pid);
	if (pid > 0) {
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
	}
	return steps;
}

double count_instructions(const struct structure *structure, const struct in6_addr *addrs)
{
	return (steps_for(structure, addrs) - steps_for(&nothing, addrs)) / COUNTED;
}
