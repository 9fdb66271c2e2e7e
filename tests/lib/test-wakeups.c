/* SPDX-License-Identifier: ISC */

/*
 * test-wakeups.c - wake-ups on one thread: counting, errno, signal
 * handlers, and what a callback may do to itself and to others.
 */

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "suite.h"

#define MANY		20

struct one {
	struct mux_wakeup *wakeup;
	int *calls;			/* of all of a test */
	int own_calls;
	void (*act)(struct one *one);	/* in the first call of the test */
	struct one *all;
};

static void
wake(struct mux_wakeup *wakeup, void *arg)
{
	struct one *one = arg;

	(void)wakeup;
	one->own_calls++;
	if (++*one->calls == 1 && one->act != NULL)
		one->act(one);
}

static void
create(struct mux_loop *loop, struct one *one, int *calls)
{
	*one = (struct one){ .calls = calls };
	one->wakeup = mux_wakeup_create(loop, wake, one);
	if (one->wakeup == NULL)
		bail_out("mux_wakeup_create");
}

static void
check_one(struct mux_loop *loop)
{
	struct one one;
	int calls = 0;

	create(loop, &one, &calls);
	ok(quiet(loop), "one: not sent, not called");
	errno = E2BIG;
	mux_wakeup_send(one.wakeup);
	is(errno, E2BIG, "one: send keeps errno");
	is(mux_loop_once(loop, -1), 1, "one: sent, called");
	ok(quiet(loop), "one: once");
	mux_wakeup_send(one.wakeup);
	mux_wakeup_send(one.wakeup);
	mux_wakeup_send(one.wakeup);
	is(mux_loop_once(loop, -1), 1, "one: three sends are one call");
	ok(quiet(loop), "one: and no more");
	mux_wakeup_send(one.wakeup);
	errno = E2BIG;
	mux_wakeup_destroy(one.wakeup);
	is(errno, E2BIG, "one: destroy keeps errno");
	ok(quiet(loop), "one: destroyed after a send, it is not called");
	mux_wakeup_destroy(NULL);
	fails(mux_wakeup_create(loop, NULL, NULL) == NULL, EINVAL,
	    "one: no function");
}

static void
destroy_self(struct one *one)
{
	mux_wakeup_destroy(one->wakeup);
	one->wakeup = NULL;
}

static void
destroy_others(struct one *one)
{
	int i;

	for (i = 0; i < MANY; i++)
		if (&one->all[i] != one)
			destroy_self(&one->all[i]);
}

static void
destroy_all(struct one *one)
{
	destroy_others(one);
	destroy_self(one);
}

/* All but two, so that links in the middle are cut. */
static void
destroy_most(struct one *one)
{
	int i, kept = 0;

	for (i = 0; i < MANY; i++) {
		if (&one->all[i] == one || (i % 7 == 3 && kept++ < 2))
			continue;
		destroy_self(&one->all[i]);
	}
}

static void
send_self(struct one *one)
{
	mux_wakeup_send(one->wakeup);
}

static void
send_all(struct one *one)
{
	int i;

	for (i = 0; i < MANY; i++)
		mux_wakeup_send(one->all[i].wakeup);
}

static void
check_act(struct mux_loop *loop, void (*act)(struct one *), int now, int later,
    const char *name)
{
	struct one ones[MANY];
	int i, calls = 0;

	for (i = 0; i < MANY; i++) {
		create(loop, &ones[i], &calls);
		ones[i].act = act;
		ones[i].all = ones;
	}
	for (i = 0; i < MANY; i++)
		mux_wakeup_send(ones[i].wakeup);
	is(mux_loop_once(loop, -1), now, "act: %s: this turn", name);
	is(mux_loop_once(loop, 0), later, "act: %s: the next turn", name);
	ok(quiet(loop), "act: %s: nothing is left", name);
	for (i = 0; i < MANY; i++)
		mux_wakeup_destroy(ones[i].wakeup);
}

/* Which of two are sent is told apart. */
static void
check_two(struct mux_loop *loop)
{
	struct one first, second;
	int calls = 0;

	create(loop, &first, &calls);
	create(loop, &second, &calls);
	mux_wakeup_send(second.wakeup);
	is(mux_loop_once(loop, -1), 1, "two: one is sent");
	is(second.own_calls, 1, "two: that one is called");
	is(first.own_calls, 0, "two: the other is not");
	mux_wakeup_send(first.wakeup);
	mux_wakeup_send(second.wakeup);
	is(mux_loop_once(loop, -1), 2, "two: both are sent");
	is(first.own_calls, 1, "two: the first is called");
	is(second.own_calls, 2, "two: the second is called");
	mux_wakeup_destroy(first.wakeup);
	mux_wakeup_destroy(second.wakeup);
}

/* Of two loops, only the one that is meant wakes up. */
static void
check_loops(struct mux_loop *loop)
{
	struct mux_loop *other = new_loop();
	struct one one;
	int calls = 0;

	create(other, &one, &calls);
	mux_wakeup_send(one.wakeup);
	ok(quiet(loop), "loops: not the other");
	is(mux_loop_once(other, -1), 1, "loops: its own");
	mux_wakeup_destroy(one.wakeup);
	mux_loop_destroy(other);
}

static struct mux_wakeup *volatile from_handler;

static void
send_in_handler(int signo)
{
	(void)signo;
	mux_wakeup_send(from_handler);
}

static void
check_handler(struct mux_loop *loop)
{
	struct sigaction action = { .sa_handler = send_in_handler }, before;
	struct one one;
	int calls = 0;

	create(loop, &one, &calls);
	from_handler = one.wakeup;
	(void)sigemptyset(&action.sa_mask);
	(void)sigaction(SIGUSR1, &action, &before);
	errno = E2BIG;
	(void)raise(SIGUSR1);
	is(errno, E2BIG, "handler: errno is kept");
	is(mux_loop_once(loop, -1), 1, "handler: its send is a call");
	(void)sigaction(SIGUSR1, &before, NULL);
	mux_wakeup_destroy(one.wakeup);
}

static struct mux_loop *maker;
static struct mux_wakeup *made;

static void
make(struct one *one)
{
	made = mux_wakeup_create(maker, wake, one);
	mux_wakeup_send(made);
}

/* Made and sent in a callback: called in a later turn. */
static void
check_made(struct mux_loop *loop)
{
	struct one one;
	int calls = 0;

	create(loop, &one, &calls);
	one.act = make;
	maker = loop;
	mux_wakeup_send(one.wakeup);
	is(mux_loop_once(loop, -1), 1, "made in a call: not yet");
	is(mux_loop_once(loop, 0), 1, "made in a call: the next turn");
	mux_wakeup_destroy(made);
	mux_wakeup_destroy(one.wakeup);
}

void
test_wakeups(void)
{
	struct mux_loop *loop = new_loop();

	check_one(loop);
	check_two(loop);
	check_loops(loop);
	check_handler(loop);
	check_made(loop);
	check_act(loop, NULL, MANY, 0, "nothing");
	check_act(loop, destroy_self, MANY, 0, "destroy itself");
	check_act(loop, destroy_others, 1, 0, "destroy the others");
	check_act(loop, destroy_all, 1, 0, "destroy all");
	check_act(loop, destroy_most, 3, 0, "destroy most");
	check_act(loop, send_self, MANY, 1, "send itself");
	check_act(loop, send_all, MANY, 1, "send all: only itself anew");
	mux_loop_destroy(loop);
}
