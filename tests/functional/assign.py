#!/usr/bin/python3 -SE
# SPDX-License-Identifier: GPL-2.0
"""Give each packet that arrives on a device a socket, as programs for transparent proxies do.

  assign.py DEVICE ADDRESS

ADDRESS is one of this host's, for a UDP socket. Prints "assigned", and stays until it is killed.
Exit status 2: this kernel cannot.
"""

import ctypes
import errno
import os
import signal
import socket
import struct
import sys

PORT = 9999
SYS_BPF = 321
PROG_LOAD, LINK_CREATE = 5, 28
SCHED_CLS, TCX_INGRESS = 3, 46
SK_LOOKUP_UDP, SK_RELEASE, SK_ASSIGN = 85, 86, 124

libc = ctypes.CDLL(None, use_errno=True)


def bpf(command, attributes):
    buffer = ctypes.create_string_buffer(attributes, 128)
    fd = libc.syscall(SYS_BPF, command, buffer, len(buffer))
    if fd < 0:
        error = ctypes.get_errno()
        print(os.strerror(error), file=sys.stderr)
        sys.exit(2 if error in (errno.EINVAL, errno.ENOSYS) else 1)
    return fd


def move(to, value):
    return struct.pack("<BBhi", 0xb7, to, 0, value)


def copy(to, register):
    return struct.pack("<BBhi", 0xbf, register << 4 | to, 0, 0)


def call(function):
    return struct.pack("<BBhi", 0x85, 0, 0, function)


def store(offset, data):
    """Four bytes on the stack."""
    return struct.pack("<BBh4s", 0x62, 10, offset, data)


def program(address):
    """bpf_sk_assign(skb, bpf_sk_lookup_udp(0.0.0.0:0, address:PORT))"""
    found = [
        copy(7, 0),
        copy(1, 6), copy(2, 7), move(3, 0), call(SK_ASSIGN),
        copy(1, 7), call(SK_RELEASE),
    ]
    return b"".join([
        copy(6, 1),
        store(-12, bytes(4)), store(-8, socket.inet_aton(address)),
        store(-4, struct.pack("!HH", 0, PORT)),
        copy(2, 10), struct.pack("<BBhi", 0x07, 2, 0, -12),
        move(3, 12), move(4, -1), move(5, 0), call(SK_LOOKUP_UDP),
        struct.pack("<BBhi", 0x15, 0, len(found), 0),
        *found,
        move(0, 0), struct.pack("<BBhi", 0x95, 0, 0, 0),
    ])


def main(device, address):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bound:
        bound.bind((address, PORT))
        code = ctypes.create_string_buffer(program(address))
        text = ctypes.create_string_buffer(b"GPL")
        loaded = bpf(PROG_LOAD, struct.pack("=IIQQ", SCHED_CLS, (len(code) - 1) // 8,
                                            ctypes.addressof(code), ctypes.addressof(text)))
        bpf(LINK_CREATE, struct.pack("=IIII", loaded, socket.if_nametoindex(device),
                                     TCX_INGRESS, 0))
        print("assigned", flush=True)
        signal.pause()


if __name__ == "__main__":
    main(*sys.argv[1:])
