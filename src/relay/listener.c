/* SPDX-License-Identifier: ISC */

/*
 * listener.c - a bound socket that accepts.
 *
 * What a new connection needs is there before it is accepted, so a shortage
 * leaves it in the queue of the kernel, where it waits unharmed (C8).
 */

#include <errno.h>
#include <string.h>

#include "base/socket.h"
#include "relay/listener.h"
#include "relay/session.h"

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
	struct worker *worker = listener->worker;
	struct address client;
	int fd;

	if (worker->spare == NULL)
		worker->spare = session_create(worker);
	if (worker->spare == NULL)
		return (errno);
	fd = socket_accept(listener->fd, &client);
	if (fd == -1)
		return (errno);
	session_start(worker->spare, fd, &client);
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
	unsigned failed = 0;
	int error;

	while (most > 0 && worker_accepts(listener->worker)) {
		error = accept_one(listener);
		if (error == EAGAIN)
			return;
		if (error == 0) {
			most--;
			failed = 0;
		} else if (!is_passing(error) || ++failed == FAILURES_MAX) {
			worker_pause(listener->worker, strerror(error));
			return;
		}
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
listener_open(struct listener *listener, struct worker *worker, int fd)
{
	if (mux_fd_register(worker->loop, fd, 0, on_ready, listener) == -1)
		return (-1);
	listener->worker = worker;
	listener->fd = fd;
	return (0);
}

void
listener_close(struct listener *listener)
{
	if (listener->fd == -1)
		return;
	mux_fd_unregister(listener->worker->loop, listener->fd);
	socket_close(listener->fd);
	listener->fd = -1;
}

void
listener_update(struct listener *listener)
{
	if (listener->fd == -1)
		return;
	if (mux_fd_modify(listener->worker->loop, listener->fd,
	    worker_accepts(listener->worker) ? MUX_READ : 0) == -1)
		worker_pause(listener->worker, strerror(errno));
}
