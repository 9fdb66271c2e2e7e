/* SPDX-License-Identifier: ISC */

/*
 * mailbox.c - connections on their way to a worker on another thread.
 *
 * A list that is pushed to one by one and taken whole, each by one atomic
 * step: whoever takes it, nobody else can have any of it.
 */

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/socket.h"
#include "relay/line.h"
#include "relay/mailbox.h"
#include "upstream/race.h"

/* Any that is always there will do. */
int
parcel_hold(struct parcel *parcel, size_t count)
{
	size_t i;

	assert(count <= HELD_MAX);
	for (i = 0; i < HELD_MAX; i++)
		parcel->held[i] = -1;
	for (i = 0; i < count; i++) {
		parcel->held[i] = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
		/* what will not pass is not worth waiting for */
		if (parcel->held[i] == -1 && race_is_shortage(errno)) {
			parcel_let_go(parcel);
			return (-1);
		}
	}
	return (0);
}

void
parcel_let_go(struct parcel *parcel)
{
	size_t i;

	for (i = 0; i < HELD_MAX; i++) {
		if (parcel->held[i] != -1)
			socket_close(parcel->held[i]);
		parcel->held[i] = -1;
	}
}

void
parcel_return(struct parcel *parcel)
{
	parcel_let_go(parcel);
	socket_reset_on_close(parcel->arrival.fd);
	socket_close(parcel->arrival.fd);
	line_leave(parcel->arrival.line, parcel->arrival.source);
	free(parcel);
}

void
mailbox_init(struct mailbox *mailbox)
{
	atomic_init(&mailbox->last, NULL);
	atomic_init(&mailbox->asked, 0);
	atomic_init(&mailbox->answered, 0);
	mailbox->seen = 0;
	mailbox->since_ms = 0;
}

void
mailbox_put(struct mailbox *mailbox, struct parcel *parcel)
{
	struct parcel *last;

	last = atomic_load(&mailbox->last);
	do {
		parcel->next = last;
	} while (!atomic_compare_exchange_weak(&mailbox->last, &last, parcel));
}

struct parcel *
mailbox_take(struct mailbox *mailbox)
{
	struct parcel *parcel, *next, *first = NULL;

	parcel = atomic_exchange(&mailbox->last, NULL);
	for (; parcel != NULL; parcel = next) {
		next = parcel->next;
		parcel->next = first;
		first = parcel;
	}
	return (first);
}

bool
mailbox_is_empty(const struct mailbox *mailbox)
{
	return (atomic_load(&mailbox->last) == NULL);
}

/* Any answer shows that the worker lives. */
static void
note_answer(struct mailbox *mailbox, uint64_t now_ms)
{
	const unsigned answered = atomic_load(&mailbox->answered);

	if (answered == mailbox->seen && mailbox_is_asked(mailbox))
		return;
	mailbox->seen = answered;
	mailbox->since_ms = now_ms;
}

void
mailbox_ask(struct mailbox *mailbox, uint64_t now_ms)
{
	note_answer(mailbox, now_ms);
	atomic_fetch_add(&mailbox->asked, 1);
}

bool
mailbox_is_asked(const struct mailbox *mailbox)
{
	return (atomic_load(&mailbox->asked) !=
	    atomic_load(&mailbox->answered));
}

/*
 * After the whole process was stopped for a while, everyone with a question
 * open is late at once: their mail changes hands, or accepting pauses, until
 * they have answered, which does no harm.
 */
bool
mailbox_is_late(struct mailbox *mailbox, uint64_t now_ms)
{
	note_answer(mailbox, now_ms);
	return (now_ms - mailbox->since_ms >= MAILBOX_LATE_MS);
}

unsigned
mailbox_question(struct mailbox *mailbox)
{
	return (atomic_load(&mailbox->asked));
}

void
mailbox_answer(struct mailbox *mailbox, unsigned question)
{
	atomic_store(&mailbox->answered, question);
}
