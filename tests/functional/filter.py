#!/usr/bin/python3 -SE
# SPDX-License-Identifier: GPL-2.0
"""Load filter lists by netlink, also in ways that brokertool never would.

  filter.py malformed       requests that must be refused with a sentence
  filter.py abandoned       loads that are not committed; their memory comes back
  filter.py hold            begin a load, say so, and wait
  filter.py swap LIST SECONDS RANGES COMMON... -- ONE... -- OTHER...
      load LIST as COMMON and ONE, then COMMON and OTHER, as fast as it goes, with
      RANGES others around; prints how often
  filter.py twice LIST      load it from two sockets, each for the generation it began with

Prints "ok TEXT" or "TEXT: what happened", a line each.
"""

import errno
import ipaddress
import os
import random
import re
import signal
import socket
import struct
import sys
import time

from malformed import Family, attr, nest, string, u32

HEADER = os.path.join(os.path.dirname(__file__), "../../include/uapi/linux/sitbroker.h")
NO_LABEL = 0xffffffff


def constants():
    """{name: value} of the enumerators in the header"""
    values = {}
    with open(HEADER, encoding="utf-8") as file:
        text = re.sub(r"/\*.*?\*/", "", file.read(), flags=re.S)
    for body in re.findall(r"enum[^{]*\{([^}]*)\}", text):
        number = -1
        for entry in body.split(","):
            name, _, value = (part.strip() for part in entry.partition("="))
            if value and not value.lstrip("-").isdigit():
                continue
            number = int(value) if value else number + 1
            values[name] = number
    return values


VALUES = constants()


def command(name):
    return VALUES[f"SITBROKER_CMD_FILTER_{name}"]


def a(name):
    return VALUES[f"SITBROKER_A_{name}"]


def u64(number, value):
    return attr(number, struct.pack("Q", value))


def ranges(*texts):
    """(packed IPv4, packed IPv6) of FIRST-LAST or PREFIX, as they stand"""
    packed = {4: b"", 6: b""}
    for text in texts:
        if "/" in text:
            network = ipaddress.ip_network(text)
            first, last = network[0], network[-1]
        else:
            first, _, last = text.partition("-")
            first = ipaddress.ip_address(first)
            last = ipaddress.ip_address(last) if last else first
        packed[first.version] += first.packed + last.packed
    return packed[4], packed[6]


