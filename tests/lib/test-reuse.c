/* SPDX-License-Identifier: ISC */

/*
 * test-reuse.c - what a callback may do to the rest of its batch.
 *
 * Two or more descriptors are ready in one turn; whichever is called first
 * acts upon another, so the tests do not depend on the order.
 */

#include <sys/socket.h>

#include <unistd.h>

#include "suite.h"

#define MEMBERS		8

struct batch {
	struct mux_loop *loop;
	int fds[MEMBERS][2];	/* [0] is watched, [1] its peer */
	int count;
	int calls;		/* of members, before the act and after */
	int victim;		/* number of the one acted upon, or -1 */
	int victim_calls;	/* of its number, after the act */
	struct seen successor;
	int other[2];		/* the successor's pair */
	void (*act)(struct batch *batch, int fd);
};

static void
member(struct mux_loop *loop, int fd, unsigned events, void *arg)
{
	struct batch *batch = arg;

	(void)loop;
	(void)events;
	batch->calls++;
	if (fd == batch->victim)
		batch->victim_calls++;
	if (batch->calls == 1)
		batch->act(batch, fd);
}

static void
open_batch(struct batch *batch, struct mux_loop *loop, int count,
    void (*act)(struct batch *batch, int fd))
{
	int i;

	*batch = (struct batch){ .loop = loop, .count = count, .act = act,
	    .victim = -1 };
	for (i = 0; i < count; i++) {
		open_pair(UNIX, batch->fds[i]);
		put_bytes(batch->fds[i][1], 1);
		if (mux_fd_register(loop, batch->fds[i][0], MUX_READ, member,
		    batch) == -1)
			bail_out("mux_fd_register");
	}
}

static void
close_batch(struct batch *batch)
{
	int i;

	for (i = 0; i < batch->count; i++) {
		mux_fd_unregister(batch->loop, batch->fds[i][0]);
		close_pair(batch->fds[i]);
	}
}

/* A member other than fd. */
static int
another(const struct batch *batch, int fd)
{
	return (batch->fds[0][0] == fd ? batch->fds[1][0] : batch->fds[0][0]);
}

static void
unregister_other(struct batch *batch, int fd)
{
	batch->victim = another(batch, fd);
	mux_fd_unregister(batch->loop, batch->victim);
}

static void
rest_other(struct batch *batch, int fd)
{
	batch->victim = another(batch, fd);
	(void)mux_fd_modify(batch->loop, batch->victim, 0);
}

static void
narrow_other(struct batch *batch, int fd)
{
	batch->victim = another(batch, fd);
	(void)mux_fd_modify(batch->loop, batch->victim, MUX_ERROR);
}

static void
unregister_all(struct batch *batch, int fd)
{
	int i;

	(void)fd;
	for (i = 0; i < batch->count; i++)
		mux_fd_unregister(batch->loop, batch->fds[i][0]);
}

static void
register_self_again(struct batch *batch, int fd)
{
	batch->victim = fd;
	mux_fd_unregister(batch->loop, fd);
	(void)mux_fd_register(batch->loop, fd, MUX_READ, member, batch);
}

/* The number of a member goes to a socket of which nothing is known yet. */
static void
replace(struct batch *batch, int fd, unsigned events)
{
	mux_fd_unregister(batch->loop, fd);
	(void)close(fd);
	open_pair(UNIX, batch->other);
	if (batch->other[0] != fd) {	/* the lowest number was another */
		if (dup2(batch->other[0], fd) == -1)
			bail_out("dup2");
		(void)close(batch->other[0]);
		batch->other[0] = fd;
	}
	if (mux_fd_register(batch->loop, fd, events, see,
	    &batch->successor) == -1)
		bail_out("mux_fd_register");
}

static void
replace_other(struct batch *batch, int fd)
{
	replace(batch, another(batch, fd), MUX_READ | MUX_WRITE);
}

static void
replace_other_quietly(struct batch *batch, int fd)
{
	replace(batch, another(batch, fd), MUX_READ);
}

static void
replace_other_with_data(struct batch *batch, int fd)
{
	replace(batch, another(batch, fd), MUX_READ);
	put_bytes(batch->other[1], 1);
}

static void
replace_self(struct batch *batch, int fd)
{
	replace(batch, fd, MUX_READ | MUX_WRITE);
}

