/* SPDX-License-Identifier: ISC */

/* confined.h - what confined threads try, and what comes of it. */

#ifndef CONFINED_H
#define CONFINED_H

#include <stddef.h>

struct attempt {
	const char *name;
	int (*try)(void);	/* -1 with errno, or not: what was called says */
	int want;		/* the errno; 0: it succeeds */
};

/* All that a thread of that kind tries. */
extern const struct attempt never[], carries[], removes[], helps[], keeps[];
extern const size_t never_count, carries_count, removes_count, helps_count,
    keeps_count;

/* Landlock by itself, and seccomp by itself. */
extern const struct attempt by_rules[], deadly[];
extern const size_t by_rules_count, deadly_count;

/*
 * Makes the directory in which files may be made, and one in which not; the
 * address of a listener that can be connected to is there as well.
 */
void attempts_begin(void);
void attempts_end(void);

/* The name by which the program knows that it is to succeed another. */
#define SUCCESSOR	"successor"

extern char inside[], outside[];	/* the directories */

#endif
