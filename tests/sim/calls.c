/* SPDX-License-Identifier: ISC */

/* calls.c - the socket calls of the relay, by the rules of Linux. */

#include <sys/types.h>
#include <sys/socket.h>

#include <netinet/in.h>

#include <errno.h>
#include <string.h>

#include "calls.h"
#include "dice.h"
#include "socks.h"
#include "splices.h"
#include "unix.h"
#include "world.h"

int __wrap_socket(int family, int type, int protocol);
int __wrap_connect(int fd, const struct sockaddr *sa, socklen_t length);
ssize_t __wrap_recv(int fd, void *data, size_t count, int flags);
ssize_t __wrap_send(int fd, const void *data, size_t count, int flags);
int __wrap_shutdown(int fd, int how);
int __wrap_close(int fd);

/* A shortage lasts for a while, and then nothing moves. */
static bool
is_short(struct side *side)
{
	if (fault(FAULT_ENOBUFS))
		side->short_ns = kernel.now_ns + dice_below(30) * NS_PER_MS;
	return (kernel.now_ns < side->short_ns);
}

/* The world may move between any two calls. */
static void
pass_time(void)
{
	if (!dice_one_in(8))
		return;
	kernel.now_ns += dice_below(200) * NS_PER_US;
	world_run();
}

struct side *
side_of(int fd)
{
	struct desc *desc = desc_of(fd);

	if (desc == NULL || desc->kind != KIND_CONN)
		violated("descriptor", "%d is no connection", fd);
	return (desc->side);
}

int
__wrap_socket(int family, int type, int protocol)
{
	struct conn *conn;
	int fd;

	(void)type;
	(void)protocol;
	if (fault(FAULT_EMFILE))
		return (fail(EMFILE));
	if (fault(FAULT_ENOBUFS))
		return (fail(ENOBUFS));
	conn = conn_create(true);
	if (conn == NULL)
		return (fail(ENFILE));
	conn->family = family;
	fd = desc_open(KIND_CONN, conn);
	trace("socket = %d", fd);
	return (fd);
}

void
set_name(struct sockaddr *sa, socklen_t *length, int family, uint16_t port)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
	    .sin6_port = htons(port), .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	struct sockaddr_in in = { .sin_family = (sa_family_t)family,
	    .sin_port = htons(port) };

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	*length = family == AF_INET6 ? sizeof(in6) : sizeof(in);
	if (family == AF_INET6)
		memcpy(sa, &in6, sizeof(in6));
	else
		memcpy(sa, &in, sizeof(in));
}

/* Errors that connect(2) finds at once. */
static const int connect_errors[] = { ECONNREFUSED, ENETUNREACH, EHOSTUNREACH,
    EADDRNOTAVAIL, EACCES, EPERM, ETIMEDOUT };
#define CONNECT_ERRORS	(sizeof(connect_errors) / sizeof(connect_errors[0]))

/* What Linux says when it is asked again; 0 and EISCONN both mean success. */
static int
ask_again(struct side *side)
{
	struct conn *conn = side->conn;

	conn_answer(conn);	/* the loopback's may be there at once */
	if (conn->state == CONN_CONNECTING)
		return (EALREADY);
	if (conn->state == CONN_OPEN && !side->is_reset)
		return (dice_one_in(2) ? EISCONN : 0);
	kernel.moves++;
	return (side->error != 0 ? take_error(side) : ECONNABORTED);
}

int
__wrap_connect(int fd, const struct sockaddr *sa, socklen_t length)
{
	struct conn *conn = side_of(fd)->conn;
	int error;

	if (sa->sa_family != conn->family)
		violated("connect", "to an address of another family");
	if (conn->state != CONN_FRESH) {
		error = ask_again(side_of(fd));
		trace("connect(%d) again: %d", fd, error);
		return (error == 0 ? 0 : fail(error));
	}
	memcpy(&conn->target, sa, length);
	if (fault(FAULT_CONNECT)) {
		kernel.refusals++;
		return (fail(connect_errors[dice_below(CONNECT_ERRORS)]));
	}
	error = world_connect(conn, sa);
	if (error != 0)
		return (fail(error));
	kernel.moves++;
	trace("connect(%d)", fd);
	if (conn->state == CONN_OPEN)
		return (0);
	return (fail(fault(FAULT_EINTR) ? EINTR : EINPROGRESS));
}

bool
is_unconnected(const struct side *side)
{
	const enum conn_state state = side->conn->state;

	if (side_is_unix(side))
		return (state == CONN_FRESH);
	return (state == CONN_FRESH || state == CONN_REFUSED || side->is_reset ||
	    (side->fin_received && side->fin_acked));
}

int
take_error(struct side *side)
{
	const int error = side->error;

	side->error = 0;
	return (error);
}

