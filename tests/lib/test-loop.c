/* SPDX-License-Identifier: ISC */

/*
 * test-loop.c - turns: how long one waits, what it returns, stopping, and
 * the order of things within it.
 */

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "suite.h"

#define NS_PER_MS	1000000U

/* What the callbacks of one test share. */
struct state {
	struct mux_loop *loop;
	struct mux_timer *timer;
	struct mux_wakeup *wakeup;
	int fds[2];
	int calls;
	int once_result, once_errno;
	int run_result, run_errno;
	bool stops;
	char order[8];		/* f: descriptor, t: timer, w: wake-up */
	uint64_t now_ms[8];
};

static void
called(struct state *state, char who)
{
	if (state->calls < 7) {
		state->order[state->calls] = who;
		state->now_ms[state->calls] = mux_loop_now_ms(state->loop);
	}
	state->calls++;
	errno = 0;
	state->once_result = mux_loop_once(state->loop, 0);
	state->once_errno = errno;
	errno = 0;
	state->run_result = mux_loop_run(state->loop);
	state->run_errno = errno;
	if (state->stops)
		mux_loop_stop(state->loop);
}

static void
on_fd(struct mux_loop *loop, int fd, unsigned events, void *arg)
{
	struct state *state = arg;

	(void)loop;
	(void)fd;
	(void)events;
	called(state, 'f');
}

static void
on_timer(struct mux_timer *timer, void *arg)
{
	(void)timer;
	called(arg, 't');
}

static void
on_wakeup(struct mux_wakeup *wakeup, void *arg)
{
	(void)wakeup;
	called(arg, 'w');
}

static void
on_signal(struct mux_loop *loop, int signo, void *arg)
{
	(void)loop;
	(void)signo;
	called(arg, 's');
}

static void
set_up(struct state *state)
{
	memset(state, 0, sizeof(*state));
	state->loop = new_loop();
	state->timer = mux_timer_create(state->loop, on_timer, state);
	state->wakeup = mux_wakeup_create(state->loop, on_wakeup, state);
	open_pair(UNIX, state->fds);
	if (state->timer == NULL || state->wakeup == NULL ||
	    mux_signal_watch(state->loop, SIGUSR1, on_signal, state) == -1 ||
	    mux_fd_register(state->loop, state->fds[0], MUX_READ, on_fd,
	    state) == -1)
		bail_out("setting up");
}

static void
tear_down(struct state *state)
{
	mux_timer_destroy(state->timer);
	mux_wakeup_destroy(state->wakeup);
	mux_loop_destroy(state->loop);
	close_pair(state->fds);
}

static void
check_waits(void)
{
	struct mux_loop *loop = new_loop();
	uint64_t before;

	is(mux_loop_once(loop, 0), 0, "once(0): nothing to do");
	before = clock_ns();
	is(mux_loop_once(loop, 30), 0, "once(30): nothing to do");
	ok(clock_ns() - before >= 30 * NS_PER_MS, "once(30): not early");
	before = clock_ns();
	is(mux_loop_once(loop, 1), 0, "once(1): nothing to do");
	ok(clock_ns() - before >= 1 * NS_PER_MS, "once(1): not early");
	fails(mux_loop_once(loop, -2) == -1, EINVAL, "once(-2)");
	fails(mux_loop_once(loop, INT_MIN) == -1, EINVAL, "once(INT_MIN)");
	is(mux_loop_once(loop, 0), 0, "once(0): works after a failure");
	mux_loop_destroy(loop);
}

/* The longest wait there is ends when there is something to do. */
static void
check_long_waits(void)
{
	struct state state;

	set_up(&state);
	put_bytes(state.fds[1], 1);
	is(mux_loop_once(state.loop, INT_MAX), 1, "once(INT_MAX): a call");
	is(mux_loop_once(state.loop, -1), 1, "once(-1): a call");
	is(mux_loop_once(state.loop, 1000000), 1, "once(1000000): a call");
	tear_down(&state);
}

static void
check_now(void)
{
	const uint64_t before = clock_ns() / NS_PER_MS;
	struct mux_loop *loop = new_loop();
	uint64_t middle, now;

	now = mux_loop_now_ms(loop);
	middle = clock_ns() / NS_PER_MS;
	ok(before <= now && now <= middle, "now: as the loop was made");
	(void)mux_loop_once(loop, 3);
	now = mux_loop_now_ms(loop);
	ok(middle + 2 <= now && now <= clock_ns() / NS_PER_MS,
	    "now: as the turn began");
	is((long long)mux_loop_now_ms(loop), (long long)now,
	    "now: stands still between turns");
	mux_loop_destroy(loop);
}

