# SPDX-License-Identifier: GPL-2.0
"""Rows of the table: cases that take turns, and what is compared.

A case is a function that returns a cost: nanoseconds a packet, bytes a client.
Cases take turns, in another order each round, and the first round is thrown away.
The control runs ours once more in the same rounds: where the median of both is off
by more than 3 %, as many rounds are added, twice at most, and then the row is void. So
it is where fewer rounds than nine are left of those in which the processor kept its
speed.
"""

import dataclasses
import functools
import inspect
import math
import os
import random
import statistics
import subprocess
import sys
import time
import typing

# Stock kernels run in QEMU, which has no caches: what counts there are instructions.
EMULATED = "TEST_EMULATED" in os.environ
PAIRS = int(os.environ.get("TEST_PAIRS", 9))
# Where a round takes seconds only.
SHORT_PAIRS = int(os.environ.get("TEST_PAIRS", PAIRS if EMULATED else 25))
# Where it takes parts of a second, and those count in which the processor kept its full speed (speed.h).
TURNS = int(os.environ.get("TEST_PAIRS", 100))
LONG_TURNS = int(os.environ.get("TEST_PAIRS", 40))
CONTROL_LIMIT = 0.03
# Full speed: how long a probe of it is, what it may take more than the best one, how often
# a case is tried, how many seconds that waits at most.
PROBE_LOOPS, SLACK, TRIES, WAIT = 10_000, 1.08, 3, 0.2
# Seconds after which a void row is not measured further: all rows are to take less than an hour.
LONG = 120
REPEATS = 2
ROWS = {}


def sh(command, stdin=None):
    result = subprocess.run(command, shell=True, text=True, capture_output=True, input=stdin,
                            check=False)
    if result.returncode:
        raise RuntimeError(f"{command}: {result.stdout}{result.stderr}")
    return result.stdout


def row(number):
    """Decorate the function that measures a row of the table and returns its results."""
    def register(function):
        ROWS[number] = function
        return function
    return register


def once(function):
    """Decorate what makes something: made when it is first asked for, and kept."""
    made = {}
    signature = inspect.signature(function)

    @functools.wraps(function)
    def ask(*words, **named):
        bound = signature.bind(*words, **named)
        bound.apply_defaults()
        key = tuple(bound.arguments.items())
        if key not in made:
            made[key] = function(*words, **named)
        return made[key]
    return ask


def over(a, b):
    """A quotient, where both may be nothing at all."""
    return a / b if b else math.inf if a else 1.0


def ratio(peer, ours="ours"):
    """Our throughput over the peer's."""
    return lambda costs: over(costs[peer], costs[ours])


def added(base, peer, ours="ours"):
    """What ours adds to a base, over what the peer adds to it."""
    return lambda costs: over(costs[ours] - costs[base], costs[peer] - costs[base])


def extra(base, ours="ours"):
    """What ours costs more than a base."""
    return lambda costs: costs[ours] - costs[base]


def cost(ours="ours"):
    return lambda costs: costs[ours]


@dataclasses.dataclass
class Goal:
    """One comparison.

    limit is a lower bound of value where at_least is set, else an upper one, and
    emulated takes its place on an emulated processor, where it is given;
    None is no goal, a figure for the reader. By default value is the ratio of
    throughputs. What counts is the median of the rounds, or the worst of them; or,
    overall, the value of each case's median: a difference of two that are alike
    is mostly noise in a single round, and nothing should be divided by that.
    """
    metric: str
    peer: str
    limit: typing.Optional[float] = None
    ours: str = "ours"
    value: typing.Optional[typing.Callable] = None
    at_least: bool = True
    unit: str = "x"
    floor: typing.Optional[str] = None
    note: str = ""
    worst: bool = False
    overall: bool = False
    emulated: typing.Any = ...

    @property
    def bound(self):
        return self.limit if self.emulated is ... or not EMULATED else self.emulated

    def text(self):
        if self.bound is None:
            return "-"
        return f"{'>=' if self.at_least else '<='} {self.bound:g} {self.unit}"

    def verdict(self, measured):
        if self.bound is None:
            return "-"
        reached = measured >= self.bound if self.at_least else measured <= self.bound
        return "reached" if reached else "missed"


def again(name):
    return f"{name} (again)"


def call_in_turn(cases, controls, pairs):
    """{name: [cost in each round]} of cases, which are functions, and of some of them again.

    What comes before leaves memory in disorder, and work to be done later: not always to the same.
    """
    runs = [(name, function) for name, function in cases.items()]
    runs += [(again(name), cases[name]) for name in controls]
    costs = {name: [] for name, _ in runs}
    for _ in range(pairs + 1):
        for name, function in random.sample(runs, len(runs)):
            costs[name].append(function())
    return {name: column[1:] for name, column in costs.items()}


def probe():
    """Nanoseconds that a loop takes, which is slower while somebody else has half of the core."""
    begin = time.perf_counter_ns()
    for _ in range(PROBE_LOOPS):
        pass
    took = time.perf_counter_ns() - begin
    probe.best = min(probe.best, took)
    return took


probe.best = math.inf


def is_fast():
    return probe() <= probe.best * SLACK


