# SPDX-License-Identifier: GPL-2.0
"""Packets as cases: they take turns in one process of the generator, see blast.c."""

import dataclasses
import typing

from measure import EMULATED, TURNS, again, measure, sh

# Of one case in a round: some hundred packets, however long one takes.
SECONDS = 0.2 if EMULATED else 0.02
# Between the first frames of two cases of one server, so that they meet other clients.
APART = 15_485_863


@dataclasses.dataclass(frozen=True)
class Case:
    """A frame, or many of it, for a server, from which as many packets should come out.

    With a command that is run again and again meanwhile, a second after it had ended. A check
    is given server, frame and number, and compares what comes out of one.
    """
    server: typing.Any
    frame: typing.Any
    expect: bool = True
    command: typing.Optional[str] = None
    check: typing.Optional[typing.Callable] = None

    def line(self, seconds, first):
        beside = f" : 1 {self.server.name} {self.command}" if self.command else ""
        return f"{self.server.gen} {seconds}s {self.frame.words(first)}{beside}"


def blast(lines, rounds=1, pace=0):
    """Send lines of blast, by turns, at a pace if there is one.

    Return: of each, packets sent and costs of each round.
    """
    output = sh(f"blast {rounds} {pace}", "".join(f"{line}\n" for line in lines))
    return [(int(sent), [float(cost) for cost in costs])
            for sent, *costs in map(str.split, output.splitlines())]


def check_count(server, sent, came):
    # What is missing was lost; a few more are a device's own, such as reports of groups: of the
    # groups of all proxied addresses where answers are counted.
    own = 1000 if server.counted == "gen" else 64
    if not sent - sent // 1000 <= came <= sent + sent // 1000 + own:
        raise RuntimeError(f"{server.name}: {came} of {sent} packets came out")


def turns(seconds):
    """A function for measure(): the costs of cases that take turns of so many seconds."""
    def rounds(cases, controls, number):
        runs = cases | {again(name): cases[name] for name in controls}
        servers = {id(case.server): case.server for case in runs.values()}
        before = {key: server.out() for key, server in servers.items()}
        lines = [case.line(seconds, case.server.first + i * APART)
                 for i, case in enumerate(runs.values())]
        outcome = dict(zip(runs, blast(lines, number + 1)))
        wanted = dict.fromkeys(servers, 0)
        for name, case in runs.items():
            case.server.first += outcome[name][0]
            wanted[id(case.server)] += outcome[name][0] if case.expect else 0
        for key, sent in wanted.items():
            if sent:
                check_count(servers[key], sent, servers[key].out() - before[key])
        return {name: costs[1:] for name, (_, costs) in outcome.items()}
    return rounds


def check(cases):
    """Compare a packet of each; of many, one from the middle."""
    for case in cases.values():
        if case.check:
            case.check(case.server, case.frame, case.frame.middle())


def measure_packets(number, cases, goals, seconds=SECONDS, pairs=TURNS):
    """A packet of each case is compared before, and behind, when all is remembered that may be."""
    check(cases)
    results = measure(number, cases, goals, pairs=pairs, rounds=turns(seconds))
    check(cases)
    return results
