#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Rows 5 and 6: lookups alone, natively: lookup.py BINARY OUTPUT ROW...

Where the processor's caches are those of the machine, and memory is in huge
pages as the kernel's is.
"""

import json
import sys

from measure import CONTROL_LIMIT, TURNS, PAIRS, REPEATS, Goal, control_of, cost, gather, \
    judge, measured_rows, row, sh, values

SIZES = {10_000: "10k", 100_000: "100k", 1_000_000: "1M"}
PATRICIA, LPM, LIMIT = "patricia", "lpm trie", "limit"
READ = f"{LIMIT}, pools read"
FLAT = ("flat limit", "flat limit, pools read", "flat limit, pools read, the client")
MODES = ("through", "dependent")
COUNT = "instructions"


def run(layout, prefixes):
    """{mode: {structure: [nanoseconds of each round]}}"""
    output = sh(f"{run.binary} {layout} {prefixes} {TURNS + 1}")
    times = {mode: {} for mode in (*MODES, COUNT)}
    for line in output.splitlines():
        key, *values = line.rsplit(" ", TURNS + 1)
        name, mode = key.split("/")
        times[mode][name] = [float(value) for value in values[1:]]
    return times


def is_settled(costs):
    """Are the controls right, and are there enough rounds of every structure?"""
    return all(abs(control_of(name, costs) - 1) <= CONTROL_LIMIT for name in ("ours", LIMIT)) \
        and all(len(values(cost(name), costs)) >= PAIRS for name in costs)


def quiet(layout, prefixes):
    """Likewise, with more rounds until they are settled, a few times."""
    times = dict.fromkeys((*MODES, COUNT), {})
    for attempt in range(REPEATS + 1):
        more = run(layout, prefixes)
        times = {mode: gather(times[mode], more[mode]) for mode in times}
        print(f"lookup {layout} {prefixes}: attempt {attempt + 1}", file=sys.stderr)
        if all(is_settled(costs) for costs in times.values()):
            break
    return times


def goals(metric, limits):
    """limits: {None or a peer: nanoseconds at most or times at least}"""
    return [Goal(metric, PATRICIA if peer is None else peer, limit, floor="nothing",
                 **({"value": cost(), "at_least": False, "unit": "ns"} if peer is None else {}))
            for peer, limit in limits.items()] + \
        [Goal(f"{metric}, the limit", PATRICIA, ours=LIMIT, floor="nothing")]


@row(5)
def near():
    """Pieces in the array."""
    limits = {
        (10_000, "through"): {None: 10, PATRICIA: 9, LPM: None},
        (10_000, "dependent"): {None: 10, PATRICIA: 9, LPM: None},
        (100_000, "through"): {None: 12, PATRICIA: 25, LPM: None},
        (100_000, "dependent"): {None: 12, PATRICIA: 25, LPM: None},
        (1_000_000, "through"): {None: 10, PATRICIA: 120, LPM: 20},
        (1_000_000, "dependent"): {None: 40, PATRICIA: 40, LPM: 20},
    }
    results = []
    for size, word in SIZES.items():
        times = quiet("near", size)
        for mode in MODES:
            wanted = limits[size, mode] | dict.fromkeys((LIMIT, READ, *FLAT))
            results += judge(5, goals(f"lookup, {word} prefixes, {mode}", wanted), times[mode],
                             "ns")
        metric = f"lookup, {word} prefixes, {COUNT}"
        results += judge(5, [
            Goal(metric, PATRICIA, 40, value=cost(), at_least=False, unit=COUNT),
            Goal(metric, LPM), Goal(metric, LIMIT), Goal(metric, READ), Goal(metric, FLAT[-1]),
        ], times[COUNT], COUNT)
    return results


@row(6)
def far():
    """Pieces in the hash."""
    limits = {10_000: {PATRICIA: None}, 100_000: {PATRICIA: 5, LPM: None},
              1_000_000: {PATRICIA: 10, LPM: None}}
    results = []
    for size, word in SIZES.items():
        times = quiet("far", size)
        for mode in MODES:
            results += judge(6, goals(f"hashed lookup, {word} prefixes, {mode}",
                                      limits[size] | {LIMIT: None}), times[mode], "ns")
    return results


def main(binary, output, *rows):
    run.binary = binary

    def keep(results):
        with open(output, "w", encoding="ascii") as file:
            json.dump({"compiler": compiler, "results": results}, file)
    compiler = sh("cc --version | head -n 1").strip()
    measured_rows(rows, keep)


if __name__ == "__main__":
    main(*sys.argv[1:])
