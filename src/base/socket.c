/* SPDX-License-Identifier: ISC */

/* socket.c - stream sockets the way the relay needs every one of them. */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/socket.h"

static void
set_option(int fd, int level, int name)
{
	const int on = 1;

	/* none of them is worth refusing a connection for */
	(void)setsockopt(fd, level, name, &on, sizeof(on));
}

/*
 * macOS takes no option any more once both directions have ended, unless it was
 * asked to before: SO_LINGER makes resets.
 */
static void
let_linger(int fd)
{
#ifdef SONPX_SETOPTSHUT
	const struct so_np_extensions extensions = {
	    .npx_flags = SONPX_SETOPTSHUT, .npx_mask = SONPX_SETOPTSHUT };

	(void)setsockopt(fd, SOL_SOCKET, SO_NP_EXTENSIONS, &extensions,
	    sizeof(extensions));
#else
	(void)fd;
#endif
}

static void
set_options(int fd, int family)
{
	const int saved_errno = errno;

	if (family != AF_UNIX) {
		set_option(fd, IPPROTO_TCP, TCP_NODELAY);
		set_option(fd, SOL_SOCKET, SO_KEEPALIVE);
	}
	/* Linux has urgent bytes on UNIX-domain sockets too */
	set_option(fd, SOL_SOCKET, SO_OOBINLINE);
#ifdef SO_NOSIGPIPE
	set_option(fd, SOL_SOCKET, SO_NOSIGPIPE);
#endif
	let_linger(fd);
	errno = saved_errno;
}

void
socket_close(int fd)
{
	const int saved_errno = errno;

	(void)close(fd);
	errno = saved_errno;
}

#if !defined(SOCK_NONBLOCK) || !defined(HAVE_ACCEPT4)
/* For systems that cannot make a descriptor what it shall be at once. */
static int
make_nonblocking(int fd)
{
	const int flags = fcntl(fd, F_GETFL);

	if (flags == -1 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) == -1 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) == -1) {
		socket_close(fd);
		return (-1);
	}
	return (fd);
}
#endif

int
socket_open(int family)
{
	return (socket_open_as(family, 0));
}

int
socket_open_as(int family, int protocol)
{
	int fd;

#ifdef SOCK_NONBLOCK
	fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    protocol);
#else
	fd = socket(family, SOCK_STREAM, protocol);
	if (fd != -1)
		fd = make_nonblocking(fd);
#endif
	if (fd != -1)
		set_options(fd, family);
	return (fd);
}

int
socket_pair(int fds[2])
{
#ifdef SOCK_NONBLOCK
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
	    fds) == -1)
		return (-1);
#else
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == -1)
		return (-1);
	if (make_nonblocking(fds[0]) == -1) {
		socket_close(fds[1]);
		return (-1);
	}
	if (make_nonblocking(fds[1]) == -1) {
		socket_close(fds[0]);
		return (-1);
	}
#endif
	set_options(fds[0], AF_UNIX);
	set_options(fds[1], AF_UNIX);
	return (0);
}

/* Whether an accepted socket has the options of its listener, see tcp(7). */
static bool
inherits_options(int family)
{
#ifdef __linux__
	return (family == AF_INET || family == AF_INET6);
#else
	(void)family;
	return (false);
#endif
}

int
socket_accept(int listener_fd, struct address *peer)
{
	struct sockaddr_storage storage = { .ss_family = AF_UNSPEC };
	socklen_t length = sizeof(storage);
	int fd;

#ifdef HAVE_ACCEPT4
	fd = accept4(listener_fd, (struct sockaddr *)&storage, &length,
	    SOCK_NONBLOCK | SOCK_CLOEXEC);
#else
	fd = accept(listener_fd, (struct sockaddr *)&storage, &length);
	if (fd != -1)
		fd = make_nonblocking(fd);
#endif
	if (fd == -1)
		return (-1);
	/* some systems give no address for a peer that has gone already */
	if (length == 0)
		storage.ss_family = AF_UNSPEC;
	if (!address_set(peer, (struct sockaddr *)&storage, length))
		peer->sa.sa_family = storage.ss_family;
	if (!inherits_options(peer->sa.sa_family))
		set_options(fd, peer->sa.sa_family);
	return (fd);
}

int
socket_connect(int fd, const struct address *address)
{
	int result;

	result = connect(fd, &address->sa, address_length(address));
	if (result == -1 && errno == EINTR)
		errno = EINPROGRESS;	/* goes on by itself, says POSIX */
	return (result);
}

