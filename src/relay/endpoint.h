/* SPDX-License-Identifier: ISC */

/* endpoint.h - one of the two sockets of a session, and its surroundings. */

#ifndef RELAY_ENDPOINT_H
#define RELAY_ENDPOINT_H

#include "relay/session.h"

/* The flow that the endpoint feeds, and the one that feeds it. */
struct flow *flow_from(struct endpoint *endpoint);
struct flow *flow_to(struct endpoint *endpoint);

struct endpoint *opposite(struct endpoint *endpoint);

/* Of a UNIX-domain socket, or of a built-in service. */
static inline bool
endpoint_is_unix(const struct endpoint *endpoint)
{
	const struct session *session = endpoint->session;

	return ((endpoint == &session->client ? &session->client_address :
	    &session->upstream_address)->sa.sa_family == AF_UNIX);
}

/* The one place where it is decided what is waited for. */
unsigned endpoint_interest(struct endpoint *endpoint);

/*
 * What was written to an endpoint and has not been acknowledged by the other
 * host: `unacked' is the bytes, `pending', on Linux, also counts the end of
 * input as one.  On a UNIX-domain socket none: what is written is with the peer.
 */
int endpoint_unacked_bytes(const struct endpoint *endpoint);
int endpoint_pending(const struct endpoint *endpoint);

/* Passes the end of input on to the endpoint; 0, or how it has failed. */
int endpoint_shut(struct endpoint *endpoint);

/* Closes cleanly, or by a reset.  One that is not open is left alone. */
void endpoint_close(struct endpoint *endpoint, bool clean);

#endif
