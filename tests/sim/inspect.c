/* SPDX-License-Identifier: ISC */

/*
 * inspect.c - what must be true of the relay's own state between two turns:
 * the invariants at the head of session.h, held against the sockets.
 */

#include <string.h>

#include "base/units.h"
#include "inspect.h"
#include "loop.h"
#include "mux.h"
#include "relay/listener.h"
#include "relay/session.h"
#include "socks.h"
#include "unix.h"

/* That the last byte was acknowledged is looked for every second. */
#define ENDED_NS	(1200 * NS_PER_MS)

/* A reset is noticed at once; select(2) looks for it every 100 ms. */
#define WATCHED_MS	10
#define UNWATCHED_MS	12
#define NOTICE_NS	(250 * NS_PER_MS)

/* An attempt may rest for a while after a report that meant nothing. */
#define CONNECTED_NS	(200 * NS_PER_MS)

static unsigned
interest_due(const struct endpoint *endpoint, const struct flow *from,
    const struct flow *to)
{
	const struct session *session = endpoint->session;
	unsigned interest = 0;

	if (session->state != SESSION_CONNECTING && !session->is_short) {
		if (from->state == FLOW_OPEN && from->queue.used == 0 &&
		    !from->is_held)
			interest |= MUX_READ;
		if (to->queue.used > 0)
			interest |= MUX_WRITE;
	}
	if (interest == 0 && !endpoint->has_failed && !endpoint->has_hung_up)
		interest = MUX_ERROR;
	return (interest);
}

static void
inspect_flow(const struct session *session, const struct flow *flow)
{
	const struct supplies *supplies = &session->worker->supplies;
	const uint64_t kept = flow->received_bytes - flow->sent_bytes;

	if (flow->state == FLOW_DONE && flow->queue.used != 0)
		violated("state", "session %lu: a flow is over, but not empty",
		    (unsigned long)session->id);
	if (flow->is_joined && flow->queue.used != 0)
		violated("join", "session %lu: joined, and %zu bytes queued",
		    (unsigned long)session->id, flow->queue.used);
	if (flow->state != FLOW_DONE && !flow->is_joined &&
	    kept != flow->queue.used)
		violated("state", "session %lu: %zu bytes queued of %lu",
		    (unsigned long)session->id, flow->queue.used,
		    (unsigned long)kept);
	if (flow->queue.used > (supplies->read_max_bytes >
	    supplies->splice_max_bytes ? supplies->read_max_bytes :
	    supplies->splice_max_bytes))
		violated("C10", "a queue of %zu bytes", flow->queue.used);
}

/* Not of UNIX-domain sockets by select(2): see backend-select.c. */
static bool
is_noticeable(const struct side *side)
{
	return (!side_is_unix(side) || strcmp(mux_backend_name(), "select") != 0);
}

/* Since when the relay can know; not while a socket cannot be watched. */
static uint64_t
noticeable_ns(const struct side *side)
{
	const bool may_watch = kernel.rates[FAULT_WATCH] == 0 &&
	    kernel.rates[FAULT_ENOMEM] == 0;

	return (may_watch || side->reset_ns > kernel.faults_end_ns ?
	    side->reset_ns : kernel.faults_end_ns);
}

static uint64_t
age_ms(const struct session *session)
{
	return (mux_loop_now_ms(session->worker->loop) - session->started_ms);
}

/* Most connects are over before watching the client is of any use. */
static void
inspect_unregistered(const struct endpoint *endpoint)
{
	const struct session *session = endpoint->session;

	if (session->is_short || (session->state == SESSION_CONNECTING &&
	    age_ms(session) < UNWATCHED_MS))
		return;
	violated("state", "descriptor %d is not registered", endpoint->fd);
}

