/* SPDX-License-Identifier: ISC */

/*
 * connect.c - one connection to whichever upstream of a pool can be reached.
 *
 *	        +--------- next upstream <---------+
 *	        v                                  | lost, or time is up
 *	    ASKING --- answered, or late ---> RACING --- won -----------+
 *	        |                                  | no upstream left   |
 *	        +-- no address: next upstream      v                    v
 *	                                       FINISHED -> fn, in a later turn
 *
 * ASKING: is_waiting is set.  RACING: see race.h; a UNIX socket or a built-in
 * service is there at once, or again_ms says when to try anew.  FINISHED:
 * is_finished is set; whoever was called by the loop tells, and after
 * connect_start() the timer, with no delay.
 */

#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>

#include "base/socket.h"
#include "base/text.h"
#include "upstream/connect.h"

/* After this, addresses that may be out of date are better than none. */
#define STALE_DELAY_MS	250

static void try_upstream(struct connect *connect);
static race_fn on_race;

static struct upstream *
current(const struct connect *connect)
{
	return (&connect->pool->upstreams[(connect->first + connect->tried) %
	    connect->pool->count]);
}

static uint64_t
now_ms(const struct connect *connect)
{
	return (mux_loop_now_ms(connect->loop));
}

/* Drops all that belongs to the upstream being tried. */
static void
leave_upstream(struct connect *connect)
{
	upstream_forget(current(connect), connect);
	race_end(&connect->race);
	connect->again_ms = 0;
	connect->shortage = 0;
}

static void
connect_free(struct connect *connect)
{
	if (connect->pool != NULL)
		leave_upstream(connect);
	mux_timer_destroy(connect->timer);
	free(connect);
}

void
connect_cancel(struct connect *connect)
{
	if (connect == NULL)
		return;
	if (connect->result.fd != -1) {
		socket_reset_on_close(connect->result.fd);
		socket_close(connect->result.fd);
	}
	connect_free(connect);
}

static void
finish(struct connect *connect, enum connect_status status, int fd)
{
	connect->result.status = status;
	connect->result.fd = fd;
	connect->is_finished = true;
}

