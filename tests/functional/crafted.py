#!/usr/bin/python3 -SE
# SPDX-License-Identifier: GPL-2.0
"""Packets of protocol 41 that scapy makes, from a client's endpoint.

  crafted.py OUTER_SRC OUTER_DST INNER_SRC INNER_DST SERVER
      prints how many echo requests ought to reach INNER_DST
"""

import logging
import sys

sys.path.append("/usr/lib/python3/dist-packages")
logging.getLogger("scapy").setLevel(logging.ERROR)

# pylint: disable=wrong-import-position
from scapy.all import (  # noqa: E402
    ICMPv6EchoRequest, IP, IPOption_NOP, IPOption_RR, IPv6, IPv6ExtHdrDestOpt,
    IPv6ExtHdrFragment, IPv6ExtHdrHopByHop, PadN, Raw, fragment, fragment6, send)


def main(outer_src, outer_dst, src, dst, server):
    outer = IP(src=outer_src, dst=outer_dst, proto=41)
    inner = IPv6(src=src, dst=dst)
    echo = ICMPv6EchoRequest(data=b"x" * 32)
    large = ICMPv6EchoRequest(data=b"x" * 1200)

    proper = [
        outer / inner / echo,
        outer / inner / echo / Raw(b""),
        IP(src=outer_src, dst=outer_dst, proto=41, options=[IPOption_NOP(), IPOption_RR()])
        / inner / echo,
        IP(bytes(outer / inner / echo) + b"padding"),
        outer / inner / IPv6ExtHdrHopByHop(options=[PadN(optdata=b"\0" * 4)]) / echo,
        outer / inner / IPv6ExtHdrDestOpt(options=[PadN(optdata=b"\0" * 4)]) / echo,
    ]
    # The outer packet in pieces, then the inner one, both put together again by who gets them.
    pieces = fragment(outer / inner / large, fragsize=400)
    pieces += [outer / piece for piece in
               fragment6(inner / IPv6ExtHdrFragment() / large, 600)]

    nested = inner / echo
    for _ in range(20):
        nested = IPv6(src=src, dst=server) / nested
    bad = [
        outer / IPv6(src=src, dst=dst, plen=1000) / echo,      # rx-header
        outer / IPv6(src=src, dst=dst, version=5) / echo,      # rx-header
        outer / Raw(bytes(inner / echo)[:39]),                 # tunnel4's own
        outer / Raw(b"\x60"),                                  # tunnel4's own
        outer / nested,                                        # rx-nested
        outer / IPv6(src=src, dst=server) / outer / inner / echo,  # rx-nested
        IP(src=outer_src, dst=outer_dst, proto=41, tos=3) / inner / echo,  # rx-ecn
        outer / IPv6(src=src, dst="ff02::1") / echo,           # rx-multicast
        outer / IPv6(src=src, dst="2002:cb00:7101::1") / echo,  # rx-embedded
    ]
    # A piece that lies over another, and one whose like never comes.
    first, second = fragment(outer / inner / large, fragsize=800)[:2]
    first.id = second.id = 77
    second.frag -= 8
    bad += [first, second]
    send(proper + pieces + bad, verbose=False)
    print(len(proper) + 2)


if __name__ == "__main__":
    main(*sys.argv[1:])
