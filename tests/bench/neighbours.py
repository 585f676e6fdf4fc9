# SPDX-License-Identifier: GPL-2.0
"""Rows 16 to 18: neighbour solicitations and advertisements."""

import ipaddress
import json
import os
import random
import socket
import time

from frames import ETHERNET, GEN_MAC, IPV6, Field, Frame, advertisement, solicitation
from measure import PAIRS, Goal, again, cost, measure, measure_short, once, row, sh
from packets import APART, blast, measure_packets
from server import LOCAL, Server, compare, limit

POOL = "2001:db8:1:0:8000::"
TARGET = POOL + "3"             # the first client's
ASKER = "fe80::1:1"
# Each proxied address joins a group, and the list of groups is walked for that: 65,536 of them
# take minutes.
MANY, PNEIGH = 65_536, 16_384
# Not installed, see tests/vm/unpacked.
NDPPD = f"{os.environ['SITBROKER_CACHE']}/unpacked/ndppd/tree/usr/sbin/ndppd"
# How often it is asked in a round, and ours, so that to start the generator takes little of either;
# bytes that may wait for it; seconds after which an answer is lost.
ASKED, ASKED_OURS, WAITING, LATE = 5000, 200_000, 64 << 20, 20
# A target in a frame, its last 32 bits, and where the checksum is.
TARGET_AT, CHECKSUM_AT = ETHERNET + IPV6 + 20, ETHERNET + IPV6 + 2
SOURCE_AT = ETHERNET + 20
FLOOD, LEGITIMATE, FLOODED = 1000, 100, 1000
# Hosts that ask under a flood are all below; none of them is asked for, or floods.
STRANGERS = ipaddress.ip_network("fe80::2:0:0/96")
# Seconds from one of them to the next: half a flood is answered meanwhile, and ours answers
# no more than 16,000 a second where the limit is 1,000 for a client.
PACE = 0.032
# Turns of a flood at full speed, ten seconds of all servers together; seconds after which a host asks
# again (RFC 4861, RETRANS_TIMER), and how often.
FLOOD_TURN, FLOOD_S, RETRANS, ASKS = 0.02, 10, 1, 60


def target(number):
    return ipaddress.ip_address(TARGET) + 2 * number


def ask(targets=1):
    """Frames that ask for one of many, all with the same Ethernet and IPv6 destination."""
    return Frame(solicitation(TARGET), () if targets == 1 else (
        Field(TARGET_AT, 2, targets, CHECKSUM_AT),))


class Broker(Server):
    """Ours. It announces its clients, a hundred a second, which are no answers."""

    def announced(self):
        return json.loads(self.run("brokertool -j ndp show"))[0]["announced"]

    def out(self):
        announced = None
        while announced != (now := self.announced()):
            announced, out = now, super().out()
        return out - announced


@once
def broker(targets=1, kind="ndp", rate=0):
    """Without a limit, as the peer has none, unless one is given."""
    server = Broker(f"{kind}-{targets}", "gen")
    server.run(f"""brokertool link add broker0 local {LOCAL}
                   brokertool pool add {POOL}/80 pair
                   brokertool ndp add eth0 rate {rate}""")
    server.run("brokertool -batch -", "".join(
        f"client add c{i} pair {target(i) - 1}/127 routed none\n" for i in range(targets)))
    return server


@once
def pneigh(targets=1, kind="pneigh"):
    """The kernel's own, without its delay."""
    server = Server(f"{kind}-{targets}", "gen")
    server.run("""sysctl -qw net.ipv6.conf.all.proxy_ndp=1 net.ipv6.conf.eth0.proxy_ndp=1 \
                          net.ipv6.neigh.eth0.proxy_delay=0""")
    server.run("ip -6 -batch -", "".join(map(pneigh_entry, range(targets))))
    return server


def pneigh_entry(i):
    return f"neigh add proxy {target(i)} dev eth0 router\n"


