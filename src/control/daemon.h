/* SPDX-License-Identifier: ISC */

/* daemon.h - going to the background, with a parent that waits. */

#ifndef CONTROL_DAEMON_H
#define CONTROL_DAEMON_H

#include <stdbool.h>

#include "control/failure.h"

/* What a child keeps until it is ready. */
struct daemon {
	int ready_fd;	/* to the waiting parent; -1: there is none */
	int null_fd;	/* in place of the standard streams, later */
};

/*
 * Opens /dev/null in place of a standard stream that is closed, so that no
 * socket gets its number and, with it, what is written to the stream.
 */
void daemon_hold_streams(void);

/*
 * Forks, unless we are in the background.  In the child it returns with
 * *daemon set, in a session of its own.  The parent does not return: it exits
 * with 0 after the daemon_ready() of the child, or with the status of a child
 * that ended before.
 */
enum exit_status daemon_start(struct daemon *daemon, bool is_in_background);

/*
 * In the child, when it is listening: lets the parent exit with 0, and
 * leaves the terminal and the directory it was started from.
 */
void daemon_ready(const struct daemon *daemon);

#endif
