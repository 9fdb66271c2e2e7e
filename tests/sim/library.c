/* SPDX-License-Identifier: ISC */

/*
 * library.c - what the relay never does with libmux, on a loop of its own:
 * misuse that is refused, and what callbacks may do to each other.
 */

#include <sys/select.h>
#include <sys/socket.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dice.h"
#include "library.h"
#include "mux.h"
#include "operator.h"
#include "socks.h"

#define UNKNOWN_EVENT	0x80U
#define CLOSED_FD	(FD_END - 1)
#define TIMERS		5
#define WAKEUPS		3
#define STORM		700	/* signals: more than the pipe holds */

static struct {
	struct mux_timer *timers[TIMERS];
	struct mux_wakeup *wakeups[WAKEUPS];
	int fds[2];
	unsigned fired, woken, signals;
} lib;

static void
expect(bool is_true, const char *what)
{
	if (!is_true)
		violated("libmux", "%s", what);
}

static void
refused(int result, int error, const char *what)
{
	if (result != -1 || errno != error)
		violated("libmux", "%s: %d, %s", what, result,
		    strerror(errno));
}

/* Both ends are readable: the first that is called takes both away. */
static void
on_ready(struct mux_loop *loop, int fd, unsigned events, void *arg)
{
	(void)fd;
	(void)events;
	(void)arg;
	refused(mux_loop_once(loop, 0), EBUSY, "a turn within a turn");
	refused(mux_loop_run(loop), EBUSY, "a run within a turn");
	mux_fd_unregister(loop, lib.fds[0]);
	mux_fd_unregister(loop, lib.fds[1]);
	lib.fired++;
}

static void
on_timer(struct mux_timer *timer, void *arg)
{
	(void)arg;
	expect(!mux_timer_running(timer), "a timer runs while it is called");
	mux_timer_destroy(lib.timers[0]);
	lib.timers[0] = NULL;
	mux_timer_start(lib.timers[1], dice_below(5));
	mux_timer_stop(lib.timers[2]);
	lib.fired++;
}

static void
on_wakeup(struct mux_wakeup *wakeup, void *arg)
{
	size_t i;

	(void)arg;
	for (i = WAKEUPS; i-- > 0;) {
		if (lib.wakeups[i] == wakeup)
			continue;
		mux_wakeup_destroy(lib.wakeups[i]);
		lib.wakeups[i] = NULL;
	}
	lib.woken++;
}

static void
on_signal(struct mux_loop *loop, int signo, void *arg)
{
	(void)arg;
	lib.signals++;
	mux_signal_unwatch(loop, signo);
	mux_loop_stop(loop);
}

static void
check_descriptors(struct mux_loop *loop)
{
	const int limit = mux_backend_fd_limit();

	refused(mux_fd_register(loop, -1, MUX_READ, on_ready, NULL), EBADF,
	    "register -1");
	refused(mux_fd_register(loop, lib.fds[0], UNKNOWN_EVENT, on_ready,
	    NULL), EINVAL, "register for an unknown event");
	refused(mux_fd_register(loop, lib.fds[0], MUX_READ, NULL, NULL),
	    EINVAL, "register without a function");
	refused(mux_fd_register(loop, CLOSED_FD, MUX_READ, on_ready, NULL),
	    EBADF, "register a closed descriptor");
	refused(mux_fd_register(loop, CLOSED_FD, 0, on_ready, NULL), EBADF,
	    "register a closed descriptor at rest");
	if (limit == FD_SETSIZE)
		refused(mux_fd_register(loop, limit, MUX_READ, on_ready,
		    NULL), ERANGE, "register beyond the limit");
	refused(mux_fd_modify(loop, lib.fds[0], MUX_READ), ENOENT,
	    "modify what is not registered");
	refused(mux_fd_rebind(loop, lib.fds[0], on_ready, NULL), ENOENT,
	    "rebind what is not registered");
	refused(mux_fd_rebind(loop, lib.fds[0], NULL, NULL), EINVAL,
	    "rebind to no function");
	refused(mux_fd_modify(loop, lib.fds[0], UNKNOWN_EVENT), EINVAL,
	    "modify for an unknown event");
	mux_fd_unregister(loop, CLOSED_FD);
	mux_fd_unregister(loop, -1);
	refused(mux_loop_once(loop, -2), EINVAL, "a turn of -2 ms");
}

static void
check_reuse(struct mux_loop *loop)
{
	char byte = 'x';
	int i;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, lib.fds) == -1)
		return;
	check_descriptors(loop);
	for (i = 0; i < 2; i++) {
		expect(send(lib.fds[i], &byte, 1, 0) == 1, "no byte is sent");
		expect(mux_fd_register(loop, lib.fds[i], 0, on_ready,
		    NULL) == 0, "no registration at rest");
		refused(mux_fd_register(loop, lib.fds[i], MUX_READ, on_ready,
		    NULL), EEXIST, "register twice");
		expect(mux_fd_modify(loop, lib.fds[i], MUX_READ | MUX_WRITE) ==
		    0, "no interest");
	}
	lib.fired = 0;
	while (lib.fired == 0)
		expect(mux_loop_once(loop, 10) != -1, "no turn");
	expect(mux_loop_once(loop, 0) == 0, "called after unregistering");
	expect(lib.fired == 1, "called though another callback forbade it");
	(void)close(lib.fds[0]);
	(void)close(lib.fds[1]);
}

