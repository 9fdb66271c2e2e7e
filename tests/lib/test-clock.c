/* SPDX-License-Identifier: ISC */

/*
 * test-clock.c - time to the nanosecond, on a clock that the test moves.
 *
 * The clock starts where counters of 31, 32 and 63 bits would wrap around.
 * Waits end without time passing unless the test lets it pass.
 */

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <time.h>

#include "backend.h"
#include "suite.h"
#include "wrap.h"

#define NS_PER_MS	UINT64_C(1000000)
#define HOUR_NS		(3600 * 1000 * NS_PER_MS)
#define WAITS_MAX	64

static struct {
	int64_t timeouts[WAITS_MAX];
	int count;
	int interruptions;	/* waits still to end with EINTR */
	uint64_t interrupted_after_ns;
	int error;		/* else with this, or 0 */
	bool passes;		/* waits take the time they may */
} kernel;

/* In place of the kernel's wait. */
static int
wait_here(int64_t timeout_ns)
{
	if (kernel.count < WAITS_MAX)
		kernel.timeouts[kernel.count] = timeout_ns;
	kernel.count++;
	if (kernel.interruptions > 0) {
		kernel.interruptions--;
		wrap_clock_advance(kernel.interrupted_after_ns);
		return (EINTR);
	}
	if (kernel.passes && timeout_ns > 0)
		wrap_clock_advance((uint64_t)timeout_ns);
	return (kernel.error);
}

static void
count_call(struct mux_timer *timer, void *arg)
{
	(void)timer;
	++*(int *)arg;
}

static void
restart(struct mux_timer *timer, void *arg)
{
	count_call(timer, arg);
	mux_timer_start(timer, 0);
}

static void
set_up(uint64_t now_ns)
{
	kernel.count = kernel.interruptions = kernel.error = 0;
	kernel.passes = false;
	wrap_clock_freeze(now_ns);
	wrap_wait(wait_here);
}

static void
tear_down(void)
{
	wrap_wait(NULL);
	wrap_clock_thaw();
}

/* Due exactly when the clock has reached the deadline. */
static void
check_exact(struct mux_loop *loop, uint64_t start_ns)
{
	struct mux_timer *timer;
	int calls = 0;

	set_up(start_ns);
	timer = mux_timer_create(loop, count_call, &calls);
	mux_timer_start(timer, 10);
	is(mux_loop_once(loop, 0), 0, "%" PRIu64 " ns: just started",
	    start_ns);
	is((long long)mux_loop_now_ms(loop), (long long)(start_ns / NS_PER_MS),
	    "%" PRIu64 " ns: now", start_ns);
	wrap_clock_advance(10 * NS_PER_MS - 1);
	is(mux_loop_once(loop, 0), 0, "%" PRIu64 " ns: 1 ns too early",
	    start_ns);
	wrap_clock_advance(1);
	is(mux_loop_once(loop, 0), 1, "%" PRIu64 " ns: due", start_ns);

	mux_timer_start(timer, 7200 * 1000);	/* two hours: beyond the edge */
	wrap_clock_advance(HOUR_NS - 10 * NS_PER_MS - 1);
	is(mux_loop_once(loop, 0), 0, "%" PRIu64 " ns: before the edge",
	    start_ns);
	mux_timer_destroy(timer);
	tear_down();
}

/* The wait that the backend is asked for covers the deadline, rounded up. */
static void
check_rounding(struct mux_loop *loop)
{
	static const uint64_t late_ns[] = { 0, 1, 499999, 500000, 999999,
	    1000000, 1000001, 9999999 };
	const uint64_t start_ns = 1000 * HOUR_NS;
	struct mux_timer *timer;
	int64_t wanted_ns;
	size_t i;
	int calls = 0;

	for (i = 0; i < sizeof(late_ns) / sizeof(late_ns[0]); i++) {
		set_up(start_ns);
		timer = mux_timer_create(loop, count_call, &calls);
		mux_timer_start(timer, 10);
		wrap_clock_advance(late_ns[i]);
		kernel.passes = true;
		is(mux_loop_once(loop, -1), 1,
		    "%" PRIu64 " ns late: the wait ends in time", late_ns[i]);
		is(kernel.count, 1, "%" PRIu64 " ns late: one wait",
		    late_ns[i]);
		wanted_ns = (int64_t)(10 * NS_PER_MS - late_ns[i]);
		ok(kernel.timeouts[0] >= wanted_ns,
		    "%" PRIu64 " ns late: rounded up", late_ns[i]);
		ok(kernel.timeouts[0] < wanted_ns + (int64_t)NS_PER_MS,
		    "%" PRIu64 " ns late: ... by less than 1 ms", late_ns[i]);
		mux_timer_destroy(timer);
		tear_down();
	}
}

