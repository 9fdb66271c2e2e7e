/* SPDX-License-Identifier: ISC */

/*
 * acceptor.c - the listeners of one loop, and when accepting pauses.
 *
 * Accepting is on exactly when acceptor_accepts() says so; every change of
 * what it depends on is followed by update_listeners().
 */

#include <assert.h>
#include <stdlib.h>

#include "base/logfmt.h"
#include "base/socket.h"
#include "base/units.h"
#include "relay/acceptor.h"
#include "relay/line.h"
#include "relay/listener.h"

/* A shortage may end without a session of ours ending. */
#define RESUME_MS	100

/* Those that a rate holds up are looked at again when there is something. */
static void
wait_for_rates(struct acceptor *acceptor)
{
	const uint64_t now_ms = mux_loop_now_ms(acceptor->loop);
	uint64_t least_ms = DURATION_OFF, wait_ms;
	const struct listener *listener;

	if (acceptor->off_count == 0 || !acceptor_accepts(acceptor))
		return;
	for (listener = acceptor->listeners; listener != NULL;
	    listener = listener->next) {
		if (listener->is_on)
			continue;
		wait_ms = line_wait_ms(listener->line, now_ms);
		if (wait_ms < least_ms)
			least_ms = wait_ms;
	}
	if (least_ms != DURATION_OFF)
		mux_timer_start(acceptor->rate_timer, least_ms);
}

static void
update_listeners(struct acceptor *acceptor)
{
	struct listener *listener;

	for (listener = acceptor->listeners; listener != NULL;
	    listener = listener->next)
		listener_update(listener);
	wait_for_rates(acceptor);
	pauses_look(acceptor);
}

static void
on_rate(struct mux_timer *timer, void *arg)
{
	(void)timer;
	update_listeners(arg);
}

static void
on_resume(struct mux_timer *timer, void *arg)
{
	struct acceptor *acceptor = arg;

	(void)timer;
	acceptor->is_short = false;
	update_listeners(acceptor);
}

int
acceptor_open(struct acceptor *acceptor, struct mux_loop *loop,
    struct log *log, const struct taker *taker, void *arg)
{
	*acceptor = (struct acceptor){ .loop = loop, .log = log,
	    .taker = taker, .arg = arg };
	acceptor->gate.log = log;
	acceptor->resume_timer = mux_timer_create(loop, on_resume, acceptor);
	acceptor->rate_timer = mux_timer_create(loop, on_rate, acceptor);
	if (pauses_open(acceptor) == 0 && acceptor->resume_timer != NULL &&
	    acceptor->rate_timer != NULL)
		return (0);
	acceptor_free(acceptor);
	return (-1);
}

static void
close_listeners(struct acceptor *acceptor)
{
	while (acceptor->listeners != NULL)
		acceptor_drop(acceptor, acceptor->listeners);
}

void
acceptor_free(struct acceptor *acceptor)
{
	close_listeners(acceptor);
	gate_close(&acceptor->gate);
	mux_timer_destroy(acceptor->resume_timer);
	mux_timer_destroy(acceptor->rate_timer);
	pauses_close(acceptor);
	*acceptor = (struct acceptor){ .loop = NULL };
}

static void
insert(struct listener **link, struct listener *listener)
{
	listener->next = *link;
	listener->link = link;
	if (*link != NULL)
		(*link)->link = &listener->next;
	*link = listener;
}

static void
remove_from_list(struct listener *listener)
{
	*listener->link = listener->next;
	if (listener->next != NULL)
		listener->next->link = listener->link;
}

void
acceptor_drop(struct acceptor *acceptor, struct listener *listener)
{
	(void)acceptor;
	remove_from_list(listener);
	listener_close(listener);
}

bool
acceptor_has(const struct acceptor *acceptor, int fd)
{
	const struct listener *listener = acceptor->listeners;

	while (listener != NULL && listener->fd != fd)
		listener = listener->next;
	return (listener != NULL);
}

/* Undoes listener_open(), but for the sockets, which are not ours. */
static void
give_back_new(struct acceptor *acceptor)
{
	struct listener *listener, *next;

	for (listener = acceptor->listeners; listener != NULL;
	    listener = next) {
		next = listener->next;
		if (!listener->is_new)
			continue;
		remove_from_list(listener);
		listener_return(listener);
	}
}

/* -1 with errno, and none is opened. */
static int
open_new(struct acceptor *acceptor, const struct listening *list, size_t count)
{
	struct listener **link = &acceptor->listeners, *listener;
	size_t i;

	for (i = 0; i < count; i++) {
		assert(i == 0 || list[i - 1].fd < list[i].fd);
		while (*link != NULL && (*link)->fd < list[i].fd)
			link = &(*link)->next;
		if (*link != NULL && (*link)->fd == list[i].fd)
			continue;
		listener = gate_prepare(&acceptor->gate,
		    &list[i].line->route->limits) == -1 ? NULL :
		    listener_open(acceptor, &list[i]);
		if (listener == NULL) {
			give_back_new(acceptor);
			return (-1);
		}
		listener->is_new = true;
		insert(link, listener);
	}
	return (0);
}

