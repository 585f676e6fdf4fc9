#!/usr/bin/python3 -SE
# SPDX-License-Identifier: GPL-2.0
"""Hold back what rules send to queue 0 of a network namespace, as inspecting programs do.

  hold.py

Prints "ready", then "held" for each packet. SIGUSR1 passes on all that were held, SIGUSR2 does as
packets of protocol 253; stays until it is killed, and what is held then is gone.
"""

import signal
import socket
import struct

NETLINK_NETFILTER = 12
QUEUE = 3 << 8
PACKET, VERDICT, CONFIG = QUEUE, QUEUE | 1, QUEUE | 2
BIND = struct.pack("=HHBxH", 8, 1, 1, 0)
# All of each packet.
COPY = struct.pack("=HH", 9, 2) + struct.pack("!IB", 0xffff, 2) + bytes(3)
PAYLOAD = 10
REQUEST, ACK = 1, 4
ACCEPT = 1
HEADER = 1

kernel = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
held = []


def send(kind, attribute, flags=REQUEST):
    kernel.send(struct.pack("=IHHIIBBH", 20 + len(attribute), kind, flags, 0, 0, socket.AF_INET,
                            0, 0) + attribute)


def configure(attribute):
    send(CONFIG, attribute, REQUEST | ACK)
    error, = struct.unpack_from("=i", kernel.recv(65536), 16)
    if error:
        raise OSError(-error, "queue 0")


def attribute_of(message, wanted):
    at = 20
    while True:
        length, kind = struct.unpack_from("=HH", message, at)
        if kind == wanted:
            return message[at + 4:at + length]
        at += length + 3 & ~3


def pass_on(signum, _):
    while held:
        message = held.pop(0)
        # The header begins with the packet's number.
        verdict = struct.pack("=HH", 12, 2) + struct.pack("!I", ACCEPT) \
            + attribute_of(message, HEADER)[:4]
        if signum == signal.SIGUSR2:
            packet = bytearray(attribute_of(message, PAYLOAD))
            packet[9] = 253
            verdict += struct.pack("=HH", 4 + len(packet), PAYLOAD) + packet
        send(VERDICT, verdict + bytes(-len(verdict) % 4))


kernel.bind((0, 0))
configure(BIND)
configure(COPY)
signal.signal(signal.SIGUSR1, pass_on)
signal.signal(signal.SIGUSR2, pass_on)
print("ready", flush=True)
while True:
    message = kernel.recv(65536)
    if struct.unpack_from("=H", message, 4)[0] == PACKET:
        held.append(message)
        print("held", flush=True)
