/* SPDX-License-Identifier: ISC */

/*
 * test-timers.c - timers by the real clock: never early, in order, and what
 * a callback may do to them.  Only lower bounds of time are checked.
 */

#include <stdlib.h>

#include "suite.h"

#define NS_PER_MS	1000000U
#define MANY		50

struct fired {
	int calls;
	int order[MANY];	/* the numbers of the timers, as they fired */
};

struct one {
	struct mux_timer *timer;
	struct fired *fired;
	int number;
	uint64_t started_ns, set_ns, delay_ms;	/* before and after */
	bool early;
	void (*act)(struct one *one);
	struct one *other;
};

static void
fire(struct mux_timer *timer, void *arg)
{
	struct one *one = arg;

	(void)timer;
	if (clock_ns() - one->started_ns < one->delay_ms * NS_PER_MS)
		one->early = true;
	if (one->fired->calls < MANY)
		one->fired->order[one->fired->calls] = one->number;
	one->fired->calls++;
	if (one->act != NULL)
		one->act(one);
}

static void
create(struct mux_loop *loop, struct one *one, struct fired *fired)
{
	*one = (struct one){ .fired = fired };
	one->timer = mux_timer_create(loop, fire, one);
	if (one->timer == NULL)
		bail_out("mux_timer_create");
}

static void
start(struct one *one, uint64_t delay_ms)
{
	one->started_ns = clock_ns();
	one->delay_ms = delay_ms;
	mux_timer_start(one->timer, delay_ms);
	one->set_ns = clock_ns();
}

static void
check_one(struct mux_loop *loop)
{
	struct fired fired = { .calls = 0 };
	struct one one;

	create(loop, &one, &fired);
	ok(!mux_timer_running(one.timer), "one: does not run when made");
	ok(quiet(loop), "one: does not fire unstarted");
	start(&one, 20);
	ok(mux_timer_running(one.timer), "one: runs when started");
	is(mux_loop_once(loop, -1), 1, "one: fires");
	ok(!one.early, "one: not early");
	ok(!mux_timer_running(one.timer), "one: runs no more");
	ok(quiet(loop), "one: fires once");

	start(&one, 0);
	is(mux_loop_once(loop, 0), 1, "one: no delay is due at once");
	start(&one, 0);
	mux_timer_stop(one.timer);
	mux_timer_stop(one.timer);
	ok(quiet(loop), "one: stopped, it does not fire");
	start(&one, 100000);
	start(&one, 0);
	is(mux_loop_once(loop, -1), 1, "one: restarted sooner");
	start(&one, 0);
	start(&one, 100000);
	ok(quiet(loop), "one: restarted later");
	mux_timer_destroy(one.timer);
	ok(quiet(loop), "one: destroyed while it ran");
	mux_timer_destroy(NULL);
}

/* A timer that is due soon cuts a wait, and never too short. */
static void
check_early(struct mux_loop *loop)
{
	struct fired fired = { .calls = 0 };
	struct one one;
	int i, early = 0;

	create(loop, &one, &fired);
	for (i = 0; i < 100; i++) {
		start(&one, (uint64_t)(i % 4));
		(void)mux_loop_once(loop, -1);
		early += one.early ? 1 : 0;
	}
	is(fired.calls, 100, "early: one turn, one call");
	is(early, 0, "early: never");
	start(&one, 10);
	is(mux_loop_once(loop, 100000), 1, "early: a timer ends a wait");
	mux_timer_destroy(one.timer);
}

/*
 * The test may lose the processor between two starts, so only those are
 * compared of which one is surely due before the other.
 */
static bool
surely_sooner(const struct one *a, const struct one *b)
{
	return (a->set_ns + a->delay_ms * NS_PER_MS <
	    b->started_ns + b->delay_ms * NS_PER_MS);
}

static void
check_order(struct mux_loop *loop)
{
	struct fired fired = { .calls = 0 };
	struct one ones[MANY];
	int i, j, wrong = 0, early = 0;

	for (i = 0; i < MANY; i++) {
		create(loop, &ones[i], &fired);
		ones[i].number = i;
	}
	for (i = 0; i < MANY; i++)
		start(&ones[i], (uint64_t)((i * 7) % MANY * 2));
	while (fired.calls < MANY)
		(void)mux_loop_once(loop, -1);
	for (i = 0; i < MANY; i++) {
		for (j = i + 1; j < MANY; j++)
			wrong += surely_sooner(&ones[fired.order[j]],
			    &ones[fired.order[i]]) ? 1 : 0;
		early += ones[i].early ? 1 : 0;
		mux_timer_destroy(ones[i].timer);
	}
	is(wrong, 0, "order: of deadlines");
	is(early, 0, "order: none is early");
}

static void
again(struct one *one)
{
	start(one, 0);
}

/* A timer that starts itself leaves room for descriptors and for others. */
static void
check_self_restart(struct mux_loop *loop)
{
	struct fired fired = { .calls = 0 }, twin_fired = { .calls = 0 };
	struct seen seen = { .calls = 0 };
	struct one one, twin;
	int fds[2], turn;

	open_pair(PIPE, fds);
	(void)mux_fd_register(loop, fds[1], MUX_WRITE, see, &seen);
	create(loop, &one, &fired);
	create(loop, &twin, &twin_fired);
	one.act = twin.act = again;
	start(&one, 0);
	start(&twin, 0);
	for (turn = 0; turn < 50; turn++)
		(void)mux_loop_once(loop, -1);
	is(fired.calls, 50, "self-restart: one call a turn");
	is(twin_fired.calls, 50, "self-restart: ... of each");
	is(seen.calls, 50, "self-restart: descriptors have theirs");
	mux_timer_destroy(one.timer);
	mux_timer_destroy(twin.timer);
	mux_fd_unregister(loop, fds[1]);
	close_pair(fds);
}