/* What the limit of once() and the timers together make of the wait. */
static void
check_limits(struct mux_loop *loop)
{
	struct mux_timer *timer;
	int calls = 0;

	set_up(HOUR_NS);
	timer = mux_timer_create(loop, count_call, &calls);
	kernel.error = ENOMEM;	/* ends each turn after one wait */
	(void)mux_loop_once(loop, 0);
	(void)mux_loop_once(loop, 7);
	(void)mux_loop_once(loop, -1);
	mux_timer_start(timer, 50);
	(void)mux_loop_once(loop, 7);
	(void)mux_loop_once(loop, 70);
	(void)mux_loop_once(loop, -1);
	mux_timer_start(timer, UINT64_MAX);
	(void)mux_loop_once(loop, 7);
	(void)mux_loop_once(loop, -1);
	(void)mux_loop_once(loop, INT_MAX);
	wrap_clock_advance(HOUR_NS);
	mux_timer_start(timer, 0);
	wrap_clock_advance(HOUR_NS);
	(void)mux_loop_once(loop, -1);
	is(kernel.timeouts[0], 0, "limit 0");
	is(kernel.timeouts[1], 7 * (int64_t)NS_PER_MS, "limit 7 ms");
	ok(kernel.timeouts[2] < 0, "no limit: for ever");
	is(kernel.timeouts[3], 7 * (int64_t)NS_PER_MS, "7 ms before 50 ms");
	is(kernel.timeouts[4], 50 * (int64_t)NS_PER_MS, "50 ms before 70 ms");
	is(kernel.timeouts[5], 50 * (int64_t)NS_PER_MS, "50 ms, no limit");
	is(kernel.timeouts[6], 7 * (int64_t)NS_PER_MS, "7 ms, no end in sight");
	ok(kernel.timeouts[7] >= (int64_t)HOUR_NS,
	    "a timer far away: a long wait");
	ok(kernel.timeouts[8] >= (int64_t)HOUR_NS, "limit INT_MAX ms");
	is(kernel.timeouts[9], 0, "a timer long due: none");
	mux_timer_destroy(timer);
	tear_down();
}

/* However ERROR alone is watched for, it costs nothing when it has ended. */
static void
check_watch_ends(struct mux_loop *loop)
{
	struct seen seen = { .calls = 0 };
	int fds[2], i;

	open_pair(TCP, fds);
	set_up(HOUR_NS);
	kernel.error = ENOMEM;
	(void)mux_fd_register(loop, fds[0], MUX_ERROR, see, &seen);
	(void)mux_fd_modify(loop, fds[0], MUX_READ);
	(void)mux_loop_once(loop, -1);
	(void)mux_fd_modify(loop, fds[0], MUX_ERROR);
	(void)mux_fd_modify(loop, fds[0], 0);
	(void)mux_loop_once(loop, -1);
	(void)mux_fd_modify(loop, fds[0], MUX_ERROR);
	mux_fd_unregister(loop, fds[0]);
	(void)mux_loop_once(loop, -1);
	for (i = 0; i < 3; i++)
		ok(kernel.timeouts[i] < 0, "no ERROR alone any more: for ever");
	tear_down();
	close_pair(fds);
}

/* Interrupted waits go on with what is left of them. */
static void
check_interruptions(struct mux_loop *loop)
{
	struct mux_timer *timer;
	int calls = 0, i;

	set_up(HOUR_NS);
	kernel.passes = true;
	kernel.interruptions = 3;
	kernel.interrupted_after_ns = 3 * NS_PER_MS;
	is(mux_loop_once(loop, 10), 0, "interrupted: once(10)");
	is(kernel.count, 4, "interrupted: three times");
	for (i = 0; i < 4; i++)
		is(kernel.timeouts[i], (10 - 3 * i) * (int64_t)NS_PER_MS,
		    "interrupted: what is left after %d", i);
	is((long long)wrap_clock_now(), (long long)(HOUR_NS + 10 * NS_PER_MS),
	    "interrupted: 10 ms in all");

	set_up(HOUR_NS);
	kernel.passes = true;
	kernel.interruptions = 2;
	kernel.interrupted_after_ns = 30 * NS_PER_MS;
	is(mux_loop_once(loop, 10), 0, "interrupted for longer: once(10)");
	is(kernel.timeouts[1], 0, "interrupted for longer: nothing is left");

	set_up(HOUR_NS);
	kernel.passes = true;
	kernel.interruptions = 2;
	kernel.interrupted_after_ns = 4 * NS_PER_MS;
	timer = mux_timer_create(loop, count_call, &calls);
	mux_timer_start(timer, 10);
	is(mux_loop_once(loop, -1), 1, "interrupted: a timer");
	is(kernel.timeouts[2], 2 * (int64_t)NS_PER_MS,
	    "interrupted: what is left of a timer");
	mux_timer_destroy(timer);
	tear_down();
}

