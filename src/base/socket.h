/* SPDX-License-Identifier: ISC */

/*
 * socket.h - stream sockets the way the relay needs every one of them:
 * non-blocking, closed on exec, without delay, with keepalive, and with
 * urgent data in the stream (contract C7).
 */

#ifndef BASE_SOCKET_H
#define BASE_SOCKET_H

#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <stdbool.h>

#include "base/address.h"

/* POSIX allows two numbers for "not now"; no system has them. */
_Static_assert(EAGAIN == EWOULDBLOCK, "one error for what would block");

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL	0	/* socket_open() sets SO_NOSIGPIPE instead */
#endif

/*
 * Those that return a descriptor or int return -1 with errno on failure;
 * the descriptor is the caller's.  Those that return void cannot fail in a
 * way that matters and keep errno.
 */

/* A new socket of AF_INET, AF_INET6 or AF_UNIX. */
int socket_open(int family);

/* One of a protocol other than the usual, 0. */
int socket_open_as(int family, int protocol);

/* Two connected UNIX-domain sockets. */
int socket_pair(int fds[2]);

/* Accepts one connection and says where from. */
int socket_accept(int listener_fd, struct address *peer);

/* Starts connecting; EINPROGRESS when the outcome comes later. */
int socket_connect(int fd, const struct address *address);

/*
 * ENAMETOOLONG for a path that does not fit, EAGAIN for a backlog that is full,
 * which only Linux tells from a socket that nobody has any more (ECONNREFUSED).
 */
int socket_connect_unix(int fd, const char *path);
int socket_bind_unix(int fd, const char *path);

/*
 * Whether somebody has the socket at this path, as far as we may know: asked by
 * datagrams, which are refused there, and take no place in the backlog.
 */
bool socket_is_served_unix(const char *path);

/*
 * The outcome of a connect that was in progress: 0 when it is established,
 * EINPROGRESS when it is not over, else why it failed.  A connection of a
 * socket with itself counts as ECONNREFUSED: a connect to a local port that
 * nobody listens on can meet its own source port.
 */
int socket_connect_result(int fd, const struct address *address);

/* Sends what was to wait for more (MSG_MORE), when no more comes. */
void socket_push(int fd);

/* Whether an error of a read or a write says that the system lacks memory. */
bool socket_is_short(int error);

/* Whether a connection has no peer any more, for a reset; keeps errno. */
bool socket_is_gone(int fd);

/* The pending error, which this takes away, or 0. */
int socket_take_error(int fd);

/*
 * Bytes that were written and not yet acknowledged by the other host; at least
 * so many on OpenBSD.  Whether the end of input counts as one of them: it takes a
 * number of the sequence, says Linux.  And whether they still count after a
 * reset; where not, the error has come before they went.
 */
int socket_unacked_bytes(int fd);
extern const bool socket_counts_end;
extern const bool socket_counts_lost;

/*
 * Whether an error says that a connection was reset behind both its ends; and
 * where none does, whether it was.
 */
extern const bool socket_tells_failure;
bool socket_missed_reset(int fd);

/*
 * How a connection whose both directions have ended has failed, an errno; or 0.
 * Takes the pending error away.
 */
static inline int
socket_take_failure(int fd)
{
	const int error = socket_take_error(fd);

	return (error != 0 || socket_tells_failure ||
	    !socket_missed_reset(fd) ? error : ECONNRESET);
}

/*
 * Makes the coming close(2) a reset, which drops what is not acknowledged; the
 * reset may come at once.
 */
void socket_reset_on_close(int fd);

/* Closes, and keeps errno. */
void socket_close(int fd);

#endif