static int
unix_address(struct sockaddr_un *un, const char *path)
{
	const size_t length = strlen(path);

	*un = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (length >= sizeof(un->sun_path)) {
		errno = ENAMETOOLONG;
		return (-1);
	}
	memcpy(un->sun_path, path, length + 1);
	return (0);
}

bool
socket_is_served_unix(const char *path)
{
	const int saved_errno = errno;
	struct sockaddr_un un;
	bool is_dead;
	int fd;

#ifdef SOCK_CLOEXEC
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
#else
	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
#endif
	is_dead = fd != -1 && unix_address(&un, path) == 0 &&
	    connect(fd, (struct sockaddr *)&un, sizeof(un)) == -1 &&
	    errno == ECONNREFUSED;
	if (fd != -1)
		socket_close(fd);
	errno = saved_errno;
	return (!is_dead);
}

int
socket_connect_unix(int fd, const char *path)
{
	struct sockaddr_un un;

	if (unix_address(&un, path) == -1)
		return (-1);
	if (connect(fd, (struct sockaddr *)&un, sizeof(un)) == 0)
		return (0);
#ifndef __linux__
	if (errno == ECONNREFUSED && socket_is_served_unix(path))
		errno = EAGAIN;
#endif
	return (-1);
}

int
socket_bind_unix(int fd, const char *path)
{
	struct sockaddr_un un;

	if (unix_address(&un, path) == -1)
		return (-1);
	return (bind(fd, (struct sockaddr *)&un, sizeof(un)));
}

typedef int name_fn(int, struct sockaddr *, socklen_t *);

static bool
name_of(int fd, name_fn *ask, struct address *address)
{
	struct sockaddr_storage storage;
	socklen_t length = sizeof(storage);

	return (ask(fd, (struct sockaddr *)&storage, &length) == 0 &&
	    address_set(address, (struct sockaddr *)&storage, length));
}

/* Of 0.0.0.0 and :: the system makes an address of this host. */
static bool
is_self(int fd, const struct address *asked)
{
	struct address local, peer = *asked;

	return (name_of(fd, getsockname, &local) &&
	    (!address_is_any(asked) || name_of(fd, getpeername, &peer)) &&
	    address_equal(&local, &peer));
}

#ifdef __linux__

/* Asking again tells: connected, still at it, or why not. */
static int
connect_result(int fd, const struct address *address)
{
	if (connect(fd, &address->sa, address_length(address)) == 0)
		return (0);
	switch (errno) {
	case EISCONN:
		return (0);
	case EALREADY:
	case EINTR:
		return (EINPROGRESS);
	default:
		return (errno);
	}
}

#else

/* Elsewhere asking again may begin anew after a failure. */
static int
connect_result(int fd, const struct address *address)
{
	struct sockaddr_storage storage;
	socklen_t length;
	int error;

	(void)address;
	length = sizeof(error);
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == -1)
		return (errno);
	if (error != 0)
		return (error);
	/* readiness can be spurious: only a peer's name is proof */
	length = sizeof(storage);
	if (getpeername(fd, (struct sockaddr *)&storage, &length) == -1)
		return (errno == ENOTCONN ? EINPROGRESS : errno);
	return (0);
}

#endif

int
socket_connect_result(int fd, const struct address *address)
{
	const int error = connect_result(fd, address);

	return (error == 0 && is_self(fd, address) ? ECONNREFUSED : error);
}

/* Setting it once more sends what waits, tcp(7); without MSG_MORE none does. */
void
socket_push(int fd)
{
#ifdef MSG_MORE
	const int saved_errno = errno;

	set_option(fd, IPPROTO_TCP, TCP_NODELAY);
	errno = saved_errno;
#else
	(void)fd;
#endif
}

bool
socket_is_short(int error)
{
	return (error == ENOBUFS || error == ENOMEM);
}

bool
socket_is_gone(int fd)
{
	const int saved_errno = errno;
	struct sockaddr_storage storage;
	socklen_t length = sizeof(storage);
	const bool is_gone = getpeername(fd, (struct sockaddr *)&storage,
	    &length) == -1;

	errno = saved_errno;
	return (is_gone);
}

int
socket_take_error(int fd)
{
	socklen_t length;
	int error;

	length = sizeof(error);
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == -1)
		return (errno);
	return (error);
}

void
socket_reset_on_close(int fd)
{
	const struct linger linger = { .l_onoff = 1, .l_linger = 0 };
	const struct sockaddr nobody = { .sa_family = AF_UNSPEC };
	const int saved_errno = errno;

	/* where that is refused, Linux resets what is to have no peer */
	if (setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger,
	    sizeof(linger)) == -1)
		(void)connect(fd, &nobody, sizeof(nobody));
	errno = saved_errno;
}
