#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Let every allocation of a request fail once, in a kernel with fault injection.

  failing.py module FILE    load a module, which must not be loaded
  failing.py requests       change and read the tables of link broker0, uplink eth1

Each request is repeated with its first allocation failing, then its second, and
so on until none is left to fail. A failed one must have changed nothing. Prints
"ok TEXT" or "TEXT: what happened", a line each.
"""

import ctypes
import errno
import os
import socket
import struct
import sys

from filter import Filters, a, command as a_command, ranges
from malformed import (CLIENT, CUT, ENDPOINT, IFINDEX, KIND, MTU, NAME, POOL, PREFIX, UPLINK, Family,
                       attr, nest, prefix, string, u8, u16, u32)

LIMIT = 2000
COMMANDS = {"link-get": 1, "pool-new": 2, "pool-del": 3, "client-new": 7, "client-set": 8,
            "client-del": 9, "client-get": 11, "ndp-new": 15, "ndp-del": 16, "ndp-get": 17,
            "sample-get": 20}
DUMP = 0x301


class Failing:
    """The next allocations of this thread: all but one succeed."""

    def __init__(self):
        self.file = os.open("/proc/thread-self/fail-nth", os.O_RDWR)

    def run(self, number, call):
        """(error number or 0, was there an allocation to fail?)"""
        os.pwrite(self.file, b"%d" % number, 0)
        try:
            error = call()
        except OSError as e:
            error = e.errno
        left = int(os.pread(self.file, 16, 0).strip(b"\0\n") or 0)
        if left:
            os.pwrite(self.file, b"0", 0)
        return error, not left


class Request:
    """A netlink request on a socket of its own, made beforehand."""

    def __init__(self, family, command, body, flags=5, protocol=16):
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol)
        self.socket.settimeout(5)
        if protocol == 16:
            body = struct.pack("BBH", command, 1, 0) + body
            command = family
        self.message = struct.pack("IHHII", 16 + len(body), command, flags, 1, 0) + body
        self.dump = flags & 0x300 == 0x300

    def __call__(self):
        self.socket.send(self.message)
        while True:
            reply = self.socket.recv(65536)
            kind = struct.unpack_from("H", reply, 4)[0]
            if kind == 2:
                return -struct.unpack_from("i", reply, 16)[0]
            at = 0
            while self.dump and at < len(reply):
                length, kind = struct.unpack_from("IH", reply, at)
                if kind in (2, 3):
                    return -struct.unpack_from("i", reply, at + 16)[0] if kind == 2 else 0
                at += (length + 3) & ~3


def interface(kind, name, *attributes, flags=0):
    body = struct.pack("BxHiII", 0, 0, 0, 0, 0) + string(3, name)
    return Request(0, kind, body + b"".join(attributes), 5 | flags, protocol=0)


def generation(family, index):
    reply = family.ask(family.id, COMMANDS["link-get"], u32(IFINDEX, index))
    family.socket.recv(65536)
    return struct.unpack_from("I", Family.find(reply[20:], 2))[0]


def sweep(text, make, undo, changed):
    """Fail each allocation of make(); a failed one must leave changed() false."""
    failing = Failing()
    failures = 0
    for number in range(1, LIMIT):
        error, injected = failing.run(number, make())
        if error:
            failures += 1
        if changed():
            undo()
        elif not error:
            print(f"{text}: allocation {number}: no error, but nothing was done")
            return
        if error and not injected:
            print(f"{text}: refused without a failed allocation: {os.strerror(error)}")
            return
        if not injected:
            if failures:
                print(f"ok S22: {text}: {number - 1} allocations, {failures} of them refused")
            else:
                print(f"{text}: none of {number - 1} failed allocations mattered")
            return
    print(f"{text}: no end after {LIMIT} allocations")


def sweep_reads(text, make):
    failing = Failing()
    for number in range(1, LIMIT):
        error, injected = failing.run(number, make())
        if not injected:
            print(f"{text}: {os.strerror(error)}" if error else
                  f"ok S22: {text}: {number - 1} allocations")
            return
    print(f"{text}: no end after {LIMIT} allocations")


class Load:
    """A whole load of a list on one socket; one of its requests is the one that fails."""

    def __init__(self, name, *texts, begin=(), chunk=()):
        self.family = Filters()
        self.name, self.begin, self.parts = name, begin, chunk
        self.v4, self.v6 = ranges(*texts)

    def __call__(self):
        error, _, load = self.family.begin(self.name, *self.begin, n4=len(self.v4) // 8,
                                           n6=len(self.v6) // 32)
        if not error:
            error = self.family.chunk(load, attr(a("CHUNK_RANGES4"), self.v4),
                                      attr(a("CHUNK_RANGES6"), self.v6), *self.parts)[0]
        return error or self.family.commit(load)[0]


def filters(family):
    """Loads, attachments and dumps of filter lists."""
    watch = Filters()
    name = string(a("FILTER_NAME"), "failing")
    labelled = dict(
        begin=(u32(a("LOAD_LABELS"), 2), u32(a("LOAD_STRINGS"), 4)),
        chunk=(attr(a("CHUNK_STRINGS"), b"a\0b\0"),
               attr(a("CHUNK_LABELS4"), struct.pack("II", 0, 1)),
               attr(a("CHUNK_LABELS6"), struct.pack("II", 1, 0))))
    texts = ("10.0.0.0/8", "11.0.0.0/8", "2001:db8:7::/48", "2001:db8:9::5")
    known = [watch.get("failing", "GENERATION"), watch.memory()]

    def changed():
        now = watch.get("failing", "GENERATION")
        different = now != known[0]
        if not different and watch.memory() != known[1]:
            print(f"filter: a refused load keeps {watch.memory() - known[1]} bytes")
        known[:] = [now, watch.memory()]
        return different

    def delete():
        error = watch.send("DEL", nest(a("FILTER"), name))[0]
        if error:
            sys.exit(f"filter list: cannot be deleted: {os.strerror(error)}")
        changed()

    sweep("load of a new filter list", lambda: Load("failing", *texts, **labelled), delete,
          changed)
    Load("failing", *texts, **labelled)()
    changed()
    sweep("load of a filter list that is there", lambda: Load("failing", *texts, **labelled),
          lambda: None, changed)

    def place(scope, device=None):
        index = u32(a("ATTACHMENT_IFINDEX"), socket.if_nametoindex(device)) if device else b""
        return nest(a("FILTER"), name, nest(a("FILTER_ATTACHMENT"),
                                            u32(a("ATTACHMENT_SCOPE"), scope), index))

    def attached():
        reply = watch.send("GET", nest(a("FILTER"), name))[2]
        return Family.find(Family.find(reply[20:], a("FILTER")), a("FILTER_ATTACHMENT")) is not None

    def request(what, body, flags=5):
        return lambda: Request(family, a_command(what), body, flags)

    for text, body in (("a link", place(1)), ("a device", place(2, "eth1"))):
        sweep(f"attach to {text}", request("ATTACH", body),
              lambda body=body: request("DETACH", body)()(), attached)
    # Without a list that stays, nothing has to be allocated to detach one.
    Load("staying", "198.51.100.0/24")()
    other = body.replace(name, string(a("FILTER_NAME"), "staying"))
    request("ATTACH", place(2, "eth1").replace(name, string(a("FILTER_NAME"), "staying")))()()
    request("ATTACH", body)()()
    sweep("detach from a device", request("DETACH", body),
          lambda: request("ATTACH", body)()(), lambda: not attached())
    request("DETACH", body)()()
    request("DETACH", other)()()
    sweep_reads("filter get", request("GET", nest(a("FILTER"), name)))
    for what in ("GET", "RANGE_GET", "LABEL_GET", "TEST"):
        text = {"GET": b"", "TEST": attr(a("ADDRESS"), bytes(4))}.get(what, nest(a("FILTER"), name))
        sweep_reads(f"dump of filter {what.lower()}", request(what, text, DUMP))
    request("DEL", nest(a("FILTER"), name))()()
    request("DEL", nest(a("FILTER"), string(a("FILTER_NAME"), "staying")))()()
    left = watch.memory()
    print("ok S22: filter lists: all memory is given back" if not left else
          f"filter lists: {left} bytes are left")


def requests():
    family = Family()
    index = socket.if_nametoindex("broker0")
    uplink = socket.if_nametoindex("eth1")

    def request(command, body, flags=5):
        return lambda: Request(family.id, COMMANDS[command], u32(IFINDEX, index) + body, flags)

    def changes(text, command, body, undo_command, undo_body):
        known = [generation(family, index)]

        def changed():
            now = generation(family, index)
            different = now != known[0]
            known[0] = now
            return different

        def undo():
            error = Request(family.id, COMMANDS[undo_command], u32(IFINDEX, index) + undo_body)()
            if error:
                sys.exit(f"{text}: cannot be undone: {os.strerror(error)}")
            known[0] = generation(family, index)

        sweep(text, request(command, body), undo, changed)

    pool = prefix(PREFIX, "2001:db8:77::", 48)
    changes("pool add", "pool-new", nest(POOL, pool, u32(KIND, 1), u8(CUT, 64)),
            "pool-del", nest(POOL, pool))
    one = nest(CLIENT, string(NAME, "f1"), attr(ENDPOINT, socket.inet_aton("203.0.113.101")))
    changes("client add", "client-new", one, "client-del", nest(CLIENT, string(NAME, "f1")))
    names = [nest(CLIENT, string(NAME, f"f{i}")) for i in range(20)]
    changes("20 clients at once", "client-new", b"".join(
        nest(CLIENT, string(NAME, f"f{i}"), attr(ENDPOINT, bytes((10, 0, 0, i))))
        for i in range(20)), "client-del", b"".join(names))
    changes("client set", "client-set",
            nest(CLIENT, string(NAME, "one"), attr(ENDPOINT, socket.inet_aton("203.0.113.55")),
                 u16(MTU, 1300)),
            "client-set",
            nest(CLIENT, string(NAME, "one"), attr(ENDPOINT, socket.inet_aton("203.0.113.11")),
                 u16(MTU, 0)))
    changes("ndp del and add", "ndp-del", nest(UPLINK, u32(1, uplink)), "ndp-new",
            nest(UPLINK, u32(1, uplink)))
    Request(family.id, COMMANDS["ndp-del"], u32(IFINDEX, index) + nest(UPLINK, u32(1, uplink)))()
    changes("ndp add", "ndp-new", nest(UPLINK, u32(1, uplink)), "ndp-del",
            nest(UPLINK, u32(1, uplink)))
    Request(family.id, COMMANDS["ndp-new"], u32(IFINDEX, index) + nest(UPLINK, u32(1, uplink)))()

    sweep_reads("client get", request("client-get", nest(CLIENT, string(NAME, "one"))))
    for what in ("client-get", "ndp-get", "sample-get"):
        sweep_reads(f"dump of {what}", request(what, b"", DUMP))
    sweep_reads("dump of link-get",
                lambda: Request(family.id, COMMANDS["link-get"], b"", DUMP))

    filters(family.id)

    info = nest(18, string(1, "sitbroker"), nest(2, attr(1, socket.inet_aton("203.0.113.77"))))
    sweep("link add", lambda: interface(16, "failing", info, flags=0x600),
          lambda: interface(17, "failing")(),
          lambda: "failing" in (name for _, name in socket.if_nameindex()))


def symbol(name):
    """(begin, end) of a function of the kernel"""
    with open("/proc/kallsyms", encoding="ascii") as file:
        addresses = [(int(line.split()[0], 16), line.split()[2]) for line in file]
    addresses.sort()
    begin = next(address for address, each in addresses if each == name)
    return begin, next(address for address, _ in addresses if address > begin)


def control(name, value):
    for what in ("failslab", "fail_page_alloc"):
        with open(f"/sys/kernel/debug/{what}/{name}", "w", encoding="ascii") as file:
            file.write(str(value))


def module(path):
    libc = ctypes.CDLL(None, use_errno=True)
    file = os.open(path, os.O_RDONLY)

    def load():
        if libc.syscall(313, file, b"", 0):     # finit_module
            return ctypes.get_errno()
        return 0

    def unload():
        if libc.syscall(176, b"sitbroker", os.O_NONBLOCK):  # delete_module
            sys.exit(f"module: cannot be unloaded: {os.strerror(ctypes.get_errno())}")

    # What the loader asks for is not ours, and it complains with a trace when refused: only what
    # is asked for in a namespace fails.
    begin, end = symbol("ops_init")
    control("require-start", begin)
    control("require-end", end)
    sweep("module load", lambda: load, unload, lambda: os.path.exists("/sys/module/sitbroker"))


def main(what, *args):
    control("ignore-gfp-wait", "N")
    control("verbose", 0)
    control("stacktrace-depth", 32)
    # A debugging aid that says so when it has no memory.
    begin, end = symbol("ref_tracker_alloc")
    control("reject-start", begin)
    control("reject-end", end)
    try:
        {"module": module, "requests": requests}[what](*args)
    finally:
        control("require-start", 0)
        control("require-end", 2 ** 64 - 1)


if __name__ == "__main__":
    main(*sys.argv[1:])
