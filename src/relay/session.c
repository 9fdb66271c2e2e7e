/* SPDX-License-Identifier: ISC */

/* session.c - one client connection and its upstream connection. */

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base/socket.h"
#include "base/units.h"
#include "relay/endpoint.h"
#include "relay/session.h"
#include "relay/session-end.h"

/* How often to look whether the last bytes before a reset have arrived. */
#define LOOK_FIRST_MS	1
#define LOOK_MAX_MS	100

/* A socket that lacks memory would report readiness without end. */
#define SHORT_MS	50

/* The first cause counts, but a clean end of one side is not yet the end. */
static void
note_reason(struct session *session, enum reason reason)
{
	if (session->reason == REASON_NONE ||
	    ((session->reason == REASON_CLIENT_FIN ||
	    session->reason == REASON_UPSTREAM_FIN) &&
	    reason != REASON_CLIENT_FIN && reason != REASON_UPSTREAM_FIN))
		session->reason = reason;
}

static void
note_movement(struct session *session)
{
	session->moved_ms = mux_loop_now_ms(session->worker->loop);
}

/* How long the session may stay as it is without a byte moving. */
static uint64_t
session_limit_ms(const struct session *session)
{
	const struct route *route = session->worker->route;

	if (session->state == SESSION_CONNECTING)
		return (DURATION_OFF);	/* the connect has its own limit */
	if (session->up.state == FLOW_OPEN && session->down.state == FLOW_OPEN)
		return (route->idle_timeout_ms);
	return (route->half_close_timeout_ms);
}

/*
 * The timer is not moved when bytes are: it looks, when it fires, at how
 * long that is ago.  One millisecond more, since the clock is rounded down.
 */
static void
arm_timer(struct session *session)
{
	const uint64_t quiet_ms = mux_loop_now_ms(session->worker->loop) -
	    session->moved_ms;
	uint64_t delay_ms = DURATION_OFF;

	session->limit_ms = session_limit_ms(session);
	if (session->limit_ms != DURATION_OFF)
		delay_ms = session->limit_ms > quiet_ms ?
		    session->limit_ms - quiet_ms + 1 : 1;
	if (session->state == SESSION_RESETTING &&
	    session->look_again_ms < delay_ms)
		delay_ms = session->look_again_ms;
	if (session->is_short && SHORT_MS < delay_ms)
		delay_ms = SHORT_MS;
	if (delay_ms == DURATION_OFF)
		mux_timer_stop(session->timer);
	else
		mux_timer_start(session->timer, delay_ms);
}

/* The session cannot go on; it ends when the callback is done with it. */
static void
break_off(struct session *session, enum reason reason)
{
	note_reason(session, reason);
	session->is_broken = true;
}

/*
 * An endpoint can no longer be written to; what it had sent before may still
 * be there to be read, up to the error or the end of input.
 */
static void
endpoint_failed(struct endpoint *endpoint, int error)
{
	const bool is_client = endpoint == &endpoint->session->client;
	const bool is_reset = error == ECONNRESET || error == EPIPE;

	if (endpoint->has_failed)
		return;
	endpoint->has_failed = true;
	flow_abandon(flow_to(endpoint));
	note_movement(endpoint->session);
	note_reason(endpoint->session, is_client ?
	    is_reset ? REASON_CLIENT_RESET : REASON_CLIENT_ERROR :
	    is_reset ? REASON_UPSTREAM_RESET : REASON_UPSTREAM_ERROR);
}

/*
 * Both directions of an endpoint are over.  When its input was ended by us,
 * that may be a failure or two clean ends, which not every backend can tell
 * apart; then nothing is to be sent any more, and reading finds out.
 */
static void
endpoint_hung_up(struct endpoint *endpoint, bool by_failure)
{
	int error;

	endpoint->has_hung_up = true;
	if (!by_failure || endpoint->is_shut)
		return;
	error = socket_take_error(endpoint->fd);
	endpoint_failed(endpoint, error != 0 ? error : ECONNRESET);
}

