/* SPDX-License-Identifier: ISC */

/*
 * kqueue.c - kqueue and kevent by the rules of FreeBSD, which the sockets
 * follow as well where there is a kqueue.
 *
 * - Reading and writing are filters of their own, with a report each.
 * - A filter is looked at when it is reported, not only when it was queued.
 * - EV_EOF on the read filter is the end of input, on the write filter that
 *   nothing can be sent any more; fflags then is the socket's error.  A socket
 *   that has never been connected rings neither.
 * - NOTE_LOWAT holds back data, but no end and no error.
 * - EV_CLEAR: one report for all that has happened since the last one.
 * - EV_ADD of a filter that exists changes all but its flags.
 * - Closing a descriptor removes its filters.
 * - Memory can be missing for a filter that is added, but not when it takes
 *   the place of one that was just deleted.
 */

#include <errno.h>
#include <string.h>
#include <sys/event.h>

#include "dice.h"
#include "socks.h"
#include "waits.h"

enum { READING, WRITING, FILTERS_COUNT };

/* Whatever wakes a reader; EV_CLEAR waits until it is another. */
struct happened {
	uint64_t arrived_bytes;
	bool fin_received, is_reset, was_answered;
};

struct note {
	bool exists, was_reported;
	struct kevent event;		/* as it was added */
	struct happened happened;	/* by the last report */
};

/* Of descriptors that are watched; what others have here is void. */
static struct note notes[FD_END][FILTERS_COUNT];
static bool has_room;	/* for one more: that of the filter that went last */

/* In the place of src/base/traits.c; what is asked is what Linux has. */
const bool socket_counts_end = true;
const bool socket_counts_lost = false;
const bool socket_tells_failure = false;

int __wrap_kqueue(void);
int __wrap_kevent(int fd, const struct kevent *changes, int changes_count,
    struct kevent *events, int events_max, const struct timespec *timeout);

int
__wrap_kqueue(void)
{
	if (fault(FAULT_EMFILE)) {
		errno = EMFILE;
		return (-1);
	}
	kernel.is_bsd = true;
	has_room = false;
	return (desc_open(KIND_EPOLL, NULL));
}

static int
change(const struct kevent *event)
{
	const int fd = (int)event->ident;
	const int index = event->filter == EVFILT_READ ? READING : WRITING;
	struct desc *desc = desc_of(fd);
	struct note *note;
	unsigned short flags;

	if (desc == NULL)
		return (EBADF);
	note = &notes[fd][index];
	if (!desc->is_watched)
		memset(notes[fd], 0, sizeof(notes[fd]));
	trace("kevent(%d, %s, %s)", fd, index == READING ? "read" : "write",
	    (event->flags & EV_DELETE) != 0 ? "delete" : "add");
	if ((event->flags & EV_DELETE) != 0) {
		if (!note->exists)
			return (ENOENT);
		note->exists = false;
		has_room = true;
	} else if ((event->flags & EV_ADD) != 0) {
		if (!note->exists && !has_room && fault(FAULT_WATCH))
			return (ENOMEM);
		has_room = false;
		flags = note->exists ? note->event.flags : event->flags;
		*note = (struct note){ .exists = true, .event = *event };
		note->event.flags = flags;
	}
	desc->is_watched = notes[fd][READING].exists ||
	    notes[fd][WRITING].exists;
	return (0);
}

static bool
ended(const struct side *side, bool direction_ended, struct kevent *event)
{
	if (side->conn->state != CONN_REFUSED && !side->is_reset &&
	    !direction_ended)
		return (false);
	event->flags |= EV_EOF;
	event->fflags = (unsigned)side->error;
	return (true);
}

static bool
look_to_read(const struct note *note, const struct side *side,
    struct kevent *event)
{
	const int64_t wanted = (note->event.fflags & NOTE_LOWAT) != 0 ?
	    note->event.data : 1;

	if (side->sink != NULL)
		return (false);
	event->data = (int64_t)side->input.used;
	return (ended(side, side->fin_received, event) || side->error != 0 ||
	    event->data >= wanted);
}

static bool
look_to_write(const struct note *note, const struct side *side,
    struct kevent *event)
{
	const int64_t wanted = (note->event.fflags & NOTE_LOWAT) != 0 ?
	    note->event.data : 1;

