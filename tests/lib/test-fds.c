/* SPDX-License-Identifier: ISC */

/*
 * test-fds.c - readiness of healthy descriptors: what rings, what does not,
 * and how interest is changed, on TCP, UNIX-domain sockets and pipes.
 */

#include <sys/socket.h>

#include <errno.h>
#include <unistd.h>

#include "suite.h"

/* Input rings until it is taken, and for as long as anybody asks. */
static void
check_read(struct mux_loop *loop, enum kind kind)
{
	const char *name = kind_name(kind);
	struct seen seen = { .calls = 0 };
	int fds[2];

	open_pair(kind, fds);
	is(mux_fd_register(loop, fds[0], MUX_READ, see, &seen), 0,
	    "%s: READ is registered", name);
	ok(quiet(loop), "%s: no input, no call", name);
	put_bytes(fds[1], 2);
	is(ring(loop, &seen), MUX_READ, "%s: input rings READ alone", name);
	is(seen.fd, fds[0], "%s: the call names the descriptor", name);
	is(mux_loop_once(loop, 0), 1, "%s: unread input rings again", name);
	take_bytes(fds[0], 1);
	is(mux_loop_once(loop, 0), 1, "%s: half read, it rings again", name);
	take_bytes(fds[0], 1);
	ok(quiet(loop), "%s: all read, it is quiet", name);

	put_bytes(fds[1], 1);
	await_input(fds[0]);
	mux_fd_unregister(loop, fds[0]);
	ok(quiet(loop), "%s: unregistered, input does not ring", name);
	is(mux_fd_register(loop, fds[0], MUX_READ, see, &seen), 0,
	    "%s: registered again", name);
	is(ring(loop, &seen), MUX_READ, "%s: what was there rings", name);
	mux_fd_unregister(loop, fds[0]);
	close_pair(fds);
}

/* Output rings while there is room, stops when full, and starts again. */
static void
check_write(struct mux_loop *loop, enum kind kind)
{
	const char *name = kind_name(kind);
	struct seen seen = { .calls = 0 };
	int fds[2];

	open_pair(kind, fds);
	is(mux_fd_register(loop, fds[1], MUX_WRITE, see, &seen), 0,
	    "%s: WRITE is registered", name);
	is(ring(loop, &seen), MUX_WRITE, "%s: room rings WRITE alone", name);
	is(mux_loop_once(loop, 0), 1, "%s: room rings again", name);
	do {	/* TCP may still be moving bytes to the other side */
		fill(fds[1]);
	} while (!quiet(loop));
	ok(quiet(loop), "%s: full, it is quiet", name);
	drain(fds[0]);
	is(ring(loop, &seen), MUX_WRITE, "%s: room again, it rings", name);
	mux_fd_unregister(loop, fds[1]);
	ok(quiet(loop), "%s: unregistered, room does not ring", name);
	close_pair(fds);
}

/* Interest from nothing to everything and back. */
static void
check_modify(struct mux_loop *loop, enum kind kind)
{
	const char *name = kind_name(kind);
	struct seen seen = { .calls = 0 };
	int fds[2];

	open_pair(kind, fds);
	put_bytes(fds[1], 1);
	await_input(fds[0]);
	is(mux_fd_register(loop, fds[0], 0, see, &seen), 0,
	    "%s: 0 is registered", name);
	ok(quiet(loop), "%s: at rest, input does not ring", name);
	is(mux_fd_modify(loop, fds[0], 0), 0, "%s: from 0 to 0", name);
	ok(quiet(loop), "%s: still at rest", name);
	is(mux_fd_modify(loop, fds[0], MUX_READ), 0, "%s: to READ", name);
	is(ring(loop, &seen), MUX_READ, "%s: input rings", name);
	is(mux_fd_modify(loop, fds[0], MUX_READ), 0, "%s: to the same", name);
	is(mux_loop_once(loop, 0), 1, "%s: the same rings", name);
	is(mux_fd_modify(loop, fds[0], MUX_READ | MUX_ERROR), 0,
	    "%s: ERROR beside it", name);
	is(mux_loop_once(loop, 0), 1, "%s: input rings as before", name);
	is(seen.events, MUX_READ, "%s: ... and nothing but input", name);
	is(mux_fd_modify(loop, fds[0], MUX_ERROR), 0, "%s: to ERROR", name);
	ok(quiet(loop), "%s: ERROR alone: input does not ring", name);
	is(mux_fd_modify(loop, fds[0], MUX_READ), 0, "%s: back", name);
	is(mux_loop_once(loop, 0), 1, "%s: back, it rings", name);
	is(mux_fd_modify(loop, fds[0], 0), 0, "%s: to 0", name);
	ok(quiet(loop), "%s: at rest again", name);
	mux_fd_unregister(loop, fds[0]);
	mux_fd_unregister(loop, fds[0]);
	is(mux_fd_register(loop, fds[0], MUX_READ, see, &seen), 0,
	    "%s: unregistered twice, registered once", name);
	is(ring(loop, &seen), MUX_READ, "%s: rings after that", name);
	mux_fd_unregister(loop, fds[0]);
	close_pair(fds);
}

