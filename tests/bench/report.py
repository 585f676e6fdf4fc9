#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Join results into one table, results.json, results.md and a plot: report.py DIRECTORY FILE...

The plot has a line for each comparison of throughputs: our throughput over the
peer's, median, least and most, and the goal.
"""

import json
import os
import subprocess
import sys

COLUMNS = "{:>3}  {:<47} {:<19} {:>9} {:>9} {:<11} {:>8} {:>8} {:>8} {:>8} {:>8} {:>9} {:>15}  {}"


def number(value, digits=2):
    if value is None:
        return "-"
    return f"{value:.{digits}f}" if abs(value) < 10_000 else f"{value:.0f}"


def outcome(r):
    """The verdict, and what was measured where that is not the ratio."""
    if r.get("measured") in (None, r["ratio"]):
        return r["verdict"]
    return f"{r['verdict']} ({number(r['measured'])})"


def control(r):
    """What was measured twice, against itself, and in how many rounds it was."""
    return f"{number(r['control'])} / {r['pairs']}" if r.get("control") else ""


def markdown(results, facts):
    """The same for Documentation/benchmarks.md."""
    yield from (f"- {key}: {value}" for key, value in facts.items())
    yield from ("", "| row | metric | peer | ours | peer | unit | over the floor | ratio | control | "
                "goal | |",
                "|--:|---|---|--:|--:|---|--:|--:|--:|--:|---|")
    for r in results:
        floor, times = "", ""
        if r.get("over_floor") is not None:
            floor = f"{number(r['over_floor'], 0)} / {number(r['theirs_over_floor'], 0)}"
        if r["ratio"] is not None:
            times = f"{number(r['ratio'])} ({number(r['min'])}–{number(r['max'])})"
        note = f"; {r['note']}" if r.get("note") else ""
        yield (f"| {r['row']} | {r['metric']} | {r['peer']} | {number(r.get('ours'), 1)} | "
               f"{number(r.get('theirs'), 1)} | {r.get('unit', '')} | {floor} | {times} | "
               f"{control(r)} | {r['goal']} | {outcome(r)}{note} |")


def show(results):
    print(COLUMNS.format("row", "metric", "peer", "ours", "peer", "unit", "o.floor", "p.floor",
                         "ratio", "min", "max", "control", "goal", "verdict"))
    for r in results:
        print(COLUMNS.format(
            r["row"], r["metric"], r["peer"], number(r.get("ours"), 1), number(r.get("theirs"), 1),
            r.get("unit", "-"), number(r.get("over_floor"), 1),
            number(r.get("theirs_over_floor"), 1), number(r["ratio"]), number(r["min"]),
            number(r["max"]), control(r) or "-", r["goal"], outcome(r)))
        if r.get("note"):
            print(f"     {r['note']}")
    print("ratio: our throughput over the peer's, median of pairs. o.floor, p.floor: nanoseconds "
          "over what the generator alone costs.")
    print("In parentheses: what the goal is about, where that is not the ratio.")
    print("control: ours against ours, and in how many rounds; void where it is off by more than 3 %.")


def plot(results, directory):
    """With gnuplot: one horizontal bar from min to max for each ratio."""
    lines = [r for r in results if r["ratio"] and r["min"] and r["max"]]
    if not lines:
        return
    data = os.path.join(directory, "bench.dat")
    with open(data, "w", encoding="utf-8") as file:
        for y, r in enumerate(reversed(lines)):
            goal = r["limit"] if r["goal"].endswith(" x") and r["goal"].startswith(">=") else "NaN"
            file.write(f"{y} {r['ratio']} {r['min']} {r['max']} {goal} "
                       f"\"{r['row']}: {r['metric']} / {r['peer']}\"\n")
    script = f"""
        set terminal pngcairo size 1300,{120 + 22 * len(lines)} font 'sans,9'
        set output '{os.path.join(directory, "bench.png")}'
        set title 'Our throughput over the peer’s: median, least and most of the pairs'
        set logscale x
        set xlabel 'times'
        set grid x
        set yrange [-1:{len(lines)}]
        set arrow from 1, graph 0 to 1, graph 1 nohead dashtype 2
        set key outside bottom center horizontal
        plot '{data}' using 2:1:3:4:ytic(6) with xerrorbars pointtype 7 title 'measured', \\
             '{data}' using 5:1 with points pointtype 2 pointsize 1.4 title 'goal'
        """
    subprocess.run(["gnuplot"], input=script, text=True, check=True)


def main(directory, *files):
    results, facts = [], {}
    for name in files:
        if os.path.exists(name):
            with open(name, encoding="ascii") as file:
                part = json.load(file)
            results += part.pop("results")
            facts |= part
    results.sort(key=lambda r: r["row"])
    with open(os.path.join(directory, "results.json"), "w", encoding="ascii") as file:
        json.dump(facts | {"results": results}, file, indent=1)
        file.write("\n")
    with open(os.path.join(directory, "results.md"), "w", encoding="utf-8") as file:
        file.write("\n".join(markdown(results, facts)) + "\n")
    for key, value in facts.items():
        print(f"{key}: {value}")
    show(results)
    plot(results, directory)
    if not results or any(r["verdict"] in ("void", "failed") for r in results):
        sys.exit("bench: something could not be measured")


if __name__ == "__main__":
    main(*sys.argv[1:])
