#!/usr/bin/python3 -SE
# SPDX-License-Identifier: GPL-2.0
"""Send requests that must be refused: each with its error number and sentence, and nothing changes.

These are in order for the generated policies, or one of a kind; what each attribute
may be spoiled with is in spoiled.py. Prints "ok TEXT" or "TEXT: what happened", a line
each.
"""

import errno
import socket
import struct

NEW, SET, DEL, GET = "client-new", "client-set", "client-del", "client-get"
COMMANDS = ["link-get", "pool-new", "pool-del", "pool-get", "pool-ntf", "pool-del-ntf",
            "client-new", "client-set", "client-del", "client-flush", "client-get"]
COMMANDS += ["client-ntf", "client-del-ntf", "client-flush-ntf", "ndp-new", "ndp-del", "ndp-get"]
COMMANDS += [""] * (37 - len(COMMANDS)) + ["ndp-set", "endpoint-get"]
NESTED = 0x8000

# Attribute numbers, from the generated header.
IFINDEX, GENERATION, LINK, POOL, CLIENT, UPLINK = range(1, 7)
ID, NAME, ENDPOINT, PAIR, ROUTED, NO_ROUTED, MTU, MTU_AUTO, STATE, RX_PACKETS = range(1, 11)
ENDPOINTS = 13
ADDRESS, LENGTH = 1, 2
PREFIX, KIND, CUT = 1, 2, 3
UPLINK_SOURCE, UPLINK_ADDRESS, UPLINK_RATE = 3, 4, 14


def attr(number, data):
    data = bytes(data)
    return struct.pack("HH", 4 + len(data), number) + data + b"\0" * (-len(data) % 4)


def nest(number, *parts):
    return attr(number | NESTED, b"".join(parts))


def u8(number, value):
    return attr(number, struct.pack("B", value))


def u16(number, value):
    return attr(number, struct.pack("H", value))


def u32(number, value):
    return attr(number, struct.pack("I", value))


def string(number, text):
    return attr(number, text.encode() + b"\0")


def prefix(number, address, length):
    return nest(number, attr(ADDRESS, socket.inet_pton(socket.AF_INET6, address)),
                u8(LENGTH, length))


class Family:
    def __init__(self):
        self.socket = self.open()
        reply = self.ask(16, 3, string(2, "sitbroker"))
        self.id = struct.unpack_from("H", self.find(reply[20:], 1))[0]
        self.socket.recv(65536)                # its acknowledgment

    @staticmethod
    def open():
        generic = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
        generic.setsockopt(270, 11, 1)         # NETLINK_EXT_ACK
        generic.setsockopt(270, 10, 1)         # NETLINK_CAP_ACK
        return generic

    @staticmethod
    def find(data, wanted):
        at = 0
        while at + 4 <= len(data):
            length, number = struct.unpack_from("HH", data, at)
            if number & 0x3fff == wanted:
                return data[at + 4:at + length]
            at += max(4, (length + 3) & ~3)
        return None

    def ask(self, family, command, body, flags=5):
        body = struct.pack("BBH", command, 1, 0) + body
        self.socket.send(struct.pack("IHHII", 16 + len(body), family, flags, 1, 0) + body)
        return self.socket.recv(65536)

    @staticmethod
    def read_refusal(reply):
        """(errno, sentence or None, offset of the attribute or None) of an acknowledgment"""
        text, offset = Family.find(reply[36:], 1), Family.find(reply[36:], 2)
        return (-struct.unpack_from("i", reply, 16)[0],
                text.rstrip(b"\0").decode() if text else None,
                struct.unpack("I", offset)[0] if offset else None)

    def refusal(self, command, body, flags=5):
        """(errno, sentence or None, offset of the attribute or None); COMMAND is a number"""
        reply = self.ask(self.id, command, body, flags)
        while struct.unpack_from("H", reply, 4)[0] != 2:    # NLMSG_ERROR
            reply = self.socket.recv(65536)
        return self.read_refusal(reply)

    def generation(self):
        """of the only link"""
        reply = self.ask(self.id, COMMANDS.index("link-get") + 1, b"")
        self.socket.recv(65536)                # its acknowledgment
        return struct.unpack("I", self.find(reply[20:], GENERATION))[0]


# The generated policy refuses it, with a text of the kernel's.
POLICY = {errno.EINVAL, errno.ERANGE}


