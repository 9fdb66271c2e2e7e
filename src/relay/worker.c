/* SPDX-License-Identifier: ISC */

/*
 * worker.c - the listeners and sessions of one loop.
 *
 * Accepting is on exactly when worker_accepts() says so; every change of
 * what it depends on is followed by worker_update_listeners().
 */

#include <assert.h>
#include <stdlib.h>

#include "relay/listener.h"
#include "relay/session.h"
#include "relay/worker.h"

/* A shortage may end without a session of ours ending. */
#define RESUME_MS	100

/* A limit that is reached again and again is told this often. */
#define WARN_AGAIN_MS	(60 * 1000)

static void
on_resume(struct mux_timer *timer, void *arg)
{
	struct worker *worker = arg;

	(void)timer;
	worker->is_short = false;
	worker_update_listeners(worker);
}

struct worker *
worker_create(struct mux_loop *loop, struct log *log,
    struct pool_common *common, const struct route *route, const int *fds,
    size_t fds_count)
{
	struct worker *worker;
	size_t i;

	worker = calloc(1, sizeof(*worker));
	if (worker == NULL)
		return (NULL);
	worker->loop = loop;
	worker->log = log;
	worker->route = route;
	worker->resume_timer = mux_timer_create(loop, on_resume, worker);
	worker->pool = pool_create(common, loop, log, route->upstreams,
	    route->connect_timeout_ms);
	worker->listeners = calloc(fds_count, sizeof(*worker->listeners));
	worker->scratch.size_bytes = SCRATCH_BYTES;
	worker->scratch.bytes = malloc(SCRATCH_BYTES);
	worker->scratch.reserve = malloc(SCRATCH_BYTES);
	if (worker->resume_timer == NULL || worker->pool == NULL ||
	    worker->listeners == NULL || worker->scratch.bytes == NULL ||
	    worker->scratch.reserve == NULL)
		goto fail;
	for (i = 0; i < fds_count; i++) {
		if (listener_open(&worker->listeners[i], worker,
		    fds[i]) == -1)
			goto fail;
		worker->listeners_count++;
	}
	return (worker);

fail:
	for (i = 0; i < worker->listeners_count; i++)
		mux_fd_unregister(loop, fds[i]);
	worker->listeners_count = 0;
	worker_destroy(worker);
	return (NULL);
}

void
worker_destroy(struct worker *worker)
{
	size_t i;

	if (worker == NULL)
		return;
	assert(worker->sessions == NULL);
	for (i = 0; i < worker->listeners_count; i++)
		listener_close(&worker->listeners[i]);
	free(worker->listeners);
	free(worker->scratch.bytes);
	free(worker->scratch.reserve);
	session_destroy(worker->spare);
	mux_timer_destroy(worker->resume_timer);
	pool_destroy(worker->pool);
	free(worker);
}

bool
worker_accepts(const struct worker *worker)
{
	return (!worker->is_short && !worker->is_draining &&
	    worker->sessions_count < worker->sessions_max);
}

void
worker_update_listeners(struct worker *worker)
{
	size_t i;

	for (i = 0; i < worker->listeners_count; i++)
		listener_update(&worker->listeners[i]);
}

int
worker_start(struct worker *worker, size_t sessions_max)
{
	worker->sessions_max = sessions_max;
	worker_update_listeners(worker);
	return (worker->is_short ? -1 : 0);
}

static void
warn_paused(struct worker *worker, const char *what)
{
	const uint64_t now_ms = mux_loop_now_ms(worker->loop);

	if (worker->has_warned && now_ms - worker->warned_ms < WARN_AGAIN_MS)
		return;
	worker->has_warned = true;
	worker->warned_ms = now_ms;
	log_line(worker->log, SEVERITY_WARNING,
	    "accept-paused error=\"%s\" sessions=%zu", what,
	    worker->sessions_count);
}

void
worker_pause(struct worker *worker, const char *what)
{
	if (worker->is_short)
		return;
	warn_paused(worker, what);
	worker->is_short = true;
	mux_timer_start(worker->resume_timer, RESUME_MS);
	worker_update_listeners(worker);
}

void
worker_add(struct worker *worker, struct session *session)
{
	session->next = worker->sessions;
	if (session->next != NULL)
		session->next->previous = session;
	worker->sessions = session;
	worker->sessions_count++;
	worker->counters.sessions++;
	if (worker->sessions_count == worker->sessions_max) {
		warn_paused(worker, "connection limit");
		worker_update_listeners(worker);
	}
}

void
worker_remove(struct worker *worker, struct session *session)
{
	if (session->previous != NULL)
		session->previous->next = session->next;
	else
		worker->sessions = session->next;
	if (session->next != NULL)
		session->next->previous = session->previous;
	worker->sessions_count--;

	if (worker->is_draining) {
		if (worker->sessions_count == 0)
			worker->drained(worker->drained_arg);
		return;
	}
	if (worker->is_short) {
		worker->is_short = false;
		mux_timer_stop(worker->resume_timer);
	}
	worker_update_listeners(worker);
}

void
worker_drain(struct worker *worker, worker_drained_fn *drained, void *arg)
{
	size_t i;

	if (worker->is_draining)
		return;
	for (i = 0; i < worker->listeners_count; i++) {
		listener_accept(&worker->listeners[i]);
		listener_close(&worker->listeners[i]);
	}
	worker->is_draining = true;
	worker->drained = drained;
	worker->drained_arg = arg;
	if (worker->sessions_count == 0)
		drained(arg);
}

void
worker_cut(struct worker *worker, enum reason reason)
{
	while (worker->sessions != NULL)
		session_cut(worker->sessions, reason);
}
