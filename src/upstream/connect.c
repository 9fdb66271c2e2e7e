/* SPDX-License-Identifier: ISC */

/*
 * connect.c - one connection to whichever upstream of a pool can be reached.
 *
 *	        +--------- next upstream <---------+
 *	        v                                  | all failed, or time is up
 *	    ASKING --- answered, or late ---> RACING --- established ---+
 *	        |                                  | no upstream left   |
 *	        +-- no address: next upstream      v                    v
 *	                                       FINISHED -> fn, in a later turn
 *
 * ASKING: is_waiting is set.  RACING: attempts are open, or one is due at
 * next_ms.  FINISHED: is_finished is set; the timer tells it with no delay.
 * One timer serves the limit of the upstream and the next attempt.
 *
 * Running out of descriptors or memory, and a full backlog of a UNIX socket,
 * are no failures of the upstream: the same attempt is made again after
 * RETRY_MS, until the limit.
 */

#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "base/socket.h"
#include "upstream/connect.h"

#define ATTEMPT_DELAY_MS	250	/* RFC 8305, 8: recommended value */
#define STALE_DELAY_MS		250	/* then old addresses beat no answer */
#define RETRY_MS		50

static void try_upstream(struct connect *connect);
static void start_attempts(struct connect *connect);

static struct upstream *
current(const struct connect *connect)
{
	return (&connect->pool->upstreams[(connect->first + connect->tried) %
	    connect->pool->count]);
}

static void
arm_timer(struct connect *connect)
{
	const uint64_t now_ms = mux_loop_now_ms(connect->pool->loop);
	uint64_t due_ms = connect->limit_ms;

	if (connect->next_ms != 0 && connect->next_ms < due_ms)
		due_ms = connect->next_ms;
	mux_timer_start(connect->timer, due_ms > now_ms ? due_ms - now_ms : 0);
}

static void
start_next_in(struct connect *connect, uint64_t delay_ms)
{
	connect->next_ms = mux_loop_now_ms(connect->pool->loop) + delay_ms;
}

static void
attempt_close(struct attempt *attempt)
{
	if (attempt->fd == -1)
		return;
	mux_fd_unregister(attempt->connect->pool->loop, attempt->fd);
	socket_close(attempt->fd);
	attempt->fd = -1;
	attempt->connect->open--;
}

/* Drops all that belongs to the upstream being tried. */
static void
leave_upstream(struct connect *connect)
{
	size_t i;

	upstream_forget(current(connect), connect);
	for (i = 0; i < connect->started; i++)
		attempt_close(&connect->attempts[i]);
	free(connect->attempts);
	connect->attempts = NULL;
	addresses_release(connect->addresses);
	connect->addresses = NULL;
	connect->started = 0;
	connect->next_ms = 0;
}

static void
connect_free(struct connect *connect)
{
	leave_upstream(connect);
	mux_timer_destroy(connect->timer);
	free(connect);
}

void
connect_cancel(struct connect *connect)
{
	if (connect == NULL)
		return;
	if (connect->result.fd != -1)
		socket_close(connect->result.fd);
	connect_free(connect);
}

static void
finish(struct connect *connect, enum connect_status status, int fd)
{
	connect->result.status = status;
	connect->result.fd = fd;
	connect->is_finished = true;
}

/* The last thing that a callback of the loop does with a connect. */
static void
tell_if_finished(struct connect *connect)
{
	const struct connect_result result = connect->result;
	connect_fn *fn = connect->fn;
	void *arg = connect->arg;

	if (!connect->is_finished)
		return;
	connect_free(connect);
	fn(&result, arg);
}

/* This upstream cannot be reached: on to the next, if there is one. */
static void
give_up(struct connect *connect, enum connect_status status,
    const char *failure)
{
	upstream_report(current(connect), failure);
	leave_upstream(connect);
	connect->tried++;
	if (connect->tried < connect->pool->count)
		try_upstream(connect);
	else
		finish(connect, status, -1);
}

