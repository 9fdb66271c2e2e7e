/* SPDX-License-Identifier: ISC */

/*
 * crew.c - all workers: one on the main thread, or members with threads.
 *
 * Orders go to all members, and what each has come to is looked at when one
 * of them tells that there is news.
 */

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "control/crew.h"
#include "control/dispatch.h"
#include "control/limits.h"
#include "control/member.h"
#include "control/turning.h"

/* For threads to end, and for members to cut their sessions. */
#define END_MS	1000

struct crew {
	struct mux_loop *loop;		/* the main thread's */
	struct worker *solo;		/* of that loop; NULL: there are members */
	struct member **members;
	size_t count;
	struct dispatch dispatch;	/* to them */
	struct chief chief;
	struct mux_timer *end_timer;	/* of the time to cut sessions */
	bool is_draining;
	worker_drained_fn *drained;	/* NULL: told */
	void *drained_arg;
	int error;			/* of a member's loop */
};

static void
tell_drained(struct crew *crew)
{
	worker_drained_fn *drained = crew->drained;

	crew->drained = NULL;
	if (drained != NULL)
		drained(crew->drained_arg);
}

/* Members took too long to cut their sessions. */
static void
on_end_limit(struct mux_timer *timer, void *arg)
{
	(void)timer;
	tell_drained(arg);
}

/* A member has something to tell. */
static void
on_news(struct mux_wakeup *wakeup, void *arg)
{
	struct crew *crew = arg;
	struct member *member;
	bool all_drained = true;
	size_t i;

	(void)wakeup;
	dispatch_recount(&crew->dispatch);
	for (i = 0; i < crew->count; i++) {
		member = crew->members[i];
		all_drained = all_drained && atomic_load(&member->is_drained);
		if (atomic_load(&member->is_done) && member->error != 0) {
			crew->error = member->error;
			mux_loop_stop(crew->loop);
		}
	}
	if (crew->is_draining && all_drained)
		tell_drained(crew);
}

size_t
crew_logs(size_t workers)
{
	return (workers == 1 ? 1 : workers + 1);
}

static int
create_members(struct crew *crew, struct logger *logger, size_t workers)
{
	crew->members = calloc(workers, sizeof(*crew->members));
	crew->end_timer = mux_timer_create(crew->loop, on_end_limit, crew);
	crew->chief.wakeup = mux_wakeup_create(crew->loop, on_news, crew);
	if (crew->members == NULL || crew->end_timer == NULL ||
	    crew->chief.wakeup == NULL)
		return (-1);
	for (; crew->count < workers; crew->count++) {
		crew->members[crew->count] = member_create(1 + crew->count,
		    &crew->chief, logger_log(logger, 1 + crew->count));
		if (crew->members[crew->count] == NULL)
			return (-1);
	}
	return (dispatch_open(&crew->dispatch, crew->loop,
	    logger_log(logger, 0), crew->members, crew->count, &crew->chief));
}

struct crew *
crew_create(struct mux_loop *loop, struct logger *logger, size_t workers)
{
	struct crew *crew;

	crew = calloc(1, sizeof(*crew));
	if (crew == NULL)
		return (NULL);
	crew->loop = loop;
	atomic_init(&crew->chief.awaits_end, false);
	if (workers == 1)
		crew->solo = worker_create(1, loop, logger_log(logger, 0));
	if (workers == 1 ? crew->solo == NULL :
	    create_members(crew, logger, workers) == -1) {
		crew_destroy(crew);
		return (NULL);
	}
	return (crew);
}

void
crew_destroy(struct crew *crew)
{
	const int saved_errno = errno;
	size_t i;

	if (crew == NULL)
		return;
	worker_destroy(crew->solo);
	dispatch_free(&crew->dispatch);
	for (i = 0; i < crew->count; i++)
		member_destroy(crew->members[i]);
	free(crew->members);
	mux_timer_destroy(crew->end_timer);
	mux_wakeup_destroy(crew->chief.wakeup);
	free(crew);
	errno = saved_errno;
}

static struct acceptor *
acceptor_of(struct crew *crew)
{
	return (crew->solo != NULL ? &crew->solo->acceptor :
	    &crew->dispatch.acceptor);
}

int
crew_serve(struct crew *crew, const struct listening *list, size_t count)
{
	return (acceptor_serve(acceptor_of(crew), list, count));
}

bool
crew_has(struct crew *crew, int fd)
{
	return (acceptor_has(acceptor_of(crew), fd));
}

int
crew_accept(struct crew *crew, size_t sessions_max)
{
	return (acceptor_start(acceptor_of(crew), sessions_max));
}

void
crew_sweep(struct crew *crew)
{
	size_t i;

	if (crew->solo != NULL) {
		lanes_sweep(crew->solo);
		interval_update(crew->solo);
	}
	for (i = 0; i < crew->count; i++)
		member_sweep(crew->members[i]);
}

void
crew_allow_pipes(struct crew *crew, size_t pipes_max)
{
	size_t i;

	if (crew->solo != NULL)
		worker_allow_pipes(crew->solo, pipes_max);
	for (i = 0; i < crew->count; i++)
		worker_allow_pipes(crew->members[i]->worker, pipes_max /
		    crew->count + (i < pipes_max % crew->count));
}

