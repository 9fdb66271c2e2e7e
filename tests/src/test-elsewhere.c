/* SPDX-License-Identifier: ISC */

/* test-elsewhere.c - answers of other systems than Linux, given here. */

#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/socket.h"
#include "control/bind.h"
#include "control/succession.h"
#include "refusals.h"
#include "refuse.h"
#include "tap.h"

/* macOS and older OpenBSD have no SO_ACCEPTCONN: the second that is asked. */
static void
test_takes_over(void)
{
	const int fd = socket(AF_INET, SOCK_STREAM, 0);
	char bytes[64], variable[16];
	struct succession succession;
	int fds[2], length;

	if (fd == -1 || listen(fd, 5) == -1 ||
	    socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == -1)
		bail_out("a listener");
	length = snprintf(bytes, sizeof(bytes), "listen %d *:80", fd) + 1;
	if (write(fds[1], bytes, (size_t)length) != length ||
	    shutdown(fds[1], SHUT_WR) == -1)
		bail_out("a record");
	(void)snprintf(variable, sizeof(variable), "%d", fds[0]);
	(void)setenv(SUCCESSION_VARIABLE, variable, 1);
	refuse(CALL_getsockopt, 2, ENOPROTOOPT);
	is(succession_open(&succession), STATUS_OK, "a listener is taken over");
	is(refuse_end(), 1, "that does not tell that it is one");
	is((long long)succession.sockets.count, 1, "it is there");
	succession_close(&succession);
	(void)close(fd);
	(void)close(fds[1]);
}

/*
 * A socket of streams that is full, or does not listen yet, refuses a stream
 * elsewhere, just as one that nobody has.
 */
static void
test_unix(void)
{
	char directory[] = "/tmp/mux-elsewhere-XXXXXX", path[64];
	const struct tuning none = { .congestion = NULL };
	struct bind_refusal refusal;
	int fd, second;

	if (mkdtemp(directory) == NULL)
		bail_out("no directory");
	(void)snprintf(path, sizeof(path), "%s/socket", directory);
	ok(socket_is_served_unix(path), "what is not there is not dead");
	fd = socket_open(AF_UNIX);
	if (fd == -1 || socket_bind_unix(fd, path) == -1)
		bail_out(path);
	second = socket_open(AF_UNIX);
	fails(socket_connect_unix(second, path) == -1, ECONNREFUSED,
	    "a stream is refused");
	ok(socket_is_served_unix(path), "but somebody has it");
	socket_close(second);
	fails(bind_path(path, &none, &refusal) == -1, EADDRINUSE,
	    "and it is left alone");
	ok(access(path, F_OK) == 0, "its file is");
	socket_close(fd);
	ok(!socket_is_served_unix(path), "nobody has it any more");
	second = bind_path(path, &none, &refusal);
	ok(second != -1, "its place is taken");
	socket_close(second);
	(void)unlink(path);
	is(rmdir(directory), 0, "nothing is left over");
}

void
test_elsewhere(void)
{
	test_takes_over();
	test_unix();
}
