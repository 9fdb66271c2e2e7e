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

/* The memory for one more session. */
static const char *
prepare(void *arg)
{
	struct worker *worker = arg;

	if (worker->spare == NULL)
		worker->spare = session_create(worker);
	return (worker->spare == NULL ? text_error(errno) : NULL);
}

static void
take(void *arg, int fd, const struct address *client)
{
	struct worker *worker = arg;

	session_start(worker->spare, fd, client, worker->counters.sessions + 1);
}

static const struct taker taker = { .prepare = prepare, .take = take };

struct worker *
worker_create(size_t number, struct mux_loop *loop, struct log *log,
    struct pool_common *common, const struct route *route, const int *fds,
    size_t fds_count)
{
	struct worker *worker;

	worker = calloc(1, sizeof(*worker));
	if (worker == NULL)
		return (NULL);
	worker->number = number;
	worker->loop = loop;
	worker->log = log;
	worker->route = route;
	worker->pool = pool_create(common, loop, log, route->upstreams,
	    route->connect_timeout_ms);
	if (supplies_open(&worker->supplies) == -1 || worker->pool == NULL ||
	    interval_open(&worker->interval, worker) == -1 ||
	    acceptor_open(&worker->acceptor, loop, log, fds, fds_count,
	    &taker, worker) == -1) {
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
	supplies_close(&worker->supplies);
	session_destroy(worker->spare);
	pool_destroy(worker->pool);
	free(worker);
}

int
worker_start(struct worker *worker, size_t sessions_max)
{
	return (acceptor_start(&worker->acceptor, sessions_max));
}

bool
worker_is_ready(struct worker *worker)
{
	const char *missing;

	if (!acceptor_accepts(&worker->acceptor))
		return (false);
	missing = prepare(worker);
	if (missing != NULL)
		worker_pause(worker, missing);
	return (missing == NULL);
}

void
worker_take(struct worker *worker, int fd, const struct address *client,
    uint64_t id)
{
	session_start(worker->spare, fd, client, id);
}

/* Needs no memory, which may be why it was not taken. */
void
worker_refuse(struct worker *worker, int fd, const struct address *client,
    uint64_t id, enum reason reason)
{
	const uint64_t now_ms = mux_loop_now_ms(worker->loop);
	const struct session session = { .worker = worker, .id = id,
	    .client_address = *client, .reason = reason,
	    .started_ms = now_ms, .connected_ms = now_ms };
	const struct tally none = { .lost_bytes = 0 };

	session_log_open(&session);
	session_log_end(&session, &none, &none);
	worker->counters.sessions++;
	worker->counters.reasons[reason]++;
	socket_reset_on_close(fd);
	socket_close(fd);
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
	session->next = worker->sessions;
	if (session->next != NULL)
		session->next->previous = session;
	worker->sessions = session;
	worker->counters.sessions++;
	interval_update(worker);
	acceptor_began(&worker->acceptor);
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
	acceptor_ended(&worker->acceptor, 1);
	if (worker->sessions == NULL)
		supplies_trim(&worker->supplies);
	if (worker->ended != NULL)
		worker->ended(worker->ended_arg);
	if (worker->is_draining && worker->sessions == NULL)
		worker->drained(worker->drained_arg);
}

void
worker_drain(struct worker *worker, worker_drained_fn *drained, void *arg)
{
	if (worker->is_draining)
		return;
	acceptor_close(&worker->acceptor);
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
