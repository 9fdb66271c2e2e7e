/* SPDX-License-Identifier: ISC */

/*
 * test-failure.c - descriptors whose other end has gone: resets, hang-ups,
 * the ends of streams, and ERROR asked for alone.
 */

#include <sys/socket.h>

#include <errno.h>
#include <unistd.h>

#include "suite.h"
#include "wrap.h"

/* Only these two kernels' interfaces tell a hang-up apart from input. */
static bool
tells_hangup(void)
{
	return (backend_is("epoll") || backend_is("poll"));
}

/* Whether a report leaves the socket its error, so that it can ring again. */
static bool
error_is_kept(void)
{
	return (!kqueue_is_emulated());
}

/* Data that came before the end is read first, then the end itself. */
static void
check_data_then_end(struct mux_loop *loop, enum kind kind)
{
	const char *name = kind_name(kind);
	struct seen seen = { .calls = 0 };
	char bytes[8];
	int fds[2];

	open_pair(kind, fds);
	is(mux_fd_register(loop, fds[0], MUX_READ, see, &seen), 0,
	    "%s: registered", name);
	put_bytes(fds[1], 3);
	(void)close(fds[1]);
	ok((ring(loop, &seen) & MUX_READ) != 0,
	    "%s: data and end ring READ", name);
	is(read(fds[0], bytes, sizeof(bytes)), 3, "%s: the data is there",
	    name);
	ok((ring(loop, &seen) & MUX_READ) != 0, "%s: the end rings READ",
	    name);
	is(read(fds[0], bytes, sizeof(bytes)), 0, "%s: ... and is read", name);
	ok((ring(loop, &seen) & MUX_READ) != 0, "%s: the end rings again",
	    name);
	if (kind == TCP || !tells_hangup())
		skip("it cannot be told apart", "%s: HANGUP beside it", name);
	else
		ok((seen.events & MUX_HANGUP) != 0, "%s: HANGUP beside it",
		    name);
	mux_fd_unregister(loop, fds[0]);
	(void)close(fds[0]);
}

/* Nothing that happens to the other end disturbs a registration at rest. */
static void
check_rest(struct mux_loop *loop, enum kind kind)
{
	const char *name = kind_name(kind);
	struct seen seen = { .calls = 0 };
	int fds[2];

	open_pair(kind, fds);
	is(mux_fd_register(loop, fds[0], MUX_READ, see, &seen), 0,
	    "%s: registered", name);
	is(mux_fd_modify(loop, fds[0], 0), 0, "%s: put to rest", name);
	if (kind == TCP)
		reset(fds[1]);
	else
		(void)close(fds[1]);
	await_failure(fds[0]);
	ok(quiet(loop), "%s: at rest, a dead peer does not ring", name);
	is(mux_fd_modify(loop, fds[0], MUX_READ), 0, "%s: woken", name);
	ok((ring(loop, &seen) & MUX_READ) != 0, "%s: then it rings", name);
	mux_fd_unregister(loop, fds[0]);
	ok(quiet(loop), "%s: unregistered, it does not", name);
	(void)close(fds[0]);
}

/* A failure comes as all that was asked for, and only that. */
static void
check_asked(struct mux_loop *loop, enum kind kind, unsigned asked)
{
	const unsigned both = MUX_READ | MUX_WRITE;
	const char *name = kind_name(kind);
	struct seen seen = { .calls = 0 };
	int fds[2], end;

	if (kind == PIPE && asked == MUX_WRITE && backend_is("kqueue") &&
	    !kqueue_is_emulated()) {
		skip("kqueue takes none whose reader has gone",
		    "%s: registered for %u", name, asked);
		return;
	}
	open_pair(kind, fds);
	end = kind == PIPE && asked == MUX_WRITE ? 1 : 0;
	if (kind == TCP)
		reset(fds[1 - end]);
	else
		(void)close(fds[1 - end]);
	await_failure(fds[end]);
	is(mux_fd_register(loop, fds[end], asked, see, &seen), 0,
	    "%s: registered for %u", name, asked);
	is(ring(loop, &seen) & both, asked & both,
	    "%s: a dead peer rings all of %u", name, asked);
	if (tells_hangup())
		ok((seen.events & (MUX_ERROR | MUX_HANGUP)) != 0,
		    "%s: ... with ERROR or HANGUP", name);
	else
		skip("it cannot be told apart",
		    "%s: ... with ERROR or HANGUP", name);
	is(mux_loop_once(loop, 0), 1, "%s: ... and again", name);
	mux_fd_unregister(loop, fds[end]);
	(void)close(fds[end]);
}

