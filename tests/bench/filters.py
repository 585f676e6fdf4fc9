# SPDX-License-Identifier: GPL-2.0
"""Rows 7 to 11: filter lists against nft's interval sets and ipset.

Packets from random sources are dropped by an nft rule in raw; what a list in
front of that adds is the row. Nearly all sources are in no range.
"""

import dataclasses
import functools
import ipaddress
import random
import struct

from configuration import free_memory
from frames import ETHERNET, IPV4, Field, Frame, ethernet, ipv4, ipv6
from measure import LONG_TURNS, TRIES, Goal, at_full_speed, cost, did_not_finish, measure, \
    not_measured, row, sh
from packets import measure_packets
from server import LOCAL, Server

SIZES4 = {1000: "1k", 100_000: "100k", 1_000_000: "1M"}
SIZE6 = 200_000
# A turn finds other cases' lists in the caches: long enough that half of its packets find their own.
SECONDS = 0.1
# Where loads take seconds: seconds of packets behind each, and rounds.
BEHIND, LOADS = 0.5, 12
# Up to this many nft and ipset can be loaded as often as it takes.
FEW = 100_000


@functools.cache
def ranges4(number):
    """Random disjoint ranges, each of 1 to 64 addresses: (first, last)."""
    rng = random.Random(number)
    starts = sorted(rng.sample(range(1 << 24, 0xe0000000 >> 6), number))
    result = []
    for start in starts:
        first = (start << 6) + rng.randrange(32)
        result.append((first, first + rng.randrange(32)))
    return result