/* What one step of the flow from source to sink means for the session. */
static void
take_step(struct endpoint *source, struct endpoint *sink, enum flow_step step)
{
	struct session *session = source->session;
	const int error = errno;

	switch (step) {
	case STEP_IDLE:
		break;
	case STEP_SHORT:
		session->is_short = true;
		arm_timer(session);
		break;
	case STEP_MOVED:
		note_movement(session);
		break;
	case STEP_ENDED:
		note_movement(session);
		note_reason(session, source == &session->client ?
		    REASON_CLIENT_FIN : REASON_UPSTREAM_FIN);
		break;
	case STEP_SOURCE_FAILED:
		endpoint_failed(source, error);
		flow_from(source)->state = FLOW_DRAINING;
		break;
	case STEP_SINK_FAILED:
		endpoint_failed(sink, error);
		break;
	case STEP_NO_MEMORY:
		break_off(session, REASON_NO_MEMORY);
		break;
	}
}

/* Passes the end of input on, once everything before it was written (C2). */
static void
flow_settle(struct endpoint *source, struct endpoint *sink)
{
	struct flow *flow = flow_from(source);

	if (flow->state != FLOW_DRAINING || flow_wants_output(flow))
		return;
	flow->state = FLOW_DONE;
	/* after a failure not an end, but a reset is what follows */
	if (!source->has_failed)
		endpoint_shut(sink);
}

/* The endpoint that is still there when the other one has failed. */
static struct endpoint *
survivor(struct session *session)
{
	return (session->client.has_failed ? &session->upstream :
	    &session->client);
}

/*
 * From state alone: whether there is nothing left to do.  After a failure
 * that is when the other side has all that came before it.
 */
static bool
is_over(struct session *session)
{
	struct endpoint *other;

	if (session->is_broken)
		return (true);
	if (session->state == SESSION_CONNECTING)
		return (session->client.has_failed);
	if (session->client.has_failed && session->upstream.has_failed)
		return (true);
	if (!session->client.has_failed && !session->upstream.has_failed)
		return (session->up.state == FLOW_DONE &&
		    session->down.state == FLOW_DONE);
	other = survivor(session);
	return (flow_to(other)->state == FLOW_DONE &&
	    endpoint_unacked_bytes(other) == 0);
}

static void
endpoint_watch(struct endpoint *endpoint)
{
	if (endpoint->fd != -1 &&
	    mux_fd_modify(endpoint->session->worker->loop, endpoint->fd,
	    endpoint_interest(endpoint)) == -1)
		break_off(endpoint->session, REASON_SYSTEM_ERROR);
}

/* Brings everything in line with the state, or ends the session. */
static void
session_settle(struct session *session)
{
	flow_settle(&session->client, &session->upstream);
	flow_settle(&session->upstream, &session->client);
	if (!is_over(session)) {
		endpoint_watch(&session->client);
		endpoint_watch(&session->upstream);
	}
	if (is_over(session)) {
		session_end(session);
		return;
	}
	if (session->state == SESSION_RELAYING &&
	    (session->client.has_failed || session->upstream.has_failed)) {
		session->state = SESSION_RESETTING;
		session->look_again_ms = LOOK_FIRST_MS;
		session->unacked_bytes =
		    endpoint_unacked_bytes(survivor(session));
		arm_timer(session);
	} else if (session->limit_ms != session_limit_ms(session))
		arm_timer(session);
}

/* RESETTING: acknowledged bytes count as moved. */
static void
look_for_movement(struct session *session)
{
	const int unacked_bytes = endpoint_unacked_bytes(survivor(session));

	if (unacked_bytes != session->unacked_bytes)
		note_movement(session);
	session->unacked_bytes = unacked_bytes;
	session->look_again_ms *= 2;
	if (session->look_again_ms > LOOK_MAX_MS)
		session->look_again_ms = LOOK_MAX_MS;
}

