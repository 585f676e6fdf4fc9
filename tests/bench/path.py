# SPDX-License-Identifier: GPL-2.0
"""Rows 1 to 4: packets from clients and to clients."""

import functools

from frames import ETHERNET, IPV4, checksum, hop, ipv4
from measure import EMULATED, Goal, added, did_not_finish, extra, row
from packets import measure_packets
from server import LOCAL, broker, compare, downward, endpoint, gre, limit, limit_encap, plain, \
    router, sit, sit_6rd, sit_gets_to, tunnelled, tunnelled_6rd

THOUSAND, MANY = 1000, 100_000
# More than anybody remembers the routes of.
SCATTERED = 65_536
# Making as many as there are clients would take hours: each is dearer than the last one.
SIT_LARGEST = 4000
# Also whether it may, as nobody can leave out: see limit.c.
ASKS = " that knows its client and asks what it must"


def check_decap(server, frame, number=0):
    """One of the packets that come out, byte for byte."""
    compare(server, server.sample(frame, number), hop(frame.at(number)[ETHERNET + IPV4:]))


def check_encap(server, frame, number=0, wrap=ipv4):
    """Likewise, but for what an outer header has of its own: identification, DF."""
    packet = server.sample(frame, number)
    wanted = wrap(LOCAL, str(endpoint(number)), hop(frame.at(number)[ETHERNET:]))
    compare(server, packet[:4] + packet[8:10] + packet[12:],
            wanted[:4] + wanted[8:10] + wanted[12:])
    if checksum(packet[:IPV4]):
        raise RuntimeError(f"{server.name}: the outer checksum of {packet.hex()} is wrong")


def check_first(server, frame, _):
    """Of who has one endpoint for all."""
    check_encap(server, frame)


def in_gre(src, dst, packet):
    return ipv4(src, dst, b"\0\0\x86\xdd" + packet, protocol=47)


def check_plain(server, frame, number):
    compare(server, server.sample(frame, number), hop(frame.at(number)[ETHERNET:]))


def decapped(server, frame):
    return server.case(frame, check=check_decap)


def forwarded(**many):
    return router().case(plain(**many), check=check_plain)


def took(server, way):
    """Packets that took a way in, on or home."""
    return int(server.run(f"ethtool -S broker0 | sed -n 's/.* {way}: //p'"))


