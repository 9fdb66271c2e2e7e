/* SPDX-License-Identifier: ISC */

/* heir.c - the process that is to take over, as this one talks to it. */

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "control/heir.h"
#include "control/spawn.h"

#define ANSWER_MAX	(1024 * 1024)
#define LOOK_MS		100	/* whether it was given up */

static const char ended_early[] = "it ended before it served";

/*
 * NULL when the other end is ready for that, or what keeps us from waiting on.
 * Who gives the upgrade up is waited for by the main thread, hence the looks.
 */
static const char *
wait_for(const struct heir *heir, short events)
{
	struct pollfd entry = { .fd = heir->fd, .events = events };

	for (;;) {
		if (atomic_load(heir->is_given_up))
			return ("given up, since this process is to end");
		if (clock_now_ms() >= heir->end_ms)
			return ("it does not serve in time");
		if (poll(&entry, 1, LOOK_MS) > 0)
			return (NULL);
	}
}

/* Who is still there waits for the rest, and is not to be waited for. */
static const char *
cannot_say(void)
{
	return (errno == EPIPE || errno == ECONNRESET || errno == ENOTCONN ?
	    ended_early : text_error(errno));
}

static const char *
send_all(const struct heir *heir, const char *bytes, size_t length)
{
	const char *problem;
	size_t sent = 0;
	ssize_t n;

	while (sent < length) {
		problem = wait_for(heir, POLLOUT);
		if (problem != NULL)
			return (problem);
		n = send(heir->fd, bytes + sent, length - sent,
		    MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n == -1 && errno != EINTR && errno != EAGAIN)
			return (cannot_say());
		sent += n > 0 ? (size_t)n : 0;
	}
	if (shutdown(heir->fd, SHUT_WR) == 0)
		return (NULL);
	return (cannot_say());
}

/* All that it says, to its end. */
static const char *
read_answer(const struct heir *heir, struct handover_answer *answer)
{
	static char bytes[ANSWER_MAX];
	const char *problem;
	size_t used = 0;
	ssize_t n = 1;

	while (n != 0) {
		problem = wait_for(heir, POLLIN);
		if (problem != NULL)
			return (problem);
		n = read(heir->fd, bytes + used, sizeof(bytes) - used);
		if (n == -1 && errno != EINTR)
			return (ended_early);
		used += n > 0 ? (size_t)n : 0;
	}
	return (used == 0 ? ended_early :
	    handover_parse_answer(answer, bytes, used));
}

/* With how it ended: its own words went to the standard error. */
static const char *
describe_end(struct heir *heir, int status)
{
	const size_t size = sizeof(heir->end);

	if (WIFEXITED(status) && WEXITSTATUS(status) == SPAWN_NOT_EXECUTED)
		return ("it cannot be executed");
	if (WIFEXITED(status))
		(void)snprintf(heir->end, size, "it ended with status %d "
		    "before it served", WEXITSTATUS(status));
	else
		(void)snprintf(heir->end, size, "it was ended by signal %d "
		    "before it served", WTERMSIG(status));
	return (heir->end);
}

const char *
heir_talk(struct heir *heir, const char *bytes, size_t length,
    struct handover_answer *answer)
{
	const char *problem;
	int status;

	heir->end_ms = clock_now_ms() + heir->patience_ms;
	problem = send_all(heir, bytes, length);
	if (problem == NULL || problem == ended_early)
		problem = read_answer(heir, answer);
	if (problem == NULL) {
		waiter_leave(&heir->waiter);
		return (NULL);
	}
	/* by its status it is known what has ended it */
	status = waiter_end(&heir->waiter, problem == ended_early);
	return (problem == ended_early ? describe_end(heir, status) : problem);
}
