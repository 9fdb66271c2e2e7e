/* SPDX-License-Identifier: ISC */

/*
 * waiter.h - a process between this one and one that is to outlive it.
 *
 * It is the parent of the other, which has init or a service manager for its
 * parent once the waiter has left: those learn at once when that process ends,
 * and it leaves no zombie behind as long as this one lives.  Until then the
 * waiter ends it, or says how it has ended.
 */

#ifndef CONTROL_WAITER_H
#define CONTROL_WAITER_H

#include <sys/types.h>

#include <stdbool.h>

struct waiter {
	pid_t pid;
	pid_t child;		/* the other process */
	int fd;			/* to talk to the waiter */
};

/*
 * What the other process does, with system calls alone: it is forked from a
 * process with threads.  Does not return.
 */
typedef void waiter_child_fn(void *arg);

/* Starts both; -1 with errno. */
int waiter_start(struct waiter *waiter, waiter_child_fn *child, void *arg);

/*
 * Ends the other process, which has a moment for it when it is ending by
 * itself; returns its status, of waitpid(2).  The waiter is gone then.
 */
int waiter_end(struct waiter *waiter, bool is_ending);

/* Leaves the other process to itself; the waiter is gone. */
void waiter_leave(struct waiter *waiter);

#endif
