/* SPDX-License-Identifier: ISC */

/*
 * listener.c - a bound socket that accepts.
 *
 * What a new connection needs is there before it is accepted, so a shortage
 * leaves it in the queue of the kernel, where it waits unharmed (C8).
 */

#include <errno.h>

#include "base/socket.h"
#include "base/text.h"
#include "relay/listener.h"

/* In one turn, so that a storm of connections does not starve sessions. */
#define ACCEPTS_PER_TURN	64

/* So many failures in a row are taken for a shortage. */
#define FAILURES_MAX	64

/* Errors that concern one connection, or nothing at all; accept(2). */
static bool
is_passing(int error)
{
	switch (error) {
	case EINTR:
	case ECONNABORTED:
	case EPROTO:
	case EPERM:		/* a firewall's refusal */
	case ENETDOWN:
	case ENETUNREACH:
	case EHOSTDOWN:
	case EHOSTUNREACH:
	case ENOPROTOOPT:
	case EOPNOTSUPP:
	case ETIMEDOUT:
		return (true);
	default:
		return (false);
	}
}

/* Accepts one; 0, or why there is none, an errno. */
static int
accept_one(struct listener *listener)
{
	struct acceptor *acceptor = listener->acceptor;
	struct address client;
	int fd;

	fd = socket_accept(listener->fd, &client);
	if (fd == -1)
		return (errno);
	acceptor->taker->take(acceptor->arg, fd, &client);
	return (0);
}

/*
 * Accepts at most `most' connections.  An error that concerns only one
 * connection is passed over, but when there is nothing but such errors, what
 * they concern is not one connection.
 */
static void
accept_some(struct listener *listener, size_t most)
{
	struct acceptor *acceptor = listener->acceptor;
	const char *missing;
	unsigned failed = 0;
	int error;

	while (most > 0 && acceptor_accepts(acceptor)) {
		missing = acceptor->taker->prepare(acceptor->arg);
		if (missing != NULL) {
			acceptor_pause(acceptor, missing);
			return;
		}
		error = accept_one(listener);
		if (error == EAGAIN)
			return;
		if (error == 0) {
			most--;
			failed = 0;
		} else if (!is_passing(error) || ++failed == FAILURES_MAX)
			acceptor_pause(acceptor, text_error(error));
	}
}

static void
on_ready(struct mux_loop *loop, int fd, unsigned events, void *arg)
{
	(void)loop;
	(void)fd;
	(void)events;
	accept_some(arg, ACCEPTS_PER_TURN);
}

void
listener_accept(struct listener *listener)
{
	accept_some(listener, SIZE_MAX);
}

int
listener_open(struct listener *listener, struct acceptor *acceptor, int fd)
{
	if (mux_fd_register(acceptor->loop, fd, 0, on_ready, listener) == -1)
		return (-1);
	listener->acceptor = acceptor;
	listener->fd = fd;
	return (0);
}

void
listener_close(struct listener *listener)
{
	if (listener->fd == -1)
		return;
	mux_fd_unregister(listener->acceptor->loop, listener->fd);
	socket_close(listener->fd);
	listener->fd = -1;
}

void
listener_update(struct listener *listener)
{
	if (listener->fd == -1)
		return;
	if (mux_fd_modify(listener->acceptor->loop, listener->fd,
	    acceptor_accepts(listener->acceptor) ? MUX_READ : 0) == -1)
		acceptor_pause(listener->acceptor, text_error(errno));
}
