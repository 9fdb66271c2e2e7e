/* SPDX-License-Identifier: ISC */

/*
 * echo-server.c - sends back what it receives, to many clients at once, on
 * one thread.
 *
 * A connection is watched for input until something was read, then for
 * output until its queue is empty, then for input again.
 */

#include <sys/socket.h>
#include <netinet/in.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mux.h"

#define TIMEOUT_MS	3000
#define PAUSE_MS	1000

struct connection {
	struct connection *next, *previous;	/* in a ring of all */
	int fd;
	unsigned long long received;
	size_t start, end;			/* of what is queued */
	char queue[65536];
};

static const char any_address[] = "::";
static struct connection ring = { .next = &ring, .previous = &ring };
static uint64_t pause_ends_ms;			/* of accepting */
static bool stopped;

static void
connection_close(struct mux_loop *loop, struct connection *c, const char *why)
{
	printf("%d: %s, %llu bytes received\n", c->fd, why, c->received);
	c->previous->next = c->next;
	c->next->previous = c->previous;
	mux_fd_unregister(loop, c->fd);		/* always before close() */
	(void)close(c->fd);
	free(c);
}

/*
 * A hang-up is no reason to close: what arrived before it is still to be
 * read, and the client may have ended its own direction only.  read() says
 * 0 after the last byte; we read when the queue is empty, so that by then
 * every byte has been sent back.
 */
static void
connection_ready(struct mux_loop *loop, int fd, unsigned events, void *arg)
{
	const bool reading = (events & MUX_READ) != 0;
	struct connection *c = arg;
	ssize_t n;

	n = reading ? read(fd, c->queue, sizeof(c->queue)) :
	    write(fd, c->queue + c->start, c->end - c->start);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;				/* we are called again */
	if (n == -1 || (n == 0 && reading)) {
		connection_close(loop, c, n == 0 ? "ended" : strerror(errno));
		return;
	}
	if (reading) {
		c->start = 0;
		c->end = (size_t)n;
		c->received += (size_t)n;
	} else
		c->start += (size_t)n;		/* maybe only a part */
	if (mux_fd_modify(loop, fd,
	    c->start < c->end ? MUX_WRITE : MUX_READ) == -1)
		connection_close(loop, c, strerror(errno));
}

static void
connection_open(struct mux_loop *loop, int fd)
{
	struct connection *c = calloc(1, sizeof(*c));

	if (c == NULL || fcntl(fd, F_SETFL, O_NONBLOCK) == -1 ||
	    mux_fd_register(loop, fd, MUX_READ, connection_ready, c) == -1) {
		warn("%d: cannot serve this connection", fd);
		free(c);
		(void)close(fd);
		return;
	}
	c->fd = fd;
	c->next = ring.next;
	c->previous = &ring;
	c->next->previous = ring.next = c;
	printf("%d: connected\n", fd);
}

/*
 * When no descriptor is left (EMFILE), the client goes on waiting and the
 * listener stays ready: without a pause the loop would spin.
 */
static void
listener_ready(struct mux_loop *loop, int fd, unsigned events, void *arg)
{
	const int accepted = accept(fd, NULL, NULL);

	(void)events, (void)arg;
	if (accepted != -1)
		connection_open(loop, accepted);
	else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
		warn("cannot accept, pausing");
		(void)mux_fd_modify(loop, fd, 0);	/* cannot fail */
		pause_ends_ms = mux_loop_now_ms(loop) + PAUSE_MS;
	}
}

static int
listener_open(const char *address, const char *port)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found;
	struct sockaddr_in6 name;	/* its port is where IPv4 has it */
	socklen_t length = sizeof(name);
	int error, fd, off = 0, on = 1;

	error = getaddrinfo(address, port, &hints, &found);
	if (error != 0)
		errx(1, "bad address %s: %s", address, gai_strerror(error));
	fd = socket(found->ai_family, SOCK_STREAM, 0);
	if (fd == -1 && address == any_address) {	/* no IPv6 here */
		freeaddrinfo(found);
		return (listener_open("0.0.0.0", port));
	}
	if (fd == -1)
		err(1, "cannot make a socket for %s", address);
	/* where the system can do it, an IPv6 socket takes IPv4, too */
	(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (fcntl(fd, F_SETFL, O_NONBLOCK) == -1 ||
	    bind(fd, found->ai_addr, found->ai_addrlen) == -1 ||
	    listen(fd, SOMAXCONN) == -1 ||
	    getsockname(fd, (struct sockaddr *)&name, &length) == -1)
		err(1, "cannot listen on %s port %s", address, port);
	freeaddrinfo(found);
	printf("listening on %s port %u\n", address, ntohs(name.sin6_port));
	return (fd);
}

static void
stop(struct mux_loop *loop, int signo, void *arg)
{
	(void)loop, (void)signo, (void)arg;
	stopped = true;
}

int
main(int argc, char *argv[])
{
	const char *port = argc > 1 ? argv[1] : "8888";
	struct mux_loop *loop;
	int calls, listener;

	if (argc > 3 || *port == '\0' || strlen(port) > 5 ||
	    port[strspn(port, "0123456789")] != '\0' || atoi(port) > 65535) {
		(void)fprintf(stderr, "usage: echo-server [port [address]]\n");
		return (2);
	}
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	(void)signal(SIGPIPE, SIG_IGN);	/* write() says EPIPE instead */
	listener = listener_open(argc > 2 ? argv[2] : any_address, port);
	loop = mux_loop_create();
	if (loop == NULL ||
	    mux_fd_register(loop, listener, MUX_READ, listener_ready,
	    NULL) == -1 ||
	    mux_signal_watch(loop, SIGINT, stop, NULL) == -1 ||
	    mux_signal_watch(loop, SIGTERM, stop, NULL) == -1)
		err(1, "cannot set up the event loop");

	while (!stopped) {
		calls = mux_loop_once(loop, TIMEOUT_MS);
		if (calls == -1)
			err(1, "cannot wait for events");
		if (calls == 0)
			printf("idle for %d ms\n", TIMEOUT_MS);
		if (mux_loop_now_ms(loop) >= pause_ends_ms)
			(void)mux_fd_modify(loop, listener, MUX_READ);
	}
	while (ring.next != &ring)
		connection_close(loop, ring.next, "stopped");
	mux_fd_unregister(loop, listener);
	(void)close(listener);
	mux_loop_destroy(loop);
	return (0);
}