def client_cases():
    """(text, command, body, error number or POLICY, a part of the sentence), as below"""
    name, one = string(NAME, "two"), string(NAME, "one")
    routed = prefix(ROUTED, "2001:db8:1:0:9000::", 112)
    return [
        ("no client", NEW, b"", errno.EINVAL, "names no client"),
        ("an empty client", NEW, nest(CLIENT), errno.EINVAL, "has no name; give it one"),
        ("a client that is no nest", NEW, u32(CLIENT, 5), POLICY, ""),
        ("no name", NEW, nest(CLIENT, u16(MTU, 1300)), errno.EINVAL, "has no name; give it one"),
        ("an empty name", NEW, nest(CLIENT, string(NAME, "")), errno.EINVAL, "name is empty"),
        ("a name of 4000", NEW, nest(CLIENT, string(NAME, "n" * 4000)), POLICY, ""),
        ("a name with a blank", NEW, nest(CLIENT, string(NAME, "a b")), errno.EINVAL,
         "client \"a b\": character 2 of the name"),
        ("a pair with bits behind", NEW, nest(CLIENT, name, attr(PAIR, socket.inet_pton(
            socket.AF_INET6, "2001:db8:1:0:8000::5"))), errno.EINVAL, "has bits set beyond"),
        ("a pair of no pool", NEW, nest(CLIENT, name, attr(PAIR, socket.inet_pton(
            socket.AF_INET6, "2001:db8:9::4"))), errno.ENOENT, "is in no pair pool"),
        ("a pair that somebody has", NEW, nest(CLIENT, name, attr(PAIR, socket.inet_pton(
            socket.AF_INET6, "2001:db8:1:0:8000::"))), errno.EEXIST, 'belongs to client "one"'),
        ("a prefix without a length", NEW, nest(CLIENT, name, nest(ROUTED, attr(
            ADDRESS, b"\0" * 16))), errno.EINVAL, "needs an address and a length"),
        ("a prefix without an address", NEW, nest(CLIENT, name, nest(ROUTED, u8(LENGTH, 64))),
         errno.EINVAL, "needs an address and a length"),
        ("a prefix with bits behind", NEW, nest(CLIENT, name, prefix(
            ROUTED, "2001:db8:1:0:9000::5", 112)), errno.EINVAL, "has bits set beyond"),
        ("a routed prefix and none", NEW, nest(CLIENT, name, routed, attr(NO_ROUTED, b"")),
         errno.EINVAL, "has routed prefixes and none"),
        ("a prefix twice", NEW, nest(CLIENT, name, prefix(ROUTED, "2001:db8:1:0:9000:0:9:0", 112) * 2),
         errno.EEXIST, 'belongs to client "two"'),
        ("256 prefixes", NEW, nest(CLIENT, name, *(
            prefix(ROUTED, f"2001:db8:1:0:9000:0:{i:x}:0", 112) for i in range(9, 265))),
         errno.E2BIG, "has more than 255 routed prefixes"),
        ("mtu 1", NEW, nest(CLIENT, name, u16(MTU, 1)), errno.ERANGE, "mtu 1 is not 0"),
        ("mtu 65535", NEW, nest(CLIENT, name, u16(MTU, 65535)), errno.ERANGE, "mtu 65535 is not 0"),
        ("an endpoint of nobody", NEW, nest(CLIENT, name, attr(ENDPOINT, b"\xe0\0\0\1")),
         errno.EINVAL, "224.0.0.1 is no unicast address"),
        ("the second of two is bad", NEW, nest(CLIENT, name) + nest(CLIENT, u16(MTU, 1300)),
         errno.EINVAL, "has no name; give it one"),
        ("the same name twice", NEW, nest(CLIENT, name) + nest(CLIENT, name), errno.EEXIST,
         'client "two" exists'),
        ("the last of a hundred exists", NEW, b"".join(nest(CLIENT, string(NAME, f"n{i}"))
                                                       for i in range(99)) + nest(CLIENT, one),
         errno.EEXIST, 'client "one" exists'),
        ("bytes behind the attributes", NEW, nest(CLIENT, name) + b"\1\0", POLICY, ""),
        ("set nobody", SET, nest(CLIENT, name, u16(MTU, 1300)), errno.ENOENT, 'no client "two"'),
        ("set two at once", SET, nest(CLIENT, one, u16(MTU, 1300)) * 2, errno.EINVAL,
         "names two clients"),
        ("set nothing", SET, nest(CLIENT, one), errno.EINVAL, "says nothing to change"),
        ("set without a name", SET, nest(CLIENT, u16(MTU, 1300)), errno.EINVAL, "has no name"),
        ("an endpoint that is our own", SET, nest(CLIENT, one, attr(ENDPOINT, bytes(
            (203, 0, 113, 1)))), errno.EINVAL, "203.0.113.1 is this server's own"),
        ("get two at once", GET, nest(CLIENT, one) * 2, errno.EINVAL, "names two clients"),
        ("get without a name", GET, nest(CLIENT), errno.EINVAL, "has no name; say which one"),
        ("get nobody", GET, nest(CLIENT, name), errno.ENOENT, 'no client "two"'),
        ("delete without a name", DEL, nest(CLIENT), errno.EINVAL, "has no name; say which one"),
        ("delete one twice", DEL, nest(CLIENT, one) * 2, errno.EINVAL, "is named twice"),
        ("delete one and nobody", DEL, nest(CLIENT, one) + nest(CLIENT, name), errno.ENOENT,
         'no client "two"'),
    ]