def at_full_speed(function, least=1):
    """A case of less than a second, as undisturbed as a few tries can make it: the least of them.

    There are so many tries at least: between its ends a case may be disturbed unnoticed.
    """
    def run():
        costs = []
        for attempt in range(TRIES):
            deadline = time.monotonic() + WAIT
            while not is_fast() and time.monotonic() < deadline:
                pass
            costs.append(function())
            if is_fast() and attempt + 1 >= least:
                break
        return min((took for took in costs if not math.isnan(took)), default=math.nan)
    return run


def values(function, costs):
    """A function of the costs of each round; where the processor kept its speed for what it takes."""
    each = (function(dict(zip(costs, column))) for column in zip(*costs.values()))
    return [value for value in each if not math.isnan(value)]


def spread(function, costs):
    """(median, least, most) of it; not numbers where there are none."""
    found = values(function, costs) or [math.nan]
    return statistics.median(found), min(found), max(found)


def gather(costs, more):
    """Costs with those of more rounds behind them."""
    return {name: costs.get(name, []) + column for name, column in more.items()}


def control_of(name, costs):
    """Ours against ours, 0 where there are not enough rounds to tell."""
    found = values(ratio(again(name), name), costs)
    return statistics.median(found) if len(found) >= PAIRS else 0


def worst_control(names, costs):
    """Of these that were measured twice."""
    return max((control_of(name, costs) for name in names if again(name) in costs),
               key=lambda control: abs(control - 1))


def rounded(number, digits=3):
    """For JSON, which knows neither infinity nor what is no number."""
    return round(number, digits) if math.isfinite(number) else None


def result(number, goal, costs, unit):
    """One line of the table, as an object."""
    pairs = len(values(ratio(goal.peer, goal.ours), costs))
    if pairs < PAIRS:
        return not_measured(number, goal.metric, goal.peer, "void",
                            "the processor did not keep its speed")
    middle, least, most = spread(ratio(goal.peer, goal.ours), costs)
    median = {name: spread(cost(name), costs)[0] for name in costs}
    measured = spread(goal.value, costs) if goal.value else (middle, least, most)
    measured = goal.value(median) if goal.overall else \
        measured[0 if not goal.worst else 1 if goal.at_least else 2]
    control = worst_control((goal.ours, goal.peer), costs)
    line = {
        "row": number, "metric": goal.metric, "peer": goal.peer, "ratio": rounded(middle),
        "min": rounded(least), "max": rounded(most), "goal": goal.text(),
        "verdict": goal.verdict(measured), "measured": rounded(measured),
        "limit": goal.bound, "ours": round(median[goal.ours], 1),
        "theirs": round(median[goal.peer], 1), "unit": unit, "control": rounded(control),
        "pairs": pairs,
    }
    if goal.floor:
        base = median[goal.floor]
        line |= {"floor": rounded(base, 1), "over_floor": rounded(median[goal.ours] - base, 1),
                 "theirs_over_floor": rounded(median[goal.peer] - base, 1)}
    if goal.note:
        line["note"] = goal.note
    if abs(control - 1) > CONTROL_LIMIT or math.isnan(measured):
        line["verdict"] = "void"
    return line


def judge(number, goals, costs, unit):
    return [result(number, goal, costs, unit) for goal in goals]


def measure(number, cases, goals, unit="ns", pairs=PAIRS, rounds=call_in_turn):
    """The results of a row. A void row is measured further, a few times."""
    # There are none of the limits about packets, and nothing is compared to what is not there.
    if EMULATED:
        goals = [goal for goal in goals if {goal.ours, goal.peer} <= set(cases)]
    controls = list(dict.fromkeys(goal.ours for goal in goals))
    begin = time.monotonic()
    costs = {}
    for attempt in range(REPEATS + 1):
        costs = gather(costs, rounds(cases, controls, pairs))
        results = judge(number, goals, costs, unit)
        if all(line["verdict"] != "void" for line in results) or time.monotonic() - begin > LONG:
            break
    for line in results:
        line["attempts"] = attempt + 1
    print(f"row {number}: {time.monotonic() - begin:.0f} s, {attempt + 1} "
          f"attempt{'s' if attempt else ''}", file=sys.stderr)
    return results


def measure_short(number, cases, goals, unit, pairs=PAIRS, least=1, rounds=call_in_turn):
    """Likewise of cases that take less than a second each, all about as long."""
    cases = {name: at_full_speed(case, least) for name, case in cases.items()}
    return measure(number, cases, goals, unit, pairs, rounds)


def not_measured(number, metric, peer, verdict, note):
    return {"row": number, "metric": metric, "peer": peer, "ratio": None, "min": None, "max": None,
            "goal": "-", "verdict": verdict, "note": note}


def did_not_finish(number, metric, peer, largest):
    """A peer that cannot run at a size, with the largest one at which it was measured."""
    return not_measured(number, metric, peer, "did not finish", f"largest: {largest}")


def measured_rows(numbers, keep):
    """Measure these rows; none keeps the others from being measured. keep() gets what there is."""
    results = []
    for number in map(int, numbers):
        try:
            results += ROWS[number]()
        except (RuntimeError, OSError, ValueError, KeyError) as error:
            print(f"row {number}: {error}", file=sys.stderr)
            results.append(not_measured(number, ROWS[number].__name__.replace("_", " "), "-",
                                        "failed", str(error)))
        keep(results)