static void
established(struct connect *connect, int fd)
{
	upstream_report(current(connect), NULL);
	leave_upstream(connect);
	finish(connect, CONNECT_ESTABLISHED, fd);
}

static enum connect_status
status_of(int error)
{
	return (error == ECONNREFUSED ? CONNECT_REFUSED :
	    error == ETIMEDOUT ? CONNECT_TIMED_OUT : CONNECT_FAILED);
}

/* One address has failed: start the next now, or note that all have. */
static void
attempt_failed(struct connect *connect, int error)
{
	if (connect->started < connect->addresses->count) {
		start_attempts(connect);
		return;
	}
	if (connect->open == 0 && connect->next_ms == 0)
		give_up(connect, status_of(error), strerror(error));
	else
		arm_timer(connect);
}

static void
on_attempt_ready(struct mux_loop *loop, int fd, unsigned events, void *arg)
{
	struct attempt *attempt = arg;
	struct connect *connect = attempt->connect;
	const size_t number = (size_t)(attempt - connect->attempts);
	int error;

	(void)events;
	connect->result.address = connect->addresses->list[number];
	error = socket_connect_result(fd, &connect->result.address);
	if (error == EINPROGRESS)
		return;
	if (error == 0) {
		mux_fd_unregister(loop, fd);
		attempt->fd = -1;
		connect->open--;
		established(connect, fd);
	} else {
		attempt_close(attempt);
		attempt_failed(connect, error);
	}
	tell_if_finished(connect);
}

static bool
is_shortage(int error)
{
	return (error == EMFILE || error == ENFILE || error == ENOBUFS ||
	    error == ENOMEM || error == ENOSPC);
}

/* Starts one attempt; 0, EINPROGRESS, or why it could not be started. */
static int
attempt_start(struct connect *connect, struct attempt *attempt,
    const struct address *address)
{
	int fd, error;

	fd = socket_open(address->sa.sa_family);
	if (fd == -1)
		return (errno);
	error = socket_connect(fd, address) == 0 ? 0 : errno;
	if (error == 0)
		error = socket_connect_result(fd, address);
	if (error == EINPROGRESS && mux_fd_register(connect->pool->loop, fd,
	    MUX_WRITE, on_attempt_ready, attempt) == -1)
		error = errno;
	if (error != 0 && error != EINPROGRESS) {
		socket_close(fd);
		return (error);
	}
	attempt->connect = connect;
	attempt->fd = fd;
	connect->open++;
	return (error);
}

/* Starts the next address, and those after it as long as they fail at once. */
static void
start_attempts(struct connect *connect)
{
	struct attempt *attempt;
	int error = 0;

	connect->next_ms = 0;
	while (connect->started < connect->addresses->count) {
		connect->result.address =
		    connect->addresses->list[connect->started];
		attempt = &connect->attempts[connect->started];
		error = attempt_start(connect, attempt,
		    &connect->result.address);
		if (is_shortage(error)) {
			connect->shortage = error;
			start_next_in(connect, RETRY_MS);
			break;
		}
		connect->started++;
		if (error == 0) {
			const int fd = attempt->fd;

			attempt->fd = -1;
			connect->open--;
			established(connect, fd);
			return;
		}
		if (error == EINPROGRESS) {
			if (connect->started < connect->addresses->count)
				start_next_in(connect, ATTEMPT_DELAY_MS);
			break;
		}
		attempt->fd = -1;
	}
	if (connect->open == 0 && connect->next_ms == 0)
		give_up(connect, status_of(error), strerror(error));
	else
		arm_timer(connect);
}

/* The names are known: one attempt for each address. */
static void
race(struct connect *connect)
{
	struct upstream *upstream = current(connect);

	connect->addresses = addresses_hold(upstream->addresses);
	connect->attempts = calloc(connect->addresses->count,
	    sizeof(*connect->attempts));
	if (connect->attempts == NULL) {
		give_up(connect, CONNECT_FAILED, strerror(ENOMEM));
		return;
	}
	start_attempts(connect);
}