/* Reading and writing on one descriptor come in one call. */
static void
check_both(struct mux_loop *loop, enum kind kind)
{
	const char *name = kind_name(kind);
	struct seen seen = { .calls = 0 };
	int fds[2];

	open_pair(kind, fds);
	is(mux_fd_register(loop, fds[0], MUX_READ | MUX_WRITE, see, &seen), 0,
	    "%s: both are registered", name);
	is(ring(loop, &seen), MUX_WRITE, "%s: no input: WRITE", name);
	put_bytes(fds[1], 1);
	await_input(fds[0]);
	seen.calls = 0;
	is(ring(loop, &seen), MUX_READ | MUX_WRITE, "%s: input: both", name);
	is(seen.calls, 1, "%s: ... in one call", name);
	take_bytes(fds[0], 1);
	is(ring(loop, &seen), MUX_WRITE, "%s: input taken: WRITE", name);
	put_bytes(fds[1], 1);
	await_input(fds[0]);
	is(mux_fd_modify(loop, fds[0], MUX_READ), 0, "%s: to READ", name);
	is(ring(loop, &seen), MUX_READ, "%s: READ is left", name);
	is(mux_fd_modify(loop, fds[0], MUX_WRITE), 0, "%s: to WRITE", name);
	is(ring(loop, &seen), MUX_WRITE, "%s: WRITE is left", name);
	is(mux_fd_modify(loop, fds[0], MUX_READ | MUX_WRITE), 0,
	    "%s: to both", name);
	is(ring(loop, &seen), MUX_READ | MUX_WRITE, "%s: both again", name);
	is(mux_fd_register(loop, fds[1], MUX_WRITE, see, &seen), 0,
	    "%s: the other end too", name);
	is(mux_loop_once(loop, 0), 2, "%s: both ends are called", name);
	mux_fd_unregister(loop, fds[0]);
	mux_fd_unregister(loop, fds[1]);
	ok(quiet(loop), "%s: all unregistered", name);
	close_pair(fds);
}

static void
accept_one(struct mux_loop *loop, int fd, unsigned events, void *arg)
{
	(void)loop;
	*(int *)arg = (events & MUX_READ) != 0 ? accept(fd, NULL, NULL) : -1;
}

static void
connected(struct mux_loop *loop, int fd, unsigned events, void *arg)
{
	(void)events;
	mux_fd_unregister(loop, fd);
	*(bool *)arg = true;
}

/* A listener rings READ, and a connect that has ended rings WRITE. */
static void
check_connect(struct mux_loop *loop)
{
	struct seen seen = { .calls = 0 };
	int listener, client, server = -1;
	bool is_connected = false;

	listener = open_listener();
	is(mux_fd_register(loop, listener, MUX_READ, accept_one, &server), 0,
	    "listener: READ is registered");
	ok(quiet(loop), "listener: quiet while nobody comes");
	client = start_connect(listener);
	is(mux_fd_register(loop, client, MUX_WRITE, connected,
	    &is_connected), 0, "connect: WRITE is registered");
	while (server == -1 || !is_connected)
		(void)ring(loop, &seen);
	ok(true, "connect: both sides ring");
	mux_fd_unregister(loop, listener);
	(void)close(server);
	(void)close(listener);
	(void)close(client);
}

/* A connect that is refused rings WRITE too: SO_ERROR tells. */
static void
check_refused(struct mux_loop *loop)
{
	struct seen seen = { .calls = 0 };
	int listener, client;

	listener = open_listener();
	client = start_refused_connect(listener);
	is(mux_fd_register(loop, client, MUX_WRITE, see, &seen), 0,
	    "refused: WRITE is registered");
	ok((ring(loop, &seen) & MUX_WRITE) != 0, "refused: WRITE rings");
	if (backend_is("select"))
		skip("select tells no failure", "refused: ERROR beside it");
	else
		ok((seen.events & MUX_ERROR) != 0, "refused: ERROR beside it");
	mux_fd_unregister(loop, client);
	(void)close(client);
}

