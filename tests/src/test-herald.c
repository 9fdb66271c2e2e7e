/* SPDX-License-Identifier: ISC */

/* test-herald.c - a service manager that has no room, and then has. */

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/socket.h"
#include "control/herald.h"
#include "tap.h"
#include "units.h"

#define TURNS_MAX	50
#define TURN_MS		100

static struct sockaddr_un place = { .sun_family = AF_UNIX };
static const char *status;

static void
tell_status(void *arg, char *out, size_t size)
{
	(void)arg;
	(void)snprintf(out, size, "%s", status);
}

static size_t
nobody_is_stuck(void *arg)
{
	(void)arg;
	return (0);
}

static int
open_peer(char *directory)
{
	const int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	if (fd == -1 || mkdtemp(directory) == NULL)
		bail_out("no socket");
	(void)snprintf(place.sun_path, sizeof(place.sun_path), "%s/notify",
	    directory);
	if (bind(fd, (struct sockaddr *)&place, sizeof(place)) == -1 ||
	    fcntl(fd, F_SETFL, O_NONBLOCK) == -1 ||
	    setenv("NOTIFY_SOCKET", place.sun_path, 1) == -1)
		bail_out("no peer");
	return (fd);
}

/* Until there is no room. */
static void
fill(void)
{
	const int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	if (fd == -1 || fcntl(fd, F_SETFL, O_NONBLOCK) == -1)
		bail_out("no sender");
	while (sendto(fd, "x", 1, 0, (struct sockaddr *)&place,
	    sizeof(place)) == 1)
		continue;
	socket_close(fd);
}

/* All that has come, and whether that is in it. */
static bool
has_told(int peer, const char *text)
{
	char message[512];
	bool has = false;
	ssize_t n;

	while ((n = recv(peer, message, sizeof(message) - 1, 0)) > 0) {
		message[n] = '\0';
		has = has || strstr(message, text) != NULL;
	}
	return (has);
}

static bool
comes(struct mux_loop *loop, int peer, const char *text)
{
	unsigned turns;

	for (turns = 0; turns < TURNS_MAX; turns++) {
		if (has_told(peer, text))
			return (true);
		(void)mux_loop_once(loop, TURN_MS);
	}
	return (false);
}

void
test_herald(void)
{
	char directory[] = "/tmp/mux-herald-XXXXXX";
	const int peer = open_peer(directory);
	struct mux_loop *const loop = mux_loop_create();
	struct log *const log = log_create(SEVERITY_INFO, -1);
	struct herald herald;

	if (loop == NULL || log == NULL)
		bail_out("no loop");
	fill();
	status = "serves";
	herald_open(&herald);
	is(herald_begin(&herald, loop, log, tell_status, nobody_is_stuck,
	    NULL), 0, "begins");
	(void)mux_loop_once(loop, 2 * TURN_MS);
	ok(!has_told(peer, "READY=1"), "nothing is told without room");
	ok(comes(loop, peer, "READY=1"), "it is when there is some");
	fill();
	status = "leaves";
	herald_stopping(&herald);
	ok(!has_told(peer, "STOPPING=1"), "likewise of the end");
	status = "leaves soon";
	ok(comes(loop, peer, "EXTEND_TIMEOUT_USEC="), "and that it takes time");
	herald_end(&herald);
	herald_close(&herald);
	log_destroy(log);
	mux_loop_destroy(loop);
	socket_close(peer);
	(void)unsetenv("NOTIFY_SOCKET");
	(void)unlink(place.sun_path);
	(void)rmdir(directory);
}
