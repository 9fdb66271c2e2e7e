/* SPDX-License-Identifier: ISC */

/* test-socket.c - sockets that cannot be had, or do not say how they are. */

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/socket.h"
#include "base/target.h"
#include "refusals.h"
#include "refuse.h"
#include "tap.h"

/* What is said of the outcome when that call fails. */
static int
outcome(int fd, enum call call, int error)
{
	int result;

	refuse(call, 1, error);
	result = socket_connect_result(fd);
	(void)refuse_end();
	return (result);
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
	is(socket_connect_result(-1), EBADF, "no outcome of no socket");
	is(socket_unacked_bytes(-1), 0, "no bytes of no socket");

	refuse(CALL_socketpair, 1, EMFILE);
	fails(socket_pair(fds) == -1, EMFILE, "no pair");
	(void)refuse_end();
	if (socket_pair(fds) == -1)
		bail_out("no pair");
	is(socket_connect_result(fds[0]), 0, "a pair is connected");
	is(outcome(fds[0], CALL_getpeername, ENOTCONN), EINPROGRESS,
	    "nobody is there yet");
	is(outcome(fds[0], CALL_getpeername, ENOBUFS), ENOBUFS,
	    "who is there is not known");
	is(outcome(fds[0], CALL_getsockname, ENOBUFS), 0,
	    "who we are is not known");
	is(outcome(fds[0], CALL_getsockopt, ENOBUFS), ENOBUFS,
	    "how it went is not known");
	socket_close(fds[0]);
	socket_close(fds[1]);
}
