# SPDX-License-Identifier: GPL-2.0
"""Frames for the generator: one, or many that differ in a few words."""

import dataclasses
import socket
import struct

GEN_MAC, SERVER_MAC = "02:00:00:00:00:01", "02:00:00:00:00:02"
ETHERNET, IPV4, IPV6 = 14, 20, 40


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


@dataclasses.dataclass
class Field:
    """Step times a number below many is added to the 32-bit word at offset, see blast.c."""
    offset: int
    step: int
    many: int
    checksum: int = 0

    def __str__(self):
        return f"{self.offset}:{self.step}:{self.many}:{self.checksum}"

    def apply(self, data, number):
        old = data[self.offset:self.offset + 4]
        new = struct.pack("!I", struct.unpack("!I", old)[0] + self.step * (number % self.many))
        data[self.offset:self.offset + 4] = new
        if self.checksum:
            at = slice(self.checksum, self.checksum + 2)
            inverted = bytes(255 - byte for byte in old)
            before = struct.pack("!H", 0xffff - struct.unpack("!H", data[at])[0])
            data[at] = struct.pack("!H", checksum(before + inverted + new))


@dataclasses.dataclass
class Frame:
    """An Ethernet frame, and what makes many of it."""
    data: bytes
    fields: tuple = ()

    def at(self, number):
        """The frame with a certain number, as bytes."""
        data = bytearray(self.data)
        for field in self.fields:
            field.apply(data, number)
        return bytes(data)

    def middle(self):
        """The number of one that is neither the first nor the last, if there are several."""
        return max((field.many for field in self.fields), default=1) * 7 // 9

    def ignored(self):
        """The same, of a protocol that nobody takes: what the generator and the wire cost alone."""
        return Frame(self.data[:12] + b"\x88\xb5" + self.data[14:], self.fields)

    def still(self):
        """As much work to make, and always the first one."""
        return Frame(self.data, tuple(dataclasses.replace(field, step=0) for field in self.fields))

    def words(self, number=0):
        """Arguments for blast."""
        return " ".join([self.data.hex(), str(number), *map(str, self.fields)])


def ethernet(kind, payload, to=None):
    def mac(text):
        return bytes.fromhex(text.replace(":", ""))
    return mac(to or SERVER_MAC) + mac(GEN_MAC) + struct.pack("!H", kind) + payload


def upper(protocol, src, dst, body, at):
    """With its checksum, which is at an offset in body."""
    pseudo = src + dst + struct.pack("!IxxxB", len(body), protocol)
    return body[:at] + struct.pack("!H", checksum(pseudo + body)) + body[at + 2:]


def ipv6(src, dst, size=64):
    """A UDP packet."""
    src, dst = socket.inet_pton(socket.AF_INET6, src), socket.inet_pton(socket.AF_INET6, dst)
    body = upper(17, src, dst, struct.pack("!HHHH", 4711, 4712, size, 0) + b"s" * (size - 8), 6)
    return struct.pack("!IHBB", 6 << 28, len(body), 17, 64) + src + dst + body


def ipv4(src, dst, payload, protocol=41, tos=0):
    head = struct.pack("!BBHHHBBH4s4s", 0x45, tos, 20 + len(payload), 0, 0, 64, protocol, 0,
                       socket.inet_aton(src), socket.inet_aton(dst))
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def hop(packet):
    """An IPv6 packet one hop on."""
    return packet[:7] + bytes([packet[7] - 1]) + packet[8:]


def solicitation(target, src="fe80::1:1"):
    """A frame that asks for the link-layer address of a target, multicast."""
    src, target = socket.inet_pton(socket.AF_INET6, src), socket.inet_pton(socket.AF_INET6, target)
    dst = bytes.fromhex("ff0200000000000000000001ff") + target[13:]
    body = upper(58, src, dst, struct.pack("!BBHI", 135, 0, 0, 0) + target + b"\x01\x01"
                 + bytes.fromhex(GEN_MAC.replace(":", "")), 2)
    packet = struct.pack("!IHBB", 6 << 28, len(body), 58, 255) + src + dst + body
    return ethernet(0x86dd, packet, "33:33:ff:" + target[13:].hex(":"))


def advertisement(target, src, dst):
    """The frame that answers for somebody else: of a router, asked for, overriding nobody.

    Addresses are bytes. Who answers chooses which of its own it comes from.
    """
    body = upper(58, src, dst, struct.pack("!BBHI", 136, 0, 0, 0xc0000000) + target + b"\x02\x01"
                 + bytes.fromhex(SERVER_MAC.replace(":", "")), 2)
    packet = struct.pack("!IHBB", 6 << 28, len(body), 58, 255) + src + dst + body
    return bytes.fromhex((GEN_MAC + SERVER_MAC).replace(":", "")) + b"\x86\xdd" + packet
