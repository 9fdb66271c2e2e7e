/* SPDX-License-Identifier: ISC */

/*
 * test-nesting.c - a loop's own descriptor, by which loops nest, and loops
 * made of one that exists already.
 */

#include <sys/types.h>
#ifdef __linux__
#include <sys/epoll.h>
#endif

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "suite.h"
#include "wrap.h"

/* Whether the backend has a descriptor at all. */
static bool
has_descriptor(void)
{
	return (backend_is("epoll") || backend_is("kqueue"));
}

static bool
readable(int fd)
{
	struct pollfd entry = { .fd = fd, .events = POLLIN };

	return (poll(&entry, 1, 0) == 1 && (entry.revents & POLLIN) != 0);
}

static void
turn_inner(struct mux_loop *loop, int fd, unsigned events, void *arg)
{
	(void)loop;
	(void)fd;
	(void)events;
	(void)mux_loop_once(arg, 0);
}

static void
count_wakeup(struct mux_wakeup *wakeup, void *arg)
{
	(void)wakeup;
	++*(int *)arg;
}

/* What happens to the inner loop reaches the outer one. */
static void
check_reach(struct mux_loop *inner, struct mux_loop *outer, const int fds[2],
    const struct seen *seen)
{
	struct mux_wakeup *wakeup;
	int calls = 0;

	put_bytes(fds[1], 1);
	ok(readable(mux_loop_fileno(inner)),
	    "fileno: something to do, readable");
	is(mux_loop_once(outer, -1), 1, "fileno: it wakes the outer loop");
	is(seen->calls, 1, "fileno: ... which turns the inner one");
	drain(fds[0]);
	(void)mux_loop_once(outer, 0);
	ok(quiet(outer), "fileno: done, the outer loop is quiet");

	wakeup = mux_wakeup_create(inner, count_wakeup, &calls);
	mux_wakeup_send(wakeup);
	is(mux_loop_once(outer, -1), 1, "fileno: a wake-up reaches through");
	is(calls, 1, "fileno: ... to its callback");
	mux_wakeup_destroy(wakeup);
}

