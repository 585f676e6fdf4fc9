# SPDX-License-Identifier: GPL-2.0
"""Servers to measure: a network namespace for each, so that none runs another's code.

     gen ── veth ── server ── sink
"""

import ctypes
import ipaddress
import json
import os
import socket
import subprocess

from frames import GEN_MAC, SERVER_MAC, ETHERNET, IPV4, IPV6, Field, Frame, ethernet, ipv4, ipv6
from measure import once, sh
from packets import Case, blast

LOCAL = "203.0.113.1"
OUTSIDE = "2001:db8:f00d::2"
SITES = "3fff:7::2"             # in the first /48 of a /32
PARTS = "3fff:8::2"             # likewise; a part of another of its /48s has a route of its own
POOL = "2001:db8:100::"
ENDPOINT = "10.16.0.1"          # the first client's
CLIENT = POOL + "3"             # likewise; ::/127 is given to nobody unasked
SIXRD = "3fff:6::/32"
LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000       # linux/sched.h


def enter(namespace):
    if LIBC.setns(namespace, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


def compare(server, packet, wanted):
    if packet != wanted:
        raise RuntimeError(f"{server.name}: {packet.hex()} came out instead of {wanted.hex()}")


def endpoint(number):
    return ipaddress.ip_address(ENDPOINT) + number


def pair(number):
    return f"{ipaddress.ip_address(POOL) + 2 + 2 * number}/127"


class Server:
    """A namespace with a generator in front and a sink behind it."""

    number = 0

    def __init__(self, name, counted="sink"):
        Server.number += 1
        self.name, self.gen, self.counted = name, f"g{Server.number}", counted
        self.first = 0
        sh(f"""set -e
               ip netns add {name}
               ip link add {self.gen} address {GEN_MAC} type veth peer name eth0 \
                       netns {name} address {SERVER_MAC}
               sysctl -qw net.ipv6.conf.{self.gen}.disable_ipv6=1
               ip link set {self.gen} up""")
        self.run("""ip link set lo up
                    sysctl -qw net.ipv6.conf.all.forwarding=1 \
                            net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 \
                            net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.eth0.accept_dad=0 \
                            net.ipv6.conf.default.addr_gen_mode=1 net.ipv4.ip_early_demux=0
                    ip link add sink type dummy
                    ip link set sink up
                    ip link set eth0 up
                    ip addr add 203.0.113.1/24 dev eth0
                    ip addr add 2001:db8:1::1/64 dev eth0
                    ip addr add 192.0.2.254/24 dev sink
                    ip neigh add 192.0.2.1 lladdr 02:00:00:00:00:03 dev sink
                    ip route add 10.0.0.0/8 via 192.0.2.1 dev sink
                    ip addr add 2001:db8:beef::fe/64 dev sink
                    ip neigh add 2001:db8:beef::1 lladdr 02:00:00:00:00:03 dev sink
                    ip route add 2001:db8:f00d::/48 via 2001:db8:beef::1 dev sink
                    ip route add 3fff:7::/32 via 2001:db8:beef::1 dev sink
                    ip route add 3fff:8::/32 via 2001:db8:beef::1 dev sink
                    ip route add 3fff:8:ffff:8000::/49 via 2001:db8:beef::1 dev sink""")

    def run(self, commands, stdin=None):
        """Run shell commands inside. Return: what they print."""
        return sh(f"ip netns exec {self.name} sh -e", commands) if stdin is None else \
            sh(f"ip netns exec {self.name} {commands}", stdin)

    def spawn(self, words):
        """Run a program inside, with nothing in front of it that takes time to start.

        Return: what it prints.
        """
        home = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        there = os.open(f"/run/netns/{self.name}", os.O_RDONLY | os.O_CLOEXEC)
        output = os.memfd_create("output")
        enter(there)
        try:
            pid = os.posix_spawnp(words[0], words, os.environ, file_actions=[
                (os.POSIX_SPAWN_DUP2, output, 1), (os.POSIX_SPAWN_DUP2, output, 2)])
        finally:
            enter(home)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        printed = os.pread(output, os.fstat(output).st_size, 0).decode()
        for descriptor in home, there, output:
            os.close(descriptor)
        if status:
            raise RuntimeError(f"{self.name}: {' '.join(words)}: {printed}")
        return printed

    def out(self):
        """Packets that came out: of the sink, or back to the generator."""
        if self.counted == "gen":
            path = f"/sys/class/net/{self.gen}/statistics/rx_packets"
            with open(path, encoding="ascii") as file:
                return int(file.read())
        return json.loads(sh(f"ip -n {self.name} -s -j link show {self.counted}")
                          )[0]["stats64"]["tx"]["packets"]

    def send(self, frame, count=1, number=None):
        """Send some, the first one with a number; without one go on where the last ones ended."""
        blast([f"{self.gen} {count} {frame.words(self.first if number is None else number)}"])
        self.first += count

    def case(self, frame, expect=True, check=None):
        return Case(self, frame, expect, check=check)

    def floor(self, frame):
        """A case: what the generator and the wire cost, with the same frames."""
        return self.case(frame.ignored(), expect=False)

    def sample(self, frame, number=0):
        """Send one frame of many. Return: the packet that comes out."""
        with subprocess.Popen(
                ["ip", "netns", "exec", self.name, "timeout", "20", "tcpdump", "-i", "sink", "-c",
                 "1", "-w", "-", "-U", "-Q", "out", "udp or proto 41 or proto 47"],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE) as reader:
            reader.stderr.readline()                # it listens
            self.send(frame, number=number)
            packet = reader.communicate()[0][40:]
        return packet[ETHERNET:]

    def answer(self, frame, number=0):
        """Send one frame of many. Return: the advertisement that comes back, none sent unasked."""
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0003)) as wire:
            wire.bind((self.gen, 0x0003))
            wire.settimeout(5)
            self.send(frame, number=number)
            while True:
                packet, address = wire.recvfrom(2048)
                if address[2] != socket.PACKET_OUTGOING and packet[ETHERNET + IPV6] == 136 \
                        and packet[ETHERNET + IPV6 + 4] & 0x40:
                    return packet

    def hook_local_in(self):
        """An INPUT chain without rules, as most servers have one with some."""
        self.run("""nft add table ip bench
                    nft 'add chain ip bench input { type filter hook input priority 0; }'""")
        return self

    def hook_forward(self):
        """Likewise in FORWARD."""
        self.run("""nft add table ip6 bench
                    nft 'add chain ip6 bench forward { type filter hook forward priority 0; }'""")

    def steer(self):
        """A routing rule of IPv4, about somebody else: since then the stack looks for the route of
        each packet, and by rules."""
        self.run("ip rule add from 198.51.100.0/24 lookup 100")
        return self

    def listen(self):
        """Somebody listens to protocol 41, if for another address: what keeps packets to the
        kernel's tunnel handlers."""
        self.run("""python3 -c 'import signal, socket
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, 41)
raw.bind(("127.0.0.1", 0))
signal.pause()' >/dev/null 2>&1 &
                    until grep -q :0029 /proc/net/raw; do sleep 0.1; done""")
        return self