/* Each is in the acceptor's list; those that are in no other are retired. */
static void
assign(struct acceptor *acceptor, const struct listening *list, size_t count)
{
	const struct listening *const end = list + count;
	struct listener *listener, *next;

	for (listener = acceptor->listeners; listener != NULL;
	    listener = next) {
		next = listener->next;
		if (list < end && listener->fd == list->fd) {
			listener_assign(listener, list++);
			listener->is_new = false;
			listener->is_closing = false;
		} else if (!listener->is_closing)
			listener_retire(listener);
	}
}

static int
by_fd(const void *a, const void *b)
{
	const struct listening *one = a, *other = b;

	return ((one->fd > other->fd) - (one->fd < other->fd));
}

void
listening_sort(struct listening *list, size_t count)
{
	qsort(list, count, sizeof(list[0]), by_fd);
}

int
acceptor_serve(struct acceptor *acceptor, const struct listening *list,
    size_t count)
{
	if (open_new(acceptor, list, count) == -1)
		return (-1);
	assign(acceptor, list, count);
	update_listeners(acceptor);
	return (0);
}

static void
tell_paused(struct acceptor *acceptor)
{
	if (acceptor->taker->paused != NULL)
		acceptor->taker->paused(acceptor->arg);
}

int
acceptor_start(struct acceptor *acceptor, size_t sessions_max)
{
	acceptor->sessions_max = sessions_max;
	update_listeners(acceptor);
	/* a limit may be lower now than what is there, when that is counted */
	if (acceptor->off_count > 0)
		tell_paused(acceptor);
	pauses_note_limits(acceptor);
	return (acceptor->is_short ? -1 : 0);
}

/* At a limit, and nothing will end for those who wait. */
static void
tell_unserved(struct acceptor *acceptor, const struct line *line)
{
	char name[LOG_TEXT_MAX / 4];

	log_line(acceptor->log, SEVERITY_WARNING,
	    "unserved route=%s error=\"connections are left that waited for "
	    "others to end\"", logfmt_string(name, sizeof(name),
	    line->route->name));
}

/* Nobody else has the listeners that were to be closed anyway. */
static void
close_all(struct acceptor *acceptor, bool accepts_rest)
{
	struct listener *listener;

	for (listener = acceptor->listeners; listener != NULL;
	    listener = listener->next) {
		if ((accepts_rest || listener->is_closing) &&
		    !listener_accept(listener))
			tell_unserved(acceptor, listener->line);
	}
	close_listeners(acceptor);
	acceptor->is_closed = true;
}

void
acceptor_close(struct acceptor *acceptor)
{
	close_all(acceptor, true);
}

void
acceptor_leave(struct acceptor *acceptor)
{
	close_all(acceptor, false);
}

bool
acceptor_accepts(const struct acceptor *acceptor)
{
	return (!acceptor->is_short && !acceptor->is_closed &&
	    acceptor->sessions_count < acceptor->sessions_max);
}

static void
paused(struct acceptor *acceptor)
{
	update_listeners(acceptor);
	tell_paused(acceptor);
}

void
acceptor_pause(struct acceptor *acceptor, const char *what)
{
	if (acceptor->is_short)
		return;
	pauses_note(acceptor, what);
	acceptor->is_short = true;
	mux_timer_start(acceptor->resume_timer, RESUME_MS);
	paused(acceptor);
}

void
acceptor_began(struct acceptor *acceptor)
{
	acceptor->sessions_count++;
	if (acceptor->sessions_count == acceptor->sessions_max) {
		pauses_note(acceptor, "connection limit");
		paused(acceptor);
	}
}

void
acceptor_ended(struct acceptor *acceptor, size_t count)
{
	acceptor->sessions_count -= count;
	if (acceptor->is_closed)
		return;
	if (acceptor->is_short) {
		acceptor->is_short = false;
		mux_timer_stop(acceptor->resume_timer);
		pauses_look(acceptor);
	}
	if (acceptor->off_count > 0)
		update_listeners(acceptor);
}

static void
reset(const struct arrival *arrival)
{
	socket_reset_on_close(arrival->fd);
	socket_close(arrival->fd);
}

void
acceptor_refuse(struct acceptor *acceptor, const struct arrival *arrival)
{
	acceptor->gate.refused++;
	reset(arrival);
}

void
acceptor_shut(struct acceptor *acceptor, struct line *line)
{
	const uint64_t now_ms = mux_loop_now_ms(acceptor->loop);

	pauses_note_line(acceptor, line, line_wait_ms(line, now_ms) ==
	    DURATION_OFF ? "connection limit" : "accept rate");
	paused(acceptor);
}

void
acceptor_take(struct acceptor *acceptor, struct arrival *arrival)
{
	const uint64_t now_ms = mux_loop_now_ms(acceptor->loop);
	struct line *line = arrival->line;

	if (!gate_admits(&acceptor->gate, arrival, now_ms)) {
		reset(arrival);
		return;
	}
	line_enter(line, now_ms);
	arrival->turn = line->usage->turns++;
	acceptor->taker->take(acceptor->arg, arrival);
	if (!line_accepts(line, now_ms))
		acceptor_shut(acceptor, line);
}
