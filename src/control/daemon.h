/* SPDX-License-Identifier: ISC */

/* daemon.h - going to the background, with a parent that waits. */

#ifndef CONTROL_DAEMON_H
#define CONTROL_DAEMON_H

#include "control/failure.h"

/*
 * Opens /dev/null in place of a standard stream that is closed, so that no
 * socket gets its number and, with it, what is written to the stream.
 */
void daemon_hold_streams(void);

/*
 * Forks.  In the child it returns with *ready_fd set, in a session of its
 * own.  The parent does not return: it exits with the status that the child
 * gives to daemon_ready(), or with that of a child that ended before.
 */
enum exit_status daemon_start(int *ready_fd);

/*
 * In the child, when it is listening: lets the parent exit with 0, and
 * leaves the terminal and the directory it was started from.
 */
void daemon_ready(int ready_fd);

#endif
