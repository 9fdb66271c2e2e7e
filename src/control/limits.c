/* SPDX-License-Identifier: ISC */

/* limits.c - how many descriptors there are, and how many sessions fit. */

#include "config.h"

#include <sys/types.h>
#include <sys/resource.h>

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <sched.h>
#include <unistd.h>

#include "base/socket.h"
#include "config/plan.h"
#include "control/limits.h"
#include "mux.h"

/* For name look-ups, parallel connects and the log being opened anew. */
#define FDS_RESERVE	12

/*
 * Pipes are for the few flows that carry most bytes; of a limit that is low,
 * sessions have all.  By default Linux lets a user have 64 of full size
 * (pipe-user-pages-soft in proc(5)), and smaller ones beyond.
 */
#define FDS_OF_A_PIPE	2
#define FDS_FOR_A_PIPE	128
#define PIPES_MAX	128

/* Where `no limit' is not one that a table can be made for. */
#define FDS_MAX		(1024 * 1024)

/* With fewer for each, workers would have more for themselves than sessions. */
#define FDS_WORTH_WORKER	32

static rlim_t
highest_useful(void)
{
	const int watchable = mux_backend_fd_limit();

	return ((rlim_t)(watchable < FDS_MAX ? watchable : FDS_MAX));
}

void
limits_raise(void)
{
	struct rlimit limit;
	rlim_t wanted;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return;
	wanted = limit.rlim_max == RLIM_INFINITY ||
	    limit.rlim_max > highest_useful() ? highest_useful() :
	    limit.rlim_max;
	if (limit.rlim_cur == wanted)
		return;
	if (limit.rlim_cur > wanted && limit.rlim_cur != RLIM_INFINITY &&
	    mux_backend_fd_limit() >= FDS_MAX)
		return;		/* more than we know what to do with */
	limit.rlim_cur = wanted;
	/* what the system refuses, it refuses; the old limit then holds */
	if (setrlimit(RLIMIT_NOFILE, &limit) == 0)
		return;
#ifdef __APPLE__
	/* before macOS 11 no more than this, whatever the hard limit */
	limit.rlim_cur = wanted < OPEN_MAX ? wanted : OPEN_MAX;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
#endif
}

static uint64_t
fds_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return (LIMITS_FDS_OPENED);
	if (limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur > FDS_MAX)
		limit.rlim_cur = FDS_MAX;
#ifdef __APPLE__
	/* it grants more than kern.maxfilesperproc, and drops who connects then */
	if (limit.rlim_cur > (rlim_t)getdtablesize())
		limit.rlim_cur = (rlim_t)getdtablesize();
#endif
	return ((uint64_t)limit.rlim_cur);
}

/* That we may run on; 0 where nothing says so, or there are too many. */
static uint64_t
usable_cores(void)
{
#if defined(HAVE_SCHED_GETAFFINITY) && defined(CPU_COUNT)
	cpu_set_t usable;

	if (sched_getaffinity(0, sizeof(usable), &usable) == 0)
		return ((uint64_t)CPU_COUNT(&usable));
#endif
	return (0);
}

static uint64_t
cores(void)
{
	const uint64_t usable = usable_cores();
	const long online = usable == 0 ? sysconf(_SC_NPROCESSORS_ONLN) : 0;

	return (usable + (online > 0 ? (uint64_t)online : 0));
}

static uint64_t
least(uint64_t a, uint64_t b)
{
	return (a < b ? a : b);
}

size_t
limits_workers(uint64_t sessions_max)
{
	uint64_t workers = least(cores(), WORKERS_MAX);

	workers = least(workers, fds_limit() / FDS_WORTH_WORKER);
	if (sessions_max != 0)
		workers = least(workers, sessions_max);
	return (workers > 0 ? (size_t)workers : 1);
}

uint64_t
limits_fds_in_use(uint64_t end)
{
	uint64_t used = 0;
	int fd;

	end = least(end, fds_limit());
	for (fd = 0; (uint64_t)fd < end; fd++)
		used += fcntl(fd, F_GETFD) != -1;
	return (used);
}

/* Of what is open, others may have numbers in use: nothing is closed. */
void
limits_reset_sockets(void)
{
	const int end = (int)fds_limit();
	int fd;

	for (fd = STDERR_FILENO + 1; fd < end; fd++)
		socket_reset_on_close(fd);
}

size_t
limits_pipes(void)
{
#ifdef HAVE_SPLICE
	return ((size_t)least(fds_limit() / FDS_FOR_A_PIPE, PIPES_MAX));
#else
	return (0);
#endif
}

enum exit_status
limits_sessions(size_t *sessions_max, uint64_t wanted, size_t fds_per_session,
    uint64_t fds_in_use)
{
	const uint64_t limit = fds_limit();
	const uint64_t taken = fds_in_use + FDS_RESERVE +
	    FDS_OF_A_PIPE * limits_pipes();
	const uint64_t possible = limit > taken ?
	    (limit - taken) / fds_per_session : 0;

	if (possible == 0)
		return (failure(STATUS_OSERR, "cannot serve a single "
		    "connection: the limit of %" PRIu64 " descriptors is too "
		    "low; raise the hard limit (ulimit -Hn)", limit));
	if (wanted > possible)
		return (failure(STATUS_OSERR, "cannot serve %" PRIu64
		    " connections: the limit of %" PRIu64 " descriptors "
		    "allows %" PRIu64 "; raise the hard limit (ulimit -Hn), or "
		    "lower --max-connections", wanted, limit, possible));
	*sessions_max = (size_t)(wanted != 0 ? wanted : possible);
	return (STATUS_OK);
}
