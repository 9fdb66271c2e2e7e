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
#define NAMES_FIRST_IN	4	/* so many starts, one looks names up before */

static struct {
	bool is_used;
	struct acceptor acceptor;
	struct mailbox mailbox;
	uint64_t accepted;
} desk;

static const char *
prepare(void *arg)
{
	return (worker_is_ready(arg) ? NULL : "the worker is not ready");
}

/* Through a mailbox, though nothing can come in between here. */
static void
take(void *arg, int fd, const struct address *client)
{
	const uint64_t now_ms = mux_loop_now_ms(desk.acceptor.loop);
	struct worker *worker = arg;
	struct parcel parcel = { .fd = fd, .client = *client,
	    .id = ++desk.accepted };
	struct parcel *taken;
	unsigned question;

	acceptor_began(&desk.acceptor);
	/* without them, its connect may have to wait for them */
	(void)parcel_hold(&parcel, pool_session_fds(worker->pool) - 1);
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
	worker_take(worker, taken->fd, &taken->client, taken->id);
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
close_all(const int *fds, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (fds[i] != -1)
			(void)close(fds[i]);
	}
}

static int
open_desk(struct worker *worker, const int *fds, size_t count)
{
	mailbox_init(&desk.mailbox);
	desk.accepted = 0;
	if (acceptor_open(&desk.acceptor, worker->loop, worker->log, fds, count,
	    &taker, worker) == -1)
		return (-1);
	worker_tell_ends(worker, on_ended, NULL);
	return (0);
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
crew_create(struct mux_loop *loop, struct log *log,
    struct pool_common *common, const struct route *route,
    size_t sessions_max)
{
	const size_t count = 1 + dice_below(LISTENERS_MAX);
	struct worker *worker;
	int fds[LISTENERS_MAX];
	size_t i;

	desk.is_used = dice_one_in(HANDED_IN);
	for (i = 0; i < count; i++)
		fds[i] = desc_open(KIND_LISTENER, NULL);
	worker = fds[count - 1] == -1 ? NULL : worker_create(1, loop, log,
	    common, route, fds, desk.is_used ? 0 : count);
	if (worker == NULL) {
		close_all(fds, count);
		return (NULL);
	}
	if (desk.is_used && open_desk(worker, fds, count) == -1) {
		close_all(fds, count);
		worker_destroy(worker);
		return (NULL);
	}
	targets_splice(worker);
	if (pool_session_fds(worker->pool) < 2)
		violated("limits", "a session of less than two descriptors");
	if (dice_one_in(NAMES_FIRST_IN))
		(void)pool_check_names(worker->pool, 50);
	if (start(worker, sessions_max) == 0)
		return (worker);
	crew_destroy(worker);
	return (NULL);
}

void
crew_destroy(struct worker *worker)
{
	if (desk.is_used)
		acceptor_free(&desk.acceptor);
	worker_destroy(worker);
}

void
crew_drain(struct worker *worker, worker_drained_fn *drained, void *arg)
{
	if (desk.is_used && !desk.acceptor.is_closed)
		acceptor_close(&desk.acceptor);
	worker_drain(worker, drained, arg);
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
