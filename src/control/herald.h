/* SPDX-License-Identifier: ISC */

/*
 * herald.h - what the service manager is told while the program runs.
 *
 * That it serves, how it is, that it stops, that stopping takes longer, and
 * that its loops turn.  All on the main loop; nothing at all, not even a
 * timer, where nobody listens.
 */

#ifndef CONTROL_HERALD_H
#define CONTROL_HERALD_H

#include <stdbool.h>
#include <stddef.h>

#include "control/watchdog.h"

#define HERALD_STATUS_SIZE	256

/* Writes a line for people into out: what the program is doing. */
typedef void herald_status_fn(void *arg, char *out, size_t size);

struct herald {
	struct notify notify;
	char problem[128];	/* of NOTIFY_SOCKET, until it is logged */
	struct watchdog watchdog;
	struct log *log;
	bool has_complained;	/* that the manager does not listen */
	struct mux_timer *timer;
	herald_status_fn *status;
	void *arg;
	bool is_stopping;
	char told[HERALD_STATUS_SIZE];	/* the last status */
};

/* Reads the environment; when and how, see notify_open(). */
void herald_open(struct herald *herald);

/*
 * The program serves: tells so, and goes on telling.  status and look are
 * called with arg, until herald_end().  -1 with errno.
 */
int herald_begin(struct herald *herald, struct mux_loop *loop,
    struct log *log, herald_status_fn *status, watchdog_look_fn *look,
    void *arg);

/* Around a reload, whether it succeeds or not: the old plan serves as well. */
void herald_reloading(struct herald *herald);
void herald_reloaded(struct herald *herald);

/* Another process has taken over; it tells the rest. */
void herald_succeed(struct herald *herald, pid_t pid);

/* The program accepts no more, and tells from now on that it takes time. */
void herald_stopping(struct herald *herald);

/* Before the loop is destroyed; the manager may still be told things. */
void herald_end(struct herald *herald);
void herald_close(struct herald *herald);

#endif
