#!/usr/bin/python3 -SE
# SPDX-License-Identifier: GPL-2.0
"""Ask for an address on Ethernet and print each advertisement as a line of JSON.

  ndp.py DEVICE TARGET [src=ADDRESS] [unicast=MAC] [hlim=N] [code=N] [sum=bad]
         [opt=HEX] [dst=ADDRESS] [n=N] then=TARGET

What is announced unasked is not printed. The answer to a DAD probe (src=::) looks like that.

"then" is a second, proper question: what came before its answer is the answer
to the first one, or there was none. Without it, wait for one answer.
"""

import json
import select
import socket
import struct
import sys
import time

from inject import icmp6

DEADLINE = 30


def solicited_node(target):
    return bytes.fromhex("ff0200000000000000000001ff") + target[13:]


def question(link, target, options):
    mac = link.getsockname()[4]
    target = socket.inet_pton(socket.AF_INET6, target)
    src = socket.inet_pton(socket.AF_INET6, options.get("src", "fe80::a:b:c:d"))
    if "unicast" in options:
        to = bytes.fromhex(options["unicast"].replace(":", ""))
        dst = target
    else:
        to = b"\x33\x33\xff" + target[13:]
        dst = solicited_node(target)
    if "dst" in options:
        dst = socket.inet_pton(socket.AF_INET6, options["dst"])
    body = struct.pack("!BBHI", 135, int(options.get("code", 0)), 0, 0) + target
    if "opt" in options:
        body += bytes.fromhex(options["opt"])
    elif any(src):
        body += b"\x01\x01" + mac
    body = icmp6(src, dst, body)
    if options.get("sum") == "bad":
        body = body[:2] + bytes((body[2] ^ 1, body[3])) + body[4:]
    head = struct.pack("!IHBB", 6 << 28, len(body), 58, int(options.get("hlim", 255)))
    link.send(to + mac + b"\x86\xdd" + head + src + dst + body)


def answers(link, asked, until, is_probe):
    """Advertisements for the target `asked`, until one for the target `until`.

    Those that say to be answers, but for those to a DAD probe for `asked`.
    """
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        if not select.select([link], [], [], 0.5)[0]:
            continue
        frame = link.recv(2000)
        if len(frame) < 78 or frame[12:14] != b"\x86\xdd" or frame[20] != 58 or frame[54] != 136:
            continue
        target = socket.inet_ntop(socket.AF_INET6, frame[62:78])
        if target not in (asked, until):
            continue
        flags = frame[58]
        if not flags & 0x40 and not (is_probe and target == asked):
            continue
        yield {
            "target": target,
            "from": socket.inet_ntop(socket.AF_INET6, frame[22:38]),
            "to": socket.inet_ntop(socket.AF_INET6, frame[38:54]),
            "to_mac": frame[0:6].hex(":"),
            "mac": frame[6:12].hex(":"),
            "hlim": frame[21],
            "router": flags >> 7,
            "solicited": flags >> 6 & 1,
            "override": flags >> 5 & 1,
            "tlla": frame[80:86].hex(":") if frame[78:80] == b"\x02\x01" else None,
        }
        if target == until:
            return
    sys.exit("no answer")


def main(device, target, *args):
    options = dict(arg.split("=", 1) for arg in args)
    then = options.pop("then", None)
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x86dd)) as link:
        link.bind((device, 0x86dd))
        # All-nodes and what is for the asker: nothing else answers here.
        for _ in range(int(options.get("n", 1))):
            question(link, target, options)
        if then:
            question(link, then, {})
        for answer in answers(link, target, then or target, options.get("src") == "::"):
            if not then or answer["target"] != then:
                print(json.dumps(answer))


if __name__ == "__main__":
    main(*sys.argv[1:])
