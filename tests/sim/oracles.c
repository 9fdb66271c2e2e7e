/* SPDX-License-Identifier: ISC */

/* oracles.c - what must be true of each session, as the peers see it. */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/target.h"
#include "oracles.h"
#include "unix.h"

unsigned char
stream_byte(uint64_t key, uint64_t offset)
{
	uint64_t z = (key + offset) * UINT64_C(0x9e3779b97f4a7c15);

	return ((unsigned char)((z ^ (z >> 29)) * UINT64_C(0xbf58476d1ce4e5b9) >> 56));
}

/* C1: an exact prefix of what the partner sent. */
void
oracle_bytes(const struct peer *peer, const unsigned char *data, size_t count)
{
	size_t i;

	if (count == 0 || peer->service == SERVICE_CHARGEN)
		return;
	if (peer->partner == NULL)
		violated("C1", "bytes without a partner");
	if (peer->received_bytes + count > peer->partner->sent_bytes)
		violated("C1", "more bytes than were sent");
	for (i = 0; i < count; i++) {
		if (data[i] != stream_byte(peer->partner->key,
		    peer->received_bytes + i))
			violated("C1", "wrong byte at %" PRIu64,
			    peer->received_bytes + i);
	}
}

/* C2: the end of input is the partner's, and comes after all its bytes. */
void
oracle_fin(const struct peer *peer)
{
	const struct peer *partner = peer->partner;
	const struct side *side = &peer->conn->peer;

	/* a cut cannot be told from an end on a UNIX-domain socket */
	if (side_is_unix(side) && side->is_reset)
		return;
	if (peer->service == SERVICE_DISCARD ||
	    peer->service == SERVICE_CHARGEN) {
		if (!peer->has_finished)
			violated("C2", "a FIN though the client goes on");
		return;
	}
	if (partner == NULL || !partner->has_finished)
		violated("C2", "a FIN that nobody sent");
	if (peer->received_bytes != partner->sent_bytes)
		violated("C2", "FIN after %" PRIu64 " of %" PRIu64 " bytes",
		    peer->received_bytes, partner->sent_bytes);
}

/*
 * A limit cuts a session only when nothing has moved for so long.  What a
 * reader takes is looked for four times in a limit: what was written and taken
 * between two looks counts from when it was written.
 */
static void
oracle_limit(const struct conn *conn, const struct conn *other)
{
	const uint64_t moved_ns = conn->moved_ns > other->moved_ns ?
	    conn->moved_ns : other->moved_ns;

	if (conn->closed_ns < moved_ns + kernel.limit_ns / 4 * 3)
		violated("limit", "cut %" PRIu64 " us after bytes moved",
		    (conn->closed_ns - moved_ns) / NS_PER_US);
}

/* Without memory to watch a new connection, it is cut. */
static bool
has_system_errors(void)
{
	return (kernel.rates[FAULT_ENOMEM] != 0 ||
	    kernel.rates[FAULT_WATCH] != 0);
}

/* C3: a reset is the partner's, and comes after what the relay had by then. */
void
oracle_reset(const struct peer *peer)
{
	const struct peer *partner = peer->partner;
	const struct side *relay;

	/* an end that cannot be passed on is a failure of that side */
	if (kernel.rates[FAULT_SHUTDOWN] != 0 || has_system_errors())
		return;
	if (kernel.is_cut)
		return;
	if (peer->service != -1 && kernel.limit_ns != NEVER_NS)
		return;
	if (peer->service == SERVICE_DISCARD ||
	    peer->service == SERVICE_CHARGEN)
		violated("C3", "a reset by a built-in service");
	if (partner == NULL) {
		if (!kernel.is_guarded &&
		    kernel.refusals < kernel.upstreams && !kernel.is_stopped &&
		    kernel.rates[FAULT_EMFILE] == 0 &&
		    kernel.rates[FAULT_ENOBUFS] == 0 && !peer->conn->is_upstream)
			violated("C3", "a reset though nothing failed");
		return;
	}
	relay = &partner->conn->relay;
	if (kernel.limit_ns != NEVER_NS && (!partner->has_left ||
	    peer->received_bytes != relay->arrived_bytes)) {
		if (peer->is_relayed)
			oracle_limit(peer->conn, partner->conn);
		return;
	}
	if (!partner->has_left)
		violated("C3", "a reset that nobody sent");
	/* C4: one that is reset too early leaves no connection behind */
	if (peer->is_relayed && peer->received_bytes != relay->arrived_bytes)
		violated("C3", "reset after %" PRIu64 " of %" PRIu64 " bytes",
		    peer->received_bytes, relay->arrived_bytes);
}

/*
 * What the log calls delivered is with the peer; when clean, all of it.  After a
 * reset that is known on Linux alone.
 */
static void
oracle_count(const char *text, const char *word, const struct peer *sink,
    const struct peer *source, bool is_clean)
{
	const uint64_t arrived = sink->conn->peer.arrived_bytes;
	const char *place = strstr(text, word);
	uint64_t told;

	if (place == NULL)
		violated("log", "%s", text);
	told = strtoull(place + strlen(word), NULL, 10);
	if ((told > arrived && (is_clean || !kernel.is_bsd)) ||
	    (is_clean && told != source->sent_bytes))
		violated("log", "%" PRIu64 " of %" PRIu64 " arrived: %s",
		    arrived, source->sent_bytes, text);
}

/* C11: every session ends for a reason, and a clean one lost nothing. */
void
oracle_log(const char *text, const struct peer *client)
{
	const bool is_clean = strstr(text, " reason=client-fin") != NULL ||
	    strstr(text, " reason=upstream-fin") != NULL;

	if (strstr(text, " reason=") == NULL ||
	    strstr(text, " reason=none") != NULL ||
	    (kernel.limit_ns == NEVER_NS &&
	    (strstr(text, " reason=idle") != NULL ||
	    strstr(text, " reason=half-close-limit") != NULL)) ||
	    (!kernel.is_cut && strstr(text, " reason=shutdown") != NULL) ||
	    (!has_system_errors() &&
	    strstr(text, " reason=system-error") != NULL))
		violated("log", "%s", text);
	if (is_clean && strstr(text, " lost-up=0 lost-down=0 ") == NULL)
		violated("log", "%s", text);
	if (client == NULL)
		return;
	oracle_count(text, " up=", client->partner, client, is_clean);
	oracle_count(text, " down=", client, client->partner, is_clean);
}
