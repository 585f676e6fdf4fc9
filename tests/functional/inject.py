#!/usr/bin/python3 -SE
# SPDX-License-Identifier: GPL-2.0
"""Send crafted packets.

  inject.py 6in4 OUTER_SRC OUTER_DST INNER_SRC INNER_DST [KEY=VALUE...]
      protocol 41 around an ICMPv6 echo request, with any source
      hlim=N n=N size=N raw=HEX
      udp=PORT a UDP datagram instead, class=N its traffic class, pad=N so many bytes behind it
      nest=N puts the echo request into N IPv6 headers to INNER_DST
      chain=60,60 puts extension headers of these kinds behind the first IPv6 header
      options6=HEX puts hop-by-hop options behind the IPv6 header, which says that nothing follows it
      cut=N makes two IPv6 fragments, cut N bytes behind the first IPv6 header
      pieces=N makes two IPv4 fragments, cut N bytes behind the IPv4 header
      options=HEX are the IPv4 header's, tos=N its TOS
      then=OUTER_SRC,INNER_SRC,INNER_DST,SIZE sends an echo request of that size at once
      rounds=N does all that again
  inject.py icmp4 SRC DST TYPE CODE INFO QUOTED_SRC QUOTED_DST INNER_SRC INNER_DST [quote=N]
      an ICMPv4 error that quotes a packet of protocol 41, N bytes behind its
      IPv4 header, from any source; INFO is the MTU where that is what it is about
      echo=1 quotes an ICMPv4 echo reply instead; df=1 quotes a packet with DF
  inject.py ip6 DEVICE DST_MAC SRC DST [KEY=VALUE...]
      ICMPv6 echo requests straight out of an Ethernet device, with any source
      hlim=N n=N raw=HEX udp=PORT class=N pad=N as 6in4
      via=ADDR puts them into an IPv6 header to that address
  inject.py frame DEVICE DST_MAC OUTER_SRC OUTER_DST INNER_SRC INNER_DST [options=HEX] [tos=N]
      as 6in4, but straight out of an Ethernet device, with any addresses
      disguise=1 moves the inner header into the outer one's options
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


def datagram(src, dst, port, options):
    """UDP in IPv6, and what is behind it in the same frame."""
    src = socket.inet_pton(socket.AF_INET6, src)
    dst = socket.inet_pton(socket.AF_INET6, dst)
    size = int(options.get("size", 16))
    body = struct.pack("!HHHH", 4711, port, 8 + size, 0) + b"x" * size
    value = checksum(src + dst + struct.pack("!IxxxB", len(body), 17) + body) or 0xffff
    body = body[:6] + struct.pack("!H", value) + body[8:]
    return (struct.pack("!IHBB", 6 << 28 | int(options.get("class", 0)) << 20, len(body), 17,
                        int(options.get("hlim", 64))) + src + dst + body +
            bytes(int(options.get("pad", 0))))


def ipv4(src, dst, protocol, payload, options=b"", fragment=0, tos=0):
    length = 20 + len(options)
    head = struct.pack("!BBHHHBBH4s4s", 0x40 + length // 4, tos, length + len(payload),
                       4711 if fragment else 0, fragment, 64, protocol, 0,
                       socket.inet_aton(src), socket.inet_aton(dst)) + options
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def ipv4_pieces(src, dst, protocol, payload, at):
    """Two fragments."""
    return [ipv4(src, dst, protocol, payload[:at], fragment=0x2000),
            ipv4(src, dst, protocol, payload[at:], fragment=at // 8)]


def send4(packets, dst):
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as raw:
        for packet in packets:
            raw.sendto(packet, (dst, 0))


def nest(src, dst, packet, depth):
    src = socket.inet_pton(socket.AF_INET6, src)
    dst = socket.inet_pton(socket.AF_INET6, dst)
    for _ in range(depth):
        packet = struct.pack("!IHBB", 6 << 28, len(packet), 41, 64) + src + dst + packet
    return packet


def chain(packet, kinds):
    """Extension headers behind the IPv6 header, of eight bytes of padding each."""
    following, headers = packet[6], b""
    for kind in reversed(kinds):
        headers = struct.pack("!BBBB4x", following, 0, 1, 4) + headers
        following = kind
    length = len(packet) - 40 + len(headers)
    return packet[:4] + struct.pack("!HB", length, following) + packet[7:40] + headers + packet[40:]


def cut(packet, at):
    """Two IPv6 fragments."""
    def piece(data, where):
        head = packet[:4] + struct.pack("!HB", 8 + len(data), 44) + packet[7:40]
        return head + struct.pack("!BxHI", packet[6], where, 4711) + data
    return [piece(packet[40:40 + at], 1), piece(packet[40 + at:], at)]


def ipv6(src, dst, options):
    if "raw" in options:
        return bytes.fromhex(options["raw"])
    if "udp" in options:
        return datagram(src, dst, int(options["udp"]), options)
    return echo(src, dst, int(options.get("hlim", 64)), size=int(options.get("size", 16)))


def six_in_four(outer_src, outer_dst, src, dst, options):
    """The outer packets."""
    inner = ipv6(src, dst, options)
    inner = nest(src, dst, inner, int(options.get("nest", 0)))
    if "chain" in options:
        inner = chain(inner, [int(kind) for kind in options["chain"].split(",")])
    if "options6" in options:
        inner = (inner[:4] + struct.pack("!HB", 0, 0) + inner[7:40] +
                 bytes.fromhex(options["options6"]) + inner[40:])
    if "pieces" in options:
        return ipv4_pieces(outer_src, outer_dst, 41, inner, int(options["pieces"]))
    inner = cut(inner, int(options["cut"])) if "cut" in options else [inner]
    outer = bytes.fromhex(options.get("options", ""))
    return [ipv4(outer_src, outer_dst, 41, packet, outer, tos=int(options.get("tos", 0)))
            for packet in inner]


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
        packets = six_in_four(outer_src, outer_dst, src, dst, options)
        packets = [packet for packet in packets for _ in range(int(options.get("n", 1)))]
        if "then" in options:
            outer_src, src, dst, size = options["then"].split(",")
            packets.append(ipv4(outer_src, outer_dst, 41, echo(src, dst, size=int(size))))
        send4(packets * int(options.get("rounds", 1)), outer_dst)
    elif kind == "icmp4":
        src, dst, icmp, code, info, quoted_src, quoted_dst, inner_src, inner_dst = args
        quoted = ipv4(quoted_src, quoted_dst, 41, echo(inner_src, inner_dst))
        if "echo" in options:
            quoted = ipv4(quoted_src, quoted_dst, 1, bytes((0, 0)) + bytes(14))
        if "df" in options:     # the checksum of what is quoted is not looked at
            quoted = quoted[:6] + b"\x40" + quoted[7:]
        quoted = quoted[:20 + int(options.get("quote", 999))]
        send4([ipv4(src, dst, 1, error4(int(icmp), int(code), int(info), quoted))], dst)
    elif kind == "ip6":
        device, mac, src, dst = args
        packet = ipv6(src, dst, options)
        if "via" in options:
            packet = nest(src, options["via"], packet, 1)
        ethernet(device, mac, [packet] * int(options.get("n", 1)))
    elif kind == "frame":
        device, mac, outer_src, outer_dst, src, dst = args
        inner, outer = echo(src, dst), bytes.fromhex(options.get("options", ""))
        if "disguise" in options:
            outer, inner = inner[:40], inner[40:]
        packet = ipv4(outer_src, outer_dst, 41, inner, outer, tos=int(options.get("tos", 0)))
        ethernet(device, mac, [packet], b"\x08\x00")
    elif kind == "spread":
        device, mac, src, prefix, number = args
        ethernet(device, mac, (echo(src, f"{prefix}{i >> 16:x}:{i & 0xffff:x}", 64)
                               for i in range(int(number))))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(*sys.argv[1:])
