/* SPDX-License-Identifier: ISC */

/*
 * timers.c - one-shot timers in a binary heap.
 *
 * A timer knows its place in the heap, so stopping it costs no search.
 * Deadlines are exact nanoseconds from the moment of the start, not from
 * the beginning of the turn, and a timer is due when the clock has reached
 * its deadline: it never fires early.
 */

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "loop.h"

#define NOT_RUNNING	SIZE_MAX
#define ROOM_MIN	16

struct mux_timer {
	struct mux_loop *loop;
	mux_timer_fn *fn;
	void *arg;
	uint64_t deadline_ns;
	uint64_t sequence;	/* order of starts, to break ties */
	size_t place;		/* index in the heap, or NOT_RUNNING */
};

static bool
sooner(const struct mux_timer *a, const struct mux_timer *b)
{
	if (a->deadline_ns != b->deadline_ns)
		return (a->deadline_ns < b->deadline_ns);
	return (a->sequence < b->sequence);
}

static void
put(struct mux__timers *timers, size_t place, struct mux_timer *timer)
{
	timers->heap[place] = timer;
	timer->place = place;
}

/* Moves the timer at `place' towards the root as far as it belongs. */
static void
sift_up(struct mux__timers *timers, size_t place)
{
	struct mux_timer *timer = timers->heap[place];
	size_t parent;

	while (place > 0) {
		parent = (place - 1) / 2;
		if (!sooner(timer, timers->heap[parent]))
			break;
		put(timers, place, timers->heap[parent]);
		place = parent;
	}
	put(timers, place, timer);
}

/* Moves the timer at `place' towards the leaves as far as it belongs. */
static void
sift_down(struct mux__timers *timers, size_t place)
{
	struct mux_timer *timer = timers->heap[place];
	size_t child;

	while ((child = 2 * place + 1) < timers->used) {
		if (child + 1 < timers->used &&
		    sooner(timers->heap[child + 1], timers->heap[child]))
			child++;
		if (!sooner(timers->heap[child], timer))
			break;
		put(timers, place, timers->heap[child]);
		place = child;
	}
	put(timers, place, timer);
}

struct mux_timer *
mux_timer_create(struct mux_loop *loop, mux_timer_fn *fn, void *arg)
{
	struct mux__timers *timers = &loop->timers;
	struct mux_timer *timer, **heap;
	size_t room;

	if (fn == NULL) {
		errno = EINVAL;
		return (NULL);
	}
	if (timers->created == timers->room) {
		room = timers->room < ROOM_MIN ? ROOM_MIN : timers->room * 2;
		heap = mux__resize(timers->heap, room, sizeof(*heap));
		if (heap == NULL)
			return (NULL);
		timers->heap = heap;
		timers->room = room;
	}
	timer = malloc(sizeof(*timer));
	if (timer == NULL)
		return (NULL);
	*timer = (struct mux_timer){ .loop = loop, .fn = fn, .arg = arg,
	    .place = NOT_RUNNING };
	timers->created++;
	return (timer);
}

void
mux_timer_start(struct mux_timer *timer, uint64_t delay_ms)
{
	struct mux__timers *timers = &timer->loop->timers;
	const uint64_t now_ns = mux__clock_ns();

	mux_timer_stop(timer);
	timer->deadline_ns = delay_ms > (UINT64_MAX - now_ns) / MUX__NS_PER_MS ?
	    UINT64_MAX : now_ns + delay_ms * MUX__NS_PER_MS;
	timer->sequence = timers->next_sequence++;
	put(timers, timers->used, timer);
	timers->used++;
	sift_up(timers, timer->place);
}

void
mux_timer_stop(struct mux_timer *timer)
{
	struct mux__timers *timers = &timer->loop->timers;
	struct mux_timer *last;
	size_t place = timer->place;

	if (place == NOT_RUNNING)
		return;
	timer->place = NOT_RUNNING;
	last = timers->heap[--timers->used];
	if (last == timer)
		return;
	put(timers, place, last);
	sift_up(timers, place);
	sift_down(timers, last->place);
}

bool
mux_timer_running(const struct mux_timer *timer)
{
	return (timer->place != NOT_RUNNING);
}

void
mux_timer_destroy(struct mux_timer *timer)
{
	const int saved_errno = errno;

	if (timer == NULL)
		return;
	mux_timer_stop(timer);
	assert(timer->loop->timers.created > 0);
	timer->loop->timers.created--;
	free(timer);
	errno = saved_errno;
}

/* Until the first timer is due; negative when none is running. */
int64_t
mux__timers_wait_ns(const struct mux_loop *loop, uint64_t now_ns)
{
	uint64_t deadline_ns;

	if (loop->timers.used == 0)
		return (-1);
	deadline_ns = loop->timers.heap[0]->deadline_ns;
	if (deadline_ns <= now_ns)
		return (0);
	if (deadline_ns - now_ns > INT64_MAX)
		return (INT64_MAX);
	return ((int64_t)(deadline_ns - now_ns));
}

/*
 * Fires what is due, but nothing that was started since the turn began
 * (sequence_limit), so that a timer that starts itself anew with no delay
 * leaves room for descriptors.
 */
void
mux__timers_dispatch(struct mux_loop *loop, uint64_t sequence_limit)
{
	struct mux__timers *timers = &loop->timers;
	struct mux_timer *timer;

	while (timers->used > 0) {
		timer = timers->heap[0];
		if (timer->deadline_ns > loop->now_ns ||
		    timer->sequence >= sequence_limit)
			break;
		mux_timer_stop(timer);	/* first: fn may destroy it */
		loop->calls++;
		timer->fn(timer, timer->arg);
	}
}

void
mux__timers_free(struct mux__timers *timers)
{
	free(timers->heap);
	*timers = (struct mux__timers){ .heap = NULL };
}
