/* SPDX-License-Identifier: ISC */

/* test-service.c - the service manager, when the system says no. */

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/socket.h"
#include "control/activation.h"
#include "control/herald.h"
#include "refusals.h"
#include "refuse.h"
#include "tap.h"

static const char *
parse(struct activation *activation)
{
	return (activation_parse(activation, "2", "7", "a:b", 7));
}

/* Two listening sockets, not at their places but as good as there. */
static void
test_passed(void)
{
	struct activation activation;
	int *fds = NULL, lowest;
	size_t count = 0;

	refuse(CALL_calloc, 1, ENOMEM);
	ok(parse(&activation) != NULL && activation.list == NULL,
	    "no memory for sockets");
	(void)refuse_end();
	refuse(CALL_strdup, 1, ENOMEM);
	ok(parse(&activation) != NULL && activation.list == NULL,
	    "nor for their names");
	(void)refuse_end();
	ok(parse(&activation) == NULL, "with memory there are two");
	activation.list[0].fd = socket_open(AF_UNIX);
	activation.list[1].fd = socket_open(AF_UNIX);
	activation.list[1].name = activation.list[0].name;
	lowest = dup(0);
	(void)close(lowest);
	refuse(CALL_calloc, 1, ENOMEM);
	ok(activation_take(&activation, "a", &fds, &count) != NULL &&
	    count == 0 && fds == NULL, "no memory to take them");
	(void)refuse_end();
	refuse(CALL_fcntl, 2, EMFILE);
	ok(activation_take(&activation, "a", &fds, &count) != NULL &&
	    count == 0 && fds == NULL, "no descriptor for one of them");
	(void)refuse_end();
	is(dup(0), lowest, "none of them is left open");
	(void)close(lowest);
	ok(activation_left(&activation, NULL) == 2, "and none is taken");
	activation_close(&activation);
}

static void
test_notified(void)
{
	static const enum call calls[] = { CALL_socket, CALL_fcntl,
	    CALL_connect };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct notify notify;
	size_t i;
	int fd;

	(void)snprintf(address.sun_path, sizeof(address.sun_path),
	    "/tmp/muxservice-%ld", (long)getpid());
	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) == -1)
		bail_out("no socket for a manager");
	(void)setenv("NOTIFY_SOCKET", address.sun_path, 1);
	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		refuse(calls[i], 1, EACCES);
		ok(notify_open(&notify) != NULL && !notify_is_open(&notify),
		    "nobody is told without %s", call_name(calls[i]));
		(void)refuse_end();
	}
	(void)unsetenv("NOTIFY_SOCKET");
	(void)unlink(address.sun_path);
	(void)close(fd);
}

static char words[] = "a";

static void
status(void *arg, char *out, size_t size)
{
	(void)snprintf(out, size, "%s", (const char *)arg);
}

static size_t
look(void *arg)
{
	(void)arg;
	return (0);
}

static void
test_no_timers(struct mux_loop *loop, int fd)
{
	struct herald herald = { .notify = { .fd = fd, .watchdog_us = 1000 } };
	unsigned n;
	int result;

	for (n = 1; n < 100; n++) {
		refuse(CALL_calloc, n, ENOMEM);
		refuse(CALL_malloc, n, ENOMEM);
		result = herald_begin(&herald, loop, NULL, status, look, words);
		if (refuse_end() == 0)
			break;
		if (result == 0 || herald.timer != NULL ||
		    herald.watchdog.timer != NULL)
			bail_out("a herald without memory");
	}
	ok(n > 2 && n < 100 && result == 0, "no memory, %u times", n - 1);
	herald_end(&herald);
}

/* A manager that takes nothing more gets the last state when it does. */
static void
test_owed(struct mux_loop *loop, int fd, int manager)
{
	struct herald herald = { .notify = { .fd = fd } };
	char text[1024] = "";
	int reads = 0;

	while (send(fd, "x", 1, 0) == 1)
		continue;
	if (herald_begin(&herald, loop, NULL, status, look, words) == -1)
		bail_out("no herald");
	(void)mux_loop_once(loop, 1000);
	while (recv(manager, text, sizeof(text), 0) == 1)
		continue;
	is(errno, EAGAIN, "nothing was told while there was no room");
	while (reads++ < 100 && recv(manager, text, sizeof(text) - 1, 0) == -1)
		(void)mux_loop_once(loop, 1000);
	ok(strcmp(text, "READY=1") == 0, "it is as soon as there is");
	herald_reloading(&herald);
	herald_reloaded(&herald);
	herald_stopping(&herald);
	herald_reloaded(&herald);
	memset(text, 0, sizeof(text));
	while (recv(manager, text, sizeof(text) - 1, 0) > 0 &&
	    strncmp(text, "STOPPING=1\nSTATUS=a", 19) != 0)
		memset(text, 0, sizeof(text));
	ok(strncmp(text, "STOPPING=1", 10) == 0 &&
	    recv(manager, text, sizeof(text), 0) > 0 &&
	    strncmp(text, "EXTEND_TIMEOUT_USEC=15000000", 28) == 0 &&
	    recv(manager, text, sizeof(text), 0) == -1,
	    "who stops does not get ready again");
	herald_end(&herald);
}

void
test_service(void)
{
	struct mux_loop *loop;
	int fds[2];

	test_passed();
	test_notified();
	loop = mux_loop_create();
	if (loop == NULL || socketpair(AF_UNIX, SOCK_DGRAM, 0, fds) == -1 ||
	    fcntl(fds[0], F_SETFL, O_NONBLOCK) == -1 ||
	    fcntl(fds[1], F_SETFL, O_NONBLOCK) == -1)
		bail_out("no loop");
	test_no_timers(loop, fds[0]);
	while (recv(fds[1], &(char){ 0 }, 1, 0) > 0)
		continue;
	test_owed(loop, fds[0], fds[1]);
	(void)close(fds[0]);
	(void)close(fds[1]);
	mux_loop_destroy(loop);
}
