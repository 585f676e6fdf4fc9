#!/usr/bin/python3 -SE
# SPDX-License-Identifier: GPL-2.0
"""Spoil one attribute of a request, each that there is in each way that there is.

What the netlink specification says of an attribute says how it can be wrong: too short
or too long, out of range, a string without an end, no nest, unknown. One that is right
in itself may still have no place in a request. All of these must be refused with a
sentence and the place of the attribute, and change nothing. Requests of rtnetlink about
the link, too. Prints "ok TEXT", or "TEXT: what happened", a line for each command.
"""

import collections
import errno
import os
import socket
import struct
import sys

# By itself python would look for the packages of this machine, which takes longer than all this.
sys.path.append("/usr/lib/python3/dist-packages")
import yaml

from malformed import POLICY, Family, attr

SPEC = os.path.join(os.path.dirname(__file__), "../../Documentation/netlink/specs/sitbroker.yaml")
NESTED = 0x8000
SIZES = {"u8": 1, "u16": 2, "u32": 4, "u64": 8}
NOT_HERE = "cannot be given in this request; leave it out"

# What a command takes: {nest: {attribute: a good value}}, None for one that is left out at first.
# "*" stands for all that there are.
PREFIX = {"address": socket.inet_pton(socket.AF_INET6, "2001:db8:9::"), "length": 64}
ONE = {"client": {"name": "one"}}
EMPTY = {"filter": {"name": "none"}}
PLACE = {"filter": {"name": "none", "attachment": {"scope": 2, "ifindex": 1}}}
LOAD = {"load": {"id": 12345}}
TAKES = {
    "link-get": {},
    "pool-new": {"pool": {"prefix": PREFIX, "kind": 1, "cut-length": 96}},
    "pool-del": {"pool": {"prefix": PREFIX}},
    "pool-get": {"pool": {"prefix": PREFIX}},
    "client-new": {"client": {"name": "two", "routed": PREFIX, "endpoint": None, "pair": None,
                              "no-routed": None, "mtu": None, "pmtudisc": None, "state": None,
                              "filter": None}},
    "client-set": {"client": {"name": "one", "mtu": 1300, "endpoint": None, "pmtudisc": None,
                              "state": None, "filter": None}},
    "client-del": ONE,
    "client-get": ONE,
    "client-flush": {},
    "ndp-new": {"uplink": {"ifindex": 1, "source": None, "source-address": None, "router": None,
                           "rate": None}},
    "ndp-set": {"uplink": {"ifindex": 1, "rate": 5, "source": None, "source-address": None,
                           "router": None}},
    "ndp-del": {"uplink": {"ifindex": 1}},
    "ndp-get": {"uplink": {"ifindex": 1}},
    "filter-begin": {"load": {"name": "none", "ranges4": 1, "action": None, "generation": None,
                              "ranges6": None, "labels": None, "strings": None, "empty": None}},
    "filter-chunk": {**LOAD, "chunk": {"ranges4": None, "ranges6": None, "labels4": None,
                                       "labels6": None, "strings": None}},
    "filter-commit": LOAD,
    "filter-abort": LOAD,
    "filter-del": {"filter": {"name": "none", "generation": None}},
    "filter-get": EMPTY,
    "filter-attach": PLACE,
    "filter-detach": PLACE,
    "filter-memory-get": {},
    "filter-memory-set": {"memory": {"bytes-max": 1 << 20}},
}


