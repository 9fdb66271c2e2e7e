/* SPDX-License-Identifier: ISC */

/*
 * session-end.c - the end of a session.
 *
 * A clean close means that everything arrived, and nothing else does: both
 * ends of input were read and passed on.  Whatever is cut is reset, so that
 * no peer takes a part for the whole.
 */

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "relay/endpoint.h"
#include "relay/session-end.h"

/* Nanoseconds are of no interest here, milliseconds are. */
#define SECONDS_FORMAT	"%" PRIu64 ".%03" PRIu64 "s"
#define SECONDS_ARGS(ms)	(ms) / 1000, (ms) % 1000

static bool
is_clean(const struct session *session)
{
	return (session->reason == REASON_CLIENT_FIN ||
	    session->reason == REASON_UPSTREAM_FIN);
}

/* Bytes that reached the other host, and those received that did not. */
struct tally {
	uint64_t delivered_bytes, lost_bytes;
};

static struct tally
tally_of(const struct flow *flow, const struct endpoint *sink, bool clean)
{
	/* after a clean end the kernel goes on delivering */
	const uint64_t unacked = clean ? 0 :
	    (uint64_t)endpoint_unacked_bytes(sink);
	const uint64_t cut = unacked < flow->sent_bytes ? unacked :
	    flow->sent_bytes;

	return ((struct tally){
	    .delivered_bytes = flow->sent_bytes - cut,
	    .lost_bytes = flow_lost_bytes(flow) + cut,
	});
}

void
log_open(const struct session *session)
{
	char client[ADDRESS_TEXT_SIZE];

	if (log_wants(session->worker->log, SEVERITY_DEBUG))
		log_line(session->worker->log, SEVERITY_DEBUG,
		    "open id=%" PRIu64 " client=%s", session->id,
		    address_format(client, sizeof(client),
		    &session->client_address));
}

void
log_connected(const struct session *session)
{
	char address[ADDRESS_TEXT_SIZE];

	if (log_wants(session->worker->log, SEVERITY_DEBUG))
		log_line(session->worker->log, SEVERITY_DEBUG,
		    "connected id=%" PRIu64 " upstream=%s address=%s",
		    session->id, session->server->name,
		    address_format(address, sizeof(address),
		    &session->upstream_address));
}

static void
log_end(const struct session *session, const struct tally *up,
    const struct tally *down)
{
	const uint64_t now_ms = mux_loop_now_ms(session->worker->loop);
	const uint64_t connected_ms = session->connected_ms != 0 ?
	    session->connected_ms : now_ms;
	char client[ADDRESS_TEXT_SIZE], address[ADDRESS_TEXT_SIZE];
	const bool has_address = session->server != NULL &&
	    session->server->target->kind == TARGET_INET &&
	    session->upstream_address.sa.sa_family != AF_UNSPEC;

	log_line(session->worker->log, SEVERITY_INFO,
	    "session id=%" PRIu64 " client=%s upstream=%s%s%s reason=%s"
	    " up=%" PRIu64 " down=%" PRIu64
	    " lost-up=%" PRIu64 " lost-down=%" PRIu64
	    " connect=" SECONDS_FORMAT " duration=" SECONDS_FORMAT,
	    session->id, address_format(client, sizeof(client),
	    &session->client_address),
	    session->server != NULL ? session->server->name : "-",
	    has_address && !session->server->is_literal ? " address=" : "",
	    has_address && !session->server->is_literal ?
	    address_format(address, sizeof(address),
	    &session->upstream_address) : "",
	    reason_name(session->reason),
	    up->delivered_bytes, down->delivered_bytes,
	    up->lost_bytes, down->lost_bytes,
	    SECONDS_ARGS(connected_ms - session->started_ms),
	    SECONDS_ARGS(now_ms - session->started_ms));
}

void
session_end(struct session *session)
{
	struct worker *worker = session->worker;
	struct counters *counters = &worker->counters;
	const bool clean = is_clean(session);
	struct tally up, down;

	assert(session->reason != REASON_NONE);
	up = tally_of(&session->up, &session->upstream, clean);
	down = tally_of(&session->down, &session->client, clean);
	if (log_wants(worker->log, SEVERITY_INFO))
		log_end(session, &up, &down);

	counters->up_bytes += up.delivered_bytes;
	counters->down_bytes += down.delivered_bytes;
	counters->lost_up_bytes += up.lost_bytes;
	counters->lost_down_bytes += down.lost_bytes;
	counters->reasons[session->reason]++;

	endpoint_close(&session->client, clean);
	endpoint_close(&session->upstream, clean);
	flow_abandon(&session->up);
	flow_abandon(&session->down);
	worker_remove(worker, session);
	session_destroy(session);
}
