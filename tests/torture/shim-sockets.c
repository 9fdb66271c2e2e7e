/* SPDX-License-Identifier: ISC */

/* shim-sockets.c - calls that concern sockets, and those that move bytes. */

#define _GNU_SOURCE
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <fcntl.h>
#include <stdatomic.h>
#include <unistd.h>

#include "shim.h"

static atomic_bool is_service[1024];	/* the far end of a socket pair */

static int
option_of(int fd, int name)
{
	socklen_t size = sizeof(int);
	int value = 0;

	(void)syscall(SYS_getsockopt, fd, SOL_SOCKET, name, &value, &size);
	return (value);
}

/* Whose errors are others: those of the pair behind a built-in service too. */
static enum kind
kind_of_socket(int fd, enum kind inet, enum kind local, enum kind service)
{
	const int family = option_of(fd, SO_DOMAIN);

	if (family != AF_UNIX)
		return (inet);
	return (fd >= 0 && fd < 1024 && atomic_load(&is_service[fd]) ?
	    service : local);
}

/* The service manager's socket is the only one that has no connection. */
static enum kind
kind_of_send(int fd)
{
	return (option_of(fd, SO_TYPE) == SOCK_DGRAM ? KIND_send_notify :
	    kind_of_socket(fd, KIND_send, KIND_send_local, KIND_send_service));
}

static unsigned int
type_of(int fd)
{
	struct statx stx;

	return (syscall(SYS_statx, fd, "", AT_EMPTY_PATH, STATX_TYPE,
	    &stx) == 0 ? stx.stx_mode & S_IFMT : 0);
}

static bool
is_pipe(int fd)
{
	return (type_of(fd) == S_IFIFO);
}

static bool
is_nonblocking(int fd)
{
	return ((syscall(SYS_fcntl, fd, F_GETFL) & O_NONBLOCK) != 0);
}

static enum kind
kind_of_read(int fd)
{
	if (is_nonblocking(fd))
		return (KIND_read);
	switch (type_of(fd)) {
	case S_IFREG:
		return (KIND_read_file);
	case S_IFSOCK:
		return (KIND_read_stream);
	}
	return (KIND_read_blocking);
}

/* Sockets */
CALL(socket, (int family, int type, int protocol), (family, type, protocol))
CALL(bind, (int fd, const struct sockaddr *address, socklen_t size),
    (fd, address, size))
CALL(listen, (int fd, int backlog), (fd, backlog))
CALL(connect, (int fd, const struct sockaddr *address, socklen_t size),
    (fd, address, size))
CALL(setsockopt, (int fd, int level, int option, const void *value,
    socklen_t size), (fd, level, option, value, size))
CALL(getsockopt, (int fd, int level, int option, void *value,
    socklen_t *size), (fd, level, option, value, size))
CALL(getsockname, (int fd, struct sockaddr *address, socklen_t *size),
    (fd, address, size))
CALL(getpeername, (int fd, struct sockaddr *address, socklen_t *size),
    (fd, address, size))

__extension__ int
accept4(int fd, struct sockaddr *address, socklen_t *size, int flags)
{
	static int (*system_call)(int, struct sockaddr *, socklen_t *, int);
	const int error = shim_fault(KIND_accept4);
	int accepted;

	if (error != 0) {
		errno = error;
		return (-1);
	}
	if (system_call == NULL)
		shim_next(&system_call, "accept4");
	accepted = system_call(fd, address, size, flags);
	shim_move(accepted != -1);
	return (accepted);
}

int
socketpair(int family, int type, int protocol, int fds[2])
{
	static int (*system_call)(int, int, int, int *);
	const int error = shim_fault(KIND_socketpair);
	int result;

	if (error != 0) {
		errno = error;
		return (-1);
	}
	if (system_call == NULL)
		shim_next(&system_call, "socketpair");
	result = system_call(family, type, protocol, fds);
	if (result == 0 && fds[1] < 1024)
		atomic_store(&is_service[fds[1]], true);
	return (result);
}

int
shutdown(int fd, int how)
{
	static int (*system_call)(int, int);
	const int error = shim_fault(kind_of_socket(fd, KIND_shutdown,
	    KIND_shutdown_local, KIND_shutdown_local));

	if (error != 0) {
		errno = error;
		return (-1);
	}
	if (system_call == NULL)
		shim_next(&system_call, "shutdown");
	return (system_call(fd, how));
}

/* Bytes */
MOVE(kind_of_socket(fd, KIND_recv, KIND_recv_local, KIND_recv_service),
    recv, (int fd, void *bytes, size_t size, int flags),
    (fd, bytes, size, flags))
MOVE(kind_of_send(fd),
    send, (int fd, const void *bytes, size_t size, int flags),
    (fd, bytes, size, flags))
MOVE(KIND_sendto, sendto, (int fd, const void *bytes, size_t size, int flags,
    const struct sockaddr *to, socklen_t length),
    (fd, bytes, size, flags, to, length))
MOVE(is_pipe(fd) ? KIND_splice_out : KIND_splice_in,
    splice, (int fd, off64_t *from, int to_fd, off64_t *to, size_t size,
    unsigned int flags), (fd, from, to_fd, to, size, flags))
MOVE(kind_of_read(fd),
    read, (int fd, void *bytes, size_t size), (fd, bytes, size))
MOVE(fd > STDERR_FILENO && is_pipe(fd) ? KIND_write_pipe : KIND_write,
    write, (int fd, const void *bytes, size_t size), (fd, bytes, size))
MOVE(KIND_pread, pread, (int fd, void *bytes, size_t size, off_t at),
    (fd, bytes, size, at))
MOVE(KIND_pwrite, pwrite, (int fd, const void *bytes, size_t size, off_t at),
    (fd, bytes, size, at))

/* The descriptor is gone also when it fails. */
int
close(int fd)
{
	const int error = shim_fault(KIND_close);

	if (fd >= 0 && fd < 1024)
		atomic_store(&is_service[fd], false);
	if (syscall(SYS_close, fd) == -1)
		return (-1);
	if (error == 0)
		return (0);
	errno = error;
	return (-1);
}