@functools.cache
def ranges6(number):
    """Random disjoint prefixes of /32 to /64 within 2000::/3: (first, last)."""
    rng = random.Random(number)
    result, last = [], 0
    for start in sorted(rng.getrandbits(61) for _ in range(number + number // 50)):
        length = rng.choice([32, 40, 44, 48, 48, 48, 56, 64, 64])
        first = (1 << 61 | start) >> (64 - length) << (64 - length) << 64
        if first > last and len(result) < number:
            last = first + (1 << (128 - length)) - 1
            result.append((first, last))
    return result


def dotted(number):
    return f"{number >> 24}.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def text6(number):
    return str(ipaddress.IPv6Address(number))


@functools.cache
def lines(number, family=4):
    """FIRST-LAST, one a line, as every tool takes them."""
    if family == 4:
        return [f"{dotted(first)}-{dotted(last)}" for first, last in ranges4(number)]
    return [f"{text6(first)}-{text6(last)}" for first, last in ranges6(number)]


@functools.cache
def file(number, family=4, kind="ours", labels=0):
    """The ranges in a file, as a user of each tool would have them; with so many labels."""
    name = f"/tmp/filter-{kind}-{family}-{number}-{labels}"
    if kind == "packed":
        with open(name, "wb") as out:
            out.writelines(struct.pack("!II", *each) for each in ranges4(number))
        return name
    with open(name, "w", encoding="ascii") as out:
        if kind == "nft":
            table, address = ("ip", "ipv4_addr") if family == 4 else ("ip6", "ipv6_addr")
            out.write(f"add set {table} bench blocked {{ type {address}; flags interval; }}\n")
            out.write(f"add element {table} bench blocked {{ {', '.join(lines(number, family))} }}\n")
        elif kind == "ipset":
            # Some four prefixes a range; a table far larger than its list costs each packet
            # caches, one that has to grow costs the load time.
            size = min(1 << (4 * number).bit_length(), 1 << 20)
            out.write(f"create list hash:net family inet{'6' * (family == 6)} hashsize {size} "
                      f"maxelem 16777216\n")
            if family == 4:
                out.writelines(f"add list {line}\n" for line in lines(number))
            else:
                # ipset takes no IPv6 ranges; these are prefixes.
                for first, last in ranges6(number):
                    length = 128 - (last - first + 1).bit_length() + 1
                    out.write(f"add list {text6(first)}/{length}\n")
        elif family == 6:
            out.writelines(f"[{first}]-[{last}]\n" for first, last in
                           (line.split("-") for line in lines(number, 6)))
        elif kind == "p2p":
            out.writelines(f"Some label {i % labels}:{line}\n"
                           for i, line in enumerate(lines(number)))
        elif labels:
            out.writelines(f"{line.replace('-', ' - ')} , 000 , Some label {i % labels}\n"
                           for i, line in enumerate(lines(number)))
        else:
            out.writelines(f"{line}\n" for line in lines(number))
    return name


@functools.cache
def singles6(number):
    """Random single addresses in a file of ours."""
    rng = random.Random(number)
    name = f"/tmp/filter-singles-{number}"
    with open(name, "w", encoding="ascii") as out:
        out.writelines(f"[{text6(1 << 125 | rng.getrandbits(125))}]\n" for _ in range(number))
    return name


def sources(family=4):
    """Frames whose sources are spread over all addresses, or all of 2000::/3."""
    if family == 4:
        data = ethernet(0x800, ipv4("1.0.0.1", LOCAL, ipv6("2001:db8:1::1", "2001:db8::1")))
        return Frame(data, (Field(ETHERNET + 12, 2654435761, 1 << 30, ETHERNET + 10),))
    data = ethernet(0x86dd, ipv6("2000::1", "2001:db8:1::1"))
    return Frame(data, (Field(ETHERNET + 8, 1021, 1 << 19), Field(ETHERNET + 12, 2654435761, 1 << 30)))


def filtered(name, family=4):
    """A namespace that drops all of it in raw."""
    server = Server(name)
    table = "ip" if family == 4 else "ip6"
    server.run(f"""nft add table {table} bench
                   nft 'add chain {table} bench raw {{ type filter hook prerouting priority raw; }}'
                   nft add rule {table} bench raw iifname eth0 counter drop""")
    return server


def count_dropped(server, family, wanted):
    """That the work was done: the rule in raw has seen nearly all."""
    text = server.run(f"nft list chain {'ip' if family == 4 else 'ip6'} bench raw")
    seen = int(text.split("counter packets ")[1].split()[0])
    if seen < wanted * 0.9:
        raise RuntimeError(f"{server.name}: {seen} of {wanted} packets came to the end of raw")


def ours(number, family=4):
    server = filtered(f"ours{family}-{number}", family)
    server.run(f"""brokertool -q filter load list {file(number, family)}
                   brokertool filter attach list dev eth0 in""")
    return server


def nft(number, family=4):
    server = filtered(f"nft{family}-{number}", family)
    table, address = ("ip", "ip saddr") if family == 4 else ("ip6", "ip6 saddr")
    server.run(f"""nft -f {file(number, family, "nft")}
                   nft insert rule {table} bench raw {address} @blocked drop""")
    return server


def bytes_of(server):
    """What our list takes."""
    return int(server.run("brokertool -j filter show list | jq '.[0].bytes'"))


def map_bytes(number):
    """What the map of so many ranges takes, see kmod/range.h."""
    order = number.bit_length() + 3
    return 1 << min(order + (order < 21), 23) >> 3


def limit(name, family, size, kind="table"):
    """No filter: the least that one can cost in our place (limit/filter.c)."""
    server = filtered(name, family)
    server.run(f"""modprobe sitbroker_limit_filter
                   echo {size} >/sys/module/sitbroker_limit_filter/parameters/{kind}""")
    return server


def ipset(number, family=4):
    """By iptables, whose rules are nft's here, in front of the same rule."""
    sh("modprobe -a nft_compat ip_set_hash_net xt_set")
    server = filtered(f"ipset{family}-{number}", family)
    server.run(f"""ipset restore <{file(number, family, "ipset")}
                   ip{'6' * (family == 6)}tables-nft -t raw -A PREROUTING -m set \
                           --match-set list src -j DROP""")
    return server


def peers(number, family):
    """{name: server} of what this machine has."""
    result = {"nft": nft(number, family)}
    try:
        result["ipset"] = ipset(number, family)
    except RuntimeError as error:
        print(f"ipset: {error}")
    return result


def lookups(number, size, family, goals):
    frame = sources(family)
    mine = ours(size, family)
    servers = {
        "ours": mine, **peers(size, family),
        "limit": limit(f"limit{family}-{size}", family, 0),
        "limit, one line": limit(f"line{family}-{size}", family, bytes_of(mine)),
        "limit, a list": limit(f"list{family}-{size}", family, bytes_of(mine), "list"),
        "raw": filtered(f"raw{family}-{size}", family),
        "limit, one line of a map": limit(f"map{family}-{size}", family, map_bytes(size)),
        "limit, a list with a map": limit(f"mapped{family}-{size}", family, map_bytes(size), "map"),
    }
    cases = {name: server.case(frame, expect=False) for name, server in servers.items()}
    metric = f"filter IPv{family}, {SIZES4.get(size, '200k')} ranges"
    results = measure_packets(number, cases, [
        Goal(f"{metric}, {what}", peer, wanted, floor="raw", **arguments)
        for peer, what, wanted, arguments in goals if peer in cases] + [
        Goal(f"{metric}, {name}, added", "nft", ours=name, floor="raw", value=times("nft", name),
             overall=True)
        for name in servers if name.startswith("limit")], SECONDS, LONG_TURNS)
    for server in servers.values():
        count_dropped(server, family, server.first)
        sh(f"ip netns del {server.name}")
    sh("rmmod sitbroker_limit_filter")
    missing = {"nft", "ipset"} - set(servers)
    return results + [did_not_finish(number, metric, peer, "this kernel has no xt_set")
                      for peer in missing]


def times(peer, mine="ours"):
    """How often what ours adds to the base goes into what the peer adds. Less than 1 ns is 1 ns."""
    return lambda costs: (costs[peer] - costs["raw"]) / max(costs[mine] - costs["raw"], 1)


ADDED_NFT = {"value": times("nft"), "overall": True}
ADDED_IPSET = {"value": times("ipset"), "overall": True}


@row(7)
def lookup4():
    results = []
    for size, nft_times, ipset_times, nft_whole, ipset_whole in (
            (1000, 10, None, 1.4, 1.4), (100_000, 40, None, 3.2, 2.7),
            (1_000_000, 60, 45, 6, 4.8)):
        results += lookups(7, size, 4, [
            ("nft", "added", nft_times, ADDED_NFT),
            ("ipset", "added", ipset_times, ADDED_IPSET),
            ("nft", "whole packet", nft_whole, {}),
            ("ipset", "whole packet", ipset_whole, {})])
    return results


@row(8)
def lookup6():
    return lookups(8, SIZE6, 6, [("nft", "added", 20, ADDED_NFT),
                                 ("ipset", "added", 20, ADDED_IPSET),
                                 ("nft", "whole packet", None, {}),
                                 ("ipset", "whole packet", None, {})])


def seconds(server, command, undo):
    """A case: milliseconds that a shell waits for a command; and what takes it back."""
    timed = f"begin=$EPOCHREALTIME; {command}; echo $((${{EPOCHREALTIME/./}} - ${{begin/./}}))"

    def run():
        elapsed = float(server.run("bash -e", timed))
        server.run(undo)
        return elapsed / 1e3
    return run


def kernel_part(server, command, undo):
    """A case: milliseconds that a command says, in nanoseconds."""
    def run():
        elapsed = float(server.run(command))
        server.run(undo)
        return elapsed / 1e6
    return run


@row(9)
def load():
    size = 1_000_000
    sh("modprobe ip_set_hash_net")
    mine, theirs, third = Server("load"), filtered("load-nft"), Server("load-ipset")

    def loaded(name):
        return at_full_speed(seconds(mine, f"brokertool -q filter load list {name}",
                                     "brokertool filter destroy list"), TRIES)

    # Of ipset, which takes seconds, no try is undisturbed.
    results = measure(9, {
        "ours": loaded(file(size)),
        "kernel": at_full_speed(kernel_part(mine, f"load list {file(size, 4, 'packed')}",
                                            "brokertool filter destroy list"), TRIES),
        "ipset": seconds(third, f"ipset restore <{file(size, 4, 'ipset')}", "ipset destroy list"),
    }, [Goal("filter load, 1M ranges, file to active", "ipset", 30),
        Goal("filter load, 1M ranges, file to active", "ipset", 120, value=cost(), at_least=False,
             unit="ms"),
        Goal("filter load, 1M ranges, the kernel's part", "ours", 20, ours="kernel",
             value=cost("kernel"), at_least=False, unit="ms")], "ms")
    results += measure(9, {
        "ours": loaded(file(size)),
        "labels": loaded(file(size, labels=1000)),
        "p2p": loaded(file(size, 4, "p2p", 300_000)),
        "iprange": at_full_speed(seconds(third, f"iprange {file(size)} >/dev/null", ":")),
    }, [Goal("filter load, 1M ranges, file to active", "iprange",
             note="which only reads and merges them"),
        Goal("filter load, 1M ranges in a DAT file, 1000 labels", "iprange", ours="labels"),
        Goal("filter load, 1M ranges in P2P text, 300000 labels", "iprange", ours="p2p")], "ms")
    results += measure(9, {
        "ours": loaded(file(FEW)),
        "nft": at_full_speed(seconds(theirs, f"nft -f {file(FEW, 4, 'nft')}",
                                     "nft delete set ip bench blocked"), TRIES),
    }, [Goal(f"filter load, {FEW} ranges, file to active", "nft", 75)], "ms")
    once = seconds(theirs, f"nft -f {file(size, 4, 'nft')}", "nft delete set ip bench blocked")()
    return results + [not_measured(9, "filter load, 1M ranges, file to active", "nft", "-",
                                   f"once, not nine times: {once:.0f} ms")]


def memory(server, command, undo, number):
    """A case: bytes that each range takes."""
    def run():
        before = free_memory()
        server.run(command)
        taken = before - free_memory()
        server.run(undo)
        return taken / number
    return run


@row(10)
def bytes_a_range():
    size = 1_000_000
    sh("modprobe ip_set_hash_net")
    mine, theirs, third = Server("memory"), filtered("memory-nft"), Server("memory-ipset")
    theirs6 = filtered("memory-nft6", 6)

    def loaded(name, number):
        return memory(mine, f"brokertool -q filter load list {name}",
                      "brokertool filter destroy list", number)

    destroy = "ipset destroy list"
    return measure(10, {
        "ours": loaded(file(size), size),
        "IPv6": loaded(file(SIZE6, 6), SIZE6),
        "labels": loaded(file(size, labels=1000), size),
        "many labels": loaded(file(size, labels=300_000), size),
        "ipset": memory(third, f"ipset restore <{file(size, 4, 'ipset')}", destroy, size),
        f"nft, {FEW}": memory(theirs, f"nft -f {file(FEW, 4, 'nft')}",
                      "nft delete set ip bench blocked", FEW),
        f"nft, IPv6, {FEW}": memory(theirs6, f"nft -f {file(FEW, 6, 'nft')}",
                            "nft delete set ip6 bench blocked", FEW),
        "single addresses": loaded(singles6(FEW), FEW), "few": loaded(file(FEW), FEW),
    }, [Goal("filter memory of a range, IPv4", "ipset", 4.5, value=cost(), at_least=False,
             unit="bytes"),
        Goal("filter memory of a range, IPv6", f"nft, IPv6, {FEW}", 20, ours="IPv6",
             value=cost("IPv6"), at_least=False, unit="bytes"),
        Goal("filter memory of a range, IPv6 addresses", f"nft, IPv6, {FEW}",
             ours="single addresses", note="ranges that do not end with a /64"),
        Goal("filter memory of a range, IPv4, 1000 labels", f"nft, {FEW}", 9, ours="labels",
             value=cost("labels"), at_least=False, unit="bytes"),
        Goal("filter memory of a range, IPv4, 300000 labels and their text", f"nft, {FEW}",
             ours="many labels"),
        Goal("filter memory of a range, IPv4", "ipset", 22),
        Goal("filter memory of a range, IPv4", f"nft, {FEW}", 30),
        Goal(f"filter memory of a range, IPv4, {FEW} ranges", f"nft, {FEW}", ours="few")], "bytes")


@row(11)
def swap():
    """Packets while a list is loaded and for a second behind that: one processor does both, so
    a load is part of the dip.

    Loads of a list that is attached nowhere are the same work without the swap, and a command that
    does nothing is what starting one costs here.
    """
    mine, theirs, third = ours(FEW), nft(FEW), ipset(FEW)
    with open("/tmp/swap-nft", "w", encoding="ascii") as out, \
            open(file(FEW, 4, "nft"), encoding="ascii") as whole:
        out.write(f"flush set ip bench blocked\n{whole.read()}")
    with open("/tmp/swap-ipset", "w", encoding="ascii") as out, \
            open(file(FEW, 4, "ipset"), encoding="ascii") as whole:
        out.write(whole.read().replace(" list ", " next "))
        out.write("swap list next\ndestroy next\n")

    def beside(server, command):
        return dataclasses.replace(server.case(sources(), expect=False), command=command)

    def swapped(name):
        return beside(mine, f"brokertool -q filter load {name} {file(FEW)}")

    metric = f"filter swapped once a second, {FEW} ranges"
    results = measure_packets(11, {
        "ours": swapped("list"), "steady": mine.case(sources(), expect=False),
        "not attached": swapped("other"), "nothing": beside(mine, "true"),
    }, [Goal(metric, "steady", 0.98),
        Goal(f"{metric}, the load itself", "nothing"),
        Goal(f"{metric}, the swap itself", "not attached"),
        Goal("a command that does nothing once a second, the limit of any", "steady",
             ours="nothing")], SECONDS)
    results += measure_packets(11, {
        "ours": swapped("list"), "nft": beside(theirs, "nft -f /tmp/swap-nft"),
        "ipset": beside(third, "ipset restore -file /tmp/swap-ipset"),
    }, [Goal(metric, "nft"), Goal(metric, "ipset")], BEHIND, LOADS)
    for server in mine, theirs, third:
        count_dropped(server, 4, server.first)
    return results