/* A UNIX socket or a built-in service: there at once, or not. */
static void
try_local(struct connect *connect, const struct target *target)
{
	int fd, error;

	connect->next_ms = 0;
	connect->result.address.sa.sa_family = AF_UNIX;
	if (target->kind == TARGET_BUILTIN) {
		fd = builtin_open(&connect->pool->builtins, target->service);
	} else {
		fd = socket_open(AF_UNIX);
		if (fd != -1 && socket_connect_unix(fd, target->path) == -1) {
			socket_close(fd);
			fd = -1;
		}
	}
	error = errno;
	if (fd != -1) {
		established(connect, fd);
	} else if (is_shortage(error) || error == EAGAIN || error == EINTR) {
		connect->shortage = error;
		start_next_in(connect, RETRY_MS);
		arm_timer(connect);
	} else
		give_up(connect, status_of(error), strerror(error));
}

static void
try_upstream(struct connect *connect)
{
	struct upstream *upstream = current(connect);

	connect->result.upstream = upstream;
	connect->result.address.sa.sa_family = AF_UNSPEC;
	connect->limit_ms = mux_loop_now_ms(connect->pool->loop) +
	    connect->pool->connect_timeout_ms;
	if (upstream->target->kind != TARGET_INET) {
		try_local(connect, upstream->target);
		return;
	}
	switch (upstream_names(upstream, connect)) {
	case NAMES_KNOWN:
		race(connect);
		break;
	case NAMES_ASKED:
		if (upstream->addresses != NULL)
			start_next_in(connect, STALE_DELAY_MS);
		arm_timer(connect);
		break;
	case NAMES_FAILED:
		give_up(connect, CONNECT_UNRESOLVED,
		    gai_strerror(upstream->lookup_error));
		break;
	}
}

/* Goes on with what is known of the name by now. */
static void
stop_asking(struct connect *connect)
{
	struct upstream *upstream = current(connect);

	connect->next_ms = 0;
	if (upstream->addresses != NULL)
		race(connect);
	else
		give_up(connect, CONNECT_UNRESOLVED,
		    gai_strerror(upstream->lookup_error));
}

void
connect_resolved(struct connect *connect)
{
	stop_asking(connect);
	tell_if_finished(connect);
}

/* The upstream's time is up. */
static void
give_up_late(struct connect *connect)
{
	if (connect->is_waiting)
		give_up(connect, CONNECT_UNRESOLVED,
		    "the name look-up takes too long");
	else if (connect->open == 0)	/* waited for a descriptor or memory */
		give_up(connect, CONNECT_FAILED, strerror(connect->shortage));
	else
		give_up(connect, CONNECT_TIMED_OUT, strerror(ETIMEDOUT));
}

static void
on_timer(struct mux_timer *timer, void *arg)
{
	struct connect *connect = arg;
	const uint64_t now_ms = mux_loop_now_ms(connect->pool->loop);

	(void)timer;
	if (connect->is_finished)
		;	/* since connect_start() */
	else if (now_ms >= connect->limit_ms)
		give_up_late(connect);
	else if (connect->next_ms == 0 || now_ms < connect->next_ms)
		arm_timer(connect);
	else if (connect->is_waiting) {
		upstream_forget(current(connect), connect);
		stop_asking(connect);
	} else if (current(connect)->target->kind != TARGET_INET)
		try_local(connect, current(connect)->target);
	else
		start_attempts(connect);
	tell_if_finished(connect);
}

struct connect *
connect_start(struct pool *pool, connect_fn *fn, void *arg)
{
	struct connect *connect;

	connect = calloc(1, sizeof(*connect));
	if (connect == NULL)
		return (NULL);
	connect->timer = mux_timer_create(pool->loop, on_timer, connect);
	if (connect->timer == NULL) {
		free(connect);
		return (NULL);
	}
	connect->pool = pool;
	connect->fn = fn;
	connect->arg = arg;
	connect->result.fd = -1;
	connect->first = pool->next;
	pool->next = (pool->next + 1) % pool->count;
	try_upstream(connect);
	if (connect->is_finished)
		mux_timer_start(connect->timer, 0);
	return (connect);
}
