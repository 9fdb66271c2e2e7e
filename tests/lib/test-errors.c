/* SPDX-License-Identifier: ISC */

/*
 * test-errors.c - what is refused, with which errno, and that a refusal
 * changes nothing; what cannot fail keeps errno; what is a bug of the
 * caller's ends the program.
 */

#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "suite.h"
#include "wrap.h"

/* A number that is no descriptor. */
static int
closed_number(void)
{
	int fds[2];

	open_pair(PIPE, fds);
	close_pair(fds);
	return (fds[0]);
}

static void
check_arguments(struct mux_loop *loop)
{
	struct seen seen = { .calls = 0 };
	int fds[2];

	open_pair(UNIX, fds);
	fails(mux_fd_register(loop, fds[0], MUX_HANGUP, see, &seen) == -1,
	    EINVAL, "register: HANGUP cannot be asked for");
	fails(mux_fd_register(loop, fds[0], MUX_READ | 1U << 4, see,
	    &seen) == -1, EINVAL, "register: unknown events");
	fails(mux_fd_register(loop, fds[0], MUX_READ | 1U << 8, see,
	    &seen) == -1, EINVAL, "register: events beyond a byte");
	fails(mux_fd_register(loop, fds[0], MUX_READ, NULL, NULL) == -1,
	    EINVAL, "register: no function");
	fails(mux_fd_modify(loop, fds[0], MUX_READ) == -1, ENOENT,
	    "modify: not registered");
	fails(mux_fd_modify(loop, -1, MUX_READ) == -1, ENOENT, "modify: -1");
	fails(mux_fd_modify(loop, INT_MAX, MUX_READ) == -1, ENOENT,
	    "modify: INT_MAX");
	is(mux_fd_register(loop, fds[0], MUX_READ, see, &seen), 0,
	    "register: after all these");
	fails(mux_fd_register(loop, fds[0], MUX_WRITE, see, NULL) == -1,
	    EEXIST, "register: twice");
	fails(mux_fd_modify(loop, fds[0], MUX_HANGUP) == -1, EINVAL,
	    "modify: HANGUP");
	fails(mux_fd_modify(loop, fds[0], ~0U) == -1, EINVAL,
	    "modify: unknown events");
	ok(quiet(loop), "the registration still is for READ alone");
	put_bytes(fds[1], 1);
	is(ring(loop, &seen), MUX_READ, "... and works");
	is(mux_fd_modify(loop, fds[0], 0), 0, "at rest");
	fails(mux_fd_register(loop, fds[0], MUX_READ, see, NULL) == -1,
	    EEXIST, "register: twice, at rest");
	mux_fd_unregister(loop, fds[0]);
	fails(mux_fd_modify(loop, fds[0], MUX_READ) == -1, ENOENT,
	    "modify: unregistered");
	fails(mux_timer_create(loop, NULL, NULL) == NULL, EINVAL,
	    "timer: no function");
	close_pair(fds);
}

static void
check_bad_numbers(struct mux_loop *loop)
{
	const int closed = closed_number();
	struct seen seen = { .calls = 0 };
	int fds[2];

	fails(mux_fd_register(loop, -1, MUX_READ, see, &seen) == -1, EBADF,
	    "register: -1");
	fails(mux_fd_register(loop, INT_MIN, MUX_READ, see, &seen) == -1,
	    EBADF, "register: INT_MIN");
	fails(mux_fd_register(loop, closed, MUX_READ, see, &seen) == -1,
	    EBADF, "register: closed, READ");
	fails(mux_fd_register(loop, closed, MUX_READ | MUX_WRITE, see,
	    &seen) == -1, EBADF, "register: closed, both");
	fails(mux_fd_register(loop, closed, MUX_ERROR, see, &seen) == -1,
	    EBADF, "register: closed, ERROR");
	fails(mux_fd_register(loop, closed, 0, see, &seen) == -1, EBADF,
	    "register: closed, at rest");
	/* a table up to that number would be out of all proportion */
	fails(mux_fd_register(loop, INT_MAX - 1, MUX_READ, see, &seen) == -1,
	    backend_is("select") ? ERANGE : EBADF, "register: INT_MAX - 1");
	fails(mux_fd_modify(loop, closed, MUX_READ) == -1, ENOENT,
	    "modify: not registered by all this");
	mux_fd_unregister(loop, closed);
	open_pair(UNIX, fds);
	is(mux_fd_register(loop, fds[0], MUX_WRITE, see, &seen), 0,
	    "register: the same number, opened");
	is(ring(loop, &seen), MUX_WRITE, "... and it rings");
	mux_fd_unregister(loop, fds[0]);
	close_pair(fds);
}

