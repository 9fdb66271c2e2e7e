/* SPDX-License-Identifier: ISC */

/*
 * leaving.h - listeners that have left the plan, and still serve who waits.
 *
 * One that is at its limit may take long to empty its accept queue.  A plan
 * that names its place again meanwhile gets that socket, with who waits there,
 * since no other could be opened.  UNIX-domain sockets have lost their file, and
 * are not asked for again.  All of this belongs to the main thread.
 */

#ifndef CONTROL_LEAVING_H
#define CONTROL_LEAVING_H

#include "control/crew.h"
#include "control/listen.h"

struct leaving_socket {
	struct listen_socket socket;
	struct target target;		/* the plan may be gone */
};

struct leaving {
	struct leaving_socket *list;
	size_t count;
};

/* Forgets those that the crew has closed meanwhile. */
void leaving_prune(struct leaving *leaving, struct crew *crew);

/*
 * Remembers those of `before' that `after' has not, and that the crew still
 * has; and forgets those that `after' has.  For want of memory it remembers
 * fewer.
 */
void leaving_update(struct leaving *leaving,
    const struct listen_sockets *before, const struct listen_sockets *after,
    struct crew *crew);

/*
 * All that are open, those of `sockets' and these: a copy, for listen_open() on
 * another thread, to be freed with listen_free().  -1 with errno.
 */
int leaving_copy(const struct leaving *leaving,
    const struct listen_sockets *sockets, struct listen_sockets *copy);

void leaving_free(struct leaving *leaving);

#endif
