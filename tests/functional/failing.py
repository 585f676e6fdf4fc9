#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Let the module's allocations fail, in a kernel with fault injection.

  failing.py module FILE    load a module, which must not be loaded
  failing.py requests       change and read the tables of link broker0, uplink eth1
  failing.py at FILE:FUNCTION… -- COMMAND…
                            while a command runs, refuse what such a line of a source file asks for
  failing.py excused        has every place that no request reaches been refused that way?

Where memory is asked for is read from the sources, and the addresses of those lines from the
module's debugging information. For each request and each of these places, first everything that
is asked for below the place is refused, then one allocation after the other. The kernel's own
allocations, of which there are more in one run than in the next, do not count. A refused request
must have changed nothing, and each place must have been refused in some request. Prints "ok TEXT"
or "TEXT: what happened", a line each.
"""

import contextlib
import ctypes
import errno
import glob
import os
import re
import socket
import struct
import subprocess
import sys
import time

from filter import Filters, a, command as a_command, ranges
from malformed import (CLIENT, CUT, ENDPOINT, IFINDEX, KIND, MTU, NAME, PAIR, POOL, PREFIX, ROUTED,
                       UPLINK, UPLINK_RATE, Family, attr, nest, prefix, string, u8, u16, u32)

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), "../.."))
LIMIT = 2000
EVERYTHING = 2 ** 64 - 1
FAILS = ("failslab", "fail_page_alloc")
COMMANDS = {"link-get": 1, "pool-new": 2, "pool-del": 3, "client-new": 7, "client-set": 8,
            "client-del": 9, "client-get": 11, "ndp-new": 15, "ndp-del": 16, "ndp-get": 17,
            "sample-get": 20, "ndp-set": 38}
DUMP = 0x301

ALLOCATES = re.compile(
    r"\b(sb_array_alloc|k[mz]alloc(_array)?|kmemdup|kcalloc|kv[mzc]alloc(_array)?|kmem_cache_(zalloc|alloc(_bulk)?)|alloc_pages_exact|"
    r"alloc_skb|skb_clone|skb_copy|nlmsg_new|xa_alloc|"
    r"ip6_dst_alloc|rt_dst_alloc|register_netdevice|nf_register_net_hook|skb_cow_head|iptunnel_pull_header|pskb_may_pull|pskb_inet_may_pull|"
    r"ip_route_output_flow|ipv6_dev_mc_inc)\(")
# What the compiler puts into each line, which asks for nothing.
WATCHES = re.compile(r"__(k?asan|ubsan)_|warn_slowpath_fmt$|skb_might_realloc$")
# These cannot be made to fail: per-cpu memory has no fault injection, and comes out of chunks
# that the kernel has at hand.
PER_CPU = re.compile(r"\b(netdev_alloc_pcpu_stats|alloc_percpu_gfp)\(")
# This asks where memory came from, not for any.
ASKS_ABOUT = re.compile(r"\bskb_pfmemalloc\(")
# Packets and workers ask for these; see test_failing_places. A sentence is asked for only where
# something is refused; hits are kept only where there are any.
NO_REQUEST = {"extack.c:kmalloc", "fault.c:kzalloc", "filter.c:kvcalloc", "group.c:ipv6_dev_mc_inc",
              "group.c:kmalloc_array", "icmp.c:pskb_may_pull", "icmp.c:skb_clone",
              "ndp.c:alloc_skb", "ndp.c:pskb_may_pull", "nud.c:alloc_skb",
              "outer-hook.c:pskb_may_pull", "receive.c:iptunnel_pull_header",
              "transmit.c:ip_route_output_flow", "transmit.c:pskb_inet_may_pull",
              "transmit.c:skb_cow_head"}
# Where "at" writes which places it has refused, a line each.
REFUSED = "/run/failing-places"


class Place:
    """A line of the sources that asks for memory."""

    def __init__(self, file, line, text):
        self.name = f"{file}:{line}"
        self.file = file
        self.text = text
        self.what = ALLOCATES.search(text)[1]
        self.addresses = []     # of returns from calls, as they are found on the stack
        self.refused = False

    def by_request(self):
        return f"{self.file}:{self.what}" not in NO_REQUEST


def places_in_sources():
    found, lines, ours = {}, [], set()
    for path in sorted(glob.glob(f"{TOP}/kmod/*.c")):
        file = os.path.basename(path)
        with open(path, encoding="utf-8") as source:
            for number, text in enumerate(source, 1):
                code = ASKS_ABOUT.sub("", text.split("/*")[0])
                if re.match(r"\s*\*|\w.*\)$|\w.*,$", code):
                    # A function of these sources asks for memory in lines of its own.
                    ours.update(re.findall(r"^\w.*\b(\w*alloc\w*)\(", code))
                elif not PER_CPU.search(code):
                    lines.append((file, number, code))
    for file, number, code in lines:
        asked = re.findall(r"\b(?!\w*(?:dealloc|free))(\w*alloc\w*)\(", code)
        if ALLOCATES.search(code):
            found[file, number] = Place(file, number, code.strip())
        elif not ours.issuperset(asked):
            print(f"{file}:{number}: what is asked for here is not known: {code.strip()}")
    return found


def places():
    """Those of the module that is loaded, with their addresses."""
    def output(*command, **kwargs):
        return subprocess.run(command, check=True, capture_output=True, text=True, **kwargs).stdout

    file = output("modinfo", "-n", "sitbroker").strip()
    with open("/sys/module/sitbroker/sections/.text", encoding="ascii") as section:
        text = int(section.read(), 16)
    returns, after_call, callee = [], False, ""
    for line in output("objdump", "-dr", "-j", ".text", "--no-show-raw-insn", file).splitlines():
        match = re.match(r"\s+[0-9a-f]+: R_\w+\s+(\w*)", line)
        if match:
            callee = match[1]
            continue
        match = re.match(r"\s+([0-9a-f]+):\s+(\w+)", line)
        if match:
            if after_call and not WATCHES.match(callee):
                returns.append(int(match[1], 16))
            after_call = match[2].startswith("call")
    found = places_in_sources()
    # Of functions that were put into others, the innermost of ours.
    address, known = None, set()
    for line in output("addr2line", "-a", "-i", "-j", ".text", "-e", file,
                       input="\n".join(hex(each - 1) for each in returns)).splitlines():
        match = re.search(r"/kmod/([^:/]+\.c):(\d+)", line)
        if line.startswith("0x"):
            address = int(line, 16) + 1
        elif match and address not in known:
            known.add(address)
            place = found.get((match[1], int(match[2])))
            if place:
                place.addresses.append(text + address)
    for place in found.values():
        if not place.addresses:
            print(f"{place.name}: not found in the module: {place.text}")
    return list(found.values())


def symbol(name):
    """(begin, end) of a function of the kernel"""
    with open("/proc/kallsyms", encoding="ascii") as file:
        addresses = [(int(line.split()[0], 16), line.split()[2]) for line in file]
    addresses.sort()
    begin = next(address for address, each in addresses if each == name)
    return begin, next(address for address, _ in addresses if address > begin)


def control(name, value, where=FAILS):
    for what in where:
        with open(f"/sys/kernel/debug/{what}/{name}", "w", encoding="ascii") as file:
            file.write(str(value))


def below(begin, end):
    """Only what is asked for below these return addresses may fail."""
    # Growing a packet's buffer is counted with them, though nothing of it fails here.
    every = [what for what in (*FAILS, "fail_skb_realloc")
             if os.path.exists(f"/sys/kernel/debug/{what}")]
    control("stacktrace-depth", 32, every)
    control("require-start", begin, every)
    control("require-end", end, every)


@contextlib.contextmanager
def refusing(everybody=False):
    """Refuse all that may fail; gives a list of one number, at the end how many were refused."""
    refused = [0]
    control("times", 1000000)
    control("task-filter", "N" if everybody else "Y")
    with open("/proc/thread-self/make-it-fail", "w", encoding="ascii") as file:
        file.write("1")
    control("probability", 100)
    try:
        yield refused
    finally:
        control("probability", 0)
        for what in FAILS:
            with open(f"/sys/kernel/debug/{what}/times", encoding="ascii") as file:
                refused[0] += 1000000 - int(file.read())


class Nth:
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


# What the kernel says, with a trace, about memory that it was not given.
EXPECTED = re.compile(r"__kmem_cache_create_args\(sb_client\) failed with error -(12|22)$|"
                      r"vmalloc error: size \d+|page allocation failure: order:")
# Without a trace: kmemleak looks at all of an object where it has no memory to remember a part.
HARMLESS = "kmemleak: Cannot allocate a scan area, scanning the full object"


@contextlib.contextmanager
def quiet():
    """Keep what is expected out of the console, and hand on all the rest."""
    def write(path, text):
        with open(path, "w", encoding="ascii") as file:
            file.write(text)

    log = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
    os.lseek(log, 0, os.SEEK_END)
    write("/sys/module/printk/parameters/ignore_loglevel", "N")
    write("/proc/sys/kernel/printk", "1")
    try:
        yield
    finally:
        write("/proc/sys/kernel/printk", "7")
        write("/sys/module/printk/parameters/ignore_loglevel", "Y")
        said, traces = [], 0
        while True:
            try:
                record = os.read(log, 8192).decode(errors="replace")
            except BlockingIOError:
                break
            except BrokenPipeError:
                print("the kernel said too much to be looked at")
                continue
            said += record.split(";", 1)[1].splitlines()
        for line in said:
            if line == HARMLESS:
                continue
            traces += bool(EXPECTED.search(line))
            if line.startswith("Call Trace:") and traces:
                traces -= 1
                continue
            write("/dev/kmsg", f"<6>{line[:900]}\n")
        os.close(log)


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


def listen(family):
    """Somebody hears of changes, so that memory is asked for to tell of them."""
    reply = family.ask(16, 3, string(2, "sitbroker"))
    family.socket.recv(65536)
    groups = Family.find(reply[20:], 7)
    listener = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
    listener.setsockopt(270, 1, struct.unpack("I", Family.find(groups[4:], 2))[0])
    return listener


class Sweep:
    """Fail a request in each place; a failed one must leave changed() false."""

    def __init__(self, text, make, undo=None, changed=None, needs=True):
        self.text = text
        self.needs = needs      # some of the memory
        self.make = make
        self.undo = undo
        self.changed = changed
        self.failing = Nth()
        self.allocations = self.refusals = 0
        self.ok = True

    def complain(self, where, what):
        print(f"{self.text}: {where}: {what}")
        self.ok = False

    def settle(self, where, error, injected):
        """After a request: undo what it did; True unless there is something wrong with it."""
        if error and not injected:
            self.complain(where, f"refused without a failed allocation: {os.strerror(error)}")
        elif self.changed:
            changed = self.changed()
            if changed:
                self.undo()
            if changed and error:
                self.complain(where, f"{os.strerror(error)}, but something was done")
            elif not changed and not error:
                self.complain(where, "no error, but nothing was done")
        self.refusals += bool(error)
        return self.ok

    def each(self, where, begin, end):
        """All that is asked for between two addresses, then one after the other; how many."""
        below(begin, end)
        call = self.make()
        with refusing() as refused:
            try:
                error = call()
            except OSError as e:
                error = e.errno
        if not self.settle(f"{where}: all", error, refused[0]) or not refused[0]:
            return 0
        for number in range(1, LIMIT):
            error, injected = self.failing.run(number, self.make())
            if not self.settle(f"{where}: allocation {number}", error, injected):
                return number
            if not injected:
                self.allocations += number - 1
                return number - 1
        self.complain(where, f"no end after {LIMIT} allocations")
        return LIMIT

    def places(self, all_places):
        reached = []
        with quiet():
            for place in all_places:
                before = self.refusals
                number = sum(self.each(place.name, address, address + 1)
                             for address in place.addresses if self.ok)
                if number:
                    place.refused = True
                    reached.append(f"{place.name} {place.what} {number}"
                                   f"{'' if self.refusals > before else ' (made do without)'}")
        below(0, EVERYTHING)
        if not reached:
            self.complain("nowhere", "no allocation was failed")
        elif self.needs != bool(self.refusals):
            self.complain("everywhere", "none of the failed allocations mattered" if self.needs
                          else "was refused for want of memory that it can do without")
        if self.ok:
            print(f"ok S22: {self.text}: {self.allocations} allocations in {len(reached)} places, "
                  f"{self.refusals} times refused")
        for each in reached:
            print(f"# {each}")


class Begin:
    """The beginning of a load, which is given up."""

    def __init__(self, name, n4):
        self.family = Filters()
        self.name, self.n4 = name, n4

    def __call__(self):
        error, _, load = self.family.begin(self.name, n4=self.n4)
        if not error:
            self.family.send("ABORT", nest(a("LOAD"), u32(a("LOAD_ID"), load)))
        return error


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


def filters(family, where):
    """Loads, attachments and reads of filter lists."""
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

    Sweep("load of a new filter list", lambda: Load("failing", *texts, **labelled), delete,
          changed).places(where)
    Load("failing", *texts, **labelled)()
    changed()
    Sweep("load of a filter list that is there", lambda: Load("failing", *texts, **labelled),
          lambda: None, changed).places(where)

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
        Sweep(f"attach to {text}", request("ATTACH", body),
              lambda body=body: request("DETACH", body)()(), attached).places(where)
    # Without a list that stays, nothing has to be allocated to detach one.
    Load("staying", "198.51.100.0/24")()
    other = body.replace(name, string(a("FILTER_NAME"), "staying"))
    request("ATTACH", place(2, "eth1").replace(name, string(a("FILTER_NAME"), "staying")))()()
    request("ATTACH", body)()()
    Sweep("detach from a device", request("DETACH", body),
          lambda: request("ATTACH", body)()(), lambda: not attached()).places(where)
    request("DETACH", body)()()
    request("DETACH", other)()()
    Sweep("load of a large filter list", lambda: Begin("large", 40000)).places(where)
    Sweep("filter memory", request("MEMORY_GET", b"")).places(where)
    Sweep("filter get", request("GET", nest(a("FILTER"), name))).places(where)
    Sweep("dump of filter ranges", request("RANGE_GET", nest(a("FILTER"), name), DUMP)).places(where)
    request("DEL", nest(a("FILTER"), name))()()
    request("DEL", nest(a("FILTER"), string(a("FILTER_NAME"), "staying")))()()
    left = watch.memory()
    print("ok S22: filter lists: all memory is given back" if not left else
          f"filter lists: {left} bytes are left")


def requests():
    family = Family()
    index = socket.if_nametoindex("broker0")
    uplink = socket.if_nametoindex("eth1")
    where = places()
    listener = listen(family)

    def request(command, body, flags=5):
        return lambda: Request(family.id, COMMANDS[command], u32(IFINDEX, index) + body, flags)

    def changes(text, command, body, undo_command, undo_body, needs=True):
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

        Sweep(text, request(command, body), undo, changed, needs).places(where)

    def client(name, *what):
        return nest(CLIENT, string(NAME, name), *what)

    def endpoint(address):
        return attr(ENDPOINT, socket.inet_aton(address))

    pool = prefix(PREFIX, "2001:db8:77::", 48)
    changes("pool add", "pool-new", nest(POOL, pool, u32(KIND, 1), u8(CUT, 64)),
            "pool-del", nest(POOL, pool))
    # The first of a fresh pool asks for the pages that its place and its bit are in, or the table where
    # it is far.
    fresh = nest(POOL, prefix(PREFIX, "2001:db8:78::", 48), u32(KIND, 1), u8(CUT, 80))
    fresh_pool = nest(POOL, prefix(PREFIX, "2001:db8:78::", 48))

    def renew(*first):
        for command, body in (*first, ("pool-del", fresh_pool), ("pool-new", fresh)):
            error = Request(family.id, COMMANDS[command], u32(IFINDEX, index) + body)()
            if error:
                sys.exit(f"the first client of a pool: {command}: {os.strerror(error)}")

    def is_there():
        if not Request(family.id, COMMANDS["client-get"], u32(IFINDEX, index) + client("f1"))():
            return True
        renew()
        return False

    Request(family.id, COMMANDS["pool-new"], u32(IFINDEX, index) + fresh)()
    Sweep("the first client of a pool", request("client-new", client(
        "f1", endpoint("203.0.113.101"), prefix(ROUTED, "2001:db8:78:1::", 80),
        prefix(ROUTED, "2001:db8:78:8000::", 80))),
          lambda: renew(("client-del", client("f1"))), is_there).places(where)
    Request(family.id, COMMANDS["pool-del"], u32(IFINDEX, index) + fresh_pool)()

    # Ids are kept in nodes of 64: the next one needs a new node.
    crowd = range(62)
    Request(family.id, COMMANDS["client-new"], u32(IFINDEX, index) +
            b"".join(client(f"crowd{i}") for i in crowd))()
    changes("client add", "client-new", client("f1", endpoint("203.0.113.101")),
            "client-del", client("f1"))
    Request(family.id, COMMANDS["client-del"], u32(IFINDEX, index) +
            b"".join(client(f"crowd{i}") for i in crowd))()
    changes("client add, far away", "client-new", client(
        "f1", attr(PAIR, socket.inet_pton(socket.AF_INET6, "2001:db8:1:0:8000:0:8000:0"))),
            "client-del", client("f1"))
    changes("client add, two prefixes", "client-new", client(
        "f1", prefix(ROUTED, "2001:db8:1:0:9000::7:0", 112),
        prefix(ROUTED, "2001:db8:1:0:9000::9:0", 112)), "client-del", client("f1"))
    changes("20 clients at once", "client-new", b"".join(
        client(f"f{i}", attr(ENDPOINT, bytes((10, 0, 0, i)))) for i in range(20)),
            "client-del", b"".join(client(f"f{i}") for i in range(20)))
    changes("client set", "client-set", client("one", endpoint("203.0.113.55"), u16(MTU, 1300)),
            "client-set", client("one", endpoint("203.0.113.11"), u16(MTU, 0)))
    changes("client del", "client-del", client("one"),
            "client-new", client("one", endpoint("203.0.113.11")))
    up = nest(UPLINK, u32(1, uplink))
    changes("ndp del", "ndp-del", up, "ndp-new", up, needs=False)
    Request(family.id, COMMANDS["ndp-del"], u32(IFINDEX, index) + up)()
    changes("ndp add", "ndp-new", up, "ndp-del", up)
    Request(family.id, COMMANDS["ndp-new"], u32(IFINDEX, index) + up)()
    changes("ndp set", "ndp-set", nest(UPLINK, u32(1, uplink), u32(UPLINK_RATE, 7)),
            "ndp-set", nest(UPLINK, u32(1, uplink), u32(UPLINK_RATE, 1000)))

    Sweep("client get", request("client-get", client("one"))).places(where)

    filters(family.id, where)

    info = nest(18, string(1, "sitbroker"), nest(2, attr(1, socket.inet_aton("203.0.113.77"))))

    def exists():
        return "failing" in (name for _, name in socket.if_nameindex())

    def add():
        return interface(16, "failing", info, flags=0x600)

    Sweep("link add", add, lambda: interface(17, "failing")(), exists).places(where)
    listener.close()
    # The hooks come with the first link of a namespace.
    if ctypes.CDLL(None).unshare(0x40000000):
        sys.exit("no new network namespace")
    Sweep("first link of a namespace", add, lambda: interface(17, "failing")(),
          exists).places([place for place in where if place.what == "nf_register_net_hook"])
    for place in where:
        if place.by_request() and not place.refused:
            print(f"{place.name}: never failed: {place.text}")
    number = sum(place.refused for place in where)
    print(f"ok S22: {number} places of the sources ask for memory in requests, all were failed"
          if all(place.refused or not place.by_request() for place in where) else
          f"S22: only {number} places were failed")


def module(path):
    # Only what it needs is loaded by now.
    libc = ctypes.CDLL(None, use_errno=True)
    file = os.open(path, os.O_RDONLY)

    def load():
        if libc.syscall(313, file, b"", 0):     # finit_module
            return ctypes.get_errno()
        return 0

    def unload():
        if libc.syscall(176, b"sitbroker", os.O_NONBLOCK):  # delete_module
            sys.exit(f"module: cannot be unloaded: {os.strerror(ctypes.get_errno())}")

    def loaded():
        there = os.path.exists("/sys/module/sitbroker")
        if not there and os.path.exists("/sys/kernel/slab/sb_client"):
            sys.exit("module: a failed load has left its cache behind")
        return there

    # Which step of main.c asks is known by the function of the kernel that the step calls. The
    # family can do without some; the other steps ask for nothing: test_failing_module has them refused
    # otherwise.
    for text, function, needs in (("the cache", "__kmem_cache_create_args", True),
                                  ("namespaces", "register_pernet_subsys", True),
                                  ("the family", "genl_register_family", False)):
        sweep = Sweep(f"module load: {text}", lambda: load, unload, loaded)
        with quiet():
            sweep.each(function, *symbol(function))
        if sweep.ok and not sweep.allocations:
            sweep.complain(function, "asked for nothing")
        if sweep.ok and needs and not sweep.refusals:
            sweep.complain(function, "was never refused")
        if sweep.ok:
            print(f"ok S22: {sweep.text}: {sweep.allocations} allocations, {sweep.refusals} "
                  "times refused")


def given(everybody_refused):
    """How many were refused so far."""
    total = 0
    for what in FAILS:
        with open(f"/sys/kernel/debug/{what}/times", encoding="ascii") as file:
            total += everybody_refused - int(file.read())
    return total


def at(*args):
    split = args.index("--")
    wanted, command = args[:split], args[split + 1:]
    for place in places():
        if f"{place.file}:{place.what}" not in wanted:
            continue
        if not place.addresses:
            continue
        below(min(place.addresses), max(place.addresses) + 1)
        with refusing(everybody=True) as refused:
            subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
            # Workers come later.
            end = time.monotonic() + 10
            while not given(1000000) and time.monotonic() < end:
                time.sleep(0.05)
        print(f"ok S22: {place.name} {place.what}: {refused[0]} times refused" if refused[0] else
              f"{place.name}: {place.what}: was never asked for memory")
        if refused[0]:
            with open(REFUSED, "a", encoding="ascii") as file:
                print(place.name, file=file)


def excused():
    with open(REFUSED, encoding="ascii") as file:
        refused = set(file.read().split())
    found = [place for place in places_in_sources().values() if not place.by_request()]
    missed = [place for place in found if place.name not in refused]
    for place in missed:
        print(f"{place.name}: no request reaches it, and nothing else refused it: {place.text}")
    for name in sorted(NO_REQUEST - {f"{place.file}:{place.what}" for place in found}):
        print(f"{name}: there is no such place")
    if not missed:
        print(f"ok S22: {len(found)} places of the sources ask for memory elsewhere, all were refused")


def main(what, *args):
    sys.stdout.reconfigure(line_buffering=True)
    control("ignore-gfp-wait", "N")
    control("ignore-gfp-highmem", "N", ["fail_page_alloc"])
    control("min-order", 0, ["fail_page_alloc"])
    control("verbose", 0)
    # A debugging aid that says so when it has no memory.
    begin, end = symbol("ref_tracker_alloc")
    control("reject-start", begin)
    control("reject-end", end)
    try:
        {"module": module, "requests": requests, "at": at, "excused": excused}[what](*args)
    finally:
        below(0, EVERYTHING)


if __name__ == "__main__":
    main(*sys.argv[1:])
