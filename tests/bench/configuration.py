# SPDX-License-Identifier: GPL-2.0
"""Rows 12 to 15 and 19: adding, listing, keeping and removing clients."""

import base64
import os
import time

from measure import (EMULATED, SHORT_PAIRS, TRIES, Goal, call_in_turn, cost, did_not_finish,
                     measure, measure_short, once, row, sh)
from server import LOCAL, Server

CLIENTS = 100_000
# The time that ip takes for a line, or for a device, grows with their number: this is its better
# case, and takes about as long as ours.
LINES = 2000
SINGLE = 10_000
SIT_DEVICES = 300
WG_PEERS = 1000
# Each has a thread of the kernel (NAPI): beyond some 20,000 nobody in the guest can fork.
WG_LISTED = 10_000
POOLS = f"""brokertool link add broker0 local {LOCAL}
            brokertool pool add 2001:db8:100::/64 pair
            brokertool pool add 2001:db8:8000::/40 routed 64"""


class Table:
    """What objects are added to: a namespace, made anew when it has to be empty.

    Removing objects one by one may take longer than what is measured: the device goes.
    """

    def __init__(self, name, device, make, count):
        self.server, self.device, self.make, self.counting = Server(name), device, make, count
        self.server.run(make)

    def renew(self):
        self.server.run(f"ip link del {self.device}\n{self.make}")

    def run(self, command):
        """Return: seconds that a program took."""
        begin = time.monotonic()
        output = self.server.spawn(command.split())
        took = time.monotonic() - begin
        # What times itself prints nanoseconds.
        return float(output) / 1e9 if output.strip() else took

    def check(self, wanted):
        count = int(self.server.run(self.counting))
        if count != wanted:
            raise RuntimeError(f"{self.server.name}: {count} instead of {wanted}")

    def add(self, command, count):
        """A case: nanoseconds for one of many that a command adds."""
        def run():
            elapsed = self.run(command)
            self.check(count)
            self.renew()
            return elapsed * 1e9 / count
        return run


@once
def clients():
    return Table("clients", "broker0", POOLS, "brokertool -j link show | jq '.[0].clients'")


@once
def routes():
    return Table("routes", "routes", """ip link add routes type dummy
                                        ip link set routes up
                                        ip addr add 2001:db8:cafe::fe/64 dev routes""",
                 "ip -6 route show dev routes | grep -c 'via fe80::1' || :")


@once
def client_lines(count):
    with open(f"/tmp/clients-{count}", "w", encoding="ascii") as file:
        for i in range(count):
            file.write(f"client add c{i} endpoint 10.{16 + (i >> 16)}.{i >> 8 & 255}.{i & 255}\n")
    return file.name


@once
def route_lines(count):
    with open(f"/tmp/routes-{count}", "w", encoding="ascii") as file:
        for i in range(count):
            file.write(f"route add 2001:db8:{0x8000 + (i >> 16):x}:{i & 0xffff:x}::/64 "
                       f"via fe80::1 dev routes\n")
    return file.name


def without_start(counts):
    """For measure(): costs of these less what a program takes that does nothing, by their number.

    It is as much for a few objects as for many. Ours keeps its own.
    """
    def rounds(cases, controls, number):
        costs = call_in_turn(cases, controls, number)
        for name, count in counts.items():
            costs[name] = [whole - start / count
                           for whole, start in zip(costs[name], costs["start"])]
        return costs
    return rounds


def add_to_limit(command):
    """A case: nanoseconds for a client of whom nothing is checked (limit/add.c)."""
    def run():
        sh(f"modprobe sitbroker_add clients={CLIENTS}")
        elapsed = clients().run(command)
        sh("modprobe -r sitbroker_add")
        return elapsed * 1e9 / CLIENTS
    return run


