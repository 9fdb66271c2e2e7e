/* SPDX-License-Identifier: ISC */

/*
 * session-end.c - the end of a session.
 *
 * A clean close means that everything arrived, and nothing else does: both
 * ends of input were read, passed on and acknowledged.  Whatever is cut is
 * reset, so that no peer takes a part for the whole.
 */

#include <assert.h>
#include <stdlib.h>

#include "relay/endpoint.h"
#include "relay/session-end.h"
#include "relay/session-log.h"

static bool
is_clean(const struct session *session)
{
	return (session->reason == REASON_CLIENT_FIN ||
	    session->reason == REASON_UPSTREAM_FIN);
}

static struct tally
tally_of(const struct flow *flow, const struct endpoint *sink, bool clean)
{
	/* a clean end has nothing unacknowledged: no need to ask */
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
session_end(struct session *session)
{
	struct worker *worker = session->worker;
	struct counters *counters = &worker->counters;
	const bool clean = is_clean(session);
	struct tally up, down;

	assert(session->reason != REASON_NONE);
	flow_part(&session->up, session->client.fd);
	flow_part(&session->down, session->upstream.fd);
	up = tally_of(&session->up, &session->upstream, clean);
	down = tally_of(&session->down, &session->client, clean);
	session_log_end(session, &up, &down);

	counters->up_bytes += up.delivered_bytes;
	counters->down_bytes += down.delivered_bytes;
	counters->lost_up_bytes += up.lost_bytes;
	counters->lost_down_bytes += down.lost_bytes;
	counters->reasons[session->reason]++;

	endpoint_close(&session->client, clean);
	endpoint_close(&session->upstream, clean);
	flow_abandon(&session->up, &worker->supplies);
	flow_abandon(&session->down, &worker->supplies);
	/* before its end is told: so far it has a descriptor, or more */
	connect_cancel(session->connect);
	session->connect = NULL;
	worker_remove(worker, session);
	session_destroy(session);
}