static void
established(struct connect *connect, int fd)
{
	upstream_report(current(connect), NULL);
	finish(connect, CONNECT_ESTABLISHED, fd);
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
give_up_for(struct connect *connect, int error)
{
	give_up(connect, error == ECONNREFUSED ? CONNECT_REFUSED :
	    error == ETIMEDOUT ? CONNECT_TIMED_OUT : CONNECT_FAILED,
	    text_error(error));
}

static void
take_race(struct connect *connect, enum race_status status)
{
	if (connect->race.untuned != NULL)
		upstream_report_untuned(current(connect),
		    connect->race.untuned, connect->race.untuned_error);
	connect->race.untuned = NULL;
	connect->result.address = connect->race.address;
	if (status == RACE_WON)
		established(connect, connect->race.fd);
	else if (status == RACE_LOST)
		give_up_for(connect, connect->race.error);
}

/* Which of an upstream's ports; one that has a single port has no other. */
static uint16_t
port_offset(const struct connect *connect)
{
	return (current(connect)->target->ports > 1 ? connect->port_offset : 0);
}

/* The names are known: a race among the addresses. */
static void
try_addresses(struct connect *connect)
{
	const struct race_start start = {
		.addresses = current(connect)->addresses,
		.rules = &connect->pool->common->rules,
		.port_offset = port_offset(connect),
		.fn = on_race,
		.arg = connect,
	};

	connect->again_ms = 0;
	connect->shortage = 0;
	if (race_begin(&connect->race, connect->loop, &start) == 0) {
		take_race(connect, race_step(&connect->race));
	} else {
		connect->shortage = errno;
		connect->again_ms = now_ms(connect) + RACE_RETRY_MS;
	}
}

/* The look-up has ended, or has taken too long while old answers are there. */
static void
stop_asking(struct connect *connect)
{
	struct upstream *upstream = current(connect);

	if (upstream->addresses != NULL)
		try_addresses(connect);
	else
		give_up(connect, CONNECT_UNRESOLVED,
		    gai_strerror(upstream->lookup_error));
}

/* At least half of the time is for connecting. */
static uint64_t
stale_delay_ms(const struct connect *connect)
{
	const uint64_t half_ms =
	    connect->pool->common->rules.connect_timeout_ms / 2;

	return (half_ms < STALE_DELAY_MS ? half_ms : STALE_DELAY_MS);
}

static void
try_name(struct connect *connect)
{
	struct upstream *upstream = current(connect);

	switch (upstream_names(upstream, connect)) {
	case NAMES_KNOWN:
	case NAMES_FAILED:
		stop_asking(connect);
		break;
	case NAMES_ASKED:
		if (upstream->addresses != NULL)
			connect->again_ms = now_ms(connect) +
			    stale_delay_ms(connect);
		break;
	}
}

static int
open_local(struct connect *connect, const struct target *target)
{
	int fd;

	if (target->kind == TARGET_BUILTIN)
		return (builtin_open(&connect->pool->builtins,
		    target->service));
	fd = socket_open(AF_UNIX);
	if (fd == -1 || socket_connect_unix(fd, target->path) == 0)
		return (fd);
	socket_close(fd);
	return (-1);
}

/*
 * A UNIX socket or a built-in service.  EAGAIN is a full backlog, of which
 * nothing tells when it has room; see connect(2).
 */
static void
try_local(struct connect *connect)
{
	int fd;

	connect->again_ms = 0;
	connect->result.address.sa.sa_family = AF_UNIX;
	fd = open_local(connect, current(connect)->target);
	if (fd != -1) {
		established(connect, fd);
	} else if (race_is_shortage(errno) || errno == EAGAIN ||
	    errno == EINTR) {
		connect->shortage = errno;
		connect->again_ms = now_ms(connect) + RACE_RETRY_MS;
	} else
		give_up_for(connect, errno);
}

static void
try_upstream(struct connect *connect)
{
	connect->result.upstream = current(connect);
	connect->result.tried = connect->tried + 1;
	connect->result.address.sa.sa_family = AF_UNSPEC;
	connect->limit_ms = now_ms(connect) +
	    connect->pool->common->rules.connect_timeout_ms;
	if (current(connect)->target->kind == TARGET_INET)
		try_name(connect);
	else
		try_local(connect);
}

/* The upstream's time is up. */
static void
give_up_late(struct connect *connect)
{
	if (connect->is_waiting)
		give_up(connect, CONNECT_UNRESOLVED,
		    "the name look-up takes too long");
	else if (connect->shortage != 0)
		give_up_for(connect, connect->shortage);
	else if (connect->race.open == 0)
		give_up_for(connect, connect->race.error);
	else
		give_up_for(connect, ETIMEDOUT);
}

/* When something is to be done though nothing happens. */
static uint64_t
due_ms(const struct connect *connect)
{
	uint64_t due = connect->limit_ms;

	if (connect->again_ms != 0 && connect->again_ms < due)
		due = connect->again_ms;
	if (connect->race.next_ms != 0 && connect->race.next_ms < due)
		due = connect->race.next_ms;
	return (connect->is_finished ? 0 : due);
}

static void
arm_timer(struct connect *connect)
{
	const uint64_t due = due_ms(connect), now = now_ms(connect);

	mux_timer_start(connect->timer, due > now ? due - now : 0);
}

/* The last thing that a callback of the loop does with a connect. */
static void
settle(struct connect *connect)
{
	const struct connect_result result = connect->result;
	connect_fn *fn = connect->fn;
	void *arg = connect->arg;

	if (!connect->is_finished) {
		arm_timer(connect);
		return;
	}
	connect_free(connect);
	fn(&result, arg);
}

static void
on_race(struct race *race, enum race_status status, void *arg)
{
	struct connect *connect = arg;

	(void)race;
	take_race(connect, status);
	settle(connect);
}

void
connect_resolved(struct connect *connect)
{
	stop_asking(connect);
	settle(connect);
}

static void
on_timer(struct mux_timer *timer, void *arg)
{
	struct connect *connect = arg;

	(void)timer;
	if (!connect->is_finished && now_ms(connect) >= due_ms(connect)) {
		if (now_ms(connect) >= connect->limit_ms) {
			give_up_late(connect);
		} else if (connect->is_waiting) {
			upstream_forget(current(connect), connect);
			stop_asking(connect);
		} else if (connect->again_ms == 0) {
			take_race(connect, race_step(&connect->race));
		} else if (current(connect)->target->kind == TARGET_INET) {
			try_addresses(connect);
		} else
			try_local(connect);
	}
	settle(connect);
}

struct connect *
connect_create(struct mux_loop *loop, connect_fn *fn, void *arg)
{
	struct connect *connect;

	connect = calloc(1, sizeof(*connect));
	if (connect == NULL)
		return (NULL);
	connect->timer = mux_timer_create(loop, on_timer, connect);
	if (connect->timer == NULL) {
		free(connect);
		return (NULL);
	}
	connect->loop = loop;
	connect->fn = fn;
	connect->arg = arg;
	connect->result.fd = -1;
	return (connect);
}

void
connect_start(struct connect *connect, struct pool *pool, uint64_t turn,
    uint16_t port_offset)
{
	connect->pool = pool;
	connect->port_offset = port_offset;
	connect->first = (size_t)(turn % connect->pool->count);
	try_upstream(connect);
	arm_timer(connect);
}