static void
inspect_endpoint(const struct mux_loop *loop, const struct endpoint *endpoint,
    const struct flow *from, const struct flow *to)
{
	const struct desc *desc = desc_of(endpoint->fd);
	const struct mux__slot *slot;
	const struct side *side;
	unsigned due;

	if (endpoint->fd == -1)
		return;
	if (desc == NULL || desc->conn == NULL)
		violated("descriptor", "%d is no connection", endpoint->fd);
	if (!endpoint->is_registered) {
		inspect_unregistered(endpoint);
		return;
	}
	if (endpoint->session->state == SESSION_CONNECTING &&
	    age_ms(endpoint->session) < WATCHED_MS)
		violated("state", "descriptor %d is watched already",
		    endpoint->fd);
	slot = &loop->fds.slots[endpoint->fd];
	due = interest_due(endpoint, from, to);
	if (slot->fn == NULL || slot->arg != endpoint)
		violated("state", "descriptor %d is not registered",
		    endpoint->fd);
	if (slot->interest != due && !endpoint->session->is_short)
		violated("state", "descriptor %d waits for %#x, not %#x",
		    endpoint->fd, slot->interest, due);
	if (desc->conn->is_self)
		violated("connect", "descriptor %d is its own peer",
		    endpoint->fd);
	side = &desc->conn->relay;
	if (side->is_held && !side->is_shut && !endpoint->has_failed)
		violated("C1", "descriptor %d holds bytes back", endpoint->fd);
	if (side->is_reset && side->error != 0 && !endpoint->has_failed &&
	    !endpoint->has_hung_up && is_noticeable(side) &&
	    kernel.now_ns > noticeable_ns(side) + NOTICE_NS)
		violated("C3", "descriptor %d was reset %lu ms ago",
		    endpoint->fd, (unsigned long)((kernel.now_ns -
		    side->reset_ns) / NS_PER_MS));
}

static bool
is_acked_since(int fd, uint64_t *acked_ns)
{
	const struct desc *desc = desc_of(fd);

	if (desc == NULL || side_unacked(desc->side) != 0 ||
	    desc->side->is_reset)
		return (false);
	if (desc->conn->acked_ns > *acked_ns)
		*acked_ns = desc->conn->acked_ns;
	return (true);
}

/* When all is acknowledged, that is noticed before long. */
static void
inspect_ending(const struct session *session)
{
	uint64_t acked_ns = 0;

	if (session->state == SESSION_ENDING &&
	    session->up.state == FLOW_DONE &&
	    session->down.state == FLOW_DONE &&
	    is_acked_since(session->client.fd, &acked_ns) &&
	    is_acked_since(session->upstream.fd, &acked_ns) &&
	    acked_ns != 0 && kernel.now_ns > acked_ns + ENDED_NS)
		violated("end", "session %lu: all was acknowledged %lu ms ago",
		    (unsigned long)session->id,
		    (unsigned long)((kernel.now_ns - acked_ns) / NS_PER_MS));
}

/* A connection to an upstream that is there is noticed before long. */
static void
inspect_connecting(const struct race *race)
{
	const struct desc *desc;
	uint64_t since_ns;
	size_t i;

	for (i = 0; i < race->started; i++) {
		desc = desc_of(race->attempts[i].fd);
		if (desc == NULL || desc->conn->state != CONN_OPEN)
			continue;
		since_ns = desc->conn->moved_ns > kernel.faults_end_ns ?
		    desc->conn->moved_ns : kernel.faults_end_ns;
		if (kernel.now_ns > since_ns + CONNECTED_NS)
			violated("connect", "descriptor %d is connected, and "
			    "nobody looks", race->attempts[i].fd);
	}
}

/* No timer without something to wait for. */
static void
inspect_timer(const struct session *session)
{
	const bool is_running = mux_timer_running(session->timer);
	const bool is_connecting = session->state == SESSION_CONNECTING;

	if (session->has_fired)
		violated("state", "session %lu: its timer is not set again",
		    (unsigned long)session->id);
	if (session->is_short && !is_running)
		violated("state", "session %lu rests without end",
		    (unsigned long)session->id);
	if (!is_connecting && session->limit_ms != DURATION_OFF && !is_running)
		violated("state", "session %lu has a limit and no timer",
		    (unsigned long)session->id);
	if (is_connecting && session->client.is_registered &&
	    !session->is_short && is_running)
		violated("state", "session %lu has a timer and no limit",
		    (unsigned long)session->id);
}

static void
inspect_session(const struct session *session)
{
	const struct mux_loop *loop = session->worker->loop;

	inspect_flow(session, &session->up);
	inspect_flow(session, &session->down);
	inspect_endpoint(loop, &session->client, &session->up,
	    &session->down);
	inspect_endpoint(loop, &session->upstream, &session->down,
	    &session->up);
	if (session->connect != NULL)
		inspect_connecting(&session->connect->race);
	inspect_ending(session);
	inspect_timer(session);
	if (session->is_broken)
		violated("state", "session %lu should have ended",
		    (unsigned long)session->id);
}