@row(1)
def decap_one():
    frame = tunnelled()
    ours, peer = broker(), sit()
    hooked, peer_hooked = broker(1, "broker-input").hook_local_in(), \
        sit(1, "sit-input").hook_local_in()
    heard, peer_heard = broker(1, "broker-heard").listen(), sit(1, "sit-heard").listen()
    hook = {"floor": "floor"}
    cases = {"forwarding": forwarded(), "floor": router().floor(frame)}
    results = measure_packets(1, cases | {
        "ours": decapped(hooked, frame), "sit": decapped(peer_hooked, frame),
    }, [
        Goal("decap, 1 client, a chain in INPUT", "sit", 1.10, **hook),
        Goal("decap, 1 client, a chain in INPUT, cost over plain", "sit", 0.7,
             value=added("forwarding", "sit"), at_least=False, overall=True, **hook),
    ])
    cases |= {"ours": decapped(heard, frame), "sit": decapped(peer_heard, frame)}
    goals = [
        Goal("decap, 1 client, tunnel handlers", "sit", 1.10, **hook),
        Goal("decap, 1 client, tunnel handlers, cost over plain", "sit", 0.7,
             value=added("forwarding", "sit"), at_least=False, overall=True, **hook),
    ]
    # One at a time, each beside the others.
    for clients, asks, who in ((0, 0, ""), (1, 0, " that knows its client"), (1, 1, ASKS)):
        least = limit(clients=clients, handler=1, asks=asks).listen()
        if clients:
            goals = [Goal("decap, 1 client, tunnel handlers", "limit", note=who.strip(), **hook)]
        results += measure_packets(1, cases | {"limit": decapped(least, frame)}, goals + [
            Goal(f"decap, the limit of any tunnel handler{who}", "sit", ours="limit", **hook),
            Goal(f"decap, the limit of any tunnel handler{who}, cost over plain", "sit",
                 ours="limit", value=added("forwarding", "sit", "limit"), overall=True, **hook),
        ])
    cases = {"ours": decapped(ours, frame), "sit": decapped(peer, frame),
             "6rd": decapped(sit_6rd(), tunnelled_6rd()), "forwarding": forwarded(),
             "limit": decapped(limit(), frame), "floor": router().floor(frame)}
    results += measure_packets(1, cases, [
        Goal("decap, 1 client, early hook", "sit", 1.25, **hook),
        Goal("decap, 1 client, early hook", "forwarding", 0.85, **hook),
        Goal("decap, 1 client, early hook, cost over plain", "sit", 0.4,
             value=added("forwarding", "sit"), at_least=False, overall=True, **hook),
        Goal("decap, 1 client, early hook", "6rd", **hook),
        Goal("decap, 1 client, early hook", "limit", **hook),
        Goal("decap, the limit of any early hook", "sit", ours="limit", **hook),
        Goal("decap, the limit of any early hook", "forwarding", ours="limit", **hook),
        Goal("decap, the limit of any early hook, cost over plain", "sit", ours="limit",
             value=added("forwarding", "sit", "limit"), overall=True, **hook),
    ])
    # Routes can be for a DSCP, so these are asked about apart; and the stack looks itself where
    # there are rules, which no goal is about.
    marked = tunnelled(tos=0xb8)
    results += measure_packets(1, {
        "ours": decapped(ours, marked), "sit": decapped(peer, marked), "forwarding": forwarded(),
        "floor": router().floor(marked),
    }, [
        Goal("decap, 1 client, early hook, a DSCP outside", "sit", 1.25, **hook),
        Goal("decap, 1 client, early hook, a DSCP outside", "forwarding", 0.85, **hook),
    ])
    ruled, peer_ruled = broker(1, "broker-ruled").steer(), sit(1, "sit-ruled").steer()
    least = limit(clients=1, handler=2).steer()
    results += measure_packets(1, {
        "ours": decapped(ruled, frame), "sit": decapped(peer_ruled, frame),
        "limit": decapped(least, frame), "forwarding": forwarded(),
        "floor": router().floor(frame),
    }, [
        Goal("decap, 1 client, a routing rule: the whole stack", "sit", **hook),
        Goal("decap, 1 client, a routing rule: the whole stack, cost over plain", "sit",
             value=added("forwarding", "sit"), overall=True, **hook),
        Goal("decap, the limit by the whole stack that knows its client", "sit", ours="limit",
             **hook),
        Goal("decap, the limit by the whole stack that knows its client, cost over plain", "sit",
             ours="limit", value=added("forwarding", "sit", "limit"), overall=True, **hook),
    ])
    # By themselves: so many frames leave nothing of what others have in the caches.
    for what, words in (("destinations", "destinations"), ("sites", "sites"),
                        ("parts", "sites of a network that has two routes")):
        many = {what: SCATTERED}
        frames = tunnelled(**many)
        metric = f"decap, 1 client, early hook, {SCATTERED} {words}"
        scattered_cases = {
            "ours": decapped(ours, frames), "sit, scattered": decapped(peer, frames),
            "forwarding, scattered": forwarded(**many), "floor": router().floor(frames),
        }
        goals = [
            Goal(metric, "forwarding, scattered", 0.85, **hook),
            Goal(metric, "sit, scattered", 1.25, **hook),
            Goal(f"{metric}, cost over plain", "sit, scattered", 0.4, at_least=False,
                 value=added("forwarding, scattered", "sit, scattered"), overall=True, **hook),
        ]
        # The network is remembered, and a site of one with two routes; so many of these are not.
        if what == "parts":
            scattered_cases["limit"] = decapped(limit(clients=1, asks=1, looks_up=1), frames)
            bound = f"decap, the limit of any early hook{ASKS}, and looks routes up, " \
                f"{SCATTERED} sites"
            goals += [
                Goal(metric, "limit", **hook),
                Goal(bound, "forwarding, scattered", ours="limit", **hook),
                Goal(bound, "sit, scattered", ours="limit", **hook),
                Goal(f"{bound}, cost over plain", "sit, scattered", ours="limit", overall=True,
                     value=added("forwarding, scattered", "sit, scattered", "limit"), **hook),
            ]
        results += measure_packets(1, scattered_cases, goals)
    cases = {name: cases[name] for name in ("ours", "sit", "floor")}
    for asks, who in ((0, " that knows its client"), (1, ASKS)):
        least = limit(clients=1, asks=asks)
        results += measure_packets(1, cases | {"limit": decapped(least, frame)}, [
            Goal("decap, 1 client, early hook", "limit", note=who.strip(), **hook),
            Goal(f"decap, the limit of any early hook{who}", "sit", ours="limit", **hook),
        ])
    if took(heard, "rx-early") or took(ruled, "rx-early") or took(ruled, "rx-routed") or any(
            took(server, way) < server.first * 0.999 for server, way in (
                (ours, "rx-early"), (hooked, "rx-early"), (heard, "rx-routed"),
                (ours, "rx-forwarded"), (hooked, "rx-forwarded"), (heard, "rx-forwarded"))):
        raise RuntimeError("packets did not take the way that they should have taken")
    return results


