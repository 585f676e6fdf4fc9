#!/usr/bin/python3 -SE
# SPDX-License-Identifier: GPL-2.0
"""Send crafted packets.

  inject.py 6in4 OUTER_SRC OUTER_DST INNER_SRC INNER_DST [hlim=N] [n=N] [raw=HEX]
      protocol 41 around an ICMPv6 echo request, with any source
      nest=N puts the echo request into N IPv6 headers to INNER_DST
  inject.py icmp4 SRC DST TYPE CODE INFO QUOTED_SRC QUOTED_DST INNER_SRC INNER_DST [quote=N]
      an ICMPv4 error that quotes a packet of protocol 41, N bytes behind its
      IPv4 header, from any source; INFO is the MTU where that is what it is about
  inject.py ip6 DEVICE DST_MAC SRC DST [n=N] [size=N]
      ICMPv6 echo requests straight out of an Ethernet device
  inject.py frame DEVICE DST_MAC OUTER_SRC OUTER_DST INNER_SRC INNER_DST
      as 6in4, but straight out of an Ethernet device, with any addresses
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


def echo(src, dst, hlim=64, sequence=1, size=16):
    src = socket.inet_pton(socket.AF_INET6, src)
    dst = socket.inet_pton(socket.AF_INET6, dst)
    body = icmp6(src, dst, struct.pack("!BBHHH", 128, 0, 0, 4711, sequence) + b"x" * size)
    return struct.pack("!IHBB", 6 << 28, len(body), 58, hlim) + src + dst + body


def ipv4(src, dst, protocol, payload):
    return struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 0, 0, 64, protocol, 0,
                       socket.inet_aton(src), socket.inet_aton(dst)) + payload


def send4(packet, dst, number=1):
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as raw:
        for _ in range(number):
            raw.sendto(packet, (dst, 0))


def nest(src, dst, packet, depth):
    src = socket.inet_pton(socket.AF_INET6, src)
    dst = socket.inet_pton(socket.AF_INET6, dst)
    for _ in range(depth):
        packet = struct.pack("!IHBB", 6 << 28, len(packet), 41, 64) + src + dst + packet
    return packet


def error4(kind, code, info, quoted):
    body = struct.pack("!BBHHH", kind, code, 0, 0, info) + quoted
    return body[:2] + struct.pack("!H", checksum(body)) + body[4:]


def ethernet(device, mac, packets, kind=b"\x86\xdd"):
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as link:
        link.bind((device, 0))
        head = bytes.fromhex(mac.replace(":", "")) + link.getsockname()[4] + kind
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
        inner = nest(src, dst, inner, int(options.get("nest", 0)))
        send4(ipv4(outer_src, outer_dst, 41, inner), outer_dst, int(options.get("n", 1)))
    elif kind == "icmp4":
        src, dst, icmp, code, info, quoted_src, quoted_dst, inner_src, inner_dst = args
        quoted = ipv4(quoted_src, quoted_dst, 41, echo(inner_src, inner_dst))
        quoted = quoted[:20 + int(options.get("quote", 999))]
        send4(ipv4(src, dst, 1, error4(int(icmp), int(code), int(info), quoted)), dst)
    elif kind == "ip6":
        device, mac, src, dst = args
        packet = echo(src, dst, size=int(options.get("size", 16)))
        ethernet(device, mac, [packet] * int(options.get("n", 1)))
    elif kind == "frame":
        device, mac, outer_src, outer_dst, src, dst = args
        packet = bytearray(ipv4(outer_src, outer_dst, 41, echo(src, dst)))
        packet[2:4] = struct.pack("!H", len(packet))
        packet[10:12] = struct.pack("!H", checksum(bytes(packet[:20])))
        ethernet(device, mac, [bytes(packet)], b"\x08\x00")
    elif kind == "spread":
        device, mac, src, prefix, number = args
        ethernet(device, mac, (echo(src, f"{prefix}{i >> 16:x}:{i & 0xffff:x}", 64)
                               for i in range(int(number))))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(*sys.argv[1:])
