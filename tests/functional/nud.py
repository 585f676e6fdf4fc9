#!/usr/bin/python3 -SE
# SPDX-License-Identifier: GPL-2.0
"""Send an ICMPv6 message inside the tunnel and print each advertisement that comes back.

  nud.py OUTER_SRC OUTER_DST SRC TARGET OWN GATEWAY
         [type=N] [hlim=N] [dst=ADDRESS] [opt=HEX]

A neighbour solicitation for TARGET, or with type=N another message. Behind it
goes an echo request from OWN to GATEWAY: what came before its reply is the
answer, or there was none.
"""

import json
import socket
import struct
import sys
import time

from inject import echo, icmp6, ipv4, send4

DEADLINE = 30


def message(src, target, options):
    src = socket.inet_pton(socket.AF_INET6, src)
    target = socket.inet_pton(socket.AF_INET6, target)
    dst = bytes.fromhex("ff0200000000000000000001ff") + target[13:]
    if "dst" in options:
        dst = socket.inet_pton(socket.AF_INET6, options["dst"])
    body = struct.pack("!BBHI", int(options.get("type", 135)), 0, 0, 0) + target
    body = icmp6(src, dst, body + bytes.fromhex(options.get("opt", "")))
    head = struct.pack("!IHBB", 6 << 28, len(body), 58, int(options.get("hlim", 255)))
    return head + src + dst + body


def main(outer_src, outer_dst, src, target, own, gateway, *args):
    options = dict(arg.split("=", 1) for arg in args)
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, 41) as raw:
        raw.settimeout(0.5)
        send4([ipv4(outer_src, outer_dst, 41, message(src, target, options)),
               ipv4(outer_src, outer_dst, 41, echo(own, gateway))], outer_dst)
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            try:
                packet = raw.recv(2000)[20:]
            except TimeoutError:
                continue
            kind = packet[40]
            if packet[6] == 58 and kind == 129:
                return
            if packet[6] == 58 and kind == 136:
                print(json.dumps({
                    "from": socket.inet_ntop(socket.AF_INET6, packet[8:24]),
                    "to": socket.inet_ntop(socket.AF_INET6, packet[24:40]),
                    "hlim": packet[7],
                    "flags": packet[44] >> 5,
                    "target": socket.inet_ntop(socket.AF_INET6, packet[48:64]),
                    "options": packet[64:].hex(),
                }))
            elif packet[6] == 58:
                print(json.dumps({"type": kind}))
    sys.exit("no echo reply")


if __name__ == "__main__":
    main(*sys.argv[1:])
