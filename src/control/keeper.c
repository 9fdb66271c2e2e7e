/* SPDX-License-Identifier: ISC */

/*
 * keeper.c - the thread for what may take long.
 *
 * It sleeps in read(2) on a pipe; a byte there is a job, and the end of the
 * pipe is its own.  What has been done comes back by a flag and a wake-up.
 */

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/socket.h"
#include "base/thread.h"
#include "control/keeper.h"
#include "control/sandbox.h"

#define FINISH_MS	1000

struct keeper {
	pthread_t thread;
	struct mux_wakeup *wakeup;
	int job_fds[2];		/* the main thread writes */
	int end_fds[2];		/* its end is closed when the thread has ended */
	bool is_busy;		/* the main thread's */
	atomic_bool is_done;	/* with the job */
	keeper_job_fn *job;
	keeper_done_fn *done;
	void *arg;
};

static void *
keeper_run(void *arg)
{
	struct keeper *keeper = arg;
	ssize_t n;
	char byte;

	sandbox_confine(SANDBOX_KEEPER, NULL);	/* others tell */
	for (;;) {
		n = read(keeper->job_fds[0], &byte, 1);
		if (n == -1 && errno == EINTR)
			continue;
		if (n != 1)
			break;
		keeper->job(keeper->arg);
		atomic_store(&keeper->is_done, true);
		mux_wakeup_send(keeper->wakeup);
	}
	socket_close(keeper->end_fds[1]);
	return (NULL);
}

static void
on_done(struct mux_wakeup *wakeup, void *arg)
{
	struct keeper *keeper = arg;

	(void)wakeup;
	if (!atomic_exchange(&keeper->is_done, false))
		return;
	keeper->is_busy = false;
	keeper->done(keeper->arg);
}

static void
close_if_open(int fd)
{
	if (fd != -1)
		socket_close(fd);
}

static void
keeper_free(struct keeper *keeper)
{
	close_if_open(keeper->job_fds[0]);
	close_if_open(keeper->job_fds[1]);
	close_if_open(keeper->end_fds[0]);
	close_if_open(keeper->end_fds[1]);
	mux_wakeup_destroy(keeper->wakeup);
	free(keeper);
}

struct keeper *
keeper_create(struct mux_loop *loop)
{
	struct keeper *keeper;
	int error;

	keeper = calloc(1, sizeof(*keeper));
	if (keeper == NULL)
		return (NULL);
	atomic_init(&keeper->is_done, false);
	keeper->job_fds[0] = keeper->job_fds[1] = -1;
	keeper->end_fds[0] = keeper->end_fds[1] = -1;
	keeper->wakeup = mux_wakeup_create(loop, on_done, keeper);
	if (keeper->wakeup != NULL && thread_pipe(keeper->job_fds) == 0 &&
	    thread_pipe(keeper->end_fds) == 0 &&
	    thread_start(&keeper->thread, keeper_run, keeper) == 0)
		return (keeper);
	error = errno;
	keeper_free(keeper);
	errno = error;
	return (NULL);
}

bool
keeper_destroy(struct keeper *keeper)
{
	struct pollfd end;

	if (keeper == NULL)
		return (true);
	socket_close(keeper->job_fds[1]);
	keeper->job_fds[1] = -1;
	end = (struct pollfd){ .fd = keeper->end_fds[0], .events = POLLIN };
	if (poll(&end, 1, FINISH_MS) < 1) {
		(void)pthread_detach(keeper->thread);
		return (false);
	}
	(void)pthread_join(keeper->thread, NULL);
	keeper->end_fds[1] = -1;
	keeper_free(keeper);
	return (true);
}

bool
keeper_is_busy(const struct keeper *keeper)
{
	return (keeper->is_busy);
}

void
keeper_do(struct keeper *keeper, keeper_job_fn *job, keeper_done_fn *done,
    void *arg)
{
	keeper->is_busy = true;
	keeper->job = job;
	keeper->done = done;
	keeper->arg = arg;
	/* a pipe that is empty has room */
	while (write(keeper->job_fds[1], "", 1) == -1 && errno == EINTR)
		continue;
}