def ndppd():
    """A process that answers for a prefix, with room for all that it is asked.

    Return: its server, and its number.
    """
    server = Server("ndppd", "gen")
    with open("/tmp/ndppd.conf", "w", encoding="ascii") as file:
        file.write(f"proxy eth0 {{\n rule {POOL}/80 {{\n static\n }}\n}}\n")
    usual = sh(f"sysctl -n net.core.rmem_default; sysctl -qw net.core.rmem_default={WAITING}")
    number = server.run(f"""sysctl -qw net.ipv6.auto_flowlabels=0
                            {NDPPD} -c /tmp/ndppd.conf >/dev/null 2>&1 &
                            echo $!
                            timeout 20 sh -c 'until grep -q 86dd /proc/net/packet
                                              do sleep 0.1; done'""")
    sh(f"sysctl -qw net.core.rmem_default={usual}")
    return server, int(number)


def until_answered(server, frame, count):
    """A case: nanoseconds for each of so many questions at once, until all are answered.

    What ours announces, a hundred a second, may pass for answers here.
    """
    def run():
        wanted = Server.out(server) + count
        begin = time.monotonic_ns()
        server.send(frame, count)
        while (came := Server.out(server)) < wanted:
            if time.monotonic_ns() - begin > LATE * 1e9:
                raise RuntimeError(f"{server.name}: {wanted - came} of {count} answers are missing")
            time.sleep(0.001)
        return (time.monotonic_ns() - begin) / count
    return run


def until_sent(server, frame, count):
    """A case: what as many cost that nobody takes."""
    def run():
        begin = time.monotonic_ns()
        server.send(frame.ignored(), count)
        return (time.monotonic_ns() - begin) / count
    return run


def know_asker(server):
    """It need not be learned: the peer's best case."""
    server.run(f"ip -6 neigh replace {ASKER} lladdr {GEN_MAC} dev eth0")
    return server


def check_answer(server, frame, number=0):
    """What comes back to whoever asked is an advertisement of the target, byte for byte."""
    asked = frame.at(number)
    source = slice(ETHERNET + 8, ETHERNET + 24)
    answer = server.answer(frame, number)
    wanted = advertisement(asked[ETHERNET + IPV6 + 8:ETHERNET + IPV6 + 24], answer[source],
                           asked[source])
    compare(server, answer, wanted)


def answering(server, frame):
    return server.case(frame, check=check_answer)


@row(16)
def answer_one():
    frame = ask()
    ours, peer = broker(), know_asker(pneigh())
    metric = "answer a solicitation"
    return measure_packets(16, {
        "ours": answering(ours, frame), "pneigh": answering(peer, frame),
        "limit": limit("gen").case(frame), "floor": ours.floor(frame),
    }, [Goal(f"{metric}, 1 proxied", "pneigh", 2, floor="floor"),
        Goal(f"{metric}, 1 proxied", "limit", floor="floor"),
        Goal(f"{metric}, the limit of any hook", "pneigh", ours="limit", floor="floor")]) + \
        answer_as_process(metric, frame)


def answer_as_process(metric, frame):
    """Against who answers later, and so not within the turns of packets."""
    peer, number = ndppd()
    try:
        check_answer(know_asker(peer), frame)
        results = measure_short(16, {
            "ours": until_answered(broker(), frame, ASKED_OURS),
            "ndppd": until_answered(peer, frame, ASKED),
            "floor": until_sent(broker(), frame, ASKED_OURS),
        }, [Goal(f"{metric}, 1 proxied, until all are", "ndppd", 10, floor="floor",
                 note=f"{ASKED} wait in its socket, none is lost")], "ns", PAIRS)
        check_answer(peer, frame)
        return results
    finally:
        sh(f"kill {number}")


