/* SPDX-License-Identifier: ISC */

/*
 * deployment.h - a plan put into service: its sockets and its lines.
 *
 * A new one takes over from the one before it what stays the same: sockets,
 * with all that waits in their accept queues, and the lines of routes that have
 * not changed.  It is built wholly, on a thread that carries no sessions, before
 * anything of it is used.
 */

#ifndef CONTROL_DEPLOYMENT_H
#define CONTROL_DEPLOYMENT_H

#include "config/plan.h"
#include "control/listen.h"
#include "relay/acceptor.h"
#include "relay/line.h"

struct deployment {
	struct plan *plan;		/* held */
	struct listen_sockets sockets;
	struct listening *listening;	/* the same, as acceptors have it */
	struct line **lines;		/* one for each route; held */
	size_t lines_kept;		/* of them, from the one before */
	size_t session_fds;		/* descriptors of the costliest session */
	uint64_t fds_in_use;		/* beside sessions */
	size_t sessions_max;
};

/*
 * For so many workers, with the lines of `before' and the sockets that are open
 * already; either may be NULL.  NULL after a failure, which has been told and
 * set *status; then all is as it was.
 */
struct deployment *deployment_create(struct plan *plan,
    const struct deployment *before, const struct listen_sockets *open,
    size_t workers, enum exit_status *status);

/*
 * The same in two steps, for a start that changes its user in between: only
 * the second starts threads.  After a failure of it the deployment is still the
 * caller's, to be discarded.
 */
struct deployment *deployment_listen(struct plan *plan,
    const struct listen_sockets *open, enum exit_status *status);
enum exit_status deployment_equip(struct deployment *deployment,
    const struct deployment *before, size_t workers);

/*
 * The rest of the checks, for which names are looked up and the loop is turned
 * for a while: that upstreams have names that exist, and that there are enough
 * descriptors.  before is the same as above.  The failure has been told.
 */
enum exit_status deployment_check(struct deployment *deployment,
    const struct deployment *before, struct mux_loop *loop, struct log *log);

/* It never was in service: what it opened is closed. */
void deployment_discard(struct deployment *deployment);	/* NULL is allowed */

/*
 * It was in service, and its sockets are the crew's: retires the lines that
 * `after' has not kept, and removes the files of sockets that it has not; NULL:
 * nothing comes after.
 */
void deployment_retire(struct deployment *deployment,
    const struct deployment *after);

/* Frees it, when it is retired or its sockets are closed. */
void deployment_free(struct deployment *deployment);

#endif
