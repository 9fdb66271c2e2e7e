/* SPDX-License-Identifier: ISC */

/*
 * dispatch.c - accepting on the main thread for several workers.
 *
 * What is known of a member is what was given to it and what it says has
 * ended, so the limit of sessions is kept to the last one.  A member that
 * leaves its mailbox alone gets nothing any more, and what is in there is
 * given to others.
 */

#include <errno.h>
#include <stdlib.h>

#include "base/text.h"
#include "control/dispatch.h"
#include "control/member.h"
#include "relay/line.h"
#include "relay/mailbox.h"

/* The first look of a drain: most members answer at once. */
#define CLOSING_LOOK_MS	10

/* So many more have ended than at the last look. */
static size_t
ended_since(struct dispatch *dispatch)
{
	struct member *member;
	size_t i, ended, more = 0;

	for (i = 0; i < dispatch->count; i++) {
		member = dispatch->members[i];
		ended = atomic_load(&member->ended);
		more += ended - member->ended_seen;
		member->ended_seen = ended;
	}
	return (more);
}

static void
recount(struct dispatch *dispatch)
{
	const size_t more = ended_since(dispatch);

	if (more > 0)
		acceptor_ended(&dispatch->acceptor, more);
}

/* Of those that answer, the one with the fewest sessions; or NULL. */
static struct member *
choose(struct dispatch *dispatch)
{
	const uint64_t now_ms = mux_loop_now_ms(dispatch->loop);
	struct member *member, *best = NULL;
	size_t i, sessions, fewest = SIZE_MAX;

	for (i = 0; i < dispatch->count; i++) {
		member = dispatch->members[(dispatch->turn + i) %
		    dispatch->count];
		sessions = member->given - member->ended_seen;
		if (sessions < fewest &&
		    !mailbox_is_late(&member->mailbox, now_ms)) {
			best = member;
			fewest = sessions;
		}
	}
	return (best);
}

static void
look_soon(struct dispatch *dispatch)
{
	if (!mux_timer_running(dispatch->look_timer))
		mux_timer_start(dispatch->look_timer, MAILBOX_LOOK_MS);
}

static void
give(struct dispatch *dispatch, struct member *member, struct parcel *parcel)
{
	member_give(member, parcel, mux_loop_now_ms(dispatch->loop));
	/* only now: who is chosen for nobody keeps its turn */
	dispatch->turn = member->worker->number % dispatch->count;
	look_soon(dispatch);
}

/* Beside the client's own descriptor. */
static int
hold_for(struct parcel *parcel)
{
	return (parcel_hold(parcel, parcel->arrival.line->session_fds - 1));
}

/* NULL, or what is missing for the one that was accepted last. */
static const char *
give_waiting(struct dispatch *dispatch)
{
	struct parcel *parcel = dispatch->waiting;
	struct member *member;

	if (parcel == NULL)
		return (NULL);
	member = choose(dispatch);
	if (member == NULL)
		return ("no worker answers");
	if (hold_for(parcel) == -1)
		return (text_error(errno));
	dispatch->waiting = NULL;
	give(dispatch, member, parcel);
	return (NULL);
}

/* Where a listener still pauses, the next end is to be told as well. */
void
dispatch_recount(struct dispatch *dispatch)
{
	recount(dispatch);
	if (dispatch->acceptor.off_count > 0) {
		atomic_store(&dispatch->chief->awaits_end, true);
		recount(dispatch);
	}
	(void)give_waiting(dispatch);
}

static const char *
prepare(void *arg, struct line *line)
{
	struct dispatch *dispatch = arg;
	const char *missing;

	(void)line;
	recount(dispatch);
	missing = give_waiting(dispatch);
	if (missing != NULL)
		return (missing);
	dispatch->chosen = choose(dispatch);
	if (dispatch->chosen == NULL)
		return ("no worker answers");
	if (dispatch->parcel == NULL)
		dispatch->parcel = malloc(sizeof(*dispatch->parcel));
	return (dispatch->parcel == NULL ? text_error(errno) : NULL);
}

static void
take(void *arg, struct arrival *arrival)
{
	struct dispatch *dispatch = arg;
	struct parcel *parcel = dispatch->parcel;

	dispatch->parcel = NULL;
	arrival->id = ++dispatch->accepted;
	*parcel = (struct parcel){ .arrival = *arrival };
	acceptor_began(&dispatch->acceptor);
	if (hold_for(parcel) == 0) {
		give(dispatch, dispatch->chosen, parcel);
		return;
	}
	dispatch->waiting = parcel;
	look_soon(dispatch);
	acceptor_pause(&dispatch->acceptor, text_error(errno));
}

