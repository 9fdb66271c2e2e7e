/* SPDX-License-Identifier: ISC */

/*
 * echo-client.c - sends its standard input to a server and writes what comes
 * back to its standard output, both at once, on one thread.
 *
 * Each direction has a queue: its source is watched for input while that is
 * empty, its destination for output while it is not.
 */

#include <sys/socket.h>
#include <sys/stat.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mux.h"

#define TIMEOUT_MS	3000

struct flow {
	int from, to;
	bool ended;			/* nothing more to read */
	unsigned long long written;
	size_t start, end;		/* of what is queued */
	char queue[65536];
};

static struct flow up = { .from = STDIN_FILENO };
static struct flow down = { .to = STDOUT_FILENO };
static const char *host, *port;
static int server, status;
static bool connected, stopped;

/* Called with an empty queue, so that at the end all has been passed on. */
static void
fill(struct flow *flow)
{
	const ssize_t n = read(flow->from, flow->queue, sizeof(flow->queue));

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n == -1)
		err(1, "cannot read from %s", flow == &up ? "input" : host);
	flow->ended = n == 0;
	flow->start = 0;
	flow->end = (size_t)n;
	if (flow == &up && flow->ended)		/* the server may go on */
		(void)shutdown(flow->to, SHUT_WR);
}

/* Others share standard output: it stays blocking, but PIPE_BUF bytes fit. */
static void
drain(struct flow *flow)
{
	const size_t length = flow->end - flow->start;
	const ssize_t n = write(flow->to, flow->queue + flow->start,
	    flow == &down && length > PIPE_BUF ? PIPE_BUF : length);

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n == -1) {		/* this direction only: more may come back */
		warn("cannot write to %s", flow == &up ? host : "output");
		status = 1;
		flow->ended = true;
		flow->start = flow->end;
		return;
	}
	flow->start += (size_t)n;		/* maybe only a part */
	flow->written += (size_t)n;
}

/* What to wait for follows from the queues, and from nothing else. */
static unsigned
interest(int fd)
{
	const struct flow *in = fd == server ? &down : &up;
	const struct flow *out = fd == server ? &up : &down;
	const bool reads = fd == in->from && !in->ended && in->start == in->end;
	const bool writes = fd == out->to && out->start < out->end;

	if (!connected)
		return (fd == server ? MUX_WRITE : 0);
	return ((reads ? MUX_READ : 0U) | (writes ? MUX_WRITE : 0U));
}

static void
ready(struct mux_loop *loop, int fd, unsigned events, void *arg)
{
	int error = 0;
	socklen_t length = sizeof(error);

	(void)loop, (void)arg;
	if (!connected) {
		(void)getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
		errno = error;
		if (error != 0)
			err(1, "cannot connect to %s port %s", host, port);
		(void)fprintf(stderr, "connected to %s port %s\n", host, port);
		connected = true;
		return;
	}
	if ((events & MUX_READ) != 0)	/* first: data before hang-ups */
		fill(fd == server ? &down : &up);
	if ((events & MUX_WRITE) != 0)
		drain(fd == server ? &up : &down);
}

/*
 * Files cannot be waited for: epoll says EPERM, and kqueue nothing at their
 * end.  They are always ready, so what is wanted of them is done at once.
 */
static void
watch(struct mux_loop *loop, int fd)
{
	struct stat found;
	const bool regular = fstat(fd, &found) == 0 && S_ISREG(found.st_mode);
	unsigned events;

	while ((events = interest(fd)) != 0 || !regular) {
		if (!regular && mux_fd_modify(loop, fd, events) == 0)
			return;
		if (!regular && errno != EPERM)
			err(1, "cannot wait for descriptor %d", fd);
		ready(loop, fd, events, NULL);
	}
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
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *found;
	struct mux_loop *loop;
	int calls, error;

	host = argc > 1 ? argv[1] : "localhost";
	port = argc > 2 ? argv[2] : "8888";
	if (argc > 3 || strlen(port) > 5 || atoi(port) < 1 ||
	    atoi(port) > 65535 || port[strspn(port, "0123456789")] != '\0') {
		(void)fprintf(stderr, "usage: echo-client [host [port]]\n");
		return (2);
	}
	(void)signal(SIGPIPE, SIG_IGN);	/* write() says EPIPE instead */
	error = getaddrinfo(host, port, &hints, &found);
	if (error != 0)
		errx(1, "cannot find %s: %s", host, gai_strerror(error));
	server = socket(found->ai_family, SOCK_STREAM, 0);
	if (server == -1 || fcntl(server, F_SETFL, O_NONBLOCK) == -1 ||
	    (connect(server, found->ai_addr, found->ai_addrlen) == -1 &&
	    errno != EINPROGRESS))
		err(1, "cannot connect to %s port %s", host, port);
	up.to = down.from = server;
	freeaddrinfo(found);
	loop = mux_loop_create();
	if (loop == NULL ||
	    mux_fd_register(loop, server, 0, ready, NULL) == -1 ||
	    mux_fd_register(loop, up.from, 0, ready, NULL) == -1 ||
	    mux_fd_register(loop, down.to, 0, ready, NULL) == -1 ||
	    mux_signal_watch(loop, SIGINT, stop, NULL) == -1 ||
	    mux_signal_watch(loop, SIGTERM, stop, NULL) == -1)
		err(1, "cannot set up the event loop");

	while (!stopped && !down.ended) {
		watch(loop, up.from);
		watch(loop, down.to);
		watch(loop, server);
		calls = mux_loop_once(loop, TIMEOUT_MS);
		if (calls == -1)
			err(1, "cannot wait for events");
		if (calls == 0)
			(void)fprintf(stderr, "idle for %d ms\n", TIMEOUT_MS);
	}
	mux_fd_unregister(loop, server);
	mux_loop_destroy(loop);
	(void)close(server);
	if (down.ended && status == 0 &&
	    (!up.ended || up.written != down.written))
		errx(1, "%s ended early: %llu bytes sent, %llu came back", host,
		    up.written, down.written);
	return (status);
}
