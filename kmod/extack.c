// SPDX-License-Identifier: GPL-2.0
/* Refusals with a sentence that names the object and the remedy. */

#include <linux/atomic.h>
#include <linux/kernel.h>

#include "extack.h"

/*
 * Room for a name, two IPv6 prefixes and a remedy; the kernel's own formatted
 * messages end at 80 bytes and do not exist in 6.1.
 */
#define SB_SENTENCE_MAX		256

/*
 * A sentence is read when the answer is built, right after the
 * handler returns and outside of every lock of ours. It stays untouched until
 * as many further refusals were made.
 */
#define SB_SENTENCES		64

/**
 * sb_refuse() - say why a request is refused
 * @extack: where to put the sentence, may be NULL
 * @err: negative error number
 * @fmt: sentence without a full stop
 *
 * Return: @err.
 */
int sb_refuse(struct netlink_ext_ack *extack, int err, const char *fmt, ...)
{
	static char sentences[SB_SENTENCES][SB_SENTENCE_MAX];
	static atomic_t next = ATOMIC_INIT(0);
	char *sentence;
	va_list args;

	if (!extack)
		return err;

	sentence = sentences[(unsigned int)atomic_inc_return(&next) % SB_SENTENCES];
	va_start(args, fmt);
	vscnprintf(sentence, SB_SENTENCE_MAX, fmt, args);
	va_end(args);
	extack->_msg = sentence;
	return err;
}
