/* SPDX-License-Identifier: ISC */

/*
 * backend-kqueue.c - kqueue(2): the BSDs, macOS, and Linux by libkqueue.
 *
 * Kernel notes:
 * - Reading and writing are two filters with two reports; the core merges
 *   them.
 * - EV_EOF on the read filter is the end of input, with what arrived before
 *   it still unread; fflags then holds the socket's error, if it has one.
 *   EV_EOF on the write filter says that nothing can be sent any more, be it
 *   after an end of our own: that both directions have ended is told by a
 *   failure alone.
 * - ERROR alone is a read filter that no amount of data triggers (NOTE_LOWAT)
 *   and that rings once for each change (EV_CLEAR): the end of input rings
 *   it without an error and is passed over, a reset rings it again.  The
 *   flags of a filter cannot be changed, so it is deleted and added anew.
 * - libkqueue gives NOTE_LOWAT back in fflags beside the socket's error.
 * - Most systems answer EBADF, and libkqueue ENOENT, also when a descriptor
 *   is open and merely no kqueue.
 * - Closing a descriptor removes its filters, with libkqueue unless a copy of
 *   it is held elsewhere.
 * - The write filter of a pipe whose reader has gone cannot be added: EBADF on
 *   NetBSD, EPIPE on FreeBSD and OpenBSD.
 */

#include <sys/types.h>
#include <sys/event.h>
#include <sys/time.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "backend.h"
#include "mux.h"

#define NS_PER_S	INT64_C(1000000000)
#define WAIT_MAX_S	86400	/* longer waits are refused by some systems */
#define BATCH		256

#if defined(__NetBSD__)
typedef size_t event_count;	/* as kevent(2) takes it */
#else
typedef int event_count;
#endif

struct mux__backend {
	int fd;
};

const char mux__backend_name[] = "kqueue";
const int mux__backend_fd_limit = INT_MAX;

/* What the read filter is there for. */
enum read_filter { ABSENT, INPUT, FAILURE };

static char failure_mark;	/* its address marks reports of FAILURE */

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
	struct mux__backend *backend = NULL;
	int fd, saved_errno;

	fd = kqueue();
	if (fd == -1)
		return (NULL);
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) != -1)
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
	const struct timespec no_wait = { .tv_sec = 0 };
	struct kevent event;

	if (kevent(fd, NULL, 0, &event, 1, &no_wait) != -1)
		return (backend_on(fd));
	if (errno == EBADF || errno == ENOENT)
		errno = fcntl(fd, F_GETFD) == -1 ? EBADF : EINVAL;
	return (NULL);
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

static enum read_filter
read_filter(unsigned events)
{
	return ((events & MUX_READ) != 0 ? INPUT :
	    events == MUX_ERROR ? FAILURE : ABSENT);
}

static int
change(struct mux__backend *backend, struct kevent *event)
{
	const struct timespec no_wait = { .tv_sec = 0 };

	return (kevent(backend->fd, event, 1, NULL, 0, &no_wait));
}

static void
delete_filter(struct mux__backend *backend, int fd, short filter)
{
	const int saved_errno = errno;
	struct kevent event;

	EV_SET(&event, (uintptr_t)fd, filter, EV_DELETE, 0, 0, 0);
	(void)change(backend, &event);	/* gone already is as good */
	errno = saved_errno;
}

static int
set_read(struct mux__backend *backend, int fd, enum read_filter before,
    enum read_filter after)
{
	const void *mark = &failure_mark;
	struct kevent event;

	if (before == after)
		return (0);
	if (before != ABSENT)
		delete_filter(backend, fd, EVFILT_READ);
	if (after == ABSENT)
		return (0);
	if (after == INPUT)
		EV_SET(&event, (uintptr_t)fd, EVFILT_READ, EV_ADD, 0, 0, 0);
	else
		EV_SET(&event, (uintptr_t)fd, EVFILT_READ, EV_ADD | EV_CLEAR,
		    NOTE_LOWAT, INT_MAX, 0);
	/* a pointer, or on NetBSD before 10 an integer that holds one */
	if (after == FAILURE)
		memcpy(&event.udata, &mark, sizeof(mark));
	return (change(backend, &event));
}

static int
set_write(struct mux__backend *backend, int fd, bool before, bool after)
{
	struct kevent event;

	if (before == after)
		return (0);
	if (!after) {
		delete_filter(backend, fd, EVFILT_WRITE);
		return (0);
	}
	EV_SET(&event, (uintptr_t)fd, EVFILT_WRITE, EV_ADD, 0, 0, 0);
	return (change(backend, &event));
}

/* Writing first: what it may have to undo is the simpler filter. */
int
mux__backend_watch(struct mux__backend *backend, int fd, unsigned before,
    unsigned after)
{
	const bool wrote = (before & MUX_WRITE) != 0;
	const bool writes = (after & MUX_WRITE) != 0;
	int saved_errno;

	if (set_write(backend, fd, wrote, writes) == -1)
		return (-1);
	if (set_read(backend, fd, read_filter(before),
	    read_filter(after)) == 0)
		return (0);

	saved_errno = errno;
	(void)set_read(backend, fd, ABSENT, read_filter(before));
	(void)set_write(backend, fd, writes, wrote);
	errno = saved_errno;
	return (-1);
}

static unsigned
events_of(const struct kevent *event)
{
	const bool ended = (event->flags & EV_EOF) != 0;
	const bool failed = (event->flags & EV_ERROR) != 0 ||
	    (ended && (event->fflags & ~(unsigned)NOTE_LOWAT) != 0);
	const unsigned failure = failed ? MUX_ERROR | MUX_HANGUP : 0U;

	if ((void *)event->udata == (void *)&failure_mark)
		return (failure);
	if (event->filter == EVFILT_WRITE)
		return (MUX_WRITE | failure);
	return (MUX_READ | failure | (ended ? MUX_END : 0U));
}

static struct timespec *
timeout_of(int64_t timeout_ns, struct timespec *ts)
{
	if (timeout_ns < 0)
		return (NULL);
	ts->tv_sec = (time_t)(timeout_ns / NS_PER_S);
	ts->tv_nsec = (long)(timeout_ns % NS_PER_S);
	if (ts->tv_sec >= WAIT_MAX_S)
		*ts = (struct timespec){ .tv_sec = WAIT_MAX_S };
	return (ts);
}

int
mux__backend_wait(struct mux__backend *backend, struct mux__ready *ready,
    int max, int64_t timeout_ns)
{
	struct kevent events[BATCH];
	struct timespec ts;
	unsigned fired;
	int i, count, used = 0;

	count = kevent(backend->fd, NULL, 0, events,
	    (event_count)(max < BATCH ? max : BATCH),
	    timeout_of(timeout_ns, &ts));
	if (count == -1)
		return (-1);
	for (i = 0; i < count; i++) {
		fired = events_of(&events[i]);
		if (fired == 0)
			continue;
		ready[used].fd = (int)events[i].ident;
		ready[used].events = fired;
		used++;
	}
	return (used);
}
