/* SPDX-License-Identifier: ISC */

/* test-socket.c - sockets that cannot be had, or do not say how they are. */

#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/socket.h"
#include "base/target.h"
#include "refusals.h"
#include "refuse.h"
#include "tap.h"

static struct address address;	/* that is connected to */

/* What is said of the outcome when that call fails. */
static int
outcome(int fd, enum call call, int error)
{
	int result;

	refuse(call, 1, error);
	result = socket_connect_result(fd, &address);
	(void)refuse_end();
	return (result);
}

/* A socket that is connected to a listener. */
static int
connect_to(int *listener_fd)
{
	struct sockaddr_storage storage;
	socklen_t length = sizeof(storage);
	struct pollfd entry = { .events = POLLOUT };

	*listener_fd = socket_open(AF_INET);
	if (!address_parse(&address, "127.0.0.1", 0) ||
	    bind(*listener_fd, &address.sa, address_length(&address)) == -1 ||
	    listen(*listener_fd, 1) == -1 ||
	    getsockname(*listener_fd, (struct sockaddr *)&storage,
	    &length) == -1 ||
	    !address_set(&address, (struct sockaddr *)&storage, length))
		bail_out("a listener");
	entry.fd = socket_open(AF_INET);
	(void)socket_connect(entry.fd, &address);
	if (poll(&entry, 1, -1) != 1)
		bail_out("a connection");
	return (entry.fd);
}

static void
test_outcome(void)
{
	int listener_fd;
	const int fd = connect_to(&listener_fd);

	is(outcome(fd, CALL_connect, EALREADY), EINPROGRESS,
	    "it is not there yet");
	is(outcome(fd, CALL_connect, EINTR), EINPROGRESS, "nor is it known");
	is(outcome(fd, CALL_connect, ETIMEDOUT), ETIMEDOUT, "it has failed");
	is(socket_connect_result(fd, &address), 0, "it is connected");
	is(socket_connect_result(fd, &address), 0, "and stays so");
	is(outcome(fd, CALL_getsockname, ENOBUFS), 0, "who we are is not known");
	socket_close(fd);
	socket_close(listener_fd);
}

void
test_socket(void)
{
	char path[TARGET_PATH_MAX + 2];
	int fds[2] = { -1, -1 };

	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	fails(socket_connect_unix(-1, path) == -1, ENAMETOOLONG,
	    "connecting to a long path");
	fails(socket_bind_unix(-1, path) == -1, ENAMETOOLONG,
	    "binding to a long path");
	is(socket_take_error(-1), EBADF, "no error of no socket");
	is(socket_connect_result(-1, &address), EBADF, "no outcome of no socket");
	is(socket_unacked_bytes(-1), 0, "no bytes of no socket");

	refuse(CALL_socketpair, 1, EMFILE);
	fails(socket_pair(fds) == -1, EMFILE, "no pair");
	(void)refuse_end();
	if (socket_pair(fds) == -1)
		bail_out("no pair");
	socket_close(fds[0]);
	socket_close(fds[1]);
	test_outcome();
}