static void
on_timer(struct mux_timer *timer, void *arg)
{
	struct session *session = arg;
	const uint64_t now_ms = mux_loop_now_ms(session->worker->loop);

	(void)timer;
	session->is_short = false;
	if (session->state == SESSION_RESETTING)
		look_for_movement(session);
	if (session->limit_ms != DURATION_OFF &&
	    now_ms - session->moved_ms > session->limit_ms)
		break_off(session, session->up.state == FLOW_OPEN &&
		    session->down.state == FLOW_OPEN ? REASON_IDLE :
		    REASON_HALF_CLOSE_LIMIT);
	else
		arm_timer(session);
	session_settle(session);
}

static void
on_ready(struct mux_loop *loop, int fd, unsigned events, void *arg)
{
	struct endpoint *endpoint = arg;
	struct session *session = endpoint->session;
	struct endpoint *other = opposite(endpoint);

	(void)loop;
	if ((events & (MUX_ERROR | MUX_HANGUP)) != 0)
		endpoint_hung_up(endpoint, (events & MUX_ERROR) != 0);
	if ((events & MUX_WRITE) != 0 && flow_wants_output(flow_to(endpoint)))
		take_step(other, endpoint, flow_drain(flow_to(endpoint), fd));
	if ((events & MUX_READ) != 0 && flow_wants_input(flow_from(endpoint)))
		take_step(endpoint, other, flow_fill(flow_from(endpoint), fd,
		    other->fd, session->worker->scratch, SCRATCH_BYTES));
	session_settle(session);
}

static enum reason
reason_of(enum connect_status status)
{
	switch (status) {
	case CONNECT_REFUSED:
		return (REASON_CONNECT_REFUSED);
	case CONNECT_TIMED_OUT:
		return (REASON_CONNECT_TIMEOUT);
	case CONNECT_UNRESOLVED:
		return (REASON_NAME_FAILED);
	case CONNECT_ESTABLISHED:
	case CONNECT_FAILED:
		break;
	}
	return (REASON_CONNECT_FAILED);
}

static void
on_connected(const struct connect_result *result, void *arg)
{
	struct session *session = arg;

	session->connect = NULL;
	session->server = result->upstream;
	session->upstream_address = result->address;
	if (result->status != CONNECT_ESTABLISHED) {
		break_off(session, reason_of(result->status));
	} else if (mux_fd_register(session->worker->loop, result->fd, 0,
	    on_ready, &session->upstream) == -1) {
		socket_close(result->fd);
		break_off(session, REASON_SYSTEM_ERROR);
	} else {
		session->upstream.fd = result->fd;
		session->state = SESSION_RELAYING;
		note_movement(session);
		session->connected_ms = session->moved_ms;
		log_connected(session);
	}
	session_settle(session);
}

struct session *
session_create(struct worker *worker)
{
	struct session *session;

	session = calloc(1, sizeof(*session));
	if (session == NULL)
		return (NULL);
	session->timer = mux_timer_create(worker->loop, on_timer, session);
	if (session->timer == NULL) {
		free(session);
		return (NULL);
	}
	session->worker = worker;
	session->client.session = session->upstream.session = session;
	session->client.fd = session->upstream.fd = -1;
	session->limit_ms = DURATION_OFF;
	return (session);
}

void
session_destroy(struct session *session)
{
	if (session == NULL)
		return;
	mux_timer_destroy(session->timer);
	free(session);
}

void
session_start(struct session *session, int fd, const struct address *client)
{
	struct worker *worker = session->worker;

	assert(session == worker->spare);
	worker->spare = NULL;
	worker_add(worker, session);
	session->id = worker->counters.sessions;
	session->client.fd = fd;
	session->client_address = *client;
	note_movement(session);
	session->started_ms = session->moved_ms;
	log_open(session);
	if (mux_fd_register(worker->loop, fd, 0, on_ready,
	    &session->client) == -1) {
		break_off(session, REASON_SYSTEM_ERROR);
	} else {
		session->connect = connect_start(worker->pool, on_connected,
		    session);
		if (session->connect == NULL)
			break_off(session, REASON_NO_MEMORY);
	}
	session_settle(session);
}

void
session_cut(struct session *session, enum reason reason)
{
	break_off(session, reason);
	session_settle(session);
}