/* POLLRDHUP is of Linux, and select(2) has nothing of the kind. */
static unsigned
end_that_is_told(void)
{
#ifndef __linux__
	if (backend_is("poll"))
		return (0);
#endif
	return (backend_is("select") ? 0 : MUX_END);
}

/* What we have ended ourselves is no hang-up while the peer goes on. */
static void
check_own_end(struct mux_loop *loop, enum kind kind)
{
	const char *name = kind_name(kind);
	struct seen seen = { .calls = 0 };
	int fds[2];

	open_pair(kind, fds);
	(void)shutdown(fds[0], SHUT_WR);
	(void)mux_fd_register(loop, fds[0], MUX_READ | MUX_WRITE, see, &seen);
	is(ring(loop, &seen), MUX_WRITE, "%s: our own end is no other event",
	    name);
	put_bytes(fds[1], 1);
	await_input(fds[0]);
	is(ring(loop, &seen), MUX_READ | MUX_WRITE,
	    "%s: and the peer's bytes come", name);
	mux_fd_unregister(loop, fds[0]);
	close_pair(fds);
}

/* An end of input is told beside what comes before it, where it is told. */
static void
check_end(struct mux_loop *loop, enum kind kind)
{
	const char *name = kind_name(kind);
	const unsigned end = end_that_is_told();
	struct seen seen = { .calls = 0 };
	int fds[2];

	open_pair(kind, fds);
	(void)mux_fd_register(loop, fds[0], MUX_WRITE, see, &seen);
	put_bytes(fds[1], 1);
	await_input(fds[0]);
	(void)shutdown(fds[1], SHUT_WR);
	is(ring(loop, &seen), MUX_WRITE, "%s: no END without READ", name);
	(void)mux_fd_modify(loop, fds[0], MUX_READ);
	/* on TCP the end may be on its way still */
	do {
		(void)ring(loop, &seen);
	} while (kind == TCP && end != 0 && seen.events == MUX_READ);
	is(seen.events, MUX_READ | end, "%s: END beside READ", name);
	take_bytes(fds[0], 1);
	is(ring(loop, &seen), MUX_READ | end, "%s: and when all is read", name);
	mux_fd_unregister(loop, fds[0]);
	close_pair(fds);
}

static void
see_too(struct mux_loop *loop, int fd, unsigned events, void *arg)
{
	see(loop, fd, events, arg);
}

/* The one that is called first hands what is due over to the other. */
static void
hand_over(struct mux_loop *loop, int fd, unsigned events, void *arg)
{
	struct seen *seen = arg;

	(void)events;
	is(mux_fd_rebind(loop, fd, see_too, seen), 0, "rebound in its call");
}

static void
check_rebind(struct mux_loop *loop)
{
	struct seen first = { .calls = 0 }, second = { .calls = 0 };
	int fds[2];

	open_pair(TCP, fds);
	fails(mux_fd_rebind(loop, fds[0], see, &first) == -1, ENOENT,
	    "rebind: not registered");
	(void)mux_fd_register(loop, fds[0], MUX_READ, see, &first);
	fails(mux_fd_rebind(loop, fds[0], NULL, &first) == -1, EINVAL,
	    "rebind: nobody");
	put_bytes(fds[1], 1);
	is(mux_fd_rebind(loop, fds[0], see_too, &second), 0, "rebound");
	is(ring(loop, &second), MUX_READ, "rebind: the other one is called");
	is(first.calls, 0, "rebind: and the first is not");
	is(mux_fd_rebind(loop, fds[0], hand_over, &first), 0, "rebound again");
	is(mux_loop_once(loop, 0), 1, "rebind: that one is called");
	is(ring(loop, &first), MUX_READ, "rebind: and has handed over");
	mux_fd_unregister(loop, fds[0]);
	close_pair(fds);
}

void
test_fds(void)
{
	struct mux_loop *loop = new_loop();
	int kind;

	for (kind = 0; kind < KINDS; kind++) {
		check_read(loop, (enum kind)kind);
		check_write(loop, (enum kind)kind);
		check_modify(loop, (enum kind)kind);
		if (kind != PIPE) {
			check_both(loop, (enum kind)kind);
			check_end(loop, (enum kind)kind);
			check_own_end(loop, (enum kind)kind);
		}
	}
	check_connect(loop);
	check_refused(loop);
	check_rebind(loop);
	mux_loop_destroy(loop);
}
