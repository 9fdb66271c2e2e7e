/* SPDX-License-Identifier: ISC */

/*
 * listener.c - a bound socket that accepts.
 *
 * What a new connection needs is there before it is accepted, so a shortage
 * leaves it in the queue of the kernel, where it waits unharmed (C8).
 */

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include "base/logfmt.h"
#include "base/socket.h"
#include "base/text.h"
#include "base/tuning.h"
#include "relay/line.h"
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

static bool
accepts(const struct listener *listener)
{
	return (acceptor_accepts(listener->acceptor) &&
	    line_accepts(listener->line,
	    mux_loop_now_ms(listener->acceptor->loop)));
}

static void
tell_untuned(struct listener *listener, const char *what, int error)
{
	char name[LOG_TEXT_MAX / 4];

	if (listener->is_untuned)
		return;
	listener->is_untuned = true;
	log_line(listener->acceptor->log, SEVERITY_WARNING,
	    "untuned route=%s option=%s error=\"%s\"", logfmt_string(name,
	    sizeof(name), listener->line->route->name), what,
	    text_error(error));
}

/*
 * What the listener does not hand on; or all, of one that was opened for
 * another plan, or by somebody else.  False: it would send elsewhere than it
 * is to, and must not be used.
 */
static bool
tune(struct listener *listener, const struct arrival *arrival)
{
	const char *refused;
	int result;

	result = tuning_apply(&listener->line->route->client, arrival->fd,
	    arrival->client.sa.sa_family, listener->tunes ?
	    TUNING_UPSTREAM : TUNING_ACCEPTED, &refused);
	/* one that was reset in the backlog takes no option on BSD and macOS */
	if (result != 0 && !socket_is_gone(arrival->fd))
		tell_untuned(listener, refused, errno);
	return (result != -1);
}

/* Accepts one; 0, or why there is none, an errno. */
static int
accept_one(struct listener *listener)
{
	struct arrival arrival = { .line = listener->line,
	    .port_offset = listener->port_offset };

	arrival.fd = socket_accept(listener->fd, &arrival.client);
	if (arrival.fd == -1)
		return (errno);
	if (!listener->line->tunes_client || tune(listener, &arrival))
		acceptor_take(listener->acceptor, &arrival);
	else
		acceptor_refuse(listener->acceptor, &arrival);
	return (0);
}

/*
 * Accepts at most `most' connections; whether that were all that waited.  An
 * error that concerns only one connection is passed over, but when there is
 * nothing but such errors, what they concern is not one connection.
 */
static bool
accept_some(struct listener *listener, size_t most)
{
	struct acceptor *acceptor = listener->acceptor;
	const char *missing;
	unsigned failed = 0;
	int error;

	while (most > 0 && accepts(listener)) {
		missing = acceptor->taker->prepare(acceptor->arg,
		    listener->line);
		if (missing != NULL) {
			acceptor_pause(acceptor, missing);
			return (false);
		}
		error = accept_one(listener);
		if (error == EAGAIN)
			return (true);
		if (error == 0) {
			most--;
			failed = 0;
		} else if (!is_passing(error) || ++failed == FAILURES_MAX)
			acceptor_pause(acceptor, text_error(error));
	}
	return (false);
}

/* Where a limit forbids to accept, which would tell.  Unknown is yes. */
static bool
is_waited_at(const struct listener *listener)
{
	struct pollfd entry = { .fd = listener->fd, .events = POLLIN };

	return (poll(&entry, 1, 0) != 0);
}

static void
on_ready(struct mux_loop *loop, int fd, unsigned events, void *arg)
{
	struct listener *listener = arg;
	const bool is_empty = accept_some(listener, ACCEPTS_PER_TURN);

	(void)loop;
	(void)fd;
	(void)events;
	if (listener->is_closing && (is_empty || !is_waited_at(listener)))
		acceptor_drop(listener->acceptor, listener);
	else if (listener->is_on && !accepts(listener))
		/* another line of its route has come to the limit of its own */
		acceptor_shut(listener->acceptor, listener->line);
}

bool
listener_accept(struct listener *listener)
{
	return (accept_some(listener, SIZE_MAX) || !is_waited_at(listener));
}

void
listener_retire(struct listener *listener)
{
	listener->is_closing = true;
	if (listener_accept(listener))
		acceptor_drop(listener->acceptor, listener);
}

struct listener *
listener_open(struct acceptor *acceptor, const struct listening *listening)
{
	struct listener *listener;

	listener = calloc(1, sizeof(*listener));
	if (listener == NULL)
		return (NULL);
	if (mux_fd_register(acceptor->loop, listening->fd, 0, on_ready,
	    listener) == -1) {
		free(listener);
		return (NULL);
	}
	listener->acceptor = acceptor;
	acceptor->off_count++;
	listener->fd = listening->fd;
	listener_assign(listener, listening);
	return (listener);
}

void
listener_assign(struct listener *listener, const struct listening *listening)
{
	struct line *before = listener->line;

	listener->line = line_hold(listening->line);
	listener->port_offset = listening->port_offset;
	listener->tunes = listening->tunes;
	listener->is_untuned = false;
	line_release(before);
}

void
listener_close(struct listener *listener)
{
	const int fd = listener->fd;

	listener_return(listener);
	socket_close(fd);
}

void
listener_return(struct listener *listener)
{
	mux_fd_unregister(listener->acceptor->loop, listener->fd);
	listener->acceptor->off_count -= !listener->is_on;
	line_release(listener->line);
	free(listener);
}

void
listener_update(struct listener *listener)
{
	const bool is_on = accepts(listener);

	if (mux_fd_modify(listener->acceptor->loop, listener->fd,
	    is_on ? MUX_READ : 0) == -1)
		acceptor_pause(listener->acceptor, text_error(errno));
	else if (is_on != listener->is_on) {
		listener->is_on = is_on;
		if (is_on)
			listener->acceptor->off_count--;
		else
			listener->acceptor->off_count++;
	}
}