void
crew_limit_memory(struct crew *crew, uint64_t max_bytes)
{
	const uint64_t each = crew->count > 1 ? max_bytes / crew->count :
	    max_bytes;
	const size_t limit = each < SIZE_MAX ? (size_t)each : SIZE_MAX;
	size_t i;

	if (crew->solo != NULL)
		worker_limit_memory(crew->solo, limit);
	for (i = 0; i < crew->count; i++)
		worker_limit_memory(crew->members[i]->worker, limit);
}

const char *
crew_start(struct crew *crew)
{
	size_t i;

	for (i = 0; i < crew->count; i++) {
		if (member_start(crew->members[i]) == -1)
			return ("start a worker's thread");
	}
	return (NULL);
}

int
crew_run(struct crew *crew)
{
	if (turn_until_stopped(crew->loop) == -1)
		return (-1);
	errno = crew->error;
	return (crew->error == 0 ? 0 : -1);
}

size_t
crew_stuck(struct crew *crew)
{
	size_t i, stuck = 0;

	for (i = crew->count; i > 0; i--) {
		if (!member_beats(crew->members[i - 1]))
			stuck = i;
	}
	return (stuck);
}

size_t
crew_sessions(struct crew *crew)
{
	if (crew->solo == NULL)
		dispatch_recount(&crew->dispatch);
	return (acceptor_of(crew)->sessions_count);
}

uint64_t
crew_refused(struct crew *crew)
{
	return (acceptor_of(crew)->gate.refused);
}

uint64_t
crew_pauses(struct crew *crew)
{
	uint64_t count = acceptor_of(crew)->pauses.count;
	size_t i;

	for (i = 0; i < crew->count; i++) {
		if (!crew->members[i]->has_thread)
			count += crew->members[i]->worker->acceptor.pauses.count;
	}
	return (count);
}

static void
on_closed(void *arg)
{
	struct crew *crew = arg;
	size_t i;

	for (i = 0; i < crew->count; i++)
		member_order(crew->members[i], ORDER_DRAIN);
}

void
crew_drain(struct crew *crew, bool accepts_rest, worker_drained_fn *drained,
    void *arg)
{
	if (crew->solo != NULL) {
		worker_drain(crew->solo, accepts_rest, drained, arg);
		return;
	}
	crew->is_draining = true;
	crew->drained = drained;
	crew->drained_arg = arg;
	dispatch_close(&crew->dispatch, accepts_rest, on_closed, crew);
}

void
crew_cut(struct crew *crew, enum reason reason)
{
	size_t i;

	if (crew->solo != NULL) {
		worker_cut(crew->solo, reason);
		return;
	}
	dispatch_stop(&crew->dispatch);
	for (i = 0; i < crew->count; i++) {
		atomic_store(&crew->members[i]->cut_reason, reason);
		member_order(crew->members[i], ORDER_CUT);
	}
	/* whoever orders it once more does not give them more time */
	if (!mux_timer_running(crew->end_timer))
		mux_timer_start(crew->end_timer, END_MS);
}

/* Those that have come to their end; returns how many have not. */
static size_t
join_members(struct crew *crew)
{
	struct member *member;
	size_t i, left = 0;

	for (i = 0; i < crew->count; i++) {
		member = crew->members[i];
		if (!member->has_thread)
			continue;
		if (!atomic_load(&member->is_done)) {
			left++;
			continue;
		}
		(void)pthread_join(member->thread, NULL);
		member->has_thread = false;
		/* what came when the loop had failed, or was cut */
		member_refuse_mail(member,
		    atomic_load(&member->cut_reason) != REASON_NONE ?
		    atomic_load(&member->cut_reason) : REASON_SHUTDOWN);
	}
	return (left);
}

static void
add_up(struct counters *sum, const struct counters *counters)
{
	size_t i;

	sum->sessions += counters->sessions;
	sum->up_bytes += counters->up_bytes;
	sum->down_bytes += counters->down_bytes;
	sum->lost_up_bytes += counters->lost_up_bytes;
	sum->lost_down_bytes += counters->lost_down_bytes;
	for (i = 0; i < REASON_COUNT; i++)
		sum->reasons[i] += counters->reasons[i];
}

size_t
crew_end(struct crew *crew, struct counters *sum)
{
	const struct timespec moment = { .tv_nsec = 1000 * 1000 };
	const uint64_t end_ms = clock_now_ms() + END_MS;
	size_t i, left;

	*sum = (struct counters){ .sessions = 0 };
	if (crew->solo != NULL)
		add_up(sum, &crew->solo->counters);
	for (i = 0; i < crew->count; i++) {
		if (crew->members[i]->has_thread)
			member_order(crew->members[i], ORDER_STOP);
	}
	/* by the clock: signals shorten a rest */
	while ((left = join_members(crew)) > 0 && clock_now_ms() < end_ms)
		(void)nanosleep(&moment, NULL);
	for (i = 0; i < crew->count; i++) {
		if (!crew->members[i]->has_thread)
			add_up(sum, &crew->members[i]->worker->counters);
	}
	return (left);
}

void
crew_leave(struct crew *crew)
{
	size_t i;

	for (i = 0; i < crew->count; i++) {
		if (crew->members[i]->has_thread)
			member_return_mail(crew->members[i]);
	}
	limits_reset_sockets();
}