/* Closed too early: the loop says so or is silent, and can be put right. */
static void
check_closed_early(struct mux_loop *loop)
{
	struct seen seen = { .calls = 0 };
	int fds[2], again[2];

	open_pair(UNIX, fds);
	(void)mux_fd_register(loop, fds[0], MUX_READ, see, &seen);
	close_pair(fds);
	errno = E2BIG;
	mux_fd_unregister(loop, fds[0]);
	is(errno, E2BIG, "closed early: unregister keeps errno");
	ok(quiet(loop), "closed early: unregistered, it is quiet");

	open_pair(UNIX, fds);
	(void)mux_fd_register(loop, fds[0], MUX_READ, see, &seen);
	close_pair(fds);
	open_pair(UNIX, again);
	if (again[0] == fds[0])
		fails(mux_fd_register(loop, again[0], MUX_READ, see,
		    &seen) == -1, EEXIST, "closed early: found by EEXIST");
	else
		skip("the number was not given out again",
		    "closed early: found by EEXIST");
	mux_fd_unregister(loop, fds[0]);
	is(mux_fd_register(loop, again[0], MUX_WRITE, see, &seen), 0,
	    "closed early: unregistered, registered");
	is(ring(loop, &seen), MUX_WRITE, "closed early: it rings");
	mux_fd_unregister(loop, again[0]);
	close_pair(again);
}

static void
check_regular_file(struct mux_loop *loop)
{
	struct seen seen = { .calls = 0 };
	FILE *file = tmpfile();
	int fd;

	if (file == NULL)
		bail_out("tmpfile");
	fd = fileno(file);
	if (!backend_is("epoll")) {
		is(mux_fd_register(loop, fd, MUX_READ | MUX_WRITE, see, &seen),
		    0, "regular file: can be watched");
		ok((ring(loop, &seen) & MUX_WRITE) != 0,
		    "regular file: is always ready");
		mux_fd_unregister(loop, fd);
		(void)fclose(file);
		return;
	}
	fails(mux_fd_register(loop, fd, MUX_READ, see, &seen) == -1, EPERM,
	    "regular file: cannot be watched");
	fails(mux_fd_register(loop, fd, MUX_READ, see, &seen) == -1, EPERM,
	    "regular file: ... and is not registered");
	is(mux_fd_register(loop, fd, 0, see, &seen), 0,
	    "regular file: can rest");
	fails(mux_fd_modify(loop, fd, MUX_READ) == -1, EPERM,
	    "regular file: cannot be woken");
	fails(mux_fd_modify(loop, fd, MUX_READ) == -1, EPERM,
	    "regular file: ... and is at rest as before");
	is(mux_fd_modify(loop, fd, 0), 0, "regular file: which is allowed");
	ok(quiet(loop), "regular file: rests");
	mux_fd_unregister(loop, fd);
	(void)fclose(file);
}

/* The kernel refuses a change: the interest before it goes on. */
static void
check_refused_change(struct mux_loop *loop)
{
	struct seen seen = { .calls = 0 };
	int fds[2];

	if (!wrap_watch_works()) {
		skip("this backend's changes cannot be made to fail",
		    "refused: the old interest works");
		return;
	}
	open_pair(UNIX, fds);
	put_bytes(fds[1], 1);
	wrap_watch_fail(ENOSPC);
	fails(mux_fd_register(loop, fds[0], MUX_READ, see, &seen) == -1,
	    ENOSPC, "refused: register");
	wrap_watch_fail(0);
	is(mux_fd_register(loop, fds[0], MUX_READ, see, &seen), 0,
	    "refused: register again");
	wrap_watch_fail(ENOMEM);
	fails(mux_fd_modify(loop, fds[0], MUX_WRITE) == -1, ENOMEM,
	    "refused: modify");
	wrap_watch_fail(0);
	is(ring(loop, &seen), MUX_READ, "refused: the old interest works");
	is(mux_fd_modify(loop, fds[0], MUX_WRITE), 0, "refused: modify again");
	is(ring(loop, &seen), MUX_WRITE, "refused: the new interest works");
	errno = E2BIG;
	wrap_watch_fail(ENOMEM);
	mux_fd_unregister(loop, fds[0]);
	wrap_watch_fail(0);
	is(errno, E2BIG, "refused: unregister keeps errno");
	ok(quiet(loop), "refused: whoever unregistered is not called");
	close_pair(fds);
	/* the kernel was not asked to forget the number: it is free for all */
	open_pair(UNIX, fds);
	is(mux_fd_register(loop, fds[0], MUX_WRITE, see, &seen), 0,
	    "refused: the number is free");
	is(ring(loop, &seen), MUX_WRITE, "refused: and rings");
	mux_fd_unregister(loop, fds[0]);
	close_pair(fds);
}

