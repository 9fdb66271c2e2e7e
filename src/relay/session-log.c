/* SPDX-License-Identifier: ISC */

/* session-log.c - what the log says of a session. */

#include <inttypes.h>

#include "relay/session-log.h"

/* Nanoseconds are of no interest here, milliseconds are. */
#define SECONDS_FORMAT	"%" PRIu64 ".%03" PRIu64 "s"
#define SECONDS_ARGS(ms)	(ms) / 1000, (ms) % 1000

void
session_log_open(const struct session *session)
{
	char client[ADDRESS_TEXT_SIZE];

	if (log_wants(session->worker->log, SEVERITY_DEBUG))
		log_line(session->worker->log, SEVERITY_DEBUG,
		    "open id=%" PRIu64 " client=%s worker=%zu", session->id,
		    address_format(client, sizeof(client),
		    &session->client_address), session->worker->number);
}

void
session_log_connected(const struct session *session)
{
	char address[ADDRESS_TEXT_SIZE];

	if (log_wants(session->worker->log, SEVERITY_DEBUG))
		log_line(session->worker->log, SEVERITY_DEBUG,
		    "connected id=%" PRIu64 " upstream=%s address=%s",
		    session->id, session->server->name,
		    address_format(address, sizeof(address),
		    &session->upstream_address));
}

void
session_log_end(const struct session *session, const struct tally *up,
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
