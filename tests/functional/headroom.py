#!/usr/bin/python3 -SE
# SPDX-License-Identifier: GPL-2.0
"""Print how much room a device wants in front of packets; nothing where the kernel does not say.

  headroom.py DEVICE
"""

import socket
import struct
import sys

RTM_GETLINK = 18
IFLA_HEADROOM = 68      # since 6.15


def main(device):
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as route:
        body = struct.pack("BxHiII", 0, 0, socket.if_nametoindex(device), 0, 0)
        route.send(struct.pack("IHHII", 16 + len(body), RTM_GETLINK, 1, 1, 0) + body)
        reply = route.recv(65536)
    at = 32
    while at + 4 <= len(reply):
        length, kind = struct.unpack_from("HH", reply, at)
        if kind == IFLA_HEADROOM:
            print(struct.unpack_from("H", reply, at + 4)[0])
        at += max(4, (length + 3) & ~3)


if __name__ == "__main__":
    main(*sys.argv[1:])