static ssize_t
receive(struct side *side, void *data, size_t count)
{
	const enum conn_state state = side->conn->state;

	if (side->input.used > 0) {
		if (fault(FAULT_SHORT))
			count = 1;
		return ((ssize_t)side_take(side, data, count));
	}
	/* before any error, says Linux, but not on a UNIX-domain socket */
	if (side->fin_received && (side->error == 0 ||
	    !(side_is_unix(side) || kernel.is_bsd)))
		return (0);
	if (side->error != 0)
		return (fail(take_error(side)));
	if (state == CONN_FRESH)
		return (fail(side_is_unix(side) ? EINVAL : ENOTCONN));
	return (side->is_reset || state == CONN_REFUSED ? 0 : fail(EAGAIN));
}

ssize_t
side_receive(struct side *side, void *data, size_t count)
{
	pass_time();
	if (side->sink != NULL)
		violated("join", "a source is read that is joined");
	if (fault(FAULT_EINTR))
		return (fail(EINTR));
	if (fault(FAULT_EAGAIN))
		return (fail(EAGAIN));
	if (is_short(side))
		return (fail(ENOBUFS));
	return (receive(side, data, count));
}

ssize_t
__wrap_recv(int fd, void *data, size_t count, int flags)
{
	struct side *side = side_of(fd);
	ssize_t n;

	(void)flags;
	n = side_receive(side, data, count);
	if (n > 0 && side->reads_due > 0)
		side->reads_due--;
	if (n >= 0 || errno != EAGAIN)
		kernel.moves++;
	trace("recv(%d) = %zd%s%s", fd, n, n == -1 ? " " : "",
	    n == -1 ? strerror(errno) : "");
	return (n);
}

/* Why not, or 0. */
static int
cannot_send(struct side *side)
{
	if (is_unconnected(side) && side_is_unix(side))
		return (ENOTCONN);
	/* and the error stays */
	if (side->is_shut && side_is_unix(side))
		return (EPIPE);
	if (kernel.is_bsd && (side->is_shut || is_unconnected(side)))
		return (EPIPE);
	if (side->error != 0)
		return (take_error(side));
	if (side->is_shut || is_unconnected(side))
		return (EPIPE);
	return (side->conn->state == CONN_CONNECTING ? EAGAIN : 0);
}

ssize_t
side_send(struct side *side, const void *data, size_t count)
{
	int error;
	size_t n;

	pass_time();
	error = cannot_send(side);
	if (error != 0)
		return (fail(error));
	if (fault(FAULT_EINTR))
		return (fail(EINTR));
	if (is_short(side))
		return (fail(ENOBUFS));
	if (fault(FAULT_EAGAIN))
		return (fail(EAGAIN));
	n = side_put(side, data, fault(FAULT_SHORT) ? 1 : count);
	return (n == 0 ? fail(EAGAIN) : (ssize_t)n);
}

ssize_t
__wrap_send(int fd, const void *data, size_t count, int flags)
{
	struct side *side = side_of(fd);
	ssize_t n;

	n = side_send(side, data, count);
	trace("send(%d, %zu) = %zd", fd, count, n);
	if (n > 0)
		side->is_held = (flags & MSG_MORE) != 0 && (size_t)n == count;
	if (n > 0 && (flags & MSG_OOB) != 0)
		side_urge(side);
	if (n > 0)
		kernel.moves++;
	return (n);
}

/* As Linux does with a connection that is not there yet. */
static void
give_up(struct side *side)
{
	side->conn->state = CONN_FRESH;
	side->conn->answer_ns = NEVER_NS;
	side->error = ECONNRESET;
}

int
__wrap_shutdown(int fd, int how)
{
	struct side *side = side_of(fd);

	(void)how;
	trace("shutdown(%d)%s", fd, is_unconnected(side) ?
	    " ENOTCONN" : "");
	if (side->conn->state == CONN_CONNECTING) {
		give_up(side);
		return (0);
	}
	if (is_unconnected(side) && !side_is_unix(side)) {
		side->is_shut = true;	/* for when it has connected */
		return (fail(ENOTCONN));
	}
	if (!side_is_unix(side) && fault(FAULT_SHUTDOWN))
		return (fail(ENOBUFS));
	kernel.moves++;
	side_shut(side);
	return (0);
}

int
__wrap_close(int fd)
{
	struct desc *desc = desc_of(fd);

	trace("close(%d)", fd);
	if (desc == NULL)
		violated("descriptor", "%d is closed, but not open", fd);
	if (desc->is_watched)
		violated("descriptor", "%d is closed while watched", fd);
	kernel.moves++;
	if (desc->kind == KIND_CONN && desc->conn->state == CONN_OPEN)
		side_close(desc->side);
	if (desc->kind == KIND_CONN) {
		desc->conn->answer_ns = NEVER_NS;
		desc->conn->closed_ns = kernel.now_ns;
	}
	if (desc->kind == KIND_LISTENER) {
		desc->kind = KIND_NONE;
		listener_closed();
	}
	desc->is_watched = false;
	if (desc->kind == KIND_SPLICE)
		splice_pipe_close(fd);
	if (desc->kind == KIND_CONN && desc->conn->state == CONN_FRESH)
		conn_forget(desc->conn);
	desc->kind = KIND_NONE;
	return (0);
}