# Frames: of many clients to the world, from the world to many clients.

def scattered(inner, destinations, sites, parts):
    """One destination, or many, of one site or each of another. inner: where the packet begins."""
    if max(sites, parts) > 1:
        return (Field(inner + 28, 1 << 16, max(sites, parts), inner + IPV6 + 6),)
    return () if destinations == 1 else (Field(inner + 36, 1, destinations, inner + IPV6 + 6),)


def outside(sites, parts):
    """The first destination: sites are of a network that has one route, or of one that has two."""
    return SITES if sites > 1 else PARTS if parts > 1 else OUTSIDE


def tunnelled(clients=1, destinations=1, sites=1, parts=1, tos=0):
    """What clients send: protocol 41 around UDP. One client's can go to many."""
    data = ethernet(0x800, ipv4(ENDPOINT, LOCAL, ipv6(CLIENT, outside(sites, parts)),
                               tos=tos))
    inner = ETHERNET + IPV4
    if clients == 1:
        return Frame(data, scattered(inner, destinations, sites, parts))
    return Frame(data, (
        Field(ETHERNET + 12, 1, clients, ETHERNET + 10),
        Field(inner + 20, 2, clients, inner + IPV6 + 6)))


def tunnelled_6rd(clients=1):
    """Likewise with the client's IPv4 address in its IPv6 address (RFC 5969)."""
    source = ipaddress.ip_network(SIXRD)[(int(ipaddress.ip_address(ENDPOINT)) << 64) + 1]
    data = ethernet(0x800, ipv4(ENDPOINT, LOCAL, ipv6(str(source), OUTSIDE)))
    inner = ETHERNET + IPV4
    return Frame(data, () if clients == 1 else (
        Field(ETHERNET + 12, 1, clients, ETHERNET + 10),
        Field(inner + 12, 1, clients, inner + IPV6 + 6)))


