/* SPDX-License-Identifier: ISC */

/* settle.c - what follows from a session's state. */

#include <errno.h>

#include "base/socket.h"
#include "base/text.h"
#include "base/units.h"
#include "relay/endpoint.h"
#include "relay/session-end.h"
#include "relay/settle.h"

/* How often to look whether the last bytes have arrived. */
#define LOOK_FIRST_MS	1
#define LOOK_MAX_MS	1000

/*
 * How often in the time of a limit to look whether a reader who is slow has
 * taken something of what the system still holds for it.
 */
#define LOOKS		4

/* ENDING is bounded also where being half-closed is not. */
#define ENDING_MS	(60 * 1000)

/*
 * Most connects are over by then, and the client of one that is needs no watch
 * of its own before: nothing settles a session that is CONNECTING but its timer.
 */
#define WATCH_MS	10

/* A socket that lacks memory would report readiness without end. */
#define SHORT_MS	50

void
session_note_reason(struct session *session, enum reason reason)
{
	if (session->reason == REASON_NONE ||
	    ((session->reason == REASON_CLIENT_FIN ||
	    session->reason == REASON_UPSTREAM_FIN) &&
	    reason != REASON_CLIENT_FIN && reason != REASON_UPSTREAM_FIN))
		session->reason = (uint8_t)reason;
}

void
session_note_movement(struct session *session)
{
	session->moved_ms = mux_loop_now_ms(session->worker->loop);
}

/* How long the session may stay as it is without a byte moving. */
static uint64_t
session_limit_ms(const struct session *session)
{
	const struct route *route = session->line->route;

	if (session->state == SESSION_CONNECTING)
		return (DURATION_OFF);	/* the connect has its own limit */
	if (session->up.state == FLOW_OPEN && session->down.state == FLOW_OPEN)
		return (route->idle_timeout_ms);
	if (session->state == SESSION_ENDING &&
	    route->half_close_timeout_ms == DURATION_OFF)
		return (ENDING_MS);
	return (route->half_close_timeout_ms);
}

/*
 * The timer is not moved when bytes are: it looks, when it fires, at how
 * long that is ago.  One millisecond more, since the clock is rounded down.
 */
void
session_arm_timer(struct session *session)
{
	const uint64_t quiet_ms = mux_loop_now_ms(session->worker->loop) -
	    session->moved_ms;
	uint64_t delay_ms = DURATION_OFF;

	session->has_fired = false;
	session->limit_ms = session_limit_ms(session);
	if (session->limit_ms != DURATION_OFF)
		delay_ms = session->limit_ms > quiet_ms ?
		    session->limit_ms - quiet_ms + 1 : 1;
	if (session->limit_ms != DURATION_OFF &&
	    session->limit_ms / LOOKS + 1 < delay_ms)
		delay_ms = session->limit_ms / LOOKS + 1;
	if (session->state == SESSION_ENDING &&
	    session->look_again_ms < delay_ms)
		delay_ms = session->look_again_ms;
	if (session->is_short && SHORT_MS < delay_ms)
		delay_ms = SHORT_MS;
	if (!session->client.is_registered && WATCH_MS < delay_ms)
		delay_ms = WATCH_MS;
	if (delay_ms == DURATION_OFF)
		mux_timer_stop(session->timer);
	else
		mux_timer_start(session->timer, delay_ms);
}

void
session_break_off(struct session *session, enum reason reason)
{
	session_note_reason(session, reason);
	session->is_broken = true;
}

void
session_rest(struct session *session)
{
	session->is_short = true;
	session_arm_timer(session);
}

void
endpoint_failed(struct endpoint *endpoint, int error)
{
	const bool is_client = endpoint == &endpoint->session->client;
	const bool is_reset = error == ECONNRESET || error == EPIPE;

	if (endpoint->has_failed)
		return;
	endpoint->has_failed = true;
	flow_from(endpoint)->is_held = false;
	flow_abandon(flow_to(endpoint), &endpoint->session->worker->supplies);
	session_note_movement(endpoint->session);
	session_note_reason(endpoint->session, is_client ?
	    is_reset ? REASON_CLIENT_RESET : REASON_CLIENT_ERROR :
	    is_reset ? REASON_UPSTREAM_RESET : REASON_UPSTREAM_ERROR);
}

/* Passes the end of input on, once everything before it was written (C2). */
static void
flow_settle(struct endpoint *source, struct endpoint *sink)
{
	struct flow *flow = flow_from(source);
	int error;

	if (flow->state != FLOW_DRAINING || flow_wants_output(flow))
		return;
	flow->state = FLOW_DONE;
	/* after a failure not an end, but a reset is what follows */
	if (source->has_failed) {
		socket_push(sink->fd);
		return;
	}
	error = endpoint_shut(sink);
	if (error != 0)
		endpoint_failed(sink, error);
}

/* Whether an endpoint has got all that it will get. */
static bool
endpoint_is_served(struct endpoint *endpoint)
{
	return (endpoint->has_failed ||
	    (flow_to(endpoint)->state == FLOW_DONE &&
	    endpoint_pending(endpoint) == 0));
}

