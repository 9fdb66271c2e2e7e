/* SPDX-License-Identifier: ISC */

/*
 * mailbox.h - connections on their way to a worker on another thread.
 *
 * One thread puts parcels in, the worker takes them out, and the first may
 * take them back; each parcel comes to exactly one of both.  Nobody waits.
 * Who gives something asks, and the worker answers when it has taken all: so
 * the first knows who is too late.  Putting something back asks nothing.
 */

#ifndef RELAY_MAILBOX_H
#define RELAY_MAILBOX_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "relay/arrival.h"

/*
 * An answer that takes longer is late.  A thread may wait for a processor for
 * some tenths of a second on a machine that is busy, and is not stuck.
 */
#define MAILBOX_LATE_MS	1000

/* How often to look whether things have changed. */
#define MAILBOX_LOOK_MS	100

/* Descriptors of a session beside its client's, at the most. */
#define HELD_MAX	2

struct parcel {
	struct parcel *next;
	struct arrival arrival;
	int held[HELD_MAX];	/* kept free for the upstream; -1: none */
};

struct mailbox {
	_Atomic(struct parcel *) last;	/* what was put in, the last first */
	atomic_uint asked, answered;
	unsigned seen;		/* the sender's: the last answer, */
	uint64_t since_ms;	/* and since when it has been the last */
};

/*
 * Holds so many descriptors for it, so that one accepted after it does not
 * take them.  -1 with errno on a shortage; lets go of them.
 */
int parcel_hold(struct parcel *parcel, size_t count);
void parcel_let_go(struct parcel *parcel);

/* Resets the connection, and frees it. */
void parcel_return(struct parcel *parcel);

void mailbox_init(struct mailbox *mailbox);

/* Of either side.  The parcel belongs to who takes it out. */
void mailbox_put(struct mailbox *mailbox, struct parcel *parcel);

/* Takes all, in the order they were put in; NULL when there is none. */
struct parcel *mailbox_take(struct mailbox *mailbox);

/* Whether nothing is in it, at this moment. */
bool mailbox_is_empty(const struct mailbox *mailbox);

/* The sender's, after a put: asks for an answer. */
void mailbox_ask(struct mailbox *mailbox, uint64_t now_ms);

/* The sender's: whether an answer is due, and whether it is late. */
bool mailbox_is_asked(const struct mailbox *mailbox);
bool mailbox_is_late(struct mailbox *mailbox, uint64_t now_ms);

/* The worker's: what has been asked so far, before it takes; its answer. */
unsigned mailbox_question(struct mailbox *mailbox);
void mailbox_answer(struct mailbox *mailbox, unsigned question);

#endif
