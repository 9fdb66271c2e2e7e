/* SPDX-License-Identifier: ISC */

/*
 * session-log.c - what the log says of a session.
 *
 * A session's time is that of connecting, of relaying, and of closing, which
 * is the wait until all was acknowledged.
 */

#include <inttypes.h>
#include <stdio.h>

#include "base/logfmt.h"
#include "relay/session-log.h"

/* Nanoseconds are of no interest here, milliseconds are. */
#define SECONDS_FORMAT	"%" PRIu64 ".%03" PRIu64 "s"
#define SECONDS_ARGS(ms)	(ms) / 1000, (ms) % 1000

/* A longer name of a route is cut. */
#define ROUTE_SIZE	128

/* " address=" and the address, or " tried=" and a number; or nothing. */
#define PART_SIZE	(sizeof(" address=") + ADDRESS_TEXT_SIZE)

static const char *
route_name(const struct session *session, char *out, size_t size)
{
	const char *name = session->line->route->name;

	return (name != NULL ? logfmt_string(out, size, name) : "-");
}

static const char *
server_name(const struct session *session)
{
	return (session->server != NULL ? session->server->name : "-");
}

void
session_log_open(const struct session *session)
{
	struct log *log = session->worker->log;
	const enum log_severity severity = log_start_severity(log);
	char client[ADDRESS_TEXT_SIZE], route[ROUTE_SIZE];

	if (log_wants_session(log, severity))
		log_session_line(log, severity,
		    "open id=%" PRIu64 " client=%s worker=%zu route=%s",
		    session->id, address_format(client, sizeof(client),
		    &session->client_address), session->worker->number,
		    route_name(session, route, sizeof(route)));
}

void
session_log_connected(const struct session *session)
{
	struct log *log = session->worker->log;
	const enum log_severity severity = log_start_severity(log);
	char address[ADDRESS_TEXT_SIZE];

	if (log_wants_session(log, severity))
		log_session_line(log, severity,
		    "connected id=%" PRIu64 " upstream=%s address=%s",
		    session->id, session->server->name,
		    address_format(address, sizeof(address),
		    &session->upstream_address));
}

/* What is joined is counted as received alone, until it is parted. */
static uint64_t
passed_bytes(const struct flow *flow)
{
	return (flow->is_joined ? flow->received_bytes : flow->sent_bytes);
}

void
session_log_alive(const struct session *session)
{
	const uint64_t now_ms = mux_loop_now_ms(session->worker->loop);
	char client[ADDRESS_TEXT_SIZE], route[ROUTE_SIZE];

	log_session_line(session->worker->log, SEVERITY_INFO,
	    "session-alive id=%" PRIu64 " client=%s upstream=%s"
	    " up=%" PRIu64 " down=%" PRIu64 " idle=" SECONDS_FORMAT
	    " duration=" SECONDS_FORMAT " route=%s",
	    session->id, address_format(client, sizeof(client),
	    &session->client_address), server_name(session),
	    passed_bytes(&session->up), passed_bytes(&session->down),
	    SECONDS_ARGS(now_ms - session->moved_ms),
	    SECONDS_ARGS(now_ms - session->started_ms),
	    route_name(session, route, sizeof(route)));
}

/* Where its name does not tell. */
static void
format_address(const struct session *session, char *out)
{
	char address[ADDRESS_TEXT_SIZE];

	out[0] = '\0';
	if (session->server == NULL || session->server->is_literal ||
	    session->server->target->kind != TARGET_INET ||
	    session->upstream_address.sa.sa_family == AF_UNSPEC)
		return;
	(void)snprintf(out, PART_SIZE, " address=%s", address_format(address,
	    sizeof(address), &session->upstream_address));
}

/* When it was not the first upstream. */
static void
format_tried(const struct session *session, char *out)
{
	out[0] = '\0';
	if (session->tried > 1)
		(void)snprintf(out, PART_SIZE, " tried=%u",
		    (unsigned)session->tried);
}

void
session_log_end(const struct session *session, const struct tally *up,
    const struct tally *down)
{
	const uint64_t now_ms = mux_loop_now_ms(session->worker->loop);
	const uint64_t connected_ms = session->connected_ms != 0 ?
	    session->connected_ms : now_ms;
	const uint64_t ending_ms = session->ending_ms != 0 ?
	    session->ending_ms : now_ms;
	char client[ADDRESS_TEXT_SIZE], route[ROUTE_SIZE];
	char address[PART_SIZE], tried[PART_SIZE];

	if (!log_wants_session(session->worker->log, SEVERITY_INFO))
		return;
	format_address(session, address);
	format_tried(session, tried);
	log_session_line(session->worker->log, SEVERITY_INFO,
	    "session id=%" PRIu64 " client=%s upstream=%s%s%s reason=%s"
	    " up=%" PRIu64 " down=%" PRIu64
	    " lost-up=%" PRIu64 " lost-down=%" PRIu64
	    " connect=" SECONDS_FORMAT " relay=" SECONDS_FORMAT
	    " close=" SECONDS_FORMAT " duration=" SECONDS_FORMAT " route=%s",
	    session->id, address_format(client, sizeof(client),
	    &session->client_address), server_name(session), address, tried,
	    reason_name(session->reason),
	    up->delivered_bytes, down->delivered_bytes,
	    up->lost_bytes, down->lost_bytes,
	    SECONDS_ARGS(connected_ms - session->started_ms),
	    SECONDS_ARGS(ending_ms - connected_ms),
	    SECONDS_ARGS(now_ms - ending_ms),
	    SECONDS_ARGS(now_ms - session->started_ms),
	    route_name(session, route, sizeof(route)));
}
