/* SPDX-License-Identifier: GPL-2.0 */
/* Who holds a piece of a pool, in half the bytes of a pointer. */
#ifndef _SITBROKER_SLOT_H
#define _SITBROKER_SLOT_H

#include <linux/limits.h>
#include <linux/types.h>

struct sb_client;

/* Clients begin at multiples of this: half a cache line, where those have 64 bytes. */
#define SB_CLIENT_ALIGN		32

/*
 * A slot says how many times %SB_CLIENT_ALIGN a client is away from the page that the slot is
 * in: with a million clients slots are what does not fit into the caches, and so twice as many
 * do. What the kernel allocates for both is less than 64 GB apart, but on large machines.
 */
#define SB_SLOT_NOBODY		0
#define SB_SLOT_OUT_OF_REACH	S32_MIN

/**
 * sb_slot_of() - what a slot says of a client
 * @page: where the slot is, and no client
 * @client: the client
 *
 * Return: it, or %SB_SLOT_OUT_OF_REACH where a slot cannot say it.
 */
static inline s32 sb_slot_of(const void *page, const struct sb_client *client)
{
	long away = (unsigned long)client - (unsigned long)page;
	long units = away / SB_CLIENT_ALIGN;

	return away % SB_CLIENT_ALIGN || units != (s32)units ? SB_SLOT_OUT_OF_REACH : units;
}

/**
 * sb_slot_client() - the client of a slot
 * @page: where the slot is
 * @slot: what it says, a client that is in reach
 *
 * Return: the client.
 */
static inline struct sb_client *sb_slot_client(const void *page, s32 slot)
{
	return (struct sb_client *)((unsigned long)page + (long)slot * SB_CLIENT_ALIGN);
}

#endif /* _SITBROKER_SLOT_H */
