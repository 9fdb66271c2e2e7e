/* SPDX-License-Identifier: ISC */

/* watchdog.c - the service manager's watchdog, fed by the loops. */

#include "control/watchdog.h"

/*
 * A worker, or the main loop, may so come late to two looks in a row without
 * harm, as on a machine that is busy; what is stuck is noticed within the
 * interval.
 */
#define LOOKS	4

/* The first worker that is stuck is told of, once while it is. */
static void
tell(struct watchdog *watchdog, size_t stuck)
{
	if (stuck != 0 && watchdog->stuck == 0)
		log_line(watchdog->log, SEVERITY_ERROR, "watchdog worker=%zu "
		    "error=\"does not answer\" action=starve", stuck);
	else if (stuck == 0 && watchdog->stuck != 0)
		log_line(watchdog->log, SEVERITY_INFO, "watchdog worker=%zu "
		    "action=feed", watchdog->stuck);
	if (stuck == 0 || watchdog->stuck == 0)
		watchdog->stuck = stuck;
}

static void
on_look(struct mux_timer *timer, void *arg)
{
	struct watchdog *watchdog = arg;
	const size_t stuck = watchdog->look(watchdog->arg);

	tell(watchdog, stuck);
	if (stuck == 0)
		notify_watchdog(watchdog->notify);
	mux_timer_start(timer, watchdog->period_ms);
}

int
watchdog_open(struct watchdog *watchdog, struct mux_loop *loop,
    struct notify *notify, struct log *log, watchdog_look_fn *look, void *arg)
{
	const uint64_t period_ms = notify->watchdog_us / 1000 / LOOKS;

	*watchdog = (struct watchdog){ .notify = notify, .log = log,
	    .look = look, .arg = arg,
	    .period_ms = period_ms > 0 ? period_ms : 1 };
	if (!notify_is_open(notify) || notify->watchdog_us == 0)
		return (0);
	watchdog->timer = mux_timer_create(loop, on_look, watchdog);
	if (watchdog->timer == NULL)
		return (-1);
	/* the first answers will be there at the first look */
	(void)look(arg);
	notify_watchdog(notify);
	mux_timer_start(watchdog->timer, watchdog->period_ms);
	return (0);
}

void
watchdog_close(struct watchdog *watchdog)
{
	mux_timer_destroy(watchdog->timer);
	watchdog->timer = NULL;
}
