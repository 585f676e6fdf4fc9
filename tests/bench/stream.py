# SPDX-License-Identifier: GPL-2.0
"""Row 20: one TCP stream through a tunnel, in packets larger than any wire takes.

     client ══ tunnel over veth ══ server ── veth ── host
"""

import json
import time

from measure import PAIRS, SHORT_PAIRS, Goal, measure_short, once, row, sh
from server import CLIENT, LOCAL, OUTSIDE, POOL

REMOTE = "203.0.113.2"
SENT = "256M"
# With three of them as long as with two.
ROUNDS = max(PAIRS, SHORT_PAIRS * 3 // 4)


class Path:
    """The three, and what the server has at its end of the tunnel; the client has a device."""

    def __init__(self, name, tunnel, mode="sit"):
        self.name, self.device = name, "broker0" if "brokertool" in tunnel else "t0"
        sh(f"""set -e
               for i in client server host; do
                       ip netns add {name}-$i
                       ip -n {name}-$i link set lo up
                       ip netns exec {name}-$i sysctl -qw net.ipv6.conf.default.accept_dad=0
               done
               ip link add eth0 netns {name}-client type veth peer eth0 netns {name}-server
               ip link add eth1 netns {name}-server type veth peer eth0 netns {name}-host
               ip -n {name}-client addr add {REMOTE}/24 dev eth0
               ip -n {name}-server addr add {LOCAL}/24 dev eth0
               ip -n {name}-server addr add 2001:db8:f00d::1/64 dev eth1
               ip -n {name}-host addr add {OUTSIDE}/64 dev eth0
               for i in client server host; do ip -n {name}-$i link set eth0 up; done
               ip -n {name}-server link set eth1 up
               ip netns exec {name}-server sysctl -qw net.ipv6.conf.all.forwarding=1
               ip -n {name}-host route add {POOL}/64 via 2001:db8:f00d::1
               ip -n {name}-client tunnel add t0 mode {mode} remote {LOCAL} local {REMOTE} ttl 64
               ip -n {name}-client link set t0 up
               ip -n {name}-client addr add {CLIENT}/127 dev t0
               ip -n {name}-client -6 route add default dev t0""")
        sh(f"ip netns exec {name}-server sh -e", tunnel)
        sh(f"ip netns exec {name}-host iperf3 -s -D")
        self.carry("")                          # until both ends know each other

    def received(self):
        """(packets, bytes) that came out of the tunnel at the server's end, or went into it."""
        stats = json.loads(sh(f"ip -n {self.name}-server -s -j link show {self.device}")
                           )[0]["stats64"]
        return [sum(stats[way][what] for way in ("rx", "tx")) for what in ("packets", "bytes")]

    def carry(self, direction):
        """Return: nanoseconds for a kilobyte."""
        for _ in range(50):
            report = json.loads(sh(f"ip netns exec {self.name}-client iperf3 -c {OUTSIDE} "
                                   f"-n {SENT} -J {direction} || :"))
            if "error" not in report:
                return 8e12 / report["end"]["sum_received"]["bits_per_second"]
            time.sleep(0.1)
        raise RuntimeError(f"{self.name}: iperf3: {report['error']}")

    def size(self, direction):
        """Bytes in a packet, both ways together."""
        before = self.received()
        self.carry(direction)
        packets, size = (now - then for now, then in zip(self.received(), before))
        return size / packets


@once
def broker():
    return Path("stream-ours", f"""brokertool link add broker0 local {LOCAL}
                                   brokertool pool add {POOL}/64 pair
                                   brokertool client add one endpoint {REMOTE} \
                                           pair {POOL}2/127 routed none""")


@once
def peer(mode):
    """A device of the kernel's at both ends."""
    return Path(f"stream-{mode}",
                f"""ip tunnel add t0 mode {mode} remote {REMOTE} local {LOCAL} ttl 64
                    ip link set t0 up
                    ip route add {POOL}/64 via fe80::1 dev t0""", mode)


@row(20)
def stream():
    results = []
    for name, direction in (("from", ""), ("to", "-R")):
        paths = {"ours": broker(), "sit": peer("sit"), "gre": peer("gre")}
        size = {kind: f"{path.size(direction):.0f} {kind}" for kind, path in paths.items()}
        results += measure_short(20, {
            kind: lambda way=direction, path=path: path.carry(way) for kind, path in paths.items()
        }, [Goal(f"TCP stream {name} a client", kind, 1.0,
                 note=f"bytes in a packet: {size['ours']}, {size[kind]}")
            for kind in ("sit", "gre")], "ns a kB", ROUNDS)
    return results
