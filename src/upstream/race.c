/* SPDX-License-Identifier: ISC */

/* race.c - connecting to whichever address of one upstream answers first. */

#include <errno.h>
#include <stdlib.h>

#include "base/socket.h"
#include "upstream/pool.h"
#include "upstream/race.h"

#define ATTEMPT_DELAY_MS	250	/* RFC 8305, 8: recommended value */

bool
race_is_shortage(int error)
{
	return (error == EMFILE || error == ENFILE || error == ENOBUFS ||
	    error == ENOMEM || error == ENOSPC);
}

static void
attempt_close(struct attempt *attempt)
{
	if (attempt->fd == -1)
		return;
	mux_fd_unregister(attempt->race->loop, attempt->fd);
	/* one that is established by now is not a client that said nothing */
	socket_reset_on_close(attempt->fd);
	socket_close(attempt->fd);
	attempt->fd = -1;
	attempt->rests = false;
	attempt->race->open--;
}

/* The connected socket leaves the race. */
static enum race_status
attempt_won(struct attempt *attempt)
{
	struct race *race = attempt->race;

	race->fd = attempt->fd;
	attempt->fd = -1;
	race->open--;
	return (RACE_WON);
}

static void
set_address(struct race *race, size_t number)
{
	race->address = race->addresses->list[number];
	if (race->port_offset != 0)
		address_add_port(&race->address, race->port_offset);
}

static void
on_ready(struct mux_loop *loop, int fd, unsigned events, void *arg)
{
	struct attempt *attempt = arg;
	struct race *race = attempt->race;
	enum race_status status;
	int error;

	set_address(race, (size_t)(attempt - race->attempts));
	error = socket_connect_result(fd, &race->address);
	if (error == EINPROGRESS && (events & MUX_ERROR) != 0)
		error = ECONNREFUSED;	/* final, even if nobody says why */
	if (error == EINPROGRESS) {
		/* a hang-up that is none would be reported without end */
		attempt->rests = mux_fd_modify(loop, fd, 0) == 0;
		race->next_ms = mux_loop_now_ms(loop) + RACE_RETRY_MS;
		status = RACE_ON;
	} else if (error == 0) {
		status = attempt_won(attempt);
	} else {
		race->error = error;
		attempt_close(attempt);
		status = race_step(race);
	}
	race->fn(race, status, race->arg);
}

/* Set as the route says; -1 with errno when that cannot be done without. */
static int
tune(struct race *race, int fd, int family)
{
	const struct pool_rules *rules = race->rules;
	const char *refused;
	int result;

	result = tuning_apply(rules->tuning, fd, family, TUNING_UPSTREAM,
	    &refused);
	if (result != 0) {
		race->untuned = refused;
		race->untuned_error = errno;
	}
	return (result == -1 ? -1 : source_bind(fd, family, rules->source));
}

/* Most routes say nothing of their sockets. */
static int
open_socket(struct race *race, int family)
{
	const struct pool_rules *rules = race->rules;
	int fd;

	if (rules->is_plain)
		return (socket_open(family));
	fd = tuning_open(rules->tuning, family);
	if (fd == -1 || tune(race, fd, family) == 0)
		return (fd);
	socket_close(fd);
	return (-1);
}

/* 0, EINPROGRESS, or why the attempt could not be started. */
static int
attempt_start(struct attempt *attempt, const struct address *address)
{
	int fd, error;

	fd = open_socket(attempt->race, address->sa.sa_family);
	if (fd == -1)
		return (errno);
	error = socket_connect(fd, address) == 0 ? 0 : errno;
	/* the loopback has mostly answered, but only asking again tells */
	if (error == 0 || (error == EINPROGRESS &&
	    address_is_loopback(address)))
		error = socket_connect_result(fd, address);
	if (error == EINPROGRESS && mux_fd_register(attempt->race->loop, fd,
	    MUX_WRITE, on_ready, attempt) == -1)
		error = errno;
	if (error != 0 && error != EINPROGRESS) {
		/* it may be connected by now: nobody shall see a clean end */
		socket_reset_on_close(fd);
		socket_close(fd);
		return (error);
	}
	attempt->fd = fd;
	attempt->race->open++;
	return (error);
}

int
race_begin(struct race *race, struct mux_loop *loop,
    const struct race_start *start)
{
	struct addresses *addresses = start->addresses;
	struct attempt *attempts = &race->single;
	size_t i;

	if (addresses->count > 1)
		attempts = calloc(addresses->count, sizeof(*attempts));
	if (attempts == NULL)
		return (-1);
	*race = (struct race){ .loop = loop, .fn = start->fn,
	    .arg = start->arg, .addresses = addresses_hold(addresses),
	    .rules = start->rules, .port_offset = start->port_offset,
	    .attempts = attempts, .fd = -1 };
	for (i = 0; i < addresses->count; i++)
		attempts[i] = (struct attempt){ .race = race, .fd = -1 };
	return (0);
}

/* False when one of them has to rest on, for want of memory. */
static bool
wake_resting(struct race *race)
{
	struct attempt *attempt;
	bool all = true;
	size_t i;

	for (i = 0; i < race->started; i++) {
		attempt = &race->attempts[i];
		if (!attempt->rests)
			continue;
		attempt->rests = mux_fd_modify(race->loop, attempt->fd,
		    MUX_WRITE) == -1;
		all = all && !attempt->rests;
	}
	return (all);
}

/*
 * Starts one attempt: called when the last has failed, or the next is due.
 * One that fails at once is followed by the next at once.
 */
enum race_status
race_step(struct race *race)
{
	const uint64_t now_ms = mux_loop_now_ms(race->loop);
	struct attempt *attempt;
	bool all_awake;
	int error;

	all_awake = wake_resting(race);
	while (race->started < race->addresses->count) {
		attempt = &race->attempts[race->started];
		set_address(race, race->started);
		error = attempt_start(attempt, &race->address);
		if (race_is_shortage(error)) {
			race->error = error;
			race->next_ms = now_ms + RACE_RETRY_MS;
			return (RACE_ON);
		}
		race->started++;
		if (error == 0)
			return (attempt_won(attempt));
		if (error == EINPROGRESS) {
			race->next_ms = !all_awake ? now_ms + RACE_RETRY_MS :
			    race->started < race->addresses->count ?
			    now_ms + ATTEMPT_DELAY_MS : 0;
			return (RACE_ON);
		}
		race->error = error;
	}
	race->next_ms = all_awake ? 0 : now_ms + RACE_RETRY_MS;
	return (race->open > 0 ? RACE_ON : RACE_LOST);
}

void
race_end(struct race *race)
{
	size_t i;

	for (i = 0; i < race->started; i++)
		attempt_close(&race->attempts[i]);
	if (race->attempts != &race->single)
		free(race->attempts);
	addresses_release(race->addresses);
	race->attempts = NULL;
	race->addresses = NULL;
	race->started = 0;
	race->next_ms = 0;
}