/* Reset while data is unread: told once, then at rest until modified. */
static void
check_reset(struct mux_loop *loop)
{
	struct seen seen = { .calls = 0 };
	int fds[2];

	open_pair(TCP, fds);
	put_bytes(fds[1], 10);
	await_input(fds[0]);
	is(mux_fd_register(loop, fds[0], MUX_ERROR, see, &seen), 0,
	    "reset: ERROR alone is registered");
	ok(quiet(loop), "reset: data does not ring ERROR alone");
	reset(fds[1]);
	ok((ring(loop, &seen) & MUX_ERROR) != 0, "reset: ERROR rings");
	is(seen.events & (MUX_READ | MUX_WRITE), 0,
	    "reset: ... without what was not asked for");
	is(seen.calls, 1, "reset: one call");
	ok(quiet(loop) && quiet(loop), "reset: and then it rests");
	is(mux_fd_modify(loop, fds[0], MUX_ERROR), 0, "reset: ERROR once more");
	if (error_is_kept())
		ok((ring(loop, &seen) & MUX_ERROR) != 0,
		    "reset: ... rings once more");
	else
		skip("libkqueue takes the error away",
		    "reset: ... rings once more");
	ok(quiet(loop), "reset: and rests");
	is(mux_fd_modify(loop, fds[0], MUX_READ), 0, "reset: READ");
	ok((ring(loop, &seen) & MUX_READ) != 0, "reset: ... rings");
	is(mux_loop_once(loop, 0), 1, "reset: ... and does not rest");
	mux_fd_unregister(loop, fds[0]);
	(void)close(fds[0]);
}

/* The same by a change of interest, with a wait that is under way. */
static void
check_paused(struct mux_loop *loop)
{
	struct seen seen = { .calls = 0 };
	int fds[2];

	open_pair(TCP, fds);
	put_bytes(fds[1], 1);
	is(mux_fd_register(loop, fds[0], MUX_READ | MUX_WRITE, see, &seen), 0,
	    "paused: both are registered");
	await_input(fds[0]);
	(void)ring(loop, &seen);
	is(mux_fd_modify(loop, fds[0], MUX_ERROR), 0, "paused: ERROR alone");
	ok(quiet(loop), "paused: neither data nor room rings");
	reset(fds[1]);
	ok((ring(loop, &seen) & MUX_ERROR) != 0, "paused: the reset does");
	mux_fd_unregister(loop, fds[0]);
	ok(quiet(loop), "paused: unregistered at rest");
	(void)close(fds[0]);
}

/* An end of input is no failure; a reset after it is one. */
static void
check_fin(struct mux_loop *loop)
{
	struct seen seen = { .calls = 0 };
	int fds[2];

	open_pair(TCP, fds);
	(void)shutdown(fds[1], SHUT_WR);
	await_input(fds[0]);
	is(mux_fd_register(loop, fds[0], MUX_ERROR, see, &seen), 0,
	    "fin: ERROR alone is registered");
	ok(quiet(loop) && quiet(loop), "fin: it does not ring ERROR alone");
	reset(fds[1]);
	ok((ring(loop, &seen) & MUX_ERROR) != 0, "fin: a reset after it does");
	ok(quiet(loop), "fin: once");
	mux_fd_unregister(loop, fds[0]);
	(void)close(fds[0]);

	open_pair(TCP, fds);
	is(mux_fd_register(loop, fds[0], MUX_ERROR, see, &seen), 0,
	    "fin: registered before it comes");
	(void)shutdown(fds[1], SHUT_WR);
	await_input(fds[0]);
	ok(quiet(loop), "fin: it does not ring then either");
	mux_fd_unregister(loop, fds[0]);
	close_pair(fds);
}

/* Re-arming from the callback itself, and leaving from there. */
struct rearm {
	int calls;
	int stop_at;
};

