/* SPDX-License-Identifier: ISC */

/* herald.c - what the service manager is told while the program runs. */

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "control/herald.h"

/* A status is news for people, and no more often. */
#define STATUS_MS	5000

/* What is owed is tried again: a manager that is busy is so for moments. */
#define SETTLE_MS	100

/* Three times as long as until the next word, in microseconds. */
#define EXTEND_US	(UINT64_C(3) * STATUS_MS * 1000)

/* Once: it is told something every few seconds. */
static void
complain(struct herald *herald)
{
	if (herald->notify.error == 0 || herald->log == NULL ||
	    herald->has_complained)
		return;
	herald->has_complained = true;
	log_line(herald->log, SEVERITY_WARNING, "notify error=\"%s\"",
	    text_error(herald->notify.error));
}

/* Called after whatever was told, since it may be owed now, or lost. */
static void
tell_on(struct herald *herald)
{
	complain(herald);
	if (herald->timer != NULL)
		mux_timer_start(herald->timer,
		    notify_settle(&herald->notify) ? STATUS_MS : SETTLE_MS);
}

/* The status as it is now; whether it is another one. */
static bool
look(struct herald *herald)
{
	char status[HERALD_STATUS_SIZE] = "";

	herald->status(herald->arg, status, sizeof(status));
	if (strcmp(status, herald->told) == 0)
		return (false);
	(void)snprintf(herald->told, sizeof(herald->told), "%s", status);
	return (true);
}

static void
on_timer(struct mux_timer *timer, void *arg)
{
	struct herald *herald = arg;

	if (!notify_settle(&herald->notify)) {
		mux_timer_start(timer, SETTLE_MS);
		return;
	}
	if (look(herald))
		notify_status(&herald->notify, "%s", herald->told);
	if (herald->is_stopping)
		notify_extend(&herald->notify, EXTEND_US);
	complain(herald);
	mux_timer_start(timer, STATUS_MS);
}

void
herald_open(struct herald *herald)
{
	const char *problem;

	*herald = (struct herald){ .timer = NULL };
	problem = notify_open(&herald->notify);
	if (problem != NULL)
		(void)snprintf(herald->problem, sizeof(herald->problem), "%s",
		    problem);
}

int
herald_begin(struct herald *herald, struct mux_loop *loop, struct log *log,
    herald_status_fn *status, watchdog_look_fn *look_fn, void *arg)
{
	if (herald->problem[0] != '\0')
		log_line(log, SEVERITY_WARNING, "notify error=\"%s\"",
		    herald->problem);
	herald->problem[0] = '\0';
	if (!notify_is_open(&herald->notify))
		return (0);
	herald->log = log;
	herald->status = status;
	herald->arg = arg;
	herald->timer = mux_timer_create(loop, on_timer, herald);
	if (herald->timer == NULL || watchdog_open(&herald->watchdog, loop,
	    &herald->notify, log, look_fn, arg) == -1) {
		herald_end(herald);
		return (-1);
	}
	herald_reloaded(herald);
	return (0);
}

void
herald_reloading(struct herald *herald)
{
	notify_reloading(&herald->notify);
	tell_on(herald);
}

/* Who stops meanwhile is not ready again. */
void
herald_reloaded(struct herald *herald)
{
	if (herald->timer == NULL || herald->is_stopping)
		return;
	(void)look(herald);
	notify_ready(&herald->notify, herald->told);
	tell_on(herald);
}

void
herald_succeed(struct herald *herald, pid_t pid)
{
	notify_mainpid(&herald->notify, pid);
	tell_on(herald);
}

void
herald_stopping(struct herald *herald)
{
	herald->is_stopping = true;
	if (herald->timer == NULL)
		return;
	(void)look(herald);
	notify_stopping(&herald->notify, herald->told);
	notify_extend(&herald->notify, EXTEND_US);
	tell_on(herald);
}

void
herald_end(struct herald *herald)
{
	watchdog_close(&herald->watchdog);
	mux_timer_destroy(herald->timer);
	herald->timer = NULL;
}

void
herald_close(struct herald *herald)
{
	notify_close(&herald->notify);
}
