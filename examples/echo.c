/* SPDX-License-Identifier: ISC */

/* echo.c - sockets and queues of the servers of doc/tutorial.md. */

#include <sys/socket.h>
#include <netinet/in.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "echo.h"

int
listen_on(int argc, char *argv[])
{
	const char *port = argc > 1 ? argv[1] : "8888";
	struct sockaddr_in name = { .sin_family = AF_INET };
	socklen_t length = sizeof(name);
	int fd, on = 1;

	if (argc > 2 || *port == '\0' || strlen(port) > 5 ||
	    port[strspn(port, "0123456789")] != '\0' || atoi(port) > 65535) {
		(void)fprintf(stderr, "usage: %s [port]\n", argv[0]);
		exit(2);
	}
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	(void)signal(SIGPIPE, SIG_IGN);	/* write() says EPIPE instead */
	name.sin_port = htons((in_port_t)atoi(port));
	name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd == -1)
		err(1, "cannot make a socket");
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&name, sizeof(name)) == -1 ||
	    listen(fd, SOMAXCONN) == -1 ||
	    getsockname(fd, (struct sockaddr *)&name, &length) == -1)
		err(1, "cannot listen on 127.0.0.1 port %s", port);
	printf("listening on 127.0.0.1 port %u\n", ntohs(name.sin_port));
	return (fd);
}

struct listener
listener_open(int argc, char *argv[])
{
	const struct listener listener = { .fd = listen_on(argc, argv) };

	/* a client may have gone by the time that we accept it */
	if (fcntl(listener.fd, F_SETFL, O_NONBLOCK) == -1)
		err(1, "cannot make the listener non-blocking");
	return (listener);
}

void
listener_idle(struct listener *listener)
{
	printf("idle for %d ms\n", TIMEOUT_MS);
	listener->rests = false;	/* whoever was short may not be now */
}

/*
 * When no descriptor is left (EMFILE), the client goes on waiting and the
 * listener stays ready: a loop that went on waiting for it would spin.
 */
struct connection *
connection_accept(struct listener *listener)
{
	const int fd = accept(listener->fd, NULL, NULL);
	struct connection *c;

	if (fd == -1 && (errno == EAGAIN || errno == EINTR ||
	    errno == ECONNABORTED))
		return (NULL);
	if (fd == -1) {
		warn("cannot accept, pausing");
		listener->rests = true;
		return (NULL);
	}
	c = calloc(1, sizeof(*c));
	if (c == NULL || fcntl(fd, F_SETFL, O_NONBLOCK) == -1) {
		warn("%d: cannot serve this connection", fd);
		free(c);
		(void)close(fd);
		return (NULL);
	}
	c->fd = fd;
	printf("%d: connected\n", fd);
	return (c);
}

bool
connection_wants_output(const struct connection *c)
{
	return (c->start < c->end);
}

/*
 * A hang-up is no reason to close: what arrived before it is still to be
 * read, and the client may have ended its own direction only.  read() says 0
 * after the last byte; we read when the queue is empty, so that by then every
 * byte has been sent back.
 */
bool
connection_move(struct connection *c)
{
	const bool writing = connection_wants_output(c);
	ssize_t n;

	n = writing ? write(c->fd, c->queue + c->start, c->end - c->start) :
	    read(c->fd, c->queue, sizeof(c->queue));
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return (true);		/* we come here again */
	if (n == -1)
		warn("%d", c->fd);
	if (n == -1 || (n == 0 && !writing))
		return (false);
	if (writing)
		c->start += (size_t)n;	/* maybe only a part */
	else {
		c->start = 0;
		c->end = (size_t)n;
		c->received += (size_t)n;
	}
	return (true);
}

void
connection_close(struct connection *c, struct listener *listener)
{
	printf("%d: ended, %llu bytes received\n", c->fd, c->received);
	listener->rests = false;
	(void)close(c->fd);
	free(c);
}
