#!/usr/bin/python3 -SE
# SPDX-License-Identifier: GPL-2.0
"""Refusals that brokertool never provokes, since it does not send such requests.

Prints "ok TEXT" or "TEXT: what happened", a line each.
"""

import struct

from malformed import (CLIENT, NAME, NO_ROUTED, ROUTED, Family, attr, nest, prefix, string)

POOL_NEW, CLIENT_NEW, CLIENT_DEL, NDP_NEW = 2, 7, 9, 15
BEGIN, DELETE, TEST = 23, 27, 33


class Any(Family):
    """Of any command, and of dumps."""

    def sentence(self, command, body, flags=5):
        reply = self.ask(self.id, command, body, flags)
        # A refusal, or the end of a dump that was refused.
        if struct.unpack_from("H", reply, 4)[0] not in (2, 3):
            return ""
        skip = 36 if struct.unpack_from("H", reply, 4)[0] == 2 else 20
        text = self.find(reply[skip:], 1)
        return text.rstrip(b"\0").decode() if text else ""


def main():
    name = string(NAME, "many")
    routed = b"".join(prefix(ROUTED, f"2001:db8:1:0:9000:0:{i:x}:0", 112) for i in range(256))
    cases = [
        ("more than 255 routed prefixes", "has more than 255 routed prefixes", CLIENT_NEW,
         nest(CLIENT, name, routed)),
        ("some and none", "has routed prefixes and none", CLIENT_NEW,
         nest(CLIENT, name, prefix(ROUTED, "2001:db8:1:0:9000::", 112), attr(NO_ROUTED, b""))),
        ("to delete a client with nothing", "the client has no name; say which one",
         CLIENT_DEL, nest(CLIENT)),
        ("no pool", "the request names no pool", POOL_NEW, b""),
        ("no uplink", "the request names no uplink", NDP_NEW, b""),
        ("no load", "the request names no load", BEGIN, b""),
        ("no list", "the request names no filter list", DELETE, b""),
    ]
    family = Any()
    for what, sentence, command, body in cases:
        said = family.sentence(command, body)
        print(f"ok {what}" if sentence in said else f"{what}: {said}")
    said = family.sentence(TEST, attr(12, b"\1" * 5), 0x305)
    print("ok an address of 5 bytes" if "no address of 4 or 16 bytes" in said
          else f"an address of 5 bytes: {said}")


if __name__ == "__main__":
    main()