def plain(destinations=1, sites=1, parts=1):
    return Frame(ethernet(0x86dd, ipv6(CLIENT, outside(sites, parts))),
                 scattered(ETHERNET, destinations, sites, parts))


def downward(clients=1):
    """What the world sends to clients."""
    data = ethernet(0x86dd, ipv6(OUTSIDE, CLIENT))
    return Frame(data, () if clients == 1 else (
        Field(ETHERNET + 36, 2, clients, ETHERNET + IPV6 + 6),))


# A peer goes on for so long towards a size that it does not reach.
MORE_S = 10


# Ours and its peers, by the number of clients; made when they are first needed.

@once
def broker(clients=1, kind="broker"):
    """Ours. A kind of its own for who wants another one."""
    server = Server(f"{kind}-{clients}")
    server.run(f"""brokertool link add broker0 local {LOCAL}
                   brokertool pool add {POOL}/64 pair""")
    server.run("brokertool -batch -", "".join(
        f"client add c{i} endpoint {endpoint(i)} pair {pair(i)} routed none\n"
        for i in range(clients)))
    return server


@once
def sit(clients=1, kind="sit"):
    """A device, and a route via a gateway, for each client."""
    server = Server(f"{kind}-{clients}")
    server.run("ip -batch -", "".join(map(sit_client, range(clients))))
    return server


def sit_client(i):
    return f"tunnel add t{i} mode sit remote {endpoint(i)} local {LOCAL} ttl 64\n" \
           f"link set t{i} up\n" \
           f"route add {pair(i)} via fe80::1 dev t{i}\n"


def sit_gets_to(server, clients, size):
    """How far it gets with more of them in a while, on its way to a size; raises if it is there."""
    server.run(f"sh -c 'timeout {MORE_S} ip -batch - || :'",
               "".join(map(sit_client, range(clients, size))))
    reached = int(server.run("ls /sys/class/net | grep -c '^t[0-9]'"))
    if reached >= size:
        raise RuntimeError(f"{server.name}: {size} are not too many for it")
    return f"{MORE_S} s more got it to {reached} of {size}"


@once
def sit_6rd():
    """A device for any number of clients, whose addresses hold their endpoints."""
    server = Server("sit-6rd")
    server.run(f"""ip tunnel add rd0 mode sit local {LOCAL} ttl 64
                   ip tunnel 6rd dev rd0 6rd-prefix {SIXRD}
                   ip link set rd0 up""")
    return server


@once
def gre(clients=1):
    """A device for any number of clients, and a route that says where for each."""
    server = Server(f"gre-{clients}")
    server.run(f"""ip link add gre1 type gre external
                   ip link set gre1 up
                   requests bulk encaps gre1 {clients}""")
    return server


@once
def limit(counted="sink", clients=0, handler=0, asks=0, looks_up=0, bitmap=0, word=0):
    """No server: the least that a packet can cost in our places (limit/limit.c). One at a time."""
    server = Server("-".join(map(str, ("limit", counted, clients, handler, asks, looks_up, bitmap,
                                       word))), counted)
    server.run(f"""rmmod sitbroker_limit 2>/dev/null || :
                   ip link add tunnel type dummy
                   ip link set tunnel up
                   modprobe sitbroker_limit device=tunnel clients={clients} \
                           endpoint={ENDPOINT} handler={handler} asks={asks} looks_up={looks_up} \
                           bitmap={bitmap} word={word}""")
    return server


@once
def limit_encap(clients=0):
    """Likewise for what goes out, to the first client where none is told apart."""
    server = Server(f"limit-encap-{clients}")
    server.run(f"""rmmod sitbroker_limit 2>/dev/null || :
                   modprobe sitbroker_limit local={LOCAL} endpoint={ENDPOINT} clients={clients}
                   ip link set limit0 up
                   ip route add {POOL}/64 via fe80::1 dev limit0""")
    return server


@once
def router():
    """Plain forwarding."""
    return Server("router")