/* Both ends of input were passed on; the system may still be delivering. */
static bool
is_passed_on(const struct session *session)
{
	return (session->up.state == FLOW_DONE &&
	    session->down.state == FLOW_DONE);
}

static bool
has_failed(const struct session *session)
{
	return (session->client.has_failed || session->upstream.has_failed);
}

/* From state alone: whether there is nothing left to do. */
static bool
is_over(struct session *session)
{
	if (session->is_broken)
		return (true);
	if (session->state == SESSION_CONNECTING)
		return (session->client.has_failed);
	return ((is_passed_on(session) || has_failed(session)) &&
	    endpoint_is_served(&session->client) &&
	    endpoint_is_served(&session->upstream));
}

static int
set_interest(struct endpoint *endpoint, unsigned interest)
{
	struct mux_loop *loop = endpoint->session->worker->loop;

	if (endpoint->is_registered)
		return (mux_fd_modify(loop, endpoint->fd, interest));
	if (interest == 0)
		return (0);
	if (mux_fd_register(loop, endpoint->fd, interest, session_ready,
	    endpoint) == -1)
		return (-1);
	endpoint->is_registered = true;
	return (0);
}

/* A shortage in the kernel is waited out, and new clients wait with it. */
static void
endpoint_watch(struct endpoint *endpoint)
{
	struct session *session = endpoint->session;

	if (endpoint->fd == -1 ||
	    set_interest(endpoint, endpoint_interest(endpoint)) == 0)
		return;
	if (errno == ENOMEM || errno == ENOSPC) {
		worker_pause(session->worker, text_error(errno));
		session_rest(session);
	} else
		session_break_off(session, REASON_SYSTEM_ERROR);
}

/*
 * Behind an end of input a reset shows neither in a read nor, when both
 * directions have ended, in a report: it has to be asked for.
 */
static void
look_for_failure(struct endpoint *endpoint)
{
	int error;

	if (endpoint->has_failed || (socket_counts_lost ?
	    endpoint_pending(endpoint) == 0 : endpoint_is_unix(endpoint)))
		return;
	error = socket_take_failure(endpoint->fd);
	if (error != 0)
		endpoint_failed(endpoint, error);
}

/*
 * What the system still holds for the peers.  Of a UNIX-domain socket, too:
 * here it is asked whether a reader is at work, not whether all arrived.
 */
static int
session_pending(const struct session *session)
{
	int pending = 0;

	if (session->client.fd != -1 && !session->client.has_failed)
		pending += socket_unacked_bytes(session->client.fd);
	if (session->upstream.fd != -1 && !session->upstream.has_failed)
		pending += socket_unacked_bytes(session->upstream.fd);
	return (pending);
}

void
session_look_for_movement(struct session *session)
{
	const int pending = session_pending(session);
	const bool up = flow_look(&session->up, session->client.fd);
	const bool down = flow_look(&session->down, session->upstream.fd);

	if (up || down)
		session_note_movement(session);
	/* where nothing was pending, the write that made it so was movement */
	if (session->pending != 0 && pending != session->pending)
		session_note_movement(session);
	session->pending = pending;
	session->look_again_ms *= 2;
	if (session->look_again_ms > LOOK_MAX_MS)
		session->look_again_ms = LOOK_MAX_MS;
}

static void
begin_ending(struct session *session)
{
	session->state = SESSION_ENDING;
	session->ending_ms = mux_loop_now_ms(session->worker->loop);
	session->look_again_ms = LOOK_FIRST_MS;
	session->pending = session_pending(session);
	session_arm_timer(session);
}

/*
 * Looks a second time where the first look may have changed the state.  Where
 * nothing is pending after a reset either, its error has to be looked for, and
 * after what is pending: it comes first.
 */
static bool
is_over_now(struct session *session)
{
	bool over = is_over(session);

	if (is_passed_on(session) && !(over && socket_counts_lost)) {
		look_for_failure(&session->client);
		look_for_failure(&session->upstream);
		if (!over && (socket_counts_lost || has_failed(session)))
			over = is_over(session);
	}
	if (over)
		return (true);
	endpoint_watch(&session->client);
	endpoint_watch(&session->upstream);
	return (session->is_broken);
}

void
session_settle(struct session *session)
{
	struct worker *worker = session->worker;

	if (worker->supplies.is_tight)
		pressure_let_answer(session);
	flow_settle(&session->client, &session->upstream);
	flow_settle(&session->upstream, &session->client);
	if (is_over_now(session))
		session_end(session);
	else if (session->state == SESSION_RELAYING &&
	    (is_passed_on(session) || has_failed(session)))
		begin_ending(session);
	else if (session->has_fired ||
	    session->limit_ms != session_limit_ms(session))
		session_arm_timer(session);
	/* of what was drained or dropped, in whatever way it came to that */
	if (worker->supplies.is_tight)
		pressure_eased(worker);
}
