/* SPDX-License-Identifier: ISC */

/*
 * test-many.c - more ready descriptors than fit into one batch: each gets
 * its turn, and soon, on every backend.
 */

#include <sys/resource.h>

#include <stdlib.h>
#include <unistd.h>

#include "suite.h"

#define MOST		10000
#define RESERVE		40	/* for all else that is open */
#define BATCH		256	/* the library's own limit of a turn */

struct many {
	struct mux_loop *loop;
	int *fds;
	int count;
	int *calls;		/* of each, by its number */
};

static void
count_call(struct mux_loop *loop, int fd, unsigned events, void *arg)
{
	struct many *many = arg;

	(void)loop;
	if ((events & MUX_WRITE) != 0)
		many->calls[fd]++;
}

static int
how_many(void)
{
	struct rlimit limit;
	int most = MOST;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		bail_out("getrlimit");
	if (mux_backend_fd_limit() < most)
		most = mux_backend_fd_limit();
	if (limit.rlim_cur < (rlim_t)most)
		most = (int)limit.rlim_cur;
	return ((most - RESERVE) / 2 * 2);
}

static void
set_up(struct many *many)
{
	int i;

	many->loop = new_loop();
	many->count = how_many();
	many->fds = calloc((size_t)many->count, sizeof(*many->fds));
	many->calls = calloc(MOST + RESERVE, sizeof(*many->calls));
	if (many->fds == NULL || many->calls == NULL)
		bail_out("calloc");
	for (i = 0; i < many->count; i += 2)
		open_pair(UNIX, &many->fds[i]);
	for (i = 0; i < many->count; i++)
		if (mux_fd_register(many->loop, many->fds[i], MUX_WRITE,
		    count_call, many) == -1)
			bail_out("mux_fd_register");
}

static void
tear_down(struct many *many)
{
	int i;

	for (i = 0; i < many->count; i++) {
		mux_fd_unregister(many->loop, many->fds[i]);
		(void)close(many->fds[i]);
	}
	mux_loop_destroy(many->loop);
	free(many->fds);
	free(many->calls);
}

static int
fewest_calls(const struct many *many)
{
	int i, fewest = many->calls[many->fds[0]];

	for (i = 1; i < many->count; i++)
		if (many->calls[many->fds[i]] < fewest)
			fewest = many->calls[many->fds[i]];
	return (fewest);
}

/* All are always ready; nobody is passed over. */
static void
check_fairness(struct many *many)
{
	const int round = many->count / BATCH + 2;
	int turn, calls, largest = 0;

	for (turn = 0; turn < round; turn++) {
		calls = mux_loop_once(many->loop, -1);
		if (calls > largest)
			largest = calls;
	}
	ok(fewest_calls(many) >= 1, "%d ready: all are called in %d turns",
	    many->count, round);
	ok(largest <= BATCH, "%d ready: no turn takes all", many->count);
	for (turn = 0; turn < 4 * round; turn++)
		(void)mux_loop_once(many->loop, -1);
	ok(fewest_calls(many) >= 4, "%d ready: and again and again",
	    many->count);
}

static void
note(struct mux_timer *timer, void *arg)
{
	(void)timer;
	++*(int *)arg;
}

static void
note_wakeup(struct mux_wakeup *wakeup, void *arg)
{
	(void)wakeup;
	++*(int *)arg;
}

/* Timers and wake-ups have their turn among so many. */
static void
check_others(struct many *many)
{
	const int round = many->count / BATCH + 2;
	struct mux_timer *timer;
	struct mux_wakeup *wakeup;
	int turn, timer_calls = 0, wakeup_calls = 0;

	timer = mux_timer_create(many->loop, note, &timer_calls);
	wakeup = mux_wakeup_create(many->loop, note_wakeup, &wakeup_calls);
	mux_timer_start(timer, 0);
	mux_wakeup_send(wakeup);
	(void)mux_loop_once(many->loop, -1);
	is(timer_calls, 1, "%d ready: a timer fires in the turn it is due",
	    many->count);
	for (turn = 0; turn < round; turn++)
		(void)mux_loop_once(many->loop, -1);
	is(wakeup_calls, 1, "%d ready: a wake-up is called", many->count);
	mux_timer_destroy(timer);
	mux_wakeup_destroy(wakeup);
}

/* Half of them leave; the others are found at their new places. */
static void
check_removal(struct many *many)
{
	int i, turn, strangers = 0, missed = 0;

	for (i = 0; i < many->count; i += 2)
		mux_fd_unregister(many->loop, many->fds[i]);
	for (i = 0; i < many->count; i++)
		many->calls[many->fds[i]] = 0;
	for (turn = 0; turn < many->count / BATCH + 2; turn++)
		(void)mux_loop_once(many->loop, -1);
	for (i = 0; i < many->count; i++)
		if (i % 2 == 0)
			strangers += many->calls[many->fds[i]];
		else
			missed += many->calls[many->fds[i]] == 0 ? 1 : 0;
	is(strangers, 0, "%d ready: those who left are not called",
	    many->count / 2);
	is(missed, 0, "%d ready: those who stayed are", many->count / 2);
}

void
test_many(void)
{
	struct many many;

	set_up(&many);
	check_fairness(&many);
	check_others(&many);
	check_removal(&many);
	tear_down(&many);
}
