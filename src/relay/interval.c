/* SPDX-License-Identifier: ISC */

/* interval.c - a line of the log, at an interval, of each session that lives. */

#include "relay/interval.h"
#include "relay/session-log.h"
#include "relay/session.h"

/* So many sessions a turn, then a pause: the log has to keep up. */
#define SLICE		64
#define PAUSE_MS	10

/* The next round, an interval after the last began. */
static void
await_round(struct worker *worker, unsigned interval_ms)
{
	const uint64_t spent_ms = mux_loop_now_ms(worker->loop) -
	    worker->interval.round_ms;

	worker->interval.awaited_ms = interval_ms;
	mux_timer_start(worker->interval.timer, spent_ms + PAUSE_MS <
	    interval_ms ? interval_ms - spent_ms : PAUSE_MS);
}

/* Of those that are there for an interval: others have a line soon enough. */
static void
take_slice(struct worker *worker, unsigned interval_ms)
{
	struct interval *interval = &worker->interval;
	const uint64_t now_ms = mux_loop_now_ms(worker->loop);
	unsigned n;

	for (n = 0; n < SLICE && interval->next != NULL; n++) {
		if (now_ms - interval->next->started_ms >= interval_ms)
			session_log_alive(interval->next);
		interval->next = interval->next->next;
	}
}

static void
on_timer(struct mux_timer *timer, void *arg)
{
	struct worker *worker = arg;
	struct interval *interval = &worker->interval;
	const unsigned interval_ms = log_interval_ms(worker->log);

	if (interval_ms == 0) {
		interval->next = NULL;
		return;
	}
	if (interval->next == NULL) {
		interval->next = worker->sessions;
		interval->round_ms = mux_loop_now_ms(worker->loop);
	}
	take_slice(worker, interval_ms);
	if (interval->next != NULL)
		mux_timer_start(timer, PAUSE_MS);
	else if (worker->sessions != NULL)
		await_round(worker, interval_ms);
}

int
interval_open(struct interval *interval, struct worker *worker)
{
	interval->timer = mux_timer_create(worker->loop, on_timer, worker);
	return (interval->timer == NULL ? -1 : 0);
}

void
interval_close(struct interval *interval)
{
	mux_timer_destroy(interval->timer);
}

/* A wait that is too long by now begins anew; a round under way goes on. */
void
interval_update(struct worker *worker)
{
	struct interval *interval = &worker->interval;
	const unsigned interval_ms = log_interval_ms(worker->log);

	if (interval_ms == 0 || interval->next != NULL ||
	    worker->sessions == NULL)
		return;
	if (!mux_timer_running(interval->timer))
		interval->round_ms = mux_loop_now_ms(worker->loop);
	else if (interval_ms == interval->awaited_ms)
		return;
	await_round(worker, interval_ms);
}

void
interval_forget(struct interval *interval, const struct session *session)
{
	if (interval->next == session)
		interval->next = session->next;
}
