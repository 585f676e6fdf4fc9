#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""resolver.py ADDRESS[#PORT] KEY=VALUE... : a resolver, honest or not, for the tests.

It knows the root servers, some names that everybody knows, and what it is told:

  name=NAME,ADDRESS[,ADDRESS...]  a name that exists
  turn=NAME,ADDRESS[,ADDRESS...]  one whose addresses take turns, one an answer
  wild=ZONE,ADDRESS               every name below the zone exists
  bogus=ADDRESS[,ADDRESS...]      what it answers for missing names, one after the other;
                                  may be given more than once
  cname=NAME                      its lies stand behind this name
  pointer=ADDRESS,NAME            what an address is called
  only=udp|tcp                    it lies there only
  under=ZONE[,ZONE...]            it lies there only
  text=yes                        it does not deny missing names that are asked for as TXT
  portal=ADDRESS                  what it answers for all names
  drop=udp|tcp                    does not answer there
  race=yes                        sends the honest answer behind the lie
  subnet=NAME,PREFIX,ADDRESS      for who asks on behalf of the network
  cut=NAME                        over UDP its answer is cut short
  refuse=yes                      refuses everything
  later=ADDRESS                   see below; 203.0.113.99

On SIGUSR1 it lies with the "later" address from then on, everywhere.
"""

import ipaddress
import itertools
import signal
import socket
import socketserver
import struct
import sys
import threading

A, NS, CNAME, SOA, PTR, TXT, AAAA, OPT = 1, 2, 5, 6, 12, 16, 28, 41
NOERROR, NXDOMAIN, REFUSED = 0, 3, 5

NAMES = {
    "a.root-servers.net": ["198.41.0.4", "2001:503:ba3e::2:30"],
    "k.root-servers.net": ["193.0.14.129", "2001:7fd::1"],
    "example.com": ["198.18.0.1"],
    "www.example.com": ["198.18.0.1"],
    "example.org": ["198.18.0.10"],
    "example.net": ["198.18.0.11"],
    "www.iana.org": ["198.18.0.2"],
    "www.debian.org": ["198.18.0.3"],
    "deb.debian.org": ["198.18.0.4"],
    "www.wikipedia.org": ["198.18.0.5", "2001:db8:18::5"],
    "www.cloudflare.com": ["198.18.0.6", "2001:db8:18::6"],
    "www.google.com": ["198.18.0.7"],
    "www.microsoft.com": ["198.18.0.8"],
    "www.akamai.com": ["198.18.0.9"],
    "github.io": ["198.18.0.20"],
    "gitlab.io": ["198.18.0.21"],
    "www.python.org": ["198.18.0.22"],
    "aws.amazon.com": ["198.18.0.23"],
    "www.amazon.com": ["198.18.0.24"],
    "azure.microsoft.com": ["198.18.0.25"],
    "ghs.googlehosted.com": ["198.18.0.26"],
    "www.netlify.com": ["198.18.0.27"],
    "vercel.com": ["198.18.0.28"],
    "shops.myshopify.com": ["198.18.0.29"],
    "wordpress.com": ["198.18.0.30"],
    "www.squarespace.com": ["198.18.0.31"],
    "www.wix.com": ["198.18.0.32"],
    "www.heroku.com": ["198.18.0.33"],
    "www.apple.com": ["198.18.0.34"],
    "www.facebook.com": ["198.18.0.35"],
    "com": [], "org": [], "de": [], "net": [], "": [],
}


def below(name, zone):
    return name == zone or name.endswith("." + zone)


def encode(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".") if label) + b"\0"


class Config:
    def __init__(self, words):
        self.names = dict(NAMES)
        self.wild, self.bogus, self.under, self.cut = {}, [], [], set()
        self.turning = {}
        self.pointers = {}
        self.subnets = []
        self.only = self.portal = self.drop = self.cname = None
        self.text = self.race = self.refuse = False
        self.later = "203.0.113.99"
        for word in words:
            key, value = word.split("=", 1)
            values = value.split(",")
            if key == "name":
                self.names[values[0]] = values[1:]
            elif key == "turn":
                self.turning[values[0]] = itertools.cycle(values[1:])
            elif key == "wild":
                self.wild[values[0]] = values[1:]
            elif key == "pointer":
                self.pointers[ipaddress.ip_address(values[0]).reverse_pointer] = values[1]
            elif key == "bogus":
                self.bogus += values
            elif key == "under":
                self.under += values
            elif key == "subnet":
                self.subnets.append((values[0], ipaddress.ip_network(values[1]), values[2]))
            elif key == "cut":
                self.cut.add(value)
            elif key in ("only", "portal", "drop", "cname", "later"):
                setattr(self, key, value)
            elif key in ("text", "race", "refuse"):
                setattr(self, key, True)
            else:
                sys.exit(f"resolver.py: {word}?")
        self.turns = {4: itertools.cycle([a for a in self.bogus if ":" not in a] or [None]),
                      6: itertools.cycle([a for a in self.bogus if ":" in a] or [None])}
        self.lock = threading.Lock()


def family(qtype):
    return {A: 4, AAAA: 6}.get(qtype)


def pick(addresses, qtype):
    return [a for a in addresses if ipaddress.ip_address(a).version == family(qtype)]


def find(config, name, qtype, transport, subnet):
    """The answer: code, addresses, the honest code where it is another one."""
    for known, network, address in config.subnets:
        if known == name and subnet is not None and subnet.version == network.version and \
           subnet.subnet_of(network):
            return NOERROR, pick([address], qtype), NOERROR
    if config.portal:
        return NOERROR, pick([config.portal], qtype), NOERROR
    if name in config.turning:
        return NOERROR, [next(config.turning[name])] if qtype == A else [], NOERROR
    if name in config.names:
        return NOERROR, pick(config.names[name], qtype), NOERROR
    for zone, addresses in config.wild.items():
        if below(name, zone):
            return NOERROR, pick(addresses, qtype), NOERROR
    if any(below(known, name) for known in config.names if known):
        return NOERROR, [], NOERROR
    lies = config.bogus and config.only in (None, transport) and \
        (not config.under or any(below(name, zone) for zone in config.under))
    if lies and family(qtype):
        with config.lock:
            address = next(config.turns[family(qtype)])
        if address:
            return NOERROR, [address], NXDOMAIN
        if config.text:
            return NOERROR, [], NXDOMAIN
    if lies and config.text:
        return NOERROR, [], NXDOMAIN
    return NXDOMAIN, [], NXDOMAIN


def parse(data):
    ident, flags, questions, _, _, extra = struct.unpack_from("!6H", data)
    at, labels = 12, []
    while data[at]:
        labels.append(data[at + 1:at + 1 + data[at]].decode("latin-1").lower())
        at += 1 + data[at]
    qtype, qclass = struct.unpack_from("!2H", data, at + 1)
    question = data[12:at + 5]
    at += 5
    subnet = None
    if extra and data[at] == 0 and struct.unpack_from("!H", data, at + 1)[0] == OPT:
        length = struct.unpack_from("!H", data, at + 9)[0]
        options, at = data[at + 11:at + 11 + length], 0
        while at + 4 <= len(options):
            code, size = struct.unpack_from("!2H", options, at)
            if code == 8:
                kind, source, _ = struct.unpack_from("!HBB", options, at + 4)
                raw = options[at + 8:at + 4 + size].ljust(4 if kind == 1 else 16, b"\0")
                subnet = ipaddress.ip_network((raw, source))
            at += 4 + size
    return ident, question, ".".join(labels), qtype, subnet


def build_pointer(ident, question, name):
    name = encode(name)
    return struct.pack("!6H", ident, 0x8180, 1, 1, 0, 0) + question + \
        b"\xc0\x0c" + struct.pack("!HHIH", PTR, 1, 60, len(name)) + name


def build(ident, question, code, qtype, addresses, truncated=False, cname=None):
    flags = 0x8180 | code | (0x0200 if truncated else 0)
    out = struct.pack("!6H", ident, flags, 1, len(addresses) + bool(cname),
                      0 if addresses else 1, 0) + question
    owner = b"\xc0\x0c"
    if cname:
        alias = encode(cname)
        out += owner + struct.pack("!HHIH", CNAME, 1, 60, len(alias)) + alias
        owner = alias
    for address in addresses:
        packed = ipaddress.ip_address(address).packed
        out += owner + struct.pack("!HHIH", qtype, 1, 60, len(packed)) + packed
    if not addresses:
        soa = encode("ns.test") + encode("root.test") + struct.pack("!5I", 1, 60, 60, 60, 1)
        out += b"\0" + struct.pack("!HHIH", SOA, 1, 1, len(soa)) + soa
    return out


def answers(config, data, transport):
    if config.drop == transport:
        return []
    ident, question, name, qtype, subnet = parse(data)
    if config.refuse:
        return [build(ident, question, REFUSED, qtype, [])]
    if qtype == PTR and name in config.pointers:
        return [build_pointer(ident, question, config.pointers[name])]
    if name in config.cut and transport == "udp":
        return [build(ident, question, NOERROR, qtype, [], True)]
    code, addresses, honest = find(config, name, qtype, transport, subnet)
    cname = config.cname if addresses and honest != code else None
    result = [build(ident, question, code, qtype, addresses, cname=cname)]
    if config.race and addresses and honest != code:
        result.append(build(ident, question, honest, qtype, []))
    return result


def main():
    address, _, port = sys.argv[1].partition("#")
    config = Config(sys.argv[2:])

    class UDP(socketserver.BaseRequestHandler):
        def handle(self):
            data, sock = self.request
            for answer in answers(config, data, "udp"):
                sock.sendto(answer, self.client_address)

    class TCP(socketserver.StreamRequestHandler):
        def handle(self):
            header = self.rfile.read(2)
            if len(header) == 2:
                for answer in answers(config, self.rfile.read(*struct.unpack("!H", header)),
                                      "tcp"):
                    self.wfile.write(struct.pack("!H", len(answer)) + answer)

    signal.signal(signal.SIGUSR1,
                  lambda *_: (config.under.clear(),
                              config.turns.update({4: itertools.cycle([config.later])})))
    where = (address, int(port or 53))
    socketserver.TCPServer.address_family = socket.AF_INET6 if ":" in address else socket.AF_INET
    socketserver.TCPServer.allow_reuse_address = True
    socketserver.TCPServer.request_queue_size = 64
    udp = socketserver.UDPServer(where, UDP)
    if config.drop == "tcp":
        udp.serve_forever()
    tcp = socketserver.ThreadingTCPServer(where, TCP)
    tcp.daemon_threads = True
    threading.Thread(target=tcp.serve_forever, daemon=True).start()
    udp.serve_forever()


main()
