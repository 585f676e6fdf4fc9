#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Send crafted packets.

  inject.py 6in4 OUTER_SRC OUTER_DST INNER_SRC INNER_DST [hlim=N] [n=N] [raw=HEX]
      protocol 41 around an ICMPv6 echo request, with any source
  inject.py ip6 DEVICE DST_MAC SRC DST
      an ICMPv6 echo request straight out of an Ethernet device
  inject.py spread DEVICE DST_MAC SRC PREFIX N
      N of them to different addresses in PREFIX::/64
"""

import socket
import struct
import sys


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def icmp6(src, dst, body):
    pseudo = src + dst + struct.pack("!IxxxB", len(body), 58)
    value = checksum(pseudo + body)
    return body[:2] + struct.pack("!H", value) + body[4:]


def echo(src, dst, hlim=64, sequence=1):
    src = socket.inet_pton(socket.AF_INET6, src)
    dst = socket.inet_pton(socket.AF_INET6, dst)
    body = icmp6(src, dst, struct.pack("!BBHHH", 128, 0, 0, 4711, sequence) + b"x" * 16)
    return struct.pack("!IHBB", 6 << 28, len(body), 58, hlim) + src + dst + body


def ethernet(device, mac, packets):
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as link:
        link.bind((device, 0))
        head = bytes.fromhex(mac.replace(":", "")) + link.getsockname()[4] + b"\x86\xdd"
        for packet in packets:
            link.send(head + packet)


def main(kind, *args):
    options = dict(arg.split("=") for arg in args if "=" in arg)
    args = [arg for arg in args if "=" not in arg]
    if kind == "6in4":
        outer_src, outer_dst, src, dst = args
        inner = echo(src, dst, int(options.get("hlim", 64)))
        if "raw" in options:
            inner = bytes.fromhex(options["raw"])
        packet = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(inner), 0, 0, 64, 41, 0,
                             socket.inet_aton(outer_src), socket.inet_aton(outer_dst)) + inner
        with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as raw:
            for _ in range(int(options.get("n", 1))):
                raw.sendto(packet, (outer_dst, 0))
    elif kind == "ip6":
        device, mac, src, dst = args
        ethernet(device, mac, [echo(src, dst)])
    elif kind == "spread":
        device, mac, src, prefix, number = args
        ethernet(device, mac, (echo(src, f"{prefix}{i >> 16:x}:{i & 0xffff:x}", 64)
                               for i in range(int(number))))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(*sys.argv[1:])
