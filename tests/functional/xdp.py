#!/usr/bin/python3 -SE
# SPDX-License-Identifier: GPL-2.0
"""Drop each packet that arrives on a device, by a program for any device (generic XDP).

  xdp.py DEVICE

Prints "attached", and stays until it is killed. Exit status 2: this kernel cannot.
"""

import ctypes
import signal
import socket
import struct
import sys

from assign import LINK_CREATE, PROG_LOAD, bpf, move

PROG_XDP, ATTACH_XDP, SKB_MODE = 6, 37, 2
XDP_DROP = 1


def main(device):
    text = move(0, XDP_DROP) + struct.pack("<BBhi", 0x95, 0, 0, 0)
    code = ctypes.create_string_buffer(text)
    license = ctypes.create_string_buffer(b"GPL")
    loaded = bpf(PROG_LOAD, struct.pack("=IIQQ", PROG_XDP, len(text) // 8,
                                        ctypes.addressof(code), ctypes.addressof(license)))
    bpf(LINK_CREATE, struct.pack("=IIII", loaded, socket.if_nametoindex(device), ATTACH_XDP,
                                 SKB_MODE))
    print("attached", flush=True)
    signal.pause()


if __name__ == "__main__":
    main(*sys.argv[1:])
