# SPDX-License-Identifier: GPL-2.0
"""Row 20: one TCP stream through a tunnel, in packets larger than any wire takes.

     client ══ tunnel over veth ══ server ── veth ── host
"""

import dataclasses
import json
import typing

from measure import TURNS, Goal, again, measure, once, row, sh
from server import CLIENT, LOCAL, OUTSIDE, POOL

REMOTE = "203.0.113.2"
SECONDS = 0.02                  # of one case in a round


class Path:
    """The three, and what server and client have at their ends of the tunnel.

    Of the server's device there are counters.
    """

    def __init__(self, name, device, server, client):
        self.name, self.device = name, device
        sh(f"""set -e
               for i in client server host; do
                       ip netns add {name}-$i
                       ip -n {name}-$i link set lo up
                       ip netns exec {name}-$i sysctl -qw net.ipv6.conf.default.accept_dad=0 \
                               net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
               done
               ip link add eth0 netns {name}-client type veth peer eth0 netns {name}-server
               ip link add eth1 netns {name}-server type veth peer eth0 netns {name}-host
               ip -n {name}-client addr add {REMOTE}/24 dev eth0
               ip -n {name}-server addr add {LOCAL}/24 dev eth0
               ip -n {name}-server addr add 2001:db8:f00d::1/64 dev eth1
               ip -n {name}-host addr add {OUTSIDE}/64 dev eth0
               for i in client server host; do ip -n {name}-$i link set eth0 up; done
               ip -n {name}-server link set eth1 up
               ip netns exec {name}-server sysctl -qw net.ipv6.conf.all.forwarding=1 \
                       net.ipv4.ip_early_demux=0
               # Of tunnels only: who asks for a neighbour for somebody else needs such an address.
               for i in client server; do
                       ip netns exec {name}-$i sysctl -qw net.ipv6.conf.default.addr_gen_mode=1
               done
               ip -n {name}-host route add {POOL}/64 via 2001:db8:f00d::1""")
        sh(f"ip netns exec {name}-server sh -e", server)
        sh(f"ip netns exec {name}-client sh -e", client)

    def received(self):
        """(packets, bytes) that came out of the tunnel at the server's end, or went into it."""
        stats = json.loads(sh(f"ip -n {self.name}-server -s -j link show {self.device}")
                           )[0]["stats64"]
        return [sum(stats[way][what] for way in ("rx", "tx")) for what in ("packets", "bytes")]


@dataclasses.dataclass(frozen=True)
class Case:
    """A stream from a client, or to one."""
    path: typing.Any
    is_from: bool

    def line(self):
        client, host = f"{self.path.name}-client", f"{self.path.name}-host"
        ends = f"{client} {host} {OUTSIDE}" if self.is_from else f"{host} {client} {CLIENT}"
        return f"{ends} {SECONDS}"

    def size(self):
        """Bytes in a packet, both ways together."""
        before = self.path.received()
        stream([self])
        packets, size = (now - then for now, then in zip(self.path.received(), before))
        return f"{size / packets:.0f}"


def stream(cases, number=1):
    """Of each case, what a kilobyte cost in each round."""
    output = sh(f"stream {number}", "".join(f"{case.line()}\n" for case in cases))
    return [[float(cost) for cost in line.split()[1:]] for line in output.splitlines()]


def rounds(cases, controls, number):
    runs = cases | {again(name): cases[name] for name in controls}
    return {name: costs[1:] for name, costs in zip(runs, stream(runs.values(), number + 1))}


def device(mode):
    """What makes a device of the kernel's at the client's end."""
    return f"""ip tunnel add t0 mode {mode} remote {LOCAL} local {REMOTE} ttl 64
               ip link set t0 up
               ip addr add {CLIENT}/127 dev t0
               ip -6 route add default dev t0"""


@once
def broker():
    return Path("stream-ours", "broker0", f"""brokertool link add broker0 local {LOCAL}
                                              brokertool pool add {POOL}/64 pair
                                              brokertool client add one endpoint {REMOTE} \
                                                      pair {POOL}2/127 routed none""",
                device("sit"))


@once
def peer(mode):
    """A device of the kernel's at both ends."""
    return Path(f"stream-{mode}", "t0",
                f"""ip tunnel add t0 mode {mode} remote {REMOTE} local {LOCAL} ttl 64
                    ip link set t0 up
                    ip route add {POOL}/64 via fe80::1 dev t0""", device(mode))


@once
def plain():
    """No tunnel: what both ends, the wire and forwarding cost."""
    return Path("stream-plain", "eth0", f"ip addr add {POOL}2/127 dev eth0",
                f"""ip addr add {CLIENT}/127 dev eth0
                    ip -6 route add default via {POOL}2""")


@row(20)
def streams():
    results = []
    paths = {"ours": broker(), "sit": peer("sit"), "gre": peer("gre"), "floor": plain()}
    for name in ("from", "to"):
        cases = {kind: Case(path, name == "from") for kind, path in paths.items()}
        stream(cases.values())                  # until all ends know each other
        size = {kind: case.size() for kind, case in cases.items()}
        results += measure(20, cases, [
            Goal(f"TCP stream {name} a client", kind, 1.0, floor="floor",
                 note=f"bytes in a packet: {size['ours']}, {size[kind]} {kind}")
            for kind in ("sit", "gre")], "ns a kB", TURNS, rounds)
    return results