/* Beyond what the backend can watch. */
static void
check_range(struct mux_loop *loop)
{
	const int limit = mux_backend_fd_limit();
	struct seen seen = { .calls = 0 };
	struct rlimit most;
	int fds[2], high;

	if (getrlimit(RLIMIT_NOFILE, &most) == -1 || most.rlim_cur < 1100) {
		skip("descriptors are limited to few", "range");
		return;
	}
	open_pair(UNIX, fds);
	high = move_up(fds[0], limit < 1050 ? limit : 1050);
	if (high < limit) {
		is(mux_fd_register(loop, high, MUX_WRITE, see, &seen), 0,
		    "range: %d is no limit", high);
		is(ring(loop, &seen), MUX_WRITE, "range: it rings");
		mux_fd_unregister(loop, high);
	} else {
		fails(mux_fd_register(loop, high, MUX_WRITE, see, &seen) == -1,
		    ERANGE, "range: %d is beyond", high);
		fails(mux_fd_register(loop, high, 0, see, &seen) == -1,
		    ERANGE, "range: also at rest");
		mux_fd_unregister(loop, high);
		ok(quiet(loop), "range: and nothing rings");
	}
	(void)close(high);
	if (limit < 65536) {
		high = dup2(fds[1], limit - 1);
		is(mux_fd_register(loop, high, MUX_READ, see, &seen), 0,
		    "range: the last below the limit");
		ok((ring(loop, &seen) & MUX_READ) != 0, "range: it rings");
		is(seen.fd, limit - 1, "range: by its number");
		mux_fd_unregister(loop, high);
		(void)close(high);
	}
	(void)close(fds[1]);
}

static void
nothing(struct mux_timer *timer, void *arg)
{
	(void)timer;
	(void)arg;
}

/* Functions that return nothing cannot fail, and say so. */
static void
check_errno(void)
{
	struct mux_loop *loop = new_loop();
	struct mux_timer *timer = mux_timer_create(loop, nothing, NULL);
	int fds[2];

	open_pair(UNIX, fds);
	(void)mux_fd_register(loop, fds[0], MUX_READ, see, NULL);
	errno = E2BIG;
	mux_fd_unregister(loop, fds[0]);
	mux_fd_unregister(loop, fds[0]);
	mux_fd_unregister(loop, -1);
	mux_fd_unregister(loop, INT_MAX);
	mux_fd_unregister(loop, INT_MIN);
	is(errno, E2BIG, "errno is kept by unregister");
	mux_timer_start(timer, 1);
	mux_timer_start(timer, UINT64_MAX);
	mux_timer_stop(timer);
	mux_timer_stop(timer);
	mux_timer_destroy(timer);
	is(errno, E2BIG, "errno is kept by timers");
	mux_loop_stop(loop);
	mux_loop_destroy(loop);
	mux_loop_destroy(NULL);
	is(errno, E2BIG, "errno is kept by stop and destroy");
	close_pair(fds);
}

#ifndef NDEBUG
static void
destroy_in_callback(struct mux_timer *timer, void *arg)
{
	(void)timer;
	mux_loop_destroy(arg);
}

static void
misuse_callback(struct mux_loop *loop)
{
	mux_timer_start(mux_timer_create(loop, destroy_in_callback, loop), 0);
	(void)mux_loop_once(loop, -1);
}

static void
misuse_timer(struct mux_loop *loop)
{
	(void)mux_timer_create(loop, nothing, NULL);
	mux_loop_destroy(loop);
}

static void
ignore_wakeup(struct mux_wakeup *wakeup, void *arg)
{
	(void)wakeup;
	(void)arg;
}

static void
misuse_wakeup(struct mux_loop *loop)
{
	(void)mux_wakeup_create(loop, ignore_wakeup, NULL);
	mux_loop_destroy(loop);
}

/* Whether it aborts; in a child, whose last words nobody wants to read. */
static bool
aborts(void (*misuse)(struct mux_loop *loop))
{
	const struct rlimit no_core = { .rlim_cur = 0 };
	int status;
	pid_t child;

	(void)fflush(NULL);
	child = fork();
	if (child == -1)
		bail_out("fork");
	if (child == 0) {
		(void)setrlimit(RLIMIT_CORE, &no_core);
		(void)signal(SIGABRT, SIG_DFL);
		(void)close(STDERR_FILENO);
		misuse(new_loop());
		_exit(0);
	}
	while (waitpid(child, &status, 0) == -1)
		continue;
	return (WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}
#endif

static void
check_misuse(void)
{
#ifdef NDEBUG
	skip("built with NDEBUG", "misuse: is an assertion");
#else
	ok(aborts(misuse_callback), "misuse: destroy in a callback");
	ok(aborts(misuse_timer), "misuse: destroy with a timer left");
	ok(aborts(misuse_wakeup), "misuse: destroy with a wake-up left");
#endif
}

void
test_errors(void)
{
	struct mux_loop *loop = new_loop();

	check_arguments(loop);
	check_bad_numbers(loop);
	check_closed_early(loop);
	check_regular_file(loop);
	check_refused_change(loop);
	check_range(loop);
	check_errno();
	check_misuse();
	mux_loop_destroy(loop);
}