/* What ends after this is told, and what has ended before is found. */
static void
on_paused(void *arg)
{
	struct dispatch *dispatch = arg;

	atomic_store(&dispatch->chief->awaits_end, true);
	recount(dispatch);
}

static const struct taker taker = { .prepare = prepare, .take = take,
    .paused = on_paused };

/* What a member has not taken goes to others, while there are any. */
static void
take_back(struct dispatch *dispatch, struct member *member)
{
	struct parcel *parcel, *next;
	struct member *other;

	for (parcel = mailbox_take(&member->mailbox); parcel != NULL;
	    parcel = next) {
		next = parcel->next;
		other = choose(dispatch);
		member->given--;
		/* who gets it back is asked anew: it may just have answered */
		give(dispatch, other != NULL ? other : member, parcel);
	}
}

static void
take_back_late(struct dispatch *dispatch)
{
	const uint64_t now_ms = mux_loop_now_ms(dispatch->loop);
	size_t i;

	for (i = 0; i < dispatch->count; i++) {
		if (mailbox_is_late(&dispatch->members[i]->mailbox, now_ms))
			take_back(dispatch, dispatch->members[i]);
	}
}

/* A late member that has nothing in its mailbox does not hold up a drain. */
static bool
is_given_out(struct dispatch *dispatch)
{
	const uint64_t now_ms = mux_loop_now_ms(dispatch->loop);
	struct mailbox *mailbox;
	size_t i;

	for (i = 0; i < dispatch->count; i++) {
		mailbox = &dispatch->members[i]->mailbox;
		if (mailbox_is_asked(mailbox) &&
		    !(mailbox_is_late(mailbox, now_ms) &&
		    mailbox_is_empty(mailbox)))
			return (false);
	}
	return (true);
}

/* Once members are told to drain, nothing may come to them any more. */
static void
tell_closed(struct dispatch *dispatch)
{
	dispatch_closed_fn *closed = dispatch->closed;

	if (closed == NULL || !is_given_out(dispatch))
		return;
	dispatch->closed = NULL;
	mux_timer_stop(dispatch->look_timer);
	closed(dispatch->closed_arg);
}

static void
on_look(struct mux_timer *timer, void *arg)
{
	struct dispatch *dispatch = arg;
	size_t i;

	(void)timer;
	recount(dispatch);
	take_back_late(dispatch);
	if (give_waiting(dispatch) != NULL)
		look_soon(dispatch);
	for (i = 0; i < dispatch->count; i++) {
		if (mailbox_is_asked(&dispatch->members[i]->mailbox))
			look_soon(dispatch);
	}
	tell_closed(dispatch);
}

int
dispatch_open(struct dispatch *dispatch, struct mux_loop *loop,
    struct log *log, struct member *const *members, size_t count,
    struct chief *chief)
{
	*dispatch = (struct dispatch){ .loop = loop, .members = members,
	    .count = count, .chief = chief };
	dispatch->look_timer = mux_timer_create(loop, on_look, dispatch);
	if (dispatch->look_timer == NULL)
		return (-1);
	if (acceptor_open(&dispatch->acceptor, loop, log, &taker,
	    dispatch) == -1) {
		dispatch_free(dispatch);
		return (-1);
	}
	return (0);
}

void
dispatch_free(struct dispatch *dispatch)
{
	if (dispatch->waiting != NULL)
		parcel_return(dispatch->waiting);
	acceptor_free(&dispatch->acceptor);
	mux_timer_destroy(dispatch->look_timer);
	free(dispatch->parcel);
	*dispatch = (struct dispatch){ .loop = NULL };
}

/* To whomever: it is the last, so it can wait for descriptors there. */
static void
give_last(struct dispatch *dispatch)
{
	struct parcel *parcel = dispatch->waiting;
	struct member *member;

	if (parcel == NULL)
		return;
	member = choose(dispatch);
	dispatch->waiting = NULL;
	give(dispatch, member != NULL ? member : dispatch->chosen, parcel);
}

void
dispatch_close(struct dispatch *dispatch, bool accepts_rest,
    dispatch_closed_fn *closed, void *arg)
{
	if (accepts_rest)
		acceptor_close(&dispatch->acceptor);
	else
		acceptor_leave(&dispatch->acceptor);
	give_last(dispatch);
	dispatch->closed = closed;
	dispatch->closed_arg = arg;
	mux_timer_start(dispatch->look_timer, CLOSING_LOOK_MS);
	tell_closed(dispatch);
}

void
dispatch_stop(struct dispatch *dispatch)
{
	give_last(dispatch);
	dispatch->closed = NULL;
	mux_timer_stop(dispatch->look_timer);
}
