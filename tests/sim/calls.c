/* SPDX-License-Identifier: ISC */

/* calls.c - the socket calls of the relay, by the rules of Linux. */

#include <sys/types.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <netinet/in.h>

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "dice.h"
#include "socks.h"
#include "world.h"

int __wrap_socket(int family, int type, int protocol);
int __wrap_accept4(int fd, struct sockaddr *sa, socklen_t *length, int flags);
int __wrap_connect(int fd, const struct sockaddr *sa, socklen_t length);
ssize_t __wrap_recv(int fd, void *data, size_t count, int flags);
ssize_t __wrap_send(int fd, const void *data, size_t count, int flags);
int __wrap_shutdown(int fd, int how);
int __wrap_close(int fd);
int __wrap_setsockopt(int fd, int level, int name, const void *value,
    socklen_t length);
int __wrap_getsockopt(int fd, int level, int name, void *value,
    socklen_t *length);
int __wrap_getsockname(int fd, struct sockaddr *sa, socklen_t *length);
int __wrap_getpeername(int fd, struct sockaddr *sa, socklen_t *length);
int __wrap_ioctl(int fd, unsigned long request, ...);
int __wrap_fcntl(int fd, int command, ...);
int __wrap_pipe(int fds[2]);
ssize_t __wrap_write(int fd, const void *data, size_t count);
ssize_t __wrap_read(int fd, void *data, size_t count);

#define PIPE_BYTES	600	/* more than libmux reads at once */

static int
fail(int error)
{
	errno = error;
	return (-1);
}

/* What accept(2) says of a connection, or of the network, that is gone. */
static const int accept_errors[] = { ECONNABORTED, EPROTO, EPERM, ENETDOWN,
    ENETUNREACH, EHOSTDOWN, EHOSTUNREACH, ENOPROTOOPT, EOPNOTSUPP, ETIMEDOUT };
#define ACCEPT_ERRORS	(sizeof(accept_errors) / sizeof(accept_errors[0]))

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

static struct side *
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

/* A name is known by its port. */
static void
set_name(struct sockaddr *sa, socklen_t *length, int family, uint16_t port)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
	    .sin6_port = htons(port), .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	struct sockaddr_in in = { .sin_family = AF_INET,
	    .sin_port = htons(port) };

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	*length = family == AF_INET6 ? sizeof(in6) : sizeof(in);
	if (family == AF_INET6)
		memcpy(sa, &in6, sizeof(in6));
	else
		memcpy(sa, &in, sizeof(in));
}

int
__wrap_accept4(int fd, struct sockaddr *sa, socklen_t *length, int flags)
{
	struct conn *conn;
	int accepted;

	(void)flags;
	if (kernel.backlog_used == 0)
		return (fail(EAGAIN));
	conn = kernel.backlog[0];
	if (fault(FAULT_ACCEPT))
		return (fail(accept_errors[dice_below(ACCEPT_ERRORS)]));
	if (fault(FAULT_EMFILE))
		return (fail(EMFILE));
	if (fault(FAULT_EINTR))
		return (fail(EINTR));
	accepted = desc_open(KIND_CONN, conn);
	if (accepted == -1)
		return (-1);
	if (conn->is_upstream)		/* both of its ends are ours */
		kernel.descs[accepted].side = &conn->peer;
	memmove(&kernel.backlog[0], &kernel.backlog[1],
	    --kernel.backlog_used * sizeof(kernel.backlog[0]));
	set_name(sa, length, conn->family, 40000);
	conn->relay.reset_ns = kernel.now_ns;
	kernel.accepted++;
	kernel.moves++;
	trace("accept4(%d) = %d", fd, accepted);
	return (accepted);
}

/* Errors that connect(2) finds at once. */
static const int connect_errors[] = { ECONNREFUSED, ENETUNREACH, EHOSTUNREACH,
    EADDRNOTAVAIL, EACCES, EPERM, ETIMEDOUT };
#define CONNECT_ERRORS	(sizeof(connect_errors) / sizeof(connect_errors[0]))

int
__wrap_connect(int fd, const struct sockaddr *sa, socklen_t length)
{
	struct conn *conn = side_of(fd)->conn;

	(void)length;
	if (sa->sa_family != conn->family)
		violated("connect", "to an address of another family");
	if (fault(FAULT_CONNECT)) {
		kernel.refusals++;
		return (fail(connect_errors[dice_below(CONNECT_ERRORS)]));
	}
	world_connect(conn, sa);
	kernel.moves++;
	trace("connect(%d)", fd);
	if (conn->state == CONN_OPEN)
		return (0);
	return (fail(fault(FAULT_EINTR) ? EINTR : EINPROGRESS));
}

static int
take_error(struct side *side)
{
	const int error = side->error;

	side->error = 0;
	return (error);
}

static ssize_t
receive(struct side *side, void *data, size_t count)
{
	if (side->input.used > 0) {
		if (fault(FAULT_SHORT))
			count = 1;
		return ((ssize_t)side_take(side, data, count));
	}
	if (side->fin_received)		/* before any error, says Linux */
		return (0);
	if (side->error != 0)
		return (fail(take_error(side)));
	return (side->is_reset ? 0 : fail(EAGAIN));
}

ssize_t
__wrap_recv(int fd, void *data, size_t count, int flags)
{
	struct side *side = side_of(fd);
	ssize_t n;

	(void)flags;
	pass_time();
	if (fault(FAULT_EINTR))
		return (fail(EINTR));
	if (fault(FAULT_EAGAIN))
		return (fail(EAGAIN));
	if (is_short(side))
		return (fail(ENOBUFS));
	n = receive(side, data, count);
	if (n >= 0 || errno != EAGAIN)
		kernel.moves++;
	trace("recv(%d) = %zd%s%s", fd, n, n == -1 ? " " : "",
	    n == -1 ? strerror(errno) : "");
	return (n);
}