static void
check_timers(struct mux_loop *loop)
{
	size_t i;

	for (i = 0; i < TIMERS; i++) {
		lib.timers[i] = mux_timer_create(loop, on_timer, NULL);
		expect(lib.timers[i] != NULL, "no timer");
		mux_timer_stop(lib.timers[i]);
	}
	for (i = 0; i < 3 * TIMERS; i++)
		mux_timer_start(lib.timers[dice_below(TIMERS)],
		    dice_below(20));
	mux_timer_start(lib.timers[TIMERS - 1], 30);
	lib.fired = 0;
	while (mux_timer_running(lib.timers[TIMERS - 1]))
		expect(mux_loop_once(loop, -1) != -1, "no turn");
	expect(lib.fired > 0, "no timer has fired");
	for (i = 0; i < TIMERS; i++)
		mux_timer_destroy(lib.timers[i]);
}

static void
check_wakeups(struct mux_loop *loop)
{
	struct mux_timer *far;
	size_t i;

	expect(mux_wakeup_create(loop, NULL, NULL) == NULL && errno == EINVAL,
	    "a wake-up without a function");
	expect(mux_timer_create(loop, NULL, NULL) == NULL && errno == EINVAL,
	    "a timer without a function");
	far = mux_timer_create(loop, on_timer, NULL);
	expect(far != NULL, "no timer");
	mux_timer_start(far, dice_one_in(2) ? UINT64_MAX : UINT64_MAX / 4000000);
	for (i = 0; i < WAKEUPS; i++) {
		lib.wakeups[i] = mux_wakeup_create(loop, on_wakeup, NULL);
		expect(lib.wakeups[i] != NULL, "no wake-up");
		mux_wakeup_send(lib.wakeups[i]);
		mux_wakeup_send(lib.wakeups[i]);
	}
	lib.woken = 0;
	while (lib.woken == 0)
		expect(mux_loop_once(loop, -1) != -1, "no turn");
	expect(mux_loop_once(loop, 0) == 0 && lib.woken == 1,
	    "a wake-up that is gone was called");
	for (i = 0; i < WAKEUPS; i++)
		mux_wakeup_destroy(lib.wakeups[i]);
	mux_timer_destroy(far);
}

static void
check_failure(struct mux_loop *loop)
{
	kernel.wait_error = EBADF;
	refused(mux_loop_once(loop, 0), EBADF, "a turn that cannot wait");
	kernel.wait_error = EBADF;
	refused(mux_loop_run(loop), EBADF, "a run that cannot wait");
}

static void
check_signals(struct mux_loop *loop, struct mux_loop *other)
{
	unsigned i;

	refused(mux_signal_watch(loop, 0, on_signal, NULL), EINVAL,
	    "watch signal 0");
	refused(mux_signal_watch(loop, NSIG + 1, on_signal, NULL), EINVAL,
	    "watch a signal that is none");
	refused(mux_signal_watch(loop, SIGUSR2, NULL, NULL), EINVAL,
	    "watch without a function");
	refused(mux_signal_watch(loop, SIGKILL, on_signal, NULL), EINVAL,
	    "watch what cannot be caught");
	expect(mux_signal_watch(loop, SIGUSR2, on_signal, NULL) == 0,
	    "no signal");
	refused(mux_signal_watch(other, SIGUSR2, on_signal, NULL), EBUSY,
	    "watch what another loop watches");
	mux_signal_unwatch(other, SIGUSR2);
	mux_signal_unwatch(loop, 0);
	mux_signal_unwatch(loop, NSIG + 1);
	lib.signals = 0;
	for (i = 0; i < STORM; i++)
		operator_signal(SIGUSR2);
	expect(mux_loop_run(loop) == 0 && lib.signals == 1, "no signal came");
	mux_loop_stop(loop);
	expect(mux_loop_run(loop) == 0, "a loop that was stopped runs");
}

/* A loop on a descriptor that exists, where the backend has such a thing. */
static struct mux_loop *
adopt(void)
{
	struct mux_loop *loop = mux_loop_create();
	const int fd = loop == NULL ? -1 : mux_loop_fileno(loop);

	expect(loop != NULL, "no loop");
	if (fd == -1) {
		expect(errno == ENOTSUP && mux_loop_fromfd(0) == NULL &&
		    errno == ENOTSUP, "a descriptor of a loop");
		return (loop);
	}
	mux_loop_destroy(loop);
	expect(mux_loop_fromfd(CLOSED_FD) == NULL && errno == EBADF,
	    "a loop on a closed descriptor");
	loop = mux_loop_fromfd(desc_open(KIND_EPOLL, NULL));
	expect(loop != NULL, "no loop on a descriptor");
	return (loop);
}

void
library_live(void)
{
	/* the simulated pipe is the one that was opened last */
	struct mux_loop *other = adopt(), *loop = mux_loop_create();

	expect(loop != NULL, "no second loop");
	check_reuse(loop);
	check_timers(loop);
	check_wakeups(loop);
	check_signals(loop, other);
	check_failure(loop);
	mux_loop_destroy(other);
	mux_loop_destroy(loop);
	mux_loop_destroy(NULL);
	mux_timer_destroy(NULL);
	mux_wakeup_destroy(NULL);
}