static void
check_order(void)
{
	struct state state;

	set_up(&state);
	put_bytes(state.fds[1], 1);
	mux_timer_start(state.timer, 0);
	mux_wakeup_send(state.wakeup);
	(void)raise(SIGUSR1);
	is(mux_loop_once(state.loop, -1), 4, "order: a call each");
	is(state.order[3], 't', "order: the timer is last");
	ok(state.now_ms[0] == state.now_ms[3] &&
	    state.now_ms[1] == state.now_ms[3], "order: at one time");
	tear_down(&state);
}

/* In a callback of each kind, another turn is refused. */
static void
check_nested(void)
{
	static const char *const names[] = { "descriptor", "timer", "wakeup",
	    "signal" };
	struct state state;
	int i;

	for (i = 0; i < 4; i++) {
		set_up(&state);
		if (i == 0)
			put_bytes(state.fds[1], 1);
		else if (i == 1)
			mux_timer_start(state.timer, 0);
		else if (i == 2)
			mux_wakeup_send(state.wakeup);
		else
			(void)raise(SIGUSR1);
		is(mux_loop_once(state.loop, -1), 1, "nested: %s", names[i]);
		ok(state.once_result == -1 && state.once_errno == EBUSY,
		    "nested: once in a %s is EBUSY", names[i]);
		ok(state.run_result == -1 && state.run_errno == EBUSY,
		    "nested: run in a %s is EBUSY", names[i]);
		tear_down(&state);
	}
}

static void
check_stop(void)
{
	struct state state;

	set_up(&state);
	mux_timer_start(state.timer, 0);
	mux_loop_stop(state.loop);
	is(mux_loop_run(state.loop), 0, "stop: before run");
	is(state.calls, 0, "stop: ... which then makes no turn");

	state.stops = true;
	is(mux_loop_run(state.loop), 0, "stop: in a timer");
	is(state.calls, 1, "stop: ... after one call");
	mux_wakeup_send(state.wakeup);
	is(mux_loop_run(state.loop), 0, "stop: in a wake-up");
	is(state.calls, 2, "stop: ... after one call");
	(void)raise(SIGUSR1);
	is(mux_loop_run(state.loop), 0, "stop: in a signal");
	is(state.calls, 3, "stop: ... after one call");
	put_bytes(state.fds[1], 1);
	is(mux_loop_run(state.loop), 0, "stop: in a descriptor");
	is(state.calls, 4, "stop: ... after one call");

	mux_timer_start(state.timer, 0);
	mux_wakeup_send(state.wakeup);
	(void)raise(SIGUSR1);
	is(mux_loop_run(state.loop), 0, "stop: with more to do");
	is(state.calls, 8, "stop: ... the turn is finished");
	tear_down(&state);
}

/* A stop that was not used up by once() waits for run(). */
static void
check_stop_once(void)
{
	struct state state;

	set_up(&state);
	mux_loop_stop(state.loop);
	mux_loop_stop(state.loop);
	mux_timer_start(state.timer, 0);
	is(mux_loop_once(state.loop, -1), 1, "stop: once makes its turn");
	is(mux_loop_run(state.loop), 0, "stop: run returns at once");
	state.stops = true;
	mux_timer_start(state.timer, 0);
	is(mux_loop_run(state.loop), 0, "stop: two count as one");
	is(state.calls, 2, "stop: the next run turns");
	tear_down(&state);
}

struct countdown {
	struct mux_loop *loop;
	int left;
};

static void
count_down(struct mux_timer *timer, void *arg)
{
	struct countdown *countdown = arg;

	if (--countdown->left == 0)
		mux_loop_stop(countdown->loop);
	else
		mux_timer_start(timer, 0);
}

static void
check_run(void)
{
	struct countdown countdown = { .loop = new_loop(), .left = 100 };
	struct mux_timer *timer;

	timer = mux_timer_create(countdown.loop, count_down, &countdown);
	mux_timer_start(timer, 0);
	is(mux_loop_run(countdown.loop), 0, "run: returns 0");
	is(countdown.left, 0, "run: turned until it was stopped");
	mux_timer_destroy(timer);
	mux_loop_destroy(countdown.loop);
}

void
test_loop(void)
{
	const char *name = mux_backend_name();

	ok(strcmp(name, "epoll") == 0 || strcmp(name, "kqueue") == 0 ||
	    strcmp(name, "poll") == 0 || strcmp(name, "select") == 0,
	    "the backend is %s", name);
	ok(mux_backend_fd_limit() > 255, "it watches more than a few");
	check_waits();
	check_long_waits();
	check_now();
	check_order();
	check_nested();
	check_stop();
	check_stop_once();
	check_run();
}
