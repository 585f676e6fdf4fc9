#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Send requests that are nearly right, made from the netlink specification.

  requests.py SECONDS SEED

The same seed makes the same requests. Most are such as somebody could mean: they
name clients and pools that are there, as answers have told, and ask for what can
be had; some of them are then spoiled in one place. The rest is made of the
specification alone. Each refusal of a message that the family itself looked at
must have a sentence, and must leave the generation of the link as it was; each
command must have been carried out. Prints "ok - TEXT" or "not ok - TEXT" at the
end, and counts.
"""

import collections
import errno
import os
import random
import socket
import struct
import sys
import time

import yaml

SPEC = os.path.join(os.path.dirname(__file__), "../../Documentation/netlink/specs/sitbroker.yaml")
NESTED = 0x8000
ACK, DUMP = 5, 0x305

WORDS = ["one", "two", "off", "new", "a", "b", "c", "d", "n" * 31, "n" * 32, "", "a b", "é", "x" * 300]
ADDRESSES4 = ["203.0.113.11", "203.0.113.12", "203.0.113.1", "0.0.0.0", "224.0.0.1", "10.1.2.3",
              "255.255.255.255", "127.0.0.1"]
ADDRESSES6 = ["2001:db8:1:0:8000::", "2001:db8:1:0:8000::2", "2001:db8:1:0:8000::5",
              "2001:db8:1:0:9000::", "2001:db8:1:0:9000::1:0", "2001:db8:7::", "::", "fe80::",
              "ff02::1", "2001:db8:1::"]
NUMBERS = [0, 1, 2, 7, 48, 64, 112, 127, 128, 255, 256, 1279, 1280, 1480, 1481, 65535, 65536,
           2**31 - 1, 2**32 - 1]
# Where few numbers are right, these are likely.
LIKELY = {"scope": [0, 1, 2, 3], "ranges4": [0, 1, 2], "ranges6": [0, 1, 2], "labels": [0, 0, 1, 2],
          "strings": [0, 0, 2, 4],
          "length": [48, 64, 80, 112, 127], "cut-length": [64, 112, 127], "mtu": [0, 1280, 1400],
          "router": [0, 1], "pmtudisc": [0, 1], "isolate": [0, 1], "tos-inherit": [0, 1],
          "ttl": [64, 255], "tos": [0, 4]}
# What requests about filter lists need. Chunks that fit to what was announced are luck, hence
# loads of one small range are likely.
LIKELY_FILTER = {"filter-begin": {"name", "ranges4"}, "filter-chunk": {"id", "ranges4"},
                 "filter-commit": {"id"}, "filter-abort": {"id"},
                 "filter-attach": {"name", "attachment"},
                 "filter-detach": {"name", "attachment"}, "filter-memory-set": {"bytes-max"}}
SIZES = {"u8": 1, "u16": 2, "u32": 4, "u64": 8}


def attribute(number, data):
    return struct.pack("HH", (4 + len(data)) & 0xffff, number) + data + b"\0" * (-len(data) % 4)


class Maker:
    """Requests from the specification."""

    def __init__(self, spec, rng, indices):
        self.rng = rng
        self.indices = indices
        self.optional = 0.12
        self.operation = ""
        self.load = 0
        self.sets = {each["name"]: each["attributes"] for each in spec["attribute-sets"]}
        self.load_attribute = 1 + [each["name"] for each in self.sets["sitbroker"]].index("load")
        self.operations = []
        number = 0
        for operation in spec["operations"]["list"]:
            number += 1
            for kind in ("do", "dump"):
                if kind in operation:
                    names = operation[kind].get("request", {}).get("attributes", [])
                    self.operations.append((number, operation["name"], kind, names))

    def value(self, spec, depth):
        rng = self.rng
        kind = spec["type"]
        if kind == "nest":
            return self.nest(spec["nested-attributes"], depth + 1)
        if kind == "string":
            return rng.choice(WORDS).encode()[:4000] + (b"" if rng.random() < 0.03 else b"\0")
        if kind == "binary":
            return self.binary(spec["name"])
        if kind == "flag":
            return b""
        if spec.get("display-hint") == "ipv4":
            return socket.inet_aton(rng.choice(ADDRESSES4))
        if "ifindex" in spec["name"]:
            return struct.pack("I", rng.choice(self.indices))
        # More than this machine has is no good bound.
        if spec["name"] == "bytes-max":
            return struct.pack("Q", rng.choice([5, 2**20, 2**28]))
        # Loads that this socket has begun, more or less.
        if spec["name"] == "id" and self.load:
            return struct.pack("I", (self.load + rng.choice([0] * 20 + [1, -1])) & 0xffffffff)
        number = rng.choice(NUMBERS)
        if rng.random() < 0.9:
            number = rng.choice(LIKELY.get(spec["name"], NUMBERS))
        if "enum" in spec and rng.random() < 0.9:
            number = rng.randrange(3)
        return (number & (2 ** (8 * SIZES[kind]) - 1)).to_bytes(SIZES[kind], sys.byteorder)

    def binary(self, name):
        """Packed ranges are often in order, labels often what was announced."""
        rng = self.rng
        if name in ("ranges4", "ranges6"):
            size = 4 if name == "ranges4" else 16
            number = 2 * rng.choice([0, 1, 1, 1, 2, 2, 100, 1000])
            ends = [rng.randbytes(size) for _ in range(number)]
            if rng.random() < 0.9:
                ends.sort()
            if ends and rng.random() < 0.1:
                ends[0], ends[-1] = bytes(size), b"\xff" * size
            return b"".join(ends)
        if name in ("labels4", "labels6"):
            return b"".join(struct.pack("I", rng.choice([0, 0, 1, 2, 2**32 - 1]))
                            for _ in range(rng.choice([0, 1, 1, 2])))
        if name == "strings":
            return rng.choice([b"a\0", b"a\0", b"a\0b\0", b"\0" * 4, b"x" * 300, b""])
        if name == "address" and rng.random() < 0.3:
            return socket.inet_aton(rng.choice(ADDRESSES4))
        return socket.inet_pton(socket.AF_INET6, rng.choice(ADDRESSES6))

    def encode(self, spec, number, depth):
        rng = self.rng
        data = self.value(spec, depth)
        roll = rng.random()
        if roll < 0.01:
            data = data[:rng.randrange(len(data) + 1)]
        elif roll < 0.02:
            data += rng.randbytes(rng.choice([1, 4, 300]))
        elif roll < 0.025:
            number = rng.choice([0, 99, 0x3fff])
        if spec["type"] == "nest" and rng.random() < 0.97:
            number |= NESTED
        return attribute(number, data)

    def nest(self, name, depth):
        """What a request needs is likely, the rest is possible."""
        rng = self.rng
        if depth > 6:
            return b""
        likely = {"name", "prefix", "kind", "cut-length", "address", "length", "ifindex"}
        if self.operation.startswith("filter-"):
            likely = LIKELY_FILTER.get(self.operation, {"name"}) | {"scope", "ifindex"}
        parts = []
        for number, spec in enumerate(self.sets[name], 1):
            chance = 0.9 if spec["name"] in likely else self.optional
            while rng.random() < chance:
                parts.append(self.encode(spec, number, depth))
                chance = 0.3 if spec.get("multi-attr") else 0.02
        if rng.random() < 0.1:
            rng.shuffle(parts)
        return b"".join(parts)

    def given(self, where, **values):
        """a nest of the attributes named, as they are"""
        numbers = {spec["name"]: i for i, spec in enumerate(self.sets[where], 1)}
        return b"".join(attribute(numbers[key], value) for key, value in values.items())

    def story(self):
        """A list that is loaded and attached, a request after the other, each nearly right."""
        rng = self.rng
        name = rng.choice([b"a\0", b"b\0", b"c\0"])
        ends = sorted(rng.randbytes(4) for _ in range(2 * rng.choice([1, 2, 50, 2000])))
        labels = rng.random() < 0.5
        number = struct.pack("I", len(ends) // 2)
        begin = {"name": name, "action": struct.pack("I", rng.randrange(4)), "ranges4": number}
        chunk = {"ranges4": b"".join(ends)}
        if labels:
            begin.update(labels=struct.pack("I", 2), strings=struct.pack("I", 4))
            chunk.update(strings=b"a\0b\0", labels4=b"".join(
                struct.pack("I", rng.randrange(2)) for _ in range(len(ends) // 2)))
        place = self.given("attachment", scope=struct.pack("I", rng.randrange(4)),
                           ifindex=struct.pack("I", rng.choice(self.indices)))
        where = self.given("filter", name=name) + \
            attribute(1 + [each["name"] for each in self.sets["filter"]].index("attachment") |
                      NESTED, place)
        top = {spec["name"]: i for i, spec in enumerate(self.sets["sitbroker"], 1)}
        steps = [("filter-begin", lambda: [("load", self.given("load", **begin))]),
                 ("filter-chunk", lambda: [("load", self.given("load", id=self.load_id())),
                                           ("chunk", self.given("chunk", **chunk))]),
                 ("filter-commit", lambda: [("load", self.given("load", id=self.load_id()))]),
                 ("filter-attach", lambda: [("filter", where)]),
                 ("filter-label-get", lambda: [("filter", self.given("filter", name=name))]),
                 ("filter-range-get", lambda: [("filter", self.given("filter", name=name))]),
                 ("filter-get", lambda: [("filter", self.given("filter", name=name))]),
                 ("filter-detach", lambda: [("filter", where)])]
        if rng.random() < 0.1:
            steps[2:] = [("filter-abort", steps[2][1])]
        # One that is attached nowhere can go.
        elif rng.random() < 0.4:
            begin["name"] = b"d\0"
            steps[3:] = [("filter-del", lambda: [("filter", self.given("filter", name=b"d\0"))])]
        for operation, parts in steps:
            if rng.random() < 0.05:
                continue
            body = bytearray(b"".join(attribute(top[key] | NESTED, value)
                                      for key, value in parts()))
            if rng.random() < 0.1:
                body[rng.randrange(len(body))] ^= 1 << rng.randrange(8)
            number, kind = next((number, kind) for number, each, kind, _ in self.operations
                                if each == operation)
            yield operation, kind == "dump", struct.pack("BBH", number, 1, 0) + bytes(body)

    def load_id(self):
        return struct.pack("I", self.load)

    def requests(self):
        """Requests, for ever"""
        while True:
            if self.rng.random() < 0.06:
                yield from self.story()
            else:
                yield self.request()

    def request(self):
        """(operation, is it a dump?, flags, message body)"""
        rng = self.rng
        number, name, kind, names = rng.choice(self.operations)
        # A flush leaves nothing for others to meet.
        while name == "client-flush" and rng.random() < 0.97:
            number, name, kind, names = rng.choice(self.operations)
        self.operation = name
        # What names an object takes nothing else.
        self.optional = 0.12 if name.endswith(("-new", "-set")) else 0.01
        top = {spec["name"]: (i, spec) for i, spec in enumerate(self.sets["sitbroker"], 1)}
        body = b""
        for wanted in names:
            i, spec = top[wanted]
            chance = {"ifindex": 0.2, "generation": 0.04}.get(wanted, 0.9)
            while rng.random() < chance:
                body += self.encode(spec, i, 0)
                # Many clients in one message.
                chance = rng.choice([0, 0, 0, 0.5, 0.98]) if spec.get("multi-attr") else 0.02
                if len(body) > 200000:
                    break
        if rng.random() < 0.03:
            i, spec = top[rng.choice(list(top))]
            body += self.encode(spec, i, 0)
        if rng.random() < 0.02:
            body = body[:rng.randrange(len(body) + 1)]
        if rng.random() < 0.01:
            depth = rng.randrange(200)
            for _ in range(depth):
                body = attribute(rng.randrange(1, 9) | NESTED, body[:60000])
        command = rng.randrange(64) if rng.random() < 0.01 else number
        version = rng.randrange(256) if rng.random() < 0.01 else 1
        return name, kind == "dump", struct.pack("BBH", command, version, 0) + body


# (address, length, kind, cut): what pools are added.
POOLS = [("2001:db8:1:0:8000::", 80, 0, 127), ("2001:db8:1:0:9000::", 80, 1, 112),
         ("2001:db8:20::", 48, 1, 64), ("2001:db8:21::", 48, 1, 56), ("2001:db8:22::", 120, 0, 127),
         ("2001:db8:23::", 64, 0, 127), ("2001:db8:24::", 112, 1, 120), ("2001:db8:25::", 64, 1, 64),
         ("2001:db8:26::", 40, 1, 72), ("2001:db8:27::", 126, 0, 127)]


class Wishes:
    """Requests that somebody could mean. A node is [attribute number, bytes or nodes]."""

    def __init__(self, maker, family, index, uplinks):
        self.maker = maker
        self.rng = maker.rng
        self.family = family
        self.index = index
        self.uplinks = uplinks
        self.numbers = {name: {each["name"]: (number, each) for number, each in enumerate(which, 1)}
                        for name, which in maker.sets.items()}
        self.commands = {name: number for number, name, kind, _ in maker.operations if kind == "do"}
        self.clients, self.pools = [], []
        self.read()

    def node(self, which, name, value):
        number, spec = self.numbers[which][name]
        if spec["type"] == "string":
            value = value.encode() + b"\0"
        elif spec["type"] in SIZES and isinstance(value, int):
            value = value.to_bytes(SIZES[spec["type"]], sys.byteorder)
        return [number, value]

    def prefix(self, which, name, address, length):
        return self.node(which, name, [self.node("prefix", "address", address),
                                       self.node("prefix", "length", length)])

    def read(self):
        """What there is, as the kernel tells."""
        def dump(command, name):
            number, _ = self.numbers["sitbroker"][name]
            body = struct.pack("BBH", self.commands[command], 1, 0)
            body += attribute(1, struct.pack("I", self.index))
            for message in self.family.dump(body):
                for nest in self.family.find_all(message[20:], number):
                    yield nest

        find = self.family.find
        self.clients = [find(nest, 2).rstrip(b"\0").decode()
                        for nest in dump("client-get", "client")]
        self.pools = [(find(find(nest, 1), 1), find(find(nest, 1), 2)[0],
                       struct.unpack("I", find(nest, 2))[0], find(nest, 3)[0])
                      for nest in dump("pool-get", "pool")]

    def piece(self, kind):
        """(address, length) of a piece of some pool of a kind, or None"""
        pools = [pool for pool in self.pools if pool[2] == kind]
        if not pools:
            return None
        address, length, _, cut = self.rng.choice(pools)
        last = (1 << (cut - length)) - 1
        which = self.rng.randrange(min(last, 400) + 1) if self.rng.random() < 0.9 else \
            self.rng.randrange(last + 1)
        return (int.from_bytes(address, "big") + (which << (128 - cut))).to_bytes(16, "big"), cut

    def settings(self, chance):
        rng = self.rng
        wishes = [("endpoint", lambda: bytes((10, 0, rng.randrange(2), 1 + rng.randrange(250)))),
                  ("mtu", lambda: rng.choice([0, 1280, 1400, 1480])),
                  ("pmtudisc", lambda: rng.randrange(2)), ("state", lambda: rng.randrange(2))]
        return [self.node("client", name, value()) for name, value in wishes
                if rng.random() < chance]

    def client(self, command):
        rng = self.rng
        known = self.clients or ["one"]
        if command == "client-new":
            parts = [self.node("client", "name", f"u{rng.randrange(500)}"), *self.settings(0.4)]
            pair = self.piece(0) if rng.random() < 0.2 else None
            if pair:
                parts.append(self.node("client", "pair", pair[0]))
            if rng.random() < 0.2:
                parts.append(self.node("client", "no-routed", b""))
            elif rng.random() < 0.3:
                pieces = {self.piece(1) for _ in range(rng.choice([1, 2, 3, 8]))} - {None}
                parts += [self.prefix("client", "routed", *each) for each in sorted(pieces)]
            return parts
        parts = [self.node("client", "name", rng.choice(known))]
        if command == "client-set":
            parts += self.settings(0.4) or [self.node("client", "state", 0)]
        return parts

    def pool(self, command):
        rng = self.rng
        if command == "pool-new" or not self.pools:
            address, length, kind, cut = rng.choice(POOLS)
            address = socket.inet_pton(socket.AF_INET6, address)
        else:
            address, length, kind, cut = rng.choice(self.pools)
        parts = [self.prefix("pool", "prefix", address, length)]
        if command == "pool-new":
            parts += [self.node("pool", "kind", kind), self.node("pool", "cut-length", cut)]
        return parts

    def uplink(self, command):
        rng = self.rng
        parts = [self.node("uplink", "ifindex", rng.choice(self.uplinks))]
        if command in ("ndp-new", "ndp-set"):
            source = rng.choice([None, 0, 1, 2])
            if source is not None:
                parts.append(self.node("uplink", "source", source))
            if source == 2:
                parts.append(self.node("uplink", "source-address",
                                       socket.inet_pton(socket.AF_INET6, "2001:db8:1::1")))
            parts += [self.node("uplink", name, value) for name, value in
                      (("router", rng.randrange(2)), ("rate", rng.choice([0, 1, 100])))
                      if rng.random() < 0.4]
        return parts

    def spoil(self, nodes):
        """Change one thing somewhere."""
        rng = self.rng
        i = rng.randrange(len(nodes))
        number, value = nodes[i]
        if isinstance(value, list) and value and rng.random() < 0.8:
            self.spoil(value)
            return
        roll = rng.randrange(6)
        if roll == 0:
            del nodes[i]
        elif roll == 1:
            nodes.append([number, value])
        elif roll == 2:
            nodes[i] = [rng.choice([0, number + 1, rng.randrange(30), 0x3fff]), value]
        elif isinstance(value, bytes) and value and roll == 3:
            nodes[i] = [number, value[:rng.randrange(len(value))]]
        elif isinstance(value, bytes) and value:
            at = rng.randrange(len(value))
            nodes[i] = [number, value[:at] + bytes([rng.randrange(256)]) + value[at + 1:]]
        else:
            nodes[i] = [number, rng.randbytes(rng.choice([1, 4, 16]))]

    def encode(self, nodes):
        return b"".join(attribute(number, value) if isinstance(value, bytes) else
                        attribute(number | NESTED, self.encode(value)) for number, value in nodes)

    def request(self, generation):
        """(operation, is it a dump?, message body)"""
        rng = self.rng
        command = rng.choice(["client-new"] * 4 + ["client-set"] * 4 + ["client-del"] * 3 +
                             ["pool-new"] * 3 + ["pool-del"] * 3 + ["ndp-new"] * 2 + ["ndp-del"] * 2 +
                             ["ndp-set"] * 2 + ["client-get", "pool-get", "ndp-get"])
        # Pools come to be empty.
        if rng.random() < 0.004:
            command = "client-flush"
        what = command.split("-", maxsplit=1)[0]
        nodes = [self.node("sitbroker", "ifindex", self.index)]
        if generation and command.endswith(("new", "set", "del")) and rng.random() < 0.1:
            nodes.append(self.node("sitbroker", "generation", generation))
        if command != "client-flush":
            times = 1
            if command in ("client-new", "client-del") and rng.random() < 0.2:
                times = rng.choice([2, 5, 40])
            top, make = {"client": ("client", self.client), "pool": ("pool", self.pool),
                         "ndp": ("uplink", self.uplink)}[what]
            for _ in range(times):
                nodes.append(self.node("sitbroker", top, make(command)))
        if rng.random() < 0.2:
            self.spoil(nodes)
        return command, False, struct.pack("BBH", self.commands[command], 1, 0) + self.encode(nodes)


class Family:
    def __init__(self, maker):
        self.maker = maker
        self.socket = self.open(16)
        self.route = self.open(0)
        reply = self.exchange(self.socket, 16, ACK, struct.pack("BBH", 3, 1, 0) +
                              attribute(2, b"sitbroker\0"))
        self.id = struct.unpack_from("H", self.find(reply[20:], 1))[0]
        self.socket.recv(1 << 20)

    @staticmethod
    def open(protocol):
        each = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol)
        each.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        each.setsockopt(270, 11, 1)
        each.setsockopt(270, 10, 1)
        each.settimeout(20)
        return each

    @staticmethod
    def exchange(on, kind, flags, body):
        on.send(struct.pack("IHHII", 16 + len(body), kind, flags, 1, 0) + body)
        return on.recv(1 << 20)

    @staticmethod
    def find(data, wanted):
        at = 0
        while at + 4 <= len(data):
            length, number = struct.unpack_from("HH", data, at)
            if number & 0x3fff == wanted:
                return data[at + 4:at + length]
            at += max(4, (length + 3) & ~3)
        return None

    @staticmethod
    def find_all(data, wanted):
        at = 0
        while at + 4 <= len(data):
            length, number = struct.unpack_from("HH", data, at)
            if number & 0x3fff == wanted:
                yield data[at + 4:at + length]
            at += max(4, (length + 3) & ~3)

    def dump(self, body):
        """The messages of a dump"""
        reply = self.exchange(self.socket, self.id, DUMP, body)
        while True:
            at = 0
            while at + 16 <= len(reply):
                length, what = struct.unpack_from("IH", reply, at)
                if what in (2, 3):
                    return
                yield reply[at:at + length]
                at += max(16, (length + 3) & ~3)
            reply = self.socket.recv(1 << 20)

    def ask(self, on, kind, flags, body):
        """(error number, sentence or None)"""
        reply = self.exchange(on, kind, flags, body)
        while True:
            at = 0
            while at + 16 <= len(reply):
                length, what = struct.unpack_from("IH", reply, at)
                if what == 2:
                    text = self.find(reply[at + 36:at + length], 1)
                    return -struct.unpack_from("i", reply, at + 16)[0], text
                if what == 3:
                    # The error of a dump and its sentence stand in its end.
                    error = -struct.unpack_from("i", reply, at + 16)[0] if length >= 20 else 0
                    return error, self.find(reply[at + 20:at + length], 1)
                at += max(16, (length + 3) & ~3)
            # Of dumps and do alike, only filter-begin answers with a load.
            load = self.find(reply[20:], self.maker.load_attribute) if what == self.id else None
            if load:
                self.maker.load = struct.unpack("I", self.find(load, 1))[0]
            reply = on.recv(1 << 20)

    def generation(self, index):
        body = struct.pack("BBH", 1, 1, 0) + attribute(1, struct.pack("I", index))
        reply = self.exchange(self.socket, self.id, ACK, body)
        if struct.unpack_from("H", reply, 4)[0] == 2:
            return None
        self.socket.recv(1 << 20)
        return struct.unpack_from("I", self.find(reply[20:], 2))[0]


def link_request(rng, maker):
    """(message type, body) about a link, by rtnetlink"""
    kind = rng.choice([16, 16, 17, 19])         # new, new, delete, set
    # The link under test stays, since a new one has no pools.
    name = rng.choice(["fuzz0", "fuzz1", "broker0" if kind != 17 else "fuzz0", "n" * 20, ""])
    index = 0 if rng.random() < 0.9 else 99999
    flags = rng.choice([0, 1])
    data = b""
    for number, spec in enumerate(maker.sets["linkinfo"], 1):
        # What takes broker0 away from its clients is left to others.
        if name == "broker0" and spec["name"] in ("local", "public", "clients-max",
                                                          "pools-max"):
            continue
        if rng.random() < 0.4:
            data += maker.encode(spec, number, 0)
    info = attribute(1, rng.choice([b"sitbroker\0", b"sitbroker\0", b"sit\0", b""]))
    info += attribute(2 | NESTED, data)
    body = struct.pack("BxHiII", 0, 0, index, flags, 1 if name != "broker0" else 0)
    body += attribute(3, name.encode() + b"\0") + attribute(18 | NESTED, info)
    if rng.random() < 0.3:
        body += attribute(4, struct.pack("I", rng.choice(NUMBERS)))
    return kind, body


# What generic netlink and rtnetlink refuse before anybody of ours is asked has no sentence.
NOT_OURS = {errno.EOPNOTSUPP, errno.EPERM, errno.ENODEV, errno.EEXIST, errno.EBUSY,
            errno.EADDRNOTAVAIL}


def main(seconds, seed):
    seconds, seed = int(seconds), int(seed)
    rng = random.Random(seed)
    with open(SPEC, encoding="utf-8") as file:
        spec = yaml.safe_load(file)
    index = socket.if_nametoindex("broker0")
    maker = Maker(spec, rng, [index, index, socket.if_nametoindex("eth1"),
                              socket.if_nametoindex("eth0"), index, 0, 1, 99999])
    family = Family(maker)
    wishes = Wishes(maker, family, index, [socket.if_nametoindex("eth1"),
                                           socket.if_nametoindex("eth0")])
    counts = collections.defaultdict(collections.Counter)
    wordless, changed = [], []
    requests = maker.requests()
    end = time.monotonic() + seconds
    said = time.monotonic()
    n = 0
    while time.monotonic() < end:
        n += 1
        if time.monotonic() > said + 10:
            said = time.monotonic()
            print(f"# {n} requests", flush=True)
        if rng.random() < 0.05:
            kind, body = link_request(rng, maker)
            flags = ACK | rng.choice([0, 0x400, 0x600])
            error, text = family.ask(family.route, kind, flags, body)
            counts["rtnetlink"][errno.errorcode.get(error, error) if error else "done"] += 1
            continue
        before = family.generation(index)
        if n % 20 == 0:
            wishes.read()
        name, dump, body = wishes.request(before) if rng.random() < 0.6 else next(requests)
        error, text = family.ask(family.socket, family.id, DUMP if dump else ACK, body)
        counts[f"{name} dump" if dump else name][errno.errorcode.get(error, error)
                                                 if error else "done"] += 1
        if not error:
            continue
        if not text and error not in NOT_OURS:
            wordless.append((n, name, errno.errorcode.get(error), body.hex()))
        if family.generation(index) != before:
            changed.append((n, name, errno.errorcode.get(error), body.hex()))
    for name, results in sorted(counts.items()):
        print(f"# {name}: " + ", ".join(f"{many} {what}" for what, many in results.most_common()))
    done = sum(results["done"] for results in counts.values())
    changes = sum(results["done"] for name, results in counts.items()
                  if name.endswith(("-new", "-set", "-del", "-flush")))
    print(f"# {n} requests, {done} done, {changes} of which changed something")
    idle = [name for _, name, kind, _ in maker.operations if n > 5000
            and not counts[f"{name} dump" if kind == "dump" else name]["done"]]
    for text, bad in (("every command was carried out", [(name,) for name in idle]),
                      ("every refusal has a sentence", wordless),
                      ("a refused request changes nothing", changed)):
        print(f"not ok - {text}" if bad else f"ok - {text}")
        for each in bad[:5]:
            print("#", *each)
    sys.exit(bool(wordless or changed or idle or not done))


if __name__ == "__main__":
    main(*sys.argv[1:])