	event->data = (int64_t)side_room(side);
	return (ended(side, side->fin_sent, event) || side->error != 0 ||
	    (side->conn->state == CONN_OPEN && event->data >= wanted));
}

static struct happened
happened_to(const struct side *side)
{
	if (side == NULL)
		return ((struct happened){ .arrived_bytes = 0 });
	return ((struct happened){ side->arrived_bytes,
	    side->fin_received, side->is_reset,
	    side->conn->state != CONN_CONNECTING });
}

static bool
is_new(const struct note *note, const struct side *side)
{
	const struct happened now = happened_to(side);
	const struct happened *last = &note->happened;

	return ((note->event.flags & EV_CLEAR) == 0 || !note->was_reported ||
	    now.arrived_bytes != last->arrived_bytes ||
	    now.fin_received != last->fin_received ||
	    now.is_reset != last->is_reset ||
	    now.was_answered != last->was_answered);
}

/* Whether the filter rings; what it reports is in `event'. */
static bool
ring(struct note *note, const struct desc *desc, struct kevent *event)
{
	bool rings = false;

	*event = note->event;
	event->flags &= EV_CLEAR;
	event->fflags = 0;
	event->data = 0;
	if (!is_new(note, desc->side))
		return (false);
	if (desc->kind == KIND_LISTENER) {
		event->data = (int64_t)kernel.backlog_used;
		rings = event->filter == EVFILT_READ && event->data > 0;
	} else if (desc->kind == KIND_PIPE) {
		event->data = (int64_t)kernel.pipe_used;
		rings = (int)event->ident == kernel.pipe_fd && event->data > 0;
	} else if (desc->kind == KIND_CONN)
		rings = event->filter == EVFILT_READ ?
		    look_to_read(note, desc->side, event) :
		    look_to_write(note, desc->side, event);
	if (!rings && fault(FAULT_SPURIOUS)) {
		kernel.moves++;		/* then it is not the relay that spins */
		rings = true;
	}
	if (rings) {
		note->was_reported = true;
		note->happened = happened_to(desc->side);
	}
	return (rings);
}

struct kqueue_call {
	struct kevent *events;
	int max;
};

static int
look_kqueue(void *arg)
{
	struct kqueue_call *call = arg;
	const int places = (kernel.fd_top - kernel.fd_first) * FILTERS_COUNT;
	const int first = (int)dice_below((size_t)places);
	const struct desc *desc;
	struct note *note;
	int i, place, count = 0;

	for (i = 0; i < places && count < call->max; i++) {
		place = kernel.fd_first * FILTERS_COUNT + (first + i) % places;
		desc = desc_of(place / FILTERS_COUNT);
		note = &notes[place / FILTERS_COUNT][place % FILTERS_COUNT];
		if (desc == NULL || !desc->is_watched || !note->exists)
			continue;
		if (ring(note, desc, &call->events[count]))
			count++;
	}
	return (count);
}

/* What goes wrong with a change is an event, where there is room for it. */
static int
change_all(const struct kevent *changes, int changes_count,
    struct kevent *events, int events_max)
{
	int i, error, count = 0;

	for (i = 0; i < changes_count; i++) {
		error = change(&changes[i]);
		if (error == 0)
			continue;
		if (count == events_max) {
			errno = error;
			return (-1);
		}
		events[count] = changes[i];
		events[count].flags = EV_ERROR;
		events[count++].data = error;
	}
	return (count);
}

int
__wrap_kevent(int fd, const struct kevent *changes, int changes_count,
    struct kevent *events, int events_max, const struct timespec *timeout)
{
	const int batch = 1 + (int)dice_below(8);
	struct kqueue_call call = { events,
	    events_max < batch ? events_max : batch };
	int count;

	if (desc_of(fd) == NULL || desc_of(fd)->kind != KIND_EPOLL) {
		errno = EBADF;
		return (-1);
	}
	count = change_all(changes, changes_count, events, events_max);
	if (count != 0 || events_max == 0)
		return (count);
	return (wait_for(look_kqueue, &call, timeout == NULL ? NEVER_NS :
	    (uint64_t)timeout->tv_sec * 1000 * NS_PER_MS +
	    (uint64_t)timeout->tv_nsec));
}
