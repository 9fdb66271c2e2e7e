/* SPDX-License-Identifier: ISC */

/* sandbox-parts.h - what the files of the sandbox share; for them alone. */

#ifndef CONTROL_SANDBOX_PARTS_H
#define CONTROL_SANDBOX_PARTS_H

#include <stdbool.h>

#include "control/sandbox.h"

/*
 * Calls fn with each directory that the plan has files in which are made or
 * removed while the program runs: of log files, and if `all' of the pid file
 * and of UNIX sockets to listen on.  One may come several times, and as a link.
 */
typedef void directory_fn(const char *path, void *arg);
void sandbox_each_directory(const struct plan *plan, bool all,
    directory_fn *fn, void *arg);

/* The same with those of UNIX sockets to connect to. */
void sandbox_each_upstream_directory(const struct plan *plan,
    directory_fn *fn, void *arg);

/*
 * What each system does.  Says what became active by sandbox_note().  The
 * means of other roles than its own are ready when begin() returns.
 */
enum exit_status sandbox_system_begin(const struct plan *plan,
    const char *program);
/* NULL, or the part that was refused, with errno. */
const char *sandbox_system_confine(enum sandbox_role role);
extern const char sandbox_system_facts[];
/* Whether UNIX sockets of other directories than these cannot be connected to. */
extern bool sandbox_system_hides;

/* Adds a word to the description. */
void sandbox_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Landlock.  Prepares a set of rules for each role; returns the version of the
 * kernel's interface, 0 where there is none, or -1: not all of them could be
 * made, and a part of them would refuse what is needed.
 */
int landlock_begin(const struct plan *plan, const char *program);
/* -1 with errno */
int landlock_confine(enum sandbox_role role);

/*
 * seccomp.  Prepares a filter for each role: 0, or -1 with errno, ENOSYS where
 * it was built without.
 */
int seccomp_begin(void);
int seccomp_confine(enum sandbox_role role);

#endif
