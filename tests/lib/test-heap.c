/* SPDX-License-Identifier: ISC */

/*
 * test-heap.c - random starts, stops and destructions of timers against a
 * plain model: an array that is searched from end to end.
 *
 * The clock is the test's, so the order of firing is exact, ties included.
 * MUX_TEST_SEED repeats a run.
 */

#include <inttypes.h>
#include <stdlib.h>

#include "suite.h"
#include "wrap.h"

#define NS_PER_MS	UINT64_C(1000000)
#define TIMERS		300
#define STEPS		30000

struct model {
	struct mux_timer *timer;	/* NULL: does not exist */
	bool running;
	uint64_t deadline_ns, started;	/* when due; which start it was */
};

static struct model models[TIMERS];
static uint64_t starts;		/* how many there were */
static uint64_t turn_starts;	/* ... when this turn began */
static uint64_t turn_ns;
static int wrong, fired;
static uint64_t random_state;

/* xorshift64*: the same everywhere for the same seed */
static unsigned
pick(unsigned below)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return ((unsigned)((random_state * UINT64_C(0x2545f4914f6cdd1d)) >>
	    33) % below);
}

static void
start(struct model *model)
{
	/* few different delays, so that there are ties */
	const uint64_t delay_ms = pick(4) == 0 ? 0 : pick(20);

	mux_timer_start(model->timer, delay_ms);
	model->running = true;
	model->deadline_ns = wrap_clock_now() + delay_ms * NS_PER_MS;
	model->started = starts++;
}

/* Which timer is to fire next in this turn; NULL when none is left. */
static struct model *
next_due(void)
{
	struct model *best = NULL;
	int i;

	for (i = 0; i < TIMERS; i++) {
		if (!models[i].running || models[i].deadline_ns > turn_ns ||
		    models[i].started >= turn_starts)
			continue;
		if (best == NULL || models[i].deadline_ns < best->deadline_ns ||
		    (models[i].deadline_ns == best->deadline_ns &&
		    models[i].started < best->started))
			best = &models[i];
	}
	return (best);
}

static void fire(struct mux_timer *timer, void *arg);

/* One thing at random, also from inside a callback. */
static void
step(struct mux_loop *loop)
{
	struct model *model = &models[pick(TIMERS)];

	if (model->timer == NULL) {
		model->timer = mux_timer_create(loop, fire, loop);
		if (model->timer == NULL)
			bail_out("mux_timer_create");
		model->running = false;
		return;
	}
	if (mux_timer_running(model->timer) != model->running)
		wrong++;
	switch (pick(8)) {
	case 0:
		mux_timer_destroy(model->timer);
		model->timer = NULL;
		model->running = false;
		break;
	case 1:
	case 2:
		mux_timer_stop(model->timer);
		model->running = false;
		break;
	default:
		start(model);
		break;
	}
}

static void
fire(struct mux_timer *timer, void *arg)
{
	struct model *due = next_due();

	fired++;
	if (due == NULL || due->timer != timer) {
		wrong++;
		return;
	}
	due->running = false;
	if (pick(3) == 0)
		start(due);
	if (pick(3) == 0)
		step(arg);
}

static void
turn(struct mux_loop *loop)
{
	turn_starts = starts;
	turn_ns = wrap_clock_now();
	if (mux_loop_once(loop, 0) == -1)
		wrong++;
	if (next_due() != NULL)	/* somebody was forgotten */
		wrong++;
}

static void
check_random(struct mux_loop *loop)
{
	int i;

	wrap_clock_freeze(1000 * NS_PER_MS);
	for (i = 0; i < STEPS && wrong == 0; i++) {
		step(loop);
		if (pick(4) == 0) {
			wrap_clock_advance(pick(3) * NS_PER_MS / 2);
			turn(loop);
		}
	}
	if (wrong > 0)
		diag("in step %d of the seed above", i);
	is(wrong, 0, "every timer fires in its turn and place");
	ok(fired > STEPS / 10, "%d timers have fired", fired);
	for (i = 0; i < TIMERS; i++)
		mux_timer_destroy(models[i].timer);
	wrap_clock_thaw();
	ok(quiet(loop), "none is left");
}

/* The heap's best and worst cases. */
static void
check_sorted(struct mux_loop *loop, bool backwards)
{
	int i;

	wrap_clock_freeze(1000 * NS_PER_MS);
	starts = 0;
	for (i = 0; i < TIMERS; i++) {
		models[i].timer = mux_timer_create(loop, fire, loop);
		models[i].running = true;
		models[i].started = starts++;
		models[i].deadline_ns = wrap_clock_now() + NS_PER_MS *
		    (uint64_t)(backwards ? TIMERS - i : i);
		mux_timer_start(models[i].timer,
		    (uint64_t)(backwards ? TIMERS - i : i));
	}
	for (i = 0; i < TIMERS; i += 2) {
		mux_timer_stop(models[i].timer);
		models[i].running = false;
	}
	wrap_clock_advance(TIMERS * NS_PER_MS);
	turn(loop);
	is(wrong, 0, "%s: in order", backwards ? "backwards" : "sorted");
	for (i = 0; i < TIMERS; i++)
		mux_timer_destroy(models[i].timer);
	wrap_clock_thaw();
}

void
test_heap(void)
{
	const char *text = getenv("MUX_TEST_SEED");
	struct mux_loop *loop;
	uint64_t seed;

	if (!wrap_clock_works()) {
		skip("needs a linker with --wrap", "timers against a model");
		return;
	}
	seed = text != NULL ? strtoull(text, NULL, 0) : clock_ns();
	diag("MUX_TEST_SEED=%" PRIu64, seed);
	random_state = seed | 1;
	loop = new_loop();
	check_random(loop);
	check_sorted(loop, false);
	check_sorted(loop, true);
	mux_loop_destroy(loop);
}
