/* SPDX-License-Identifier: ISC */

/* test-endpoint.c - what is under way to a peer that does not read. */

#include <sys/types.h>
#include <sys/socket.h>

#include <netinet/in.h>
#include <string.h>

#include "base/socket.h"
#include "relay/endpoint.h"
#include "tap.h"
#include "units.h"

static struct session session;

void
tcp_pair(int fds[2])
{
	struct sockaddr_in in = { .sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr *const sa = (struct sockaddr *)&in;
	socklen_t length = sizeof(in);
	const int listener_fd = socket(AF_INET, SOCK_STREAM, 0), size = 4096;

	fds[0] = socket(AF_INET, SOCK_STREAM, 0);
	if (setsockopt(listener_fd, SOL_SOCKET, SO_RCVBUF, &size,
	    sizeof(size)) == -1 ||
	    bind(listener_fd, sa, sizeof(in)) == -1 ||
	    listen(listener_fd, 1) == -1 ||
	    getsockname(listener_fd, sa, &length) == -1 ||
	    connect(fds[0], sa, sizeof(in)) == -1)
		bail_out("a connection");
	fds[1] = accept(listener_fd, NULL, NULL);
	socket_close(listener_fd);
}

/* Bytes, and the rest of what is pending, at one moment. */
static void
measure(struct endpoint *endpoint, int *bytes, int *rest)
{
	int before, after;

	do {
		before = endpoint_pending(endpoint);
		*bytes = endpoint_unacked_bytes(endpoint);
		after = endpoint_pending(endpoint);
	} while (before != after);
	*rest = before - *bytes;
}

void
test_endpoint(void)
{
	static const char block[64 * 1024];
	struct endpoint *endpoint = &session.client;
	int fds[2], bytes, rest;

	tcp_pair(fds);
	endpoint->session = &session;
	endpoint->fd = fds[0];
	session.client_address.sa.sa_family = AF_INET;
	measure(endpoint, &bytes, &rest);
	ok(bytes == 0 && rest == 0, "nothing was sent");
	while (send(fds[0], block, sizeof(block), MSG_DONTWAIT) > 0)
		continue;
	measure(endpoint, &bytes, &rest);
	ok(bytes > 0 && rest == 0, "all that is under way is bytes");
	ok(endpoint_shut(endpoint) == 0 && endpoint->is_shut, "an end");
	measure(endpoint, &bytes, &rest);
	is(rest, socket_counts_end ? 1 : 0, "is no byte");
	session.client_address.sa.sa_family = AF_UNIX;
	measure(endpoint, &bytes, &rest);
	ok(bytes == 0 && rest == 0, "of a UNIX-domain socket nothing is");
	socket_reset_on_close(fds[0]);
	socket_close(fds[0]);
	socket_close(fds[1]);
}
