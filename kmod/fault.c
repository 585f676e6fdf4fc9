// SPDX-License-Identifier: GPL-2.0
/* What went wrong with a client: most have nothing of it. */

#include <linux/jiffies.h>
#include <linux/slab.h>

#include "client.h"
#include "fault.h"

/**
 * sb_faults() - what went wrong with a client
 * @client: the client
 *
 * The caller holds the RCU read lock.
 *
 * Return: the faults, made on the first call, or NULL where memory is short.
 */
struct sb_faults *sb_faults(struct sb_client *client)
{
	/* Pairs with the cmpxchg() below; what follows depends on the address. */
	struct sb_faults *faults = READ_ONCE(client->faults);
	struct sb_faults *other;

	if (faults)
		return faults;
	faults = kzalloc(sizeof(*faults), GFP_ATOMIC | __GFP_NOWARN);
	if (!faults)
		return NULL;
	spin_lock_init(&faults->lock);
	other = cmpxchg(&client->faults, NULL, faults);
	if (!other)
		return faults;
	kfree(faults);
	return other;
}

/* Remember an ICMPv4 error; the caller holds the RCU read lock. */
void sb_fault_error_note(struct sb_client *client, __be32 from, u8 type, u8 code)
{
	struct sb_faults *faults = sb_faults(client);

	if (!faults)
		return;
	spin_lock_bh(&faults->lock);
	faults->error.count++;
	faults->error.when = get_jiffies_64();
	faults->error.from = from;
	faults->error.type = type;
	faults->error.code = code;
	spin_unlock_bh(&faults->lock);
}

struct sb_fault_error sb_fault_error_read(struct sb_faults *faults)
{
	struct sb_fault_error error;

	spin_lock_bh(&faults->lock);
	error = faults->error;
	spin_unlock_bh(&faults->lock);
	return error;
}
