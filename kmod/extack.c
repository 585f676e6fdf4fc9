// SPDX-License-Identifier: GPL-2.0
/*
 * Refusals with a sentence that names the object and the remedy.
 *
 * The kernel's own formatted messages end at 80 bytes, too few for a name and
 * two IPv6 prefixes, and do not exist in 6.1. A message is only pointed to, and
 * read when the answer is built: by the task that asked, after the handler
 * returned and before the task can ask again. So each task that was ever refused
 * something has a sentence of its own, kept until the task is gone.
 */

#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "extack.h"

/* Room for a name, two IPv6 prefixes and a remedy. */
#define SB_SENTENCE_MAX		256

/**
 * struct sb_sentence - the last refusal of a task
 * @list: in sb_sentences; protected by sb_sentence_lock
 * @task: whose; constant
 * @text: written and read by that task only
 */
struct sb_sentence {
	struct list_head list;
	struct pid *task;
	char text[SB_SENTENCE_MAX];
};

static LIST_HEAD(sb_sentences);
static DEFINE_SPINLOCK(sb_sentence_lock);

/* The current task's sentence, or NULL; on the way, free what tasks that are gone have left. */
static struct sb_sentence *sb_sentence_find(void)
{
	struct sb_sentence *sentence, *next, *found = NULL;

	lockdep_assert_held(&sb_sentence_lock);

	rcu_read_lock();
	list_for_each_entry_safe(sentence, next, &sb_sentences, list) {
		if (sentence->task == task_pid(current)) {
			found = sentence;
		} else if (!pid_task(sentence->task, PIDTYPE_PID)) {
			list_del(&sentence->list);
			put_pid(sentence->task);
			kfree(sentence);
		}
	}
	rcu_read_unlock();
	return found;
}

/* The current task's sentence, or NULL where memory is short. */
static struct sb_sentence *sb_sentence_get(void)
{
	struct sb_sentence *sentence;

	spin_lock(&sb_sentence_lock);
	sentence = sb_sentence_find();
	spin_unlock(&sb_sentence_lock);
	if (sentence)
		return sentence;

	/* May be called under RCU; nobody else makes one for this task meanwhile. */
	sentence = kmalloc(sizeof(*sentence), GFP_ATOMIC | __GFP_NOWARN | __GFP_ACCOUNT);
	if (!sentence)
		return NULL;
	sentence->task = get_task_pid(current, PIDTYPE_PID);
	spin_lock(&sb_sentence_lock);
	list_add(&sentence->list, &sb_sentences);
	spin_unlock(&sb_sentence_lock);
	return sentence;
}

/**
 * sb_refuse() - say why a request is refused
 * @extack: where to put the sentence, may be NULL
 * @err: negative error number
 * @fmt: sentence without a full stop
 *
 * In the context of the task that asks.
 *
 * Return: @err.
 */
int sb_refuse(struct netlink_ext_ack *extack, int err, const char *fmt, ...)
{
	struct sb_sentence *sentence;
	va_list args;

	if (!extack)
		return err;
	sentence = sb_sentence_get();
	if (!sentence) {
		extack->_msg = "refused, and there is no memory to say why; try again";
		return err;
	}
	va_start(args, fmt);
	vscnprintf(sentence->text, sizeof(sentence->text), fmt, args);
	va_end(args);
	/* As the kernel's own: perf trace -e netlink:netlink_extack shows who is refused what. */
	do_trace_netlink_extack(sentence->text);
	extack->_msg = sentence->text;
	return err;
}

/*
 * No request of the family is under way any more: genl_rcv() builds the answers
 * under the lock that unregistering takes. rtnetlink lets go of the module when
 * a handler returns and builds the answer afterwards, so a refused request about
 * a link may still point here: it would have to stand still between the two while
 * the module went through all the grace periods before this. The messages of every
 * other module with links, which go with its text, have the same gap, and nothing
 * that a module may call waits for it.
 */
void sb_refusals_forget(void)
{
	struct sb_sentence *sentence, *next;

	list_for_each_entry_safe(sentence, next, &sb_sentences, list) {
		put_pid(sentence->task);
		kfree(sentence);
	}
}
