/* SPDX-License-Identifier: GPL-2.0 */
/* What a packet says, in words: its beginning is enough. */
#ifndef LIB_DECODE_H
#define LIB_DECODE_H

#include <stddef.h>
#include <stdint.h>

/* "host unreachable" and the like; never NULL. */
const char *icmp4_text(uint8_t type, uint8_t code);

/**
 * packet_text() - describe the beginning of a packet
 * @data: it, from an IPv4 or IPv6 header on
 * @size: how much of it there is
 * @text: where to put one line
 * @text_size: room there
 *
 * Follows protocol 41 and extension headers to the innermost packet. What is
 * cut off or makes no sense is said to be so.
 */
void packet_text(const uint8_t *data, size_t size, char *text, size_t text_size);

#endif /* LIB_DECODE_H */
