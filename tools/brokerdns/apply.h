/* SPDX-License-Identifier: GPL-2.0 */
/* Changes to our own files: shown, tried, made, checked, and taken back when they do harm. */
#ifndef BROKERDNS_APPLY_H
#define BROKERDNS_APPLY_H

#include <stdbool.h>

#include "dnsmasq.h"
#include "rules.h"

#define CHANGES_MAX	8

/**
 * struct change - a file of ours
 * @path: where
 * @before: what it holds, NULL where it does not exist
 * @after: what it shall hold, NULL where it shall not exist
 */
struct change {
	char path[PATH_SIZE + 64];
	char *before;
	char *after;
};

/**
 * struct changes - files that belong together
 * @items: they
 * @n: how many
 * @restart: dnsmasq must be started anew to see them
 * @reload: dnsmasq must read some of its files again
 */
struct changes {
	struct change items[CHANGES_MAX];
	unsigned int n;
	bool restart;
	bool reload;
};

/*
 * @text: what the file shall hold, NULL to remove it. One that holds just that
 * is no change. Files in dnsmasq's directory make it start anew, others reload.
 */
void changes_add(struct changes *changes, const struct dnsmasq *dnsmasq, const char *path,
		 const char *text);
void changes_clear(struct changes *changes);

/*
 * The same rules with other comments, between apply_begin() and apply_end():
 * dnsmasq need not read them, and the file stays as old as its rules are.
 * Return: 0, or -1 after a complaint.
 */
int changes_reword(const char *path, const char *text);

/* As diff -u has it, on stderr. */
void changes_show(const struct changes *changes);

/**
 * changes_try() - would dnsmasq start with them?
 * @changes: what shall be
 * @dnsmasq: who
 *
 * Its own --test reads the whole configuration, once as it is and once as it
 * would be. Nothing is touched.
 *
 * Return: 0, or -1 after a complaint.
 */
int changes_try(const struct changes *changes, const struct dnsmasq *dnsmasq);

/* Return: 0, or -1 with the reason in @why. Called when dnsmasq answers again. */
typedef int (*apply_verify)(struct dnsmasq *dnsmasq, void *arg, char *why, size_t size);

/**
 * changes_apply() - make them, between apply_begin() and apply_end()
 * @changes: what shall be
 * @dnsmasq: who has to see it; found anew
 * @verify: does it do what it shall? Or NULL
 * @arg: for @verify
 *
 * Tried first. When dnsmasq does not come back, or does not do what it shall,
 * everything is put back as it was.
 *
 * Return: 0, or -1 after a complaint.
 */
int changes_apply(struct changes *changes, struct dnsmasq *dnsmasq, apply_verify verify,
		  void *arg);

/*
 * Nobody else changes anything from now on; changes are read after this. Who was
 * interrupted in the middle left the files of before behind: they are put back,
 * and dnsmasq sees them. @config: a file by which dnsmasq is named, or NULL
 * Return: 0, or -1 after a complaint.
 */
int apply_begin(const char *config);
/* The same, without waiting for others. Return: 1 where they have not ended. */
int apply_try(const char *config);
/* Could one begin? Puts back what was interrupted, and lets others go first. */
int apply_prepare(const char *config);
void apply_end(void);
bool apply_was_interrupted(void);

#endif /* BROKERDNS_APPLY_H */