static void
check_fileno(void)
{
	struct mux_loop *inner = new_loop(), *outer = new_loop();
	struct seen seen = { .calls = 0 };
	int fds[2], fd;

	fd = mux_loop_fileno(inner);
	ok(fd >= 0, "fileno: a descriptor");
	ok((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0, "fileno: close-on-exec");
	ok(!readable(fd), "fileno: nothing to do, not readable");
	open_pair(UNIX, fds);
	(void)mux_fd_register(inner, fds[0], MUX_READ, see, &seen);
	is(mux_fd_register(outer, fd, MUX_READ, turn_inner, inner), 0,
	    "fileno: an outer loop takes it");
	ok(quiet(outer), "fileno: the outer loop is quiet");
	if (kqueue_is_emulated())
		skip("libkqueue's descriptor cannot be polled",
		    "fileno: something to do, readable");
	else
		check_reach(inner, outer, fds, &seen);
	mux_fd_unregister(outer, fd);
	mux_loop_destroy(inner);
	mux_loop_destroy(outer);
	close_pair(fds);
}

#ifdef __linux__
int kqueue(void) __attribute__((weak));	/* libkqueue, where it is linked */
#endif

static int
new_queue(void)
{
#ifdef __linux__
	return (backend_is("epoll") ? epoll_create1(0) : kqueue());
#else
	struct mux_loop *loop = new_loop();
	const int fd = dup(mux_loop_fileno(loop));

	mux_loop_destroy(loop);
	return (fd);
#endif
}

static void
check_fromfd(void)
{
	struct seen seen = { .calls = 0 };
	struct mux_loop *loop;
	int fds[2], queue;

	queue = new_queue();
	loop = mux_loop_fromfd(queue);
	if (!ok(loop != NULL, "fromfd: a loop"))
		return;
	is(mux_loop_fileno(loop), queue, "fromfd: on that descriptor");
	ok((fcntl(queue, F_GETFD) & FD_CLOEXEC) != 0,
	    "fromfd: made close-on-exec");
	open_pair(UNIX, fds);
	is(mux_fd_register(loop, fds[0], MUX_READ, see, &seen), 0,
	    "fromfd: registers");
	put_bytes(fds[1], 1);
	is(ring(loop, &seen), MUX_READ, "fromfd: rings");
	mux_loop_destroy(loop);
	fails(fcntl(queue, F_GETFD) == -1, EBADF, "fromfd: owned and closed");
	ok(fcntl(fds[0], F_GETFD) != -1, "fromfd: what it watched is not");
	close_pair(fds);
}

static void
check_refusals(void)
{
	int fds[2], flags;

	fails(mux_loop_fromfd(-1) == NULL, EBADF, "fromfd: -1");
	open_pair(PIPE, fds);
	(void)fcntl(fds[0], F_SETFD, 0);
	fails(mux_loop_fromfd(fds[0]) == NULL, EINVAL, "fromfd: a pipe");
	flags = fcntl(fds[0], F_GETFD);
	is(flags, 0, "fromfd: the pipe is open, and as it was");
	close_pair(fds);
	fails(mux_loop_fromfd(fds[0]) == NULL, EBADF, "fromfd: closed");
}

/* Whatever allocation fails, the descriptor stays the caller's, untouched. */
static void
check_no_memory(void)
{
	struct mux_loop *loop = NULL;
	int queue, flags, spoilt = 0;
	unsigned n;

	if (!wrap_alloc_works()) {
		skip("needs a linker with --wrap", "fromfd: no memory");
		return;
	}
	queue = new_queue();
	flags = fcntl(queue, F_GETFD);
	for (n = 1; loop == NULL && n < 100; n++) {
		errno = 0;
		(void)wrap_alloc_fail(n, true);
		loop = mux_loop_fromfd(queue);
		(void)wrap_alloc_fail(0, false);
		if (loop == NULL &&
		    (errno != ENOMEM || fcntl(queue, F_GETFD) != flags))
			spoilt++;
	}
	ok(n > 2, "fromfd: fails without memory");
	is(spoilt, 0, "fromfd: ... and leaves the descriptor as it was");
	ok(loop != NULL, "fromfd: then it works");
	mux_loop_destroy(loop);
}

#ifdef __linux__
/* It should have been empty: what it watches is forgotten, not spun upon. */
static void
check_not_empty(void)
{
	struct epoll_event event = { .events = EPOLLIN };
	struct mux_loop *loop;
	int fds[2], queue;

	queue = new_queue();
	open_pair(UNIX, fds);
	event.data.fd = fds[0];
	(void)epoll_ctl(queue, EPOLL_CTL_ADD, fds[0], &event);
	put_bytes(fds[1], 1);
	loop = mux_loop_fromfd(queue);
	ok(loop != NULL, "not empty: adopted");
	is(mux_loop_once(loop, 0), 0, "not empty: nobody is called");
	ok(!readable(queue), "not empty: it rings no more");
	mux_loop_destroy(loop);
	close_pair(fds);
}
#endif

void
test_nesting(void)
{
	struct mux_loop *loop;

	if (!has_descriptor()) {
		loop = new_loop();
		fails(mux_loop_fileno(loop) == -1, ENOTSUP, "fileno");
		fails(mux_loop_fromfd(0) == NULL, ENOTSUP, "fromfd");
		fails(mux_loop_fromfd(-1) == NULL, ENOTSUP, "fromfd: -1");
		mux_loop_destroy(loop);
		return;
	}
	check_fileno();
	check_fromfd();
	check_refusals();
	check_no_memory();
#ifdef __linux__
	if (backend_is("epoll"))
		check_not_empty();
#endif
}
