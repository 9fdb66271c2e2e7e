/* SPDX-License-Identifier: ISC */

/*
 * member.h - one of several workers, with the thread and the loop it runs on.
 *
 * The main thread gives it connections and orders, without waiting, and looks
 * at what it has come to.
 */

#ifndef CONTROL_MEMBER_H
#define CONTROL_MEMBER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "relay/mailbox.h"
#include "relay/worker.h"

enum member_order {
	ORDER_DRAIN = 1 << 0,	/* let sessions end, when the mailbox is empty */
	ORDER_CUT = 1 << 1,	/* end them, for cut_reason */
	ORDER_STOP = 1 << 2	/* leave the loop */
};

/* What members tell the main thread by. */
struct chief {
	struct mux_wakeup *wakeup;	/* of the main loop */
	atomic_bool awaits_end;		/* it wants to know of the next end */
};

struct member {
	struct chief *chief;
	struct mux_loop *loop;
	struct worker *worker;
	struct mux_wakeup *wakeup;	/* for mail and orders */
	struct mux_timer *retry_timer;	/* when it could not take all */
	pthread_t thread;
	struct mailbox mailbox;
	atomic_uint orders;
	atomic_bool must_sweep;		/* lines have been retired */
	_Atomic(enum reason) cut_reason;
	atomic_size_t ended;		/* sessions, ever */
	atomic_bool is_drained;
	atomic_bool is_done;		/* the thread comes to its end */
	int error;			/* and why, unless it was told to */
	atomic_uint beats;		/* turns that wake-ups have made */
	/* the main thread's */
	bool has_thread;
	unsigned beats_seen;
	size_t given;			/* connections, ever */
	size_t ended_seen;
};

/* NULL with errno.  chief has to outlive it. */
struct member *member_create(size_t number, struct chief *chief,
    struct log *log);

/* Its own thread, or who has joined that: ends what is in its mailbox. */
void member_refuse_mail(struct member *member, enum reason reason);

/* Resets what is in its mailbox, whatever its thread does. */
void member_return_mail(struct member *member);

/* Its thread must have been joined.  What is in its mailbox is reset. */
void member_destroy(struct member *member);

/* Starts the thread; -1 with errno. */
int member_start(struct member *member);

/* Hands a connection over. */
void member_give(struct member *member, struct parcel *parcel,
    uint64_t now_ms);

void member_order(struct member *member, enum member_order order);

/* Has it end the lanes of lines that were retired. */
void member_sweep(struct member *member);

/* Whether its loop has turned since this was asked last; asks anew. */
bool member_beats(struct member *member);

#endif
