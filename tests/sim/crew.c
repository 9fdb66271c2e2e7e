/* SPDX-License-Identifier: ISC */

/* crew.c - the worker of a life, and who accepts for it. */

#include <unistd.h>

#include "crew.h"
#include "dice.h"
#include "relay/mailbox.h"
#include "socks.h"
#include "targets.h"

#define HANDED_IN	4	/* so many lives, one has connections handed over */
#define LISTENERS_MAX	2	/* of one accept queue */
#define NAMES_MS	50
#define NAMES_FIRST_IN	4	/* so many starts, one looks names up before */

static struct desk {
	bool is_used;
	struct acceptor acceptor;
	struct mailbox mailbox;
	uint64_t accepted;
} desk;

static const char *
prepare(void *arg, struct line *line)
{
	return (worker_is_ready(arg, line) ? NULL : "the worker is not ready");
}

/* Through a mailbox, though nothing can come in between here. */
static void
take(void *arg, struct arrival *arrival)
{
	const uint64_t now_ms = mux_loop_now_ms(desk.acceptor.loop);
	struct worker *worker = arg;
	struct parcel parcel = { .arrival = *arrival };
	struct parcel *taken;
	unsigned question;

	parcel.arrival.id = ++desk.accepted;
	acceptor_began(&desk.acceptor);
	/* without them, its connect may have to wait for them */
	(void)parcel_hold(&parcel, arrival->line->session_fds - 1);
	mailbox_put(&desk.mailbox, &parcel);
	mailbox_ask(&desk.mailbox, now_ms);
	question = mailbox_question(&desk.mailbox);
	taken = mailbox_take(&desk.mailbox);
	if (taken != &parcel || taken->next != NULL)
		violated("mailbox", "something else is in it");
	if (mailbox_is_late(&desk.mailbox, now_ms))
		violated("mailbox", "an answer is late at once");
	mailbox_answer(&desk.mailbox, question);
	parcel_let_go(taken);
	worker_take(worker, &taken->arrival);
}

/* Ends are told anyway. */
static void
on_paused(void *arg)
{
	(void)arg;
}

static const struct taker taker = { .prepare = prepare, .take = take,
    .paused = on_paused };

static void
on_ended(void *arg)
{
	(void)arg;
	acceptor_ended(&desk.acceptor, 1);
}

static void
close_all(const struct listening *list, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (list[i].fd != -1)
			(void)close(list[i].fd);
	}
}

/* Its acceptor, or that of the desk. */
static struct acceptor *
open_acceptor(struct worker *worker)
{
	if (!desk.is_used)
		return (&worker->acceptor);
	mailbox_init(&desk.mailbox);
	desk.accepted = 0;
	if (acceptor_open(&desk.acceptor, worker->loop, worker->log, &taker,
	    worker) == -1)
		return (NULL);
	worker_tell_ends(worker, on_ended, NULL);
	return (&desk.acceptor);
}

/* Listens; on failure the sockets are closed. */
static int
listen_on(struct worker *worker, struct line *line)
{
	const size_t count = 1 + dice_below(LISTENERS_MAX);
	struct listening list[LISTENERS_MAX];
	struct acceptor *acceptor;
	bool has_all = true;
	size_t i;

	for (i = 0; i < count; i++) {
		/* opened by somebody else, for all that it tells */
		list[i] = (struct listening){ .line = line,
		    .fd = desc_open(KIND_LISTENER, NULL),
		    .tunes = line->tunes_client && dice_one_in(2) };
		has_all = has_all && list[i].fd != -1;
	}
	listening_sort(list, count);
	acceptor = has_all ? open_acceptor(worker) : NULL;
	if (acceptor != NULL && acceptor_serve(acceptor, list, count) == 0)
		return (0);
	close_all(list, count);
	return (-1);
}

/* As a check before the start does. */
static void
ask_names(struct worker *worker, struct line *line)
{
	const struct lane *lane = lane_of(line, worker);
	const uint64_t end_ms = mux_loop_now_ms(worker->loop) + NAMES_MS;

	if (lane == NULL)
		return;
	pool_ask_names(lane->pool);
	while (pool_is_asking(lane->pool) &&
	    mux_loop_now_ms(worker->loop) < end_ms) {
		if (mux_loop_once(worker->loop, NAMES_MS) == -1)
			return;
	}
	(void)pool_unknown_name(lane->pool);
	pool_share_names(lane->pool);
}

static int
start(struct worker *worker, size_t sessions_max)
{
	if (!desk.is_used)
		return (worker_start(worker, sessions_max));
	if (worker_start(worker, SIZE_MAX) == -1)
		return (-1);
	return (acceptor_start(&desk.acceptor, sessions_max));
}

struct worker *
crew_create(struct mux_loop *loop, struct log *log, struct line *line,
    size_t sessions_max)
{
	struct worker *worker;

	desk = (struct desk){ .is_used = dice_one_in(HANDED_IN) };
	worker = worker_create(1, loop, log);
	if (worker == NULL)
		return (NULL);
	targets_splice(worker);
	if (line->session_fds < 2)
		violated("limits", "a session of less than two descriptors");
	if (dice_one_in(NAMES_FIRST_IN))
		ask_names(worker, line);
	if (listen_on(worker, line) == 0 && start(worker, sessions_max) == 0)
		return (worker);
	crew_destroy(worker);
	return (NULL);
}

void
crew_destroy(struct worker *worker)
{
	if (desk.is_used && desk.acceptor.loop != NULL)
		acceptor_free(&desk.acceptor);
	worker_destroy(worker);
}

struct acceptor *
crew_acceptor(struct worker *worker)
{
	return (desk.is_used ? &desk.acceptor : &worker->acceptor);
}

void
crew_drain(struct worker *worker, bool accepts_rest,
    worker_drained_fn *drained, void *arg)
{
	if (desk.is_used && !desk.acceptor.is_closed && accepts_rest)
		acceptor_close(&desk.acceptor);
	else if (desk.is_used && !desk.acceptor.is_closed)
		acceptor_leave(&desk.acceptor);
	worker_drain(worker, accepts_rest, drained, arg);
}

void
crew_inspect(const struct worker *worker)
{
	if (!desk.is_used)
		return;
	if (mailbox_is_asked(&desk.mailbox))
		violated("mailbox", "a question has no answer");
	if (desk.acceptor.sessions_count != worker->acceptor.sessions_count ||
	    desk.acceptor.sessions_count > desk.acceptor.sessions_max)
		violated("limits", "%zu sessions, counted as %zu of %zu",
		    worker->acceptor.sessions_count,
		    desk.acceptor.sessions_count, desk.acceptor.sessions_max);
	if (desk.acceptor.is_short &&
	    !mux_timer_running(desk.acceptor.resume_timer))
		violated("C8", "accepting never resumes");
}