/* Nobody is held without a reason, nor when there is room again. */
static void
inspect_pressure(const struct worker *worker)
{
	const size_t most = supplies_max_bytes(&worker->supplies);
	const struct session *session;
	size_t queued = 0, held = 0;

	for (session = worker->sessions; session != NULL;
	    session = session->next) {
		queued += session->up.queue.used + session->down.queue.used;
		held += session->up.is_held + session->down.is_held;
	}
	if (queued != worker->supplies.queued_bytes)
		violated("memory", "%zu bytes queued, counted as %zu", queued,
		    worker->supplies.queued_bytes);
	if (held > 0 && !worker->supplies.is_tight)
		violated("memory", "%zu flows are held, and there is room",
		    held);
	if (held > 0 && queued == 0 &&
	    !mux_timer_running(worker->pressure.relief_timer))
		violated("memory", "%zu flows are held for ever", held);
	if (worker->supplies.is_tight && queued < most - most / 10 * 2 &&
	    !mux_timer_running(worker->pressure.relief_timer))
		violated("memory", "it is tight with %zu of %zu", queued, most);
}

static bool
may_accept(const struct acceptor *acceptor, const struct listener *listener)
{
	return (acceptor_accepts(acceptor) && line_accepts(listener->line,
	    mux_loop_now_ms(acceptor->loop)));
}

/* There may be a token by now; the timer comes to it. */
static bool
awaits_rate(const struct acceptor *acceptor, const struct listener *listener)
{
	return (listener->line->route->limits.accept_rate.count != 0 &&
	    !listener->is_on && mux_timer_running(acceptor->rate_timer));
}

/* Another line of its route has come to the limit: it will, when it rings. */
static bool
is_late(const struct acceptor *acceptor, const struct listener *listener)
{
	return (listener->is_on && acceptor_accepts(acceptor) &&
	    atomic_load(&listener->line->usage->references) > 1);
}

static void
inspect_listeners(const struct acceptor *acceptor,
    const struct mux_loop *loop)
{
	const struct listener *listener;
	size_t off = 0;

	for (listener = acceptor->listeners; listener != NULL;
	    listener = listener->next) {
		off += !listener->is_on;
		if (!acceptor->is_short && !awaits_rate(acceptor, listener) &&
		    !is_late(acceptor, listener) &&
		    loop->fds.slots[listener->fd].interest !=
		    (may_accept(acceptor, listener) ? MUX_READ : 0))
			violated("C8", "a listener waits for what it should not");
	}
	if (off != acceptor->off_count)
		violated("C8", "%zu listeners are off, counted as %zu", off,
		    acceptor->off_count);
}

/* O5: what is counted is what a walk over all finds. */
static void
inspect_lanes(const struct worker *worker)
{
	const struct session *session;
	const struct lane *lane;
	size_t sessions, of_route;

	for (lane = worker->lanes; lane != NULL; lane = lane->next) {
		sessions = of_route = 0;
		for (session = worker->sessions; session != NULL;
		    session = session->next) {
			sessions += session->line == lane->line;
			of_route += session->line->usage == lane->line->usage;
		}
		if (sessions != lane->sessions)
			violated("lanes", "%zu sessions, counted as %zu",
			    sessions, lane->sessions);
		if (atomic_load(&lane->line->usage->sessions) != of_route)
			violated("lanes", "%zu sessions, counted as %zu by all",
			    of_route, atomic_load(&lane->line->usage->sessions));
	}
}

void
inspect_worker(const struct worker *worker)
{
	const struct acceptor *acceptor = &worker->acceptor;
	const struct session *session;
	size_t sessions = 0;

	for (session = worker->sessions; session != NULL;
	    session = session->next) {
		sessions++;
		inspect_session(session);
	}
	if (sessions != acceptor->sessions_count ||
	    sessions > acceptor->sessions_max)
		violated("limits", "%zu sessions, counted as %zu of %zu",
		    sessions, acceptor->sessions_count, acceptor->sessions_max);
	if (worker->supplies.was_short)
		violated("memory", "a shortage that nobody is told of");
	if (acceptor->is_short && !mux_timer_running(acceptor->resume_timer))
		violated("C8", "accepting never resumes");
	inspect_pressure(worker);
	inspect_listeners(acceptor, worker->loop);
	inspect_lanes(worker);
}