class Spec:
    def __init__(self):
        with open(SPEC, encoding="utf-8") as file:
            spec = yaml.load(file, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        self.sets = {each["name"]: {attribute["name"]: (number, attribute) for number, attribute in
                                    enumerate(each["attributes"], 1)}
                     for each in spec["attribute-sets"]}
        self.definitions = {each["name"]: each for each in spec["definitions"]}
        # Of each command that is no dump alone: its number, and what its top level takes.
        self.commands = {each["name"]: (number, each["do"].get("request", {}).get("attributes", []))
                         for number, each in enumerate(spec["operations"]["list"], 1) if "do" in each}

    def encode(self, where, name, value):
        number, spec = self.sets[where][name]
        if spec["type"] == "nest":
            return attr(number | NESTED, self.body(spec["nested-attributes"], value))
        return attr(number, self.data(spec, value))

    def body(self, where, values):
        return b"".join(self.encode(where, name, value) for name, value in values.items()
                        if value is not None)

    @staticmethod
    def data(spec, value):
        if isinstance(value, bytes):
            return value
        if isinstance(value, str):
            return value.encode() + b"\0"
        return value.to_bytes(SIZES[spec["type"]], sys.byteorder)

    def limit(self, spec, which):
        """A check of an attribute, as a number, or None"""
        limit = spec.get("checks", {}).get(which)
        return self.definitions[limit]["value"] if isinstance(limit, str) else limit

    def right(self, spec):
        """Some value in order"""
        kind = spec["type"]
        if kind == "nest":
            return {}
        if kind == "string":
            return "x"
        if kind == "binary":
            return bytes(self.limit(spec, "exact-len") or 16)
        if kind == "flag":
            return b""
        return 0 if "enum" in spec else self.limit(spec, "min") or 1

    def faults(self, spec):
        """(what is wrong, bytes) of an attribute, where its policy sees it; a nest is no nest"""
        kind = spec["type"]
        if kind == "nest":
            yield "is no nest", b"\1\0\0\0"
        elif kind == "flag":
            yield "is no flag", b"\1"
        elif kind == "string":
            yield "has no byte", b""
            yield "has no end", b"x"
            longest = self.limit(spec, "max-len")
            if longest:
                yield "is too long", b"x" * (longest + 1) + b"\0"
        elif kind == "binary":
            size = self.limit(spec, "exact-len")
            if size:
                yield "is short", bytes(size - 1)
                yield "is long", bytes(size + 1)
                yield "has no byte", b""
        else:
            size = SIZES[kind]
            yield "is short", bytes(size - 1)
            yield "is long", bytes(size + 1)
            for number in self.out_of_range(spec):
                yield f"is {number}", number.to_bytes(size, sys.byteorder)

    def out_of_range(self, spec):
        largest, least = self.limit(spec, "max"), self.limit(spec, "min")
        if "enum" in spec:
            largest = len(self.definitions[spec["enum"]]["entries"]) - 1
        if largest is not None:
            yield largest + 1
            yield 2 ** (8 * SIZES[spec["type"]]) - 1
        if least:
            yield least - 1

    def spoiled(self, where, takes):
        """(what is wrong, body, offsets of the attribute and of the nests around it, sentence)

        The sentence is "" where it is the kernel's.
        """
        # An attribute that is spoiled comes last, behind those that are in order.
        for name, (number, spec) in self.sets[where].items():
            rest = self.body(where, {key: value for key, value in takes.items() if key != name})
            for what, data in self.faults(spec):
                yield f"{name} {what}", rest + attr(number, data), [len(rest)], ""
            if name not in takes:
                yield (f"{name} has no place", rest + self.encode(where, name, self.right(spec)),
                       [len(rest)], NOT_HERE)
            elif spec["type"] == "nest":
                for what, data, at, sentence in self.spoiled(spec["nested-attributes"], takes[name]):
                    yield (f"{name}: {what}", rest + attr(number | NESTED, data),
                           [len(rest)] + [len(rest) + 4 + each for each in at], sentence)
        whole = self.body(where, takes)
        for number in (0, len(self.sets[where]) + 1, 99):
            yield (f"attribute {number} is unknown", whole + attr(number, b"\1\0\0\0"), [len(whole)],
                   "")

    def requests(self, command):
        """As spoiled(), of a command; at the top the kernel looks at everything."""
        _, top = self.commands[command]
        takes = {name: TAKES[command].get(name) for name in top}
        for what, body, at, sentence in self.spoiled("sitbroker", takes):
            yield what, body, at, sentence if len(at) > 1 else ""


class Route(Family):
    """Of rtnetlink, which looks at lengths with more patience."""

    def __init__(self, spec):
        super().__init__()
        self.spec = spec
        self.route = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
        self.route.setsockopt(270, 11, 1)
        self.route.setsockopt(270, 10, 1)

    def change(self, name, data, flags=0):
        """(error, sentence, offset): the link of that name with this in its IFLA_INFO_DATA"""
        info = attr(18 | NESTED, attr(1, b"sitbroker\0") + attr(2 | NESTED, data))
        body = struct.pack("BxHiII", 0, 0, 0, 0, 0) + attr(3, name.encode() + b"\0") + info
        self.route.send(struct.pack("IHHII", 16 + len(body), 16, 5 | flags, 1, 0) + body)
        return self.read_refusal(self.route.recv(65536))

    def requests(self, cases):
        """(what is wrong, IFLA_INFO_DATA, error numbers, sentence)"""
        for name, (number, spec) in self.spec.sets["linkinfo"].items():
            yield f"{name} is short", attr(number, bytes(SIZES[spec["type"]] - 1)), POLICY, ""
        for name, value, wanted, sentence in cases:
            data = socket.inet_aton(value) if isinstance(value, str) else value
            yield f"{name} is {value}", self.spec.encode("linkinfo", name, data), wanted, sentence


# Attributes of a link: (name, value, error numbers, sentence).
LINK = [("ttl", 0, POLICY, ""), ("tos-inherit", 2, POLICY, ""), ("isolate", 2, POLICY, ""),
        ("pools-max", 1025, POLICY, ""),
        ("tos", 1, {errno.EINVAL}, "tos 0x01 sets the ECN bits"),
        ("tos", 255, {errno.EINVAL}, "tos 0xff sets the ECN bits"),
        ("local", "224.0.0.1", {errno.EINVAL}, "local 224.0.0.1 is no unicast address"),
        ("local", "203.0.113.11", {errno.EEXIST}, 'is the endpoint of client "one"'),
        ("public", "127.0.0.1", {errno.EINVAL}, "public 127.0.0.1 is no unicast address"),
        ("clients-max", (1 << 24) + 1, {errno.ERANGE}, "clients-max 16777217 is not between")]
# Of one that is there, and of a new one beside it.
OLD = LINK + [("local", "0.0.0.0", {errno.EBUSY}, "is up and needs its local address"),
              ("clients-max", 0, {errno.ERANGE}, "clients-max 0 is not between the 1 clients"),
              ("pools-max", 1, {errno.ERANGE}, "pools-max 1 is less than the 2 pools")]
NEW = LINK + [("local", "203.0.113.1", {errno.EEXIST}, "belongs to link broker0")]


class Count:
    """Of the requests of a command: how many, and which of them were not refused as they should be."""

    def __init__(self, family):
        self.family = family
        self.generation = family.generation()
        self.totals = collections.Counter()

    def judge(self, name, what, got, wanted, sentence, at=()):
        error, said, offset = got
        after = self.family.generation()
        bad = []
        if error not in wanted:
            bad.append(f"errno {error}")
        if not said or sentence not in said:
            bad.append(f"said \"{said}\", not \"{sentence}\"")
        # Behind the message header and that of generic netlink. The policies name the attribute
        # itself, and are asked first; the family may name the client of many that it is in.
        places = [each + 20 for each in (at if sentence else at[-1:])]
        if places and offset not in places:
            bad.append(f"the place is {offset}, not one of {places}")
        if after != self.generation:
            bad.append(f"the generation is {after} and was {self.generation}")
        self.totals[name] += 1
        if bad:
            self.totals[name, "bad"] += 1
            print(f"{name}: {what}: " + ", ".join(bad))

    def end(self, name):
        if not self.totals[name, "bad"]:
            print(f"ok {name}: {self.totals[name]} requests are refused")


def main():
    spec = Spec()
    family = Route(spec)
    count = Count(family)
    for command in spec.commands:
        number = spec.commands[command][0]
        for what, body, at, sentence in spec.requests(command):
            count.judge(command, what, family.refusal(number, body), POLICY, sentence, at)
        count.end(command)
    for link, flags, cases in (("broker0", 0, OLD), ("broker1", 0x600, NEW)):
        for what, data, wanted, sentence in family.requests(cases):
            count.judge(link, what, family.change(link, data, flags), wanted, sentence)
        count.end(link)


if __name__ == "__main__":
    main()
