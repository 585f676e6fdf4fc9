// SPDX-License-Identifier: GPL-2.0
/*
 * Does what the tests' kernels have to notice. Not a test by itself: see
 * tests/vm/selftest.
 */

#include <linux/bug.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

static char *what = "";
module_param(what, charp, 0444);
MODULE_PARM_DESC(what, "leak, use-after-free, locks, sleep, warning or oops");

static DEFINE_MUTEX(sb_mischief_a);
static DEFINE_MUTEX(sb_mischief_b);
static DEFINE_SPINLOCK(sb_mischief_spin);

/* Several, since a register or a stack may still hold the last address. */
static noinline int sb_mischief_leak(void)
{
	char *forgotten;
	int i;

	for (i = 0; i < 16; i++) {
		forgotten = kmalloc(200, GFP_KERNEL);
		if (!forgotten)
			return -ENOMEM;
		WRITE_ONCE(forgotten[i], i);
	}
	return 0;
}

static noinline int sb_mischief_use_after_free(void)
{
	char *gone = kmalloc(200, GFP_KERNEL);

	if (!gone)
		return -ENOMEM;
	OPTIMIZER_HIDE_VAR(gone);
	kfree(gone);
	return READ_ONCE(gone[1]) == 1 ? 1 : 0;
}

/* In the one order, then in the other: with two tasks a deadlock. */
static noinline int sb_mischief_locks(void)
{
	mutex_lock(&sb_mischief_a);
	mutex_lock(&sb_mischief_b);
	mutex_unlock(&sb_mischief_b);
	mutex_unlock(&sb_mischief_a);

	mutex_lock(&sb_mischief_b);
	mutex_lock(&sb_mischief_a);
	mutex_unlock(&sb_mischief_a);
	mutex_unlock(&sb_mischief_b);
	return 0;
}

static noinline int sb_mischief_sleep(void)
{
	spin_lock(&sb_mischief_spin);
	might_sleep();
	spin_unlock(&sb_mischief_spin);
	return 0;
}

static noinline int sb_mischief_oops(void)
{
	struct list_head *nowhere = NULL;

	OPTIMIZER_HIDE_VAR(nowhere);
	return READ_ONCE(nowhere->prev) ? 1 : 0;
}

static int __init sb_mischief_init(void)
{
	if (!strcmp(what, "leak"))
		return sb_mischief_leak();
	if (!strcmp(what, "use-after-free"))
		return sb_mischief_use_after_free();
	if (!strcmp(what, "locks"))
		return sb_mischief_locks();
	if (!strcmp(what, "sleep"))
		return sb_mischief_sleep();
	if (!strcmp(what, "warning"))
		return WARN_ON(1) ? 0 : -EINVAL;
	if (!strcmp(what, "oops"))
		return sb_mischief_oops();
	return -EINVAL;
}

static void __exit sb_mischief_exit(void)
{
}

module_init(sb_mischief_init);
module_exit(sb_mischief_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Mistakes that kernels have to notice");
