/* SPDX-License-Identifier: ISC */

/* loop.c - a loop's life and its turns. */

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "loop.h"

const char *
mux_backend_name(void)
{
	return (mux__backend_name);
}

int
mux_backend_fd_limit(void)
{
	return (mux__backend_fd_limit);
}

void *
mux__resize(void *array, size_t count, size_t size)
{
	if (count > SIZE_MAX / size) {
		errno = ENOMEM;
		return (NULL);
	}
	return (realloc(array, count * size));
}

/* Builds the rest of a loop on a backend; closes neither on failure. */
static struct mux_loop *
loop_on(struct mux__backend *backend)
{
	struct mux_loop *loop;

	loop = calloc(1, sizeof(*loop));
	if (loop == NULL)
		return (NULL);
	loop->backend = backend;
	loop->now_ns = mux__clock_ns();
	if (mux__wakeups_open(loop) == -1) {
		mux__fds_free(&loop->fds);
		free(loop);
		return (NULL);
	}
	return (loop);
}

struct mux_loop *
mux_loop_create(void)
{
	struct mux__backend *backend;
	struct mux_loop *loop;
	int saved_errno;

	backend = mux__backend_open();
	if (backend == NULL)
		return (NULL);
	loop = loop_on(backend);
	if (loop == NULL) {
		saved_errno = errno;
		mux__backend_close(backend);
		errno = saved_errno;
	}
	return (loop);
}

struct mux_loop *
mux_loop_fromfd(int fd)
{
	struct mux__backend *backend;
	struct mux_loop *loop;

	backend = mux__backend_adopt(fd);
	if (backend == NULL)
		return (NULL);
	loop = loop_on(backend);
	if (loop == NULL) {
		mux__backend_release(backend);
		return (NULL);
	}
	/* last, because a failure leaves fd as it was; this cannot fail */
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	return (loop);
}

void
mux_loop_destroy(struct mux_loop *loop)
{
	int saved_errno = errno;

	if (loop == NULL)
		return;
	assert(!loop->in_turn);
	assert(loop->timers.created == 0);
	assert(loop->wakeups.all == NULL);

	mux__signals_release(loop);
	mux__wakeups_close(loop);
	mux__timers_free(&loop->timers);
	mux__fds_free(&loop->fds);
	mux__backend_close(loop->backend);
	free(loop);
	errno = saved_errno;
}

/*
 * How long this turn may still wait: until the first timer is due, and no
 * longer than limit_ns from when it began.  Negative means for ever.
 */
static int64_t
wait_ns(const struct mux_loop *loop, uint64_t now_ns, int64_t limit_ns,
    uint64_t started_ns)
{
	int64_t timer_ns, left_ns;

	timer_ns = mux__timers_wait_ns(loop, now_ns);
	if (limit_ns < 0)
		return (timer_ns);
	left_ns = limit_ns - (int64_t)(now_ns - started_ns);
	if (left_ns < 0)
		left_ns = 0;
	return (timer_ns >= 0 && timer_ns < left_ns ? timer_ns : left_ns);
}

/*
 * Waits for the backend.  A wait is not over when a signal that nobody
 * watches interrupts it, nor when the backend returns with nothing before
 * the time, for having waited as long as it can at once.
 */
static int
wait_ready(struct mux_loop *loop, int64_t limit_ns)
{
	const uint64_t started_ns = mux__clock_ns();
	int64_t left_ns;
	int count;

	left_ns = wait_ns(loop, started_ns, limit_ns, started_ns);
	do {
		count = mux__backend_wait(loop->backend, loop->ready,
		    MUX__BATCH, left_ns);
		loop->now_ns = mux__clock_ns();
		left_ns = wait_ns(loop, loop->now_ns, limit_ns, started_ns);
	} while (count == -1 ? errno == EINTR : count == 0 && left_ns != 0);
	return (count);
}

int
mux_loop_once(struct mux_loop *loop, int timeout_ms)
{
	uint64_t sequence_limit;
	int count;

	if (timeout_ms < -1) {
		errno = EINVAL;
		return (-1);
	}
	if (loop->in_turn) {
		errno = EBUSY;
		return (-1);
	}
	count = wait_ready(loop, timeout_ms == -1 ? -1 :
	    timeout_ms * (int64_t)MUX__NS_PER_MS);
	if (count == -1)
		return (-1);

	loop->calls = 0;
	loop->in_turn = true;
	sequence_limit = loop->timers.next_sequence;
	mux__fds_dispatch(loop, count);
	mux__timers_dispatch(loop, sequence_limit);
	loop->in_turn = false;
	return (loop->calls);
}

int
mux_loop_run(struct mux_loop *loop)
{
	if (loop->in_turn) {
		errno = EBUSY;
		return (-1);
	}
	while (!loop->stopping) {
		if (mux_loop_once(loop, -1) == -1)
			return (-1);
	}
	loop->stopping = false;
	return (0);
}

void
mux_loop_stop(struct mux_loop *loop)
{
	loop->stopping = true;
}

uint64_t
mux_loop_now_ms(const struct mux_loop *loop)
{
	return (loop->now_ns / MUX__NS_PER_MS);
}

int
mux_loop_fileno(const struct mux_loop *loop)
{
	return (mux__backend_fileno(loop->backend));
}