@row(12)
def add_many():
    metric, empty = f"add {CLIENTS} clients, text", routes()
    least = f"add {CLIENTS} clients, text, the limit"
    lines, peers, devices = \
        f"ip -6 -batch, {LINES}", f"wg setconf, {WG_PEERS}", f"sit, ip -batch, {SIT_DEVICES}"
    text = measure_short(12, {
        "ours": clients().add(f"brokertool -batch {client_lines(CLIENTS)}", CLIENTS),
        lines: routes().add(f"ip -6 -batch {route_lines(LINES)}", LINES),
        peers: wireguard().add("wg setconf wg0 /tmp/wg.conf", WG_PEERS),
        devices: sit_devices().add("ip -batch /tmp/sit", SIT_DEVICES),
        "limit": add_to_limit(f"requests text limit broker0 {client_lines(CLIENTS)}"),
        "start": lambda: empty.run("true") * 1e9,
    }, [Goal(metric, lines, 10, emulated=15), Goal(metric, peers, 25),
        Goal(metric, devices, 300), Goal(metric, "limit"),
        Goal(least, lines, ours="limit"), Goal(least, peers, ours="limit"),
        Goal(least, devices, ours="limit")],
        "ns a client", SHORT_PAIRS, 2,
        without_start({lines: LINES, peers: WG_PEERS, devices: SIT_DEVICES}))
    metric = f"add {CLIENTS} clients, netlink"
    ours = clients().add(f"requests bulk clients broker0 {CLIENTS}", CLIENTS)
    # Apart: routes leave memory in such disorder that what comes next takes a third more.
    limits = measure_short(12, {
        "ours": ours, "limit": add_to_limit(f"requests bulk limit broker0 {CLIENTS}"),
    }, [Goal(metric, "limit")], "ns a client", SHORT_PAIRS, TRIES)
    return text + limits + measure_short(12, {
        "ours": ours, "routes": routes().add(f"requests bulk routes routes {CLIENTS}", CLIENTS),
    }, [Goal(metric, "routes", note="128 KB of routes at once, which no tool sends"),
        Goal(metric, "routes", 500, value=cost(), at_least=False, unit="ns a client",
             emulated=None)],
        "ns a client", SHORT_PAIRS, 2)


@row(13)
def add_single():
    empty, wg = routes(), f"wg, {WG_PEERS}"
    return measure(13, {
        "ours": clients().add(f"requests single clients broker0 {SINGLE}", SINGLE),
        "routes": routes().add(f"requests single routes routes {SINGLE}", SINGLE),
        wg: wireguard().add(f"requests single peers wg0 {WG_PEERS}", WG_PEERS),
        "nothing": lambda: empty.run(f"requests single nothing lo {SINGLE}") * 1e9 / SINGLE,
    }, [Goal("add clients, each acknowledged", "routes", 1.3),
        Goal("add clients, each acknowledged", wg, note="one message a peer, as from wg set"),
        Goal("add clients, each acknowledged", "nothing", note="a request without anything to do"),
        Goal("the limit of any request", "routes", ours="nothing")], "ns a client", SHORT_PAIRS)


@row(14)
def dump():
    ours, peer, third = clients(), routes(), wireguard()
    metric, wg = f"list {CLIENTS} clients, all fields", f"wg, {WG_LISTED}"
    packed, block = "packed ids and endpoints", "limit, one block"
    constants = "list constants, each by a call, the limit of such a list"
    block_constants = "list constants as one block, the limit of any list"
    sh(f"modprobe sitbroker_dump clients={CLIENTS}")
    ours.run(f"requests bulk clients broker0 {CLIENTS}")
    peer.run(f"requests bulk routes routes {CLIENTS}")
    third.run(f"requests bulk peers wg0 {WG_LISTED}")
    results = measure(14, {
        "ours": lambda: ours.run(f"requests dump clients broker0 {CLIENTS}") * 1e9 / CLIENTS,
        "routes": lambda: peer.run(f"requests dump routes routes {CLIENTS}") * 1e9 / CLIENTS,
        wg: lambda: third.run(f"requests dump peers wg0 {WG_LISTED}") * 1e9 / WG_LISTED,
        "limit": lambda: ours.run(f"requests dump limit broker0 {CLIENTS}") * 1e9 / CLIENTS,
        block: lambda: ours.run(f"requests dump block broker0 {CLIENTS}") * 1e9 / CLIENTS,
        packed: lambda: ours.run(f"requests dump endpoints broker0 {CLIENTS}") * 1e9 / CLIENTS,
    }, [Goal(metric, "routes", 2), Goal(metric, wg, 10), Goal(metric, "limit"), Goal(metric, block),
        Goal(constants, "routes", ours="limit"), Goal(constants, wg, ours="limit"),
        Goal(block_constants, "routes", ours=block), Goal(block_constants, wg, ours=block),
        Goal(metric, "routes", 1000, value=cost(), at_least=False, unit="ns a client",
             emulated=None),
        Goal(f"list {CLIENTS} clients, {packed}", "routes", 100, ours=packed, value=cost(packed),
             at_least=False, unit="ns a client", emulated=None,
             note="routes with all that they have")], "ns a client", SHORT_PAIRS)
    # Not of every kernel is this true.
    if not EMULATED:
        results.append(did_not_finish(14, metric, "wg", f"{WG_LISTED} peers; each has a thread, "
                                      "and the guest no room for so many"))
    for table in (ours, peer, third):
        table.renew()
    return results


