/* SPDX-License-Identifier: ISC */

/*
 * capabilities.h - the privileges of Linux, see capabilities(7).
 *
 * Elsewhere there are none, and these do nothing and succeed.
 */

#ifndef CONTROL_CAPABILITIES_H
#define CONTROL_CAPABILITIES_H

#include <stdbool.h>

/* What the process may still need, beside what its user may. */
struct capabilities_need {
	bool marks;		/* SO_MARK on sockets */
};

/*
 * Takes from the bounding set, as long as that may be done, what no program
 * that is started from here shall ever gain.  Best effort, before the user is
 * changed; with `all' nothing is left in it.
 */
void capabilities_bound(bool all);

/*
 * Takes from the calling thread, and all that it starts, whatever it has
 * beyond a short list: for root, what it takes to be an unlimited user of
 * files and sockets; for others, to bind to ports below 1024, which a reload
 * may have to do.  -1 with errno when it still has more.
 */
int capabilities_limit(struct capabilities_need need);

/* Takes from a thread that binds to nothing that one, too.  As above. */
int capabilities_give_up_ports(void);

#endif
