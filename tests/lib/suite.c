/* SPDX-License-Identifier: ISC */

/* suite.c - what the tests of libmux share. */

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/types.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "suite.h"

bool
backend_is(const char *name)
{
	return (strcmp(mux_backend_name(), name) == 0);
}

bool
kqueue_is_emulated(void)
{
#ifdef __linux__
	return (backend_is("kqueue"));
#else
	return (false);
#endif
}

uint64_t
clock_ns(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((uint64_t)ts.tv_sec * 1000000000U + (uint64_t)ts.tv_nsec);
}

struct mux_loop *
new_loop(void)
{
	struct mux_loop *loop = mux_loop_create();

	if (loop == NULL)
		bail_out("mux_loop_create");
	return (loop);
}

const char *
kind_name(enum kind kind)
{
	static const char *const names[] = { "tcp", "unix", "pipe" };

	return (names[kind]);
}

static void
set_flags(int fd)
{
	if (fcntl(fd, F_SETFL, O_NONBLOCK) == -1 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) == -1)
		bail_out("fcntl");
}

int
open_listener(void)
{
	const struct sockaddr_in address = { .sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd == -1 || bind(fd, (const struct sockaddr *)&address,
	    sizeof(address)) == -1 || listen(fd, 1) == -1)
		bail_out("a TCP listener");
	set_flags(fd);
	return (fd);
}

static int
connect_to(int listener, bool refused)
{
	struct sockaddr_in address;
	socklen_t length = sizeof(address);
	int fd;

	fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd == -1 || getsockname(listener, (struct sockaddr *)&address,
	    &length) == -1)
		bail_out("a TCP client");
	set_flags(fd);
	if (refused)
		(void)close(listener);
	if (connect(fd, (struct sockaddr *)&address, length) == -1 &&
	    errno != EINPROGRESS && errno != ECONNREFUSED)
		bail_out("connect");
	return (fd);
}

int
start_connect(int listener)
{
	return (connect_to(listener, false));
}

int
start_refused_connect(int listener)
{
	return (connect_to(listener, true));
}

static void
open_tcp(int fds[2])
{
	const int listener = open_listener(), on = 1;
	int i;

	fds[0] = start_connect(listener);
	await_input(listener);
	fds[1] = accept(listener, NULL, NULL);
	if (fds[1] == -1)
		bail_out("accept");
	(void)close(listener);
	await_output(fds[0]);	/* until the connect has ended here too */
	for (i = 0; i < 2; i++)
		(void)setsockopt(fds[i], IPPROTO_TCP, TCP_NODELAY, &on,
		    sizeof(on));
}

void
open_pair(enum kind kind, int fds[2])
{
	int i;

	if (kind == TCP)
		open_tcp(fds);
	else if (kind == UNIX ? socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == -1 :
	    pipe(fds) == -1)
		bail_out("a pair of descriptors");
	for (i = 0; i < 2; i++)
		set_flags(fds[i]);
}

void
close_pair(const int fds[2])
{
	(void)close(fds[0]);
	(void)close(fds[1]);
}

int
move_up(int fd, int lowest)
{
	const int moved = fcntl(fd, F_DUPFD_CLOEXEC, lowest);

	if (moved == -1)
		bail_out("fcntl(F_DUPFD_CLOEXEC)");
	(void)close(fd);
	return (moved);
}

void
put_bytes(int fd, size_t count)
{
	for (; count > 0; count--)
		if (write(fd, "x", 1) != 1)
			bail_out("write");
}

void
take_bytes(int fd, size_t count)
{
	char byte;

	for (; count > 0; count--)
		if (read(fd, &byte, 1) != 1)
			bail_out("read");
}

void
fill(int fd)
{
	static const char bytes[65536];
	ssize_t n;

	do {
		n = write(fd, bytes, sizeof(bytes));
	} while (n > 0);
	/* the last few bytes, for which the large write had no room */
	do {
		n = write(fd, bytes, 1);
	} while (n > 0);
	if (errno != EAGAIN)
		bail_out("write");
}

void
drain(int fd)
{
	static char bytes[65536];
	ssize_t n;

	do {
		n = read(fd, bytes, sizeof(bytes));
	} while (n > 0);
}

void
reset(int fd)
{
	const struct linger at_once = { .l_onoff = 1 };

	if (setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once,
	    sizeof(at_once)) == -1)
		bail_out("setsockopt(SO_LINGER)");
	(void)close(fd);
}

static void
await(int fd, short events)
{
	struct pollfd entry = { .fd = fd, .events = events };

	while (poll(&entry, 1, -1) != 1)
		if (errno != EINTR)
			bail_out("poll");
}

void
await_input(int fd)
{
	await(fd, POLLIN);
}

void
await_output(int fd)
{
	await(fd, POLLOUT);
}

void
await_failure(int fd)
{
	await(fd, POLLIN);	/* NetBSD's poll(2) waits for no failure alone */
}

int
count_open(void)
{
	struct rlimit limit;
	int fd, count = 0;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		bail_out("getrlimit");
	for (fd = 0; fd < 65536 && (rlim_t)fd < limit.rlim_cur; fd++)
		if (fcntl(fd, F_GETFD) != -1)
			count++;
	return (count);
}

void
none_left_open(int before, const char *name)
{
	if (kqueue_is_emulated())
		skip("libkqueue closes its own later", "%s", name);
	else
		is(count_open(), before, "%s", name);
}

void
see(struct mux_loop *loop, int fd, unsigned events, void *arg)
{
	struct seen *seen = arg;

	(void)loop;
	seen->calls++;
	seen->fd = fd;
	seen->events = events;
}

unsigned
ring(struct mux_loop *loop, struct seen *seen)
{
	int calls;

	do {
		calls = mux_loop_once(loop, -1);
	} while (calls == 0);
	if (calls == -1)
		bail_out("mux_loop_once");
	return (seen->events);
}

bool
quiet(struct mux_loop *loop)
{
	return (mux_loop_once(loop, 0) == 0);
}
