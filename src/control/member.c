/* SPDX-License-Identifier: ISC */

/* member.c - one of several workers, with its thread and its loop. */

#include <errno.h>
#include <stdlib.h>

#include "base/thread.h"
#include "control/member.h"
#include "control/sandbox.h"
#include "control/turning.h"

/* On the thread: a session has ended. */
static void
on_ended(void *arg)
{
	struct member *member = arg;
	struct chief *chief = member->chief;

	/* ordered against awaits_end: who waits has looked at ended since */
	atomic_fetch_add(&member->ended, 1);
	if (atomic_load(&chief->awaits_end) &&
	    atomic_exchange(&chief->awaits_end, false))
		mux_wakeup_send(chief->wakeup);
}

static void
on_drained(void *arg)
{
	struct member *member = arg;

	atomic_store(&member->is_drained, true);
	mux_wakeup_send(member->chief->wakeup);
}

/*
 * Takes what there is, or leaves it there until there is room for it; the
 * main thread may take it back meanwhile.  Whether all was taken.
 */
static bool
take_parcels(struct member *member)
{
	const unsigned question = mailbox_question(&member->mailbox);
	struct parcel *parcel, *next;
	bool takes = true;

	for (parcel = mailbox_take(&member->mailbox); parcel != NULL;
	    parcel = next) {
		next = parcel->next;
		takes = takes && worker_is_ready(member->worker,
		    parcel->arrival.line);
		if (!takes) {
			mailbox_put(&member->mailbox, parcel);
			continue;
		}
		parcel_let_go(parcel);
		worker_take(member->worker, &parcel->arrival);
		free(parcel);
	}
	if (takes)
		mailbox_answer(&member->mailbox, question);
	else
		mux_timer_start(member->retry_timer, MAILBOX_LOOK_MS);
	return (takes);
}

/* Also what there is no room for ends with all others, and is told. */
static void
cut(struct member *member)
{
	const enum reason reason = atomic_load(&member->cut_reason);

	worker_cut(member->worker, reason);
	member_refuse_mail(member, reason);
	mux_timer_stop(member->retry_timer);
	worker_drain(member->worker, true, on_drained, member);
}

/* What was ordered before some mail came was seen before that mail. */
static void
obey(struct member *member)
{
	const unsigned orders = atomic_load(&member->orders);

	if (atomic_exchange(&member->must_sweep, false)) {
		lanes_sweep(member->worker);
		interval_update(member->worker);
	}
	if ((orders & ORDER_CUT) != 0)
		cut(member);
	else if (take_parcels(member) && (orders & ORDER_DRAIN) != 0)
		worker_drain(member->worker, true, on_drained, member);
	if ((orders & ORDER_STOP) != 0)
		mux_loop_stop(member->loop);
}

static void
on_wakeup(struct mux_wakeup *wakeup, void *arg)
{
	struct member *member = arg;

	(void)wakeup;
	atomic_fetch_add(&member->beats, 1);
	obey(member);
}

static void
on_retry(struct mux_timer *timer, void *arg)
{
	(void)timer;
	obey(arg);
}

static void *
member_run(void *arg)
{
	struct member *member = arg;

	sandbox_confine(SANDBOX_WORKER, member->worker->log);
	if (turn_until_stopped(member->loop) == -1) {
		member->error = errno;
		worker_cut(member->worker, REASON_SYSTEM_ERROR);
	} else
		worker_cut(member->worker, REASON_SHUTDOWN);
	atomic_store(&member->is_done, true);
	mux_wakeup_send(member->chief->wakeup);
	return (NULL);
}

struct member *
member_create(size_t number, struct chief *chief, struct log *log)
{
	struct member *member;

	member = calloc(1, sizeof(*member));
	if (member == NULL)
		return (NULL);
	mailbox_init(&member->mailbox);
	atomic_init(&member->orders, 0);
	atomic_init(&member->must_sweep, false);
	atomic_init(&member->cut_reason, REASON_NONE);
	atomic_init(&member->ended, 0);
	atomic_init(&member->is_drained, false);
	atomic_init(&member->is_done, false);
	atomic_init(&member->beats, 0);
	member->chief = chief;
	member->loop = mux_loop_create();
	if (member->loop == NULL) {
		free(member);
		return (NULL);
	}
	member->wakeup = mux_wakeup_create(member->loop, on_wakeup, member);
	member->retry_timer = mux_timer_create(member->loop, on_retry, member);
	member->worker = worker_create(number, member->loop, log);
	if (member->wakeup == NULL || member->retry_timer == NULL ||
	    member->worker == NULL ||
	    worker_start(member->worker, SIZE_MAX) == -1) {
		member_destroy(member);
		return (NULL);
	}
	worker_tell_ends(member->worker, on_ended, member);
	return (member);
}

void
member_refuse_mail(struct member *member, enum reason reason)
{
	const unsigned question = mailbox_question(&member->mailbox);
	struct parcel *parcel, *next;

	for (parcel = mailbox_take(&member->mailbox); parcel != NULL;
	    parcel = next) {
		next = parcel->next;
		parcel_let_go(parcel);
		worker_refuse(member->worker, &parcel->arrival, reason);
		free(parcel);
	}
	mailbox_answer(&member->mailbox, question);
}

void
member_return_mail(struct member *member)
{
	struct parcel *parcel, *next;

	for (parcel = mailbox_take(&member->mailbox); parcel != NULL;
	    parcel = next) {
		next = parcel->next;
		parcel_return(parcel);
	}
}

void
member_destroy(struct member *member)
{
	const int saved_errno = errno;

	member_return_mail(member);
	worker_destroy(member->worker);
	mux_timer_destroy(member->retry_timer);
	mux_wakeup_destroy(member->wakeup);
	mux_loop_destroy(member->loop);
	free(member);
	errno = saved_errno;
}

int
member_start(struct member *member)
{
	member->has_thread = thread_start(&member->thread, member_run,
	    member) == 0;
	return (member->has_thread ? 0 : -1);
}

void
member_give(struct member *member, struct parcel *parcel, uint64_t now_ms)
{
	member->given++;
	mailbox_put(&member->mailbox, parcel);
	mailbox_ask(&member->mailbox, now_ms);
	mux_wakeup_send(member->wakeup);
}

void
member_order(struct member *member, enum member_order order)
{
	atomic_fetch_or(&member->orders, (unsigned)order);
	mux_wakeup_send(member->wakeup);
}

void
member_sweep(struct member *member)
{
	atomic_store(&member->must_sweep, true);
	mux_wakeup_send(member->wakeup);
}

bool
member_beats(struct member *member)
{
	const unsigned beats = atomic_load(&member->beats);
	const bool has_turned = beats != member->beats_seen;

	member->beats_seen = beats;
	mux_wakeup_send(member->wakeup);
	return (has_turned);
}
