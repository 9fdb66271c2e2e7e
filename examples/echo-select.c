/* SPDX-License-Identifier: ISC */

/*
 * echo-select.c - sends back what it receives, to many clients at once, by
 * select(2).
 */

#include <sys/select.h>
#include <sys/time.h>

#include <err.h>
#include <errno.h>
#include <stddef.h>

#include "echo.h"

static struct connection *clients[FD_SETSIZE];	/* by descriptor */

/* The call writes its answer over the question: each wait asks anew. */
static int
fill_sets(const struct listener *listener, fd_set *reads, fd_set *writes)
{
	int fd, highest = -1;

	FD_ZERO(reads);
	FD_ZERO(writes);
	for (fd = 0; fd < FD_SETSIZE; fd++) {
		if (clients[fd] != NULL)
			FD_SET(fd, connection_wants_output(clients[fd]) ?
			    writes : reads);
		else if (fd == listener->fd && !listener->rests)
			FD_SET(fd, reads);
		else
			continue;
		highest = fd;
	}
	return (highest);
}

/* A set has room for FD_SETSIZE numbers; FD_SET() does not look. */
static void
admit(struct listener *listener)
{
	struct connection *c = connection_accept(listener);

	if (c == NULL)
		return;
	if (c->fd < FD_SETSIZE) {
		clients[c->fd] = c;
		return;
	}
	warnx("%d: cannot be watched by select", c->fd);
	connection_close(c, listener);
}

static void
serve(struct connection *c, struct listener *listener)
{
	if (connection_move(c))
		return;
	clients[c->fd] = NULL;
	connection_close(c, listener);
}

int
main(int argc, char *argv[])
{
	struct listener listener = listener_open(argc, argv);
	fd_set reads, writes;
	struct timeval timeout;
	int count, fd, highest;

	if (listener.fd >= FD_SETSIZE)
		errx(1, "too many descriptors are open");
	for (;;) {
		highest = fill_sets(&listener, &reads, &writes);
		timeout.tv_sec = TIMEOUT_MS / 1000;
		timeout.tv_usec = TIMEOUT_MS % 1000 * 1000;
		count = select(highest + 1, &reads, &writes, NULL, &timeout);
		if (count == -1 && errno != EINTR)
			err(1, "cannot wait");
		if (count == -1)
			continue;	/* the sets say nothing then */
		if (count == 0)
			listener_idle(&listener);
		for (fd = 0; fd <= highest; fd++) {
			if (clients[fd] != NULL && (FD_ISSET(fd, &reads) ||
			    FD_ISSET(fd, &writes)))
				serve(clients[fd], &listener);
		}
		/* last, for it may get a number that was closed just now */
		if (FD_ISSET(listener.fd, &reads))
			admit(&listener);
	}
}