@row(17)
def answer_many():
    ours, peer, one = broker(MANY), know_asker(pneigh(PNEIGH)), broker()
    # All namespaces' proxies share sixteen lists, those that came last in front.
    least, peer_one = limit("gen", MANY), know_asker(pneigh(1, "late-pneigh"))
    metric = f"answer a solicitation, {MANY} proxied"
    results = measure_packets(17, {
        "ours": answering(ours, ask(MANY)), "1 proxied": answering(one, ask(MANY).still()),
        f"pneigh, {PNEIGH}": answering(peer, ask(PNEIGH)), "limit": least.case(ask(MANY)),
        "limit, 1 proxied": least.case(ask(MANY).still()), "pneigh, 1": answering(peer_one, ask()),
        "floor": ours.floor(ask(MANY)),
    }, [Goal(metric, f"pneigh, {PNEIGH}", 100, note="answers without a limit", floor="floor"),
        Goal(metric, "1 proxied", 0.98, note="answers without a limit", floor="floor"),
        Goal(f"{metric}, the limit that reads 16 bytes of each", "limit, 1 proxied", 0.98,
             ours="limit", floor="floor"),
        Goal("answer a solicitation, the limit where targets are told apart", "pneigh, 1",
             ours="limit, 1 proxied", floor="floor")])
    # Who only wants to know whether there is such an address needs no more than a bit for each.
    least = limit("gen", MANY, bitmap=1)
    results += measure_packets(17, {
        "limit": least.case(ask(MANY)), "limit, 1 proxied": least.case(ask(MANY).still()),
        "floor": ours.floor(ask(MANY)),
    }, [Goal(f"{metric}, the limit that reads a bit of each", "limit, 1 proxied", 0.98,
             ours="limit", floor="floor")])
    # Who limits how often each is answered counts that with the client; this limit is never met.
    counted = broker(MANY, "counted", 1_000_000_000)
    results += measure_packets(17, {
        "ours": answering(counted, ask(MANY)), "1 proxied": answering(counted, ask(MANY).still()),
        f"pneigh, {PNEIGH}": answering(peer, ask(PNEIGH)), "floor": ours.floor(ask(MANY)),
    }, [Goal(f"{metric}, counted", f"pneigh, {PNEIGH}", 100, floor="floor"),
        Goal(f"{metric}, counted", "1 proxied", 0.98, floor="floor",
             note="each client has a limit, as it has unless told otherwise")])
    # Who does has to write something of each: as many bytes as ours, but nothing beside them, or
    # fewer.
    for word in (8, 4, 2):
        least = limit("gen", MANY, word=word)
        results += measure_packets(17, {
            "limit": least.case(ask(MANY)), "limit, 1 proxied": least.case(ask(MANY).still()),
            "floor": ours.floor(ask(MANY)),
        }, [Goal(f"{metric}, counted, the limit that writes {word} bytes of each",
                 "limit, 1 proxied", 0.98, ours="limit", floor="floor")])
    # Of as many it takes a while to make the rest.
    peer.run("ip -6 -batch -", "".join(map(pneigh_entry, range(PNEIGH, MANY))))
    return results + measure_packets(17, {
        "ours": answering(ours, ask(MANY)), f"pneigh, {MANY}": answering(peer, ask(MANY)),
        "floor": ours.floor(ask(MANY)),
    }, [Goal(metric, f"pneigh, {MANY}", 400, note="answers without a limit", floor="floor")])


def flood_frame():
    """Any source, and any target of which half are somebody's."""
    return Frame(solicitation(TARGET), (
        Field(SOURCE_AT, 1, 1 << 24, CHECKSUM_AT),
        Field(TARGET_AT, 2, 2 * FLOODED, CHECKSUM_AT)))


def neighbours(server):
    return int(server.run("ip -6 neigh show nud all dev eth0 | grep -vc ' proxy\\| ff' || :"))


@once
def note_answered(server):
    """Have it noted which strangers get an answer."""
    at = f"netdev {server.gen}"
    sh(f"""nft add table {at}
           nft 'add set {at} answered {{ type ipv6_addr; size {LEGITIMATE}; flags dynamic; }}'
           nft 'add chain {at} in {{ type filter hook ingress device {server.gen} priority 0; }}'
           nft 'add rule {at} in ip6 daddr {STRANGERS} icmpv6 type nd-neighbor-advert \
                        add @answered {{ ip6 daddr }}'""")


def answered(server):
    """How many of them, since it was last asked."""
    at = f"netdev {server.gen} answered"
    number = sh(f"nft -j list set {at} | jq '[.nftables[].set.elem // empty | length] | add // 0'")
    sh(f"nft flush set {at}")
    return int(number)


