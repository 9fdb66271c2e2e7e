/* SPDX-License-Identifier: ISC */

/*
 * signals.c - signals as plain callbacks.
 *
 * The handler sets a flag and writes one byte to the pipe of the loop that
 * watches; everything else happens on the loop.  The flags stand for the
 * whole process, because dispositions do.
 */

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "loop.h"

#ifndef NSIG
#define NSIG	65	/* POSIX names no limit; every system we know fits */
#endif

static struct watched {
	_Atomic(struct mux_loop *) loop;	/* NULL: not watched */
	atomic_int write_fd;			/* of that loop's pipe */
	atomic_bool pending;
	mux_signal_fn *fn;
	void *arg;
	struct sigaction before;
} table[NSIG];

static void
handler(int signo)
{
	struct watched *watched = &table[signo];
	int saved_errno = errno;

	atomic_store(&watched->pending, true);
	while (write(atomic_load(&watched->write_fd), "", 1) == -1 &&
	    errno == EINTR)
		continue;
	errno = saved_errno;
}

int
mux_signal_watch(struct mux_loop *loop, int signo, mux_signal_fn *fn,
    void *arg)
{
	struct sigaction action = { .sa_handler = handler,
	    .sa_flags = SA_RESTART };
	struct mux_loop *nobody = NULL;
	struct watched *watched;
	int saved_errno;

	if (signo <= 0 || signo >= NSIG || fn == NULL) {
		errno = EINVAL;
		return (-1);
	}
	watched = &table[signo];
	if (!atomic_compare_exchange_strong(&watched->loop, &nobody, loop)) {
		errno = EBUSY;
		return (-1);
	}
	atomic_store(&watched->write_fd, loop->wakeups.write_fd);
	atomic_store(&watched->pending, false);
	watched->fn = fn;
	watched->arg = arg;
	(void)sigemptyset(&action.sa_mask);
	if (sigaction(signo, &action, &watched->before) == -1) {
		saved_errno = errno;
		atomic_store(&watched->loop, NULL);
		errno = saved_errno;
		return (-1);
	}
	return (0);
}

void
mux_signal_unwatch(struct mux_loop *loop, int signo)
{
	struct watched *watched;
	int saved_errno = errno;

	if (signo <= 0 || signo >= NSIG)
		return;
	watched = &table[signo];
	if (atomic_load(&watched->loop) != loop)
		return;
	(void)sigaction(signo, &watched->before, NULL);
	atomic_store(&watched->loop, NULL);
	errno = saved_errno;
}

/* Calls for each signal of this loop that came since the last time. */
void
mux__signals_dispatch(struct mux_loop *loop)
{
	struct watched *watched;
	int signo;

	for (signo = 1; signo < NSIG; signo++) {
		watched = &table[signo];
		if (atomic_load(&watched->loop) != loop ||
		    !atomic_exchange(&watched->pending, false))
			continue;
		loop->calls++;
		watched->fn(loop, signo, watched->arg);
	}
}

/* Unwatches all, when the loop goes. */
void
mux__signals_release(struct mux_loop *loop)
{
	int signo;

	for (signo = 1; signo < NSIG; signo++)
		mux_signal_unwatch(loop, signo);
}
