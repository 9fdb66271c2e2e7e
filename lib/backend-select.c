/* SPDX-License-Identifier: ISC */

/*
 * backend-select.c - select(2), the last resort.
 *
 * Kernel notes:
 * - A descriptor at or above FD_SETSIZE would be written beyond the sets;
 *   the core refuses it with ERANGE.
 * - Nothing tells a failure or a hang-up apart: the descriptor becomes
 *   readable and writable, and the next call tells.
 * - Nothing can be waited for without waiting for input or output, so
 *   descriptors of which only ERROR is asked are looked at by name of their
 *   peer, at least every PROBE_MS: a connection that was reset has none any
 *   more, and asking does not take the error away.  Nor has one that ended
 *   cleanly both ways; SO_ERROR tells.  UNIX-domain sockets keep their peer's
 *   name; on them a failure shows with the next read or write.
 * - A closed descriptor in the sets fails the whole call with EBADF.
 */

#include <sys/select.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>

#include "backend.h"
#include "mux.h"

#define NS_PER_MS	1000000
#define NS_PER_US	1000
#define US_PER_S	1000000
#define PROBE_MS	100
/* the longest wait that every system accepts is 31 days; we take one */
#define WAIT_MAX_US	(INT64_C(86400) * US_PER_S)

struct mux__backend {
	fd_set reads, writes;	/* asked for */
	fd_set probes;		/* ERROR alone */
	int probes_count;
	int highest;		/* highest fd in any of them, or -1 */
	int next;		/* where the next search begins */
};

const char mux__backend_name[] = "select";
const int mux__backend_fd_limit = FD_SETSIZE;

struct mux__backend *
mux__backend_open(void)
{
	struct mux__backend *backend;

	backend = malloc(sizeof(*backend));
	if (backend == NULL)
		return (NULL);
	FD_ZERO(&backend->reads);
	FD_ZERO(&backend->writes);
	FD_ZERO(&backend->probes);
	backend->probes_count = 0;
	backend->highest = -1;
	backend->next = 0;
	return (backend);
}

struct mux__backend *
mux__backend_adopt(int fd)
{
	(void)fd;
	errno = ENOTSUP;
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
	mux__backend_release(backend);
}

int
mux__backend_fileno(const struct mux__backend *backend)
{
	(void)backend;
	errno = ENOTSUP;
	return (-1);
}

static void
mark(fd_set *set, int fd, bool member)
{
	if (member)
		FD_SET(fd, set);
	else
		FD_CLR(fd, set);
}

static bool
watched(const struct mux__backend *backend, int fd)
{
	return (FD_ISSET(fd, &backend->reads) ||
	    FD_ISSET(fd, &backend->writes) || FD_ISSET(fd, &backend->probes));
}

int
mux__backend_watch(struct mux__backend *backend, int fd, unsigned before,
    unsigned after)
{
	/* as epoll and kqueue do: tell a bad number from a descriptor */
	if (before == 0 && fcntl(fd, F_GETFD) == -1)
		return (-1);

	if (FD_ISSET(fd, &backend->probes))
		backend->probes_count--;
	if (after == MUX_ERROR)
		backend->probes_count++;
	mark(&backend->reads, fd, (after & MUX_READ) != 0);
	mark(&backend->writes, fd, (after & MUX_WRITE) != 0);
	mark(&backend->probes, fd, after == MUX_ERROR);

	if (after != 0 && fd > backend->highest)
		backend->highest = fd;
	while (backend->highest >= 0 && !watched(backend, backend->highest))
		backend->highest--;
	return (0);
}

/* Microseconds, rounded up; NULL waits for ever. */
static struct timeval *
timeout_of(const struct mux__backend *backend, int64_t timeout_ns,
    struct timeval *tv)
{
	const int64_t probe_ns = (int64_t)PROBE_MS * NS_PER_MS;
	int64_t us;

	if (backend->probes_count > 0 &&
	    (timeout_ns < 0 || timeout_ns > probe_ns))
		timeout_ns = probe_ns;
	if (timeout_ns < 0)
		return (NULL);
	us = timeout_ns / NS_PER_US + (timeout_ns % NS_PER_US != 0);
	if (us > WAIT_MAX_US)
		us = WAIT_MAX_US;
	tv->tv_sec = (time_t)(us / US_PER_S);
	tv->tv_usec = (suseconds_t)(us % US_PER_S);
	return (tv);
}

static bool
is_listener(int fd)
{
	socklen_t length = sizeof(int);
	int listens = 0;

	return (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens,
	    &length) == 0 && listens != 0);
}

/* Whether the connection has failed; leaves a pending error in place. */
static bool
has_failed(int fd)
{
	struct sockaddr_storage peer;
	socklen_t length = sizeof(peer);

	return (getpeername(fd, (struct sockaddr *)&peer, &length) == -1 &&
	    (errno == ENOTCONN || errno == EINVAL) && !is_listener(fd));
}

static unsigned
events_of(const struct mux__backend *backend, const fd_set *reads,
    const fd_set *writes, int fd)
{
	if (FD_ISSET(fd, &backend->probes))
		return (has_failed(fd) ? MUX_ERROR | MUX_HANGUP : 0U);
	return ((FD_ISSET(fd, reads) ? MUX_READ : 0U) |
	    (FD_ISSET(fd, writes) ? MUX_WRITE : 0U));
}

int
mux__backend_wait(struct mux__backend *backend, struct mux__ready *ready,
    int max, int64_t timeout_ns)
{
	fd_set reads = backend->reads, writes = backend->writes;
	struct timeval tv;
	unsigned events;
	int searched, count = 0;

	if (select(backend->highest + 1, &reads, &writes, NULL,
	    timeout_of(backend, timeout_ns, &tv)) == -1)
		return (-1);
	for (searched = 0; searched <= backend->highest && count < max;
	    searched++) {
		if (backend->next > backend->highest)
			backend->next = 0;
		events = events_of(backend, &reads, &writes, backend->next);
		if (events != 0) {
			ready[count].fd = backend->next;
			ready[count].events = events;
			count++;
		}
		backend->next++;
	}
	return (count);
}