def under_flood(server):
    """Lines of blast: in each of LEGITIMATE rounds a host asks of which nobody has ever heard.

    Half a flood on both sides of it is as much backwards.
    """
    first = server.first
    server.first += LEGITIMATE * (FLOOD + 1)
    ask = Frame(solicitation(TARGET, str(STRANGERS[first])), (
        Field(SOURCE_AT, 1, LEGITIMATE, CHECKSUM_AT),))
    return [f"{server.gen} {FLOOD // 2} {flood_frame().words(first)}",
            f"{server.gen} 1 {ask.words()}",
            f"{server.gen} {FLOOD // 2} {flood_frame().words(first + APART)}"]


def unanswered(cases, controls, number):
    """For measure(): how many of a thousand hosts that ask under a flood get no answer.

    A case makes the first or the second server of a kind: all are flooded side by side.
    """
    servers = {name: make(1) for name, make in cases.items()} | \
        {again(name): cases[name](2) for name in controls}
    for server in servers.values():
        note_answered(server)
    costs = {name: [] for name in servers}
    for _ in range(number + 1):
        blast([line for server in servers.values() for line in under_flood(server)],
              LEGITIMATE, PACE)
        for name, server in servers.items():
            costs[name].append(1000 * (1 - answered(server) / LEGITIMATE))
    return {name: column[1:] for name, column in costs.items()}


def created(server):
    """A case: neighbours that a flood leaves behind."""
    def run():
        server.run("ip -6 neigh flush dev eth0 nud all")
        before = neighbours(server)
        server.send(flood_frame(), 20 * FLOOD)
        return neighbours(server) - before
    return run


def first_answer(server):
    """Milliseconds, at least one, until a host is answered of which nobody has ever heard.

    It asks on: as hosts do, once a second.
    """
    stranger = str(STRANGERS[server.first])
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0003)) as wire:
        wire.bind((server.gen, 0x0003))
        wire.settimeout(RETRANS)
        begin = time.monotonic_ns()
        for _ in range(ASKS):
            wire.send(solicitation(TARGET, stranger))
            try:
                # What the flood is answered may still come.
                while not is_answer(*wire.recvfrom(2048), stranger):
                    pass
                return max(1, (time.monotonic_ns() - begin) / 1e6)
            except TimeoutError:
                pass
    raise RuntimeError(f"{server.name}: no answer to {ASKS} questions")


def is_answer(packet, address, asker):
    return address[2] != socket.PACKET_OUTGOING and packet[ETHERNET + IPV6] == 136 and \
        packet[ETHERNET + 24:ETHERNET + IPV6] == ipaddress.ip_address(asker).packed


def behind_flood(cases, controls, number):
    """For measure(): how long the first question takes behind a flood of ten seconds."""
    servers = cases | {again(name): cases[name] for name in controls}
    costs = {name: [] for name in servers}
    for _ in range(number + 1):
        flooded = list({id(server): server for server in servers.values()}.values())
        sent = blast([f"{server.gen} {FLOOD_TURN}s {flood_frame().words(server.first)}"
                      for server in flooded], round(FLOOD_S / FLOOD_TURN / len(flooded)))
        for server, (count, _) in zip(flooded, sent):
            server.first += count
        for name, server in random.sample(list(servers.items()), len(servers)):
            server.first += 1
            costs[name].append(first_answer(server))
    return {name: column[1:] for name, column in costs.items()}


@row(18)
def flood():
    def ours(number):
        return broker(FLOODED, f"flood{number}", 1000)

    def peer(number):
        return pneigh(FLOODED, f"flood{number}-pneigh")

    check_answer(ours(1), ask())
    check_answer(peer(1), ask())
    return measure(18, {"ours": ours, "pneigh": peer},
                   [Goal("flood of solicitations: others unanswered", "pneigh", 1, value=cost(),
                         at_least=False, unit="of 1000", worst=True,
                         note=f"{(FLOOD + 1) / PACE:.0f} questions a second to each")], "of 1000",
                   rounds=unanswered) + \
        measure(18, {"ours": created(ours(1)), "pneigh": created(peer(1))},
                [Goal("flood of solicitations: neighbours created", "pneigh", 0, value=cost(),
                      at_least=False, unit="entries", worst=True)], "entries") + \
        measure(18, {"ours": ours(1), "pneigh": peer(1)},
                [Goal(f"behind a flood of {FLOOD_S} s: until a stranger is answered", "pneigh",
                      note="who asks once a second; less than a millisecond counts as one")],
                "ms", rounds=behind_flood)
