/* SPDX-License-Identifier: ISC */

/*
 * backend-epoll.c - epoll(7), Linux.
 *
 * Kernel notes:
 * - EPOLLERR and EPOLLHUP ring whatever the mask, so a descriptor with
 *   nothing to wait for is taken out of the set, and with ERROR alone it is
 *   in the set with an empty mask.
 * - A descriptor leaves the set by itself only when its last copy is closed,
 *   so it is always removed before: a copy that another process holds would
 *   go on ringing.
 * - EPOLLRDHUP is only a hint: not every system that speaks epoll has it, and
 *   the end of input is found by reading.
 */

#include <sys/epoll.h>

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "backend.h"
#include "mux.h"

#define BATCH		256

struct mux__backend {
	int fd;
};

const char mux__backend_name[] = "epoll";
const int mux__backend_fd_limit = INT_MAX;

static struct mux__backend *
backend_on(int fd)
{
	struct mux__backend *backend;

	backend = malloc(sizeof(*backend));
	if (backend != NULL)
		backend->fd = fd;
	return (backend);
}

struct mux__backend *
mux__backend_open(void)
{
	struct mux__backend *backend;
	int fd, saved_errno;

	fd = epoll_create1(EPOLL_CLOEXEC);
	if (fd == -1)
		return (NULL);
	backend = backend_on(fd);
	if (backend == NULL) {
		saved_errno = errno;
		(void)close(fd);
		errno = saved_errno;
	}
	return (backend);
}

struct mux__backend *
mux__backend_adopt(int fd)
{
	struct epoll_event event;

	if (epoll_wait(fd, &event, 1, 0) == -1)
		return (NULL);
	return (backend_on(fd));
}

void
mux__backend_release(struct mux__backend *backend)
{
	free(backend);
}

void
mux__backend_close(struct mux__backend *backend)
{
	(void)close(backend->fd);
	free(backend);
}

int
mux__backend_fileno(const struct mux__backend *backend)
{
	return (backend->fd);
}

int
mux__backend_watch(struct mux__backend *backend, int fd, unsigned before,
    unsigned after)
{
	struct epoll_event event = { .data.fd = fd };
	const int operation = before == 0 ? EPOLL_CTL_ADD :
	    after == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD;
	const int saved_errno = errno;

	event.events = ((after & MUX_READ) != 0 ? EPOLLIN | EPOLLRDHUP : 0U) |
	    ((after & MUX_WRITE) != 0 ? EPOLLOUT : 0U);
	if (epoll_ctl(backend->fd, operation, fd, &event) == 0)
		return (0);
	if (after != 0)
		return (-1);
	errno = saved_errno;	/* gone already is as good as removed */
	return (0);
}

int
mux__backend_wait(struct mux__backend *backend, struct mux__ready *ready,
    int max, int64_t timeout_ns)
{
	struct epoll_event events[BATCH];
	int count, i;

	count = epoll_wait(backend->fd, events, max < BATCH ? max : BATCH,
	    mux__timeout_ms(timeout_ns));
	for (i = 0; i < count; i++) {
		ready[i].fd = events[i].data.fd;
		ready[i].events =
		    ((events[i].events & EPOLLIN) != 0 ? MUX_READ : 0U) |
		    ((events[i].events & EPOLLOUT) != 0 ? MUX_WRITE : 0U) |
		    ((events[i].events & EPOLLERR) != 0 ? MUX_ERROR : 0U) |
		    ((events[i].events & EPOLLHUP) != 0 ? MUX_HANGUP : 0U) |
		    ((events[i].events & EPOLLRDHUP) != 0 ? MUX_END : 0U);
	}
	return (count);
}