class Filters(Family):
    def __init__(self):
        super().__init__()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        self.socket.settimeout(60)

    def send(self, name, body):
        """(error number, sentence, reply before it or None)"""
        reply = self.ask(self.id, command(name), body)
        first = None
        while struct.unpack_from("H", reply, 4)[0] != 2:
            first = reply
            reply = self.socket.recv(1 << 20)
        error = -struct.unpack_from("i", reply, 16)[0]
        text = self.find(reply[36:], 1) if error else None
        return error, text.rstrip(b"\0").decode() if text else None, first

    def begin(self, name, *parts, n4=0, n6=0):
        """(error number, sentence, id)"""
        body = nest(a("LOAD"), string(a("LOAD_NAME"), name), u32(a("LOAD_RANGES4"), n4),
                    u32(a("LOAD_RANGES6"), n6), *parts)
        error, text, reply = self.send("BEGIN", body)
        load = self.find(reply[20:], a("LOAD")) if reply else None
        return error, text, struct.unpack("I", self.find(load, a("LOAD_ID")))[0] if load else 0

    def chunk(self, load, *parts):
        return self.send("CHUNK", nest(a("LOAD"), u32(a("LOAD_ID"), load)) +
                         nest(a("CHUNK"), *parts))[:2]

    def commit(self, load):
        return self.send("COMMIT", nest(a("LOAD"), u32(a("LOAD_ID"), load)))[:2]

    def load(self, name, *texts, parts=()):
        v4, v6 = ranges(*texts)
        error, text, load = self.begin(name, *parts, n4=len(v4) // 8, n6=len(v6) // 32)
        for family, packed, size in (("4", v4, 65520), ("6", v6, 65504)):
            for at in range(0, len(packed), size):
                if not error:
                    error, text = self.chunk(load, attr(a(f"CHUNK_RANGES{family}"),
                                                        packed[at:at + size]))
        return (error, text) if error else self.commit(load)

    def get(self, name, what):
        """a number of a list, or None where there is no such list"""
        error, _, reply = self.send("GET", nest(a("FILTER"), string(a("FILTER_NAME"), name)))
        if error:
            return None
        data = self.find(self.find(reply[20:], a("FILTER")), a(f"FILTER_{what}"))
        return int.from_bytes(data, sys.byteorder)

    def memory(self):
        reply = self.send("MEMORY_GET", b"")[2]
        data = self.find(self.find(reply[20:], a("MEMORY")), a("MEMORY_BYTES_USED"))
        return int.from_bytes(data, sys.byteorder)


def expect(text, got, wanted):
    """A refusal: the right error and a sentence."""
    error, sentence = got
    if error == wanted or (error in (errno.ERANGE, errno.EINVAL) and
                           wanted in (errno.ERANGE, errno.EINVAL)):
        print(f"ok refused: {text}" if sentence else f"refused: {text}: without a sentence")
    else:
        print(f"refused: {text}: errno {error}, wanted {wanted}: {sentence}")


# What may be wrong with a load: (text, what begins it, chunks, error number, where it is refused).
def loads():
    r4, r6, l4 = a("CHUNK_RANGES4"), a("CHUNK_RANGES6"), a("CHUNK_LABELS4")
    labels = [u32(a("LOAD_LABELS"), 2), u32(a("LOAD_STRINGS"), 4)]

    def v4(*texts):
        return attr(r4, ranges(*texts)[0])

    def v6(*texts):
        return attr(r6, ranges(*texts)[1])

    def indices(*numbers):
        return attr(l4, struct.pack(f"{len(numbers)}I", *numbers))

    strings = attr(a("CHUNK_STRINGS"), b"a\0b\0")
    two = dict(n4=2)
    return [
        ("reversed", two, [], [v4("10.0.0.1-10.0.0.0", "11.0.0.0/8")]),
        ("unsorted", two, [], [v4("10.0.0.0/8", "9.0.0.0/8")]),
        ("overlapping", two, [], [v4("10.0.0.0/8", "10.255.255.255-11.0.0.0")]),
        ("the same twice", two, [], [v4("10.0.0.0/8", "10.0.0.0/8")]),
        ("touching without labels", two, [], [v4("10.0.0.0/8", "11.0.0.0/8")]),
        ("touching in two chunks", two, [], [v4("10.0.0.0/8"), v4("11.0.0.0/8")]),
        ("behind the last address", two, [], [v4("255.0.0.0-255.255.255.255", "0.0.0.0/32")]),
        ("touching with the same label", two, labels,
         [strings, v4("10.0.0.0/8", "11.0.0.0/8") + indices(1, 1)]),
        ("touching, neither has a label", two, labels,
         [strings, v4("10.0.0.0/8", "11.0.0.0/8") + indices(NO_LABEL, NO_LABEL)]),
        ("IPv6 unsorted", dict(n6=2), [], [v6("2001:db8:1::/48", "2001:db8::/48")]),
        ("IPv6 touching", dict(n6=2), [], [v6("2001:db8::/48", "2001:db8:1::/48")]),
        ("IPv6 reversed", dict(n6=1), [], [v6("::2-::1")]),
        ("IPv6 behind the last address", dict(n6=2), [], [v6("ff00::/8", "::/128")]),
        ("too few", two, [], [v4("10.0.0.0/8")]),
        ("too many", dict(n4=1), [], [v4("10.0.0.0/8", "12.0.0.0/8")]),
        ("too many, in the second chunk", dict(n4=1), [], [v4("10.0.0.0/8"), v4("12.0.0.0/8")]),
        ("a family that was not announced", dict(n4=1), [], [v4("10.0.0.0/8"), v6("::/0")]),
        ("seven bytes", dict(n4=1), [], [attr(r4, b"\1" * 7)]),
        ("31 bytes", dict(n6=1), [], [attr(r6, b"\1" * 31)]),
        ("labels that were not announced", dict(n4=1), [], [v4("10.0.0.0/8") + indices(0)]),
        ("strings that were not announced", dict(n4=1), [], [v4("10.0.0.0/8") + strings]),
        ("no labels although announced", dict(n4=1), labels, [strings, v4("10.0.0.0/8")]),
        ("labels without ranges", dict(n4=1), labels, [strings, indices(0)]),
        ("too many labels", dict(n4=1), labels, [strings, v4("10.0.0.0/8") + indices(0, 1)]),
        ("a label beyond the last", dict(n4=1), labels,
         [strings, v4("10.0.0.0/8") + indices(2)]),
        ("labels without an end", dict(n4=1), labels,
         [attr(a("CHUNK_STRINGS"), b"a\0bc"), v4("10.0.0.0/8") + indices(0)]),
        ("three labels for two", dict(n4=1), labels,
         [attr(a("CHUNK_STRINGS"), b"a\0\0\0"), v4("10.0.0.0/8") + indices(0)]),
        ("half of the labels", dict(n4=1), labels,
         [attr(a("CHUNK_STRINGS"), b"a\0"), v4("10.0.0.0/8") + indices(0)]),
        ("a label of 256", dict(n4=1), [u32(a("LOAD_LABELS"), 1), u32(a("LOAD_STRINGS"), 257)],
         [attr(a("CHUNK_STRINGS"), b"x" * 256 + b"\0"), v4("10.0.0.0/8") + indices(0)]),
        ("an unknown attribute", dict(n4=1), [], [v4("10.0.0.0/8") + u32(99, 1)]),
        ("nothing", dict(n4=1), [], []),
    ]


def malformed():
    filters = Filters()
    list_attr, load_attr, place = a("FILTER"), a("LOAD"), a("FILTER_ATTACHMENT")
    name = string(a("FILTER_NAME"), "bad")
    filters.load("bad", "198.51.100.0/24", "2001:db8:bad::/48")
    known = filters.get("bad", "GENERATION"), filters.memory()

    for text, counts, parts, chunks in loads():
        error, sentence, load = filters.begin("bad", *parts, **counts)
        for chunk in chunks:
            if not error:
                error, sentence = filters.chunk(load, chunk)
        if not error:
            error, sentence = filters.commit(load)
        expect(f"load: {text}", (error, sentence), errno.EINVAL)
        # What the policy refuses has not come to the load.
        expect(f"load: {text}: nothing to go on with", filters.commit(load),
               errno.EINVAL if text == "an unknown attribute" else errno.ENOENT)

    for text, parts, counts, wanted in [
            ("no range", [], {}, errno.EINVAL),
            ("strings without labels", [u32(a("LOAD_STRINGS"), 5)], dict(n4=1), errno.EINVAL),
            ("labels without strings", [u32(a("LOAD_LABELS"), 5)], dict(n4=1), errno.EINVAL),
            ("labels shorter than their ends", [u32(a("LOAD_LABELS"), 5),
                                                u32(a("LOAD_STRINGS"), 4)], dict(n4=1),
             errno.EINVAL),
            ("an unknown action", [u32(a("LOAD_ACTION"), 4)], dict(n4=1), errno.EINVAL),
            ("another generation", [u32(a("LOAD_GENERATION"), known[0] + 1)], dict(n4=1),
             errno.ESTALE),
            ("a list that must not exist", [u32(a("LOAD_GENERATION"), 0)], dict(n4=1),
             errno.EEXIST),
            ("an id, which the kernel gives", [u32(a("LOAD_ID"), 7)], dict(n4=1), errno.EINVAL),
            ("S19: 2^32 ranges", [], dict(n4=2**32 - 1), errno.E2BIG),
            ("S19: 2^32 IPv6 ranges", [], dict(n6=2**32 - 1), errno.E2BIG),
            ("S19: 2^30 ranges", [], dict(n4=2**30), errno.E2BIG),
            ("S19: 2^30 IPv6 ranges", [], dict(n6=2**30), errno.E2BIG),
            ("S19: 2^32 labels", [u32(a("LOAD_LABELS"), 2**32 - 1),
                                  u32(a("LOAD_STRINGS"), 2**32 - 1)], dict(n4=1), errno.E2BIG),
            ("S19: 2^31 labels", [u32(a("LOAD_LABELS"), 2**31),
                                  u32(a("LOAD_STRINGS"), 2**32 - 1)], dict(n4=1), errno.E2BIG)]:
        expect(f"begin: {text}", filters.begin("bad", *parts, **counts)[:2], wanted)
    for bad in ("", "a b", "\xe4", "n" * 32, "a/b"):
        expect(f'begin: the name "{bad}"', filters.begin(bad, n4=1)[:2], errno.EINVAL)

    scope = a("ATTACHMENT_SCOPE"), a("ATTACHMENT_IFINDEX")
    outer, inner, arrives, leaves = (u32(scope[0], number) for number in range(4))
    for text, what, body, wanted in [
            ("begin nothing", "BEGIN", b"", errno.EINVAL),
            ("begin an empty load", "BEGIN", nest(load_attr), errno.EINVAL),
            ("a chunk of nothing", "CHUNK", nest(load_attr, u32(a("LOAD_ID"), 1)), errno.ENOENT),
            ("a chunk of no load", "CHUNK", nest(a("CHUNK")), errno.EINVAL),
            ("commit without an id", "COMMIT", nest(load_attr), errno.EINVAL),
            ("commit with a name", "COMMIT", nest(load_attr, string(a("LOAD_NAME"), "bad")),
             errno.EINVAL),
            ("abort what is not", "ABORT", nest(load_attr, u32(a("LOAD_ID"), 12345)),
             errno.ENOENT),
            ("get without a name", "GET", nest(list_attr), errno.EINVAL),
            ("get nobody", "GET", nest(list_attr, string(a("FILTER_NAME"), "no")), errno.ENOENT),
            ("delete nobody", "DEL", nest(list_attr, string(a("FILTER_NAME"), "no")),
             errno.ENOENT),
            ("delete another generation", "DEL",
             nest(list_attr, name, u32(a("FILTER_GENERATION"), known[0] + 1)), errno.ESTALE),
            ("delete with an action", "DEL", nest(list_attr, name, u32(a("FILTER_ACTION"), 0)),
             errno.EINVAL),
            ("attach to nothing", "ATTACH", nest(list_attr, name), errno.EINVAL),
            ("attach to two places", "ATTACH", nest(list_attr, name, nest(place, inner),
                                                    nest(place, outer)), errno.EINVAL),
            ("attach without a scope", "ATTACH", nest(list_attr, name,
                                                      nest(place, u32(scope[1], 1))),
             errno.EINVAL),
            ("attach to an unknown scope", "ATTACH", nest(list_attr, name,
                                                          nest(place, u32(scope[0], 4))),
             errno.EINVAL),
            ("attach to no interface", "ATTACH", nest(list_attr, name, nest(place, arrives)),
             errno.EINVAL),
            ("attach to interface 99999", "ATTACH",
             nest(list_attr, name, nest(place, leaves, u32(scope[1], 99999))), errno.ENODEV),
            ("attach to a link that is none", "ATTACH",
             nest(list_attr, name, nest(place, inner, u32(scope[1], 1))), errno.ENODEV),
            ("attach nobody", "ATTACH",
             nest(list_attr, string(a("FILTER_NAME"), "no"), nest(place, inner)), errno.ENOENT),
            ("attach with a position", "ATTACH",
             nest(list_attr, name, nest(place, inner, u32(a("ATTACHMENT_POSITION"), 1))),
             errno.EINVAL),
            ("detach what is not attached", "DETACH", nest(list_attr, name, nest(place, inner)),
             errno.ENOENT),
            ("no memory to set", "MEMORY_SET", b"", errno.EINVAL),
            ("memory without a bound", "MEMORY_SET", nest(a("MEMORY")), errno.EINVAL),
            ("less memory than is used", "MEMORY_SET",
             nest(a("MEMORY"), u64(a("MEMORY_BYTES_MAX"), 1)), errno.ERANGE),
            ("memory used", "MEMORY_SET", nest(a("MEMORY"), u64(a("MEMORY_BYTES_USED"), 1)),
             errno.EINVAL)]:
        expect(text, filters.send(what, body)[:2], wanted)

    now = filters.get("bad", "GENERATION"), filters.memory()
    print("ok nothing changed" if now == known else f"changed: {known} became {now}")


def abandoned():
    filters, other = Filters(), Filters()
    before = filters.memory()

    def back(text):
        now = filters.memory()
        print(f"ok {text}" if now == before else f"{text}: {now} bytes, not {before}")

    load = other.begin("gone", n4=100000, n6=100000)[2]
    if filters.memory() < before + 100000:
        print("a load takes no memory")
    expect("another socket's load: commit", filters.commit(load), errno.ENOENT)
    expect("another socket's load: chunk",
           filters.chunk(load, attr(a("CHUNK_RANGES4"), b"\0" * 8)), errno.ENOENT)
    error = other.send("ABORT", nest(a("LOAD"), u32(a("LOAD_ID"), load)))[0]
    back("S19: an aborted load gives its memory back" if not error else f"abort: {error}")
    for _ in range(20):
        load = other.begin("gone", n4=100000)[2]
        other.chunk(load, attr(a("CHUNK_RANGES4"), ranges("10.0.0.0/8")[0]))
    other.socket.close()
    back("S19: loads end with their socket")
    print("ok nothing came of them" if filters.get("gone", "GENERATION") is None else "gone: there")


def hold():
    filters = Filters()
    error, text, load = filters.begin("held", n4=1000)
    print(f"begun {error or filters.chunk(load, attr(a('CHUNK_RANGES4'), ranges('10.0.0.0/8')[0]))}"
          f" {text or ''}", flush=True)
    signal.pause()


def swap(name, seconds, number, *words):
    common, one, other = " ".join(words).split("--")
    rng = random.Random(1)
    filters = Filters()
    # Around what is asked about, the lists differ, so that indexes do.
    around = [sorted({f"{rng.randrange(20, 190)}.{rng.randrange(256)}.{rng.randrange(256)}"
                      for _ in range(int(number) + more)}, key=lambda text: tuple(
                          int(part) for part in text.split(".")))[::2] for more in (0, 7)]

    def everything(side, extra):
        texts = [f"{text}.7-{text}.7" for text in around[side]] + common.split() + extra.split()
        parsed = [(ipaddress.ip_network(text)[0], text) if "/" in text else
                  (ipaddress.ip_address(text.partition("-")[0]), text) for text in texts]
        return [text for _, text in sorted(parsed, key=lambda each: (each[0].version, each[0]))]

    both = [everything(0, one), everything(1, other)]
    packed = [ranges(*texts) for texts in both]
    count = 0
    end = time.monotonic() + float(seconds)
    while time.monotonic() < end:
        v4, v6 = packed[count % 2]
        error, text, load = filters.begin(name, n4=len(v4) // 8, n6=len(v6) // 32)
        for at in range(0, len(v4), 65520):
            if not error:
                error, text = filters.chunk(load, attr(a("CHUNK_RANGES4"), v4[at:at + 65520]))
        if not error and v6:
            error, text = filters.chunk(load, attr(a("CHUNK_RANGES6"), v6))
        if not error:
            error, text = filters.commit(load)
        if error:
            sys.exit(f"load {count}: {errno.errorcode.get(error)}: {text}")
        count += 1
    print(count)


def twice(name):
    one, other = Filters(), Filters()
    generation = one.get(name, "GENERATION")
    parts = u32(a("LOAD_GENERATION"), generation),
    first = one.begin(name, *parts, n4=1)[2]
    second = other.begin(name, *parts, n4=1)[2]
    for filters, load, text in ((one, first, "10.0.0.0/8"), (other, second, "11.0.0.0/8")):
        filters.chunk(load, attr(a("CHUNK_RANGES4"), ranges(text)[0]))
    error = one.commit(first)[0]
    print("ok the first of two is loaded" if not error else f"first: {error}")
    expect("the second of two", other.commit(second), errno.ESTALE)
    changed = one.get(name, "GENERATION")
    print("ok another generation" if changed not in (generation, 0) else f"still {changed}")


def main(what, *args):
    {"malformed": malformed, "abandoned": abandoned, "hold": hold, "swap": swap,
     "twice": twice}[what](*args)


if __name__ == "__main__":
    main(*sys.argv[1:])
