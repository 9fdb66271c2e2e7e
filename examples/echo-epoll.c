/* SPDX-License-Identifier: ISC */

/*
 * echo-epoll.c - sends back what it receives, to many clients at once, by
 * epoll(7).
 */

#include <sys/epoll.h>

#include <err.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>

#include "echo.h"

#define BATCH		64

/* The kernel keeps the set: a connection is told of when something changes. */
static int
watch(int set, int operation, int fd, uint32_t events, struct connection *c)
{
	struct epoll_event event = { .events = events, .data.ptr = c };

	return (epoll_ctl(set, operation, fd, &event));
}

static void
admit(int set, struct listener *listener)
{
	struct connection *c = connection_accept(listener);

	if (c == NULL || watch(set, EPOLL_CTL_ADD, c->fd, EPOLLIN, c) == 0)
		return;
	warn("%d: cannot watch this connection", c->fd);
	connection_close(c, listener);
}

static void
serve(int set, struct connection *c, struct listener *listener)
{
	const bool wrote = connection_wants_output(c);

	if (connection_move(c) && (connection_wants_output(c) == wrote ||
	    watch(set, EPOLL_CTL_MOD, c->fd, wrote ? EPOLLIN : EPOLLOUT,
	    c) == 0))
		return;
	/* before close(): while a copy is open elsewhere, it would stay */
	(void)watch(set, EPOLL_CTL_DEL, c->fd, 0, NULL);
	connection_close(c, listener);
}

int
main(int argc, char *argv[])
{
	struct listener listener = listener_open(argc, argv);
	const int set = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event ready[BATCH];
	bool rested = false;
	int count, i;

	if (set == -1 ||
	    watch(set, EPOLL_CTL_ADD, listener.fd, EPOLLIN, NULL) == -1)
		err(1, "cannot make a set");
	for (;;) {
		if (listener.rests != rested && watch(set, EPOLL_CTL_MOD,
		    listener.fd, rested ? EPOLLIN : 0, NULL) == -1)
			err(1, "cannot watch the listener");
		rested = listener.rests;
		count = epoll_wait(set, ready, BATCH, TIMEOUT_MS);
		if (count == -1 && errno != EINTR)
			err(1, "cannot wait");
		if (count == 0)
			listener_idle(&listener);
		for (i = 0; i < count; i++) {
			if (ready[i].data.ptr == NULL)
				admit(set, &listener);
			else
				serve(set, ready[i].data.ptr, &listener);
		}
	}
}
