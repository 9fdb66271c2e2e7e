/* SPDX-License-Identifier: ISC */

/* session.c - what happens to a session: its callbacks, its beginning. */

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base/socket.h"
#include "base/text.h"
#include "base/units.h"
#include "relay/endpoint.h"
#include "relay/session.h"
#include "relay/session-log.h"
#include "relay/settle.h"

/* A socket that has something to be read rings before that. */
#define SILENT_MS	128

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
		session_rest(session);
		break;
	case STEP_MOVED:
		session_note_movement(session);
		break;
	case STEP_ENDED:
		session_note_movement(session);
		session_note_reason(session, source == &session->client ?
		    REASON_CLIENT_FIN : REASON_UPSTREAM_FIN);
		break;
	case STEP_SOURCE_FAILED:
		endpoint_failed(source, error);
		flow_from(source)->state = FLOW_DRAINING;
		break;
	case STEP_SINK_FAILED:
		endpoint_failed(sink, error);
		break;
	}
}

/* A failed endpoint from which nothing more comes is at its end. */
static void
end_input(struct endpoint *source)
{
	if (source->has_failed && flow_wants_input(flow_from(source)))
		flow_from(source)->state = FLOW_DRAINING;
}

/*
 * What a socket had received before it failed is still read, and it rings for
 * that; but one that merely could not be shut down may be silent for ever.
 */
static void
look_for_silence(struct session *session, bool was_watched)
{
	if (was_watched && !session->has_rung &&
	    session->look_again_ms >= SILENT_MS) {
		end_input(&session->client);
		end_input(&session->upstream);
	}
	session->has_rung = false;
}

static void
on_timer(struct mux_timer *timer, void *arg)
{
	struct session *session = arg;
	const uint64_t now_ms = mux_loop_now_ms(session->worker->loop);
	const bool was_watched = !session->is_short;

	(void)timer;
	session->has_fired = true;
	session->is_short = false;
	if (session->state != SESSION_CONNECTING)
		session_look_for_movement(session);
	if (session->state == SESSION_ENDING)
		look_for_silence(session, was_watched);
	if (session->limit_ms != DURATION_OFF &&
	    now_ms - session->moved_ms > session->limit_ms)
		session_break_off(session, session->up.state == FLOW_OPEN &&
		    session->down.state == FLOW_OPEN ? REASON_IDLE :
		    REASON_HALF_CLOSE_LIMIT);
	session_settle(session);
}

void
session_ready(struct mux_loop *loop, int fd, unsigned events, void *arg)
{
	struct endpoint *endpoint = arg;
	struct session *session = endpoint->session;
	struct endpoint *other = opposite(endpoint);
	struct supplies *supplies = &session->worker->supplies;
	struct flow *flow = flow_from(endpoint);
	enum flow_step step = STEP_IDLE;

	(void)loop;
	session->has_rung = true;
	if ((events & (MUX_ERROR | MUX_HANGUP)) != 0)
		endpoint_hung_up(endpoint, (events & MUX_ERROR) != 0);
	if ((events & MUX_WRITE) != 0 && flow_wants_output(flow_to(endpoint)))
		take_step(other, endpoint, flow_drain(flow_to(endpoint), fd,
		    supplies));
	if ((events & MUX_READ) != 0 && flow_wants_input(flow) &&
	    (supplies_max_bytes(supplies) == 0 || !pressure_holds(endpoint))) {
		step = flow_fill(flow, fd, other->fd, supplies,
		    (events & MUX_END) != 0);
		take_step(endpoint, other, step);
	}
	if (supplies->was_short) {
		supplies->was_short = false;
		worker_pause(session->worker, text_error(ENOMEM));
	}
	/* what was passed on whole, and goes on as before, changes nothing */
	if (events != MUX_READ || step != STEP_MOVED ||
	    !flow_wants_input(flow) || session->is_short)
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
	session->tried = (uint8_t)result->tried;
	session->upstream_address = result->address;
	if (result->status != CONNECT_ESTABLISHED) {
		session_break_off(session, reason_of(result->status));
	} else {
		session->upstream.fd = result->fd;
		/* watched while it was connecting; else settling does it */
		session->upstream.is_registered = mux_fd_rebind(
		    session->worker->loop, result->fd, session_ready,
		    &session->upstream) == 0;
		session->state = SESSION_RELAYING;
		session_note_movement(session);
		session->connected_ms = session->moved_ms;
		session_log_connected(session);
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
	session->connect = connect_create(worker->loop, on_connected, session);
	if (session->timer == NULL || session->connect == NULL) {
		session_destroy(session);
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
	connect_cancel(session->connect);
	mux_timer_destroy(session->timer);
	free(session);
}

void
session_start(struct session *session, const struct arrival *arrival)
{
	struct worker *worker = session->worker;
	struct lane *lane = lane_of(arrival->line, worker);

	assert(session == worker->spare && lane != NULL);
	worker->spare = NULL;
	session->line = arrival->line;
	session->source = arrival->source;
	worker_add(worker, session);
	session->id = arrival->id;
	session->client.fd = arrival->fd;
	session->client_address = arrival->client;
	session_note_movement(session);
	session->started_ms = session->moved_ms;
	session_log_open(session);
	connect_start(session->connect, lane->pool, arrival->turn,
	    arrival->port_offset);
	session_arm_timer(session);
}

void
session_cut(struct session *session, enum reason reason)
{
	session_break_off(session, reason);
	session_settle(session);
}
