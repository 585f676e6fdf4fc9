#!/usr/bin/python3 -SE
# SPDX-License-Identifier: GPL-2.0
"""Send a large packet of which only the beginning is in the linear part of its buffer.

  pieces.py 6in4 DEVICE MAC LINEAR OUTER_SRC OUTER_DST INNER_SRC INNER_DST
      protocol 41 around an ICMPv6 echo request
  pieces.py icmp4 DEVICE MAC LINEAR SRC DST QUOTED_SRC QUOTED_DST INNER_SRC INNER_DST
      an ICMPv4 error, host unreachable, that quotes all of such a packet
  pieces.py ip6 DEVICE MAC LINEAR SRC DST
      an ICMPv6 echo request
  pieces.py ns DEVICE MAC LINEAR SRC TARGET
      a neighbour solicitation, with options that mean nothing
  pieces.py hear DEVICE
      hear what arrives there, and read nothing of it; prints "hears"

LINEAR is the number of bytes behind the Ethernet header. The rest comes in pages, since the packet
is larger than one; the devices on the way must carry it.
"""

import signal
import socket
import struct
import sys

from inject import echo, error4, icmp6, ipv4

SIZE = 4200     # of what an echo request carries; more than a page
SOL_PACKET = 263
PACKET_VNET_HDR = 15
SO_RCVBUFFORCE = 33


def send(device, mac, linear, packet):
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as link:
        link.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
        link.bind((device, 0))
        kind = b"\x86\xdd" if packet[0] >> 4 == 6 else b"\x08\x00"
        frame = bytes.fromhex(mac.replace(":", "")) + link.getsockname()[4] + kind + packet
        # flags, gso_type, hdr_len, gso_size, csum_start, csum_offset
        link.send(struct.pack("BBHHHH", 0, 0, 14 + int(linear), 0, 0, 0) + frame)


def solicitation(src, target):
    src = socket.inet_pton(socket.AF_INET6, src)
    target = socket.inet_pton(socket.AF_INET6, target)
    dst = bytes.fromhex("ff0200000000000000000001ff") + target[13:]
    option = b"\xfd\xff" + bytes(255 * 8 - 2)
    body = icmp6(src, dst, struct.pack("!BBHI", 135, 0, 0, 0) + target + option * 2)
    return struct.pack("!IHBB", 6 << 28, len(body), 58, 255) + src + dst + body


def hear(device):
    link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    link.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 24)
    link.bind((device, 3))
    print("hears", flush=True)
    signal.pause()


def main(kind, device, *args):
    if kind == "hear":
        hear(device)
    mac, linear, *addresses = args
    if kind == "6in4":
        outer_src, outer_dst, src, dst = addresses
        packet = ipv4(outer_src, outer_dst, 41, echo(src, dst, size=SIZE))
    elif kind == "icmp4":
        src, dst, quoted_src, quoted_dst, inner_src, inner_dst = addresses
        quoted = ipv4(quoted_src, quoted_dst, 41, echo(inner_src, inner_dst, size=SIZE))
        packet = ipv4(src, dst, 1, error4(3, 1, 0, quoted))
    elif kind == "ip6":
        packet = echo(*addresses, size=SIZE)
    elif kind == "ns":
        packet = solicitation(*addresses)
    else:
        sys.exit(__doc__)
    send(device, mac, linear, packet)


if __name__ == "__main__":
    main(*sys.argv[1:])
