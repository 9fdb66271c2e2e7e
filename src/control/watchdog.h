/* SPDX-License-Identifier: ISC */

/*
 * watchdog.h - the service manager's watchdog, fed by the loops.
 *
 * Four times in its interval the main loop looks whether every worker has
 * turned its own loop since the last look.  Only then it gives the manager a
 * sign of life; so a worker that is stuck has the service restarted, though
 * the main loop turns.
 */

#ifndef CONTROL_WATCHDOG_H
#define CONTROL_WATCHDOG_H

#include <stddef.h>
#include <stdint.h>

#include "mux.h"

#include "base/log.h"
#include "control/notify.h"

/*
 * Asks all workers to turn their loops; returns the number of the first that
 * has not since it was asked last, counted from 1, or 0: all have.
 */
typedef size_t watchdog_look_fn(void *arg);

struct watchdog {
	struct mux_timer *timer;	/* NULL: nobody watches us */
	struct notify *notify;
	struct log *log;
	watchdog_look_fn *look;
	void *arg;
	uint64_t period_ms;
	size_t stuck;			/* was told; 0: none */
};

/*
 * Feeds from now on, on this loop, if the manager asked for it.  notify and log
 * have to outlive it.  -1 with errno; nothing is left to be closed then.
 */
int watchdog_open(struct watchdog *watchdog, struct mux_loop *loop,
    struct notify *notify, struct log *log, watchdog_look_fn *look, void *arg);

/* Before the loop is destroyed.  One that was zeroed is allowed. */
void watchdog_close(struct watchdog *watchdog);

#endif
