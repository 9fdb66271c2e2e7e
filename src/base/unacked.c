/* SPDX-License-Identifier: ISC */

/*
 * unacked.c - what the other host has not acknowledged, asked in the way of each
 * system, and what became of it.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#ifdef HAVE_LINUX_SOCKIOS_H
#include <linux/sockios.h>
#endif

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <stdbool.h>
#include <stddef.h>

#include "base/socket.h"

#if defined(SIOCOUTQ)

int
socket_unacked_bytes(int fd)
{
	int bytes = 0;

	return (ioctl(fd, SIOCOUTQ, &bytes) == -1 ? 0 : bytes);
}

#elif defined(FIONWRITE)

int
socket_unacked_bytes(int fd)
{
	int bytes = 0;

	return (ioctl(fd, FIONWRITE, &bytes) == -1 ? 0 : bytes);
}

#elif defined(SO_NWRITE)

int
socket_unacked_bytes(int fd)
{
	int bytes = 0;
	socklen_t length = sizeof(bytes);

	return (getsockopt(fd, SOL_SOCKET, SO_NWRITE, &bytes, &length) == -1 ?
	    0 : bytes);
}

#elif defined(__OpenBSD__)

#include <sys/event.h>
#include <sys/time.h>

#include <fcntl.h>

/* A queue of each thread's own, for nothing else; 0: there is none yet. */
static _Thread_local int queue_fd;

static int
events(void)
{
	if (queue_fd > 0)
		return (queue_fd);
	queue_fd = kqueue();
	if (queue_fd != -1)
		(void)fcntl(queue_fd, F_SETFD, FD_CLOEXEC);
	return (queue_fd);
}

/*
 * TCP_INFO tells root alone.  EVFILT_WRITE tells anybody, also after the end of
 * input, how much more there is room for; no room at all is no event.  Memory
 * runs short before the bytes do where they came in small pieces: this may be
 * more than there are, but it is 0 only for none.
 */
int
socket_unacked_bytes(int fd)
{
	const struct timespec now = { 0, 0 };
	struct kevent change, event;
	int room = 0, size = 0, n;
	socklen_t length = sizeof(size);

	EV_SET(&change, fd, EVFILT_WRITE, EV_ADD | EV_ONESHOT, NOTE_LOWAT, 0,
	    NULL);
	n = kevent(events(), &change, 1, &event, 1, &now);
	if (n == -1)
		return (1);	/* no descriptor for a queue: who knows? */
	if ((n == 1 && (event.flags & EV_ERROR) != 0) ||
	    getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, &length) == -1)
		return (0);
	if (n == 1) {
		room = (int)event.data;
	} else {
		EV_SET(&change, fd, EVFILT_WRITE, EV_DELETE, 0, 0, NULL);
		(void)kevent(events(), &change, 1, NULL, 0, &now);
	}
	return (room < size ? size - room : 0);
}

#else
#error "no way is known to ask what a socket has not sent yet"
#endif

/*
 * A reset that comes when both ends were passed on leaves no error on NetBSD,
 * OpenBSD and macOS.  But the connection is gone, which its options tell, and
 * what is still held for the peer never gets there.
 */
bool
socket_missed_reset(int fd)
{
	int value;
	socklen_t length = sizeof(value);

	return (getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &value,
	    &length) == -1 && socket_unacked_bytes(fd) > 0);
}
