/* SPDX-License-Identifier: ISC */

/* endpoint.c - one of the two sockets of a session, and its surroundings. */

#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>

#include "base/socket.h"
#include "relay/endpoint.h"

struct flow *
flow_from(struct endpoint *endpoint)
{
	struct session *session = endpoint->session;

	return (endpoint == &session->client ? &session->up : &session->down);
}

struct flow *
flow_to(struct endpoint *endpoint)
{
	struct session *session = endpoint->session;

	return (endpoint == &session->client ? &session->down : &session->up);
}

struct endpoint *
opposite(struct endpoint *endpoint)
{
	struct session *session = endpoint->session;

	return (endpoint == &session->client ? &session->upstream :
	    &session->client);
}

unsigned
endpoint_interest(struct endpoint *endpoint)
{
	unsigned interest = 0;

	if (endpoint->session->state != SESSION_CONNECTING &&
	    !endpoint->session->is_short) {
		if (flow_wants_input(flow_from(endpoint)) &&
		    !flow_from(endpoint)->is_held)
			interest |= MUX_READ;
		if (flow_wants_output(flow_to(endpoint)))
			interest |= MUX_WRITE;
	}
	if (interest == 0 && !endpoint->has_failed && !endpoint->has_hung_up)
		interest = MUX_ERROR;
	return (interest);
}

int
endpoint_pending(const struct endpoint *endpoint)
{
	if (endpoint->fd == -1 || endpoint_is_unix(endpoint))
		return (0);
	return (socket_unacked_bytes(endpoint->fd));
}

int
endpoint_unacked_bytes(const struct endpoint *endpoint)
{
	const int pending = endpoint_pending(endpoint);

	return (socket_counts_end && endpoint->is_shut && pending > 0 ?
	    pending - 1 : pending);
}

int
endpoint_shut(struct endpoint *endpoint)
{
	int error;

	endpoint->is_shut = shutdown(endpoint->fd, SHUT_WR) == 0;
	if (endpoint->is_shut)
		return (0);
	/* of a connection that is gone, NetBSD says EINVAL */
	if (errno != ENOTCONN && errno != EINVAL)
		return (errno);
	/* UNIX-domain sockets have no reset: the peer has closed */
	if (endpoint_is_unix(endpoint))
		return (0);
	error = socket_take_error(endpoint->fd);
	return (error != 0 ? error : ECONNRESET);
}

void
endpoint_close(struct endpoint *endpoint, bool clean)
{
	if (endpoint->fd == -1)
		return;
	mux_fd_unregister(endpoint->session->worker->loop, endpoint->fd);
	if (!clean)
		socket_reset_on_close(endpoint->fd);
	socket_close(endpoint->fd);
	endpoint->fd = -1;
}
