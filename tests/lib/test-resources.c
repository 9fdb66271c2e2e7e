/* SPDX-License-Identifier: ISC */

/*
 * test-resources.c - descriptors of the library's own: they are few, closed
 * in the end and on exec, and running out of them is an error like others.
 */

#include <sys/resource.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "suite.h"

#define LOOPS		1000
#define NUMBERS		65536	/* descriptors looked at, at the most */

static void
nothing(struct mux_timer *timer, void *arg)
{
	(void)timer;
	(void)arg;
}

static void
woken(struct mux_wakeup *wakeup, void *arg)
{
	(void)wakeup;
	(void)arg;
}

static void
signalled(struct mux_loop *loop, int signo, void *arg)
{
	(void)loop;
	(void)signo;
	(void)arg;
}

/* One loop with something of everything. */
static bool
live_and_die(const int fds[2])
{
	struct mux_loop *loop = new_loop();
	struct mux_timer *timer = mux_timer_create(loop, nothing, NULL);
	struct mux_wakeup *wakeup = mux_wakeup_create(loop, woken, NULL);
	struct seen seen = { .calls = 0 };
	int calls;

	(void)mux_signal_watch(loop, SIGUSR1, signalled, NULL);
	(void)mux_fd_register(loop, fds[0], MUX_READ, see, &seen);
	(void)mux_fd_register(loop, fds[1], MUX_WRITE, see, &seen);
	mux_timer_start(timer, 0);
	mux_wakeup_send(wakeup);
	calls = mux_loop_once(loop, -1);
	mux_timer_destroy(timer);
	mux_wakeup_destroy(wakeup);
	mux_loop_destroy(loop);	/* descriptors and signals may be left */
	return (calls == 3);
}

static void
check_leaks(void)
{
	int fds[2], before, i, good = 0;

	open_pair(UNIX, fds);
	before = count_open();
	for (i = 0; i < LOOPS; i++)
		good += live_and_die(fds) ? 1 : 0;
	is(good, LOOPS, "leaks: %d loops have lived", LOOPS);
	none_left_open(before, "leaks: no descriptor is left");
	ok(fcntl(fds[0], F_GETFD) != -1 && fcntl(fds[1], F_GETFD) != -1,
	    "leaks: what was registered stays open");
	close_pair(fds);
}

/* What a loop opens is close-on-exec, and a pipe of its must not block. */
static void
check_flags(void)
{
	static bool was_open[NUMBERS];
	struct mux_loop *loop;
	int fd, flags, opened = 0, inherited = 0, blocking = 0;

	for (fd = 0; fd < NUMBERS; fd++)
		was_open[fd] = fcntl(fd, F_GETFD) != -1;
	loop = new_loop();
	for (fd = 0; fd < NUMBERS; fd++) {
		flags = fcntl(fd, F_GETFD);
		if (was_open[fd] || flags == -1)
			continue;
		opened++;
		inherited += (flags & FD_CLOEXEC) == 0 ? 1 : 0;
		if (fd != mux_loop_fileno(loop) &&
		    (fcntl(fd, F_GETFL) & O_NONBLOCK) == 0)
			blocking++;
	}
	if (kqueue_is_emulated())
		skip("libkqueue opens more", "flags: a loop opens %d", opened);
	else
		ok(opened > 0 && opened <= 3, "flags: a loop opens %d", opened);
	is(inherited, 0, "flags: none is inherited on exec");
	if (kqueue_is_emulated())
		skip("libkqueue's own may", "flags: none blocks");
	else
		is(blocking, 0, "flags: none blocks");
	mux_loop_destroy(loop);
}

/* So few descriptors are left that create cannot have all that it needs. */
static void
check_few(void)
{
	struct rlimit before, few;
	struct mux_loop *loop = NULL;
	int left, lowest, open_before, wrong = 0;

	if (kqueue_is_emulated()) {
		skip("libkqueue may close some meanwhile", "few: create fails");
		return;
	}
	if (getrlimit(RLIMIT_NOFILE, &before) == -1)
		bail_out("getrlimit");
	open_before = count_open();
	lowest = dup(STDIN_FILENO);	/* the first number that is free */
	(void)close(lowest);
	for (left = 0; loop == NULL && left < 8; left++) {
		few = before;
		few.rlim_cur = (rlim_t)(lowest + left);
		(void)setrlimit(RLIMIT_NOFILE, &few);
		errno = 0;
		loop = mux_loop_create();
		if (loop == NULL && errno != EMFILE)
			wrong++;
		(void)setrlimit(RLIMIT_NOFILE, &before);
		if (loop == NULL && count_open() != open_before)
			wrong++;
	}
	ok(left > 1, "few: create fails with none left");
	is(wrong, 0, "few: ... with EMFILE and no leak");
	ok(loop != NULL, "few: and succeeds with %d", left - 1);
	mux_loop_destroy(loop);
}

/* All low numbers are taken: a backend that needs them says so. */
static void
check_high(void)
{
	const int limit = mux_backend_fd_limit();
	struct mux_loop *loop;
	int *taken, count, before;

	taken = calloc(NUMBERS, sizeof(*taken));
	if (taken == NULL)
		bail_out("calloc");
	before = count_open();
	for (count = 0; count < NUMBERS && count < 1030; count++) {
		taken[count] = dup(STDOUT_FILENO);
		if (taken[count] == -1)
			break;
	}
	if (count < 1030) {
		skip("descriptors are limited to few", "high: create");
	} else if (limit <= 1024) {
		fails(mux_loop_create() == NULL, ERANGE, "high: create");
	} else {
		loop = mux_loop_create();
		ok(loop != NULL && quiet(loop), "high: create");
		mux_loop_destroy(loop);
	}
	while (count-- > 0)
		(void)close(taken[count]);
	none_left_open(before, "high: no leak");
	free(taken);
}

void
test_resources(void)
{
	check_leaks();
	check_flags();
	check_few();
	check_high();
}
