/* SPDX-License-Identifier: ISC */

/* pressure.c - the limit of memory for what is queued. */

#include <inttypes.h>

#include "relay/endpoint.h"
#include "relay/pressure.h"
#include "relay/settle.h"
#include "relay/worker.h"

/* Told again only after so long. */
#define WARN_AGAIN_MS	(60 * 1000)

/* A flow is not held longer without a try: its reader may be fast by now. */
#define TRY_AGAIN_MS	100

static size_t
max_bytes(const struct worker *worker)
{
	return (supplies_max_bytes(&worker->supplies));
}

/* All but so many tenths of it are queued. */
static bool
exceeds_but(const struct worker *worker, unsigned tenths)
{
	const size_t max = max_bytes(worker);

	return (worker->supplies.queued_bytes >= max - max / 10 * tenths);
}

static void
warn(struct worker *worker)
{
	const uint64_t now_ms = mux_loop_now_ms(worker->loop);
	struct pressure *pressure = &worker->pressure;

	pressure->times++;
	if (pressure->has_warned &&
	    now_ms - pressure->warned_ms < WARN_AGAIN_MS)
		return;
	pressure->has_warned = true;
	pressure->warned_ms = now_ms;
	log_line(worker->log, SEVERITY_WARNING, "memory-tight worker=%zu "
	    "queued=%zu limit=%zu sessions=%zu times=%" PRIu64, worker->number,
	    worker->supplies.queued_bytes, max_bytes(worker),
	    worker->acceptor.sessions_count, pressure->times);
}

/* What stayed behind of the last read is the mean of all sessions or more. */
static bool
is_heavy(const struct worker *worker, const struct flow *flow)
{
	return (flow->stuck_bytes > 0 && flow->stuck_bytes >=
	    worker->supplies.queued_bytes / worker->acceptor.sessions_count);
}

bool
pressure_holds(struct endpoint *source)
{
	struct worker *worker = source->session->worker;
	struct flow *flow = flow_from(source);

	if (!worker->supplies.is_tight) {
		if (!exceeds_but(worker, 1))
			return (false);
		worker->supplies.is_tight = true;
		warn(worker);
	}
	flow->is_held = is_heavy(worker, flow) && !source->has_failed &&
	    queue_is_empty(&flow_to(source)->queue);
	/* a small read, and into memory */
	flow->read_bytes = 0;
	flow->is_spliced = false;
	if (flow->is_held &&
	    !mux_timer_running(worker->pressure.relief_timer))
		mux_timer_start(worker->pressure.relief_timer, TRY_AGAIN_MS);
	return (flow->is_held);
}

void
pressure_let_answer(struct session *session)
{
	if (!queue_is_empty(&session->down.queue))
		session->up.is_held = false;
	if (!queue_is_empty(&session->up.queue))
		session->down.is_held = false;
}

static bool
is_over(const struct worker *worker)
{
	return (max_bytes(worker) == 0 || !exceeds_but(worker, 2));
}

void
pressure_eased(struct worker *worker)
{
	if (worker->supplies.is_tight && is_over(worker))
		mux_timer_start(worker->pressure.relief_timer, 0);
}

/* What its last read has left behind is forgotten: the next one tells. */
static void
let_go(struct flow *flow)
{
	if (flow->is_held)
		flow->stuck_bytes = 0;
	flow->is_held = false;
}

/* All that were held, be it for one small read. */
static void
on_relief(struct mux_timer *timer, void *arg)
{
	struct worker *worker = arg;
	struct session *session, *next;

	(void)timer;
	if (is_over(worker))
		worker->supplies.is_tight = false;
	for (session = worker->sessions; session != NULL; session = next) {
		next = session->next;
		if (!session->up.is_held && !session->down.is_held)
			continue;
		let_go(&session->up);
		let_go(&session->down);
		session_settle(session);
	}
}

int
pressure_open(struct pressure *pressure, struct worker *worker)
{
	pressure->relief_timer = mux_timer_create(worker->loop, on_relief,
	    worker);
	return (pressure->relief_timer == NULL ? -1 : 0);
}

void
pressure_close(struct pressure *pressure)
{
	mux_timer_destroy(pressure->relief_timer);
}
