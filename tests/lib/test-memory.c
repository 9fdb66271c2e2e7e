/* SPDX-License-Identifier: ISC */

/*
 * test-memory.c - each allocation fails in its turn: the call that needed it
 * says ENOMEM, nothing leaks, and the loop goes on.
 *
 * Memory that leaks is found by --enable-sanitizers; descriptors are counted
 * here.
 */

#include <errno.h>
#include <unistd.h>

#include "suite.h"
#include "wrap.h"

#define TRIES		1000	/* more allocations than any call makes */

/* Called until it succeeds, with one more allocation granted each time. */
struct attempt {
	const char *name;
	bool (*call)(void);	/* whether it succeeded */
	bool (*check)(void);	/* whether all is as before; NULL: unknown */
	int failures;		/* the least that there must be */
};

static struct mux_loop *loop;
static struct mux_timer *timer;
static struct mux_wakeup *wakeup;
static struct seen seen;
static int pair[2];
static int open_before;

static void
nothing(struct mux_timer *self, void *arg)
{
	(void)self;
	(void)arg;
}

static void
woken(struct mux_wakeup *self, void *arg)
{
	(void)self;
	(void)arg;
}

static bool
create_loop(void)
{
	loop = mux_loop_create();
	return (loop != NULL);
}

static bool
no_descriptor_left(void)
{
	return (count_open() == open_before);
}

static bool
register_pair(void)
{
	return (mux_fd_register(loop, pair[0], MUX_WRITE, see, &seen) == 0);
}

/* Modify must not find it, and the loop must turn. */
static bool
not_registered(void)
{
	return (mux_fd_modify(loop, pair[0], MUX_WRITE) == -1 &&
	    errno == ENOENT && quiet(loop));
}

static bool
wake_pair(void)
{
	return (mux_fd_modify(loop, pair[0], MUX_WRITE) == 0);
}

static bool
at_rest(void)
{
	return (mux_fd_modify(loop, pair[0], 0) == 0 && quiet(loop));
}

static bool
create_timer(void)
{
	timer = mux_timer_create(loop, nothing, NULL);
	return (timer != NULL);
}

static bool
create_wakeup(void)
{
	wakeup = mux_wakeup_create(loop, woken, NULL);
	return (wakeup != NULL);
}

static bool
turns(void)
{
	return (quiet(loop));
}

static void
try(const struct attempt *attempt, bool onwards)
{
	const char *scope = onwards ? "all from the n-th" : "only the n-th";
	bool succeeded = false, wrong_errno = false, changed = false;
	unsigned n;

	for (n = 0; !succeeded && n < TRIES; ) {
		n++;
		errno = 0;
		(void)wrap_alloc_fail(n, onwards);
		succeeded = attempt->call();
		wrong_errno = wrong_errno || (!succeeded && errno != ENOMEM);
		(void)wrap_alloc_fail(0, false);
		changed = changed || (!succeeded && attempt->check != NULL &&
		    !attempt->check());
	}
	ok(succeeded, "%s, %s: succeeds after all", attempt->name, scope);
	ok((int)n - 1 >= attempt->failures, "%s, %s: %u failures",
	    attempt->name, scope, n - 1);
	ok(!wrong_errno, "%s, %s: ENOMEM", attempt->name, scope);
	if (attempt->check == NULL)
		skip("libkqueue closes its own later",
		    "%s, %s: nothing changes", attempt->name, scope);
	else
		ok(!changed, "%s, %s: nothing changes", attempt->name, scope);
}

static void
check_create(bool onwards)
{
	const struct attempt create = { "create", create_loop,
	    kqueue_is_emulated() ? NULL : no_descriptor_left, 2 };

	open_before = count_open();
	try(&create, onwards);
	ok(quiet(loop), "create: the loop works");
	mux_loop_destroy(loop);
}

/* A number far up, for which every table must grow. */
static void
check_register(bool onwards)
{
	const struct attempt at_once = { "register", register_pair,
	    not_registered, 1 };
	const struct attempt later = { "modify", wake_pair, at_rest, 0 };

	loop = new_loop();
	open_pair(UNIX, pair);
	pair[0] = move_up(pair[0], 900);
	try(&at_once, onwards);
	is(ring(loop, &seen), MUX_WRITE, "register: it rings");
	mux_fd_unregister(loop, pair[0]);
	mux_loop_destroy(loop);

	loop = new_loop();
	(void)mux_fd_register(loop, pair[0], 0, see, &seen);
	try(&later, onwards);
	is(ring(loop, &seen), MUX_WRITE, "modify: it rings");
	mux_fd_unregister(loop, pair[0]);
	close_pair(pair);
	mux_loop_destroy(loop);
}

/* As many that whatever keeps them has to grow more than once. */
static void
check_timers(bool onwards)
{
	const struct attempt create = { "timer", create_timer, turns, 0 };
	struct mux_timer *timers[64];
	int i;

	loop = new_loop();
	for (i = 0; i < 64; i++) {
		if (i == 0 || i == 16 || i == 32)
			try(&create, onwards);
		else
			(void)create_timer();
		timers[i] = timer;
	}
	for (i = 0; i < 64; i++)
		mux_timer_start(timers[i], 0);
	is(mux_loop_once(loop, -1), 64, "timer: all fire");
	for (i = 0; i < 64; i++)
		mux_timer_destroy(timers[i]);
	mux_loop_destroy(loop);
}

/* Starting a timer needs no memory, however many have come and gone. */
static void
check_start(void)
{
	struct mux_timer *timers[100];
	unsigned allocs;
	int i;

	loop = new_loop();
	for (i = 0; i < 100; i++)
		timers[i] = mux_timer_create(loop, nothing, NULL);
	(void)wrap_alloc_fail(1, true);
	for (i = 0; i < 100; i++)
		mux_timer_start(timers[i], 0);
	is(mux_loop_once(loop, -1), 100, "start: all fire without memory");
	for (i = 0; i < 100; i++)
		mux_timer_destroy(timers[i]);
	allocs = wrap_alloc_fail(0, false);
	is(allocs, 0, "start: and none is asked for");
	mux_loop_destroy(loop);
}

static void
check_wakeup(bool onwards)
{
	const struct attempt create = { "wake-up", create_wakeup, turns, 1 };

	loop = new_loop();
	try(&create, onwards);
	mux_wakeup_send(wakeup);
	is(mux_loop_once(loop, -1), 1, "wake-up: it is called");
	mux_wakeup_destroy(wakeup);
	mux_loop_destroy(loop);
}

void
test_memory(void)
{
	int onwards;

	if (!wrap_alloc_works()) {
		skip("needs a linker with --wrap", "allocations fail");
		return;
	}
	for (onwards = 0; onwards <= 1; onwards++) {
		check_create(onwards != 0);
		check_register(onwards != 0);
		check_timers(onwards != 0);
		check_wakeup(onwards != 0);
	}
	check_start();
}