ssize_t
__wrap_send(int fd, const void *data, size_t count, int flags)
{
	struct side *side = side_of(fd);
	size_t n;

	(void)flags;
	pass_time();
	if (side->error != 0)
		return (fail(take_error(side)));
	if (side->is_reset || side->fin_sent)
		return (fail(EPIPE));
	if (fault(FAULT_EINTR))
		return (fail(EINTR));
	if (is_short(side))
		return (fail(ENOBUFS));
	if (fault(FAULT_EAGAIN))
		return (fail(EAGAIN));
	n = side_put(side, data, fault(FAULT_SHORT) ? 1 : count);
	trace("send(%d, %zu) = %zu", fd, count, n);
	if (n == 0)
		return (fail(EAGAIN));
	kernel.moves++;
	return ((ssize_t)n);
}

int
__wrap_shutdown(int fd, int how)
{
	struct side *side = side_of(fd);

	(void)how;
	trace("shutdown(%d)%s", fd, side->is_reset ? " ENOTCONN" : "");
	if (side->is_reset)
		return (fail(ENOTCONN));
	if (fault(FAULT_SHUTDOWN))
		return (fail(ENOBUFS));
	kernel.moves++;
	side_shut(side);
	return (0);
}

/* Connections that were not accepted are reset with their listener. */
static void
listener_close_all(void)
{
	size_t i;

	for (i = 0; i < kernel.backlog_used; i++)
		side_reset_other(&kernel.backlog[i]->relay);
	kernel.backlog_used = 0;
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
	if (desc->kind == KIND_LISTENER)
		listener_close_all();
	desc->kind = KIND_NONE;
	desc->is_watched = false;
	return (0);
}

int
__wrap_setsockopt(int fd, int level, int name, const void *value,
    socklen_t length)
{
	struct side *side = side_of(fd);

	(void)value;
	(void)length;
	if (level == SOL_SOCKET && name == SO_LINGER)
		side->resets_on_close = true;
	return (0);
}

int
__wrap_getsockopt(int fd, int level, int name, void *value,
    socklen_t *length)
{
	struct desc *desc = desc_of(fd);
	int result = 0;

	(void)level;
	(void)length;
	if (desc == NULL)
		return (fail(EBADF));
	if (name == SO_ACCEPTCONN)
		result = desc->kind == KIND_LISTENER;
	else if (name == SO_ERROR && desc->kind == KIND_CONN)
		result = take_error(desc->side);
	memcpy(value, &result, sizeof(result));
	return (0);
}

int
__wrap_getsockname(int fd, struct sockaddr *sa, socklen_t *length)
{
	const struct conn *conn = side_of(fd)->conn;

	set_name(sa, length, conn->family,
	    conn->is_self ? 80 : (uint16_t)(50000 + fd));
	return (0);
}

int
__wrap_getpeername(int fd, struct sockaddr *sa, socklen_t *length)
{
	struct desc *desc = desc_of(fd);
	const struct side *side;

	if (desc == NULL)
		return (fail(EBADF));
	if (desc->kind != KIND_CONN)
		return (fail(ENOTCONN));
	side = desc->side;
	if (desc->conn->state != CONN_OPEN || side->is_reset ||
	    (side->fin_received && side->fin_acked))
		return (fail(ENOTCONN));
	set_name(sa, length, desc->conn->family, 80);
	return (0);
}

int
__wrap_ioctl(int fd, unsigned long request, ...)
{
	va_list ap;

	va_start(ap, request);
	*va_arg(ap, int *) = side_unacked(side_of(fd));
	va_end(ap);
	return (0);
}

int
__wrap_fcntl(int fd, int command, ...)
{
	(void)command;
	return (desc_of(fd) == NULL ? fail(EBADF) : 0);
}

int
__wrap_pipe(int fds[2])
{
	if (fault(FAULT_EMFILE))
		return (fail(EMFILE));
	fds[0] = desc_open(KIND_PIPE, NULL);
	fds[1] = desc_open(KIND_PIPE, NULL);
	if (fds[1] == -1) {
		if (fds[0] != -1)
			kernel.descs[fds[0]].kind = KIND_NONE;
		return (fail(EMFILE));
	}
	kernel.pipe_fd = fds[0];
	kernel.pipe_used = 0;
	return (0);
}

ssize_t
__wrap_read(int fd, void *data, size_t count)
{
	(void)fd;
	(void)data;
	if (fault(FAULT_EINTR))
		return (fail(EINTR));
	if (kernel.pipe_used == 0)
		return (fail(EAGAIN));
	if (count > kernel.pipe_used)
		count = kernel.pipe_used;
	kernel.pipe_used -= count;
	kernel.moves++;
	return ((ssize_t)count);
}

ssize_t
__wrap_write(int fd, const void *data, size_t count)
{
	struct desc *desc = desc_of(fd);

	(void)data;
	if (desc == NULL || desc->kind != KIND_PIPE)
		violated("descriptor", "%d is no pipe", fd);
	if (fault(FAULT_EINTR))
		return (fail(EINTR));
	if (kernel.pipe_used + count > PIPE_BYTES)
		return (fail(EAGAIN));
	kernel.pipe_used += count;
	return ((ssize_t)count);
}