static void
destroy_self(struct one *one)
{
	mux_timer_destroy(one->timer);
	one->timer = NULL;
}

static void
destroy_other(struct one *one)
{
	if (one->other->timer != NULL)
		mux_timer_destroy(one->other->timer);
	one->other->timer = NULL;
}

static void
stop_other(struct one *one)
{
	mux_timer_stop(one->other->timer);
}

static void
delay_other(struct one *one)
{
	start(one->other, 100000);
}

static void
hurry_other(struct one *one)
{
	start(one->other, 0);
}

static void
destroy_both(struct one *one)
{
	destroy_self(one);
	destroy_other(one);
}

/* Two timers are due in one turn; the first acts upon itself or the other. */
static void
check_act(struct mux_loop *loop, void (*act)(struct one *), int calls,
    const char *name)
{
	struct fired fired = { .calls = 0 };
	struct one first, second;

	create(loop, &first, &fired);
	create(loop, &second, &fired);
	first.act = act;
	first.other = &second;
	start(&first, 0);
	start(&second, 0);
	is(mux_loop_once(loop, -1), calls, "act: %s: the turn's calls", name);
	is(fired.order[0], first.number, "act: %s: the first is first", name);
	mux_timer_destroy(first.timer);
	mux_timer_destroy(second.timer);
	ok(quiet(loop), "act: %s: nothing is left", name);
}

/* The first of many takes all the others with it, due or not. */
static struct one *all;

static void
destroy_all(struct one *one)
{
	int i;

	(void)one;
	for (i = 0; i < MANY; i++)
		destroy_self(&all[i]);
}

static void
check_destroy_all(struct mux_loop *loop)
{
	struct fired fired = { .calls = 0 };
	int i;

	all = calloc(MANY, sizeof(*all));
	if (all == NULL)
		bail_out("calloc");
	for (i = 0; i < MANY; i++) {
		create(loop, &all[i], &fired);
		all[i].act = destroy_all;
		start(&all[i], i % 3 == 2 ? 100000 : 0);
	}
	is(mux_loop_once(loop, -1), 1, "destroy all: one call");
	ok(quiet(loop), "destroy all: and no more");
	free(all);
}

static struct mux_timer *made;
static int made_calls;

static void
made_fire(struct mux_timer *timer, void *arg)
{
	(void)arg;
	made_calls++;
	mux_timer_destroy(timer);
}

static void
make_more(struct mux_loop *loop, int fd, unsigned events, void *arg)
{
	int i;

	(void)events;
	(void)arg;
	mux_fd_unregister(loop, fd);
	for (i = 0; i < MANY; i++) {	/* the heap moves */
		made = mux_timer_create(loop, made_fire, NULL);
		mux_timer_start(made, 0);
	}
}

/* Started by a descriptor's callback: not in this turn, but in the next. */
static void
check_started_in_turn(struct mux_loop *loop)
{
	int fds[2];

	open_pair(PIPE, fds);
	made_calls = 0;
	(void)mux_fd_register(loop, fds[1], MUX_WRITE, make_more, NULL);
	is(mux_loop_once(loop, -1), 1, "started in a turn: waits");
	is(made_calls, 0, "started in a turn: for the next");
	is(mux_loop_once(loop, -1), MANY, "started in a turn: then fires");
	close_pair(fds);
}

/* The longest delays do not wrap around, whatever the clock says. */
static void
check_huge(struct mux_loop *loop)
{
	const uint64_t edge = (UINT64_MAX - clock_ns()) / NS_PER_MS;
	const uint64_t delays[] = { UINT64_MAX, UINT64_MAX - 1, edge + 1, edge,
	    edge - 1, UINT64_MAX / 2, UINT64_MAX / NS_PER_MS,
	    UINT64_MAX / NS_PER_MS + 1, INT64_MAX, INT64_MAX / NS_PER_MS,
	    UINT32_MAX, INT32_MAX };
	const int count = (int)(sizeof(delays) / sizeof(delays[0]));
	struct fired fired = { .calls = 0 };
	struct one ones[sizeof(delays) / sizeof(delays[0])], soon;
	int i;

	create(loop, &soon, &fired);
	for (i = 0; i < count; i++) {
		create(loop, &ones[i], &fired);
		start(&ones[i], delays[i]);
		ok(quiet(loop) && mux_timer_running(ones[i].timer),
		    "huge: %llu ms is not due", (unsigned long long)delays[i]);
	}
	start(&soon, 5);
	is(mux_loop_once(loop, -1), 1, "huge: a short one overtakes them");
	is(fired.calls, 1, "huge: alone");
	is(mux_loop_once(loop, 5), 0, "huge: they go on running");
	for (i = 0; i < count; i++)
		mux_timer_destroy(ones[i].timer);
	mux_timer_destroy(soon.timer);
}

void
test_timers(void)
{
	struct mux_loop *loop = new_loop();

	check_one(loop);
	check_early(loop);
	check_order(loop);
	check_self_restart(loop);
	check_act(loop, destroy_self, 2, "destroy itself");
	check_act(loop, destroy_other, 1, "destroy the other");
	check_act(loop, destroy_both, 1, "destroy both");
	check_act(loop, stop_other, 1, "stop the other");
	check_act(loop, delay_other, 1, "delay the other");
	check_act(loop, hurry_other, 1, "start the other anew");
	check_destroy_all(loop);
	check_started_in_turn(loop);
	check_huge(loop);
	mux_loop_destroy(loop);
}