/* Its end has come too, which would ring whatever the successor asks for. */
static void
replace_hung_up(struct batch *batch, int fd)
{
	replace(batch, another(batch, fd), MUX_ERROR);
}

static void
check_removal(struct mux_loop *loop)
{
	struct batch batch;

	open_batch(&batch, loop, 2, unregister_other);
	is(mux_loop_once(loop, 0), 1, "unregister another: one call");
	is(batch.victim_calls, 0, "unregister another: it is not called");
	is(mux_loop_once(loop, 0), 1, "unregister another: nor later");
	close_batch(&batch);

	open_batch(&batch, loop, 2, rest_other);
	is(mux_loop_once(loop, 0), 1, "rest another: one call");
	is(batch.victim_calls, 0, "rest another: it is not called");
	close_batch(&batch);

	open_batch(&batch, loop, 2, narrow_other);
	is(mux_loop_once(loop, 0), 1, "to ERROR alone: one call");
	is(batch.victim_calls, 0, "to ERROR alone: input is not told");
	close_batch(&batch);

	open_batch(&batch, loop, MEMBERS, unregister_all);
	is(mux_loop_once(loop, 0), 1, "unregister all: one call");
	ok(quiet(loop), "unregister all: and silence");
	close_batch(&batch);

	open_batch(&batch, loop, MEMBERS, register_self_again);
	is(mux_loop_once(loop, 0), MEMBERS, "register again: a call each");
	is(batch.victim_calls, 0, "register again: no second in this turn");
	is(mux_loop_once(loop, 0), MEMBERS, "register again: one in the next");
	close_batch(&batch);
}

static void
check_successor(struct mux_loop *loop, void (*act)(struct batch *, int),
    bool rings_later, const char *name)
{
	struct batch batch;
	int i, before;

	open_batch(&batch, loop, 2, act);
	if (act == replace_hung_up)	/* all members: the act takes any */
		for (i = 0; i < 2; i++) {
			(void)shutdown(batch.fds[i][1], SHUT_RDWR);
			await_failure(batch.fds[i][0]);
		}
	before = act == replace_self ? 2 : 1;
	is(mux_loop_once(loop, 0), before, "%s: the others are called", name);
	is(batch.successor.calls, 0, "%s: the successor is not", name);
	for (i = 0; i < batch.count; i++)
		if (batch.fds[i][0] != batch.other[0])
			mux_fd_unregister(loop, batch.fds[i][0]);
	is(mux_loop_once(loop, 0), rings_later ? 1 : 0,
	    "%s: the next turn is its own", name);
	is(batch.successor.calls, rings_later ? 1 : 0,
	    "%s: ... for what it is itself", name);
	(void)close(batch.other[1]);
	close_batch(&batch);
}

/* The table of descriptors moves while a batch is being worked off. */
static void
grow(struct batch *batch, int fd)
{
	const int highest = mux_backend_fd_limit() < 5000 ?
	    mux_backend_fd_limit() - 24 : 5000;

	(void)fd;
	open_pair(UNIX, batch->other);
	batch->other[0] = move_up(batch->other[0], highest);
	if (mux_fd_register(batch->loop, batch->other[0], MUX_WRITE, see,
	    &batch->successor) == -1)
		bail_out("mux_fd_register");
}

static void
check_growth(void)
{
	struct mux_loop *loop = new_loop();	/* with a small table */
	struct batch batch;

	open_batch(&batch, loop, MEMBERS, grow);
	is(mux_loop_once(loop, 0), MEMBERS, "growth: all members are called");
	is(batch.calls, MEMBERS, "growth: ... by their own functions");
	is(batch.successor.calls, 0, "growth: the new one is not");
	is(mux_loop_once(loop, 0), MEMBERS + 1, "growth: the next turn: all");
	is(batch.successor.events, MUX_WRITE, "growth: the new one too");
	mux_fd_unregister(loop, batch.other[0]);
	close_pair(batch.other);
	close_batch(&batch);
	mux_loop_destroy(loop);
}

void
test_reuse(void)
{
	struct mux_loop *loop = new_loop();

	check_removal(loop);
	check_successor(loop, replace_other, true, "replace another");
	check_successor(loop, replace_other_quietly, false, "no input yet");
	check_successor(loop, replace_other_with_data, true, "input at once");
	check_successor(loop, replace_self, true, "replace itself");
	check_successor(loop, replace_hung_up, false, "replace a dead one");
	check_growth();
	mux_loop_destroy(loop);
}
