/* SPDX-License-Identifier: ISC */

/* options.c - what the relay sets and asks of its sockets, and its pipe. */

#include <sys/types.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>

#include "calls.h"
#include "dice.h"
#include "socks.h"
#include "splices.h"

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

int
__wrap_setsockopt(int fd, int level, int name, const void *value,
    socklen_t length)
{
	struct side *side = side_of(fd);

	(void)value;
	(void)length;
	if (kernel.is_guarded && dice_one_in(8) && (name == SO_MARK ||
	    name == TCP_KEEPIDLE || name == TCP_KEEPCNT))
		return (fail(EPERM));
	if (level == SOL_SOCKET && name == SO_LINGER)
		side->resets_on_close = true;
	if (level == IPPROTO_TCP && name == TCP_NODELAY)
		side->is_held = false;
	return (0);
}

int
__wrap_getsockopt(int fd, int level, int name, void *value,
    socklen_t *length)
{
	struct desc *desc = desc_of(fd);
	int result = 0;

	(void)length;
	if (desc == NULL)
		return (fail(EBADF));
	if (kernel.is_bsd && level == IPPROTO_TCP &&
	    desc->kind == KIND_CONN && (desc->side->is_reset ||
	    side_is_over(desc->side)))
		return (fail(ECONNRESET));
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
	const struct desc *desc = desc_of(fd);
	const struct conn *conn;

	if (desc == NULL || desc->conn == NULL)
		violated("descriptor", "%d has no name", fd);
	conn = desc->conn;
	set_name(sa, length, conn->family, (uint16_t)(50000 + fd));
	if (conn->is_self)
		memcpy(sa, &conn->target, *length);
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
	if (desc->conn->state == CONN_CONNECTING || is_unconnected(side))
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
	if (command == F_DUPFD_CLOEXEC)
		return (fault(FAULT_EMFILE) ? fail(EMFILE) :
		    desc_open(KIND_HELD, NULL));
	if (desc_of(fd) == NULL)
		return (fail(EBADF));
	return (command != F_GETFD && fault(FAULT_FCNTL) ? fail(EINVAL) : 0);
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
	if (desc_of(fd) != NULL && desc_of(fd)->kind == KIND_SPLICE)
		return (splice_pipe_read(desc_of(fd)->pipe, data, count));
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