static void
rearm(struct mux_loop *loop, int fd, unsigned events, void *arg)
{
	struct rearm *state = arg;

	(void)events;
	if (++state->calls == state->stop_at)
		mux_fd_unregister(loop, fd);
	else
		(void)mux_fd_modify(loop, fd, MUX_ERROR);
}

static void
check_rearm(struct mux_loop *loop)
{
	struct rearm state = { .stop_at = error_is_kept() ? 3 : 1 };
	int fds[2], turn;

	open_pair(TCP, fds);
	reset(fds[1]);
	await_failure(fds[0]);
	is(mux_fd_register(loop, fds[0], MUX_ERROR, rearm, &state), 0,
	    "re-arm: registered after the reset");
	for (turn = 1; turn <= 3; turn++)
		if (turn <= state.stop_at)
			is(mux_loop_once(loop, 0), 1,
			    "re-arm: rings in turn %d", turn);
		else
			skip("libkqueue takes the error away",
			    "re-arm: rings in turn %d", turn);
	ok(quiet(loop), "re-arm: unregistered by the third call");
	(void)close(fds[0]);
}

/* UNIX-domain sockets and pipes fail by their other end's going. */
static void
check_local(struct mux_loop *loop)
{
	const char *name;
	struct seen seen = { .calls = 0 };
	int fds[2], kind;

	for (kind = UNIX; kind < KINDS; kind++) {
		name = kind_name((enum kind)kind);
		if (!tells_hangup()) {
			skip("TCP only", "%s: ERROR alone rings", name);
			skip("TCP only", "%s: ... once", name);
			continue;
		}
		open_pair((enum kind)kind, fds);
		(void)mux_fd_register(loop, fds[1], MUX_ERROR, see, &seen);
		(void)close(fds[0]);
		(void)ring(loop, &seen);
		ok((seen.events & (MUX_ERROR | MUX_HANGUP)) != 0,
		    "%s: ERROR alone rings", name);
		ok(quiet(loop), "%s: ... once", name);
		mux_fd_unregister(loop, fds[1]);
		(void)close(fds[1]);
	}
}

/* A listener cannot be reset: whoever asks hears nothing, and never spins. */
static void
check_listener(struct mux_loop *loop)
{
	struct seen seen = { .calls = 0 };
	int listener = open_listener();

	is(mux_fd_register(loop, listener, MUX_ERROR, see, &seen), 0,
	    "listener: ERROR alone is registered");
	ok(quiet(loop), "listener: it has not failed");
	mux_fd_unregister(loop, listener);
	(void)close(listener);
}

static void
nothing(struct mux_timer *timer, void *arg)
{
	(void)timer;
	(void)arg;
}

/*
 * How a backend finds a reset is its own affair: the caller's wait is as
 * long with ERROR alone as without.
 */
static void
check_wait(struct mux_loop *loop)
{
	struct mux_timer *timer = mux_timer_create(loop, nothing, NULL);
	struct seen seen = { .calls = 0 };
	int fds[2];

	open_pair(TCP, fds);
	(void)mux_fd_register(loop, fds[0], MUX_ERROR, see, &seen);
	mux_timer_start(timer, 250);
	is(mux_loop_once(loop, -1), 1, "wait: ends with a call");
	ok(!mux_timer_running(timer), "wait: ... that of the timer");
	mux_fd_unregister(loop, fds[0]);
	mux_timer_destroy(timer);
	close_pair(fds);
}

void
test_failure(void)
{
	struct mux_loop *loop = new_loop();
	int kind;

	for (kind = 0; kind < KINDS; kind++) {
		check_data_then_end(loop, (enum kind)kind);
		check_rest(loop, (enum kind)kind);
		check_asked(loop, (enum kind)kind, MUX_READ);
		check_asked(loop, (enum kind)kind, MUX_WRITE);
		if (kind != PIPE) {
			check_asked(loop, (enum kind)kind,
			    MUX_READ | MUX_WRITE);
			check_asked(loop, (enum kind)kind,
			    MUX_READ | MUX_ERROR);
		}
	}
	check_reset(loop);
	check_paused(loop);
	check_fin(loop);
	check_rearm(loop);
	check_local(loop);
	check_listener(loop);
	check_wait(loop);
	mux_loop_destroy(loop);
}
