#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Measure rows of the table against their peers, in a guest: guest.py ROW...

Leaves the results in $OUT/guest.json. A row that fails does not keep others from
being measured.
"""

import json
import os
import sys

import configuration            # noqa: F401, they register their rows
import filters                  # noqa: F401
import neighbours
import path                     # noqa: F401
import stream                   # noqa: F401
from measure import EMULATED, LONG_TURNS, PAIRS, SHORT_PAIRS, TURNS, measured_rows, sh


def facts():
    """What a reader has to know to believe a figure."""
    versions = [sh(f"{command} | head -n 1") for command in (
        "ip -V", "nft -v", "ipset -v", "iprange --version", "brokertool -V",
        "wg --version", f"{neighbours.NDPPD} -c /")]
    machine = "QEMU without an accelerator: emulated" if EMULATED else \
        "User-Mode Linux: native, no accelerator"
    return {"kernel": f"{os.uname().release}, {machine}, {os.cpu_count()} processor(s)",
            "versions": "; ".join(version.strip() for version in versions),
            "rounds": f"{PAIRS} pairs, {SHORT_PAIRS} where they take seconds; of packets and lookups those "
                      f"of {TURNS} or {LONG_TURNS} in which the processor had its full speed; one "
                      "thrown away before them"}


def keep(results):
    with open(os.path.join(os.environ["OUT"], "guest.json"), "w", encoding="ascii") as file:
        json.dump(facts() | {"results": results}, file)


def main(words):
    # The C library looks whether /etc/resolv.conf has changed before each numeric address that ipset
    # and nft let it read, twice for a range: system calls, which are dear in this kernel.
    os.environ["RES_OPTIONS"] = "no-reload"
    sh("ip link set lo up; modprobe -a sitbroker sit ip_gre veth dummy")
    measured_rows(words, keep)


if __name__ == "__main__":
    main(sys.argv[1:])
