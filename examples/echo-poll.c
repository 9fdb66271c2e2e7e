/* SPDX-License-Identifier: ISC */

/*
 * echo-poll.c - sends back what it receives, to many clients at once, by
 * poll(2).
 */

#include <err.h>
#include <errno.h>
#include <poll.h>

#include "echo.h"

#define CLIENTS_MAX	2000

/* In both, 0 is the listener's place; clients have from 1 up to used. */
static struct pollfd watched[1 + CLIENTS_MAX];
static struct connection *clients[1 + CLIENTS_MAX];
static nfds_t used = 1;

/* Only ever called while there is a place: else nobody listens. */
static void
admit(struct listener *listener)
{
	struct connection *c = connection_accept(listener);

	if (c == NULL)
		return;
	watched[used].fd = c->fd;
	watched[used].events = POLLIN;
	clients[used] = c;
	used++;
}

static void
serve(nfds_t place, struct listener *listener)
{
	struct connection *c = clients[place];

	if (connection_move(c)) {
		watched[place].events =
		    connection_wants_output(c) ? POLLOUT : POLLIN;
		return;
	}
	used--;				/* the last one fills the gap */
	watched[place] = watched[used];
	clients[place] = clients[used];
	connection_close(c, listener);
}

int
main(int argc, char *argv[])
{
	struct listener listener = listener_open(argc, argv);
	nfds_t place;
	int count;

	watched[0].events = POLLIN;
	for (;;) {
		/* an entry with a negative number is passed over */
		watched[0].fd = listener.rests || used > CLIENTS_MAX ? -1 :
		    listener.fd;
		count = poll(watched, used, TIMEOUT_MS);
		if (count == -1 && errno != EINTR)
			err(1, "cannot wait");
		if (count == -1)
			continue;	/* the entries say nothing then */
		if (count == 0)
			listener_idle(&listener);
		/* backwards: what fills a gap has been looked at */
		for (place = used - 1; place > 0; place--) {
			if (watched[place].revents != 0)
				serve(place, &listener);
		}
		if (watched[0].revents != 0)
			admit(&listener);
	}
}