@row(2)
def decap_thousand():
    frame = tunnelled(THOUSAND)
    ours, peer = broker(THOUSAND), sit(THOUSAND)
    return measure_packets(2, {
        "ours": decapped(ours, frame), "sit": decapped(peer, frame), "floor": ours.floor(frame),
    }, [Goal(f"decap, {THOUSAND} clients", "sit", 6, floor="floor")])


@row(3)
def decap_many():
    frame = tunnelled(MANY)
    ours, one = broker(MANY), broker()
    cases = {
        "ours": decapped(ours, frame), "1 client": decapped(one, frame.still()),
        "6rd": decapped(sit_6rd(), tunnelled_6rd(MANY)), "forwarding": forwarded(),
        "floor": ours.floor(frame),
    }
    # So many devices take longer there than an emulated processor keeps its speed.
    if not EMULATED:
        least = limit(clients=MANY)
        cases |= {f"sit, {SIT_LARGEST}": decapped(sit(SIT_LARGEST), tunnelled(SIT_LARGEST)),
                  "limit": decapped(least, frame),
                  "limit, 1 client": decapped(least, frame.still())}
    return measure_packets(3, cases, [
        Goal(f"decap, {MANY} clients, ns more than 1", "1 client", 150, value=extra("1 client"),
             at_least=False, unit="ns", floor="floor", emulated=None),
        Goal(f"decap, {MANY} clients", "1 client", 0.95, floor="floor"),
        Goal(f"decap, {MANY} clients", f"sit, {SIT_LARGEST}", 15, floor="floor"),
        Goal(f"decap, {MANY} clients", "6rd", floor="floor"),
        Goal(f"decap, {MANY} clients, the limit, ns more than 1", "limit, 1 client", 150,
             ours="limit", value=extra("limit, 1 client", "limit"), at_least=False, unit="ns",
             floor="floor"),
        Goal("decap, 1 client, the limit where clients are told apart", "forwarding",
             ours="limit, 1 client", floor="floor"),
    ]) + ([] if EMULATED else
          [did_not_finish(3, f"decap, {MANY} clients", "sit", f"{SIT_LARGEST} devices; "
                          f"{sit_gets_to(sit(SIT_LARGEST), SIT_LARGEST, MANY)}")])


@row(4)
def encap():
    results = []
    for clients, peers in ((1, {"sit": (sit, 0.97)}),
                           (THOUSAND, {"sit": (sit, 1.3), "gre, lwt routes": (gre, None)}),
                           (MANY, {"gre, lwt routes": (gre, 3)})):
        frame, ours = downward(clients), broker(clients)
        least = limit_encap(clients if clients == MANY else 0)
        cases = {"ours": ours.case(frame, check=check_encap),
                 "limit": least.case(frame, check=check_encap if clients == MANY else check_first),
                 "floor": ours.floor(frame)}
        metric = f"encap, {clients} client{'s' * (clients > 1)}"
        goals = [Goal(metric, "limit", floor="floor")]
        for name, (peer, ratio) in peers.items():
            cases[name] = peer(clients).case(frame, check=functools.partial(
                check_encap, wrap=in_gre if peer is gre else ipv4))
            goals.append(Goal(metric, name, ratio, floor="floor"))
        bound = f"{metric}, the limit of any device"
        if clients == MANY:
            name = f"sit, {SIT_LARGEST}"
            cases[name] = sit(SIT_LARGEST).case(downward(SIT_LARGEST), check=check_encap)
            goals.append(Goal(metric, name, 3, floor="floor"))
            bound += " that tells them apart"
        goals += [Goal(bound, name, ours="limit", floor="floor")
                  for name in cases if name not in ("ours", "limit", "floor")]
        results += measure_packets(4, cases, goals)
        if took(ours, "tx-forwarded") < ours.out() * 0.999:
            raise RuntimeError("packets did not take the way that they should have taken")
        # All go by the stack. There is a limit for those whose goal is at the edge.
        names = ("ours", *peers, *(("limit",) if clients == MANY else ()))
        for name in names:
            cases[name].server.hook_forward()
        cases = {name: cases[name] for name in (*names, "floor")}
        goals = [Goal(f"{metric}, a chain in FORWARD", name, ratio, floor="floor")
                 for name, (_, ratio) in peers.items()]
        if "limit" in cases:
            goals += [Goal(f"{metric}, a chain in FORWARD", "limit", floor="floor")] + [
                Goal(f"{bound}, a chain in FORWARD", name, ours="limit", floor="floor")
                for name in peers]
        results += measure_packets(4, cases, goals)
    largest = sit_gets_to(sit(SIT_LARGEST), SIT_LARGEST, MANY)
    return results + [did_not_finish(4, f"encap, {MANY} clients", "sit",
                                     f"{SIT_LARGEST} devices; {largest}")]
