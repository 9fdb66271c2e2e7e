/* SPDX-License-Identifier: ISC */

/* spawn.h - starting the process that is to take over. */

#ifndef CONTROL_SPAWN_H
#define CONTROL_SPAWN_H

#include "control/listen.h"
#include "control/pidfile.h"
#include "control/waiter.h"

/* The status of a process that could not become another program. */
#define SPAWN_NOT_EXECUTED	127

/* What it becomes, and what it inherits besides the manager's sockets. */
struct image {
	const char *program;
	char **argv;
	const struct listen_sockets *sockets;
	const struct pidfile *pidfile;
};

/*
 * The descriptor to talk to it, with who waits for it; -1 with errno.  For a
 * process with threads.
 */
int spawn_heir(const struct image *image, struct waiter *waiter);

#endif
