#!/usr/bin/python3 -SE
# SPDX-License-Identifier: GPL-2.0
"""Dump all clients as a program does that is no brokertool.

  dumps.py large
      with the first message that its socket ever receives, which the kernel
      makes no larger than it must; prints how many routed prefixes came
  dumps.py changing clients|endpoints COMMAND...
      runs the command after the first message; prints "told" where a later one
      says that the dump is inconsistent, and "not told" where none does; and
      how many endpoints came
"""

import struct
import subprocess
import sys

from malformed import CLIENT, COMMANDS, ENDPOINTS, ROUTED, Family

NLM_F_DUMP_INTR = 0x10
NLMSG_ERROR, NLMSG_DONE = 2, 3
NESTED = 0x3fff


class Dump(Family):
    """A socket that has received nothing yet."""

    def __init__(self, command="client-get"):
        family = Family().id
        self.socket = self.open()
        body = struct.pack("BBH", COMMANDS.index(command) + 1, 1, 0)
        self.socket.send(struct.pack("IHHII", 16 + len(body), family, 0x301, 1, 0) + body)

    def messages(self):
        """(flags, attributes) of each message, what one recv() returns at a time."""
        while True:
            data, some, at = self.socket.recv(65536), [], 0
            while at < len(data):
                length, kind, flags = struct.unpack_from("IHH", data, at)
                error = struct.unpack_from("i", data, at + 16)[0]
                if kind in (NLMSG_ERROR, NLMSG_DONE):
                    some.append((flags, b""))
                    yield some
                    if error:
                        sys.exit(f"the dump ends with error {-error}")
                    return
                some.append((flags, data[at + 20:at + length]))
                at += (length + 3) & ~3
            yield some


def attributes(data):
    at = 0
    while at + 4 <= len(data):
        length, kind = struct.unpack_from("HH", data, at)
        yield kind & NESTED, data[at + 4:at + length]
        at += max(4, (length + 3) & ~3)


def endpoints(some):
    return sum(len(packed) // 8 for _, body in some for kind, packed in attributes(body)
               if kind == ENDPOINTS)


def main(what, listed="clients", *command):
    dump = Dump(f"{listed[:-1]}-get").messages()
    if what == "large":
        print(sum(1 for some in dump for _, body in some
                  for kind, client in attributes(body) if kind == CLIENT
                  for inner, _ in attributes(client) if inner == ROUTED))
        return
    came = endpoints(next(dump))
    subprocess.run(command, check=True)
    rest = list(dump)
    told = any(flags & NLM_F_DUMP_INTR for some in rest for flags, _ in some)
    print("told" if told else "not told", came + sum(map(endpoints, rest)))


if __name__ == "__main__":
    main(*sys.argv[1:])