def free_memory():
    """Bytes. Pages of files go first; what was freed a moment ago may wait for its grace period."""
    sh("sync; echo 3 >/proc/sys/vm/drop_caches; sleep 0.1; echo 3 >/proc/sys/vm/drop_caches")
    with open("/proc/meminfo", encoding="ascii") as file:
        free = int(next(line for line in file if line.startswith("MemFree")).split()[1]) * 1024
    # Free as well, and not counted there: pages that each processor has at hand, some megabytes.
    with open("/proc/zoneinfo", encoding="ascii") as file:
        at_hand = sum(int(line.split()[1]) for line in file if line.split()[:1] == ["count:"])
    return free + at_hand * os.sysconf("SC_PAGESIZE")


def memory(table, command, count):
    """A case: bytes that each of many takes."""
    def run():
        table.renew()
        before = free_memory()
        table.run(command)
        after = free_memory()
        table.check(count)
        table.renew()
        return (before - after) / count
    return run


@once
def sit_devices():
    with open("/tmp/sit", "w", encoding="ascii") as file:
        for i in range(SIT_DEVICES):
            file.write(f"link add name t{i} group 7 type sit remote 10.16.{i >> 8}.{i & 255} "
                       f"local {LOCAL} ttl 64\nlink set t{i} up\n")
    return Table("devices", "group 7", "ip link add one group 7 type dummy",
                 "ip -j link show type sit | jq '[.[] | select(.group == \"7\")] | length'")


@once
def wireguard():
    sh("modprobe wireguard")
    with open("/tmp/wg.conf", "w", encoding="ascii") as file:
        for i in range(WG_PEERS):
            key = base64.b64encode(i.to_bytes(32, "big")).decode()
            file.write(f"[Peer]\nPublicKey = {key}\nEndpoint = 10.16.{i >> 8}.{i & 255}:51820\n"
                       f"AllowedIPs = 2001:db8:8000:{i:x}::/64\n")
    return Table("wireguard", "wg0", "ip link add wg0 type wireguard",
                 "wg show wg0 peers | wc -l")


@row(15)
def memory_of_clients():
    """With more than one processor, where everything takes longer: against one peer."""
    processors = os.cpu_count()
    metric = f"memory of a client, {processors} processor{'s' * (processors > 1)}"
    cases = {
        "ours": memory(clients(), f"requests bulk clients broker0 {CLIENTS}", CLIENTS),
        "routes": memory(routes(), f"requests bulk routes routes {CLIENTS}", CLIENTS),
    }
    goals = [Goal(metric, "routes", 256, value=cost(), at_least=False, unit="bytes",
                  note="with a pair and a routed /64; a route has one prefix")]
    if processors == 1 or EMULATED:
        cases |= {
            f"sit, {SIT_DEVICES}": memory(sit_devices(), "ip -batch /tmp/sit", SIT_DEVICES),
            f"wireguard, {WG_PEERS}": memory(wireguard(), "wg setconf wg0 /tmp/wg.conf", WG_PEERS),
        }
        goals += [Goal(metric, f"sit, {SIT_DEVICES}", 180),
                  Goal(metric, f"wireguard, {WG_PEERS}", 7)]
    return measure(15, cases, goals, "bytes")


def removal(table, command, count, times=1):
    """A case: milliseconds that the removal of all takes, more than of none; of each the least."""
    delete = f"remove {table.device.removeprefix('group ')}"

    def once_more():
        empty = table.run(delete)
        table.server.run(table.make)
        table.run(command)
        table.check(count)
        full = table.run(delete)
        table.server.run(table.make)
        return empty, full

    def run():
        table.renew()
        empty, full = map(min, zip(*(once_more() for _ in range(times))))
        return max(full - empty, 1e-6) * 1e3
    return run


@row(19)
def teardown():
    metric = f"remove a link with {CLIENTS} clients, more than without"
    return measure(19, {
        "ours": removal(clients(), f"requests bulk clients broker0 {CLIENTS}", CLIENTS, 15),
        f"sit, {SIT_DEVICES}": removal(sit_devices(), "ip -batch /tmp/sit", SIT_DEVICES),
        f"wireguard, {WG_PEERS}": removal(wireguard(), "wg setconf wg0 /tmp/wg.conf", WG_PEERS, 5),
        "routes": removal(routes(), f"requests bulk routes routes {CLIENTS}", CLIENTS, 5),
    }, [Goal(metric, f"sit, {SIT_DEVICES}", 30, value=cost(), at_least=False, unit="ms"),
        Goal(metric, f"wireguard, {WG_PEERS}"), Goal(metric, "routes")], "ms")