/* A wait that ends with nothing before its time is not the caller's matter. */
static void
check_cut_short(struct mux_loop *loop)
{
	struct mux_timer *timer;
	int calls = 0;

	set_up(HOUR_NS);
	kernel.passes = true;
	timer = mux_timer_create(loop, count_call, &calls);
	/* 60 days: longer than any system waits at a time */
	mux_timer_start(timer, UINT64_C(60) * 24 * 3600 * 1000);
	is(mux_loop_once(loop, -1), 1, "60 days: one turn");
	is((long long)wrap_clock_now(),
	    (long long)(HOUR_NS + 60 * 24 * HOUR_NS), "60 days: in time");
	mux_timer_destroy(timer);
	tear_down();
}

/* An error of the wait is the caller's; the loop is none the worse. */
static void
check_error(struct mux_loop *loop)
{
	struct mux_timer *timer;
	int calls = 0;

	set_up(HOUR_NS);
	timer = mux_timer_create(loop, count_call, &calls);
	mux_timer_start(timer, 0);
	kernel.error = ENOMEM;
	fails(mux_loop_once(loop, 5) == -1, ENOMEM, "error: once");
	fails(mux_loop_run(loop) == -1, ENOMEM, "error: run");
	is(calls, 0, "error: nobody is called");
	kernel.error = 0;
	is(mux_loop_once(loop, 5), 1, "error: gone, the loop works");
	mux_timer_destroy(timer);
	tear_down();
}

/* While the clock stands still only the order of starts tells turns apart. */
static void
check_standstill(struct mux_loop *loop)
{
	struct mux_timer *timers[3];
	int calls = 0, i;

	set_up(HOUR_NS);
	for (i = 0; i < 3; i++) {
		timers[i] = mux_timer_create(loop, restart, &calls);
		mux_timer_start(timers[i], 0);
	}
	for (i = 1; i <= 10; i++) {
		is(mux_loop_once(loop, -1), 3, "standstill: turn %d", i);
		is(calls, 3 * i, "standstill: one call each in turn %d", i);
	}
	for (i = 0; i < 3; i++)
		mux_timer_destroy(timers[i]);
	tear_down();
}

static void
check_conversion(void)
{
	is(mux__timeout_ms(-1), -1, "in ms: for ever");
	is(mux__timeout_ms(0), 0, "in ms: 0");
	is(mux__timeout_ms(1), 1, "in ms: 1 ns is 1");
	is(mux__timeout_ms(1000000), 1, "in ms: 1 ms is 1");
	is(mux__timeout_ms(1000001), 2, "in ms: 1 ms and 1 ns is 2");
	is(mux__timeout_ms((int64_t)INT_MAX * 1000000), INT_MAX,
	    "in ms: the longest");
	is(mux__timeout_ms((int64_t)INT_MAX * 1000000 + 1), INT_MAX,
	    "in ms: longer is cut");
	is(mux__timeout_ms(INT64_MAX), INT_MAX, "in ms: INT64_MAX is cut");
}

void
test_clock(void)
{
	struct mux_loop *loop;

	check_conversion();
	if (!wrap_clock_works() || !wrap_wait_works()) {
		skip("needs a linker with --wrap", "a clock of our own");
		return;
	}
	loop = new_loop();
	check_exact(loop, 0);
	check_exact(loop, (UINT64_C(1) << 31) * NS_PER_MS - HOUR_NS);
	check_exact(loop, (UINT64_C(1) << 32) * NS_PER_MS - HOUR_NS);
	if (sizeof(time_t) >= 8) {
		check_exact(loop, (UINT64_C(1) << 63) - HOUR_NS);
		check_exact(loop, UINT64_MAX - HOUR_NS);
	} else
		skip("time_t has 32 bits", "a clock of hundreds of years");
	check_rounding(loop);
	check_limits(loop);
	check_watch_ends(loop);
	check_interruptions(loop);
	check_cut_short(loop);
	check_error(loop);
	check_standstill(loop);
	mux_loop_destroy(loop);
}
