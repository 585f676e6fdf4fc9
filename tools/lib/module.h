/* SPDX-License-Identifier: GPL-2.0 */
/* Why the kernel module is not there. */
#ifndef LIB_MODULE_H
#define LIB_MODULE_H

/**
 * struct absence - what keeps the module away
 * @text: a sentence, with the way out
 * @command: what to do first
 */
struct absence {
	char text[512];
	char command[160];
};

/**
 * module_absence() - why is there no module?
 * @absence: to be filled in
 *
 * Looks for a module of the running kernel, and whether that takes only signed ones.
 */
void module_absence(struct absence *absence);

#endif /* LIB_MODULE_H */
