/* SPDX-License-Identifier: ISC */

/* worker.c - the sessions of one loop, and what they share. */

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base/socket.h"
#include "base/text.h"
#include "relay/session-log.h"
#include "relay/session.h"
#include "relay/worker.h"

/* The memory for one more session of the line. */
static const char *
prepare(void *arg, struct line *line)
{
	struct worker *worker = arg;

	if (worker->spare == NULL)
		worker->spare = session_create(worker);
	/* a lane for a listener that is leaving may come to no session */
	if (atomic_load(&line->is_retired))
		mux_timer_start(worker->sweep_timer, 0);
	return (worker->spare == NULL || lane_of(line, worker) == NULL ?
	    text_error(errno) : NULL);
}

static void
take(void *arg, struct arrival *arrival)
{
	struct worker *worker = arg;

	arrival->id = worker->counters.sessions + 1;
	session_start(worker->spare, arrival);
}

static void
on_sweep(struct mux_timer *timer, void *arg)
{
	(void)timer;
	lanes_sweep(arg);
}

static const struct taker taker = { .prepare = prepare, .take = take };

struct worker *
worker_create(size_t number, struct mux_loop *loop, struct log *log)
{
	struct worker *worker;

	worker = calloc(1, sizeof(*worker));
	if (worker == NULL)
		return (NULL);
	worker->number = number;
	worker->loop = loop;
	worker->log = log;
	worker->sweep_timer = mux_timer_create(loop, on_sweep, worker);
	if (worker->sweep_timer == NULL ||
	    supplies_open(&worker->supplies) == -1 ||
	    pressure_open(&worker->pressure, worker) == -1 ||
	    interval_open(&worker->interval, worker) == -1 ||
	    acceptor_open(&worker->acceptor, loop, log, &taker, worker) == -1) {
		worker_destroy(worker);
		return (NULL);
	}
	return (worker);
}

void
worker_destroy(struct worker *worker)
{
	if (worker == NULL)
		return;
	assert(worker->sessions == NULL);
	acceptor_free(&worker->acceptor);
	interval_close(&worker->interval);
	pressure_close(&worker->pressure);
	supplies_close(&worker->supplies);
	session_destroy(worker->spare);
	lanes_close(worker);
	mux_timer_destroy(worker->sweep_timer);
	free(worker);
}

int
worker_start(struct worker *worker, size_t sessions_max)
{
	return (acceptor_start(&worker->acceptor, sessions_max));
}

bool
worker_is_ready(struct worker *worker, struct line *line)
{
	const char *missing;

	if (!acceptor_accepts(&worker->acceptor))
		return (false);
	missing = prepare(worker, line);
	if (missing != NULL)
		worker_pause(worker, missing);
	return (missing == NULL);
}

void
worker_take(struct worker *worker, const struct arrival *arrival)
{
	session_start(worker->spare, arrival);
}

/* Needs no memory, which may be why it was not taken. */
void
worker_refuse(struct worker *worker, const struct arrival *arrival,
    enum reason reason)
{
	const uint64_t now_ms = mux_loop_now_ms(worker->loop);
	const struct session session = { .worker = worker,
	    .id = arrival->id, .line = arrival->line,
	    .client_address = arrival->client, .reason = (uint8_t)reason,
	    .started_ms = now_ms, .connected_ms = now_ms };
	const struct tally none = { .lost_bytes = 0 };

	session_log_open(&session);
	session_log_end(&session, &none, &none);
	worker->counters.sessions++;
	worker->counters.reasons[reason]++;
	socket_reset_on_close(arrival->fd);
	socket_close(arrival->fd);
	line_leave(arrival->line, arrival->source);
	if (worker->ended != NULL)
		worker->ended(worker->ended_arg);
}

void
worker_tell_ends(struct worker *worker, worker_ended_fn *ended, void *arg)
{
	worker->ended = ended;
	worker->ended_arg = arg;
}

void
worker_limit_memory(struct worker *worker, size_t max_bytes)
{
	atomic_store(&worker->supplies.queued_max_bytes, max_bytes);
}

void
worker_allow_pipes(struct worker *worker, size_t pipes_max)
{
	worker->supplies.pipes.open_max = pipes_max;
}

void
worker_pause(struct worker *worker, const char *what)
{
	acceptor_pause(&worker->acceptor, what);
}

void
worker_add(struct worker *worker, struct session *session)
{
	session->line->lanes[worker->number - 1]->sessions++;
	session->next = worker->sessions;
	if (session->next != NULL)
		session->next->previous = session;
	worker->sessions = session;
	worker->counters.sessions++;
	interval_update(worker);
	acceptor_began(&worker->acceptor);
}

/* Before anybody is told of the end: the line may accept one more then. */
static void
leave_line(struct worker *worker, const struct session *session)
{
	struct line *line = session->line;
	struct lane *lane = line->lanes[worker->number - 1];
	const bool is_last = --lane->sessions == 0 &&
	    atomic_load(&line->is_retired);

	line_leave(line, session->source);
	/* its pool may be telling just now that the names are known */
	if (is_last)
		mux_timer_start(worker->sweep_timer, 0);
}

void
worker_remove(struct worker *worker, struct session *session)
{
	interval_forget(&worker->interval, session);
	if (session->previous != NULL)
		session->previous->next = session->next;
	else
		worker->sessions = session->next;
	if (session->next != NULL)
		session->next->previous = session->previous;
	leave_line(worker, session);
	acceptor_ended(&worker->acceptor, 1);
	if (worker->sessions == NULL)
		supplies_trim(&worker->supplies);
	if (worker->ended != NULL)
		worker->ended(worker->ended_arg);
	if (worker->is_draining && worker->sessions == NULL)
		worker->drained(worker->drained_arg);
}

void
worker_drain(struct worker *worker, bool accepts_rest,
    worker_drained_fn *drained, void *arg)
{
	if (worker->is_draining)
		return;
	if (accepts_rest)
		acceptor_close(&worker->acceptor);
	else
		acceptor_leave(&worker->acceptor);
	worker->is_draining = true;
	worker->drained = drained;
	worker->drained_arg = arg;
	if (worker->sessions == NULL)
		drained(arg);
}

void
worker_cut(struct worker *worker, enum reason reason)
{
	while (worker->sessions != NULL)
		session_cut(worker->sessions, reason);
}
