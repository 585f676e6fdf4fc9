# SPDX-License-Identifier: GPL-2.0
"""Rows of the table: cases that take turns, and what is compared.

A case is a function that returns a cost: nanoseconds a packet, bytes a client.
Cases take turns, every second round backwards, and the first round is thrown
away. The control runs ours once more in the same rounds: where the median of
both is off by more than 3 %, the rounds are repeated, and at the third time the
row is void.
"""

import dataclasses
import functools
import inspect
import math
import os
import statistics
import subprocess
import sys
import time
import typing

PAIRS = int(os.environ.get("TEST_PAIRS", 9))
# Where a round takes seconds only. A machine may change its speed at any moment: the closer the two of
# a pair, and the more pairs, the less of it is in the median.
SHORT_PAIRS = int(os.environ.get("TEST_PAIRS", 25))
CONTROL_LIMIT = 0.03
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

    limit is a lower bound of value where at_least is set, else an upper one;
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

    def text(self):
        if self.limit is None:
            return "-"
        return f"{'>=' if self.at_least else '<='} {self.limit:g} {self.unit}"

    def verdict(self, measured):
        if self.limit is None:
            return "-"
        reached = measured >= self.limit if self.at_least else measured <= self.limit
        return "reached" if reached else "missed"


def again(name):
    return f"{name} (again)"


def rounds(cases, controls, pairs):
    """{name: [cost in each round]} of cases, and of some of them again."""
    runs = [(name, function) for name, function in cases.items()]
    runs += [(again(name), cases[name]) for name in controls]
    costs = {name: [] for name, _ in runs}
    for turn in range(pairs + 1):
        for name, function in runs if turn % 2 else reversed(runs):
            costs[name].append(function())
    return {name: column[1:] for name, column in costs.items()}


def spread(function, costs):
    """(median, least, most) of a function of the costs of one round."""
    names = list(costs)
    values = [function(dict(zip(names, each))) for each in zip(*costs.values())]
    return statistics.median(values), min(values), max(values)


def control_of(name, costs):
    return spread(ratio(again(name), name), costs)[0]


def rounded(number, digits=3):
    """For JSON, which knows no infinity."""
    return round(number, digits) if math.isfinite(number) else None


def result(number, goal, costs, unit):
    """One line of the table, as an object."""
    middle, least, most = spread(ratio(goal.peer, goal.ours), costs)
    median = {name: statistics.median(column) for name, column in costs.items()}
    measured = spread(goal.value, costs) if goal.value else (middle, least, most)
    measured = goal.value(median) if goal.overall else \
        measured[0 if not goal.worst else 1 if goal.at_least else 2]
    control = control_of(goal.ours, costs)
    line = {
        "row": number, "metric": goal.metric, "peer": goal.peer, "ratio": rounded(middle),
        "min": rounded(least), "max": rounded(most), "goal": goal.text(),
        "verdict": goal.verdict(measured), "measured": rounded(measured),
        "limit": goal.limit, "ours": round(median[goal.ours], 1),
        "theirs": round(median[goal.peer], 1), "unit": unit, "control": rounded(control),
        "pairs": len(costs[goal.ours]),
    }
    if goal.floor:
        base = median[goal.floor]
        line |= {"floor": round(base, 1), "over_floor": round(median[goal.ours] - base, 1),
                 "theirs_over_floor": round(median[goal.peer] - base, 1)}
    if goal.note:
        line["note"] = goal.note
    if abs(control - 1) > CONTROL_LIMIT:
        line["verdict"] = "void"
    return line


def measure_packets(number, cases, goals):
    return measure(number, cases, goals, pairs=SHORT_PAIRS)


def judge(number, goals, costs, unit):
    return [result(number, goal, costs, unit) for goal in goals]


def measure(number, cases, goals, unit="ns", pairs=PAIRS):
    """The results of a row. A void row is measured again, a few times."""
    controls = list(dict.fromkeys(goal.ours for goal in goals))
    begin = time.monotonic()
    for attempt in range(REPEATS + 1):
        costs = rounds(cases, controls, pairs)
        results = judge(number, goals, costs, unit)
        if all(line["verdict"] != "void" for line in results):
            break
    for line in results:
        line["attempts"] = attempt + 1
    print(f"row {number}: {time.monotonic() - begin:.0f} s, {attempt + 1} "
          f"attempt{'s' if attempt else ''}", file=sys.stderr)
    return results


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
