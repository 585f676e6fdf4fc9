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
LIKELY = {"length": [48, 64, 80, 112, 127], "cut-length": [64, 112, 127], "mtu": [0, 1280, 1400],
          "router": [0, 1], "pmtudisc": [0, 1], "isolate": [0, 1], "tos-inherit": [0, 1],
          "ttl": [64, 255], "tos": [0, 4]}
SIZES = {"u8": 1, "u16": 2, "u32": 4, "u64": 8}


def attribute(number, data):
    return struct.pack("HH", (4 + len(data)) & 0xffff, number) + data + b"\0" * (-len(data) % 4)


class Maker:
    """Requests from the specification."""

    def __init__(self, spec, rng, indices):
        self.rng = rng
        self.indices = indices
        self.optional = 0.12
        self.sets = {each["name"]: each["attributes"] for each in spec["attribute-sets"]}
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
            return socket.inet_pton(socket.AF_INET6, rng.choice(ADDRESSES6))
        if kind == "flag":
            return b""
        if spec.get("display-hint") == "ipv4":
            return socket.inet_aton(rng.choice(ADDRESSES4))
        if "ifindex" in spec["name"]:
            return struct.pack("I", rng.choice(self.indices))
        number = rng.choice(NUMBERS)
        if rng.random() < 0.9:
            number = rng.choice(LIKELY.get(spec["name"], NUMBERS))
        if "enum" in spec and rng.random() < 0.9:
            number = rng.randrange(3)
        return (number & (2 ** (8 * SIZES[kind]) - 1)).to_bytes(SIZES[kind], sys.byteorder)

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
        parts = []
        for number, spec in enumerate(self.sets[name], 1):
            chance = 0.9 if spec["name"] in likely else self.optional
            while rng.random() < chance:
                parts.append(self.encode(spec, number, depth))
                chance = 0.3 if spec.get("multi-attr") else 0.02
        if rng.random() < 0.1:
            rng.shuffle(parts)
        return b"".join(parts)

    def request(self):
        """(operation, is it a dump?, flags, message body)"""
        rng = self.rng
        number, name, kind, names = rng.choice(self.operations)
        # A flush leaves nothing for others to meet.
        while name == "client-flush" and rng.random() < 0.97:
            number, name, kind, names = rng.choice(self.operations)
        # What names an object takes nothing else.
        self.optional = 0.12 if name.endswith(("-new", "-set")) else 0.01
        top = {spec["name"]: (i, spec) for i, spec in enumerate(self.sets["sitbroker"], 1)}
        body = b""
        for wanted in names:
            i, spec = top[wanted]
            chance = 0.9 if spec["type"] == "nest" else 0.2 if wanted == "ifindex" else 0.04
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
        if command == "ndp-new":
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
                             ["client-get", "pool-get", "ndp-get"])
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
    def __init__(self):
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
    family = Family()
    wishes = Wishes(maker, family, index, [socket.if_nametoindex("eth1"),
                                           socket.if_nametoindex("eth0")])
    counts = collections.defaultdict(collections.Counter)
    wordless, changed = [], []
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
        name, dump, body = (wishes.request(before) if rng.random() < 0.75 else maker.request())
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
    idle = [name for _, name, kind, _ in maker.operations if n > 2000
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