def pool_cases():
    good = prefix(PREFIX, "2001:db8:9::", 64)
    used = prefix(PREFIX, "2001:db8:1:0:8000::", 80)
    return [
        ("no pool", "pool-new", b"", errno.EINVAL, "names no pool"),
        ("a pool without a prefix", "pool-new", nest(POOL, u32(KIND, 0)), errno.EINVAL,
         "the pool has no prefix"),
        ("a pool without a kind", "pool-new", nest(POOL, good, u8(CUT, 127)), errno.EINVAL,
         "needs a kind and the length"),
        ("a pool without a cut", "pool-new", nest(POOL, good, u32(KIND, 1)), errno.EINVAL,
         "needs a kind and the length"),
        ("pairs of /126", "pool-new", nest(POOL, good, u32(KIND, 0), u8(CUT, 126)), errno.EINVAL,
         "pairs are always /127, not /126"),
        ("pieces larger than the pool", "pool-new", nest(POOL, good, u32(KIND, 1), u8(CUT, 63)),
         errno.EINVAL, "cannot be cut into /63"),
        ("too many pieces", "pool-new", nest(POOL, prefix(PREFIX, "2001:db8:9::", 48), u32(KIND, 1),
                                             u8(CUT, 127)), errno.ERANGE, "more than 2^63 pieces"),
        ("a pool of everything", "pool-new", nest(POOL, prefix(PREFIX, "::", 0), u32(KIND, 1),
                                                  u8(CUT, 48)), errno.EINVAL, "take a global prefix"),
        ("a pool with bits behind", "pool-new", nest(POOL, prefix(PREFIX, "2001:db8:9::1", 64),
                                                     u32(KIND, 1), u8(CUT, 96)), errno.EINVAL,
         "has bits set beyond"),
        ("a pool that is there", "pool-new", nest(POOL, used, u32(KIND, 0), u8(CUT, 127)),
         errno.EEXIST, "overlaps pair pool"),
        ("a pool with our address", "pool-new", nest(POOL, prefix(PREFIX, "2001:db8:1::", 112),
                                                     u32(KIND, 0), u8(CUT, 127)), errno.EADDRINUSE,
         "2001:db8:1::1, an address of this host"),
        ("delete no pool", "pool-del", b"", errno.EINVAL, "names no pool"),
        ("delete a pool without a prefix", "pool-del", nest(POOL), errno.EINVAL, "has no prefix"),
        ("delete a pool that is not there", "pool-del", nest(POOL, good), errno.ENOENT, "has no pool"),
        ("delete a part of a pool", "pool-del", nest(POOL, prefix(PREFIX, "2001:db8:1:0:8000::", 96)),
         errno.ENOENT, "has no pool"),
        ("delete a pool in use", "pool-del", nest(POOL, used), errno.EBUSY, 'by client "one"'),
        ("get no pool", "pool-get", b"", errno.EINVAL, "names no pool"),
        ("get a pool that is not there", "pool-get", nest(POOL, good), errno.ENOENT, "has no pool"),
    ]


def uplink_cases():
    eth0, eth1 = (u32(1, socket.if_nametoindex(name)) for name in ("eth0", "eth1"))
    here = socket.inet_pton(socket.AF_INET6, "2001:db8:1::1")
    return [
        ("no uplink", "ndp-new", b"", errno.EINVAL, "names no uplink"),
        ("uplink nothing", "ndp-new", nest(UPLINK), errno.EINVAL, "has no interface index"),
        ("uplink 99999", "ndp-new", nest(UPLINK, u32(1, 99999)), errno.ENODEV,
         "there is no interface 99999"),
        ("a source address of no kind", "ndp-new", nest(UPLINK, eth0, attr(4, b"\0" * 16)),
         errno.EINVAL, "go together"),
        ("a source address of another kind", "ndp-new", nest(UPLINK, eth0, u32(3, 1), attr(
            4, b"\0" * 16)), errno.EINVAL, "go together"),
        ("a kind without its source address", "ndp-new", nest(UPLINK, eth0, u32(3, 2)),
         errno.EINVAL, "go together"),
        ("a source that is none", "ndp-new", nest(UPLINK, eth0, u32(3, 2), attr(4, b"\xff" * 16)),
         errno.EINVAL, "is no unicast address"),
        ("an uplink that is one", "ndp-new", nest(UPLINK, eth1), errno.EEXIST, "already"),
        ("lo", "ndp-new", nest(UPLINK, u32(1, 1)), errno.EINVAL, "no Ethernet device"),
        ("set no uplink", "ndp-set", b"", errno.EINVAL, "names no uplink"),
        ("set an uplink without an index", "ndp-set", nest(UPLINK, u32(UPLINK_RATE, 5)),
         errno.EINVAL, "has no interface index"),
        ("set one that is none", "ndp-set", nest(UPLINK, eth0, u32(UPLINK_RATE, 5)), errno.ENOENT,
         "is no uplink"),
        ("set nothing of an uplink", "ndp-set", nest(UPLINK, eth1), errno.EINVAL,
         "nothing to change about uplink eth1"),
        ("set an address alone", "ndp-set", nest(UPLINK, eth1, attr(UPLINK_ADDRESS, here)),
         errno.EINVAL, "go together"),
        ("set an address that is not the source", "ndp-set", nest(
            UPLINK, eth1, u32(UPLINK_SOURCE, 0), attr(UPLINK_ADDRESS, here)), errno.EINVAL,
         "go together"),
        ("set no address as the source", "ndp-set", nest(
            UPLINK, eth1, u32(UPLINK_SOURCE, 2), u32(UPLINK_RATE, 5)), errno.EINVAL,
         "go together"),
        ("set the address of many", "ndp-set", nest(
            UPLINK, eth1, u32(UPLINK_SOURCE, 2), attr(UPLINK_ADDRESS, b"\xff\2" + here[2:]),
            u32(UPLINK_RATE, 5)), errno.EINVAL, "is no unicast address"),
        ("delete no uplink", "ndp-del", b"", errno.EINVAL, "names no uplink"),
        ("delete uplink nothing", "ndp-del", nest(UPLINK), errno.EINVAL, "has no interface index"),
        ("delete one that is none", "ndp-del", nest(UPLINK, eth0), errno.ENOENT, "interface eth0 is no uplink"),
        ("get no uplink", "ndp-get", b"", errno.EINVAL, "names no uplink"),
        ("get one that is none", "ndp-get", nest(UPLINK, eth0), errno.ENOENT, "interface eth0 is no uplink"),
    ]


def link_cases(generation):
    """Each request that changes something, of no link, of no such link, and too late."""
    eth1 = u32(1, socket.if_nametoindex("eth1"))
    client, uplink = nest(CLIENT, string(NAME, "one")), nest(UPLINK, eth1)
    good = prefix(PREFIX, "2001:db8:9::", 64)
    bodies = {NEW: nest(CLIENT, string(NAME, "two")),
              SET: nest(CLIENT, string(NAME, "one"), u16(MTU, 1300)), DEL: client, "client-flush": b"",
              "pool-new": nest(POOL, good, u32(KIND, 1), u8(CUT, 96)), "pool-del": nest(POOL, good),
              "ndp-new": uplink, "ndp-del": uplink,
              "ndp-set": nest(UPLINK, eth1, u32(UPLINK_RATE, 5))}
    cases = [("no such link", "link-get", u32(IFINDEX, 12345), errno.ENODEV,
              "interface 12345 is no sitbroker link")]
    for command, body in bodies.items():
        cases += [
            (f"{command} with a stale generation", command, u32(GENERATION, generation + 99) + body,
             errno.ESTALE, f"its generation is {generation}, not {generation + 99}"),
            (f"{command} of no such link", command, u32(IFINDEX, 12345) + body, errno.ENODEV,
             "interface 12345 is no sitbroker link"),
            (f"{command} of another device", command, u32(IFINDEX, 1) + body, errno.ENODEV,
             "interface lo is no sitbroker link")]
    return cases


def main():
    family = Family()
    generation = family.generation()
    for text, command, body, wanted, part in (*client_cases(), *pool_cases(), *uplink_cases(),
                                              *link_cases(generation)):
        error, sentence, _ = family.refusal(COMMANDS.index(command) + 1, body)
        after = family.generation()
        if error not in (wanted if wanted is POLICY else {wanted}):
            print(f"refused: {text}: errno {error}, wanted {wanted}: {sentence}")
        elif not sentence or part not in sentence:
            print(f"refused: {text}: \"{part}\" is not in the sentence: {sentence}")
        elif after != generation:
            print(f"refused: {text}: the generation is {after} and was {generation}")
        else:
            print(f"ok S18: refused: {text}")


if __name__ == "__main__":
    main()
